"""What users hand to `grad`: callables of every kind, annotated functions, and mistakes."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, hessian, jvp, value_and_grad, vjp


def loss(w, X, y, reg=0.1):
    """A loss."""
    return np.mean((X @ w - y) ** 2) + reg * np.sum(w**2)


def scaled(x, y, z=1.0):
    return x * y * z + math.sin(x)


class Polynomial:
    def __init__(self, coefficients):
        self.coefficients = coefficients

    def __call__(self, x):
        return sum(c * x**i for i, c in enumerate(self.coefficients))


X = np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 3.0]])
Y = np.array([1.0, 0.0, 2.0])
W = np.array([0.1, 0.2])

# Callables ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "args", "keywords", "argnums", "expected"),
    [
        (functools.partial(scaled, 2.0), (3.0,), {}, 0, 2.0),
        (functools.partial(scaled, 2.0), (3.0, 4.0), {}, (0, 1), (8.0, 6.0)),
        (functools.partial(scaled, y=3.0), (2.0,), {}, 0, math.cos(2.0) + 3.0),
        (functools.partial(scaled, y=3.0), (2.0,), {"y": 5.0}, "y", 2.0),
        (functools.partial(functools.partial(scaled, 2.0), z=3.0), (3.0,), {}, "z", 6.0),
        (math.sin, (1.0,), {}, 0, math.cos(1.0)),
        (math.atan2, (1.0, 2.0), {}, (0, 1), (0.4, -0.2)),
        (np.tanh, (1.0,), {}, 0, 1 - math.tanh(1.0) ** 2),
        (np.arctan2, (1.0, 2.0), {}, 1, -0.2),
        (Polynomial([1.0, 2.0, 3.0]), (2.0,), {}, 0, 14.0),
    ],
)
def test_callables(function, args, keywords, argnums, expected):
    derivative = grad(function, argnums=argnums)
    assert derivative(*args, **keywords) == pytest.approx(expected, rel=1e-12)
    assert derivative.primal is function


def test_a_partial_of_arrays():
    function = functools.partial(loss, X=X, y=Y)
    expected = 2 * X.T @ (X @ W - Y) / 3 + 0.2 * W
    value, found = value_and_grad(function)(W)
    assert value == loss(W, X, Y)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(grad(function)(W, reg=0.0), expected - 0.2 * W, rtol=1e-12)


def test_a_partial_looks_like_its_function():
    derivative = grad(functools.partial(loss, X=X, y=Y))
    derivative(W)
    assert derivative.__name__ == "loss"
    assert derivative.__doc__ == "Gradient of loss with respect to w.\n\nA loss."
    assert list(inspect.signature(derivative).parameters) == ["w", "X", "y", "reg"]
    assert "# adjoint of: return loss(w, X=X, y=y, reg=reg)" in derivative.source


def test_an_object_is_read_anew():
    polynomial = Polynomial([1.0, 2.0, 3.0])
    derivative = grad(polynomial)
    assert derivative(2.0) == 14.0
    polynomial.coefficients[2] = 0.0
    assert derivative(2.0) == 2.0
    assert derivative.source.startswith("def grad_polynomial(self, x):")


def test_callables_in_other_modes():
    polynomial = Polynomial([1.0, 2.0, 3.0])
    assert jvp(math.sin, (1.0,), (1.0,)) == (math.sin(1.0), math.cos(1.0))
    assert vjp(polynomial, 2.0)[1](1.0) == (14.0,)
    assert hessian(polynomial)(2.0) == 6.0
    assert grad(grad(polynomial))(2.0) == 6.0


# Annotations --------------------------------------------------------------------------------


@dataclass
class Spring:
    stiffness: float
    lengths: list[float]

    def __post_init__(self):
        raise AssertionError("no code of the class runs")


class Point(NamedTuple):
    x: float
    y: float


def over_a_list(xs: list[float], k: float):
    return sum(k * x for x in xs)


def over_rows(rows: Sequence[Sequence[float]], p: Point):
    return rows[0][1] * p.x * p.y


def of_an_object(spring: Spring) -> float:
    return spring.stiffness * sum(spring.lengths)


@pytest.mark.parametrize("function", [over_a_list, over_rows, of_an_object])
def test_annotations_tell_the_types(function):
    """There is a text before any call, and it is the one that the call uses."""
    assert f"def grad_{function.__name__}(" in grad(function).source


def test_what_annotations_tell_serves_the_call():
    derivative = grad(over_a_list)
    before = derivative.source
    assert derivative([1.0, 2.0], 3.0) == [3.0, 3.0]
    assert derivative.source == before
    assert derivative((1.0, 2.0), 3.0) == (3.0, 3.0)  # whatever the annotation says


def test_before_a_call_the_types_are_not_known():
    def total(values):
        return sum(values)

    with pytest.raises(DifferentiationError, match="sum over a number") as caught:
        str(grad(total).source)
    assert "note: values is taken for a number" in caught.value.__notes__[-1]


def test_an_annotation_that_only_a_call_can_settle():
    def total(x: np.ndarray):
        return x.sum()

    derivative = grad(total)
    with pytest.raises(DifferentiationError, match="are not known yet"):
        str(derivative.source)
    np.testing.assert_array_equal(derivative(W), np.ones(2))


# Mistakes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message", "help"),
    [
        (Polynomial, "'Polynomial' is a class, not a function", "one of its methods"),
        (3.0, "a function is differentiated, not a value: this is a float", "grad(f)(x), not"),
        (abs, "cannot differentiate 'abs': it is no function written in Python", "wrap it"),
    ],
)
def test_no_function(given, message, help):
    with pytest.raises(DifferentiationError) as caught:
        grad(given)
    assert caught.value.msg == message
    assert help in caught.value.help


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (Fraction(1, 2), "a Fraction is not supported; pass float(…) of it"),
        (Decimal("0.5"), "a Decimal is not supported; pass float(…) of it"),
        (np.array([1, 2]), "is an array of whole numbers or truth values, which cannot be"),
    ],
)
def test_no_real_number(argument, message):
    with pytest.raises(DifferentiationError) as caught:
        grad(lambda x: np.sum(x * x))(argument)
    assert message in caught.value.msg
