"""What the functions of NumPy that reduce an array contribute to its adjoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import arguments_of, name_of
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.adjoint.scaled import EQUAL, MUL, Scaled
from sourcediff.transform.arrays.code import (
    NONE,
    integer,
    is_array,
    numbers_of,
    real_array,
    real_like,
)
from sourcediff.transform.arrays.shapes import constant_of
from sourcediff.transform.arrays.table import (
    operand,
    pullback,
    rank,
    refuse,
)

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.arrays.arrays import Arrays

__all__ = ["count_reduced", "reduced_axes", "spread"]


def reduced_axes(arrays: Arrays, op: Op) -> tuple[int, ...] | None:
    """The axes over which an operation reduces; None where only the run knows the one."""
    given = arguments_of(op)
    count = rank(operand(given))
    axis = given.get("axis")
    if axis is None or count == 0 or (isinstance(axis, Const) and axis.value is None):
        return tuple(range(count))  # of a number NumPy takes the axes 0 and -1, too
    axes = constant_of(axis, arrays.run.builder.definitions)
    if axes is None:
        return None
    axes = (axes,) if isinstance(axes, int) else axes
    return tuple(sorted(a % count for a in axes))


def spread(arrays: Arrays, op: Op, adjoint: Scaled) -> Scaled:
    """Something of the shape of a reduction, so that it is broadcast to what was reduced."""
    atom = arrays.run.builder.settled(adjoint)
    given = arguments_of(op)
    if atom.core is None or not is_array(atom.core) or "keepdims" in given:
        return atom
    axes = reduced_axes(arrays, op)
    if axes is None:
        axis = given["axis"]
        assert isinstance(axis, Value)
        count = rank(operand(given))
        made = arrays.code.call(
            "expand_dims", (atom.core, axis), real_array(count, numbers_of(atom.core.type))
        )
        return Scaled(atom.coefficient, made)
    if axes == tuple(range(len(axes))):
        return atom  # the first axes are broadcast as it is
    count = rank(operand(given))
    kept = [place for place in range(count) if place not in axes]
    # Something with fewer axes than the reduction stands for what it is broadcast to.
    start = kept[len(kept) - (rank(atom.core) or 0)]
    parts: list[Atom] = [
        NONE if place in axes else arrays.code.slice() for place in range(start, count)
    ]
    while parts and parts[-1] is not NONE:
        parts.pop()
    if not parts:
        return atom
    return Scaled(atom.coefficient, arrays.code.item(atom.core, parts, count - start))


def count_reduced(arrays: Arrays, op: Op) -> Atom:
    """How many numbers a reduction takes for one."""
    given = arguments_of(op)
    whole = arrays.shown(operand(given))
    axes = reduced_axes(arrays, op)
    code, builder = arrays.code, arrays.run.builder
    if axes is None:
        axis = given["axis"]
        assert isinstance(axis, Value)
        return builder.emit(SUBSCRIPT, (code.shape(arrays.shown(whole)), axis), types.INT)
    if len(axes) == rank(whole):
        return arrays.size(whole)
    found: Atom = code.length(whole, axes[0])
    for axis_ in axes[1:]:
        found = builder.emit(MUL, (found, code.length(whole, axis_)), types.INT)
    return found


@pullback("sum")
def _sum(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    given = arguments_of(op)
    share = spread(arrays, op, adjoint)
    initial = given.get("initial")
    if isinstance(initial, Value) and initial in arrays.run.active:
        total = arrays.full(op.result, adjoint)
        arrays.give(initial, arrays.code.sum(total) if is_array(total) else total, adjoints)
    if "where" in given:
        chosen = arrays.run.builder.atom(share)
        masked = arrays.code.apply("where", operand(given, "where"), chosen, Const(0.0, types.REAL))
        share = Scaled(1.0, masked)
    arrays.give(op.args[0], share, adjoints)


@pullback("mean")
def _mean(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    builder = arrays.run.builder
    count = Scaled(1.0, count_reduced(arrays, op))  # type: ignore[arg-type]
    arrays.give(op.args[0], builder.divide(spread(arrays, op, adjoint), count), adjoints)


@pullback("max", "min", "nanmax", "nanmin")
def _extremum(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    """All that are the largest share the adjoint."""
    builder, code = arrays.run.builder, arrays.code
    whole = operand(arguments_of(op))
    largest = spread(arrays, op, Scaled(1.0, op.result)).core
    assert largest is not None
    chosen = builder.emit(EQUAL, (whole, largest))
    axes = reduced_axes(arrays, op)
    if axes is None:
        refuse(op, f"{op.attribute.name}() along an axis that only the run knows")
    count: Value
    if len(axes) == rank(whole):
        count = code.call("count_nonzero", (chosen,), types.INT)
    else:
        count = code.sum(chosen, axes, keeps=True)
    share = builder.divide(spread(arrays, op, adjoint), Scaled(1.0, count))
    masked = code.apply("where", chosen, builder.atom(share), Const(0.0, types.REAL))
    arrays.give(whole, masked, adjoints)


@pullback("var", "std")
def _spread_of(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    builder, code = arrays.run.builder, arrays.code
    given = arguments_of(op)
    whole = operand(given)
    axes = reduced_axes(arrays, op)
    if axes is None:
        refuse(op, "a variance along an axis that only the run knows")
    assert isinstance(whole, Value)
    every = len(axes) == rank(whole)
    keywords: dict[str, Atom] = {}
    if not every:
        keywords = {"axis": code.axes(axes), "keepdims": Const(True, types.BOOL)}
    kind = numbers_of(whole.type) if every else real_like(whole)
    mean = code.method("mean", whole, kind=kind, **keywords)
    apart = builder.add(Scaled(1.0, whole), Scaled(-1.0, mean))
    count = Scaled(1.0, count_reduced(arrays, op))  # type: ignore[arg-type]
    ddof = constant_of(given.get("ddof"), builder.definitions)
    if ddof:
        count = builder.add(count, Scaled(float(-ddof)))
    if name_of(op) == "std":
        root = code.apply("where", op.result, op.result, Const(1.0, types.REAL))
        scale = builder.divide(adjoint, Scaled(1.0, root))
    else:
        scale = builder.multiply(Scaled(2.0), adjoint)
    share = builder.divide(spread(arrays, op, scale), count)
    arrays.give(whole, builder.multiply(share, apart), adjoints)


@pullback("cumsum")
def _running(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    code = arrays.code
    given = arguments_of(op)
    whole = operand(given)
    full = arrays.full(op.result, adjoint)
    kind = real_like(op.result)
    if rank(whole) == 1:
        backwards = code.slice(NONE, NONE, integer(-1))
        turned = code.item(full, [backwards], 1)
        total = code.method("cumsum", turned, kind=kind)
        arrays.give(whole, code.item(total, [code.slice(NONE, NONE, integer(-1))], 1), adjoints)
        return
    if "axis" not in given:
        backwards = code.slice(NONE, NONE, integer(-1))
        total = code.method("cumsum", code.item(full, [backwards], 1), kind=kind)
        turned = code.item(total, [code.slice(NONE, NONE, integer(-1))], 1)
        shape = code.shape(whole)
        arrays.give(whole, code.method("reshape", turned, shape, kind=real_like(whole)), adjoints)
        return
    axis = operand(given, "axis")
    turned = code.call("flip", (full, axis), kind)
    total = code.method("cumsum", turned, axis, kind=kind)
    arrays.give(whole, code.call("flip", (total, axis), kind), adjoints)


@pullback("linalg.norm")
def _norm(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    """``x / norm(x)``, and 0 where the norm is 0."""
    builder, code = arrays.run.builder, arrays.code
    whole = operand(arguments_of(op))
    if reduced_axes(arrays, op) is None:
        refuse(op, "a norm along an axis that only the run knows")
    size = code.apply("where", op.result, op.result, Const(1.0, types.REAL))
    share = spread(arrays, op, builder.divide(adjoint, Scaled(1.0, size)))
    arrays.give(whole, builder.multiply(share, builder.scaled(whole)), adjoints)
