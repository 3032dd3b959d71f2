"""What `explain` says: as text, held in `tests/golden_explain`, and as rows."""

import math
import re
from pathlib import Path

import pytest

from sourcediff import DifferentiationError, explain, grad, value_and_grad
from tests.loop_functions import CASES

FOLDER = Path(__file__).parent / "golden_explain"
#: Numbers 4 to 9 of the gallery, and one of each kind of exit, nest and list.
NAMES = [
    "logistic_map",
    "energy",
    "newton_sqrt",
    "escape",
    "simulate",
    "rosenbrock",
    "first_root",
    "skipping",
    "search",
    "collatz",
    "some_orbits",
    "quantile_loss",
]


def explained(name):
    """What is said of a function, with lines counted from its first one."""
    case = CASES[name]
    first = case.function.__code__.co_firstlineno
    found = explain(case.function, *case.points[0], argnums=case.argnums)
    return re.sub(r"\bline (\d+)", lambda m: f"line {int(m[1]) - first + 1}", str(found)) + "\n"


def fates(found):
    return {(row.name, row.fate) for row in found.rows}


# As text ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_golden(name, update_golden):
    path = FOLDER / f"{name}.txt"
    actual = explained(name)
    if update_golden:
        path.write_text(actual, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == actual


def test_no_golden_file_is_left_over():
    assert {path.stem for path in FOLDER.iterdir()} == set(NAMES)


# As rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_to_be_kept_is_what_the_text_keeps(name):
    case = CASES[name]
    derivative = grad(case.function, argnums=case.argnums)
    derivative(*case.points[0])
    loops = explain(derivative).loops
    keeping = [loop for loop in loops if any(row.fate == "kept" for row in loop.rows)]
    assert bool(keeping) == (".append(" in derivative.source and " = []" in derivative.source) or (
        name == "energy"  # what it appends to is the gradient
    )


def test_a_row_says_which_line_and_why():
    def f(x, n):
        for _ in range(n):
            x = x * math.sin(x)
        return x

    found = explain(f)
    (loop,) = found.loops
    line = f.__code__.co_firstlineno
    assert (found.name, found.wrt) == ("f", ("x",))
    assert (loop.line, loop.statement) == (line + 1, "for _ in range(n):")
    assert (loop.course, loop.bytes, loop.around) == ("reversed", 32, 0)
    (kept,) = (row for row in found.rows if row.fate == "kept")
    assert (kept.name, kept.line, kept.bytes, kept.loop) == ("x", line + 2, 32, line + 1)
    assert kept.why == "it comes from the turn before"
    assert ("math.sin(x)", "recomputed") in fates(found)


def test_a_random_number_is_kept_as_it_cannot_be_drawn_again():
    import random

    def f(x, n):
        for _ in range(n):
            x = x * random.random()
        return x

    (row,) = (row for row in explain(f).rows if row.fate == "kept")
    assert row.why == "computing it has an effect, or another result each time"


def test_what_is_kept_on_some_turns_only_is_said_to_be():
    def f(x, n):
        for i in range(n):
            if i % 2:
                y = x * x
                x = math.sin(math.exp(math.cos(y))) * math.exp(math.sin(math.cos(y) * y))
        return x

    assert any("on turns that get there" in row.why or row.name == "x" for row in explain(f).rows)


def test_straight_lines_have_no_loops():
    found = explain(lambda x: x * x)
    assert found.loops == found.rows == ()
    assert "every value stays in its variable" in str(found)


def test_a_whole_program_is_said_to_be_one():
    def f(x, n):
        seen = set()
        for i in range(n):
            seen.add(i)
            x = x * x
        return x * len(seen)

    assert "differentiated as a whole program" in str(explain(f, 1.5, 3))


def test_a_derivative_can_be_asked():
    def f(x, n):
        for _ in range(n):
            x = x * x
        return x

    derivative = value_and_grad(f)
    derivative(1.5, 3)
    assert str(explain(derivative)) == str(explain(f, 1.5, 3))


def test_of_second_derivatives():
    def f(x, n):
        for _ in range(n):
            x = x * x * x
        return x

    found = explain(grad(grad(f)), 1.5, 3)
    assert {"x", "x_bar"} <= {row.name for row in found.rows if row.fate == "kept"}


def test_what_cannot_be_differentiated_is_refused():
    def f(x):
        return open(x)

    with pytest.raises(DifferentiationError, match="open"):
        explain(f)
    with pytest.raises(DifferentiationError, match="too many positional arguments"):
        explain(lambda x: x * x, 1.0, 2.0)


def test_examples_are_asked_for_where_the_signature_does_not_tell():
    def f(*xs):
        return xs[0] * xs[1]

    with pytest.raises(DifferentiationError, match="types of the arguments") as refusal:
        explain(f)
    assert refusal.value.help == "give explain() example arguments"
