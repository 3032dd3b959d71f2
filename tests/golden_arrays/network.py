import numpy as np


def grad_network(W1, b1, W2, b2, x, y):
    h = np.tanh(x @ W1 + b1)
    error = h @ W2 + b2 - y
    # adjoint of: return np.mean(error * error)
    error_bar = 2.0 * error / error.size
    # adjoint of: error = h @ W2 + b2 - y
    b2_bar = error_bar.sum(axis=0)
    h_bar = error_bar @ W2.T
    W2_bar = h.T @ error_bar
    # adjoint of: h = np.tanh(x @ W1 + b1)
    total_bar = h_bar * (1 - h * h)
    b1_bar = total_bar.sum(axis=0)
    W1_bar = x.T @ total_bar
    return W1_bar, b1_bar, W2_bar, b2_bar
