def late_binding(x, y):
    """Lambdas made in a loop see its last value; a default argument freezes it."""
    late = [lambda v: v * k for k in (1, 2, 3)]
    frozen = [lambda v, k=k: v ** k for k in (1, 2, 3)]
    scale = y
    bound = lambda v: v * scale
    scale = scale * y
    return sum(f(x) for f in late) + sum(f(y) for f in frozen) + bound(x)
