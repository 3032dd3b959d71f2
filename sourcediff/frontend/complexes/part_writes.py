"""Writes to the real or the imaginary part of an array: ``z.real[i] = v``, ``z.imag += x``.

A part is a view of the array, which holds real numbers where the array holds complex ones. So a
write to it is one to the array, of one of its parts (`memory.SET_PART`); what is read from a part
later is read from the array.
"""

from __future__ import annotations

import ast

from sourcediff import types
from sourcediff.frontend.arrays.array_values import (
    item_of_array_value,
)
from sourcediff.frontend.arrays.arrays import element_of
from sourcediff.frontend.arrays.listed_arrays import places_of_list
from sourcediff.frontend.complexes.values import is_complex_array
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.operators import operate
from sourcediff.frontend.values import Binding
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import SET_PART
from sourcediff.rules.complex_numbers import IMAGINARY, REAL_PART
from sourcediff.types import rank_of

__all__ = ["assign_to_part", "update_part"]

_EVERYTHING = Const(..., types.OBJECT)
_ADDING: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-"}


class _Part:
    """A place in the real or the imaginary part of an array."""

    def __init__(self, lowering: Lowering, whole: Value, name: str, target: ast.expr) -> None:
        self.lowering = lowering
        self.whole = whole
        self.name = name
        self.target = target
        self.index: Atom = _EVERYTHING
        #: Whether the place is the whole part, without brackets.
        self.is_all = True

    def at(self, index: Binding) -> _Part:
        atom = self.lowering.atom(index)
        self.index = self.lowering.atom(places_of_list(self.lowering, atom))
        self.is_all = False
        return self

    def now(self) -> Binding:
        """What is there."""
        part = self.lowering.emit(REAL_PART if self.name == "real" else IMAGINARY, (self.whole,))
        if self.is_all:
            return part
        return item_of_array_value(self.lowering, part, self.index, self.target)

    def put(self, value: Binding, symbol: str = "=") -> None:
        atom = self.lowering.atom(value)
        kind = atom.type
        fits = kind.kind == "Array" or types.is_number(kind)
        if not fits or element_of(kind) is types.COMPLEX:
            self.lowering.error(
                f"{describe(value)} put into the {self.name} part of an array is not supported",
                self.target,
                "put real numbers there",
            )
        whole = (self.whole, self.index, atom)
        self.lowering.effect(SET_PART, whole, attribute=(self.name, symbol))


def _part_at(lowering: Lowering, target: ast.expr, subject: Binding | None) -> _Part | None:
    """The part that ``z.real`` or ``z.real[i]`` is a place in; None of anything else."""
    from sourcediff.frontend.expressions import lower_index

    if isinstance(target, ast.Attribute) and target.attr in ("real", "imag"):
        if isinstance(subject, Value) and is_complex_array(subject):
            return _Part(lowering, subject, target.attr, target)
    if isinstance(target, ast.Subscript) and isinstance(subject, Value) and rank_of(subject.type):
        made = next((op for op in reversed(lowering.ops) if subject in op.results), None)
        if made is not None and made.primitive in (REAL_PART, IMAGINARY):
            (whole,) = made.args
            if isinstance(whole, Value) and is_complex_array(whole):
                found = _Part(lowering, whole, made.primitive.name, target)
                return found.at(lower_index(lowering, target.slice))
    return None


def assign_to_part(lowering: Lowering, target: ast.expr, subject: Binding, value: Binding) -> bool:
    """``z.real[i] = value``; False where the target is another one."""
    part = _part_at(lowering, target, subject)
    if part is None:
        return False
    lowering.node = target
    part.put(value)
    return True


def update_part(
    lowering: Lowering, target: ast.expr, subject: Binding | None, node: ast.AugAssign
) -> bool:
    """``z.real[i] += value``; False where the target is another one."""
    from sourcediff.frontend.expressions import lower_expression

    part = _part_at(lowering, target, subject)
    if part is None:
        return False
    symbol = _ADDING.get(type(node.op))
    adds = symbol is not None and not _names_places(part.index)
    old = None if adds else part.now()
    right = lower_expression(lowering, node.value)
    lowering.node = node
    if old is None:
        part.put(right, symbol or "=")
    else:
        part.put(operate(lowering, node.op, old, right))
    return True


def _names_places(index: Atom) -> bool:
    """Whether an index has arrays or lists of places in it, of which one may stand there twice."""
    parts = index.type.items if index.type.kind == "Tuple" else (index.type,)
    return any(part.kind in ("Array", "Tuple") for part in parts) or _is_list(index)


def _is_list(index: Atom) -> bool:
    return index.type.kind == "Tuple" and all(
        kind in (types.INT, types.REAL) for kind in index.type.items
    )
