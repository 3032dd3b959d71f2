"""Functions of Python's library in terms of others, as the library itself computes them.

A call of one is entered as if the user had written these lines: values are the same to the last
bit, and what they are made of has derivatives.

>>> median([3.0, 1.0, 2.0]), median_low([1.0, 2.0]), median_high([1.0, 2.0])
(2.0, 1.0, 2.0)
>>> heap = [3.0, 1.0, 2.0]
>>> heapify(heap)
>>> heappushpop(heap, 0.5), heappop(heap), heap
(0.5, 1.0, [2.0, 3.0])
"""

from __future__ import annotations

import bisect
import heapq
import math
import statistics
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["DEFINITIONS", "ListIterator", "moved_on", "next_item"]


class ListIterator:
    """``iter(items)``: the items from a place on, which `next` moves."""

    def __init__(self, items: Any) -> None:
        self.items = items
        self.place = 0


def next_item(iterator: Any) -> Any:
    """``next(iterator)``."""
    if len(iterator.items) <= iterator.place:
        raise StopIteration
    return moved_on(iterator)


def moved_on(iterator: Any) -> Any:
    """The next item, where there is one."""
    iterator.place += 1
    return iterator.items[iterator.place - 1]


def taken(iterator: Any, start: int, stop: int) -> Any:
    """The items of ``itertools.islice(iterator, start, stop)``, which moves it on."""
    if start < 0 or stop < 0:
        raise ValueError("islice() must have whole numbers that are not negative")
    first, size = iterator.place, len(iterator.items)
    iterator.place = min(first + max(start, stop), size)
    return iterator.items[first + start : first + stop]


def skipped(iterator: Any, start: int) -> Any:
    """The items of ``itertools.islice(iterator, start, None)``."""
    if start < 0:
        raise ValueError("islice() must have whole numbers that are not negative")
    first = iterator.place
    iterator.place = len(iterator.items)
    return iterator.items[first + start :]


# operator -----------------------------------------------------------------------------------


def _item(index: Any) -> Any:
    return lambda whole: whole[index]


def _two_items(first: Any, second: Any) -> Any:
    return lambda whole: (whole[first], whole[second])


def _three_items(first: Any, second: Any, third: Any) -> Any:
    return lambda whole: (whole[first], whole[second], whole[third])


#: `operator.itemgetter` of one index, of two and of three.
GETTERS = (_item, _two_items, _three_items)


def attrgetter(name: Any) -> Any:
    """`operator.attrgetter` of one name."""
    return lambda whole: getattr(whole, name)


# itertools ----------------------------------------------------------------------------------


class GroupIterator(ListIterator):
    """What `itertools.groupby` gives of one run: good for its turn."""


def bounds_of_runs(keys: Any) -> Any:
    """Where runs of equal keys start, and behind them the end."""
    starts = [i for i in range(len(keys)) if i == 0 or keys[i] != keys[i - 1]]
    return [*starts, len(keys)]


# statistics ---------------------------------------------------------------------------------


def median(data: Any) -> Any:
    data = sorted(data)
    n = len(data)
    if n == 0:
        raise statistics.StatisticsError("no median for empty data")
    i = n // 2
    return data[i] if n % 2 == 1 else (data[i - 1] + data[i]) / 2


