"""The kind that two things in one list have together, where theirs differ in what the run can tell.

Layers of a network are objects of one class; of the last the weights may have one column, which
decides how they are broadcast. Of both together it is not known before the run.

>>> from sourcediff.types import REAL, Slot, array_of, instance_of
>>> wide, narrow = array_of(Slot(REAL), 2), array_of(Slot(REAL), 2)
>>> wide.of, narrow.of = (False, False), (False, True)
>>> parts = [("Array", "Real", kind.of, None) for kind in (wide, narrow)]
>>> joined((wide, parts[0]), (narrow, parts[1]))[1]
('Array', 'Real', (False, None), None)
"""

from __future__ import annotations

from typing import Any

from sourcediff import types
from sourcediff.types import Slot, Type, rank_of

__all__ = ["joined"]


def joined(one: tuple[Type, Any], other: tuple[Type, Any]) -> tuple[Type, Any] | None:
    """The kind of two things, and its part of the cache key; None where there is none."""
    if one[1] == other[1]:
        return one
    kind, found = one[0], other[0]
    if kind.kind != found.kind or (kind.kind != "Array" and kind.cls is not found.cls):
        return None
    if kind.kind == "Array":
        return _arrays(kind, found)
    if kind.kind == "List":
        return _lists(one, other)
    if kind.kind == "Instance" and kind.fields == found.fields:
        return _structures(one, other)
    if kind.kind == "Tuple" and len(kind.items) == len(found.items):
        return _structures(one, other)
    return None


def _arrays(one: Type, other: Type) -> tuple[Type, Any] | None:
    element = one.slots["element"].type
    if element is not other.slots["element"].type or rank_of(one) != rank_of(other):
        return None
    made = types.array_of(Slot(element), rank_of(one) or 0)
    made.of = tuple([a if a == b else None for a, b in zip(one.of, other.of, strict=True)])
    made.cls = one.cls if one.cls is other.cls else None
    return made, ("Array", element.kind, made.of, made.cls)


def _lists(one: tuple[Type, Any], other: tuple[Type, Any]) -> tuple[Type, Any] | None:
    """Lists of arrays, which are known by what their arrays are."""
    inner = [kind.slots["element"].type for kind, _ in (one, other)]
    if inner[0].kind != "Array" or inner[1].kind != "Array":
        return None
    found = _arrays(*inner)
    return found and (types.list_of(Slot(found[0])), ("List", *found[1]))


def _structures(one: tuple[Type, Any], other: tuple[Type, Any]) -> tuple[Type, Any] | None:
    """Objects of one class that hold the same attributes, and tuples of one length."""
    (kind, (what, cls, *parts)), (found, (_, _, *found_parts)) = one, other
    is_object = kind.kind == "Instance"
    items, keys = [], []
    for item, part, of, of_part in zip(kind.items, parts, found.items, found_parts, strict=True):
        pairs = ((item, part[1]), (of, of_part[1])) if is_object else ((item, part), (of, of_part))
        both = joined(*pairs)
        if both is None:
            return None
        items.append(both[0])
        keys.append((part[0], both[1]) if is_object else both[1])
    if is_object:
        made = types.instance_of(cls, dict(zip(kind.fields, items, strict=True)))
    else:
        made = types.tuple_of(items, kind.cls)
    return made, (what, cls, *keys)
