def last_power(x, n):
    """A loop of zero turns, and a name that only the loop binds."""
    power = 1.0
    for k in range(n):
        power *= x
        seen = power + k
    if n > 0:
        return power * seen
    return power + x
