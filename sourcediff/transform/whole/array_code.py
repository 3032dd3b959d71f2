"""Pieces of code with arrays: operators, functions of NumPy, shadows.

>>> from sourcediff.types import REAL, Slot, array_of
>>> result_type("*", REAL, array_of(Slot(REAL), 2))
Array[Real, 2]
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping
from typing import Any

from sourcediff import memory, types
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Atom, Const, Primitive, Value
from sourcediff.rules.array_helpers import is_array, sum_to
from sourcediff.transform.whole.build import ZERO, Code
from sourcediff.transform.whole.shapes import inner, rank_of
from sourcediff.types import BOOL, INT, OBJECT, REAL, Slot, Type, array_of

__all__ = [
    "ELLIPSIS",
    "LIFT",
    "RANKED",
    "Arrays",
    "holds_array",
    "is_array_type",
    "is_either",
    "is_mask",
    "new_array",
    "result_type",
]

#: A number where an array or a number is wanted.
LIFT = Primitive("lift", lambda number: number, pattern="x", opaque=True, cost=3)
#: An array of which it is known now how many axes it has.
RANKED = Primitive("ranked", lambda array: array, pattern="x", opaque=True, cost=3)
ELLIPSIS = Const(..., OBJECT)


def is_array_type(t: Type) -> bool:
    """Whether a value of this type is an array, or may be one."""
    return inner(t).kind == "Array"


def is_either(t: Type) -> bool:
    """Whether only the run knows whether a value of this type is an array or a number."""
    return is_array_type(t) and rank_of(t) is None


def is_mask(t: Type) -> bool:
    """Whether an index of this type is an array of truth values: it picks, and gives no view."""
    t = inner(t)
    return t.kind == "Array" and t.slots["element"].type is BOOL and rank_of(t) != 0


def holds_array(atoms: tuple[Atom, ...] | tuple[Value, ...]) -> bool:
    """Whether one of these is an array."""
    return any(is_array_type(atom.type) for atom in atoms)


def new_array(rank: int | None) -> Type:
    """The type of a new array; a number for rank 0."""
    return REAL if rank == 0 else array_of(Slot(REAL), rank)


def result_type(symbol: str, one: Type, other: Type) -> Type:
    """The type of what an operator gives."""
    a, b = rank_of(one), rank_of(other)
    if symbol == "@":
        return new_array(None if a is None or b is None else a + b - 2)
    return new_array(None if a is None or b is None else max(a, b))


class Arrays:
    """Appends code to one sweep."""

    def __init__(self, code: Code) -> None:
        self.code = code

    def numpy(self, name: str, *args: Atom, type: Type, keywords: tuple[str, ...] = ()) -> Value:
        """A call of a function of NumPy."""
        module = importlib.import_module("numpy")
        spec = CallSpec(getattr(module, name), Ref("module", module, (name,)), keywords)
        return self.code.op(PURE_CALL, args, type, spec)

    def operate(self, symbol: str, one: Atom, other: Atom) -> Value:
        """``one symbol other``."""
        kind = result_type(symbol, one.type, other.type)
        return self.code.op(memory.OPERATE, (one, other), kind, symbol)

    def compare(self, symbol: str, one: Atom, other: Atom) -> Value:
        """``one symbol other``: a truth value, or an array of them."""
        found = result_type(symbol, one.type, other.type)
        kind = BOOL if found is REAL else array_of(Slot(BOOL), rank_of(found))
        return self.code.op(memory.OPERATE, (one, other), kind, symbol)

    def negate(self, atom: Atom) -> Value:
        """``-atom``."""
        return self.code.op(memory.NEGATE, (atom,), new_array(rank_of(atom.type)))

    def transpose(self, whole: Atom) -> Value:
        """``whole.T``."""
        from sourcediff.frontend.primitives import GETATTR

        return self.code.op(GETATTR, (whole,), whole.type, "T")

    def zeros(self, like: Atom, kind: Type) -> Value:
        """A new shadow for a value, laid out as it is; of a number an array without axes."""
        if rank_of(like.type) is None:
            real = Const(float, OBJECT)
            return self.numpy("zeros_like", like, real, type=kind, keywords=("dtype",))
        return self.numpy("zeros_like", like, type=kind)

    def number_shadow(self, kind: Type) -> Value:
        """A new array without axes, that holds 0.0."""
        return self.numpy("zeros", Const((), types.tuple_of(())), type=kind)

    def copy(self, whole: Atom) -> Value:
        """A copy of an array, or of a number in an array without axes."""
        return self.numpy("array", whole, type=new_array(rank_of(whole.type) or None))

    def total(self, whole: Atom) -> Value:
        """The sum of all numbers."""
        return self.numpy("sum", whole, type=REAL)

    def is_array(self, atom: Atom) -> Value:
        """Whether it is an array, and not a number."""
        return self.code.call(is_array, atom, type=BOOL)

    def add_to(self, shadow: Atom, atom: Atom) -> None:
        """``shadow += atom``."""
        self.code.op(memory.INPLACE, (shadow, atom), None, "+")

    def clear(self, shadow: Atom) -> None:
        """``shadow[...] = 0.0``."""
        self.code.put(shadow, ELLIPSIS, ZERO)

    def fitted(self, found: Atom, like: Atom) -> Atom:
        """A contribution in the shape of what it is for; a number for a number."""
        if rank_of(like.type) == 0:
            return found if rank_of(found.type) == 0 else self.total(found)
        if rank_of(found.type) == 0:
            return found
        return self.code.call(sum_to, found, like, type=new_array(rank_of(like.type)))

    def formula(self, text: str, names: Mapping[str, Atom]) -> Atom:
        """The code of an expression, with functions of NumPy."""
        return self._formula(ast.parse(text, mode="eval").body, names)

    def _formula(self, node: ast.expr, names: Mapping[str, Atom]) -> Atom:
        if isinstance(node, ast.Name):
            return names[node.id]
        if isinstance(node, ast.Constant):
            number: Any = node.value
            return Const(number, INT if isinstance(number, int) else REAL)
        if isinstance(node, ast.BinOp):
            one, other = (self._formula(n, names) for n in (node.left, node.right))
            return self.operate(_SYMBOLS[type(node.op)], one, other)
        if isinstance(node, ast.UnaryOp):
            return self.negate(self._formula(node.operand, names))
        if isinstance(node, ast.Compare):
            one, other = (self._formula(n, names) for n in (node.left, *node.comparators))
            return self.compare(_SYMBOLS[type(node.ops[0])], one, other)
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        args = [self._formula(arg, names) for arg in node.args]
        ranks = [rank_of(arg.type) for arg in args]
        rank = None if None in ranks else max(r for r in ranks if r is not None)
        return self.numpy(node.func.id, *args, type=new_array(rank))


_SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Eq: "==",
    ast.LtE: "<=",
    ast.Lt: "<",
    ast.GtE: ">=",
    ast.Gt: ">",
}