def median_low(data: Any) -> Any:
    data = sorted(data)
    if len(data) == 0:
        raise statistics.StatisticsError("no median for empty data")
    return data[(len(data) - 1) // 2]


def median_high(data: Any) -> Any:
    data = sorted(data)
    if len(data) == 0:
        raise statistics.StatisticsError("no median for empty data")
    return data[len(data) // 2]


def _require_pairs(x: Any, y: Any) -> None:
    if len(y) != len(x):
        raise statistics.StatisticsError("both inputs must have same number of data points")
    if len(x) < 2:
        raise statistics.StatisticsError("at least two data points are required")


if sys.version_info >= (3, 12):

    def _sum_of_products(x: Any, y: Any) -> Any:
        return math.sumprod(x, y)

else:

    def _sum_of_products(x: Any, y: Any) -> Any:
        return math.fsum([xi * yi for xi, yi in zip(x, y, strict=True)])


if sys.version_info >= (3, 13):

    def _root_of_product(a: Any, b: Any) -> Any:
        root = math.sqrt(a * b)
        return root + math.sumprod([a, root], [b, -root]) / (2.0 * root)

else:

    def _root_of_product(a: Any, b: Any) -> Any:
        return math.sqrt(a * b)


def _centred(x: Any) -> Any:
    mean = math.fsum(x) / len(x)
    return [xi - mean for xi in x]


def covariance(x: Any, y: Any, /) -> Any:
    _require_pairs(x, y)
    return _sum_of_products(_centred(x), _centred(y)) / (len(x) - 1)


def correlation(x: Any, y: Any, /) -> Any:
    _require_pairs(x, y)
    dx = _centred(x)
    dy = _centred(y)
    sxy = _sum_of_products(dx, dy)
    sxx = _sum_of_products(dx, dx)
    syy = _sum_of_products(dy, dy)
    if sxx * syy == 0.0:
        raise statistics.StatisticsError("at least one of the inputs is constant")
    return sxy / _root_of_product(sxx, syy)


def linear_regression(x: Any, y: Any, /, *, proportional: Any = False) -> Any:
    _require_pairs(x, y)
    if proportional:
        return statistics.LinearRegression(_slope(x, y), 0.0)
    xbar = math.fsum(x) / len(x)
    ybar = math.fsum(y) / len(y)
    slope = _slope([xi - xbar for xi in x], [yi - ybar for yi in y])
    return statistics.LinearRegression(slope, ybar - slope * xbar)


def _slope(x: Any, y: Any) -> Any:
    sxx = _sum_of_products(x, x)
    if sxx == 0.0:
        raise statistics.StatisticsError("x is constant")
    return _sum_of_products(x, y) / sxx


# bisect -------------------------------------------------------------------------------------


def insort_right(a: Any, x: Any) -> None:
    a.insert(bisect.bisect_right(a, x), x)


def insort_left(a: Any, x: Any) -> None:
    a.insert(bisect.bisect_left(a, x), x)


# heapq --------------------------------------------------------------------------------------


def heappush(heap: Any, item: Any, /) -> None:
    heap.append(item)
    _sift_down(heap, 0, len(heap) - 1)


def heappop(heap: Any, /) -> Any:
    last = heap.pop()
    if len(heap) == 0:
        return last
    smallest = heap[0]
    heap[0] = last
    _sift_up(heap, 0)
    return smallest


def heapreplace(heap: Any, item: Any, /) -> Any:
    smallest = heap[0]
    heap[0] = item
    _sift_up(heap, 0)
    return smallest


def heappushpop(heap: Any, item: Any, /) -> Any:
    if len(heap) > 0 and heap[0] < item:
        return heapreplace(heap, item)
    return item


def heapify(heap: Any, /) -> None:
    for place in reversed(range(len(heap) // 2)):
        _sift_up(heap, place)


def _sift_down(heap: Any, start: Any, place: Any) -> None:
    item = heap[place]
    while place > start:
        parent = (place - 1) // 2
        if not item < heap[parent]:
            break
        heap[place] = heap[parent]
        place = parent
    heap[place] = item


def _sift_up(heap: Any, start: Any) -> None:
    place = start
    item = heap[place]
    child = 2 * place + 1
    while child < len(heap):
        if child + 1 < len(heap) and not heap[child] < heap[child + 1]:
            child += 1
        heap[place] = heap[child]
        place = child
        child = 2 * place + 1
    heap[place] = item
    _sift_down(heap, start, place)


def nlargest(n: Any, iterable: Any) -> Any:
    return sorted(iterable, reverse=True)[:n]


def nsmallest(n: Any, iterable: Any) -> Any:
    return sorted(iterable)[:n]


#: The definitions, by the functions that they stand for.
DEFINITIONS: dict[Any, Callable[..., Any]] = {
    statistics.median: median,
    statistics.median_low: median_low,
    statistics.median_high: median_high,
    statistics.covariance: covariance,
    statistics.correlation: correlation,
    statistics.linear_regression: linear_regression,
    bisect.insort_right: insort_right,
    bisect.insort_left: insort_left,
    heapq.heappush: heappush,
    heapq.heappop: heappop,
    heapq.heapreplace: heapreplace,
    heapq.heappushpop: heappushpop,
    heapq.heapify: heapify,
    heapq.nlargest: nlargest,
    heapq.nsmallest: nsmallest,
}
