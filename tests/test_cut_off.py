"""What loops keep changes nothing that comes out: the same with all kept that the reverse reads."""

import math
from copy import deepcopy

import pytest

from sourcediff import DifferentiationError, grad, value_and_grad
from sourcediff.transform.loops.policy import keeping_everything
from tests import turns
from tests.corpus.whole.trees import leaves
from tests.list_programs import LISTS
from tests.loop_functions import CASES
from tests.test_whole_tape import CASES as PROGRAMS
from tests.test_whole_tape import STOPS
from tests.whole_derivatives import bound, is_exempt, silently

RANDOM = 30


def close(actual, expected):
    found, wanted = dict(leaves(actual)), dict(leaves(expected))
    return found.keys() == wanted.keys() and all(
        math.isclose(found[path], wanted[path], rel_tol=1e-10, abs_tol=1e-12) for path in wanted
    )


@pytest.mark.parametrize("name", CASES)
def test_gradients_of_loops_are_the_same(name):
    case = CASES[name]
    decided = value_and_grad(case.function, argnums=case.argnums)
    expected = [decided(*deepcopy(point)) for point in case.points]
    with keeping_everything():
        kept = value_and_grad(case.function, argnums=case.argnums)
        actual = [kept(*deepcopy(point)) for point in case.points]
    assert [value for value, _ in actual] == [value for value, _ in expected]
    assert all(map(close, actual, expected))


@pytest.mark.parametrize("name", CASES)
def test_second_derivatives_of_loops_are_the_same(name):
    case = CASES[name]
    place = case.argnums[0]
    if not isinstance(case.points[0][place], float):
        pytest.skip("the derivative in a list is a list")
    decided = grad(grad(case.function, argnums=place), argnums=place)
    expected = [decided(*deepcopy(point)) for point in case.points]
    with keeping_everything():
        kept = grad(grad(case.function, argnums=place), argnums=place)
        actual = [kept(*deepcopy(point)) for point in case.points]
    assert all(map(close, actual, expected))


def test_it_is_switched_off():
    case = CASES["rosenbrock"]
    with keeping_everything():
        kept = grad(case.function)
        kept(*case.points[0])
    assert ".pop()" in kept.source or "reversed(" in kept.source


@pytest.mark.parametrize("number", range(RANDOM // 3))
def test_random_programs_with_loops_have_right_derivatives(number):
    text = turns.written("off", number)
    with keeping_everything():
        found = list(turns.verdicts(turns.loaded(text, f"off:{number}")))
    assert not [v for v in found if v.startswith(turns.DEFECTS)], text


@pytest.mark.parametrize("number", range(RANDOM))
def test_random_programs_with_lists_have_the_gradient_of_the_tape(number):
    with keeping_everything():
        found = LISTS.judged("off", number)
    kinds = [verdict.partition(":")[0] for verdict in found]
    assert all(kind in ("right", "refused", "no gradient by the tape") for kind in kinds), found


def test_programs_of_the_corpus_have_the_same_gradients():
    taken = 0
    for case in PROGRAMS:
        if is_exempt(case, 1):
            continue
        try:
            expected = silently(grad(case.program.function, case.program.argnums), *bound(case))
        except (*STOPS, DifferentiationError):
            continue
        with keeping_everything():
            kept = grad(case.program.function, case.program.argnums)
            assert close(silently(kept, *bound(case)), expected), case.id
        taken += 1
    assert taken >= 65
