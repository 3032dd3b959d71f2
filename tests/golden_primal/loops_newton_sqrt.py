def newton_sqrt(a: float) ->float:
    """Heron's method until it stops moving."""
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x
