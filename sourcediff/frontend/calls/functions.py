"""Functions that stay functions: helpers, methods and functions made inside.

Where calls are kept, each function is lowered once, for the meeting of the types that it is
called with, into a `Function` of its own. Arguments that are known while compiling (a function,
a module) are not passed: the function is lowered for them. The calls are in `invocation`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from sourcediff import types
from sourcediff.checkpoint import SEGMENTS
from sourcediff.frontend.control.joins import FALLS
from sourcediff.frontend.describe import describe, describe_two
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.origin import Origin
from sourcediff.frontend.source import source_of
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Choice,
    Closure,
    Conflict,
    Kept,
    Rec,
    Static,
    Super,
    Tup,
)
from sourcediff.ir import (
    RETURN,
    Atom,
    Const,
    Function,
    Region,
    Value,
    Variable,
)
from sourcediff.memory import MAKE_FUNCTION, WRITE
from sourcediff.types import Type

__all__ = [
    "dynamic",
    "kept_function",
    "lower_kept",
    "make_kept_closure",
    "of_function",
    "returned_from",
    "share",
]


def make_kept_closure(
    lowering: Lowering,
    node: ast.FunctionDef | ast.Lambda,
    defaults: list[Binding],
    kw_defaults: dict[str, Binding],
) -> Closure:
    """A function defined here, as a value."""
    name = getattr(node, "name", "<lambda>")
    key = (*lowering.path, node)
    kept = lowering.kept.get(key)
    if kept is None:
        function = Function(name, (), Region([], None))
        # Until it is called nothing is known of it, and nothing needs to be.
        function.body = Region([], (Const(None, types.NONE),))
        kept = lowering.kept[key] = Kept(key, function, lowering.slot(node, "returns"))
    function = kept.function
    given = [*defaults, *kw_defaults.values()]
    atoms = [lowering.atom(d) for d in given] if all(map(dynamic, given)) else []
    function.origin = Origin(None, lowering.frame.source, {}, lowering.spelling)
    function.origin.node = node
    closure = Closure(node, lowering.frame, defaults, kw_defaults, None, kept)
    kind = types.function_of(key, closure)
    value = lowering.emit(MAKE_FUNCTION, atoms, kind, attribute=function)
    return closure.seen_as(value)


def kept_function(
    lowering: Lowering, found: Any, statics: tuple[Any, ...], kinds: tuple[str, ...]
) -> Kept:
    """A function of the user's module, for these static arguments and kinds of the others."""
    key = (found.__code__, statics, lowering.memo.family(found.__code__, statics, kinds))
    kept = lowering.kept.get(key)
    if kept is None:
        function = Function(found.__name__, (), Region([], None))
        source = source_of(found)
        function.origin = Origin(found, source, {}, lowering.spelling)
        kept = Kept(key, function, lowering.memo.slots.setdefault((key, "returns"), types.Slot()))
        lowering.kept[key] = kept
    return kept


def dynamic(binding: Binding) -> bool:
    """Whether an argument is handed over by the run."""
    if isinstance(binding, Closure):
        return binding.value is not None
    if isinstance(binding, Tup):
        return all(dynamic(i) and not isinstance(i, Closure) for i in binding.items)
    return isinstance(binding, Value | Const)


# Lowering a function of its own ----------------------------------------------------------


def share(lowering: Lowering, frame: Frame, parameters: Mapping[str, Value]) -> None:
    """Put the variables into memory that a try statement binds or a function inside sees."""
    names = sorted(frame.scope.guarded | frame.scope.captured)
    for name in names:
        slot = lowering.slot(frame.node, f"variable {name}")
        variable = Variable(name, slot, (frame.node, name))
        frame.shared[name] = variable
        lowering.variables_made.append(variable)
    for name in names:
        if name in parameters:
            atom = parameters[name]
            lowering.put(frame.shared[name].slot, atom.type, repr(name))
            lowering.effect(WRITE, (atom,), attribute=frame.shared[name])
            if isinstance(lowering.variables.get(frame, name), Value):
                lowering.variables.set((frame, name), None)


def lower_kept(lowering: Lowering, kept: Kept, frame: Frame, bound: Mapping[str, Binding]) -> None:
    """Lower the body of a function into the function that stands for it."""
    from sourcediff.frontend.control.statements import lower_block, lower_body

    kept.state = "open"
    kept.statics = dict(bound)
    function = kept.function
    with lowering.apart(kept, frame):
        parameters = _parameters(lowering, kept, bound)
        for name, binding in bound.items():
            value = parameters.get(name)
            if value is not None:
                lowering.outside.add(value)
                binding = binding.seen_as(value) if isinstance(binding, Closure) else value
            lowering.variables.set((frame, name), binding)
        share(lowering, frame, parameters)
        results: tuple[Atom, ...] | None = None
        if isinstance(frame.node, ast.Lambda):
            answer = lower_body(lowering, frame.node)
            if answer is not None:
                returned_from(lowering, answer)
        elif lower_block(lowering, frame.node.body) is FALLS:
            kept_returns(lowering, kept, types.NONE)
            results = (Const(None, types.NONE),)
        function.parameters = list(parameters.values())
        function.body = Region([*lowering.loads.values(), *lowering.ops], results)
        function.variables = tuple(lowering.variables_made)
    function.returns = kept.returns.type
    kept.state = "done"
    if not isinstance(kept.returned, Closure):
        lowering.variables.forget(frame)


def _parameters(lowering: Lowering, kept: Kept, bound: Mapping[str, Binding]) -> dict[str, Value]:
    parameters: dict[str, Value] = {}
    for name, binding in bound.items():
        if dynamic(binding):
            slot = lowering.memo.slots[kept.key, "parameter", name]
            parameters[name] = Value(slot.read(), name)
    return parameters


def kept_returns(lowering: Lowering, kept: Kept, kind: Type) -> None:
    """Note the type of something that a function returns."""
    before = kept.returns.type
    if not kept.returns.write(kind):
        one, other = describe_two(before, kind)
        lowering.error(
            f"{kept.function.name!r} returns {one} on one path and {other} on another",
            help="return one kind of value on every path",
        )


def returned_from(lowering: Lowering, value: Binding) -> None:
    """Append a return of `value` from the function that is being lowered."""
    kept = lowering.current
    assert kept is not None
    if isinstance(value, Closure):
        known = kept.returned
        if isinstance(known, Closure) and known.node is not value.node:
            lowering.error("returning one of several functions is not supported")
        kept.returned = value
    elif not dynamic(value):
        if isinstance(value, Static | Bound | Choice | Rec | Super | Conflict):
            lowering.error(f"returning {describe(value)} is not supported")
    atom = lowering.atom(lowering.in_memory(value))
    kept_returns(lowering, kept, atom.type)
    lowering.effect(RETURN, (atom,))


def of_function(lowering: Lowering, found: Any) -> Frame:
    """A new activation of a function of the user's module."""
    source = source_of(found)
    if isinstance(source.node, ast.AsyncFunctionDef):
        lowering.error(f"{found.__name__!r} is a coroutine, which cannot be called here")
    cells = dict(zip(found.__code__.co_freevars, found.__closure__ or (), strict=True))
    if hasattr(found, SEGMENTS):
        from sourcediff.frontend.control.checkpoints import refuse_general

        refuse_general(lowering)
    return Frame(found.__name__, source.node, source, found.__globals__, cells=cells)
