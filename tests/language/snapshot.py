"""What can be seen of values: every number to the bit, every class, and what is shared.

A snapshot is nested tuples.  A mutable object is described where it is met first and has a
number; where it is met again, there is only its number.  So two snapshots are equal exactly if
the values are, with the same objects in the same places.
"""

import dataclasses
import struct
import types
from collections import defaultdict, deque
from typing import Any, NamedTuple

Snapshot = Any


class First(NamedTuple):
    """A mutable object where it is met first."""

    number: int
    contents: tuple[Snapshot, ...]


class Again(NamedTuple):
    """A mutable object that was met before."""

    number: int


class Snapshots:
    """Describes values; objects are numbered through everything that it describes."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        # An object that is gone could leave its identity to another.
        self._alive: list[Any] = []

    def of(self, value: Any) -> Snapshot:
        """Returns the snapshot of a value.

        >>> shared = [-0.0]
        >>> _, (first, again) = Snapshots().of((shared, shared))
        >>> first, again
        (First(number=0, contents=(<class 'list'>, ('0x8000000000000000',))), Again(number=0))
        """
        cls = type(value)
        if isinstance(value, float):
            bits = "0x" + struct.pack(">d", value).hex()
            return bits if cls is float else (cls, bits)
        if value is None or isinstance(value, str | int | type):
            return cls, value
        if isinstance(value, tuple):
            return cls, tuple(map(self.of, value))
        if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType):
            return "function", value.__name__
        if _is_frozen(value):
            return cls, self._attributes(value)
        if id(value) in self._numbers:
            return Again(self._numbers[id(value)])
        number = self._numbers[id(value)] = len(self._numbers)
        self._alive.append(value)
        return First(number, (cls, *self._contents(value)))

    def _contents(self, value: Any) -> tuple[Snapshot, ...]:
        if isinstance(value, dict):
            items = tuple((self.of(k), self.of(v)) for k, v in value.items())
            factory = value.default_factory if isinstance(value, defaultdict) else None
            return (items,) if factory is None else (items, factory)
        if isinstance(value, deque):
            return tuple(map(self.of, value)), value.maxlen
        if isinstance(value, list):
            return (tuple(map(self.of, value)),)
        if isinstance(value, set | frozenset):
            # The order of a set is no part of its meaning.
            return (tuple(sorted(map(self.of, value), key=repr)),)
        return (self._attributes(value),)

    def _attributes(self, value: Any) -> Snapshot:
        attributes = dict(getattr(value, "__dict__", {}))
        for base in type(value).__mro__:
            for slot in getattr(base, "__slots__", ()):
                if hasattr(value, slot):
                    attributes[slot] = getattr(value, slot)
        return tuple((name, self.of(item)) for name, item in sorted(attributes.items()))


def _is_frozen(value: Any) -> bool:
    """Whether an object is a value: nobody can tell two equal ones apart by changing one."""
    parameters = getattr(type(value), "__dataclass_params__", None)
    return dataclasses.is_dataclass(value) and bool(parameters and parameters.frozen)


def values_alone(snapshot: Snapshot) -> Snapshot:
    """Returns the snapshot without what it says of shared objects, each described in full.

    >>> shared = [1.0]
    >>> described = Snapshots().of([shared, shared])
    >>> values_alone(described) == values_alone(Snapshots().of([[1.0], [1.0]]))
    True
    """
    known: dict[int, Snapshot] = {}

    def expanded(part: Snapshot) -> Snapshot:
        if isinstance(part, Again):
            return known.get(part.number, "cycle")
        if isinstance(part, First):
            known[part.number] = "cycle"
            known[part.number] = expanded(part.contents)
            return known[part.number]
        return tuple(map(expanded, part)) if isinstance(part, tuple) else part

    return expanded(snapshot)


def float_of(bits: str) -> float:
    """Returns the float that a snapshot shows as bits."""
    value: float = struct.unpack(">d", bytes.fromhex(bits[2:]))[0]
    return value
