"""What the user computes twice and the derivative reads twice has one name, and is right."""

from __future__ import annotations

import math

import pytest

from sourcediff import grad
from tests.every_mode import check_in_every_mode


def between_corners(xs):
    u, v, w = xs
    return (1 - u) * (1 - v) * w + u * (1 - v) * math.sin(w) + (1 - u) * v * math.exp(w)


def named_the_second_time(xs):
    u, v, w = xs
    first = (u - v) * w
    gap = u - v
    return first * gap * math.cos(gap)


def bound_again(xs):
    u, v, w = xs
    first = (u - v) * w
    u = u * 2.0
    second = (u - v) * v
    v = first
    return second * (u - v) * first * (u - v)


def in_one_arm(xs):
    u, v, w = xs
    total = (u - v) * w * (u - v)
    if w > 0.5:
        total += math.sin(u - v) * (u - v) * v
    else:
        total += math.cos(u - v) * (u - v) * u
    return total * (u - v)


def in_every_turn(xs):
    u, v, w = xs
    s = 1.0
    for x in xs:
        s += (x - w) * u * s + (x - w) * v * s * (u - v) + math.sin(u - v)
    return s * s


PROGRAMS = [between_corners, named_the_second_time, bound_again, in_one_arm, in_every_turn]


@pytest.mark.parametrize("start", [(0.3, 0.8, 1.1), (1.7, -0.6, 0.2)])
@pytest.mark.parametrize("program", PROGRAMS)
def test_derivatives(program, start):
    check_in_every_mode(program, start)


def code_of(derivative):
    lines = derivative.source.splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def test_one_name_for_one_number():
    def corners(u, v, w):
        return (1 - u) * (1 - v) * w + u * (1 - v) * math.sin(w) + (1 - u) * v * math.exp(w)

    derivative = grad(corners, (0, 1, 2))
    derivative(0.3, 0.8, 1.1)
    assert code_of(derivative).count("1 - u") == 1
    assert code_of(derivative).count("1 - v") == 1


def test_what_is_the_same_in_every_turn_is_left_where_it_is():
    def walk(x, h, n):
        for _ in range(n):
            y = x + 0.5 * h * math.sin(x)
            x = y + 0.5 * h * math.cos(y)
        return x

    derivative = grad(walk, (0, 1))
    derivative(0.3, 0.1, 3)
    forward = code_of(derivative).partition("for ")[2].partition("\n    x_bar")[0]
    assert "= 0.5 * h\n" not in forward
