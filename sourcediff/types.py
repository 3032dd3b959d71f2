"""The types that flow through the IR, and how they meet.

A type says what the derivative code depends on, and no more: whether a value is a real
number (and may carry a derivative), an integer or truth value (and may not), text, a tuple
of known shape. Python's `int` and `float` are one kind, `REAL`, where they come from
outside: what is differentiated is the real function that the program computes.

>>> join(INT, REAL), join(BOOL, INT), join(NONE, REAL)
(Real, Int, Optional[Real])
>>> join(STR, REAL) is None
True
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "BOOL",
    "INT",
    "NEVER",
    "NONE",
    "OBJECT",
    "REAL",
    "STR",
    "UNBOUND",
    "Type",
    "instance_of",
    "is_number",
    "join",
    "maybe_unbound",
    "optional",
    "tuple_of",
]


class Type:
    """A type: a kind, and for a compound one its parts. Equal types are one object."""

    __slots__ = ("cls", "fields", "items", "kind")

    def __init__(
        self,
        kind: str,
        items: tuple[Type, ...] = (),
        cls: type | None = None,
        fields: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.items = items
        self.cls = cls
        self.fields = fields

    def __repr__(self) -> str:
        if self.kind == "Instance":
            assert self.cls is not None
            return self.cls.__name__
        if not self.items:
            return self.kind
        return f"{self.kind}[{', '.join(map(repr, self.items))}]"

    def field(self, name: str) -> Type | None:
        """The type of an attribute of an instance, or None where it has no such attribute."""
        if name in self.fields:
            return self.items[self.fields.index(name)]
        return None


REAL = Type("Real")
INT = Type("Int")
BOOL = Type("Bool")
STR = Type("Str")
NONE = Type("None")
#: A value that the program only hands on (an exception it raises, what it prints).
OBJECT = Type("Object")
#: The type of a value that is never read: what an arm that has left would have yielded.
NEVER = Type("Never")
#: The type of a name that nothing has been bound to.
UNBOUND = Type("Unbound")

_compound: dict[tuple[object, ...], Type] = {}


def _intern(
    kind: str,
    items: Iterable[Type],
    cls: type | None = None,
    fields: tuple[str, ...] = (),
) -> Type:
    parts = tuple(items)
    key = (kind, cls, fields, *parts)
    found = _compound.get(key)
    if found is None:
        found = _compound[key] = Type(kind, parts, cls, fields)
    return found


def tuple_of(items: Iterable[Type], cls: type | None = None) -> Type:
    """The type of a tuple of known length; of a named tuple where `cls` is given."""
    return _intern("Tuple", items, cls)


def optional(item: Type) -> Type:
    """The type of a value that is None or of type `item`."""
    return item if item.kind == "Optional" else _intern("Optional", (item,))


def maybe_unbound(item: Type) -> Type:
    """The type of a name that some paths bind to an `item`, and others do not bind."""
    return item if item.kind == "MaybeUnbound" else _intern("MaybeUnbound", (item,))


def instance_of(cls: type, fields: dict[str, Type]) -> Type:
    """The type of an object: its class and the types of its attributes."""
    return _intern("Instance", fields.values(), cls, tuple(fields))


_NUMBERS = {BOOL: 0, INT: 1, REAL: 2}


def is_number(t: Type) -> bool:
    """Whether a value of this type takes part in arithmetic."""
    return t in _NUMBERS or (t.kind == "Optional" and t.items[0] in _NUMBERS)


def join(a: Type, b: Type) -> Type | None:
    """The type of what is an `a` on one path and a `b` on the other; None if there is none."""
    if a is b or b is NEVER:
        return a
    if a is NEVER:
        return b
    if a is UNBOUND or b is UNBOUND:
        return maybe_unbound(b if a is UNBOUND else a)
    if a.kind == "MaybeUnbound" or b.kind == "MaybeUnbound":
        inner = join(*(t.items[0] if t.kind == "MaybeUnbound" else t for t in (a, b)))
        return inner and maybe_unbound(inner)
    if a in _NUMBERS and b in _NUMBERS:
        return a if _NUMBERS[a] >= _NUMBERS[b] else b
    if a is NONE or b is NONE:
        other = b if a is NONE else a
        return other if other.kind == "Optional" else optional(other)
    if a.kind == "Optional" or b.kind == "Optional":
        inner = join(*(t.items[0] if t.kind == "Optional" else t for t in (a, b)))
        return inner and optional(inner)
    if a.kind == b.kind == "Tuple" and len(a.items) == len(b.items):
        items = [join(x, y) for x, y in zip(a.items, b.items, strict=True)]
        return None if None in items else tuple_of(t for t in items if t is not None)
    return None
