"""Widths, shifts and diagonals that only the run knows: as numbers, in pairs, in lists of them."""

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, jvp, vjp
from tests.test_array_everyday import holds

WEIGHTS = 1.0 + np.arange(100.0)
V, M = np.array([0.3, -0.7, 1.1]), np.array([[0.3, -0.7], [1.1, 0.4]])


def weighed(y):
    return np.sum((y.ravel() * WEIGHTS[: y.size]) ** 2)


def one_pair(x, p):
    return weighed(np.pad(x, [(p, p + 1)], "constant"))


def two_pairs(x, p):
    return weighed(np.pad(x, [(0, p), (p, 0)], "constant"))


def two_lists(x, p):
    return weighed(np.pad(x, [[0, p], [p, 0]]))


def two_numbers(x, p):
    return weighed(np.pad(x, [p, p + 2]))


def one_number(x, p):
    return weighed(np.pad(x, [p]))


def of_a_dict(x, p, settings):
    return weighed(np.pad(x, [(settings["pad"], p)], "constant"))


def as_given(x, widths):
    return weighed(np.pad(x, widths))


def in_pairs(x, widths):
    return weighed(np.pad(x, [(w, w) for w in widths]))


def rolled(x, p):
    return weighed(np.roll(x, [p, p + 1], axis=(0, 1)))


def laid(x, p):
    return weighed(np.tile(x, [p, p + 1]))


@pytest.mark.parametrize("f", [one_pair, two_numbers, one_number])
def test_widths_of_a_vector(f):
    holds(f, V, 1)


@pytest.mark.parametrize("f", [one_pair, two_pairs, two_lists, two_numbers, rolled, laid])
def test_widths_of_a_matrix(f):
    holds(f, M, 1)


def test_width_in_a_dict():
    x = np.array([0.3, -0.7])
    assert grad(of_a_dict)(x, 1, {"pad": 2}) == pytest.approx(2.0 * x * WEIGHTS[2:4] ** 2)


@pytest.mark.parametrize(
    "widths", [[1, 2], (1, 2), 2, [(1, 2)], [(1, 2), (0, 1)], np.eye(2, dtype=int)]
)
def test_widths_as_given(widths):
    x = M
    places = np.pad(np.ones_like(x), widths).ravel() > 0.0
    expected = 2.0 * x.ravel() * WEIGHTS[: places.size][places] ** 2
    assert grad(as_given)(x, widths).ravel() == pytest.approx(expected)


def test_widths_of_a_comprehension():
    holds(in_pairs, M, (1, 2))


def diagonal(x, k):
    return weighed(np.diag(x, k)) + np.trace(x, k) ** 3


def of_a_vector(x, k):
    return weighed(np.diag(x, k))


def above(x):
    n = len(x) // 2
    return np.sum(np.concatenate([np.diag(x, n), np.diag(x, -n)]) ** 3)


def triangles(x, k):
    return weighed(np.triu(x, k) + 2.0 * np.tril(x, k) + np.eye(3, k=k) * x**2)


@pytest.mark.parametrize("k", [0, 1, -1])
def test_diagonals_by_the_run(k):
    x = np.sin(np.arange(9.0)).reshape(3, 3)
    holds(diagonal, x, k)
    holds(triangles, x, k)
    holds(above, x)
    holds(of_a_vector, V, k)


def columns_in_order(x):
    order = np.argsort(x[0])
    y = x[:, order]
    return np.sum(y[:, 0] ** 3)


def test_pullback_of_columns():
    value, pullback = vjp(columns_in_order, M)
    (x_bar,) = pullback(2.0)
    assert value == columns_in_order(M)
    assert x_bar == pytest.approx(2.0 * grad(columns_in_order)(M))
    assert pullback(1.0)[0] == pytest.approx(grad(columns_in_order)(M))


def of_its_dtype(x):
    y = np.tanh(x)
    return weighed(y.astype(x.dtype, copy=False))


def written_to(x):
    y = np.tanh(x)
    z = y.astype(np.float64, copy=False)
    z[0] = 2.0 * x[1]  # it is `y` itself
    return np.sum(y**3)


def apart(x):
    y = np.tanh(x)
    z = y.astype(np.float64, copy=True)
    z[0] = 2.0 * x[1]
    return np.sum(y**3) + z[0]


def test_dtype_without_a_copy():
    for f in (of_its_dtype, apart):
        holds(f, V)
        assert jvp(f, (V,), (V,))[1] == pytest.approx(grad(f)(V) @ V)
    with pytest.raises(DifferentiationError, match="a view of an array that is written to"):
        grad(written_to)(V)
