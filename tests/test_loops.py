"""Gradients of loops: against the tape, to higher orders against differences, and as text."""

import contextlib
import io
import math
import random
from copy import deepcopy
from pathlib import Path

import pytest

from sourcediff import DifferentiationError, grad, tape, value_and_grad
from tests.corpus.whole.trees import leaves
from tests.differences import difference
from tests.loop_functions import CASES
from tests.test_whole_tape import CASES as PROGRAMS
from tests.test_whole_tape import STOPS, by_tape
from tests.whole_derivatives import bound, is_exempt, silently

FOLDER = Path(__file__).parent / "golden_loops"
POINTS = [
    pytest.param(name, point, id=f"{name}-{number}")
    for name, case in CASES.items()
    for number, point in enumerate(case.points)
]


def close(actual, expected, relative=1e-9):
    found, wanted = dict(leaves(actual)), dict(leaves(expected))
    return found.keys() == wanted.keys() and all(
        math.isclose(found[path], wanted[path], rel_tol=relative, abs_tol=1e-11) for path in wanted
    )


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
def test_higher_orders_are_the_differences_of_the_lower_ones(name, point):
    place = CASES[name].argnums[0]
    if not isinstance(point[place], float):
        pytest.skip("the derivative in a list is a list")
    lower = CASES[name].function
    for _ in range(3):
        lower, higher = grad(lower, argnums=place), grad(grad(lower, argnums=place), argnums=place)
        estimates = []
        for h in (1e-4, 5e-5):
            here, there = list(point), list(point)
            here[place] += h
            there[place] -= h
            estimates.append((lower(*here) - lower(*there)) / (2 * h))
        coarse, fine = estimates
        expected = fine + (fine - coarse) / 3  # Richardson
        assert math.isclose(higher(*point), expected, rel_tol=1e-5, abs_tol=1e-6)


def test_programs_of_the_corpus_have_the_gradient_of_the_tape():
    taken, refused = set(), []
    for case in PROGRAMS:
        if is_exempt(case, 1):
            continue
        try:
            expected = by_tape(case)
            derivative = grad(case.program.function, argnums=case.program.argnums)
            actual = silently(derivative, *bound(case))
        except STOPS:
            continue
        except DifferentiationError as refusal:
            refused.append((case.id, str(refusal.msg)))
            continue
        assert close(actual, expected, 1e-7), case.id
        taken.add(case.program.name)
    assert len(taken) >= 65
    assert not [message for _, message in refused if "internal" in message]


# What it does beside ------------------------------------------------------------------------


def test_what_a_loop_prints_is_printed_once_and_in_order():
    def f(x, n):
        for i in range(n):
            print(i, x)
            x = x * x
        return x

    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        grad(f)(1.5, 3)
    assert output.getvalue() == "0 1.5\n1 2.25\n2 5.0625\n"


def test_random_numbers_are_drawn_once():
    def f(x, n):
        total = 0.0
        for _ in range(n):
            total += x * random.random() * x
        return total

    random.seed(3)
    derivative = grad(f)(1.5, 4)
    random.seed(3)
    assert math.isclose(derivative, 2 * f(1.5, 4) / 1.5)


def test_a_name_that_no_turn_bound_raises_what_python_raises():
    def f(x, n):
        for i in range(n):
            y = x * i
        return y

    assert grad(f)(0.7, 3) == 2.0
    with pytest.raises(UnboundLocalError):
        grad(f)(0.7, 0)


def test_an_assertion_in_a_loop_stays():
    def f(x, n):
        for _ in range(n):
            assert x < 100, "too big"
            x = x * x
        return x

    with pytest.raises(AssertionError, match="too big"):
        grad(f)(3.0, 5)


def test_a_derivative_is_called_in_a_loop():
    def loss(w):
        return (w - 1.3) ** 2 + 0.1 * math.sin(w)

    slope = grad(loss)

    def trained(w, rate, n):
        for _ in range(n):
            w -= rate * slope(w)
        return loss(w)

    h = 1e-5
    expected = (trained(0.2, 0.1 + h, 5) - trained(0.2, 0.1 - h, 5)) / (2 * h)
    assert math.isclose(grad(trained, argnums="rate")(0.2, 0.1, 5), expected, rel_tol=1e-8)


