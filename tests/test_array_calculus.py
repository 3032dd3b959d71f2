"""`jacobian`, `hessian` and `hvp` of arrays, and of what holds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, hessian, hvp, jacobian, jvp

_RANDOM = np.random.default_rng(3)
MATRIX = _RANDOM.normal(size=(3, 2))
X = np.array([0.4, -0.7])
V = np.array([1.0, 0.5])


@dataclass
class Layer:
    weights: np.ndarray
    bias: float


class Model:
    def __init__(self, weights):
        self.weights = weights

    def predict(self, x):
        return np.tanh(self.weights @ x)


def affine(x):
    return np.tanh(MATRIX @ x)


def in_place(x, k):
    y = x.copy()
    for _ in range(3):
        y[1:] = y[:-1] * k
        y *= k + y.sum()
    return {"y": y, "sum": y.sum(), "count": 3, "name": "y"}


def of_a_layer(layer, x):
    return [(layer.weights @ x) * layer.bias, layer.bias**2]


def summed(x):
    return (x**3).sum() * x[0] + np.log1p(x @ x)


def of_a_dict(p):
    return np.sum((p["w"] @ X + p["b"]) ** 2) * p["b"]


def leaves(value):
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in leaves(item)]
    if isinstance(value, Layer):
        return [*leaves(value.weights), *leaves(value.bias)]
    if isinstance(value, str | None):
        return []
    return [np.asarray(value, dtype=float)]


def moved(value, along, step):
    if along is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {key: moved(item, along[key], step) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(moved(a, b, step) for a, b in zip(value, along, strict=True))
    if isinstance(value, Layer):
        return Layer(moved(value.weights, along.weights, step), moved(value.bias, along.bias, step))
    return value + step * along


def difference(function, primals, tangents, step=1e-6):
    ends = [
        leaves(function(*moved(tuple(primals), tuple(tangents), sign * step))) for sign in (1, -1)
    ]
    return [(one - other) / (2 * step) for one, other in zip(*ends, strict=True)]


def test_jacobians():
    np.testing.assert_allclose(
        jacobian(affine)(X), (1 - affine(X) ** 2)[:, None] * MATRIX, rtol=1e-12
    )
    found = jacobian(in_place, argnums=(0, 1))(X, 0.5)
    assert (found["y"][0].shape, found["y"][1].shape) == ((2, 2), (2,))
    assert (found["sum"][0].shape, found["name"]) == ((2,), None)
    expected = difference(in_place, (X, 0.5), (None, 1.0))
    np.testing.assert_allclose(found["y"][1], expected[0], rtol=1e-6)
    found = jacobian(lambda x: [x.sum() * x, 2.0 * x[0]])(X)
    np.testing.assert_allclose(found[0], X.sum() * np.eye(2) + X[:, None], rtol=1e-12)
    np.testing.assert_allclose(found[1], [2.0, 0.0], rtol=1e-12)
    assert jacobian(lambda x: np.outer(x, x))(X).shape == (2, 2, 2)


def test_hessians():
    found = hessian(summed)(X)
    np.testing.assert_allclose(found, found.T, rtol=1e-12)
    for k in range(2):
        expected = difference(grad(summed), (X,), (np.eye(2)[k],))[0]
        np.testing.assert_allclose(found[k], expected, rtol=1e-6)
    np.testing.assert_allclose(hvp(summed, (X,), (V,))[0], found @ V, rtol=1e-12)
    mixed = hessian(lambda x, k: k**2 * (x @ x), argnums=(0, 1))(X, 3.0)
    np.testing.assert_allclose(mixed[0][0], 18.0 * np.eye(2), rtol=1e-12)
    np.testing.assert_allclose(mixed[0][1], 12.0 * X, rtol=1e-12)
    np.testing.assert_allclose(mixed[1][0], 12.0 * X, rtol=1e-12)
    assert mixed[1][1] == pytest.approx(2.0 * X @ X, rel=1e-12)


def test_hessians_of_dicts():
    parameters = {"w": np.array([0.3, 0.2]), "b": 1.5}
    found = hessian(of_a_dict)(parameters)
    for name in ("w", "b"):
        for place in np.ndindex(np.shape(parameters[name])):
            along = {"w": np.zeros(2), "b": 0.0}
            if place:
                along[name][place] = 1.0
            else:
                along[name] = 1.0
            expected = difference(grad(of_a_dict), (parameters,), (along,))
            row = [found[name][other][place] if place else found[name][other] for other in "wb"]
            for one, other in zip(row, expected, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-8)


def test_hvp_in_some_arguments():
    def loss(x, y, n):
        return (x @ x) * (y**n).sum()

    first, second, third = hvp(loss, (X, X + 1.0, 2), (V, None, None))
    np.testing.assert_allclose(first, 2.0 * V * ((X + 1.0) ** 2).sum(), rtol=1e-12)
    assert second is third is None


def test_of_objects_and_methods():
    found = jacobian(of_a_layer)(Layer(MATRIX, 0.5), X)
    np.testing.assert_allclose(found[0].bias, MATRIX @ X, rtol=1e-12)
    np.testing.assert_allclose(
        found[0].weights, 0.5 * np.eye(3)[:, :, None] * X, rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(found[1].bias, 1.0, rtol=1e-12)
    found = jacobian(Model(MATRIX).predict)(X)
    np.testing.assert_allclose(found, jacobian(affine)(X), rtol=1e-12)


def test_a_direction_of_another_shape():
    with pytest.raises(DifferentiationError, match=r"has the shape \(2,\), and what belongs to it"):
        hvp(summed, (X,), (np.ones(3),))


def test_the_caller_s_arrays_stay():
    def changes(x):
        x *= 2.0
        return x * x

    x = X.copy()
    np.testing.assert_allclose(jacobian(changes)(x), np.diag(8.0 * X), rtol=1e-12)
    np.testing.assert_array_equal(x, X)


def normalised(x):
    y = x / np.linalg.norm(x)
    return np.sort(y)[0] * np.linalg.det(np.eye(2) + np.outer(y, x)) * np.where(x > 0, x, 2 * x)


def test_tangents_by_reverse_mode():
    """Where forward mode knows a function of NumPy less well than reverse mode does."""
    value, tangent = jvp(normalised, (X,), (V,))
    np.testing.assert_array_equal(value, normalised(X))
    np.testing.assert_allclose(tangent, difference(normalised, (X,), (V,))[0], rtol=1e-6)
    again = jvp(normalised, (2.0 * X,), (V,))[1]
    np.testing.assert_allclose(again, difference(normalised, (2.0 * X,), (V,))[0], rtol=1e-6)
    with pytest.raises(DifferentiationError):
        jvp(normalised, (X,), (np.ones(3),))


def by_layers(q):
    total = 0.0
    for layer in q["layers"]:
        total += (layer["x"] * layer["x"]).sum() * q["s"]
    return total


def by_changed_layers(q):
    total = 0.0
    for layer in q["layers"]:
        x = layer["x"]
        x *= 2.0
        total += (x * x).sum() * q["s"]
    return total


def test_a_direction_does_not_count_twice():
    """One array in two places has one gradient, which was taken along the direction in both."""
    one, v = {"x": X}, {"x": V}
    along = {"layers": [v, v], "s": 0.0}
    for layers in ([one, one], [one, {"x": X}], [one, {"x": X[:]}]):
        with pytest.raises(DifferentiationError, match="in two places"):
            hvp(by_changed_layers, ({"layers": layers, "s": 2.0},), (along,))
        # Where nothing is changed, each place has a gradient of its own.
        (found,) = hvp(by_layers, ({"layers": layers, "s": 2.0},), (along,))
        assert found["layers"][1]["x"] == pytest.approx(4.0 * V)
    apart = [one, {"x": X.copy()}]
    (found,) = hvp(by_changed_layers, ({"layers": apart, "s": 2.0},), (along,))
    assert found["layers"][0]["x"] == pytest.approx(16.0 * V)


def writes(a):
    a[0] = 2.0 * a[0]
    a *= a
    return (a * a).sum()


def test_the_direction_may_be_the_argument_itself():
    """It was one object with it, to the code, and the argument had the gradients of both."""
    x = np.array([1.0, 2.0])
    assert hvp(writes, (x,), (x,))[0] == pytest.approx([192.0, 96.0])
    assert hvp(writes, (x,), (x[:],))[0] == pytest.approx([192.0, 96.0])
    value, tangent = jvp(grad(writes))((x,), (x,))
    assert value == pytest.approx([64.0, 32.0])
    assert tangent == pytest.approx([192.0, 96.0])
