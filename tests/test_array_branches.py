"""What branches do with indices and views of arrays, to second order."""

import numpy as np
import pytest

from sourcediff import grad


def places_in_an_arm(m, flag):
    v = m[0]
    if flag:
        v = m[np.arange(3), [2, 0, 0]]
    return np.sum(np.sin(v) * m[1])


def list_in_an_arm(m, flag):
    v = m[0]
    if flag:
        v = m[1][[1, 1, 2]] * m[0]
    return np.sum(np.sin(v) * m[2])


def turned_in_a_loop_of_an_arm(m, flag):
    a = m * 1.0
    if flag:
        for _ in range(3):
            a = a[::-1]
            a = a.T
    return np.sum(a**3 * m * np.arange(9.0).reshape(3, 3))


def mean_beside_what_a_branch_gives(m, flag):
    a = m.copy()
    if flag:
        a = m
    return np.sum(a * np.mean(m, axis=0))


def chosen_and_written_beside(m, flag):
    a = m * 1.0
    b = a if flag else m * 2.0
    b *= m
    return np.sum(a**3) + b[0, 0]


def turned_and_written_beside(m, flag):
    a = m * 1.0
    b = a
    if flag:
        b = b[::-1]
    b[0] = 2.0 * m[1]
    return np.sum(a**3 * m)


PROGRAMS = [
    chosen_and_written_beside,
    turned_and_written_beside,
    places_in_an_arm,
    list_in_an_arm,
    turned_in_a_loop_of_an_arm,
    mean_beside_what_a_branch_gives,
]


def slopes(function, m, flag):
    found = np.zeros_like(m)
    for place in np.ndindex(m.shape):
        step = np.zeros_like(m)
        step[place] = 1e-5
        found[place] = (function(m + step, flag) - function(m - step, flag)) / 2e-5
    return found


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("function", PROGRAMS)
def test_first_and_second_order(function, flag):
    m = np.random.default_rng(3).uniform(-1.0, 1.0, size=(3, 3))
    gradient = grad(function)
    np.testing.assert_allclose(gradient(m, flag), slopes(function, m, flag), rtol=1e-7, atol=1e-8)

    def curvature(m, flag):
        return np.sum(np.cos(gradient(m, flag)) * m)

    expected = slopes(curvature, m, flag)
    np.testing.assert_allclose(grad(curvature)(m, flag), expected, rtol=1e-6, atol=1e-7)
