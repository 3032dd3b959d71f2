from math import cos, exp, sin


def grad_damped(t):
    e = exp(-t)
    product = 3.0 * t
    # adjoint of: return exp(-t) * cos(3.0 * t)
    return -3.0 * e * sin(product) - cos(product) * e
