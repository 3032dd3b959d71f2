"""Adjoints of results of any structure: numbers, arrays, and tuples, lists and dicts of them.

>>> shape = zeros_of({"a": 2.0, "b": [1, 2.5]})
>>> adjoint_like(shape, {"a": 1, "b": [0.5, None]}, "y")
{'a': 1.0, 'b': [0.5, 0.0]}
>>> adjoint_like(shape, {"a": 1}, "y")
Traceback (most recent call last):
TypeError: y is a dict with the keys 'a', 'b', and its adjoint has the keys 'a'
"""

from __future__ import annotations

import copy
from collections import deque
from types import SimpleNamespace
from typing import Any

from sourcediff import types
from sourcediff.frontend.reflect import attributes_in, is_plain_object, is_typed_array
from sourcediff.modes.tangents import still_if_truth
from sourcediff.types import Type

__all__ = [
    "TwoTangents",
    "adjoint_like",
    "apart",
    "require_still",
    "tangent_like",
    "zero_like",
    "zeros_of",
]


class TwoTangents(TypeError):
    """One object is in two places of the arguments, with a tangent for each."""


def apart(value: Any, known: dict[int, Any] | None = None) -> Any:
    """The same structure, which stays as it is whatever becomes of its lists, dicts and objects.

    Args:
        known: what was made so far, by the identity of what it was made of.

    >>> xs = [1.0, (2, [3.0])]
    >>> kept = apart(xs)
    >>> xs[1][1].clear()
    >>> kept
    [1.0, (2, [3.0])]
    """
    cls = type(value)
    if isinstance(value, int | float | str) or hasattr(value, "dtype"):
        return value
    known = {} if known is None else known
    if isinstance(value, tuple):
        items = [apart(item, known) for item in value]
        return cls(*items) if hasattr(cls, "_fields") else tuple(items)
    if id(value) in known:
        return known[id(value)]
    made: Any = value
    if is_typed_array(value):
        made = known[id(value)] = copy.copy(value)
    elif isinstance(value, list | deque):
        made = known[id(value)] = copy.copy(value)
        for place, item in enumerate(value):
            made[place] = apart(item, known)
    elif isinstance(value, dict):
        made = known[id(value)] = copy.copy(value)
        for key, item in value.items():
            made[key] = apart(item, known)
    elif is_plain_object(value):
        made = known[id(value)] = cls() if cls is SimpleNamespace else object.__new__(cls)
        for name, item in attributes_in(value).items():
            object.__setattr__(made, name, apart(item, known))
    elif is_typed_array(value):
        made = value[:]
    return made


def zeros_of(value: Any) -> Any:
    """Zeros in the structure of a value; nothing in it is shared with the value."""
    if isinstance(value, list | tuple):
        return (list if isinstance(value, list) else tuple)(map(zeros_of, value))
    if isinstance(value, dict):
        return {key: zeros_of(item) for key, item in value.items()}
    return zero_like(value)


def zero_like(number: Any) -> Any:
    """Zero for a number, or zeros for an array, also where that has infinities."""
    if not getattr(number, "shape", ()):
        kind = getattr(getattr(number, "dtype", None), "kind", "")
        return 0j if kind == "c" or isinstance(number, complex) else 0.0
    import numpy as np

    return np.zeros_like(number, dtype=number.dtype if number.dtype.kind in "fc" else float)


def adjoint_like(shape: Any, adjoint: Any, name: str) -> Any:
    """An adjoint that a user hands in, in the structure of the value; None is zero.

    Raises:
        TypeError: the two do not have the same structure.
    """
    if adjoint is None:
        return zeros_of(shape)
    kind = type(shape)
    if kind in (list, tuple):
        if not isinstance(adjoint, kind):
            raise TypeError(f"{name} is a {kind.__name__}, and its adjoint is {_a(adjoint)}")
        if len(shape) != len(adjoint):
            raise TypeError(f"{name} has {len(shape)} items, and its adjoint has {len(adjoint)}")
        pairs = enumerate(zip(shape, adjoint, strict=True))
        return kind(adjoint_like(one, other, f"{name}[{place}]") for place, (one, other) in pairs)
    if kind is dict:
        if not isinstance(adjoint, dict) or set(adjoint) != set(shape):
            has = _keys(adjoint) if isinstance(adjoint, dict) else f"is {_a(adjoint)}"
            keys = _keys(shape).removeprefix("has ")
            raise TypeError(f"{name} is a dict with {keys}, and its adjoint {has}")
        return {
            key: adjoint_like(one, adjoint[key], f"{name}[{key!r}]") for key, one in shape.items()
        }
    if kind is not float:
        found = getattr(adjoint, "shape", None)
        if found != shape.shape:
            raise TypeError(
                f"{name} is an array of shape {shape.shape}, and its adjoint is {_a(adjoint)}"
            )
        return shape + adjoint
    if isinstance(adjoint, int | float) or getattr(adjoint, "shape", None) == ():
        return float(adjoint)
    raise TypeError(f"{name} is a number, and its adjoint is {_a(adjoint)}")


