"""Functions of NumPy that work element by element, on arrays as on numbers.

The module is imported where the user's program has imported NumPy, and nowhere else. A
conditional expression of a partial becomes `numpy.where` on arrays, and masks there too: the
adjoint meets the selected branch only.

>>> primitive_of(numpy.exp), OF_ARRAYS["abs(x)"].partial(0)
(numpy.exp, 'numpy.sign(x)')
"""

from __future__ import annotations

from typing import Any

import numpy

from sourcediff.ir import Primitive
from sourcediff.rules import table
from sourcediff.rules.operators import arithmetic, measure, size
from sourcediff.rules.table import RULES, Rule, define, primitive_of  # noqa: F401 - in the example
from sourcediff.types import BOOL, REAL, Type, elementwise, is_number

__all__ = ["NUMPY_RULES", "OF_ARRAYS", "WHERE", "rule_of_arrays"]

#: The rules of NumPy's own functions, by pattern.
NUMPY_RULES: dict[str, Rule] = {}
#: The rules of Python's operators and functions where an operand is an array, by pattern.
OF_ARRAYS: dict[str, Rule] = {}


def real(*operands: Type) -> Type | None:
    """Real numbers, element by element."""
    return elementwise(operands, REAL)


def truth(*operands: Type) -> Type | None:
    """Truth values, element by element."""
    return elementwise(operands, BOOL)


def chosen(test: Type, a: Type, b: Type) -> Type | None:
    """What `numpy.where` gives of numbers."""
    found = elementwise((a, b))
    if found is None:
        return None
    element = found.slots["element"].type if found.kind == "Array" else found
    return elementwise((test, a, b), element)


def rule(pattern: str, *partials: str | None, **options: Any) -> Primitive | None:
    """Add the derivative of a function of NumPy."""
    options.setdefault("typing", real)
    options.setdefault("raises", False)
    made = table.rule(pattern, *partials, **options)
    if made is not None:
        NUMPY_RULES[pattern] = RULES.pop(pattern)
    return made


def rule_of_arrays(primitive: Primitive) -> Rule | None:
    """The rule of an operation where an operand is an array."""
    found: Rule | None = primitive.rule
    return OF_ARRAYS.get(primitive.pattern or "", found)


def _of_number(operand: Type) -> Type | None:
    return REAL if is_number(operand) else None


# Exponentials, logarithms, powers ---------------------------------------------------------

rule("numpy.exp(x)", "y", hint="e")
rule("numpy.exp2(x)", "y * 0.6931471805599453", hint="power")
rule("numpy.expm1(x)", "numpy.exp(x)", hint="e")
rule("numpy.log(x)", "1 / x", domain=[(0.1, 5)], hint="log")
rule("numpy.log2(x)", "1 / (x * 0.6931471805599453)", domain=[(0.1, 5)], hint="log")
rule("numpy.log10(x)", "1 / (x * 2.302585092994046)", domain=[(0.1, 5)], hint="log")
rule("numpy.log1p(x)", "1 / (1 + x)", domain=[(-0.9, 5)], hint="log")
rule("numpy.sqrt(x)", "0.5 / y", domain=[(0.1, 5)], hint="root")
rule("numpy.cbrt(x)", "1 / (3 * y * y)", domain=[(0.1, 5)], hint="root")
rule("numpy.square(x)", "2 * x", typing=arithmetic, hint="square")
rule("numpy.reciprocal(x)", "-y * y", domain=[(0.5, 4)], hint="inverse")
#: Where both are the logarithm of 0, neither has a share: ``-inf - -inf`` is not a number.
_SHARES = [f"0.0 if y == -numpy.inf else numpy.exp({of} - y)" for of in "ab"]
rule("numpy.logaddexp(a, b)", *_SHARES, kink="0 where both are -inf", hint="log")
_SHARES = [text.replace("exp", "exp2") for text in _SHARES]
rule("numpy.logaddexp2(a, b)", *_SHARES, kink="0 where both are -inf", hint="log")

# Circular and hyperbolic functions --------------------------------------------------------

