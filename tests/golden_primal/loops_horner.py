def horner(coefficients, x):
    """A polynomial, highest coefficient first."""
    total = 0.0
    for c in coefficients:
        total = total * x + c
    return total
