"""Functions that are marked with `checkpoint`, each differentiated in its first argument.

The second argument is a number of turns.
"""

import math
from collections.abc import Callable
from typing import Any

from sourcediff import checkpoint

# Loops --------------------------------------------------------------------------------------


def sines(x, n):
    for _ in checkpoint(range(n)):
        x = 1.3 * math.sin(x)
    return x


def in_three(x, n):
    """A number of segments, and a break."""
    total = 0.0
    for i in checkpoint(range(n), segments=3):
        x = x + 0.3 * math.sin(x * i)
        if x > 2.0:
            break
        total += x * x
    return total * x


def from_two(x, n):
    """A range that does not start at zero; a loop in it, with continue."""
    for i in checkpoint(range(2, n)):
        for j in range(3):
            x = 0.4 * x * math.cos(x) + 0.1 * j
            if x > 0.3:
                continue
            x *= 1.1 + 0.01 * i
    return x


def downwards(x, n):
    for i in checkpoint(range(n, -1, -1)):
        x = math.sin(x + 0.1 * i)
        if x < -0.9:
            return x * i
    return x


def by_threes(x, n):
    """A while loop in it."""
    for i in checkpoint(range(1, n, 3)):
        y = x * i
        while y < 3.0:
            y = y * y + 0.7
        x = x + 0.1 * math.sin(y)
    return x


def nested(x, n):
    """A marked loop in a marked one."""
    for _ in checkpoint(range(n)):
        for j in checkpoint(range(n)):
            x = math.sin(x) + 0.01 * j
        x = x * x
    return x


def inside(x, n):
    for _ in range(3):
        for i in checkpoint(range(n), 2):
            x = math.sin(x) + 0.01 * i * x
    return x


def needs_nothing(x, n):
    for _ in checkpoint(range(n)):
        x = 0.5 * x
    return x


def adds_up(x, n):
    total = 0.0
    for i in checkpoint(range(n)):
        total += x * i * x
    return total


def with_else(x, n):
    for i in checkpoint(range(n)):
        x = x * x * 0.9
        if x > 5.0:
            break
    else:
        x = x * 3
    return x if n == 0 else x * (i + 1)


def own_list(x, n):
    """A list that each turn makes, what is printed, and what is asserted."""
    y = x
    for i in checkpoint(range(n)):
        for _ in range(i):
            x = 0.9 * x
            if i == 3:
                break
        ys = [x, y * x]
        ys.append(x * x)
        y = math.sin(sum(v * v for v in ys))
        assert y < 100
        print(end="")
    return y


def behind_a_test(x, n):
    z = 0.0
    for i in checkpoint(range(n)):
        if i > 2:
            z = 0.5 * z + x * z + x
        if z > 2:
            break
    return z


def returning(x, n):
    for i in checkpoint(range(n)):
        x = x + 0.1 * math.sin(x * i)
        if x > 1.05 and i > 4:
            return x * i
    return x * x


def through_a_list(x, n):
    weights = [0.1 * k for k in range(n)]
    for w in checkpoint(weights):
        x = math.sin(x) + w * x
    return x


def named(x, n):
    turns = checkpoint(range(n))
    for i in turns:
        x = x * math.sin(x + i)
    return x


# Functions ----------------------------------------------------------------------------------


@checkpoint
def both_loops(x, n):
    y = x
    for _ in range(n):
        x = x * math.sin(x)
    for i in range(n):
        for _ in range(2):
            y = y + 0.1 * x * math.cos(y * i)
    return y * x


@checkpoint
def step(x, r):
    y = math.exp(math.sin(x)) * r
    z = math.exp(math.cos(y) + math.sin(y))
    return z * y - z


@checkpoint
def settled(x, n):
    for i in range(n):
        x = math.sin(x) + 0.1 * i
        if x > 2:
            return x * x
    return x


@checkpoint(segments=2)
def with_count(x, n):
    for i in range(n):
        x = math.sin(x) + 0.1 * i
    return x, n


def steps(x, n):
    for _ in range(n):
        x = step(x, 0.3)
    return x


def settled_often(x, n):
    for _ in range(n):
        x = settled(x, 4)
    return x


def in_twos(x, n):
    for _ in range(n):
        x, _ = with_count(x, n)
    return x


def outside_of_loops(x, n):
    return settled(x, n) + step(x, x)


def one_in_the_other(x, n):
    for _ in range(n):
        x = step(settled(x, 2), step(x, 0.2))
        if x > 1:
            break
    return x


def steps_in_segments(x, n):
    for _ in checkpoint(range(n)):
        x = step(x, 0.2)
    return x


def under_a_try(x, n):
    try:
        for _ in checkpoint(range(n)):
            x = x * math.sin(x)
    except ValueError:
        return 0.0
    return x


CASES: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        sines,
        in_three,
        from_two,
        downwards,
        by_threes,
        nested,
        inside,
        needs_nothing,
        adds_up,
        with_else,
        own_list,
        behind_a_test,
        returning,
        through_a_list,
        named,
        both_loops,
        steps,
        settled_often,
        in_twos,
        outside_of_loops,
        one_in_the_other,
        steps_in_segments,
        under_a_try,
    )
}
