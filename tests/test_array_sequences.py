"""Arrays that functions of Python go through, as lists: against differences."""

import math
import statistics

import numpy as np
import pytest

from sourcediff import grad, hessian, value_and_grad
from tests.differences import difference


def changed_list(u, a):
    u = list(u)
    for i in range(1, len(u) - 1):
        u[i] = u[i] + a * (u[i - 1] - u[i + 1])
    return sum(v * v for v in u)


def sorted_elements(u, a):
    low, *_, high = sorted(u)
    return a * low * high


def measures(u, a):
    return math.hypot(*u) + a * math.dist(u, u * u) + math.fsum(u * a) * math.prod(u)


def statistics_of_elements(u, a):
    return statistics.mean(u) * statistics.stdev(u * a) + statistics.fmean(u)


def list_made_an_array_again(u, a):
    return np.array(list(u)).prod() * a + np.array([v * a for v in u]).sum()


def elements_as_a_tuple(u, a):
    first, second, *rest = tuple(u)
    return first * second * a + sum(rest)


def list_beside_the_array(u, a):
    kept = list(u)
    kept[0] = kept[0] * a
    return kept[0] * u[0] + kept[1]


PROGRAMS = [
    changed_list,
    sorted_elements,
    measures,
    statistics_of_elements,
    list_made_an_array_again,
    elements_as_a_tuple,
    list_beside_the_array,
]


@pytest.mark.parametrize("function", PROGRAMS)
def test_gradients(function):
    u, a = np.array([0.1, 0.5, 0.3, 0.9]), 0.2
    derivative = value_and_grad(function, argnums=(0, 1))
    value, (u_bar, a_bar) = derivative(u, a)
    assert value == function(u, a)
    assert u_bar.shape == u.shape and u.tolist() == [0.1, 0.5, 0.3, 0.9]
    assert not derivative.__sourcediff__.latest.is_general
    for k, unit in enumerate(np.eye(4)):
        along = difference(lambda t, unit=unit: float(function(u + t * unit, a)), (0.0,), 0)
        assert abs(u_bar[k] - along.value) <= 4 * along.error + 1e-8
    along = difference(lambda b: float(function(u, b)), (a,), 0)
    assert abs(a_bar - along.value) <= 4 * along.error + 1e-8


@pytest.mark.parametrize("function", PROGRAMS)
def test_second_derivatives(function):
    u, a = np.array([0.1, 0.5, 0.3, 0.9]), 0.2
    steps = 1e-6 * np.eye(4)
    first = grad(function)
    expected = [(first(u + h, a) - first(u - h, a)) / 2e-6 for h in steps]
    np.testing.assert_allclose(hessian(function)(u, a), expected, rtol=1e-5, atol=1e-7)


def test_arrays_of_several_axes():
    def rows(m):
        return sum(row[0] * row[1] for row in list(m))

    m = np.array([[0.3, 1.2], [0.7, -0.4]])
    np.testing.assert_allclose(grad(rows)(m), m[:, ::-1])
