"""The functions of Python's `math` module.

Formulas are those of the NIST Digital Library of Mathematical Functions (dlmf.nist.gov),
chapters 4 (elementary functions), 5 (gamma) and 7 (error function); each is written so that
it neither overflows nor cancels where the function itself does not.
"""

from __future__ import annotations

import math

from sourcediff.ir import Primitive
from sourcediff.rules.special import polygamma
from sourcediff.rules.table import define, rule
from sourcediff.types import BOOL, INT, Type, is_number
from sourcediff.types import REAL as _REAL

__all__ = ["INTEGER_ONLY"]

# Powers, exponentials and logarithms -----------------------------------------------------

rule("math.exp(x)", "y", hint="e")
rule("math.exp2(x)", "y * 0.6931471805599453", hint="power")
rule("math.expm1(x)", "math.exp(x)", hint="e")
rule("math.log(x)", "1 / x", domain=[(0.1, 5)], checks=True, hint="log")
rule(
    "math.log(x, b)",
    "1 / (x * math.log(b))",
    "-y / (b * math.log(b))",
    domain=[(0.1, 5), (1.5, 4)],
    checks=True,
    hint="log",
)
rule("math.log2(x)", "1 / (x * 0.6931471805599453)", domain=[(0.1, 5)], checks=True, hint="log")
rule("math.log10(x)", "1 / (x * 2.302585092994046)", domain=[(0.1, 5)], checks=True, hint="log")
rule("math.log1p(x)", "1 / (1 + x)", domain=[(-0.9, 5)], checks=True, hint="log")
rule("math.sqrt(x)", "0.5 / y", domain=[(0.1, 5)], bounded=True, hint="root")
rule("math.cbrt(x)", "1 / (3 * y * y)", domain=[(0.1, 5)], hint="root")
rule(
    "math.pow(x, p)",
    "p * math.pow(x, p - 1) if p or x else 0.0",
    "y * math.log(x) if x else 0.0",
    domain=[(0.1, 3), (-2, 3)],
    kink="as x ** p",
    bounded=True,
    hint="power",
)

# Trigonometric and hyperbolic ------------------------------------------------------------

rule("math.sin(x)", "math.cos(x)", hint="sine")
rule("math.cos(x)", "-math.sin(x)", hint="cosine")
rule("math.tan(x)", "1 + y * y", domain=[(-1.2, 1.2)], hint="tangent")
rule(
    "math.asin(x)",
    "1 / math.sqrt((1 - x) * (1 + x))",
    domain=[(-0.9, 0.9)],
    bounded=True,
    hint="angle",
)
rule(
    "math.acos(x)",
    "-1 / math.sqrt((1 - x) * (1 + x))",
    domain=[(-0.9, 0.9)],
    bounded=True,
    hint="angle",
)
rule("math.atan(x)", "1 / (1 + x * x)", hint="angle")
rule(
    "math.atan2(a, b)",
    "b / math.hypot(a, b) / math.hypot(a, b)",
    "-(a / math.hypot(a, b) / math.hypot(a, b))",
    domain=[(0.2, 3), (-3, 3)],
    hint="angle",
)
rule("math.sinh(x)", "math.cosh(x)", hint="sinh")
rule("math.cosh(x)", "math.sinh(x)", hint="cosh")
rule("math.tanh(x)", "1 - y * y", hint="tanh")
rule("math.asinh(x)", "1 / math.hypot(1.0, x)", hint="asinh")
rule(
    "math.acosh(x)",
    "1 / (math.sqrt(x - 1) * math.sqrt(x + 1))",
    domain=[(1.2, 4)],
    bounded=True,
    hint="acosh",
)
rule(
    "math.atanh(x)",
    "1 / ((1 - x) * (1 + x))",
    domain=[(-0.9, 0.9)],
    checks=True,
    hint="atanh",
)
rule("math.degrees(x)", "57.29577951308232", hint="degrees")
rule("math.radians(x)", "0.017453292519943295", hint="radians")

# Lengths, signs, remainders --------------------------------------------------------------

