"""The table of derivative rules: every partial of every rule, against mpmath.

The tests run over the table itself, so that a new rule is tested by being there.  That they
would find a wrong one is tested as well: each partial is made wrong in turn.
"""

import pytest

from sourcediff import DifferentiationError, grad
from sourcediff.rules import Rule
from sourcediff.transform.adjoint import pullback
from sourcediff.transform.adjoint.scaled import AdjointBuilder
from tests.generator import load_source
from tests.outcome import close
from tests.rule_table import CASES, EXACT, IMPORTS, SPELLINGS, TABLE, Case, missing

RTOL, ATOL = 1e-12, 1e-14
SECOND_RTOL, SECOND_ATOL = 1e-11, 1e-13

# Not in every Python from 3.11 on.
LATER = {"math.sumprod(*x)", "math.fma(a, b, c)"}


class WrongDerivative(AssertionError):
    """A rule says something else than mpmath: a class of its own, so that nothing else passes
    for a mutant that was caught."""


every_case = pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=str(case),
            marks=pytest.mark.skipif(
                missing(case.rule), reason=f"{case.rule.pattern} is not in this Python's math"
            ),
        )
        for case in CASES
    ],
)


def is_truth(case: Case) -> bool:
    return isinstance(case.value, bool)


def forms(case: Case) -> list[bool]:
    """A truth value is not returned alone: there is no number to differentiate."""
    return [True] if is_truth(case) else [False, True]


def check_first(case: Case, place: int) -> None:
    """Holds the first derivative in one argument against mpmath."""
    orders = [int(k == place) for k in range(len(case.names))]
    for inside in forms(case):
        gradient = grad(case.function(inside), place)
        for point in case.points:
            actual, expected = gradient(*point), case.derivative(point, orders, inside)
            if not close(actual, expected, rtol=RTOL, atol=ATOL):
                raise WrongDerivative(f"{case} at {point}, argument {place}: {actual}, {expected}")


def check_second(case: Case, place: int, then: int) -> None:
    orders = [int(k == place) + int(k == then) for k in range(len(case.names))]
    for inside in forms(case):
        gradient = grad(grad(case.function(inside), place), then)
        for point in case.points:
            actual, expected = gradient(*point), case.derivative(point, orders, inside)
            if not close(actual, expected, rtol=SECOND_RTOL, atol=SECOND_ATOL):
                raise WrongDerivative(f"{case} at {point}, {place} {then}: {actual}, {expected}")


# The rules. ---------------------------------------------------------------------------------


@every_case
def test_first_derivatives(case: Case) -> None:
    for place in case.places:
        check_first(case, place)


@every_case
def test_second_derivatives(case: Case) -> None:
    for place in case.places:
        for then in case.places:
            check_second(case, place, then)


@every_case
def test_all_arguments_at_once(case: Case) -> None:
    """The partials of one operation share what they compute."""
    gradient = grad(case.function(inside=True), case.places)
    for point in case.points:
        for place, actual in zip(case.places, gradient(*point), strict=True):
            orders = [int(k == place) for k in range(len(case.names))]
            expected = case.derivative(point, orders, inside=True)
            assert close(actual, expected, rtol=RTOL, atol=ATOL)


@every_case
def test_the_mpmath_function_is_the_python_function(case: Case) -> None:
    # Otherwise the derivatives would be compared with those of something else.
    for point in case.points:
        actual = case.function()(*point)
        expected = case.derivative(point, [0] * len(point), inside=False)
        assert close(actual, expected, rtol=1e-14, atol=1e-15)


ZERO = [
    pytest.param(case, place, id=f"{case}-{place}")
    for case in CASES
    if not missing(case.rule)
    for place in case.places
    if case.rule.partial(place) == "0"
]


@pytest.mark.parametrize(("case", "place"), ZERO)
def test_where_the_derivative_is_zero_it_is_exactly_zero(case: Case, place: int) -> None:
    gradient = grad(case.function(), place)
    if is_truth(case):
        with pytest.raises(DifferentiationError, match="truth value"):
            gradient(*case.points[0])
    else:
        assert [gradient(*point) for point in case.points] == [0.0] * len(case.points)


