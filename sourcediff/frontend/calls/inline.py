"""Inlining of a function that is already in the IR: a derivative that is called in another."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

from sourcediff.called import ENTERS, Activation
from sourcediff.frontend.complexes.values import is_complex
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.construct import called_with_fields
from sourcediff.frontend.objects.dissolved import make_record, put, take
from sourcediff.frontend.objects.given_lists import columns_of_records, places_of_given
from sourcediff.frontend.primitives import (
    COLUMN,
    GETATTR,
    GETITEM,
    LOAD,
    PURE_CALL,
    RECORDS,
    TUPLE,
    UNPACK,
    CallSpec,
)
from sourcediff.frontend.values import Binding, Columns, Dissolved, Ref, Tup
from sourcediff.ir import Atom, Const, Family, Function, Op, Region, Value, walk
from sourcediff.memory import DICT
from sourcediff.types import is_memory

__all__ = ["inline", "made_of"]


def inline(lowering: Lowering, function: Function, args: Sequence[Binding]) -> Binding:
    """Append a copy of the function's operations on these arguments; what it returns.

    An argument is a value, or an object (or a tuple of such) that is known while compiling: then
    what the function reads out of it is there.
    """
    copied: dict[Value, Atom] = {}
    taken_apart: dict[Value, Binding] = {}
    made: dict[Value, Op] = {}
    families: dict[Family, Family] = {}
    calls: dict[Activation, Activation] = {}

    changed = _changed_columns(function)

    def read(atom: Atom) -> Atom:
        whole = taken_apart.get(atom) if isinstance(atom, Value) else None
        if isinstance(whole, Columns):
            return whole.lists[0]  # it is asked for its length
        return copied[atom] if isinstance(atom, Value) else atom

    def fresh(value: Value) -> Value:
        named_after = value.adjoint_of
        if named_after is not None:
            found = copied.get(named_after, named_after)
            named_after = found if isinstance(found, Value) else named_after
        new = Value(value.type, value.name, named_after, value.is_tangent)
        copied[value] = new
        return new

    def know(value: Value, binding: Binding) -> None:
        if isinstance(binding, Value | Const):
            copied[value] = binding
        else:
            taken_apart[value] = binding

    def is_read(op: Op) -> bool:
        """Whether an operation reads something out of an argument that is known."""
        whole = taken_apart.get(op.args[0]) if op.args else None  # type: ignore[arg-type]
        if whole is None or op.primitive not in (COLUMN, GETATTR, GETITEM, UNPACK):
            return False
        if isinstance(whole, Columns):
            held = whole.lists[places_of_given(op.args[0].type).index(op.attribute)]
            know(op.result, _copy(lowering, held) if op.result in changed else held)
            return True
        if isinstance(whole, Dissolved):
            part = take(lowering, whole, op.attribute)
            assert part is not None
            know(op.result, part)
        elif is_complex(whole) and op.primitive is GETATTR:
            know(op.result, whole.items[op.attribute == "imag"])
        else:
            assert isinstance(whole, Tup)
            places = [op.attribute] if op.primitive is GETITEM else range(len(op.results))
            for result, place in zip(op.results, places, strict=True):
                know(result, whole.items[place])
        return True

    def region(inner: Region) -> Region:
        parameters = tuple(map(fresh, inner.parameters))
        ops = [operation(op) for op in inner.ops if not is_read(op)]
        results = None if inner.results is None else tuple(map(read, inner.results))
        return Region(ops, results, inner.site, parameters)

    def activation(call: Activation) -> Activation:
        if call not in calls:
            of = None if call.of is None else activation(call.of)
            calls[call] = Activation(call.callee, of)
        return calls[call]

    def operation(op: Op) -> Op:
        args = tuple(map(read, op.args))
        regions = tuple(map(region, op.regions))
        copy = op.replace(args=args, regions=regions, results=tuple(map(fresh, op.results)))
        if op.family is not None:
            copy.family = families.setdefault(op.family, Family(op.family.again))
        if op.primitive in ENTERS:
            copy.attribute = activation(op.attribute)
        if len(copy.results) == 1:
            made[copy.result] = copy
        return copy

    lowering.order = max(lowering.order, function.order)
    for parameter, binding in zip(function.parameters, args, strict=True):
        know(parameter, binding)
    for op in function.body.ops:
        if is_read(op):
            continue
        if op.primitive is LOAD:
            copied[op.result] = lowering.load(op.attribute, op.result.type)
        else:
            lowering.ops.append(operation(op))
    for guard in function.guards:
        if guard.is_constant:
            lowering.guards[guard.ref.key] = guard
        else:
            lowering.rely_on(guard.ref, guard.object)
    for module, alias in function.origin.spelling.items():
        lowering.spelled(module, alias)
    if function.body.results is None:
        raise Diverged

    def dissolved(atom: Atom) -> Binding:
        op = made.get(atom) if isinstance(atom, Value) else None
        if op is not None and op.primitive is TUPLE:
            return Tup([dissolved(item) for item in op.args], op.result.type.cls or tuple)
        if op is not None and op.primitive is RECORDS:
            return columns_of_records(lowering, op)
        structure = None if op is None else made_of(op)
        if structure is None:
            return atom
        cls, held = structure
        return _object(lowering, cls, {field: dissolved(item) for field, item in held.items()})

    return dissolved(read(function.body.results[0]))


def _changed_columns(function: Function) -> set[Value]:
    """The lists that it makes of objects in its arguments, and changes; those of numbers."""
    written = {
        slot.root
        for op in walk(function.body)
        if op.primitive.writes
        for atom in op.args
        for slot in atom.type.slots.values()
    }
    columns = [op.result for op in walk(function.body) if op.primitive is COLUMN]
    slots = [(column, column.type.slots["element"].root) for column in columns]
    return {column for column, slot in slots if slot in written and not is_memory(slot.type)}


def _copy(lowering: Lowering, whole: Value) -> Value:
    """``list(whole)``."""
    spec = CallSpec(list, Ref("module", builtins, ("list",)))
    return lowering.emit(PURE_CALL, (whole,), whole.type, attribute=spec, name=whole.name)


def _object(lowering: Lowering, cls: type, held: dict[Any, Binding]) -> Dissolved:
    """A gradient in the structure of an argument."""
    if cls is dict:
        return make_record(lowering, held.items())
    whole = Dissolved(cls)
    for field, binding in held.items():
        put(lowering, whole, field, binding)
    return whole


def made_of(op: Op) -> tuple[type, dict[Any, Atom]] | None:
    """What an operation puts together as a structure: the class, and what it holds."""
    if op.primitive is DICT and not op.attribute:
        keys, items = op.args[::2], op.args[1::2]
        if all(isinstance(key, Const) for key in keys):
            cls = op.result.type.cls or dict
            return cls, {k.value: i for k, i in zip(keys, items, strict=True)}  # type: ignore[union-attr]
    if op.primitive is PURE_CALL and isinstance(op.attribute.function, type):
        names = op.attribute.keywords
        if len(names) == len(op.args) and called_with_fields(op.attribute.function, names):
            return op.attribute.function, dict(zip(names, op.args, strict=True))
    return None
