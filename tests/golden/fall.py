GRAVITY = 9.81  # GRAVITY of tests.golden_functions


def grad_fall(seconds):
    # adjoint of: return 0.5 * GRAVITY * seconds**2
    return GRAVITY * seconds
