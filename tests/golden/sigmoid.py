import math


def grad_sigmoid(x):
    e = math.exp(-x)
    y = 1 / (1 + e)
    # adjoint of: return 1 / (1 + math.exp(-x))
    return y * (y * e)
