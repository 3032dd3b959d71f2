"""Ways through a program: exits, matches, walrus, arguments of every kind, printing."""

import math

from tests.corpus.whole.registry import program


@program(lambda: [([1.0, 2.5, -0.5, 3.0], 2.0), ([0.5, 0.7], 2.0), ([], 2.0)], argnums=(0, 1))
def first_above(xs, limit):
    """for/else: what was found, or a substitute."""
    for i, x in enumerate(xs):
        if x > limit:
            found = x * (i + 1)
            break
    else:
        found = -limit
    return found * limit


@program(lambda: [(10.0, 0.7), (0.5, 0.7), (1e9, 0.9)], argnums=(0, 1))
def while_else(x, rate):
    """while/else: a penalty only when the loop was not broken off."""
    turns = 0
    while x > 1:
        x *= rate
        turns += 1
        if turns == 20:
            break
    else:
        x += 0.25
    return x + turns


@program(
    lambda: [
        ([("move", 1.0, 2.0), ("turn", 0.5), ("move", 0.5, 0), ("stop",), ("turn", 9.0)],),
        ([("wait", 3.0), ("turn", -0.4)],),
        ([],),
    ]
)
def turtle(commands):
    """match on tuples of different lengths, with a guard and a wildcard."""
    x = y = 0.0
    heading = 0.3
    for command in commands:
        match command:
            case ("move", distance, 0):
                x += distance
            case ("move", distance, lift) if lift > 0:
                x += distance * math.cos(heading)
                y += distance * math.sin(heading) + lift
            case ("turn", angle):
                heading += angle
            case ("stop",):
                break
            case (name, *rest):
                y -= sum(rest) * len(name)
    return x * x + y * heading


@program(
    lambda: [
        ({"kind": "circle", "r": 1.5},),
        ({"kind": "box", "sides": [1.0, 2.0, 0.5]},),
        ({"kind": "point"},),
    ]
)
def measure(shape):
    """match on dicts."""
    match shape:
        case {"kind": "circle", "r": r}:
            return math.pi * r * r
        case {"kind": "box", "sides": [a, *others]}:
            return a * sum(others)
        case _:
            return 0.0


@program(lambda: [([2.0, -1.0, 0.5, 3.0],), ([5.0, -1.0, 2.0],), ([],)])
def skip_and_stop(xs):
    """continue, break and a return from inside of the loop."""
    total = 0.0
    for x in xs:
        if x < 0:
            continue
        if x < 1:
            total += 0.1 * x
            break
        if total > 100:
            return total
        total += x * x * x
    return total


@program(lambda: [([[1.0, 2.0], [3.0, -4.0], [5.0, 6.0]],), ([[-1.0]],), ([[0.5, 0.2], []],)])
def leave_both_loops(rows):
    """A flag carries the inner break outwards."""
    total = 0.0
    negative = False
    for row in rows:
        for v in row:
            if v < 0:
                negative = True
                break
            total += v * v
        if negative:
            total -= 0.5 * v
            break
    return total if negative else 2 * total


@program(lambda: [(5.0,), (0.3,), (-2.0,)], kinks=lambda: [(0.0,), (1.0,)])
def piecewise(x):
    """elif, a chained comparison and a conditional expression."""
    if x < 0:
        y = -x / 2
    elif 0 <= x < 1:
        y = x * x
    else:
        y = 2 * x - 1 if x > 3 else x
    return y * (1 if x else -1)


@program(lambda: [([0.5, 0.8, 0.3],), ([2.0],), ([],)])
def walrus_loop(xs):
    """Assignment inside a while test and inside of a comprehension."""
    position = 0
    total = 0.0
    while position < len(xs) and (y := xs[position] ** 2) < 1:
        total += y
        position += 1
    return total + sum(z for x in xs if (z := math.sin(x)) > 0.3)


def blend(x, y=2.0, /, *rest, weight=0.5, **named):
    total = weight * x + (1 - weight) * y
    for k, r in enumerate(rest):
        total += r / (k + 2)
    for name, value in named.items():
        total += value * len(name)
    return total


