"""Gradients of functions whose calls stay calls: recursive ones, and large ones."""

import math
from copy import deepcopy
from pathlib import Path

import pytest

from sourcediff import grad, tape, value_and_grad
from tests.recursive_functions import CASES
from tests.test_loops import close

FOLDER = Path(__file__).parent / "golden_calls"
POINTS = [
    pytest.param(name, point, id=f"{name}-{number}")
    for name, case in CASES.items()
    for number, point in enumerate(case.points)
]


# What it computes ---------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_the_gradient_is_that_of_the_tape(name, point):
    case = CASES[name]
    before = deepcopy(point)
    derivative = grad(case.function, argnums=case.argnums)
    assert close(derivative(*point), tape.gradient(case.function, *point, argnums=case.argnums))
    assert point == before


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_the_value_is_that_of_the_function(name, point):
    case = CASES[name]
    value, gradient = value_and_grad(case.function, argnums=case.argnums)(*point)
    assert value == case.function(*point)
    assert gradient == grad(case.function, argnums=case.argnums)(*point)


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_the_second_derivative_is_the_difference_of_the_first(name, point):
    place = CASES[name].argnums[0]
    if not isinstance(point[place], float):
        pytest.skip("the derivative in a list is a list")
    lower = grad(CASES[name].function, argnums=place)
    estimates = []
    for h in (1e-4, 5e-5):
        here, there = list(point), list(point)
        here[place] += h
        there[place] -= h
        estimates.append((lower(*here) - lower(*there)) / (2 * h))
    coarse, fine = estimates
    expected = fine + (fine - coarse) / 3  # Richardson
    assert math.isclose(grad(lower, argnums=place)(*point), expected, rel_tol=1e-5, abs_tol=1e-6)
