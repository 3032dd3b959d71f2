"""Functions that stay functions: helpers, methods and functions made inside, and calls of them.

Where calls are kept, each function is lowered once, for the meeting of the types that it is
called with, into a `Function` of its own; a call becomes an ``Invoke``. Arguments that are known
while compiling (a function, a module) are not passed: the callee is lowered for them.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from typing import Any

from sourcediff import types
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.joins import FALLS, Diverged
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.origin import Origin
from sourcediff.frontend.primitives import GETATTR, PURE_CALL, CallSpec
from sourcediff.frontend.source import source_of
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Choice,
    Closure,
    Conflict,
    Kept,
    Method,
    Rec,
    Ref,
    Static,
    Super,
    Tup,
)
from sourcediff.ir import (
    INVOKE,
    RETURN,
    Atom,
    Const,
    Function,
    Invocation,
    Op,
    Region,
    Value,
    Variable,
)
from sourcediff.memory import MAKE_FUNCTION, WRITE
from sourcediff.types import Type

__all__ = [
    "function_value",
    "invoke",
    "kept_function",
    "lower_kept",
    "make_kept_closure",
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
    function = Function(name, (), Region([], None))
    key = (*lowering.path, node)
    kept = Kept(key, function, lowering.slot(node, "returns"))
    # Until it is called nothing is known of it, and nothing needs to be.
    function.body = Region([], (Const(None, types.NONE),))
    given = [*defaults, *kw_defaults.values()]
    atoms = [lowering.atom(d) for d in given] if all(map(dynamic, given)) else []
    function.origin = Origin(None, lowering.frame.source, {}, lowering.spelling)
    function.origin.node = node
    closure = Closure(node, lowering.frame, defaults, kw_defaults, None, kept)
    kind = types.function_of(key, closure)
    value = lowering.emit(MAKE_FUNCTION, atoms, kind, attribute=function)
    return closure.seen_as(value)


def kept_function(lowering: Lowering, found: Any, statics: tuple[Any, ...], kinds: str) -> Kept:
    """A function of the user's module, for these static arguments and kinds of the others."""
    key = (found.__code__, statics, kinds)
    kept = lowering.kept.get(key)
    if kept is None:
        function = Function(found.__name__, (), Region([], None))
        source = source_of(found)
        function.origin = Origin(found, source, {}, lowering.spelling)
        kept = Kept(key, function, lowering.memo.slots.setdefault((key, "returns"), types.Slot()))
        lowering.kept[key] = kept
    return kept


# Arguments -------------------------------------------------------------------------------


def dynamic(binding: Binding) -> bool:
    """Whether an argument is handed over by the run."""
    if isinstance(binding, Closure):
        return binding.value is not None
    if isinstance(binding, Tup):
        return all(dynamic(i) and not isinstance(i, Closure) for i in binding.items)
    return isinstance(binding, Value | Const)


def _holds_values(binding: Binding) -> bool:
    """Whether something that is known while compiling holds values of the run."""
    if isinstance(binding, Tup):
        return any(map(_holds_values, binding.items))
    if isinstance(binding, Rec):
        return any(map(_holds_values, binding.items.values()))
    if isinstance(binding, Bound):
        return any(map(_holds_values, (binding.function, *binding.args)))
    return isinstance(binding, Value) or (
        isinstance(binding, Closure) and binding.value is not None
    )


def signature_of(bound: Mapping[str, Binding]) -> tuple[tuple[Any, ...], str]:
    """What makes two calls calls of one function: static arguments, and kinds of the others."""
    statics: list[Any] = []
    kinds = []
    for name, binding in bound.items():
        if isinstance(binding, Closure):
            statics.append((name, binding.node, id(binding.frame.node)))
        elif not dynamic(binding):
            statics.append((name, _identity(binding)))
        kinds.append(_kind(binding))
    return tuple(statics), " ".join(kinds)


def _identity(binding: Binding) -> Any:
    if isinstance(binding, Static):
        return id(binding.object)
    if isinstance(binding, Bound):
        return (_identity(binding.function), *map(_identity, binding.args))
    if isinstance(binding, Rec):
        return tuple((key, _identity(item)) for key, item in binding.items.items())
    if isinstance(binding, Tup):
        return tuple(map(_identity, binding.items))
    return id(binding)


def _kind(binding: Binding) -> str:
    """A word for the kind of an argument; numbers, truth values and None are of one kind."""
    if isinstance(binding, Tup):
        return f"({' '.join(map(_kind, binding.items))})"
    if isinstance(binding, Value | Const):
        return _kind_of_type(binding.type)
    return "static"


