"""Loops whose turns may raise: measurements that are left out, steps that are taken back."""

import contextlib
import math

from tests.corpus.loops.registry import program


@program([([2.0, -1.0, 3.0, 0.5], 1.5), ([-2.0, -1.0], 0.5), ([], 1.0)], argnums=(0, 1))
def log_likelihood(samples, scale):
    """Samples outside of the domain are counted and left out."""
    total = 0.0
    left_out = 0
    for sample in samples:
        try:
            total += math.log(sample / scale) ** 2
        except ValueError:
            left_out += 1
            continue
    return total - 0.1 * left_out


@program([(3.0, 2.5), (0.4, 1.9), (0.9, 0.7)], argnums=(0, 1))
def damped_steps(x, step):
    """A step that leaves the domain is halved and tried again."""
    for _ in range(4):
        try:
            slope = math.log(x) + 1.0
            x = x - step * slope * math.sqrt(x)
        except ValueError:
            step = 0.5 * step
            x = -0.5 * x + 0.1
    return x * x + step


@program([([1.0, 2.0], [0.5, 0.0]), ([1.0, -2.0, 3.0], [0.0, 2.0, 1.5])], argnums=(0,))
def mean_of_ratios(upper, lower):
    total = 0.0
    count = 0
    for a, b in zip(upper, lower, strict=True):
        try:
            ratio = a / b
        except ZeroDivisionError:
            ratio = a * a
        else:
            count += 1
        finally:
            total += a
        total += ratio * ratio
    return total / (1 + count)


def bounded(x):
    if x > 2.0:
        raise OverflowError("too large")
    return x * x * x


@program([(0.7, 5), (1.3, 4), (0.2, 0)])
def until_it_overflows(x, n):
    """An exception of a helper ends the loop."""
    total = 0.0
    for _ in range(n):
        try:
            x = bounded(x + 0.3)
        except OverflowError:
            break
        total += x
    return total * x


@program([([4.0, -1.0, 2.0], 2), ([4.0, -1.0, 2.0], 7), ([-4.0, -1.0], 1)], argnums=(0,))
def first_that_works(xs, start):
    for place in range(start, -1, -1):
        try:
            return math.sqrt(xs[place]) * xs[0]
        except (ValueError, IndexError) as error:
            if isinstance(error, ValueError):
                xs = [2.0 * v for v in xs]
    return sum(xs)


@program([([4.0, -1.0, 2.0],), ([],)])
def roots_that_exist(xs):
    found = []
    for x in xs:
        with contextlib.suppress(ValueError):
            found.append(math.sqrt(x) * x)
    return sum(v * v for v in found)
