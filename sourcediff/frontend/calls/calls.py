"""Lowering of calls: the user's functions are entered, the rest is looked up.

A call of a function written in Python is lowered in place, under the names that the function
itself uses. A call of a built-in or of a function of `math` becomes the operation that the
table of rules knows. Anything else is refused by name: no unknown call is ever given the
derivative zero.
"""

from __future__ import annotations

import ast
import enum
import functools
import operator
import random
import types as python_types
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.frontend.arrays.mapped_functions import call_vectorized
from sourcediff.frontend.arrays.without_axes import note_bound
from sourcediff.frontend.calls.apart import call_apart
from sourcediff.frontend.calls.arguments import bind_arguments
from sourcediff.frontend.calls.by_class import dispatched
from sourcediff.frontend.calls.cached import require_only_computes, require_results_kept
from sourcediff.frontend.calls.callables import LOWERED, is_hashable, is_not_the_users, seen_through
from sourcediff.frontend.calls.dispatch import call_with_structures, kept_call, one_of_several
from sourcediff.frontend.calls.draws import make_generator
from sourcediff.frontend.calls.hidden import why_hidden
from sourcediff.frontend.calls.library import call_library
from sourcediff.frontend.calls.packages import told_at_the_call
from sourcediff.frontend.calls.standing_by import call_standing_by
from sourcediff.frontend.complexes.operations import call_on_complex
from sourcediff.frontend.control.checkpoints import HANDLERS, computed_again
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.control.statements import lower_body, single_return
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import Frame, defined_in
from sourcediff.frontend.iteration.generator_functions import generated, is_generator
from sourcediff.frontend.iteration.stream_calls import call_on_streams
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.attributes import attribute_of
from sourcediff.frontend.objects.dissolved import name_after
from sourcediff.frontend.objects.members import member_by_value
from sourcediff.frontend.operators import SPECIAL, operate, says_what_operators_do
from sourcediff.frontend.own_methods import overridden
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.source import ADVICE, no_plain_function, source_of
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Choice,
    Closure,
    Conflict,
    Once,
    Ref,
    Static,
    Tup,
    declared,
)
from sourcediff.ir import Const, Value
from sourcediff.rules.mathematics import INTEGER_ONLY
from sourcediff.rules.table import primitive_of

__all__ = ["call"]


