"""What a mutable Python object holds, taken out of it and put into it.

The one place that knows how lists, dicts, sets, deques and objects of the user's classes are
looked into. No method of a user's class runs here.

>>> parts = holding({"a": 1.5})
>>> parts.items, parts.names
(('a', 1.5), ())
>>> blank = fresh({"a": 1.5})
>>> fill(blank, parts.map(str))
>>> blank
{'a': '1.5'}
"""

from __future__ import annotations

import builtins
import collections
import sys
from collections.abc import Callable
from enum import Enum
from functools import wraps
from types import BuiltinFunctionType, MemberDescriptorType, SimpleNamespace
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from sourcediff.numbers_held import Numbers, is_array_class, owner_of

__all__ = ["Parts", "fill", "fresh", "holding", "is_mutable"]

#: The classes whose objects hold items, the more special before the more general.
_CONTAINERS: tuple[type, ...] = (
    collections.OrderedDict,
    collections.defaultdict,
    dict,
    collections.deque,
    list,
    set,
)
_IMMUTABLE_TYPE = 1 << 8
_HEAP_TYPE = 1 << 9


_T = TypeVar("_T")


def _once(function: Callable[[type], _T]) -> Callable[[type], _T]:
    """Answered once for each class, for as long as there is the class."""
    known: WeakKeyDictionary[type, _T] = WeakKeyDictionary()

    @wraps(function)
    def answer(cls: type) -> _T:
        found = known.get(cls, known)
        if found is known:
            found = known[cls] = function(cls)
        return found  # type: ignore[return-value]

    return answer


class Parts(NamedTuple):
    """What one object holds: its items (of a dict keys and values in turn), its attributes."""

    items: tuple[Any, ...]
    names: tuple[str, ...]
    values: tuple[Any, ...]

    def map(self, change: Callable[[Any], Any]) -> Parts:
        """The same object with each thing that it holds changed."""
        return Parts(tuple(map(change, self.items)), self.names, tuple(map(change, self.values)))

    def identical(self, other: Parts) -> bool:
        """Whether the two hold the very same things in the same order."""
        return self.names == other.names and all(
            len(one) == len(two) and all(a is b for a, b in zip(one, two, strict=True))
            for one, two in ((self.items, other.items), (self.values, other.values))
        )


@_once
def is_mutable(cls: type) -> bool:
    """Whether objects of a class are kept in memory; others are handed on as they are."""
    if issubclass(cls, (*_CONTAINERS, SimpleNamespace)) or is_array_class(cls):
        return True
    if cls is object or issubclass(cls, tuple | BaseException | type | Enum):
        return False
    module = str(cls.__module__).partition(".")[0]
    if module == __name__.partition(".")[0]:
        return False  # a function of the program
    if module in sys.stdlib_module_names and module not in (builtins.__name__, "__main__"):
        return False
    return _from_class_statement(cls) and all(
        base.__basicsize__ == object.__basicsize__ or _from_class_statement(base)
        for base in cls.__mro__[1:]
    )


def _from_class_statement(cls: type) -> bool:
    return (
        bool(cls.__flags__ & _HEAP_TYPE)
        and not cls.__flags__ & _IMMUTABLE_TYPE
        and not isinstance(vars(cls).get("__new__"), BuiltinFunctionType)
    )


@_once
def _base(cls: type) -> Any:
    """The built-in class that lays out the objects of a class."""
    for base in (*_CONTAINERS, SimpleNamespace):
        if issubclass(cls, base):
            return base
    return object


@_once
def _slots(cls: type) -> dict[str, MemberDescriptorType]:
    return {
        name: found
        for base in reversed(cls.__mro__)
        if "__slots__" in vars(base)
        for name, found in vars(base).items()
        if isinstance(found, MemberDescriptorType)
    }


def _attributes(whole: Any) -> dict[str, Any] | None:
    """The dictionary of an object's attributes, if it has one."""
    try:
        found: dict[str, Any] = object.__getattribute__(whole, "__dict__")
    except AttributeError:
        return None
    return found


def holding(whole: Any) -> Parts:
    """What an object holds now; a view only what it is a view of."""
    if is_array_class(type(whole)):
        owner = owner_of(whole)
        return Parts((Numbers(whole) if owner is whole else owner,), (), ())
    base = _base(type(whole))
    items: tuple[Any, ...] = ()
    if issubclass(base, dict):
        items = tuple(part for pair in base.items(whole) for part in pair)
    elif base in _CONTAINERS:
        items = tuple(base.__iter__(whole))
    found = dict(_attributes(whole) or {})
    for name, slot in _slots(type(whole)).items():
        try:
            found[name] = slot.__get__(whole, type(whole))
        except AttributeError:
            continue  # nothing has been bound to it
    return Parts(items, tuple(found), tuple(found.values()))


def fresh(model: Any) -> Any:
    """An object of the same class that holds nothing yet; no code of the class is run."""
    base = _base(type(model))
    made = base.__new__(type(model))
    if base is collections.deque:
        collections.deque.__init__(made, (), model.maxlen)
    elif base is collections.defaultdict:
        made.default_factory = model.default_factory
    return made


def fill(whole: Any, parts: Parts) -> None:
    """Change an object in place so that it holds just these parts.

    What it holds already is left alone, so that iterators over it stay valid where they would
    have stayed valid through the user's own writes.
    """
    if is_array_class(type(whole)):
        (numbers,) = parts.items
        if type(numbers) is Numbers:
            numbers.give_to(whole)
        return
    base = _base(type(whole))
    if base is list:
        list.__setitem__(whole, slice(None), parts.items)
    elif base is collections.deque:
        _fill_deque(whole, parts.items)
    elif base is set:
        set.clear(whole)
        set.update(whole, parts.items)
    elif issubclass(base, dict):
        _fill_dict(base, whole, parts.items)
    _fill_attributes(whole, dict(zip(parts.names, parts.values, strict=True)))


def _fill_deque(whole: collections.deque[Any], items: tuple[Any, ...]) -> None:
    deque = collections.deque
    if len(items) != deque.__len__(whole):
        deque.clear(whole)
        deque.extend(whole, items)
        return
    for place, item in enumerate(items):
        if deque.__getitem__(whole, place) is not item:
            deque.__setitem__(whole, place, item)


def _fill_dict(base: Any, whole: Any, items: tuple[Any, ...]) -> None:
    wanted = dict(zip(items[::2], items[1::2], strict=True))
    for key in list(base.keys(whole)):
        if key not in wanted:
            base.__delitem__(whole, key)
    if not dict.__len__(whole):
        base.update(whole, wanted)  # as a dict that was emptied is filled: an iterator can tell
    for key, value in wanted.items():
        if not dict.__contains__(whole, key) or dict.__getitem__(whole, key) is not value:
            base.__setitem__(whole, key, value)
    if any(a is not b for a, b in zip(base.keys(whole), wanted, strict=True)):
        base.clear(whole)
        for key, value in wanted.items():
            base.__setitem__(whole, key, value)


def _fill_attributes(whole: Any, wanted: dict[str, Any]) -> None:
    slots = _slots(type(whole))
    for name, slot in slots.items():
        if name in wanted:
            slot.__set__(whole, wanted.pop(name))
        else:
            try:
                slot.__delete__(whole)
            except AttributeError:
                continue  # nothing was bound to it
    found = _attributes(whole)
    if found is not None:
        _fill_dict(dict, found, tuple(part for pair in wanted.items() for part in pair))
