"""Arrays that loops hand on to their next turn and write to: two buffers, what is made anew."""

import numpy as np
import pytest

from sourcediff import grad, jvp, vjp

rng = np.random.default_rng(14)


def two_buffers(u, n):
    a = u.copy()
    b = np.zeros_like(a)
    for _ in range(n):
        b[1:-1] = a[1:-1] + 0.1 * a[1:-1] * (a[2:] - a[:-2])
        b[0] = a[-2]
        b[-1] = a[1] * a[0]
        a, b = b, a
    return np.sum(a**2) + np.sum(b**3)


def filled_by_out(u, n):
    a = u.copy()
    b = np.empty_like(a)
    for _ in range(n):
        np.multiply(a, u, out=b)
        np.add(b, 0.3, out=b)
        a, b = b, a
    return np.sum(a**2)


def waves(u, n):
    before = u.copy()
    now = 0.9 * u
    for _ in range(n):
        after = np.zeros_like(now)
        after[1:-1] = 2 * now[1:-1] - before[1:-1] + 0.2 * (now[2:] - 2 * now[1:-1] + now[:-2])
        before, now = now, after
    return np.sum(now**2) + before[1]


def normed(u, n):
    v = u * 2
    for _ in range(n):
        v = v * u + 1.0
        v /= np.sum(v * v)
    return np.sum(v * u)


def nested(u, n):
    out = np.zeros_like(u)
    for i in range(n):
        for j in range(2):
            out += u[i] * u[j] * u
            out *= 0.9
    return np.sum(out**2)


def three_in_turn(u, n):
    a, b, c = u.copy(), u * 2, u**2
    for i in range(n):
        a[i] *= b[0]
        c[1:] += a[:-1] * b[1:]
        a, b, c = b, c, a
    return np.sum(a * b) + c @ c


def one_is_dropped(u, n):
    a = u.copy()
    b = u * 2
    for _ in range(n):
        b *= a
        a = b[::-1] * 0.5
        a[0] += b[1]
    return np.sum(a * b)


def places_chosen(u, n):
    a = u.copy()
    for _ in range(n):
        a = a[np.array([1, 1, 0, 3, 2])]
        a[1] *= u[0]
    return np.sum(a * u)


def left_early(u, n):
    a, b = u.copy(), u * 2
    for _ in range(n):
        b[1:] = a[:-1] * u[1:]
        if np.sum(b) > 2.0:
            break
        a, b = b, a
        if a[0] < 0.0:
            continue
        a *= 1.1
    return np.sum(a * a) + b[0]


def turned_round_each_time(u, n):
    """Nothing is written to here, but in the derivative there is."""
    a = u.copy()
    for _ in range(n):
        a = a[::-1]
    return np.sum(a**3 * u * np.arange(len(u)))


PROGRAMS = [
    two_buffers,
    filled_by_out,
    waves,
    normed,
    nested,
    three_in_turn,
    one_is_dropped,
    places_chosen,
    left_early,
    turned_round_each_time,
]


def slopes(function, x, n):
    """Central differences, by the number."""
    found = np.zeros_like(x)
    for place in range(len(x)):
        step = np.zeros_like(x)
        step[place] = 1e-5
        wide = function(x + 2 * step, n) - function(x - 2 * step, n)
        found[place] = (8 * (function(x + step, n) - function(x - step, n)) - wide) / 12e-5
    return found


@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize("function", PROGRAMS)
def test_first_and_second_order(function, n):
    x = rng.uniform(-1.0, 1.0, size=5)
    given = x.copy()
    gradient = grad(function)
    found = gradient(given, n)
    np.testing.assert_allclose(found, slopes(function, x, n), rtol=1e-7, atol=1e-8)
    assert not gradient.__sourcediff__.latest.is_general
    np.testing.assert_array_equal(gradient(given, n), found)
    np.testing.assert_array_equal(given, x)

    def curvature(u, n):
        slope = gradient(u, n)
        return np.sum(np.cos(slope) + slope * u)

    second = grad(curvature)(given, n)
    np.testing.assert_allclose(second, slopes(curvature, x, n), rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(given, x)


@pytest.mark.parametrize("function", PROGRAMS)
def test_both_modes_agree(function):
    x, direction = rng.uniform(-1.0, 1.0, size=(2, 5))
    value, pullback = vjp(function, x, 3)
    for _ in range(2):
        np.testing.assert_allclose(pullback(1.0)[0], grad(function)(x, 3), rtol=1e-12, atol=1e-13)
    same, tangent = jvp(function, (x, 3), (direction, None))
    assert value == same == function(x, 3)
    np.testing.assert_allclose(tangent, pullback(1.0)[0] @ direction, rtol=1e-10, atol=1e-12)


def test_the_adjoints_change_places_as_the_buffers_did():
    gradient = grad(two_buffers)
    gradient(rng.normal(size=5), 2)
    assert "b_bar, a_bar = a_bar, b_bar" in gradient.source
    assert ".copy()" in gradient.source.split("\n")[4]
    assert "broadcast" not in gradient.source


def written_behind_the_loop(u, n):
    a, b = u.copy(), u * 2
    c = a
    for _ in range(n):
        b[1:] = c[:-1] * u[1:]
        c, b = b, c
    a[0] = 5.0
    return np.sum(c * c)


def looked_at_from_before(u, n):
    a, b = u.copy(), u * 2
    v = a[1:]
    for _ in range(n):
        b[1:] = a[:-1] * u[1:]
        a, b = b, a
    v[0] = 3.0
    return np.sum(a * a) + np.sum(b)


def bound_anew_in_the_loop(u, n):
    a = u.copy()
    b = a
    for _ in range(n):
        b = b * u
        b[0] = 1.0
    a[1] = 5.0
    return np.sum(b * b)


def written_in_the_turns(u, n):
    a, b = u.copy(), u * 2
    c = a
    for _ in range(n):
        a[0] = 3.0
        b[1:] = c[:-1] * u[1:]
        c, b = b, c
    return np.sum(c * c)


def held_by_a_list(u, n):
    arrays = [u.copy(), u * 2]
    a = arrays[0]
    for _ in range(n):
        a *= u
        a = a[::-1] * 2.0
        a[0] *= 0.5
    return np.sum(a * arrays[0] * arrays[1])


@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "function",
    [
        written_behind_the_loop,
        looked_at_from_before,
        bound_anew_in_the_loop,
        written_in_the_turns,
        held_by_a_list,
    ],
)
def test_other_names_of_what_a_loop_takes_over_are_not_forgotten(function, n):
    x = rng.uniform(-1.0, 1.0, size=4)
    np.testing.assert_allclose(grad(function)(x, n), slopes(function, x, n), rtol=1e-7, atol=1e-8)


