def grad_search(xs, limit):
    left = False
    turns = 0
    for i, x in enumerate(xs):
        turns += 1
        if x > limit:
            found = x * (i + 1)
            left = True
            break
    if not left:
        found = -limit
    found
    # adjoint of: return found * limit
    limit_bar = found
    found_bar = limit
    if not left:
        # adjoint of: found = -limit
        limit_bar -= found_bar
        found_bar = 0.0
    xs_bar = [0.0] * len(xs)
    for i in reversed(range(turns)):
        if left:
            # adjoint of: found = x * (i + 1)
            x_bar = found_bar * (i + 1)
        else:
            x_bar = 0.0
        xs_bar[i] = x_bar
        found_bar = 0.0
        left = False
    return xs_bar, limit_bar
