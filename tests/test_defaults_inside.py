"""Whole numbers that a derivative is not given, where it is called in what is differentiated."""

from __future__ import annotations

import numpy as np
import pytest

from sourcediff import grad, hessian, hvp

X = np.array([0.4, -0.9, 1.3, 0.7])


def window(x, radius=1):
    total = 0.0
    for i in range(len(x)):
        for d in range(-radius, 1):
            total += x[i] ** 3 * (d + 2)
    return total


def spline(x, degree=2):
    total = 0.0
    for t in range(2):
        d = [x[j + t] * x[j] for j in range(degree + 1)]
        total += d[degree] ** 2
    return total


def by_keyword(x, *, steps=2, rate=0.5):
    for i in range(steps):
        for _ in range(i, steps):
            x = x - rate * np.sin(x)
    return np.sum(x * x) / steps


@pytest.mark.parametrize("function", [window, spline, by_keyword])
def test_second_derivatives(function):
    first = grad(function)
    along = np.cos(X)
    (second,) = hvp(function, (X,), (along,))
    expected = (first(X + 1e-6 * along) - first(X - 1e-6 * along)) / 2e-6
    np.testing.assert_allclose(second, expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(hessian(function)(X) @ along, expected, rtol=1e-6, atol=1e-7)


def test_the_same_derivative_for_several_numbers_of_turns():
    def power(a, n=2, k=3):
        s = a
        for i in range(n):
            for _ in range(i, k):
                s = s * a + n / k
        return s

    slope = grad(power)

    def product(a):
        return slope(a) * slope(a, 3) * slope(a, k=2)

    found, step = grad(product)(0.7), 1e-6
    expected = (product(0.7 + step) - product(0.7 - step)) / (2 * step)
    assert found == pytest.approx(expected, rel=1e-7)
