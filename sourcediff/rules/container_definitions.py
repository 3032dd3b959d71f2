"""Containers of Python's library as classes that hold a list.

An object of one is made, and its methods are entered, as if the user had written these lines: what
comes out has the list in the place of the container. What is not here is refused.

>>> window = BoundedQueue([1.0, 2.0], 2)
>>> window.append(3.0)
>>> list(window), len(window)
([2.0, 3.0], 2)
"""

from __future__ import annotations

import array
import collections
from collections.abc import Iterator
from typing import Any

__all__ = ["STANDS_FOR", "BoundedQueue", "Queue", "TypedArray"]


class _Held:
    """What has a list. It has no name of its own: it is called as the whole is."""

    _: list[Any]

    def append(self, item: Any) -> None:
        self._.append(item)

    def extend(self, items: Any) -> None:
        self._.extend(items)

    def remove(self, item: Any) -> None:
        self._.remove(item)

    def reverse(self) -> None:
        self._.reverse()

    def count(self, item: Any) -> int:
        return self._.count(item)

    def index(self, item: Any) -> int:
        return self._.index(item)

    def __len__(self) -> int:
        return len(self._)

    def __getitem__(self, place: Any) -> Any:
        return self._[place]

    def __setitem__(self, place: Any, item: Any) -> None:
        self._[place] = item

    def __delitem__(self, place: Any) -> None:
        del self._[place]

    def __contains__(self, item: Any) -> bool:
        return item in self._

    def __iter__(self) -> Iterator[Any]:
        return iter(self._)

    def __iadd__(self, items: Any) -> Any:
        self.extend(items)
        return self

    __hash__ = None  # type: ignore[assignment]


class Queue(_Held):
    """A `collections.deque`."""

    def __init__(self, iterable: Any = (), maxlen: None = None) -> None:
        self._ = list(iterable)
        self.maxlen = maxlen

    def appendleft(self, item: Any) -> None:
        self._.insert(0, item)

    def extendleft(self, items: Any) -> None:
        for item in items:
            self.appendleft(item)

    def pop(self) -> Any:
        return self._.pop()

    def popleft(self) -> Any:
        return self._.pop(0)

    def insert(self, place: Any, item: Any) -> None:
        self._.insert(place, item)

    def clear(self) -> None:
        self._.clear()

    def copy(self) -> Any:
        return Queue(self._)

    __copy__ = copy

    def rotate(self, n: int = 1) -> None:
        if len(self._) > 1:
            for _ in range(n):
                self._.insert(0, self._.pop())
            for _ in range(-n):
                self._.append(self._.pop(0))

    def __eq__(self, other: Any) -> Any:
        return isinstance(other, collections.deque) and self._ == list(other)

    __hash__ = None


class BoundedQueue(Queue):
    """A `collections.deque` with a ``maxlen``."""

    maxlen: int  # type: ignore[assignment]

    def __init__(self, iterable: Any = None, maxlen: int = 0) -> None:
        if iterable is None:
            self._ = []
        else:
            items = iterable if isinstance(iterable, list) else list(iterable)
            self._ = items[max(len(items) - maxlen, 0) :]
        self.maxlen = maxlen

    def append(self, item: Any) -> None:
        self._.append(item)
        if len(self._) > self.maxlen:
            self._.pop(0)

    def appendleft(self, item: Any) -> None:
        self._.insert(0, item)
        if len(self._) > self.maxlen:
            self._.pop()

    def extend(self, items: Any) -> None:
        for item in items:
            self.append(item)

    def insert(self, place: Any, item: Any) -> None:
        if len(self._) >= self.maxlen:
            raise IndexError("deque already at its maximum size")
        self._.insert(place, item)

    def copy(self) -> Any:
        return BoundedQueue(self._, self.maxlen)

    __copy__ = copy


class TypedArray(_Held):
    """An `array.array` of double precision."""

    def __init__(self, typecode: str, initializer: Any = ()) -> None:
        self._ = list(initializer)
        self.typecode = typecode

    def pop(self, place: int = -1) -> Any:
        return self._.pop(place)

    def insert(self, place: int, item: Any) -> None:
        self._.insert(place, item)

    def fromlist(self, items: Any) -> None:
        self._.extend(items)

    def tolist(self) -> Any:
        return self._[:]

    def __copy__(self) -> Any:
        return TypedArray("d", self._)

    def __eq__(self, other: Any) -> Any:
        return isinstance(other, array.array) and self._ == list(other)

    __hash__ = None


#: The classes that these stand for.
STANDS_FOR: dict[type, type] = {
    Queue: collections.deque,
    BoundedQueue: collections.deque,
    TypedArray: array.array,
}

for _own, _library in STANDS_FOR.items():
    _own.__name__ = _library.__name__  # what errors call them
