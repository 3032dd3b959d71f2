"""Loops that carry arrays which are written to; `break` and `continue` leave a turn on the way."""

from __future__ import annotations

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, hvp, vjp
from tests.test_arrays import difference

X = np.array([0.4, -0.9, 1.3, 0.7, 0.2])


def jacobi(f, tol):
    u = np.zeros_like(f)
    for _ in range(50):
        v = u.copy()
        v[1:-1] = 0.5 * (u[2:] + u[:-2] + f[1:-1])
        change = np.max(np.abs(v - u))
        u = v
        if change < tol:
            break
    return np.sum(u * f)


def jacobi_left_before(f, tol):
    u = np.zeros_like(f)
    for _ in range(50):
        v = u.copy()
        v[1:-1] = 0.5 * (u[2:] + u[:-2] + f[1:-1])
        if np.max(np.abs(v - u)) < tol:
            break
        u = v
    return np.sum(u * f)


def read_behind_the_loop(f, tol):
    u = np.cos(f)
    v = u
    for k in range(6):
        v = u.copy()
        v[1:] *= 0.5 * u[:-1] + f[1:]
        if k == 3 or np.max(np.abs(v)) < tol:
            break
        u = v
    return np.sum(u * f) + np.sum(v**3)


def skipped(f, k):
    u = np.exp(f)
    for t in range(4):
        u = u * k
        if t == 2:
            continue
        u[1:] += f[:-1]
    return np.sum(u**2)


def skipped_in_a_branch(f, k):
    u = np.exp(f)
    for t in range(5):
        w = u * k
        if t % 2 == 0:
            w[0] += np.sum(f)
            if t == 2:
                u = w + f
                continue
            w[1] *= k
        elif t == 3:
            break
        w[2:] -= u[:-2] * f[2:]
        u = w
    return np.sum(u**2)


def skipped_and_left(f, k):
    u = f * 1.0
    s = 0.0
    for t in range(6):
        if t == 1:
            continue
        u[t % 5] += k * s
        s = s + np.sum(u * f)
        if s > 5.0:
            u = u * 0.5
            break
        if t == 4:
            u[0] = 0.3
            continue
        u[1:] *= f[1:]
    return np.sum(u**2) + s


def endless(f, tol):
    u = f.copy()
    n = 0
    while True:
        w = u.copy()
        w[:-1] -= 0.3 * (u[:-1] - u[1:])
        n += 1
        if n > 7:
            raise ArithmeticError("it does not settle")
        if np.sum((w - u) ** 2) < tol:
            break
        u = w
    return np.sum(u**3)


def left_inside(f, k):
    u = np.sin(f)
    for i in range(3):
        for j in range(4):
            u = u * k
            if j == i:
                continue
            u[j] += f[i]
            if u[j] > 0.9:
                break
            u[1:] += 0.1 * u[:-1].copy()
        if i == 1:
            break
        u[0] -= f[1]
    return np.sum(u**2)


def two_arrays_that_change_places(f, k):
    a, b = np.sin(f), np.cos(f)
    for t in range(5):
        a[1:] += k * b[:-1]
        if t == 1:
            a, b = b, a
            continue
        if a[2] > 1.4:
            break
        b[:] = b * f
    return np.sum(a**2 * b)


PROGRAMS = [
    (jacobi, 1e-3),
    (jacobi, 0.2),
    (jacobi_left_before, 1e-3),
    (jacobi_left_before, 0.2),
    (jacobi_left_before, 100.0),
    (skipped, 0.7),
    (skipped_in_a_branch, 0.7),
    (skipped_and_left, 0.7),
    (skipped_and_left, 4.0),
    (endless, 0.05),
    (left_inside, 0.7),
    (left_inside, 1.6),
    (two_arrays_that_change_places, 0.7),
    (two_arrays_that_change_places, 1.9),
]


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("function", "k"), PROGRAMS)
def test_derivatives(function, k, sign):
    args = (sign * X, k)
    derivative = grad(function, (0, 1))
    before = args[0].copy()
    found = derivative(*args)
    is_general = derivative.__sourcediff__.latest.is_general
    assert is_general == (function is skipped_in_a_branch)  # what follows would be there twice
    np.testing.assert_array_equal(args[0], before)
    for place in range(2):
        expected = difference(function, args, place, 1e-6)
        np.testing.assert_allclose(found[place], expected, rtol=1e-6, atol=1e-6)
    value, pullback = vjp(function, *args)
    assert value == function(before.copy(), k)
    for one, other in zip(pullback(1.0), found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
    along = (np.cos(X), 0.3)
    second = hvp(function, args, along)
    above, below = (derivative(args[0] + h * along[0], k + h * along[1]) for h in (1e-5, -1e-5))
    for product, one, other in zip(second, above, below, strict=True):
        np.testing.assert_allclose(product, (one - other) / 2e-5, rtol=1e-5, atol=1e-5)


def test_one_array_by_two_names_behind_the_loop_is_refused():
    with pytest.raises(DifferentiationError, match="two names"):
        grad(read_behind_the_loop)(X, 1e-3)
