"""What is known part by part while compiling: short tuples, numbered items, parts of texts."""

import math

import pytest

from sourcediff import grad, jvp, value_and_grad


def scaled(a, b, c, factor=2.0):
    return a * b * factor + c


def spread_out(x):
    whole = (x, 2 * x, 3.0)
    squares = tuple(a * a for a in whole)
    return scaled(*squares)


def carried(x):
    state = (x, 2 * x, 3.0)
    for _ in range(2):
        state = tuple(a * a + 0.1 * b for a, b in zip(state, (1.0, x, 2.0), strict=True))
    return scaled(*state) / 1e5


def longer_than_a_few(x):
    whole = (x, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
    return sum(tuple(a * a * x for a in whole))


def chosen_of_it(x, k=1):
    return tuple(a * a for a in (x, 2 * x, 3 * x))[k] + sum(tuple(a for a in (x, 1.0) if a > 1.5))


def numbered(x):
    total = 0.0
    for j, b in enumerate((0.5, 0.25, 2.0), start=1):
        total += b * x**j
    for j, b in enumerate((x, 0.25), 3):
        total += b * j
    return total


@pytest.mark.parametrize(
    "function", [spread_out, carried, longer_than_a_few, chosen_of_it, numbered]
)
def test_gradient(function):
    x, h = 1.7, 1e-5
    estimate = (function(x + h) - function(x - h)) / (2 * h)
    value, slope = value_and_grad(function)(x)
    assert value == function(x)
    assert slope == pytest.approx(estimate, rel=1e-6)
    assert jvp(function, (x,), (1.0,))[1] == pytest.approx(slope, rel=1e-12)
    bend = (grad(function)(x + h) - grad(function)(x - h)) / (2 * h)
    assert grad(grad(function))(x) == pytest.approx(bend, rel=1e-6)


def test_parts_of_a_text():
    def f(x, text):
        total = 0.0
        for part in text.split(";"):
            name, _, number = part.partition("=")
            total += float(number) * (x if name == "a" else x * x)
        return total

    slope = grad(f)
    assert slope(3.0, "a=2;b=5") == 2.0 + 30.0
    assert slope(3.0, "b=1") == 6.0
    assert slope(3.0, "a=2;b=5") == 32.0
    with pytest.raises(ValueError, match="could not convert"):
        slope(3.0, "a=b")


TABLE = [(0, 0.1), (10, 0.2), (20, 0.3)]


def test_an_infinite_end_of_a_table():
    def f(x):
        total = 0.0
        for (low, rate), (high, _) in zip(TABLE, TABLE[1:] + [(float("inf"), 0)], strict=True):
            if x <= low:
                break
            total += rate * (min(x, high) - low)
        return total

    assert grad(f)(5.0) == 0.1
    assert grad(f)(15.0) == 0.2
    assert value_and_grad(f)(math.inf) == (math.inf, 0.3)