def tangent_like(primal: Any, tangent: Any, name: str, places: dict[int, Any]) -> Any:
    """The tangent of an argument in its structure, or None where it does not vary.

    Args:
        places: what was found of lists, dicts and objects so far. One that is met again is one
            object, which has one tangent.

    Raises:
        TypeError: the two do not have the same structure.

    >>> tangent_like({"a": 1.0, "b": ["on", 2.0]}, {"b": [None, 1]}, "d", {})
    {'a': 0.0, 'b': [None, 1.0]}
    """
    found = _tangent(primal, tangent, name, places)
    varies = tangent is not None and not (isinstance(primal, int) and tangent == 0)
    return found if varies else None


def _tangent(primal: Any, tangent: Any, name: str, places: dict[int, Any]) -> Any:
    shape = getattr(primal, "shape", None)
    if isinstance(primal, complex):
        if tangent is None or isinstance(tangent, int | float | complex):
            return complex(tangent or 0.0)
        raise TypeError(f"the tangent of the number {name} is {_a(tangent)}")
    if isinstance(primal, int | float) or shape == ():
        if tangent is None:
            return 0.0
        if isinstance(tangent, int | float) or getattr(tangent, "shape", None) == ():
            return float(tangent)
        raise TypeError(f"the tangent of the number {name} is {_a(tangent)}")
    if shape is not None and hasattr(primal, "dtype"):
        found = _array(primal, tangent, name)
    elif isinstance(primal, tuple):
        return tuple(_items(primal, tangent, name, places))
    elif isinstance(primal, list | deque):
        found = list(_items(primal, tangent, name, places))
    elif isinstance(primal, dict):
        found = _named(primal, tangent, name, places)
    elif is_plain_object(primal):
        found = SimpleNamespace(**_named(attributes_in(primal), tangent, name, places))
    elif tangent is None or tangent is primal or type(tangent) is type(primal) is str:
        return None  # an object of the same class may stand for its tangent, with its text
    elif isinstance(tangent, int | float) and tangent == 0:
        return None
    else:
        raise TypeError(f"{name} is {_a(primal)} and does not vary: its tangent is None")
    if shape is not None:
        _require_one_tangent(primal, found, name, places)
    known = places.setdefault(id(primal), found)
    if not _same(known, found):
        raise TwoTangents(f"{name} is in two places of the arguments, with two tangents")
    return known


def require_still(kind: Type, tangent: Any, name: str, seen: set[int]) -> None:
    """Require that what has no derivative in an argument of some type has no tangent but zero.

    Args:
        tangent: the tangent in the structure of the argument, as `tangent_like` gives it.
        seen: the identities of the tangents that were looked at.

    Raises:
        TypeError: a truth value, say, has another one, which the code would pass over.

    >>> require_still(types.tuple_of((types.REAL, types.BOOL)), (1.0, 0.0), "p", set())
    >>> require_still(types.tuple_of((types.REAL, types.BOOL)), (1.0, 1.0), "p", set())
    Traceback (most recent call last):
    TypeError: p[1] does not vary here: its tangent is None
    """
    while kind.kind in ("Optional", "MaybeUnbound"):
        kind = kind.items[0]
    if isinstance(tangent, float):
        if tangent and kind in (types.BOOL, types.INT):
            raise TypeError(f"{name} does not vary here: its tangent is None")
        return
    if isinstance(tangent, complex):
        return
    still = (types.OBJECT, types.NONE, types.STR)
    if tangent is None or kind in still or kind.kind in ("Member", "Function"):
        return  # what stands in a tangent for what is no number is not looked at
    if id(tangent) in seen:
        return
    seen.add(id(tangent))
    if hasattr(tangent, "dtype"):
        if kind.kind == "Array" and kind.slots["element"].type is not types.REAL and tangent.any():
            raise TypeError(f"{name} does not vary here: its tangent is None")
    elif isinstance(tangent, list | tuple):
        for place, part in enumerate(tangent):
            held = kind.items[place] if kind.kind == "Tuple" else _element(kind)
            require_still(held, part, f"{name}[{place}]", seen)
    else:
        held_by = _parts_by_name(kind)
        for key, part in (tangent if isinstance(tangent, dict) else vars(tangent)).items():
            held = kind.slots["value"].type if kind.kind == "Dict" else held_by[key]
            require_still(held, part, f"{name}.{key}", seen)


