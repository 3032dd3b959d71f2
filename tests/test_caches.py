"""Functions with a cache: entered as if they had none, where that makes no difference."""

import functools
import math
from collections.abc import Callable

import pytest

from sourcediff import DifferentiationError, grad
from tests.every_mode import check_in_every_mode

SEEN: list[int] = []


@functools.cache
def noted(n):
    SEEN.append(n)
    return 2.0 * n


def of_a_module(x):
    return (noted(1) + noted(1)) * x * len(SEEN)


def of_a_list(x):
    calls = []

    @functools.cache
    def level(n):
        calls.append(n)
        return x if n == 0 else level(n - 1) * x

    return level(2) + level(1) * len(calls)


def of_a_counter(x):
    calls = 0

    @functools.lru_cache(maxsize=8)
    def level(n):
        nonlocal calls
        calls += 1
        return n * x

    return level(2) + level(2) * calls


def of_a_call(x):
    calls = [0]

    def level(n):
        calls[0] += 1
        return n * x

    kept = functools.cache(level)
    return kept(2) + kept(2) * calls[0]


@pytest.mark.parametrize("program", [of_a_module, of_a_list, of_a_counter, of_a_call])
def test_what_a_cache_would_do_once_is_refused(program: Callable) -> None:
    with pytest.raises(DifferentiationError, match="a function with a cache that changes"):
        grad(program)(1.2)


def of_a_number_that_is_bound_anew(x):
    @functools.cache
    def level(n):
        return n * x

    first = level(2)
    x = 3.0 * x
    return first + level(2)


def of_an_item_that_is_written(x):
    scale = [x]

    @functools.cache
    def level(n):
        return n * scale[0]

    first = level(2)
    scale[0] *= 3.0
    return first + level(2)


@pytest.mark.parametrize("program", [of_a_number_that_is_bound_anew, of_an_item_that_is_written])
def test_what_a_cache_would_not_know_is_refused(program: Callable) -> None:
    with pytest.raises(DifferentiationError, match="changed after its definition"):
        grad(program)(1.2)


def rows_made_inside(xs):
    @functools.cache
    def row(n):
        made = [1.0]
        made.append(math.sin(xs[n % 3]) * (row(n - 1) if n else 1.0))
        made[0] += xs[0]
        return made[0] * made[1]

    return row(4) + row(2)


def test_a_cache_of_what_only_computes() -> None:
    check_in_every_mode(rows_made_inside, [0.8, 1.3, 2.1])


def of_a_list_that_is_changed(x):
    row = functools.cache(lambda n: [x * n])
    row(1).append(x)
    return sum(row(1))


def of_a_list_by_name(x):
    @functools.cache
    def row(n):
        made = [x * n, 1.0]
        return made

    first = row(2)
    first[0] = 5.0
    return sum(row(2))


def of_a_list_that_is_handed_on(x):
    @functools.cache
    def row(n):
        return [x * n, 1.0]

    def empty(whole):
        whole.clear()
        return 1.0

    return empty(row(2)) + sum(row(2))


@functools.cache
def table(n):
    return [2.0 * n, 1.0] if n else []


def of_a_list_of_a_module(x):
    whole = table(3)
    whole += [x]
    return sum(whole)


@pytest.mark.parametrize(
    "program",
    [
        of_a_list_that_is_changed,
        of_a_list_by_name,
        of_a_list_that_is_handed_on,
        of_a_list_of_a_module,
    ],
)
def test_a_list_that_the_cache_has_changed_is_refused(program: Callable) -> None:
    with pytest.raises(DifferentiationError, match="cache"):
        grad(program)(0.7)


def test_lists_of_a_cache_are_read() -> None:
    def program(xs):
        @functools.cache
        def row(n):
            return [x * n for x in xs]

        @functools.cache
        def best(n):
            return max([xs[0], xs[1] * n]) if n else xs[2]

        def twice(v):
            return 2.0 * v

        return sum(row(2)) * row(3)[1] + twice(best(2)) * table(1)[0]

    check_in_every_mode(program, (0.7, -0.4, 1.3))
