def grad_horner(c, x):
    length = len(c)
    ys = []
    y = 0.0
    for i in range(length):
        ys.append(y)
        k = c[length - 1 - i]
        y = y * x + k
    c_bar = [0.0] * len(c)
    y_bar = 1.0
    x_bar = 0.0
    for i in reversed(range(length)):
        y = ys.pop()
        # adjoint of: y = y * x + k
        x_bar += y_bar * y
        y_bar_1 = y_bar * x
        c_bar[length - 1 - i] = y_bar
        y_bar = y_bar_1
    return c_bar, x_bar
