import math


def grad_activation(x):
    y = math.tanh(x)
    # adjoint of: return math.tanh(x)
    return 1 - y * y