def test_one_array_under_two_names_is_followed_too():
    def shared(u, n):
        a, b = u.copy(), u * 2
        for _ in range(n):
            b = a
            a *= 1.5
            b[0] += a[1]
        return np.sum(a * b)

    x = rng.normal(size=4)
    np.testing.assert_allclose(grad(shared)(x, 2), slopes(shared, x, 2), rtol=1e-7, atol=1e-8)


# What arms and turns hand on --------------------------------------------------------------------


def one_arm_makes_it(u, n):
    h = u * 2
    if n > 1:
        h = np.maximum(h, 0.1 * u)
    h += u
    h *= h
    return np.sum(h)


def an_arm_in_a_loop(u, n):
    h = u * 2
    for i in range(3):
        if i < n:
            h = h * u + h[::-1]
        h *= u[0]
    return np.sum(h * h)


def turned_round_and_written(u, n):
    h = u * 2
    for _ in range(n):
        h = h[::-1]
        h[0] *= u[1]
    return np.sum(h * h * u)


def one_of_two(u, n):
    y, z = u * 2, u * 3
    t = y if n > 1 else z
    t *= u
    return np.sum(t)


def swapped_in_an_arm(u, n):
    y, z = u * 2, u * 3
    if n > 1:
        y, z = z, y
    y *= z
    return np.sum(y * z * z)


def transposed_in_a_turn(u, n):
    m = np.outer(u, u)
    for i in range(n):
        if i == 1:
            m = m.T
        m[0] += u
        m[:, 1] *= u
    return np.sum(m * m * u)


def one_of_two_that_is_used(u, n):
    y, z = u * 2, u * 3
    t = y if n > 1 else z
    t *= u
    return np.sum(t * z)


def outside_of_the_loop(u, n):
    z = u * 3
    y = u * 2
    for i in range(n):
        t = y * u if i == 1 else z
        t[0] *= u[1]
        y = t + 1.0
    return np.sum(y * y)


def its_view_is_written(u, n):
    y = u * 2
    v = y[1:]
    if n > 1:
        y = y * u
    y *= 2
    v *= u[0]
    return np.sum(y)


def sum_before_it_changes(u, n):
    """A product with what is added to in the same statement came after that."""
    b, c = np.zeros_like(u), 0.5 * u
    for _ in range(n):
        b, c = c, b
        c -= 0.3 * (b - 0.5 * c)
        b = c + u
    return b @ c + np.sum(np.sin(b))


def sum_of_a_view_before_it_changes(u, n):
    b, c = np.zeros_like(u), 0.5 * u
    for _ in range(n):
        for _ in range(n):
            b, c = c, b
            c -= 0.3 * ((b - 0.5 * c) + 0.5 * np.tanh(u))
            b = c + u
    return np.sum(np.sin(b))


CLEAN = [
    one_arm_makes_it,
    an_arm_in_a_loop,
    turned_round_and_written,
    one_of_two,
    swapped_in_an_arm,
    transposed_in_a_turn,
    sum_before_it_changes,
    sum_of_a_view_before_it_changes,
]
GENERAL = [one_of_two_that_is_used, outside_of_the_loop, its_view_is_written]


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("function", CLEAN + GENERAL)
def test_what_arms_and_turns_hand_on(function, n):
    x = rng.uniform(-1.0, 1.0, size=4)
    gradient = grad(function)
    np.testing.assert_allclose(gradient(x, n), slopes(function, x, n), rtol=1e-7, atol=1e-8)
    assert gradient.__sourcediff__.latest.is_general == (function in GENERAL)

    def curvature(u, n):
        return np.sum(np.cos(gradient(u, n)) * u)

    second = grad(curvature)(x, n)
    np.testing.assert_allclose(second, slopes(curvature, x, n), rtol=1e-6, atol=1e-7)
