def horner_forward(coefficients, x, k):
    if k == len(coefficients):
        return 0.0, None
    coefficients_k = coefficients[k]
    value, kept = horner_forward(coefficients, x, k + 1)
    return coefficients_k + x * value, (value, kept)


def horner_reverse(coefficients, x, k, value_bar, coefficients_bar, kept):
    if k == len(coefficients):
        return 0.0
    value, kept = kept
    # adjoint of: return coefficients[k] + x * horner(coefficients, x, k + 1)
    x_bar = (
        value_bar * value
        + horner_reverse(coefficients, x, k + 1, value_bar * x, coefficients_bar, kept)
    )
    coefficients_bar[k] += value_bar
    return x_bar


def grad_polynomial(x, coefficients):
    coefficients_bar = [0.0] * len(coefficients)
    # adjoint of: return horner(coefficients, x, 0)
    _, kept = horner_forward(coefficients, x, 0)
    x_bar = horner_reverse(coefficients, x, 0, 1.0, coefficients_bar, kept)
    return x_bar, coefficients_bar
