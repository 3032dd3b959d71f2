import math


def grad_grad_wave(x):
    # adjoint of: return math.sin(x) * x
    cosine = math.cos(x)
    # adjoint of the adjoint of: return math.sin(x) * x
    x_bar = cosine - x * math.sin(x)
    # adjoint of: return math.sin(x) * x
    return x_bar + cosine
