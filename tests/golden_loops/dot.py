def grad_dot(xs, ys):
    xs_bar = [0.0] * len(xs)
    ys_bar = [0.0] * len(ys)
    for item in range(min(len(xs), len(ys))):
        a = xs[item]
        b = ys[item]
        ys_bar[item] += a
        xs_bar[item] += b
    return xs_bar, ys_bar
