"""What helpers hold by a name of their own is left behind with them, in every turn of a loop."""

from __future__ import annotations

import numpy as np
import pytest

from sourcediff import grad, hvp
from tests.test_arrays import difference

X = np.array([0.4, -0.9, 1.3, 0.7])
K = np.sin(np.arange(16.0)).reshape(4, 4)


def joined(parts):
    return np.concatenate(parts, axis=0)


def doubled(parts):
    out = []
    for part in parts:
        out.append(part * 2)
    return np.stack(out)


def joined_in_a_loop(x, k):
    total = 0.0
    for i in range(3):
        total += np.sum(joined([x, k[i] * x]) ** 2)
    return total


def left_by_jumps(x, k):
    total = 0.0
    for i in range(4):
        total += np.sum(doubled([x, k[i]]) ** 2)
        if i == 1:
            continue
        y = doubled((x * x, k[i] * i))
        if i == 3:
            break
        total = total + np.sum(y * x)
    return total


def assembled(x, k):
    whole = np.zeros((8, 8))
    for e in range(3):
        c, s = np.cos(x[e]), np.sin(x[e])
        turn = np.array([[c, s], [-s, c]])
        nothing = np.zeros((2, 2))
        both = np.block([[turn, nothing], [nothing, turn]])
        places = np.arange(2 * e, 2 * e + 4)
        whole[np.ix_(places, places)] += both.T @ k @ both
    return np.sum(whole**2)


@pytest.mark.parametrize("function", [joined_in_a_loop, left_by_jumps, assembled])
def test_derivatives(function):
    derivative = grad(function, (0, 1))
    found = derivative(X, K)
    assert not derivative.__sourcediff__.latest.is_general
    for place in range(2):
        expected = difference(function, (X, K), place, 1e-6)
        np.testing.assert_allclose(found[place], expected, rtol=1e-6, atol=1e-6)
    along = (np.cos(X), np.sin(K))
    second = hvp(function, (X, K), along)
    above, below = (derivative(X + h * along[0], K + h * along[1]) for h in (1e-5, -1e-5))
    for product, one, other in zip(second, above, below, strict=True):
        np.testing.assert_allclose(product, (one - other) / 2e-5, rtol=1e-5, atol=1e-5)
