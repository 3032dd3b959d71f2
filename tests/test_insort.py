"""``bisect.insort``: a list that stays in order."""

import bisect
from bisect import insort

import pytest

from sourcediff import DifferentiationError, grad, tape
from tests.every_mode import check_in_every_mode


def in_order(xs):
    kept = []
    for x in xs:
        bisect.insort(kept, x * x)
    return sum(k * (i + 1) for i, k in enumerate(kept))


def on_the_left(xs):
    kept = [-9.0, 0.5, 9.0]
    bisect.insort_left(kept, xs[0])
    bisect.insort_right(kept, xs[1])
    return kept[1] * kept[2] + kept[-2] * xs[2]


def running_median(xs):
    kept: list[float] = []
    total = 0.0
    for x in xs:
        insort(kept, x)
        middle = len(kept) // 2
        total += kept[middle] if len(kept) % 2 else 0.5 * (kept[middle - 1] + kept[middle])
    return total * total


def beside_bisect(xs):
    grid = [0.0, 1.0, 2.0]
    place = bisect.bisect_left(grid, xs[1])
    insort(grid, xs[1])
    return grid[place] * xs[0]


@pytest.mark.parametrize("program", [in_order, on_the_left, running_median])
def test_every_mode(program):
    check_in_every_mode(program, (0.7, 1.4, -0.3))


def test_the_place_is_that_of_bisect():
    xs = [0.7, 1.4, -0.3]
    assert grad(beside_bisect)(xs) == tape.gradient(beside_bisect, xs) == [1.4, 0.7, 0.0]


def test_into_an_argument():
    def f(xs, x):
        insort(xs, x)
        return xs[0] * xs[1] + xs[2]

    given = [1.0, 3.0]
    assert grad(f, (0, 1))(given, 2.0) == ([2.0, 1.0], 1.0)
    assert given == [1.0, 3.0]


def test_a_key_is_refused():
    def f(x):
        kept = [1.0, 2.0]
        insort(kept, x, key=abs)
        return kept[0]

    with pytest.raises(DifferentiationError):
        grad(f)(0.5)
