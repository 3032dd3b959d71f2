# ruff: noqa: B905
"""Functions as values: closures, factories, callbacks, partial, reduce, decorators, generators."""

import math
import operator
from functools import partial, reduce, wraps
from itertools import accumulate

from tests.corpus.whole.registry import program


def make_counter(step):
    count = 0.0

    def tick(scale=1.0):
        nonlocal count
        count += step * scale
        return count

    return tick


@program(lambda: [(0.5, 1.5), (2.0, -0.3)], argnums=(0, 1))
def two_counters(a, b):
    """Two closures from one factory each keep a count of their own."""
    first, second = make_counter(a), make_counter(b)
    total = first() + second(2.0)
    total += first(b) * second()
    return total + first(0.0)


@program(lambda: [([1.0, 2.0, 0.5],), ([3.0],), ([],)])
def reduced_product(xs):
    """reduce with a lambda and with an operator."""
    product = reduce(operator.mul, xs, 1.0)
    nested = reduce(lambda acc, x: math.sin(acc) + x, xs, 0.5)
    return product * nested + 0.1 * sum(map(math.cos, xs))


def damped(x, rate, *, amplitude=1.0, phase=0.0):
    return amplitude * math.exp(-rate * x) * math.cos(x + phase)


@program(lambda: [(0.4, 1.2, 0.3), (2.0, 0.1, -1.0)], argnums=(0, 1, 2))
def partial_application(x, rate, phase):
    """partial fixes arguments by position and by keyword."""
    wave = partial(damped, rate=rate, phase=phase)
    loud = partial(wave, amplitude=3.0)
    shifted = partial(damped, x + 1)
    return wave(x) + loud(2 * x) * shifted(0.5)


def compose(*functions):
    def composed(x):
        for f in functions:
            x = f(x)
        return x

    return composed


@program(lambda: [(0.6, 2.0), (-1.0, 0.3)], argnums=(0, 1))
def pipeline(x, k):
    """A chain of functions of which one captures k."""
    steps = [math.sin, lambda v: v * k, abs, math.sqrt]
    return compose(*steps)(x) + compose()(k)


def traced(function):
    calls = []

    @wraps(function)
    def wrapper(*args):
        result = function(*args)
        calls.append(result)
        return result

    wrapper.calls = calls
    return wrapper


@program(lambda: [(1.5, 4), (0.3, 1), (0.3, 0)])
def decorated_inside(x, n):
    """A decorator of its own keeps every result that the function gave."""

    @traced
    def contract(v):
        return 0.5 * v + 1 / (1 + v)

    for _ in range(n):
        x = contract(x)
    return x + sum(c * c for c in contract.calls)


@program(lambda: [(0.5, 1.2), (-0.8, 0.1)], argnums=(0, 1))
def late_binding(x, y):
    """Lambdas made in a loop see its last value; a default argument freezes it."""
    late = [lambda v: v * k for k in (1, 2, 3)]
    frozen = [lambda v, k=k: v**k for k in (1, 2, 3)]
    scale = y
    bound = lambda v: v * scale
    scale = scale * y
    return sum(f(x) for f in late) + sum(f(y) for f in frozen) + bound(x)


TABLE = {"sin": math.sin, "square": lambda v: v * v, "half": partial(operator.mul, 0.5)}


@program(lambda: [(0.7, ["sin", "square", "half"]), (0.7, ["half", "other"]), (0.7, [])])
def dispatch(x, names):
    """Functions looked up by name; an unknown name does nothing."""
    for name in names:
        x = TABLE.get(name, lambda v: v)(x) + 0.1
    return x


@program(lambda: [(2.0, 1e-3), (5.0, 1e-2)], argnums=0)
def callback_stops(x, tolerance):
    """An iteration that asks a callback whether to go on; the callback keeps the history."""
    history = []

    def keep_going(value):
        history.append(value)
        return len(history) < 2 or abs(history[-1] - history[-2]) > tolerance

    def iterate(f, value, callback):
        while callback(value):
            value = f(value)
        return value

    end = iterate(lambda v: 0.5 * (v + 3 / v), x, keep_going)
    return end * history[1] + len(history)


def window(values, size):
    """Yields overlapping tuples."""
    for i in range(len(values) - size + 1):
        yield tuple(values[i : i + size])


@program(lambda: [([1.0, 3.0, 2.0, 5.0], 2), ([1.0, 3.0, 2.0, 5.0], 4), ([1.0], 2)])
def windowed(values, size):
    """A generator of tuples that are unpacked by the caller."""
    total = 0.0
    for first, *middle, last in window(values, size):
        total += (last - first) ** 2 + sum(middle)
    return total


def random_walk(x, drift):
    while True:
        yield x
        x = x + drift * math.sin(3 * x)


@program(lambda: [(0.5, 0.2, 1.0), (2.0, 0.2, 1.0)], argnums=(0, 1))
def endless_generator(x, drift, limit):
    """Takes from an endless generator until a limit is passed or ten were taken."""
    total = 0.0
    for count, value in enumerate(random_walk(x, drift)):
        if value > limit or count == 10:
            break
        total += value * value
    return total + value


@program(lambda: [([1.0, -0.5, 2.0],), ([0.3],)])
def accumulated(xs):
    """Running sums and products by accumulate."""
    sums = list(accumulate(xs))
    products = accumulate(xs, lambda a, b: a * b + 0.1)
    return sum(s * p for s, p in zip(sums, products))


def send_average():
    total, count = 0.0, 0
    average = None
    while True:
        value = yield average
        total += value
        count += 1
        average = total / count


@program(lambda: [([1.0, 2.0, 4.0],), ([0.5],), ([],)])
def coroutine_average(xs):
    """A generator that is fed by send."""
    averager = send_average()
    next(averager)
    total = 0.0
    for x in xs:
        total += averager.send(x) * x
    return total


@program(lambda: [(0.8, 3), (0.8, 0)])
def numeric_slope(x, n):
    """Higher-order: a difference quotient of a function that closes over n."""

    def derivative(f, h=1e-3):
        return lambda t: (f(t + h) - f(t - h)) / (2 * h)

    g = lambda t: t**n * math.exp(-t)
    return derivative(g)(x) + 2 * g(x)


@program(lambda: [(1.3, [0.5, -0.2]), (0.4, [])], argnums=(0, 1))
def method_table(x, shifts):
    """Bound methods as values."""
    out = []
    push = out.append
    push(x)
    for s in shifts:
        push(out[-1] * x + s)
    total = sum(out)
    return total * total
