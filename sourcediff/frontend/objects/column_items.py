"""The items of a list of objects, or of tuples, that is a list for each of their parts.

They are told by their places: ``for p in ps`` is ``for i in range(len(ps_x))``.
"""

from __future__ import annotations

import ast
import builtins
from typing import Any

from sourcediff.frontend.iteration.streams import mapped
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.columns import item_at
from sourcediff.frontend.values import Binding, Columns, Ref, Static, Stream, Tup
from sourcediff.ir import Value

__all__ = ["built_in", "items_at", "items_of_columns", "places_of"]


def items_of_columns(lowering: Lowering, columns: Columns) -> Stream:
    """The objects, one by one."""
    return items_at(lowering, columns, places_of(lowering, columns))


def places_of(lowering: Lowering, columns: Columns) -> Binding:
    node = lowering.node or lowering.frame.node
    size = built_in(lowering, len, [columns.lists[0]], node)
    return built_in(lowering, range, [size], node)


def items_at(
    lowering: Lowering, columns: Columns, places: Binding, with_place: bool = False
) -> Stream:
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


def built_in(lowering: Lowering, function: Any, args: list[Binding], node: ast.AST) -> Binding:
    from sourcediff.frontend.calls.calls import call

    static = Static(function, Ref("module", builtins, (function.__name__,)))
    return call(lowering, static, args, {}, node)
