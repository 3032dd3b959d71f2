"""Iterators that leave items out, or give them in every order."""

import itertools
import math
from collections.abc import Callable

import pytest

from sourcediff import DifferentiationError, grad, hvp
from tests.differences import difference
from tests.every_mode import check_in_every_mode


def from_the_first_on(xs):
    total = 0.0
    for i, x in enumerate(itertools.dropwhile(lambda x: x < 1.0, xs)):
        if i == 1:
            continue
        total += (i + 2) * x * x
    return total


def from_an_active_bound_on(xs):
    total = 1.0
    for _ in range(2):
        for x in itertools.dropwhile(lambda x: x * xs[2] < 2.0, xs):
            total = 0.5 * total * x + x * x
    return total


def of_those_none(xs):
    return sum(itertools.dropwhile(math.isfinite, xs)) + xs[0] * xs[1]


def in_comprehensions(xs):
    low = [x * x for x in itertools.takewhile(lambda x: x < 2.0, xs) if x > 0.0]
    high = {i: x for i, x in enumerate(itertools.dropwhile(lambda x: x < 1.0, xs)) if i < 2}
    return sum(low) * high[1] * max(x * x for x in itertools.takewhile(lambda x: x < 2.0, xs))


def of_counts(xs):
    return sum(xs[0] * xs[1] ** n for n in itertools.takewhile(lambda n: n < 5, itertools.count(1)))


def shortest_way(xs):
    best = math.inf
    for way in itertools.permutations(xs):
        length = sum((i + 1) * x * x for i, x in enumerate(way)) + way[0] * way[-1]
        best = min(best, length)
    return best


def pairs_until(xs):
    total = 0.0
    for i, (a, b) in enumerate(itertools.permutations(xs, 2)):
        total += a * b * b
        if i == 3:
            break
    return total


def orders_of_items_made_here(xs):
    return sum(a * b * b for a, b in itertools.permutations((math.sin(x) for x in xs), 2))


def pairs_of_items_made_here(xs):
    return sum(a * b * b for a, b in itertools.combinations((math.sin(x) for x in xs), 2))


def compared_as_tuples(xs):
    total = 0.0
    for way in itertools.permutations(xs):
        total += way[0] * (5.0 if way == (1.3, 0.8, 2.1) else (*way, xs[1])[-1])
    return total


def of_more_than_there_are(xs):
    none = sum(a[0] for a in itertools.permutations(xs[:2], 3))
    return none + sum(a[0] ** 2 for a in itertools.permutations(xs, 1))


@pytest.mark.parametrize(
    "program",
    [
        from_the_first_on,
        from_an_active_bound_on,
        of_those_none,
        in_comprehensions,
        of_counts,
        shortest_way,
        pairs_until,
        orders_of_items_made_here,
        pairs_of_items_made_here,
        of_more_than_there_are,
    ],
)
def test_in_every_mode(program: Callable) -> None:
    check_in_every_mode(program, [0.8, 1.3, 2.1])


def test_what_permutations_give_are_tuples() -> None:
    assert grad(compared_as_tuples)([0.8, 1.3, 2.1]) == pytest.approx([2.6, 13.4, 2.6])


def while_they_change(xs):
    total = 0.0
    for a, b in itertools.permutations(xs, 2):
        total += a * b * b
        xs[0] += 1.0
    return total


def test_permutations_of_a_list_that_changes_to_order_two() -> None:
    along = (0.4, -1.1, 0.7)
    (found,) = hvp(while_they_change, ([0.8, 1.3, 2.1],), (list(along),))
    for place in range(3):

        def slope(step: float, place: int = place) -> float:
            at = [x + step * a for x, a in zip([0.8, 1.3, 2.1], along, strict=True)]
            return grad(while_they_change)(at)[place]

        expected = difference(slope, (0.0,), 0)
        assert expected is not None
        assert math.isclose(found[place], expected.value, rel_tol=1e-6)


def without_an_end(xs):
    return sum(x * xs[0] for x in itertools.count())


def test_a_sum_without_an_end_is_refused() -> None:
    with pytest.raises(DifferentiationError, match="without an end"):
        grad(without_an_end)([0.8])
