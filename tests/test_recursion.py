"""Gradients of functions whose calls stay calls: recursive ones, and large ones."""

import contextlib
import math
import sys
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest

from sourcediff import DifferentiationError, explain, grad, tape, value_and_grad, vjp
from tests.recursive_functions import CASES
from tests.test_loops import close

FOLDER = Path(__file__).parent / "golden_calls"
GOLDEN = ("agm", "even_steps", "fibonacci", "polynomial", "product_tree", "with_branches_inside")
POINTS = [
    pytest.param(name, point, id=f"{name}-{number}")
    for name, case in CASES.items()
    for number, point in enumerate(case.points)
]


def is_right_or_refused(function, *point):
    """A gradient, and the gradient of that, which may be refused, but not wrong."""
    with contextlib.suppress(DifferentiationError):
        expected = tape.gradient(function, *point)
        assert math.isclose(grad(function)(*point), expected, rel_tol=1e-12, abs_tol=1e-14)
    with contextlib.suppress(DifferentiationError):
        first, (x, *rest), h = grad(function), point, 1e-5
        slope = (first(x + h, *rest) - first(x - h, *rest)) / (2 * h)
        assert math.isclose(grad(first)(*point), slope, rel_tol=1e-6, abs_tol=1e-6)


def changed(item):
    """Something of the same structure with other numbers, the lists in it changed in place."""
    if isinstance(item, list):
        item[:] = [changed(one) for one in item]
        return item
    if isinstance(item, tuple):
        return tuple(changed(one) for one in item)
    return item + 1.5 if isinstance(item, float) else item


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
def test_the_pullback_may_be_called_again_and_late(name, point):
    case = CASES[name]
    expected = tape.gradient(case.function, *point, argnums=case.argnums)
    point = deepcopy(point)
    value, pullback = vjp(case.function)(*point)
    assert value == case.function(*point)
    twice = [pullback(1.0)]
    changed(point)
    twice.append(pullback(1.0))
    for found in twice:
        assert close(tuple(found[place] for place in case.argnums), expected)


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


def test_a_list_that_changes_between_the_call_and_its_reverse_is_seen():
    def total(xs, k):
        return 0.0 if k == len(xs) else xs[k] * xs[k] + total(xs, k + 1)

    def f(x):
        xs = [x, x * x, 1.0]
        y = total(xs, 0)
        xs[1] = 5.0
        return y * xs[1]

    is_right_or_refused(f, 1.3)


def test_a_list_that_is_returned_may_be_one_that_was_handed_in():
    def same(xs, n):
        return xs if n == 0 else same(xs, n - 1)

    def f(x, n):
        xs = [x, x * x]
        ys = same(xs, n)
        ys[0] = 5.0
        return xs[0] * x

    is_right_or_refused(f, 1.3, 2)


def test_a_list_of_each_turn_is_handed_over_at_order_one():
    def total(xs, k):
        return 0.0 if k == len(xs) else xs[k] * xs[k] + total(xs, k + 1)

    def f(x, n):
        y = 0.0
        for i in range(n):
            xs = [x * y, x + i]
            y = y + math.sin(total(xs, 0))
        return y

    assert math.isclose(grad(f)(0.7, 3), tape.gradient(f, 0.7, 3), rel_tol=1e-12)
    is_right_or_refused(f, 0.7, 3)


# As text ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name, update_golden):
    case = CASES[name]
    derivative = grad(case.function, argnums=case.argnums)
    derivative(*case.points[0])
    path = FOLDER / f"{name}.py"
    if update_golden:
        path.write_text(derivative.source, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == derivative.source


def test_no_golden_file_is_left_over():
    assert {path.stem for path in FOLDER.iterdir() if path.is_file()} == set(GOLDEN)


@pytest.mark.parametrize("name", CASES)
def test_the_text_is_plain_python(name):
    case = CASES[name]
    derivative = grad(case.function, argnums=case.argnums)
    derivative(*case.points[0])
    text = derivative.source
    assert "sourcediff" not in text and "class " not in text
    namespace = {}
    exec(compile(text, name, "exec"), namespace)
    assert namespace[f"grad_{name}"](*case.points[0]) == derivative(*case.points[0])


def test_it_is_said_where_calls_keep_what_they_keep():
    case = CASES["fibonacci"]
    text = str(explain(case.function, *case.points[0]))
    assert text.splitlines()[1:] == ["what a call of fibonacci keeps, it returns in a tuple"]


# What it costs ------------------------------------------------------------------------------


def calls_in(function, *args):
    """How often Python calls what, by name."""
    counts = Counter()

    def count(frame, event, _):
        if event == "call":
            counts[frame.f_code.co_name] += 1

    sys.setprofile(count)
    try:
        function(*args)
    finally:
        sys.setprofile(None)
    return counts


def test_what_was_computed_is_not_computed_again():
    def f(x, n):
        return x if n == 0 else math.sin(f(x, n - 1))

    derivative = grad(f)
    derivative(0.7, 1)
    counts = calls_in(derivative, 0.7, 40)
    assert (counts["f_forward"], counts["f_reverse"]) == (41, 41)


def test_a_pullback_takes_what_the_function_left():
    def f(x, n):
        return x if n == 0 else math.sin(f(x, n - 1))

    def gradient(x, n):
        return vjp(f, x, n)[1](1.0)[0]

    gradient(0.7, 1)
    counts = calls_in(gradient, 0.7, 40)
    assert (counts["f_forward"], counts["f_reverse"]) == (41, 41)


def test_a_pullback_does_not_rely_on_lists_that_the_caller_has_too():
    def rows_product(rows, n):
        if n == 0:
            return 1.0
        row = rows[n - 1]
        return sum(math.sin(a) for a in row) * row[0] * rows_product(rows, n - 1)

    rows = [[0.5, 0.2], [0.3, 0.9]]
    expected = tape.gradient(rows_product, rows, 2)
    _, pullback = vjp(rows_product, rows, 2)
    rows[0][0] = 5.0
    assert close(pullback(1.0)[0], expected)


def test_what_keeps_nothing_is_gone_through_once():
    def f(x, n):
        return x if n == 0 else x * x + f(x, n - 1)

    derivative = grad(f)
    derivative(0.7, 1)
    assert calls_in(derivative, 0.7, 40)["f_pullback"] == 41
    assert "f_forward" not in derivative.source


def test_the_adjoints_of_a_list_are_added_to_one_list():
    def total(xs, k):
        return 0.0 if k == len(xs) else math.sin(xs[k] * total(xs, k + 1) + xs[k])

    def f(xs):
        return total(xs, 0)

    derivative = grad(f)
    assert close(derivative([0.3, 0.7]), tape.gradient(f, [0.3, 0.7]))
    assert derivative.source.count("[0.0] * ") == 1


def test_it_goes_as_deep_as_the_function_does():
    def f(x, n):
        return x if n == 0 else 1.0 + 0.5 * math.sin(f(x, n - 1))

    assert math.isfinite(grad(f)(0.3, sys.getrecursionlimit() - 150))


def test_the_second_derivative_where_a_returned_list_is_popped_by_the_caller():
    def f(w):
        v = [w]
        for i in range(3):
            v.append(w * i)
        children = [[1, 2], [3], [], []]

        def total(n, d):
            return v[n] * d + sum(total(k, d * 0.5) for k in children[n])

        return total(0, w)

    assert f(1.0) == pytest.approx(1.0 + 0.5 * 1.0 + 0.0 + 0.25 * 2.0)
    assert grad(grad(f))(0.83) == pytest.approx(2 * f(1.0))  # as f is f(1) * w ** 2
