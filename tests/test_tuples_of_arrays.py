"""Lists of tuples of arrays that grow in a loop: the layers of a network, cut out of one vector."""

# ruff: noqa: B905, RUF007

import numpy as np
import pytest

from sourcediff import grad
from tests.test_array_everyday import holds

RNG = np.random.default_rng(6)
X = 0.5 * RNG.standard_normal((2, 2))
V = RNG.standard_normal(5)


def layers(theta, x, sizes):
    weights, i = [], 0
    for n, m in zip(sizes[:-1], sizes[1:]):
        j = i + n * m
        k = j + m
        weights.append((theta[i:j].reshape(n, m), theta[j:k]))
        i = k
    h = x
    for w, b in weights:
        h = np.tanh(h @ w + b)
    return np.sum(h)


def forwards_and_backwards(x, n):
    steps = []
    for i in range(n):
        z = x[i : i + 2] * x[-1]
        steps.append((z, np.tanh(z)))
    total = 0.0
    for z, a in reversed(steps):
        total = total * 0.5 + np.sum(z * a)
    for i, (_, a) in enumerate(steps):
        total = total + i * np.sum(a**2)
    return total + len(steps)


def last_ones(x, n):
    steps = [(x[0], x[:2])]
    for _ in range(n):
        a, b = steps[-1]
        steps.append((np.sum(b) * a, np.tanh(b) * x[2]))
    a, b = steps.pop()
    return np.sum(a * b)


def written_later(x, n):
    y, steps = x * 1.0, []
    for i in range(n):
        steps.append((y[i : i + 2], y[i] * x))
    y[0] = 3.0
    return sum(np.sum(a**2) * np.sum(b) for a, b in steps)


def test_layers_of_one_vector():
    holds(lambda theta, x: layers(theta, x, [2, 3, 2]), RNG.standard_normal(17), X)


@pytest.mark.parametrize("n", [1, 3])
def test_tuples_in_loops(n):
    holds(forwards_and_backwards, V, n)
    holds(last_ones, V, n)


def test_what_they_hold_is_written_to_later():
    found = grad(written_later)(V, 2)
    for place in range(5):
        step = np.zeros(5)
        step[place] = 1e-6
        slope = (written_later(V + step, 2) - written_later(V - step, 2)) / 2e-6
        assert found[place] == pytest.approx(slope, rel=1e-6, abs=1e-6)
