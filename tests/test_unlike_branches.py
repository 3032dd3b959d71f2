"""Branches that leave arrays of different numbers of axes behind: both go on by themselves."""

import numpy as np
import pytest

from sourcediff import grad
from tests.test_array_everyday import holds

M = np.random.default_rng(6).normal(size=(3, 4))
NAMES = np.array([0, 2, 1])
ROWS = np.eye(4, dtype=int)[NAMES]


def softmax(x):
    x = x - np.max(x, axis=-1, keepdims=True)
    return np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)


def cross_entropy(y, t):
    if y.ndim == 1:
        t = t.reshape(1, t.size)
        y = y.reshape(1, y.size)
    if t.size == y.size:
        t = t.argmax(axis=1)
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size


def loss(m, t):
    return cross_entropy(softmax(m), t)


def loss_twice(m, t):
    return cross_entropy(softmax(m), t) + cross_entropy(softmax(2.0 * m), t) * m[0, 0]


class Loss:
    """The same as a layer that keeps what it is given."""

    def __init__(self):
        self.y = self.t = self.loss = None

    def forward(self, x, t):
        self.t, self.y = t, softmax(x)
        if self.t.size == self.y.size:
            self.t = self.t.argmax(axis=1)
        self.loss = cross_entropy(self.y, self.t)
        return self.loss


def loss_of_layer(m, t):
    return Loss().forward(m, t)


@pytest.mark.parametrize("f", [loss, loss_twice, loss_of_layer])
@pytest.mark.parametrize("t", [NAMES, ROWS], ids=["names", "rows"])
def test_labels_as_names_or_as_rows(f, t):
    holds(f, M, t)


def test_both_kinds_of_labels_are_one():
    assert np.array_equal(grad(loss)(M, NAMES), grad(loss)(M, ROWS))


def of_a_row_or_all(m, k):
    z = m[0] if k == 0 else m
    return np.sum(z[0] ** 2) + m[0, 0]


def with_a_branch_behind(m, k):
    if m[0, k] < 0:
        z = m[0]
    else:
        z = m
    w = z * 2.0
    if m[1, k] > 0:
        w = w + 1.0
    return np.sum(w[0] ** 2) * m[0, 0]


def on_one_way_only(m, k):
    z = m
    if m.sum() > k:
        z = z.mean(axis=0)
    return np.sum(z.T @ z)


def with_a_return_behind(m, k):
    z = m
    if m[0, k] > 0:
        z = z[0]
    if m[1, k] > 0:
        return np.sum(z * z)
    z = z * m[2, k]
    return np.sum(z[0])


@pytest.mark.parametrize("k", [0, 1, 2, 3])
@pytest.mark.parametrize("f", [with_a_branch_behind, on_one_way_only, with_a_return_behind])
def test_each_arm_goes_on(f, k):
    holds(f, M, k)


@pytest.mark.parametrize("k", [0, 1])
def test_of_a_row_or_all(k):
    found = grad(of_a_row_or_all)(M, k)
    expected = np.zeros((3, 4))
    expected[0] = 2.0 * M[0] * ([1.0, 0.0, 0.0, 0.0] if k == 0 else [1.0] * 4)
    expected[0, 0] += 1.0
    assert found == pytest.approx(expected)
