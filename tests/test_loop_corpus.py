"""The corpus of loops: every gradient against the tape, differences and published figures."""

import ast
import inspect
import itertools
import math
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from sourcediff import DifferentiationError, grad, jvp, tape, value_and_grad
from tests.corpus.loops.registry import LoopProgram
from tests.corpus.loops.table import PROGRAMS
from tests.corpus.whole.trees import leaves, replaced, snapshot
from tests.differences import difference
from tests.generator.loading import executed_lines

#: Programs that `grad` refuses today, by what they ask for. They are held to everything below as
#: soon as they are taken; then their names go.
REFUSED: dict[str, tuple[str, ...]] = {}
#: Those whose second order is refused.
REFUSED_TWICE: tuple[str, ...] = ()
#: Those that forward mode refuses, which takes what dissolves into numbers and lists only.
REFUSED_FORWARD: tuple[str, ...] = ()

#: What stops the tape: a number of its own where the program needs a float.
STOPS = (TypeError, NotImplementedError, AttributeError)
#: Numbers of an argument that differences look at.
LEAVES = 5

every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)


@cache
def gradient_of(program: LoopProgram):
    """The gradient, compiled once for all tests."""
    return grad(program.function, argnums=program.argnums)


@cache
def slope_and_bend(program: LoopProgram):
    """The first and the second derivative in the first argument that is a number."""
    place = first_number(program)
    slope = grad(program.function, argnums=place)
    return slope, grad(slope, argnums=place)


@cache
def refusal(program: LoopProgram, order: int = 1) -> str | None:
    """What is said if a derivative of the program is refused."""
    derivative = gradient_of(program) if order == 1 else slope_and_bend(program)[1]
    try:
        derivative(*program.args(0))
    except DifferentiationError as reason:
        return str(reason.msg)
    return None


def first_number(program: LoopProgram) -> int | None:
    """The first differentiated argument that is a number."""
    point = program.points[0]
    return next((a for a in program.argnums if type(point[a]) is float), None)


def taken(program: LoopProgram, order: int = 1) -> None:
    """Skips a program that is listed as refused; fails for one that is not listed."""
    reason = refusal(program, order)
    if reason is None:
        return
    listed = REFUSED_TWICE if order == 2 else itertools.chain(*REFUSED.values())
    assert program.name in listed, reason
    assert "internal" not in reason
    pytest.skip(reason)


def numbers(tree) -> dict[tuple, float]:
    """The gradient by path; that of an int or a bool counts as well as that of a float."""
    return dict(leaves(tree))


def close(found: float, wanted: float, relative: float, absolute: float) -> bool:
    return math.isclose(found, wanted, rel_tol=relative, abs_tol=absolute)


def test_the_corpus_is_large_and_its_names_are_unique():
    names = [program.name for program in PROGRAMS]
    assert len(names) == len(set(names))
    assert len(PROGRAMS) >= 230
    assert sum(bool(program.published) for program in PROGRAMS) >= 30
    refused = [*itertools.chain(*REFUSED.values()), *REFUSED_TWICE]
    assert set(refused) <= set(names)
    assert len(refused) == len(set(refused)) <= 4
    assert set(REFUSED_FORWARD) <= set(names) - set(refused)


@every_program
def test_every_statement_runs_at_one_of_the_points(program):
    lines, first = inspect.getsourcelines(program.function)
    (definition,) = ast.parse("".join(lines)).body
    statements = {
        node.lineno - 1 + first
        for node in ast.walk(definition)
        if isinstance(node, ast.stmt)
        and node is not definition
        and not isinstance(node, ast.Nonlocal | ast.Pass | ast.Raise)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    }
    ran = set().union(
        *(executed_lines(program.function, program.args(n)) for n in range(len(program.points)))
    )
    assert statements - ran == set()


@every_program
def test_the_gradient_is_right_and_nothing_else_changes(program):
    taken(program)
    derivative = gradient_of(program)
    valued = value_and_grad(program.function, argnums=program.argnums)
    for number in range(len(program.points)):
        args = program.args(number)
        before = snapshot(args)
        found = derivative(*args)
        value, beside = valued(*args)
        assert snapshot(args) == before, "the arguments were changed"
        assert snapshot(value) == snapshot(program.function(*args)), "the value is not that of f"
        assert snapshot(found) == snapshot(derivative(*args))
        apart, together = numbers(found), numbers(beside)
        assert apart.keys() == together.keys()
        assert all(close(apart[path], together[path], 1e-13, 1e-300) for path in apart)
        judge(program, number, found)


