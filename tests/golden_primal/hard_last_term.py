def last_term(x, n):
    """The name that only the loop binds is read whether the loop ran or not."""
    total = 1.0
    for k in range(n):
        term = x ** k * (k + 1)
        total += term
    return total + 0.5 * term
