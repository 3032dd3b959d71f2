import math


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
