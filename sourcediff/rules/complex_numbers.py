"""Operations that take complex numbers apart and put them together, alone and in arrays.

They are no functions of a complex variable that have a derivative: what they contribute is said in
`transform.adjoint.conjugates`. Others have the rule that they have on real numbers, in terms of the
conjugates of their operands, since the derivative of each of them is conjugate where its argument
is.

>>> REAL_PART, PAIR.pattern, "numpy.exp" in ALIKE
(real, 'complex(re, im)', True)
"""

from __future__ import annotations

import operator
from typing import Any

from sourcediff.ir import Primitive
from sourcediff.rules.operators import measure
from sourcediff.rules.table import Rule, define, primitive_of
from sourcediff.types import COMPLEX, Type, elementwise

__all__ = ["ALIKE", "APART", "IMAGINARY", "IMAGINARY_COPY", "PAIR", "REAL_COPY", "REAL_PART"]


def _complex(*operands: Type) -> Type | None:
    return elementwise(operands, COMPLEX)


def _operation(name: str, evaluate: Any, pattern: str, typing: Any, hint: str) -> Primitive:
    """An operation that works element by element, with partials that nobody reads."""
    names = ("re", "im") if name == "complex" else ("z",)
    made = Primitive(name, evaluate, pattern=pattern, typing=typing, hint=hint)
    domain = ((-3.0, 3.0),) * len(names)
    made.rule = Rule(made, pattern, names, ("1",) * len(names), False, domain, None, {})
    return made


REAL_PART = _operation("real", operator.attrgetter("real"), "z.real", measure, "re")
IMAGINARY = _operation("imag", operator.attrgetter("imag"), "z.imag", measure, "im")
#: The same of arrays that are written to: as a view the part would change with them.
REAL_COPY = _operation("real", REAL_PART.evaluate, "_.real.copy()", measure, "re")
IMAGINARY_COPY = _operation("imag", IMAGINARY.evaluate, "_.imag.copy()", measure, "im")
PAIR = define(complex, _operation("complex", complex, "complex(re, im)", _complex, "z"))

#: Operations that take complex numbers apart or put them together, by name.
APART = frozenset(["real", "imag", "complex", "numpy.conj", "abs", "numpy.abs", "numpy.angle"])

_OPERATORS = (
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.pow),
    *(operator.neg, operator.pos),
)
#: Operations with the same rule on complex numbers as on real ones, by name.
ALIKE = frozenset(
    [
        *(found.name for found in map(primitive_of, _OPERATORS) if found is not None),
        *(f"numpy.{name}" for name in ("exp", "log", "log10", "log2", "log1p", "expm1", "sqrt")),
        *(f"numpy.{name}" for name in ("square", "reciprocal", "sin", "cos", "tan")),
        *(f"numpy.{name}" for name in ("sinh", "cosh", "tanh", "power", "where")),
        *(f"numpy.{name}" for name in ("add", "subtract", "multiply", "divide", "negative")),
        "numpy.positive",
    ]
)
