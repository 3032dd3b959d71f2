"""`np.split` and its kin into as many parts as only the run knows, and lists of such lists."""

# ruff: noqa: B905, C417

import numpy as np
import pytest

from sourcediff import grad
from tests.test_array_everyday import holds

RNG = np.random.default_rng(5)
X = 0.5 * RNG.standard_normal((4, 4))


def first_and_last(x, n):
    heads = np.split(np.tanh(x), n)
    return np.sum(heads[0] ** 2) + np.sum(heads[-1] ** 3)


def uneven(x, n):
    parts = np.array_split(x, n, axis=1)
    return sum(np.sum(h**2) * (i + 1) for i, h in enumerate(parts))


def beside(x, n):
    out = [np.tanh(h) for h in np.hsplit(x, n)]
    return np.sum(np.hstack(out) ** 2)


def above(x, n):
    total = 0.0
    for h in np.vsplit(x, n):
        total = total + np.sum(h @ h.T) * h[0, 0]
    return total


@pytest.mark.parametrize("f", [first_and_last, uneven, beside, above])
@pytest.mark.parametrize("n", [1, 2, 4])
def test_parts(f, n):
    holds(f, X, n)


def test_uneven_parts():
    holds(uneven, X, 3)
    holds(uneven, X, 6)


@pytest.mark.parametrize("n", [3, -2])
def test_parts_that_there_are_not(n):
    with pytest.raises(ValueError, match="equal division"):
        grad(first_and_last)(X, n)


def of_a_length(x):
    return np.sum(np.stack(np.split(x, len(x) // 2)) ** 3)


def along_the_last_axis(x, n):
    return np.sum(np.concatenate(np.split(x, n, axis=-1), axis=1)[:, 0] ** 3)


def test_lengths_and_axes():
    holds(of_a_length, X[0])
    holds(along_the_last_axis, RNG.standard_normal((2, 3, 4)), 2)


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def zipped(q, n):
    k, v = 2.0 * q, np.sin(q)
    parts = [np.split(a, n, axis=-1) for a in (q, k, v)]
    heads = []
    for a, b, c in zip(*parts):
        heads.append(softmax(a @ b.T) @ c)
    return np.sum(np.hstack(heads) ** 2)


def linear(x, w, b):
    return x @ w + b


def attention(x, n, c_attn, c_proj):
    x = linear(x, **c_attn)
    qkv = list(map(lambda x: np.split(x, n, axis=-1), np.split(x, 3, axis=-1)))
    mask = (1 - np.tri(x.shape[0], dtype=x.dtype)) * -1e10
    heads = [softmax(q @ k.T / np.sqrt(q.shape[-1]) + mask) @ v for q, k, v in zip(*qkv)]
    return linear(np.hstack(heads), **c_proj)


def of_weights(x, weights, n):
    return np.sum(attention(x, n, **weights) ** 2)


def changed(x, n):
    lists = [np.split(a, n) for a in (x, 2.0 * x)]
    lists.append(np.split(3.0 * x, n))
    return sum(np.sum(a[0] ** 2) for a in lists)


def test_lists_of_parts():
    holds(zipped, X, 2)
    holds(changed, X, 2)


def test_attention_of_several_heads():
    weights = {
        "c_attn": {"w": RNG.standard_normal((4, 12)), "b": RNG.standard_normal(12)},
        "c_proj": {"w": RNG.standard_normal((4, 4)), "b": RNG.standard_normal(4)},
    }
    holds(of_weights, X, weights, 2, order_two=False)
    found = grad(of_weights, "weights")(X, weights, 2)["c_attn"]["b"]
    for place in range(12):
        step = {**weights, "c_attn": dict(weights["c_attn"])}
        slopes = []
        for sign in (1e-6, -1e-6):
            bias = weights["c_attn"]["b"].copy()
            bias[place] += sign
            step["c_attn"]["b"] = bias
            slopes.append(of_weights(X, step, 2))
        assert found[place] == pytest.approx((slopes[0] - slopes[1]) / 2e-6, rel=1e-5, abs=1e-6)
