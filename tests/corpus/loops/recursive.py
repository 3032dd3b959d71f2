"""Functions that call themselves, and each other."""

import math

from tests.corpus.loops.registry import Published, program


@program([(1.3, 5), (0.5, 0)], argnums=0)
def power(x, n):
    if n == 0:
        return 1.0
    half = power(x, n // 2)
    return half * half * (x if n % 2 else 1.0)


@program([(0.4, 2, 2), (1.2, 1, 3)], argnums=0)
def ackermann_like(x, m, n):
    if m == 0:
        return math.sin(x) + 0.1 * n
    if n == 0:
        return ackermann_like(x * 0.9, m - 1, 1)
    return ackermann_like(ackermann_like(x, m, n - 1), m - 1, n)


def fft(xs):
    """Cooley and Tukey on tuples of pairs."""
    n = len(xs)
    if n == 1:
        return xs
    even, odd = fft(xs[::2]), fft(xs[1::2])
    left, right = (), ()
    for k in range(n // 2):
        c, s = math.cos(2 * math.pi * k / n), math.sin(2 * math.pi * k / n)
        a, b = odd[k]
        t = (a * c + b * s, b * c - a * s)
        left += ((even[k][0] + t[0], even[k][1] + t[1]),)
        right += ((even[k][0] - t[0], even[k][1] - t[1]),)
    return left + right


@program([(0.4, 1.0, -0.3, 0.8)], argnums=(0, 1, 2, 3))
def spectral_power(a, b, c, d):
    spectrum = fft(((a, 0.0), (b, 0.0), (c, 0.0), (d, 0.0)))
    return spectrum[1][0] ** 2 + spectrum[1][1] ** 2 + spectrum[2][0]


def panel(f, a, b):
    return (b - a) / 6 * (f(a) + 4 * f((a + b) / 2) + f(b))


def adaptive(f, a, b, whole, eps, depth):
    middle = (a + b) / 2
    left, right = panel(f, a, middle), panel(f, middle, b)
    rest = left + right - whole
    if depth == 0 or abs(rest) < 15 * eps:
        return left + right + rest / 15
    return adaptive(f, a, middle, left, eps / 2, depth - 1) + adaptive(
        f, middle, b, right, eps / 2, depth - 1
    )


@program(
    [(0.0, 1.0, 1.0), (0.2, 2.0, 0.4)],
    argnums=(0, 1, 2),
    published=(
        Published((0.0, 1.0, 1.0), 1e-6, "A&S table 7.1", 0.7468241328, (-1.0, math.exp(-1), None)),
    ),
)
def adaptive_simpson(a, b, k):
    def f(x):
        return math.exp(-k * x * x)

    return adaptive(f, a, b, panel(f, a, b), 1e-8, 12)


def is_even(x, n):
    return x if n == 0 else is_odd(x * 1.1 + 0.1, n - 1)


def is_odd(x, n):
    return x * x if n == 0 else is_even(math.sin(x), n - 1)


@program([(0.7, 4), (0.7, 5)], argnums=0)
def ping_pong(x, n):
    return is_even(x, n)


@program([(0.7, 6), (1.1, 1)], argnums=0)
def fibonacci_like(x, n):
    if n < 2:
        return x**n
    return fibonacci_like(x, n - 1) + 0.5 * x * fibonacci_like(x, n - 2)


@program([(1.0, 0.4, 4), (2.0, 0.3, 0)], argnums=(0, 1))
def branching_tree(length, ratio, depth):
    if depth == 0:
        return length
    total = length
    for k in range(2):
        total += branching_tree(length * ratio * (1 + 0.1 * k), ratio, depth - 1)
    return total


@program([([0.3, 1.2, 0.5],), ([0.4],)])
def total_by_halves(xs):
    if len(xs) == 1:
        return xs[0] ** 2
    middle = len(xs) // 2
    return total_by_halves(xs[:middle]) + 1.5 * total_by_halves(xs[middle:])


@program([(0.8, 30), (0.2, 3)], argnums=0)
def fraction_downward(x, depth):
    def level(k):
        if k > depth:
            return 0.0
        return x * k / (1 + level(k + 1))

    return level(1)


@program([(2.0, 1.0), (0.3, 4.0)], argnums=(0, 1))
def agm_by_recursion(a, b):
    if abs(a - b) < 1e-14:
        return a
    return agm_by_recursion((a + b) / 2, math.sqrt(a * b))


@program([(0.5, 3), (0.9, 1)], argnums=0)
def chebyshev(x, n):
    if n == 0:
        return 1.0
    if n == 1:
        return x
    return 2 * x * chebyshev(x, n - 1) - chebyshev(x, n - 2)


@program([(0.3, 0.8), (0.9, 0.1)], argnums=(0, 1))
def newton_by_recursion(a, x, left=25):
    step = (x**3 + a * x - 1) / (3 * x * x + a)
    if abs(step) < 1e-14 or left == 0:
        return x
    return newton_by_recursion(a, x - step, left - 1)
