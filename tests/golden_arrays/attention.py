import numpy as np


def grad_attention(q, k, v, target):
    root = np.sqrt(q.shape[1])
    scores = q @ k.T / root
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    total = e.sum(axis=1, keepdims=True)
    weights = e / total
    diff = weights @ v - target
    # adjoint of: return np.sum((weights @ v - target) ** 2)
    weights_bar = 2.0 * (diff @ v.T)
    v_bar = 2.0 * (weights.T @ diff)
    # adjoint of: weights = e / e.sum(axis=1, keepdims=True)
    ratio = weights_bar / total
    e_bar = ratio - (ratio * weights).sum(axis=1, keepdims=True)
    # adjoint of: e = np.exp(scores - scores.max(axis=1, keepdims=True))
    scores_bar = e_bar * e
    # adjoint of: scores = q @ k.T / np.sqrt(q.shape[1])
    product_bar = scores_bar / root
    q_bar = product_bar @ k
    k_bar = product_bar.T @ q
    return q_bar, k_bar, v_bar
