"""Reverse mode of what puts a list in order, and of measures of whole lists.

``ys = sorted(xs)`` turns round into ``for i in range(len(ys_bar)): xs_bar[order[i]] += ys_bar[i]``,
where ``order = sorted(range(len(xs)), key=xs.__getitem__)`` is taken beside it: Python's sort is
stable, so that it moves places as it moves items.
"""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sourcediff import types
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import IF, Atom, Const, Op, Region, Value
from sourcediff.memory import ORDER, SET_ITEM, SLICED, SUBSCRIPT
from sourcediff.transform.adjoint.scaled import DIV, MUL, SUB, Scaled
from sourcediff.transform.lists.contents import is_list, slot_of
from sourcediff.transform.lists.filled import Filled
from sourcediff.transform.lists.lengths import length_taken
from sourcediff.transform.lists.moving import zeros
from sourcediff.types import Slot

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.lists.listing import Lists

__all__ = ["CALLS_IN_ORDER", "assign_all", "sort_in_place"]

NONE = Const(None, types.NONE)


def order_of(op: Op, whole: Value, reverse: tuple[Atom, ...]) -> Op:
    """The operation that gives the places of the items of a list in order."""
    result = Value(types.list_of(Slot(types.INT)), "order")
    return Op(ORDER, (whole, whole, *reverse), (result,), site=op.site, order=op.order)


def in_order(lists: Lists, op: Op, adjoints: Adjoints, after: list[Op]) -> None:
    """``sorted(xs)``, ``sorted(xs, reverse=True)``."""
    whole, *reverse = op.args
    known = lists.known(op.result, adjoints)
    if known is None or not isinstance(whole, Value) or whole not in lists.run.active:
        return
    if lists.holds_lists(whole):
        lists.refuse(op, "sorted() of a list of lists")
    if isinstance(known, Scaled):
        lists.add_to_all(whole, known, adjoints)
        return
    order = order_of(op, whole, tuple(reverse))
    after.append(order)
    target = lists.shadow(whole, adjoints)
    builder = lists.run.builder

    def turn(place: Value) -> None:
        at = builder.emit(SUBSCRIPT, (order.result, place), types.INT)
        lists.add_at(target, at, builder.emit(SUBSCRIPT, (known, place), types.REAL))

    lists.each(lists.call(len, known), turn)


def sort_in_place(lists: Lists, op: Op, whole: Value, adjoints: Adjoints) -> None:
    """``xs.sort()``, ``xs.sort(reverse=True)``."""
    order = order_of(op, whole, tuple(op.args[1:]))
    lists.before.append(order)
    _move_back(lists, lists.shadow(whole, adjoints), order.result)


def _move_back(lists: Lists, shadow: Value, order: Value) -> None:
    """Put the adjoints of items that were put in order where the items were before."""
    builder = lists.run.builder
    kind = shadow.type.slots["element"].type
    moved = copy_of(lists, shadow)
    moved.name = "moved"

    def turn(place: Value) -> None:
        at = builder.emit(SUBSCRIPT, (order, place), types.INT)
        adjoint = builder.emit(SUBSCRIPT, (moved, place), kind)
        stored = (shadow, at, adjoint)
        builder.append(Op(SET_ITEM, stored, (), site=builder.site, order=builder.order))

    lists.each(lists.call(len, moved), turn)


