"""Gradients of functions that go through things: with `map`, `sorted`, `itertools`, tuples."""

import math

import pytest

from sourcediff import grad, value_and_grad
from tests.test_lists import copied, differences, leaves, second, wrt

PROGRAMS = []


def program(*args):
    def register(function):
        PROGRAMS.append(pytest.param(function, args, id=function.__name__))
        return function

    return register


MATRIX = [[1.0, 2.0], [3.0, 4.0]]


@program(MATRIX)
def sum_of_sums(m):
    return sum(sum(row) ** 2 for row in m)


@program(MATRIX)
def product_of_sums_of_rows(m):
    return sum(m[0]) * sum(m[1]) + math.fsum(m[0])


@program([1.0, 2.0])
def sums_of_rows_that_are_appended(xs):
    rows = []
    for x in xs:
        row = []
        for k in range(3):
            row.append(x**k)
        rows.append(row)
    return sum(sum(row) for row in rows)


@pytest.mark.parametrize(("function", "args"), PROGRAMS)
def test_gradients_are_those_of_differences(function, args):
    given = copied(args)
    value, gradient = value_and_grad(function, argnums=wrt(args))(*given)
    assert repr(given) == repr(copied(args)), "the arguments were changed"
    assert repr(value) == repr(function(*copied(args)))
    assert leaves(gradient) == pytest.approx(differences(function, args, 1e-6), rel=1e-6, abs=1e-7)
    assert all(type(number) is float for number in leaves(gradient))


@pytest.mark.parametrize(("function", "args"), PROGRAMS)
def test_second_derivatives_are_those_of_differences(function, args):
    first = grad(function, argnums=wrt(args))
    weights = [math.sin(k + 1.0) for k in range(len(leaves(args)))]

    def along(*args):
        return sum(w * g for w, g in zip(weights, leaves(first(*args)), strict=False))

    expected = differences(along, args, 1e-5)
    total = [0.0] * len(expected)
    for place, weight in enumerate(weights[: len(expected)]):
        entry = second(function, args, place)
        total = [t + weight * e for t, e in zip(total, entry, strict=False)]
    assert total == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (lambda x, n: n * x, (2.0, 3), 3.0),
        (lambda xs, n: sum(n * x for x in xs), ([2.0, 1.0], 3), [3.0, 3.0]),
        (lambda t, n: n * t[0], ((2.0, 1.0), 3), (3.0, 0.0)),
        (lambda x, n: x * n if n > 2 else x * x, (2.0, 3), 3.0),
    ],
)
def test_a_derivative_that_is_an_integer_argument_is_a_float(function, args, expected):
    first = grad(function)
    for _ in range(2):  # the second call takes the direct way, where there is one
        assert repr(first(*args)) == repr(expected)
    assert repr(first(args[0], 3.5)) == repr(expected).replace("3.0", "3.5")
    assert repr(first(*args)) == repr(expected)
