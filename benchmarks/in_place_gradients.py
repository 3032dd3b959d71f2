"""Gradients of the functions of `in_place_kernels.py`, as one would write them with care by hand.

A gradient by hand returns a tuple, as `grad` does where it is asked for several arguments.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from in_place_kernels import (
    Body,
    cheapest_path,
    determinant,
    echo,
    gauss_seidel,
    heat,
    levinson,
    log_determinant,
    orbits,
    prefix_sums,
    sieve,
    thomas,
)


def hand_heat(u, alpha, steps):
    u = list(u)
    brackets = []
    for _ in range(steps):
        left = u[0]
        for i in range(1, len(u) - 1):
            here = u[i]
            bracket = left - 2 * here + u[i + 1]
            brackets.append(bracket)
            u[i] = here + alpha * bracket
            left = here
    u_bar = [1.0] * len(u)
    alpha_bar = 0.0
    for _ in range(steps):
        left_bar = 0.0
        for i in range(len(u) - 2, 0, -1):
            here_bar = left_bar
            new_bar = u_bar[i]
            alpha_bar += new_bar * brackets.pop()
            bracket_bar = alpha * new_bar
            left_bar = bracket_bar
            u_bar[i + 1] += bracket_bar
            u_bar[i] = here_bar + new_bar - 2 * bracket_bar
        u_bar[0] += left_bar
    return u_bar, alpha_bar


def hand_prefix_sums(xs, w):
    xs = list(xs)
    for i in range(1, len(xs)):
        xs[i] += w * xs[i - 1]
    xs_bar = [2 * x for x in xs]
    w_bar = 0.0
    for i in range(len(xs) - 1, 0, -1):
        new_bar = xs_bar[i]
        w_bar += new_bar * xs[i - 1]
        xs_bar[i - 1] += w * new_bar
    return xs_bar, w_bar


def hand_sieve(xs, a):
    xs = list(xs)
    n = len(xs)
    for p in range(1, n):
        for m in range(2 * p, n, p):
            xs[m] -= a * xs[p] * xs[p]
    xs_bar = [1.0] * n
    a_bar = 0.0
    for p in range(n - 1, 0, -1):
        x = xs[p]
        total = 0.0
        for m in range(2 * p, n, p):
            total += xs_bar[m]
        a_bar -= total * x * x
        xs_bar[p] -= 2 * total * a * x
    return xs_bar, a_bar


def hand_gauss_seidel(matrix, right, sweeps):
    n = len(right)
    x = [0.0] * n
    replaced = []
    for _ in range(sweeps):
        for i in range(n):
            row = matrix[i]
            total = right[i]
            for j in range(n):
                if j != i:
                    total -= row[j] * x[j]
            replaced.append(x[i])
            x[i] = total / row[i]
    x_bar = [1.0] * n
    matrix_bar = [[0.0] * n for _ in range(n)]
    right_bar = [0.0] * n
    for _ in range(sweeps):
        for i in range(n - 1, -1, -1):
            row = matrix[i]
            row_bar = matrix_bar[i]
            total_bar = x_bar[i] / row[i]
            row_bar[i] -= total_bar * x[i]
            x[i] = replaced.pop()
            x_bar[i] = 0.0
            for j in range(n):
                if j != i:
                    row_bar[j] -= total_bar * x[j]
                    x_bar[j] -= total_bar * row[j]
            right_bar[i] += total_bar
    return matrix_bar, right_bar


def hand_log_determinant(a):
    n = len(a)
    a = [list(row) for row in a]
    for j in range(n):
        row = a[j]
        for k in range(j):
            row[j] -= row[k] * row[k]
        root = math.sqrt(row[j])
        row[j] = root
        for i in range(j + 1, n):
            below = a[i]
            for k in range(j):
                below[j] -= below[k] * row[k]
            below[j] /= root
    a_bar = [[0.0] * n for _ in range(n)]
    for j in range(n):
        a_bar[j][j] = 2 / a[j][j]
    for j in range(n - 1, -1, -1):
        row = a[j]
        row_bar = a_bar[j]
        root = row[j]
        root_bar = row_bar[j]
        for i in range(n - 1, j, -1):
            below = a[i]
            below_bar = a_bar[i]
            new_bar = below_bar[j] / root
            root_bar -= new_bar * below[j]
            below_bar[j] = new_bar
            for k in range(j):
                below_bar[k] -= new_bar * row[k]
                row_bar[k] -= new_bar * below[k]
        square_bar = 0.5 * root_bar / root
        row_bar[j] = square_bar
        for k in range(j):
            row_bar[k] -= 2 * square_bar * row[k]
    return (a_bar,)


def hand_determinant(a):
    n = len(a)
    a = [list(row) for row in a]
    order = list(range(n))
    result = 1.0
    swaps = []
    eliminated = []
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i][k]) > abs(a[p][k]):
                p = i
        swaps.append(p)
        if p != k:
            a[k], a[p] = a[p], a[k]
            order[k], order[p] = order[p], order[k]
            result = -result
        pivot_row = a[k]
        pivot = pivot_row[k]
        result *= pivot
        for i in range(k + 1, n):
            row = a[i]
            factor = row[k] / pivot
            eliminated.append(factor)
            for j in range(k + 1, n):
                row[j] -= factor * pivot_row[j]
    a_bar = [[0.0] * n for _ in range(n)]
    for k in range(n - 1, -1, -1):
        pivot_row = a[k]
        pivot_bars = a_bar[k]
        pivot = pivot_row[k]
        pivot_bar = result / pivot
        for i in range(n - 1, k, -1):
            row_bar = a_bar[i]
            factor = eliminated.pop()
            factor_bar = 0.0
            for j in range(k + 1, n):
                new_bar = row_bar[j]
                factor_bar -= new_bar * pivot_row[j]
                pivot_bars[j] -= new_bar * factor
            row_bar[k] = factor_bar / pivot
            pivot_bar -= factor_bar * factor / pivot
        pivot_bars[k] = pivot_bar
        p = swaps[k]
        if p != k:
            a_bar[k], a_bar[p] = a_bar[p], a_bar[k]
    return (a_bar,)


def hand_thomas(lower, diagonal, upper, right):
    n = len(right)
    diagonal, right = list(diagonal), list(right)
    ws = []
    for i in range(1, n):
        w = lower[i - 1] / diagonal[i - 1]
        ws.append(w)
        diagonal[i] -= w * upper[i - 1]
        right[i] -= w * right[i - 1]
    x = list(right)
    x[n - 1] /= diagonal[n - 1]
    for i in range(n - 2, -1, -1):
        x[i] = (x[i] - upper[i] * x[i + 1]) / diagonal[i]
    right_bar = [1.0] * n
    diagonal_bar = [0.0] * n
    upper_bar = [0.0] * len(upper)
    lower_bar = [0.0] * len(lower)
    for i in range(n - 1):
        top_bar = right_bar[i] / diagonal[i]
        diagonal_bar[i] = -top_bar * x[i]
        right_bar[i] = top_bar
        upper_bar[i] = -top_bar * x[i + 1]
        right_bar[i + 1] -= top_bar * upper[i]
    last_bar = right_bar[n - 1] / diagonal[n - 1]
    diagonal_bar[n - 1] = -last_bar * x[n - 1]
    right_bar[n - 1] = last_bar
    for i in range(n - 1, 0, -1):
        w = ws[i - 1]
        new_bar = right_bar[i]
        turned_bar = diagonal_bar[i]
        w_bar = -new_bar * right[i - 1] - turned_bar * upper[i - 1]
        right_bar[i - 1] -= new_bar * w
        upper_bar[i - 1] -= turned_bar * w
        share = w_bar / diagonal[i - 1]
        lower_bar[i - 1] = share
        diagonal_bar[i - 1] -= share * w
    return lower_bar, diagonal_bar, upper_bar, right_bar


def hand_cheapest_path(costs, step):
    rows, columns = len(costs), len(costs[0])
    table = [[0.0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            if i == 0 and j == 0:
                best = 0.0
            elif i == 0:
                best = table[i][j - 1] + step
            elif j == 0:
                best = table[i - 1][j] + step
            else:
                best = min(table[i - 1][j] + step, table[i][j - 1] + step, table[i - 1][j - 1])
            table[i][j] = best + costs[i][j] * costs[i][j]
    table_bar = [[0.0] * columns for _ in range(rows)]
    table_bar[rows - 1][columns - 1] = 1.0
    costs_bar = [[0.0] * columns for _ in range(rows)]
    step_bar = 0.0
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best_bar = table_bar[i][j]
            costs_bar[i][j] = 2 * best_bar * costs[i][j]
            if i == 0 and j == 0:
                continue
            if i == 0:
                table_bar[i][j - 1] += best_bar
                step_bar += best_bar
            elif j == 0:
                table_bar[i - 1][j] += best_bar
                step_bar += best_bar
            else:
                down = table[i - 1][j] + step
                along = table[i][j - 1] + step
                across = table[i - 1][j - 1]
                if across < down and across < along:
                    table_bar[i - 1][j - 1] += best_bar
                elif along < down:
                    table_bar[i][j - 1] += best_bar
                    step_bar += best_bar
                else:
                    table_bar[i - 1][j] += best_bar
                    step_bar += best_bar
    return costs_bar, step_bar


def hand_levinson(r, order):
    a = [0.0] * (order + 1)
    a[0] = 1.0
    error = r[0]
    errors, ks, columns = [], [], []
    for m in range(1, order + 1):
        total = r[m]
        for i in range(1, m):
            total += a[i] * r[m - i]
        k = -total / error
        errors.append(error)
        ks.append(k)
        columns.append(a[:m])
        a[m] = k
        for i in range(1, m // 2 + 1):
            first, last = a[i], a[m - i]
            a[i] = first + k * last
            a[m - i] = last + k * first
        error *= 1 - k * k
    a_bar = [0.0] * (order + 1)
    r_bar = [0.0] * len(r)
    error_bar = 1.0
    for m in range(order, 0, -1):
        error, k, before = errors[m - 1], ks[m - 1], columns[m - 1]
        k_bar = -2 * error_bar * error * k
        error_bar *= 1 - k * k
        for i in range(m // 2, 0, -1):
            first, last = before[i], before[m - i]
            new_last_bar = a_bar[m - i]
            a_bar[m - i] = 0.0
            new_first_bar = a_bar[i]
            a_bar[i] = 0.0
            k_bar += new_last_bar * first + new_first_bar * last
            a_bar[m - i] += new_last_bar + k * new_first_bar
            a_bar[i] += new_first_bar + k * new_last_bar
        k_bar += a_bar[m]
        a_bar[m] = 0.0
        total_bar = -k_bar / error
        error_bar += total_bar * k
        for i in range(1, m):
            a_bar[i] += total_bar * r[m - i]
            r_bar[m - i] += total_bar * before[i]
        r_bar[m] += total_bar
    r_bar[0] += error_bar
    return (r_bar,)


def hand_echo(signal, gain, delay):
    ring = [0.0] * delay
    ys = []
    place = 0
    for x in signal:
        y = x + gain * ring[place]
        ys.append(y)
        ring[place] = y
        place = (place + 1) % delay
    ring_bar = [0.0] * delay
    signal_bar = [0.0] * len(signal)
    gain_bar = 0.0
    for i in range(len(signal) - 1, -1, -1):
        place = (place - 1) % delay
        y_bar = 2 * ys[i] + ring_bar[place]
        ring_bar[place] = gain * y_bar
        if i >= delay:
            gain_bar += y_bar * ys[i - delay]
        signal_bar[i] = y_bar
    return signal_bar, gain_bar


def pull_adjoint(one, other, one_bar, other_bar, dx, dy, dt):
    square = dx * dx + dy * dy + 0.01
    root = math.sqrt(square)
    strength = dt / (square * root)
    towards = one_bar.vx * dx + one_bar.vy * dy
    away = other_bar.vx * dx + other_bar.vy * dy
    other_bar.mass += strength * towards
    one_bar.mass -= strength * away
    one_force = other.mass * one_bar.vx - one.mass * other_bar.vx
    other_force = other.mass * one_bar.vy - one.mass * other_bar.vy
    strength_bar = other.mass * towards - one.mass * away
    square_bar = -1.5 * strength_bar * strength / square
    dx_bar = strength * one_force + 2 * square_bar * dx
    dy_bar = strength * other_force + 2 * square_bar * dy
    other_bar.x += dx_bar
    one_bar.x -= dx_bar
    other_bar.y += dy_bar
    one_bar.y -= dy_bar
    return strength_bar / (square * root)


def move_adjoint(velocity, bar, dt):
    vx, vy = velocity
    dt_bar = bar.x * vx + bar.y * vy
    bar.vx += dt * bar.x
    bar.vy += dt * bar.y
    return dt_bar


def hand_orbits(sun, earth, moon, dt, steps):
    sun = Body(sun.x, sun.y, sun.vx, sun.vy, sun.mass)
    earth = Body(earth.x, earth.y, earth.vx, earth.vy, earth.mass)
    moon = Body(moon.x, moon.y, moon.vx, moon.vy, moon.mass)
    kept = []
    for _ in range(steps):
        first = earth.x - sun.x, earth.y - sun.y
        second = moon.x - sun.x, moon.y - sun.y
        third = moon.x - earth.x, moon.y - earth.y
        sun.pull(earth, dt)
        sun.pull(moon, dt)
        earth.pull(moon, dt)
        speeds = (sun.vx, sun.vy), (earth.vx, earth.vy), (moon.vx, moon.vy)
        kept.append((first, second, third, speeds))
        sun.move(dt)
        earth.move(dt)
        moon.move(dt)
    sun_bar = Body(0.0, 0.0, 0.0, 0.0, 0.0)
    earth_bar = Body(moon.x, moon.y, 0.0, 0.0, 0.0)
    moon_bar = Body(earth.x, earth.y, 0.0, 0.0, 0.0)
    dt_bar = 0.0
    for (x1, y1), (x2, y2), (x3, y3), (fast, slow, small) in reversed(kept):
        dt_bar += move_adjoint(small, moon_bar, dt)
        dt_bar += move_adjoint(slow, earth_bar, dt)
        dt_bar += move_adjoint(fast, sun_bar, dt)
        dt_bar += pull_adjoint(earth, moon, earth_bar, moon_bar, x3, y3, dt)
        dt_bar += pull_adjoint(sun, moon, sun_bar, moon_bar, x2, y2, dt)
        dt_bar += pull_adjoint(sun, earth, sun_bar, earth_bar, x1, y1, dt)
    return sun_bar, earth_bar, moon_bar, dt_bar


# Where to measure ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A function, its gradient by hand, where to measure, what to differentiate.

    `longer` are arguments on which the function does four times the work on four times as many
    elements.
    """

    primal: Callable[..., Any]
    hand: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: tuple[int, ...]
    longer: tuple[Any, ...] | None = None


