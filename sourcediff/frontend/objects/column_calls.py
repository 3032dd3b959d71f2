"""Calls and loops that see a list of objects which is a list for each attribute (`columns`)."""

from __future__ import annotations

import ast
import itertools
import math
import types as python_types
from typing import Any

from sourcediff import types
from sourcediff.frontend.calls.builtin_calls import Kwargs, handles
from sourcediff.frontend.containers.containers import item
from sourcediff.frontend.containers.grouped import method_of_groups
from sourcediff.frontend.containers.rows_apart import raise_unless
from sourcediff.frontend.iteration.streams import mapped
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.column_items import (
    built_in,
    items_at,
    items_of_columns,
    places_of,
)
from sourcediff.frontend.objects.column_methods import method_of_columns
from sourcediff.frontend.objects.column_order import (
    collected,
    extreme_of_columns,
    sorted_columns,
)
from sourcediff.frontend.objects.columns import LEAF, holds_objects, item_at
from sourcediff.frontend.objects.heaps import method_of_heap
from sourcediff.frontend.objects.places import blame
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Columns,
    Grouped,
    Heap,
    Once,
    Static,
    Tup,
)
from sourcediff.ir import Const, Value

__all__ = ["attribute_of_columns", "call_on_columns", "places_apart", "subscript_of_columns"]

#: Functions that go through what they are given.
_GO_THROUGH = (enumerate, zip, map, filter, sum, any, all, max, min, math.fsum)
#: Functions that give tuples of the items of one sequence.
_TUPLES = (itertools.combinations, itertools.permutations, itertools.pairwise)


def _method(columns: Any, name: str, *args: Any) -> None:
    raise AssertionError("lowered by the front end")


@handles(_method)
def _called(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    columns, name, *rest = args
    assert isinstance(name, Const)
    if isinstance(columns, Grouped):
        node = lowering.node or lowering.frame.node
        return method_of_groups(lowering, columns, name.value, rest, kwargs, node)
    if isinstance(columns, Heap):
        return method_of_heap(lowering, columns, name.value, rest, kwargs)
    assert isinstance(columns, Columns)
    node = lowering.node or lowering.frame.node
    return method_of_columns(lowering, columns, name.value, rest, kwargs, node)


def attribute_of_columns(
    lowering: Lowering, columns: Columns | Heap | Grouped, name: str
) -> Binding:
    """A method of the list."""
    return Bound(Static(_method), [columns, Const(name, types.STR)])


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
        return items_at(
            lowering, first, built_in(lowering, reversed, [places_of(lowering, first)], node)
        )
    if found in (max, min, sorted) and isinstance(first, Columns) and isinstance(node, ast.Call):
        if len(args) == 1 and not kwargs.keys() - {"key", "reverse"}:
            if found is sorted:
                return sorted_columns(lowering, first, kwargs, node)
            if "key" in kwargs or not holds_objects(first.shape):
                return extreme_of_columns(lowering, found, first, kwargs, node)
    if found is list and isinstance(first, Columns) and len(args) == 1:
        return collected(lowering, first, first.shape, node)
    if any(found is one for one in _TUPLES) and isinstance(first, Columns):
        places = places_of(lowering, first)
        inner = call(lowering, function, [places, *args[1:]], kwargs, node)
        columns = first

        def make(items: list[Binding]) -> Binding:
            (whole,) = items
            assert isinstance(whole, Tup)
            return Tup([item_at(lowering, columns, place, True) for place in whole.items])

        return mapped(lowering, [inner], make)
    if found is enumerate and isinstance(first, Columns) and len(args) == 1 and not kwargs:
        return items_at(lowering, first, places_of(lowering, first), with_place=True)
    if any(found is one for one in _GO_THROUGH) and (not kwargs or found is zip):
        streams: list[Binding] = [
            items_of_columns(lowering, a) if isinstance(a, Columns) else a for a in args
        ]
        return call(lowering, function, streams, kwargs, node)
    if not isinstance(found, python_types.FunctionType):
        blame(lowering, *args)
    return None


def subscript_of_columns(
    lowering: Lowering, columns: Columns, index: Binding, node: ast.AST
) -> Binding:
    """``columns[index]``; of a slice, what gives the objects of that part."""
    if isinstance(index, Value | Const) and index.type is types.SLICE:
        lowering.node = node
        places = places_of(lowering, columns)
        part = item(lowering, lowering.atom(places), index, node)
        found = items_at(lowering, columns, part)
        found.kept = lambda: collected(lowering, found, columns.shape, node)
        return found
    return item_at(lowering, columns, index)


def places_apart(lowering: Lowering, columns: Columns, node: ast.AST) -> Binding | None:
    """``zip(*rows)`` of a list of tuples: the lists that it is made of, as tuples.

    That of no tuples gives nothing, where that of one gives something for each place: it raises.
    """
    if columns.shape[0] != "tuple" or any(part is not LEAF for part in columns.shape[2]):
        return None
    raise_unless(lowering, columns.lists[0], "zip() of no tuples gives nothing")
    return Once([built_in(lowering, tuple, [whole], node) for whole in columns.lists])
