import math


def rk4_step(f, t, y, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6


def rk4_logistic(y0, r, n):
    """The growth law is a closure handed to a stepper."""

    def growth(t, y):
        return r * y * (1 - y) + 0.1 * math.sin(t)
    y = y0
    h = 2.0 / n
    for i in range(n):
        y = rk4_step(growth, i * h, y, h)
    return y
