"""Rules of a user's own, through the public `sourcediff.rule`."""

import ast
import inspect
import math

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, rule, value_and_grad
from sourcediff.rules import (
    RULES,
    numpy_functions,  # noqa: F401  # which are loaded before the tables are replaced
    table,
)
from tests.generator import load_source
from tests.outcome import close, same_bits

RTOL, ATOL = 1e-14, 0.0


def softplus(x):
    """log(1 + exp(x)), by a loop that no compiler has to understand."""
    total, k = max(x, 0.0), 1
    while k < 400:
        total -= (-math.exp(-abs(x))) ** k / k
        k += 1
    return total


def logistic(x):
    return 1 / (1 + math.exp(-x))


def besselj(n, x):
    """The Bessel function of the first kind: DLMF 10.2.2; 10.4.1 for a negative order."""
    if n < 0:
        return (-1) ** -n * besselj(-n, x)
    terms = ((-1) ** k / math.factorial(k) / math.factorial(k + n) for k in range(30))
    return sum(t * (x / 2) ** (2 * k + n) for k, t in enumerate(terms))


def norm(*x):
    return math.sqrt(math.fsum(c * c for c in x))


def through_softplus(x):
    return softplus(2.0 * x) * x


def through_norm(a, b):
    return norm(a, 3.0, b) ** 3