rule(
    "math.hypot(*x)",
    "x / y if y else 0.0",
    kink="0 at the origin, the centre of the subdifferential",
    hint="length",
)
rule("math.fabs(x)", "math.copysign(1.0, x)", kink="the sign of the zero", hint="size")
rule("math.copysign(x, s)", "math.copysign(1.0, x) * math.copysign(1.0, s)", "0", hint="signed")
rule(
    "math.fmod(x, z)",
    "1",
    "(y - x) / z",
    domain=[(3.1, 3.9), (1.1, 1.5)],
    checks=True,
    hint="remainder",
)
rule(
    "math.remainder(x, z)",
    "1",
    "(y - x) / z",
    domain=[(3.1, 3.6), (1.1, 1.2)],
    checks=True,
    hint="remainder",
)
rule("math.fma(a, b, c)", "b", "a", "1", hint="total")
rule("math.nextafter(x, s)", "1", "0", hint="neighbour")

# Gamma and error functions ---------------------------------------------------------------

rule("math.gamma(x)", "y * polygamma(0, x)", domain=[(0.3, 4)], checks=True, hint="gamma")
rule("math.lgamma(x)", "polygamma(0, x)", domain=[(0.3, 4)], checks=True, hint="gamma")
rule("math.erf(x)", "1.1283791670955126 * math.exp(-x * x)", hint="erf")
rule("math.erfc(x)", "-1.1283791670955126 * math.exp(-x * x)", hint="erfc")


def _polygamma_type(n: Type, x: Type) -> Type | None:
    return _REAL if is_number(n) and is_number(x) else None


rule(
    "polygamma(n, x)",
    None,
    "polygamma(n + 1, x)",
    function=polygamma,
    domain=[(0, 0), (0.3, 4)],
    typing=_polygamma_type,
    hint="psi",
)

# Piecewise constant: the derivative is zero wherever there is one -------------------------


def _integer(*operands: Type) -> Type | None:
    return INT if all(map(is_number, operands)) else None


def _truth(*operands: Type) -> Type | None:
    return BOOL if all(map(is_number, operands)) else None


for _name in ("floor", "ceil", "trunc"):
    rule(f"math.{_name}(x)", "0", domain=[(1.1, 1.9)], typing=_integer, hint=_name)
for _name in ("isnan", "isinf", "isfinite"):
    rule(f"math.{_name}(x)", "0", typing=_truth, raises=False)
rule("math.ulp(x)", "0", domain=[(1.1, 1.9)])

# A pair comes back: as two operations, one for each half ----------------------------------


def modf_fraction(x: float) -> float:
    """The fractional part of x, with its sign."""
    return math.modf(x)[0]


def modf_whole(x: float) -> float:
    """The whole part of x, as a float."""
    return math.modf(x)[1]


def frexp_mantissa(x: float) -> float:
    """m of x == m * 2 ** e with 0.5 <= abs(m) < 1."""
    return math.frexp(x)[0]


def frexp_exponent(x: float) -> int:
    """e of x == m * 2 ** e with 0.5 <= abs(m) < 1."""
    return math.frexp(x)[1]


rule("math.modf(x)[0]", "1", function=modf_fraction, domain=[(1.1, 1.9)], hint="fraction")
rule("math.modf(x)[1]", "0", function=modf_whole, domain=[(1.1, 1.9)], hint="whole")
rule(
    "math.frexp(x)[0]",
    "math.ldexp(1.0, -math.frexp(x)[1])",
    function=frexp_mantissa,
    domain=[(1.1, 1.9)],
    hint="mantissa",
)
rule(
    "math.frexp(x)[1]",
    "0",
    function=frexp_exponent,
    domain=[(1.1, 1.9)],
    typing=_integer,
    hint="exponent",
)
rule("math.ldexp(x, i)", "math.ldexp(1.0, i)", None, domain=[(-3, 3), (2, 2)], hint="scaled")

#: Functions of integers: their arguments are no real numbers that one could vary.
INTEGER_ONLY = ("comb", "factorial", "gcd", "isqrt", "lcm", "perm")

for _name in INTEGER_ONLY:
    _function = getattr(math, _name)
    define(
        _function,
        Primitive(
            f"math.{_name}", _function, typing=_integer, raises=True, bounded=True, hint=_name
        ),
    )
