def fibonacci_forward(x, n):
    if n < 2:
        x = x if n else 1.0
        return x, None
    value, kept = fibonacci_forward(x, n - 1)
    value_1, kept_1 = fibonacci_forward(x, n - 2)
    return value + x * value_1, (kept, value_1, kept_1)


def fibonacci_reverse(x, n, value_bar, kept):
    if n < 2:
        # adjoint of: return x if n else 1.0
        x_bar = value_bar if n else 0.0
        return x_bar
    kept, value, kept_1 = kept
    # adjoint of: return fibonacci(x, n - 1) + x * fibonacci(x, n - 2)
    return (
        value_bar * value
        + fibonacci_reverse(x, n - 2, value_bar * x, kept_1)
        + fibonacci_reverse(x, n - 1, value_bar, kept)
    )


def grad_fibonacci(x, n):
    _, kept = fibonacci_forward(x, n)
    x_bar = fibonacci_reverse(x, n, 1.0, kept)
    return (x_bar,)
