"""Quadrature: rules of fixed points, tables that extrapolate, and loops that refine."""

import math

from tests.corpus.loops.registry import Published, program


def bell(x, k):
    return math.exp(-k * x * x)


@program([(0.0, 1.5, 0.7, 8), (-1.0, 0.5, 2.0, 3)], argnums=(0, 1, 2))
def trapezoid(a, b, k, n):
    h = (b - a) / n
    total = 0.5 * (bell(a, k) + bell(b, k))
    for i in range(1, n):
        total += bell(a + i * h, k)
    return h * total


@program([(0.2, 1.4, 6), (0.0, 1.0, 4)], argnums=(0, 1))
def simpson(a, b, n, f=lambda x: x * math.sin(x)):
    h = (b - a) / n
    odd = sum(f(a + i * h) for i in range(1, n, 2))
    even = sum(f(a + i * h) for i in range(2, n, 2))
    return h / 3 * (f(a) + 4 * odd + 2 * even + f(b))


@program(
    [(0.0, 1.0, 1.0), (0.5, 2.0, 0.3)],
    argnums=(0, 1, 2),
    published=(
        # The integral is sqrt(pi) / 2 erf(1); its slope at the ends is the integrand.
        Published((0.0, 1.0, 1.0), 5e-9, "A&S table 7.1", 0.7468241328, (-1.0, math.exp(-1), None)),
    ),
)
def romberg(a, b, k):
    rows = []
    h = b - a
    rows.append([h / 2 * (bell(a, k) + bell(b, k))])
    for i in range(1, 6):
        h /= 2
        total = 0.0
        for j in range(1, 2**i, 2):
            total += bell(a + j * h, k)
        row = [rows[i - 1][0] / 2 + h * total]
        for m in range(1, i + 1):
            row.append(row[m - 1] + (row[m - 1] - rows[i - 1][m - 1]) / (4**m - 1))
        rows.append(row)
    return rows[-1][-1]


@program(
    [(0.0, 1.0, 1.0)],
    argnums=(0, 1, 2),
    published=(
        Published((0.0, 1.0, 1.0), 5e-9, "A&S table 7.1", 0.7468241328, (-1.0, math.exp(-1), None)),
    ),
)
def romberg_in_one_row(a, b, k):
    """The same table in one list that each row overwrites."""
    h = b - a
    row = [h / 2 * (bell(a, k) + bell(b, k))]
    for i in range(1, 6):
        h /= 2
        total = 0.0
        for j in range(2 ** (i - 1)):
            total += bell(a + (2 * j + 1) * h, k)
        old = row[0]
        row[0] = old / 2 + h * total
        row.append(0.0)
        for m in range(1, i + 1):
            new = row[m - 1] + (row[m - 1] - old) / (4**m - 1)
            old = row[m]
            row[m] = new
    return row[-1]


# A&S table 25.4, n = 5.
NODES = (0.0, 0.538469310105683, -0.538469310105683, 0.906179845938664, -0.906179845938664)
WEIGHTS = (
    0.568888888888889,
    0.478628670499366,
    0.478628670499366,
    0.236926885056189,
    0.236926885056189,
)


@program([(0.0, 1.0, 0.8), (-1.0, 2.0, 0.3)], argnums=(0, 1, 2))
def gauss_legendre(a, b, k):
    middle, half = (a + b) / 2, (b - a) / 2
    total = 0.0
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        total += weight * bell(middle + half * node, k)
    return half * total


@program([(1.0, 3), (0.3, 2)], argnums=0)
def gauss_rule_found(k, n):
    """Nodes by Newton on Legendre's polynomial, then the rule."""
    total = 0.0
    for i in range(1, n + 1):
        z = math.cos(math.pi * (i - 0.25) / (n + 0.5))
        while True:
            p1, p2 = 1.0, 0.0
            for j in range(n):
                p1, p2 = ((2 * j + 1) * z * p1 - j * p2) / (j + 1), p1
            slope = n * (z * p1 - p2) / (z * z - 1)
            z_old = z
            z = z_old - p1 / slope
            if abs(z - z_old) < 1e-14:
                break
        total += 2 / ((1 - z * z) * slope * slope) * math.exp(k * z)
    return total


@program([(0.0, 2.0, 0.5), (0.3, 1.0, 2.0)], argnums=(0, 1, 2))
def refine_until_settled(a, b, k):
    n, old = 2, 0.0
    new = trapezoid(a, b, k, 1)
    while abs(new - old) > 1e-4 and n < 500:
        old = new
        new = trapezoid(a, b, k, n)
        n *= 2
    return new + (new - old) / 3


@program([(0.7, 5), (1.3, 4)], argnums=0)
def double_integral(r, n):
    """A quarter of a disc by the middle of each cell; cells outside are skipped."""
    h = 1.0 / n
    volume = 0.0
    for i in range(n):
        x = (i + 0.5) * h
        for j in range(n):
            y = (j + 0.5) * h
            if x * x + y * y > 1:
                break
            volume += h * h * r * r * math.exp(-r * (x + y))
    return volume


@program([([0.0, 0.4, 1.0, 1.7], [1.0, 1.2, 0.3, -0.5])], argnums=(0, 1))
def area_under_points(xs, ys):
    area = 0
    for i, (x, y) in enumerate(zip(xs, ys)):  # noqa: B905 - as users write it
        if i == 0:
            x_before, y_before = x, y
            continue
        area += (x - x_before) * (y + y_before) / 2
        x_before, y_before = x, y
    return area


@program([(0.8, 1.2), (0.3, 2.0)], argnums=(0, 1))
def tanh_sinh(s, h_scale):
    """A double exponential rule on (-1, 1)."""
    h = 0.25 * h_scale
    total = math.pi / 2 * math.cos(0.0)
    k = 1
    while k <= 12:
        t = k * h
        u = math.pi / 2 * math.sinh(t)
        x = math.tanh(u)
        w = math.pi / 2 * math.cosh(t) / math.cosh(u) ** 2
        if w < 1e-16:
            break
        total += w * (math.cos(s * x) + math.cos(-s * x))
        k += 1
    return h * total


@program([(0.4, 1.1)], argnums=(0, 1))
def line_integral(a, b):
    """The length of an ellipse by many short chords."""
    length = 0.0
    x_old, y_old = a, 0.0
    for i in range(1, 13):
        angle = 2 * math.pi * i / 12
        x_new, y_new = a * math.cos(angle), b * math.sin(angle)
        length += math.hypot(x_new - x_old, y_new - y_old)
        x_old, y_old = x_new, y_new
    return length
