def grad_energy(k, xs):
    xs_bar = [0.0] * len(xs)
    k_bar = 0.0
    for i, x in enumerate(xs):
        # adjoint of: total += 0.5 * k * x * x
        x_bar = k * x
        k_bar += 0.5 * x * x
        xs_bar[i] += x_bar
    return k_bar, xs_bar
