import math


def bessel_j(n, x):
    """J_n by its power series."""
    half = x / 2
    term = half ** n / math.factorial(n)
    total = term
    k = 1
    while abs(term) > 1e-17 * max(1.0, abs(total)):
        term *= -(half * half) / (k * (k + n))
        total += term
        k += 1
    return total
