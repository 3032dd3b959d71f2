"""A power of a negative number is complex: that is refused or said, and never taken as real."""

import math
import operator

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, jvp, vjp


def halved(x):
    return (-x) ** 0.5


def by_helper(x):
    return halved(x).imag


def in_a_branch(x):
    return ((-x) ** 0.5).imag if x > 0 else x


def in_a_loop(x):
    total = 0.0
    for k in range(3):
        total += ((-x - k) ** 0.5).imag
    return total


def in_place(x):
    y = -x
    y **= 0.5
    return y.imag


def in_a_list(x):
    values = [(-x) ** 0.5, x]
    return values[0].imag + values[1]


def in_a_test(x):
    y = (-x) ** 0.5
    return x * 2 if y.imag > 0 else x * 3


def in_a_generator(x):
    return sum(y.imag for y in [(-x) ** 0.5, (-x) ** 1.5])


def as_a_key(x):
    return max([(-x) ** 0.5], key=lambda y: y.imag).imag


def by_getattr(x):
    return getattr(pow(-x, 0.5), "imag")  # noqa: B009


def by_operator(x):
    return operator.pow(-x, 0.5).imag


def exponent_of_the_run(x, p=0.5):
    return ((-x) ** p).imag


def by_class(x):
    y = (-x) ** 0.5
    return y.imag if isinstance(y, complex) else y


PROGRAMS = [
    by_helper,
    in_a_branch,
    in_a_loop,
    in_place,
    in_a_list,
    in_a_test,
    in_a_generator,
    as_a_key,
    by_getattr,
    by_operator,
    exponent_of_the_run,
    by_class,
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "derivative",
    [lambda f: grad(f)(1.3), lambda f: jvp(f, (1.3,), (1.0,)), lambda f: vjp(f)(1.3)],
    ids=["grad", "jvp", "vjp"],
)
def test_the_imaginary_part_of_such_a_power_is_refused(f, derivative):
    """They all gave zero, in silence."""
    with pytest.raises(DifferentiationError, match="power of what may be negative"):
        derivative(f)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x.imag + x * x, 2.6),
        (lambda x: x.imag + (x * x + 1) ** 0.5, 1.3 / math.sqrt(2.69)),
        (lambda x: abs(x).imag + abs(x) ** 1.5, 1.5 * math.sqrt(1.3)),
        (lambda x: x.imag + math.e**x + 10 ** (x / 20), None),
        (lambda x: x.imag + 2 * (math.exp(x) / (1 + x**2)) ** 0.3, None),
        (lambda x: x.imag + math.pow(x, 1.5), 1.5 * math.sqrt(1.3)),
    ],
)
def test_powers_of_what_is_not_negative_stay_real(f, expected):
    if expected is None:
        expected = (f(1.3 + 1e-6) - f(1.3 - 1e-6)) / 2e-6
    assert grad(f)(1.3) == pytest.approx(expected, rel=1e-8)


def test_a_complex_gradient_of_an_array_is_an_error():
    def f(a, x):
        return np.sum(a * a) * (-x) ** 0.5

    with pytest.raises(ValueError, match="complex"):
        grad(f)(np.ones(2), 1.3)


def test_arrays_of_complex_numbers_outside_are_read_and_lists_of_them_refused():
    held = [1j, 2.0]
    array = np.array([1j, 2.0])
    with pytest.raises(DifferentiationError):
        grad(lambda x: abs(held[0] * x))(1.3)
    assert grad(lambda x: np.abs(array * x).sum())(1.3) == pytest.approx(3.0)


def test_half_of_a_complex_number_is_not_dropped_by_an_array():
    """NumPy only warns where a complex number goes into an array of real ones."""

    def f(a, x):
        return np.abs(np.sum(a) * (-x) ** 0.5)

    assert grad(f)(np.array([1.0, 2.0]), -2.0) == pytest.approx(math.sqrt(2.0))
    with pytest.raises(ValueError, match="raised to a power that is not whole"):
        grad(f)(np.array([1.0, 2.0]), 2.0)
