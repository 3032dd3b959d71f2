"""Tangents that a user hands in: held against the arguments that they belong to.

>>> checked(2.5, 1, "x"), checked(3, 0.0, "n"), checked("fast", None, "mode")
(1.0, None, None)
>>> checked([1.0, 2.0], [0.5], "xs")
Traceback (most recent call last):
TypeError: the tangent of xs has 1 item and xs has 2
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from sourcediff.frontend.reflect import attributes_in

__all__ = ["checked", "cotangent", "still_if_truth", "zero"]


def cotangent(value: Any, adjoint: Any, name: str) -> Any:
    """An adjoint in the structure of the value that it belongs to; None is zero.

    Raises:
        TypeError: the two do not have the same structure.
    """
    found = checked(value, adjoint, name, "adjoint")
    return zero(value) if found is None else found


def checked(primal: Any, tangent: Any, name: str, what: str = "tangent") -> Any:
    """The tangent in the structure of the primal, or None where the primal does not vary.

    Args:
        primal: an argument.
        tangent: a number for a number; a list or tuple of tangents for a list or tuple, a dict for
            a dict, an object with the same attributes or a dict for an object, some of which may
            be left out; None where it does not vary. For an integer, 0 says so too, and for what
            is no number.
        name: what the argument is called, for the error.
        what: what the second of the two is called.

    Raises:
        TypeError: the two do not have the same structure.
    """
    if tangent is None:
        return None
    if isinstance(primal, list | tuple):
        return _items(primal, tangent, name, what)
    if isinstance(primal, complex):
        if not isinstance(tangent, complex) and not _is_number(tangent):
            raise TypeError(f"the {what} of the number {name} is a {type(tangent).__name__}")
        return complex(tangent)
    if not _is_number(primal):
        if _is_number(tangent) and tangent == 0:
            return None
        if hasattr(primal, "dtype"):
            raise TypeError(
                f"{name} is an array: its {what} is an array of the same shape, or None"
            )
        parts = _parts(primal)
        if parts:
            return _attributes(primal, parts, tangent, name, what)
        raise TypeError(
            f"{name} is a {type(primal).__name__} and does not vary: its {what} is None"
        )
    if not _is_number(tangent):
        raise TypeError(f"the {what} of the number {name} is a {type(tangent).__name__}")
    if isinstance(primal, int) and tangent == 0:
        return None
    return float(tangent)


def _items(primal: Any, tangent: Any, name: str, what: str) -> Any:
    kind = list if isinstance(primal, list) else tuple
    if not isinstance(tangent, kind):
        found = type(tangent).__name__
        raise TypeError(f"{name} is a {kind.__name__}, and its {what} is a {found}")
    if len(tangent) != len(primal):
        items = "item" if len(tangent) == 1 else "items"
        raise TypeError(
            f"the {what} of {name} has {len(tangent)} {items} and {name} has {len(primal)}"
        )
    moving = [
        checked(one, other, f"{name}[{place}]", what)
        for place, (one, other) in enumerate(zip(primal, tangent, strict=True))
    ]
    if primal and all(item is None for item in moving):
        return None
    moves = zip(primal, moving, strict=True)
    return _sequence_like(primal, (zero(one) if item is None else item for one, item in moves))


def _sequence_like(primal: Any, items: Iterable[Any]) -> Any:
    """A list or a tuple; the code may ask a named one for its fields by their names."""
    if isinstance(primal, list):
        return list(items)
    return tuple.__new__(type(primal), items) if hasattr(primal, "_fields") else tuple(items)


def _parts(primal: Any) -> dict[Any, Any]:
    """The items of a dict, or the attributes of an object."""
    if isinstance(primal, dict):
        return primal
    if hasattr(primal, "dtype") or callable(primal) or isinstance(primal, str | enum.Enum | None):
        return {}
    return attributes_in(primal)


def _attributes(primal: Any, parts: dict[Any, Any], tangent: Any, name: str, what: str) -> Any:
    """The same of a dict, or of an object, whose tangent has the same attributes or is a dict."""
    given = _parts(tangent)
    if not given:
        kind, found = type(primal).__name__, type(tangent).__name__
        raise TypeError(f"{name} is a {kind}, and its {what} is a {found}")
    unknown = [key for key in given if key not in parts]
    if unknown:
        raise TypeError(f"the {what} of {name} has {unknown[0]!r}, which {name} has not")
    moving = {
        k: checked(part, still_if_truth(part, given.get(k)), f"{name}.{k}", what)
        if _may_vary(part)
        else None
        for k, part in parts.items()
    }
    if all(part is None for part in moving.values()):
        return None
    filled = {k: zero(parts[k]) if part is None else part for k, part in moving.items()}
    return filled if isinstance(primal, dict) else SimpleNamespace(**filled)


def still_if_truth(part: Any, tangent: Any) -> Any:
    """None for a truth value beside one: an object of the same class may stand for its tangent."""
    return None if isinstance(part, bool) and isinstance(tangent, bool) else tangent


def _may_vary(part: Any) -> bool:
    """Whether a part of an object is a number, or may hold some: its tangent is not passed over."""
    if _is_number(part) or isinstance(part, complex) or hasattr(part, "dtype"):
        return True
    if hasattr(part, "__len__") and not isinstance(part, str | bytes):
        return len(part) > 0
    return bool(_parts(part))


def zero(primal: Any) -> Any:
    """The tangent of what does not vary, in its structure."""
    if isinstance(primal, complex):
        return 0j
    if not _is_number(primal) and (parts := _parts(primal)):
        filled = {key: zero(part) for key, part in parts.items()}
        return filled if isinstance(primal, dict) else SimpleNamespace(**filled)
    if isinstance(primal, list | tuple):
        return _sequence_like(primal, map(zero, primal))
    return 0.0


def _is_number(value: Any) -> bool:
    """Whether a value is a real number: of Python, or a scalar of NumPy."""
    if isinstance(value, int | float):
        return True
    shape, kind = getattr(value, "shape", None), getattr(getattr(value, "dtype", None), "kind", "")
    return shape == () and kind in tuple("fiub")
