"""Example arguments for what a signature says of them, to know their types before any call.

>>> example_of(float), example_of(list[list[float]]), example_of(tuple[float, int])
(1.0, [[1.0]], (1.0, 1.0))
>>> example_of(str) is UNKNOWN  # which text it is, only a call can tell
True
"""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import typing
from collections.abc import Callable
from typing import Any

__all__ = ["UNKNOWN", "annotations_of", "example_of"]

#: What an annotation leaves to the call.
UNKNOWN = object()

_NUMBERS = ("float", "int", "float64", "float32", "Real")
_LISTS = (list, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)

MAX_DEPTH = 6


def annotations_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a function, those in text evaluated; without those that cannot be."""
    try:
        return typing.get_type_hints(function)
    except Exception:  # an annotation may be any expression
        found = inspect.get_annotations(function)
        return {name: UNKNOWN if isinstance(a, str) else a for name, a in found.items()}


def example_of(annotation: Any, depth: int = 0) -> Any:
    """An object of the kind that an annotation names, or `UNKNOWN`."""
    if depth > MAX_DEPTH:
        return UNKNOWN
    origin = typing.get_origin(annotation)
    if origin is None:
        if getattr(annotation, "__name__", None) in _NUMBERS and isinstance(annotation, type):
            return 1.0
        if annotation is complex:
            return 1j
        return _of_class(annotation, depth) if isinstance(annotation, type) else UNKNOWN
    items = typing.get_args(annotation)
    if origin is tuple and Ellipsis not in items:
        return _all(tuple, [example_of(item, depth + 1) for item in items])
    if origin in _LISTS and len(items) == 1:
        return _all(list, [example_of(items[0], depth + 1)])
    return UNKNOWN


def _of_class(cls: type, depth: int) -> Any:
    """A named tuple or an object of a dataclass, made without any code of its class."""
    hints = annotations_of(cls)
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        found = [example_of(hints.get(name), depth + 1) for name in cls._fields]
        return _all(lambda items: cls(*items), found)
    if dataclasses.is_dataclass(cls):
        names = [field.name for field in dataclasses.fields(cls)]
        found = [example_of(hints.get(name), depth + 1) for name in names]
        if UNKNOWN in found:
            return UNKNOWN
        made = object.__new__(cls)
        for name, item in zip(names, found, strict=True):
            object.__setattr__(made, name, item)
        return made
    return UNKNOWN


def _all(make: Callable[[list[Any]], Any], items: list[Any]) -> Any:
    return UNKNOWN if any(item is UNKNOWN for item in items) else make(items)
