"""Attributes and methods that NumPy's own numbers have as arrays do: ``x.sum().item()``.

A sum of all elements, or an element, is a number for the compiler; NumPy's has what arrays of no
axes have. Of Python's own numbers, which lack these, the program itself would raise.
"""

from __future__ import annotations

from sourcediff import types
from sourcediff.frontend.values import Binding, Bound, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.rules.number_definitions import converted, itself

__all__ = ["attribute_of_number"]


def attribute_of_number(whole: Value | Const, name: str) -> Binding | None:
    """``whole.item``, ``whole.shape``; None of what other attributes are."""
    if whole.type not in (types.REAL, types.INT) or isinstance(whole, Const):
        return None
    if name in ("item", "tolist"):
        return Bound(Static(float if whole.type is types.REAL else int), [whole])
    if name in ("copy", "squeeze", "sum", "mean", "max", "min", "prod"):
        return Bound(Static(itself), [whole])
    if name == "astype":
        return Bound(Static(converted), [whole])
    if name in ("ndim", "size"):
        return Const(int(name == "size"), types.INT)
    if name == "shape":
        return Tup([])
    return whole if name == "T" else None