def call(
    lowering: Lowering,
    function: Binding,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding:
    """What ``function(*args, **kwargs)`` gives."""
    with told_at_the_call(lowering, function, node):
        return _called(lowering, function, args, kwargs, node)


def _called(
    lowering: Lowering,
    function: Binding,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding:
    beside = call_standing_by(lowering, function, args, kwargs)
    if beside is not None:
        return beside
    entered = call_library(lowering, function, args, kwargs, node) or call_vectorized(
        lowering, function, args, kwargs, node
    )
    if entered is not None:
        return entered
    made = call_on_complex(lowering, function, args, kwargs)
    if made is not None:
        return made
    if lowering.faithful:
        function = one_of_several(lowering, function)
        found = kept_call(lowering, function, args, kwargs, node)
        if found is not None:
            return found
    else:
        found = None if node is None else call_on_streams(lowering, function, args, kwargs, node)
        if found is None:
            found = call_with_structures(lowering, function, args, kwargs, node)
        if found is not None:
            return found
    if isinstance(function, Bound):
        return call(
            lowering,
            function.function,
            [*function.args, *args],
            {**function.kwargs, **kwargs},
            node,
        )
    if isinstance(function, Choice):
        return lowering.choose(
            function.test,
            lambda: call(lowering, function.then, args, kwargs, node),
            lambda: call(lowering, function.orelse, args, kwargs, node),
        )
    if isinstance(function, Closure):
        return _enter_closure(lowering, function, args, kwargs)
    if isinstance(function, Conflict):
        lowering.error(function.message, node)
    if isinstance(function, Value) and function.type.kind == "Instance":
        method = attribute_of(lowering, function, "__call__")
        return call(lowering, method, args, kwargs, node)
    if not isinstance(function, Static):
        lowering.error(f"{describe(function)} cannot be called", node)
    return _call_object(lowering, function, args, kwargs, node)


def _plain_values(whole: Tup) -> bool:
    return all(
        _plain_values(item) if isinstance(item, Tup) else isinstance(item, Value | Const)
        for item in whole.items
    )


def _call_object(
    lowering: Lowering,
    function: Static,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding:
    found = seen_through(function.object)
    if isinstance(function.object, functools._lru_cache_wrapper):
        if isinstance(found, python_types.FunctionType):
            definition = source_of(found).node
            require_only_computes(lowering, definition)
            require_results_kept(lowering, definition, lowering.frame.node)
    handler = HANDLERS.get(found) if is_hashable(found) else None
    if handler is not None:
        result: Binding = handler(lowering, function, args, kwargs)
        if isinstance(result, Once):
            result.wholes += [w for a in args if isinstance(a, Once) for w in a.wholes]
        return result
    operation = primitive_of(found, len(args))
    if operation is not None:
        if len(args) == 2 and found in _OPERATORS and any(map(says_what_operators_do, args)):
            return operate(lowering, _OPERATORS[found](), *args)
        return _operation(lowering, operation, found, args, kwargs)
    if isinstance(found, python_types.FunctionType):
        derivative = getattr(found, "__sourcediff__", None)
        if derivative is not None and derivative.entry is found:
            inlined: Binding = derivative.lower_call(lowering, args, kwargs)
            return inlined
        by_class = dispatched(lowering, found, args, node)
        if by_class is not None:
            return call(lowering, by_class, args, kwargs, node)
        if is_not_the_users(found):
            _refuse_call(lowering, function, node)
        return _enter_function(lowering, found, args, kwargs)
    if isinstance(found, python_types.MethodType):
        owner = Static(found.__self__, None)
        return call(lowering, Static(found.__func__), [owner, *args], kwargs, node)
    if isinstance(found, functools.partial):
        given: list[Binding] = [lowering.from_object(a, None) for a in found.args]
        named = {k: lowering.from_object(v, None) for k, v in found.keywords.items()}
        return call(lowering, Static(found.func), [*given, *args], {**named, **kwargs}, node)
    if isinstance(found, type):
        return _construct(lowering, function, found, args, kwargs)
    if not isinstance(found, python_types.BuiltinFunctionType) and callable(found):
        method = declared(type(found), "__call__")
        if isinstance(method, python_types.FunctionType):
            lowering.rely_on(Ref("declared", type(found), ("__call__",)), method)
            return call(lowering, Static(method), [function, *args], kwargs, node)
    module = getattr(found, "__module__", None) or ""
    package = {"numpy": "NumPy", "scipy": "SciPy"}.get(module.partition(".")[0])
    if package is not None:
        lowering.error(
            f"the function {getattr(found, '__name__', found)!r} of {package} is not supported in "
            "the general form of a gradient",
            node,
            "write it with operators, or leave out what the general form is needed for",
        )
    _refuse_call(lowering, function, node)


def _refuse_call(lowering: Lowering, function: Static, node: ast.AST | None) -> NoReturn:
    module = getattr(function.object, "__module__", None) or ""
    if module.partition(".")[0] == "sourcediff":
        lowering.error(
            "making a derivative inside of a differentiated function is not supported yet where "
            "it is that of a function made there too",
            node,
            "make it outside, and call it inside",
        )
    hidden = why_hidden(function.object)
    if hidden is not None:
        message, help = hidden
        lowering.error(message, node, help)
    lowering.error(
        f"no derivative is known for {describe(function)}",
        node,
        "write it in Python, or give its derivative with sourcediff.rule",
    )


#: ``operator.add`` and the like.
_OPERATORS: dict[Any, type[ast.operator]] = {
    getattr(operator, name): op for op, name in SPECIAL.items() if issubclass(op, ast.operator)
}


def _operation(
    lowering: Lowering,
    operation: Any,
    found: Any,
    args: list[Binding],
    kwargs: dict[str, Binding],
) -> Binding:
    name = operation.name
    if kwargs:
        lowering.error(f"{name} takes no keyword arguments here")
    rule = operation.rule
    if rule is not None and not rule.variadic and len(args) != len(rule.parameters):
        lowering.error(f"{name} takes {len(rule.parameters)} arguments, not {len(args)}")
    if name.partition(".")[2] in INTEGER_ONLY:
        pass  # what is differentiated must not get here: activity refuses it by name
    atoms = [lowering.number(a, name) for a in args]
    if all(isinstance(a, Const) for a in atoms):
        return lowering.apply(operation, atoms)
    return lowering.emit(operation, atoms)


# Functions written in Python -------------------------------------------------------------


def _enter_closure(
    lowering: Lowering, function: Closure, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding:
    outer = function.frame
    frame = Frame(
        function.name,
        function.node,
        outer.source,
        outer.globals,
        parent=outer,
        call_site=lowering.site if single_return(function.node) else None,
    )
    bindings = bind_arguments(
        lowering,
        function.node.args,
        function.name,
        args,
        kwargs,
        function.defaults,
        function.kw_defaults,
    )
    if isinstance(function.node, ast.FunctionDef) and is_generator(function.node):
        return generated(lowering, frame, bindings, function.node)
    return _run(lowering, frame, bindings, function.node, function)


def _enter_function(
    lowering: Lowering,
    function: python_types.FunctionType,
    args: list[Binding],
    kwargs: dict[str, Binding],
) -> Binding:
    source = source_of(function)
    node = source.node
    kind = no_plain_function(function.__code__)
    if isinstance(node, ast.AsyncFunctionDef) or (kind is not None and not is_generator(node)):
        lowering.error(
            f"{function.__name__!r} is {kind}, which cannot be called here",
            help=ADVICE[kind or "a coroutine"],
        )
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    frame = Frame(
        function.__name__,
        node,
        source,
        function.__globals__,
        cells=cells,
        call_site=lowering.site if function.__module__ in LOWERED or single_return(node) else None,
    )
    frame.inside = defined_in(function)
    defaults, kw_defaults = lowering.defaults_of(function, node.args)
    bindings = bind_arguments(
        lowering, node.args, function.__name__, args, kwargs, defaults, kw_defaults
    )
    if kind is not None:
        assert isinstance(node, ast.FunctionDef)
        return generated(lowering, frame, bindings, node)
    with computed_again(lowering, function, frame):
        return _run(lowering, frame, bindings, node)


def _run(
    lowering: Lowering,
    frame: Frame,
    bindings: dict[str, Binding],
    node: ast.FunctionDef | ast.Lambda,
    closure: Closure | None = None,
) -> Binding:
    found = call_apart(lowering, frame, bindings, node, closure)
    if found is not None:
        return found
    before = lowering.count
    with lowering.entered(frame, node):
        for name, binding in bindings.items():
            lowering.refuse_iterator(binding)
            if frame.name != "__init__" and name != "self" and not frame.is_ours:
                name_after(lowering, binding, name)
            note_bound(lowering, frame, name, binding)
            lowering.variables.set((frame, name), binding)
        result = lower_body(lowering, node)
    lowering.note_size(node, lowering.count - before)
    if frame.name == "__init__":
        for name, binding in bindings.items():
            if isinstance(binding, Value):
                name_after(lowering, binding, name)
    if result is None:
        raise Diverged
    return result


# Classes ---------------------------------------------------------------------------------


def _construct(
    lowering: Lowering,
    function: Static,
    cls: type,
    args: list[Binding],
    kwargs: dict[str, Binding],
) -> Binding:
    if cls is random.Random and not kwargs:
        return make_generator(lowering, function, args)
    if issubclass(cls, enum.Enum) and not kwargs:
        return member_by_value(lowering, function, args)
    if issubclass(cls, BaseException):
        atoms = [lowering.atom(a) for a in (*args, *kwargs.values())]
        spec = CallSpec(cls, lowering.reference_to(function), tuple(kwargs))
        return lowering.emit(PURE_CALL, atoms, types.OBJECT, attribute=spec)
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        if (name := overridden(cls)) is not None:
            lowering.error(
                f"a {cls.__name__}, which says by {name} what it does, is not supported",
                help="make it a class of its own, or a dataclass",
            )
        fields: tuple[str, ...] = cls._fields
        signature = ast.parse(f"lambda {', '.join(fields)}: 0", mode="eval").body
        assert isinstance(signature, ast.Lambda)
        given = getattr(cls, "_field_defaults", {})
        defaults = [lowering.from_object(given[f], None) for f in fields if f in given]
        bound = bind_arguments(lowering, signature.args, cls.__name__, args, kwargs, defaults, {})
        whole = Tup([bound[f] for f in fields], cls, function.ref)
        if not lowering.faithful or not _plain_values(whole):
            return whole
        if any(isinstance(item, Tup) for item in whole.items):
            return lowering.atom(whole)
        # As it was written: by name, without the defaults.
        kind = types.tuple_of((lowering.atom(item).type for item in whole.items), cls)
        atoms = [lowering.atom(a) for a in (*args, *kwargs.values())]
        spec = CallSpec(cls, lowering.reference_to(function), tuple(kwargs))
        return lowering.emit(PURE_CALL, atoms, kind, attribute=spec)
    lowering.error(
        f"making a {cls.__name__} inside of a differentiated function is not supported yet",
        help="pass its numbers as arguments or in a tuple",
    )
