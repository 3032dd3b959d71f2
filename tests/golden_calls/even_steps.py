import math


def even_steps_forward(x, n):
    if n == 0:
        return x, None
    x_1 = 1.1 * x
    n -= 1
    if n == 0:
        result_1 = math.sin(x_1)
        kept = None
    else:
        value, kept = even_steps_forward(x_1 + 1.0, n - 1)
        result_1 = value + x_1
    return result_1 * x, (result_1, kept)


def even_steps_reverse(x, n, value_bar, kept):
    if n == 0:
        # adjoint of: return x
        return value_bar
    kept_0, kept = kept
    # adjoint of: return odd_steps(1.1 * x, n - 1) * x
    product = value_bar * x
    x_bar = value_bar * kept_0
    n -= 1
    if n == 0:
        x *= 1.1
        # adjoint of: return math.sin(x)
        x_bar_1 = product * math.cos(x)
    else:
        x *= 1.1
        # adjoint of: return even_steps(x + 1.0, n - 1) + x
        x_bar_1 = product + even_steps_reverse(x + 1.0, n - 1, product, kept)
    # adjoint of: return odd_steps(1.1 * x, n - 1) * x
    return x_bar + 1.1 * x_bar_1


def grad_even_steps(x, n):
    _, kept = even_steps_forward(x, n)
    x_bar = even_steps_reverse(x, n, 1.0, kept)
    return (x_bar,)
