import math

half_life = 5.0  # half_life of the enclosing function


def grad_decay(x, t):
    log = math.log(2.0)
    e = math.exp(-log * t / half_life)
    # adjoint of: return x * math.exp(-math.log(2.0) * t / half_life)
    t_bar = -x * e / half_life * log
    return e, t_bar
