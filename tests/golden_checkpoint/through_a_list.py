import math


def grad_through_a_list(x, n):
    weights = [0.1 * k for k in range(n)]
    length = len(weights)
    size = math.isqrt(length) + 1
    xs = []
    for start in range(0, length, size):
        xs.append(x)
        for i in range(start, min(start + size, length)):
            w = weights[i]
            x = math.sin(x) + w * x
    x_bar = 1.0
    for start in reversed(range(0, length, size)):
        x = xs.pop()
        value = min(start + size, length)
        xs_1 = []
        for i in range(start, value):
            xs_1.append(x)
            w = weights[i]
            x = math.sin(x) + w * x
        for i in reversed(range(start, value)):
            x = xs_1.pop()
            w = weights[i]
            # adjoint of: x = math.sin(x) + w * x
            x_bar = x_bar * w + x_bar * math.cos(x)
    return x_bar