@program(lambda: [(1.0, 0.4), (-2.0, 1.5)], argnums=(0, 1))
def every_kind_of_argument(a, b):
    """Defaults, *args, keyword-only and **kwargs, called in each way."""
    plain = blend(a)
    many = blend(a, b, a * b, 3.0, weight=b)
    values = (a, b, b)
    options = {"weight": 0.1, "xy": a}
    return plain + many + blend(*values, **options) + blend(b, long=a, s=b)


@program(lambda: [([1.0, 2.0, 3.0],), ([0.5, 4.0],)])
def unpacking(xs):
    """Starred and nested targets, chained assignment, swaps."""
    first, *middle, last = xs
    (a, b), c = (first, last), len(middle)
    total = s = a * b
    a, b = b, a + b
    s += a / b
    return total + s * (c + 1) + sum(middle)


@program(lambda: [(1.5, 3), (0.2, 0)])
def printed_progress(x, steps):
    """Reports as it goes, with f-strings that format active numbers."""
    print("start", x)
    for k in range(steps):
        x = 0.5 * (x + 2 / x)
        print(f"step {k}: x = {x:.6f}", end="\n" if k % 2 else "; ")
    print(f"{'done':>8}", steps, sep="|")
    return x * x


@program(
    lambda: [([1.0, 2.0, 4.0], "mean"), ([1.0, 2.0, 4.0], "rms"), ([3.0], "last")],
    raising=lambda: [([1.0], "mode")],
)
def by_name(xs, kind):
    """Chooses by a string; an unknown name is an error with a message."""
    if kind == "mean":
        return sum(xs) / len(xs)
    if kind == "rms":
        return math.sqrt(sum(x * x for x in xs) / len(xs))
    if kind in {"last", "final"}:
        return xs[-1]
    raise ValueError("unknown kind: " + kind)


@program(lambda: [(0.5, None), (0.5, 2.0), (3.0, 0.0)], argnums=0)
def optional_argument(x, shift=None):
    """None as "not given"; zero is something else."""
    if shift is None:
        shift = x * x
    y = shift or 0.1 * x
    result = None
    while result is None:
        y += x
        if y > 1:
            result = y
    return result * x


@program(lambda: [([1.0, 5.0, 2.0],), ([7.0],)], kinks=lambda: [([1.0, 1.0],)])
def best_two(xs):
    """The largest and the second largest by comparison, and where the largest stands."""
    best = second = -math.inf
    where = -1
    for i, x in enumerate(xs):
        if x > best:
            best, second, where = x, best, i
        elif x > second:
            second = x
    return best * (where + 1) + (0.5 * second if second > -math.inf else 0.0)


@program(lambda: [(0.7, 12), (1.2, 5), (0.7, 0)])
def sieve_weighted(x, n):
    """Integer work beside the active one: powers at the primes only."""
    composite = set()
    total = 0.0
    for p in range(2, n + 1):
        if p in composite:
            continue
        composite.update(range(p * p, n + 1, p))
        total += x**p / p
    return total


@program(lambda: [(2.0, 3), (0.5, 2)], kinks=lambda: [(2.0, 1)])
def rounding(x, digits):
    """Whole parts are constant between jumps: what is left over is not."""
    whole = math.floor(x * digits + 0.25)
    rest = x * digits - whole
    return rest * whole + x % 0.7 + divmod(x, 0.3)[1]


@program(lambda: [(0.3, 0.5), (-0.2, 0.1)], argnums=(0, 1))
def complex_orbit(re, im):
    """Complex numbers as they come with the language."""
    z = complex(0.0, 0.0)
    c = complex(re, im)
    for _ in range(6):
        z = z * z + c
    w = z.conjugate() * (1 + 2j) / (2 - z)
    return abs(w) + w.real * w.imag


@program(argnums=(), kinks=lambda: [(27,), (1,), (97,)], scalar=False)
def collatz(n):
    """Integers only: the orbit, its length and its top."""
    orbit = [n]
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        orbit.append(n)
    return orbit, len(orbit), max(orbit)
