"""Defaults that are dicts, texts with %, keys that one arm lacks, unlike arms of an expression."""

# ruff: noqa: UP031

import numpy as np
import pytest

from sourcediff import grad, jvp
from tests.test_array_everyday import holds

V = np.array([0.3, 0.7, 1.1, 0.5])
DEFAULT = {"k": 2, "scale": 0.5}


def powers(x, settings={"k": 3, "scale": 0.5}):  # noqa: B006
    return np.sum(settings["scale"] * x ** settings["k"])


def reshaped(x, settings={"k": 2}):  # noqa: B006
    return np.sum(np.tanh(x.reshape(settings["k"], -1)).sum(axis=0) ** 2)


def by_keyword(x, *, weights=[1.0, 2.0, 3.0, 4.0]):  # noqa: B006
    return np.sum(weights[1] * x**2)


def scaled(x, settings=DEFAULT):
    return settings["scale"] * x ** settings["k"]


def of_a_helper(x):
    return np.sum(scaled(x))


@pytest.mark.parametrize("f", [powers, reshaped, by_keyword, of_a_helper])
def test_defaults_in_every_mode(f):
    holds(f, V)
    assert jvp(f, (V,), (V,))[1] == pytest.approx(grad(f)(V) @ V)


def test_a_default_that_changes():
    derivative = grad(of_a_helper)
    assert derivative(V) == pytest.approx(V)
    try:
        DEFAULT["k"] = 3
        assert derivative(V) == pytest.approx(1.5 * V**2)
        DEFAULT["scale"] = np.array([1.0, 2.0, 3.0, 4.0])
        assert derivative(V) == pytest.approx(3.0 * V**2 * DEFAULT["scale"])
    finally:
        DEFAULT.update(k=2, scale=0.5)


def normalised(x, settings):
    mode = settings["mode"]
    if mode == "train":
        mean = x.mean(axis=0)
        y = (x - mean) / np.sqrt(x.var(axis=0) + 1e-5)
        settings["mean"] = mean
    elif mode == "test":
        y = x - settings["mean"]
    else:
        raise ValueError('no mode "%s" of %d values' % (mode, x.size))
    return np.sum(y**3)


def test_a_key_that_one_arm_lacks():
    x = np.sin(np.arange(6.0)).reshape(3, 2)
    holds(lambda x, settings: normalised(x, settings), x, {"mode": "train"}, order_two=False)
    holds(normalised, x, {"mode": "test", "mean": np.array([0.1, 0.2])}, order_two=False)
    with pytest.raises(KeyError, match="mean"):
        grad(normalised)(x, {"mode": "test"})
    with pytest.raises(ValueError, match='no mode "none" of 6 values'):
        grad(normalised)(x, {"mode": "none"})


def found_late(x):
    held = {}
    total = 0.0
    for i in range(3):
        if i > 0:
            total = total + held["last"]
        held["last"] = x[i]
    return total * total


def caught(x):
    held = {"b": x[0]}
    try:
        y = held["a"]
    except KeyError:
        y = held["b"] ** 2
    return y * x[1]


def test_keys_in_loops_and_tries():
    assert grad(found_late)(V) == pytest.approx([2.0, 2.0, 0.0, 0.0])
    assert grad(caught)(V) == pytest.approx([2.0 * V[0] * V[1], V[0] ** 2, 0.0, 0.0])


def with_texts(x, n):
    sizes = {"W1": 2.0, "3%": 3.0}
    assert x[0] < 100, "%s is %r" % (x, n)
    return np.sum(x**2) * sizes["W%d" % 1] * sizes["%d%%" % 3] + len("%.2f" % x[0]) * x[1]


def test_texts():
    holds(with_texts, V, 2)


def weighed(x, y, alpha):
    w = 1.0 if alpha is None else np.where(y == 1, alpha, 1 - alpha)
    return np.mean(w * x**2)


def twice(x, k):
    w = 2.0 if k > 0 else x
    v = x if k > 1 else 3.0
    return np.sum(w * x * v)


def times(x, k):
    w = 2.0 if k > 0 else x
    return w * x


def in_calls(x, k):
    return np.sum(times(x, k) * times(2 * x, k - 1))


def in_a_chain(x, k):
    a = b = 2.0 if k > 0 else x
    return np.sum(a * x + b)


def test_unlike_arms_of_expressions():
    labels = np.array([0, 1, 1, 0])
    for alpha in (None, 0.3):
        holds(weighed, V, labels, alpha)
    for k in (2.0, 0.5, -1.0):
        for f in (twice, in_calls, in_a_chain):
            holds(f, V, k)
