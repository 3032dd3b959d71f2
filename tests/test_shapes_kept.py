"""What a pullback asks for a shape only is not copied; sums of products; long places; insort."""

from __future__ import annotations

import bisect

import numpy as np
import pytest

from sourcediff import grad, vjp
from tests.every_mode import check_in_every_mode
from tests.test_arrays import difference

rng = np.random.default_rng(3)
X, Y = rng.normal(size=4), rng.normal(size=4)
M = rng.normal(size=(4, 6))


def total(x):
    return np.sum(x * 2.0) + x.mean()


def total_of_rows(x):
    return np.sum(x.sum(axis=0) * 2.0)


def first_of(x):
    return x[0] * 2.0


def branch(x):
    if x[0] > 0.0:
        return x.sum()
    return x.mean() * 3.0


@pytest.mark.parametrize(("f", "x"), [(total, X), (total_of_rows, M), (first_of, X), (branch, X)])
def test_no_array_is_copied_for_its_shape(f, x):
    given = x.copy()
    value, pullback = vjp(f, given)
    given *= -1.0  # the caller's own array
    expected = difference(f, (x,), 0, 1e-6)
    for seed in (1.0, -2.0):
        assert pullback(seed)[0] == pytest.approx(seed * expected, rel=1e-6, abs=1e-8)
    assert value == f(x)
    assert "copy()" not in vjp(f).source if f is not branch else True


def numbers_too(x):
    return np.sum(np.exp(x) * x) + x.sum()


def views_too(x):
    return np.sum(x[1:] * x[:-1]) + x.sum()


@pytest.mark.parametrize("f", [numbers_too, views_too])
def test_what_numbers_are_asked_of_is_copied(f):
    given = X.copy()
    _, pullback = vjp(f, given)
    given[:] = 0.0
    assert pullback(1.0)[0] == pytest.approx(difference(f, (X,), 0, 1e-6), rel=1e-6, abs=1e-8)


# Sums of products -----------------------------------------------------------------------------


def spring(y, k, n):
    for _ in range(n):
        y = y + k * np.array([y[1], -y[0], y[2], 0.0])
    return np.sum(y * y)


def stretched(y, k, n):
    for _ in range(n):
        y = y + k * np.array([y[0]])
    return np.sum(y * y)


@pytest.mark.parametrize(
    ("f", "y", "text"),
    [(spring, X, "k_bar += y_bar @ "), (stretched, X, ".sum("), (stretched, X[:1], "k_bar += ")],
)
def test_vectors_side_by_side_are_multiplied(f, y, text):
    derivative = grad(f, argnums=(0, 1))
    found = derivative(y, 0.3, 2)
    for place in (0, 1):
        assert found[place] == pytest.approx(difference(f, (y, 0.3, 2), place, 1e-6), rel=1e-6)
    assert text in derivative.source


# Long places ----------------------------------------------------------------------------------


def pooled(x):
    n, m = x.shape
    s = 0.0
    for i in range(n // 2):
        for j in range(m // 2):
            s += x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max() ** 2
    return s


def test_long_places_are_added_to():
    derivative = grad(pooled)
    assert derivative(M) == pytest.approx(difference(pooled, (M,), 0, 1e-6), rel=1e-6, abs=1e-8)
    assert "x_bar[2 * i:2 * i + 2, 2 * j:2 * j + 2] += " in derivative.source


# insort ---------------------------------------------------------------------------------------


def weighed(ys):
    return sum((i + 1) * y * y for i, y in enumerate(ys))


def put_in_order(xs):
    ys = sorted(xs)
    bisect.insort(ys, xs[0] * xs[1])
    return weighed(ys)


def one_by_one(xs):
    ys = []
    for x in xs:
        bisect.insort_left(ys, x)
    return weighed(ys)


def shorter_by_then(xs):
    ys = sorted(xs)
    place = bisect.bisect(ys, 9.0)
    ys.pop()
    ys.pop()
    ys.insert(place, xs[1])
    return weighed(ys)


def place_in_another(xs):
    ys = sorted(xs)
    zs = [xs[0]]
    zs.insert(bisect.bisect(ys, 9.0), xs[1] * 2.0)
    return weighed(zs)


@pytest.mark.parametrize("f", [put_in_order, one_by_one, shorter_by_then, place_in_another])
def test_what_is_put_where_it_belongs(f):
    check_in_every_mode(f, [1.5, -0.4, 0.7])


def test_the_place_that_bisect_found_is_taken():
    derivative = grad(put_in_order)
    derivative([1.5, -0.4, 0.7])
    assert ".pop(value)" in derivative.source
