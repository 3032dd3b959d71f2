"""What products of arrays and linear algebra contribute to the adjoints of their operands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.ir import Atom, Op, Value
from sourcediff.memory import OPERATE
from sourcediff.transform.adjoint.conjugates import conjugate
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.arrays.code import numbers_of, real_array, real_like
from sourcediff.transform.arrays.contractions import pull_back_contraction
from sourcediff.transform.arrays.inverses import inverse_beside, product_with
from sourcediff.transform.arrays.table import (
    give_scaled,
    pair,
    pullback,
    rank,
)

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.arrays.arrays import Arrays


@pullback("@", "matmul", "dot", "inner")
def _product(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    builder, code, active = arrays.run.builder, arrays.code, arrays.run.active
    one, other = op.args if op.primitive is OPERATE else pair(op)
    left, right = rank(one), rank(other)
    name = "matmul" if op.primitive is OPERATE else name_of(op)
    if not left or not right or (left == right == 1):
        for arg, counterpart in ((one, other), (other, one)):
            if isinstance(arg, Value) and arg in active:
                beside = conjugate(builder, counterpart)
                share = builder.multiply(adjoint, builder.scaled(beside))
                if not left or not right:
                    share = arrays.fitted(op, arg, share)
                arrays.give(arg, share, adjoints)
        return
    if (name != "matmul" and max(left, right) > 2) or (name == "inner" and left + right > 2):
        pull_back_contraction(arrays, op, adjoint, adjoints)
        return
    if max(left, right) > 2 and not (left == right and _same_batch(arrays, op)):
        _broadcast_product(arrays, op, adjoint, adjoints)
        return
    scaled = builder.settled(adjoint)
    full = arrays.full(op.result, Scaled(1.0, scaled.core) if scaled.core else Scaled(1.0))
    factor = scaled.coefficient
    if isinstance(one, Value) and one in active:
        beside = conjugate(builder, other)
        if right == 1:
            made = _outer(arrays, full, beside)
        elif left == 1:
            made = code.product(beside, full)
        else:
            made = code.product(full, code.swapped(beside))
        give_scaled(arrays, one, factor, made, adjoints)
    if isinstance(other, Value) and other in active:
        beside = conjugate(builder, one)
        if left == 1:
            made = _outer(arrays, beside, full)
        elif right == 1:
            made = code.product(code.transposed(beside), full)
        else:
            made = code.product(code.swapped(beside), full)
        give_scaled(arrays, other, factor, made, adjoints)


def _outer(arrays: Arrays, one: Atom, other: Atom) -> Value:
    """``np.outer(one, other)``."""
    kind = real_array(2, numbers_of(one.type, other.type))
    return arrays.code.call("outer", (one, other), kind)


def _same_batch(arrays: Arrays, op: Op) -> bool:
    one, other = (arrays.shapes.of(a)[:-2] for a in op.args)
    return one == other or all(
        arrays.shapes.not_one(a) and arrays.shapes.not_one(b)
        for a, b in zip(one, other, strict=True)
    )


def _broadcast_product(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    """Of stacks of matrices one of which is broadcast to the other."""
    one, other = op.args if op.primitive is OPERATE else pair(op)
    if min(rank(one), rank(other)) == 1:
        pull_back_contraction(arrays, op, adjoint, adjoints)
        return
    code, shapes, builder = arrays.code, arrays.shapes, arrays.run.builder
    scaled = builder.settled(adjoint)
    full = arrays.full(op.result, Scaled(1.0, scaled.core) if scaled.core else Scaled(1.0))
    batch = shapes.of(op.result)[:-2]
    for arg in (one, other):
        if isinstance(arg, Value) and arg in arrays.run.active:
            if arg is one:
                made = code.product(full, code.swapped(conjugate(builder, other)))
            else:
                made = code.product(code.swapped(conjugate(builder, one)), full)
            shapes.known[made] = (*batch, *shapes.of(arg)[-2:])
            arrays.give(arg, arrays.summed(made, arg, Scaled(scaled.coefficient, made)), adjoints)


@pullback("triu", "tril")
def _triangle(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    name = op.attribute.numpy
    whole, *offset = op.args
    full = arrays.full(op.result, adjoint)
    turned = arrays.code.call(name, (full, *offset), real_like(op.result))
    if rank(whole) == 1:  # each row has been one of the triangle
        turned = arrays.code.sum(turned, (0,))
    arrays.give(whole, turned, adjoints)


@pullback("linalg.inv")
def _inverse(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    code = arrays.code
    turned = code.transposed(conjugate(arrays.run.builder, op.result))
    inner = code.product(code.product(turned, arrays.full(op.result, adjoint)), turned)
    whole = op.args[0]
    assert isinstance(whole, Value)
    give_scaled(arrays, whole, -1.0, inner, adjoints)


@pullback("linalg.det")
def _determinant(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    code, builder = arrays.code, arrays.run.builder
    whole = op.args[0]
    inverse: Atom | None = inverse_beside(arrays, op, whole)
    determinant = conjugate(builder, op.result)
    if inverse is None:
        inverse = code.call("linalg.inv", (whole,), real_like(whole))
    factor = product_with(builder, adjoint, determinant)
    turned = code.transposed(conjugate(builder, inverse))
    assert isinstance(turned, Value)
    arrays.shapes.known[turned] = arrays.shapes.of(whole)
    arrays.give(whole, builder.multiply(factor, Scaled(1.0, turned)), adjoints)


@pullback("linalg.solve")
def _solution(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    code, active = arrays.code, arrays.run.active
    matrix, right = pair(op)
    full = arrays.full(op.result, adjoint)
    builder = arrays.run.builder
    turned = code.transposed(conjugate(builder, matrix))
    kind = real_array(rank(right), numbers_of(full.type, matrix.type))
    solved = code.call("linalg.solve", (turned, full), kind)
    arrays.shapes.known[solved] = arrays.shapes.of(op.result)
    arrays.give(right, solved, adjoints)
    if isinstance(matrix, Value) and matrix in active:
        found = conjugate(builder, op.result)
        if rank(right) == 1:
            made = _outer(arrays, solved, found)
        else:
            made = code.product(solved, code.transposed(found))
        give_scaled(arrays, matrix, -1.0, made, adjoints)
