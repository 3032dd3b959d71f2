"""Functions of NumPy that lay out numbers and axes, in terms of others.

See `numpy_definitions`, whose table this module fills.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sourcediff.rules.numpy_definitions import defines, grids_of, sizes_of

# Numbers in a row -----------------------------------------------------------------------------


@defines("logspace")
def logspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0) -> Any:
    return np.power(base, np.linspace(start, stop, num, endpoint=endpoint))


@defines("geomspace")
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True) -> Any:
    sign = np.sign(start)
    start, stop = np.float64(start / sign), np.float64(stop / sign)
    found = logspace(np.log10(start), np.log10(stop), num, endpoint)
    if num > 0:
        found[0] = start
    if endpoint and num > 1:
        found[-1] = stop
    return found * sign


@defines("linspace", having=("retstep",))
def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False
) -> Any:
    found = np.linspace(start, stop, num, endpoint=endpoint)
    if retstep:
        return found, (stop - start) / (num - 1 if endpoint else num)
    return found


# Grids ----------------------------------------------------------------------------------------


@defines("fromfunction")
def fromfunction(function: Any, shape: Any, *, dtype: Any = float) -> Any:
    places = np.indices(shape, dtype=dtype)
    if len(shape) == 1:
        return function(places[0])
    if len(shape) == 2:
        return function(places[0], places[1])
    return function(places[0], places[1], places[2])


@defines("broadcast_arrays")
def broadcast_arrays(*args: Any) -> Any:
    return _all_broadcast(args, _shape_of_all(args))


def _shape_of_all(args: Any) -> Any:
    if len(args) == 1:
        return np.shape(args[0])
    return np.broadcast_shapes(np.shape(args[0]), _shape_of_all(args[1:]))


def _all_broadcast(args: Any, shape: Any) -> Any:
    if len(args) == 0:
        return ()
    return (np.broadcast_to(args[0], shape), *_all_broadcast(args[1:], shape))


def spaced(start: Any, stop: Any, count: Any) -> Any:
    """``np.mgrid[start:stop:5j]``."""
    step = (stop - start) / (count - 1) if count > 1 else 1.0 * (stop - start)
    return np.arange(count) * step + start


def stepped(start: Any, stop: Any, step: Any) -> Any:
    return np.arange(math.ceil((stop - start) / step)) * step + start


def full_grid(*xi: Any) -> Any:
    return grids_of(xi, 0, len(xi), sizes_of(xi))


def open_grid(*xi: Any) -> Any:
    return grids_of(xi, 0, len(xi), None)


# Axes -----------------------------------------------------------------------------------------


@defines("rollaxis")
def rollaxis(a: Any, axis: Any, start: Any = 0) -> Any:
    axis, start = axis % a.ndim, start + a.ndim if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


@defines("unstack")
def unstack(x: Any, *, axis: Any = 0) -> Any:
    return x if axis == 0 else np.moveaxis(x, axis, 0)


@defines("atleast_3d")
def atleast_3d(a: Any) -> Any:
    if np.ndim(a) == 0:
        return np.array([[[a]]])
    if a.ndim == 1:
        return a[None, :, None]
    return a[:, :, None] if a.ndim == 2 else a


@defines("cross", having=("axis", "axisa", "axisb", "axisc"))
def cross(
    a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None
) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    found = np.cross(np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1))
    return found if found.ndim == 1 else np.moveaxis(found, -1, axisc)


# Places that are written to --------------------------------------------------------------------


@defines("put_along_axis")
def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    rows = np.arange(indices.shape[0])
    if arr.ndim == 1:
        arr[indices] = values
    elif arr.ndim == 2 and axis in (1, -1):
        arr[rows[:, None], indices] = values
    elif arr.ndim == 2:
        arr[indices, np.arange(indices.shape[1])] = values
    else:
        columns = np.arange(indices.shape[1])
        if axis in (2, -1):
            arr[rows[:, None, None], columns[:, None], indices] = values
        elif axis in (1, -2):
            arr[rows[:, None, None], indices, np.arange(indices.shape[2])] = values
        else:
            arr[indices, columns[:, None], np.arange(indices.shape[2])] = values


@defines("putmask")
def putmask(a: Any, mask: Any, values: Any) -> None:
    a[mask] = values if np.ndim(values) == 0 else values[mask]


@defines("place")
def place(arr: Any, mask: Any, vals: Any) -> None:
    if np.ndim(vals) == 0:
        arr[mask] = vals
    else:
        arr[mask] = np.take(vals, np.arange(np.count_nonzero(mask)) % len(vals))


# Element by element ---------------------------------------------------------------------------


@defines("nan_to_num", having=("nan", "posinf", "neginf"))
def nan_to_num(x: Any, *, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    y = np.where(np.isnan(x), nan, x)
    if posinf is not None:
        y = np.where(x == np.inf, posinf, y)
    if neginf is not None:
        y = np.where(x == -np.inf, neginf, y)
    return np.nan_to_num(y) if posinf is None or neginf is None else y


@defines("polynomial.polynomial.polyval")
def polynomial_polyval(x: Any, c: Any) -> Any:
    y = c[-1] + x * 0
    for i in range(2, len(c) + 1):
        y = c[-i] + y * x
    return y


@defines("polymul")
def polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(_from_first_term(a1), _from_first_term(a2))


def _from_first_term(p: Any) -> Any:
    """A polynomial without the zeros that it begins with."""
    places = np.flatnonzero(p)
    return p[places[0] :] if len(places) > 0 else np.zeros(1)
