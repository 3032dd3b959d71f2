import math


def grad_first_root(x, step, n):
    xs = []
    kept = []
    returned = left = False
    turns = 0
    for i in range(n):
        turns += 1
        returned = False
        turns_1 = 0
        for j in range(n):
            xs.append(x)
            turns_1 += 1
            x += step * math.cos(x)
            if x > 1.4:
                returned = True
                break
        kept.append(turns_1)
        if returned:
            left = True
            break
        x *= 1.01
    if returned:
        result_bar = 1.0
        x_bar = 0.0
    else:
        # adjoint of: return x
        x_bar = 1.0
        result_bar = 0.0
    step_bar = 0.0
    for i in reversed(range(turns)):
        turns = kept.pop()
        if not left:
            # adjoint of: x = x * 1.01
            x_bar *= 1.01
        returned = left
        for j in reversed(range(turns)):
            x = xs.pop()
            if returned:
                # adjoint of: return x * (i + j + 1)
                x_bar += result_bar * (i + j + 1)
            # adjoint of: x = x + step * math.cos(x)
            step_bar += x_bar * math.cos(x)
            x_bar -= x_bar * step * math.sin(x)
            result_bar = 0.0
            returned = False
        result_bar = 0.0
        left = False
    return x_bar, step_bar
