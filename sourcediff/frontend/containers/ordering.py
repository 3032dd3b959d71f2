"""Lowering of what compares items by a key: ``sorted(xs, key=…)``, ``xs.sort(key=…)``, ``max``.

For derivatives, the keys are a list of their own, and what comes where is told by its places:
``max(xs, key=f)`` is ``xs[max(range(len(keys)), key=keys.__getitem__)]`` with
``keys = [f(x) for x in xs]``. Python compares the same keys in the same order.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from sourcediff import types
from sourcediff.frontend.containers.containers import is_structure, item, set_item, slice_of
from sourcediff.frontend.iteration.streams import listed, mapped
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Stream
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import ORDER, PLACE
from sourcediff.types import Slot

__all__ = ["call_by_key", "compares_rows", "sort_by_key"]

Call = Callable[[list[Binding]], Binding]


def call_by_key(
    lowering: Lowering,
    function: object,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.Call,
    key: Call | None,
) -> Binding | None:
    """``sorted``, ``max`` or ``min`` of a list, by a key; None where it is of something else.

    Args:
        key: None where the items are lists, which are compared item by item.
    """
    if len(args) != 1 or kwargs.keys() - {"key", "reverse"}:
        return None
    (whole,) = args
    if isinstance(whole, Stream):
        whole = listed(lowering, node.func, whole)
    if not isinstance(whole, Value) or not is_structure(whole):
        return None
    if whole.type.kind not in ("List", "Range"):
        return None
    keys = _keys(lowering, whole, node, key)
    if function is sorted:
        if "reverse" in kwargs and not isinstance(kwargs["reverse"], Value | Const):
            return None
        return _ordered(lowering, whole, keys, kwargs, node)
    place = lowering.emit(PLACE, (keys, keys), types.INT, attribute=function)
    return item(lowering, whole, place, node)


def sort_by_key(
    lowering: Lowering, whole: Value, kwargs: dict[str, Binding], node: ast.Call, key: Call
) -> None:
    """``whole.sort(key=…)``."""
    keys = _keys(lowering, whole, node, key)
    ordered = _ordered(lowering, whole, keys, kwargs, node)
    none = Const(None, types.NONE)
    set_item(lowering, whole, slice_of(lowering, [none, none, none]), ordered, node)


def compares_rows(args: list[Binding]) -> bool:
    """Whether what a call puts in order is a list of lists."""
    if len(args) != 1 or not isinstance(args[0], Value) or args[0].type.kind != "List":
        return False
    return args[0].type.slots["element"].read().kind == "List"


def _keys(lowering: Lowering, whole: Value, node: ast.Call, key: Call | None) -> Value:
    if key is None:
        return whole
    home = node.keywords[0] if node.keywords else node.func
    keys = listed(lowering, home, mapped(lowering, [whole], key), "list")
    keys.name = "keys"
    return keys


def _ordered(
    lowering: Lowering, whole: Value, keys: Value, kwargs: dict[str, Binding], node: ast.Call
) -> Value:
    operands: list[Atom] = [keys, keys]
    if "reverse" in kwargs:
        operands.append(lowering.atom(kwargs["reverse"]))
    order = lowering.emit(ORDER, operands, types.list_of(Slot(types.INT)), name="order")

    def at(places: list[Binding]) -> Binding:
        (place,) = places
        assert isinstance(place, Value)
        place.name = "place"
        return item(lowering, whole, place, node)

    return listed(lowering, node, mapped(lowering, [order], at), "list")
