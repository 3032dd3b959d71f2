import math


def agm(a, g):
    """The arithmetic-geometric mean; at a == g the loop makes no turn."""
    while abs(a - g) > 1e-15 * a:
        a, g = (a + g) / 2, math.sqrt(a * g)
    return a
