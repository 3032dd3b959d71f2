"""Calls of Python's library that are entered by their definition; iterators that `next` moves."""

import heapq
import itertools
import math
import statistics
from typing import Any

import pytest

from sourcediff import DifferentiationError, grad, hessian, jvp, value_and_grad


def robust_scale(xs):
    middle = statistics.median(xs)
    return middle + 1.4826 * statistics.median((x - middle) ** 2 for x in xs)


def low_and_high(xs):
    return statistics.median_low(xs) * statistics.median_high(xs)


def median_of_arguments(xs):
    a, b, c, *_ = xs
    return statistics.median([a * b, b, c]) * a


def fitted(xs):
    ys = [2.0, 1.5, 3.9, 5.2, 4.0][: len(xs)]
    slope, intercept = statistics.linear_regression(xs, ys)
    through_origin = statistics.linear_regression(xs, ys, proportional=True)
    return slope * intercept + through_origin.slope**2


def related(xs):
    ys = [x * x for x in xs[::-1]]
    return statistics.correlation(xs, ys) + statistics.covariance(xs, ys)


def merged(xs):
    heap = xs[:]
    heapq.heapify(heap)
    cost = 0.0
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        cost += joined**2
        heapq.heappush(heap, joined)
    return cost


def replaced(xs):
    heap = sorted(xs)
    smallest = heapq.heapreplace(heap, xs[0] * 3.0)
    other = heapq.heappushpop(heap, xs[1] + 0.1)
    return smallest * other + sum(h * (i + 1) for i, h in enumerate(heap))


def largest(xs):
    return math.prod(heapq.nlargest(2, xs)) - heapq.nsmallest(1, xs)[0] ** 2


def events(xs):
    heap = []
    for i, x in enumerate(xs):
        heapq.heappush(heap, (x, i))
    total = clock = 0.0
    while heap:
        time, i = heapq.heappop(heap)
        total += (time - clock) ** 2 * (i + 1)
        clock = time
    return total


GRAPH = {0: [(1, 0), (2, 1)], 1: [(3, 2)], 2: [(3, 3)], 3: []}


def shortest(xs):
    lengths = [math.inf] * 4
    lengths[0] = 0.0
    heap = [(0.0, 0)]
    while heap:
        length, here = heapq.heappop(heap)
        if length > lengths[here]:
            continue
        for there, edge in GRAPH[here]:
            longer = length + xs[edge]
            if longer < lengths[there]:
                lengths[there] = longer
                heapq.heappush(heap, (longer, there))
    return lengths[3] ** 2


def variation(xs):
    it = iter(xs)
    before = next(it)
    total = 0.0
    for x in it:
        total += math.sqrt(1e-3 + (x - before) ** 2)
        before = x
    return total


def in_pairs(xs):
    it = iter(xs)
    total = 0.0
    while True:
        a = next(it, None)
        if a is None:
            break
        total += a * a * next(it, 2.0)
    return total


def squared(it):
    return next(it) ** 2


def by_a_helper(xs):
    it = iter(xs)
    return squared(it) * squared(it) + sum(x**3 for x in it)


def two_of_them(xs):
    one, other = iter(xs), iter([1.5, 3.0])
    head = next(one) * next(other)
    return head * next(one) * next(other) + sum(one) ** 2


def kept_rest(xs):
    it = iter(xs)
    first = next(it)
    rest = list(it)
    return first * sum(r * r for r in rest) + len(list(it))


PROGRAMS = [
    robust_scale,
    low_and_high,
    median_of_arguments,
    fitted,
    related,
    merged,
    replaced,
    largest,
    events,
    shortest,
    variation,
    in_pairs,
    by_a_helper,
    two_of_them,
    kept_rest,
]


@pytest.mark.parametrize("f", PROGRAMS)
@pytest.mark.parametrize("xs", [[3.0, 1.0, 2.7, 4.4], [0.3, 2.9, 2.2, 1.7, 0.8]])
def test_like_differences(f: Any, xs: list[float]) -> None:
    given = xs[:]
    value, gradient = value_and_grad(f)(xs)
    assert value == f(xs[:])
    assert xs == given
    assert gradient == pytest.approx([_difference(f, xs, i) for i in range(len(xs))], rel=1e-5)
    direction = [0.3, -0.7, 0.2, 0.5, -0.1][: len(xs)]
    slope = sum(g * d for g, d in zip(gradient, direction, strict=True))
    assert jvp(f, (xs,), (direction,)) == (value, pytest.approx(slope))
    columns = [_difference(grad(f), xs, i) for i in range(len(xs))]
    second = hessian(f)(xs)
    for row, others in zip(second, zip(*columns, strict=True), strict=True):
        assert row == pytest.approx(others, rel=1e-4, abs=1e-6)


def _difference(f: Any, xs: list[float], i: int, h: float = 1e-6) -> Any:
    up, down = ([x + s * (j == i) for j, x in enumerate(xs)] for s in (h, -h))
    one, other = f(up), f(down)
    if isinstance(one, float):
        return (one - other) / (2 * h)
    return [(a - b) / (2 * h) for a, b in zip(one, other, strict=True)]


def test_what_is_raised_stays() -> None:
    with pytest.raises(statistics.StatisticsError):
        grad(low_and_high)([])
    with pytest.raises(statistics.StatisticsError):
        grad(fitted)([1.0, 1.0])
    with pytest.raises(StopIteration):
        grad(variation)([])
    with pytest.raises(IndexError):
        grad(lambda xs: heapq.heappop(xs) ** 2)([])


def test_no_name_of_a_definition_is_left() -> None:
    grad(variation)([1.0, 2.0])
    made = grad(variation)
    made([1.0, 2.0])
    assert "self" not in made.source
    assert "# adjoint of: before = next(it)" in made.source
    assert "for i in range(len(xs) - 1)" in made.source


def changed_meanwhile(xs):
    it = iter(xs)
    first = next(it)
    for x in it:
        first *= x
        if first < 100.0:
            xs.append(0.5)
    return first


def left_early(xs):
    it = iter(xs)
    for x in it:
        if x > 1.0:
            break
    return next(it) ** 2


def moved_on_meanwhile(xs):
    it = iter(xs)
    total = 0.0
    for x in it:
        total += x * next(it)
    return total


def of_two_kinds(xs):
    it = iter(zip(xs, itertools.count()))
    return next(it)[0] * next(it)[0]


@pytest.mark.parametrize("f", [changed_meanwhile, left_early, moved_on_meanwhile, of_two_kinds])
def test_what_cannot_be_followed_is_refused(f: Any) -> None:
    with pytest.raises(DifferentiationError) as caught:
        grad(f)([2.0, 3.0, 1.5, 1.25])
    assert caught.value.lineno is not None
