"""Parameters as lists of pairs of arrays, ``[(W, b), …]``: text as for arrays of their own."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp, value_and_grad, vjp

rng = np.random.default_rng(11)
PAIRS = [
    (rng.normal(size=(3, 4)), rng.normal(size=3)),
    (rng.normal(size=(2, 3)), rng.normal(size=2)),
]
X = rng.normal(size=4)


def network(params: Any, x: Any) -> Any:
    for W, b in params:
        x = np.tanh(W @ x + b)
    return np.sum(x**2)


def network_by_number(params: Any, x: Any) -> Any:
    for k, (W, b) in enumerate(params):
        x = W @ x + b
        if k < len(params) - 1:
            x = np.tanh(x)
    return x @ x + 0.1 * sum(np.sum(W**2) for W, _ in params)


def network_with_output(params: Any, x: Any) -> Any:
    for W, b in params[:-1]:
        x = np.maximum(W @ x + b, 0.0)
    W, b = params[-1]
    return np.sum((W @ x + b) ** 2)


def updated(params: Any, x: Any) -> Any:
    return network([(W - 0.1 * W**2, b * x[0]) for W, b in params], x)


def written_to(params: Any, x: Any) -> Any:
    W, b = params[0]
    W[0] = x * b[0]
    return network(params, x)


def left_early(params: Any, x: Any) -> Any:
    for W, b in params:
        x = np.tanh(W @ x + b)
        if x[0] > 100.0:
            break
    return x @ x


def exchanged(params: Any, x: Any) -> Any:
    params[0], params[1] = params[1], params[0]
    return network(params[::-1], x)


PROGRAMS = [
    *(network, network_by_number, network_with_output, updated),
    *(written_to, left_early, exchanged),
]


def differences(program: Any, params: Any, x: Any) -> list[list[Any]]:
    """The derivatives in all arrays of the pairs."""
    found = []
    for place, pair in enumerate(params):
        found.append([np.zeros_like(array) for array in pair])
        for part, array in enumerate(pair):
            for index in np.ndindex(array.shape):
                values = []
                for change in (1e-6, -1e-6):
                    moved = copy.deepcopy(params)
                    moved[place][part][index] += change
                    values.append(program(moved, x))
                found[place][part][index] = (values[0] - values[1]) / 2e-6
    return found


@pytest.mark.parametrize(
    ("program", "pair"),
    [(p, tuple) for p in PROGRAMS] + [(p, list) for p in PROGRAMS if p is not left_early],
)
def test_gradient_in_the_pairs(program: Any, pair: Any) -> None:
    params = [pair(layer) for layer in copy.deepcopy(PAIRS)]
    value, found = value_and_grad(program)(params, X)
    assert value == program(copy.deepcopy(params), X)
    assert type(found) is list and all(type(layer) is pair for layer in found)
    for layer, expected, given in zip(found, differences(program, params, X), PAIRS, strict=True):
        for one, other, array in zip(layer, expected, given, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
            assert one.dtype == array.dtype and one.shape == array.shape
    for layer, given in zip(params, PAIRS, strict=True):
        assert all(map(np.array_equal, layer, given))


def test_the_text_is_that_of_arrays() -> None:
    gradient = grad(network)
    gradient(PAIRS, X)
    assert gradient.source == (
        "import numpy as np\n"
        "\n"
        "\n"
        "def grad_network(params, x):\n"
        "    params_0, params_1 = params\n"
        "    W, b = params_0\n"
        "    W_1, b_1 = params_1\n"
        "    x_1 = np.tanh(W @ x + b)\n"
        "    x_2 = np.tanh(W_1 @ x_1 + b_1)\n"
        "    # adjoint of: return np.sum(x**2)\n"
        "    x_2_bar = 2.0 * x_2\n"
        "    # adjoint of: x = np.tanh(W @ x + b)\n"
        "    b_1_bar = x_2_bar * (1 - x_2 * x_2)\n"
        "    W_1_bar = np.outer(b_1_bar, x_1)\n"
        "    x_1_bar = W_1.T @ b_1_bar\n"
        "    # adjoint of: x = np.tanh(W @ x + b)\n"
        "    b_bar = x_1_bar * (1 - x_1 * x_1)\n"
        "    W_bar = np.outer(b_bar, x)\n"
        "    return [(W_bar, b_bar), (W_1_bar, b_1_bar)]\n"
    )


def test_one_array_in_two_layers() -> None:
    W, b = np.eye(3), np.ones(3)
    x = np.arange(1.0, 4.0)
    found = grad(written_to, "x")([(W, b), (W, b)], x)
    moved = []
    for index in range(3):
        values = []
        for change in (1e-6, -1e-6):
            W, other = np.eye(3), x.copy()
            other[index] += change
            values.append(written_to([(W, b), (W, b)], other))
        moved.append((values[0] - values[1]) / 2e-6)
    np.testing.assert_allclose(found, moved, rtol=1e-5, atol=1e-6)


def test_other_numbers_of_layers_are_compiled_anew() -> None:
    gradient = grad(network)
    three = [*PAIRS, (rng.normal(size=(2, 2)), rng.normal(size=2))]
    for params in (PAIRS, three, PAIRS[:1], PAIRS):
        for layer, expected in zip(
            gradient(params, X), differences(network, params, X), strict=True
        ):
            for one, other in zip(layer, expected, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_single_precision_stays() -> None:
    single = [(W.astype(np.float32), b.astype(np.float32)) for W, b in PAIRS]
    found = grad(network)(single, X.astype(np.float32))
    assert all(array.dtype == np.float32 for layer in found for array in layer)


def test_the_other_modes() -> None:
    direction = [(np.ones_like(W), np.ones_like(b)) for W, b in PAIRS]
    gradient = grad(network)(PAIRS, X)
    along = sum(np.sum(array) for layer in gradient for array in layer)
    _, tangent = jvp(network, (PAIRS, X), (direction, np.zeros_like(X)))
    np.testing.assert_allclose(tangent, along, rtol=1e-12)
    _, pullback = vjp(network, PAIRS, X)
    for layer, expected in zip(pullback(1.0)[0], gradient, strict=True):
        assert all(map(np.allclose, layer, expected))
    twice = hvp(network, (PAIRS, X), (direction, np.zeros_like(X)))
    step = 1e-6
    ends = [grad(network)([(W + s, b + s) for W, b in PAIRS], X) for s in (step, -step)]
    for layer, above, below in zip(twice[0], *ends, strict=True):
        for one, high, low in zip(layer, above, below, strict=True):
            np.testing.assert_allclose(one, (high - low) / (2 * step), rtol=1e-4, atol=1e-5)
