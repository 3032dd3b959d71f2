"""From the IR of a derivative to the text of a module with one function in it."""

from __future__ import annotations

import ast
from typing import Any

from sourcediff.backend.emit import Emitter
from sourcediff.backend.header import Header
from sourcediff.backend.literals import constant_text, literal
from sourcediff.backend.printer import print_source
from sourcediff.frontend.origin import Origin
from sourcediff.ir import Function, deep_recursion

__all__ = ["Generated", "generate"]


class Generated:
    """The text of a derivative, and what its names are bound to beside what it imports."""

    def __init__(self, name: str, definition: str, header: Header) -> None:
        self.name = name
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
    with deep_recursion():
        emitter = Emitter(function, header)
        body = emitter.body() or [ast.Pass()]
        definition = ast.FunctionDef(name, signature(function), body, [], None)
        text = print_source(ast.Module([definition], []))
    return Generated(name, text.lstrip("\n"), header)


def signature(function: Function) -> ast.arguments:
    """The user's parameters, less those that are constants of this derivative."""
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
    vararg = given.vararg if given.vararg is not None and given.vararg.arg in kept else None
    return ast.arguments(
        posonlyargs=parameters(given.posonlyargs),
        args=parameters(given.args),
        vararg=None if vararg is None else ast.arg(vararg.arg),
        kwonlyargs=parameters(kwonly),
        kw_defaults=[_default(keyword_defaults.get(a.arg, ...)) for a in kwonly],
        kwarg=None,
        defaults=defaults,
    )


def _annotation(annotation: ast.expr | None) -> ast.expr | None:
    known = isinstance(annotation, ast.Name) and annotation.id in ("float", "int", "bool")
    return ast.Name(annotation.id) if known and isinstance(annotation, ast.Name) else None


def _default(value: Any) -> ast.expr | None:
    if isinstance(value, bool) or value.__class__ in (int, float):
        return literal(value)
    numbers = isinstance(value, tuple) and all(v.__class__ in (int, float) for v in value)
    return ast.parse(constant_text(value), mode="eval").body if numbers else None
