"""The corpus of whole programs is what it says: it runs, it is smooth where it says so.

None of this needs the compiler: differences judge the programs, so that a failure of the
compiler on them is one of the compiler.
"""

import ast
import inspect
import math
from collections import Counter

import pytest

from tests.corpus.whole.registry import Case, WholeProgram
from tests.corpus.whole.table import CASES, PROGRAMS
from tests.corpus.whole.trees import leaves, mutables, replaced, snapshot
from tests.differences import difference
from tests.generator.loading import executed_lines
from tests.outcome import run

RETURNING = [case for case in CASES if case.kind != "raising"]
SMOOTH = [case for case in CASES if case.kind == "points" and case.program.argnums]

every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)


def every_case(cases: list[Case] | tuple[Case, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.id)


def test_there_are_enough_with_unique_names():
    names = [program.function.__name__ for program in PROGRAMS]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert len(PROGRAMS) >= 130
    assert len(CASES) >= 2 * len(PROGRAMS)


@every_program
def test_is_a_documented_function(program: WholeProgram):
    assert inspect.isfunction(program.function)
    assert inspect.getdoc(program.function)
    assert list(program.cases("points", "kinks", "raising")) == list(program.cases())
    assert next(program.cases(), None) is not None


@every_case(CASES)
def test_arguments_are_equal_and_fresh(case: Case):
    first, second = case.args(), case.args()
    assert snapshot(first) == snapshot(second)
    assert not {id(m) for m in mutables(first)} & {id(m) for m in mutables(second)}
    # The bounds of the positional arguments, so that a wrong argnum is found here.
    assert all(0 <= argnum < len(first) for argnum in case.program.argnums)
    inspect.signature(case.program.function).bind(*first)


@every_case(RETURNING)
def test_returns_finite_numbers_twice_the_same(case: Case):
    outcome = run(case.run)
    assert outcome.exception is None
    assert all(math.isfinite(value) for _, value in leaves(outcome.value))
    assert case.program.scalar == (isinstance(outcome.value, float | int))
    assert snapshot(run(case.run).value) == snapshot(outcome.value)


@every_case([case for case in CASES if case.kind == "raising"])
def test_raises_by_intention(case: Case):
    outcome = run(case.run)
    assert isinstance(outcome.exception, Exception)
    # An error of the corpus itself would look like these.
    assert not isinstance(outcome.exception, NameError | AttributeError) or isinstance(
        outcome.exception, UnboundLocalError
    )


def weighted_sum(case: Case, argnum: int, path: tuple, value: float) -> float:
    """One number for results of every shape, with one leaf of the arguments replaced."""
    args = replaced(case.args(), (argnum, *path), value)
    result = case.program.function(*args)
    return sum((k + 1) * leaf for k, (_, leaf) in enumerate(leaves(result)))


@every_case(SMOOTH)
def test_points_are_smooth(case: Case):
    for argnum in case.program.argnums:
        for path, value in leaves(case.args()[argnum]):

            def along(x, argnum=argnum, path=path):
                return run(lambda: weighted_sum(case, argnum, path, x)).value

            estimate = difference(along, (value,), 0)
            assert estimate is not None, (argnum, path)
            assert estimate.error < 1e-5 * max(1.0, abs(estimate.value)), (argnum, path)


@every_program
def test_every_statement_runs(program: WholeProgram):
    lines, first = inspect.getsourcelines(program.function)
    (definition,) = ast.parse("".join(lines)).body
    statements = {
        node.lineno - 1 + first
        for node in ast.walk(definition)
        if isinstance(node, ast.stmt)
        and node is not definition
        and not isinstance(node, ast.Nonlocal | ast.Pass)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    }
    cases = list(program.cases())
    executed = set().union(*(executed_lines(program.function, case.args()) for case in cases))
    assert statements - executed == set()
