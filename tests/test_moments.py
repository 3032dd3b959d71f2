"""`statistics` of lists: spread and means of other kinds; copies, places in order, random draws."""

import bisect
import copy
import math
import random
import statistics
import sys
from statistics import mean, stdev

import pytest

from sourcediff import DifferentiationError, grad, hessian, hvp, jvp, value_and_grad
from tests.differences import item_differences

XS = [1.0, 2.5, 0.7, 3.1]


def variance(xs):
    return statistics.variance(xs) * xs[0]


def pvariance(xs):
    return statistics.pvariance(xs) + statistics.pvariance([x * x for x in xs])


def deviation(xs):
    return stdev(xs) ** 2 * 3 + stdev(x * x for x in xs)


def pdeviation(xs):
    return statistics.pstdev(xs)


def geometric(xs):
    return statistics.geometric_mean(xs) * 2


def harmonic(xs):
    return statistics.harmonic_mean(xs) * xs[1]


def changed_between(xs):
    s = stdev(xs)
    xs[0] = s * 2
    xs.append(statistics.variance(xs))
    return statistics.pstdev(xs) + s


def largest_score(xs):
    m, s = mean(xs), stdev(xs)
    return max((x - m) / s for x in xs)


def in_a_loop(xs):
    total = 0.0
    for k in range(2, 5):
        total += stdev(xs[:k]) * statistics.variance([x + total for x in xs[:k]])
    return total


def copied(xs):
    ys, zs = copy.copy(xs), copy.deepcopy(xs)
    ys[0] *= 2
    zs.append(ys[0] * ys[1])
    return sum(ys) + math.prod(zs) + xs[0]


FUNCTIONS = [
    variance,
    pvariance,
    deviation,
    pdeviation,
    geometric,
    harmonic,
    changed_between,
    largest_score,
    in_a_loop,
    copied,
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradient(function):
    xs = [*XS]
    value, found = value_and_grad(function)(xs)
    assert xs == XS
    assert value == function([*XS])
    assert found == pytest.approx(item_differences(function, XS), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("function", [variance, pdeviation, geometric, harmonic])
def test_second_derivatives(function):
    found = hessian(function)(XS)
    for place, row in enumerate(found):
        expected = item_differences(lambda xs, k=place: grad(function)(xs)[k], XS)
        assert row == pytest.approx(expected, rel=1e-5, abs=1e-7)


def test_of_numbers_in_a_display():
    def spread(x):
        return stdev([x, 2 * x, 3.0])

    step = 1e-6
    expected = (spread(0.3 + step) - spread(0.3 - step)) / (2 * step)
    assert grad(spread)(0.3) == pytest.approx(expected, rel=1e-7)


def test_no_spread():
    """The deviation has a kink where all items are equal."""
    assert grad(pdeviation)([2.0, 2.0]) == [0.0, 0.0]


def test_a_place_in_order():
    def interpolated(x, knots, values):
        k = bisect.bisect_left(knots, x)
        share = (x - knots[k - 1]) / (knots[k] - knots[k - 1])
        return (1 - share) * values[k - 1] + share * values[k]

    slope, weights = grad(interpolated, argnums=(0, "values"))(
        1.2, [0.0, 1.0, 3.0], [1.0, 4.0, 2.0]
    )
    assert slope == pytest.approx(-1.0, rel=1e-12)
    assert weights == pytest.approx([0.0, 0.9, 0.1], rel=1e-12)


def test_random_draws():
    def drawn(x):
        random.seed(4)
        return random.randint(1, 6) * x + random.expovariate(2.0) * x**2

    random.seed(4)
    count, rate = random.randint(1, 6), random.expovariate(2.0)
    assert grad(drawn)(3.0) == pytest.approx(count + 6.0 * rate, rel=1e-12)
    with pytest.raises(
        DifferentiationError, match=r"what gammavariate\(\) gives has no derivative"
    ):
        grad(lambda x: random.gammavariate(x, 1.0))(0.5)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="math.sumprod is new in Python 3.12")
def test_sums_of_products():
    def f(xs, ys):
        return math.sumprod(xs, ys) ** 2 + math.sumprod(xs, xs)

    xs, ys = [0.5, -1.5, 2.0], [1.0, 0.25, -0.75]
    dot = sum(x * y for x, y in zip(xs, ys, strict=True))
    value, (found, other) = value_and_grad(f, argnums=(0, 1))(xs, ys)
    assert value == f(xs, ys)
    assert found == pytest.approx([2 * dot * y + 2 * x for x, y in zip(xs, ys, strict=True)])
    assert other == pytest.approx([2 * dot * x for x in xs])
    assert jvp(f, (xs, ys), ([1.0, 0.0, 0.0], [0.0, 0.0, 1.0]))[1] == pytest.approx(
        found[0] + other[2]
    )
    assert hvp(f, (xs, ys), ([1.0, 0.0, 0.0], [0.0, 0.0, 0.0]))[0] == pytest.approx(
        [2 * ys[0] * y + 2 * (k == 0) for k, y in enumerate(ys)]
    )
