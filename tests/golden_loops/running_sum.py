def grad_running_sum(x, n):
    total = 0.0
    turns = 0
    for i in range(n):
        turns += 1
        v = i + x
        total = total * 0.5 + v * x
        if total > 4:
            break
    total_bar = 1.0
    x_bar = 0.0
    for i in reversed(range(turns)):
        # adjoint of: total = total * 0.5 + v * x
        v_bar = total_bar * x
        v = i + x
        x_bar += total_bar * v
        total_bar *= 0.5
        x_bar += v_bar
    return (x_bar,)
