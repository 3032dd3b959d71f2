"""What functions of NumPy contribute to the adjoints of their arguments.

Each takes the adjoint of the result, which may be smaller than the result as long as it is
broadcast to it, and gives the operands their share. What works element by element has a rule of one
line instead (`rules.numpy_functions`).
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import arguments_of
from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.transform.adjoint.scaled import ADD, AdjointBuilder, Scaled
from sourcediff.transform.arrays import products as array_products
from sourcediff.transform.arrays import reductions as array_reductions
from sourcediff.transform.arrays.code import NONE, integer, is_array, real_like
from sourcediff.transform.arrays.shapes import constant_of
from sourcediff.transform.arrays.table import (
    PULLBACKS,
    Pullback,
    operand,
    pullback,
    rank,
    refuse,
)
from sourcediff.transform.arrays.templates import from_template, is_written

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.arrays.arrays import Arrays

__all__ = ["pullback_of"]


def pullback_of(name: str) -> Pullback | None:
    """The pullback of a function of NumPy, a method or an operator, if it has one."""
    found = PULLBACKS.get(name)
    if found is None and is_written(name):
        found = PULLBACKS[name] = from_template(name)
    return found


#: Imported for what they put into the table.
_TABLES = (array_products, array_reductions)

# Shapes -------------------------------------------------------------------------------------


@pullback("reshape", "ravel", "flatten", "squeeze", "expand_dims")
def _reshaped(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole, code = operand(arguments_of(op)), arrays.code
    atom = arrays.run.builder.settled(adjoint)
    if atom.core is None or not is_array(atom.core):
        arrays.give(whole, atom, adjoints)  # one adjoint for all elements, whatever the shape
        return
    full = arrays.full(op.result, atom)
    if not is_array(whole):
        arrays.give(whole, code.sum(full), adjoints)
        return
    made = code.method("reshape", full, code.shape(whole), kind=real_like(whole))
    arrays.give(whole, made, adjoints)


@pullback("transpose", ".T", "swapaxes")
def _transposed(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole, code, builder = op.args[0], arrays.code, arrays.run.builder
    atom = builder.settled(adjoint)
    if atom.core is None or not is_array(atom.core):
        arrays.give(whole, atom, adjoints)
        return
    full = arrays.full(op.result, Scaled(1.0, atom.core))
    axes: tuple[int, ...] | None = None
    if op.primitive.name != "getattr":
        given = arguments_of(op)
        if "axis1" in given:
            kind = real_like(whole)
            turned: Atom = code.call("swapaxes", (full, *op.args[1:]), kind)
            _give_known(arrays, whole, atom.coefficient, turned, adjoints)
            return
        found = constant_of(given.get("axes"), builder.definitions)
        axes = tuple(k % rank(whole) for k in found) if found is not None else None
    if axes is None:
        turned = code.transposed(full)
    else:
        back = tuple(sorted(range(len(axes)), key=lambda k: axes[k]))
        turned = code.call("transpose", (full, code.axes(back)), real_like(whole))
    _give_known(arrays, whole, atom.coefficient, turned, adjoints)


def _give_known(arrays: Arrays, arg: Atom, factor: float, made: Atom, adjoints: Adjoints) -> None:
    assert isinstance(made, Value) and isinstance(arg, Value)
    arrays.shapes.known[made] = arrays.shapes.of(arg)
    arrays.give(arg, Scaled(factor, made), adjoints)


@pullback("broadcast_to")
def _broadcast(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole = op.args[0]
    assert isinstance(whole, Value)
    arrays.give(whole, arrays.summed(op.result, whole, adjoint), adjoints)


@pullback("flip")
def _flipped(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole, *axis = op.args
    full = arrays.full(op.result, adjoint)
    arrays.give(whole, arrays.code.call("flip", (full, *axis), real_like(whole)), adjoints)


# Several arrays in one ----------------------------------------------------------------------


def _parts(arrays: Arrays, op: Op) -> tuple[Atom, ...]:
    whole = operand(arguments_of(op), "arrays")
    made = arrays.run.builder.definitions.get(whole) if isinstance(whole, Value) else None
    if made is None or made.primitive is not TUPLE:
        refuse(op, "a sequence of arrays that is not written where it is used")
    return made.args


@pullback("linalg.multi_dot")
def _chain(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    """Each takes the adjoint between the products of what is before and behind it."""
    code, parts = arrays.code, _parts(arrays, op)
    full = arrays.full(op.result, adjoint)
    for place, part in enumerate(parts):
        if not isinstance(part, Value) or part not in arrays.run.active:
            continue
        made = full
        if place:
            made = code.product(code.transposed(reduce(code.product, parts[:place])), made)
        if place + 1 < len(parts):
            made = code.product(made, code.transposed(reduce(code.product, parts[place + 1 :])))
        arrays.give(part, made, adjoints)


@pullback("concatenate", "vstack", "hstack", "column_stack")
def _concatenated(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    builder, code = arrays.run.builder, arrays.code
    parts, name = _parts(arrays, op), op.attribute.numpy
    axis = constant_of(arguments_of(op).get("axis", integer(0)), builder.definitions)
    if name in ("vstack", "column_stack"):
        axis = 0 if name == "vstack" else 1
        if all(rank(part) == 1 for part in parts):
            _stack_parts(arrays, parts, arrays.full(op.result, adjoint), axis, adjoints)
            return
    if name == "hstack":
        axis = 0 if rank(parts[0]) == 1 else 1
    axis = axis % rank(op.result)
    full = arrays.full(op.result, adjoint)
    start: Atom = NONE
    for place, part in enumerate(parts):
        last = place + 1 == len(parts)
        stop: Atom = NONE
        if not last:
            length: Atom = integer(1)
            if rank(part) == rank(op.result):
                known = arrays.shapes.of(part)[axis]
                length = integer(known) if isinstance(known, int) else code.length(part, axis)
            stop = length if start is NONE else _sum_of(builder, start, length)
        if part in arrays.run.active:
            at: Atom = code.slice(start, stop)
            if rank(part) < rank(op.result):  # a row or column of its own
                at = integer(0) if start is NONE else integer(-1) if last else start
            index: list[Atom] = [*(code.slice() for _ in range(axis)), at]
            arrays.give(part, code.item(full, index, rank(part)), adjoints)
        start = stop


def _sum_of(builder: AdjointBuilder, start: Atom, length: Atom) -> Atom:
    if isinstance(start, Const) and isinstance(length, Const):
        return integer(start.value + length.value)
    return builder.emit(ADD, (start, length), types.INT)


@pullback("stack")
def _stacked(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    axis = constant_of(arguments_of(op).get("axis", integer(0)), arrays.run.builder.definitions)
    full = arrays.full(op.result, adjoint)
    _stack_parts(arrays, _parts(arrays, op), full, axis % rank(op.result), adjoints)


def _stack_parts(
    arrays: Arrays, parts: tuple[Atom, ...], full: Atom, axis: int, adjoints: Adjoints
) -> None:
    code = arrays.code
    for place, part in enumerate(parts):
        if part in arrays.run.active:
            index: list[Atom] = [*(code.slice() for _ in range(axis)), integer(place)]
            arrays.give(part, code.item(full, index, rank(part)), adjoints)


@pullback("from_list")
def _from_list(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    refuse(op, "an array of this list")  # `listing` turns it round where the list is active


@pullback("array", "asarray", "ascontiguousarray", "float64", "real", "copy", "astype")
def _array(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole = operand(arguments_of(op))
    made = arrays.run.builder.definitions.get(whole) if isinstance(whole, Value) else None
    if made is None or made.primitive is not TUPLE:
        arrays.give(whole, adjoint, adjoints)
        return
    _display(arrays, made, arrays.full(op.result, adjoint), [], adjoints)


def _display(arrays: Arrays, op: Op, full: Atom, places: list[Atom], adjoints: Adjoints) -> None:
    """What is in lists of lists takes the adjoint at its place."""
    for place, item in enumerate(op.args):
        index = [*places, integer(place)]
        made = arrays.run.builder.definitions.get(item) if isinstance(item, Value) else None
        if made is not None and made.primitive is TUPLE:
            _display(arrays, made, full, index, adjoints)
        elif item in arrays.run.active:
            arrays.give(item, arrays.code.item(full, index, rank(item)), adjoints)


@pullback("full", "full_like")
def _filled(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    value = operand(arguments_of(op), "fill_value")
    if value in arrays.run.active:
        full = arrays.full(op.result, adjoint)
        arrays.give(value, arrays.code.sum(full) if rank(op.result) else full, adjoints)


@pullback("snapshot")
def _snapshot(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    """What a copy of an array that is written to has, the array has as it was then."""
    arrays.give(op.args[0], adjoint, adjoints)


@pullback("item", ".real")
def _only_item(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    arrays.give(op.args[0], adjoint, adjoints)


# Items --------------------------------------------------------------------------------------


@pullback("[]")
def _item(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole = op.args[0]
    if not isinstance(whole, Value) or whole not in arrays.run.active:
        return
    new = arrays.new_axes(op.args[1])
    if new is None:
        arrays.items.contribute(op, adjoint, adjoints)
        return
    # ``whole[:, None]``: all of it
    atom = arrays.run.builder.settled(adjoint)
    if atom.core is not None and is_array(atom.core):
        full = arrays.full(op.result, Scaled(1.0, atom.core))
        assert isinstance(full, Value)
        atom = Scaled(atom.coefficient, arrays.without(full, new))
        arrays.shapes.known[atom.core] = arrays.shapes.of(whole)  # type: ignore[index]
    arrays.give(whole, atom, adjoints)
