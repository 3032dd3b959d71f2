"""From the IR of a derivative to the text of a module with one function in it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sourcediff.backend import signature as as_written
from sourcediff.backend.emit import Emitter
from sourcediff.backend.header import Header
from sourcediff.backend.literals import constant_text, literal
from sourcediff.backend.printer import Docstring, print_source
from sourcediff.compiling import compiling
from sourcediff.frontend.origin import Origin
from sourcediff.frontend.primitives import PULLBACK
from sourcediff.ir import INVOKE, Function, walk
from sourcediff.memory import MAKE_FUNCTION

__all__ = ["Generated", "generate", "generate_primal", "generate_whole"]


class Generated:
    """The text of a derivative, and what its names are bound to beside what it imports."""

    def __init__(
        self, name: str, definition: str, header: Header, tangents: Sequence[str] = ()
    ) -> None:
        self.name = name
        #: The names of the parameters for tangents, in order.
        self.tangents = tangents
        self.definition = definition
        self.header = header

    @property
    def source(self) -> str:
        """The whole text."""
        return self.header.text() + self.definition

    def standalone(self) -> str:
        """The whole text, for a file of its own."""
        return self.header.text(standalone=True) + self.definition


def generate(function: Function, name: str) -> Generated:
    """Write a function of the IR as Python text, under the name given."""
    origin: Origin = function.origin
    header = Header(dict(origin.spelling))
    with compiling():
        _, *called = _called(function)
        definitions = [_beside(each, header) for each in _helpers_first(called)]
        emitter = Emitter(function, header)
        body = emitter.body() or [ast.Pass()]
        tangents = [emitter.namer.names[p] for p in function.parameters if p.is_tangent]
        arguments = signature(function, tangents)
        definitions.append(ast.FunctionDef(name, arguments, body, [], None))
        text = print_source(ast.Module([*definitions], []))
    return Generated(name, text.lstrip("\n"), header, tangents)


def _helpers_first(functions: Sequence[Function]) -> list[Function]:
    """Functions that a derivative calls, with those that others call above them.

    What was made of one function of the user's stays together, in the order in which it is called.
    """
    groups: dict[Any, list[Function]] = {}
    for function in functions:
        groups.setdefault(function.origin.node, []).append(function)
    return [function for group in reversed(groups.values()) for function in group]


def _beside(function: Function, header: Header) -> ast.FunctionDef:
    """A function that the derivative calls: its parameters are called as the text calls them."""
    name = header.callee(function)
    emitter = Emitter(function, header)
    body = emitter.body() or [ast.Pass()]
    names = [emitter.namer.names[p] for p in function.parameters]
    header.forget(function)
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(n) for n in names], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    return ast.FunctionDef(name, arguments, body, [], None)


def generate_primal(function: Function) -> Generated:
    """Write a function as the user wrote it, with the functions that it calls above it.

    A function that was lowered several times, for arguments of several kinds, is written once if
    that makes no difference in the text.
    """
    return _module(function, _definition)


def generate_whole(function: Function) -> Generated:
    """Write the derivative of a whole program, with the functions that it calls above it.

    It has the parameters of the function that it is the derivative of.
    """

    def definition(each: Function, header: Header) -> ast.FunctionDef:
        written = _definition(each, header)
        if each is function:
            if written.body and isinstance(written.body[0], Docstring):
                del written.body[0]
            written.returns = None
        return written

    return _module(function, definition)


def _module(
    function: Function, definition: Callable[[Function, Header], ast.FunctionDef]
) -> Generated:
    functions = list(_called(function))
    groups = _alike(functions)
    with compiling():
        while True:
            header = Header({"numpy": "np", **function.origin.spelling}, faithful=True)
            name = header.callee(function)
            for each in functions:
                header.meet(each)
            for group in groups:
                header.share(sorted(group, key=lambda f: f is not function))
            written = {each: definition(each, header) for each in reversed(functions)}
            found = [part for group in groups for part in _split(group, written)]
            if len(found) == len(groups):
                break
            groups = found
        names: dict[str, ast.stmt] = {}
        for made in written.values():
            names.setdefault(made.name, made)
        # The function itself comes last.
        names[name] = names.pop(name)
        text = print_source(ast.Module(list(names.values()), []))
    return Generated(name, text.lstrip("\n"), header)


def _alike(functions: Sequence[Function]) -> list[list[Function]]:
    """Functions whose text may be the same: of one function of the user's, or of one helper."""
    groups: dict[Any, list[Function]] = {}
    for each in functions:
        groups.setdefault(getattr(each.origin, "function", None) or each.name, []).append(each)
    return list(groups.values())


