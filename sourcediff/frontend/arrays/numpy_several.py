"""What the functions of NumPy give that give several results: ``w, v = np.linalg.eigh(a)``.

The type of the call is a tuple, which dissolves into its items; `RESULTS` says what these are
called where what they contribute to the argument is written down
(`rules.numpy_several_pullbacks`).

>>> RESULTS["linalg.eigh"]
('w', 'v')
"""

from __future__ import annotations

import sys
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.numpy_call import Call, gives, made
from sourcediff.frontend.arrays.numpy_products import of_matrices
from sourcediff.types import Type

__all__ = ["RESULTS"]

#: By function, the names of its results.
RESULTS: dict[str, tuple[str, ...]] = {
    "linalg.slogdet": ("sign", "logdet"),
    "linalg.eigh": ("w", "v"),
    "linalg.svd": ("u", "s", "vh"),
    "full svd": ("u", "s", "vh"),
    "linalg.qr": ("q", "r"),
    "linalg.lstsq": ("x", "residuals", "rank", "s"),
    "modf": ("fraction", "whole"),
    "frexp": ("mantissa", "exponent"),
    "slogdet of stack": ("sign", "logdet"),
    "eigh of stack": ("w", "v"),
    "svd of stack": ("u", "s", "vh"),
    "weighted histogram": ("counts", "edges"),
}


def _named(call: Call, name: str, items: list[Type]) -> Type:
    """A named tuple of results, where this release of NumPy gives one: it has attributes."""
    numpy: Any = sys.modules["numpy"]
    owner = sys.modules.get("numpy.linalg._linalg", numpy)
    return types.tuple_of(items, getattr(owner, name, None))


def _require_matrix(call: Call) -> None:
    if call.rank() != 2:
        call.refuse("this array", "give one of two axes")


@gives("linalg.slogdet")
def _logarithm_of_determinant(call: Call) -> Type:
    stack = of_matrices(call) - 2
    return _named(call, "SlogdetResult", [made(types.REAL, stack), made(types.REAL, stack)])


@gives("linalg.eigh")
def _eigenvectors(call: Call) -> Type:
    rank = of_matrices(call)
    if call.constant("UPLO", "L") not in ("L", "l") and rank > 2:
        call.refuse("the upper triangles of a stack", "give the lower ones")
    return _named(call, "EighResult", [made(types.REAL, rank - 1), made(types.REAL, rank)])


@gives("linalg.svd")
def _singular_vectors(call: Call) -> Type:
    """By what it gives, the call is known under a name of its own."""
    rank, full = of_matrices(call), call.constant("full_matrices", True)
    if not call.constant("compute_uv", True):
        call.name = "singular values" if rank == 2 else "singular values of stack"
        return made(types.REAL, rank - 1)
    if full:
        if rank > 2:
            call.refuse("full matrices of a stack", "give full_matrices=False")
        call.name = "full svd"
    vectors = made(types.REAL, rank)
    return _named(call, "SVDResult", [vectors, made(types.REAL, rank - 1), made(types.REAL, rank)])


@gives("linalg.qr")
def _triangle(call: Call) -> Type:
    _require_matrix(call)
    mode = call.constant("mode", "reduced")
    if mode == "r":
        call.name = "triangle of qr"
        return made(types.REAL, 2)
    if mode != "reduced":
        call.refuse(f"the mode {mode!r}", "use the mode 'reduced', or 'r'")
    return _named(call, "QRResult", [made(types.REAL, 2), made(types.REAL, 2)])


@gives("linalg.lstsq")
def _least_squares(call: Call) -> Type:
    _require_matrix(call)
    rank = call.rank("b")
    if rank not in (1, 2):
        call.refuse("this 'b'", "give a vector or a matrix")
    ones = made(types.REAL, 1)
    return types.tuple_of([made(types.REAL, rank), ones, types.INT, made(types.REAL, 1)])


@gives("modf")
def _fraction(call: Call) -> Type:
    return types.tuple_of([made(types.REAL, call.rank()) for _ in range(2)])


@gives("histogram")
def _histogram(call: Call) -> Type:
    """Of numbers that do not vary: counts, or sums of weights, and the edges between them."""
    counts = types.REAL if call.constant("density") else types.INT
    if "weights" in call.given:
        if call.constant("density"):
            call.refuse("weights and a density", "divide by the sum of them")
        if call.rank() != call.rank("weights"):
            call.refuse("these weights", "give one for each number")
        call.name, counts = "weighted histogram", call.element("weights")
    return types.tuple_of([made(counts, 1), made(types.REAL, 1)])


@gives("frexp")
def _mantissa(call: Call) -> Type:
    return types.tuple_of([made(types.REAL, call.rank()), made(types.INT, call.rank())])


@gives("unique")
def _distinct(call: Call) -> Type:
    """The places and the counts are arrays of whole numbers."""
    extra = [n for n in ("return_index", "return_inverse", "return_counts") if call.constant(n)]
    if extra and call.rank() != 1:
        call.refuse(f"{extra[0]} of an array of several axes", "give one of one axis")
    items = [made(call.element(), 1), *(made(types.INT, 1) for _ in extra)]
    return types.tuple_of(items) if extra else items[0]
