def grad_rosenbrock(x):
    x_bar = [0.0] * len(x)
    for i in range(len(x) - 1):
        x_i = x[i]
        diff = x[i + 1] - x_i ** 2
        # adjoint of: total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
        x_bar[i] -= 2.0 * (1.0 - x_i) + 400.0 * diff * x_i
        x_bar[i + 1] += 200.0 * diff
    return (x_bar,)
