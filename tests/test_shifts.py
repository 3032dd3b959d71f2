"""Extrema that are taken off and put back: they have no adjoint where nothing depends on them."""

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp, vjp

RNG = np.random.default_rng(4)
Z, W = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))


def log_of_sum(z, w):
    m = np.max(z)
    return m + np.log(np.sum(np.exp(z - m))) + np.sum(w)


def of_rows(z, w):
    m = z.max(axis=1, keepdims=True)
    return np.sum((m + np.log(np.sum(np.exp(z - m), axis=1, keepdims=True))) ** 2 * w)


def of_last_axis(z, w):
    m = z.max(axis=-1)
    return np.sum(w[:, 0] * (m + np.log(np.exp(z - m[..., None]).sum(axis=-1))))


def of_columns(z, w):
    m = z.min(0)
    return np.sum(w[0] * (np.log(np.exp(0.5 * (z - m)).mean(axis=0)) + m / 2))


def cross_entropy(z, w):
    z = z - z.max(axis=1, keepdims=True)
    logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(logs * w)


def probabilities(z, w):
    e = np.exp(z - np.max(z, axis=1)[:, None])
    p = e / np.sum(e, axis=1, keepdims=True)
    return np.sum(w * p**2) + np.sum(np.sqrt(e) / np.sqrt(e.sum(axis=1))[:, None])


def temperature(z, w):
    m = np.max(z * w)
    e = np.exp((z * w - m) / 2.0)
    return np.sum(e * z) / np.sum(e)


def in_a_loop(z, w):
    total = 0.0
    for row in z:
        e = np.exp(row - row.max())
        total += np.dot(e / e.sum(), w[0])
    return total


def in_place(z, w):
    y = z * w
    y -= y.max(axis=1, keepdims=True)
    e = np.exp(y)
    e /= e.sum(axis=1, keepdims=True)
    return np.sum(e * z)


IDLE = [
    in_place,
    *(log_of_sum, of_rows, of_last_axis, of_columns, cross_entropy, probabilities, temperature),
    in_a_loop,
]


def not_put_back(z, w):
    m = np.max(z)
    return np.log(np.sum(np.exp(z - m)))


def put_back_twice(z, w):
    m = np.max(z)
    return 2 * m + np.log(np.sum(np.exp(z - m)))


def of_other_rows(z, w):
    s = z[:, :3]
    m = s.max(axis=1)
    return np.sum((s - m[:, None] + m) * w[:, :3])


def summed_across(z, w):
    m = z.max(axis=1, keepdims=True)
    e = np.exp(z - m)
    return np.sum(e / e.sum(axis=0) * w)


def used_beside(z, w):
    m = np.max(z)
    e = np.exp(z - m)
    return np.sum(e[0]) / np.sum(e) + m * w[0, 0]


def of_a_product(z, w):
    m = np.max(z)
    return np.sum((z - m) * w) + m * np.sum(w)


def with_one_more(z, w):
    m = np.max(z)
    e = np.exp(z - m)
    return np.sum(e * w) / (1.0 + np.sum(e))


def written_to(z, w):
    m = z.max(axis=1, keepdims=True)
    y = z * 1
    y -= m
    y[0] = 2.0
    return np.sum(np.log(np.exp(y).sum(axis=1)) * w[:, 0])


def looked_at(z, w):
    y = z * w
    rows = y[1]
    y -= y.max(axis=1, keepdims=True)
    return np.sum(np.exp(rows)) + np.sum(np.exp(y) / np.exp(y).sum(axis=1)[:, None])


def shifted_twice(z, w):
    y = z * w
    m = y.max()
    y -= m
    y -= m
    return np.log(np.sum(np.exp(y))) + m


def shifted_in_a_loop(z, w):
    y = z * w
    for _ in range(2):
        m = y.max()
        y -= m
    return np.log(np.sum(np.exp(y)))


def in_a_branch(z, w):
    m = np.max(z)
    y = np.log(np.sum(np.exp(z - m))) + m
    if w[0, 0] > 5:
        y += m
    return y


def kept(z, w):
    m = np.max(z)
    parts = [np.exp(z - m), w]
    return np.sum(parts[0]) * np.exp(m)


def scaled_by_the_run(z, w):
    m = np.max(z)
    return np.log(np.sum(np.exp(w[0, 0] * (z - m)))) + w[0, 0] * m


def means(z, w):
    m = z.max(axis=1, keepdims=True)
    return np.sum((z - m).mean(axis=1) * w[:, 0]) + np.sum(np.sum(z - m, axis=1) + m[:, 0])


OTHERS = [
    *(not_put_back, put_back_twice, of_other_rows, summed_across, used_beside, of_a_product),
    *(looked_at, shifted_twice, shifted_in_a_loop),
    *(with_one_more, written_to, in_a_branch, kept, scaled_by_the_run, means),
]


def along(f, direction, step=1e-5):
    return (f(Z + step * direction, W) - f(Z - step * direction, W)) / (2 * step)


@pytest.mark.parametrize("f", IDLE + OTHERS)
def test_derivatives(f):
    gradient = grad(f)
    for _ in range(2):
        direction = RNG.normal(size=Z.shape)
        slope = along(f, direction)
        assert np.sum(gradient(Z, W) * direction) == pytest.approx(slope, rel=1e-6, abs=1e-8)
        pulled = np.sum(vjp(f, Z, W)[1](1.0)[0] * direction)
        assert pulled == pytest.approx(slope, rel=1e-6, abs=1e-8)
        tangent = jvp(f, (Z, W), (direction, np.zeros_like(W)))[1]
        assert tangent == pytest.approx(slope, rel=1e-6, abs=1e-8)
        bent = hvp(f, (Z, W), (direction, np.zeros_like(W)))[0]
        expected = along(gradient, direction)
        np.testing.assert_allclose(bent, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("f", IDLE)
def test_no_maximum_is_differentiated(f):
    gradient = grad(f)
    gradient(Z, W)
    assert "np.where" not in gradient.source
    assert "m_bar" not in gradient.source


@pytest.mark.parametrize("f", [f for f in OTHERS if f not in (kept,)])
def test_others_have_their_adjoints(f):
    gradient = grad(f)
    gradient(Z, W)
    assert "==" in gradient.source
