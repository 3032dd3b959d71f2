"""``x_bar += …`` on arrays, where nobody else sees the array; and nowhere else.

Each program has an adjoint that a sum made in place would spoil for another reader: an argument,
a shared adjoint, a view, what is kept of a turn, what a loop carries under two names.
"""

from __future__ import annotations

import numpy as np
import pytest

from sourcediff import grad
from sourcediff.transform.arrays.owned import Owned
from tests.test_arrays import difference

rng = np.random.default_rng(3)
X, Y, C = rng.normal(size=4), rng.normal(size=4), rng.normal(size=4)
M, N = rng.normal(size=(4, 4)), rng.normal(size=(4, 4))


def added_to_argument(x, c):
    return np.sum(x * c) + np.sum(x * x) * np.sum(c)


def shared_by_two(x, y):
    t = x + y
    u = t - y
    return np.sum(t * t) + np.sum(x * x) + np.sum(y * y * y) + np.sum(u * u * u)


def one_adjoint_of_three(x, y):
    t = x + y
    s = t + x
    return np.sum(s * s) + np.sum(x**3) + np.sum(y**3) + np.sum(t**3)


def transposed(m, n):
    a = m.T
    b = a + n
    return np.sum(b * b * n) + np.sum(m * m * m) + np.sum(a * a)


def transposed_and_itself(m, n):
    s = m + m.T
    return np.sum(s * s * n) + np.sum(m**3)


def reshaped(m, x):
    flat = m.reshape(16)
    total = np.sum(flat * flat)
    return total + np.sum(m * m * x) + np.sum(np.sin(flat))


def swapped(x, y, n):
    for _ in range(n):
        x, y = y, x * y + x
    return np.sum(x * x) + np.sum(y)


def carried_twice(x, n):
    a = x
    b = x
    for _ in range(n):
        a = a + b * x
        b = np.sin(b) + a
    return np.sum(a * b) + np.sum(a)


def same_end(x, y, n):
    for _ in range(n):
        t = x * y
        x = t + x
        y = t - y
    return np.sum(x + y)


def no_turn(x, n):
    y = 2.0 * x
    for _ in range(n):
        y = y * x + x
    return np.sum(y * x) + np.sum(y)


def in_one_arm(x, y, flag):
    t = x * y
    if flag > 0:
        s = t + x
    else:
        s = t * t
    return np.sum(s * t) + np.sum(s * x)


def kept_of_turns(x, n):
    total = 0.0
    for k in range(n):
        h = np.tanh(x * k)
        x = x + h * h
        total += np.sum(h * x)
    return total + np.sum(x)


def outer_products(m, x, n):
    for _ in range(n):
        x = m @ np.tanh(x) - x
    return x @ x + np.sum(m * m)


def broadcast(m, x):
    t = m + x
    return np.sum(t * t) + np.sum(x**3) + np.sum(m**3)


def from_a_number(m, s):
    t = m * s
    return np.sum(t) + np.sum(t * t) * s + np.mean(m)


def rows_of_a_loop(m, x):
    total = 0.0
    for row in m:
        t = row * x
        total += np.sum(t * t) + np.sum(row)
    return total + np.sum(m * m)


def through_where(x, y):
    t = np.where(x > 0, x * y, y)
    return np.sum(t * t) + np.sum(x * t) + np.sum(np.abs(x))


PROGRAMS = [
    (added_to_argument, (X, C)),
    (shared_by_two, (X, Y)),
    (one_adjoint_of_three, (X, Y)),
    (transposed, (M, N)),
    (transposed_and_itself, (M, N)),
    (reshaped, (M, X)),
    (swapped, (X, Y, 3)),
    (swapped, (X, Y, 0)),
    (carried_twice, (X, 3)),
    (carried_twice, (X, 0)),
    (same_end, (X, Y, 3)),
    (no_turn, (X, 0)),
    (no_turn, (X, 2)),
    (in_one_arm, (X, Y, 1)),
    (in_one_arm, (X, Y, -1)),
    (kept_of_turns, (X, 3)),
    (outer_products, (M, X, 3)),
    (broadcast, (M, X)),
    (broadcast, (M[:1], X)),
    (from_a_number, (M, 0.7)),
    (rows_of_a_loop, (M, X)),
    (through_where, (X, Y)),
]


