"""Jacobians and Hessians: against differences, against closed forms, in either direction."""

import math
from typing import Any

import pytest

from sourcediff import DifferentiationError, calculus, grad, hessian, hvp, jacobian

H = 1e-5


def numbers(structure: Any) -> list[float]:
    if isinstance(structure, list | tuple):
        return [number for item in structure for number in numbers(item)]
    return [structure]


def moved(structure: Any, place: int, step: float) -> Any:
    """The structure with one of its numbers moved."""
    count = iter(range(len(numbers(structure))))

    def go(part: Any) -> Any:
        if isinstance(part, list | tuple):
            return type(part)(map(go, part))
        return part + step if next(count) == place else part

    return go(structure)


def differences(function, args, place) -> list[list[float]]:
    """By number of the result, its derivatives in the numbers of an argument."""
    columns = []
    for k in range(len(numbers(args[place]))):
        sides = []
        for step in (H, -H):
            there = (*args[:place], moved(args[place], k, step), *args[place + 1 :])
            sides.append(numbers(function(*there)))
        columns.append([(a - b) / (2 * H) for a, b in zip(*sides, strict=True)])
    return [list(row) for row in zip(*columns, strict=True)]


def softmax(xs):
    top = max(xs)
    es = [math.exp(x - top) for x in xs]
    total = sum(es)
    return [e / total for e in es]


def polar(r, t):
    return r * math.cos(t), r * math.sin(t)


def powers(x, n):
    ys = []
    for _ in range(n):
        ys.append(x)
        x = x * x + 0.1
    return ys


def split_up(p, xs):
    (a, b), c = p
    if a > b:
        return a * xs[0], [b * c, xs[1] ** 2]
    return b, [a, xs[0] * xs[1]]


def energy(xs):
    return sum(x**4 for x in xs) + xs[0] * xs[-1] * math.sin(xs[0])


CASES = [
    (softmax, ([1.0, 0.5, -0.3],), 0),
    (polar, (1.5, 0.7), 0),
    (polar, (1.5, 0.7), 1),
    (powers, (0.3, 4), 0),
    (split_up, (((2.0, 1.0), 0.5), [0.3, 0.7]), 0),
    (split_up, (((2.0, 1.0), 0.5), [0.3, 0.7]), 1),
    (split_up, (((1.0, 2.0), 0.5), [0.3, 0.7]), 1),
    (energy, ([0.3, -0.8, 1.2],), 0),
]


@pytest.mark.parametrize(("function", "args", "place"), CASES)
def test_the_jacobian_is_that_of_differences(function, args, place):
    found = jacobian(function, place)(*args)
    expected = differences(function, args, place)
    assert numbers(found) == pytest.approx(numbers(expected), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize(("function", "args", "place"), CASES)
def test_rows_and_columns_are_the_same(function, args, place):
    found = jacobian(function, place)(*args)
    by_columns = calculus._by_columns(function, args, [place], False)
    assert numbers(found) == pytest.approx(numbers(by_columns), rel=1e-12, abs=1e-14)


def test_the_structure_is_that_of_the_result_with_gradients_in_it():
    args = (((2.0, 1.0), 0.5), [0.3, 0.7])
    assert jacobian(split_up, (0, "xs"))(*args) == (
        (((0.3, 0.0), 0.0), [2.0, 0.0]),
        [(((0.0, 0.5), 1.0), [0.0, 0.0]), (((0.0, 0.0), 0.0), [0.0, 1.4])],
    )
    assert jacobian(powers)(0.5, 0) == []
    assert jacobian(softmax)([2.0]) == [[0.0]]
    assert jacobian(lambda xs: [1.0, 2.0])([]) == [[], []]
    assert jacobian(energy)([0.3, 0.8]) == grad(energy)([0.3, 0.8])


def test_what_only_forward_mode_takes_is_taken_by_columns():
    def grown(xs, n):
        for k in range(n):
            if xs[0] > 10.0:
                break
            xs.append(xs[k] * xs[-1])
        return xs

    found = jacobian(grown)([0.5, 2.0], 2)
    assert found == [[1.0, 0.0], [0.0, 1.0], [2.0, 0.5], [4.0, 2.0]]


# Second order ---------------------------------------------------------------------------------


def rosenbrock(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


@pytest.mark.parametrize("function", [rosenbrock, energy])
def test_the_hessian_is_symmetric_and_that_of_differences(function):
    x = [0.3, -0.8, 1.2]
    found = hessian(function)(x)
    expected = differences(grad(function), (x,), 0)
    assert numbers(found) == pytest.approx(numbers(expected), rel=1e-6, abs=1e-6)
    for i in range(3):
        for k in range(3):
            assert found[i][k] == pytest.approx(found[k][i], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("function", [rosenbrock, energy])
def test_the_product_with_the_hessian_is_that_with_its_rows(function):
    x, v = [0.3, -0.8, 1.2], [1.0, 0.5, -2.0]
    (found,) = hvp(function, (x,), (v,))
    rows = hessian(function)(x)
    expected = [sum(a * b for a, b in zip(row, v, strict=True)) for row in rows]
    assert found == pytest.approx(expected, rel=1e-12)


def test_hessians_in_several_arguments():
    def f(x, ys, n):
        return x**n * ys[0] * ys[1]

    found = hessian(f, ("x", "ys"))(2.0, [3.0, 5.0], 3)
    assert found == ((180.0, [60.0, 36.0]), [(60.0, [0.0, 8.0]), (36.0, [8.0, 0.0])])
    assert hvp(f, (2.0, [3.0, 5.0], 3), (1.0, [0.0, 1.0], None)) == (216.0, [68.0, 36.0], None)
    assert hvp(f, (2.0, [3.0, 5.0], 3), (None, None, None)) == (None, None, None)
    assert hessian(lambda x: math.sin(x))(0.7) == pytest.approx(-math.sin(0.7), rel=1e-15)


def test_newtons_method_finds_the_minimum():
    x = [-1.2, 1.0]
    slope, curvature = grad(rosenbrock), hessian(rosenbrock)
    for _ in range(8):
        (a, b), (c, d) = curvature(x)
        p, q = slope(x)
        determinant = a * d - b * c
        x = [x[0] - (d * p - b * q) / determinant, x[1] - (a * q - c * p) / determinant]
    assert x == pytest.approx([1.0, 1.0], rel=1e-12)


# Errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [jacobian, hessian])
def test_arguments_that_are_not_there_are_refused(make):
    with pytest.raises(DifferentiationError, match="argument"):
        make(lambda x: x * x, 3)(1.0)
    with pytest.raises(DifferentiationError, match="argument"):
        make(lambda x: x * x, "y")(1.0)


def test_arguments_that_are_no_numbers_are_refused():
    with pytest.raises(DifferentiationError, match="something else than numbers"):
        jacobian(lambda mode, x: x)("fast", 1.0)


def test_they_say_what_they_are():
    assert jacobian(polar).__name__ == "jacobian_polar"
    assert hessian(energy).__doc__ == "Hessian of energy."
    assert jacobian(polar).primal is polar
