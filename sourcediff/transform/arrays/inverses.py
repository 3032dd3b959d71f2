"""The inverse of a matrix that a function has computed anyway, for what its derivative needs.

A Gaussian likelihood has both: ``y @ np.linalg.inv(S) @ y + np.log(np.linalg.det(S))``. The
derivative of ``log det S`` is the inverse of `S` too, and the function has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.ir import Atom, Op, Value
from sourcediff.transform.adjoint.scaled import DIV, AdjointBuilder, Scaled
from sourcediff.transform.lists.contents import slot_of

if TYPE_CHECKING:
    from sourcediff.transform.arrays.arrays import Arrays

__all__ = ["inverse_beside", "product_with"]


def inverse_beside(arrays: Arrays, op: Op, matrix: Atom) -> Value | None:
    """What ``np.linalg.inv(matrix)`` has given beside an operation, if nobody writes to that.

    Args:
        op: a function of the matrix that is being turned round.
    """
    lists = arrays.run.lists
    for other in lists.beside[op]:
        if name_of(other) == "linalg.inv" and other.args == (matrix,):
            if slot_of(other.result) not in lists.writes:
                return other.result
    return None


def product_with(builder: AdjointBuilder, adjoint: Scaled, value: Atom) -> Scaled:
    """An adjoint times a value; if it is a quotient by just this, what is divided there.

    So a determinant is neither divided by nor multiplied with where its logarithm is meant, and
    one that is too small or too large for a float does no harm.
    """
    made = builder.definitions.get(adjoint.core) if adjoint.core is not None else None
    if adjoint.pending is None and made is not None and made.primitive is DIV:
        if made.args[1] is value:
            return builder.multiply(Scaled(adjoint.coefficient), builder.scaled(made.args[0]))
    return builder.multiply(adjoint, builder.scaled(value))
