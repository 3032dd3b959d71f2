"""Programs as ordinary users write them: flags, guards, defaults, walrus, shadowed names."""

import math

from tests.corpus.loops.registry import program


@program([([1.0, 5.0, 2.0], 3.0), ([1.0, 2.0], 3.0), ([], 1.0)], argnums=(0, 1))
def first_above(xs, limit):
    for x in xs:
        if x > limit:
            return x * limit
    return -limit


@program([([1.0, 5.0, 2.0], 3.0), ([1.0, 2.0], 3.0)], argnums=(0, 1))
def found_by_flag(xs, limit):
    found = False
    i = 0
    while i < len(xs) and not found:
        if xs[i] > limit:
            found = True
        else:
            i += 1
    if found:
        return xs[i] * limit
    return limit**2


@program([([1.0, -2.0, 3.0, -1.0],), ([-4.0],)])
def split_by_sign(xs):
    positive = negative = 0.0
    for x in xs:
        if x >= 0:
            positive += x * x
        else:
            negative -= x
    return positive - 0.5 * negative**2


@program([(0.5, 3), (0.9, 1)], argnums=0)
def nested_helpers(x, n):
    def outer(v):
        def inner(w):
            return w * x + 0.1

        for _ in range(n):
            v = inner(v)
        return v

    return outer(1.0) + outer(x)


@program([(0.5, 0.2), (2.5, 0.1)], argnums=(0, 1))
def chained_comparisons(x, y):
    total = 0.0
    for k in range(6):
        if 0.4 <= x < 2 and x != y:
            total += x * k
        elif x < 0.4 or x > 5:
            total -= y
        x = x * 1.5 - 0.1 * k
    return total


@program([([1.0, 2.0, 3.0], [0.5, 0.25, 4.0])], argnums=(0, 1))
def pairs_both_ways(xs, ys):
    total = 0.0
    for i, (x, y) in enumerate(zip(xs, reversed(ys))):  # noqa: B905
        total += (i + 1) * x / y
    for x, y in zip(reversed(xs), ys[1:]):  # noqa: B905
        total -= x * y
    return total


@program([(0.4, 2.0), (0.9, 1.0)], argnums=(0, 1))
def walrus_in_while(x, rate):
    total = 0.0
    while (y := math.exp(-x) * 3.0) > 1.0:
        x = x + 0.3 * y * rate
        total += y
    return total * x


@program([([0.5, 1.5, 2.5, 0.2],)])
def walrus_in_filter(xs):
    total = 0.0
    for x in xs:
        if (square := x * x) > 1.0:
            total += square
    return total + sum(t for x in xs if (t := 2 * x) < 2)


@program([(1.5,), (0.2,)])
def only_defaults(x, times=3, *, scale=2.0, power=2):
    for _ in range(times):
        x = x / scale + scale / (1 + x**power)
    return x


def apply(function, x, *extra, times=1, **named):
    for _ in range(times):
        x = function(x, *extra, **named)
    return x


@program([(0.3, 0.5)], argnums=(0, 1))
def arguments_of_every_kind(x, a):
    def affine(v, slope, shift=0.0, *, bend=0.0):
        return slope * v + shift + bend * v * v

    first = apply(affine, x, a, times=2)
    second = apply(affine, x, a, 0.3, times=3, bend=0.1)
    return first * second


@program([([3.0, 1.0, 2.0],), ([0.5, 0.7],)])
def while_true_with_break(xs):
    total, i = 0.0, 0
    while True:
        if i >= len(xs):
            break
        x = xs[i]
        i += 1
        if x < 0.6:
            continue
        total = total * 0.5 + x
    return total * total


@program([(1.1, 4), (0.7, 0)], argnums=0)
def loop_variable_after(x, n):
    k = 7
    for k in range(n):
        x *= 1.1
    return x * k


@program([(0.8, 5)], argnums=0)
def sum_shadowed(x, n):
    sum = 0.0
    list = [x, x * x]
    for max in range(n):
        sum += list[max % 2] * max
    return sum


