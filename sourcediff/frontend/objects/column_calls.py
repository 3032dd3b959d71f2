"""Calls and loops that see a list of objects which is a list for each attribute (`columns`)."""

from __future__ import annotations

import ast
import builtins
import itertools
import math
from functools import partial
from typing import Any

from sourcediff import types
from sourcediff.frontend.calls.builtin_calls import Kwargs, handles
from sourcediff.frontend.containers.containers import item
from sourcediff.frontend.control.joins import FALLS, Outcome
from sourcediff.frontend.iteration.streams import Turns, go_through, listed, mapped
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.columns import add, grows, item_at, made_of
from sourcediff.frontend.values import Binding, Bound, Columns, Ref, Static, Stream, Tup
from sourcediff.ir import Const, Value
from sourcediff.memory import ORDER, PLACE
from sourcediff.types import Slot

__all__ = ["attribute_of_columns", "call_on_columns", "items_of_columns", "subscript_of_columns"]

#: Functions that go through what they are given.
_GO_THROUGH = (enumerate, zip, map, filter, sum, any, all, max, min, math.fsum)
#: Functions that give tuples of the items of one sequence.
_TUPLES = (itertools.combinations, itertools.permutations, itertools.pairwise)


def _append(columns: Any, whole: Any) -> None:
    raise AssertionError("lowered by the front end")


@handles(_append)
def _appended(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    columns, whole = args
    assert isinstance(columns, Columns)
    grows(lowering, columns)
    add(lowering, columns, whole)
    return Const(None, types.NONE)


def attribute_of_columns(lowering: Lowering, columns: Columns, name: str) -> Binding:
    """A method of the list."""
    if name != "append":
        lowering.error(f"{name}() of a list of objects is not supported here")
    return Bound(Static(_append), [columns])


def call_on_columns(
    lowering: Lowering, function: Static, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    """A call of a built-in function; None for any other."""
    from sourcediff.frontend.calls.calls import call

    found = function.object
    first = args[0]
    lowering.node = node
    if found is len and isinstance(first, Columns):
        return call(lowering, function, [first.lists[0]], kwargs, node)
    if found is reversed and isinstance(first, Columns):
        return _at(lowering, first, _built_in(lowering, reversed, [_places(lowering, first)], node))
    if found in (max, min, sorted) and isinstance(first, Columns) and isinstance(node, ast.Call):
        if len(args) == 1 and "key" in kwargs:
            return _by_key(lowering, function, first, kwargs, node)
    if any(found is one for one in _TUPLES) and isinstance(first, Columns):
        places = _places(lowering, first)
        inner = call(lowering, function, [places, *args[1:]], kwargs, node)
        columns = first

        def make(items: list[Binding]) -> Binding:
            (whole,) = items
            assert isinstance(whole, Tup)
            return Tup([item_at(lowering, columns, place, True) for place in whole.items])

        return mapped(lowering, [inner], make)
    if found is enumerate and isinstance(first, Columns) and len(args) == 1 and not kwargs:
        return _at(lowering, first, _places(lowering, first), with_place=True)
    if any(found is one for one in _GO_THROUGH) and (not kwargs or found is zip):
        streams: list[Binding] = [
            items_of_columns(lowering, a) if isinstance(a, Columns) else a for a in args
        ]
        return call(lowering, function, streams, kwargs, node)
    return None


def _by_key(
    lowering: Lowering, function: Static, columns: Columns, kwargs: Kwargs, node: ast.Call
) -> Binding | None:
    """``max(ps, key=f)`` is the object at one of the places, ``sorted`` a list of the same objects.

    See `ordering` for how places are told by a list of keys.
    """
    from sourcediff.frontend.calls.calls import call

    if kwargs.keys() - {"key", "reverse"} or (function.object is not sorted and len(kwargs) > 1):
        return None
    by = partial(call, lowering, kwargs["key"], kwargs={}, node=node)
    keyed = mapped(lowering, [items_of_columns(lowering, columns)], by)
    keys = listed(lowering, node.keywords[0], keyed, "list")
    keys.name = "keys"
    if function.object is not sorted:
        place = lowering.emit(PLACE, (keys, keys), types.INT, attribute=function.object)
        return item_at(lowering, columns, place, counted=True)
    operands = [keys, keys, *(lowering.atom(kwargs[k]) for k in ("reverse",) if k in kwargs)]
    order = lowering.emit(ORDER, operands, types.list_of(Slot(types.INT)), name="order")
    lowering.memo.columns.setdefault(lowering.slot(node, "List").root, columns.shape)
    made = made_of(lowering, node)

    def turn(whole: Binding) -> Outcome:
        add(lowering, made, whole)
        return FALLS

    go_through(lowering, _at(lowering, columns, order), Turns(node, turn))
    return made


def items_of_columns(lowering: Lowering, columns: Columns) -> Stream:
    """The objects, one by one."""
    return _at(lowering, columns, _places(lowering, columns))


def subscript_of_columns(
    lowering: Lowering, columns: Columns, index: Binding, node: ast.AST
) -> Binding:
    """``columns[index]``; of a slice, what gives the objects of that part."""
    if isinstance(index, Value | Const) and index.type is types.SLICE:
        lowering.node = node
        places = _places(lowering, columns)
        part = item(lowering, lowering.atom(places), index, node)
        return _at(lowering, columns, part)
    return item_at(lowering, columns, index)


def _places(lowering: Lowering, columns: Columns) -> Binding:
    node = lowering.node or lowering.frame.node
    size = _built_in(lowering, len, [columns.lists[0]], node)
    return _built_in(lowering, range, [size], node)


def _at(lowering: Lowering, columns: Columns, places: Binding, with_place: bool = False) -> Stream:
    """The objects at places; or the places and the objects."""

    def make(items: list[Binding]) -> Binding:
        (place,) = items
        if with_place:
            return Tup([place, item_at(lowering, columns, place, counted=True)])
        _name_place(lowering, place)
        return item_at(lowering, columns, place, counted=True)

    stream = mapped(lowering, [places], make)
    stream.lasting = [columns.lists[0]]
    return stream


def _name_place(lowering: Lowering, place: Binding) -> None:
    """Call a place that the user does not name ``i``, or what loops around do not use."""
    if not isinstance(place, Value) or place.name is not None:
        return
    taken = {loop.place for loop in lowering.loops[:-1]} | lowering.frame.scope.locals.keys()
    place.name = next((name for name in "ijklm" if name not in taken), "i")
    if lowering.loops:
        lowering.loops[-1].place = place.name


def _built_in(lowering: Lowering, function: Any, args: list[Binding], node: ast.AST) -> Binding:
    from sourcediff.frontend.calls.calls import call

    static = Static(function, Ref("module", builtins, (function.__name__,)))
    return call(lowering, static, args, {}, node)
