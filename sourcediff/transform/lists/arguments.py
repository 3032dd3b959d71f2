"""Lists that are handed in and changed: the derivative changes copies of them."""

from __future__ import annotations

import builtins
from collections.abc import Collection

from sourcediff.flow import functions_reached
from sourcediff.frontend.primitives import (
    COLUMN,
    GETATTR,
    GETITEM,
    LOAD,
    PURE_CALL,
    TUPLE,
    UNPACK,
    CallSpec,
)
from sourcediff.frontend.values import Ref
from sourcediff.ir import FOR, Function, Op, Region, Value, walk
from sourcediff.memory import LIST, METHOD_OF, MethodSpec
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.arrays.layout import copy_into
from sourcediff.transform.lists.contents import element_of, is_dict, is_list, slot_of, slots_in
from sourcediff.transform.lists.in_the_making import InTheMaking
from sourcediff.transform.lists.nested import item_name
from sourcediff.transform.smaller.optimise import substituted
from sourcediff.types import Slot, is_memory

__all__ = ["changes_anything", "changes_arguments", "copied", "copy_arguments"]


def _written(function: Function) -> set[Slot]:
    """The slots of the lists that may have been handed in, and are changed."""
    making = InTheMaking(function)
    writes = (op for op in walk(function.body) if op.primitive.writes and op.args)
    writes = (op for op in writes if not making.belongs(op))
    return {slot for op in writes if (slot := slot_of(op.args[0])) is not None}


def _handed_in(function: Function) -> list[Value]:
    """The lists and arrays among the arguments, and in tuples and objects among them."""
    found = [p for p in function.parameters if is_list(p) or is_array(p)]
    known = set(function.parameters)
    for op in function.body.ops:
        # ``m.T`` is a view of an array, and no array of its own.
        if op.args and op.args[0].type.kind == "Array":
            continue
        if op.primitive in (UNPACK, GETITEM, GETATTR) and op.args[0] in known:
            known.update(op.results)
            found += [r for r in op.results if is_list(r) or is_array(r)]
        elif op.primitive is COLUMN and is_memory(op.result.type.slots["element"].type):
            found.append(op.result)  # it holds lists or arrays that were handed in
    return found


def changes_arguments(function: Function) -> bool:
    """Whether a function changes what is handed in, which may be another argument too."""
    if function.origin is not None and function.origin.changes_given:
        return True
    written = _written(function)
    lists = [*_handed_in(function), *_found_outside(function)]
    changed = any(not written.isdisjoint(slots_in(whole.type)) for whole in lists)
    nested = any(
        whole.type.kind not in ("List", "Dict", "Array")
        or element_of(whole.type).type.kind == "List"
        or (element_of(whole.type).type.kind == "Array" and not written.isdisjoint(_held(whole)))
        for whole in lists
    )
    return changed and (len(lists) > 1 or nested)


def _held(whole: Value) -> list[Slot]:
    """The slots of what a list holds."""
    return list(slots_in(whole.type))[1:]


def changes_anything(function: Function) -> bool:
    """Whether a function, or one that it calls, writes to what can change."""
    reached = functions_reached(function)[0]
    return any(op.primitive.writes for one in reached for op in walk(one.body))


def _found_outside(function: Function) -> list[Value]:
    """What can change outside of the function, which what is handed in may be too."""
    loads = [op.result for op in walk(function.body) if op.primitive is LOAD]
    return [found for found in loads if is_memory(found.type)]


def copy_arguments(function: Function) -> Function:
    """Let a function that changes lists that are handed in change copies of them."""
    written = _written(function)
    lists = [w for w in _handed_in(function) if not written.isdisjoint(slots_in(w.type))]
    if not lists:
        return function
    copies: dict[Value, list[Op]] = {w: copied(w, _holds(w, written)) for w in lists}
    renamed = {whole: _made_by(ops) for whole, ops in copies.items()}
    ops: list[Op] = []
    for whole in function.parameters:
        ops += copies.get(whole, [])
    for op in substituted(function.body.ops, dict(renamed)):
        ops.append(op)
        for result in op.results:
            ops += copies.get(result, [])
    results = function.body.results
    if results is not None:
        results = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in results)
    return function.with_body(function.body.replace(ops, results))


#: ``dict(whole)``.
COPY_OF_DICT = CallSpec(dict, Ref("module", builtins, ("dict",)))


def copied(whole: Value, arrays: bool = False, inner: bool = False) -> list[Op]:
    """The operations that copy a list, and lists in it; or an array.

    Args:
        arrays: copy the arrays in a list as well, and in the tuples that it holds.
        inner: the list is an item of another, and its copy gets no name of its own.
    """
    if is_array(whole):
        return [copy_into(whole, Value(whole.type, whole.name))]
    if whole.type.kind == "Tuple":
        return _copied_tuple(whole)
    if is_dict(whole):
        return [Op(PURE_CALL, (whole,), (Value(whole.type, whole.name),), (), COPY_OF_DICT)]
    spec = CallSpec(list, Ref("module", builtins, ("list",)))
    made = Value(whole.type, None if inner else whole.name)
    held = whole.type.slots["element"].type.kind
    if held != "List" and not (arrays and held in ("Array", "Tuple")):
        return [Op(PURE_CALL, (whole,), (made,), (), spec)]
    row = Value(whole.type.slots["element"].type, item_name(whole.type))
    copying = copied(row, arrays, inner=True)
    append = Op(METHOD_OF, (made, _made_by(copying)), (), (), MethodSpec("append", writes=True))
    body = Region([*copying, append], (), None, (row,))
    return [Op(LIST, (), (made,)), Op(FOR, (whole,), (), (body,), "list")]


def _copied_tuple(whole: Value) -> list[Op]:
    """The same of a tuple with arrays."""
    items = tuple(Value(kind) for kind in whole.type.items)
    ops = [Op(UNPACK, (whole,), items)]
    found: list[Value] = []
    for item in items:
        inner = copied(item, True) if item.type.kind in ("Array", "List", "Tuple") else []
        ops += inner
        found.append(_made_by(inner) if inner else item)
    made = Value(whole.type)
    return [*ops, Op(TUPLE, tuple(found), (made,))]


def _holds(whole: Value, written: Collection[Slot]) -> bool:
    """Whether arrays in a list are written to."""
    return not is_array(whole) and any(
        slot in written and slot.type.kind != "List" for slot in list(slots_in(whole.type))[1:]
    )


def _made_by(copying: list[Op]) -> Value:
    """What operations copy something else to."""
    made = copying[-1] if copying[0].primitive is UNPACK else copying[0]
    return made.result
