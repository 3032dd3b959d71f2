import numpy as np


def grad_gauss_seidel(u, f, h, sweeps):
    u = u.copy()
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1] + h * h * f[i])
    # adjoint of: return np.sum(u * u)
    u_bar = 2.0 * u
    f_bar = np.zeros_like(f)
    hh = h * h
    for _ in range(sweeps):
        for i in reversed(range(1, len(u) - 1)):
            # adjoint of: u[i] = 0.5 * (u[i - 1] + u[i + 1] + h * h * f[i])
            u_bar_i = u_bar[i]
            u_bar[i] = 0.0
            product = 0.5 * u_bar_i
            f_bar[i] += product * hh
            u_bar[i + 1] += product
            u_bar[i - 1] += product
    return u_bar, f_bar
