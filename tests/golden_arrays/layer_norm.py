import numpy as np


def grad_layer_norm(x, gain, bias, target):
    centred = x - x.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.mean(centred * centred, axis=1, keepdims=True) + 1e-05)
    ratio = centred / deviation
    y = gain * ratio + bias
    # adjoint of: return np.sum((y - target) ** 2)
    y_bar = 2.0 * (y - target)
    # adjoint of: y = gain * (centred / deviation) + bias
    bias_bar = y_bar.sum(axis=0)
    gain_bar = (y_bar * ratio).sum(axis=0)
    centred_bar = y_bar * gain / deviation
    deviation_bar = -(centred_bar * ratio).sum(axis=1, keepdims=True)
    # adjoint of: deviation = np.sqrt(np.mean(centred * centred, axis=1, keepdims=True) + 1e …
    centred_bar += deviation_bar / deviation / centred.shape[1] * centred
    # adjoint of: centred = x - x.mean(axis=1, keepdims=True)
    x_bar = centred_bar - centred_bar.sum(axis=1, keepdims=True) / x.shape[1]
    return x_bar, gain_bar, bias_bar
