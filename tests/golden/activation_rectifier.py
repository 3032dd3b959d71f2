def grad_activation(x):
    # adjoint of: return max(x, 0.0)
    return 0.0 if 0.0 > x else 1.0
