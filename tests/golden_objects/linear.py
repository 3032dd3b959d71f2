from tests.argument_functions import Params


def grad_linear(p, x, y):
    both = p.bias and p.name == "line"
    b = p.b if both else 0.0
    residual = p.w * x + b - y
    # adjoint of: return residual * residual
    residual_bar = 2.0 * residual
    # adjoint of: residual = p.w * x + (p.b if p.bias and p.name == "line" else 0.0) - y
    b_bar = residual_bar if both else 0.0
    w_bar = residual_bar * x
    return Params(w=w_bar, b=b_bar, name=None, bias=None, note=None)
