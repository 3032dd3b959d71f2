"""Every function of the math module: differentiated, constant, refused by name, or listed here."""

import math
from typing import Any

import mpmath
import pytest

from sourcediff import DifferentiationError, grad, value_and_grad
from sourcediff.frontend.calls.builtin_calls import HANDLERS
from sourcediff.rules import primitive_of
from sourcediff.rules.mathematics import INTEGER_ONLY
from tests.generator import load_source
from tests.outcome import close, same_bits
from tests.rule_table import CASES, Case, missing

RTOL, ATOL = 1e-12, 1e-14

FUNCTIONS = sorted(
    name for name, found in vars(math).items() if callable(found) and not name.startswith("_")
)
INTEGERS = {"comb", "factorial", "gcd", "isqrt", "lcm", "perm"}
#: Functions that are neither differentiated nor on integers, each with the reason.
LISTED: dict[str, str] = {}
#: Handled without a rule of their own; tested below one by one.
WITHOUT_RULE = {
    "prod": "a product of its factors",
    "isclose": "a truth value",
}
MATH_CASES = [
    pytest.param(case, id=str(case))
    for case in CASES
    if case.rule.pattern.startswith("math.") and not missing(case.rule)
]


def has_rule(name: str) -> bool:
    return any(case.values[0].rule.pattern.startswith(f"math.{name}(") for case in MATH_CASES)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_accounted_for(name: str) -> None:
    function = getattr(math, name)
    known = primitive_of(function) is not None or function in HANDLERS
    assert known != (name in LISTED), f"math.{name} is new, or need not be listed any more"
    assert has_rule(name) + (name in INTEGERS) + (name in WITHOUT_RULE) + (name in LISTED) == 1


def test_functions_of_integers_are_those() -> None:
    assert set(INTEGER_ONLY) == INTEGERS


# Differentiable functions, in both spellings. ------------------------------------------------


@pytest.mark.parametrize("from_math", [False, True], ids=["math.f", "f"])
@pytest.mark.parametrize("case", MATH_CASES)
def test_both_spellings(case: Case, from_math: bool) -> None:
    source = case.source(inside=True, from_math=from_math)
    assert ("from math import" in source) == from_math
    function, point = load_source(source), case.points[0]
    derivative = value_and_grad(function, case.places)
    value, slopes = derivative(*point)
    assert same_bits(value, function(*point))
    for place, actual in zip(case.places, slopes, strict=True):
        orders = [int(k == place) for k in range(len(point))]
        assert close(actual, case.derivative(point, orders, True), rtol=RTOL, atol=ATOL)
    # The text keeps to the user's spelling; what it carries along has its own.
    if from_math and "polygamma" not in derivative.source:
        assert "math." not in derivative.source


def differentiated(text: str, x: Any, head: str = "import math\n") -> Any:
    return grad(load_source(f"{head}\ndef f(x):\n    return {text}\n"))(x)


@pytest.mark.parametrize(
    ("head", "name"), [("import math\n", "math.prod"), ("from math import prod\n", "prod")]
)
@pytest.mark.parametrize(
    ("arguments", "formula"),
    [
        ("((x, 3.0, x))", lambda x: 3 * x * x),
        ("((x, x + 1.0), start=x)", lambda x: x * x * (x + 1)),
        ("((2.0, 3.0), start=x)", lambda x: 6 * x),
        ("((x,))", lambda x: x),
        ("(()) * x", lambda x: x),
    ],
)
def test_prod(head: str, name: str, arguments: str, formula) -> None:
    expected = float(mpmath.diff(formula, 0.7))
    assert close(differentiated(name + arguments, 0.7, head), expected, rtol=RTOL, atol=ATOL)


@pytest.mark.parametrize("x", [0.0, 1.5])
def test_prod_with_a_zero_factor(x: float) -> None:
    # No factor is divided by: the derivative of x * 0.0 * 2.0 is 0, that of x * x * 3.0 at 0 too.
    assert differentiated("math.prod((x, 0.0, 2.0))", x) == 0.0
    assert differentiated("math.prod((x, x, 3.0))", 0.0) == 0.0


