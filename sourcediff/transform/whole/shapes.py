"""What a type holds, as far as derivatives are concerned.

>>> from sourcediff.types import INT, REAL, Slot, list_of
>>> holds_numbers(list_of(Slot(REAL))), holds_numbers(list_of(Slot(INT)))
(True, False)
"""

from __future__ import annotations

from collections.abc import Iterator

from sourcediff import types
from sourcediff.types import REAL, Slot, Type

__all__ = [
    "element",
    "holds_numbers",
    "inner",
    "is_known",
    "is_real",
    "rank_of",
    "slots_within",
    "varying_within",
]


#: The kinds of types that are known here; whatever else there is, is refused.
_KINDS = frozenset(
    [
        "Real",
        "Int",
        "Bool",
        "Str",
        "Member",
        "Draws",
        "None",
        "Opaque",
        "Function",
        "Range",
        "Slice",
        "Never",
        "Unbound",
        "MaybeUnbound",
        "Optional",
        "Tuple",
        "Sequence",
        "List",
        "Deque",
        "Set",
        "Dict",
        "Record",
        "Object",
        "Iterator",
        "Array",
    ]
)


def is_known(t: Type) -> bool:
    """Whether this is a type of which derivatives know what it holds."""
    return t.kind in _KINDS and all(map(is_known, t.items))


def inner(t: Type) -> Type:
    """The type without "or None" and "or not bound"."""
    while t.kind in ("Optional", "MaybeUnbound"):
        t = t.items[0]
    return t


def is_real(t: Type) -> bool:
    """Whether a value of this type is a real number, where it is anything."""
    return inner(t) is REAL


def rank_of(t: Type) -> int | None:
    """How many axes an array has, or what may be one or None; 0 for a number.

    >>> from sourcediff.types import array_of, optional
    >>> rank_of(optional(array_of(Slot(REAL), 2)))
    2
    """
    return types.rank_of(inner(t))


def element(t: Type) -> Type:
    """The type of what is at a place of a sequence, or at a key of a dict."""
    t = inner(t)
    if t.kind in ("List", "Deque", "Set", "Iterator"):
        return t.slots["element"].type
    if t.kind == "Array":
        slot, rank = t.slots["element"], types.rank_of(t)
        return slot.type if rank == 1 else types.array_of(slot, rank and rank - 1)
    if t.kind == "Dict":
        return t.slots["value"].type
    if t.kind == "Sequence":
        return t.items[0]
    if t.kind == "Range":
        return types.INT
    if t.kind == "Str":
        return types.STR
    found: Type | None = types.NEVER
    for part in t.items or [slot.type for slot in t.slots.values()]:
        found = types.join(found, part) if found is not None else None
    return types.OBJECT if found is None else found


def slots_within(t: Type, seen: set[Slot] | None = None, keys: bool = True) -> Iterator[Slot]:
    """All slots that a value of this type leads to, each once.

    Args:
        keys: whether those of the keys of dicts are among them.
    """
    seen = set() if seen is None else seen
    for part in t.items:
        yield from slots_within(part, seen, keys)
    for name, slot in list(t.slots.items()):
        root = slot.root
        if root not in seen and (keys or t.kind != "Dict" or name != "key"):
            seen.add(root)
            yield root
            yield from slots_within(root.type, seen, keys)


def varying_within(t: Type) -> Iterator[Slot]:
    """The slots that a value of this type leads to and that may hold a number that varies."""
    return slots_within(t, keys=False)


def holds_numbers(t: Type) -> bool:
    """Whether there is a real number in what a value of this type leads to."""
    return _in_tuple(t) or any(_in_tuple(slot.type) for slot in slots_within(t))


def _in_tuple(t: Type) -> bool:
    return t is REAL or any(map(_in_tuple, t.items))
