import math


def _walk(x, depth, out):
    if depth == 0:
        out.append(x * x)
        return x, 1.0
    a, na = _walk(0.5 * x, depth - 1, out)
    b, nb = _walk(math.sin(x), depth - 1, out)
    out[-1] += a
    return a + b * na, na + nb


def tree_walk(x, depth):
    """Recursion that returns a tuple and fills a list."""
    out = []
    a, n = _walk(x, depth, out)
    return a * n + sum(out)
