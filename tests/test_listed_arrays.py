"""Arrays made of lists and of numbers, whole ones among them."""

from dataclasses import dataclass

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, value_and_grad, vjp
from tests.differences import item_differences

XS = [1.0, 2.5, 3.0, 4.0]


def of_appended(xs):
    out, state = [], 0.0
    for x in xs:
        state = 0.9 * state + x
        out.append(state)
    out = np.array(out)
    return np.sum(out * np.arange(4.0)) + out[-1] ** 2


def of_changed(xs):
    xs = [x * 2 for x in xs]
    one = np.array(xs)
    xs[0] = 7.0
    other = np.asarray(xs)
    return one @ other + np.mean(xs) + np.std(xs) * np.max(xs)


def of_functions(xs):
    return np.dot(xs, xs) + np.linalg.norm(xs) + np.sum(np.exp(xs))


def of_windows(xs):
    array = np.array(xs)
    return np.array([array[i : i + 2].mean() ** 2 for i in range(3)]).max()


def in_a_loop(xs):
    total = 0.0
    for _ in range(2):
        total += np.array([x * total + x for x in xs]).sum()
    return total


def changed_in_place(xs):
    array = np.array(xs)
    array[0] = array[1] * array[1]
    array *= 2
    return array.sum() * 0.5 + np.array(xs).max() * len(xs)


def beside_arrays(xs):
    array = np.array([0.5, 1.5, 2.0, -1.0])
    array += xs
    array *= [2.0, 3.0, 1.0, xs[0]]
    return (array + xs).sum() + (xs * array).prod() + array @ xs + (array * (1, 2, 3, 4)).sum()


FUNCTIONS = [
    beside_arrays,
    of_appended,
    of_changed,
    of_functions,
    of_windows,
    in_a_loop,
    changed_in_place,
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradient(function):
    value, found = value_and_grad(function)(XS)
    assert value == function([*XS])
    assert found == pytest.approx(item_differences(function, XS), rel=1e-6, abs=1e-8)
    assert all(type(item) is float for item in found)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_of_whole_numbers(function):
    """The adjoint of an array of whole numbers was one of whole numbers, and lost all fractions."""
    assert grad(function)([1, 3, 2, 5]) == grad(function)([1.0, 3.0, 2.0, 5.0])


@dataclass
class Pair:
    a: int
    b: int


@pytest.mark.parametrize(
    ("function", "argument", "expected"),
    [
        (lambda x: np.array([x, 2 * x]).sum() * 0.5, 3, 1.5),
        (lambda x: (np.array([x, 2 * x]) ** 2)[0] * 0.5, 3, 3.0),
        (lambda x: (x * np.arange(3)).sum() * 0.5, 2, 1.5),
        (lambda x: np.where(np.array([True, False]), x, 0).sum() * 0.5, 2, 0.5),
        (lambda x: np.full(2, x).sum() * 0.5, 2, 1.0),
        (lambda d: np.array([d["a"], d["b"]]).sum() * 0.5, {"a": 1, "b": 2}, {"a": 0.5, "b": 0.5}),
    ],
)
def test_arrays_of_whole_numbers(function, argument, expected):
    assert grad(function)(argument) == expected
    assert vjp(function, argument)[1](1.0) == (expected,)


def test_whole_numbers_in_an_object():
    found = grad(lambda p: np.array([p.a, p.b]).sum() * 0.5)(Pair(1, 2))
    assert (found.a, found.b) == (0.5, 0.5)


def test_whole_numbers_that_are_used_as_such():
    def both(n):
        return np.ones(n).sum() * np.array([n, 1])[0] * 0.5

    with pytest.raises(DifferentiationError, match="uses them as such"):
        grad(both)(3)

    def counted(x, n):
        return np.ones(n).sum() * x * np.array([x, 1])[0]

    assert grad(counted)(3, 2) == 12.0
    assert vjp(counted, 3, 2)[1](1.0)[0] == 12.0


def test_text():
    derivative = grad(of_appended)
    derivative(XS)
    assert "    out = np.array(out)\n" in derivative.source
    assert len(derivative.source.splitlines()) < 35


@dataclass
class Steps:
    rate: float
    count: int


def test_counts_stay_whole_numbers():
    def trained(w, steps, place):
        for _ in range(steps.count):
            w = w - steps.rate * w
        return (w**2).sum() + w[place]

    adjoints = vjp(trained, np.array([1.0, 2.0]), Steps(0.1, 2), 1)[1](1.0)
    np.testing.assert_allclose(adjoints[0], 2 * 0.81**2 * np.array([1.0, 2.0]) + [0.0, 0.81])
