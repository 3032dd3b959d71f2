import math


def grad_returning(x, n):
    size = math.isqrt(max(n, 0)) + 1
    kept = []
    returned_1 = False
    for start in range(0, n, size):
        kept.append((start, x))
        returned = returned_1
        left = False
        for i in range(start, min(start + size, n)):
            x += 0.1 * math.sin(x * i)
            if x > 1.05 and i > 4:
                returned = left = True
                break
            returned = returned_1
        if left:
            break
        returned_1 = returned
    else:
        returned = returned_1
    if returned:
        result_bar = 1.0
        x_bar = 0.0
    else:
        # adjoint of: return x * x
        x_bar = 2.0 * x
        result_bar = 0.0
    for start, x in reversed(kept):
        kept = []
        left = False
        for i in range(start, min(start + size, n)):
            xi = x * i
            kept.append((i, xi))
            x += 0.1 * math.sin(xi)
            if x > 1.05 and i > 4:
                left = True
                break
        result_bar_1 = 0.0
        for i, xi in reversed(kept):
            if left:
                # adjoint of: return x * i
                x_bar += result_bar * i
            else:
                result_bar_1 += result_bar
            # adjoint of: x = x + 0.1 * math.sin(x * i)
            x_bar += 0.1 * x_bar * math.cos(xi) * i
            result_bar = 0.0
            left = False
        result_bar = result_bar_1 + result_bar
    return x_bar
