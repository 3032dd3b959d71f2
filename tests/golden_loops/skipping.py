def grad_skipping(x, n):
    ys = []
    kept = []
    y = 1.0
    for i in range(n):
        ys.append(y)
        if y > 5.0:
            if i % 2:
                continue
            y = y * x * 0.3
        else:
            y += x
        turns = 0
        for _ in range(3):
            turns += 1
            y *= 1.1
            if y > 9.0:
                break
        kept.append(turns)
    y_bar = 1.0
    x_bar = 0.0
    for i in reversed(range(n)):
        y = ys.pop()
        above = y > 5.0
        if not above or not i % 2:
            turns = kept.pop()
        if not above or not i % 2:
            y_bar_1 = y_bar
            for _ in range(turns):
                # adjoint of: y = y * 1.1
                y_bar_1 *= 1.1
        else:
            y_bar_1 = 0.0
        if above:
            if not i % 2:
                y_bar = y_bar_1
                # adjoint of: y = y * x * 0.3
                product = 0.3 * y_bar
                x_bar += product * y
                y_bar = product * x
        else:
            y_bar = y_bar_1
            # adjoint of: y = y + x
            x_bar += y_bar
    return (x_bar,)
