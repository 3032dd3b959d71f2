"""Functions with loops, and their gradients as one would write them with care by hand.

`loop_cost.py` measures generated gradients against these. A gradient by hand returns a tuple, as
`grad` does where it is asked for several arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# One number is carried ----------------------------------------------------------------------


def population(rate, share, years):
    for _ in range(years):
        share = rate * share * (1 - share)
    return share


def hand_population(rate, share, years):
    shares = []
    for _ in range(years):
        shares.append(share)
        share = rate * share * (1 - share)
    share_bar = 1.0
    rate_bar = 0.0
    for share in reversed(shares):
        rest = 1 - share
        rate_bar += share_bar * share * rest
        share_bar *= rate * (rest - share)
    return rate_bar, share_bar


def cube_root(a):
    x = a
    while abs(x * x * x - a) > 1e-12 * a:
        x -= (x * x * x - a) / (3 * x * x)
    return x


def hand_cube_root(a):
    x = a
    xs = []
    while abs(x * x * x - a) > 1e-12 * a:
        xs.append(x)
        x -= (x * x * x - a) / (3 * x * x)
    x_bar = 1.0
    a_bar = 0.0
    for x in reversed(xs):
        square = 3 * x * x
        quotient_bar = x_bar / square
        a_bar += quotient_bar
        x_bar = 6 * x * quotient_bar * (x * x * x - a) / square
    return (a_bar + x_bar,)


def orbit(c, radius, n):
    z = 0.0
    total = 0.0
    for _ in range(n):
        z = z * z + c
        if z > radius:
            break
        total += z
    return total * c


def hand_orbit(c, radius, n):
    z = 0.0
    total = 0.0
    zs = []
    outside = False
    for _ in range(n):
        zs.append(z)
        z = z * z + c
        if z > radius:
            outside = True
            break
        total += z
    c_bar = total
    z_bar = 0.0
    for z in reversed(zs):
        if outside:
            outside = False
        else:
            z_bar += c
        c_bar += z_bar
        z_bar = 2 * z * z_bar
    return (c_bar,)


def polynomial(coefficients, x):
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return y


def hand_polynomial(coefficients, x):
    ys = []
    y = 0.0
    for c in coefficients:
        ys.append(y)
        y = y * x + c
    y_bar = 1.0
    x_bar = 0.0
    c_bars = [0.0] * len(coefficients)
    i = len(coefficients)
    for y in reversed(ys):
        i -= 1
        c_bars[i] = y_bar
        x_bar += y_bar * y
        y_bar *= x
    return c_bars, x_bar


# Several numbers are carried ----------------------------------------------------------------


def growth(x, y, a, b, c, d):
    return a * x - b * x * y, c * x * y - d * y


def foxes(a, b, c, d, dt, n):
    x, y = 1.0, 0.5
    for _ in range(n):
        kx, ky = growth(x, y, a, b, c, d)
        x, y = x + dt * kx, y + dt * ky
    return x * y


def hand_foxes(a, b, c, d, dt, n):
    x, y = 1.0, 0.5
    states = []
    for _ in range(n):
        states.append((x, y))
        xy = x * y
        x, y = x + dt * (a * x - b * xy), y + dt * (c * xy - d * y)
    a_bar = b_bar = c_bar = d_bar = 0.0
    x_bar = y
    y_bar = x
    for x, y in reversed(states):
        kx_bar = dt * x_bar
        ky_bar = dt * y_bar
        xy = x * y
        a_bar += kx_bar * x
        b_bar -= kx_bar * xy
        c_bar += ky_bar * xy
        d_bar -= ky_bar * y
        xy_bar = ky_bar * c - kx_bar * b
        x_bar += kx_bar * a + xy_bar * y
        y_bar += xy_bar * x - ky_bar * d
    return a_bar, b_bar, c_bar, d_bar


def foxes_by_midpoints(a, b, c, d, dt, n):
    x, y = 1.0, 0.5
    for _ in range(n):
        kx, ky = growth(x, y, a, b, c, d)
        mx, my = growth(x + 0.5 * dt * kx, y + 0.5 * dt * ky, a, b, c, d)
        x, y = x + dt * mx, y + dt * my
    return x + y


def hand_foxes_by_midpoints(a, b, c, d, dt, n):
    x, y = 1.0, 0.5
    states = []
    half = 0.5 * dt
    for _ in range(n):
        states.append((x, y))
        p = x + half * (a * x - b * x * y)
        q = y + half * (c * x * y - d * y)
        x, y = x + dt * (a * p - b * p * q), y + dt * (c * p * q - d * q)
    a_bar = b_bar = c_bar = d_bar = 0.0
    x_bar = y_bar = 1.0
    for x, y in reversed(states):
        xy = x * y
        p = x + half * (a * x - b * xy)
        q = y + half * (c * xy - d * y)
        pq = p * q
        mx_bar = dt * x_bar
        my_bar = dt * y_bar
        a_bar += mx_bar * p
        b_bar -= mx_bar * pq
        c_bar += my_bar * pq
        d_bar -= my_bar * q
        pq_bar = my_bar * c - mx_bar * b
        p_bar = mx_bar * a + pq_bar * q
        q_bar = pq_bar * p - my_bar * d
        kx_bar = half * p_bar
        ky_bar = half * q_bar
        a_bar += kx_bar * x
        b_bar -= kx_bar * xy
        c_bar += ky_bar * xy
        d_bar -= ky_bar * y
        xy_bar = ky_bar * c - kx_bar * b
        x_bar += p_bar + kx_bar * a + xy_bar * y
        y_bar += q_bar - ky_bar * d + xy_bar * x
    return a_bar, b_bar, c_bar, d_bar


def swing(angle, length, dt, n):
    speed = 0.0
    for _ in range(n):
        speed -= dt * 9.81 / length * math.sin(angle)
        angle += dt * speed
    return angle


def hand_swing(angle, length, dt, n):
    speed = 0.0
    angles = []
    pull = dt * 9.81 / length
    for _ in range(n):
        angles.append(angle)
        speed -= pull * math.sin(angle)
        angle += dt * speed
    angle_bar = 1.0
    speed_bar = pull_bar = 0.0
    for angle in reversed(angles):
        speed_bar += dt * angle_bar
        pull_bar -= speed_bar * math.sin(angle)
        angle_bar -= speed_bar * pull * math.cos(angle)
    return angle_bar, -pull_bar * pull / length


# Sums ---------------------------------------------------------------------------------------


def spring_energy(k, lengths):
    total = 0.0
    for length in lengths:
        total += 0.5 * k * length * length
    return total


def hand_spring_energy(k, lengths):
    k_bar = 0.0
    length_bars = [0.0] * len(lengths)
    for i, length in enumerate(lengths):
        k_bar += 0.5 * length * length
        length_bars[i] = k * length
    return k_bar, length_bars


def valley(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def hand_valley(x):
    x_bar = [0.0] * len(x)
    for i in range(len(x) - 1):
        here = x[i]
        gap_bar = 200.0 * (x[i + 1] - here * here)
        x_bar[i + 1] += gap_bar
        x_bar[i] -= 2.0 * here * gap_bar + 2.0 * (1.0 - here)
    return (x_bar,)


def repulsion(positions, charge):
    total = 0.0
    for i in range(len(positions)):
        for j in range(i):
            distance = positions[i] - positions[j]
            total += charge / math.sqrt(distance * distance + 0.01)
    return total


def hand_repulsion(positions, charge):
    charge_bar = 0.0
    position_bars = [0.0] * len(positions)
    for i in range(len(positions)):
        for j in range(i):
            distance = positions[i] - positions[j]
            inverse = 1.0 / math.sqrt(distance * distance + 0.01)
            charge_bar += inverse
            distance_bar = -charge * distance * inverse * inverse * inverse
            position_bars[i] += distance_bar
            position_bars[j] -= distance_bar
    return position_bars, charge_bar


def squared_errors(slope, offset, xs, ys):
    total = 0.0
    for x, y in zip(xs, ys):  # noqa: B905 - as users write it
        error = slope * x + offset - y
        total += error**2
    return total / len(xs)


def hand_squared_errors(slope, offset, xs, ys):
    slope_bar = offset_bar = 0.0
    factor = 2.0 / len(xs)
    for x, y in zip(xs, ys):  # noqa: B905 - as users write it
        error_bar = factor * (slope * x + offset - y)
        slope_bar += error_bar * x
        offset_bar += error_bar
    return slope_bar, offset_bar


# Tests on what is differentiated ------------------------------------------------------------


def smoothed(level, weight, values):
    loss = 0.0
    for v in values:
        gap = v - level
        if gap > 0.0:
            loss += 0.9 * gap
        else:
            loss -= 0.1 * gap
        level += weight * gap
    return loss


def hand_smoothed(level, weight, values):
    gaps = []
    for v in values:
        gap = v - level
        gaps.append(gap)
        level += weight * gap
    level_bar = weight_bar = 0.0
    for gap in reversed(gaps):
        weight_bar += level_bar * gap
        gap_bar = level_bar * weight
        if gap > 0.0:
            gap_bar += 0.9
        else:
            gap_bar -= 0.1
        level_bar -= gap_bar
    return level_bar, weight_bar


@dataclass(frozen=True)
class Case:
    """A function, its gradient by hand, where to measure, what to differentiate."""

    primal: Callable[..., Any]
    hand: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: tuple[int, ...]


CASES = (
    Case(population, hand_population, (3.1, 0.3, 100), (0, 1)),
    Case(cube_root, hand_cube_root, (200.0,), (0,)),
    Case(orbit, hand_orbit, (0.26, 0.9, 100), (0,)),
    Case(polynomial, hand_polynomial, ([0.3, -0.2, 0.8, 1.1] * 25, 0.9), (0, 1)),
    Case(foxes, hand_foxes, (1.1, 0.4, 0.1, 0.4, 0.01, 200), (0, 1, 2, 3)),
    Case(
        foxes_by_midpoints,
        hand_foxes_by_midpoints,
        (1.1, 0.4, 0.1, 0.4, 0.01, 200),
        (0, 1, 2, 3),
    ),
    Case(swing, hand_swing, (1.2, 0.8, 0.01, 200), (0, 1)),
    Case(spring_energy, hand_spring_energy, (1.7, [0.1, -0.4, 0.9, 1.2] * 25), (0, 1)),
    Case(valley, hand_valley, ([0.3, -0.2, 0.8, 1.1] * 25,), (0,)),
    Case(repulsion, hand_repulsion, ([0.1 * k * k for k in range(15)], 1.3), (0, 1)),
    Case(
        squared_errors,
        hand_squared_errors,
        (0.7, 0.1, [0.3, -0.2, 0.8, 1.1] * 25, [0.5, 0.1, 0.7, 0.9] * 25),
        (0, 1),
    ),
    Case(smoothed, hand_smoothed, (0.4, 0.3, [0.3, -0.2, 0.8, 1.1] * 25), (0, 1)),
)
