"""Python's built-in functions on numbers, and those of `math` that take several numbers at once."""

from __future__ import annotations

import math
import operator
from typing import Any

from sourcediff.ir import Primitive
from sourcediff.rules.operators import arithmetic, size
from sourcediff.rules.table import define, primitive_of, rule
from sourcediff.types import BOOL, INT, REAL, STR, Type, is_number, join

__all__ = ["DIST", "FSUM", "POW", "ROUND", "SUM", "SUMPROD", "SUM_FROM"]


def _meeting(*operands: Type) -> Type | None:
    """One of the operands comes back."""
    result: Type | None = operands[0]
    for t in operands[1:]:
        result = join(result, t) if result is not None else None
    return result if result is not None and is_number(result) else None


def _real(*operands: Type) -> Type | None:
    return REAL if all(map(is_number, operands)) else None


def _integer(*operands: Type) -> Type | None:
    return INT if all(map(is_number, operands)) else None


rule(
    "abs(x)",
    "math.copysign(1.0, x)",
    kink="the sign of the zero: 1 at 0.0 and -1 at -0.0",
    typing=size,
    raises=False,
    hint="size",
)
rule(
    "max(a, b)",
    "0.0 if b > a else 1.0",
    "1.0 if b > a else 0.0",
    kink="on ties all of it to the argument that max returns, the first",
    typing=_meeting,
    raises=False,
    hint="largest",
)
rule(
    "min(a, b)",
    "0.0 if b < a else 1.0",
    "1.0 if b < a else 0.0",
    kink="on ties all of it to the argument that min returns, the first",
    typing=_meeting,
    raises=False,
    hint="smallest",
)
rule("float(x)", "1", typing=_real, hint="number")


def _sum(*items: Any) -> Any:
    return sum(items)


def _fsum(*items: Any) -> float:
    return math.fsum(items)


def _sum_from(start: Any, *items: Any) -> Any:
    return sum(items, start)


def _dist(*coordinates: float) -> float:
    half = len(coordinates) // 2
    return math.dist(coordinates[:half], coordinates[half:])


def _sumprod(*numbers: Any) -> Any:
    half = len(numbers) // 2
    return math.sumprod(numbers[:half], numbers[half:])  # type: ignore[attr-defined]


#: ``sum((a, b, c))`` and ``math.fsum((a, b, c))`` of a tuple of known length. They are
#: operations of their own, since since Python 3.12 `sum` compensates for rounding.
SUM = rule("sum(*x)", "1", function=_sum, typing=arithmetic, hint="total")
SUM_FROM = rule("sum_from(*x)", "1", function=_sum_from, typing=arithmetic, hint="total")
FSUM = rule("math.fsum(*x)", "1", function=_fsum, typing=_real, hint="total")

#: ``math.dist(p, q)`` and ``math.sumprod(p, q)`` on the coordinates of p, then those of q;
#: their partials name the coordinate itself ``x`` and its counterpart ``z``.
DIST = rule(
    "math.dist(*x)",
    "(x - z) / y if y else 0.0",
    function=_dist,
    typing=_real,
    kink="0 where the points meet, the centre of the subdifferential",
    hint="distance",
)
SUMPROD = rule("math.sumprod(*x)", "z", function=_sumprod, typing=arithmetic, hint="total")

rule("int(x)", "0", domain=[(1.1, 1.9)], typing=_integer, hint="whole")
rule("bool(x)", "0", domain=[(1.1, 1.9)], typing=lambda _: BOOL, raises=False)


#: ``pow(x, p)``, which is ``x ** p`` in all but its text.
POWER = primitive_of(operator.pow)
assert POWER is not None
POW = define(
    pow,
    Primitive(
        POWER.name,
        POWER.evaluate,
        pattern="pow(x, p)",
        typing=POWER.typing,
        raises=POWER.raises,
        bounded=POWER.bounded,
        hint=POWER.hint,
        cost=POWER.cost,
    ),
)
POW.rule = POWER.rule


def _round_digits(x: float, digits: int | None) -> Any:
    return round(x, digits)


rule("round(x)", "0", domain=[(1.6, 1.9)], typing=_integer, hint="rounded")
#: ``round(x, digits)``: a float again.
ROUND = rule(
    "round(x, digits)",
    "0",
    "0",
    domain=[(1.61, 1.64), (1, 1)],
    typing=lambda x, digits: x if is_number(x) else None,
    hint="rounded",
)

for _function in (str, repr):
    define(
        _function,
        Primitive(
            _function.__name__,
            _function,
            pattern=f"{_function.__name__}(x)",
            typing=lambda _: STR,
        ),
    )
