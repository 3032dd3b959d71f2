"""The reference tape against mpmath, exact forward differentiation, differences, closed forms.

Two things are at stake.  Derivatives: every function of math is held against differences in a
hundred digits, at ordinary points and at points where a careless formula overflows or cancels.
And manners: a user's function runs unchanged, sees the values that it would see without the
tape, and leaves everything as it was.
"""

import collections
import contextlib
import copy
import dataclasses
import enum
import functools
import math
import math as mathematics
import numbers
import operator
import pickle
import random
import sys
import threading
from math import exp, sin
from types import ModuleType, SimpleNamespace

import pytest

from sourcediff import tape
from sourcediff.tape import MATH_FUNCTIONS, NumberWithGrad, gradient, value_and_gradient

RTOL, ATOL = 1e-13, 0.0
DIFFERENCE_RTOL, DIFFERENCE_ATOL = 1e-7, 1e-9


def assert_close(actual, expected, *, rtol=RTOL, atol=ATOL):
    expected = float(expected)
    if math.isnan(expected):
        assert math.isnan(actual)
    else:
        assert abs(actual - expected) <= atol + rtol * abs(expected), f"{actual!r}, {expected!r}"


def difference(function, args, i, h=1e-6):
    shifted = [[a + s * h if k == i else a for k, a in enumerate(args)] for s in (1, -1)]
    return (function(*shifted[0]) - function(*shifted[1])) / (2 * h)


@pytest.fixture(scope="module")
def mp():
    return pytest.importorskip("mpmath").mp


def partial_in_many_digits(mp, function, args, i):
    """Returns the central difference of an mpmath function in the i-th of the floats args."""
    with mp.workdps(120):
        point = [mp.mpf(a) for a in args]
        h = (abs(point[i]) or max(map(abs, point)) or 1) * mp.mpf(10) ** -40
        up, down = ([*point[:i], point[i] + s * h, *point[i + 1 :]] for s in (1, -1))
        return (function(*up) - function(*down)) / (2 * h)


# The functions of math. --------------------------------------------------------------------

