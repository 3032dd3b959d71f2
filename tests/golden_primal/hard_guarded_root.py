import math


def guarded_root(x):
    """An active operation raises; the handler sees z as of the raise."""
    z = 2 * x
    try:
        z = 3 * x
        y = math.sqrt(x - 1)
        y = y * z
        z = 5 * x
    except ValueError:
        y = z * x
    return y * z