rule("numpy.sin(x)", "numpy.cos(x)", hint="sine")
rule("numpy.cos(x)", "-numpy.sin(x)", hint="cosine")
rule("numpy.tan(x)", "1 + y * y", domain=[(-1.2, 1.2)], hint="tangent")
rule("numpy.arcsin(x)", "1 / numpy.sqrt(1 - x * x)", domain=[(-0.9, 0.9)], hint="angle")
rule("numpy.arccos(x)", "-1 / numpy.sqrt(1 - x * x)", domain=[(-0.9, 0.9)], hint="angle")
rule("numpy.arctan(x)", "1 / (1 + x * x)", hint="angle")
rule(
    "numpy.arctan2(a, b)",
    "b / (a * a + b * b)",
    "-a / (a * a + b * b)",
    domain=[(0.2, 3), (0.2, 3)],
    hint="angle",
)
rule("numpy.sinh(x)", "numpy.cosh(x)", hint="sine")
rule("numpy.cosh(x)", "numpy.sinh(x)", hint="cosine")
rule("numpy.tanh(x)", "1 - y * y", hint="tangent")
rule("numpy.arcsinh(x)", "1 / numpy.sqrt(1 + x * x)", hint="area")
rule("numpy.arccosh(x)", "1 / numpy.sqrt(x * x - 1)", domain=[(1.2, 5)], hint="area")
rule("numpy.arctanh(x)", "1 / (1 - x * x)", domain=[(-0.9, 0.9)], hint="area")
rule("numpy.deg2rad(x)", "0.017453292519943295", hint="angle")
rule("numpy.radians(x)", "0.017453292519943295", hint="angle")
rule("numpy.rad2deg(x)", "57.29577951308232", hint="angle")
rule("numpy.degrees(x)", "57.29577951308232", hint="angle")
rule(
    "numpy.hypot(a, b)",
    "a / y if y else 0.0",
    "b / y if y else 0.0",
    kink="0 at the origin",
    domain=[(0.2, 3), (0.2, 3)],
    hint="length",
)

# Arithmetic -------------------------------------------------------------------------------

rule("numpy.add(a, b)", "1", "1", typing=arithmetic, hint="total")
rule("numpy.subtract(a, b)", "1", "-1", typing=arithmetic, hint="diff")
rule("numpy.multiply(a, b)", "b", "a", typing=arithmetic, hint="product")
rule("numpy.divide(a, b)", "1 / b", "-y / b", domain=[(-3, 3), (0.5, 4)], hint="ratio")
rule("numpy.negative(x)", "-1", typing=arithmetic, hint="negative")
rule("numpy.positive(x)", "1", typing=arithmetic, hint="positive")
rule("numpy.float64(x)", "1", typing=_of_number)  # of an array it is the array itself
_POWER = ("p * x ** (p - 1) if p else 0.0", "y * numpy.log(x if x else 1.0)")
rule("numpy.power(x, p)", *_POWER, domain=[(0.1, 3), (-2, 3)], typing=arithmetic, hint="power")
rule("numpy.float_power(x, p)", *_POWER, domain=[(0.1, 3), (-2, 3)], hint="power")
rule(
    "numpy.mod(a, b)",
    "1",
    "-(a // b)",
    domain=[(3.1, 3.9), (1.1, 1.5)],
    typing=arithmetic,
    hint="remainder",
)
rule(
    "numpy.fmod(a, b)",
    "1",
    "-numpy.trunc(a / b)",
    domain=[(3.1, 3.9), (1.1, 1.5)],
    typing=arithmetic,
    hint="remainder",
)

# Size and choice --------------------------------------------------------------------------

