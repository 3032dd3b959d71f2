"""Constants as Python writes them.

>>> constant_text((1.5, -0.0, float("inf")))
"(1.5, -0.0, float('inf'))"
"""

from __future__ import annotations

import ast
import math
from typing import Any

__all__ = ["constant_text", "is_literal", "literal"]


def literal(value: Any) -> ast.expr:
    """A constant as an expression; infinities and NaN have no literal of their own."""
    if isinstance(value, complex):
        return _complex(value)
    if isinstance(value, float) and not math.isfinite(value):
        text = "nan" if math.isnan(value) else "inf"
        call: ast.expr = ast.Call(ast.Name("float", ast.Load()), [ast.Constant(text)], [])
        return ast.UnaryOp(ast.USub(), call) if value < 0 else call
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < 0 or (value == 0 and math.copysign(1.0, value) < 0):
            return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _complex(value: complex) -> ast.expr:
    """A complex number, to the sign of its zeros: ``2j``, ``-1j``, ``1 + 2j``."""
    re, im = value.real, value.imag
    turned = math.copysign(1.0, im) < 0
    if not math.isfinite(re) or not math.isfinite(im) or (not im and (turned or re)):
        return ast.Call(ast.Name("complex", ast.Load()), [literal(re), literal(im)], [])
    part: ast.expr = ast.Constant(complex(0.0, abs(im)))
    if re == 0 and turned == (math.copysign(1.0, re) < 0):
        return ast.UnaryOp(ast.USub(), part) if turned else part
    if re == 0:
        return ast.Call(ast.Name("complex", ast.Load()), [literal(re), literal(im)], [])
    whole = literal(int(re) if re == int(re) and abs(re) < 1e15 else re)
    return ast.BinOp(whole, ast.Sub() if turned else ast.Add(), part)


def constant_text(found: Any) -> str:
    """The text of a constant, or of a tuple of constants."""
    if isinstance(found, tuple):
        items = ", ".join(constant_text(item) for item in found)
        return f"({items},)" if len(found) == 1 else f"({items})"
    if isinstance(found, float | int) and not isinstance(found, bool):
        # Subclasses, such as numbers of NumPy, are written as the plain number they are.
        plain = float(found) if isinstance(found, float) else int(found)
        return ast.unparse(literal(plain))
    return repr(found)


def is_literal(found: Any) -> bool:
    """Whether a text can stand for an object: not for a member of an enumeration, say.

    Numbers of NumPy count: a saved file holds the plain number.
    """
    if isinstance(found, tuple):
        return all(map(is_literal, found))
    cls = found.__class__
    numpy_float = isinstance(found, float) and cls.__module__ == "numpy"
    return found is None or numpy_float or cls in (int, float, str, bool)
