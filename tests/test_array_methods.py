"""Methods of arrays and functions of NumPy that write, and what is asked of a dtype."""

import numpy as np
import pytest

from sourcediff import grad
from tests.test_array_everyday import holds

RNG = np.random.default_rng(3)
M = RNG.normal(size=(3, 4)) + 0.4
T = RNG.normal(size=(2, 3, 4))
X = np.array([0.3, -0.7, 1.2, 0.85, 0.1])
W = np.sin(1.0 + np.arange(12)).reshape(3, 4)


def sorted_in_place(m):
    y = 2.0 * m
    row = y[1]
    row.sort()
    y.sort(axis=0)
    y.T[0].partition(1)
    return np.sum(W * y**2)


def put_by_number(m):
    z = m.copy()
    np.put(z, [1, 5], [0.5, m[0, 0]])
    z.put([0, 7], 3.0)
    return np.sum(W * z * m)


def put_along_axes(t):
    z = t.copy()
    np.put_along_axis(z, np.argmax(t, axis=1)[:, None, :], 0.5, axis=1)
    np.put_along_axis(z, np.argmin(t, axis=0)[None], 2.0 * t[:1], axis=0)
    np.put_along_axis(z, np.argsort(t, axis=-1)[..., :1], 1.5, axis=-1)
    return np.sum(W * z**2)


def put_by_mask(m):
    z = m.copy()
    np.putmask(z, z > 1.0, 0.9)
    np.putmask(z, z < 0.0, m**2)
    np.place(z, z > 0.8, [0.1, 0.2])
    return np.sum(W * z**2)


def at_places(x):
    y = np.zeros(3)
    np.maximum.at(y, [0, 1, 1, 2, 0], x)
    np.minimum.at(y, np.array([0, 2]), 0.5)
    np.multiply.at(y, [1, 1], x[:2])
    np.negative.at(y, [0])
    np.divide.at(y, 2, x[0])
    np.subtract.at(y, [0, 0], x[3:])
    return np.sum(y**2)


def rows_at_places(m):
    y = np.zeros((2, 4))
    np.maximum.at(y, [0, 1, 0], m)
    np.multiply.at(y, [0, 1], m[0])
    np.subtract.at(y, ([0, 0], [1, 1]), m[0, :2])
    return np.sum(W[:2] * y * y)


def summed_into(m):
    total = np.empty(4)
    found = m.sum(axis=0, out=total)
    total *= 2.0
    return np.sum(W[0] * found**2)


@pytest.mark.parametrize("f", [sorted_in_place, put_by_number, put_by_mask, rows_at_places])
def test_of_a_matrix(f):
    holds(f, M)


@pytest.mark.parametrize("f", [put_along_axes])
def test_of_a_stack(f):
    holds(f, T)


def test_at_and_out():
    holds(at_places, X)
    holds(summed_into, M)


def of_dtype(x):
    return np.sum(x * x) if x.dtype == "float64" else 3.0 * np.sum(x)


def of_dtype_by_class(x):
    return np.sum(x * x) if x.dtype == np.float64 else 3.0 * np.sum(x)


@pytest.mark.parametrize("f", [of_dtype, of_dtype_by_class])
def test_a_dtype_is_compared_by_the_run(f):
    """It was taken for unequal to any text."""
    assert np.array_equal(grad(f)(X), 2.0 * X)
    assert np.array_equal(grad(f)(X.astype(np.float32)), np.full(5, 3.0, np.float32))


def columns_of_a_list(m):
    parts = []
    for k in range(3):
        parts.append(m * m[0, k])
    return np.sum(np.sin(np.column_stack(parts)))


def test_matrices_in_a_list_side_by_side():
    holds(columns_of_a_list, M)
