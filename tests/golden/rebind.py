import math


def grad_rebind(x, y):
    x_1 = x * y
    x_2 = math.sin(x_1) + x_1
    # adjoint of: return x * y
    x_2_bar = y
    # adjoint of: x = math.sin(x) + x
    x_1_bar = x_2_bar + x_2_bar * math.cos(x_1)
    # adjoint of: x = x * y
    x_bar = x_1_bar * y
    y_bar = x_2 + x_1_bar * x
    return x_bar, y_bar
