"""Code that changes lists in place: its adjoint puts a number where it would put a zero and add."""

import math

import pytest

from sourcediff import grad, tape


def diffuse(u, a):
    for i in range(1, len(u) - 1):
        u[i] = u[i] + a * (u[i - 1] - 2 * u[i] + u[i + 1])
    return sum(v * v for v in u)


def backwards(u, a):
    for i in range(len(u) - 2, -1, -1):
        u[i] = a * u[i] * u[i + 1]
    return u[0]


def around_the_end(u, a):
    for i in range(-1, len(u) - 1):
        u[i] = math.sin(u[i]) * a + u[i + 1]  # of one number, both are the same place
    return u[0] * u[-1]


def before_the_start(u, a):
    for i in range(len(u)):
        u[i] = u[i] * a + u[i - 1] * u[i]
    return sum(u)


def rows_that_are_one(u, a):
    rows = [u, u]
    for i in range(2):
        rows[i][0] = rows[0][0] * rows[1][0] * a + rows[i][-1]
    return u[0] * u[-1]


def skipping(u, a):
    total = 0.0
    for i in range(len(u)):
        if i % 2:
            total += u[i] * a
            u[i] = total * u[i]
    return total + sum(u)


def skipping_twice(u, a):
    total = a
    for i in range(len(u)):
        odd = i % 2 == 1
        if odd:
            total *= u[i]
        u[0] += total * total
        if odd:
            u[i] = total * u[i]
    return total + sum(u)


def three_ways(u, a):
    for i in range(len(u)):
        if i == 0:
            best = u[i] * a
        elif i == 1:
            best = u[i] + u[0] * u[0]
        else:
            best = min(u[i - 1] * a, u[i - 2], a)
        u[i] = best + u[i] * u[i]
    return u[-1]


@pytest.mark.parametrize(
    "function",
    [
        diffuse,
        backwards,
        around_the_end,
        before_the_start,
        rows_that_are_one,
        skipping,
        skipping_twice,
        three_ways,
    ],
)
@pytest.mark.parametrize("u", [[0.7], [0.7, -1.2], [0.4, 0.9, -0.3, 1.1, 0.6]])
def test_the_gradient_is_that_of_the_tape(function, u):
    given = list(u)
    found, slope = grad(function, argnums=(0, 1))(given, 0.8)
    wanted, of_a = tape.gradient(function, list(u), 0.8, argnums=(0, 1))
    assert given == u
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-14)
    assert slope == pytest.approx(of_a, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("function", [diffuse, backwards, skipping, three_ways])
def test_the_second_derivative_is_the_difference_of_the_first(function):
    u, a, step = [0.4, 0.9, -0.3, 1.1, 0.6], 0.8, 1e-6
    slope = grad(function, argnums=1)
    estimate = (slope(list(u), a + step) - slope(list(u), a - step)) / (2 * step)
    assert grad(slope, argnums=1)(list(u), a) == pytest.approx(estimate, rel=1e-6, abs=1e-8)


def source(function):
    derivative = grad(function, argnums=(0, 1))
    derivative([0.4, 0.9, -0.3], 0.8)
    return derivative.source


def test_what_is_added_to_a_place_is_put_there():
    assert "] = 0.0" not in source(diffuse)
    assert "u_bar[i] = " in source(diffuse)


def test_what_is_added_to_a_place_that_may_be_the_same_comes_behind():
    text = source(before_the_start)
    assert text.index("u_bar[i] = ") < text.index("u_bar[i - 1] += ")


def test_what_a_branch_needs_is_taken_where_it_turns_round():
    assert source(skipping).partition("u_bar =")[2].count("if ") == 1
    assert source(three_ways).partition("u_bar =")[2].count("i == 1") == 1
