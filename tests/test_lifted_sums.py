"""Sums that begin with a number, to which a loop adds arrays of one element: ``ll += y.T @ y``."""

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, value_and_grad
from tests.test_array_everyday import holds

M = np.random.default_rng(4).normal(size=(3, 4))


def in_place(m):
    ll = 0.0
    for t in range(3):
        y = m[t].reshape(-1, 1) * m[0, 1]
        ll += -0.5 * y.T @ y
    return ll.item()


def by_another_array(m):
    ll = 0
    for t in range(2):
        y = m[t][:, None]
        ll = ll - 0.5 * (y.T @ y)
    return float(ll[0, 0])


def of_a_likelihood(m):
    s = m.T @ m + np.eye(4)
    ll = 0.0
    for row in m:
        y = row[:, None]
        ll += y.T @ np.linalg.inv(s) @ y + np.log(np.linalg.det(s))
    return np.sum(ll)


def of_one_axis_while(m):
    ll, k = 0.0, 0
    while k < 3:
        y = m[k].reshape(-1, 1)
        ll += (y.T @ y)[0]
        k += 1
    return ll[0] * m[0, 0]


def begun_with_a_number_that_varies(m):
    ll = m[0, 0] * 2.0
    for row in m:
        ll = ll + row[None, :] @ row[:, None] * m[0, 1]
    return ll[0, 0]


def scaled_in_the_loop(m):
    ll = 0.0
    for row in m:
        y = row[:, None]
        ll += y.T @ y
        ll *= m[1, 1]
    return ll.sum()


def without_a_turn(m):
    ll = 0.0
    for k in range(len(m) - 3):
        ll += m[k][None, :] @ m[k][:, None]
    return np.sum(ll) + m[0, 0]


@pytest.mark.parametrize(
    "f",
    [
        in_place,
        by_another_array,
        of_a_likelihood,
        of_one_axis_while,
        begun_with_a_number_that_varies,
        scaled_in_the_loop,
        without_a_turn,
    ],
)
def test_a_sum_of_arrays_of_one_element(f):
    holds(f, M)
    assert value_and_grad(f)(M)[0] == f(M)


def kept_in_a_list(m):
    ll, seen = 0.0, []
    for row in m:
        y = row[:, None]
        ll += y.T @ y
        seen.append(ll)
    return np.sum(seen[0] * seen[1]) + np.sum(ll)


def test_what_is_kept_of_the_sum_is_the_sum():
    """It is one array, which all turns change."""
    steps = [1e-6 * np.eye(12)[k].reshape(3, 4) for k in range(12)]
    slopes = [(kept_in_a_list(M + s) - kept_in_a_list(M - s)) / 2e-6 for s in steps]
    assert grad(kept_in_a_list)(M).ravel() == pytest.approx(slopes, rel=1e-6)


def with_the_one_before(m):
    ll, steps = 0.0, 0.0
    for row in m:
        before = ll
        ll += row[None, :] @ row[:, None]
        steps = steps + np.sum(ll - before) * row[0]
    return np.sum(ll) + steps


def kept_before_it_changes(m):
    ll, seen = 0.0, []
    for row in m:
        seen.append(ll)
        ll += row[None, :] @ row[:, None]
    return np.sum(ll) + np.sum(seen[0]) + np.sum(seen[1])


@pytest.mark.parametrize("f", [with_the_one_before, kept_before_it_changes])
def test_a_number_that_another_name_has_is_no_array(f):
    """The first turn makes a new array, the others change it in place: right, or refused."""
    try:
        found = grad(f)(M)
    except DifferentiationError:
        return
    steps = [1e-6 * np.eye(12)[k].reshape(3, 4) for k in range(12)]
    slopes = [(f(M + s) - f(M - s)) / 2e-6 for s in steps]
    assert found.ravel() == pytest.approx(slopes, rel=1e-5, abs=1e-7)


def test_single_precision_is_kept():
    single = M.astype(np.float32)
    value, gradient = value_and_grad(in_place)(single)
    assert value == in_place(single)
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, grad(in_place)(M), rtol=1e-5, atol=1e-6)
