"""Writes to places that arrays and lists name, and by ``out=``, against differences."""

import numpy as np
import pytest

from sourcediff import grad, value_and_grad, vjp

places = np.array([2, 0])
twice = np.array([1, 1, -2])


def at_places(x):
    y = np.zeros(3)
    y[places] = x[:2] ** 2
    return np.sum(y * x)


def at_a_list(x):
    y = x.copy()
    y[[0, 2]] = np.sin(x[1:])
    y[[-1, 1]] *= x[:2]
    return np.sum(y * y)


def the_last_stays(x):
    y = x * 1.0
    y[twice] = np.exp(x)
    return np.sum(y * y)


def added_once_where_named_twice(x):
    y = x * 1.0
    y[twice] += np.exp(x)
    return np.sum(y * y)


def a_number_at_places(x):
    y = x * 1.0
    y[twice] = x[0] * x[1]
    return np.sum(y * y)


def rows_at_places(x):
    a = np.outer(x, x)
    a[twice] = np.sin(a) * x
    return np.sum(a * a)


def rows_change_places(x):
    a = np.outer(x, x * x)
    for i in range(2):
        a[[i, i + 1]] = a[[i + 1, i]]
        a[i] *= x
    return np.sum(a[0] * a[1] * x)


def all_added_where_named_twice(x):
    y = x * 1.0
    np.add.at(y, twice, np.exp(x))
    return np.sum(y * y)


def into_an_array(x):
    y = np.empty_like(x)
    np.multiply(x, x, out=y)
    np.sin(y, out=y)
    np.add(x, y, out=x)
    return np.sum(x * y)


def into_a_slice(x):
    y = np.zeros((2, 3))
    np.exp(x, out=y[1])
    np.sum(y, axis=0, out=y[0])
    return np.sum(y * y)


def where_it_is_positive(x):
    y = np.zeros(3)
    np.log(x, out=y, where=x > 0)
    return np.sum(y * x)


def filled_and_copied(x):
    y = x * x
    y[1:].fill(x[0])
    z = np.zeros(3)
    np.copyto(z, y)
    z *= x
    return np.sum(y * z)


def the_array_itself(x):
    y = x * 2.0
    z = np.asarray(y)
    z[0] = x[1] * x[2]
    return np.sum(y * y)


PROGRAMS = [
    at_places,
    at_a_list,
    the_last_stays,
    added_once_where_named_twice,
    a_number_at_places,
    rows_at_places,
    rows_change_places,
    all_added_where_named_twice,
    into_an_array,
    into_a_slice,
    where_it_is_positive,
    filled_and_copied,
    the_array_itself,
]


def slopes(function, x):
    steps = 1e-6 * np.eye(len(x))
    return [(function(x + h) - function(x - h)) / 2e-6 for h in steps]


@pytest.mark.filterwarnings("ignore:invalid value encountered in log")
@pytest.mark.parametrize("function", PROGRAMS)
@pytest.mark.parametrize("x", [np.array([0.4, 0.9, 1.3]), np.array([-0.7, 0.3, 0.8])], ids=str)
def test_derivatives(function, x):
    gradient = grad(function)
    before = x.copy()
    value, beside = value_and_grad(function)(x)
    expected = slopes(lambda x: function(x.copy()), x)
    assert value == function(x.copy())
    np.testing.assert_allclose(gradient(x), expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(beside, gradient(x))
    np.testing.assert_array_equal(x, before)
    _, pullback = vjp(function, x)
    np.testing.assert_allclose(pullback(1.0)[0], gradient(x), rtol=1e-12, atol=1e-13)

    def curvature(x):
        return np.sum(np.cos(gradient(x)))

    expected = slopes(curvature, x)
    np.testing.assert_allclose(grad(curvature)(x), expected, rtol=1e-5, atol=1e-6)


def item_of_a_count(x, n):
    return np.sum(x * x) * x[n]


def test_the_pullback_takes_a_whole_number_for_a_place():
    x = np.array([0.4, 0.9, 1.3])
    value, pullback = vjp(item_of_a_count, x, 1)
    assert value == item_of_a_count(x, 1)
    np.testing.assert_allclose(pullback(1.0)[0], slopes(lambda x: item_of_a_count(x, 1), x))


def written_twice(x):
    a = np.outer(x, x)
    a[twice, twice] = x
    return np.sum(a)


def test_of_what_is_written_twice_to_places_of_several_arrays_the_last_stays():
    x = np.array([0.4, 0.9, 1.3])
    np.testing.assert_allclose(grad(written_twice)(x), slopes(written_twice, x))
