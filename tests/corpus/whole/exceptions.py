"""Programs that raise and catch: fallbacks, retries, clean-up, errors of their own."""

import math

from tests.corpus.whole.registry import program


class SolverError(Exception):
    """Carries how far the solver came."""

    def __init__(self, message, best):
        super().__init__(message)
        self.best = best


def _newton(f, df, x, limit):
    for _ in range(limit):
        slope = df(x)
        if abs(slope) < 1e-2:
            raise SolverError("flat", best=x)
        x -= f(x) / slope
    return x


@program(lambda: [(2.0, 1.0, 8), (2.0, 0.001, 8), (0.5, 3.0, 0)], argnums=(0, 1))
def newton_or_best(a, start, limit):
    """A solver that gives up hands back its best value inside the exception."""
    try:
        root = _newton(lambda x: x * x - a, lambda x: 2 * x, start, limit)
    except SolverError as error:
        root = error.best + 0.5 * a
    return root * a


@program(lambda: [([1.0, 4.0, -2.0, 9.0],), ([-1.0],), ([],)])
def sum_of_roots(xs):
    """The loop goes on after each error; the errors are counted."""
    total = 0.0
    failed = 0
    for x in xs:
        try:
            total += math.sqrt(x)
        except ValueError:
            failed += 1
            total -= x * x
    return total / (1 + failed)


@program(
    lambda: [(1.0, 2.0), (1.0, 0.0)],
    argnums=(0,),
    raising=lambda: [("one", 2.0), (1.0, None)],
)
def safe_ratio(a, b):
    """Only the division by zero is caught; a wrong type goes through."""
    try:
        r = a / b
    except ZeroDivisionError:
        return 10.0 * a
    return r * r


@program(lambda: [(0.5, [1.0, 2.0]), (2.0, [1.0, -3.0]), (2.0, [])], argnums=(0, 1))
def with_else_and_finally(x, ys):
    """Each clause of try has its part in the result."""
    log = 0.0
    for y in ys:
        try:
            z = math.log(x * y)
        except ValueError:
            z = y
        else:
            z *= 2
        finally:
            log += 0.1 * x
        x += 0.1 * z
    return x + log


def _stage(x, depth):
    if depth == 0:
        if x > 1.0:
            raise OverflowError(x)
        return x * x
    try:
        return _stage(1.3 * x, depth - 1)
    except OverflowError:
        if depth < 2:
            raise
        return _stage(0.5 * x, depth - 2) + x


@program(lambda: [(0.3, 2), (0.7, 3), (0.9, 2)], raising=lambda: [(0.9, 1)])
def retry_smaller(x, depth):
    """Recursion that retries with half the value, or passes the error on."""
    return _stage(x, depth)


@program(lambda: [(1.5,), (0.2,)], raising=lambda: [(-0.5,), (-3.0,)])
def converted_error(x):
    """An error is raised from another; the name of the second is a subclass."""
    if x < -1:
        raise LookupError("far out")
    try:
        return math.log(x) * x
    except ValueError as cause:
        raise ArithmeticError("logarithm of a negative number") from cause


@program(lambda: [({"a": 2.0, "b": 3.0}, ["a", "b", "c"]), ({"a": 0.5}, ["z"]), ({"a": 0.5}, [])])
def missing_keys(table, keys):
    """KeyError as a default, IndexError as an end."""
    total = 1.0
    position = 0
    while True:
        try:
            key = keys[position]
        except IndexError:
            break
        position += 1
        try:
            value = table[key]
        except KeyError:
            value = 0.5 * total
        total += value * value
    return total * table["a"]


@program(
    lambda: [([1.0, 2.0, 3.0], 2.0), ([1.0], 3.0), ([4.0, 1.0], 0.5)],
    argnums=(0, 1),
    raising=lambda: [([1.0, -2.0], 2.0), ([], 2.0)],
)
def checked_norm(xs, p):
    """Asserts what it needs; the message is a formatted text."""
    assert xs, "need at least one value"
    assert all(x > 0 for x in xs), f"not positive: {min(xs)}"
    if p < 1:
        p = 1 / p
    return sum(x**p for x in xs) ** (1 / p)


class Divergence(ArithmeticError):
    pass


def _iterate(x, r, limit):
    for k in range(limit):
        x = r * x * (1 - x) + 0.2 * x
        if abs(x) > 2:
            raise Divergence(k)
    return x


@program(
    lambda: [(0.3, [2.0, 3.0], 6), (0.3, [9.0, 2.0], 6), (0.3, [9.0, 12.0], 6)], argnums=(0, 1)
)
def first_that_converges(x, rates, limit):
    """Tries one rate after the other; for/else is the last resort."""
    tried = 0
    for r in rates:
        try:
            y = _iterate(x, r, limit)
        except (Divergence, OverflowError):
            tried += 1
            continue
        break
    else:
        y = 0.1 * x
    return y * (1 + tried)


@program(lambda: [(0.5, 3), (3.0, 3), (0.5, 0)])
def state_before_error(x, n):
    """What the body did before the error stays done."""
    values = [x]
    count = 0
    try:
        for k in range(n):
            values.append(values[-1] * 0.7)
            values.append(math.acos(values[-1]))
            count += 1
    except ValueError:
        values.append(2.0 * values[-1])
    return sum(values) + 0.1 * count * x


@program(lambda: [(4.0, 1.0), (-4.0, 1.0), (4.0, -1.0), (-4.0, -1.0)], argnums=(0, 1))
def nested_try(a, b):
    """One try in another: the inner handler may fail as well."""
    try:
        try:
            y = math.sqrt(a)
        except ValueError:
            y = math.log(b) + a
        y *= 2
    except ValueError:
        y = a * b
    finally:
        b = 3 * b
    return y + b


@program(lambda: [(1.0, 5), (0.1, 0)], raising=lambda: [(1.0, -1)])
def parsed_number(x, n):
    """Text to number with a fallback; a bad count is refused in the end."""
    total = 0.0
    for text in ["1.5", "", "2e-1", "three"]:
        try:
            total += float(text) * x
        except ValueError:
            total *= 0.9
    if n < 0:
        raise ValueError("n")
    return total + n * x