def _split(group: list[Function], written: dict[Function, ast.FunctionDef]) -> list[list[Function]]:
    """Those of a group that come out with the same text, together."""
    parts: dict[str, list[Function]] = {}
    for each in group:
        parts.setdefault(ast.dump(written[each]), []).append(each)
    return list(parts.values())


def _definition(function: Function, header: Header) -> ast.FunctionDef:
    emitter = Emitter(function, header)
    arguments = as_written.signature(function, header)
    body = [*as_written.docstring(function), *emitter.body()]
    returned = as_written.returns(function, header)
    return ast.FunctionDef(header.callee(function), arguments, body or [ast.Pass()], [], returned)


def _called(function: Function) -> Iterator[Function]:
    """A function, and all that its text calls by name, each once; callers first."""
    found = {function: None}
    pending = [function]
    while pending:
        inner = pending.pop(0)
        for op in walk(inner.body):
            callee = None
            if op.primitive in (MAKE_FUNCTION, PULLBACK):
                pending.append(op.attribute)
            elif op.primitive is INVOKE and op.attribute.how == "function":
                callee = op.attribute.function
            if callee is not None and callee not in found:
                found[callee] = None
                pending.append(callee)
    yield from found


def signature(function: Function, tangents: Sequence[str] = ()) -> ast.arguments:
    """The user's parameters, less those that are constants of this derivative.

    Args:
        tangents: the names of the parameters that follow; there are no defaults then.
    """
    origin: Origin = function.origin
    given = origin.source.node.args
    kept = {p.name for p in function.parameters}

    def parameters(args: list[ast.arg]) -> list[ast.arg]:
        return [ast.arg(a.arg, _annotation(a.annotation)) for a in args if a.arg in kept]

    positional = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr] = []
    values = list(origin.function.__defaults__ or ())
    for arg, value in zip(reversed(positional), reversed(values), strict=False):
        if arg.arg not in kept:
            continue
        written = _default(value)
        if written is None:
            break
        defaults.insert(0, written)
    keyword_defaults = origin.function.__kwdefaults__ or {}
    kwonly = [a for a in given.kwonlyargs if a.arg in kept]
    if tangents:
        return _with_tangents(given, parameters, kept, tangents)
    vararg = given.vararg if given.vararg is not None and given.vararg.arg in kept else None
    kwarg = given.kwarg if given.kwarg is not None and given.kwarg.arg in kept else None
    return ast.arguments(
        posonlyargs=parameters(given.posonlyargs),
        args=parameters(given.args),
        vararg=None if vararg is None else ast.arg(vararg.arg),
        kwonlyargs=parameters(kwonly),
        kw_defaults=[_default(keyword_defaults.get(a.arg, ...)) for a in kwonly],
        kwarg=None if kwarg is None else ast.arg(kwarg.arg),
        defaults=defaults,
    )


def _with_tangents(
    given: ast.arguments,
    parameters: Callable[[list[ast.arg]], list[ast.arg]],
    kept: set[str | None],
    tangents: Sequence[str],
) -> ast.arguments:
    """The user's parameters and behind them the tangents, without defaults."""
    vararg = given.vararg if given.vararg is not None and given.vararg.arg in kept else None
    kwarg = given.kwarg if given.kwarg is not None and given.kwarg.arg in kept else None
    positional, keywords = parameters(given.args), parameters(given.kwonlyargs)
    more = [ast.arg(name, None) for name in tangents]
    if vararg is not None or keywords:
        keywords += more
    else:
        positional += more
    return ast.arguments(
        posonlyargs=parameters(given.posonlyargs),
        args=positional,
        vararg=None if vararg is None else ast.arg(vararg.arg),
        kwonlyargs=keywords,
        kw_defaults=[None] * len(keywords),
        kwarg=None if kwarg is None else ast.arg(kwarg.arg),
        defaults=[],
    )


def _annotation(annotation: ast.expr | None) -> ast.expr | None:
    known = isinstance(annotation, ast.Name) and annotation.id in ("float", "int", "bool")
    return ast.Name(annotation.id) if known and isinstance(annotation, ast.Name) else None


def _default(value: Any) -> ast.expr | None:
    if isinstance(value, bool) or value.__class__ in (int, float):
        return literal(value)
    numbers = isinstance(value, tuple) and all(v.__class__ in (int, float) for v in value)
    return ast.parse(constant_text(value), mode="eval").body if numbers else None
