def grad_heat(u, alpha, steps):
    u = u.copy()
    kept = []
    for _ in range(steps):
        total = u[2:] - 2.0 * u[1:-1] + u[:-2]
        kept.append(total)
        u[1:-1] += alpha * total
    # adjoint of: return np.sum(u * u)
    u_bar = 2.0 * u
    alpha_bar = 0.0
    for total in reversed(kept):
        u_bar_part = u_bar[1:-1]
        # adjoint of: u[1:-1] += alpha * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        alpha_bar += u_bar_part @ total
        total_bar = u_bar_part * alpha
        u_bar[:-2] += total_bar
        u_bar[2:] += total_bar
        u_bar[1:-1] -= 2.0 * total_bar
    return u_bar, alpha_bar
