"""Marked loops and functions: their gradients, what these keep, their text, what is refused."""

import inspect
import math
import random
import tracemalloc
from pathlib import Path

import pytest

from sourcediff import DifferentiationError, checkpoint, explain, grad, tape, value_and_grad
from sourcediff.transform.loops.policy import keeping_everything
from tests.checkpoint_functions import CASES

FOLDER = Path(__file__).parent / "golden_checkpoint"
GOLDEN = ("sines", "in_three", "returning", "steps", "steps_in_segments", "through_a_list")
STARTS = (0.3, 0.8, 1.2)
TURNS = (0, 1, 2, 5, 12)

each_case = pytest.mark.parametrize("name", CASES)


# What it computes ---------------------------------------------------------------------------


@each_case
def test_the_gradient_is_that_of_the_tape(name):
    function = CASES[name]
    derivative = value_and_grad(function)
    for n in TURNS:
        for x in STARTS:
            value, slope = derivative(x, n)
            expected = tape.gradient(function, x, n)
            assert value == function(x, n)
            assert math.isclose(slope, expected, rel_tol=1e-9, abs_tol=1e-12), (x, n)


@each_case
def test_the_second_derivative_is_the_difference_of_the_first(name):
    function = CASES[name]
    first, second = grad(function), grad(grad(function))
    h = 1e-4
    for n in (0, 1, 5):
        for x in STARTS:
            wide, narrow = ((first(x + d, n) - first(x - d, n)) / (2 * d) for d in (h, h / 2))
            expected = narrow + (narrow - wide) / 3
            assert math.isclose(second(x, n), expected, rel_tol=1e-5, abs_tol=1e-6), (x, n)


