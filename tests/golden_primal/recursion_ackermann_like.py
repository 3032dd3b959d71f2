import math


def ackermann_like(x, m, n):
    """Nested recursion on inactive numbers, a scaled value at the bottom."""
    if m == 0:
        return x + 0.1 * n
    if n == 0:
        return ackermann_like(math.sin(x), m - 1, 1)
    return ackermann_like(ackermann_like(x, m, n - 1) * 0.5, m - 1, 1)
