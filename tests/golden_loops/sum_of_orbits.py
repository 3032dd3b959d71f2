def grad_sum_of_orbits(x, n):
    x_bar = 0.0
    for i in range(n):
        ys = []
        y = x
        for _ in range(i):
            ys.append(y)
            y = 1.5 * y * (1 - y)
        y_bar = 1.0
        for y in reversed(ys):
            # adjoint of: y = 1.5 * y * (1 - y)
            y_bar = 1.5 * y_bar * (1 - y) - y_bar * (1.5 * y)
        x_bar += y_bar
    return (x_bar,)
