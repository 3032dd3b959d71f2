"""Lists of adjoints to which each turn adds at a place of its own: assigned, and only then."""

import pytest

from sourcediff import grad, tape


def first_of_two(xs, ys):
    return sum(x * y for x, y in zip(xs, ys, strict=False))


def shifted(xs, ys):
    total = 0.0
    for i in range(len(xs) - 1):
        total += xs[i + 1] * ys[0]
    return total


def from_the_end(xs, ys):
    total = ys[0]
    n = len(xs)
    for i in range(n):
        total = total * ys[0] + xs[n - 1 - i]
    return total


def under_a_test(xs, ys):
    total = 0.0
    for i in range(len(xs)):
        if ys[i] > 0:
            total += xs[i] * xs[i]
    return total


def left_early(xs, ys):
    total = 0.0
    for i in range(len(xs)):
        if ys[i] < 0:
            break
        total += xs[i] ** 3
    return total


ASSIGNED = (first_of_two, shifted, from_the_end, under_a_test, left_early)


def around_the_end(xs, ys):
    """The place -1 is the last one: met twice."""
    total = 0.0
    for i in range(len(xs) + 1):
        total += xs[i - 1] * ys[0] * i
    return total


def from_below_zero(xs, ys):
    total = 0.0
    for i in range(-1, len(xs)):
        total += xs[i] * ys[0] * (i + 2)
    return total


def both_neighbours(xs, ys):
    total = 0.0
    for i in range(len(xs) - 1):
        total += xs[i] * xs[i + 1]
    return total


def again_and_again(xs, ys):
    total = 0.0
    for k in range(3):
        for i in range(len(xs)):
            total += k * xs[i]
    return total


def in_two_loops(xs, ys):
    total = 0.0
    for x in xs:
        total += x * x
    for x in xs:
        total += x * ys[0]
    return total


def every_second(xs, ys):
    total = 0.0
    for i in range(len(xs)):
        total += xs[i // 2]
    return total


ADDED = (
    around_the_end,
    from_below_zero,
    both_neighbours,
    again_and_again,
    in_two_loops,
    every_second,
)
POINTS = (([0.5, -1.5, 2.0], [1.5, 0.5, 0.7]), ([0.4, 0.9], [0.3, -0.2]), ([0.8], [1.1]))


@pytest.mark.parametrize("function", [*ASSIGNED, *ADDED])
def test_the_gradient_is_that_of_the_tape(function):
    derivative = grad(function)
    for xs, ys in POINTS:
        assert derivative(xs, ys) == pytest.approx(tape.gradient(function, xs, ys), rel=1e-12)


@pytest.mark.parametrize("function", ASSIGNED)
def test_one_place_a_turn_is_assigned(function):
    derivative = grad(function)
    derivative(*POINTS[0])
    assert "xs_bar[" in derivative.source
    assert "] += " not in derivative.source
