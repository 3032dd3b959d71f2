"""With statements around ordinary code: the context is entered, also around the reverse."""

import math
import warnings
from contextlib import suppress

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, jvp, value_and_grad, vjp


def quiet_root(x):
    with np.errstate(divide="ignore"):
        y = math.sqrt(x) * x
    return y * y


def returns_inside(x):
    with np.errstate(all="ignore"):
        return math.exp(x) * x


def returns_on_one_way(x):
    with np.errstate(over="ignore"), warnings.catch_warnings():
        x = x * x
        z = x * 3
        if z > 5:
            return z * x
        z = z * x * x
    return z


def warns(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("not shown", stacklevel=1)
        y = math.log(x) * x
    return y * y


def in_turns(x):
    s = 1.0
    for _ in range(3):
        with np.errstate(all="ignore"):
            y = math.sqrt(x) * s
        s = s + y * x
    return s


def around_a_loop(x):
    with np.errstate(all="ignore"):
        s = 1.0
        for k in range(3):
            s = s * math.sqrt(x + k) + x
    return s * s


def around_a_try(x):
    with np.errstate(all="ignore"):
        y = x * x - 2.0
        try:
            k = math.log(y)
        except ValueError:
            k = y * y
    return k * k


def within_a_try(x):
    try:
        with np.errstate(all="ignore"):
            k = math.log(x - 1.5) * x
    except ValueError:
        k = x * x
    return k * k


def quiet_log(x):
    with np.errstate(all="ignore"):
        return math.log(x - 1.5) * x


def both(x):
    with suppress(ValueError):
        x = quiet_log(x)
    return x * x


@pytest.mark.parametrize("x", [1.1, 2.0])
@pytest.mark.parametrize(
    "function",
    [
        quiet_root,
        returns_inside,
        returns_on_one_way,
        warns,
        in_turns,
        around_a_loop,
        around_a_try,
        within_a_try,
        both,
    ],
)
def test_gradient(function, x):
    h = 1e-5
    value, slope = value_and_grad(function)(x)
    assert value == function(x)
    assert slope == pytest.approx((function(x + h) - function(x - h)) / (2 * h), rel=1e-6)
    bend = (grad(function)(x + h) - grad(function)(x - h)) / (2 * h)
    assert grad(grad(function))(x) == pytest.approx(bend, rel=1e-6)
    assert jvp(function, (x,), (1.0,)) == (value, pytest.approx(slope, rel=1e-12))
    assert vjp(function, x)[1](1.0) == (pytest.approx(slope, rel=1e-12),)


def test_the_reverse_is_as_quiet():
    def f(x):
        with np.errstate(divide="ignore", invalid="ignore"):
            y = np.where(x > 0.0, np.log(x), 0.0)
        return y.sum()

    x = np.array([0.0, 1.0, 2.0])
    assert grad(f)(x).tolist() == [0.0, 1.0, 0.5]


def test_the_text():
    slope = grad(quiet_root)
    assert slope(4.0) == 48.0
    assert slope.source.count('with np.errstate(divide="ignore"):') == 2


def test_another_context_is_refused():
    def f(x):
        with open(__file__):
            return x * x

    with pytest.raises(DifferentiationError, match="not supported"):
        grad(f)(1.0)


class KeepsBack:
    """A context that keeps errors back."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is ValueError


class Told:
    """A context that says when it is left."""

    def __enter__(self):
        print("in")

    def __exit__(self, *exc):
        print("out")


def test_a_context_that_keeps_errors_back_is_refused():
    def f(x):
        with KeepsBack():
            return x * x

    with pytest.raises(DifferentiationError, match="may keep it back") as refused:
        grad(f)(1.0)
    assert "try" in refused.value.help


def test_a_context_of_the_users_is_left_where_the_body_raises(capsys):
    def f(x):
        with Told():
            return math.log(x)

    assert grad(f)(2.0) == 0.5
    assert capsys.readouterr().out == "in\nout\n"
    with pytest.raises(ValueError):
        grad(f)(-1.0)
    assert capsys.readouterr().out == "in\nout\n"
