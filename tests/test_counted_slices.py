"""Parts of arrays that start and end where loops count have lengths that are known: ``x[i:i + k]``.

Where they are, the derivative asks for no length while it runs; where they are not, it must.
"""

from __future__ import annotations

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp
from sourcediff.frontend.lower import lower_function
from sourcediff.ir import walk
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.arrays.shapes import Shapes
from sourcediff.types import INT, REAL, Slot, array_of
from tests.test_arrays import difference

rng = np.random.default_rng(5)
X, Y = rng.normal(size=7), rng.normal(size=3)
IMAGE, KERNEL = rng.normal(size=(4, 5)), rng.normal(size=(2, 3))
SQUARE = (lambda a: a @ a.T + 4 * np.eye(4))(rng.normal(size=(4, 4)))


def convolution(img, ker):
    n, m = img.shape
    kh, kw = ker.shape
    out = np.zeros((n - kh + 1, m - kw + 1))
    for i in range(n - kh + 1):
        for j in range(m - kw + 1):
            out[i, j] = np.sum(img[i : i + kh, j : j + kw] * ker)
    return np.sum(out**2)


def pooled(img, ker):
    n, m = img.shape
    s = 0.0
    for i in range(n // 2):
        for j in range(m // 3):
            s += np.sum((img[2 * i : 2 * i + 2, 3 * j : 3 * j + 3] * ker) ** 2)
    return s


def strided(x, w):
    s = 0.0
    for i in range((len(x) - len(w)) // 2 + 1):
        s += np.sum(np.tanh(x[2 * i : 2 * i + len(w)] * w))
    return s


def lagged(x, w):
    k = len(w)
    s = 0.0
    for i in range(len(x) - 1, k - 1, -1):
        s += np.sum((x[i - k : i] * w) ** 2) * x[i]
    return s


def cholesky(a):
    n = len(a)
    low = np.zeros_like(a)
    for j in range(n):
        low[j, j] = np.sqrt(a[j, j] - np.sum(low[j, :j] ** 2))
        for i in range(j + 1, n):
            low[i, j] = (a[i, j] - np.sum(low[i, :j] * low[j, :j])) / low[j, j]
    return np.sum(low**3)


def eliminated(a):
    u = a.copy()
    for k in range(len(u) - 1):
        u[k + 1 :, k] /= u[k, k]
        u[k + 1 :, k + 1 :] -= np.outer(u[k + 1 :, k], u[k, k + 1 :])
    return np.sum(np.log(np.abs(np.diag(u)))) + u[2, 0]


def over_the_end(x, w):
    s = 0.0
    for i in range(len(x)):
        part = x[i : i + len(w)]
        s += np.sum(np.sin(part * w[: len(part)]))
    return s


def one_at_a_time(x, w):
    s = 0.0
    for i in range(len(x) - 1):
        s += np.sum(np.sin(x[i : i + 1] * w))
    return s


def from_the_end(x, w):
    s = 0.0
    for i in range(1, len(w) + 1):
        s += np.sum(np.sin(x[i:] * x[:-i])) + np.sum(w[:i] * x[:i])
    return s


def last_one_stretched(x, w):
    s = np.zeros(len(w))
    for i in range(len(x) - 2):
        s = s + x[len(x) - 1 - i : len(x) - i] * w
    return np.sum(s * s)


def width_of_a_call(x, w, k):
    s = 0.0
    for i in range(len(x) - k + 1):
        s += np.sum((x[i : i + k] * w) ** 2)
    return s


KNOWN = [
    (convolution, (IMAGE, KERNEL)),
    (pooled, (IMAGE, KERNEL)),
    (strided, (X, Y)),
    (lagged, (X, Y)),
    (cholesky, (SQUARE,)),
    (eliminated, (SQUARE,)),
]
UNKNOWN = [
    (over_the_end, (X, Y)),
    (one_at_a_time, (X, Y)),
    (from_the_end, (X, Y)),
    (last_one_stretched, (X, Y)),
    (width_of_a_call, (X, Y, 3)),
    (width_of_a_call, (X, Y[:1], 3)),
    (width_of_a_call, (X, Y, 1)),
    # What the text for longer ones knows does not hold for these.
    (convolution, (IMAGE, KERNEL[:1])),
    (convolution, (IMAGE[:1, :3], KERNEL[:1])),
    (pooled, (IMAGE, KERNEL[:, :1])),
    (strided, (X, Y[:1])),
    (lagged, (X, Y[:1])),
    (cholesky, (SQUARE[:1, :1],)),
]


@pytest.mark.parametrize(("f", "args"), [*KNOWN, *UNKNOWN])
def test_derivatives(f, args):
    places = tuple(place for place, arg in enumerate(args) if isinstance(arg, np.ndarray))
    found = grad(f, argnums=places)(*args)
    along = tuple(np.cos(arg) if isinstance(arg, np.ndarray) else None for arg in args)
    for place in places:
        assert found[place] == pytest.approx(difference(f, args, place, 1e-6), rel=1e-6, abs=1e-6)
    slope = sum(float(np.sum(found[place] * along[place])) for place in places)
    assert jvp(f, args, along)[1] == pytest.approx(slope)
    second = hvp(f, args, along)

    def moved(step):
        return tuple(a + step * d if d is not None else a for a, d in zip(args, along, strict=True))

    above, below = (grad(f, argnums=places)(*moved(step)) for step in (1e-6, -1e-6))
    for place in places:
        expected = (above[place] - below[place]) / 2e-6
        assert second[place] == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(("f", "args"), KNOWN)
def test_known_lengths_are_not_asked_for(f, args):
    derivative = grad(f, argnums=tuple(range(len(args))))
    derivative(*args)
    assert "keepdims" not in derivative.source


def test_a_convolution_is_turned_round_as_by_hand():
    derivative = grad(convolution, argnums=(0, 1))
    derivative(IMAGE, KERNEL)
    assert "img_bar[i:i + kh, j:j + kw] += out_bar_item * ker\n" in derivative.source
    assert "ker_bar += " in derivative.source


# What is known ------------------------------------------------------------------------------


def slices(x, w, n):
    s = 0.0
    for i in range(len(x) - len(w) + 1):
        y = x[i : i + len(w)]
        y = x[i : i + n]
        y = x[i + 1 : i + len(w) + 1]
        y = x[i - 1 : i + 1]
        s += y.sum()
    for i in range(len(w), len(x)):
        for j in range(i):
            y = x[j:i]
            y = x[j : i + 1]
            y = x[j : i + 2]
            y = w[j:i]
            s += y.sum()
    return s


def test_only_what_is_shown_has_a_length():
    array = array_of(Slot(REAL), 1)
    function = lower_function(slices, {"x": array, "w": array, "n": INT})
    definitions = {result: op for op in walk(function.body) for result in op.results}
    shapes = Shapes(function, definitions)
    x, w, _ = function.parameters
    parts = [op.result for op in walk(function.body) if op.primitive is SUBSCRIPT]
    lengths = [shapes.of(part)[0] for part in parts]
    first, width, beyond, before, *others = lengths
    assert first == ("axis", w, 0)
    assert {width[0], beyond[0], before[0]} == {"between"}
    assert [length[0] for length in others] == ["counted", "counted", "between", "between"]
    assert all(length[1] == ("axis", x, 0) for length in (width, beyond, before))
