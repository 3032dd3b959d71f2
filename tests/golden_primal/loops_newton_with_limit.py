import math


def newton_with_limit(a, x0):
    """The root of x + exp(x) = a; while/else complains where the loop is not left."""
    x = x0
    turns = 0
    while turns < 25:
        step = (x + math.exp(min(x, 50.0)) - a) / (1 + math.exp(min(x, 50.0)))
        x -= step
        if abs(step) < 1e-13 * max(1.0, abs(x)):
            break
        turns += 1
    else:
        raise ArithmeticError(f"no convergence from {x0}")
    return x