def _element(kind: Type) -> Type:
    return kind.items[0] if kind.kind in ("Sequence", "Objects") else kind.slots["element"].type


def _parts_by_name(kind: Type) -> dict[Any, Type]:
    if kind.kind == "Instance":
        return dict(zip(kind.fields, kind.items, strict=True))
    return {name: slot.type for name, slot in kind.slots.items()}


def _same(one: Any, other: Any) -> bool:
    """Whether two tangents of one object are equal."""
    if one is other or type(one) is not type(other):
        return one is other
    if isinstance(one, SimpleNamespace):
        one, other = vars(one), vars(other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if getattr(one, "shape", ()):
        return bool((one == other).all())
    return bool(one == other)


def _array(primal: Any, tangent: Any, name: str) -> Any:
    zero = zero_like(primal)
    if tangent is None:
        return zero
    if getattr(tangent, "shape", None) != primal.shape:
        raise TypeError(f"{name} has the shape {primal.shape}, and its tangent is {_a(tangent)}")
    return zero + tangent


def _require_one_tangent(primal: Any, tangent: Any, name: str, places: dict[int, Any]) -> None:
    """Require that what two arrays of the arguments share of memory has one tangent."""
    owner = primal
    while type(owner.base) is type(owner):
        owner = owner.base
    views = places.setdefault(-id(owner), [])
    for other, its in views:
        if other is not primal and not _agree(other, its, primal, tangent):
            raise TwoTangents(f"{name} shares memory with another array, with two tangents")
    views.append((primal, tangent))


def _agree(one: Any, its: Any, other: Any, others: Any) -> bool:
    import numpy as np

    if not np.may_share_memory(one, other):
        return True
    found, wanted = (_addresses(array).ravel() for array in (one, other))
    _, here, there = np.intersect1d(found, wanted, return_indices=True)
    return bool((np.ravel(its)[here] == np.ravel(others)[there]).all())


def _addresses(array: Any) -> Any:
    """Where each number of an array is in memory."""
    import numpy as np

    found = np.asarray(array.__array_interface__["data"][0])
    for size, stride in zip(array.shape, array.strides, strict=True):
        found = np.add.outer(found, stride * np.arange(size))
    return found


def _items(primal: Any, tangent: Any, name: str, places: dict[int, Any]) -> Any:
    if tangent is None:
        tangent = (None,) * len(primal)
    if not isinstance(tangent, list | tuple | deque) or isinstance(tangent, tuple) < isinstance(
        primal, tuple
    ):
        raise TypeError(f"{name} is {_a(primal)}, and its tangent is {_a(tangent)}")
    if len(primal) != len(tangent):
        raise TypeError(f"{name} has {len(primal)} items, and its tangent has {len(tangent)}")
    for place, (one, other) in enumerate(zip(primal, tangent, strict=True)):
        yield _tangent(one, other, f"{name}[{place}]", places)


def _named(primal: Any, tangent: Any, name: str, places: dict[int, Any]) -> dict[Any, Any]:
    given = {} if tangent is None else tangent if isinstance(tangent, dict) else vars(tangent)
    unknown = [key for key in given if key not in primal]
    if unknown:
        raise TypeError(f"the tangent of {name} has {unknown[0]!r}, which {name} has not")
    moves = {key: still_if_truth(one, given.get(key)) for key, one in primal.items()}
    return {k: _tangent(one, moves[k], f"{name}.{k}", places) for k, one in primal.items()}


def _a(value: Any) -> str:
    shape = getattr(value, "shape", None)
    return f"a {type(value).__name__}" + ("" if shape is None else f" of shape {shape}")


def _keys(found: dict[Any, Any]) -> str:
    return "has the keys " + ", ".join(map(repr, found))
