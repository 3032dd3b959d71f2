import numpy as np


def grad_recurrent(W, U, b, h, xs, target):
    kept = []
    for x in xs:
        h_1 = np.tanh(W @ h + U @ x + b)
        kept.append((h, h_1))
        h = h_1
    # adjoint of: return np.sum((h - target) ** 2)
    h_bar = 2.0 * (h - target)
    b_bar = np.zeros_like(b)
    U_bar = np.zeros_like(U)
    W_bar = np.zeros_like(W)
    for i in reversed(range(len(xs))):
        h, h_1 = kept.pop()
        # adjoint of: h = np.tanh(W @ h + U @ x + b)
        total_bar = h_bar * (1 - h_1 * h_1)
        x = xs[i]
        h_bar = W.T @ total_bar
        b_bar += total_bar
        U_bar += np.outer(total_bar, x)
        W_bar += np.outer(total_bar, h)
    return W_bar, U_bar, b_bar, h_bar
