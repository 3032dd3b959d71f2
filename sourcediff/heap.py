"""The memory of the interpreter: a table from references to what they refer to.

What the table holds never changes: a write takes a changed copy and puts it in the place of the
old content. So whatever was read stays as it was, and that a write is seen through every name
of an object is a property of this table and not of Python's own objects.

Beside its content a reference has an *image*: the Python object that the rest of the world sees
(an argument is the image of its reference). It is brought up to date whenever code outside of the
interpreter is about to look at it: before `sorted`, `print`, `zip` are called, before an
iterator is advanced, and when the run is over.

>>> xs = [1.0]
>>> memory = Memory()
>>> one = memory.lower(xs)
>>> before = memory.contents[one]
>>> memory.change(one, lambda whole: whole.append(2.0))
>>> before.items, memory.contents[one].items, xs
((1.0,), (1.0, 2.0), [1.0])
>>> memory.update()
>>> xs
[1.0, 2.0]
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any

from sourcediff.numbers_held import is_array_class, owner_of
from sourcediff.snapshot import Parts, fill, fresh, holding, is_mutable

__all__ = ["Memory", "Reference"]

_WITH_HISTORY = (set, dict, collections.deque)


class Reference:
    """The address of an object in memory. Compared by identity."""

    __slots__ = ()


class Memory:
    """What all references refer to.

    Values inside of the interpreter are *low*: a reference stands for each mutable object, also
    within tuples. Values outside are *high*: ordinary Python objects, images among them.
    """

    def __init__(self) -> None:
        self.contents: dict[Reference, Parts] = {}
        self.images: dict[Reference, Any] = {}
        self._references: dict[int, Reference] = {}  # by the identity of the image
        self._stale: dict[Reference, None] = {}  # whose image is not up to date
        self._unread: list[Reference] = []  # whose image has not been looked into yet
        # One tuple inside for one outside; each entry keeps both of them alive.
        self._lowered: dict[int, tuple[Any, Any]] = {}
        self._lifted: dict[int, tuple[Any, Any]] = {}

    def lower(self, value: Any) -> Any:
        """The low value for a high one; what it newly reaches is taken into memory."""
        found = self._lower(value)
        while self._unread:
            reference = self._unread.pop()
            self.contents[reference] = holding(self.images[reference]).map(self._lower)
        return found

    def _lower(self, value: Any) -> Any:
        cls = type(value)
        if isinstance(value, tuple):
            return self._tuple(value, self._lower, self._lowered, self._lifted)
        if not is_mutable(cls):
            return getattr(value, "__closure_of_ir__", value) if cls is FunctionType else value
        found = self._references.get(id(value))
        if found is None:
            found = self._references[id(value)] = Reference()
            self.images[found] = value
            self._unread.append(found)
        return found

    def lift(self, value: Any) -> Any:
        """The high value for a low one. The images in it may have to be brought up to date."""
        if type(value) is Reference:
            return self.images[value]
        if isinstance(value, tuple):
            return self._tuple(value, self.lift, self._lifted, self._lowered)
        return getattr(value, "as_function", value)

    @staticmethod
    def _tuple(
        whole: Any,
        change: Callable[[Any], Any],
        there: dict[int, tuple[Any, Any]],
        back: dict[int, tuple[Any, Any]],
    ) -> Any:
        known = there.get(id(whole))
        if known is not None:
            return known[1]
        items = [change(item) for item in tuple.__iter__(whole)]
        if all(a is b for a, b in zip(items, tuple.__iter__(whole), strict=True)):
            return whole
        made = tuple.__new__(type(whole), items)
        there[id(whole)] = (whole, made)
        back[id(made)] = (made, whole)
        return made

    def change(self, whole: Reference, operation: Callable[[Any], Any]) -> Any:
        """Put a copy on which an operation has worked in the place of the content.

        Also where the operation raises: Python does not take back what it had done by then. Only
        what has a history that a copy does not have is changed itself: a set's gives the order of
        its items, a dict's and a deque's what an iterator over it meets next.

        Returns:
            what the operation returned, as a low value; the object itself if it was that
        """
        self.update()
        image = self.images[whole]
        if is_array_class(type(image)):
            return self._change_array(whole, image, operation)
        copy = image
        if not isinstance(image, _WITH_HISTORY):
            copy = fresh(image)
            fill(copy, self.contents[whole].map(self.lift))
        try:
            result = operation(copy)
            return whole if result is copy else self.lower(result)
        finally:
            self._look(whole, copy)
            if copy is not image:
                self._stale[whole] = None

    def sort(self, whole: Reference, operation: Callable[[Any], Any]) -> Any:
        """The same for `sort` of a list, which is empty for all who look at it meanwhile."""
        self.update()
        image = self.images[whole]
        empty = self.contents[whole] = self.contents[whole]._replace(items=())
        try:
            result = operation(image)
            if self.contents[whole] is not empty:
                raise ValueError("list modified during sort")
            return result
        finally:
            self._stale.pop(whole, None)
            self._look(whole, image)

    def _change_array(self, whole: Reference, image: Any, operation: Callable[[Any], Any]) -> Any:
        """The same for an array: what changes is the content of the array that it is a view of.

        The image itself is worked on, as operands may be views of the same numbers; the content is
        a copy of them in any case.
        """
        owner = owner_of(image)
        root = self.lower(owner)
        try:
            result = operation(image)
            return whole if result is image else self.lower(result)
        finally:
            self._look(root, owner)

    def _look(self, whole: Reference, source: Any) -> None:
        found = holding(source).map(self.lower)
        if not found.identical(self.contents[whole]):
            self.contents[whole] = found

    def update(self) -> None:
        """Bring all images up to date."""
        while self._stale:
            whole, _ = self._stale.popitem()
            fill(self.images[whole], self.contents[whole].map(self.lift))

    def absorb(self, values: Iterable[Any]) -> None:
        """Look again into all that low values lead to: code outside may have changed it."""
        pending = list(_references(values))
        seen = set(pending)
        while pending:
            whole = pending.pop()
            self._look(whole, self.images[whole])
            parts = self.contents[whole]
            for inner in _references((*parts.items, *parts.values)):
                if inner not in seen:
                    seen.add(inner)
                    pending.append(inner)


def _references(values: Iterable[Any]) -> Iterable[Reference]:
    for value in values:
        if type(value) is Reference:
            yield value
        elif isinstance(value, tuple):
            yield from _references(tuple.__iter__(value))
