"""Lowering of NumPy arrays: operators, items, attributes.

An array is an object in memory. Its type says how many axes it has and which `Slot` its numbers
are in; a view has the slot of the array that it is a view of. What has as many axes as only the
run knows may be a number as well: ``total = 0`` that arrays are added to.

NumPy is never imported here: arrays are found in the user's own program.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from sourcediff import types
from sourcediff.frontend.arrays.without_axes import place_of_one
from sourcediff.frontend.containers.containers import SYMBOLS, kept
from sourcediff.frontend.describe import describe, describe_type
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETATTR
from sourcediff.frontend.values import Binding
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import INPLACE, NEGATE, OPERATE, SET_ITEM, SUBSCRIPT
from sourcediff.types import Type, array_of, rank_of

__all__ = [
    "attribute_of_array",
    "compare_arrays",
    "fresh",
    "is_array",
    "is_mask",
    "item_of_array",
    "negate",
    "operand",
    "operate_on_arrays",
    "product_of",
    "result_of",
    "set_item_of_array",
    "update_array",
]

_SYMBOLS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
}
_INTEGERS = (types.INT, types.BOOL)


def is_array(binding: Binding) -> bool:
    """Whether a binding is an array, or may be one."""
    if not isinstance(binding, Value | Const):
        return False
    kind = binding.type
    return kind.kind == "Array" or (kind.kind == "Optional" and kind.items[0].kind == "Array")


def fresh(
    lowering: Lowering, node: ast.AST, element: Type, rank: int | None, what: str = "Array"
) -> Type:
    """The type of an array that is made at a place of the program."""
    slot = lowering.slot(node, what)
    lowering.put(slot, element, "this array")
    return array_of(slot, rank)


def element_of(t: Type) -> Type:
    """The type of the numbers of an array, or of a number."""
    return t.slots["element"].type if t.kind == "Array" else t


def operand(lowering: Lowering, binding: Binding, what: str) -> Atom:
    """A number or an array that takes part in arithmetic."""
    if isinstance(binding, Value | Const):
        atom: Atom = binding
        if atom.type.kind == "Optional":
            atom = lowering.required(atom)
        if atom.type.kind == "Array" or types.is_number(atom.type) or atom.type is types.NEVER:
            return atom
    lowering.error(f"{what} of an array and {describe(binding)} is not supported")


def result_of(
    lowering: Lowering, node: ast.AST, atoms: Sequence[Atom], element: Type | None = None
) -> Type:
    """The type of what is computed element by element from numbers and arrays."""
    found: Type | None = element or types.NEVER
    for atom in atoms if element is None else ():
        found = types.join(found, element_of(atom.type)) if found is not None else None
    assert found is not None
    ranks = [rank_of(atom.type) for atom in atoms]
    rank = None if None in ranks else max(r for r in ranks if r is not None)
    return found if rank == 0 else fresh(lowering, node, found, rank)


# Operators -------------------------------------------------------------------------------


def operate_on_arrays(
    lowering: Lowering, op: ast.operator, left: Binding, right: Binding
) -> Binding:
    """``left op right`` where one is an array."""
    symbol = _SYMBOLS.get(type(op))
    node = lowering.node
    assert node is not None
    if symbol is None:
        lowering.error("this operator on arrays is not supported yet", node)
    one, other = (operand(lowering, b, f"the operator {symbol}") for b in (left, right))
    if symbol == "@":
        kind = product_of(lowering, node, one, other)
    elif symbol in ("&", "|"):
        if not (_is_of_truths(one) and _is_of_truths(other)):
            lowering.error(f"{symbol} of arrays of numbers is not supported yet", node)
        kind = result_of(lowering, node, (one, other))
    else:
        _refuse_truths(lowering, (one, other))
        kind = result_of(lowering, node, (one, other), types.REAL if symbol == "/" else None)
    return lowering.emit(OPERATE, (one, other), kind, attribute=symbol)


def _is_of_truths(atom: Atom) -> bool:
    return element_of(atom.type) is types.BOOL


def _refuse_truths(lowering: Lowering, atoms: Sequence[Atom]) -> None:
    """Refuse arithmetic on nothing but truth values, which NumPy does in its own way."""
    if all(map(_is_of_truths, atoms)):
        lowering.error("arithmetic on an array of truth values is not supported yet")


def product_of(lowering: Lowering, node: ast.AST, one: Atom, other: Atom) -> Type:
    """The type of ``one @ other``."""
    _refuse_truths(lowering, (one, other))
    left, right = rank_of(one.type), rank_of(other.type)
    for rank in (left, right):
        if rank is not None and not 1 <= rank <= 2:
            lowering.error(f"@ of {_axes(rank)} is not supported", node, "use one or two axes")
    found = types.join(element_of(one.type), element_of(other.type))
    assert found is not None
    if left is None or right is None:
        return fresh(lowering, node, found, None)
    rank = left + right - 2
    return found if rank == 0 else fresh(lowering, node, found, rank)


def _axes(rank: int) -> str:
    return "a number" if rank == 0 else f"an array of {rank} axes"


def negate(lowering: Lowering, op: ast.unaryop, binding: Binding) -> Binding:
    """``-x`` and ``+x`` of an array."""
    node = lowering.node
    assert node is not None
    if not isinstance(op, ast.USub):
        lowering.error("this operator on an array is not supported yet", node)
    atom = operand(lowering, binding, "the operator -")
    _refuse_truths(lowering, (atom,))
    return lowering.emit(NEGATE, (atom,), result_of(lowering, node, (atom,)))


def update_array(lowering: Lowering, op: ast.operator, left: Atom, right: Binding) -> Atom:
    """``left op= right``: it changes an array; where `left` may be a number, it gives another."""
    symbol = _SYMBOLS.get(type(op))
    if symbol is None or symbol in "@&|":
        lowering.error("this operator in place on an array is not supported yet")
    if left.type.kind == "Optional":
        left = lowering.required(left)
    other = operand(lowering, right, f"the operator {symbol}=")
    _refuse_truths(lowering, (left, other))
    if _is_of_truths(left):
        lowering.error("arithmetic in place on an array of truth values is not supported")
    if rank_of(left.type) is not None:
        lowering.effect(INPLACE, (left, other), attribute=symbol)
        return left
    slot = left.type.slots["element"]
    lowering.put(slot, types.REAL if symbol == "/" else element_of(other.type), "this array")
    return lowering.emit(INPLACE, (left, other), array_of(slot, None), attribute=symbol)


def compare_arrays(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """``left < right`` where one is an array: an array of truth values."""
    node = lowering.node
    assert node is not None
    one, other = (operand(lowering, b, "a comparison") for b in (left, right))
    kind = result_of(lowering, node, (one, other), types.BOOL)
    return lowering.emit(OPERATE, (one, other), kind, attribute=SYMBOLS[type(op)])


# Items -----------------------------------------------------------------------------------


def item_of_array(lowering: Lowering, whole: Atom, index: Binding, node: ast.AST) -> Binding:
    """``whole[index]``: a number, or a view."""
    at = _known(lowering, kept(lowering, index))
    rank = _rank_at(lowering, whole.type, at, node)
    slot = whole.type.slots["element"]
    if rank == 0 and place_of_one(lowering, whole, index) is not None:
        rank = None  # an array without axes, which looks at a place
    if is_mask(at):
        kind = fresh(lowering, node, slot.read(), rank)
    else:
        kind = slot.read() if rank == 0 else array_of(slot, rank)
    return lowering.emit(SUBSCRIPT, (whole, at), kind)


def _known(lowering: Lowering, index: Atom) -> Atom:
    """An index that may be None, where what it is beside that picks items."""
    found = index.type.kind == "Optional" and index.type.items[0].kind == "Array"
    return lowering.required(index) if found else index


def is_mask(index: Atom) -> bool:
    """Whether an index is an array of truth values, which picks and gives no view."""
    kind = index.type.items[0] if index.type.kind == "Optional" else index.type
    return rank_of(kind) != 0 and element_of(kind) is types.BOOL


def _rank_at(lowering: Lowering, kind: Type, index: Atom, node: ast.AST) -> int | None:
    """How many axes are left."""
    rank = rank_of(kind)
    if rank != 0 and is_mask(index):
        masked = rank_of(index.type)
        return None if rank is None or masked is None else rank + 1 - masked
    parts = index.type.items if index.type.kind == "Tuple" else (index.type,)
    gone = 0
    for part in parts:
        if part in (types.INT, types.REAL):
            gone += 1
        elif part is types.NONE:
            gone -= 1
        elif part is not types.SLICE and part is not types.OBJECT:
            lowering.error(
                f"{describe_type(part)} is no index of an array that is supported",
                node,
                "use whole numbers and slices",
            )
    if rank is None:
        return None
    if gone > rank or len(parts) > rank + sum(p in (types.NONE, types.OBJECT) for p in parts) * 2:
        lowering.error(f"{len(parts)} indices for {_axes(rank)}", node)
    return rank - gone


def set_item_of_array(
    lowering: Lowering, whole: Atom, index: Atom, value: Binding, node: ast.AST
) -> None:
    """``whole[index] = value``."""
    index = _known(lowering, lowering.atom(place_of_one(lowering, whole, index) or index))
    _rank_at(lowering, whole.type, index, node)
    atom = operand(lowering, value, "an assignment to an item")
    slot = whole.type.slots["element"]
    if slot.type in _INTEGERS and element_of(atom.type) is types.REAL:
        lowering.error(
            "a real number stored in an array of whole numbers would lose its fraction",
            node,
            "make the array one of floats",
        )
    lowering.effect(SET_ITEM, (whole, index, atom))


# Attributes ------------------------------------------------------------------------------


def attribute_of_array(lowering: Lowering, whole: Atom, name: str) -> Binding | None:
    """``whole.T``, ``whole.shape``; None where there is no such attribute that is supported."""
    rank = rank_of(whole.type)
    if name == "T":
        kind = array_of(whole.type.slots["element"], rank)
    elif name in ("size", "ndim"):
        kind = types.INT
    elif name == "shape":
        shape = types.sequence_of(types.INT)
        kind = shape if rank is None else types.tuple_of([types.INT] * rank)
    else:
        return None
    return lowering.emit(GETATTR, (whole,), kind, attribute=name)