def assign_all(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """``xs[:] = ys``."""
    whole, index, value = op.args
    builder = lists.run.builder
    assert isinstance(whole, Value)
    part = builder.definitions.get(index) if isinstance(index, Value) else None
    everything = part is not None and all(
        isinstance(b, Const) and b.value is None for b in part.args
    )
    order = _order_of_rows(lists, op) if everything and lists.holds_lists(whole) else None
    if order is not None:
        _move_back(lists, lists.shadow(whole, adjoints), order)
        return
    if not everything or not is_list(value) or lists.holds_lists(whole) or value is whole:
        lists.refuse(op, "an assignment of a list into a list")
    shadow = lists.shadow(whole, adjoints)
    if value in lists.run.active:
        lists.link(value, copy_of(lists, shadow), adjoints)
    size = length_taken(whole)
    lists.before.append(size)
    everywhere = builder.emit(SLICED, (NONE, NONE, NONE), types.SLICE)
    args = (shadow, everywhere, zeros(lists, shadow, size.result))
    builder.append(Op(SET_ITEM, args, (), site=builder.site, order=builder.order))


def _order_of_rows(lists: Lists, op: Op) -> Value | None:
    """The order of ``rows[:] = [rows[place] for place in order]``; None for any other assignment.

    Here the rows only change places, as do their adjoints.
    """
    whole, _, value = op.args
    moved = lists.filled.get(value)  # type: ignore[arg-type]
    if moved is None:
        return None
    made = lists.run.builder.definitions
    read = made.get(moved.item)  # type: ignore[arg-type]
    if read is None or read.primitive is not SUBSCRIPT or read.args[0] is not whole:
        return None
    place = made.get(read.args[1])  # type: ignore[arg-type]
    if place is None or place.primitive is not SUBSCRIPT or place.args[1] is not moved.place:
        return None
    order = place.args[0]
    sorting = made.get(order)  # type: ignore[arg-type]
    if sorting is None or sorting.primitive is not ORDER or not _counts(made, moved, order):
        return None
    keys = lists.filled.get(sorting.args[0])  # type: ignore[arg-type]
    slot = slot_of(whole)
    if keys is None or slot is None or not _counts(made, keys, whole):
        return None
    since = range(lists.places[keys.loop], lists.places[op])
    if any(lists.places[write] in since for write in lists.writes.get(slot, ())):
        return None
    assert isinstance(order, Value)
    return order


def _counts(made: Mapping[Value, Op], filled: Filled, whole: Atom) -> bool:
    """Whether the loop that fills a list has as many turns as another list has items."""
    size = made.get(filled.count)  # type: ignore[arg-type]
    is_len = size is not None and size.primitive is PURE_CALL
    return is_len and size.attribute.function is len and size.args[0] is whole  # type: ignore[union-attr]


def copy_of(lists: Lists, shadow: Value) -> Value:
    """A new list of what a list of adjoints holds."""
    return lists.call(list, shadow, kind=types.list_of(Slot(shadow.type.slots["element"].type)))


# Measures ----------------------------------------------------------------------------------


def distance(lists: Lists, op: Op, adjoints: Adjoints, after: list[Op]) -> None:
    """``math.dist(p, q)``: 0 where the points meet."""
    p, q = (as_it_was(lists, a, after) for a in op.args)
    builder = lists.run.builder

    def partial(place: Value) -> Value:
        one, other = (builder.emit(SUBSCRIPT, (w, place), types.REAL) for w in (p, q))
        return builder.emit(SUB, (one, other), types.REAL)

    _measure(lists, op, adjoints, p, [(op.args[0], 1.0), (op.args[1], -1.0)], partial)


def dot(lists: Lists, op: Op, adjoints: Adjoints, after: list[Op]) -> None:
    """``math.sumprod(p, q)``."""
    held = [as_it_was(lists, a, after) for a in op.args]
    run, builder = lists.run, lists.run.builder
    adjoint = run.settle(op.result, adjoints)
    if adjoint.is_zero:
        return
    pairs = [
        (lists.shadow(whole, adjoints), other)
        for whole, other in zip(op.args, reversed(held), strict=True)
        if isinstance(whole, Value) and whole in run.active
    ]
    atom = builder.real_atom(adjoint)

    def turn(place: Value) -> None:
        for target, other in pairs:
            item = builder.emit(SUBSCRIPT, (other, place), types.REAL)
            lists.add_at(target, place, builder.emit(MUL, (atom, item), types.REAL))

    lists.each(lists.call(len, held[0]), turn)


def length(lists: Lists, op: Op, adjoints: Adjoints, after: list[Op]) -> None:
    """``math.hypot(*xs)``: 0 at the origin."""
    if len(op.args) != 1 or not is_list(op.args[0]):
        lists.refuse(op, "math.hypot() of these")
    (whole,) = op.args
    held = as_it_was(lists, whole, after)
    builder = lists.run.builder

    def partial(place: Value) -> Value:
        return builder.emit(SUBSCRIPT, (held, place), types.REAL)

    _measure(lists, op, adjoints, held, [(whole, 1.0)], partial)


def _measure(
    lists: Lists,
    op: Op,
    adjoints: Adjoints,
    counted: Value,
    wholes: list[tuple[Atom, float]],
    partial: Callable[[Value], Value],
) -> None:
    """Add to the adjoints of all items the share that each has in a length."""
    run, builder = lists.run, lists.run.builder
    adjoint = run.settle(op.result, adjoints)
    if adjoint.is_zero:
        return
    targets = [
        (lists.shadow(whole, adjoints), sign)
        for whole, sign in wholes
        if isinstance(whole, Value) and whole in run.active
    ]
    atom = builder.real_atom(adjoint)
    with builder.block() as code:

        def turn(place: Value) -> None:
            share = builder.emit(DIV, (partial(place), op.result), types.REAL)
            part = builder.emit(MUL, (atom, share), types.REAL)
            for target, sign in targets:
                lists.add_at(target, place, builder.real_atom(Scaled(sign, part)))

        lists.each(lists.call(len, counted), turn)
    regions = (Region(code, ()), Region([], ()))
    builder.append(
        Op(IF, (op.result,), (), regions, "statement", builder.site, order=builder.order)
    )


def as_it_was(lists: Lists, whole: Atom, after: list[Op]) -> Value:
    """A list that holds what another does now, also later."""
    if not is_list(whole):
        lists.refuse(lists.now, "this measure of a tuple and a list")
    assert isinstance(whole, Value)
    if not lists.is_written(whole):
        return whole
    spec = CallSpec(list, Ref("module", builtins, ("list",)))
    copy = Op(PURE_CALL, (whole,), (Value(whole.type),), (), spec)
    after.append(copy)
    return copy.result


CALLS_IN_ORDER: dict[Any, Callable[..., None]] = {
    sorted: in_order,
    math.dist: distance,
    math.hypot: length,
}
if sys.version_info >= (3, 12):
    CALLS_IN_ORDER[math.sumprod] = dot
