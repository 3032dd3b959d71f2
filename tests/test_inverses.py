"""Gaussian likelihoods and alignments: inverses, determinants and singular vectors together."""

from __future__ import annotations

import numpy as np
import pytest

from sourcediff import grad, hvp
from tests.test_arrays import difference

S = np.array([[2.1, 0.4, -0.3], [0.2, 1.7, 0.5], [-0.6, 0.1, 2.9]])
D = np.array([0.3, -0.8, 1.1])


def likelihood(s, d):
    return 0.5 * d @ np.linalg.inv(s) @ d + 0.5 * np.log(np.linalg.det(s))


def of_the_logarithm(s, d):
    _, logdet = np.linalg.slogdet(s)
    inverse = np.linalg.inv(s)
    return d @ inverse @ d + 0.5 * logdet


def density(s, d):
    root = np.sqrt((2 * np.pi) ** len(d) * np.linalg.det(s))
    return np.exp(-0.5 * d.T @ np.linalg.inv(s) @ d) / root


ONCE = [likelihood, of_the_logarithm, density]


def inverse_is_written_to(s, d):
    inverse = np.linalg.inv(s)
    inverse[0, 1] += d[0]
    return np.sum(inverse**2) + np.log(np.linalg.det(s))


def inverse_is_written_to_by_a_view(s, d):
    inverse = np.linalg.inv(s)
    determinant = np.linalg.det(s)
    turned = inverse.T
    turned *= d
    return determinant + np.sum(inverse**2)


def matrix_is_written_to(s, d):
    s = s * 1.0
    inverse = np.linalg.inv(s)
    s[0, 0] += d[0] ** 2
    return np.sum(inverse**2) + np.log(np.linalg.det(s))


def inverse_in_one_arm(s, d):
    total = np.log(np.linalg.det(s))
    if d[0] > 0.5:
        total = total + np.sum(np.linalg.inv(s) ** 2)
    return total


def another_determinant(s, d):
    ratio = np.linalg.det(s) / np.linalg.det(s.T @ s)
    return ratio * np.sum(np.linalg.inv(s)) + np.linalg.slogdet(s)[1] * d[1]


APART = [
    inverse_is_written_to,
    inverse_is_written_to_by_a_view,
    matrix_is_written_to,
    inverse_in_one_arm,
    another_determinant,
]


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("function", ONCE + APART)
def test_derivatives(function, sign):
    args = (S, sign * D)
    derivative = grad(function, (0, 1))
    for place, found in enumerate(derivative(*args)):
        expected = difference(function, args, place, 1e-6)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
    along = (np.cos(S), np.sin(D))
    found = hvp(function, args, along)
    moved = [
        derivative(*(a + h * t for a, t in zip(args, along, strict=True))) for h in (1e-5, -1e-5)
    ]
    for second, above, below in zip(found, *moved, strict=True):
        np.testing.assert_allclose(second, (above - below) / 2e-5, rtol=1e-5, atol=1e-6)


def code_of(derivative):
    """The text without its comments."""
    lines = derivative.source.splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


@pytest.mark.parametrize("function", ONCE)
def test_one_inverse_is_computed(function):
    derivative = grad(function, (0, 1))
    derivative(S, D)
    assert code_of(derivative).count("linalg.inv(") == 1


def test_a_logarithm_asks_for_no_determinant():
    derivative = grad(likelihood)
    derivative(S, D)
    assert "linalg.det" not in code_of(derivative)
    tiny = 1e-120 * S  # its determinant is no float
    np.testing.assert_allclose(derivative(tiny, 0.0 * D), 0.5 * np.linalg.inv(tiny).T, rtol=1e-12)


# Singular vectors -----------------------------------------------------------------------------


def aligned(p, q):
    """How far points are from others, after the rotation that takes them there best (Kabsch)."""
    p, q = p - p.mean(axis=0), q - q.mean(axis=0)
    u, _, vt = np.linalg.svd(p.T @ q)
    sign = np.sign(np.linalg.det(vt.T @ u.T))
    turn = vt.T @ np.diag([1.0, 1.0, sign]) @ u.T
    return np.sum((p @ turn.T - q) ** 2) + turn[0, 1]


def test_full_singular_vectors_of_a_square_matrix():
    rng = np.random.default_rng(3)
    points = (rng.normal(size=(5, 3)), rng.normal(size=(5, 3)))
    for place, found in enumerate(grad(aligned, (0, 1))(*points)):
        expected = difference(aligned, points, place, 1e-6)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_full_singular_vectors_of_another_matrix_are_refused():
    derivative = grad(lambda a: np.sum(np.linalg.svd(a)[0] ** 3))
    with pytest.raises(ValueError, match="full_matrices=False"):
        derivative(np.arange(6.0).reshape(3, 2))
