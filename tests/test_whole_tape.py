"""Reverse mode on the whole language against the tape, which runs the user's own mutation."""

import contextlib
import math
from functools import partial

import pytest

from sourcediff import DifferentiationError, tape
from sourcediff.interpret import run
from sourcediff.transform.whole import gradient
from tests.corpus.whole.registry import Case
from tests.corpus.whole.table import PROGRAMS
from tests.corpus.whole.trees import leaves
from tests.whole_derivatives import bound, is_exempt, lowered, silently

CASES = [
    case
    for program in PROGRAMS
    if program.argnums and program.scalar and not program.name.startswith("arrays.")
    for case in program.cases("points")
]
#: What stops the tape: it refuses, or the program hands a number of its to what needs a float.
STOPS = (TypeError, NotImplementedError, AttributeError)


def by_tape(case: Case):
    """The gradient by the tape; raises what stops it."""
    program = case.program
    return silently(partial(tape.gradient, argnums=program.argnums), program.function, *bound(case))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_gradient_is_that_of_the_tape(case: Case):
    if is_exempt(case, 1):
        pytest.skip("the derivative is that of a path taken only here")
    try:
        form = gradient(lowered(case.program), case.program.argnums, as_tuple=True)
        expected = dict(leaves(by_tape(case)))
    except DifferentiationError as reason:
        pytest.skip(f"refused: {reason.msg}")
    except STOPS as reason:
        pytest.skip(f"the tape: {reason}")
    actual = dict(leaves(silently(run, form, *bound(case))))
    arguments = bound(case)
    for path, _ in leaves(tuple(arguments[place] for place in case.program.argnums)):
        found, wanted = actual[path], expected[path]
        assert math.isclose(found, wanted, rel_tol=1e-8, abs_tol=1e-11), path


def test_the_tape_takes_most_programs():
    taken = set()
    for case in CASES:
        with contextlib.suppress(*STOPS):
            by_tape(case)
            taken.add(case.program.name)
    assert len(taken) > 150
