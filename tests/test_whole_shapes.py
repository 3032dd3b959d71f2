"""The shape of an array that is handed on as a whole is written as a whole."""

import numpy as np
import pytest

from sourcediff import grad


def drawn(x, rng):
    return np.sum(x**2 * rng.random(x.shape))


def longer(x):
    shape = x.shape
    x = np.concatenate([x, x]) * 2.0
    return np.sum(np.ones(shape) * x[: shape[0]] ** 2)


@pytest.mark.parametrize("x", [np.array([0.5, 1.5]), np.array([[0.5, 1.5], [2.5, 0.5]])])
def test_a_shape_is_written_as_a_whole(x):
    derivative = grad(drawn)
    found = derivative(x, np.random.default_rng(1))
    np.testing.assert_allclose(found, 2 * x * np.random.default_rng(1).random(x.shape))
    assert "rng.random(x.shape)" in derivative.source


def test_a_shape_is_that_of_the_array_where_it_was_read():
    np.testing.assert_allclose(grad(longer)(np.array([0.5, 1.5, 2.0])), [4.0, 12.0, 16.0])
