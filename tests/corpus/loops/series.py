"""Sums, products, recurrences and what makes them converge faster."""

import math

from tests.corpus.loops.registry import Published, program


@program([([1.0, -0.5, 2.0, 0.25], 1.3), ([3.0], 2.0), ([], 0.5)], argnums=(0, 1))
def horner(coefficients, x):
    value = 0.0
    for c in coefficients:
        value = value * x + c
    return value


@program([([1.0, -0.5, 2.0, 0.25], 1.3), ([3.0], 2.0)], argnums=(0, 1))
def horner_with_slope(c, x):
    """The value and the slope of a polynomial in one pass, lowest coefficient first."""
    p, dp = c[-1], 0.0
    for a in reversed(c[:-1]):
        dp = dp * x + p
        p = p * x + a
    return p + 0.5 * dp


@program([([0.3, -0.2, 0.5, 0.1], 0.7), ([1.0, 2.0], -0.4)], argnums=(0, 1))
def clenshaw(c, x):
    """A sum of Chebyshev polynomials."""
    b1 = b2 = 0.0
    for k in range(len(c) - 1, 0, -1):
        b1, b2 = c[k] + 2 * x * b1 - b2, b1
    return c[0] + x * b1 - b2


@program(
    [(0.5, 25), (1.2, 30)],
    published=(Published((0.5, 25), 5e-9, "A&S table 4.10", 0.54630248984, (1.29844641,)),),
)
def tangent_by_fraction(x, depth):
    """tan x = x / (1 - x² / (3 - x² / (5 - …)))."""
    value = 0.0
    for k in range(depth, 0, -1):
        value = x * x / (2 * k + 1 - value)
    return x / (1 - value)


@program([(2.0, 0.7), (1.4, 1.4)], argnums=(0, 1))
def lentz(b, a):
    """b + a / (b + a / (b + …)) by Lentz's rule."""
    tiny = 1e-30
    f = b or tiny
    c, d = f, 0.0
    for _ in range(100):
        d = 1 / (b + a * d)
        c = b + a / c
        delta = c * d
        f *= delta
        if abs(delta - 1) < 1e-14:
            break
    else:
        raise ArithmeticError("the fraction does not converge")
    return f


@program([([3, 7, 15, 1], 0.25), ([1, 2, 2, 2, 2], 0.1)], argnums=1)
def fraction_of_digits(terms, tail):
    value = tail
    for term in reversed(terms):
        value = term + 1 / (value + 1)
    return value


@program(
    [(1.0, 2**0.5), (3.0, 0.4)],
    argnums=(0, 1),
    published=(
        Published((1.0, 2**0.5), 5e-13, "Gauss's constant, OEIS A014549", 1 / 0.8346268416740731),
        Published((24.0, 6.0), 5e-9, "Gauss (1799), agm(24, 6)", 13.458171481725615),
    ),
)
def arithmetic_geometric_mean(a, b):
    while abs(a - b) > 1e-15 * a:
        a, b = (a + b) / 2, math.sqrt(a * b)
        if a == b:
            break
    return a


@program([(0.9, 8), (-0.7, 12)], argnums=0)
def aitken(x, n):
    """The limit of partial sums of log(1 + x), by Aitken's squares."""
    s0 = s1 = s2 = 0.0
    sign = 1
    for k in range(1, n + 1):
        s0, s1, s2 = s1, s2, s2 + sign * x**k / k
        sign = -sign
    return s2 - (s2 - s1) ** 2 / ((s2 - s1) - (s1 - s0))


@program([(0.9,), (0.5,)])
def wynn_epsilon(x):
    """Wynn's table on a list of the partial sums of log(1 + x)."""
    sums = []
    total = 0.0
    for k in range(1, 8):
        total += (-1) ** (k + 1) * x**k / k
        sums.append(total)
    below = [0.0] * (len(sums) + 1)
    here = sums
    while len(here) > 1:
        above = []
        for i in range(len(here) - 1):
            above.append(below[i + 1] + 1 / (here[i + 1] - here[i]))
        below, here = here, above
    return here[0]


@program([(1.3, 30), (0.2, 5)], argnums=0)
def exponential_series(x, n):
    term = total = 1.0
    for k in range(1, n):
        term *= x / k
        total += term
        if abs(term) < 1e-17 * abs(total):
            break
    return total


@program([(0.6, 40), (-0.3, 12)], argnums=0)
def alternating(x, n):
    return sum((-1) ** k * x ** (2 * k + 1) / math.factorial(2 * k + 1) for k in range(min(n, 12)))


@program([(0.4, 6), (0.8, 3)], argnums=0)
def product_of_sines(x, n):
    """x (1 - x²/π²) (1 - x²/4π²) …"""
    value = x
    k = 1
    while k <= n:
        value *= 1 - (x / (k * math.pi)) ** 2
        k += 1
    return value


@program([(0.3, 5), (1.1, 0)], argnums=0)
def nested_roots(x, n):
    value = x
    for k in range(n, 0, -1):
        value = math.sqrt(1 + k * value)
    return value


@program([(0.7, 5, 3), (0.4, 2, 4)], argnums=0)
def double_sum(x, n, m):
    total = 0
    for i in range(n):
        inner = 1
        for j in range(m):
            if i == j:
                continue
            inner += x ** (i + j) / (1 + i + j)
        total += inner * x
    return total


@program([(0.35, 10)], argnums=0)
def theta_function(q, terms):
    """1 + 2 q + 2 q⁴ + 2 q⁹ + …, until a term is too small."""
    total = 1.0
    for n in range(1, terms):
        if (term := 2 * q ** (n * n)) < 1e-18:
            break
        total += term
    return total


@program([([0.1, 0.2, 0.3, 0.7],), ([1.5],)])
def kahan(xs):
    """A compensated sum: the compensation has derivative zero in exact arithmetic."""
    total = carry = 0.0
    for x in xs:
        y = x * x - carry
        t = total + y
        carry = (t - total) - y
        total = t
    return total


@program([([0.5, 0.1, 0.9, -0.4], 0.3), ([2.0], 1.0)], argnums=(0, 1))
def de_casteljau(points, t):
    """A Bézier curve by repeated mixing in place."""
    beta = list(points)
    n = len(beta)
    for j in range(1, n):
        for k in range(n - j):
            beta[k] = beta[k] * (1 - t) + beta[k + 1] * t
    return beta[0]


@program([([0.0, 1.0, 2.5], [1.0, 3.0, -1.0], 1.7)], argnums=(0, 1, 2))
def newton_interpolation(xs, ys, x):
    """Divided differences, then nested multiplication."""
    coefficients = ys[:]
    for j in range(1, len(xs)):
        for i in range(len(xs) - 1, j - 1, -1):
            coefficients[i] = (coefficients[i] - coefficients[i - 1]) / (xs[i] - xs[i - j])
    value = coefficients[-1]
    for i in range(len(xs) - 2, -1, -1):
        value = value * (x - xs[i]) + coefficients[i]
    return value


@program([([0.0, 1.0, 2.5], [1.0, 3.0, -1.0], 1.7)], argnums=(0, 1, 2))
def neville(xs, ys, x):
    p = [1.0 * y for y in ys]
    for width in range(1, len(xs)):
        for i in range(len(xs) - width):
            j = i + width
            p[i] = ((x - xs[j]) * p[i] + (xs[i] - x) * p[i + 1]) / (xs[i] - xs[j])
    return p[0]
