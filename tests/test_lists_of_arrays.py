"""Lists of arrays that loops build, and what is stacked of them: against differences."""

import numpy as np
import pytest

from sourcediff import grad, value_and_grad


def hidden_states(x, s, n):
    states = []
    h = x
    for _ in range(n):
        h = np.tanh(h * s)
        states.append(h)
    return np.sum(np.stack(states) ** 2)


def hidden_states_as_an_array(x, s, n):
    states = []
    h = x
    for _ in range(n):
        h = np.tanh(h * s)
        states.append(h)
    return np.sum(np.array(states) ** 2)


def changed_after_it_was_stacked(x, s, n):
    states = [x * k for k in range(1, n + 1)]
    whole = np.stack(states)
    states[0] *= s
    whole[0] *= states[0]
    return np.sum(whole * whole)


PROGRAMS = [hidden_states, hidden_states_as_an_array, changed_after_it_was_stacked]


@pytest.mark.parametrize("function", PROGRAMS)
def test_gradients(function):
    x = np.array([0.3, -0.8])
    value, (x_bar, s_bar) = value_and_grad(function, (0, 1))(x, 1.7, 3)
    assert value == function(x, 1.7, 3)
    steps = 1e-6 * np.eye(2)
    expected = [(function(x + h, 1.7, 3) - function(x - h, 1.7, 3)) / 2e-6 for h in steps]
    np.testing.assert_allclose(x_bar, expected, rtol=1e-6, atol=1e-8)
    expected = (function(x, 1.7 + 1e-6, 3) - function(x, 1.7 - 1e-6, 3)) / 2e-6
    np.testing.assert_allclose(s_bar, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("function", PROGRAMS)
def test_single_precision_stays(function):
    x = np.array([0.3, -0.8], dtype=np.float32)
    value, (x_bar, _) = value_and_grad(function, (0, 1))(x, 1.7, 3)
    assert value.dtype == function(x, 1.7, 3).dtype == np.float32
    assert value == function(x, 1.7, 3)
    assert x_bar.dtype == np.float32


def test_no_arrays_are_not_stacked():
    with pytest.raises(ValueError, match="at least one array"):
        hidden_states(np.ones(2), 1.7, 0)
    with pytest.raises(ValueError, match="at least one array"):
        grad(hidden_states)(np.ones(2), 1.7, 0)
