def grad_doubling(x):
    kept = []
    turns = 0
    left = False
    while True:
        x_1 = x
        x = x_1 * x_1
        turns += 1
        kept.append((x_1, turns))
        if x > 10:
            left = True
            break
    x_bar = 0.0
    item = 1.0
    for x, turns in reversed(kept):
        if left:
            # adjoint of: return x * turns
            x_bar += item * turns
        # adjoint of: x = x * x
        x_bar = 2.0 * x_bar * x
        item = 0.0
        left = False
    return (x_bar,)
