def lentz(x, b):
    """x/(b + x/(b + 1 + x/(b + 2 + ...))) by the modified Lentz rule."""
    f = c = b
    d = 0.0
    j = 1
    while True:
        d = 1.0 / (b + j + x * d)
        c = b + j + x / c
        delta = c * d
        f *= delta
        if abs(delta - 1.0) < 1e-15 or j > 60:
            break
        j += 1
    return x / f
