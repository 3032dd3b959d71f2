"""The adjoint of a row is copied only where that row may be written to: Euler's method by rows."""

from __future__ import annotations

import numpy as np
import pytest

from sourcediff import grad, hvp
from tests.test_arrays import difference

rng = np.random.default_rng(3)
X, A = rng.normal(size=3), rng.normal(size=(3, 3)) * 0.5


def euler(x, a, n):
    path = np.zeros((n + 1, len(x)))
    path[0] = x
    for i in range(n):
        path[i + 1] = path[i] + 0.1 * (a @ path[i])
    return np.sum(path**2)


def two_steps(x, a, n):
    path = np.zeros((n + 2, len(x)))
    path[0] = x
    path[1] = a @ x
    for i in range(1, n + 1):
        path[i + 1] = path[i] + path[i - 1] * (a @ path[i])
    return np.sum(path[-1] ** 3)


def round_the_end(x, a, n):
    """The row before the first one is the last."""
    path = np.zeros((n, len(x)))
    path[0] = x
    for i in range(n):
        path[i] = path[i - 1] * 0.5 + path[i] + a @ path[i - 1]
    return np.sum(path**2)


def from_below_zero(x, a, n):
    """Rows -1 and 0 of one row are the same."""
    path = np.ones((1, len(x))) * x
    for i in range(-1, 0):
        path[i + 1] = path[i] * 2.0 + a @ path[i]
    return np.sum(path**2) + n


def upwards(x, a, n):
    path = np.zeros((n + 1, len(x)))
    path[n] = x
    for i in range(n, 0, -1):
        path[i - 1] = path[i] + 0.1 * (a @ path[i])
    return np.sum(path**3)


def parts_of_a_row(x, a, n):
    path = np.ones((n + 1, len(x)))
    path[0] = x
    for i in range(n):
        row = path[i + 1]
        row[1:] = path[i, :-1] * path[i, 1:]
        row[0] = path[i] @ a[0]
        path[i, 0] = row[1] * row[2]
    return np.sum(path**2)


def into_itself(x, a, n):
    path = np.ones((n + 1, len(x)))
    path[0] = x
    for i in range(n):
        path[i + 1] = path[i + 1] * path[i] + path[i + 1]
        path[i + 1] += a @ path[i + 1]
    return np.sum(path**2)


def rows_of_a_list(x, a, n):
    row = x * 2.0
    rows = [row, row]
    for i in range(1):
        rows[i + 1][0] = rows[i] @ a[0]
        rows[i][1] = rows[i + 1] @ a[1]
    return np.sum(rows[0] ** 2) + n


PROGRAMS = [
    euler,
    two_steps,
    round_the_end,
    from_below_zero,
    upwards,
    parts_of_a_row,
    into_itself,
    rows_of_a_list,
]


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("f", PROGRAMS)
def test_derivatives(f, n):
    args = (X, A, n)
    found = grad(f, argnums=(0, 1))(*args)
    for place in (0, 1):
        assert found[place] == pytest.approx(difference(f, args, place, 1e-6), rel=1e-5, abs=1e-6)
    second = hvp(f, args, (A[0], A, None))
    above, below = (
        grad(f, argnums=(0, 1))(X + step * A[0], A + step * A, n) for step in (1e-6, -1e-6)
    )
    for place in (0, 1):
        expected = (above[place] - below[place]) / 2e-6
        assert second[place] == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_the_next_row_is_looked_at_where_it_is():
    derivative = grad(euler, argnums=(0, 1))
    derivative(X, A, 3)
    reverse = derivative.source.split("# adjoint of: ")[2]
    assert "copy()" not in reverse
