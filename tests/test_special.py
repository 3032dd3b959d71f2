"""The functions that derivatives carry along, against mpmath."""

import math
import random

import mpmath
import pytest

from sourcediff import grad
from sourcediff.rules.special import polygamma
from tests.outcome import close

DIGITS = 40
ORDERS = range(6)
# Above 0 there is no cancellation, but at the one zero of digamma, which is near 1.46.
RTOL, ATOL = 4e-15, 2e-15
# Below 0 the two terms of the reflection cancel; each is of the size of the derivative half way
# between two poles, where the terms of the polynomial in the cotangent cancel too.
REFLECTED_RTOL = 2e-14


def exact(n: int, x: float) -> float:
    with mpmath.workdps(DIGITS):
        return float(mpmath.psi(n, mpmath.mpf(x)))


def size_between_poles(n: int, x: float) -> float:
    """The sum over the poles of the distances to a power: what cancels is not larger.

    The nearest pole counts with its distance, all others are at least half a unit away.
    """
    near = abs(x - round(x))
    return math.factorial(n) * (2.0 ** (n + 3) + near ** -(n + 1.0)) + math.log(2 + abs(x))


def points(seed: str, low: float, high: float, count: int = 60) -> list[float]:
    source = random.Random(seed)
    return [source.uniform(low, high) for _ in range(count)]


@pytest.mark.parametrize("n", ORDERS)
@pytest.mark.parametrize(("low", "high"), [(1e-6, 0.1), (0.1, 3.0), (3.0, 40.0), (40.0, 1e4)])
def test_positive(n: int, low: float, high: float) -> None:
    for x in points(f"positive {n}", low, high):
        assert close(polygamma(n, x), exact(n, x), rtol=RTOL, atol=ATOL if n == 0 else 0.0)


@pytest.mark.parametrize("n", ORDERS)
@pytest.mark.parametrize(("low", "high"), [(-1.0, 0.0), (-6.0, -1.0), (-300.0, -6.0)])
def test_negative_without_the_integers(n: int, low: float, high: float) -> None:
    for x in points(f"negative {n}", low, high):
        atol = REFLECTED_RTOL * size_between_poles(n, x)
        assert close(polygamma(n, x), exact(n, x), rtol=RTOL, atol=atol)


@pytest.mark.parametrize("n", ORDERS)
@pytest.mark.parametrize("pole", [0, -1, -2, -17])
@pytest.mark.parametrize("distance", [2.0**-10, -(2.0**-10), 2.0**-40, -(2.0**-40)])
def test_near_poles(n: int, pole: int, distance: float) -> None:
    x = pole + distance  # exact, as the distances are powers of 2
    assert close(polygamma(n, x), exact(n, x), rtol=1e-14, atol=0.0)


@pytest.mark.parametrize("distance", [1e-30, -1e-30, 1e-100, -1e-100, 1e-300, -1e-300])
def test_so_near_to_zero_that_only_the_pole_counts(distance: float) -> None:
    assert close(polygamma(0, distance), -1 / distance, rtol=RTOL, atol=0.0)
    if abs(distance) > 1e-150:
        assert close(polygamma(1, distance), 1 / distance**2, rtol=RTOL, atol=0.0)


@pytest.mark.parametrize("x", [1e5, 1e15, 1e19, 1e20, 1e30, 1e154, 1e200, 1e308])
def test_large(x: float) -> None:
    # The first two terms of the asymptotic series; the next is smaller by 1 / x ** 2.
    assert close(polygamma(0, x), math.log(x) - 0.5 / x, rtol=1e-10, atol=0.0)
    assert close(polygamma(0, x), exact(0, x), rtol=RTOL, atol=0.0)
    assert close(polygamma(1, x), exact(1, x), rtol=RTOL, atol=0.0)
    # Smaller than any float from 1e200 on: zero, and not an error.
    assert close(polygamma(2, x), exact(2, x), rtol=RTOL, atol=0.0)


def test_infinity_and_nan() -> None:
    assert polygamma(0, math.inf) == math.inf  # as the logarithm
    for n in ORDERS[1:]:
        assert polygamma(n, math.inf) == 0.0
    for n in ORDERS:
        assert math.isnan(polygamma(n, math.nan))


@pytest.mark.parametrize("n", ORDERS)
# From 2 ** 53 on all floats are whole; at -inf gamma itself raises ValueError.
@pytest.mark.parametrize("pole", [0.0, -0.0, 0, -1.0, -1, -2.0, -171.0, -1e16, -1e300, -math.inf])
def test_poles_raise(n: int, pole: float) -> None:
    with pytest.raises(ValueError, match=r"pole|domain"):
        polygamma(n, pole)


# Abramowitz and Stegun, 6.3.2, 6.3.3, 6.4.2 and 6.4.4; Apery's constant is from mpmath.
EULER = 0.5772156649015329
CLOSED_FORMS = [
    (0, 1, -EULER),
    (0, 1.0, -EULER),
    (0, 2.0, 1 - EULER),
    (0, 0.5, -EULER - 2 * math.log(2)),
    (1, 1.0, math.pi**2 / 6),
    (1, 0.5, math.pi**2 / 2),
    (1, -0.5, math.pi**2 / 2 + 4),
    (2, 1.0, -2 * 1.2020569031595942),
    (3, 1.0, math.pi**4 / 15),
    (3, 0.5, math.pi**4),
]


@pytest.mark.parametrize(("n", "x", "expected"), CLOSED_FORMS)
def test_closed_forms(n: int, x: float, expected: float) -> None:
    assert close(polygamma(n, x), expected, rtol=RTOL, atol=ATOL)


def log_gamma(x):
    return math.lgamma(x)


def gamma(x):
    return math.gamma(x)


@pytest.mark.parametrize("x", [0.3, 3.5, 20.0, -0.5, -2.7, 1e20, 1e200])
def test_through_lgamma(x: float) -> None:
    """What the gradient carries along is the text of the function, so it is run there too."""
    atol = REFLECTED_RTOL * size_between_poles(0, x) if x < 0 else 0.0
    assert close(grad(log_gamma)(x), exact(0, x), rtol=RTOL, atol=atol)
    atol = REFLECTED_RTOL * size_between_poles(1, x) if x < 0 else 0.0
    assert close(grad(grad(log_gamma))(x), exact(1, x), rtol=RTOL, atol=atol)


@pytest.mark.parametrize("x", [0.3, 3.5, 20.0, 150.0, -0.5, -2.7, -40.5])
def test_through_gamma(x: float) -> None:
    with mpmath.workdps(DIGITS):
        first = mpmath.gamma(x) * mpmath.psi(0, x)
        second = mpmath.gamma(x) * (mpmath.psi(0, x) ** 2 + mpmath.psi(1, x))
    # math.gamma is good to some units of its last place, and no point is near a zero of digamma.
    assert close(grad(gamma)(x), float(first), rtol=1e-13, atol=0.0)
    assert close(grad(grad(gamma))(x), float(second), rtol=1e-13, atol=0.0)


@pytest.mark.parametrize("function", [gamma, log_gamma])
@pytest.mark.parametrize("pole", [0.0, -3.0])
def test_poles_raise_through_gradients(function, pole: float) -> None:
    with pytest.raises(ValueError, match="domain"):
        function(pole)
    with pytest.raises(ValueError, match=r"domain|pole"):
        grad(function)(pole)
