"""Derivatives at special points: kinks, ties, poles, the ends of the floats, infinity and NaN.

Every expected value follows from mathematics or from the convention that is named beside it,
never from a run.
"""

import linecache
import math
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from sourcediff import grad, value_and_grad
from tests.generator import load_source
from tests.outcome import close, run

RTOL, ATOL = 4e-16, 0.0  # two units of the last place
INF, NAN = math.inf, math.nan


def function_of(text: str) -> Callable[..., Any]:
    """The function of a text such as ``x, p: x ** p``."""
    parameters, _, body = text.partition(": ")
    return load_source(f"import math\n\n\ndef f({parameters}):\n    return {body}\n")


def derivative(text: str, args: tuple[Any, ...], expected: Any, order: int = 1) -> Any:
    """The derivative in as many of the first arguments as there are expected values."""
    argnums = tuple(range(len(expected))) if isinstance(expected, tuple) else 0
    function = function_of(text)
    for _ in range(order):
        function = grad(function, argnums)
    return function(*args)


def identity(case: Any) -> str:
    return repr(case) if isinstance(case, tuple) else str(case)


KINKS = [
    # abs: the sign, and at a zero the sign of the zero.
    ("x: abs(x)", (0.0,), 1.0),
    ("x: abs(x)", (-0.0,), -1.0),
    ("x: abs(x)", (0,), 1.0),
    ("x: math.fabs(x)", (0.0,), 1.0),
    ("x: math.fabs(x)", (-0.0,), -1.0),
    ("x, s: math.copysign(x, s)", (0.0, -1.0), (-1.0, 0.0)),
    ("x, s: math.copysign(x, s)", (-0.0, -1.0), (1.0, 0.0)),
    ("x, s: math.copysign(x, s)", (2.0, -0.0), (-1.0, 0.0)),
    # Ties: all of it to the argument that comes back, which is the first.
    ("a, b: max(a, b)", (1.0, 1.0), (1.0, 0.0)),
    ("a, b: min(a, b)", (1.0, 1.0), (1.0, 0.0)),
    ("a, b: max(a, b)", (0.0, -0.0), (1.0, 0.0)),
    ("a, b: max(a, b)", (1, 1.0), (1.0, 0.0)),
    ("a, b, c: max(a, b, c)", (0.0, 1.0, 1.0), (0.0, 1.0, 0.0)),
    ("a, b, c: min((a, b, c))", (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    ("a: max(a, a)", (1.0,), 1.0),
    ("x: max(0.0, x)", (0.0,), 0.0),
    # Lengths at the origin: the subgradient of least norm.
    ("a, b: math.hypot(a, b)", (0.0, 0.0), (0.0, 0.0)),
    ("a, b: math.hypot(a, b)", (-0.0, 0.0), (0.0, 0.0)),
    ("a: math.hypot(a)", (0.0,), 0.0),
    ("a, b, c, d: math.dist((a, b), (c, d))", (1.0, 2.0, 1.0, 2.0), (0.0, 0.0, 0.0, 0.0)),
    # Remainders at a jump: the piece to the right.
    ("x, z: x % z", (4.0, 2.0), (1.0, -2.0)),
    ("x, z: x % z", (-4.0, 2.0), (1.0, 2.0)),
    ("x, z: x % z", (0.0, 2.0), (1.0, 0.0)),
    ("x, z: math.fmod(x, z)", (-4.0, 2.0), (1.0, 2.0)),
    ("x, z: math.remainder(x, z)", (4.0, 2.0), (1.0, -2.0)),
    ("x, z: x // z", (4.0, 2.0), (0.0, 0.0)),
    ("x: round(x)", (0.5,), 0.0),
    ("x: math.floor(x) + math.ceil(x) + math.trunc(x)", (2.0,), 0.0),
    ("x: math.modf(x)[0]", (2.0,), 1.0),
]

POWERS = [
    # x ** 0 is 1 for every x, and 0 ** p is 0 for every p > 0.
    ("x, p: x ** p", (0.0, 0.0), (0.0, 0.0)),
    ("x, p: x ** p", (0, 0), (0.0, 0.0)),
    ("x, p: x ** p", (0.0, 1.0), (1.0, 0.0)),
    ("x, p: x ** p", (0.0, 2.0), (0.0, 0.0)),
    ("x, p: x ** p", (0.0, 1.5), (0.0, 0.0)),
    ("x, p: x ** p", (3.0, 0.0), (0.0, math.log(3.0))),
    ("x, p: x ** p", (NAN, 0.0), (NAN, NAN)),
    ("x, p: math.pow(x, p)", (0.0, 0.0), (0.0, 0.0)),
    ("x, p: math.pow(x, p)", (0.0, 1.0), (1.0, 0.0)),
    ("x, p: math.pow(x, p)", (0.0, 2.0), (0.0, 0.0)),
    ("x, p: math.pow(x, p)", (3.0, 0.0), (0.0, math.log(3.0))),
    ("x: x ** 0", (0.0,), 0.0),
    ("x: x ** 0.0", (-2.0,), 0.0),
    ("x: x ** 1", (0.0,), 1.0),
    ("x: x ** 2", (0.0,), 0.0),
    ("x: x ** 3", (-2.0,), 12.0),
    ("x: x ** 1.5", (0.0,), 0.0),
    ("x: x ** -1", (-2.0,), -0.25),
    ("x: 0.0 ** x", (2.0,), 0.0),
    ("x: 0 ** x", (0.0,), 0.0),
    ("x: x ** x", (1.0,), 1.0),  # x ** x (1 + log(x))
    *(("x, n: x ** n", (0.0, n), float(n == 1)) for n in (0, 1, 2, 3)),
    *(("x, n: x ** n", (-2.0, n), float(n * (-2) ** (n - 1))) for n in (1, 2, 3)),
]

TINY = 9.859676543759770e-305  # exp(-700) / (1 + exp(-700)) ** 2, 50 digits

EXTREMES = [
    # 1e-200 / (2e-400): no square is formed.
    ("a, b: math.atan2(a, b)", (1e-200, 1e-200), (5e199, -5e199)),
    ("a, b: math.atan2(a, b)", (3e200, -4e200), (-1.6e-201, -1.2e-201)),
    ("a, b: math.hypot(a, b)", (1e200, 1e200), (0.5**0.5, 0.5**0.5)),
    ("a, b: math.hypot(a, b)", (3e-200, -4e-200), (0.6, -0.8)),
    ("a, b: math.dist((a,), (b,))", (1e200, -1e200), (1.0, -1.0)),
    ("x: math.asinh(x)", (1e200,), 1e-200),
    ("x: math.asinh(x)", (-1e200,), 1e-200),
    ("x: math.acosh(x)", (1e200,), 1e-200),
    ("x: math.atan(x)", (1e150,), 1e-300),
    ("x: math.atan(x)", (1e200,), 0.0),
    ("x: math.cbrt(x)", (1e-300,), 1e200 / 3),
    ("x: math.cbrt(x)", (-8.0,), 1 / 12),
    ("x: 1 / (1 + math.exp(-x))", (-700.0,), TINY),
    ("x: 1 / (1 + math.exp(-x))", (700.0,), TINY),
    ("x: 1.0 / (1.0 + math.exp(-x))", (40.0,), 4.248354255291589e-18),
    ("x: math.exp(x) / (1 + math.exp(x))", (-700.0,), TINY),
    ("x: math.log1p(x)", (1e-18,), 1.0),
    ("x: math.log1p(math.exp(x))", (-700.0,), TINY),
    ("x: math.expm1(x)", (-50.0,), 1.928749847963918e-22),  # exp(-50), 50 digits
    ("x: math.expm1(x)", (1e-18,), 1.0),
    ("x: math.log(x)", (1e-300,), 1e300),
    ("x: math.log(x)", (5e-324,), INF),  # 2e323 is beyond the floats
    ("x: math.sqrt(x)", (1e-300,), 0.5e150),
    ("x, z: x / z", (1e-200, 1e-200), (1e200, -1e200)),
    ("x, z: x / z", (1e200, 1e200), (1e-200, -1e-200)),
    ("x: 1 / x", (1e200,), 0.0),
    ("x: 1 / x", (1e-200,), -INF),
    # 1 - 2**-53: (1 - x) (1 + x) is 2**-52 within a rounding, where 1 - x * x is 2**-52 or 0.
    ("x: math.asin(x)", (1 - 2**-53,), 2.0**26),
    ("x: math.acos(x)", (1 - 2**-53,), -(2.0**26)),
    ("x: math.atanh(x)", (1 - 2**-53,), 2.0**52),
    ("x: math.acosh(x)", (1 + 2**-52,), 2.0**25.5),
    ("x: math.erf(x)", (0.0,), 2 / math.pi**0.5),
    ("x: math.erf(x)", (30.0,), 0.0),
    ("x: math.erfc(x)", (-1e200,), 0.0),
    ("x: math.lgamma(x)", (1e30,), math.log(1e30)),
    ("x: math.tanh(x)", (0.0,), 1.0),
    ("x: math.frexp(x)[0]", (1e-300,), 2.0**996),  # 1e-300 is 0.67 * 2 ** -996
    ("x: math.ldexp(x, -1070)", (1.0,), 2.0**-1070),
]

INFINITIES = [
    ("x: math.exp(x)", (INF,), INF),
    ("x: math.exp(x)", (-INF,), 0.0),
    ("x: math.exp2(x)", (-INF,), 0.0),
    ("x: math.expm1(x)", (-INF,), 0.0),
    ("x: math.log(x)", (INF,), 0.0),
    ("x: math.log2(x)", (INF,), 0.0),
    ("x: math.log10(x)", (INF,), 0.0),
    ("x: math.log1p(x)", (INF,), 0.0),
    ("x: math.sqrt(x)", (INF,), 0.0),
    ("x: math.cbrt(x)", (-INF,), 0.0),
    ("x: math.atan(x)", (-INF,), 0.0),
    ("x: math.sinh(x)", (-INF,), INF),
    ("x: math.cosh(x)", (-INF,), -INF),
    ("x: math.tanh(x)", (INF,), 0.0),
    ("x: math.asinh(x)", (-INF,), 0.0),
    ("x: math.acosh(x)", (INF,), 0.0),
    ("x: math.erf(x)", (INF,), 0.0),
    ("x: math.erfc(x)", (-INF,), 0.0),
    ("x: math.gamma(x)", (INF,), INF),
    ("x: math.lgamma(x)", (INF,), INF),  # as the logarithm
    ("x: math.degrees(x)", (INF,), 180 / math.pi),
    ("x: abs(x)", (-INF,), -1.0),
    ("x, s: math.copysign(x, s)", (INF, -1.0), (-1.0, 0.0)),
    ("a, b: max(a, b)", (INF, 1.0), (1.0, 0.0)),
    ("a, b: max(a, b)", (INF, INF), (1.0, 0.0)),
    ("a, b: math.atan2(a, b)", (1.0, 1e308), (1e-308, 0.0)),
    ("x: x * x", (INF,), INF),
    ("x: x ** 2", (-INF,), -INF),
    ("x: 2.0 ** x", (-INF,), 0.0),
    ("x: 1 / x", (INF,), 0.0),
    ("x, z: x / z", (1.0, INF), (0.0, 0.0)),
    ("x, z: math.fmod(x, z)", (1.0, INF), (1.0, 0.0)),
    ("x, z: math.remainder(x, z)", (1.0, INF), (1.0, 0.0)),
    ("x, z: x % z", (1.0, INF), (1.0, 0.0)),
    ("x, z: x % z", (-1.0, INF), (1.0, 1.0)),  # -1.0 % inf is inf: x + z
    ("x: math.modf(x)[0]", (INF,), 1.0),
]

# Every comparison with NaN is false, so that max and min keep their first argument.
NANS = [
    ("a, b: max(a, b)", (NAN, 1.0), (1.0, 0.0)),
    ("a, b: max(a, b)", (1.0, NAN), (1.0, 0.0)),
    ("a, b: min(a, b)", (1.0, NAN), (1.0, 0.0)),
    ("a, b: math.hypot(a, b)", (NAN, 1.0), (NAN, NAN)),
    ("a, b: math.atan2(a, b)", (NAN, 1.0), (NAN, NAN)),
    ("x, z: x * z", (NAN, 2.0), (2.0, NAN)),
    ("x, z: x / z", (NAN, 2.0), (0.5, NAN)),
    ("x: x + 1.0", (NAN,), 1.0),
    ("x, z: math.fmod(x, z)", (NAN, 2.0), (1.0, NAN)),
]

SECOND = [
    ("x: x ** 2", (0.0,), 2.0),
    ("x: x ** 3", (0.0,), 0.0),
    ("x: x ** 1", (0.0,), 0.0),
    ("x, n: x ** n", (0.0, 1), 0.0),
    ("x, n: x ** n", (0.0, 2), 2.0),
    ("x: abs(x)", (0.0,), 0.0),
    ("x: max(x, 0.0) ** 2", (0.0,), 2.0),  # x comes back
    ("a: math.hypot(a, 3.0)", (4.0,), 9 / 125),  # b ** 2 / y ** 3
    ("a: math.hypot(a, 0.0)", (0.0,), 0.0),
    ("x: 1 / x", (1e100,), 2e-300),
    ("x: 1 / (1 + math.exp(-x))", (0.0,), 0.0),
    ("x: math.exp(x)", (-700.0,), 9.859676543759770e-305),
    ("x: math.log1p(x)", (1e-18,), -1.0),
    ("x: math.atan(x)", (0.0,), 0.0),
    ("x: math.modf(x)[0] * math.modf(x)[1]", (2.5,), 0.0),  # linear between the jumps
]


@pytest.mark.parametrize(
    ("text", "args", "expected"), KINKS + POWERS + EXTREMES + INFINITIES + NANS, ids=identity
)
def test_point(text: str, args: tuple[Any, ...], expected: Any) -> None:
    assert close(derivative(text, args, expected), expected, rtol=RTOL, atol=ATOL)


@pytest.mark.parametrize(("text", "args", "expected"), SECOND, ids=identity)
def test_second_derivative_at_a_point(text: str, args: tuple[Any, ...], expected: float) -> None:
    assert close(derivative(text, args, expected, order=2), expected, rtol=RTOL, atol=ATOL)


PROPAGATES_NAN = (
    "acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp2 expm1 gamma lgamma log "
    "log10 log1p log2 sin sinh sqrt tan tanh"
).split()


@pytest.mark.parametrize("name", PROPAGATES_NAN)
def test_nan_propagates(name: str) -> None:
    assert math.isnan(getattr(math, name)(NAN))
    assert math.isnan(derivative(f"x: math.{name}(x)", (NAN,), NAN))


# What raises. -------------------------------------------------------------------------------

#: The function itself raises here, and so does its derivative.
OUTSIDE = [
    ("x: math.log(x)", (-1.0,), ValueError),
    ("x: math.log(x)", (0.0,), ValueError),
    ("x, b: math.log(x, b)", (-1.0, 2.0), ValueError),
    ("x, b: math.log(x, b)", (2.0, 0.0), ValueError),
    ("x, b: math.log(x, b)", (2.0, 1.0), ZeroDivisionError),
    ("x: math.log2(x)", (-1.0,), ValueError),
    ("x: math.log10(x)", (0.0,), ValueError),
    ("x: math.log1p(x)", (-1.0,), ValueError),
    ("x: math.log1p(x)", (-2.0,), ValueError),
    ("x: math.sqrt(x)", (-1.0,), ValueError),
    ("x: math.asin(x)", (-2.0,), ValueError),
    ("x: math.acos(x)", (2.0,), ValueError),
    ("x: math.acosh(x)", (0.5,), ValueError),
    ("x: math.acosh(x)", (-3.0,), ValueError),
    ("x: math.atanh(x)", (2.0,), ValueError),
    ("x: math.atanh(x)", (1.0,), ValueError),
    ("x: math.gamma(x)", (0.0,), ValueError),
    ("x: math.gamma(x)", (-2.0,), ValueError),
    ("x: math.gamma(x)", (-INF,), ValueError),
    ("x: math.gamma(x)", (200.0,), OverflowError),
    ("x: math.lgamma(x)", (0.0,), ValueError),
    ("x: math.lgamma(x)", (-1.0,), ValueError),
    ("x, z: math.fmod(x, z)", (1.0, 0.0), ValueError),
    ("x, z: math.fmod(x, z)", (INF, 1.0), ValueError),
    ("x, z: math.remainder(x, z)", (1.0, 0.0), ValueError),
    ("x: math.sin(x)", (INF,), ValueError),
    ("x: math.cos(x)", (INF,), ValueError),
    ("x: math.tan(x)", (INF,), ValueError),
    ("x: 1 / x", (0.0,), ZeroDivisionError),
    ("x: 1 / x", (-0.0,), ZeroDivisionError),
    ("x, z: x / z", (1.0, 0.0), ZeroDivisionError),
    ("x, z: x % z", (1.0, 0.0), ZeroDivisionError),
    ("x: x % 0", (1.0,), ZeroDivisionError),
    ("x: x ** -1", (0.0,), ZeroDivisionError),
    ("x, p: x ** p", (0.0, -1.0), ZeroDivisionError),
    ("x: 10.0 ** x", (400.0,), OverflowError),
    ("x, p: math.pow(x, p)", (0.0, -1.0), ValueError),
    ("x, p: math.pow(x, p)", (-8.0, 1 / 3), ValueError),
    ("x: math.exp(x)", (1000.0,), OverflowError),
    ("x: math.exp2(x)", (2000.0,), OverflowError),
    ("x: math.expm1(x)", (1000.0,), OverflowError),
    ("x: math.sinh(x)", (1000.0,), OverflowError),
    ("x: math.cosh(x)", (-1000.0,), OverflowError),
    ("x: 1 / (1 + math.exp(-x))", (-710.0,), OverflowError),
]

#: The function has a value here, and no derivative.
NO_DERIVATIVE = [
    ("x: math.sqrt(x)", (0.0,), ZeroDivisionError),
    ("x: x ** 0.5", (0.0,), ZeroDivisionError),
    ("x: math.cbrt(x)", (0.0,), ZeroDivisionError),
    ("x: math.asin(x)", (1.0,), ZeroDivisionError),
    ("x: math.acos(x)", (-1.0,), ZeroDivisionError),
    ("x: math.acosh(x)", (1.0,), ZeroDivisionError),
    ("a, b: math.atan2(a, b)", (0.0, 0.0), ZeroDivisionError),
    # math.pow refuses a pole with ValueError, as it does at a negative exponent of its own.
    ("x: math.pow(x, 0.5)", (0.0,), ValueError),
    ("x, p: math.pow(x, p)", (-8.0, 3.0), ValueError),  # log(-8) in p
    ("x, p: x ** p", (-8.0, 3.0), ValueError),
    ("x: math.lgamma(x)", (-INF,), ValueError),
]


def check_raises(text: str, args: tuple[Any, ...], argnums: Any, exception: type) -> None:
    """The derivative raises, and the traceback ends in a line of it that can be read."""
    raised = run(lambda: grad(function_of(text), argnums)(*args)).exception
    assert type(raised) is exception
    last = traceback.extract_tb(raised.__traceback__)[-1]
    assert last.filename.startswith("<sourcediff")
    assert linecache.getline(last.filename, last.lineno).strip() == last.line != ""


@pytest.mark.parametrize(("text", "args", "exception"), OUTSIDE, ids=identity)
def test_where_the_function_raises_the_derivative_raises(
    text: str, args: tuple[Any, ...], exception: type[Exception]
) -> None:
    assert type(run(lambda: function_of(text)(*args)).exception) is exception
    # Also in one argument alone, where the derivative would not need what raised.
    for argnums in [*range(len(args)), tuple(range(len(args)))]:
        check_raises(text, args, argnums, exception)


@pytest.mark.parametrize(("text", "args", "exception"), NO_DERIVATIVE, ids=identity)
def test_where_there_is_no_derivative_an_exception_says_so(
    text: str, args: tuple[Any, ...], exception: type[Exception]
) -> None:
    assert run(lambda: function_of(text)(*args)).exception is None
    check_raises(text, args, tuple(range(len(args))), exception)


@pytest.mark.parametrize(
    ("text", "args", "expected"), KINKS + POWERS + EXTREMES + INFINITIES + NANS, ids=identity
)
def test_value_beside_the_derivative(text: str, args: tuple[Any, ...], expected: Any) -> None:
    function = function_of(text)
    argnums = tuple(range(len(expected))) if isinstance(expected, tuple) else 0
    value, slope = value_and_grad(function, argnums)(*args)
    assert repr(value) == repr(function(*args))  # to the last bit, NaN included
    assert close(slope, expected, rtol=RTOL, atol=ATOL)
