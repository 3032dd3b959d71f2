import math


def grad_steps(x, n):
    xs = []
    for _ in range(n):
        xs.append(x)
        y = math.exp(math.sin(x)) * 0.3
        z = math.exp(math.cos(y) + math.sin(y))
        x = z * y - z
    x_bar = 1.0
    for x in reversed(xs):
        e = math.exp(math.sin(x))
        y = e * 0.3
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
        x_bar = 0.3 * y_bar * e * math.cos(x)
    return x_bar
