import math


def value_and_grad_log_density(x, mean, scale):
    z = (x - mean) / scale
    # adjoint of: return -0.5 * z * z - math.log(scale) - 0.5 * math.log(2.0 * math.pi)
    scale_bar = -1.0 / scale
    z_bar = -z
    # adjoint of: z = (x - mean) / scale
    ratio = z_bar / scale
    scale_bar -= ratio * z
    mean_bar = -ratio
    return -0.5 * z * z - math.log(scale) - 0.5 * math.log(2.0 * math.pi), (mean_bar, scale_bar)
