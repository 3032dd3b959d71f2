"""Loops that find things by keys which they compute, where it is known how many turns they take."""

from textwrap import dedent

import numpy as np
import pytest

from sourcediff import grad


def parameters(*sizes):
    random = np.random.default_rng(7)
    found = {}
    for i, (rows, columns) in enumerate(zip(sizes[1:], sizes, strict=False)):
        found[f"W{i}"] = random.normal(size=(rows, columns))
        found[f"b{i}"] = random.normal(size=rows)
    return found


def network(params, x):
    h = x
    for i in range(2):
        h = np.tanh(params[f"W{i}"] @ h + params[f"b{i}"])
    return np.sum(h**2)


def counted_from_the_dict(params, x):
    n = len(params) // 2
    h = x
    for i in range(n - 1):
        h = np.tanh(params["W" + str(i)] @ h + params[f"b{i}"])
    h = params[f"W{n - 1}"] @ h + params[f"b{n - 1}"]
    return np.sum(h**2)


def with_a_cache(params, x):
    cache = {"A0": x}
    for layer in range(1, 3):
        before = cache[f"A{layer - 1}"]
        cache[f"Z{layer}"] = params[f"W{layer - 1}"] @ before + params[f"b{layer - 1}"]
        cache[f"A{layer}"] = np.maximum(cache[f"Z{layer}"], 0.0)
    return np.sum(cache["A2"] ** 2)


def with_a_cache_that_is_empty(params, x):
    cache = {}
    cache["A0"] = x
    for layer in range(2):
        z = params[f"W{layer}"] @ cache[f"A{layer}"] + params[f"b{layer}"]
        cache[f"A{layer + 1}"] = np.tanh(z)
    return np.sum(cache["A2"] ** 2)


def in_a_comprehension(params, x):
    return sum(np.sum(params[f"W{i}"] ** 2) for i in range(2)) + np.sum(x)


def within_another_loop(params, x):
    total = 0.0
    for _ in range(40):
        h = x + total
        for i in reversed(range(2)):
            h = h * np.sum(params[f"b{i}"])
        for i in range(2):
            total = total * 0.5 + np.sum(np.tanh(params[f"W{i}"])) * np.mean(h)
    return total


PROGRAMS = (
    network,
    counted_from_the_dict,
    with_a_cache,
    with_a_cache_that_is_empty,
    in_a_comprehension,
    within_another_loop,
)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_the_gradient_is_that_of_differences(program):
    params, x = parameters(3, 4, 2), np.array([0.3, -0.5, 0.8])
    gradient = grad(program)
    found = gradient(params, x)
    assert gradient.__sourcediff__.latest.is_general == (program is within_another_loop)
    assert list(found) == list(params)
    for key in params:
        for place in np.ndindex(*params[key].shape):
            moved = []
            for step in (1e-6, -1e-6):
                there = {k: v.copy() for k, v in params.items()}
                there[key][place] += step
                moved.append(program(there, x))
            estimate = (moved[0] - moved[1]) / 2e-6
            assert np.isclose(found[key][place], estimate, rtol=1e-5, atol=1e-7)


def test_a_network_is_written_layer_by_layer():
    gradient = grad(network)
    gradient(parameters(3, 4, 2), np.array([0.3, -0.5, 0.8]))
    assert gradient.source == dedent(
        """\
        import numpy as np


        def grad_network(params, x):
            h = np.tanh(params["W0"] @ x + params["b0"])
            h_1 = np.tanh(params["W1"] @ h + params["b1"])
            # adjoint of: return np.sum(h**2)
            h_1_bar = 2.0 * h_1
            # adjoint of: h = np.tanh(params[f"W{i}"] @ h + params[f"b{i}"])
            b1_bar = h_1_bar * (1 - h_1 * h_1)
            W1_bar = np.outer(b1_bar, h)
            h_bar = params["W1"].T @ b1_bar
            # adjoint of: h = np.tanh(params[f"W{i}"] @ h + params[f"b{i}"])
            b0_bar = h_bar * (1 - h * h)
            W0_bar = np.outer(b0_bar, x)
            return {"W0": W0_bar, "b0": b0_bar, "W1": W1_bar, "b1": b1_bar}
        """
    )
