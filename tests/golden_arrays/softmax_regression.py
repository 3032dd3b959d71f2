import numpy as np


def grad_softmax_regression(W, b, x, labels):
    logits = x @ W + b
    top = logits.max(axis=1)
    e = np.exp(logits - top[:, None])
    # adjoint of: return np.mean(log_sums - right) + 0.5e-3 * np.sum(W * W)
    log_sums_bar = 1.0 / x.shape[0]
    W_bar = 0.001 * W
    # adjoint of: log_sums = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
    logits_bar = (log_sums_bar / e.sum(axis=1))[:, None] * e
    # adjoint of: right = logits[np.arange(len(labels)), labels]
    logits_bar[np.arange(len(labels)), labels] -= log_sums_bar
    # adjoint of: logits = x @ W + b
    b_bar = logits_bar.sum(axis=0)
    W_bar += x.T @ logits_bar
    return W_bar, b_bar
