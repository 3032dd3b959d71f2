"""The types that flow through the IR, and how they meet.

A type says what the derivative code depends on, and no more: whether a value is a real
number (and may carry a derivative), an integer or truth value (and may not), text, a tuple
of known shape. Python's `int` and `float` are one kind, `REAL`, where they come from
outside: what is differentiated is the real function that the program computes.

>>> join(INT, REAL), join(BOOL, INT), join(NONE, REAL)
(Real, Int, Optional[Real])
>>> join(STR, REAL) is None
True

A list, a dict or an object is known by where it was made: what it holds is a `Slot`, whose type
grows with everything that is written to it through any name. Where two of them meet in one
value, their slots become one, since what is written through that value may land in either.

>>> numbers, empty = list_of(Slot(REAL)), list_of(Slot())
>>> join(numbers, empty), empty
(List[Real], List[Real])
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from weakref import WeakValueDictionary

__all__ = [
    "BOOL",
    "COMPLEX",
    "DRAWS",
    "FUNCTION",
    "INT",
    "KEPT",
    "NEVER",
    "NONE",
    "OBJECT",
    "RANGE",
    "REAL",
    "SLICE",
    "STR",
    "UNBOUND",
    "Slot",
    "Type",
    "Widened",
    "array_of",
    "dict_of",
    "draws_of",
    "elementwise",
    "fits",
    "function_of",
    "held_by",
    "holds",
    "instance_of",
    "is_member",
    "is_memory",
    "is_number",
    "iterator_of",
    "join",
    "list_of",
    "maybe_unbound",
    "member_of",
    "object_of",
    "optional",
    "place_of",
    "rank_of",
    "record_of",
    "same",
    "sequence_of",
    "set_of",
    "tuple_of",
    "varies",
    "without_places",
]


class Widened(Exception):
    """Something was written that does not fit what had been read there: to be lowered again."""


class Slot:
    """What a mutable object holds in one place: the meeting of all that is written there.

    Two slots can become one (`unite`). `read` says that code relies on the type, so that a wider
    one means that the code has to be made anew.
    """

    __slots__ = ("_found", "_parent", "_read", "tangents")

    #: How often the type of any slot became wider.
    changes = 0

    def __init__(self, type: Type | None = None) -> None:
        self._found: Type = NEVER if type is None else type
        self._parent: Slot | None = None
        self._read = False
        #: In forward mode, what the objects beside hold, which have the tangents.
        self.tangents: Slot | None = None

    @property
    def root(self) -> Slot:
        """The slot that stands for this one and all that it was united with."""
        slot = self
        while slot._parent is not None:
            slot = slot._parent
        return slot

    @property
    def type(self) -> Type:
        """The type of what is held, as far as it is known now."""
        return self.root._found

    def read(self) -> Type:
        """The type of what is held; from now on the code relies on it."""
        root = self.root
        root._read = True
        return root._found

    def settle(self, type: Type) -> None:
        """Take another type for what is held, once all is lowered."""
        self.root._found = type

    def write(self, type: Type) -> bool:
        """Something of this type is put there; False if it cannot be held beside the rest.

        Raises:
            Widened: code relies on the narrower type.
        """
        root = self.root
        if not _meet(root._found, type, ()):
            return False
        joined = join(root._found, type)
        if joined is None:
            return False
        root = self.root  # the two may have been united by their own meeting
        if joined.kind == "Function":
            root._found = joined if same(joined, root._found) else root._found
        if not same(joined, root._found):
            Slot.changes += 1
            root._found = joined
            if root._read:
                root._read = False
                raise Widened
        return True

    def unite(self, other: Slot) -> bool:
        """Make one slot of two; False if what they hold cannot be held together."""
        one, two = self.root, other.root
        if one is two:
            return True
        found = two._found
        two._parent = one
        relied = two._read and not same(one._found, found)
        one._read = one._read or two._read
        if not one.write(found):
            two._parent = None  # it is refused at every attempt, not only at the first
            return False
        if relied:
            raise Widened
        return True


class Type:
    """A type: a kind, and for a compound one its parts. Equal types are one object."""

    __slots__ = ("__weakref__", "cls", "fields", "items", "kind", "lies", "of", "slots")

    def __init__(
        self,
        kind: str,
        items: tuple[Type, ...] = (),
        cls: type | None = None,
        fields: tuple[str, ...] = (),
        slots: dict[str, Slot] | None = None,
    ) -> None:
        self.kind = kind
        self.items = items
        self.cls = cls
        self.fields = fields
        #: What a mutable object holds, by place: "element"; "key", "value"; its attributes.
        self.slots: dict[str, Slot] = {} if slots is None else slots
        #: What is known of a function beside its key, for whoever made the type.
        self.of: Any = None
        #: Of an array that is handed in, the order in which it is in one piece: "C", "F" or None.
        self.lies: str | None = None

    def __repr__(self) -> str:
        if self.kind == "Function":
            return self.kind
        if self.kind in ("Instance", "Member", "Object", "Place"):
            assert self.cls is not None
            return self.cls.__name__
        if self.kind == "Array":
            rank = rank_of(self)
            return f"Array[{self.slots['element'].type}, {'?' if rank is None else rank}]"
        if self.kind == "Record":
            return f"Record[{', '.join(self.slots)}]"
        if self.slots:
            parts = ", ".join(repr(slot.type) for slot in self.slots.values())
            return f"{self.kind}[{parts}]"
        if not self.items:
            return self.kind
        return f"{self.kind}[{', '.join(map(repr, self.items))}]"

    def field(self, name: str) -> Type | None:
        """The type of an attribute of an instance, or None where it has no such attribute."""
        if name in self.fields:
            return self.items[self.fields.index(name)]
        return None


REAL = Type("Real")
#: A complex number as one value: what an array of such holds.
COMPLEX = Type("Complex")
INT = Type("Int")
BOOL = Type("Bool")
STR = Type("Str")
NONE = Type("None")
#: A value that the program only hands on (an exception it raises, what it prints).
OBJECT = Type("Opaque")
#: What a function keeps for the one that turns it round: None, a value, or a tuple of such.
KEPT = Type("Kept")
#: A function as a value.
FUNCTION = Type("Function")
#: A generator of random numbers of Python's own kind.
DRAWS = Type("Draws")
#: What `range` gives.
RANGE = Type("Range")
#: What stands between the brackets of ``xs[1:3]``.
SLICE = Type("Slice")
#: The type of a value that is never read: what an arm that has left would have yielded.
NEVER = Type("Never")
#: The type of a name that nothing has been bound to.
UNBOUND = Type("Unbound")
#: Whether the body of a try statement raised what it catches.
CAUGHT = Type("Caught")
#: That the context of a with statement is entered.
ENTERED = Type("Entered")

#: The types in use: one that nothing is made of any more is forgotten.
_compound: WeakValueDictionary[tuple[object, ...], Type] = WeakValueDictionary()


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


def member_of(cls: type) -> Type:
    """The type of the members of an enumeration."""
    return _intern("Member", (), cls)


def place_of(cls: type) -> Type:
    """The type of the place of an object of a class among all of them, while one lowers."""
    return _intern("Place", (), cls)


def without_places(t: Type) -> Type:
    """A type in which places are whole numbers, as they are once all is lowered.

    >>> class Node: ...
    >>> without_places(optional(place_of(Node)))
    Optional[Int]
    """
    if t.kind == "Place":
        return INT
    for slot in t.slots.values():
        slot.settle(without_places(slot.type))
    items = tuple(map(without_places, t.items))
    return t if items == t.items else _intern(t.kind, items, t.cls, t.fields)


def draws_of(cls: type) -> Type:
    """The type of the generators of random numbers of a class of NumPy."""
    return _intern("Draws", (), cls)


def is_member(t: Type) -> bool:
    """Whether a value of this type is a member of an enumeration, or None in its place."""
    return t.kind == "Member" or (t.kind == "Optional" and t.items[0].kind == "Member")


def bare(t: Type) -> Type:
    """The type that a name has where it is bound."""
    return t.items[0] if t.kind == "MaybeUnbound" else t


def function_of(key: object, of: Any) -> Type:
    """The type of a function that is known: by where it is made, its `key`."""
    made = Type("Function", fields=(key,))  # type: ignore[arg-type]
    made.of = of
    return made


def sequence_of(item: Type) -> Type:
    """The type of a tuple whose length only the run knows."""
    return _intern("Sequence", (item,))


def list_of(element: Slot, kind: str = "List", cls: type | None = None) -> Type:
    """The type of one list, or of all those that cannot be told from it; also "Deque".

    With the class `tuple` it is that of a tuple, of which only the run knows the length.
    """
    return Type(kind, cls=cls, slots={"element": element})


def set_of(element: Slot) -> Type:
    """The type of a set."""
    return Type("Set", slots={"element": element})


def dict_of(key: Slot, value: Slot, cls: type = dict) -> Type:
    """The type of a dict (or of a subclass of it) whose values are of one type."""
    return Type("Dict", cls=cls, slots={"key": key, "value": value})


def record_of(slots: dict[str, Slot]) -> Type:
    """The type of a dict with known texts as keys, each with a type of its own."""
    return Type("Record", cls=dict, slots=slots)


def object_of(cls: type, slots: dict[str, Slot]) -> Type:
    """The type of an object whose attributes may be written.

    All objects of a class share one table of slots, to which attributes are added as they appear.
    """
    return Type("Object", cls=cls, slots=slots)


def iterator_of(item: Slot) -> Type:
    """The type of what `zip`, `enumerate`, `map`, … give: good for one pass."""
    return Type("Iterator", slots={"element": item})


def array_of(element: Slot, rank: int | None) -> Type:
    """The type of an array of numbers with this many axes; all views of it share its slot.

    Where `rank` is None, only the run knows how many, and it may be a number instead.
    """
    return Type("Array", fields=(rank,), slots={"element": element})  # type: ignore[arg-type]


def rank_of(t: Type) -> int | None:
    """How many axes an array has, 0 for a number; None where only the run knows."""
    if t.kind != "Array":
        return 0
    found: Any = t.fields[0]
    return found if found is None else int(found)


def elementwise(kinds: Sequence[Type], element: Type | None = None) -> Type | None:
    """The type of what is computed element by element from numbers and arrays.

    None where that is neither, where only the run knows how many axes it has, or where the only
    numbers are truth values of arrays, with which no arithmetic is done. What gives real numbers
    gives complex ones where an operand is complex.

    >>> elementwise([REAL, INT]), elementwise([array_of(Slot(REAL), 2), INT])
    (Real, Array[Real, 2])
    """
    found: Type | None = NEVER
    for kind in kinds:
        number = kind.slots["element"].type if kind.kind == "Array" else kind
        if not is_number(number) or number.kind == "Optional" or rank_of(kind) is None:
            return None
        found = join(found, number) if found is not None else None
    rank = max(rank_of(kind) or 0 for kind in kinds)
    if rank and found is BOOL and element is None:
        return None
    if element is REAL and found is COMPLEX:
        element = COMPLEX
    found = element or found
    return array_of(Slot(found), rank) if rank and found is not None else found


MEMORY = ("List", "Deque", "Set", "Dict", "Record", "Object", "Iterator", "Array")


def is_memory(t: Type) -> bool:
    """Whether a value of this type refers to something that can change, now or within."""
    return t.kind in MEMORY or any(map(is_memory, t.items))


def held_by(t: Type) -> Iterator[Slot]:
    """The slots of an object."""
    yield from t.slots.values()


def holds(kind: str, found: Iterable[Type]) -> bool:
    """Whether there is a type of this kind among others, or in what they hold."""
    pending, seen = list(found), set()
    while pending:
        t = pending.pop()
        if t.kind == kind:
            return True
        if id(t) not in seen:
            seen.add(id(t))
            pending += [*t.items, *(slot.type for slot in t.slots.values())]
    return False


def same(a: Type, b: Type) -> bool:
    """Whether two types are one: equal, and of mutable objects with the same slots."""
    if a is b:
        return True
    if a.kind == "Function":
        return b.kind == "Function" and a.fields == b.fields
    if a.kind != b.kind or a.cls is not b.cls or a.fields != b.fields:
        return False
    if a.slots is b.slots:
        return len(a.items) == len(b.items) and all(map(same, a.items, b.items))
    if a.kind in MEMORY:
        return a.slots.keys() == b.slots.keys() and all(
            slot.root is b.slots[name].root for name, slot in a.slots.items()
        )
    return bool(a.items) and len(a.items) == len(b.items) and all(map(same, a.items, b.items))


def instance_of(cls: type, fields: dict[str, Type]) -> Type:
    """The type of an object: its class and the types of its attributes."""
    return _intern("Instance", fields.values(), cls, tuple(fields))


def objects_of(item: Type) -> Type:
    """The type of a list of objects of one class that is handed in."""
    return _intern("Objects", (item,))


_NUMBERS = {BOOL: 0, INT: 1, REAL: 2, COMPLEX: 3}


def is_number(t: Type) -> bool:
    """Whether a value of this type takes part in arithmetic."""
    return t in _NUMBERS or (t.kind == "Optional" and t.items[0] in _NUMBERS)


def varies(t: Type) -> bool:
    """Whether numbers of a type may carry a derivative."""
    return t is REAL or t is COMPLEX


def join(a: Type, b: Type) -> Type | None:
    """The type of what is an `a` on one path and a `b` on the other; None if there is none."""
    if a is b or b is NEVER:
        return a
    if a.kind == b.kind == "Function":
        return b if a.fields == b.fields else FUNCTION
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
        if a.cls is not b.cls:
            return None
        items = [join(x, y) for x, y in zip(a.items, b.items, strict=True)]
        return None if None in items else tuple_of((t for t in items if t is not None), a.cls)
    if a.kind in ("Tuple", "Sequence") and b.kind in ("Tuple", "Sequence"):
        found: Type | None = NEVER
        for item in (*a.items, *b.items):
            found = join(found, item) if found is not None else None
        return found and sequence_of(found)
    if "Array" in (a.kind, b.kind):
        return _join_arrays(a, b)
    if a.kind in MEMORY and a.kind == b.kind and a.cls is b.cls:
        return _join_memory(a, b)
    return None


def fits(given: Type, wanted: Type) -> bool:
    """Whether a value of one type may stand where another is wanted. Changes no slot.

    >>> fits(INT, REAL), fits(REAL, INT), fits(NONE, optional(REAL))
    (True, False, True)
    """
    if given is wanted or given is NEVER or wanted is KEPT:
        return True
    if wanted.kind == "MaybeUnbound":
        inner = given.items[0] if given.kind == "MaybeUnbound" else given
        return given is UNBOUND or fits(inner, wanted.items[0])
    if given in _NUMBERS and wanted in _NUMBERS:
        return _NUMBERS[given] <= _NUMBERS[wanted]
    if wanted.kind == "Optional":
        inner = given.items[0] if given.kind == "Optional" else given
        return given is NONE or fits(inner, wanted.items[0])
    if given.kind in ("Tuple", "Sequence") and wanted.kind == "Sequence":
        return all(fits(item, wanted.items[0]) for item in given.items)
    if given.kind == wanted.kind == "Tuple":
        return (
            given.cls is wanted.cls
            and len(given.items) == len(wanted.items)
            and all(map(fits, given.items, wanted.items))
        )
    if wanted.kind == "Function":
        # One of several functions is known by its place among them.
        return given.kind == "Function" or (given is INT and wanted.of is not None)
    if wanted.kind == "Array" and rank_of(wanted) is None:
        return given in _NUMBERS or same(given, array_of(wanted.slots["element"], rank_of(given)))
    return same(given, wanted)


def _meet(a: Type, b: Type, within: tuple[tuple[Type, Type], ...]) -> bool:
    """Whether two types have a join, found out without touching what they hold."""
    if a is b or NEVER in (a, b) or (a, b) in within:
        return True
    if a.kind in ("Optional", "MaybeUnbound") or b.kind in ("Optional", "MaybeUnbound"):
        one, other = ((t.items[0] if t.kind in ("Optional", "MaybeUnbound") else t) for t in (a, b))
        return NONE in (one, other) or UNBOUND in (one, other) or _meet(one, other, within)
    if "Array" in (a.kind, b.kind):
        known = (*_NUMBERS, NONE, UNBOUND)
        return all(t.kind == "Array" or t in known for t in (a, b))
    if a.kind in MEMORY and a.kind == b.kind:
        if a.cls is not b.cls or (a.kind == "Record" and a.slots.keys() != b.slots.keys()):
            return False
        if a.kind == "Object":
            return a.slots is b.slots
        return all(
            _meet(slot.type, b.slots[name].type, (*within, (a, b)))
            for name, slot in a.slots.items()
        )
    if a.kind in ("Tuple", "Sequence") and b.kind in ("Tuple", "Sequence"):
        if a.kind == b.kind == "Tuple" and len(a.items) == len(b.items):
            parts = zip(a.items, b.items, strict=True)
            return a.cls is b.cls and all(_meet(x, y, within) for x, y in parts)
        items = [*a.items, *b.items]
        return all(_meet(items[0], item, within) for item in items)
    if a.kind in MEMORY or b.kind in MEMORY:
        return NONE in (a, b) or UNBOUND in (a, b)
    return join(a, b) is not None


def _join_memory(a: Type, b: Type) -> Type | None:
    """Two mutable objects in one value: from now on they are told apart no more."""
    if a.kind == "Record" and a.slots.keys() != b.slots.keys():
        return None
    if a.kind == "Object" and a.slots is not b.slots:
        return None
    if all(slot.unite(b.slots[name]) for name, slot in list(a.slots.items())):
        return a
    return None


def _join_arrays(a: Type, b: Type) -> Type | None:
    """Two arrays, or an array and a number, in one value."""
    whole, other = (a, b) if a.kind == "Array" else (b, a)
    slot = whole.slots["element"]
    if other in _NUMBERS:
        return array_of(slot, None) if slot.write(other) else None
    if other.kind != "Array" or not slot.unite(other.slots["element"]):
        return None
    return array_of(slot, rank_of(a) if rank_of(a) == rank_of(b) else None)
