def grad_dot(xs, ys):
    ys_bar = [0.0] * len(ys)
    xs_bar = [0.0] * len(xs)
    for i, (a, b) in enumerate(zip(xs, ys)):
        ys_bar[i] = a
        xs_bar[i] = b
    return xs_bar, ys_bar
