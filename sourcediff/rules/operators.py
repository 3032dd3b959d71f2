"""Python's operators: arithmetic with its derivatives, comparisons and integer operations without.

The derivative of ``x % z`` follows from ``x % z == x - z * (x // z)``, where the floor
division is piecewise constant.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from sourcediff.ir import Primitive
from sourcediff.rules.table import define, rule
from sourcediff.types import (
    BOOL,
    COMPLEX,
    INT,
    REAL,
    STR,
    Slot,
    Type,
    array_of,
    elementwise,
    is_number,
    rank_of,
)


def arithmetic(*operands: Type) -> Type | None:
    """Numbers to a number; integers stay integers. With an array, an array."""
    if any(t.kind == "Array" for t in operands):
        return elementwise(operands)
    if not all(map(is_number, operands)):
        return None
    if COMPLEX in operands:
        return COMPLEX
    return INT if all(t is INT or t is BOOL for t in operands) else REAL


def quotient(a: Type, b: Type) -> Type | None:
    """Numbers to a real number, with an array to an array of such."""
    return elementwise((a, b), REAL) if "Array" in (a.kind, b.kind) else power(a, b)


def addition(a: Type, b: Type) -> Type | None:
    """As arithmetic, and text with text."""
    return STR if a is STR and b is STR else arithmetic(a, b)


def power(a: Type, b: Type) -> Type | None:
    """Numbers to a number; an integer to an integer power may be a float."""
    if "Array" in (a.kind, b.kind):
        return elementwise((a, b))
    if not (is_number(a) and is_number(b)):
        return None
    return COMPLEX if COMPLEX in (a, b) else REAL


def multiplication(a: Type, b: Type) -> Type | None:
    """As arithmetic, and text repeated."""
    return STR if (a, b) in ((STR, INT), (INT, STR)) else arithmetic(a, b)


def size(operand: Type) -> Type | None:
    """What the absolute values of numbers are."""
    found = arithmetic(operand)
    inner = found.slots["element"].type if found is not None and found.kind == "Array" else found
    return measure(operand) if inner is COMPLEX else found


def measure(operand: Type) -> Type | None:
    """Real numbers, also of complex ones."""
    found = elementwise((operand,), BOOL)
    if found is None or found.kind != "Array":
        return REAL if found is not None else None
    return array_of(Slot(REAL), rank_of(found))


rule("x + z", "1", "1", typing=addition, raises=False, hint="total")
rule("x - z", "1", "-1", typing=arithmetic, raises=False, hint="diff")
rule("x * z", "z", "x", typing=multiplication, raises=False, hint="product")
rule(
    "x / z",
    "1 / z",
    "-y / z",
    domain=[(-3, 3), (0.5, 4)],
    typing=quotient,
    bounded=True,
    hint="ratio",
)
rule(
    "x ** p",
    "p * x ** (p - 1) if p or x else 0.0",
    "y * math.log(x) if x else 0.0",
    domain=[(0.1, 3), (-2, 3)],
    kink="0 ** p has derivative 0 in p; x ** 0 has derivative 0 in x, also at x = 0",
    typing=power,
    bounded=True,
    hint="power",
)
rule(
    "x % z",
    "1",
    "-(x // z)",
    domain=[(3.1, 3.9), (1.1, 1.5)],
    kink="at a jump, the derivative of the piece to the right",
    typing=arithmetic,
    checks=True,
    hint="remainder",
)
rule(
    "x // z",
    "0",
    "0",
    domain=[(3.1, 3.9), (1.1, 1.5)],
    typing=arithmetic,
    bounded=True,
    hint="quotient",
)
rule("-x", "-1", typing=arithmetic, raises=False, hint="negative")
rule("+x", "1", typing=arithmetic, raises=False, hint="positive")


def _logical(*operands: Type) -> Type | None:
    if any(t.kind == "Array" for t in operands):
        return elementwise(operands, BOOL)
    return BOOL


def _bits(*operands: Type) -> Type | None:
    if any(t.kind == "Array" for t in operands):
        numbers = [t.slots["element"].type if t.kind == "Array" else t for t in operands]
        return elementwise(operands, BOOL) if all(t is BOOL for t in numbers) else None
    if not all(t is INT or t is BOOL or t is REAL for t in operands):
        return None
    return BOOL if all(t is BOOL for t in operands) else INT


def _ordered(a: Type, b: Type) -> Type | None:
    if "Array" in (a.kind, b.kind):
        return elementwise((a, b), BOOL)
    comparable = (is_number(a) and is_number(b)) or (a is STR and b is STR)
    return BOOL if comparable or a.kind == b.kind == "Tuple" else None


def _plain(
    function: Callable[..., Any],
    pattern: str,
    hint: str,
    typing: Callable[..., Type | None],
    raises: bool,
) -> None:
    name = function.__name__.strip("_")
    define(
        function,
        Primitive(name, function, pattern=pattern, typing=typing, raises=raises, hint=hint),
    )


_ORDER: tuple[tuple[Callable[..., Any], str, str], ...] = (
    (operator.lt, "x < z", "below"),
    (operator.le, "x <= z", "below"),
    (operator.gt, "x > z", "above"),
    (operator.ge, "x >= z", "above"),
)
_LOGIC: tuple[tuple[Callable[..., Any], str, str], ...] = (
    (operator.eq, "x == z", "equal"),
    (operator.ne, "x != z", "differs"),
    (operator.is_, "x is z", "same"),
    (operator.is_not, "x is not z", "other"),
    (operator.not_, "not x", "negated"),
)
_BITS: tuple[tuple[Callable[..., Any], str, str], ...] = (
    (operator.lshift, "x << z", "shifted"),
    (operator.rshift, "x >> z", "shifted"),
    (operator.and_, "x & z", "bits"),
    (operator.or_, "x | z", "bits"),
    (operator.xor, "x ^ z", "bits"),
    (operator.invert, "~x", "bits"),
)
for _entry in _ORDER:
    _plain(*_entry, _ordered, raises=False)
for _entry in _LOGIC:
    _plain(*_entry, _logical, raises=False)
for _entry in _BITS:
    _plain(*_entry, _bits, raises=True)

__all__ = ["addition", "arithmetic", "measure", "multiplication", "power", "quotient", "size"]