@each_case
def test_it_is_the_same_with_all_kept(name):
    function = CASES[name]
    with keeping_everything():
        kept = grad(function)
        found = [kept(x, 5) for x in STARTS]
    expected = [grad(function)(x, 5) for x in STARTS]
    assert all(math.isclose(a, b, rel_tol=1e-12) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("n", [-3, 0, 1, 2, 3, 4, 7, 16, 17])
@pytest.mark.parametrize("segments", [1, 2, 3, 50])
def test_any_number_of_turns_and_segments(n, segments):
    def f(x, n, k):
        for i in checkpoint(range(n), segments=k):
            x = math.sin(x) * (1 + 0.1 * i)
        return x

    assert math.isclose(grad(f)(0.7, n, segments), tape.gradient(f, 0.7, n, segments))


# What it keeps ------------------------------------------------------------------------------


def peak(function, *args):
    """The most bytes that are allocated at a time while a gradient runs."""
    derivative = grad(function)
    derivative(*args[:-1], 10)
    body = inspect.unwrap(derivative)
    tracemalloc.start()
    try:
        body(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_memory_is_that_of_the_root_of_the_turns():
    def as_it_is(x, n):
        for _ in range(n):
            x = 1.3 * math.sin(x)
        return x

    kept, marked = peak(as_it_is, 0.3, 40_000), peak(CASES["sines"], 0.3, 40_000)
    assert kept > 40_000 * 32
    assert marked < kept / 50


def test_many_segments_keep_little_of_each():
    (outer, inner) = explain(CASES["sines"]).loops
    assert (outer.course, outer.bytes) == ("segments", 32)
    assert (inner.course, inner.bytes) == ("reversed", 32)
    assert "goes in segments: keeps 32 bytes a segment" in str(outer)


def test_a_call_is_computed_again():
    (loop, call) = explain(CASES["steps"]).loops
    assert [row.name for row in loop.rows if row.fate == "kept"] == ["x"]
    assert call.course == "once" and call.rows == ()


# At run time --------------------------------------------------------------------------------


def test_it_gives_back_what_it_is_given():
    turns, items = range(3), [1.0, 2.0]

    def f(x):
        return x

    assert checkpoint(turns) is turns and checkpoint(items, 2) is items
    assert checkpoint(f) is f and checkpoint(segments=3)(f) is f


@pytest.mark.parametrize("segments", [0, -1, 2.5, True, "3"])
def test_a_number_of_segments_is_positive_and_whole(segments):
    with pytest.raises(ValueError, match="segments must be a positive whole number"):
        checkpoint(range(3), segments)


# As text ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name, update_golden):
    derivative = grad(CASES[name])
    derivative(0.3, 5)
    path = FOLDER / f"{name}.py"
    if update_golden:
        path.write_text(derivative.source, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == derivative.source


def test_no_golden_file_is_left_over():
    assert {path.stem for path in FOLDER.iterdir() if path.is_file()} == set(GOLDEN)


@each_case
def test_the_text_stands_alone(name):
    derivative = grad(CASES[name])
    expected = derivative(0.8, 7)
    assert "checkpoint" not in derivative.source and "sourcediff" not in derivative.source
    assert "in range(1)" not in derivative.source
    namespace = {}
    exec(compile(derivative.source, name, "exec"), namespace)
    assert namespace[f"grad_{name}"](0.8, 7) == expected


# What is refused ----------------------------------------------------------------------------


def draws(x, n):
    for _ in checkpoint(range(n)):
        x = x * random.random()  # here
    return x


def grows(x, n):
    xs = [x]
    for _ in checkpoint(range(n)):
        xs.append(xs[-1] * x)  # here
    return xs[-1]


def changed_later(x, n):
    xs = [x, x, x]
    for i in checkpoint(range(n)):
        x = x * xs[i % 3]  # here
    xs[0] = 5.0
    return x + xs[0]


def within_zip(x, n):
    for _, _ in zip(checkpoint(range(n)), range(n), strict=False):  # here
        x = x * x
    return x


def in_a_while(x, n):
    while checkpoint(x < n):  # here
        x = x * x + 1
    return x


def no_segments(x, n):
    for _ in checkpoint(range(n), segments=0):  # here
        x = x * x
    return x


def of_a_tuple(x, n):
    for i in checkpoint((1, 2, n)):  # here
        x = x * i
    return x


def in_an_expression(x, n):
    return sum(x * i for i in checkpoint(range(n)))  # here


def asked_for_its_length(x, n):
    turns = checkpoint(range(n))
    return x * len(turns)  # here


def of_a_function(x, n):
    square = checkpoint(lambda y: y * y)  # here
    return square(x)


def by_a_wrong_name(x, n):
    for _ in checkpoint(range(n), parts=3):  # here
        x = x * x
    return x


@checkpoint
def pair(x):
    xs = [x]
    xs.append(x * x)
    return xs


def of_a_list(x, n):
    for _ in range(n):
        x = pair(x)[1]  # here
    return x


def beside_a_set(x, n):
    seen = set()
    for i in checkpoint(range(n)):  # here
        seen.add(i)
        x = x * math.sin(x)
    return x * len(seen)


@checkpoint
def marked_with_a_set(x, n):  # here
    seen = set()
    for i in range(n):
        seen.add(i)
        x = x * math.sin(x)
    return x * len(seen)


@pytest.mark.parametrize("function", [beside_a_set, marked_with_a_set])
def test_what_is_differentiated_as_a_whole_program_is_not_marked(function):
    with pytest.raises(DifferentiationError):
        grad(function)(0.7, 3)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (draws, "calls what may give something else each time"),
        (grows, "a list that changes later"),
        (changed_later, "a list that changes later"),
        (within_zip, "marks what a for statement goes through, nothing else"),
        (in_a_while, "of a truth value is not supported"),
        (no_segments, "must be positive, not 0"),
        (of_a_tuple, "marks a range or a list"),
        (in_an_expression, "marks what a for statement goes through, nothing else"),
        (asked_for_its_length, "marks what a for statement goes through"),
        (of_a_function, "of a function is not supported"),
        (by_a_wrong_name, "takes what a loop goes through, and segments"),
        (of_a_list, "must return numbers"),
    ],
)
def test_what_is_not_supported_is_refused_with_its_line(function, message):
    lines, first = inspect.getsourcelines(function)
    here = next(k for k, line in enumerate(lines) if "# here" in line)
    with pytest.raises(DifferentiationError, match=message) as refusal:
        grad(function)(0.7, 3)
    assert refusal.value.lineno in (first + here, first + here - 1)
