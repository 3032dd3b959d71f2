import math


def garch_likelihood(returns, omega, alpha, beta):
    """Gaussian log-likelihood of GARCH(1, 1)."""
    var = omega / (1 - alpha - beta)
    ll = 0.0
    for r in returns:
        ll -= 0.5 * (math.log(2 * math.pi * var) + r * r / var)
        var = omega + alpha * r * r + beta * var
    return ll
