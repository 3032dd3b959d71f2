"""Derivatives of orders one to four, as gradients of gradients.

Each function is held against a formula in closed form where it has one, and against differences
that mpmath takes of the function itself with fifty digits: the same Python code, run on numbers
of that precision.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mpmath
import pytest

from sourcediff import grad

ORDERS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Case:
    """A function of one number, with the points at which it is smooth.

    `closed` gives the derivative of an order at a point, where there is a formula.
    """

    function: Callable[[Any], Any]
    points: tuple[float, ...]
    closed: Callable[[float, int], float] | None = field(default=None)


# Loops ---------------------------------------------------------------------------------------


def power_by_loop(x):
    y = 1.0
    for _ in range(7):
        y *= x
    return y


def derivative_of_power(x, order):
    return math.perm(7, order) * x ** (7 - order)


def exponential_series(x):
    total = term = 1.0
    for n in range(1, 30):
        term = term * x / n
        total += term
    return total


def geometric_sum(x):
    total = 0.0
    for _ in range(60):
        total = 1.0 + x * total
    return total


def derivative_of_geometric(x, order):
    return math.factorial(order) / (1.0 - x) ** (order + 1)


def chebyshev(x):
    """T₅ by its recurrence."""
    before, here = 1.0, x
    for _ in range(4):
        before, here = here, 2.0 * x * here - before
    return here


def derivative_of_chebyshev(x, order):
    # T₅(x) = 16 x⁵ − 20 x³ + 5 x, DLMF table 18.5.
    return sum(
        c * math.perm(n, order) * x ** (n - order)
        for c, n in ((16, 5), (-20, 3), (5, 1))
        if n >= order
    )


def logistic_map(x):
    for _ in range(5):
        x = 3.1 * x * (1.0 - x)
    return x


def root_by_newton(a):
    """The square root, by a loop that ends when it stands still."""
    x = a
    for _ in range(50):
        better = 0.5 * (x + a / x)
        if better == x:
            break
        x = better
    return x * x * x


def nested(x):
    total = 0.0
    for i in range(4):
        inner = x
        for j in range(i):
            inner = inner * x + 0.1 * j
        total += inner * inner
    return total


# Branches and exits --------------------------------------------------------------------------


def branched(x):
    y = x
    for i in range(6):
        if y > 1.0:
            y = y / (1.0 + y * x)
        elif i % 2:
            y = y * y + x
        else:
            y = y + 0.5 * x * x
    return y


def left_early(x):
    y = 0.5
    for i in range(20):
        y = y * x + 0.3
        if y > 2.0:
            return y * x + i
        if y < 0.0:
            break
    else:
        y = y * y
    return y - x * x * x


def while_below(x):
    steps = 0
    y = x
    while y < 10.0:
        y = y * (1.0 + x * x)
        steps += 1
    return y / (1 + steps)


# Lists and helpers ---------------------------------------------------------------------------


def by_list(x):
    terms = []
    for n in range(6):
        terms.append(x**n / (1.0 + n))
    terms[0] = terms[1] * terms[2]
    return sum(t * t for t in terms)


def helper(u, v):
    if u > v:
        return u * u * v
    return u + v * v * v


def with_helper(x):
    y = helper(x, 0.5)
    for _ in range(3):
        y = helper(y, x)
    return y


CASES = [
    Case(power_by_loop, (1.3, -0.7), derivative_of_power),
    Case(exponential_series, (0.4, 1.5), lambda x, order: math.exp(x)),
    Case(geometric_sum, (0.3, -0.4), derivative_of_geometric),
    Case(chebyshev, (0.2, 0.9), derivative_of_chebyshev),
    Case(logistic_map, (0.3, 0.81)),
    Case(nested, (0.8, -0.3)),
    Case(branched, (0.4, 1.2)),
    Case(left_early, (0.9, 1.4, -0.8)),
    Case(while_below, (0.7, 1.9)),
    Case(by_list, (0.6, 1.1)),
    Case(with_helper, (0.7, 0.3)),
]

POINTS = [
    pytest.param(case, point, order, id=f"{case.function.__name__}-{point}-{order}")
    for case in CASES
    for point in case.points
    for order in ORDERS
]


def nth(function: Callable[[Any], Any], order: int) -> Callable[[float], float]:
    """The gradient of the gradient of …, to an order."""
    for _ in range(order):
        function = grad(function)
    return function


@pytest.mark.parametrize(("case", "point", "order"), POINTS)
def test_the_derivative_is_that_of_differences_of_fifty_digits(case, point, order):
    with mpmath.workdps(50):
        expected = float(mpmath.diff(case.function, mpmath.mpf(point), order))
    actual = nth(case.function, order)(point)
    assert math.isclose(actual, expected, rel_tol=1e-10, abs_tol=1e-10)


@pytest.mark.parametrize(("case", "point", "order"), [p for p in POINTS if p.values[0].closed])
def test_the_derivative_is_that_of_the_formula(case, point, order):
    expected = case.closed(point, order)
    actual = nth(case.function, order)(point)
    assert math.isclose(actual, expected, rel_tol=1e-10, abs_tol=1e-10)


@pytest.mark.parametrize("order", ORDERS)
def test_the_derivatives_of_a_root_by_iteration(order):
    """Newton's iteration for the root of a, cubed: the derivatives of a ** 1.5.

    Differences do not see them: how often the loop turns depends on the last digit.
    """
    point = 2.0
    factor = math.prod(1.5 - k for k in range(order))
    expected = factor * point ** (1.5 - order)
    assert math.isclose(nth(root_by_newton, order)(point), expected, rel_tol=1e-9)
