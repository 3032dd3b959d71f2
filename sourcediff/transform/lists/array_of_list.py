"""Reverse mode of the array that NumPy makes of a list: each item takes its part of the adjoint.

``np.stack(xs)`` turns round into ``xs_bar[i] += y_bar[i]`` for all `i`. Of ``np.concatenate(xs)``
each item takes as much as it is long, one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.arrays.listed_arrays import FROM_LIST
from sourcediff.frontend.arrays.numpy_signatures import arguments_of, name_of
from sourcediff.ir import FOR, Atom, Const, Op, Region, Value
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.adjoint.scaled import ADD
from sourcediff.transform.arrays.shapes import constant_of
from sourcediff.types import rank_of

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.lists.listing import Lists

__all__ = ["array_of_list"]

_STACKING = ("stack", FROM_LIST)
_JOINING = ("concatenate", "hstack", "vstack", "column_stack")


def array_of_list(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """Contribute what an array has to the items of the list that it is made of."""
    whole, run = op.args[0], lists.run
    if op.result not in run.active or not isinstance(whole, Value):
        return
    adjoint = run.settle(op.result, adjoints)
    if adjoint.is_zero:
        return
    name, axis = name_of(op) or FROM_LIST, _axis(lists, op)
    held = rank_of(whole.type.slots["element"].type)
    above = name in ("vstack", "column_stack") and held == 1
    full, target = run.arrays.full(op.result, adjoint), lists.shadow(whole, adjoints)
    if name in _STACKING or above:
        _unstacked(lists, target, full, axis)
    elif name in _JOINING and target in lists.of_arrays:
        _parted(lists, target, full, axis)
    else:
        lists.refuse(op, f"numpy.{name}() of this list")


def _axis(lists: Lists, op: Op) -> int:
    name, rank = name_of(op), rank_of(op.result.type) or 1
    if name in (None, FROM_LIST, "vstack"):
        return 0
    if name in ("column_stack", "hstack"):
        return min(rank - 1, 1)
    given = arguments_of(op).get("axis", Const(0, types.INT))
    return constant_of(given, lists.run.builder.definitions) % rank  # type: ignore[no-any-return]


def _unstacked(lists: Lists, target: Value, full: Atom, axis: int) -> None:
    code, rank = lists.run.arrays.code, rank_of(full.type) or 1

    def turn(place: Value) -> None:
        index: list[Atom] = [*(code.slice() for _ in range(axis)), place]
        lists.add_at(target, place, code.item(full, index, rank - 1))

    lists.each(lists.call(len, target), turn)


def _parted(lists: Lists, target: Value, full: Atom, axis: int) -> None:
    builder, code = lists.run.builder, lists.run.arrays.code
    places = lists.call(range, lists.call(len, target), kind=types.RANGE)
    place, start, end = (Value(types.INT, name) for name in ("i", "start", "start"))
    kind = target.type.slots["element"].type
    with builder.block() as ops:
        item = builder.emit(SUBSCRIPT, (target, place), kind)
        stop = builder.emit(ADD, (start, code.length(item, axis)), types.INT)
        index: list[Atom] = [*(code.slice() for _ in range(axis)), code.slice(start, stop)]
        lists.add_at(target, place, code.item(full, index, rank_of(kind) or 1))
    body = Region(ops, (stop,), None, (place, start))
    args = (places, Const(0, types.INT))
    builder.append(Op(FOR, args, (end,), (body,), None, builder.site, builder.order))
