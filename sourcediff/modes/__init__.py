"""`jvp` and `vjp`: from a user's function to the function that they return."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

__all__ = ["made_for"]

Entry = Callable[..., Any]


def made_for(function: Any, make: Callable[[Any], Entry]) -> Entry:
    """What `make` makes of a function: once, and remembered with all that it compiles."""
    try:
        return _remembered(make, function)
    except TypeError:
        if getattr(function, "__hash__", None) is not None:
            raise
        return make(function)  # an object that is called, and has no identity to be known by


@lru_cache(maxsize=256)
def _remembered(make: Callable[[Any], Entry], function: Any) -> Entry:
    return make(function)
