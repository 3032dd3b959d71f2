"""The comparisons that `functools.total_ordering` gives a class, as the library computes them.

>>> le_from_lt(1, 2), ge_from_lt(1, 2), gt_from_le(2, 1)
(True, False, True)
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["DEFINITIONS"]


def gt_from_lt(self: Any, other: Any) -> Any:
    return not self < other and self != other


def le_from_lt(self: Any, other: Any) -> Any:
    return self < other or self == other


def ge_from_lt(self: Any, other: Any) -> Any:
    return not self < other


def ge_from_le(self: Any, other: Any) -> Any:
    return not self <= other or self == other


def lt_from_le(self: Any, other: Any) -> Any:
    return self <= other and self != other


def gt_from_le(self: Any, other: Any) -> Any:
    return not self <= other


def lt_from_gt(self: Any, other: Any) -> Any:
    return not self > other and self != other


def ge_from_gt(self: Any, other: Any) -> Any:
    return self > other or self == other


def le_from_gt(self: Any, other: Any) -> Any:
    return not self > other


def le_from_ge(self: Any, other: Any) -> Any:
    return not self >= other or self == other


def gt_from_ge(self: Any, other: Any) -> Any:
    return self >= other and self != other


def lt_from_ge(self: Any, other: Any) -> Any:
    return not self >= other


_OURS = (
    gt_from_lt, le_from_lt, ge_from_lt, ge_from_le, lt_from_le, gt_from_le,
    lt_from_gt, ge_from_gt, le_from_gt, le_from_ge, gt_from_ge, lt_from_ge,
)  # fmt: skip

#: The definitions, by the functions of `functools` that they stand for.
DEFINITIONS: dict[Any, Callable[..., Any]] = {
    getattr(functools, f"_{ours.__name__}"): ours
    for ours in _OURS
    if hasattr(functools, f"_{ours.__name__}")
}
