"""Functions of arrays, and their gradients as one would write them with care by hand.

`array_cost.py` measures generated gradients against these. A gradient by hand returns a tuple, as
`grad` does where it is asked for several arguments. The formulas of the Gaussian mixture and of the
LSTM are those of ADBench (https://arxiv.org/abs/1807.10129), written here anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

# A network of two layers --------------------------------------------------------------------


def network(W1, b1, W2, b2, x, y):
    h = np.tanh(x @ W1 + b1)
    logits = h @ W2 + b2
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(y * log_p).sum() / len(x)


def hand_network(W1, b1, W2, b2, x, y):
    h = np.tanh(x @ W1 + b1)
    logits = h @ W2 + b2
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    logits_bar = (p * y.sum(axis=1, keepdims=True) - y) / len(x)
    W2_bar = h.T @ logits_bar
    b2_bar = logits_bar.sum(axis=0)
    a_bar = (logits_bar @ W2.T) * (1.0 - h * h)
    return x.T @ a_bar, a_bar.sum(axis=0), W2_bar, b2_bar


# A mixture of Gaussians (ADBench) -----------------------------------------------------------


def gaussian_mixture(alphas, means, factors, x, gamma, m):
    n, d = x.shape
    k = len(alphas)
    terms = np.empty((n, k))
    prior = 0.0
    for j in range(k):
        logs = factors[j, :d]
        q = np.diag(np.exp(logs))
        start = d
        for column in range(d - 1):
            stop = start + d - 1 - column
            q[column + 1 :, column] = factors[j, start:stop]
            start = stop
        y = (x - means[j]) @ q.T
        terms[:, j] = alphas[j] + logs.sum() - 0.5 * (y * y).sum(axis=1)
        prior += 0.5 * gamma * gamma * (q * q).sum() - m * logs.sum()
    top = terms.max(axis=1)
    total = (np.log(np.exp(terms - top[:, None]).sum(axis=1)) + top).sum()
    return total - n * np.log(np.exp(alphas).sum()) + prior


def hand_gaussian_mixture(alphas, means, factors, x, gamma, m):
    n, d = x.shape
    k = len(alphas)
    terms = np.empty((n, k))
    qs, ys = [], []
    for j in range(k):
        logs = factors[j, :d]
        q = np.diag(np.exp(logs))
        start = d
        for column in range(d - 1):
            stop = start + d - 1 - column
            q[column + 1 :, column] = factors[j, start:stop]
            start = stop
        y = (x - means[j]) @ q.T
        terms[:, j] = alphas[j] + logs.sum() - 0.5 * (y * y).sum(axis=1)
        qs.append(q)
        ys.append(y)
    e = np.exp(terms - terms.max(axis=1)[:, None])
    terms_bar = e / e.sum(axis=1)[:, None]
    counts = terms_bar.sum(axis=0)
    weights = np.exp(alphas)
    alphas_bar = counts - n * (weights / weights.sum())
    means_bar = np.empty_like(means)
    factors_bar = np.empty_like(factors)
    for j in range(k):
        q, y = qs[j], ys[j]
        y_bar = y * -terms_bar[:, j, None]
        q_bar = y_bar.T @ (x - means[j]) + gamma * gamma * q
        means_bar[j] = -(y_bar @ q).sum(axis=0)
        factors_bar[j, :d] = q_bar.diagonal() * q.diagonal() + (counts[j] - m)
        start = d
        for column in range(d - 1):
            stop = start + d - 1 - column
            factors_bar[j, start:stop] = q_bar[column + 1 :, column]
            start = stop
    return alphas_bar, means_bar, factors_bar


# A long short-term memory (ADBench) ---------------------------------------------------------


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm_cell(weight, bias, hidden, cell, x):
    forget = sigmoid(x * weight[0] + bias[0])
    ingate = sigmoid(hidden * weight[1] + bias[1])
    outgate = sigmoid(x * weight[2] + bias[2])
    change = np.tanh(hidden * weight[3] + bias[3])
    cell = cell * forget + ingate * change
    return outgate * np.tanh(cell), cell


def lstm(weights, biases, extra, state, sequence):
    state = state.copy()
    total = 0.0
    for t in range(len(sequence) - 1):
        x = sequence[t] * extra[0]
        for layer in range(len(weights)):
            hidden, cell = lstm_cell(
                weights[layer], biases[layer], state[2 * layer], state[2 * layer + 1], x
            )
            state[2 * layer] = hidden
            state[2 * layer + 1] = cell
            x = hidden
        y = x * extra[1] + extra[2]
        total += (sequence[t + 1] * (y - np.log(2.0 + np.exp(y).sum()))).sum()
    return -total / ((len(sequence) - 1) * sequence.shape[1])


def hand_lstm(weights, biases, extra, state, sequence):
    count = len(sequence) - 1
    layers = len(weights)
    hiddens = [state[2 * layer] for layer in range(layers)]
    cells = [state[2 * layer + 1] for layer in range(layers)]
    kept = []
    outputs = []
    for t in range(count):
        x = sequence[t] * extra[0]
        for layer in range(layers):
            weight, bias = weights[layer], biases[layer]
            hidden, cell = hiddens[layer], cells[layer]
            forget = 1.0 / (1.0 + np.exp(-(x * weight[0] + bias[0])))
            ingate = 1.0 / (1.0 + np.exp(-(hidden * weight[1] + bias[1])))
            outgate = 1.0 / (1.0 + np.exp(-(x * weight[2] + bias[2])))
            change = np.tanh(hidden * weight[3] + bias[3])
            new = cell * forget + ingate * change
            squashed = np.tanh(new)
            kept.append((x, hidden, cell, forget, ingate, outgate, change, squashed))
            hiddens[layer] = x = outgate * squashed
            cells[layer] = new
        outputs.append(x)
    weights_bar = np.zeros_like(weights)
    biases_bar = np.zeros_like(biases)
    extra_bar = np.zeros_like(extra)
    hidden_bars = [np.zeros_like(state[0]) for _ in range(layers)]
    cell_bars = [np.zeros_like(state[0]) for _ in range(layers)]
    scale = -1.0 / (count * sequence.shape[1])
    for t in reversed(range(count)):
        x = outputs.pop()
        e = np.exp(x * extra[1] + extra[2])
        gold = sequence[t + 1]
        y_bar = scale * (gold - e * (gold.sum() / (2.0 + e.sum())))
        extra_bar[1] += y_bar * x
        extra_bar[2] += y_bar
        x_bar = y_bar * extra[1]
        for layer in reversed(range(layers)):
            weight, weight_bar, bias_bar = weights[layer], weights_bar[layer], biases_bar[layer]
            x, hidden, cell, forget, ingate, outgate, change, squashed = kept.pop()
            h_bar = hidden_bars[layer] + x_bar
            c_bar = cell_bars[layer] + h_bar * outgate * (1.0 - squashed * squashed)
            out_bar = h_bar * squashed * outgate * (1.0 - outgate)
            forget_bar = c_bar * cell * forget * (1.0 - forget)
            in_bar = c_bar * change * ingate * (1.0 - ingate)
            change_bar = c_bar * ingate * (1.0 - change * change)
            cell_bars[layer] = c_bar * forget
            weight_bar[0] += forget_bar * x
            weight_bar[1] += in_bar * hidden
            weight_bar[2] += out_bar * x
            weight_bar[3] += change_bar * hidden
            bias_bar[0] += forget_bar
            bias_bar[1] += in_bar
            bias_bar[2] += out_bar
            bias_bar[3] += change_bar
            hidden_bars[layer] = in_bar * weight[1] + change_bar * weight[3]
            x_bar = forget_bar * weight[0] + out_bar * weight[2]
        extra_bar[0] += x_bar * sequence[t]
    return weights_bar, biases_bar, extra_bar


# A valley, in slices ------------------------------------------------------------------------


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def hand_rosenbrock(x):
    here = x[:-1]
    gap = 200.0 * (x[1:] - here * here)
    x_bar = np.zeros_like(x)
    x_bar[1:] = gap
    x_bar[:-1] -= 2.0 * here * gap + 2.0 * (1.0 - here)
    return (x_bar,)


# Heat in a rod, in place --------------------------------------------------------------------


def heat(u, alpha, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def hand_heat(u, alpha, steps):
    u = u.copy()
    curves = []
    for _ in range(steps):
        curve = u[2:] - 2.0 * u[1:-1] + u[:-2]
        u[1:-1] += alpha * curve
        curves.append(curve)
    u_bar = 2.0 * u
    alpha_bar = 0.0
    for curve in reversed(curves):
        inner = u_bar[1:-1]
        alpha_bar += inner @ curve
        curve_bar = alpha * inner
        u_bar[2:] += curve_bar
        u_bar[1:-1] -= 2.0 * curve_bar
        u_bar[:-2] += curve_bar
    return u_bar, alpha_bar


# Small vectors in time: Runge-Kutta ---------------------------------------------------------


def rate(W, y):
    return W @ np.tanh(y) - y


def runge_kutta(y, W, h, steps):
    for _ in range(steps):
        k1 = rate(W, y)
        k2 = rate(W, y + 0.5 * h * k1)
        k3 = rate(W, y + 0.5 * h * k2)
        k4 = rate(W, y + h * k3)
        y = y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return y @ y


def hand_runge_kutta(y, W, h, steps):
    kept = []
    for _ in range(steps):
        t1 = np.tanh(y)
        k1 = W @ t1 - y
        y2 = y + 0.5 * h * k1
        t2 = np.tanh(y2)
        k2 = W @ t2 - y2
        y3 = y + 0.5 * h * k2
        t3 = np.tanh(y3)
        k3 = W @ t3 - y3
        y4 = y + h * k3
        t4 = np.tanh(y4)
        k4 = W @ t4 - y4
        y = y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        kept.append((t1, t2, t3, t4))
    y_bar = 2.0 * y
    W_bar = np.zeros_like(W)
    WT = W.T
    for t1, t2, t3, t4 in reversed(kept):
        k4_bar = h / 6.0 * y_bar
        y4_bar = (WT @ k4_bar) * (1.0 - t4 * t4) - k4_bar
        k3_bar = 2.0 * k4_bar + h * y4_bar
        y3_bar = (WT @ k3_bar) * (1.0 - t3 * t3) - k3_bar
        k2_bar = 2.0 * k4_bar + 0.5 * h * y3_bar
        y2_bar = (WT @ k2_bar) * (1.0 - t2 * t2) - k2_bar
        k1_bar = k4_bar + 0.5 * h * y2_bar
        W_bar += np.outer(k4_bar, t4)
        W_bar += np.outer(k3_bar, t3)
        W_bar += np.outer(k2_bar, t2)
        W_bar += np.outer(k1_bar, t1)
        y_bar = y_bar + y4_bar + y3_bar + y2_bar + (WT @ k1_bar) * (1.0 - t1 * t1) - k1_bar
    return y_bar, W_bar


# A sweep by elements: Gauss-Seidel ----------------------------------------------------------


def gauss_seidel(u, f, h, sweeps):
    u = u.copy()
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1] + h * h * f[i])
    return np.sum(u * u)


def hand_gauss_seidel(u, f, h, sweeps):
    u = u.copy()
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1] + h * h * f[i])
    u_bar = 2.0 * u
    f_bar = np.zeros_like(f)
    for _ in range(sweeps):
        for i in range(len(u) - 2, 0, -1):
            half = 0.5 * u_bar[i]
            u_bar[i] = 0.0
            u_bar[i - 1] += half
            u_bar[i + 1] += half
            f_bar[i] += h * h * half
    return u_bar, f_bar


# Softmax regression -------------------------------------------------------------------------


def softmax_regression(W, b, x, labels):
    logits = x @ W + b
    top = logits.max(axis=1)
    log_sums = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
    right = logits[np.arange(len(labels)), labels]
    return np.mean(log_sums - right) + 0.5e-3 * np.sum(W * W)


def hand_softmax_regression(W, b, x, labels):
    logits = x @ W + b
    n = len(labels)
    logits_bar = np.exp(logits - logits.max(axis=1)[:, None])
    logits_bar /= logits_bar.sum(axis=1)[:, None]
    logits_bar[np.arange(n), labels] -= 1.0
    logits_bar /= n
    return x.T @ logits_bar + 1e-3 * W, logits_bar.sum(axis=0)


# All of them --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A function, its gradient by hand, where they are compared, and with respect to what."""

    primal: Callable[..., Any]
    hand: Callable[..., tuple[Any, ...]]
    args: tuple[Any, ...]
    argnums: tuple[str, ...]
    #: Whether it writes to no array, so that libraries that trace can run it as it is.
    pure: bool = True


