def while_else(x, rate):
    """while/else: a penalty only when the loop was not broken off."""
    turns = 0
    while x > 1:
        x *= rate
        turns += 1
        if turns == 20:
            break
    else:
        x += 0.25
    return x + turns
