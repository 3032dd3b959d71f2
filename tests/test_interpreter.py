"""Every stage of the compiler, executed: what it means is what the stage before it meant.

The primal's forms against the function itself, to the last bit; the derivative's last form
against the text that was written from it.  A wrong result of the whole compiler is found by
looking which of these is the first to fail.
"""

import inspect
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sourcediff import DifferentiationError
from sourcediff.frontend.frames import parameter_names
from sourcediff.frontend.lower import lower_function
from sourcediff.interpret import run as interpret
from sourcediff.ir import Function
from sourcediff.kinds import kind_of
from sourcediff.specialisation import Specialisation
from sourcediff.specialise import Derivative
from sourcediff.transform.pipeline import optimise_primal
from sourcediff.types import Type
from sourcediff.verify import verify
from tests.corpus.program import Program
from tests.corpus.scalars import EXTRAS, PROGRAMS
from tests.generator import load, seeded
from tests.outcome import Outcome, close, run, same_bits

GENERATED = 150
# What the simplified derivative may differ by from the one that falls out of reverse mode.
RTOL, ATOL = 1e-9, 1e-11


def in_order(derivative: Derivative, args: Sequence[Any]) -> tuple[Any, ...]:
    """The values of all parameters in the order of the signature, defaults filled in."""
    function = derivative.function
    bound = inspect.signature(function, follow_wrapped=False).bind(*derivative.bound, *args)
    bound.apply_defaults()
    return tuple(bound.arguments[name] for name in parameter_names(derivative.source.node.args))


def lowered(derivative: Derivative, values: Sequence[Any]) -> Function:
    names = parameter_names(derivative.source.node.args)
    kinds = {name: kind_of(value)[0] for name, value in zip(names, values, strict=True)}
    return verify(lower_function(derivative.function, kinds))


def passed(values: Sequence[Any]) -> list[Any]:
    """The values that are arguments of the IR; the others are constants in it."""
    return [value for value in values if isinstance(kind_of(value)[0], Type)]


def call_body(derivative: Derivative, made: Specialisation, values: Sequence[Any]) -> Any:
    """Calls the emitted function, as the entry would, but leaves its result as it is."""
    signature = derivative.source.node.args
    only_keyword = {arg.arg for arg in signature.kwonlyargs}
    star = signature.vararg.arg if signature.vararg else None
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for name, value in zip(parameter_names(signature), values, strict=True):
        if not isinstance(kind_of(value)[0], Type):
            continue
        if name in only_keyword:
            keywords[name] = value
        elif name == star:
            positional += value
        else:
            positional.append(value)
    assert made.body is not None
    return made.body(*positional, **keywords)


def outcome(call: Callable[[], Any]) -> Outcome:
    random.seed(0)  # some programs draw numbers
    return run(call)


def assert_same(actual: Outcome, expected: Outcome) -> None:
    assert type(actual.exception) is type(expected.exception), (actual, expected)
    assert str(actual.exception) == str(expected.exception)
    assert same_bits(actual.value, expected.value), (actual.value, expected.value)
    assert actual.printed == expected.printed


def check(function: Callable[..., Any], args: tuple[Any, ...], argnums: Any) -> None:
    """Executes all forms of a program and of its derivative at one point.

    Raises:
        DifferentiationError: the program is not supported.
    """
    derivative = Derivative(function, argnums, with_value=True)
    values = in_order(derivative, args)
    arguments = passed(values)
    primal = lowered(derivative, values)
    expected = outcome(lambda: function(*args))
    assert_same(outcome(lambda: interpret(primal, *arguments)), expected)
    slim = verify(optimise_primal(primal))
    if expected.exception is None:  # else what raises may have been dropped
        assert_same(outcome(lambda: interpret(slim, *arguments)), expected)

    made = derivative.specialisation_for(values)
    emitted = outcome(lambda: call_body(derivative, made, values))
    assert_same(outcome(lambda: interpret(made.lowered, *arguments)), emitted)
    raw = outcome(lambda: interpret(made.stages["differentiated"], *arguments))
    if raw.exception is None:
        assert emitted.exception is None
        assert close(emitted.value, raw.value, rtol=RTOL, atol=ATOL), (emitted.value, raw.value)


def points(table: list[Program]) -> list[Any]:
    return [
        pytest.param(program, point, id=f"{program.name}-{number}")
        for program in table
        for number, point in enumerate((*program.points, *program.raising))
    ]


@pytest.mark.parametrize(("program", "point"), points(PROGRAMS))
def test_corpus(program: Program, point: tuple[Any, ...]) -> None:
    check(program.function, point, program.argnums)


@pytest.mark.parametrize(("program", "point"), points(EXTRAS))
def test_corpus_beyond_what_is_promised(program: Program, point: tuple[Any, ...]) -> None:
    try:
        check(program.function, point, program.argnums)
    except DifferentiationError as refusal:
        assert "internal error" not in str(refusal)  # noqa: PT017


@pytest.mark.parametrize("number", range(GENERATED))
def test_generated_programs(number: int) -> None:
    program = seeded(f"interpreter:{number}")
    function = load(program)
    for point in program.points:
        check(function, point, program.argnums)
