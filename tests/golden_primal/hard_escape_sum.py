def escape_sum(x, a, n, m):
    """Nested loops: the inner one breaks, the outer one returns early."""
    s = 0.0
    for i in range(n):
        t = x
        for j in range(m):
            t = t * t * a
            if t > 1.0:
                break
            s += t
        if s > 0.9:
            return s * t
        x = x + 0.1 * t
    return s + x
