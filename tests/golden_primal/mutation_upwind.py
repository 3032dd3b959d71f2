def upwind(u, c):
    """Sweeps up and down in place: order matters."""
    n = len(u)
    for i in range(n - 1, 0, -1):
        u[i] -= c * (u[i] ** 2 - u[i - 1] ** 2)
    for i in range(n - 1):
        u[i] -= c * (u[i + 1] - u[i])
    u[0] = u[-1] * u[0]
    return max(u) + 0.5 * min(u) + sum(u)
