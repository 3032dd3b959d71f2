import math


def grad_walrus_loop(x):
    kept = []
    total = 0.0
    left = False
    while True:
        e = math.exp(-x)
        kept.append(e)
        y = e * 3.0
        if not y > 1.0:
            left = True
            break
        y_1 = y
        x += 0.3 * y_1
        y
        total += y
    x_bar = total
    for e in reversed(kept):
        if not left:
            # adjoint of: x = x + 0.3 * y
            y_1_bar = 0.3 * x_bar
            y_bar = x + y_1_bar
        else:
            y_bar = 0.0
        x_bar -= 3.0 * y_bar * e
        left = False
    return (x_bar,)