random_numbers = random.Random(1)


def numbers(n: int, middle: float = 0.0) -> list[float]:
    """Numbers about one, the same in every run."""
    return [middle + random_numbers.uniform(-1.0, 1.0) for _ in range(n)]


def square(n: int) -> list[list[float]]:
    return [numbers(n) for _ in range(n)]


def definite(n: int) -> list[list[float]]:
    """A symmetric matrix of which all eigenvalues are positive."""
    m = square(n)
    products = [[sum(a * b for a, b in zip(p, q, strict=True)) for q in m] for p in m]
    return [[x + n * (i == j) for j, x in enumerate(row)] for i, row in enumerate(products)]


CASES = (
    Case(heat, hand_heat, (numbers(30), 0.1, 20), (0, 1), (numbers(114), 0.1, 20)),
    Case(prefix_sums, hand_prefix_sums, (numbers(100), 0.9), (0, 1), (numbers(400), 0.9)),
    Case(sieve, hand_sieve, (numbers(60), 0.1), (0, 1)),
    Case(gauss_seidel, hand_gauss_seidel, (definite(8), numbers(8), 6), (0, 1)),
    Case(log_determinant, hand_log_determinant, (definite(10),), (0,)),
    Case(determinant, hand_determinant, (square(9),), (0,)),
    Case(
        thomas,
        hand_thomas,
        (numbers(49), numbers(50, 4.0), numbers(49), numbers(50)),
        (0, 1, 2, 3),
        (numbers(199), numbers(200, 4.0), numbers(199), numbers(200)),
    ),
    Case(cheapest_path, hand_cheapest_path, (square(12), 0.3), (0, 1)),
    Case(levinson, hand_levinson, ([1.0, *(0.3 * x for x in numbers(20))], 20), (0,)),
    Case(echo, hand_echo, (numbers(200), 0.7, 7), (0, 1), (numbers(800), 0.7, 28)),
    Case(
        orbits,
        hand_orbits,
        (
            Body(0.0, 0.0, 0.0, 0.0, 1.0),
            Body(1.0, 0.0, 0.0, 1.0, 0.1),
            Body(1.2, 0.0, 0.0, 1.3, 0.01),
            0.01,
            50,
        ),
        (0, 1, 2, 3),
    ),
)