def _kind_of_type(kind: Type) -> str:
    if kind.kind == "Optional":
        return _kind_of_type(kind.items[0])
    if kind in (types.REAL, types.INT, types.BOOL, types.NONE, types.NEVER):
        return "n"
    if kind.kind == "Object":
        return f"{kind.cls.__name__}" if kind.cls else "object"
    if kind.kind == "Tuple":
        return f"({' '.join(map(_kind_of_type, kind.items))})"
    return kind.kind


# Lowering a function of its own ----------------------------------------------------------


def share(lowering: Lowering, frame: Frame, parameters: Mapping[str, Value]) -> None:
    """Put the variables into memory that a try statement binds or a function inside sees."""
    names = sorted(frame.scope.guarded | frame.scope.captured)
    for name in names:
        variable = Variable(name, lowering.slot(frame.node, f"variable {name}"))
        frame.shared[name] = variable
        lowering.variables_made.append(variable)
    for name in names:
        if name in parameters:
            atom = parameters[name]
            lowering.put(frame.shared[name].slot, atom.type, repr(name))
            lowering.effect(WRITE, (atom,), attribute=frame.shared[name])


def lower_kept(lowering: Lowering, kept: Kept, frame: Frame, bound: Mapping[str, Binding]) -> None:
    """Lower the body of a function into the function that stands for it."""
    from sourcediff.frontend.statements import lower_block, lower_body

    outer = (
        lowering.ops,
        lowering.loads,
        lowering.loops,
        lowering.current,
        lowering.variables_made,
        lowering.branch_depth,
        lowering.frame.hidden if lowering.frame is not None else [],
    )
    lowering.ops, lowering.loads, lowering.loops = [], {}, []
    lowering.current, lowering.variables_made, lowering.branch_depth = kept, [], 0
    kept.state = "open"
    kept.statics = dict(bound)
    journals, lowering.variables._journals = lowering.variables._journals, []
    try:
        with lowering.entered(frame, kept.key):
            lowering.path = kept.key
            parameters = _parameters(lowering, kept, bound)
            for name, value in parameters.items():
                lowering.outside.add(value)
                known = bound[name]
                seen: Binding = value
                if isinstance(known, Closure):
                    seen = known.seen_as(value)
                lowering.variables.set((frame, name), seen)
            for name, binding in bound.items():
                if name not in parameters:
                    lowering.variables.set((frame, name), binding)
            share(lowering, frame, parameters)
            for name in frame.shared:
                if isinstance(lowering.variables.get(frame, name), Value):
                    lowering.variables.set((frame, name), None)
            results: tuple[Atom, ...] | None = None
            if isinstance(frame.node, ast.Lambda):
                answer = lower_body(lowering, frame.node)
                if answer is not None:
                    returned_from(lowering, answer)
            elif lower_block(lowering, frame.node.body) is FALLS:
                kept_returns(lowering, kept, types.NONE)
                results = (Const(None, types.NONE),)
        function = kept.function
        function.parameters = list(parameters.values())
        function.body = Region([*lowering.loads.values(), *lowering.ops], results)
        function.variables = tuple(lowering.variables_made)
    finally:
        lowering.variables._journals = journals
        (
            lowering.ops,
            lowering.loads,
            lowering.loops,
            lowering.current,
            lowering.variables_made,
            lowering.branch_depth,
            _,
        ) = outer
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
        from sourcediff.frontend.describe import describe_type

        lowering.error(
            f"{kept.function.name!r} returns {describe_type(before)} on one path and "
            f"{describe_type(kind)} on another",
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


# Calls -----------------------------------------------------------------------------------


def invoke(
    lowering: Lowering,
    kept: Kept,
    frame: Frame,
    bound: Mapping[str, Binding],
    written: list[tuple[str | None, Binding]] | None,
    how: str = "function",
    *,
    ref: Any = None,
    name: str | None = None,
    cls: type | None = None,
    first: Atom | None = None,
) -> Binding:
    """A call of a function that stays one.

    Args:
        kept: the function; lowered now if it has not been.
        frame: a new activation of it.
        bound: what its parameters are bound to.
        written: the arguments as the user wrote them, in order, with the keywords.
        how: see `Invocation`.
        first: the function value of a closure.
    """
    atoms: dict[int, Atom] = {}
    args: list[Atom] = []
    for parameter, binding in bound.items():
        if dynamic(binding):
            args.append(_passed(lowering, binding, atoms))
        elif _holds_values(binding):
            lowering.error(
                f"{describe(binding)} that holds functions, or one bound to an object, is not "
                f"supported as the argument {parameter!r}"
            )
    for (parameter, binding), atom in zip(
        [(p, b) for p, b in bound.items() if dynamic(b)], args, strict=True
    ):
        slot = lowering.memo.slots.setdefault((kept.key, "parameter", parameter), types.Slot())
        before = slot.type
        if not slot.write(atom.type):
            lowering.error(
                f"{kept.function.name!r} is called with {describe(Value(before))} and with "
                f"{describe(binding)} as {parameter!r}"
            )
    if kept.state == "new":
        lower_kept(lowering, kept, frame, bound)
    else:
        for parameter, binding in bound.items():
            known = kept.statics.get(parameter)
            if not dynamic(binding) and (known is None or _identity(known) != _identity(binding)):
                lowering.error(
                    f"{kept.function.name!r} is called with different functions as {parameter!r}"
                )
    texts = None
    if written is not None:
        texts = tuple((k, _written(lowering, b, atoms)) for k, b in written)
    invocation = Invocation(kept.function, how, ref=ref, name=name, cls=cls, written=texts)
    given = [] if first is None else [first]
    if how == "class":
        kind = types.object_of(cls or object, lowering.attributes_of(cls))
        return lowering.emit(INVOKE, args[1:], kind, attribute=invocation)
    kind = kept.returns.read()
    if kind is types.NEVER:
        lowering.ops.append(
            Op(INVOKE, (*given, *args), (), (), attribute=invocation, site=lowering.site)
        )
        raise Diverged
    if kind is types.NONE:
        lowering.ops.append(
            Op(INVOKE, (*given, *args), (), (), attribute=invocation, site=lowering.site)
        )
        return Const(None, types.NONE)
    result = lowering.emit(INVOKE, [*given, *args], kind, attribute=invocation)
    if isinstance(kept.returned, Closure) and kind.kind == "Function":
        return kept.returned.seen_as(result)
    return result


def _passed(lowering: Lowering, binding: Binding, atoms: dict[int, Atom]) -> Atom:
    found = atoms.get(id(binding))
    if found is None:
        found = atoms[id(binding)] = lowering.atom(lowering.in_memory(binding))
    return found


def _written(lowering: Lowering, binding: Binding, atoms: dict[int, Atom]) -> Any:
    """What stands for an argument in the text of a call: an atom or a path."""
    if id(binding) in atoms:
        return atoms[id(binding)]
    if isinstance(binding, Value | Const):
        return binding
    if isinstance(binding, Closure) and binding.value is not None:
        return binding.value
    if isinstance(binding, Static):
        return lowering.reference_to(binding)
    if isinstance(binding, Tup):
        return lowering.atom(binding)
    lowering.error(f"{describe(binding)} as an argument is not supported")


def function_value(
    lowering: Lowering, function: Binding, kinds: list[Type], node: ast.AST
) -> tuple[Value, Type]:
    """A function as a value that a built-in function calls, and what it returns.

    Args:
        function: what the user gave.
        kinds: the types of the arguments that it will be called with.
    """
    from sourcediff.frontend.calls import call

    if types.NEVER in kinds:
        kinds = [types.REAL if k is types.NEVER else k for k in kinds]
    outer, lowering.ops = lowering.ops, []
    try:
        # What the call would do tells what it returns; the built-in function does the calling.
        result = call(lowering, function, [Value(kind) for kind in kinds], {}, node)
        returned = lowering.atom(result).type
    except Diverged:
        returned = types.NEVER
    finally:
        lowering.ops = outer
    if isinstance(function, Closure) and function.value is not None:
        return function.value, returned
    if isinstance(function, Static):
        return lowering.load(lowering.reference_to(function), types.FUNCTION), returned
    if isinstance(function, Method):
        subject = function.subject
        value = lowering.emit(GETATTR, (subject,), types.FUNCTION, attribute=function.name)
        return value, returned
    if isinstance(function, Bound) and isinstance(function.function, Static | Closure):
        inner: Atom
        if isinstance(function.function, Static):
            inner = lowering.load(lowering.reference_to(function.function), types.FUNCTION)
        else:
            inner = lowering.atom(function.function)
        atoms = [lowering.atom(b) for b in (*function.args, *function.kwargs.values())]
        path = Ref("module", functools, ("partial",))
        spec = CallSpec(functools.partial, path, tuple(function.kwargs))
        return lowering.emit(PURE_CALL, (inner, *atoms), types.FUNCTION, attribute=spec), returned
    lowering.error(f"{describe(function)} as an argument is not supported", node)


def of_function(lowering: Lowering, found: Any) -> Frame:
    """A new activation of a function of the user's module."""
    source = source_of(found)
    if isinstance(source.node, ast.AsyncFunctionDef):
        lowering.error(f"{found.__name__!r} is a coroutine, which cannot be called here")
    cells = dict(zip(found.__code__.co_freevars, found.__closure__ or (), strict=True))
    return Frame(found.__name__, source.node, source, found.__globals__, cells=cells)