@pytest.mark.parametrize(
    ("source", "point", "name"),
    [
        ("import math\n\ndef f(x, i):\n    return math.ldexp(x, i)\n", (0.7, 2), "i"),
        (IMPORTS["polygamma"] + "\ndef f(x, n):\n    return polygamma(n, x)\n", (0.7, 1), "n"),
    ],
)
def test_arguments_without_a_derivative_are_refused_by_name(source, point, name) -> None:
    with pytest.raises(DifferentiationError, match=f"no derivative in its argument '{name}'"):
        grad(load_source(source), 1)(*point)


def test_tables_of_the_tests_and_of_the_compiler_have_the_same_entries() -> None:
    assert EXACT.keys() - LATER == TABLE.keys() - LATER
    assert {case.rule.pattern for case in CASES} == TABLE.keys()
    variadic = {pattern for pattern, rule in TABLE.items() if rule.variadic}
    assert SPELLINGS.keys() - LATER == (variadic | {"polygamma(n, x)"}) - LATER
    assert len(ZERO) >= 15
    refused = [pattern for pattern, rule in TABLE.items() if None in rule.partials]
    assert refused == ["polygamma(n, x)", "math.ldexp(x, i)"]


def test_rules_show_as_one_line() -> None:
    assert repr(TABLE["x / z"]) == "rule('x / z', '1 / z', '-y / z')"


# Wrong rules. -------------------------------------------------------------------------------


def mutants() -> list:
    """Every partial that is read: one that claims zero is not where the result is no real."""
    found = []
    for rule in TABLE.values():
        if missing(rule):
            continue
        # The most arguments: with one, `hypot` is `abs`, and a distance has no direction.
        case = [case for case in CASES if case.rule is rule][-1]
        for place, text in enumerate(rule.partials):
            if text is not None and (text != "0" or isinstance(case.value, float)):
                found.append(pytest.param(case, place, id=f"{rule.pattern}-{place}"))
    return found


def mutated(text: str) -> str:
    return {"0": "1", "1": "-1"}.get(text, f"-({text})")


@pytest.fixture
def with_partial(monkeypatch: pytest.MonkeyPatch):
    """Returns a function that replaces one partial of a rule, until the end of the test."""

    def replace(rule: Rule, place: int, text: str) -> None:
        partials = (*rule.partials[:place], text, *rule.partials[place + 1 :])
        monkeypatch.setattr(rule, "partials", partials)
        monkeypatch.setattr(pullback, "_recipes", {})

    return replace


@pytest.mark.parametrize(("case", "place"), mutants())
def test_a_wrong_partial_is_found(with_partial, monkeypatch, case: Case, place: int) -> None:
    with_partial(case.rule, place, mutated(case.rule.partials[place]))
    if (case.rule.pattern, place) == ("x / z", 1):
        # The pullback does not read this partial: it keeps the division pending.
        check_first(case, place)
        over = AdjointBuilder.over
        monkeypatch.setattr(AdjointBuilder, "over", lambda *args: -over(*args))
    if case.rule.variadic:
        place = len(case.names) - 1  # the one partial serves every argument
    with pytest.raises(WrongDerivative):
        check_first(case, place)


def test_there_is_a_mutant_of_nearly_every_partial() -> None:
    """Where integers and truth values come out, the types keep derivatives away already."""
    here = [rule for rule in TABLE.values() if not missing(rule)]
    partials = [text for rule in here for text in rule.partials if text is not None]
    found = mutants()
    never_read = {rule.pattern for rule in here} - {p.values[0].rule.pattern for p in found}
    assert len(found) == len(partials) - len(never_read)
    assert never_read == {
        "bool(x)",
        "int(x)",
        "math.ceil(x)",
        "math.floor(x)",
        "math.frexp(x)[1]",
        "math.isfinite(x)",
        "math.isinf(x)",
        "math.isnan(x)",
        "math.trunc(x)",
        "round(x)",
    }
