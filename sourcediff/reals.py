"""Whole numbers that are handed in for reals, where arrays are made of them.

An array of whole numbers holds no fractions, and neither does one of adjoints that is made like it.
So a function that makes arrays is given floats for the arguments that are differentiated. What no
array is made of stays whole: it may be a length, or seed a generator of random numbers.

>>> as_reals(3), as_reals([1, 2.5]), as_reals({"n": (2, True), "name": "w"})
(3.0, [1.0, 2.5], {'n': (2.0, True), 'name': 'w'})
>>> as_reals({"n": 2, "k": 3}, {"['n']": {}})
{'n': 2, 'k': 3.0}
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import Any, cast

from sourcediff.flow import functions_reached
from sourcediff.frontend.primitives import COLUMN, GETATTR, GETITEM, UNPACK
from sourcediff.frontend.reflect import attributes_in, is_plain_object
from sourcediff.ir import Function, Op, Value, walk
from sourcediff.transform.arrays.whole_numbers import WholeNumbers

__all__ = [
    "Kept",
    "as_reals",
    "has_arrays",
    "makes_arrays",
    "paths_to",
    "stays_whole",
    "wants_integers",
]


#: By attribute, key or place what stays whole in it; of what is empty, all of it.
Kept = dict[str, Any]


def as_reals(value: Any, kept: Kept | None = None) -> Any:
    """The same with floats for ints; the very object where it holds none.

    Args:
        kept: what stays as it is, as `stays_whole` has it.
    """
    if kept is not None and not kept:
        return value
    kept = kept or {}
    cls = value.__class__
    if cls is int or (getattr(value, "shape", None) == () and value.dtype.kind in "iu"):
        return float(value)
    if isinstance(value, list | tuple):
        each = kept.get("[*]")
        names = getattr(cls, "_fields", None)
        steps = [f"[{k}]" if names is None else f".{names[k]}" for k in range(len(value))]
        items = [as_reals(v, kept.get(s, each)) for v, s in zip(value, steps, strict=True)]
        if all(one is other for one, other in zip(items, value, strict=True)):
            return value
        if hasattr(cls, "_fields"):
            return cls(*items)
        return items if cls is list else tuple(items) if cls is tuple else value
    if cls is dict:
        found = {key: as_reals(item, kept.get(f"[{key!r}]")) for key, item in value.items()}
        return found if any(found[key] is not item for key, item in value.items()) else value
    if is_plain_object(value):
        changed = {n: as_reals(v, kept.get(f".{n}")) for n, v in attributes_in(value).items()}
        held = attributes_in(value)
        if all(changed[name] is item for name, item in held.items()):
            return value
        made = copy.copy(value)
        for name, item in changed.items():
            object.__setattr__(made, name, item)
        return made
    return value


def stays_whole(function: Function) -> Kept:
    """What stays whole, by the name of the parameter: no array is made of it alone."""
    numbers = WholeNumbers(function)
    whole: dict[str, Kept] = {}
    for name, path in paths_to(function, numbers.leaves.keys() - numbers.met_in_arrays()).values():
        tree = whole.setdefault(name, {})
        for step in path:
            tree = tree.setdefault(step, {})
    return whole


def paths_to(function: Function, values: Iterable[Value]) -> dict[Value, tuple[str, list[str]]]:
    """The names of the parameters that values are read in, and the way there."""
    steps: dict[Value, tuple[Value, list[str]]] = {}
    for op in function.body.ops:
        if op.args and (op.args[0] in steps or op.args[0] in function.parameters):
            for result, path in zip(op.results, _paths(op), strict=False):
                steps[result] = (cast(Value, op.args[0]), path)
    found: dict[Value, tuple[str, list[str]]] = {}
    for value in values:
        root, way = value, list[str]()
        while root in steps:
            root, further = steps[root]
            way = [*further, *way]
        if root.name is not None and root in function.parameters:
            found[value] = (root.name, way)
    return found


def _paths(op: Op) -> list[list[str]]:
    """How each result is read in the operand: by attribute, key or place, of each in a list."""
    if op.primitive is COLUMN:
        return [["[*]", *op.attribute]]
    if op.primitive is GETATTR:
        return [[f".{op.attribute}"]]
    if op.primitive is GETITEM:
        return [[f"[{op.attribute!r}]"]]
    if op.primitive is UNPACK:
        names = getattr(op.args[0].type.cls, "_fields", None)
        places = range(len(op.results))
        return [[f"[{k}]" if names is None else f".{names[k]}"] for k in places]
    return []


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


_ASKS_INTEGERS = re.compile(r"\bint(s|egers?|egral|\d+)?\b|'float' object is not iter")


def wants_integers(error: Exception) -> bool:
    """Whether Python or NumPy says that a float stands where only a whole number may."""
    return _ASKS_INTEGERS.search(str(error)) is not None