@program([(0.8, 5)], argnums=0)
def unusual_names(x_1, n):
    x_bar = x_1 * 2
    df, x = 0.5, 1.0
    for lambda_ in range(n):
        x_bar, df = df * x_bar + lambda_, x_bar * 0.3
        x += x_bar * df
    return x


@program([(0.8, 0.3)], argnums=(0, 1))
def greek(α, β):
    Δ = α - β
    for _ in range(3):
        α, β = β * Δ, α + Δ
    return α * β


@program([(1.2, 3), (0.4, 1)], argnums=0)
def count_and_accumulate(x, n):
    counts = [0, 0]
    value = x
    for i in range(4 * n):
        if value > 1:
            counts[0] += 1
            value *= 0.6
        else:
            counts[1] += 1
            value += 0.35 * x
    return value * counts[0] + counts[1]


@program([([1.0, 2.0, 3.0, 4.0],), ([1.0, 5.0],)])
def unpacked(xs):
    first, *middle, last = xs
    total = first * last
    for m in middle:
        total += m * m
    return total


@program([([[1.0, 2.0], [3.0], []], 0.5)], argnums=(0, 1))
def ragged(rows, w):
    total = 0.0
    for r, row in enumerate(rows):
        for v in row:
            total += w**r * v * v
        if not row:
            total += w
    return total


@program([([1.0, 2.0, 3.0], 2), ([0.5], 5), ([2.0], 0), ([], 1)], argnums=0)
def guard_clauses(xs, n):
    if not xs:
        return 0.0
    if n <= 0:
        return xs[0]
    total = 0.0
    for i in range(n):
        if i >= len(xs):
            return total * 2
        total += xs[i] ** (i + 1)
    return total


@program([(1.0, 0.2, 3), (0.5, 0.4, 2)], argnums=(0, 1))
def five_deep(x, y, n):
    total = 0.0
    for a in range(n):
        for b in range(a + 1):
            for c in range(2):
                for d in range(b, a + 1):
                    for e in range(2):
                        total += x * y ** (a + b + c + d + e)
                        x = 0.99 * x + 0.001 * total
    return total


@program([(0.7, 3), (1.2, 2)], argnums=0)
def tuples_swapped(x, n):
    pair = (x, 1.0)
    trio = (x * x, *pair)
    for _ in range(n):
        pair = (pair[1] * 0.5, pair[0] + trio[2])
        trio = (*trio[1:], pair[0])
    return pair[0] * pair[1] + trio[0]


@program([(0.7, True), (0.7, False)], argnums=0)
def flags_as_numbers(x, on):
    total = x * on
    for k in range(3):
        total += (k > 0) * x**2 + (x > 0.5)
        on = not on
        total -= on * 0.5 * x
    return total


@program([([2.0, 4.0, 8.0],), ([1.5],)])
def means(xs):
    """Arithmetic, geometric and harmonic, as generators."""
    n = len(xs)
    arithmetic = sum(xs) / n
    geometric = math.exp(sum(math.log(x) for x in xs) / n)
    harmonic = n / sum(1 / x for x in xs)
    return arithmetic - 2 * geometric + harmonic * arithmetic


@program([([0.3, 2.0, 0.8], 1.0)], argnums=(0, 1))
def any_and_all(xs, limit):
    total = sum(x * limit for x in xs)
    if any(x > limit for x in xs):
        total *= 1.5
    if all(x > 0 for x in xs):
        total += limit * limit
    return total


@program([(0.9, 3), (1.5, 1)], argnums=0)
def closure_counter(x, n):
    """A function that changes a name of the function around it."""
    total = 0.0

    def add(v):
        nonlocal total
        total += v * x

    for k in range(n):
        add(k + x)
    return total


@program([(0.9, 2), (0.3, 3)], argnums=0)
def made_function(x, n):
    """A function that makes a function, called in a loop."""

    def scaled_by(c):
        def g(v):
            return c * v + math.cos(v)

        return g

    for k in range(n):
        x = scaled_by(0.5 + 0.1 * k)(x)
    return x
