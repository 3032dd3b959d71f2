"""Functions that change lists and objects in place, as numerical code in plain Python does.

`in_place_gradients.py` has their gradients by hand, `in_place_cost.py` measures those against the
generated ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


def heat(u, alpha, steps):
    for _ in range(steps):
        left = u[0]
        for i in range(1, len(u) - 1):
            here = u[i]
            u[i] = here + alpha * (left - 2 * here + u[i + 1])
            left = here
    return sum(u)


def prefix_sums(xs, w):
    for i in range(1, len(xs)):
        xs[i] += w * xs[i - 1]
    total = 0.0
    for x in xs:
        total += x * x
    return total


def sieve(xs, a):
    n = len(xs)
    for p in range(1, n):
        for m in range(2 * p, n, p):
            xs[m] -= a * xs[p] * xs[p]
    return sum(xs)


def gauss_seidel(matrix, right, sweeps):
    n = len(right)
    x = [0.0] * n
    for _ in range(sweeps):
        for i in range(n):
            row = matrix[i]
            total = right[i]
            for j in range(n):
                if j != i:
                    total -= row[j] * x[j]
            x[i] = total / row[i]
    return sum(x)


def log_determinant(a):
    """By Cholesky, in place of the lower triangle."""
    n = len(a)
    for j in range(n):
        for k in range(j):
            a[j][j] -= a[j][k] * a[j][k]
        a[j][j] = math.sqrt(a[j][j])
        for i in range(j + 1, n):
            for k in range(j):
                a[i][j] -= a[i][k] * a[j][k]
            a[i][j] /= a[j][j]
    total = 0.0
    for j in range(n):
        total += math.log(a[j][j])
    return 2 * total


def determinant(a):
    """By elimination, with the largest of a column as its pivot."""
    n = len(a)
    result = 1.0
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i][k]) > abs(a[p][k]):
                p = i
        if p != k:
            a[k], a[p] = a[p], a[k]
            result = -result
        result *= a[k][k]
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            for j in range(k + 1, n):
                a[i][j] -= factor * a[k][j]
    return result


def thomas(lower, diagonal, upper, right):
    n = len(right)
    for i in range(1, n):
        w = lower[i - 1] / diagonal[i - 1]
        diagonal[i] -= w * upper[i - 1]
        right[i] -= w * right[i - 1]
    right[n - 1] /= diagonal[n - 1]
    for i in range(n - 2, -1, -1):
        right[i] = (right[i] - upper[i] * right[i + 1]) / diagonal[i]
    return sum(right)


def cheapest_path(costs, step):
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
    return table[rows - 1][columns - 1]


def levinson(r, order):
    """The error of the best linear prediction for an autocorrelation."""
    a = [0.0] * (order + 1)
    a[0] = 1.0
    error = r[0]
    for m in range(1, order + 1):
        total = r[m]
        for i in range(1, m):
            total += a[i] * r[m - i]
        k = -total / error
        a[m] = k
        for i in range(1, m // 2 + 1):
            first, last = a[i], a[m - i]
            a[i] = first + k * last
            a[m - i] = last + k * first
        error *= 1 - k * k
    return error


def echo(signal, gain, delay):
    ring = [0.0] * delay
    power = 0.0
    place = 0
    for x in signal:
        y = x + gain * ring[place]
        ring[place] = y
        power += y * y
        place = (place + 1) % delay
    return power


@dataclass
class Body:
    x: float
    y: float
    vx: float
    vy: float
    mass: float

    def pull(self, other, dt):
        dx = other.x - self.x
        dy = other.y - self.y
        square = dx * dx + dy * dy + 0.01
        strength = dt / (square * math.sqrt(square))
        self.vx += other.mass * strength * dx
        self.vy += other.mass * strength * dy
        other.vx -= self.mass * strength * dx
        other.vy -= self.mass * strength * dy

    def move(self, dt):
        self.x += dt * self.vx
        self.y += dt * self.vy


def orbits(sun, earth, moon, dt, steps):
    for _ in range(steps):
        sun.pull(earth, dt)
        sun.pull(moon, dt)
        earth.pull(moon, dt)
        sun.move(dt)
        earth.move(dt)
        moon.move(dt)
    return earth.x * moon.x + earth.y * moon.y