def judge(program: LoopProgram, number: int, gradient: tuple) -> None:
    """Holds a gradient against the tape, and against differences in each of its numbers."""
    found = numbers(gradient)
    places = range(len(program.argnums))
    args = program.args(number)
    expected_paths = [
        (place, *path) for place in places for path, _ in leaves(args[program.argnums[place]])
    ]
    assert [path for path in found if path in set(expected_paths)] == expected_paths
    scale = max(map(abs, found.values()), default=0.0) or 1.0
    try:
        reference = numbers(tape.gradient(program.function, *args, argnums=program.argnums))
    except STOPS:
        reference = {}
    for path in reference:
        assert close(found[path], reference[path], 1e-9, 1e-12 * scale), (path, "tape")
    judged = bool(reference) or not found
    for place in () if program.isolated else places:
        argnum = program.argnums[place]
        for path, here in list(leaves(args[argnum]))[:LEAVES]:

            def along(x, argnum=argnum, path=path):
                return program.function(*replaced(program.args(number), (argnum, *path), x))

            estimate = difference(along, (here,), 0)
            if estimate is None:
                continue
            allowed = max(4 * estimate.error, 1e-6 * abs(estimate.value), 1e-8 * scale)
            assert abs(found[place, *path] - estimate.value) <= allowed, (path, estimate)
            judged = True
    assert judged, "nothing has judged the gradient"


@every_program
def test_the_push_forward_is_the_gradient_along_a_direction(program):
    """The dot product of the gradient and a direction is what `jvp` gives along it."""
    taken(program)
    for number in range(len(program.points)):
        args = program.args(number)
        found = [numbers(part) for part in gradient_of(program)(*args)]
        tangents: list[Any] = [None] * len(args)
        expected, scale = [], 1.0
        for part, argnum in zip(found, program.argnums, strict=True):
            tangents[argnum], weights = moved(program.args(number)[argnum])
            terms = [part[path] * weight for path, weight in weights.items()]
            expected += terms
            scale = max(scale, *map(abs, terms), 0.0)
        try:
            value, tangent = jvp(program.function, args, tuple(tangents))
        except DifferentiationError as reason:
            if program.name not in REFUSED_FORWARD or "internal" in str(reason.msg):
                raise
            pytest.skip(str(reason.msg))
        assert snapshot(args) == snapshot(program.args(number))
        assert snapshot(value) == snapshot(program.function(*args))
        assert close(tangent or 0.0, math.fsum(expected), 1e-9, 1e-12 * scale)


def moved(tree: Any) -> tuple[Any, dict[tuple, float]]:
    """A direction in the shape of an argument, and its numbers by path."""
    weights = {path: ((3 * k + 2) % 7 - 2.5) / 3 for k, (path, _) in enumerate(leaves(tree))}
    for path, weight in weights.items():
        tree = replaced(tree, path, weight)
    return tree, weights


@every_program
def test_the_second_order_is_the_difference_of_the_first(program):
    taken(program)
    argnum = first_number(program)
    if argnum is None or program.isolated:
        pytest.skip("no argument is a number")
    taken(program, order=2)
    slope, bend = slope_and_bend(program)
    for number in range(len(program.points)):
        args = program.args(number)
        if type(args[argnum]) is not float:
            continue
        found = bend(*args)
        assert snapshot(args) == snapshot(program.args(number))

        def along(x, number=number):
            return slope(*replaced(program.args(number), (argnum,), x))

        estimate = difference(along, (args[argnum],), 0)
        if estimate is not None:
            allowed = max(4 * estimate.error, 1e-6 * abs(estimate.value), 1e-8)
            assert abs(found - estimate.value) <= allowed, estimate


@pytest.mark.parametrize(
    ("program", "figures"),
    [pytest.param(p, f, id=f"{p.name}-{k}") for p in PROGRAMS for k, f in enumerate(p.published)],
)
def test_published_figures(program, figures):
    if figures.value is not None:
        value = program.function(*deepcopy(figures.args))
        assert close(value, figures.value, 0, figures.within), figures.source
    taken(program)
    gradient = gradient_of(program)(*deepcopy(figures.args))
    for found, wanted in zip(gradient, figures.gradient, strict=False):
        if wanted is not None:
            assert close(found, wanted, figures.within, figures.within), figures.source
    if figures.second is not None:
        found = slope_and_bend(program)[1](*deepcopy(figures.args))
        assert close(found, figures.second, figures.within, figures.within), figures.source


@every_program
def test_the_saved_text_runs_without_sourcediff(program, tmp_path):
    taken(program)
    args = program.args(0)
    texts = any(isinstance(a, str) for a in args)  # the text that is saved is for one of them
    derivative = grad(program.function, program.argnums) if texts else gradient_of(program)
    found = derivative(*args)
    path = tmp_path / "saved.py"
    derivative.save(path)
    text = path.read_text(encoding="utf-8")
    assert "import sourcediff" not in text and "from sourcediff" not in text
    assert "\nclass " not in text
    namespace: dict = {}
    exec(compile(text, program.name, "exec"), namespace)
    function = namespace[f"grad_{program.function.__name__}"]
    names = inspect.signature(function).parameters
    given = inspect.signature(program.function).bind(*args)
    given.apply_defaults()
    again = function(**{name: v for name, v in given.arguments.items() if name in names})
    assert snapshot(again) == snapshot(found)
