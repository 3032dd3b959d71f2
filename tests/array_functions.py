"""Functions of arrays, as users write them, each with arguments to differentiate it at.

`tests/golden_arrays/NAME.py` is what the compiler writes for `NAME`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

# Learning -----------------------------------------------------------------------------------


def network(W1, b1, W2, b2, x, y):
    h = np.tanh(x @ W1 + b1)
    error = h @ W2 + b2 - y
    return np.mean(error * error)


def softmax_regression(W, b, x, labels):
    logits = x @ W + b
    top = logits.max(axis=1)
    log_sums = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
    right = logits[np.arange(len(labels)), labels]
    return np.mean(log_sums - right) + 0.5e-3 * np.sum(W * W)


def layer_norm(x, gain, bias, target):
    centred = x - x.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.mean(centred * centred, axis=1, keepdims=True) + 1e-5)
    y = gain * (centred / deviation) + bias
    return np.sum((y - target) ** 2)


def attention(q, k, v, target):
    scores = q @ k.T / np.sqrt(q.shape[1])
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = e / e.sum(axis=1, keepdims=True)
    return np.sum((weights @ v - target) ** 2)


def recurrent(W, U, b, h, xs, target):
    for x in xs:
        h = np.tanh(W @ h + U @ x + b)
    return np.sum((h - target) ** 2)


def ridge(A, b, penalty):
    x = np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ b)
    residual = A @ x - b
    return residual @ residual


def mixture(alphas, means, factors, x):
    n, d = x.shape
    k = len(alphas)
    terms = np.empty((n, k))
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
    top = terms.max(axis=1)
    total = (np.log(np.exp(terms - top[:, None]).sum(axis=1)) + top).sum()
    return total - n * np.log(np.exp(alphas).sum())


# Slices, elements, time -----------------------------------------------------------------------


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def heat(u, alpha, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def leaky(x, w, slope):
    h = x * w
    h[h < 0.0] *= slope
    return np.sum(h * h)


def gauss_seidel(u, f, h, sweeps):
    u = u.copy()
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1] + h * h * f[i])
    return np.sum(u * u)


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


# All of them --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A function, where it is differentiated, and with respect to what."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: tuple[str, ...]


def _cases() -> list[Case]:
    rng = np.random.default_rng(2)

    def normal(*shape: int) -> Any:
        return rng.normal(size=shape)

    return [
        Case(
            network,
            (normal(4, 3), normal(3), normal(3, 2), normal(2), normal(5, 4), normal(5, 2)),
            ("W1", "b1", "W2", "b2"),
        ),
        Case(
            softmax_regression,
            (normal(4, 3), normal(3), normal(5, 4), np.array([0, 2, 1, 1, 0])),
            ("W", "b"),
        ),
        Case(
            layer_norm,
            (normal(5, 4), normal(4), normal(4), normal(5, 4)),
            ("x", "gain", "bias"),
        ),
        Case(
            attention,
            (normal(5, 3), normal(4, 3), normal(4, 2), normal(5, 2)),
            ("q", "k", "v"),
        ),
        Case(
            recurrent,
            (normal(3, 3), normal(3, 2), normal(3), normal(3), normal(6, 2), normal(3)),
            ("W", "U", "b", "h"),
        ),
        Case(ridge, (normal(6, 3), normal(6), 0.3), ("A", "b", "penalty")),
        Case(
            mixture,
            (normal(3), normal(3, 2), normal(3, 3), normal(5, 2)),
            ("alphas", "means", "factors"),
        ),
        Case(rosenbrock, (normal(6),), ("x",)),
        Case(heat, (normal(7), 0.2, 3), ("u", "alpha")),
        Case(leaky, (normal(4, 3), normal(4, 3), 0.1), ("x", "w", "slope")),
        Case(gauss_seidel, (normal(6), normal(6), 0.4, 2), ("u", "f")),
        Case(runge_kutta, (normal(3), normal(3, 3), 0.1, 4), ("y", "W")),
    ]


CASES = {case.function.__name__: case for case in _cases()}
