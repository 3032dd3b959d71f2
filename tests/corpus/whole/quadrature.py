# ruff: noqa: B905
"""Integrals: rules on fixed nodes, on nodes that are computed, by sampling, along curves."""

import math

from tests.corpus.whole.registry import program


@program(
    lambda: [(0.0, 1.5, 0.8, 16), (-1.0, 1.0, 0.2, 1), (0.0, 1.0, 0.8, 0)],
    argnums=(0, 1, 2),
    raising=lambda: [(0.0, 1.0, 0.8, -1)],
)
def trapezoid(a, b, k, n):
    """The trapezoidal rule; no interval, no area."""
    if n < 0:
        raise ValueError("n must not be negative")
    if n == 0:
        return 0.0
    h = (b - a) / n
    area = 0.5 * (math.sin(k * a) + math.sin(k * b))
    for i in range(1, n):
        area += math.sin(k * (a + i * h))
    return area * h


@program(lambda: [(0.0, 2.0, 1.0, 10), (1.0, 1.5, -0.7, 2)], argnums=(0, 1, 2))
def simpson_weights(a, b, p, n):
    """Simpson's rule with weights from a conditional inside a generator."""
    h = (b - a) / n
    f = lambda x: 1.0 / (1.0 + math.exp(p * x))
    total = sum((1 if i in (0, n) else 4 if i % 2 else 2) * f(a + i * h) for i in range(n + 1))
    return total * h / 3


@program(lambda: [(0.0, 1.0, 1.7, 5), (0.5, 2.0, -0.4, 1)], argnums=(0, 1, 2))
def romberg(a, b, k, levels):
    """A triangular table of refinements that grows row by row."""
    f = lambda x: x * math.exp(-k * x)
    h = b - a
    table = [[h / 2 * (f(a) + f(b))]]
    for i in range(1, levels):
        h /= 2
        middle = 0.0
        for j in range(1, 2**i, 2):
            middle += f(a + j * h)
        row = [table[-1][0] / 2 + h * middle]
        for m in range(1, i + 1):
            row.append(row[m - 1] + (row[m - 1] - table[i - 1][m - 1]) / (4**m - 1))
        table.append(row)
    return table[-1][-1]


def legendre_rule(n):
    nodes, weights = [], []
    for i in range(1, n + 1):
        x = math.cos(math.pi * (i - 0.25) / (n + 0.5))
        while True:
            p0, p1 = 1.0, x
            for k in range(2, n + 1):
                p0, p1 = p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k
            slope = n * (x * p1 - p0) / (x * x - 1)
            step = p1 / slope
            x -= step
            if abs(step) < 1e-14:
                break
        nodes.append(x)
        weights.append(2 / ((1 - x * x) * slope * slope))
    return nodes, weights


@program(lambda: [(0.2, 1.4, 2.0, 5), (-1.0, 3.0, 0.5, 8)], argnums=(0, 1, 2))
def gauss_legendre(a, b, k, n):
    """Nodes and weights by Newton in a helper; they do not depend on what is differentiated."""
    mid, half = (a + b) / 2, (b - a) / 2
    return half * sum(w * math.cos(k * (mid + half * x)) for x, w in zip(*legendre_rule(n)))


@program(lambda: [(2.5, 0.125), (1.2, 0.125)], argnums=0)
def tanh_sinh(s, h):
    """The beta-like integral of (x (1 - x))**(s - 1) by a double-exponential rule."""
    total = 0.0
    for k in range(-40, 41):
        t = k * h
        u = math.pi / 2 * math.sinh(t)
        x = 0.5 * (1 + math.tanh(u))
        dx = math.pi / 4 * math.cosh(t) / math.cosh(u) ** 2
        if x in (0.0, 1.0) or dx < 1e-300:
            continue
        total += (x * (1 - x)) ** (s - 1) * dx
    return total * h


@program(
    lambda: [([0.0, 0.5, 1.5, 1.0], [0.0, 0.2, -0.3, 1.0]), ([1.0], [2.0]), ([], [])],
    argnums=(0, 1),
)
def arc_length(xs, ys):
    """The length of a polyline, pairs by zip of shifted lists."""
    return math.fsum(
        math.hypot(x1 - x0, y1 - y0) for x0, x1, y0, y1 in zip(xs, xs[1:], ys, ys[1:])
    ) + (0.1 * xs[-1] if xs else 0.0)


@program(lambda: [(1.0, 0.5, 8), (0.3, -0.8, 3)], argnums=(0, 1), scalar=False)
def fourier_coefficients(a, b, n):
    """Cosine and sine coefficients of a sampled curve, as a list of pairs."""
    samples = [math.exp(a * math.cos(2 * math.pi * j / n) + b) for j in range(n)]
    pairs = []
    for k in range(n // 2 + 1):
        c = sum(f * math.cos(2 * math.pi * j * k / n) for j, f in enumerate(samples))
        s = sum(f * math.sin(2 * math.pi * j * k / n) for j, f in enumerate(samples))
        pairs.append((2 * c / n, 2 * s / n))
    return pairs


@program(lambda: [(1.1, 0.4, 30), (0.6, 2.0, 1), (0.6, 2.0, 0)], argnums=(0, 1))
def monte_carlo_mean(a, b, n):
    """Sampling by a congruential generator; only accepted points count."""
    state = 12345
    total, accepted = 0.0, 0
    for _ in range(n):
        state = (state * 16807) % 2147483647
        u = state / 2147483647
        state = (state * 16807) % 2147483647
        v = state / 2147483647
        if u * u + v * v > 1:
            continue
        accepted += 1
        total += math.exp(-a * u) * math.cos(b * v)
    return total / max(accepted, 1)


@program(lambda: [(0.7, 12), (1.4, 1)], argnums=0)
def double_integral(r, n):
    """The midpoint rule on a disc's quarter: the inner bound depends on the outer point."""
    total = 0.0
    for i in range(n):
        x = (i + 0.5) * r / n
        top = math.sqrt(r * r - x * x)
        dy = top / n
        inner = 0.0
        for j in range(n):
            y = (j + 0.5) * dy
            inner += math.exp(-x * x - y * y)
        total += inner * dy
    return total * r / n
