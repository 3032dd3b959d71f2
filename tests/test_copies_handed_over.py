"""Adjoints are copied only where somebody else looks at what was there; and names of places."""

from __future__ import annotations

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp, vjp
from tests.test_arrays import difference

rng = np.random.default_rng(5)
X, Y = rng.normal(size=3), rng.normal(size=3)
SQUARE = (lambda a: a @ a.T + 3 * np.eye(3))(rng.normal(size=(3, 3)))


def pendulum(y, g, n):
    for _ in range(n):
        angle, speed, drag = y
        y = y + 0.1 * np.array([speed, -g * np.sin(angle) - drag * speed, 0.0])
    return y[0]


def runge_kutta(y, g, n):
    def f(y):
        return np.array([y[1], g * (1 - y[0] ** 2) * y[1] - y[0], y[2]])

    for _ in range(n):
        k = f(y)
        y = y + 0.1 * f(y + 0.05 * k)
    return np.sum(y * y)


def log_of_the_diagonal(a):
    low = np.zeros_like(a)
    for i in range(len(a)):
        low[i, i] = np.sqrt(a[i, i])
    return np.sum(np.log(np.diag(low)))


def conjugate_gradients(a, b, n):
    x = np.zeros_like(b)
    r = b - a @ x
    p = r.copy()
    rs = r @ r
    for _ in range(n):
        ap = a @ p
        alpha = rs / (p @ ap)
        x = x + alpha * p
        r = r - alpha * ap
        new = r @ r
        p = r + (new / rs) * p
        rs = new
    return x @ x


def jacobi(a, b, n):
    x = np.zeros(len(b))
    d = np.diag(a)
    for _ in range(n):
        x = (b - a @ x + d * x) / d
    return x @ x


def two_carry_one(y, z, n):
    """Before the first turn both adjoints are arrays of the function's own."""
    for _ in range(n):
        z = z * np.array([y[0], y[1], 1.0])
        y = y + z
    return np.sum(y * z)


def under_two_names(y, z, n):
    for _ in range(n):
        y, z = z, y + np.array([z[0], y[0], z[2]])
    return np.sum(y * y) + np.sum(z**3)


def kept_of_each_turn(y, g, n):
    states = []
    for _ in range(n):
        y = y + g * np.array([y[1], -y[0], 0.0])
        states.append(y)
    return sum(np.sum(state**2) for state in states) + y[0]


def in_one_arm(y, g, n):
    for i in range(n):
        if i % 2:
            y = y + np.array([g * y[0], 0.0, y[1]])
        else:
            y = y * g
    return np.sum(y * y)


def stretched(y, g, n):
    for _ in range(n):
        y = y + np.array([g * y[0]])
    return np.sum(y * y)


def view_read_later(x, y):
    z = x * y
    part = z[1:]
    z[0] = x[1] * x[2]
    return np.sum(part * part) + np.sum(z * z * z)


PROGRAMS = [
    (pendulum, (X, 1.3, 3)),
    (pendulum, (X, 1.3, 0)),
    (runge_kutta, (X, 0.4, 2)),
    (log_of_the_diagonal, (SQUARE,)),
    (conjugate_gradients, (SQUARE, X, 2)),
    (conjugate_gradients, (SQUARE, X, 0)),
    (jacobi, (SQUARE, X, 2)),
    (two_carry_one, (X, Y, 2)),
    (two_carry_one, (X, Y, 0)),
    (under_two_names, (X, Y, 3)),
    (under_two_names, (X, Y, 0)),
    (kept_of_each_turn, (X, 0.3, 3)),
    (in_one_arm, (X, 0.7, 4)),
    (stretched, (X, 0.7, 2)),
    (stretched, (X[:1], 0.7, 2)),
    (view_read_later, (X, Y)),
]


@pytest.mark.parametrize(("f", "args"), PROGRAMS)
def test_derivatives(f, args):
    places = tuple(place for place, arg in enumerate(args) if not isinstance(arg, int))
    before = [np.copy(args[place]) for place in places]
    found = grad(f, argnums=places)(*args)
    for place, was in zip(places, before, strict=True):
        assert np.array_equal(args[place], was)
        assert found[place] == pytest.approx(difference(f, args, place, 1e-6), rel=1e-5, abs=1e-6)
    along = tuple(None if isinstance(arg, int) else np.cos(arg) for arg in args)
    slope = sum(float(np.sum(found[place] * along[place])) for place in places)
    assert jvp(f, args, along)[1] == pytest.approx(slope)
    second = hvp(f, args, along)

    def moved(step):
        return tuple(a if d is None else a + step * d for a, d in zip(args, along, strict=True))

    above, below = (grad(f, argnums=places)(*moved(step)) for step in (1e-6, -1e-6))
    for place in places:
        expected = (above[place] - below[place]) / 2e-6
        assert second[place] == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(("f", "args"), PROGRAMS)
def test_pullbacks_are_called_again(f, args):
    _, pullback = vjp(f, *args)
    places = tuple(place for place, arg in enumerate(args) if not isinstance(arg, int))
    found = grad(f, argnums=places)(*args)
    for seed in (2.0, -1.0, 2.0):
        adjoints = pullback(seed)
        for place in places:
            assert adjoints[place] == pytest.approx(seed * found[place])


def text(f, args):
    derivative = grad(f, argnums=tuple(p for p, arg in enumerate(args) if not isinstance(arg, int)))
    derivative(*args)
    return derivative.source


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (pendulum, (X, 1.3, 3)),
        (runge_kutta, (X, 0.4, 2)),
        (log_of_the_diagonal, (SQUARE,)),
        (jacobi, (SQUARE, X, 2)),
    ],
)
def test_nothing_is_copied(f, args):
    source = text(f, args)
    assert "copy()" not in source
    assert "keepdims" not in source
    assert "_bar = y_bar + " not in source


def test_what_others_look_at_is_copied():
    assert "y_bar = y_bar.copy()" in text(two_carry_one, (X, Y, 2))


def test_sums_are_added_in_place():
    source = text(conjugate_gradients, (SQUARE, X, 2))
    assert "r_bar += 2.0 * rs_bar * r\n" in source
    assert "d_bar += " in text(jacobi, (SQUARE, X, 2))


# Places ---------------------------------------------------------------------------------------


def cheapest_way(x, y):
    n, m = len(x), len(y)
    cost = np.full((n + 1, m + 1), 10.0)
    cost[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            step = min(cost[i - 1, j], cost[i, j - 1], cost[i - 1, j - 1])
            cost[i, j] = (x[i - 1] - y[j - 1]) ** 2 + step
    return cost[n, m]


def place_bound_again(x, i):
    y = x * x
    total = y[i] * x[i]
    i = i + 1
    return total * y[i] * x[i]


def rows_swapped(a, p):
    u = a * a
    u[[0, p]] = u[[p, 0]]
    p = 0
    return np.sum(u[p] * a[1])


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (cheapest_way, (X, rng.normal(size=4))),
        (place_bound_again, (X, 1)),
        (rows_swapped, (SQUARE, 2)),
    ],
)
def test_places_are_written_where_they_are_read(f, args):
    places = tuple(place for place, arg in enumerate(args) if not isinstance(arg, int))
    found = grad(f, argnums=places)(*args)
    for place in places:
        assert found[place] == pytest.approx(difference(f, args, place, 1e-6), rel=1e-5, abs=1e-6)


def test_places_of_several_axes_need_no_name():
    source = text(cheapest_way, (X, Y))
    assert "cost_bar[n, m] += 1.0\n" in source
    assert "cost_bar[i - 1, j - 1] += " in source
