def grad_energy(k, xs):
    xs_bar = []
    k_bar = 0.0
    for x in xs:
        # adjoint of: total += 0.5 * k * x * x
        k_bar += 0.5 * x * x
        xs_bar.append(k * x)
    return k_bar, xs_bar
