"""Functions with loops, as users would write them, each with points to differentiate it at.

Numbers 4 to 9 of the gallery of the project come first; `tests/golden_loops/NAME.py` is what the
compiler writes for `NAME`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Gallery ------------------------------------------------------------------------------------


def logistic_map(r, x, n):
    for _ in range(n):
        x = r * x * (1 - x)
    return x


def energy(k, xs):
    total = 0.0
    for x in xs:
        total += 0.5 * k * x * x
    return total


def newton_sqrt(a):
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


def escape(c, limit, n):
    z = 0.0
    total = 0.0
    for _ in range(n):
        z = z * z + c
        if z > limit:
            break
        total += z
    return total * c


def predator_prey(x, y, a, b, c, d):
    return a * x - b * x * y, c * x * y - d * y


def simulate(a, b, c, d, dt, n):
    x, y = 1.0, 0.5
    for _ in range(n):
        kx, ky = predator_prey(x, y, a, b, c, d)
        mx, my = predator_prey(x + 0.5 * dt * kx, y + 0.5 * dt * ky, a, b, c, d)
        x, y = x + dt * mx, y + dt * my
    return x + y


def rosenbrock(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


# Exits --------------------------------------------------------------------------------------


def first_root(x, step, n):
    """A return from two loops at once."""
    for i in range(n):
        for j in range(n):
            x = x + step * math.cos(x)
            if x > 1.4:
                return x * (i + j + 1)
        x = x * 1.01
    return x


def skipping(x, n):
    """continue on some ways only, and a break in an inner loop."""
    y = 1.0
    for i in range(n):
        if y > 5.0:
            if i % 2:
                continue
            y = y * x * 0.3
        else:
            y = y + x
        for _ in range(3):
            y = y * 1.1
            if y > 9.0:
                break
    return y


def search(xs, limit):
    """for and else, with the place of what was found."""
    for i, x in enumerate(xs):
        if x > limit:
            found = x * (i + 1)
            break
    else:
        found = -limit
    return found * limit


def doubling(x):
    """An endless loop that returns, and a count of its turns."""
    turns = 0
    while True:
        x = x * x
        turns += 1
        if x > 10:
            return x * turns


def walrus_loop(x):
    total = 0.0
    while (y := math.exp(-x) * 3.0) > 1.0:
        x = x + 0.3 * y
        total += y
    return total * x


# Structure ----------------------------------------------------------------------------------


def step(state, dt):
    x, v = state
    return x + dt * v, v - dt * math.sin(x)


def pendulum(x, dt, n):
    """A tuple that is carried, and a helper that takes it apart."""
    state = (x, 0.0)
    for _ in range(n):
        state = step(state, dt)
    return state[0] ** 2 + state[1]


def dot(xs, ys):
    total = 0.0
    for a, b in zip(xs, ys):  # noqa: B905 - the shorter list decides
        total += a * b
    return total


def horner(c, x):
    y = 0.0
    for k in reversed(c):
        y = y * x + k
    return y


def frobenius(rows):
    total = 0.0
    for row in rows:
        for v in row:
            total += v * v
    return math.sqrt(total)


def running_sum(x, n):
    """A function inside that binds a variable outside of it."""
    total = 0.0

    def add(v):
        nonlocal total
        total = total * 0.5 + v * x
        return total

    for i in range(n):
        if add(i + x) > 4:
            break
    return total


def collatz(n, x):
    """A loop that counts whole numbers, of which nothing has to be kept."""
    count = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        count += 1
    return x * count


def nested_powers(x, n):
    total = 0.0
    for i in range(n):
        y = x
        for _ in range(i):
            y = y * x + math.sin(y)
            total += y * i
        x = x + 0.1 * y
    return total


def quantile_loss(level, weight, values):
    """An adjoint that is the same number in every turn."""
    loss = 0.0
    for v in values:
        gap = v - level
        if gap > 0.0:
            loss += 0.9 * gap
        else:
            loss -= 0.1 * gap
        level += weight * gap
    return loss


def sum_of_orbits(x, n):
    """A sum, the terms of which are loops: the outer one is turned round in one pass."""
    total = 0.0
    for i in range(n):
        y = x
        for _ in range(i):
            y = 1.5 * y * (1 - y)
        total += y
    return total


def lagrange_basis(x, n):
    """The sum of products that leave a factor out."""
    total = 0.0
    for i in range(n):
        term = 1.0
        for j in range(n):
            if i != j:
                term *= x - j
        total += term
    return total


def some_orbits(x, n):
    """Inner loops under a test, of three kinds: counted, with a break, while a test holds."""
    total = 0.0
    for i in range(n):
        y = x + 0.1 * i
        if i % 2:
            for k in range(4):
                y = math.sin(y) + 0.1 * k
                if y > 1.05:
                    break
        else:
            while y < 1.5:
                y = y * y + 0.5
            for _ in range(2):
                for _ in range(2):
                    y = math.cos(y * x)
        total += y * y
    return total


@dataclass(frozen=True)
class Case:
    """A function, what it is differentiated in, and where."""

    function: Callable[..., Any]
    argnums: tuple[int, ...]
    points: tuple[tuple[Any, ...], ...]


CASES: dict[str, Case] = {
    case.function.__name__: case
    for case in (
        Case(logistic_map, (0, 1), ((3.1, 0.3, 20), (2.5, 0.6, 0), (3.7, 0.1, 1))),
        Case(energy, (0, 1), ((1.7, [0.1, -0.4, 0.9]), (0.5, []))),
        Case(newton_sqrt, (0,), ((2.0,), (0.3,))),
        Case(escape, (0,), ((0.3, 0.5, 50), (0.3, 0.5, 0), (0.2, 9.0, 6))),
        Case(simulate, (0, 1, 2, 3), ((1.1, 0.4, 0.1, 0.4, 0.01, 20),)),
        Case(rosenbrock, (0,), (([0.3, -0.2, 0.8, 1.1],), ([0.4],))),
        Case(first_root, (0, 1), ((0.2, 0.3, 4), (0.2, 0.01, 2), (0.2, 0.3, 0))),
        Case(skipping, (0,), ((2.2, 7), (0.4, 3), (2.2, 0))),
        Case(search, (0, 1), (([0.3, 0.9, 1.4], 0.8), ([0.3, 0.2], 0.8), ([], 0.5))),
        Case(doubling, (0,), ((1.1,), (4.0,))),
        Case(walrus_loop, (0,), ((0.1,), (5.0,))),
        Case(pendulum, (0, 1), ((1.0, 0.1, 6), (1.0, 0.1, 0))),
        Case(dot, (0, 1), (([0.3, 0.9], [1.4, 0.2, 0.6]), ([], [1.0]))),
        Case(horner, (0, 1), (([0.3, 0.9, 1.4], 0.7), ([], 0.7))),
        Case(frobenius, (0,), (([[0.3, 0.9], [1.4]],),)),
        Case(running_sum, (0,), ((0.7, 9), (0.7, 2), (0.7, 0))),
        Case(collatz, (1,), ((7, 1.5), (1, 1.5))),
        Case(nested_powers, (0,), ((1.2, 4), (0.7, 1))),
        Case(sum_of_orbits, (0,), ((0.3, 5), (0.9, 1), (0.2, 0))),
        Case(lagrange_basis, (0,), ((1.7, 4), (0.4, 2))),
        Case(some_orbits, (0,), ((0.7, 5), (0.3, 1), (0.3, 0))),
        Case(quantile_loss, (0, 1), ((0.4, 0.3, [0.9, -0.2, 0.5]), (0.4, 0.3, []))),
    )
}
