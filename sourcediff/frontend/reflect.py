"""The types of objects of the outside world: arguments, globals, what they hold.

>>> reflect({"w": [1.0, 2.0], "b": [0.5]}, lambda cls: {})
Dict[Str, List[Real]]
"""

from __future__ import annotations

import collections
import dataclasses
import enum
import random
import types as python_types
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from sourcediff import types
from sourcediff.frontend.own_methods import refuse_overridden
from sourcediff.types import Slot, Type

__all__ = [
    "Reflection",
    "attributes_in",
    "holds_complex_array",
    "is_numpy_array",
    "is_plain_object",
    "is_typed_array",
    "reflect",
    "type_of_array",
    "type_of_member",
]

Table = Callable[[Any], dict[str, Slot]]

_SIMPLE: dict[type, Type] = {
    bool: types.BOOL,
    int: types.INT,
    float: types.REAL,
    str: types.STR,
    type(None): types.NONE,
    range: types.RANGE,
}


#: The type of the numbers in an array, by the kind of its dtype.
_NUMBERS: dict[str, Type] = {
    "f": types.REAL,
    "i": types.INT,
    "u": types.INT,
    "b": types.BOOL,
    "c": types.COMPLEX,
}


def is_numpy_array(found: Any) -> bool:
    """Whether an object is an array of NumPy, which is not imported for that."""
    cls = type(found)
    return cls.__module__ == "numpy" and cls.__name__ == "ndarray"


def all_numbers(found: Iterable[Any]) -> bool:
    """Whether all items are plain numbers: for lists of many, without a look at each in Python.

    >>> all_numbers([1.0, 2]), all_numbers([True]), all_numbers([[1.0]])
    (True, False, False)
    """
    return set(map(type, found)) <= _PLAIN


_PLAIN = {float, int}


def holds_complex_array(found: Any) -> bool:
    """Whether an argument is an array of complex numbers, or one is in it."""
    if is_numpy_array(found):
        return bool(found.dtype.kind == "c")
    if isinstance(found, list | tuple):
        return not all_numbers(found) and any(map(holds_complex_array, found))
    if isinstance(found, dict):
        return any(map(holds_complex_array, found.values()))
    return is_plain_object(found) and any(map(holds_complex_array, attributes_in(found).values()))


def is_numpy_generator(found: Any) -> bool:
    """Whether an object is one of NumPy's generators of random numbers."""
    cls = type(found)
    own = cls.__module__.startswith("numpy.random")
    return own and cls.__name__ in ("Generator", "RandomState")


def type_of_array(found: Any) -> Type | None:
    """What the numbers of an array are, how many axes it has, and which of these have length one.

    The latter decide how it is broadcast. None where it is none of numbers, or has no axes.
    """
    element = _NUMBERS.get(found.dtype.kind)
    if element is None or not found.ndim:
        return None
    kind = types.array_of(Slot(element), found.ndim)
    kind.of = tuple([length == 1 for length in found.shape])
    return kind


def type_of_member(found: enum.Enum) -> Type:
    """The type of a member of an enumeration that is no number at the same time."""
    return types.member_of(type(found))


def is_typed_array(found: Any) -> bool:
    """Whether this is an array of numbers of the module `array`, which is read as a list is."""
    cls = type(found)
    return cls.__module__ == "array" and cls.__name__ == "array" and found.typecode not in "uw"


def is_plain_object(found: Any) -> bool:
    """Whether an object is an instance of a class of the user's, with attributes to look at."""
    cls = type(found)
    known = type | python_types.ModuleType | BaseException | enum.Enum | random.Random
    if isinstance(found, known) or is_numpy_generator(found):
        return False
    if cls.__name__ == "cython_function_or_method":
        return False
    return cls is python_types.SimpleNamespace or _is_users(cls)


def _is_users(cls: type) -> bool:
    if cls.__module__ in ("builtins", "typing", "functools", "collections", "enum"):
        return False
    own_layout = hasattr(cls, "__dict__") and cls.__flags__ & (1 << 9)  # made by a class statement
    return bool(own_layout) and not issubclass(cls, tuple | list | dict | set | str | int | float)


def reflect(found: Any, attributes: Table) -> Type:
    """The type of an object and of all that it holds.

    Args:
        found: any object.
        attributes: for a class the slots of its attributes, which all its objects share.

    Raises:
        TypeError: it holds things that cannot be held together, or of a kind not supported.
    """
    return Reflection(attributes).type_of(found)


