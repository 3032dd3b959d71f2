"""Zeros for lists of lists that are made anew in every turn of a loop.

Where the turns are made again, the list of the earlier turn is gone, unless it is kept. Its shape
is known from what made it, as ``ps = [(v, v * k) for v in xs]`` is as long as `xs` and has items of
two numbers; or the list itself is kept and looked at again, if it has not changed its shape since;
or the forward code takes the lengths of the rows.
"""

from __future__ import annotations

import builtins
from functools import partial
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import FOR, Atom, Const, Op, Region, Site, Value
from sourcediff.memory import LIST, METHOD_OF, OPERATE, MethodSpec
from sourcediff.transform.adjoint.adjoints import defined_in
from sourcediff.transform.lists.contents import changes_length, slot_of, slots_in
from sourcediff.transform.lists.nested import zeros_beside
from sourcediff.types import Slot, Type

if TYPE_CHECKING:
    from sourcediff.transform.lists.filled import Filled
    from sourcediff.transform.lists.shadows import Shadows

__all__ = ["zeros_of_turn"]

ZERO = Const(0.0, types.REAL)


def zeros_of_turn(lists: Shadows, whole: Value, kind: Type) -> Value:
    """``[[0.0] * width for _ in range(count)]``, or ``[[0.0] * width for width in widths]``."""
    filled = lists.filled.get(whole)
    width = None if filled is None else _width(lists, filled)
    if filled is None or width is None:
        if _keeps_its_shape(lists, whole):
            return zeros_beside(lists, whole, kind)
        if kind.slots["element"].type.slots["element"].type.kind == "List":
            lists.refuse(lists.now, "a list of lists of lists")
        return _rows_of_zeros(lists, kind, _widths(lists, whole), None)
    places = lists.call(range, lists.lengths.again(filled.count), kind=types.RANGE)
    return _rows_of_zeros(lists, kind, places, width)


def _keeps_its_shape(lists: Shadows, whole: Value) -> bool:
    """Whether a list, and those in it, are as long later on as they are now."""
    making, now = lists.making, lists.now
    return now is not None and all(
        making.cannot_reach(write, whole) or making.is_before(write, whole, now)
        for slot in slots_in(whole.type)
        for write in lists.writes.get(slot, ())
        if changes_length(write)
    )


def _rows_of_zeros(lists: Shadows, kind: Type, rows: Value, width: Atom | None) -> Value:
    """A row of zeros for each of `rows`, which are the widths if there is no one width."""
    builder = lists.run.builder
    made = builder.emit(LIST, (), kind)
    each = Value(types.INT, "_" if width is not None else "width")
    with builder.block() as code:
        inner = kind.slots["element"].type
        one = builder.emit(LIST, (ZERO,), inner)
        zeros = builder.emit(OPERATE, (one, each if width is None else width), inner, "*")
        builder.append(_append(made, zeros, builder.order, builder.site))
    region = Region(code, (), None, (each,))
    builder.append(Op(FOR, (rows,), (), (region,), "list", builder.site, builder.order))
    return made


def _append(whole: Value, item: Value, order: int = 0, site: Site | None = None) -> Op:
    spec = MethodSpec("append", writes=True)
    return Op(METHOD_OF, (whole, item), (), (), spec, site, order)


def _widths(lists: Shadows, whole: Value) -> Value:
    """The lengths of the rows, which the forward code takes where they are what they stay."""
    if all(map(lists.is_fixed, slots_in(whole.type))):
        return lists.lengths.taken_where_made(whole, partial(widths_taken, whole))
    taken, widths = widths_taken(whole)
    lists.lengths.behind_now(whole).extend(taken)
    return widths


def widths_taken(whole: Value) -> tuple[list[Op], Value]:
    """``widths = [len(row) for row in whole]``."""
    widths = Value(types.list_of(Slot(types.INT)), "widths")
    row = Value(whole.type.slots["element"].type, "row")
    spec = CallSpec(len, Ref("module", builtins, ("len",)))
    length = Op(PURE_CALL, (row,), (Value(types.INT),), (), spec)
    region = Region([length, _append(widths, length.result)], (), None, (row,))
    return [Op(LIST, (), (widths,)), Op(FOR, (whole,), (), (region,), "list")], widths


def _width(lists: Shadows, filled: Filled) -> Atom | None:
    """How many numbers each row has, where that is one number, known outside of the loop."""
    row = filled.item
    made = lists.run.builder.definitions.get(row) if isinstance(row, Value) else None
    slot = slot_of(row)
    if made is None or slot is None or slot.type.kind == "List":
        return None
    assert isinstance(row, Value)
    if not lists.is_fixed(slot):
        return None
    of_row = lists.filled.get(row)
    if of_row is not None:
        return _seen_everywhere(lists, of_row.count, filled)
    if made.primitive is LIST and not made.attribute and made.args:
        return Const(len(made.args), types.INT)
    if made.primitive is OPERATE and made.attribute == "*":
        for one, count in (made.args, made.args[::-1]):
            display = lists.run.builder.definitions.get(one)  # type: ignore[arg-type]
            if display is not None and display.primitive is LIST and len(display.args) == 1:
                return None if display.attribute else _seen_everywhere(lists, count, filled)
    return None


def _seen_everywhere(lists: Shadows, count: Atom, filled: Filled) -> Atom | None:
    """A number that does not belong to one turn of the loop that makes the rows."""
    if count not in set(defined_in(filled.loop)):
        return lists.lengths.again(count)
    made = lists.run.builder.definitions.get(count)
    if made is None or made.primitive is not PURE_CALL:
        return None
    if made.attribute.function is not builtins.len or made.args[0] in set(defined_in(filled.loop)):
        return None
    again = lists.lengths.again(count)
    return None if again is count else again
