def grad_spread_out(x, y):
    a = x * y
    b = x + y
    # adjoint of: return weighted(*pair, c=y)
    b_bar = 2.0 * a
    a_bar = 2.0 * b
    # adjoint of: pair = (x * y, x + y)
    x_bar = b_bar + a_bar * y
    y_bar = 1.0 + b_bar + a_bar * x
    return x_bar, y_bar
