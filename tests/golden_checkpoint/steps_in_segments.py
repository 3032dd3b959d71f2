import math


def grad_steps_in_segments(x, n):
    size = math.isqrt(max(n, 0)) + 1
    xs = []
    for start in range(0, n, size):
        xs.append(x)
        for _ in range(start, min(start + size, n)):
            y = math.exp(math.sin(x)) * 0.2
            z = math.exp(math.cos(y) + math.sin(y))
            x = z * y - z
    x_bar = 1.0
    for start in reversed(range(0, n, size)):
        x = xs.pop()
        xs_1 = []
        for _ in range(start, min(start + size, n)):
            xs_1.append(x)
            y = math.exp(math.sin(x)) * 0.2
            z = math.exp(math.cos(y) + math.sin(y))
            x = z * y - z
        for x in reversed(xs_1):
            e = math.exp(math.sin(x))
            y = e * 0.2
            cosine = math.cos(y)
            sine = math.sin(y)
            z = math.exp(cosine + sine)
            # adjoint of: return z * y - z
            z_bar = x_bar * y - x_bar
            y_bar = x_bar * z
            # adjoint of: z = math.exp(math.cos(y) + math.sin(y))
            product = z_bar * z
            y_bar += product * cosine - product * sine
            # adjoint of: y = math.exp(math.sin(x)) * r
            x_bar = 0.2 * y_bar * e * math.cos(x)
    return x_bar
