"""Reverse mode that keeps everything: exact on the corpus of whole programs, to order two."""

import math
from types import SimpleNamespace

import pytest

from sourcediff.errors import DifferentiationError
from sourcediff.interpret import run
from sourcediff.primal import lower_for
from sourcediff.transform.whole import gradient
from sourcediff.transform.whole.normal import normal_form
from sourcediff.verify import verify
from tests.corpus.whole.registry import WholeProgram
from tests.corpus.whole.table import PROGRAMS
from tests.corpus.whole.trees import snapshot
from tests.outcome import run as outcome_of
from tests.whole_derivatives import (
    LEAVES,
    RAISING,
    bound,
    derivatives,
    interpreted,
    is_exempt,
    lowered,
    mismatch,
    silently,
)

DIFFERENTIATED = [program for program in PROGRAMS if program.argnums]

every_program = pytest.mark.parametrize("program", DIFFERENTIATED, ids=lambda p: p.name)


def lowered_or_skipped(program: WholeProgram):
    try:
        return lowered(program)
    except (DifferentiationError, AssertionError) as reason:
        pytest.skip(f"not lowered: {str(reason).splitlines()[0]}")


def derivatives_or_skipped(program: WholeProgram, orders: int):
    function = lowered_or_skipped(program)
    try:
        return derivatives(function, program.argnums, orders)
    except DifferentiationError as reason:
        pytest.skip(f"refused: {reason}")


@every_program
def test_first_and_second_derivatives_are_exact(program: WholeProgram):
    for order, derivative in enumerate(derivatives_or_skipped(program, 2), start=1):
        for case in program.cases("points"):
            if not is_exempt(case, order):
                limit = None if order == 1 else LEAVES
                assert mismatch(derivative, case, program.argnums, limit) is None


@every_program
def test_the_interpreter_gives_the_same_gradient(program: WholeProgram):
    (derivative,) = derivatives_or_skipped(program, 1)
    for case in list(program.cases("points"))[:1]:
        if not is_exempt(case, 1):
            plain = silently(derivative.gradient, *bound(case))
            assert snapshot(interpreted(derivative, case)) == snapshot(plain)


@every_program
def test_what_raises_still_does(program: WholeProgram):
    (derivative,) = derivatives_or_skipped(program, 1)
    for case in program.cases("raising"):
        expected = outcome_of(case.run).exception
        found = outcome_of(lambda case=case: derivative.gradient(*bound(case))).exception
        assert type(found) is type(expected)
    for case in program.cases("points"):
        raised = RAISING.get(case.id.partition(".")[2])
        if raised is not None:
            assert isinstance(
                outcome_of(lambda case=case: derivative.gradient(*bound(case))).exception, raised
            )


@every_program
def test_normal_form_does_the_same(program: WholeProgram):
    try:
        function = verify(lower_for(program.function, *[c.args() for c in program.cases()]))
        form = verify(normal_form(function))
    except (DifferentiationError, AssertionError) as reason:
        pytest.skip(str(reason).splitlines()[0])
    for case in program.cases():
        given, args = case.args(), bound(case)
        found = outcome_of(lambda args=args: run(form, *args))
        expected = outcome_of(lambda given=given: program.function(*given))
        assert type(found.exception) is type(expected.exception)
        assert found.printed == expected.printed
        if expected.exception is None:
            changed = (found.value, tuple(args[: len(given)]))
            assert snapshot(changed) == snapshot((expected.value, given))


# Arguments ------------------------------------------------------------------------------------


def grad(function, *args, argnums=(0,)):
    form = verify(gradient(lower_for(function, args), argnums))
    return run(form, *args)


def doubled_through_alias(xs, ys):
    """Writes through one argument what it reads through the other."""
    xs[0] = xs[0] * ys[1]
    return ys[0] * xs[1] + ys[1]


def test_one_list_as_two_arguments():
    xs = [2.0, 3.0]
    assert grad(doubled_through_alias, xs, xs, argnums=(0, 1)) == ([9.0, 13.0], [9.0, 13.0])
    assert xs == [2.0, 3.0]


def test_one_list_as_two_arguments_where_the_examples_are_two():
    form = verify(gradient(lower_for(doubled_through_alias, ([2.0, 3.0], [5.0, 7.0])), (0, 1)))
    xs = [2.0, 3.0]
    assert run(form, xs, xs) == ([9.0, 13.0], [9.0, 13.0])
    assert run(form, [2.0, 3.0], [5.0, 7.0]) == ([0.0, 5.0], [3.0, 1.0])


def shared_rows(rows):
    """Scales the first row, which may be the last as well."""
    rows[0][0] = rows[0][0] * 2.0
    return rows[0][0] * rows[-1][0]


def test_one_row_twice():
    row = [3.0]
    assert grad(shared_rows, [row, row]) == [[24.0], [24.0]]
    assert grad(shared_rows, [[3.0], [5.0]]) == [[10.0], [6.0]]
    assert row == [3.0]


def mixed(settings):
    """Numbers among things that are none."""
    return settings.rate * settings.sizes[0] * len(settings.name) if settings.on else 0.0


def test_what_has_no_derivative():
    settings = SimpleNamespace(rate=0.5, sizes=[4.0, 3], name="abc", on=True, rest=None)
    found = grad(mixed, settings)
    assert (found.rate, found.sizes, found.name, found.on, found.rest) == (
        12.0,
        [1.5, 0.0],
        None,
        None,
        None,
    )


def linked(node):
    """A list that ends in its own beginning."""
    total = 0.0
    for _ in range(3):
        total += node.value * node.value
        node = node.next
    return total


def test_a_ring():
    first, second = SimpleNamespace(value=2.0, next=None), SimpleNamespace(value=3.0, next=None)
    first.next, second.next = second, first
    found = grad(linked, first)
    assert (found.value, found.next.value) == (8.0, 6.0)
    assert found.next.next is found


# Refusals -------------------------------------------------------------------------------------


def numbers_in_a_set(x):
    """A set has no places at which adjoints could be."""
    return sum({x, 2.0 * x})


def leaves_in_finally(x):
    """What was returned is thrown away."""
    try:
        return x * x
    finally:
        return x  # noqa: B012


def returns_text(x):
    """No number."""
    return "high" if x > 1 else "low"


def added_to_a_set(x):
    """As above, with a set that grows."""
    found = {0.5}
    found.add(x)
    return sum(found)


def read_from_its_text(x):
    """A number that was written and is read again."""
    return float(f"{x!r}") * x


@pytest.mark.parametrize(
    "function",
    [numbers_in_a_set, added_to_a_set, leaves_in_finally, returns_text, read_from_its_text],
)
def test_refused(function):
    with pytest.raises(DifferentiationError):
        gradient(lower_for(function, (1.5,)), (0,))


def test_a_constant_root_of_zero_is_left_alone():
    def distance(x):
        y = 0.0
        return x + math.sqrt(y)

    assert grad(distance, 2.0) == 1.0