def cases() -> list[Case]:
    """The functions with arguments, the same in every run."""
    rng = np.random.default_rng(1)

    def normal(*shape: int, scale: float = 1.0) -> Any:
        return scale * rng.standard_normal(shape)

    d, k, n = 10, 25, 1000
    truths = np.eye(10)[rng.integers(0, 10, 64)]
    text = (rng.random((200, 14)) < 0.1).astype(float)
    return [
        Case(
            network,
            hand_network,
            (
                *(normal(784, 100, scale=0.03), normal(100, scale=0.1)),
                *(normal(100, 10, scale=0.1), normal(10, scale=0.1)),
                *(normal(64, 784), truths),
            ),
            ("W1", "b1", "W2", "b2"),
        ),
        Case(
            gaussian_mixture,
            hand_gaussian_mixture,
            (
                *(normal(k), normal(k, d), normal(k, d * (d + 1) // 2, scale=0.1)),
                *(normal(n, d), 1.0, 0),
            ),
            ("alphas", "means", "factors"),
            pure=False,
        ),
        Case(
            lstm,
            hand_lstm,
            (
                *(normal(2, 4, 14, scale=0.5), normal(2, 4, 14, scale=0.5)),
                *(normal(3, 14), normal(4, 14), text),
            ),
            ("weights", "biases", "extra"),
            pure=False,
        ),
        Case(rosenbrock, hand_rosenbrock, (normal(1000),), ("x",)),
        Case(heat, hand_heat, (normal(200), 0.2, 500), ("u", "alpha"), pure=False),
        Case(
            runge_kutta,
            hand_runge_kutta,
            (normal(4), normal(4, 4, scale=0.5), 0.05, 100),
            ("y", "W"),
        ),
        Case(
            gauss_seidel,
            hand_gauss_seidel,
            (normal(64), normal(64), 1.0 / 63, 20),
            ("u", "f"),
            pure=False,
        ),
        Case(
            softmax_regression,
            hand_softmax_regression,
            (normal(20, 5), normal(5), normal(500, 20), rng.integers(0, 5, 500)),
            ("W", "b"),
        ),
    ]