# name: (the function in mpmath, points). Points are tuples of arguments.
DIFFERENTIABLE = {
    "acos": (lambda mp, x: mp.acos(x), [(0.3,), (-0.999,), (1 - 1e-12,), (0.0,)]),
    "acosh": (lambda mp, x: mp.acosh(x), [(1.5,), (1 + 1e-12,), (1e200,)]),
    "asin": (lambda mp, x: mp.asin(x), [(0.3,), (-0.999,), (1 - 1e-12,), (0.0,)]),
    "asinh": (lambda mp, x: mp.asinh(x), [(0.3,), (-7.0,), (1e200,), (-1e-200,), (0.0,)]),
    "atan": (lambda mp, x: mp.atan(x), [(0.3,), (-7.0,), (1e150,), (0.0,)]),
    "atan2": (
        lambda mp, a, b: mp.atan2(a, b),
        [(0.3, 0.4), (-1.0, -2.0), (1.0, -2.0), (3e-200, 4e-200), (3e200, -4e200), (0.0, 1.0)],
    ),
    "atanh": (lambda mp, x: mp.atanh(x), [(0.3,), (-0.999,), (1 - 1e-12,), (0.0,)]),
    "cbrt": (lambda mp, x: mp.sign(x) * mp.cbrt(abs(x)), [(2.0,), (-2.0,), (1e-300,), (1e300,)]),
    "copysign": (
        lambda mp, a, b: abs(a) * mp.sign(b),
        [(2.0, 3.0), (-2.0, 3.0), (2.0, -3.0), (-2.0, -3.0)],
    ),
    "cos": (lambda mp, x: mp.cos(x), [(0.3,), (-7.0,), (0.0,)]),
    "cosh": (lambda mp, x: mp.cosh(x), [(0.3,), (-7.0,), (700.0,), (0.0,)]),
    "degrees": (lambda mp, x: mp.degrees(x), [(0.3,)]),
    "erf": (lambda mp, x: mp.erf(x), [(0.3,), (-2.0,), (5.0,), (0.0,)]),
    "erfc": (lambda mp, x: mp.erfc(x), [(0.3,), (-2.0,), (5.0,), (0.0,)]),
    "exp": (lambda mp, x: mp.exp(x), [(0.3,), (-700.0,), (700.0,)]),
    "exp2": (lambda mp, x: mp.power(2, x), [(0.3,), (-1000.0,), (1000.0,)]),
    "expm1": (lambda mp, x: mp.expm1(x), [(0.3,), (-40.0,), (1e-200,)]),
    "fabs": (lambda mp, x: abs(x), [(0.3,), (-7.0,)]),
    "fma": (lambda mp, a, b, c: a * b + c, [(2.0, 3.0, -5.0), (0.1, 10.0, -1.0)]),
    "fmod": (
        lambda mp, a, b: a - b * mp.sign(a) * mp.sign(b) * mp.floor(abs(a / b)),
        [(7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (1e15 + 0.5, 0.3), (1.0, 3.0)],
    ),
    "gamma": (
        lambda mp, x: mp.gamma(x),
        [(0.3,), (4.0,), (170.0,), (1e-100,), (-0.5,), (-3.7,), (-20.2,), (1.0,)],
    ),
    "lgamma": (
        lambda mp, x: mp.log(abs(mp.gamma(x))),
        [(0.3,), (4.0,), (1e10,), (1e-300,), (-0.5,), (-3.7,), (-200.2,), (9.99,)],
    ),
    "log": (
        lambda mp, x, *base: mp.log(x, *base),
        [(0.3,), (1e-300,), (1e300,), (0.3, 2.0), (5.0, 0.1), (1e300, 10.0)],
    ),
    "log10": (lambda mp, x: mp.log10(x), [(0.3,), (1e-300,), (1.7e308,)]),
    "log1p": (lambda mp, x: mp.log1p(x), [(0.3,), (-0.999,), (1e-200,), (1e300,)]),
    "log2": (lambda mp, x: mp.log(x, 2), [(0.3,), (1e-300,), (1.7e308,)]),
    "nextafter": (lambda mp, a, b: a + mp.mpf(2) ** -50, [(1.5, 3.0)]),
    "pow": (
        lambda mp, x, p: mp.power(x, p),
        [(2.0, 3.0), (0.3, -1.7), (1e-150, 2.0), (7.0, 0.0), (1e200, 0.5)],
    ),
    "radians": (lambda mp, x: mp.radians(x), [(0.3,)]),
    "remainder": (
        lambda mp, a, b: a - b * mp.nint(a / b),
        [(7.2, 2.0), (-7.2, 2.0), (6.7, -2.0), (1e15 + 0.5, 0.3), (1.0, 3.0)],
    ),
    "sin": (lambda mp, x: mp.sin(x), [(0.3,), (-7.0,), (0.0,)]),
    "sinh": (lambda mp, x: mp.sinh(x), [(0.3,), (-7.0,), (700.0,), (0.0,)]),
    "sqrt": (lambda mp, x: mp.sqrt(x), [(0.3,), (1e-300,), (1e300,)]),
    "tan": (lambda mp, x: mp.tan(x), [(0.3,), (-7.0,), (1.57,), (0.0,)]),
    "tanh": (lambda mp, x: mp.tanh(x), [(0.3,), (-7.0,), (25.0,), (-300.0,), (1e-200,)]),
    # Those that do not take and return plain numbers, called through a plain function below.
    "dist": (
        lambda mp, a, b, c, d: mp.hypot(a - c, b - d),
        [(1.0, 2.0, 4.0, 6.5), (3e200, 0.0, 0.0, 4e200), (3e-200, 0.0, 0.0, 4e-200)],
    ),
    "frexp": (
        lambda mp, x: x / mp.mpf(2) ** (mp.floor(mp.log(abs(x), 2)) + 1),
        [(0.3,), (-7.0,), (1e-300,), (1e300,)],
    ),
    "fsum": (lambda mp, a, b, c: a + b + c, [(1e16, 1.0, -1e16)]),
    "hypot": (
        lambda mp, *xs: mp.sqrt(sum(x * x for x in xs)),
        [(3.0,), (-3.0, 4.0), (1.0, 2.0, -2.0), (3e200, 4e200), (3e-200, 4e-200)],
    ),
    "ldexp": (lambda mp, x: x * 2**5, [(0.3,)]),
    "modf": (lambda mp, x: x - mp.sign(x) * mp.floor(abs(x)), [(7.3,), (-7.3,), (0.3,)]),
    "prod": (
        lambda mp, *xs: mp.fprod(xs),
        [(2.0, 3.0, 5.0), (2.0, 0.0, 5.0), (0.0, 0.0, 5.0), (1e200, 1e-200, 3.0), (4.0,)],
    ),
    "sumprod": (
        lambda mp, a, b, c, d: a * c + b * d,
        [(1.0, 2.0, 3.0, 5.0), (0.1, 0.2, 10.0, -5.0)],
    ),
}

CALLED_THROUGH = {
    "dist": lambda a, b, c, d: math.dist((a, b), [c, d]),
    "frexp": lambda x: math.frexp(x)[0],
    "fsum": lambda *xs: math.fsum(x for x in xs),
    "ldexp": lambda x: math.ldexp(x, 5),
    "modf": lambda x: math.modf(x)[0],
    "prod": lambda *xs: math.prod(x for x in xs),
    "sumprod": lambda a, b, c, d: math.sumprod([a, b], iter((c, d))),
}

# name: points; the value is that of math, and plain
PIECEWISE_CONSTANT = {
    "ceil": [(1.5,), (-1.5,)],
    "floor": [(1.5,), (-1.5,)],
    "isclose": [(1.5, 1.5), (1.0, 2.0)],
    "isfinite": [(1.5,), (math.inf,)],
    "isinf": [(1.5,), (math.inf,)],
    "isnan": [(1.5,), (math.nan,)],
    "trunc": [(1.5,), (-1.5,)],
    "ulp": [(1.5,)],
}

# name: integer arguments
INTEGERS_ONLY = {
    "comb": (5, 2),
    "factorial": (5,),
    "gcd": (12, 18),
    "isqrt": (17,),
    "lcm": (4, 6),
    "perm": (5, 2),
}

CASES = [
    (name, args)
    for name, (_, points) in DIFFERENTIABLE.items()
    if hasattr(math, name)
    for args in points
]


def test_every_function_of_math_is_classified():
    public = {name for name, value in vars(math).items() if callable(value) and name[0] != "_"}
    classified = DIFFERENTIABLE.keys() | PIECEWISE_CONSTANT.keys() | INTEGERS_ONLY.keys()
    assert public - classified == set()
    assert public == MATH_FUNCTIONS.keys()
    assert {name for name, _ in CASES} == public & DIFFERENTIABLE.keys()


@pytest.mark.parametrize(("name", "args"), CASES)
def test_derivative_of_math_function(mp, name, args):
    in_mpmath, _ = DIFFERENTIABLE[name]
    function = CALLED_THROUGH.get(name, getattr(math, name))
    value, derivatives = value_and_gradient(function, *args, argnums=tuple(range(len(args))))
    assert (type(value), value) == (float, function(*args))
    for i, derivative in enumerate(derivatives):
        expected = partial_in_many_digits(mp, functools.partial(in_mpmath, mp), args, i)
        assert_close(derivative, expected, atol=1e-15 if expected == 0 else 0.0)


@pytest.mark.parametrize(("name", "args"), CASES)
def test_math_on_plain_numbers_is_that_of_math(name, args):
    function = CALLED_THROUGH.get(name, getattr(math, name))
    during = []

    def observe(x):
        during.append(function(*args))
        return x

    gradient(observe, 1.0)
    assert during == [function(*args)]
    if name not in CALLED_THROUGH:
        assert MATH_FUNCTIONS[name](*args) == function(*args)


@pytest.mark.parametrize(
    ("name", "args"),
    [(name, args) for name, points in PIECEWISE_CONSTANT.items() for args in points],
)
def test_piecewise_constant_functions_give_plain_values(name, args):
    lifted = MATH_FUNCTIONS[name](*map(NumberWithGrad, args))
    expected = getattr(math, name)(*args)
    assert (type(lifted), lifted) == (type(expected), expected)
    assert MATH_FUNCTIONS[name](*args) == expected
    assert gradient(lambda x: x * getattr(math, name)(x, *args[1:]), args[0]) == expected or (
        not math.isfinite(args[0])
    )


@pytest.mark.parametrize(("name", "args"), INTEGERS_ONLY.items())
def test_functions_of_integers_refuse(name, args):
    assert MATH_FUNCTIONS[name](*args) == getattr(math, name)(*args)
    with pytest.raises(TypeError, match=f"math.{name} takes integers only"):
        MATH_FUNCTIONS[name](*map(NumberWithGrad, args))
    with pytest.raises(TypeError, match=f"math.{name} takes integers only"):
        gradient(getattr(math, name), *args)


def test_a_function_of_a_later_python_refuses():
    refuse = functools.partial(tape._refuse, "later", lambda x: x)
    assert refuse(2.0) == 2.0
    with pytest.raises(TypeError, match="no known derivative"):
        refuse(NumberWithGrad(2.0))


def test_options_of_math_functions():
    x = NumberWithGrad(2.0)
    assert MATH_FUNCTIONS["isclose"](x, 2.1, rel_tol=NumberWithGrad(0.1)) is True
    assert gradient(lambda x: math.prod([x, 3.0], start=x), 2.0) == 12.0
    assert math.frexp(20.0)[1] == MATH_FUNCTIONS["frexp"](NumberWithGrad(20.0))[1]
    assert math.modf(-7.3)[1] == MATH_FUNCTIONS["modf"](NumberWithGrad(-7.3))[1]
    with pytest.raises(TypeError):
        MATH_FUNCTIONS["ldexp"](1.0, x)
    if sys.version_info >= (3, 12):
        assert gradient(lambda x: math.nextafter(x, 3.0, steps=2), 2.0) == 1.0


DIGAMMA_POINTS = [1e-300, 1e-5, 0.1, 1.0, 1.4, 1.5, 2.0, 9.999, 10.0, 123.4, 1e8, 1e300]
DIGAMMA_POINTS += [-1e-300, -1e-5, -0.1, -0.5, -1.3, -9.999, -123.4, -1e8 - 0.25]


@pytest.mark.parametrize("x", DIGAMMA_POINTS)
def test_digamma(mp, x):
    with mp.workdps(60):
        expected = mp.digamma(x)
    assert_close(tape.digamma(x), expected, rtol=1e-14)


@pytest.mark.parametrize(
    "x", [1.4616321449683623, 1.46, 1.47, -0.5040830082644554, -9.7026725400018637]
)
def test_digamma_next_to_its_zeros(mp, x):
    with mp.workdps(60):
        expected = mp.digamma(x)
    assert_close(tape.digamma(x), expected, rtol=1e-14, atol=2e-14 if x < 0 else 1e-15)


@pytest.mark.parametrize("x", [0.0, -0.0, -1.0, -1e300])
def test_digamma_at_its_poles(x):
    with pytest.raises(ValueError, match="poles"):
        tape.digamma(x)


# Arithmetic. -------------------------------------------------------------------------------

# expression, in mpmath if that differs, points
ARITHMETIC = [
    ("a + b", None, [(2.0, 3.0), (-2.0, 0.0)]),
    ("a - b", None, [(2.0, 3.0), (-2.0, 0.0)]),
    ("a * b", None, [(2.0, 3.0), (-2.0, 0.0)]),
    ("a / b", None, [(2.0, 3.0), (-2.0, 0.7), (1e200, 1e200), (1e-200, 1e-180)]),
    ("a ** b", "mp.power(a, b)", [(2.0, 3.0), (0.7, -1.3), (5.0, 0.0), (1e-150, 2.0)]),
    ("a % b", "a - b * mp.floor(a / b)", [(7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (-7.5, -2.0)]),
    ("divmod(a, b)[1] * a", "(a - b * mp.floor(a / b)) * a", [(7.5, 2.0), (-7.5, 2.0)]),
    ("divmod(7, a)[1] * b + divmod(7, a)[0]", "(7 - a * mp.floor(7 / a)) * b", [(2.1, 3.0)]),
    ("a * (a // b)", "a * mp.floor(a / b)", [(7.5, 2.0), (-7.5, 2.0)]),
    ("-a + (+b)", None, [(2.0, 3.0)]),
    ("abs(a) * b", None, [(2.0, 3.0), (-2.0, 3.0)]),
    ("pow(a, 3) + 2 ** b", "a ** 3 + mp.power(2, b)", [(2.0, 3.0)]),
    ("(-a) ** 3 * b", None, [(2.0, 3.0)]),
    ("a ** -2 + b", None, [(2.0, 3.0), (-2.0, 3.0)]),
    ("(1 - a) * (3 / b) + 7 % a + 5 + a + True", "(1 - a) * 3 / b + 7 - 3 * a + a", [(2.1, 3.0)]),
    ("a.real * b.conjugate() + a.imag", "a * b", [(2.0, 3.0)]),
    ("max(a, b, 1.0) * min(a, b)", "a * b", [(2.0, 3.0), (3.0, 2.0)]),
    ("sum([a, b, a * b, 2])", "a + b + a * b", [(2.0, 3.0)]),
    ("sum([[a], [b]], [])[1] * a", "a * b", [(2.0, 3.0)]),
    ("sorted([a, b, 2.5], reverse=True)[0] * a", "max(a, b) * a", [(2.0, 3.0), (3.0, 2.0)]),
    ("float(a) * float(b) + float('0.5')", "a * b", [(2.0, 3.0)]),
    ("int(a) * a + round(b) * b + round(a, 1) * a", "4.75 * a + 3 * b", [(2.75, 3.2)]),
    ("bool(a) * b", "b", [(2.0, 3.0)]),
]
ARITHMETIC[-2] = (*ARITHMETIC[-2][:1], "(2 + mp.mpf(2.8)) * a + 3 * b", ARITHMETIC[-2][2])


@pytest.mark.parametrize(
    ("expression", "in_mpmath", "args"),
    [(source, other, args) for source, other, points in ARITHMETIC for args in points],
)
def test_arithmetic(mp, expression, in_mpmath, args):
    function = eval(f"lambda a, b: {expression}", {})
    reference = eval(f"lambda a, b: {in_mpmath or expression}", {"mp": mp})
    value, derivatives = value_and_gradient(function, *args, argnums=(0, 1))
    assert value == function(*args)
    for i, derivative in enumerate(derivatives):
        expected = partial_in_many_digits(mp, reference, args, i)
        assert_close(derivative, expected, atol=1e-15 if expected == 0 else 0.0)


KINKS = [
    ("abs(x)", 0.0, 1.0),
    ("abs(x)", -0.0, -1.0),
    ("math.fabs(x)", -0.0, -1.0),
    ("math.copysign(x, -2.0)", 0.0, -1.0),
    ("max(x, 2.0)", 2.0, 1.0),
    ("max(2.0, x)", 2.0, 0.0),
    ("min(x, 2.0)", 2.0, 1.0),
    ("min(2.0, x)", 2.0, 0.0),
    ("max([x, 2 * x, 3 * x])", 0.0, 1.0),
    ("math.hypot(x, 0.0)", 0.0, 0.0),
    ("math.dist([x], [3.0])", 3.0, 0.0),
    ("x ** 0", 0.0, 0.0),
    ("x ** 1", 0.0, 1.0),
    ("x ** 2", 0.0, 0.0),
    ("0.0 ** x", 2.0, 0.0),
    ("math.pow(0.0, x)", 0.0, 0.0),
    ("math.floor(x) * x", 3.0, 3.0),
    ("math.fmod(x, math.inf)", 3.0, 1.0),
    ("math.fmod(3.0, x)", math.inf, 0.0),
    ("x // 2", 4.0, 0.0),
]


@pytest.mark.parametrize(("expression", "at", "expected"), KINKS)
def test_choice_at_a_kink(expression, at, expected):
    assert gradient(eval(f"lambda x: {expression}", {"math": math}), at) == expected


# expression, point, what backward raises though the value exists
UNDEFINED = [
    ("math.sqrt(x)", 0.0, ZeroDivisionError),
    ("math.cbrt(x)", 0.0, ZeroDivisionError),
    ("x ** 0.5", 0.0, ZeroDivisionError),
    ("math.acos(x)", 1.0, ZeroDivisionError),
    ("math.asin(x)", -1.0, ZeroDivisionError),
    ("math.acosh(x)", 1.0, ZeroDivisionError),
    ("math.atan2(x, 0.0)", 0.0, ZeroDivisionError),
    ("math.log(1.0, 1.0 / x)", 0.5, None),
    ("(-2.0) ** (3 * x)", 1.0, ValueError),
    ("math.frexp(x)[0]", 5e-324, OverflowError),
]


@pytest.mark.parametrize(("expression", "at", "error"), UNDEFINED)
def test_undefined_derivative_is_an_error_of_backward_only(expression, at, error):
    function = eval(f"lambda x: {expression}", {"math": math})
    if error is None:
        assert math.isfinite(gradient(function, at))
        return
    with pytest.raises(error, match="derivative of"):
        gradient(function, at)
    # Where the result does not need it, it is not asked for.
    assert gradient(lambda x: x * (function(x) > 1e9) + 3 * x, at) == 3.0


def test_an_error_of_the_function_is_that_of_plain_python():
    for expression, at in [("math.sqrt(x)", -1.0), ("math.log(x)", 0.0), ("1 / x", 0.0)]:
        function = eval(f"lambda x: {expression}", {"math": math})
        with pytest.raises((ValueError, ZeroDivisionError)) as plain:
            function(at)
        with pytest.raises(plain.type) as lifted:
            gradient(function, at)
        assert str(lifted.value) == str(plain.value)


def test_a_complex_power_is_refused():
    with pytest.raises(TypeError, match="complex"):
        gradient(lambda x: x**0.5, -2.0)


# The number. -------------------------------------------------------------------------------


def test_a_shared_intermediate_counts_once():
    x = NumberWithGrad(5.0)
    b = 2 * x
    c = b + b
    c.backward()
    assert (c.value, b.grad, x.grad) == (20.0, 2.0, 4.0)


def test_a_diamond_of_depth_60_is_linear_work():
    x = NumberWithGrad(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_backward_adds():
    x, y = NumberWithGrad(3.0), NumberWithGrad(5.0)
    product, square = x * y, x * x
    product.backward()
    product.backward()
    assert (x.grad, y.grad, product.grad) == (10.0, 6.0, 2.0)
    square.backward(seed=-2.0)
    assert (x.grad, y.grad, square.grad) == (-2.0, 6.0, -2.0)


def test_backward_that_fails_changes_nothing():
    x = NumberWithGrad(0.0)
    y = 2 * x + MATH_FUNCTIONS["sqrt"](x)
    with pytest.raises(ZeroDivisionError):
        y.backward()
    assert (x.grad, y.grad) == (0.0, 0.0)


def test_a_chain_of_200000_operations():
    x = NumberWithGrad(1.0)
    y = x
    for _ in range(200_000):
        y = y + 0.5
    y.backward()
    assert (y.value, x.grad) == (100_001.0, 1.0)
    del y  # takes the chain apart, which must not recurse either


def test_what_a_number_keeps():
    x, y = NumberWithGrad(3), NumberWithGrad(5.0, operation="input")
    z = x * y
    assert (x.value, type(x.value), x.depends_on, x.operation) == (3.0, float, (), "")
    assert (z.depends_on[0] is x, z.depends_on[1] is y) == (True, True)
    assert (z.operation, z.partials, y.operation) == ("*", (5.0, 3.0), "input")
    assert (x * 2).partials == (2.0,)
    assert repr(z) == "NumberWithGrad(15.0, grad=0.0, operation='*')"
    assert [str(z), f"{z:.2f}", f"{z:>6}"] == ["15.0", "15.00", "  15.0"]
    assert MATH_FUNCTIONS["exp"](x).operation == "exp"
    assert not hasattr(x, "__dict__")


def test_bad_construction():
    for value in ("3", 1j, None, [1.0], NumberWithGrad(1.0)):
        with pytest.raises(TypeError):
            NumberWithGrad(value)
    with pytest.raises(ValueError, match="1 dependencies but 0 partials"):
        NumberWithGrad(1.0, [NumberWithGrad(2.0)])


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
@pytest.mark.parametrize("other", [2.0, 3, 4.5, math.nan, 10**400, True])
def test_order_is_that_of_values(compare, other):
    x = NumberWithGrad(3.0)
    assert compare(x, other) is compare(3.0, other)
    assert compare(other, x) is compare(other, 3.0)
    if other != 10**400:
        assert compare(x, NumberWithGrad(other)) is compare(3.0, float(other))


def test_equality_is_that_of_values():
    x, nan = NumberWithGrad(3.0), NumberWithGrad(math.nan)
    assert [x == 3, 3 == x, x == NumberWithGrad(3.0), x != 3.0, x == 4] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert [x == "3", x == None, x != None, x in [1.0, 3.0]] == [False, False, True, True]  # noqa: E711
    assert [nan == nan, nan != nan, bool(nan), bool(x), bool(NumberWithGrad(0.0))] == [
        False,
        True,
        True,
        True,
        False,
    ]
    with pytest.raises(TypeError):
        sorted([x, "3"])


@pytest.mark.parametrize("convert", [int, math.trunc, math.floor, math.ceil, round])
@pytest.mark.parametrize("value", [2.5, -2.5, 7.0])
def test_conversion_to_an_int_gives_a_plain_int(convert, value):
    converted = convert(NumberWithGrad(value))
    assert (type(converted), converted) == (int, convert(value))


def test_rounding_to_digits_gives_a_plain_float():
    rounded = round(NumberWithGrad(2.345), 1)
    assert (type(rounded), rounded) == (float, 2.3)
    assert NumberWithGrad(2.0).is_integer() is True


# What would lose the derivative in silence.
LOSSES = {
    "float": float,
    "complex": complex,
    "hash": hash,
    "index": operator.index,
    "range": range,
    "list index": lambda x: [1, 2, 3][x],
    "list repetition": lambda x: [1] * x,
    "math function that is not replaced": lambda x: sys.modules["math"].sqrt(x),
    "percent format": lambda x: "%.1f".__mod__(x),
    "set": lambda x: {x},
    "dict key": lambda x: {x: 1},
    "pickle": pickle.dumps,
    "three-argument pow": lambda x: pow(x, 2, 3),
    "list": lambda x: x + [1],
    "string": lambda x: "1" + x,
    "complex operand": lambda x: x * 1j,
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_what_would_lose_the_derivative_is_a_type_error(loss):
    with pytest.raises(TypeError):
        loss(NumberWithGrad(2.0))


def test_float_says_what_to_do_instead():
    with pytest.raises(TypeError, match=r"lose the derivative.*\.value"):
        float(NumberWithGrad(2.0))


def test_a_copy_is_the_number_itself():
    x = NumberWithGrad(2.0)
    assert copy.copy(x) is x
    assert copy.deepcopy([x, {"x": x}])[1]["x"] is x


def test_it_answers_isinstance_as_a_float_does():
    x = NumberWithGrad(2.0)
    for kind in (float, numbers.Real, numbers.Number, (int, float), int | float):
        assert isinstance(x, kind)
    for kind in (int, bool, str, complex, numbers.Integral):
        assert not isinstance(x, kind)
    assert isinstance(x, NumberWithGrad)
    match x:
        case int():
            matched = "int"
        case float(y):
            matched = y
    assert matched is x


def test_operands_of_other_kinds():
    from fractions import Fraction

    x = NumberWithGrad(2.0)
    for y in (x * Fraction(1, 4), Fraction(1, 4) * x):
        assert (y.value, y.partials) == (0.5, (0.25,))
    with pytest.raises(OverflowError):
        x * 10**400


def test_numpy_scalars():
    numpy = pytest.importorskip("numpy")
    x = NumberWithGrad(2.0)
    for other in (numpy.float64(3.0), numpy.float32(3.0), numpy.int64(3)):
        for y in (x * other, other * x):
            assert (type(y), y.value, y.partials) == (NumberWithGrad, 6.0, (3.0,))
        assert (other > x, x < other) == (True, True)
        assert value_and_gradient(lambda v: v * v, other) == (9.0, 6.0)
        assert gradient(lambda v: v[0] * v[1], [other, 2.0]) == [2.0, 3.0]
        assert type(gradient(lambda v: v * v, other)) is float
        assert gradient(lambda v: other, 1.0) == 0.0
    with pytest.raises(TypeError):
        x * numpy.ones(2)
    with pytest.raises(TypeError, match="ndarray"):
        gradient(lambda v: v[0], numpy.ones(2))
    array = numpy.ones(2)

    def write(v, array):
        array[0] = 7.0
        return v * array[0]

    assert (gradient(write, 1.0, array), array[0]) == (7.0, 1.0)


def test_random_graphs_against_exact_forward_differentiation():
    # Integers, so that both are exact: tangents of all inputs are carried along.
    for seed in range(200):
        rng = random.Random(seed)
        inputs = [rng.randint(-3, 3) for _ in range(3)]
        numbers_ = [NumberWithGrad(v) for v in inputs]
        duals = [(v, [int(i == k) for k in range(3)]) for i, v in enumerate(inputs)]
        nodes = list(numbers_)
        for _ in range(12):
            i, j = rng.randrange(len(nodes)), rng.randrange(len(nodes))
            (a, da), (b, db) = duals[i], duals[j]
            symbol = rng.choice("+-*")
            if symbol == "+":
                nodes.append(nodes[i] + nodes[j])
                duals.append((a + b, [p + q for p, q in zip(da, db, strict=True)]))
            elif symbol == "-":
                nodes.append(nodes[i] - nodes[j])
                duals.append((a - b, [p - q for p, q in zip(da, db, strict=True)]))
            elif abs(a * b) < 1000:
                nodes.append(nodes[i] * nodes[j])
                duals.append((a * b, [p * b + a * q for p, q in zip(da, db, strict=True)]))
        nodes[-1].backward()
        assert (nodes[-1].value, [n.grad for n in numbers_]) == duals[-1]


# Plain functions, run unchanged. -----------------------------------------------------------

SCALE = 2.0
FUNCTIONS = {"wave": math.sin, "bump": lambda x: math.exp(-x * x)}
PIPELINE = [math.sin, (math.exp, "exp"), sin]
PAIR = (math.cos, math.sin)
SAME_PAIR = PAIR
NAMES = {math.sin: "s", math.exp: "e"}
PLAIN_PAIR = (SCALE, "scale")
to_float = float
square_root = functools.partial(math.pow, 2.0)


def sigmoid(x):
    return 1 / (1 + exp(-x))


def through_names(x):
    return exp(sin(x)) + mathematics.cos(x) + math.tanh(SCALE * x)


def through_helpers(x, y):
    return sigmoid(x) * sigmoid(x * y)


def through_containers(x):
    total = FUNCTIONS["wave"](x) + FUNCTIONS["bump"](x)
    for step in PIPELINE:
        total += step[0](x) if isinstance(step, tuple) else step(x)
    return total + PAIR[0](x) * PAIR[1](x) + square_root(x)


def through_defaults(x, f=math.exp, *, g=math.log1p, convert=float):
    return f(x) * g(x) * convert(x)


def through_imports(x):
    import math as m
    from math import atan

    return atan(m.erf(x))


def through_map(x, y):
    return sum(map(exp, [x, y])) + sum(map(float, (x, y))) + math.fsum(map(sigmoid, [x, y]))


def with_exceptions(x):
    z = 2 * x
    try:
        y = math.sqrt(x - 10)
    except ValueError:
        y = z * x
    return y * z


def with_types(x):
    half, two = 0.5, 2
    assert [type(x) is float, type(x) == float, type(x) is int] == [True, True, False]  # noqa: E721
    assert [type(half) is float, type(two) is int, type(float(two)) is float] == [True] * 3
    assert isinstance(x, float)
    assert isinstance(x, to_float)
    assert isinstance(half, float)
    assert isinstance(float, type)
    assert issubclass(float, float)
    assert type(x) in (int, float)
    assert type(int) is type(str)
    assert {float: "float"}[type(x)] == "float"
    assert (repr(float), repr(math.exp)) == ("<class 'float'>", "<built-in function exp>")
    assert (float("inf"), float.fromhex("0x1p3"), float(*())) == (math.inf, 8.0, 0.0)
    match x:
        case int() | str():
            return 0.0
        case float(y):
            return y * y + to_float(x)


def with_functions_as_keys(x):
    assert (NAMES[math.sin], NAMES[exp], math.sin == sin, math.sin == exp) == (
        "s",
        "e",
        True,
        False,
    )
    assert (math.sin.__name__, exp.__module__) == ("sin", "math")
    return copy.deepcopy([math.sin, exp])[1](x) * copy.copy(sin)(x)


def recursive(x, depth):
    return math.sin(x) if depth == 0 else recursive(0.5 * x, depth - 1) * recursive(x, depth - 1)


def doubled(function):
    @functools.wraps(function)
    def wrapper(*args):
        return 2 * function(*args)

    return wrapper


@doubled
def decorated(x):
    return exp(x) * float(x)


@functools.singledispatch
def dispatched(x):
    raise AssertionError(type(x))


@dispatched.register
def _(x: float):
    return exp(x)


class Metres:
    def __init__(self, length):
        self.length = length

    def __radd__(self, other):
        return other + 3 * self.length

    def __rdivmod__(self, other):
        return other * self.length


def with_operators_of_others(x):
    assert divmod(5.0, Metres(2.0)) == 10.0
    return x + Metres(x) + sum([x, Metres(x)], x) + divmod(x, Metres(x))


class Model:
    activation = math.tanh
    squash = staticmethod(math.atan)
    kinds = (float, int)
    made = 0

    def __init__(self, weight):
        self.weight = weight
        self.transform = math.exp
        Model.made += 1

    @property
    def doubled_weight(self):
        return 2 * float(self.weight)

    @classmethod
    def of(cls, weight):
        return cls(weight)

    def __call__(self, x):
        assert isinstance(x, self.kinds)
        return self.activation(self.weight * x) + self.squash(x) + self.transform(x)


class Deeper(Model):
    __slots__ = ("extra",)

    def __call__(self, x):
        self.extra = exp(x)
        return super().__call__(x) * self.extra + self.doubled_weight


def through_objects(w, x):
    return Deeper.of(w)(x) + Model(x)(w)


def closed_over(x):
    calls, scale = 0, 1.0

    def step(v):
        nonlocal calls, scale
        calls += 1
        scale *= math.cos(x)
        return v * scale

    for _ in range(3):
        x = step(x) + calls
    return x * scale


def closure():
    function, factor, steps = exp, 3.0, [sin]
    if not steps:
        unbound = 1.0
    return lambda x: (unbound if x is None else function(x)) * factor + steps[0](x)


def with_containers(x, y):
    xs = [x, y, x * y]
    xs.append(max(xs))
    d = {"a": xs.pop(0), "b": sum(xs)}
    d["a"] *= d["b"]
    xs[0] += d["a"]
    return sum(v * v for v in xs) + d["a"] + len(xs)


def while_active(a):
    x = a
    while abs(x * x - a) > 1e-9:
        x = 0.5 * (x + a / x)
    return x


EXECUTED: dict = {}
exec("from math import exp\ndef executed(x): return exp(x) * float(x)", EXECUTED)


@dataclasses.dataclass
class Point:
    x: float
    y: float
    label: str = ""

    def norm(self):
        return math.hypot(float(self.x), self.y)


PROGRAMS = [
    (through_names, (0.7,)),
    (through_helpers, (0.7, -0.3)),
    (through_containers, (0.7,)),
    (through_defaults, (0.7,)),
    (through_imports, (0.7,)),
    (through_map, (0.7, 0.2)),
    (with_exceptions, (0.7,)),
    (with_exceptions, (12.0,)),
    (with_types, (0.7,)),
    (with_functions_as_keys, (0.7,)),
    (recursive, (0.7, 3)),
    (with_operators_of_others, (0.7,)),
    (decorated, (0.7,)),
    (dispatched, (0.7,)),
    (through_objects, (0.7, 0.2)),
    (closed_over, (0.7,)),
    (closure(), (0.7,)),
    (with_containers, (0.7, 1.2)),
    (while_active, (2.0,)),
    (EXECUTED["executed"], (0.7,)),
    (Model(0.3), (0.7,)),
    (Model(0.3).__call__, (0.7,)),
    (Deeper(0.3), (0.7,)),
    (functools.partial(through_defaults, f=math.sin), (0.7,)),
    (functools.partial(math.atan2, 0.3), (0.7,)),
    (lambda x, f=FUNCTIONS: f["wave"](x), (0.7,)),
    (math.lgamma, (0.7,)),
    (operator.truediv, (0.7, 0.3)),
    (lambda x, y: Point(x, y).norm(), (0.7, 0.3)),
    (lambda x, y: dataclasses.replace(Point(x, 1.0), y=y).norm(), (0.7, 0.3)),
    (lambda x, y: functools.reduce(operator.mul, [x, y, x], 2.0), (0.7, 0.3)),
    (lambda x: [f(x) for f in PIPELINE if not isinstance(f, tuple)][1], (0.7,)),
]


@pytest.mark.parametrize(("function", "args"), PROGRAMS)
def test_plain_function(function, args):
    argnums = tuple(i for i, a in enumerate(args) if isinstance(a, float))
    value, derivatives = value_and_gradient(function, *args, argnums=argnums)
    assert value == function(*args)
    for i, derivative in zip(argnums, derivatives, strict=True):
        expected = difference(function, args, i)
        assert_close(derivative, expected, rtol=DIFFERENCE_RTOL, atol=DIFFERENCE_ATOL)


def test_functions_as_arguments():
    def apply(f, x, more):
        return f(x) * more["g"](x)

    assert gradient(apply, math.exp, 0.0, {"g": math.cos}, argnums=1) == 1.0
    assert gradient(apply, exp, 0.0, {"g": float}, argnums=1) == 1.0


def far_away():
    """Returns a function of a namespace that nothing else leads to."""
    namespace = {"__name__": "far_away"}
    exec("from math import exp\ndef f(*args): return exp(args[-1]) * float(args[-1])", namespace)
    return namespace["f"]


def reached_as_attribute(wrap, call):
    return lambda f: functools.partial(call, type("Holder", (), {"member": wrap(f), "x": 0.0}))


def module_of(f):
    module = ModuleType("far_away_too")
    module.f, module.exp = f, exp
    return module


REACHED = {
    "method": reached_as_attribute(lambda f: f, lambda cls, x: cls().member(x)),
    "bound method": lambda f: type("Holder", (), {"member": f})().member,
    "static method": reached_as_attribute(staticmethod, lambda cls, x: cls.member(x)),
    "class method": reached_as_attribute(classmethod, lambda cls, x: cls.member(x)),
    "partial method": reached_as_attribute(
        lambda f: functools.partialmethod(f, 1.0), lambda cls, x: cls().member(x)
    ),
    "property": reached_as_attribute(
        lambda f: property(lambda self: f(self.x)), lambda cls, x: holding(cls(), x).member
    ),
    "direct property": reached_as_attribute(
        lambda f: property(lambda self: 0.0, lambda self, x: setattr(self, "y", f(x))),
        lambda cls, x: assigning(cls(), x).y,
    ),
    "cached property": reached_as_attribute(
        lambda f: functools.cached_property(lambda self: f(self.x)),
        lambda cls, x: holding(cls(), x).member,
    ),
    "metaclass": lambda f: type("Meta", (type,), {"member": f})("Class", (), {}).member,
    "inherited": lambda f: type("Child", (type("Parent", (), {"__call__": f}),), {})(),
    "attribute": lambda f: SimpleNamespace(f=f).f,
    "partial": lambda f: functools.partial(lambda g, x, *, h: g(x) + 0.0 * h(x), f, h=f),
    "cached": lambda f: functools.partial(lambda g, x: g(1)(x), functools.lru_cache(lambda n: f)),
    "set": lambda f: lambda x, fs=frozenset({f}): next(iter(fs))(x),
    "nested containers": lambda f: (
        lambda x, fs=({"f": collections.deque([[f]])},): fs[0]["f"][0][0](x)
    ),
    "module in a container": lambda f: functools.partial(
        lambda fs, x: fs[0].f(x) / fs[0].exp(0.0 * x), (module_of(f),)
    ),
    "wrapped": lambda f: functools.wraps(f)(lambda x: f(x)),
}


def holding(instance, x):
    instance.x = x
    return instance


def assigning(instance, x):
    instance.member = x
    return instance


@pytest.mark.parametrize("reach", REACHED.values(), ids=REACHED.keys())
def test_a_function_is_followed_through(reach):
    f = far_away()
    before = dict(f.__globals__)
    assert_close(gradient(reach(f), 0.7), 1.7 * math.exp(0.7))
    assert same_objects(list(f.__globals__.items()), list(before.items()))


def test_sum_has_the_value_of_the_plain_sum():
    for xs in ([0.1] * 10, [1e16, 1.0, -1e16], [1, 0.1, 2], [], [0.1, 0.2, 0.3]):
        value, derivative = value_and_gradient(lambda x, xs: sum([*xs, x], 0.1), 0.1, xs)
        assert (value, derivative) == (sum([*xs, 0.1], 0.1), 1.0)
    assert gradient(lambda x: sum((v for v in [1.0, 2.0]), start=x), 0.5) == 1.0
    assert gradient(lambda x: sum([]) * x, 0.5) == 0.0


def test_helpers_of_other_modules(tmp_path, monkeypatch):
    (tmp_path / "tape_helper.py").write_text(
        "from math import exp, sin\nimport tape_helper as itself\nTABLE = {'s': sin}\n"
        "def f(x): return exp(x) + TABLE['s'](float(x))\n"
    )
    package = tmp_path / "tape_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "inner.py").write_text("from math import exp\ndef g(x): return exp(x) * float(x)\n")
    (package / "outer.py").write_text("def h(x):\n    from .inner import g\n    return g(x)\n")
    monkeypatch.syspath_prepend(tmp_path)
    import tape_helper
    import tape_package.inner
    import tape_package.outer

    from_helper = tape_helper.f
    snapshots = [dict(vars(tape_helper)), dict(vars(tape_package.inner))]
    expected = math.exp(0.7) + math.cos(0.7)
    for function in (
        lambda x: tape_helper.f(x),
        lambda x: from_helper(x),
        lambda x: tape_helper.exp(x) + tape_helper.sin(x),
        lambda x: tape_helper.itself.f(x),
    ):
        assert_close(gradient(function, 0.7), expected)
    expected = 1.7 * math.exp(0.7)
    for function in (lambda x: tape_package.inner.g(x), tape_package.outer.h):
        assert_close(gradient(function, 0.7), expected)
    assert [vars(tape_helper), vars(tape_package.inner)] == snapshots
    assert tape_helper.exp is exp


def test_a_module_that_is_first_imported_while_running(tmp_path, monkeypatch):
    (tmp_path / "tape_late.py").write_text(
        "from math import exp\nTABLE = [exp]\ndef f(x): return exp(x)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    def function(x):
        import tape_late

        return tape_late.f(x)

    assert gradient(function, 0.0) == 1.0
    late = sys.modules["tape_late"]
    assert late.exp is math.exp
    assert late.TABLE[0] is math.exp


# Nothing of the user's is left changed. ----------------------------------------------------


def state():
    """Returns what can be seen of everything that the functions above can reach."""
    return [
        list(vars(math).items()),
        list(globals().items()),
        list(vars(Model).items()),
        list(vars(Deeper).items()),
        list(FUNCTIONS.items()),
        list(PIPELINE),
        list(PAIR),
        through_defaults.__defaults__,
        list(through_defaults.__kwdefaults__.items()),
        [PROGRAMS[16][0].__closure__[i].cell_contents for i in range(3)],
        list(EXECUTED.items()),
    ]


def same_objects(left, right):
    if isinstance(left, list | tuple) and left is not right:
        return len(left) == len(right) and all(map(same_objects, left, right))
    return left is right


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_everything_is_restored(error):
    before = state()
    met = []

    def last(x):
        met.extend(map(id, [exp, math.exp, float, PIPELINE[0], FUNCTIONS["wave"], PLAIN_PAIR]))
        if error:
            raise error
        return x

    def everything(x):
        assert PAIR is SAME_PAIR
        return last(through_containers(x) + through_objects(x, through_defaults(x)))

    made = Model.made
    for function, args in PROGRAMS:
        gradient(function, *args)
    with pytest.raises(error) if error else contextlib.nullcontext():
        gradient(everything, 0.7)
    Model.made = made
    assert met.pop() == id(PLAIN_PAIR)  # what needs no stand-in is not touched
    assert len(met) == 5
    assert set(met) & set(map(id, [exp, float, sin])) == set()
    assert same_objects(state(), before)
    assert globals().keys() & {"float", "sum", "type"} == set()


def test_names_that_the_user_gave_to_builtins_are_theirs():
    namespace = {"float": float, "sum": lambda xs: 7.0}
    exec("def f(x): return float(x) * sum([x])", namespace)
    assert gradient(namespace["f"], 2.0) == 7.0
    assert namespace["float"] is float
    assert list(namespace) == ["float", "sum", "__builtins__", "f"]


HISTORY: list = []
COUNTERS = {"total": 0.0}
LAST = None
KEPT = NumberWithGrad(3.0)


def with_state(x):
    global LAST
    LAST = 2 * x
    HISTORY.append((x, 1))
    HISTORY.append({"x": [x]})
    HISTORY[1]["itself"] = HISTORY[1]
    COUNTERS["total"] += x
    return COUNTERS["total"] * KEPT


def test_state_that_the_function_leaves_is_plain():
    assert gradient(with_state, 2.0) == 3.0
    assert HISTORY[1].pop("itself") is HISTORY[1]
    assert (LAST, HISTORY, COUNTERS) == (4.0, [(2.0, 1), {"x": [2.0]}], {"total": 2.0})
    for left in (LAST, HISTORY[0][0], HISTORY[1]["x"][0], COUNTERS["total"]):
        assert type(left) is float
    assert (type(KEPT), KEPT.grad) == (NumberWithGrad, 0.0)


def test_the_object_of_a_method_is_not_changed():
    class Counter:
        def __init__(self):
            self.total, self.seen = 1.0, []

        def add(self, x):
            self.total += x
            self.seen.append(x)
            return self.total * x

        __call__ = add

    counter = Counter()
    assert gradient(counter.add, 2.0) == 5.0
    assert gradient(counter, 2.0) == 5.0
    assert vars(counter) == {"total": 1.0, "seen": []}


def test_another_thread_waits_its_turn():
    results = []
    threads = [
        threading.Thread(target=lambda: results.extend(gradient(sigmoid, 0.0) for _ in range(50)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [0.25] * 200


def test_gradient_inside_gradient_is_refused_and_leaves_nothing():
    before = state()
    with pytest.raises(NotImplementedError, match="first derivatives only"):
        gradient(lambda x: x * gradient(sigmoid, 0.0), 1.0)
    with pytest.raises(TypeError, match="plain numbers"):
        gradient(sigmoid, NumberWithGrad(1.0))
    assert same_objects(state(), before)
    assert gradient(sigmoid, 0.0) == 0.25


# Arguments and results. --------------------------------------------------------------------

Pair = collections.namedtuple("Pair", "first second")


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: float
    tags: tuple = ()

    def __post_init__(self):
        object.__setattr__(self, "x", self.x + 100.0)  # must not run again


@dataclasses.dataclass(slots=True)
class Slotted:
    x: float
    rows: list = dataclasses.field(default_factory=list)


class Plain:
    __slots__ = ("__dict__", "__hidden", "unset")

    def __init__(self, hidden, shown):
        self.__hidden, self.shown = hidden, shown

    def hidden(self):
        return self.__hidden


class Colour(enum.Enum):
    RED = 1


class Names(list):
    pass


def test_structures_come_back_as_they_went_in():
    structure = {
        "list": [1.0, [2, 3.0]],
        "tuple": (4.0, "text", None, True, math.exp, Colour.RED, b"bytes", float),
        "pair": Pair(5.0, [6.0]),
        "frozen": Frozen(7.0, ("a",)),
        "slotted": Slotted(8.0, [[9.0], []]),
        "space": SimpleNamespace(x=10.0, name="n"),
        "deque": collections.deque([11.0], maxlen=3),
        "default": collections.defaultdict(float, {"k": 12.0}),
        "plain": Plain(13.0, 14.0),
        "names": Names([15.0]),
    }

    def function(s):
        s["space"].x *= 1.0
        total = s["list"][0] * 1 + s["list"][1][0] * 2 + s["list"][1][1] * 3 + s["tuple"][0] * 4
        total += s["pair"].first * 5 + s["pair"].second[0] * 6 + s["frozen"].x * 7
        total += s["slotted"].x * 8 + s["slotted"].rows[0][0] * 9 + s["space"].x * 10
        total += s["deque"][0] * 11 + s["default"]["k"] * 12 + s["default"]["missing"]
        total += s["plain"].hidden() * 13 + s["plain"].shown * 14 + s["names"][0] * 15
        s["list"].append(0.0)
        s["slotted"].rows.clear()
        return total * 2

    found = gradient(function, structure)
    assert found["list"] == [2.0, [4.0, 6.0]]
    assert found["tuple"] == (8.0, *[None] * 7)
    assert found["pair"] == Pair(10.0, [12.0])
    assert (type(found["frozen"]), vars(found["frozen"])) == (Frozen, {"x": 14.0, "tags": (None,)})
    assert found["slotted"] == Slotted(16.0, [[18.0], []])
    assert found["space"] == SimpleNamespace(x=20.0, name=None)
    assert (found["deque"], found["deque"].maxlen) == (collections.deque([22.0]), 3)
    assert found["default"] == {"k": 24.0}
    assert (found["plain"].hidden(), found["plain"].shown) == (26.0, 28.0)
    assert (type(found["names"]), found["names"]) == (Names, [30.0])
    assert list(found) == list(structure)
    # and the caller's are as they were
    assert (structure["list"], structure["slotted"].rows) == ([1.0, [2, 3.0]], [[9.0], []])
    assert (structure["default"], structure["frozen"].x) == ({"k": 12.0}, 107.0)
    assert (type(structure["list"][1][0]), structure["space"].x) == (int, 10.0)


def test_one_list_in_two_places_stays_one_list():
    def function(a, b, pair):
        a[0] = a[0] * 3
        b.append(a[0])
        assert {id(a), id(b)} == {id(pair[0]), id(pair[1])} == {id(a)}
        return b[0] * pair[1][-1]

    shared = [2.0]
    first, second = gradient(function, shared, shared, (shared, shared), argnums=(0, 1))
    assert (first, second, shared) == ([36.0], [36.0], [2.0])
    # Differentiated once, but the same object wherever it is
    assert gradient(function, shared, shared, [shared, shared], argnums=1) == [36.0]
    # The same number twice is two numbers
    x = 3.0
    assert gradient(lambda a, b: a * a * b, x, x, argnums=(0, 1)) == (18.0, 9.0)
    assert gradient(lambda v: v[0] * v[0] * v[1], [x, x]) == [18.0, 9.0]


def test_a_structure_may_contain_itself():
    ring = [2.0]
    ring.append(ring)
    found = gradient(lambda r: r[1][1][0] ** 2, ring)
    assert (found[0], found[1] is found) == (4.0, True)


def test_a_method_of_an_argument_is_of_the_copy():
    model = Model(0.5)
    assert (
        gradient(lambda m, f: f(1.0), model, model.__call__).weight
        == gradient(lambda m: m(1.0), model).weight
    )
    assert model.weight == 0.5


def test_arguments_that_are_not_differentiated_are_not_changed():
    rows, tags, options = [[1.0], [2.0]], {1}, {"deep": [3.0], "tags": None}
    options["tags"] = tags

    def function(x, rows, tags, *, options):
        rows[0][0] = x
        tags.add(2)
        assert options["tags"] is tags
        options["deep"].append(x)
        return rows[0][0] * rows[1][0] + options["deep"][1]

    assert gradient(function, 5.0, rows, tags, options=options) == 3.0
    assert (rows, tags, options) == ([[1.0], [2.0]], {1}, {"deep": [3.0], "tags": {1}})


OUTER = [1.0, 2.0]


def test_an_argument_that_is_also_reached_another_way_is_refused():
    captured = [1.0]
    for function, argument in [
        (lambda xs: xs[0] * OUTER[0], OUTER),
        (lambda xs: xs[0] * captured[0], captured),
        (lambda xs, ys=captured: xs[0] * ys[0], captured),
    ]:
        with pytest.raises(TypeError, match="another way too"):
            gradient(function, argument)
    assert gradient(lambda xs: xs[0] * OUTER[1], [3.0]) == [2.0]


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [
        (0, 5.0),
        (1, 3.0),
        (-1, 3.0),
        ((0,), (5.0,)),
        ((1, 0), (3.0, 5.0)),
        ((), ()),
        ((0, 0), (5.0, 5.0)),
    ],
)
def test_argnums(argnums, expected):
    found = gradient(lambda x, y: x * y, 3.0, 5.0, argnums=argnums)
    assert (type(found), found) == (type(expected), expected)


def test_keyword_arguments_are_passed_on():
    def f(x, *, function, argument=1.0):
        return x * function * argument

    assert gradient(f, 3.0, function=2.0, argument=5) == 10.0


@pytest.mark.parametrize("result", ["text", None, True, 1j, [1.0], (1.0,), {}])
def test_a_result_that_is_not_one_number_is_refused(result):
    with pytest.raises(TypeError, match="one number"):
        gradient(lambda x: result, 1.0)
    with pytest.raises(TypeError, match="one number"):
        gradient(lambda x: [x], 1.0)


def test_a_result_that_does_not_depend_on_the_argument():
    assert value_and_gradient(lambda x: 3, 2.0) == (3, 0.0)
    assert value_and_gradient(lambda x: int(x), 2.5) == (2, 0.0)
    assert gradient(lambda x, y: x, 2.0, [3.0], argnums=(0, 1)) == (1.0, [0.0])


@pytest.mark.parametrize("argument", [1j, {1.0}, object(), bytearray(b"x"), iter([1.0])])
def test_an_argument_of_another_kind_is_refused(argument):
    with pytest.raises(TypeError, match="cannot differentiate"):
        gradient(lambda x: 1.0, argument)


def test_what_is_no_number_has_the_gradient_none():
    for argument in ("text", None, True, math.exp, Colour.RED, Model):
        assert gradient(lambda x: 1.0, argument) is None
    assert gradient(lambda x: 1.0, Pair("text", None)) == Pair(None, None)


def test_positions_out_of_range():
    for argnums in (1, -2, (0, 3)):
        with pytest.raises(IndexError):
            gradient(lambda x: x, 1.0, argnums=argnums)
    with pytest.raises(TypeError):
        gradient(lambda x: x, 1.0, argnums="x")


def test_branches_observe_the_value():
    seen = []

    def f(x):
        seen.append([x > 2, x == 3, 2 < x <= 3, bool(x), x in (3.0,), not x, x != 3, min(x, 9)])
        return x * x if x > 2 else x

    assert (gradient(f, 3.0), gradient(f, 1.0)) == (6.0, 1.0)
    assert seen[0][:7] == [True, True, True, True, True, False, False]


def test_it_imports_the_standard_library_only():
    import subprocess

    program = (
        "import sys; before = set(sys.modules); import sourcediff.tape;"
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before}"
        " - sys.stdlib_module_names))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "['sourcediff']"