def test_a_derivative_with_loops_is_called_in_a_loop():
    def loss(w):
        total = 0.0
        for i in range(3):
            y = w
            for _ in range(i + 1):
                y = math.sin(y) + 0.1 * y * y
            total += (y - 0.4) ** 2
        return total

    slope = grad(loss)
    bend = grad(slope)

    def trained(w, rate, n):
        for _ in range(n):
            w -= rate * slope(w) / (1 + abs(bend(w)))
        return loss(w)

    for place, point in ((0, (0.9, 0.1, 4)), (1, (0.9, 0.1, 4)), (1, (0.9, 0.1, 1))):
        expected = difference(trained, point, place)
        assert expected is not None
        found = grad(trained, argnums=place)(*point)
        assert math.isclose(found, expected.value, rel_tol=1e-7)


def test_a_loop_in_an_arm_is_a_statement():
    def f(x, n):
        if x > 0:
            y = x
            for _ in range(n):
                y = y * x
        else:
            y = x
        return y

    assert grad(f)(1.5, 3) == 13.5
    assert grad(f)(-1.5, 3) == 1.0
    assert math.isclose(grad(grad(f))(1.5, 3), 27.0)


def test_two_counts_that_are_kept_together_have_two_names():
    def f(x, n):
        for _ in range(n):
            for _ in range(3):
                x = x * x * 0.7
                if x > 5.0:
                    break
            for _ in range(4):
                x = x + 0.1
                if x > 6.0:
                    break
        return x

    assert math.isclose(grad(f)(1.2, 2), tape.gradient(f, 1.2, 2), rel_tol=1e-12)
    h = 1e-5
    slope = (grad(f)(1.2 + h, 2) - grad(f)(1.2 - h, 2)) / (2 * h)
    assert math.isclose(grad(grad(f))(1.2, 2), slope, rel_tol=1e-6)


def test_the_gradient_in_a_list_is_a_list_of_its_own():
    def f(xs):
        total = 0.0
        for x in xs:
            total += x * x
        return total

    xs = [1, 2.5]
    first, second = grad(f)(xs), grad(f)(xs)
    assert first == second == [2.0, 5.0]
    assert first is not second and all(type(item) is float for item in first)


# As text ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_golden(name, update_golden):
    case = CASES[name]
    derivative = grad(case.function, argnums=case.argnums)
    derivative(*case.points[0])
    path = FOLDER / f"{name}.py"
    if update_golden:
        path.write_text(derivative.source, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == derivative.source


def test_no_golden_file_is_left_over():
    assert {path.stem for path in FOLDER.iterdir() if path.is_file()} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_text_is_plain_python(name):
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert "sourcediff" not in text and "class " not in text
    namespace = {}
    exec(compile(text, name, "exec"), namespace)
    case = CASES[name]
    written = namespace[f"grad_{name}"]
    for point in case.points:
        assert written(*point) == grad(case.function, argnums=case.argnums)(*point)


def lists_of(name):
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    return text.count(" = []\n")


def test_a_loop_that_adds_up_keeps_nothing():
    for name in ("energy", "rosenbrock", "dot", "collatz"):
        text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
        assert "reversed(" not in text and ".pop()" not in text
        assert text.count("for ") + text.count("while ") <= 1 or name == "collatz"


def test_a_loop_keeps_what_a_person_would_keep():
    for name in ("logistic_map", "newton_sqrt", "escape", "simulate", "horner", "pendulum"):
        assert lists_of(name) == 1


def test_no_text_is_what_a_person_would_not_have_written():
    for path in FOLDER.iterdir():
        text = path.read_text(encoding="utf-8")
        for odd in ("if not True", "+= -", "-= -", "* 1.0\n", "0.0 +", "(False if", "if bool("):
            assert odd not in text, (path.name, odd)
