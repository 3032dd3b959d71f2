"""Sums that begin with a number and are arrays from the first turn on: turn by turn where known."""

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp, value_and_grad, vjp

X, ALONG = np.array([0.4, -0.7, 1.1]), np.array([0.3, -0.2, 0.8])


def summed(x, n):
    y = 0
    for i in range(n):
        y = y + x * i
    return np.sum(y**2)


def in_place(x, n):
    y = 0.0
    for i in range(n):
        y += x * i
    return np.sum(y**2)


def beside_another(x, n):
    skip, h = 0, x
    for _ in range(n):
        h = np.tanh(h)
        skip = skip + h
    return np.sum(h * skip)


def two_at_once(x, n):
    y, z = 0, 1
    for _ in range(n):
        y, z = y + x * z, z * x
    return np.sum(y * z)


def only_in_a_branch(x, n):
    h = 0.0
    for i in range(n):
        if i > 1:
            h = h + x
    return np.sum(h * h) + np.sum(x)


def in_two_loops(x, n):
    y = 0
    for i in range(n):
        for j in range(2):
            y += x * i * j
    return np.sum(y**2)


def by_two_names(x, n):
    y = z = 0
    for _ in range(n):
        y += x
        z = y
        y += z * x
    return np.sum(y**2) + np.sum(z)


PROGRAMS = [
    summed,
    in_place,
    beside_another,
    two_at_once,
    only_in_a_branch,
    in_two_loops,
    by_two_names,
]


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize("program", PROGRAMS)
def test_in_every_mode(program, n):
    derivative = value_and_grad(program)
    value, found = derivative(X, n)
    assert not derivative.__sourcediff__.latest.is_general
    assert value == program(X, n)
    h = 1e-5
    steps = h * np.eye(3)
    expected = [(program(X + s, n) - program(X - s, n)) / (2 * h) for s in steps]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    assert found.shape == X.shape
    assert jvp(program, (X, n), (ALONG, None))[1] == pytest.approx(found @ ALONG, abs=1e-12)
    _, pullback = vjp(program, X, n)
    np.testing.assert_allclose(pullback(2.0)[0], 2.0 * found, rtol=1e-12)
    ahead, behind = (grad(program)(X + step * ALONG, n) for step in (h, -h))
    (second,) = hvp(lambda x: program(x, n), (X,), (ALONG,))
    np.testing.assert_allclose(second, (ahead - behind) / (2 * h), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("program", PROGRAMS)
def test_numbers_of_turns_in_any_order(program):
    derivative = grad(program)
    for n in (3, 0, 18, 2, 17, 3):
        h = 1e-6 * np.eye(3)
        expected = [(program(X + s, n) - program(X - s, n)) / 2e-6 for s in h]
        rough = 1e-6 * max(1.0, *map(abs, expected))
        np.testing.assert_allclose(derivative(X, n), expected, rtol=1e-5, atol=rough)


def test_a_range_that_is_known():
    def three(x):
        y = 0
        for i in range(3):
            y = y + x * i
        return np.sum(y**2)

    derivative = grad(three)
    np.testing.assert_allclose(derivative(X), 18.0 * X, rtol=1e-12)
    assert not derivative.__sourcediff__.latest.is_general