@pytest.fixture(autouse=True)
def own_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test adds to the rules is gone after it."""
    monkeypatch.setattr(table, "RULES", dict(RULES))
    monkeypatch.setattr(table, "_primitives", dict(table._primitives))


@pytest.mark.usefixtures("clean_road_only")
def test_without_a_rule_it_is_refused() -> None:
    with pytest.raises(DifferentiationError):
        grad(lambda x: besselj(0, x))(0.7)


# softplus' is the logistic function s, and s' is s (1 - s); at any x the program gives
# (2 s x + softplus, 4 s (1 - s) x + 4 s), with all of them at 2 x.


@pytest.mark.parametrize("x", [0.7, -1.3, 0.25])
def test_partial_that_calls_a_helper_of_the_module(x: float) -> None:
    rule("softplus(x)", "logistic(x)", function=softplus)
    s = 1 / (1 + math.exp(-2 * x))
    value, slope = value_and_grad(through_softplus)(x)
    assert same_bits(value, through_softplus(x))
    assert close(slope, 2 * s * x + math.log1p(math.exp(2 * x)), rtol=1e-13, atol=ATOL)
    second = grad(grad(through_softplus))(x)
    assert close(second, 4 * s * (1 - s) * x + 4 * s, rtol=1e-13, atol=ATOL)


def test_partial_in_terms_of_the_result() -> None:
    rule("softplus(x)", "1 - math.exp(-y)", function=softplus)
    s = 1 / (1 + math.exp(-1.4))
    slope = grad(through_softplus)(0.7)
    assert close(slope, 1.4 * s + math.log1p(math.exp(1.4)), rtol=1e-13, atol=ATOL)
    assert close(
        grad(grad(through_softplus))(0.7), 2.8 * s * (1 - s) + 4 * s, rtol=1e-13, atol=ATOL
    )


def test_the_text_calls_the_function_and_not_its_body() -> None:
    rule("softplus(x)", "logistic(x)", function=softplus)
    derivative = grad(through_softplus)
    derivative(0.7)
    assert "softplus(2.0 * x)" in derivative.source
    assert "while" not in derivative.source
    imported = {
        alias.name
        for node in ast.walk(ast.parse(derivative.source))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert "softplus" in imported


def test_variadic_rule() -> None:
    rule("norm(*x)", "x / y", function=norm)
    y = math.sqrt(4 + 9 + 1)
    # d/da (y ** 3) = 3 y a
    slopes = grad(through_norm, (0, 1))(2.0, -1.0)
    assert close(slopes, (3 * y * 2.0, -3 * y), rtol=RTOL, atol=ATOL)
    second = grad(grad(through_norm, 0), (0, 1))(2.0, -1.0)
    assert close(second, (3 * y + 3 * 4 / y, -3 * 2 / y), rtol=RTOL, atol=ATOL)


BESSEL = "(besselj(n - 1, x) - besselj(n + 1, x)) / 2"  # DLMF 10.6.1
J0, J1, J2 = 0.5118276717359181, 0.5579365079100996, 0.2320876721442147  # at 1.5: mpmath


def test_rule_that_calls_its_own_function() -> None:
    rule("besselj(n, x)", None, BESSEL, function=besselj)
    function = load_source("def f(x):\n    return besselj(1, x)\n", names={"besselj": besselj})
    assert close(grad(function)(1.5), (J0 - J2) / 2, rtol=RTOL, atol=ATOL)
    # J_0' = -J_1 and J_2' = J_1 - 2 J_2 / x
    expected = (-J1 - (J1 - 2 * J2 / 1.5)) / 2
    assert close(grad(grad(function))(1.5), expected, rtol=1e-13, atol=ATOL)


def test_integers_of_a_partial_stay_integers() -> None:
    rule("besselj(n, x)", None, BESSEL, function=besselj)
    function = load_source("def f(n, x):\n    return besselj(n, x)\n", names={"besselj": besselj})
    assert close(grad(function, 1)(1, 1.5), (J0 - J2) / 2, rtol=RTOL, atol=ATOL)


def test_argument_without_a_derivative_is_refused_by_name() -> None:
    rule("besselj(n, x)", None, BESSEL, function=besselj)
    function = load_source("def f(n, x):\n    return besselj(n, x)\n", names={"besselj": besselj})
    with pytest.raises(DifferentiationError, match=r"besselj has no derivative in .* 'n'"):
        grad(function, 0)(1, 1.5)


def test_masked_partial() -> None:
    """The branch that is not selected is not evaluated: no division by zero at 0."""

    def sinc(x):
        return math.sin(x) / x if x else 1.0

    rule("sinc(x)", "(math.cos(x) - y) / x if x else 0.0", function=sinc)
    function = load_source("def f(x):\n    return 2.0 * sinc(x)\n", names={"sinc": sinc})
    assert grad(function)(0.0) == 0.0
    expected = 2 * (math.cos(0.5) / 0.5 - math.sin(0.5) / 0.25)
    assert close(grad(function)(0.5), expected, rtol=1e-13, atol=ATOL)


def test_checks_keeps_what_the_function_refuses() -> None:
    def positive(x):
        if x <= 0:
            raise ValueError("not positive")
        return x

    function = load_source("def f(x):\n    return positive(x)\n", names={"positive": positive})
    rule("positive(x)", "1", function=positive, checks=True)
    assert grad(function)(1.0) == 1.0
    with pytest.raises(ValueError, match="not positive"):
        grad(function)(-1.0)


# Names. --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["add", "mul", "neg", "getitem", "bound", "call", "exp"])
def test_a_function_may_be_named_as_an_operation_of_the_compiler(name: str) -> None:
    """``mul`` is the user's, in his program and in the partials of other rules."""
    own = load_source(f"def {name}(x):\n    return 5.0 * x + 1.0\n", name)
    rule(f"{name}(x)", "5.0", function=own)
    text = f"import math\n\ndef f(x):\n    return {name}(x) * -x + math.exp(x) + x ** 2\n"
    function = load_source(text, names={name: own})
    value, slope = value_and_grad(function)(0.5)
    assert same_bits(value, function(0.5))
    # -(5 x + 1) - 5 x + exp(x) + 2 x
    assert close(slope, -6.0 + math.exp(0.5) + 1.0, rtol=RTOL, atol=ATOL)


