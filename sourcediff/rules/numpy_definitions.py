"""Functions of NumPy in terms of others, as NumPy itself computes them.

A call of one is entered as if the user had written these lines: values are the same to the last
bit, and what they are made of has derivatives. The module is imported where the user's program has
imported NumPy, and nowhere else.

>>> ptp(np.array([1.0, 4.0, 2.0])) == np.ptp([1.0, 4.0, 2.0])
np.True_
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["BY_KEYWORD", "DEFINITIONS", "defines", "grids_of", "sizes_of"]

#: The definitions, by the functions of NumPy that they stand for.
DEFINITIONS: dict[Any, Callable[..., Any]] = {}
#: Those of calls with one of some keywords only, with these.
BY_KEYWORD: dict[Any, tuple[frozenset[str], Callable[..., Any]]] = {}


def defines(*names: str, having: tuple[str, ...] = ()) -> Callable[[Any], Any]:
    """Add a definition of what NumPy has under these names, if it has them.

    With `having`, it is for calls that give one of these keywords.
    """

    def register(function: Any) -> Any:
        for name in names:
            found: Any = np
            for part in name.split("."):
                found = getattr(found, part, None)
            if found is not None and having:
                BY_KEYWORD[found] = frozenset(having), function
            elif found is not None:
                DEFINITIONS[found] = function
        return function

    return register


# Reductions ---------------------------------------------------------------------------------


@defines("ptp")
def ptp(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


@defines("average")
def average(a: Any, axis: Any = None, weights: Any = None, *, keepdims: Any = False) -> Any:
    if weights is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    shaped = weights
    if a.ndim > weights.ndim and axis % a.ndim == a.ndim - 2:
        shaped = weights[:, None]
    if a.ndim > weights.ndim and axis % a.ndim == a.ndim - 3:
        shaped = weights[:, None, None]
    total = np.sum(a * shaped, axis=axis, keepdims=keepdims)
    if a.ndim == weights.ndim:
        return total / np.sum(weights, axis=axis, keepdims=keepdims)
    return total / np.sum(weights)


@defines("nansum")
def nansum(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return np.sum(np.where(np.isnan(a), 0.0, a), axis=axis, keepdims=keepdims)


@defines("nanprod")
def nanprod(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return np.prod(np.where(np.isnan(a), 1.0, a), axis=axis, keepdims=keepdims)


@defines("nanmean")
def nanmean(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    total = np.sum(np.where(np.isnan(a), 0.0, a), axis=axis, keepdims=keepdims)
    return total / np.sum(~np.isnan(a), axis=axis, dtype=a.dtype, keepdims=keepdims)


@defines("nanvar")
def nanvar(a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: Any = False) -> Any:
    missing = np.isnan(a)
    count = np.sum(~missing, axis=axis, dtype=a.dtype, keepdims=True)
    mean = np.sum(np.where(missing, 0.0, a), axis=axis, keepdims=True) / count
    apart = np.where(missing, 0.0, a - mean)
    total = np.sum(apart * apart, axis=axis, keepdims=keepdims)
    return total / (np.sum(~missing, axis=axis, dtype=a.dtype, keepdims=keepdims) - ddof)


@defines("nanstd")
def nanstd(a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: Any = False) -> Any:
    return np.sqrt(nanvar(a, axis, ddof=ddof, keepdims=keepdims))


# Integrals and differences ------------------------------------------------------------------


@defines("trapezoid", "trapz")
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    if x is None:
        width = dx
    elif x.ndim == 1:
        width = np.diff(x)
    else:
        width = np.diff(x, axis=axis)
    if axis in (-1, y.ndim - 1):
        return (width * (y[..., 1:] + y[..., :-1]) / 2.0).sum(axis=axis)
    if x is not None and x.ndim == 1:
        width = width.reshape(-1, *(1,) * (y.ndim - 1 - axis % y.ndim))
    turned = np.moveaxis(y, axis, 0)
    between = np.moveaxis(turned[1:] + turned[:-1], 0, axis)
    return (width * between / 2.0).sum(axis=axis)


@defines("ediff1d")
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    flat = np.ravel(ary)
    apart = flat[1:] - flat[:-1]
    if to_begin is not None:
        apart = np.concatenate((_end_of(to_begin, ary), apart))
    if to_end is not None:
        apart = np.concatenate((apart, _end_of(to_end, ary)))
    return apart


def _end_of(values: Any, ary: Any) -> Any:
    return np.array([values], dtype=ary.dtype) if np.ndim(values) == 0 else np.ravel(values)


@defines("diff", having=("prepend", "append"))
def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    if prepend is not None:
        a = np.concatenate((_beside(prepend, a, axis % a.ndim), a), axis=axis)
    if append is not None:
        a = np.concatenate((a, _beside(append, a, axis % a.ndim)), axis=axis)
    return np.diff(a, n=n, axis=axis)


def _beside(values: Any, a: Any, axis: Any) -> Any:
    if np.ndim(values) > 0:
        return values
    return np.broadcast_to(values, (*a.shape[:axis], 1, *a.shape[axis + 1 :]))


# Several arrays -----------------------------------------------------------------------------


@defines("append")
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    if axis is not None:
        return np.concatenate((arr, values), axis=axis)
    end = np.array([values]) if np.ndim(values) == 0 else np.ravel(values)
    return np.concatenate((np.ravel(arr), end))


@defines("dstack")
def dstack(tup: Any) -> Any:
    if tup[0].ndim > 2:
        return np.concatenate(tup, axis=2)
    return np.stack(tup, axis=-1) if tup[0].ndim == 2 else np.stack(tup, axis=-1)[None]


@defines("meshgrid")
def meshgrid(*xi: Any, indexing: Any = "xy", sparse: Any = False) -> Any:
    if len(xi) != 2 or sparse:
        if indexing == "ij" or len(xi) == 1:
            return grids_of(xi, 0, len(xi), None if sparse else sizes_of(xi))
        turned = (xi[1], xi[0], *xi[2:])
        grids = grids_of(turned, 0, len(xi), None if sparse else sizes_of(turned))
        return (grids[1], grids[0], *grids[2:])
    x = xi[0] if np.ndim(xi[0]) == 1 else np.ravel(xi[0])
    y = xi[1] if np.ndim(xi[1]) == 1 else np.ravel(xi[1])
    if indexing == "xy":
        shape = (len(y), len(x))
        return np.broadcast_to(x, shape).copy(), np.broadcast_to(y[:, None], shape).copy()
    shape = (len(x), len(y))
    return np.broadcast_to(x[:, None], shape).copy(), np.broadcast_to(y, shape).copy()


def sizes_of(arrays: Any) -> Any:
    return () if len(arrays) == 0 else (np.size(arrays[0]), *sizes_of(arrays[1:]))


def grids_of(arrays: Any, axis: Any, count: Any, shape: Any) -> Any:
    if len(arrays) == 0:
        return ()
    side = np.reshape(arrays[0], (*(1,) * axis, -1, *(1,) * (count - axis - 1)))
    whole = side if shape is None else np.broadcast_to(side, shape)
    return (whole.copy(), *grids_of(arrays[1:], axis + 1, count, shape))


@defines("block")
def block(arrays: Any) -> Any:
    if isinstance(arrays[0], (list, tuple)):
        return np.concatenate(_rows_of_blocks(arrays), axis=0)
    return np.concatenate(arrays, axis=-1)


def _rows_of_blocks(rows: Any) -> Any:
    if len(rows) == 0:
        return ()
    return (np.concatenate(rows[0], axis=1), *_rows_of_blocks(rows[1:]))


@defines("piecewise")
def piecewise(x: Any, condlist: Any, funclist: Any) -> Any:
    y = np.zeros_like(x)
    _put_pieces(y, x, condlist, funclist)
    if len(funclist) > len(condlist):
        rest = ~_any_of(condlist)
        y[rest] = _of_piece(funclist[len(condlist)], x[rest])
    return y


def _put_pieces(y: Any, x: Any, conditions: Any, functions: Any) -> None:
    if len(conditions) > 0:
        y[conditions[0]] = _of_piece(functions[0], x[conditions[0]])
        _put_pieces(y, x, conditions[1:], functions[1:])


def _of_piece(function: Any, x: Any) -> Any:
    return function(x) if callable(function) else function


def _any_of(conditions: Any) -> Any:
    return conditions[0] if len(conditions) == 1 else conditions[0] | _any_of(conditions[1:])


@defines("select")
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    return _chosen(condlist, choicelist, default).copy()


def _chosen(condlist: Any, choicelist: Any, default: Any) -> Any:
    if len(condlist) == 0:
        return default
    return np.where(condlist[0], choicelist[0], _chosen(condlist[1:], choicelist[1:], default))


# Parts and shapes ---------------------------------------------------------------------------


@defines("diagflat")
def diagflat(v: Any, k: Any = 0) -> Any:
    return np.diag(np.ravel(v), k)


@defines("extract")
def extract(condition: Any, arr: Any) -> Any:
    return arr[condition]


@defines("atleast_1d")
def atleast_1d(a: Any) -> Any:
    return np.array([a]) if np.ndim(a) == 0 else a


@defines("atleast_2d")
def atleast_2d(a: Any) -> Any:
    if np.ndim(a) == 0:
        return np.array([[a]])
    return a[None, :] if a.ndim == 1 else a


@defines("matrix_transpose", "linalg.matrix_transpose")
def matrix_transpose(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


# Element by element -------------------------------------------------------------------------


@defines("sinc")
def sinc(x: Any) -> Any:
    y = np.pi * np.where(x == 0, 1.0e-20, x)
    return np.sin(y) / y


@defines("polyval")
def polyval(p: Any, x: Any) -> Any:
    y = np.zeros_like(x)
    for coefficient in p:
        y = y * x + coefficient
    return y


# Statistics ---------------------------------------------------------------------------------


@defines("cov")
def cov(m: Any, y: Any = None, rowvar: Any = True, bias: Any = False, ddof: Any = None) -> Any:
    if y is not None and m.ndim == 1:
        rows = np.stack((m, y))
    elif y is not None:
        if m.shape[0 if rowvar else 1] == 0:
            return np.zeros((0, 0))
        rows = np.concatenate((m, y)) if rowvar else np.concatenate((m.T, y.T))
    elif m.ndim == 1:
        rows = m[None, :]
    else:
        rows = m if rowvar else m.T
    lost = (0 if bias else 1) if ddof is None else ddof
    rows = rows.astype(float)
    apart = rows - np.mean(rows, axis=1)[:, None]
    found = apart @ apart.T * (1 / (rows.shape[1] - lost))
    return found[0, 0] if y is None and m.ndim == 1 else found


@defines("corrcoef")
def corrcoef(x: Any, y: Any = None, rowvar: Any = True) -> Any:
    covariance = cov(x, y, rowvar)
    size = np.sqrt(np.diag(covariance))
    return np.clip(covariance / size[:, None] / size[None, :], -1, 1)
