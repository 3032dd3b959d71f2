import math


def walrus_loop(xs):
    """Assignment inside a while test and inside of a comprehension."""
    position = 0
    total = 0.0
    while position < len(xs) and (y := xs[position] ** 2) < 1:
        total += y
        position += 1
    return total + sum(z for x in xs if (z := math.sin(x)) > 0.3)
