import numpy as np


def grad_runge_kutta(y, W, h, steps):
    kept = []
    for _ in range(steps):
        tangent = np.tanh(y)
        k1 = W @ tangent - y
        y_1 = y + 0.5 * h * k1
        tangent_1 = np.tanh(y_1)
        k2 = W @ tangent_1 - y_1
        y_1 = y + 0.5 * h * k2
        tangent_2 = np.tanh(y_1)
        k3 = W @ tangent_2 - y_1
        y_1 = y + h * k3
        tangent_3 = np.tanh(y_1)
        kept.append((tangent, tangent_1, tangent_2, tangent_3))
        k4 = W @ tangent_3 - y_1
        y = y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    # adjoint of: return y @ y
    y_bar = 2.0 * y
    ratio = h / 6.0
    product = 0.5 * h
    W_bar = np.zeros_like(W)
    for tangent, tangent_1, tangent_2, tangent_3 in reversed(kept):
        # adjoint of: y = y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        k4_bar = y_bar * ratio
        k3_bar = 2.0 * k4_bar
        k2_bar = 2.0 * k4_bar
        # adjoint of: k4 = rate(W, y + h * k3)
        y_1_bar = W.T @ k4_bar * (1 - tangent_3 * tangent_3) - k4_bar
        W_bar += np.outer(k4_bar, tangent_3)
        y_bar += y_1_bar
        k3_bar += y_1_bar * h
        # adjoint of: k3 = rate(W, y + 0.5 * h * k2)
        y_1_bar = W.T @ k3_bar * (1 - tangent_2 * tangent_2) - k3_bar
        W_bar += np.outer(k3_bar, tangent_2)
        y_bar += y_1_bar
        k2_bar += y_1_bar * product
        # adjoint of: k2 = rate(W, y + 0.5 * h * k1)
        y_1_bar = W.T @ k2_bar * (1 - tangent_1 * tangent_1) - k2_bar
        W_bar += np.outer(k2_bar, tangent_1)
        y_bar += y_1_bar
        k1_bar = k4_bar + y_1_bar * product
        # adjoint of: k1 = rate(W, y)
        y_bar += W.T @ k1_bar * (1 - tangent * tangent) - k1_bar
        W_bar += np.outer(k1_bar, tangent)
    return y_bar, W_bar
