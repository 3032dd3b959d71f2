import math


def grad_guarded_root(x):
    if x < 0.0:
        raise ValueError(f"no root of {x}")
    root = math.sqrt(x)
    print("root", root)
    assert root * root < 1000000.0, "too large"
    # adjoint of: root = math.sqrt(x)
    return root + 0.5 * x / root
