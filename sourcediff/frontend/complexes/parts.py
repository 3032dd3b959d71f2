"""Arithmetic on the parts of complex numbers, without what is zero or one by how it is written.

In ``1j * w * C`` the real part is zero whatever `w` is, and nothing is computed with it. That loses
the sign of the zero, on which the side of a branch cut depends: where a function has a cut, and a
zero was left out, the program is lowered again with all that Python computes.
"""

from __future__ import annotations

import ast
import math
import sys
from contextlib import suppress
from typing import Any

from sourcediff import types
from sourcediff.frontend.complexes.values import require_one_kind
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Static
from sourcediff.ir import Const

__all__ = ["MIXED", "Part", "on_a_cut"]

#: Whether Python computes with a real number beside a complex one as such (since 3.14).
MIXED = sys.version_info >= (3, 14)


class Part:
    """A real number that is part of a complex one, with operators that lower to operations."""

    __slots__ = ("binding", "lowering", "turned")

    def __init__(self, lowering: Lowering, binding: Binding, turned: Part | None = None) -> None:
        self.lowering = lowering
        self.binding = binding
        #: What it is the negative of, where it is made as that.
        self.turned = turned

    # What is known ------------------------------------------------------------------------

    @property
    def known(self) -> Any:
        """The number, where it is a constant of the code; else None."""
        return self.binding.value if isinstance(self.binding, Const) else None

    def is_zero(self) -> bool:
        """Whether it is a constant zero that may be left out."""
        known = self.known
        return known is not None and known == 0 and not self.lowering.memo.exact_zeros

    def _of(self, binding: Binding) -> Part:
        return Part(self.lowering, binding)

    def constant(self, value: Any) -> Part:
        """A number that is known."""
        kind = types.INT if isinstance(value, int) else types.REAL
        return self._of(Const(value, kind))

    def _without(self, left: Part) -> Part:
        _drop(self.lowering)
        return left

    def _operate(self, op: ast.operator, other: Part) -> Part:
        from sourcediff.frontend.operators import operate

        return self._of(operate(self.lowering, op, self.binding, other.binding))

    # Operators ----------------------------------------------------------------------------

    def __add__(self, other: Part) -> Part:
        if self.known is not None and other.known is not None:
            return self.constant(self.known + other.known)
        if other.is_zero():
            return self._without(self)
        if self.is_zero():
            return self._without(other)
        if other.turned is not None:
            return self - other.turned
        return self._operate(ast.Add(), other)

    def __sub__(self, other: Part) -> Part:
        if self.known is not None and other.known is not None:
            return self.constant(self.known - other.known)
        if other.is_zero():
            return self._without(self)
        if self.is_zero():
            return self._without(-other)
        if other.turned is not None:
            return self + other.turned
        return self._operate(ast.Sub(), other)

    def __mul__(self, other: Part) -> Part:
        if self.known is not None and other.known is not None:
            return self.constant(self.known * other.known)
        for one, rest in ((self, other), (other, self)):
            if one.is_zero():
                return self._without(self.constant(0.0))
            if one.known is not None and one.known in (1, -1):
                if one.known == -1:
                    return -rest
                return rest
        return self._operate(ast.Mult(), other)

    def __truediv__(self, other: Part) -> Part:
        if other.known is not None and other.known == 1:
            return self
        if self.known is not None and other.known:
            return self.constant(self.known / other.known)
        if self.is_zero():
            return self._without(self.constant(0.0))
        return self._operate(ast.Div(), other)

    def __pow__(self, other: Part) -> Part:
        if other.known is not None and other.known == 1:
            return self
        return self._operate(ast.Pow(), other)

    def __neg__(self) -> Part:
        from sourcediff.frontend.operators import primitive

        if self.known is not None:
            return self.constant(-self.known)
        negate = primitive(ast.USub())
        found = self.lowering.apply(negate, (self.lowering.atom(self.binding),))
        return Part(self.lowering, found, self)

    # Functions ----------------------------------------------------------------------------

    def call(self, name: str, *others: Part) -> Part:
        """A function of `math` of this number, and others."""
        from sourcediff.frontend.calls.calls import call

        function = Static(getattr(math, name))
        args = [self.binding, *(other.binding for other in others)]
        if all(isinstance(arg, Const) for arg in args):
            known = [self.known, *(other.known for other in others)]
            with suppress(ValueError, OverflowError):  # which the run is to raise
                return self.constant(function.object(*known))
        return self._of(call(self.lowering, function, args, {}, self.lowering.node))

    def size(self) -> Part:
        """Its absolute value."""
        from sourcediff.frontend.calls.calls import call

        if self.known is not None:
            return self.constant(abs(self.known))
        return self._of(call(self.lowering, Static(abs), [self.binding], {}, self.lowering.node))

    def with_sign(self, other: float) -> Part:
        """A number that is not negative, with the sign of another one."""
        return -self if math.copysign(1.0, other) < 0 else self

    def not_negative(self) -> Any:
        """Whether it is zero or more: known, or a test that the run decides."""
        return self._test(ast.GtE())

    def is_not_zero(self) -> Any:
        """Whether it is another number than zero."""
        return self._test(ast.NotEq())

    def _test(self, op: ast.cmpop) -> Binding:
        from sourcediff.frontend.operators import operate_comparison

        return operate_comparison(self.lowering, op, self.binding, Const(0.0, types.REAL))


def _drop(lowering: Lowering) -> None:
    """A zero is left out: not where there is a cut."""
    memo = lowering.memo
    memo.drops_zeros = True
    if memo.has_cuts and not memo.exact_zeros:
        memo.exact_zeros = True
        raise types.Widened


def on_a_cut(lowering: Lowering) -> None:
    """A function is called whose values differ on the two sides of a cut."""
    memo = lowering.memo
    memo.has_cuts = True
    require_one_kind(lowering)
    if memo.drops_zeros and not memo.exact_zeros:
        memo.exact_zeros = True
        raise types.Widened
