def heat(u, alpha, n):
    """The heat equation in one buffer; the left neighbour's old value rides along."""
    u = list(u)
    for _ in range(n):
        left = u[0]
        for i in range(1, len(u) - 1):
            here = u[i]
            u[i] = here + alpha * (left - 2 * here + u[i + 1])
            left = here
    return sum(v * v for v in u)
