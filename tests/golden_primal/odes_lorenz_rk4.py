def _axpy(a, x, y):
    return [a * xi + yi for xi, yi in zip(x, y)]


def _lorenz(s, sigma, rho, beta):
    x, y, z = s
    return [sigma * (y - x), x * (rho - z) - y, x * y - beta * z]


def lorenz_rk4(state, sigma, rho, beta, steps, h=0.01):
    """RK4 on lists: every stage builds a new list."""
    for _ in range(steps):
        k1 = _lorenz(state, sigma, rho, beta)
        k2 = _lorenz(_axpy(h / 2, k1, state), sigma, rho, beta)
        k3 = _lorenz(_axpy(h / 2, k2, state), sigma, rho, beta)
        k4 = _lorenz(_axpy(h, k3, state), sigma, rho, beta)
        state = [
            s + h / 6 * (a + 2 * b + 2 * c + d)
            for s, a, b, c, d in zip(state, k1, k2, k3, k4)
        ]
    return state[0] + 2 * state[1] - state[2]
