"""Forward mode of what puts a list in order, and of measures of whole lists.

``ys = sorted(xs)`` has ``ys_dot = [xs_dot[place] for place in order]`` beside it, with the places
of the items in order: ``order = sorted(range(len(xs)), key=xs.__getitem__)``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from sourcediff import types
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, IF, Atom, Const, Op, Region, Value
from sourcediff.memory import LIST, METHOD_OF, ORDER, SET_ITEM, SLICED, SUBSCRIPT, MethodSpec
from sourcediff.transform.adjoint.scaled import DIV, MUL, SUB, ZERO, Scaled
from sourcediff.transform.lists.contents import is_list
from sourcediff.types import Slot

if TYPE_CHECKING:
    from sourcediff.transform.tangent.lists import TangentLists

__all__ = ["MEASURES", "sort_in_place"]

NONE = Const(None, types.NONE)


def _each(lists: TangentLists, source: Atom, make: Callable[[Value], Atom], name: str) -> Value:
    """``[make(place) for place in source]``."""
    builder = lists.run.builder
    made = builder.emit(LIST, (), types.list_of(Slot(types.REAL)))
    place = Value(types.INT, name)
    with builder.block() as code:
        args = (made, make(place))
        spec = MethodSpec("append", writes=True)
        builder.append(Op(METHOD_OF, args, (), (), spec, builder.site, builder.order))
    region = Region(code, (), None, (place,))
    builder.append(Op(FOR, (source,), (), (region,), "list", builder.site, builder.order))
    return made


def _reordered(lists: TangentLists, whole: Value, reverse: tuple[Atom, ...]) -> Value:
    """The tangents of the items of a list, in the order of the items."""
    builder = lists.run.builder
    kind = types.list_of(Slot(types.INT))
    order = builder.emit(ORDER, (whole, whole, *reverse), kind)
    order.name = "order"
    tangents = lists.of(whole)
    return _each(
        lists, order, lambda at: builder.emit(SUBSCRIPT, (tangents, at), types.REAL), "place"
    )


def in_order(lists: TangentLists, op: Op) -> None:
    """``sorted(xs)``."""
    whole, *reverse = op.args
    if (
        not isinstance(whole, Value)
        or not is_list(whole)
        or whole.type.slots["element"].type is not types.REAL
    ):
        _refuse(op, "sorted() of these")
    lists.run.builder.ops.append(op)
    lists.know(op.result, lists.named(op.result, _reordered(lists, whole, tuple(reverse))))


def sort_in_place(lists: TangentLists, op: Op) -> None:
    """``xs.sort()``."""
    whole, *reverse = op.args
    assert isinstance(whole, Value)
    builder = lists.run.builder
    moved = _reordered(lists, whole, tuple(reverse))
    builder.ops.append(op)
    everywhere = builder.emit(SLICED, (NONE, NONE, NONE), types.SLICE)
    args = (lists.of(whole), everywhere, moved)
    builder.append(Op(SET_ITEM, args, (), site=builder.site, order=builder.order))


def length(lists: TangentLists, op: Op) -> None:
    """``math.hypot(*xs)``, ``math.dist(p, q)``: 0 at the origin, and where the points meet."""
    if not all(map(is_list, op.args)) or (op.attribute.stars and len(op.args) > 1):
        _refuse(op, "a measure of what is no list")
    run, builder = lists.run, lists.run.builder
    builder.ops.append(op)
    wholes = [a for a in op.args if isinstance(a, Value)]
    tangents = [lists.of(w) if w in run.active else None for w in wholes]
    with builder.block() as code:
        size = lists.call(len, (wholes[0],), types.INT)

        def share(place: Value) -> Atom:
            parts = [builder.emit(SUBSCRIPT, (w, place), types.REAL) for w in wholes]
            part = parts[0]
            if len(parts) > 1:
                part = builder.emit(SUB, (parts[0], parts[1]), types.REAL)
            moves = [
                None if t is None else builder.emit(SUBSCRIPT, (t, place), types.REAL)
                for t in tangents
            ]
            move = moves[0]
            if len(moves) > 1 and moves[1] is not None:
                zero = Const(0.0, types.REAL)
                move = builder.emit(SUB, (zero if move is None else move, moves[1]), types.REAL)
            assert move is not None
            ratio = builder.emit(DIV, (part, op.result), types.REAL)
            return builder.emit(MUL, (ratio, move), types.REAL)

        items = _each(lists, lists.call(range, (size,), types.RANGE), share, "i")
        total = lists.call(sum, (items,), types.REAL)
    result = Value(types.REAL)
    regions = (Region(code, (total,)), Region([], (Const(0.0, types.REAL),)))
    made = Op(IF, (op.result,), (result,), regions, "statement", builder.site, builder.order)
    builder.append(made)
    run.settle(op.result, Scaled(1.0, result))


def dot(lists: TangentLists, op: Op) -> None:
    """``math.sumprod(p, q)``."""
    if not all(map(is_list, op.args)):
        _refuse(op, "a measure of what is no list")
    run, builder = lists.run, lists.run.builder
    builder.ops.append(op)
    total = ZERO
    for whole, other in (op.args, op.args[::-1]):
        if whole in run.active:
            pair = (lists.of(whole), other)
            part = builder.emit(PURE_CALL, pair, types.REAL, op.attribute)
            total = builder.add(total, builder.scaled(part))
    run.settle(op.result, total)


def _refuse(op: Op, what: str) -> NoReturn:
    from sourcediff.transform.tangent.lists import refuse

    refuse(op, what)


MEASURES: dict[Any, Callable[[TangentLists, Op], None]] = {
    sorted: in_order,
    math.dist: length,
    math.hypot: length,
}
if sys.version_info >= (3, 12):
    MEASURES[math.sumprod] = dot
