def _newton_step(u, a):
    if u < 0:
        return -u
    return 0.5 * (u + a / u)


def damped_newton(a):
    """A while on an active condition; the body re-binds and calls a helper twice."""
    x = a
    while abs(x * x - a) > 1e-09 * a:
        x = _newton_step(x, a)
        y = 0.9 * x + 0.1 * _newton_step(x, a)
        x = y
    return x
