"""``A[[i, j]] = A[[j, i]]``: the adjoints of two rows change places, also if both are one."""

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp
from tests.test_arrays import difference

rng = np.random.default_rng(8)
A, ALONG = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))


def rows(a, i):
    a[[0, 1]] = a[[1, 0]]
    a[[i, 2]] = a[[2, i]]
    return np.sum(a[0] * a[1] ** 2) + np.sum(a[2] ** 3)


def one_row(a, i):
    a[[i, i]] = a[[i, i]]
    return np.sum(a[0] * a[1] ** 2)


def from_the_end(a, i):
    a[[-1, 2]] = a[[2, -1]]
    a[[-1, 0]] = a[[0, -1]]
    return np.sum(a[0] * a[i] ** 2) + np.sum(a[2] ** 3)


def elements(a, i):
    x = a[i].copy()
    x[[0, 2]] = x[[2, 0]]
    return x[0] ** 2 * x[1] + x[2]


def in_a_branch(a, i):
    b = a * 2.0
    if a[0, 0] > -9.0:
        b[[0, i]] = b[[i, 0]]
    return np.sum(b[0] * b[1] ** 2 * a[2])


def in_a_loop(a, i):
    for k in range(3):
        p = (k + i) % 3
        a[[k, p]] = a[[p, k]]
        a[0] *= a[1, 1]
    return np.sum(a[0] * a[1] ** 2) + np.sum(a[2] ** 3)


def pivoted(a, i):
    a = a.copy()
    total = 0.0
    for k in range(3):
        p = k + int(np.argmax(np.abs(a[k:, k])))
        if p != k:
            a[[k, p]] = a[[p, k]]
        for row in range(k + 1, 3):
            a[row, k:] -= a[row, k] / a[k, k] * a[k, k:]
        total += np.log(np.abs(a[k, k])) * i
    return total


SWAPS = [rows, from_the_end, elements, in_a_branch, in_a_loop, pivoted]


def named_and_used(a, i):
    old = a[[1, 0]]
    a[[0, 1]] = old
    return np.sum(a[0] * a[1] ** 2) + np.sum(old**3)


def changed_between(a, i):
    old = a[[1, 0]]
    a[0] *= 3.0
    a[[0, 1]] = old
    return np.sum(a[0] * a[1] ** 2) + np.sum(old**3)


def no_swap(a, i):
    a[[0, 1]] = a[[0, 1]]
    a[[0, 1]] = a[[0, 2]]
    return np.sum(a[0] * a[1] ** 2) * i


def round_three(a, i):
    a[[0, i, 2]] = a[[i, 2, 0]]
    return np.sum(a[0] * a[1] ** 2 * a[2])


OTHERS = [one_row, named_and_used, changed_between, no_swap, round_three]


@pytest.mark.parametrize("function", [*SWAPS, *OTHERS])
def test_every_mode(function):
    found = grad(function)(A, 1)
    np.testing.assert_allclose(found, difference(function, (A, 1), 0, 1e-6), atol=1e-7)
    assert jvp(function, (A, 1), (ALONG, None))[1] == pytest.approx(np.sum(found * ALONG))

    def f(a):
        return function(a, 1)

    (second,) = hvp(f, (A,), (ALONG,))
    step = 1e-5
    gradient = grad(function)
    expected = gradient(A + step * ALONG, 1) - gradient(A - step * ALONG, 1)
    np.testing.assert_allclose(second, expected / (2 * step), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("function", SWAPS)
def test_the_text_is_a_swap(function):
    derivative = grad(function)
    derivative(A, 1)
    assert "np.arange" not in derivative.source
