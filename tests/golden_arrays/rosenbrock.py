import numpy as np


def grad_rosenbrock(x):
    x_part = x[:-1]
    diff = x[1:] - x_part ** 2
    x_bar = np.zeros_like(x)
    # adjoint of: return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)
    x_bar[:-1] = -2.0 * (1.0 - x[:-1]) - 400.0 * diff * x_part
    x_bar[1:] += 200.0 * diff
    return (x_bar,)
