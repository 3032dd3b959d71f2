"""What is computed once, what is added where it is computed, and sums that are places."""

from __future__ import annotations

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp, vjp
from tests.test_arrays import difference

rng = np.random.default_rng(7)
X, Y = rng.normal(size=4), rng.normal(size=4)
W, U = rng.normal(size=(3, 3)), rng.normal(size=(3, 2))
XS = rng.normal(size=(4, 2))


# Computed once --------------------------------------------------------------------------------


def leaky(x, g):
    y = np.where(x > 0, x, 0.1 * x)
    return np.where(x > 0, y * g, y).sum()


def normalised(x, g):
    mu = x.mean()
    var = ((x - mu) ** 2).mean()
    return np.sum((g * (x - mu) / np.sqrt(var + 1e-3)) ** 3)


def written_to_between(x, g):
    u = x * g
    a = np.exp(u * 2.0) * g
    u[0] = g[1]
    b = np.exp(u * 2.0) * g
    return np.sum(a * a * b)


def result_written_to(x, g):
    a = x * g
    b = x * g
    a[0] = 2.0
    b[1] = x[0] * g[0]
    return np.sum(a * a * b)


def result_seen_by_a_view(x, g):
    a = x * g
    b = x * g
    part = a[1:]
    part[0] = 0.0
    return np.sum(np.exp(a * b))


def in_lists(x, g):
    rows = [x * g, x * g]
    rows[0][1] = 3.0
    return np.sum(rows[0] * rows[1] * rows[1])


def carried_apart(x, g, n):
    a = x * g
    b = x * g
    for _ in range(n):
        a *= g
        b = b + a * x
    return np.sum(a * b)


def in_two_arms(x, g):
    if x[0] > 5.0:
        a = np.exp(x * g) * x
    else:
        a = np.sin(x * g) * x
    return np.sum(a * np.cos(x * g))


# Added at once --------------------------------------------------------------------------------


def recurrent(w, u, xs):
    hs = np.zeros((len(xs) + 1, len(w)))
    for i in range(len(xs)):
        hs[i + 1] = np.tanh(w @ hs[i] + u @ xs[i])
    return np.sum(hs[-1] ** 2)


def filtered(x, y, a, b):
    out = np.zeros(len(x))
    out[0] = x[0]
    for i in range(1, len(x)):
        out[i] = a * out[i - 1] + b * x[i] * y[i]
    return np.sum(out**2)


def heat(u, a, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += a * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def row_itself(a, b, n):
    """What is added is a row of what is written to."""
    total = np.zeros(len(b))
    a = a.copy()
    for i in range(n):
        total = total + a[i] * b
        a[i] = a[i] * b + a[i + 1]
        a[i + 1] *= 2.0
    return np.sum(total**2) + np.sum(a[n])


def added_before_it_is_written(x, b, n):
    u = x.copy()
    s = 0.0
    for i in range(n):
        s = s + u[i] * u[i + 1] * b
        u[i + 1] = u[i] * b
        u[i] = s
    return np.sum(u * u) + s


PROGRAMS = [
    (leaky, (X, Y)),
    (normalised, (X, Y)),
    (written_to_between, (X, Y)),
    (result_written_to, (X, Y)),
    (result_seen_by_a_view, (X, Y)),
    (in_lists, (X, Y)),
    (carried_apart, (X, Y, 2)),
    (carried_apart, (X, Y, 0)),
    (in_two_arms, (X, Y)),
    (recurrent, (W, U, XS)),
    (filtered, (X, Y, 0.3, 1.2)),
    (heat, (X, 0.1, 3)),
    (row_itself, (W, Y[:3], 2)),
    (row_itself, (W, Y[:3], 0)),
    (added_before_it_is_written, (X, 0.7, 3)),
]


@pytest.mark.parametrize(("f", "args"), PROGRAMS)
def test_derivatives(f, args):
    places = tuple(place for place, arg in enumerate(args) if not isinstance(arg, int))
    found = grad(f, argnums=places)(*args)
    for place in places:
        assert found[place] == pytest.approx(difference(f, args, place, 1e-6), rel=1e-5, abs=1e-6)
    along = tuple(None if isinstance(arg, int) else np.cos(arg) for arg in args)
    slope = sum(float(np.sum(found[place] * along[place])) for place in places)
    assert jvp(f, args, along)[1] == pytest.approx(slope)
    _, pullback = vjp(f, *args)
    for seed in (2.0, -1.0):
        adjoints = pullback(seed)
        for place in places:
            assert adjoints[place] == pytest.approx(seed * found[place])
    second = hvp(f, args, along)

    def moved(step):
        return tuple(a if d is None else a + step * d for a, d in zip(args, along, strict=True))

    above, below = (grad(f, argnums=places)(*moved(step)) for step in (1e-6, -1e-6))
    for place in places:
        expected = (above[place] - below[place]) / 2e-6
        assert second[place] == pytest.approx(expected, rel=1e-4, abs=1e-4)


def text(f, args):
    derivative = grad(f, argnums=tuple(p for p, arg in enumerate(args) if not isinstance(arg, int)))
    derivative(*args)
    return derivative.source


def test_a_mask_is_computed_once():
    assert text(leaky, (X, Y)).count("= x > 0\n") == 1
    assert text(normalised, (X, Y)).count("x - mu\n") == 1


def test_two_arrays_that_are_written_to_stay_two():
    value, _ = vjp(lambda x, g: (x * g, x * g), X, Y)
    assert value[0] is not value[1]


def test_what_is_added_is_computed_there():
    source = text(recurrent, (W, U, XS))
    assert "u_bar += np.outer(total_bar, xs[i])\n" in source
    assert "w_bar += np.outer(total_bar, old)\n" in source
    source = text(filtered, (X, Y, 0.3, 1.2))
    assert "a_bar += out_bar_i * out_before\n" in source


# Places ---------------------------------------------------------------------------------------


def batches(w, xs, ys, size):
    loss = 0.0
    for start in range(0, len(xs), size):
        x, y = xs[start : start + size], ys[start : start + size]
        loss += np.sum((x @ w - y) ** 2)
    return loss


def moved_on(x, k, n):
    s = 0.0
    start = 0
    for _ in range(n):
        part = x[start : start + k]
        k = k + 1
        s += np.sum(part * part * x[start : start + k][:1])
        start = start + k
    return s


@pytest.mark.parametrize(
    ("f", "args"), [(batches, (Y[:2], XS, X, 3)), (moved_on, (rng.normal(size=9), 1, 2))]
)
def test_sums_are_written_in_the_slices(f, args):
    places = tuple(place for place, arg in enumerate(args) if not isinstance(arg, int))
    found = grad(f, argnums=places)(*args)
    for place in places:
        assert found[place] == pytest.approx(difference(f, args, place, 1e-6), rel=1e-5, abs=1e-6)
    assert "total = start + " not in text(f, args)


def test_what_is_added_to_at_places_is_added_up_behind_that():
    def parts(x):
        taken = [np.take(x, [-1, 2, -2, 0]) * k for k in range(3)]
        return np.sum(taken[2] * np.array([1.0, 2.0, 3.0, 4.0]))

    np.testing.assert_array_equal(grad(parts)(np.ones(3)), [8.0, 6.0, 6.0])
