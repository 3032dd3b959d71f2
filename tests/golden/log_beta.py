import math


def polygamma(n: int, x: float) -> float:
    """The n-th derivative of the digamma function at x (DLMF 5.15; digamma itself for n = 0)."""
    if x <= 0.0:
        # Reflection, DLMF 5.15.6; the derivatives of the cotangent are polynomials in it.
        r = math.remainder(x, 1.0)
        if r == 0.0:
            raise ValueError("polygamma has a pole at every integer from 0 downwards")
        cotangent = math.cos(math.pi * r) / math.sin(math.pi * r)
        polynomial = [0.0, 1.0]
        for _ in range(n):
            slope = [k * c for k, c in enumerate(polynomial)][1:]
            polynomial = [0.0] * (len(slope) + 2)
            for k, c in enumerate(slope):
                polynomial[k] -= c
                polynomial[k + 2] -= c
        value = 0.0
        for c in reversed(polynomial):
            value = value * cotangent + c
        return (-1.0) ** n * polygamma(n, 1.0 - x) - math.pi ** (n + 1) * value
    # Recurrence upwards, DLMF 5.15.5, to where the asymptotic series (5.15.8) has converged.
    # Powers of 1 / x, since those of a large x overflow.
    below = 0.0
    while x < 12 + 2 * n:
        below += (1.0 / x) ** (n + 1)
        x += 1.0
    u = 1.0 / x
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
    if n == 0:
        value = math.log(x) - 0.5 * u
        for k, b in enumerate(bernoulli, 1):
            value -= b / (2 * k) * u ** (2 * k)
        return value - below
    value = math.factorial(n - 1) * u**n + 0.5 * math.factorial(n) * u ** (n + 1)
    for k, b in enumerate(bernoulli, 1):
        ratio = math.factorial(2 * k + n - 1) / math.factorial(2 * k)
        value += b * ratio * u ** (2 * k + n)
    return (-1.0) ** (n + 1) * (value + math.factorial(n) * below)


def grad_log_beta(a, b):
    # domain of: return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    math.lgamma(a)
    math.lgamma(b)
    total = a + b
    math.lgamma(total)
    # adjoint of: return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    psi = polygamma(0, total)
    b_bar = polygamma(0, b) - psi
    a_bar = polygamma(0, a) - psi
    return a_bar, b_bar
