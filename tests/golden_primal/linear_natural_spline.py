def thomas(lower, diag, upper, rhs):
    """Tridiagonal solver; diag and rhs are overwritten."""
    n = len(diag)
    for i in range(1, n):
        w = lower[i - 1] / diag[i - 1]
        diag[i] -= w * upper[i - 1]
        rhs[i] -= w * rhs[i - 1]
    rhs[-1] /= diag[-1]
    for i in range(n - 2, -1, -1):
        rhs[i] = (rhs[i] - upper[i] * rhs[i + 1]) / diag[i]
    return rhs


def natural_spline(xs, ys, x):
    """A natural cubic spline: second derivatives by Thomas, then the interval of x."""
    n = len(xs)
    h = [xs[i + 1] - xs[i] for i in range(n - 1)]
    diag = [2 * (h[i] + h[i + 1]) for i in range(n - 2)]
    rhs = [
        6 * ((ys[i + 2] - ys[i + 1]) / h[i + 1] - (ys[i + 1] - ys[i]) / h[i])
        for i in range(n - 2)
    ]
    m = [0.0, *thomas(h[1:-1], diag, h[1:-1], rhs), 0.0]
    i = 0
    while i < n - 2 and x > xs[i + 1]:
        i += 1
    a = (xs[i + 1] - x) / h[i]
    b = (x - xs[i]) / h[i]
    curve = (a ** 3 - a) * m[i] + (b ** 3 - b) * m[i + 1]
    return a * ys[i] + b * ys[i + 1] + curve * h[i] ** 2 / 6
