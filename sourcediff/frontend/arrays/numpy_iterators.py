"""What goes through the places of an array: ``np.ndindex(2, 3)`` and ``np.ndenumerate(x)``.

They are nested loops over ranges: ``for i, j in np.ndindex(n, m)`` is

    for i in range(n):
        for j in range(m):
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable
from typing import Any

from sourcediff.frontend.arrays.array_values import attribute_of_array_value, item_of_array_value
from sourcediff.frontend.iteration.iterators import call_again
from sourcediff.frontend.iteration.streams import mapped, nested
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Ref, Static, Stream, Tup
from sourcediff.ir import Value

__all__ = ["places_gone_through"]


def places_gone_through(
    lowering: Lowering, found: Any, args: list[Binding], node: ast.AST
) -> Stream | None:
    """The stream that a call of `numpy.ndindex` or `numpy.ndenumerate` makes; None of another."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or not args:
        return None
    if found is not numpy.ndindex and found is not numpy.ndenumerate:
        return None
    if found is numpy.ndindex:
        lengths = args[0].items if isinstance(args[0], Tup) and len(args) == 1 else args
        return _places(lowering, lengths, "ndindex()", node)
    (whole,) = args
    if not isinstance(whole, Value) or whole.type.kind != "Array":
        return None
    shape = attribute_of_array_value(lowering, whole, "shape")
    assert isinstance(shape, Tup)
    places = _places(lowering, shape.items, "ndenumerate()", node)

    def with_item(items: list[Binding]) -> Binding:
        (place,) = items
        assert isinstance(place, Tup)
        index = place if len(place.items) > 1 else place.items[0]
        return Tup([place, item_of_array_value(lowering, whole, index, node)])

    return mapped(lowering, [places], with_item)


def _places(lowering: Lowering, lengths: list[Binding], what: str, node: ast.AST) -> Stream:
    made_by = Static(range, Ref("module", builtins, ("range",)))
    steps = [_step(call_again(lowering, made_by, [length], {}, node)) for length in lengths]
    return nested(lowering, steps, what)


def _step(source: Binding) -> Callable[[list[Binding]], Binding]:
    return lambda _: source
