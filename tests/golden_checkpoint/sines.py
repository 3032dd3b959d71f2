import math


def grad_sines(x, n):
    size = math.isqrt(max(n, 0)) + 1
    xs = []
    for start in range(0, n, size):
        xs.append(x)
        for _ in range(start, min(start + size, n)):
            x = 1.3 * math.sin(x)
    x_bar = 1.0
    for start in reversed(range(0, n, size)):
        x = xs.pop()
        xs_1 = []
        for _ in range(start, min(start + size, n)):
            xs_1.append(x)
            x = 1.3 * math.sin(x)
        for x in reversed(xs_1):
            # adjoint of: x = 1.3 * math.sin(x)
            x_bar = 1.3 * x_bar * math.cos(x)
    return x_bar