def places(args):
    return tuple(p for p, a in enumerate(args) if not isinstance(a, int))


def gradients(function, args):
    """The gradients of a program, freshly compiled, twice: what the first call spoils shows."""
    derivative = grad(function, places(args))
    before = [np.copy(a) for a in args]
    first = [np.copy(part) for part in derivative(*args)]
    second = derivative(*args)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
    for a, b in zip(args, before, strict=True):
        np.testing.assert_array_equal(a, b)
    return first


@pytest.mark.parametrize(("function", "args"), PROGRAMS, ids=lambda p: getattr(p, "__name__", ""))
def test_sums_in_place_spoil_nothing(function, args):
    for place, found in zip(places(args), gradients(function, args), strict=True):
        expected = difference(function, args, place, 1e-6)
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6)


def test_the_programs_tell_a_sum_in_place_that_is_wrong(monkeypatch):
    right = [gradients(*program) for program in PROGRAMS]
    monkeypatch.setattr(Owned, "is_exclusive", lambda *_: True)
    spoilt = set()
    for (function, args), expected in zip(PROGRAMS, right, strict=True):
        try:
            found = gradients(function, args)
        except (AssertionError, ValueError):
            spoilt.add(function.__name__)
            continue
        if any(not np.allclose(a, b) for a, b in zip(found, expected, strict=True)):
            spoilt.add(function.__name__)
    assert "in_one_arm" in spoilt


def test_an_own_array_is_added_to():
    derivative = grad(outer_products, (0, 1))
    derivative(M, X, 3)
    assert "m_bar += np.outer(" in derivative.source


def test_what_is_joined_keeps_the_type_of_its_parts():
    def recurrent(w, xs, h):
        for t in range(xs.shape[0]):
            h = np.tanh(w @ np.concatenate([xs[t], h]))
        return np.sum(h**2)

    args = (rng.normal(size=(2, 5)), rng.normal(size=(4, 3)), rng.normal(size=2))
    derivative = grad(recurrent, (0, 2))
    for found, place in zip(derivative(*args), (0, 2), strict=True):
        np.testing.assert_allclose(found, difference(recurrent, args, place, 1e-6), atol=1e-8)
    assert "w_bar += np.outer(" in derivative.source


def test_what_is_joined_may_be_of_a_smaller_type():
    def joined(w, x):
        y = np.concatenate([w.astype(np.float32), np.zeros(2, np.float32)])
        for _ in range(2):
            y = y + np.concatenate([x, x])[:6].astype(np.float32)
        return np.sum(y * y) + np.sum(w * w)

    third = np.full(4, 1 / 3)
    found = grad(joined)(third, third)
    np.testing.assert_allclose(found, difference(joined, (third, third), 0, 1e-3), rtol=1e-3)
    assert found.dtype == np.float64


def test_the_type_of_numbers_is_that_of_the_sum():
    """``w_bar`` starts as an array of float32, and would end as one."""

    def f(w, x):
        return np.sum(w * x) * 2.0 + np.sum(w * w)

    x = np.full(4, 1 / 3, np.float32)
    for _ in range(2):
        found = grad(f)(X, x)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, 2.0 * x.astype(float) + 2.0 * X, rtol=1e-15, atol=0)


def test_a_cast_inside_is_seen():
    def f(w):
        return np.sum(w * w.astype(np.float32)) + np.sum(w * w)

    derivative = grad(f)
    np.testing.assert_allclose(derivative(X), 4.0 * X, rtol=1e-6, atol=0)
    assert "w_bar +=" not in derivative.source


