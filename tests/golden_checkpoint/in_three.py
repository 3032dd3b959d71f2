import math


def grad_in_three(x, n):
    size = max(1, -(-n // 3))
    kept = []
    total = 0.0
    for start in range(0, n, size):
        kept.append((start, x))
        left = False
        for i in range(start, min(start + size, n)):
            x += 0.3 * math.sin(x * i)
            if x > 2.0:
                left = True
                break
            total += x * x
        if left:
            break
    x_bar = total
    for start, x_1 in reversed(kept):
        kept = []
        left = False
        for i in range(start, min(start + size, n)):
            kept.append((i, x_1))
            x_1 += 0.3 * math.sin(x_1 * i)
            if x_1 > 2.0:
                left = True
                break
        for i, x_1 in reversed(kept):
            if not left:
                x_2 = x_1 + 0.3 * math.sin(x_1 * i)
                # adjoint of: total += x * x
                x_bar += 2.0 * x * x_2
            # adjoint of: x = x + 0.3 * math.sin(x * i)
            x_bar += 0.3 * x_bar * math.cos(x_1 * i) * i
            left = False
    return x_bar
