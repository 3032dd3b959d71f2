# ruff: noqa: B905
"""Functions that call themselves or each other: trees, halving, transforms, memo tables."""

import math
from functools import cache

from tests.corpus.whole.registry import program


def fft(xs):
    n = len(xs)
    if n == 1:
        return xs
    even, odd = fft(xs[0::2]), fft(xs[1::2])
    out = [(0.0, 0.0)] * n
    for k in range(n // 2):
        c, s = math.cos(2 * math.pi * k / n), -math.sin(2 * math.pi * k / n)
        (a, b), (p, q) = even[k], odd[k]
        re, im = c * p - s * q, c * q + s * p
        out[k] = (a + re, b + im)
        out[k + n // 2] = (a - re, b - im)
    return out


@program(
    lambda: [
        ([1.0, 0.5, -0.3, 2.0], 1),
        ([1.0, 0.5, -0.3, 2.0, 0.1, 0.0, 0.7, -1.0], 3),
        ([2.0], 0),
    ]
)
def spectral_power(samples, k):
    """Recursive FFT on tuples of real and imaginary part; the power of one line."""
    spectrum = fft([(s, 0.0) for s in samples])
    re, im = spectrum[k]
    return (re * re + im * im) / len(samples)


def _panel(f, a, b):
    return (b - a) / 6 * (f(a) + 4 * f((a + b) / 2) + f(b))


def _adaptive(f, a, b, whole, eps, depth):
    c = (a + b) / 2
    left, right = _panel(f, a, c), _panel(f, c, b)
    if depth == 0 or abs(left + right - whole) < 15 * eps:
        return left + right + (left + right - whole) / 15
    return _adaptive(f, a, c, left, eps / 2, depth - 1) + _adaptive(
        f, c, b, right, eps / 2, depth - 1
    )


@program(lambda: [(0.0, 2.0, 1.5), (-1.0, 0.5, 20.0)], argnums=(0, 1, 2))
def adaptive_simpson(a, b, k):
    """Simpson's rule that halves where it must; the integrand is a lambda that captures k."""
    f = lambda t: math.exp(-k * t * t)
    return _adaptive(f, a, b, _panel(f, a, b), 1e-9, 12)


@program(lambda: [(1.1, 2, 2), (0.7, 1, 3), (1.3, 0, 4)])
def ackermann_like(x, m, n):
    """Nested recursion on inactive numbers, a scaled value at the bottom."""
    if m == 0:
        return x + 0.1 * n
    if n == 0:
        return ackermann_like(math.sin(x), m - 1, 1)
    return ackermann_like(ackermann_like(x, m, n - 1) * 0.5, m - 1, 1)


@program(lambda: [(1.3, 10), (0.8, 1), (1.7, 0), (2.0, -3)])
def power(x, n):
    """Powers by squaring, a reciprocal for negative exponents."""
    if n < 0:
        return 1 / power(x, -n)
    if n == 0:
        return 1.0
    half = power(x, n // 2)
    return half * half if n % 2 == 0 else half * half * x


def _is_even_step(x, n):
    return x if n == 0 else _is_odd_step(0.9 * x + 0.1, n - 1)


def _is_odd_step(x, n):
    return -x if n == 0 else _is_even_step(x * x, n - 1)


@program(lambda: [(0.8, 5), (0.8, 4), (1.1, 0)])
def ping_pong(x, n):
    """Two helpers that call each other."""
    return _is_even_step(x, n) * x


@program(lambda: [(1.2, 12), (0.5, 1), (0.5, 0)])
def memo_fibonacci(x, n):
    """A linear recurrence by recursion with a dict as memory."""
    memo = {0: 1.0, 1: x}

    def term(k):
        if k not in memo:
            memo[k] = 0.5 * term(k - 1) + x * term(k - 2) / k
        return memo[k]

    return term(n) + len(memo)


@program(lambda: [(0.3, 6), (2.0, 0)])
def cached_binomial_mixture(p, n):
    """A cached inner function on inactive keys; a distribution of counts."""

    @cache
    def choose(a, b):
        if b == 0 or b == a:
            return 1
        return choose(a - 1, b - 1) + choose(a - 1, b)

    mean = 0.0
    for k in range(n + 1):
        mean += choose(n, k) * p**k * (1 - p) ** (n - k) * math.sqrt(k + 1)
    return mean


@program(
    lambda: [
        (("+", ("*", "x", "x"), ("sin", ("*", 2.0, "x"))), 0.7),
        (("/", 1.0, ("+", "x", 3.0)), -0.5),
        ("x", 2.5),
    ],
    argnums=1,
    raising=lambda: [(("^", "x", 2.0), 0.7)],
)
def evaluate(tree, x):
    """An expression tree of nested tuples, by pattern matching."""
    match tree:
        case "x":
            return x
        case float():
            return tree
        case ("+", a, b):
            return evaluate(a, x) + evaluate(b, x)
        case ("*", a, b):
            return evaluate(a, x) * evaluate(b, x)
        case ("/", a, b):
            return evaluate(a, x) / evaluate(b, x)
        case ("sin", a):
            return math.sin(evaluate(a, x))
        case (op, *_):
            raise ValueError(f"unknown operator {op}")


@program(lambda: [([[0.5, 2.0, -1.0], [4.0, 1.0, 0.3], [1.0, -3.0, 2.5]],), ([[2.0]],), ([],)])
def laplace_determinant(m):
    """The determinant along the first row, minors by slicing."""
    if not m:
        return 1.0
    total = 0.0
    for j, pivot in enumerate(m[0]):
        minor = [row[:j] + row[j + 1 :] for row in m[1:]]
        total += (-1) ** j * pivot * laplace_determinant(minor)
    return total


@program(lambda: [([3.0, 1.0, 2.0, 5.0, 4.0],), ([2.0],), ([],)])
def quicksort_moments(values):
    """Sorts by recursion, weighs by rank."""

    def sort(vs):
        if len(vs) <= 1:
            return vs
        pivot, *rest = vs
        return (
            sort([v for v in rest if v < pivot]) + [pivot] + sort([v for v in rest if v >= pivot])
        )

    total = 0.0
    for rank, v in enumerate(sort(values), start=1):
        total += rank * v * v
    return total


def _insert(tree, key, value):
    if tree is None:
        return {"key": key, "sum": value, "left": None, "right": None}
    side = "left" if key < tree["key"] else "right"
    tree[side] = _insert(tree[side], key, value)
    tree["sum"] += 0.5 * value
    return tree


def _fold(tree, depth=1):
    if tree is None:
        return 0.0
    return tree["sum"] / depth + _fold(tree["left"], depth + 1) * _fold(tree["right"], depth + 1)


@program(lambda: [([0.4, 1.5, 0.3, 2.0], [5, 3, 8, 4]), ([2.0], [1]), ([], [])])
def binary_tree(values, keys):
    """A search tree of dicts that keeps sums on the way down, then a fold."""
    root = None
    for k, v in zip(keys, values):
        root = _insert(root, k, v)
    return _fold(root)


@program(lambda: [([1.0, [2.0, [3.0, -0.5]], 0.3],), ([[], [[]]],), ([2.0],)])
def nested_sum(tree, depth=1):
    """Lists in lists of any depth, weighed by the depth."""
    total = 0.0
    for item in tree:
        if isinstance(item, list):
            total += nested_sum(item, depth + 1)
        else:
            total += item * item / depth
    return total


@program(lambda: [(1.0, 0.6, 5), (2.0, 0.5, 0)], argnums=(0, 1))
def koch_length(length, ratio, depth):
    """A fractal's length: four shorter copies, the second pair shorter still."""
    if depth == 0:
        return length
    side = koch_length(length * ratio, ratio, depth - 1)
    flank = koch_length(0.9 * length * ratio, ratio, max(depth - 2, 0))
    return 2 * side + 2 * flank


@program(lambda: [(0.8, 3), (0.8, 1)], scalar=False)
def hanoi(x, n):
    """Moves between three lists; what is moved loses a little on each move."""
    pegs = {"a": [x * (n - k) for k in range(n)], "b": [], "c": []}

    def move(count, source, target, spare):
        if count == 0:
            return
        move(count - 1, source, spare, target)
        pegs[target].append(0.99 * pegs[source].pop())
        move(count - 1, spare, target, source)

    move(n, "a", "c", "b")
    return pegs
