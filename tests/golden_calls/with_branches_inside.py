import math


def with_branches_inside_forward(x, n):
    if n == 0:
        return x, None
    if x > 1.0:
        y, kept = with_branches_inside_forward(0.5 * x, n - 1)
    elif x > 0.5:
        value, kept = with_branches_inside_forward(1.5 * x, n - 1)
        y = x * value
        kept = value, kept
    else:
        y_1 = math.exp(x)
        if n % 2:
            value, kept = with_branches_inside_forward(x + 1.0, n - 1)
            y = y_1 * value
            kept = value, kept
        else:
            y = y_1
            kept = None
        kept = y_1, kept
    cosine = math.cos(x)
    return y * cosine, (y, kept, cosine)


def with_branches_inside_reverse(x, n, value_bar, kept):
    if n == 0:
        # adjoint of: return x
        return value_bar
    y, kept, kept_2 = kept
    # adjoint of: return y * math.cos(x)
    y_bar = value_bar * kept_2
    x_bar = -value_bar * y * math.sin(x)
    if x > 1.0:
        # adjoint of: y = with_branches_inside(0.5 * x, n - 1)
        return x_bar + 0.5 * with_branches_inside_reverse(0.5 * x, n - 1, y_bar, kept)
    if x > 0.5:
        value, kept = kept
        # adjoint of: y = x * with_branches_inside(1.5 * x, n - 1)
        return (
            x_bar
            + (y_bar * value + 1.5 * with_branches_inside_reverse(1.5 * x, n - 1, y_bar * x, kept))
        )
    y, kept = kept
    if n % 2:
        value, kept = kept
        y_bar_1 = y_bar
        # adjoint of: y *= with_branches_inside(x + 1.0, n - 1)
        y_bar = y_bar_1 * value
        x_bar += with_branches_inside_reverse(x + 1.0, n - 1, y_bar_1 * y, kept)
    # adjoint of: y = math.exp(x)
    return x_bar + y_bar * y


def grad_with_branches_inside(x, n):
    _, kept = with_branches_inside_forward(x, n)
    x_bar = with_branches_inside_reverse(x, n, 1.0, kept)
    return (x_bar,)
