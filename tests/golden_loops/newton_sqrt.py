def grad_newton_sqrt(a):
    xs = []
    x = a
    while abs(x * x - a) > 1e-12:
        xs.append(x)
        x = 0.5 * (x + a / x)
    x_bar = 1.0
    a_bar = 0.0
    for x in reversed(xs):
        # adjoint of: x = 0.5 * (x + a / x)
        ratio = x_bar / x
        a_bar += 0.5 * ratio
        x_bar = 0.5 * (x_bar - ratio * (a / x))
    a_bar += x_bar
    return (a_bar,)