@pytest.mark.parametrize(("x", "expected"), [(2.0, 1.0), (2.0 + 1e-12, 1.0), (2.5, 3.0)])
@pytest.mark.parametrize("extra", ["", ", rel_tol=1e-9", ", abs_tol=1e-9, rel_tol=0.0"])
def test_isclose(x: float, expected: float, extra: str) -> None:
    assert differentiated(f"x if math.isclose(x, 2.0{extra}) else 3.0 * x", x) == expected


def test_constants_of_the_module() -> None:
    text = "x * math.pi + x * math.e + x * math.tau"
    expected = math.pi + math.e + math.tau
    assert close(differentiated(text, 0.7), expected, rtol=RTOL, atol=ATOL)
    assert differentiated("x * math.inf", 0.7) == math.inf
    assert math.isnan(differentiated("x * math.nan", 0.7))


# Pairs: two results of one call. -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("math.modf(x)[0] * math.modf(x)[1]", 2.75, 2.0),  # (x - 2) * 2
        ("math.modf(x)[0] - math.modf(x)[1]", -2.75, 1.0),
        ("sum(math.modf(x))", 2.75, 1.0),
        ("math.frexp(x)[0] * math.frexp(x)[1]", 2.75, 0.5),  # x / 4 * 2
        ("math.frexp(x)[0] ** 2", 2.75, 2 * 2.75 / 16),  # (x / 4) ** 2
        ("math.ldexp(*math.frexp(x))", 2.75, 1.0),
    ],
)
def test_both_halves_of_a_pair(text: str, x: float, expected: float) -> None:
    function = load_source(f"import math\n\ndef f(x):\n    return {text}\n")
    value, slope = value_and_grad(function)(x)
    assert same_bits(value, function(x))
    assert close(slope, expected, rtol=RTOL, atol=ATOL)


# Functions of integers. ----------------------------------------------------------------------

CALLS = {
    "comb": ("comb({}, 2)", 10),
    "factorial": ("factorial({})", 120),
    "gcd": ("gcd({}, 15)", 5),
    "isqrt": ("isqrt({})", 2),
    "lcm": ("lcm({}, 2)", 10),
    "perm": ("perm({}, 2)", 20),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("prefix", ["math.", ""])
def test_integer_functions_of_what_is_differentiated_are_refused(name: str, prefix: str) -> None:
    head = "import math\n" if prefix else f"from math import {name}\n"
    call = prefix + CALLS[name][0]
    message = rf"math\.{name} has no derivative"
    for argument in ("x", "x * 1", "2 + x"):
        with pytest.raises(DifferentiationError, match=message) as caught:
            differentiated(call.format(argument), 5, head)
        assert caught.value.text is not None
        assert call.format(argument) in caught.value.text
        assert "integers only" in "".join(caught.value.__notes__)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("prefix", ["math.", ""])
def test_integer_functions_of_constants_work(name: str, prefix: str) -> None:
    head = "import math\n" if prefix else f"from math import {name}\n"
    call, value = CALLS[name]
    # A number in the text, an argument that is not differentiated, and an integer made of one.
    assert differentiated(f"x * {prefix + call.format(5)}", 0.7, head) == value
    function = load_source(f"{head}\ndef f(x, n):\n    return x * {prefix + call.format('n')}\n")
    assert grad(function)(0.7, 5) == value
    assert differentiated(f"x * {prefix + call.format('int(x)')}", 5.5, head) == value
    for argument in ("5", "n"):
        text = f"{head}\ndef f(x, n):\n    return x + {prefix + call.format(argument)}\n"
        assert value_and_grad(load_source(text))(0.5, 5) == (0.5 + value, 1.0)


def test_the_factorial_of_a_real_number_is_gamma() -> None:
    # d/dx gamma(x + 1) at 4: 4! (1 + 1/2 + 1/3 + 1/4 - Euler's constant)
    expected = 24 * (25 / 12 - 0.5772156649015329)
    assert close(differentiated("math.gamma(x + 1)", 4.0), expected, rtol=RTOL, atol=ATOL)
