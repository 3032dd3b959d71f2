"""The corpus is what it says: points inside the domain and away from kinks, enough of it.

None of this needs the compiler: the reference and differences judge the corpus here, so that a
failure of the compiler on it is one of the compiler.
"""

import ast
import inspect
import math

import pytest

from sourcediff import tape
from tests.corpus.program import Kink, Program
from tests.corpus.scalars import EXTRAS, KINKS, PROGRAMS
from tests.differences import difference
from tests.generator.loading import executed_lines
from tests.outcome import close, run

TABLE = [*PROGRAMS, *EXTRAS]
POINTS = [
    pytest.param(program, point, id=f"{program.name}-{number}")
    for program in TABLE
    for number, point in enumerate(program.points)
]


# Branches that a module constant rules out.
NEVER_TAKEN = {"branches.match_module_constant"}

# The reference multiplies partial by partial, so it loses what is too small in between.
KINKS_OF_REFERENCE = [
    pytest.param(
        kink,
        id=f"{kink.function.__name__}{kink.args}",
        marks=(
            [pytest.mark.xfail(strict=True, reason="the partial 1 / z ** 2 underflows")]
            if (kink.function.__name__, kink.args) == ("sigmoid", (-700.0,))
            else []
        ),
    )
    for kink in KINKS
]


def wanted(program: Program | Kink) -> tuple[int, ...]:
    return program.argnums if isinstance(program.argnums, tuple) else (program.argnums,)


def test_names_are_unique():
    names = [program.name for program in TABLE]
    assert len(names) == len(set(names))
    assert len(PROGRAMS) >= 80


@pytest.mark.parametrize(("program", "point"), POINTS)
def test_points_are_smooth(program, point):
    value = run(lambda: program.function(*point)).value
    assert type(value) in (float, int)
    assert math.isfinite(value)
    for argnum in wanted(program):
        estimate = difference(program.function, point, argnum)
        assert estimate is not None
        # A derivative too small for the absolute tolerance would be compared with nothing.
        assert estimate.value == 0 or abs(estimate.value) > 1e-6
        assert estimate.error < 1e-6 * max(1.0, abs(estimate.value))


@pytest.mark.parametrize(("program", "point"), POINTS)
def test_reference_agrees_with_differences(program, point):
    gradient = run(lambda: tape.gradient(program.function, *point, argnums=wanted(program))).value
    for argnum, leaf in zip(wanted(program), gradient, strict=True):
        estimate = difference(program.function, point, argnum)
        assert close(leaf, estimate.value, rtol=1e-7, atol=estimate.error)


@pytest.mark.parametrize("program", [p for p in PROGRAMS if p.raising], ids=lambda p: p.name)
def test_points_that_raise_raise(program):
    for point in program.raising:
        assert run(lambda: program.function(*point)).exception is not None


@pytest.mark.parametrize(
    "program", [p for p in TABLE if p.name not in NEVER_TAKEN], ids=lambda program: program.name
)
def test_points_take_every_branch(program):
    """Every statement of the function itself runs at one of its points."""
    function = inspect.unwrap(program.function)
    lines, first = inspect.getsourcelines(function)
    tree = ast.parse("if True:\n" + "".join("    " + line for line in lines))
    definition = tree.body[0].body[0]
    statements = {
        node.lineno - 2 + first
        for node in ast.walk(definition)
        if isinstance(node, ast.stmt)
        and node is not definition
        and not isinstance(node, ast.Nonlocal | ast.Pass | ast.AnnAssign)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    }
    points = (*program.points, *program.raising)
    executed = set().union(*(executed_lines(function, point) for point in points))
    assert statements - executed == set()


@pytest.mark.parametrize("kink", KINKS_OF_REFERENCE)
def test_reference_follows_the_policy_at_kinks(kink):
    outcome = run(lambda: tape.gradient(kink.function, *kink.args, argnums=kink.argnums))
    if isinstance(kink.expected, type):
        assert isinstance(outcome.exception, kink.expected)
    else:
        assert outcome.exception is None
        assert close(outcome.value, kink.expected, rtol=1e-14, atol=0.0), kink.why
