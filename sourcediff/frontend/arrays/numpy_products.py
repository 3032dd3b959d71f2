"""What the products of NumPy and its linear algebra give."""

from __future__ import annotations

from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.arrays import element_of
from sourcediff.frontend.arrays.contractions import terms_of_call, terms_of_dot
from sourcediff.frontend.arrays.numpy_call import Call, gives, made, view
from sourcediff.frontend.describe import describe_type
from sourcediff.ir import Const
from sourcediff.types import Type, rank_of

__all__ = ["product_type"]


def product_type(call: Any, one: Type, other: Type, what: str) -> Type:
    """The type of ``one @ other``, and of the functions that are like it."""
    left, right = rank_of(one) or 0, rank_of(other) or 0
    found = types.join(element_of(one), element_of(other))
    assert found is not None
    if not left or not right:
        call.refuse(f"{describe_type(one)} and {describe_type(other)}")
    _, output = terms_of_dot(what, left, right)
    return made(found, len(output))


@gives("dot", "matmul", "inner", "vecdot")
def _product(call: Call) -> Type:
    one, other = call.array("a"), call.array("b")
    if call.name in ("dot", "inner") and not (rank_of(one) and rank_of(other)):
        found = types.elementwise((one, other))
        return found if found is not None else call.refuse(describe_type(one))
    return product_type(call, one, other, call.name)


@gives("vdot")
def _flat_product(call: Call) -> Type:
    if not (call.rank("a") and call.rank("b")):
        call.refuse("a number", "multiply")
    return call.joined([call.array("a"), call.array("b")])


@gives("tensordot", "einsum")
def _contraction(call: Call) -> Type:
    if call.name == "einsum":
        chosen = call.constant("subscripts")
        call.constant("optimize")
        if not isinstance(chosen, str):
            call.refuse("lists of axes", "give subscripts: 'ij,jk->ik'")
        operands = [key for key in ("a", "b", "c", "d", "e") if key in call.given]
    else:
        chosen, operands = call.constant("axes", 2), ["a", "b"]
    kinds = [call.array(key) for key in operands]
    found = terms_of_call(call.name, chosen, [rank_of(kind) or 0 for kind in kinds])
    if found is None:
        call.refuse("these arguments", "they do not fit the arrays")
    assert found is not None
    if len(kinds) == 1 and set(found[0][0]) == set(found[1]):
        return view(call, len(found[1]))  # nothing is added up
    return made(call.joined(kinds), len(found[1]))


@gives("outer")
def _outer(call: Call) -> Type:
    if not (call.rank("a") and call.rank("b")):
        call.refuse("a number", "multiply")
    return made(call.joined([call.array("a"), call.array("b")]), 2)


@gives("kron")
def _kronecker(call: Call) -> Type:
    ranks = (call.rank("a"), call.rank("b"))
    if not {1, 2}.issuperset(ranks):
        call.refuse("these arrays", "give arrays of one axis or of two")
    return made(call.joined([call.array("a"), call.array("b")]), max(ranks))


@gives("cross")
def _cross(call: Call) -> Type:
    ranks = {call.rank("a"), call.rank("b")}
    if 0 in ranks:
        call.refuse("a number", "give vectors of three components, or rows of such")
    return made(call.joined([call.array("a"), call.array("b")]), max(ranks))


@gives("convolve", "correlate")
def _convolution(call: Call) -> Type:
    call.constant("mode")
    if call.rank("a") != 1 or call.rank("v") != 1:
        call.refuse("these arrays", "give two of one axis")
    return made(call.joined([call.array("a"), call.array("v")]), 1)


@gives("interp")
def _interpolated(call: Call) -> Type:
    if call.rank("xp") != 1 or call.rank("fp") != 1:
        call.refuse("these arrays", "give points and values of one axis")
    for end in ("left", "right"):
        if end in call.given and call.rank(end):
            call.refuse(f"an array as {end!r}", "give a number")
    return made(types.REAL, call.rank("x"))


@gives("trace")
def _trace(call: Call) -> Type:
    return made(call.element(), _besides_two_axes(call))


def _besides_two_axes(call: Call) -> int:
    """How many axes there are beside the two of a diagonal."""
    call.constant("axis1"), call.constant("axis2")
    if call.rank() < 2:
        call.refuse("this array", "give one of two axes")
    return call.rank() - 2


@gives("diagonal")
def _main_diagonal(call: Call) -> Type:
    return view(call, 1 + _besides_two_axes(call))


@gives("diag")
def _diagonal(call: Call) -> Type:
    rank = call.rank()
    if rank not in (1, 2):
        call.refuse("this array")
    return view(call, 1) if rank == 2 else made(call.element(), 2)


@gives("triu", "tril")
def _triangle(call: Call) -> Type:
    if not call.rank():
        call.refuse("a number", "give an array")
    return made(call.element(), max(2, call.rank()))


def of_matrices(call: Call) -> int:
    """The number of axes; a stack of matrices is known under a name of its own."""
    rank = call.rank()
    if rank not in (2, 3, 4):
        call.refuse("this array", "give a matrix, or a stack of them")
    if rank > 2:
        call.name = f"{call.name.removeprefix('linalg.')} of stack"
    return rank


@gives("linalg.cholesky", "linalg.pinv", "linalg.inv")
def _of_matrix(call: Call) -> Type:
    rank = of_matrices(call)
    return made(_numbers(call, "a"), rank)


def _numbers(call: Call, *names: str) -> Type:
    """What linear algebra gives of arrays: real numbers, or complex ones."""
    held = [call.element(name) for name in names]
    if types.COMPLEX in held and call.name.endswith("of stack"):
        call.refuse("stacks of complex matrices", "call it for each of them")
    return types.COMPLEX if types.COMPLEX in held else types.REAL


@gives("linalg.matrix_power")
def _power_of_matrix(call: Call) -> Type:
    if call.rank() != 2:
        call.refuse("this array", "give one of two axes")
    power = call.given.get("n")
    if (isinstance(power, Const) and power.value != 1) or call.element() is not types.REAL:
        return made(types.REAL, 2)
    return view(call, 2)  # the first power is the matrix itself


@gives("linalg.multi_dot")
def _chain(call: Call) -> Type:
    kinds = call.parts()
    if any(rank_of(kind) != 2 for kind in kinds):
        call.refuse("vectors", "use @")
    return made(call.joined(kinds), 2)


@gives("linalg.eigvalsh")
def _eigenvalues(call: Call) -> Type:
    return made(types.REAL, of_matrices(call) - 1)


@gives("linalg.det")
def _determinant(call: Call) -> Type:
    rank = of_matrices(call)
    return made(_numbers(call, "a"), rank - 2)


@gives("linalg.solve")
def _solution(call: Call) -> Type:
    """Releases of NumPy differ in what an array with one axis less than the stack is."""
    rank, right = call.rank("a"), call.rank("b")
    if rank == 2 and right in (1, 2):
        return made(_numbers(call, "a", "b"), right)
    alike = right in (rank, 1) or rank == 2
    if not alike or min(rank, right) < 1 or rank < 2 or max(rank, right) > 4:
        call.refuse("these arrays", "give matrices, or stacks of them with as many axes")
    call.name = "solve of stack"
    return made(_numbers(call, "a", "b"), rank - 1 if right == 1 else max(rank, right))
