import math


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
