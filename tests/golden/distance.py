import math


def grad_distance(x, y, z):
    diff = y - 1.0
    product = 2.0 * z
    value = math.hypot(x, diff, product)
    # adjoint of: return math.hypot(x, y - 1.0, 2.0 * z)
    x_bar = x / value if value else 0.0
    y_bar = diff / value if value else 0.0
    z_bar = 2.0 * product / value if value else 0.0
    return x_bar, y_bar, z_bar
