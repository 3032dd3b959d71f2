"""Lowering of arrays for a derivative: operators, comparisons, items, attributes.

What works element by element is the operation that numbers have; its type says that it is done
for arrays. Where `arrays` and `array_calls` leave all to the run, here is known how many axes
everything has.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NoReturn

from sourcediff import types
from sourcediff.frontend.arrays.arrays import element_of
from sourcediff.frontend.arrays.listed_arrays import array_of_items, places_of_list
from sourcediff.frontend.arrays.numpy_call import made
from sourcediff.frontend.arrays.numpy_products import product_type
from sourcediff.frontend.arrays.numpy_signatures import METHODS, OF_ELEMENTS, OTHER_METHODS
from sourcediff.frontend.arrays.without_axes import ELEMENT, place_of_one
from sourcediff.frontend.complexes.arrays import put_together
from sourcediff.frontend.control.unrolling import turn_by_turn
from sourcediff.frontend.describe import describe, describe_type
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETATTR, TUPLE
from sourcediff.frontend.values import Binding, Method, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import INPLACE, OPERATE, SET_ITEM, SUBSCRIPT
from sourcediff.rules.table import primitive_of
from sourcediff.types import array_of, rank_of

__all__ = [
    "attribute_of_array_value",
    "compare_values",
    "item_of_array_value",
    "negate_value",
    "operate_on_values",
    "store_in_array_value",
    "update_array_value",
]


class _Product:
    """An operator ``@``, as `product_type` asks for what it is part of."""

    def __init__(self, lowering: Lowering) -> None:
        self.lowering = lowering

    def refuse(self, what: str, help: str | None = None) -> NoReturn:
        self.lowering.error(f"@ of {what} is not supported", None, help)


def _operand(lowering: Lowering, binding: Binding, symbol: str) -> Atom:
    binding = put_together(lowering, binding)
    if isinstance(binding, Value | Const):
        known = binding.type.kind == "Array" and rank_of(binding.type) is not None
        if known or (types.is_number(binding.type) and binding.type.kind != "Optional"):
            return binding
    listed = array_of_items(lowering, binding)
    if listed is not None:
        return listed
    if isinstance(binding, Value):
        _know_whether_array(lowering, binding)
    lowering.error(f"{symbol} of an array and {describe(binding)} is not supported")


def _know_whether_array(lowering: Lowering, binding: Value) -> None:
    """Take a loop turn by turn that makes an array of what is a number before it.

    ``y = 0`` stays a number where ``for i in range(n): y = y + x * i`` makes no turn.

    Raises:
        Widened, DifferentiationError: so it is done (see `turn_by_turn`).
    """
    if binding.type.kind == "Array" and rank_of(binding.type) is None and not lowering.faithful:
        turn_by_turn(lowering)


def operate_on_values(
    lowering: Lowering, op: ast.operator, left: Binding, right: Binding
) -> Binding:
    """``left op right`` where one is an array."""
    symbol = f"the operator {type(op).__name__.lower()}"
    one, other = (_operand(lowering, b, symbol) for b in (left, right))
    if isinstance(op, ast.MatMult):
        kind = product_type(_Product(lowering), one.type, other.type, "matmul")
        return lowering.taken(lowering.emit(OPERATE, (one, other), kind, attribute="@"))
    primitive = primitive_of(op)
    assert primitive is not None
    return lowering.emit(primitive, (one, other))


def negate_value(lowering: Lowering, op: ast.unaryop, binding: Binding) -> Binding:
    """``-x``, ``+x`` and ``~x`` of an array."""
    primitive = primitive_of(op)
    assert primitive is not None
    return lowering.emit(primitive, (_operand(lowering, binding, "an operator"),))


def compare_values(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """``left < right`` where one is an array: truth values, element by element."""
    atoms = [_operand(lowering, b, "a comparison") for b in (left, right)]
    primitive = primitive_of(op)
    if primitive is None or isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn):
        lowering.error("this comparison of arrays is not supported")
    return lowering.emit(primitive, atoms)


# Items -----------------------------------------------------------------------------------


def item_of_array_value(lowering: Lowering, whole: Atom, index: Binding, node: ast.AST) -> Binding:
    """``whole[index]``: a number, a view, or what a mask or places choose."""
    index = places_of_list(lowering, index)
    one = place_of_one(lowering, whole, index)
    if one is not None:
        kind = whole.type.slots["element"].read()
        place = lowering.atom(one)
        found = lowering.emit(SUBSCRIPT, (whole, place), kind, attribute=ELEMENT)
        lowering.without_axes[found] = True
        return lowering.taken(found)
    if isinstance(index, Value | Const):
        parts = _parts_of_atom(lowering, index)
    else:
        parts = _parts_of(index)
    rank, copies = _rank_at(lowering, whole, parts, node)
    at = lowering.atom(index)
    slot = whole.type.slots["element"]
    if rank == 0:
        kind = slot.read()
    else:
        kind = made(slot.read(), rank) if copies else array_of(slot, rank)
    return lowering.taken(lowering.emit(SUBSCRIPT, (whole, at), kind))


def _parts_of(index: Binding) -> list[Binding]:
    if isinstance(index, Tup) and index.cls is tuple:
        return list(index.items)
    if isinstance(index, Value) and index.type.kind == "Tuple":
        return [Value(kind) for kind in index.type.items]
    return [index]


def _parts_of_atom(lowering: Lowering, index: Atom) -> list[Binding]:
    """The same of an index that has been made: a list in it names places."""
    made = next((op for op in reversed(lowering.ops) if index in op.results), None)
    if made is None or made.primitive is not TUPLE:
        return _parts_of(index)
    return [index] if made.attribute is list else list(made.args)


def store_in_array_value(
    lowering: Lowering, whole: Atom, index: Atom, value: Binding, node: ast.AST
) -> None:
    """``whole[index] = value``."""
    found = places_of_list(lowering, index)
    index = lowering.atom(place_of_one(lowering, whole, found) or found)
    rank, _ = _rank_at(lowering, whole, _parts_of_atom(lowering, index), node)
    atom = _operand(lowering, value, "an assignment to an item")
    if (rank_of(atom.type) or 0) > rank:
        lowering.error(f"{describe_type(atom.type)} does not fit there", node)
    _require_room(lowering, whole, atom)
    lowering.effect(SET_ITEM, (whole, index, atom))


def _require_room(lowering: Lowering, whole: Atom, value: Atom) -> None:
    slot = whole.type.slots["element"]
    if slot.type is not types.COMPLEX and element_of(value.type) is types.COMPLEX:
        lowering.error(
            "a complex number stored in an array of real ones would lose its imaginary part",
            None,
            "make the array one of complex numbers: dtype=complex",
        )
    if not types.varies(slot.type) and element_of(value.type) is types.REAL:
        lowering.error(
            "a real number stored in an array of whole numbers would lose its fraction",
            None,
            "make the array one of floats",
        )


def update_array_value(
    lowering: Lowering,
    op: ast.operator,
    old: Value,
    right: Binding,
    store: Callable[[Binding], None] | None,
) -> None:
    """``old op= right``: it changes an array; what is a copy, as ``x[mask]`` is, is put back."""
    symbol = _IN_PLACE.get(type(op))
    other = _operand(lowering, right, "an operator in place")
    source = next((o for o in reversed(lowering.ops) if old in o.results), None)
    is_copy = (
        store is not None
        and source is not None
        and source.primitive is SUBSCRIPT
        and source.args[0].type.slots["element"].root is not old.type.slots["element"].root
    )
    if is_copy or symbol is None:
        changed = operate_on_values(lowering, op, old, other)
        if store is not None and is_copy:
            store(changed)
            return
        _require_room(lowering, old, lowering.atom(changed))
        everything = Const(..., types.OBJECT)
        lowering.effect(SET_ITEM, (old, everything, lowering.atom(changed)))
        return
    if (rank_of(other.type) or 0) > (rank_of(old.type) or 0):
        _know_whether_array(lowering, old)
        lowering.error(f"{describe_type(other.type)} of more axes does not fit there")
    if symbol == "/" and old.type.slots["element"].type in (types.INT, types.BOOL):
        lowering.error("an array of whole numbers cannot be divided in place")
    _require_room(lowering, old, other)
    if element_of(old.type) is types.BOOL:
        lowering.error("arithmetic in place on an array of truth values is not supported")
    lowering.effect(INPLACE, (old, other), attribute=symbol)


#: The types of whole numbers: an argument counts as a real one.
_WHOLE = (types.INT, types.REAL)
_IN_PLACE = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def _rank_at(
    lowering: Lowering, whole: Atom, parts: list[Binding], node: ast.AST
) -> tuple[int, bool]:
    """How many axes are left, and whether what is left is a copy."""
    rank = rank_of(whole.type)
    if rank is None:
        lowering.error(f"an item of {describe_type(whole.type)} is not supported", node)
    gone = new = 0
    chosen: list[int] = []
    for part in parts:
        if isinstance(part, Tup) and part.cls is list:
            kinds = [i.type for i in part.items if isinstance(i, Value | Const)]
            if len(kinds) < len(part.items) or any(k not in _WHOLE for k in kinds):
                lowering.error("this index of an array is not supported", node)
            chosen.append(1)
            gone += 1
            continue
        kind = part.type if isinstance(part, Value | Const) else None
        if kind in (types.INT, types.REAL):
            gone += 1
        elif kind is types.NONE:
            new += 1
        elif kind is types.SLICE:
            gone += 1
            new += 1
        elif kind is types.OBJECT:
            continue  # an ellipsis
        elif kind is not None and kind.kind == "Tuple" and all(k in _WHOLE for k in kind.items):
            gone += 1
            chosen.append(1)
        elif kind is not None and kind.kind == "Array" and rank_of(kind):
            count = rank_of(kind) or 0
            element = element_of(kind)
            if element is types.BOOL:
                gone += count
                chosen.append(1)
            elif element is types.INT:
                gone += 1
                chosen.append(count)
            else:
                lowering.error(
                    "an array of real numbers is no index", node, "make it one of whole numbers"
                )
        else:
            lowering.error(
                f"{describe(part)} is no index of an array that is supported",
                node,
                "use whole numbers, slices, masks or arrays of whole numbers",
            )
    if gone > rank:
        lowering.error(f"{len(parts)} indices for an array of {rank} axes", node)
    return rank - gone + new + max(chosen, default=0), bool(chosen)


# Attributes ------------------------------------------------------------------------------


def attribute_of_array_value(lowering: Lowering, whole: Value, name: str) -> Binding:
    """``whole.T``, ``whole.shape``, a method."""
    rank = rank_of(whole.type)
    if rank is None:
        lowering.error(f"the attribute {name!r} of {describe_type(whole.type)} is not supported")
    if name == "T":
        kind = array_of(whole.type.slots["element"], rank)
        return lowering.emit(GETATTR, (whole,), kind, attribute=name)
    if name == "ndim":
        return Const(rank, types.INT)
    if name == "size":
        return lowering.emit(GETATTR, (whole,), types.INT, attribute=name)
    if name == "shape":
        shape = types.tuple_of([types.INT] * rank)
        return lowering.dissolve(lowering.emit(GETATTR, (whole,), shape, attribute=name))
    if name == "real":
        kind = array_of(whole.type.slots["element"], rank)
        return lowering.emit(GETATTR, (whole,), kind, attribute=name)
    if name == "dtype":
        return lowering.emit(GETATTR, (whole,), types.OBJECT, attribute=name)
    if name == "mT" and rank > 1:
        kind = array_of(whole.type.slots["element"], rank)
        if rank == 2:
            return lowering.emit(GETATTR, (whole,), kind, attribute="T")
        last = [Const(-1, types.INT), Const(-2, types.INT)]
        from sourcediff.frontend.arrays.numpy_calls import call_array_method

        assert lowering.node is not None
        return call_array_method(lowering, whole, "swapaxes", list(last), {}, lowering.node)
    if name in ("itemsize", "nbytes"):
        return lowering.emit(GETATTR, (whole,), types.INT, attribute=name)
    if name == "strides":
        steps = types.tuple_of([types.INT] * rank)
        return lowering.dissolve(lowering.emit(GETATTR, (whole,), steps, attribute=name))
    if name == "imag":
        from sourcediff.frontend.arrays.numpy_calls import call_numpy_function
        from sourcediff.frontend.arrays.numpy_forms import of_numpy

        assert lowering.node is not None
        return call_numpy_function(lowering, of_numpy("zeros_like"), [whole], {}, lowering.node)
    if name in METHODS or name in OF_ELEMENTS or name in OTHER_METHODS:
        return Method(whole, name)
    lowering.error(f"the attribute {name!r} of an array is not supported")
