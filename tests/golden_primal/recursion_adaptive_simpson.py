import math


def _adaptive(f, a, b, whole, eps, depth):
    c = (a + b) / 2
    left, right = _panel(f, a, c), _panel(f, c, b)
    if depth == 0 or abs(left + right - whole) < 15 * eps:
        return left + right + (left + right - whole) / 15
    return (
        _adaptive(f, a, c, left, eps / 2, depth - 1)
        + _adaptive(f, c, b, right, eps / 2, depth - 1)
    )


def _panel(f, a, b):
    return (b - a) / 6 * (f(a) + 4 * f((a + b) / 2) + f(b))


def adaptive_simpson(a, b, k):
    """Simpson's rule that halves where it must; the integrand is a lambda that captures k."""
    f = lambda t: math.exp(-k * t * t)
    return _adaptive(f, a, b, _panel(f, a, b), 1e-09, 12)
