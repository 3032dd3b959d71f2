"""Reverse mode of what takes items out of lists, puts lists together, and stores rows.

``del xs[i]`` turns round into ``xs_bar.insert(i, 0.0)``. A place that may be negative is made one
that is not: ``range(n)[i]`` is that of an item, ``len(range(n)[:i])`` that of a gap between items.
"""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import LIST, OPERATE, SET_ITEM, SLICED, SUBSCRIPT, SWAP_ITEMS
from sourcediff.transform.adjoint.scaled import ADD, SUB, Scaled
from sourcediff.transform.lists.contents import is_list
from sourcediff.transform.lists.lengths import length_taken

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.lists.listing import Lists

__all__ = [
    "clear",
    "delete",
    "display_with_parts",
    "inserted_at",
    "removed_from",
    "store_row",
    "swap",
    "unpack_rest",
]

ZERO, NONE = Const(0.0, types.REAL), Const(None, types.NONE)


def integer(value: int) -> Const:
    return Const(value, types.INT)


def _may_be_negative(place: Atom) -> bool:
    return not isinstance(place, Const) or place.value < 0


# Places ------------------------------------------------------------------------------------


def removed_from(lists: Lists, shadow: Value, place: Atom) -> Atom:
    """Where an item was that has been taken out of a list that is now as long as another."""
    if not _may_be_negative(place):
        return place
    builder = lists.run.builder
    size = builder.emit(ADD, (lists.call(len, shadow), integer(1)), types.INT)
    places = lists.call(range, size, kind=types.RANGE)
    return builder.emit(SUBSCRIPT, (places, place), types.INT)


def inserted_at(lists: Lists, shadow: Value, op: Op) -> Atom:
    """Where an item is that has been put into a list that is now as long as another."""
    place = op.args[1]
    if (isinstance(place, Const) and place.value == 0) or _belongs_there(lists, op):
        return place
    builder = lists.run.builder
    size = builder.emit(SUB, (lists.call(len, shadow), integer(1)), types.INT)
    places = lists.call(range, size, kind=types.RANGE)
    part = builder.emit(SLICED, (NONE, place, NONE), types.SLICE)
    return lists.call(len, builder.emit(SUBSCRIPT, (places, part), types.RANGE))


def _belongs_there(lists: Lists, op: Op) -> bool:
    """Whether an item is put where `bisect` has just found that it belongs: within the list."""
    whole, place = op.args[:2]
    made = lists.run.builder.definitions.get(place) if isinstance(place, Value) else None
    if made is None or made.primitive is not PURE_CALL or len(made.args) != 2:
        return False
    if made.attribute.function not in (bisect.bisect_left, bisect.bisect_right):
        return False
    at_once = lists.places.get(op) == lists.places.get(made, -1) + 1
    return made.args[0] is whole and not made.attribute.keywords and at_once


# Less --------------------------------------------------------------------------------------


def delete(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """``del xs[i]``."""
    whole, place = op.args
    assert isinstance(whole, Value)
    if whole not in lists.run.active:
        return
    if lists.holds_lists(whole) or place.type is types.SLICE:
        lists.refuse(op, "del of this part of a list")
    shadow, zero = lists.shadow(whole, adjoints), lists.zero_before(op)
    if isinstance(place, Const) and place.value == -1:
        lists.change(shadow, "append", (zero,))
    else:
        lists.change(shadow, "insert", (removed_from(lists, shadow, place), zero))


def clear(lists: Lists, whole: Value, adjoints: Adjoints) -> None:
    """``xs.clear()``."""
    if whole.type.slots["element"].type.kind == "Array":
        lists.refuse(lists.now, "list.clear() of arrays")
    size = length_taken(whole)
    lists.before.append(size)
    shadow = lists.shadow(whole, adjoints)
    lists.change(shadow, "extend", (zeros(lists, shadow, size.result),))


def zeros(lists: Lists, like: Value, size: Atom) -> Value:
    """``[0.0] * size``."""
    builder = lists.run.builder
    one = builder.emit(LIST, (ZERO,), like.type)
    return builder.emit(OPERATE, (one, size), like.type, "*")


# Together ----------------------------------------------------------------------------------


def display_with_parts(lists: Lists, op: Op, known: Value | Scaled, adjoints: Adjoints) -> None:
    """``[a, *xs, b]``."""
    active = lists.run.active
    if lists.holds_lists(op.result):
        lists.refuse(op, "a list of lists with a starred part")
    if isinstance(known, Scaled):
        known = lists.shadow(op.result, adjoints)
    start: Atom = integer(0)
    for place, part in enumerate(op.args):
        if place not in op.attribute:
            if part in active:
                found = lists.share(known, start, part)
                lists.contribute(part, adjoints, Scaled(1.0, found))
            start = plus(lists, start, integer(1))
            continue
        if not is_list(part):
            lists.refuse(op, "a list with a starred part that is no list")
        assert isinstance(part, Value)
        size = length_taken(part)
        lists.before.append(size)
        if part in active:
            _add_part(lists, lists.shadow(part, adjoints), known, start, size.result)
        start = plus(lists, start, size.result)


def _add_part(lists: Lists, target: Value, source: Value, start: Atom, size: Atom) -> None:

    def turn(place: Value) -> None:
        at = plus(lists, start, place)
        lists.add_at(target, place, lists.share(source, at))

    lists.each(size, turn)


def plus(lists: Lists, one: Atom, other: Atom) -> Atom:
    """The sum of two integers."""
    if isinstance(one, Const) and isinstance(other, Const):
        return integer(one.value + other.value)
    if isinstance(one, Const) and one.value == 0:
        return other
    if isinstance(one, Const):
        one, other = other, one
    return lists.run.builder.emit(ADD, (one, other), types.INT)


def unpack_rest(lists: Lists, op: Op, star: int, adjoints: Adjoints) -> None:
    """The rest of ``a, *rest, b = xs``."""
    rest = op.results[star]
    (whole,) = op.args
    if rest not in lists.run.active or lists.known(rest, adjoints) is None:
        return
    assert isinstance(whole, Value)
    if lists.holds_lists(whole):
        lists.refuse(op, "a starred target that is a list of lists")
    shadow = lists.shadow(rest, adjoints)
    target = lists.shadow(whole, adjoints)

    def turn(place: Value) -> None:
        at = plus(lists, place, integer(star)) if star else place
        lists.add_at(target, at, lists.share(shadow, place))

    lists.each(lists.call(len, shadow), turn)


# Rows --------------------------------------------------------------------------------------


def swap(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """``m[i], m[j] = m[j], m[i]``: so do the rows of adjoints."""
    whole, one, other = op.args
    assert isinstance(whole, Value)
    builder = lists.run.builder
    args = (lists.shadow(whole, adjoints), one, other)
    builder.append(Op(SWAP_ITEMS, args, (), site=builder.site, order=builder.order))


def store_row(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """``m[i] = row``: the adjoints of the row that was there before start anew."""
    whole, index, value = op.args
    assert isinstance(whole, Value) and isinstance(value, Value)
    builder = lists.run.builder
    old = Op(SUBSCRIPT, (whole, index), (Value(value.type),), site=op.site, order=op.order)
    size = length_taken(old.result)
    lists.before += [old, size]
    shadow = lists.shadow(whole, adjoints)
    row = builder.emit(SUBSCRIPT, (shadow, index), lists.kind(value.type))
    args = (shadow, index, zeros(lists, row, size.result))
    builder.append(Op(SET_ITEM, args, (), site=builder.site, order=builder.order))
    lists.link(value, row, adjoints)  # which may be the row at this very place
