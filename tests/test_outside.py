"""What a function finds outside and changes stays as it is when it is differentiated."""

from copy import deepcopy
from typing import ClassVar

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, jvp, vjp

SEEN = [2.0]
OTHERS = SEEN
TABLE = {"a": 1.0}
NAMES = {"a"}
GRID = np.array([1.0, 2.0])


class Counter:
    log: ClassVar = [1.0, 4.0]


class Model:
    def __init__(self):
        self.history = []

    def loss(self, x):
        self.history.append(x)
        return x * x * len(self.history)


MODEL = Model()


@pytest.fixture(autouse=True)
def nothing_changes():
    def state():
        return deepcopy((SEEN, TABLE, NAMES, GRID.tolist(), vars(Counter)["log"], MODEL.history))

    before = state()
    yield
    assert state() == before


def appended(x):
    SEEN.append(x)
    return x * x


def appended_and_read(x):
    SEEN.append(x)
    return x * sum(SEEN) * len(SEEN)


def stored_and_read(x):
    Counter.log[0] = x
    return x * Counter.log[0] * Counter.log[1]


def in_a_loop(x):
    for k in range(3):
        SEEN.append(x * k)
    return sum(SEEN) * x


def helper(xs, x):
    xs.append(x * x)
    return sum(xs)


def by_a_helper(x):
    return helper(SEEN, x) * x


@pytest.mark.parametrize(
    ("function", "slope", "bend"),
    [
        (appended, 6.0, 2.0),
        (appended_and_read, 16.0, 4.0),
        (stored_and_read, 24.0, 8.0),
        (in_a_loop, 20.0, 6.0),
        (by_a_helper, 29.0, 18.0),
    ],
)
def test_on_a_copy(function, slope, bend):
    derivative = grad(function)
    assert [derivative(3.0), derivative(3.0)] == [slope, slope]
    assert grad(derivative)(3.0) == bend
    assert vjp(function, 3.0)[1](1.0) == (slope,)


def test_method_of_an_object():
    assert grad(MODEL.loss)(3.0) == 6.0


def test_array():
    def f(x):
        GRID[0] = x
        return x * GRID.sum()

    assert grad(f)(3.0) == 8.0


def test_two_names_are_refused():
    def f(x):
        SEEN.append(x)
        return x * sum(OTHERS)

    with pytest.raises(DifferentiationError, match="found outside") as caught:
        grad(f)(3.0)
    assert caught.value.text.strip() == "SEEN.append(x)"


def test_a_list_that_may_be_an_argument_too_is_refused():
    def f(xs):
        SEEN.append(xs[0])
        return xs[0] * sum(SEEN)

    with pytest.raises(DifferentiationError, match="found outside"):
        grad(f)([3.0])


def note(x):
    NAMES.add("b")
    return x * x


def keep(x):
    TABLE["b"] = 1.0
    return x * TABLE["a"]


@pytest.mark.parametrize("function", [note, keep])
def test_what_is_no_list_is_refused(function):
    for derivative in (grad(function), lambda x: jvp(function, (x,), (1.0,))):
        with pytest.raises(DifferentiationError) as caught:
            derivative(3.0)
        assert caught.value.filename == __file__
