"""Arrays gone through column by column: ``order="F"`` of ``reshape``, ``ravel`` and ``flatten``.

It is the order of C of the transposed array:

    x.ravel(order="F")                  x.T.ravel()
    x.reshape(2, 3, order="F")          x.T.reshape(3, 2).T
"""

from __future__ import annotations

import ast

from sourcediff import types
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Tup
from sourcediff.ir import Const, Value
from sourcediff.types import rank_of

__all__ = ["by_columns"]

_NAMES = ("reshape", "ravel", "flatten")


def by_columns(
    lowering: Lowering, name: str, args: list[Binding], kwargs: dict[str, Binding], node: ast.AST
) -> Binding | None:
    """A call with ``order="F"``, or with ``order="C"``; None if it is none of these."""
    from sourcediff.frontend.arrays.array_values import attribute_of_array_value
    from sourcediff.frontend.arrays.numpy_calls import call_array_method

    order, whole = kwargs.get("order"), args[0] if args else None
    last = args[-1] if args else None
    if order is None and isinstance(last, Const) and last.type is types.STR:
        args, order = args[:-1], last
    if name not in _NAMES or not isinstance(order, Const) or order.value not in ("C", "F"):
        return None
    if not isinstance(whole, Value) or not rank_of(whole.type):
        return None
    rest, others = args[1:], {key: b for key, b in kwargs.items() if key != "order"}
    if order.value == "C":
        return call_array_method(lowering, whole, name, rest, others, node)
    if others:
        return None
    shape = rest[0].items if len(rest) == 1 and isinstance(rest[0], Tup) else rest
    turned = _turned(lowering, whole)
    if not isinstance(turned, Value):
        return None
    found = call_array_method(lowering, turned, name, list(shape)[::-1], {}, node)
    if not isinstance(found, Value) or name != "reshape" or rank_of(found.type) == 1:
        return found
    return attribute_of_array_value(lowering, found, "T")


def _turned(lowering: Lowering, whole: Value) -> Binding:
    from sourcediff.frontend.arrays.array_values import attribute_of_array_value

    return whole if rank_of(whole.type) == 1 else attribute_of_array_value(lowering, whole, "T")
