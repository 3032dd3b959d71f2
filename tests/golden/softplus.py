import math


def grad_softplus(x):
    if x > 30.0:
        # adjoint of: return x
        return 1.0
    e = math.exp(x)
    # domain of: return math.log1p(math.exp(x))
    math.log1p(e)
    # adjoint of: return math.log1p(math.exp(x))
    return e / (1 + e)
