"""Whole numbers that are handed in for reals, where arrays are made of them.

An array of whole numbers holds no fractions, and neither does one of adjoints that is made like it.
So a function that makes arrays is given floats for the arguments that are differentiated.

>>> as_reals(3), as_reals([1, 2.5]), as_reals({"n": (2, True), "name": "w"})
(3.0, [1.0, 2.5], {'n': (2.0, True), 'name': 'w'})
"""

from __future__ import annotations

import copy
from typing import Any

from sourcediff.flow import functions_reached
from sourcediff.frontend.reflect import attributes_in, is_plain_object
from sourcediff.ir import Function, walk

__all__ = ["as_reals", "has_arrays", "makes_arrays", "wants_integers"]


def as_reals(value: Any) -> Any:
    """The same with floats for ints; the very object where it holds none."""
    cls = value.__class__
    if cls is int or (getattr(value, "shape", None) == () and value.dtype.kind in "iu"):
        return float(value)
    if isinstance(value, list | tuple):
        items = list(map(as_reals, value))
        if all(one is other for one, other in zip(items, value, strict=True)):
            return value
        if hasattr(cls, "_fields"):
            return cls(*items)
        return items if cls is list else tuple(items) if cls is tuple else value
    if cls is dict:
        found = {key: as_reals(item) for key, item in value.items()}
        return found if any(found[key] is not item for key, item in value.items()) else value
    if is_plain_object(value):
        changed = {n: as_reals(item) for n, item in attributes_in(value).items()}
        held = attributes_in(value)
        if all(changed[name] is item for name, item in held.items()):
            return value
        made = copy.copy(value)
        for name, item in changed.items():
            object.__setattr__(made, name, item)
        return made
    return value


def makes_arrays(function: Function) -> bool:
    """Whether a function makes an array."""
    return any(
        result.type.kind == "Array"
        for reached in functions_reached(function)[0]
        for op in walk(reached.body)
        for result in op.results
    )


def has_arrays(function: Function) -> bool:
    """Whether a function makes arrays, or is given some."""
    given = any(parameter.type.kind == "Array" for parameter in function.parameters)
    return given or makes_arrays(function)


def wants_integers(error: Exception) -> bool:
    """Whether Python or NumPy says that a float stands where only a whole number may."""
    return any(text in str(error) for text in ("integer", "expects int", "to dtype('int"))