rule("numpy.abs(x)", "numpy.sign(x)", kink="0 at 0", typing=size, hint="size")
rule("numpy.angle(x)", "0", domain=[(0.2, 3)], typing=measure, hint="angle")
rule("numpy.fabs(x)", "numpy.sign(x)", kink="0 at 0", hint="size")
rule(
    "numpy.maximum(a, b)",
    "1.0 if a >= b else 0.0",
    "0.0 if a >= b else 1.0",
    kink="on ties all of it to the first",
    typing=arithmetic,
    hint="largest",
)
rule(
    "numpy.minimum(a, b)",
    "1.0 if a <= b else 0.0",
    "0.0 if a <= b else 1.0",
    kink="on ties all of it to the first",
    typing=arithmetic,
    hint="smallest",
)
rule(
    "numpy.fmax(a, b)",
    "1.0 if (a >= b) | (b != b) else 0.0",
    "0.0 if (a >= b) | (b != b) else 1.0",
    kink="on ties all of it to the first",
    typing=arithmetic,
    hint="largest",
)
rule(
    "numpy.fmin(a, b)",
    "1.0 if (a <= b) | (b != b) else 0.0",
    "0.0 if (a <= b) | (b != b) else 1.0",
    kink="on ties all of it to the first",
    typing=arithmetic,
    hint="smallest",
)
rule("numpy.nan_to_num(x)", "1.0 if numpy.isfinite(x) else 0.0", hint="finite")
rule("numpy.ldexp(x, n)", "2.0 ** n", None, domain=[(-3, 3), (2, 2)], hint="scaled")
rule("numpy.conj(x)", "1", typing=arithmetic, hint="conjugate")
rule(
    "numpy.clip(x, low, high)",
    "1.0 if (x >= low) & (x <= high) else 0.0",
    "1.0 if x < low else 0.0",
    "1.0 if x > high else 0.0",
    kink="on ties all of it to the argument that is clipped",
    typing=arithmetic,
    domain=[(0.2, 0.9), (0, 0.1), (1, 2)],
    hint="clipped",
)
rule(
    "numpy.copysign(a, s)",
    "numpy.copysign(1.0, s) * numpy.sign(a)",
    "0",
    kink="0 at a = 0",
    domain=[(0.2, 3), (0.2, 3)],
    hint="signed",
)
WHERE = rule(
    "numpy.where(c, a, b)",
    "0",
    "1.0 if c else 0.0",
    "0.0 if c else 1.0",
    typing=chosen,
    domain=[(1, 1), (-3, 3), (-3, 3)],
    hint="chosen",
)

# Piecewise constant: the derivative is zero wherever there is one -------------------------

for _name in ("sign", "floor", "ceil", "trunc", "rint", "fix", "round"):
    rule(
        f"numpy.{_name}(x)",
        "0",
        domain=[(1.1, 1.9)],
        typing=arithmetic if _name == "sign" else real,
        hint=_name,
    )
rule("numpy.round(x, n)", "0", None, domain=[(1.1, 1.9), (1, 1)], hint="round")
rule("numpy.floor_divide(a, b)", "0", "0", domain=[(3.1, 3.9), (1.1, 1.5)], typing=arithmetic)
rule("numpy.heaviside(x, h)", "0", "1.0 if x == 0 else 0.0", domain=[(0.2, 3), (0, 1)], hint="step")

for _name in ("isnan", "isinf", "isfinite", "signbit"):
    rule(f"numpy.{_name}(x)", "0", typing=truth)


def _plain(name: str, arity: int) -> None:
    """A test, which has no derivative."""
    function = getattr(numpy, name)
    names = ("x",) if arity == 1 else ("a", "b")
    pattern = f"numpy.{name}({', '.join(names)})"
    define(function, Primitive(f"numpy.{name}", function, pattern=pattern, typing=truth))


for _name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"):
    _plain(_name, 2)
for _name in ("logical_and", "logical_or", "logical_xor"):
    _plain(_name, 2)
_plain("logical_not", 1)

# Python's own operations on arrays --------------------------------------------------------


def _on_arrays(pattern: str, *partials: str | None) -> None:
    """The rule of an operation of Python's where an operand is an array."""
    rule = RULES[pattern]
    OF_ARRAYS[pattern] = Rule(
        rule.primitive,
        pattern,
        rule.parameters,
        partials,
        rule.variadic,
        rule.domain,
        rule.kink,
        globals(),
    )


_on_arrays("x ** p", *_POWER)
_on_arrays("abs(x)", "numpy.sign(x)")
