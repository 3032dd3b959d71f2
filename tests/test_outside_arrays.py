"""Arrays that a function finds outside of itself: the data of a loss, a matrix, a table of them."""

import importlib.util
from types import SimpleNamespace

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, jvp, value_and_grad, vjp

_RANDOM = np.random.default_rng(5)
X = _RANDOM.normal(size=(4, 3))
Y = _RANDOM.normal(size=4)
PLACES = np.array([0, 2, 2])
MASK = np.array([True, False, True])
DATA = {"X": X, "y": Y}
BATCHES = [X, 2.0 * X[:2]]
MODEL = SimpleNamespace(X=X, scale=0.5)
NUMBERS = [1.0, 2.0]
W = np.array([0.3, -0.2, 0.9])


def differences(function, w, step=1e-6):
    found = np.zeros_like(w)
    for place in np.ndindex(w.shape):
        moved = np.zeros_like(w)
        moved[place] = step
        found[place] = (function(w + moved) - function(w - moved)) / (2 * step)
    return found


def squares(w):
    return np.mean((X @ w - Y) ** 2)


def by_rows(w):
    total = 0.0
    for row, target in zip(X, Y, strict=True):
        total += (row @ w - target) ** 2
    return total


def from_a_dict(w):
    return ((DATA["X"] @ w - DATA["y"]) ** 2).sum()


def over_batches(w):
    return sum((batch @ w).sum() ** 2 for batch in BATCHES)


def from_an_object(w):
    return ((MODEL.X @ w) ** 2).sum() * MODEL.scale


def chosen(w):
    return (w[PLACES] ** 3).sum() + w[MASK].max()


def changed_copy(w):
    own = X.copy()
    own[0] *= w
    own[1:] += own[0]
    return (own**2).sum() + np.where(Y > 0, Y, 0.0).sum() * w[0]


FUNCTIONS = [
    squares,
    by_rows,
    from_a_dict,
    over_batches,
    from_an_object,
    chosen,
    changed_copy,
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradient(function):
    before = X.copy()
    value, found = value_and_grad(function)(W)
    assert value == function(W)
    np.testing.assert_allclose(found, differences(function, W), rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_its_text_is_short(function):
    """None of them needs the general form."""
    derivative = grad(function)
    derivative(W)
    assert len(derivative.source.splitlines()) < 30


def test_text():
    derivative = grad(from_an_object)
    derivative(W)
    assert "MODEL_X.T @" in derivative.source


def test_of_an_enclosing_function():
    def made(rows):
        def loss(w):
            return ((rows @ w) ** 2).sum()

        return loss

    np.testing.assert_allclose(grad(made(X))(W), 2 * X.T @ (X @ W), rtol=1e-12)


def test_in_numbers_and_in_both_modes():
    def loss(k):
        return (k * Y.sum()) ** 2

    expected = 2 * 1.5 * Y.sum() ** 2
    assert grad(loss)(1.5) == pytest.approx(expected, rel=1e-12)
    assert jvp(loss, (1.5,), (1.0,))[1] == pytest.approx(expected, rel=1e-12)
    assert vjp(loss, 1.5)[1](1.0)[0] == pytest.approx(expected, rel=1e-12)


def test_read_anew_at_every_call():
    """Another array, other numbers in it, other axes; nothing is compiled for the first two."""
    world = {"np": np, "A": X.copy()}

    def loss(w):
        return np.sum((A @ w) ** 2)  # noqa: F821

    loss = type(loss)(loss.__code__, world)
    derivative = grad(loss)

    def expected():
        return 2 * world["A"].T @ (world["A"] @ W)

    np.testing.assert_allclose(derivative(W), expected(), rtol=1e-12)
    code = derivative.__wrapped__
    world["A"] = X[::-1] * 3.0
    np.testing.assert_allclose(derivative(W), expected(), rtol=1e-12)
    world["A"][0, 0] = 7.0
    np.testing.assert_allclose(derivative(W), expected(), rtol=1e-12)
    assert derivative.__wrapped__ is code
    world["A"] = X[:1]
    np.testing.assert_allclose(derivative(W), expected(), rtol=1e-12)
    world["A"] = X[0]
    np.testing.assert_allclose(derivative(W), 2 * X[0] * (X[0] @ W), rtol=1e-12)


def test_items_are_read_anew_too():
    table = {"A": X, "b": Y}

    def loss(w):
        return np.sum((table["A"] @ w) * table["b"])

    derivative = grad(loss)
    np.testing.assert_allclose(derivative(W), X.T @ Y, rtol=1e-12)
    table["b"] = np.array([2.0])
    np.testing.assert_allclose(derivative(W), 2.0 * X.T @ np.ones(4), rtol=1e-12)
    table["A"] = X[0]
    np.testing.assert_allclose(derivative(W), 2.0 * X[0], rtol=1e-12)


def doubled(w):
    w *= 2
    return (w * Y).sum()


def doubled_beside_a_table(w):
    w *= 2
    return (w * DATA["y"]).sum()


def doubled_list(xs):
    xs[0] *= 2
    return xs[0] * NUMBERS[0]


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (doubled, Y),
        (doubled, Y[:]),
        (doubled_beside_a_table, Y),
        (doubled_list, NUMBERS),
    ],
)
def test_an_argument_that_is_changed_and_is_the_variable_outside(function, argument):
    """Its derivative by itself would be another one; it was given, in silence."""
    with pytest.raises(DifferentiationError, match="and the variables outside"):
        grad(function)(argument)


def test_what_is_saved_imports_them(tmp_path):
    path = tmp_path / "saved.py"
    derivative = grad(squares)
    expected = derivative(W)
    derivative.save(path)
    spec = importlib.util.spec_from_file_location("saved", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    np.testing.assert_array_equal(module.grad_squares(W), expected)


def weighted(x, weights=np.array([1.0, 2.0, 3.0])):
    return (x * weights).sum()


def test_default_of_a_helper():
    def loss(x):
        return weighted(x) ** 2

    np.testing.assert_allclose(
        grad(loss)(W), 2 * weighted(W) * weighted.__defaults__[0], rtol=1e-12
    )


def test_what_is_nested_is_read_anew():
    """Another number of axes, two levels down, was met with the code for the old one."""
    table = {"train": {"X": X, "y": Y}, "layers": [{"W": np.eye(3)}]}

    def loss(w):
        for layer in table["layers"]:
            w = layer["W"] @ w
        return ((table["train"]["X"] @ w - table["train"]["y"]) ** 2).sum()

    derivative = grad(loss)
    np.testing.assert_allclose(derivative(W), differences(loss, W), rtol=1e-6)
    table["train"]["X"] = X[:1]
    np.testing.assert_allclose(derivative(W), differences(loss, W), rtol=1e-6)
    table["train"]["X"] = X[0]
    np.testing.assert_allclose(derivative(W), differences(loss, W), rtol=1e-6)
    table["layers"].append({"W": 2.0 * np.eye(3)})
    np.testing.assert_allclose(derivative(W), differences(loss, W), rtol=1e-6)
