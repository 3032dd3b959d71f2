import math


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
