"""An iterator that two take items of, or one of which not all are taken; and `count`."""

import itertools
import math
from collections.abc import Callable

import pytest

from sourcediff import DifferentiationError, grad
from tests.every_mode import check_in_every_mode


def in_pairs(xs):
    it = iter(xs)
    return sum(a * b for a, b in zip(it, it, strict=False))


def mapped_in_pairs(xs):
    it = iter(xs)
    return sum(map(lambda a, b: a * b, it, it))


def after_a_shorter_list(xs):
    it = iter(xs)
    dot = sum(a * b for a, b in zip([2.0], it, strict=False))
    return dot * sum(it)


def after_a_break(xs):
    it = iter(xs)
    for _, x in enumerate(it):
        if x > 1.0:
            break
    return x * next(it, 1.0)


def after_all(xs):
    it = iter(xs)
    return 0.0 if all(x < 1.5 for x in it) else sum(it)


def after_takewhile(xs):
    it = iter(xs)
    for _ in itertools.takewhile(lambda x: x < 1.5, it):
        pass
    return sum(it)


def meanwhile(xs):
    it = iter(xs)
    return sum(x * next(it, 1.0) for x in map(math.sin, it))


def in_every_turn(xs):
    it, total = iter(xs), 0.0
    for turn in range(2):
        total += sum(turn * a * b for a, b in zip([1.0, 2.0], it, strict=False))
    return total


def after_accumulate(xs):
    it = iter(xs)
    for total in itertools.accumulate(it):
        if total > 1.0:
            break
    return total + sum(it)


def bound_with_another(xs):
    it, total = iter(xs), 0.0
    for turn in range(2):
        total += sum(turn * a * b for a, b in zip([1.0, 2.0], it, strict=False))
    return total


def backwards_in_pairs(xs):
    it, total = reversed(xs), 1.0
    return total * sum(a * b for a, b in zip(it, it, strict=False))


def mapped_and_taken_twice(xs):
    it, total = map(math.sin, xs), 1.0
    return total * sum(it) + sum(it)


def in_a_list(xs):
    its, total = [iter(xs)] * 2, 0.0
    for turn in range(2):
        total += sum(turn * a * b for a, b in zip([1.0, 2.0], its[0], strict=False))
    return total


def spread(xs):
    return sum(a * b for a, b in zip(*[iter(xs)] * 2, strict=False))


@pytest.mark.parametrize(
    "program",
    [
        bound_with_another,
        backwards_in_pairs,
        mapped_and_taken_twice,
        in_a_list,
        spread,
        in_pairs,
        mapped_in_pairs,
        after_a_shorter_list,
        after_a_break,
        after_all,
        after_takewhile,
        meanwhile,
        in_every_turn,
        after_accumulate,
    ],
)
def test_how_far_an_iterator_has_come_is_never_guessed(program: Callable) -> None:
    with pytest.raises(DifferentiationError, match="iterator"):
        grad(program)([0.8, 1.3, 2.1])


def left_and_not_used_again(xs):
    it = iter(xs)
    first = next(it)
    for x in it:
        if x > 1.0:
            break
    return first * x * x


def counted_in_tenths(xs):
    total = 0.0
    for h, x in zip(itertools.count(0.0, 0.1), xs * 4, strict=False):
        if h >= 0.8:  # seven additions of 0.1 and one more are less than that
            total += 100.0 * x
        total += h * x * x
    return total


def counted_in_steps_of_an_item(xs):
    total = 0.0
    for h in itertools.count(xs[0], xs[1]):
        if h > 5.0:
            break
        total += h * h * xs[2]
    return total


def newton(xs):
    x = xs[0]
    for turn in itertools.count(1):
        step = 0.5 * (x - xs[1] * xs[2] / x)
        x -= step
        if turn == 5:
            return x * turn
    return 0.0


def without_some(xs):
    total = 0.0
    for n in itertools.count(2, 3):
        if n % 2:
            continue
        total += xs[0] * xs[1] ** n
        if n > 9:
            break
    return total * n


def mapped_without_an_end(xs):
    def scaled(n):
        return n * xs[0] * xs[1]

    total = 0.0
    for i, x in enumerate(map(scaled, itertools.count(1))):
        if x > 5.0:
            break
        total += (i + 1) * x * xs[2]
    return total


@pytest.mark.parametrize(
    "program",
    [
        left_and_not_used_again,
        counted_in_tenths,
        counted_in_steps_of_an_item,
        newton,
        without_some,
        mapped_without_an_end,
    ],
)
def test_an_iterator_that_is_left_early(program: Callable) -> None:
    check_in_every_mode(program, [0.8, 1.3, 2.1])
