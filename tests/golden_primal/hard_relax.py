def relax(u, alpha, sweeps):
    """Nested loops whose kept values could blow up: the bracket is one number a turn."""
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            for _ in range(2):
                u[i] += alpha * (u[i - 1] - 2 * u[i] + u[i + 1]) / (1 + u[i] * u[i])
    return sum(v * v for v in u)
