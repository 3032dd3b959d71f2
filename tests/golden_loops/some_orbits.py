import math


def grad_some_orbits(x, n):
    x_bar = 0.0
    for i in range(n):
        y = x + 0.1 * i
        remainder = i % 2
        if remainder:
            ys = []
            for k in range(4):
                ys.append(y)
                y = math.sin(y) + 0.1 * k
                if y > 1.05:
                    break
        else:
            ys_1 = []
            while y < 1.5:
                ys_1.append(y)
                y = y * y + 0.5
            ys_2 = []
            for _ in range(2):
                for _ in range(2):
                    ys_2.append(y)
                    y = math.cos(y * x)
        # adjoint of: total += y * y
        y_bar = 2.0 * y
        if remainder:
            for y in reversed(ys):
                # adjoint of: y = math.sin(y) + 0.1 * k
                y_bar *= math.cos(y)
        else:
            for _ in range(2):
                for _ in range(2):
                    y = ys_2.pop()
                    # adjoint of: y = math.cos(y * x)
                    product = y_bar * math.sin(y * x)
                    x_bar -= product * y
                    y_bar = -product * x
            for y in reversed(ys_1):
                # adjoint of: y = y * y + 0.5
                y_bar = 2.0 * y_bar * y
        # adjoint of: y = x + 0.1 * i
        x_bar += y_bar
    return (x_bar,)
