"""Arrays that objects and dicts hold: their gradients, in the structure of the argument."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from sourcediff import grad, value_and_grad

np = pytest.importorskip("numpy")

W = [[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]]
X = [0.3, -0.2, 0.4]


@dataclass
class Layer:
    w: Any
    b: float


class Frozen(NamedTuple):
    w: Any
    b: float


class Plain:
    def __init__(self, w, b):
        self.w = w
        self.b = b


def namespace(w, b):
    return SimpleNamespace(w=w, b=b)


def activation(layer, x):
    return np.tanh(layer.w @ x + layer.b).sum() + (layer.w[0] * layer.b).sum()


def rectified(layer, x):
    return np.maximum(layer.w @ x + layer.b, 0.0).sum()


def by_items(layer, x):
    total = 0.0
    for i in range(3):
        total += layer.w[0, i] * x[i] * layer.b
    for row in layer.w:
        total += row @ x
    return total


def on_a_copy(layer, x):
    y = layer.w.copy()
    y[0] *= 2.0
    y[1, 1:] += layer.b
    return (y @ x).sum() ** 2


def branched(layer, x):
    h = layer.w @ x
    if h[0] > 0:
        h = h * layer.b
    return h.sum()


def under_two_names(layer, x):
    w = layer.w
    return (w * layer.w).sum() + w[0, 0] * layer.b


def written(layer, x):
    layer.w[0] = layer.w[1] * layer.b
    return (layer.w @ x).sum()


def unused(layer, x):
    return layer.b * x[0]


def differences(f, make):
    """The gradient in `w` and in `b`, by central differences."""
    h = 1e-6

    def at(w, b):
        return f(make(w, b), np.array(X))

    slope = np.zeros((2, 3))
    for place in np.ndindex(2, 3):
        more, less = np.array(W), np.array(W)
        more[place] += h
        less[place] -= h
        slope[place] = (at(more, 0.5) - at(less, 0.5)) / (2 * h)
    return slope, (at(np.array(W), 0.5 + h) - at(np.array(W), 0.5 - h)) / (2 * h)


@pytest.mark.parametrize("make", [Layer, Frozen, Plain, namespace])
@pytest.mark.parametrize(
    "f",
    [
        activation,
        rectified,
        by_items,
        on_a_copy,
        branched,
        under_two_names,
        written,
        unused,
    ],
)
def test_the_gradient_has_the_arrays_of_the_argument(f, make):
    layer = make(np.array(W), 0.5)
    gradient = grad(f)(layer, np.array(X))
    assert type(gradient) is type(layer)
    slope, by_b = differences(f, make)
    np.testing.assert_allclose(gradient.w, slope, rtol=1e-6, atol=1e-8)
    assert gradient.b == pytest.approx(by_b, rel=1e-6, abs=1e-8)
    assert layer.w.tolist() == W
    value, again = value_and_grad(f)(layer, np.array(X))
    assert value == f(make(np.array(W), 0.5), np.array(X))
    np.testing.assert_allclose(again.w, gradient.w, rtol=1e-13)


def test_objects_in_objects_and_dicts():
    def loss(model, x):
        return (
            activation(model["first"], x) * model["pair"].layer.b
            + (model["pair"].layer.w ** 2).sum()
        )

    model = {
        "first": Layer(np.array(W), 0.5),
        "pair": SimpleNamespace(layer=Layer(np.array(W), 0.7), name="second"),
    }
    gradient = grad(loss)(model, np.array(X))
    slope, by_b = differences(activation, Layer)
    np.testing.assert_allclose(gradient["first"].w, 0.7 * slope, rtol=1e-6)
    assert gradient["first"].b == pytest.approx(0.7 * by_b, rel=1e-6)
    np.testing.assert_allclose(gradient["pair"].layer.w, 2.0 * np.array(W))
    assert gradient["pair"].name is None


def test_the_second_order_of_an_array_in_an_object_made_inside():
    x = np.array(X)

    def f(a):
        return activation(Layer(np.array(W) * a, a), x)

    h = 1e-6
    first = grad(f)
    expected = (first(0.3 + h) - first(0.3 - h)) / (2 * h)
    assert grad(first)(0.3) == pytest.approx(expected, rel=1e-6)
