import math


def grad_nested_powers(x, n):
    xs = []
    ys = []
    for i in range(n):
        xs.append(x)
        y = x
        for _ in range(i):
            ys.append(y)
            y = y * x + math.sin(y)
        x += 0.1 * y
    x_bar = 0.0
    for i in reversed(range(n)):
        x = xs.pop()
        # adjoint of: x = x + 0.1 * y
        y_bar = 0.1 * x_bar
        for _ in range(i):
            y = ys.pop()
            # adjoint of: total += y * i
            y_bar += i
            # adjoint of: y = y * x + math.sin(y)
            x_bar += y_bar * y
            y_bar = y_bar * math.cos(y) + y_bar * x
        x_bar += y_bar
    return (x_bar,)
