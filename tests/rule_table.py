"""What the table of rules is held against: how a user writes each operation, and what it is.

Two mappings from the pattern of a rule.  ``SPELLINGS`` turns it into a user's text where it is
not one already, ``EXACT`` says in mpmath which function it is.  A rule without an entry fails
the tests; none is passed over.
"""

import ast
import builtins
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
from mpmath import mp

from sourcediff.rules import RULES, Rule
from tests.generator import load_source

# Taken while pytest collects: later a doctest may have added a rule of its own.
TABLE: dict[str, Rule] = dict(RULES)
DIGITS = 40
POINTS = 4

Exact = Callable[..., Any]


def _half(names: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    return names[: len(names) // 2], names[len(names) // 2 :]


def _tuple(names: Sequence[str]) -> str:
    return f"({''.join(name + ', ' for name in names)})"


def _of_two_tuples(function: str) -> Callable[[Sequence[str]], str]:
    return lambda names: f"{function}({', '.join(map(_tuple, _half(names)))})"


#: Patterns that are no text of a user, from the names of the arguments.
SPELLINGS: dict[str, Callable[[Sequence[str]], str]] = {
    "sum(*x)": lambda names: f"sum({_tuple(names)})",
    "sum_from(*x)": lambda names: f"sum({_tuple(names[1:])}, {names[0]})",
    "math.fsum(*x)": lambda names: f"math.fsum({_tuple(names)})",
    "math.hypot(*x)": lambda names: f"math.hypot({', '.join(names)})",
    "math.dist(*x)": _of_two_tuples("math.dist"),
    "math.sumprod(*x)": _of_two_tuples("math.sumprod"),
    # The order of a derivative is a constant of the program that takes it.
    "polygamma(n, x)": lambda names: f"polygamma(0, {names[1]})",
}
TAKE_PAIRS = ("math.dist(*x)", "math.sumprod(*x)")

#: Functions that a user would import from sourcediff itself.
IMPORTS = {"polygamma": "from sourcediff.rules.special import polygamma\n"}


def missing(rule: Rule) -> bool:
    """Whether this Python does not have the function of the rule."""
    callee = rule.pattern.partition("(")[0]
    return callee.startswith("math.") and not hasattr(math, callee.removeprefix("math."))


def spelled(rule: Rule, names: Sequence[str]) -> str:
    """The operation in a user's text.

    Raises:
        LookupError: nobody wrote down how a user spells this pattern.
    """
    if rule.pattern in SPELLINGS:
        return SPELLINGS[rule.pattern](names)
    node = ast.parse(rule.pattern, mode="eval").body
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Call):
        callee = ast.unparse(node.func)
        is_known = callee in IMPORTS or hasattr(
            math if callee.startswith("math.") else builtins, callee.removeprefix("math.")
        )
        if rule.variadic or not is_known:
            raise LookupError(f"add {rule.pattern!r} to SPELLINGS")
    return rule.pattern


# The functions, from their definitions. -----------------------------------------------------


def _truncated(x: Any) -> Any:
    return mp.sign(x) * mp.floor(abs(x))


def _mantissa(x: Any) -> Any:
    # The exponent of the float next to it: constant around the point.
    return x / mpmath.mpf(2) ** math.frexp(float(x))[1]


def _length(*x: Any) -> Any:
    return mp.sqrt(sum(c * c for c in x))


def _distance(*x: Any) -> Any:
    return _length(*(a - b for a, b in zip(*_half(x), strict=True)))


def _inner_product(*x: Any) -> Any:
    return sum(a * b for a, b in zip(*_half(x), strict=True))


def _rounded(x: Any, digits: Any) -> Any:
    # The digits are an integer: what is beside it stands for the nearest.
    scale = mpmath.mpf(10) ** int(mp.nint(digits))
    return mp.nint(x * scale) / scale


EXACT: dict[str, Exact] = {
    "x + z": lambda x, z: x + z,
    "x - z": lambda x, z: x - z,
    "x * z": lambda x, z: x * z,
    "x / z": lambda x, z: x / z,
    "x ** p": lambda x, p: mp.power(x, p),
    "x % z": lambda x, z: x - z * mp.floor(x / z),
    "x // z": lambda x, z: mp.floor(x / z),
    "-x": lambda x: -x,
    "+x": lambda x: x,
    "abs(x)": lambda x: x * mp.sign(x),
    "max(a, b)": lambda a, b: (a + b + abs(a - b)) / 2,
    "min(a, b)": lambda a, b: (a + b - abs(a - b)) / 2,
    "float(x)": lambda x: x,
    "sum(*x)": lambda *x: sum(x),
    "sum_from(*x)": lambda *x: sum(x),
    "math.fsum(*x)": lambda *x: sum(x),
    "math.dist(*x)": _distance,
    "math.sumprod(*x)": _inner_product,
    "int(x)": _truncated,
    "bool(x)": lambda x: mpmath.mpf(1),
    "round(x)": mp.nint,
    "round(x, digits)": _rounded,
    "math.exp(x)": mp.exp,
    "math.exp2(x)": lambda x: mp.power(2, x),
    "math.expm1(x)": lambda x: mp.exp(x) - 1,
    "math.log(x)": mp.log,
    "math.log(x, b)": lambda x, b: mp.log(x) / mp.log(b),
    "math.log2(x)": lambda x: mp.log(x) / mp.log(2),
    "math.log10(x)": lambda x: mp.log(x) / mp.log(10),
    "math.log1p(x)": lambda x: mp.log(1 + x),
    "math.sqrt(x)": mp.sqrt,
    "math.cbrt(x)": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "math.pow(x, p)": lambda x, p: mp.power(x, p),
    "math.sin(x)": mp.sin,
    "math.cos(x)": mp.cos,
    "math.tan(x)": mp.tan,
    "math.asin(x)": mp.asin,
    "math.acos(x)": mp.acos,
    "math.atan(x)": mp.atan,
    "math.atan2(a, b)": mp.atan2,
    "math.sinh(x)": mp.sinh,
    "math.cosh(x)": mp.cosh,
    "math.tanh(x)": mp.tanh,
    "math.asinh(x)": mp.asinh,
    "math.acosh(x)": mp.acosh,
    "math.atanh(x)": mp.atanh,
    "math.degrees(x)": lambda x: x * 180 / mp.pi,
    "math.radians(x)": lambda x: x * mp.pi / 180,
    "math.hypot(*x)": _length,
    "math.fabs(x)": lambda x: x * mp.sign(x),
    "math.copysign(x, s)": lambda x, s: abs(x) * mp.sign(s),
    "math.fmod(x, z)": lambda x, z: x - z * _truncated(x / z),
    "math.remainder(x, z)": lambda x, z: x - z * mp.nint(x / z),
    "math.fma(a, b, c)": lambda a, b, c: a * b + c,
    "math.nextafter(x, s)": lambda x, s: x,  # one unit of the last place beside it
    "math.gamma(x)": mp.gamma,
    "math.lgamma(x)": lambda x: mp.log(abs(mp.gamma(x))),
    "math.erf(x)": mp.erf,
    "math.erfc(x)": mp.erfc,
    "polygamma(n, x)": lambda n, x: mp.psi(int(n), x),
    "math.floor(x)": mp.floor,
    "math.ceil(x)": mp.ceil,
    "math.trunc(x)": _truncated,
    "math.isnan(x)": lambda x: mpmath.mpf(0),
    "math.isinf(x)": lambda x: mpmath.mpf(0),
    "math.isfinite(x)": lambda x: mpmath.mpf(1),
    "math.ulp(x)": lambda x: mpmath.mpf(math.ulp(float(x))),
    "math.modf(x)[0]": lambda x: x - _truncated(x),
    "math.modf(x)[1]": _truncated,
    "math.frexp(x)[0]": _mantissa,
    "math.frexp(x)[1]": lambda x: mpmath.mpf(math.frexp(float(x))[1]),
    "math.ldexp(x, i)": lambda x, i: x * mpmath.mpf(2) ** int(i),
}


# Points and derivatives. --------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One rule as a function of a number of arguments, and points inside of its domain.

    ``alone`` returns what the operation gives; ``inside`` uses it in a formula, so that its
    adjoint is no constant, and a truth value or an integer becomes part of a real number.
    """

    rule: Rule
    names: tuple[str, ...]
    points: tuple[tuple[float, ...], ...]

    def __str__(self) -> str:
        return f"{self.rule.pattern}-{len(self.names)}" if self.rule.variadic else self.rule.pattern

    @property
    def text(self) -> str:
        return spelled(self.rule, self.names)

    @property
    def value(self) -> Any:
        """What the operation gives at the first point, in plain Python."""
        return self.function()(*self.points[0])

    @property
    def places(self) -> tuple[int, ...]:
        """The arguments in which there is a derivative."""
        places = range(len(self.names))
        return tuple(k for k in places if self.rule.partial(k) is not None)

    def source(self, inside: bool, from_math: bool = False) -> str:
        head, text = "import math\n", self.text
        if from_math and text.startswith("math."):
            name = text.removeprefix("math.").partition("(")[0]
            head, text = f"from math import {name}\n", text.removeprefix("math.")
        body = f"{self.names[-1]} * 3.0 ** (0.25 * ({text}))" if inside else text
        head += IMPORTS.get(text.partition("(")[0], "")
        return f"{head}\n\ndef f({', '.join(self.names)}):\n    return {body}\n"

    def function(self, inside: bool = False, from_math: bool = False) -> Callable[..., Any]:
        return load_source(self.source(inside, from_math))

    def derivative(self, point: tuple[float, ...], orders: Sequence[int], inside: bool) -> float:
        """The derivative in many digits, `orders` times in each argument."""
        exact = EXACT[self.rule.pattern]

        def formula(*x: Any) -> Any:
            return x[-1] * mpmath.mpf(3) ** (exact(*x) / 4)

        with mpmath.workdps(DIGITS):
            return float(mpmath.diff(formula if inside else exact, point, tuple(orders)))


def _cases(rule: Rule) -> list[Case]:
    if not rule.variadic:
        return [_case(rule, rule.parameters, rule.domain)]
    pair = 2 if rule.pattern in TAKE_PAIRS else 1
    (interval,) = rule.domain
    return [
        _case(rule, tuple("abcdef"[: pair * size]), (interval,) * (pair * size))
        for size in (1, 2, 3)
    ]


def _case(rule: Rule, names: tuple[str, ...], domain: tuple[tuple[float, float], ...]) -> Case:
    source = random.Random(f"{rule.pattern} {len(names)}")
    # An interval of one number holds an integer, as the number of digits of `round`.
    points = tuple(
        tuple(low if low == high else source.uniform(low, high) for low, high in domain)
        for _ in range(POINTS)
    )
    return Case(rule, names, points)


CASES = [case for rule in TABLE.values() for case in _cases(rule)]
