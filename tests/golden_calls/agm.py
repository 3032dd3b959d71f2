import math


def mean_pair_pullback(a, b, n, value_0_bar, value_1_bar):
    if n == 0:
        # adjoint of: return a, b
        a_bar = value_0_bar
        b_bar = value_1_bar
        return a_bar, b_bar
    root = math.sqrt(a * b)
    # adjoint of: return mean_pair(0.5 * (a + b), math.sqrt(a * b), n - 1)
    value_0, value_1 = mean_pair_pullback(0.5 * (a + b), root, n - 1, value_0_bar, value_1_bar)
    ratio = value_1 / root
    a_bar = 0.5 * (ratio * b + value_0)
    b_bar = 0.5 * (ratio * a + value_0)
    return a_bar, b_bar


def grad_agm(a, b, n):
    # adjoint of: low, high = mean_pair(a, b, n)
    a_bar, b_bar = mean_pair_pullback(a, b, n, 0.5, 0.5)
    return a_bar, b_bar