class Reflection:
    """One walk over an object; what is met twice, by whatever name, has one type."""

    def __init__(self, attributes: Table) -> None:
        self.attributes = attributes
        #: What a whole number counts as.
        self.integers = types.INT
        #: Whether each array in a dict has a type of its own.
        self.arrays_apart = False
        self.seen: dict[int, Type] = {}

    def type_of(self, found: Any) -> Type:
        simple = _SIMPLE.get(found.__class__)
        if simple is not None:
            return self.integers if simple is types.INT else simple
        refuse_overridden(found.__class__)
        if isinstance(found, int | float):
            return types.REAL
        if isinstance(found, enum.Enum):
            return type_of_member(found)
        if type(found) is random.Random:
            return types.DRAWS
        if is_numpy_generator(found):
            return types.draws_of(type(found))
        if isinstance(found, tuple):
            cls = found.__class__
            return types.tuple_of(map(self.type_of, found), None if cls is tuple else cls)
        known = self.seen.get(id(found))
        if known is not None:
            return known
        if isinstance(found, dict):
            return self._dict(found)
        if is_numpy_array(found):
            made = self.seen[id(found)] = self._array(found)
            return made
        if is_typed_array(found):
            made = types.list_of(Slot(types.REAL), cls=type(found))
            self.seen[id(found)] = made
            return made
        if isinstance(found, list | set | frozenset | collections.deque):
            kind = "Deque" if isinstance(found, collections.deque) else "List"
            slot = Slot()
            made = types.list_of(slot, kind)
            if isinstance(found, set | frozenset):
                made = types.set_of(slot)
            self.seen[id(found)] = made
            whole = self.integers
            if isinstance(found, set | frozenset):
                self.integers = types.INT  # a set says which, as the keys of a dict do
            for item in found:
                self._put(slot, item, f"a {type(found).__name__}")
            self.integers = whole
            return made
        if is_plain_object(found):
            cls = object_key(found)
            slots = self.attributes(cls)
            made = self.seen[id(found)] = types.object_of(type(found), slots)
            for name, item in attributes_in(found).items():
                self._put(slots.setdefault(name, Slot()), item, f"the attribute {name!r}")
            return made
        if type(found).__module__ == "numpy":
            return _NUMBERS.get(getattr(getattr(found, "dtype", None), "kind", ""), types.OBJECT)
        return types.OBJECT

    def _array(self, found: Any) -> Type:
        """The type of an array; views of one array have one slot."""
        element = _NUMBERS.get(found.dtype.kind)
        if element is None:
            raise TypeError(f"an array of {found.dtype} is not supported; pass one of floats")
        owner = found
        while is_numpy_array(owner.base):
            owner = owner.base
        known = self.seen.get(id(owner))
        slot = Slot(element) if known is None else known.slots["element"]
        if owner is not found and known is None:
            self.seen[id(owner)] = types.array_of(slot, owner.ndim or None)
        return types.array_of(slot, found.ndim or None)

    def _dict(self, found: dict[Any, Any]) -> Type:
        key, value = Slot(), Slot()
        made = self.seen[id(found)] = types.dict_of(key, value, type(found))
        for name in found:
            whole, self.integers = self.integers, types.INT
            self._put(key, name, "a dict")
            self.integers = whole
        kinds = [self.type_of(item) for item in found.values()]
        of_arrays = self.arrays_apart and any(kind.kind == "Array" for kind in kinds)
        for kind in kinds:
            if (of_arrays and key.type is types.STR) or not value.write(kind):
                if key.type is not types.STR:
                    raise TypeError("a dict of values of several types needs texts as keys")
                del self.seen[id(found)]
                slots = {name: Slot(k) for name, k in zip(found, kinds, strict=True)}
                made = self.seen[id(found)] = types.record_of(slots)
                break
        return made

    def _put(self, slot: Slot, item: Any, where: str) -> None:
        kind = self.type_of(item)
        before = slot.type
        if not slot.write(kind):
            raise TypeError(f"{where} holds both {before} and {kind}")


def object_key(found: Any) -> Any:
    """What tells the kinds of objects apart: the class, and for a namespace its attributes."""
    if isinstance(found, python_types.SimpleNamespace):
        return (python_types.SimpleNamespace, *sorted(vars(found)))
    return type(found)


def attributes_in(found: Any) -> dict[str, Any]:
    """The attributes of an object itself, those in slots included."""
    attributes = dict(getattr(found, "__dict__", ()))
    for name in _declared_places(type(found)):
        if name not in attributes and hasattr(found, name):
            attributes[name] = getattr(found, name)
    return attributes


#: By class, the attributes for which its objects have places beside their dictionary.
_places: WeakKeyDictionary[type, tuple[str, ...]] = WeakKeyDictionary()


def _declared_places(cls: type) -> tuple[str, ...]:
    """The slots of a class and of its bases, and the fields of a dataclass."""
    known = _places.get(cls)
    if known is None:
        names: dict[str, None] = {}
        for base in cls.__mro__:
            declared = base.__dict__.get("__slots__", ())
            names.update(dict.fromkeys((declared,) if isinstance(declared, str) else declared))
        if dataclasses.is_dataclass(cls):
            names.update((field.name, None) for field in dataclasses.fields(cls))
        known = _places[cls] = tuple(n for n in names if n not in ("__dict__", "__weakref__"))
    return known
