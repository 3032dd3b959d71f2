def grad_logistic_map(r, x, n):
    xs = []
    for _ in range(n):
        xs.append(x)
        x = r * x * (1 - x)
    x_bar = 1.0
    r_bar = 0.0
    for x in reversed(xs):
        # adjoint of: x = r * x * (1 - x)
        product = x_bar * (1 - x)
        r_bar += product * x
        x_bar = product * r - x_bar * (r * x)
    return r_bar, x_bar