def test_zeros_are_of_the_type_of_what_they_are_for():
    """Those of a product of whole numbers and others are no whole numbers."""

    def f(n, w):
        return (n * (w + 1.0))[0] ** 2

    w = np.array([0.55, 0.25, 0.3])
    np.testing.assert_allclose(grad(f, 1)(np.arange(1, 4), w), [3.1, 0.0, 0.0], rtol=1e-15)
    third = np.full(3, 1 / 3, np.float32)
    found = grad(f, 1)(third, w)
    np.testing.assert_allclose(found[0], 2 * third[0].astype(float) ** 2 * 1.55, rtol=1e-15)


def test_a_transposed_array_is_changed_under_a_name():
    """The general form changes ``x.T`` in place; ``x.T += y`` would be an error."""

    def f(x, m, flag):
        q = np.cos(m)
        v = np.sin(x + q[0])
        if flag > 0:
            z = v[1:3]
            z *= x[0]
            v = (q.T @ q[:, 3]) * 1.0
        else:
            v = np.tanh(v)
        return np.sum((m.T @ q[:, 0]) * v)

    for flag in (1, -1):
        for place in (0, 1):
            found = grad(f, place)(X, M, flag)
            expected = difference(f, (X, M, flag), place, 1e-6)
            np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6)


THIRDS = np.full(3, 1 / 3, np.float32)


def test_zeros_are_not_of_the_type_of_an_array_outside():
    def f(x):
        return ((THIRDS * x) * x)[0] ** 2

    found = grad(f)(X[:3])
    expected = 4 * float(THIRDS[0]) ** 2 * X[0] ** 3
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [expected, 0.0, 0.0], rtol=1e-15)


def test_a_copy_that_is_there_already_is_not_made_again():
    def f(s):
        weights = np.exp(s)
        weights /= weights.sum()
        return np.sum(weights**2 * s)

    s = np.array([[0.3, 0.8], [-0.4, 0.1]])
    derivative = grad(f)
    found = derivative(s)
    for place in np.ndindex(s.shape):
        step = np.zeros_like(s)
        step[place] = 1e-6
        expected = (f(s + step) - f(s - step)) / 2e-6
        assert found[place] == pytest.approx(expected, rel=1e-7)
    assert derivative.source.count("cop") == 1


def test_a_diagonal_is_written_in_its_places():
    def f(a):
        return np.sum(np.log(np.diag(a))) + np.diag(a, 1)[0] * np.diag(a, -1)[1]

    a = np.array([[2.0, 0.5, 0.1], [0.7, 4.0, 0.2], [0.3, 0.6, 5.0]])
    expected = np.diag(1.0 / np.diag(a))
    expected[0, 1], expected[2, 1] = 0.6, 0.5
    np.testing.assert_allclose(grad(f)(a), expected)


def test_the_reverse_ends_with_what_is_asked_for():
    def f(xs, rates):
        state = [rate * 2.0 for rate in rates]
        for x in xs:
            state = [s * x for s in state]
        return max(state)

    derivative = grad(f)
    assert derivative([0.5, 1.5], [1.0, 3.0]) == [9.0, 3.0]
    assert "pop" not in derivative.source.splitlines()[-2]


def test_the_adjoint_of_a_place_that_only_changes_by_what_does_not_vary_is_not_read():
    def shifted(x, y):
        m = np.outer(x, x)
        m[1, 1] -= y
        return np.sum(m * m)

    gradient = grad(shifted)
    x, y = np.array([0.4, 0.9]), 0.7
    expected = [4 * x[0] ** 3 + 4 * x[0] * x[1] ** 2]
    expected.append(4 * x[0] ** 2 * x[1] + 4 * x[1] * (x[1] ** 2 - y))
    np.testing.assert_allclose(gradient(x, y), expected)
    assert "m_bar[" not in gradient.source
