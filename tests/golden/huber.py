import math


def grad_huber(x, delta):
    if abs(x) <= delta:
        # adjoint of: return 0.5 * x * x
        x_bar = x
        delta_bar = 0.0
    else:
        # adjoint of: return delta * (abs(x) - 0.5 * delta)
        delta_bar = abs(x) - delta
        x_bar = delta * math.copysign(1.0, x)
    return x_bar, delta_bar
