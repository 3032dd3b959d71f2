"""Calls that stay calls: what is passed, and what a call of the same function has in common."""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from typing import Any

from sourcediff import types
from sourcediff.frontend.calls.functions import dynamic, lower_kept
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETATTR, PURE_CALL, CallSpec
from sourcediff.frontend.state import ONLY_NONE
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Closure,
    Kept,
    Method,
    Rec,
    Ref,
    Static,
    Tup,
)
from sourcediff.ir import (
    INVOKE,
    Atom,
    Const,
    Invocation,
    Op,
    Value,
)
from sourcediff.types import Type

__all__ = ["function_value", "invoke", "signature_of"]


# Arguments -------------------------------------------------------------------------------


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


def signature_of(bound: Mapping[str, Binding]) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """What makes two calls calls of one function: static arguments, and kinds of the others."""
    statics: list[Any] = []
    kinds = []
    for name, binding in bound.items():
        if isinstance(binding, Closure):
            statics.append((name, binding.node, id(binding.frame.node)))
        elif not dynamic(binding):
            statics.append((name, _identity(binding)))
        alone = isinstance(binding, Value | Const) and binding.type is types.NONE
        kinds.append(ONLY_NONE if alone else _kind(binding))
    return tuple(statics), tuple(kinds)


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
    return kind.kind if kind.kind != "Array" else f"Array{types.rank_of(kind)}"


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
            if isinstance(known, Closure) and isinstance(binding, Closure):
                _lower_alike(lowering, binding, known)
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


def _lower_alike(lowering: Lowering, closure: Closure, known: Closure) -> None:
    """Lower a function for the arguments that one made at the same place is called with.

    The function that both are passed to was lowered with the other one.
    """
    kept, other = closure.kept, known.kept
    if kept is None or other is None or kept.state != "new" or other.state == "new":
        return
    slots = lowering.memo.slots
    for parameter, binding in other.statics.items():
        if dynamic(binding):
            kind = slots[other.key, "parameter", parameter].read()
            slot = slots.setdefault((kept.key, "parameter", parameter), types.Slot())
            lowering.put(slot, kind, repr(parameter))
    outer = closure.frame
    frame = Frame(
        closure.name, closure.node, outer.source, outer.globals, parent=outer, cells=outer.cells
    )
    frame.scopes = closure.scopes
    lower_kept(lowering, kept, frame, other.statics)


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
    from sourcediff.frontend.calls.calls import call

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
