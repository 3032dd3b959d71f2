"""Functions of `numpy.linalg` and of polynomials that are others by another name.

See `numpy_definitions`, whose table this module fills.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sourcediff.rules.numpy_definitions import defines

# Linear algebra -----------------------------------------------------------------------------


@defines("linalg.svdvals")
def svdvals(x: Any) -> Any:
    return np.linalg.svd(x, compute_uv=False)


@defines("linalg.matrix_norm")
def matrix_norm(x: Any, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    return np.linalg.norm(x, ord, axis=(-2, -1), keepdims=keepdims)


@defines("linalg.vector_norm")
def vector_norm(x: Any, *, axis: Any = None, ord: Any = 2) -> Any:
    if axis is not None:
        return np.linalg.norm(x, ord, axis=axis)
    return np.linalg.norm(x if x.ndim == 1 else np.ravel(x), ord, axis=0)


@defines("linalg.outer")
def outer(x1: Any, x2: Any) -> Any:
    return np.outer(x1, x2)


@defines("linalg.cross")
def cross(x1: Any, x2: Any) -> Any:
    return np.cross(x1, x2)


@defines("linalg.trace")
def trace(x: Any, *, offset: Any = 0) -> Any:
    return np.trace(x, offset) if x.ndim == 2 else np.trace(x, offset, axis1=-2, axis2=-1)


@defines("linalg.diagonal")
def diagonal(x: Any, *, offset: Any = 0) -> Any:
    return np.diagonal(x, offset) if x.ndim == 2 else np.diagonal(x, offset, axis1=-2, axis2=-1)


@defines("linalg.matmul")
def matmul(x1: Any, x2: Any) -> Any:
    return np.matmul(x1, x2)


@defines("linalg.tensordot")
def tensordot(x1: Any, x2: Any, *, axes: Any = 2) -> Any:
    return np.tensordot(x1, x2, axes=axes)


@defines("linalg.vecdot")
def vecdot(x1: Any, x2: Any) -> Any:
    return np.vecdot(x1, x2)


# Polynomials --------------------------------------------------------------------------------


@defines("polyder")
def polyder(p: Any, m: Any = 1) -> Any:
    return p if m == 0 else polyder(p[:-1] * np.arange(len(p) - 1, 0, -1), m - 1)


@defines("polyint")
def polyint(p: Any, m: Any = 1) -> Any:
    if m == 0:
        return p
    return polyint(np.concatenate((p / np.arange(len(p), 0, -1), np.zeros(1))), m - 1)


@defines("polyadd")
def polyadd(a1: Any, a2: Any) -> Any:
    longer = len(a2) - len(a1)
    if longer > 0:
        return np.concatenate((np.zeros(longer, dtype=a1.dtype), a1)) + a2
    return a1 + np.concatenate((np.zeros(-longer, dtype=a2.dtype), a2))


@defines("polysub")
def polysub(a1: Any, a2: Any) -> Any:
    longer = len(a2) - len(a1)
    if longer > 0:
        return np.concatenate((np.zeros(longer, dtype=a1.dtype), a1)) - a2
    return a1 - np.concatenate((np.zeros(-longer, dtype=a2.dtype), a2))
