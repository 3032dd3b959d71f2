def logistic_map(r, x, n):
    """A map whose second derivative is asked for."""
    for _ in range(n):
        x = r * x * (1 - x)
    return x