@pytest.mark.parametrize("name", ["abs", "pow", "sum"])
def test_a_function_may_be_named_as_a_builtin(name: str) -> None:
    own = load_source(f"def {name}(x):\n    return 5.0 * x + 1.0\n", name)
    rule(f"{name}(x)", "5.0", function=own)
    function = load_source(f"def f(x):\n    return {name}(x) * x\n", names={name: own})
    assert value_and_grad(function)(0.5) == (1.75, 6.0)  # 5 x ** 2 + x


def test_two_functions_of_one_name() -> None:
    square = load_source("def g(x):\n    return x * x\n", "g")
    cube = load_source("def g(x):\n    return x * x * x\n", "g")
    rule("g(x)", "2 * x", function=square)
    rule("g(x)", "3 * x * x", function=cube)
    text = "def f(x):\n    return square(x) + cube(x)\n"
    function = load_source(text, names={"square": square, "cube": cube})
    assert value_and_grad(function)(2.0) == (12.0, 16.0)


# Wrong use. ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "partials", "message"),
    [
        ("softplus(x)", (), "one partial for each argument"),
        ("softplus(x)", ("1", "1"), "one partial for each argument"),
        ("softplus(x, k)", ("1",), "one partial for each argument"),
        ("softplus(*x)", ("1", "1"), "one partial for each argument"),
        ("softplus(2 * x)", ("1",), "one name .* for each argument"),
        ("softplus(y)", ("1",), "'y' names the result"),
        ("softplus", ("1",), "not an operation"),
        ("x if x else x", ("1",), "not an operation"),
        ("softplus(x", ("1",), "never closed"),
        ("y = softplus(x)", ("1",), "invalid syntax"),
    ],
)
def test_wrong_rules_are_refused(pattern: str, partials: tuple[str, ...], message: str) -> None:
    before = dict(table.RULES), dict(table._primitives)
    with pytest.raises((ValueError, SyntaxError), match=message) as caught:
        rule(pattern, *partials, function=softplus)
    if isinstance(caught.value, ValueError):
        assert repr(pattern) in str(caught.value)
    assert (table.RULES, table._primitives) == before


@pytest.mark.parametrize("partial", ["1 +", "return x", "x = 1", ""])
def test_a_partial_that_is_no_expression_is_named(partial: str) -> None:
    rule("softplus(x)", partial, function=softplus)
    with pytest.raises(DifferentiationError, match="partial is not an expression") as caught:
        grad(through_softplus)(0.7)
    assert repr(partial) in str(caught.value)


def test_a_partial_with_an_unknown_name_says_which() -> None:
    rule("softplus(x)", "logistics(x)", function=softplus)
    with pytest.raises(DifferentiationError, match="logistics"):
        grad(through_softplus)(0.7)


def test_a_partial_that_has_no_derivative_is_refused_at_order_two() -> None:
    rule("besselj(n, x)", None, "j_prime(n, x)", function=besselj)
    opaque = "def f(x):\n    return besselj(1, x)\n"
    with pytest.raises(DifferentiationError, match="j_prime"):
        grad(load_source(opaque, names={"besselj": besselj}))(1.5)


def test_the_public_rule_is_documented() -> None:
    parameters = inspect.signature(rule).parameters
    assert {"pattern", "partials", "function", "domain", "kink"} <= parameters.keys()
    assert all(name in (inspect.getdoc(rule) or "") for name in parameters if name != "partials")


def test_a_ufunc_that_is_not_numpy_s_own() -> None:
    """It has no module to be found in."""
    twice = np.frompyfunc(lambda x: 2.0 * x, 1, 1)
    rule("twice(x)", "2.0", function=twice)
    assert grad(lambda x: twice(x) * x)(3.0) == 12.0


@pytest.mark.parametrize(
    ("pattern", "partial", "error", "message"),
    [
        (softplus, "1.0", TypeError, "the operation of a rule is given as text"),
        ("softplus(x)", 1.0, TypeError, "a partial derivative of a rule is given as text"),
    ],
)
def test_what_is_no_rule(pattern, partial, error, message) -> None:
    with pytest.raises(error, match=message):
        rule(pattern, partial, function=softplus)
