"""What functions of NumPy contribute to the adjoints of their arguments, written with NumPy.

A pullback has the parameters of the function that it needs, by the names of
`numpy_signatures`, and `y`, its result, and `y_bar`, the adjoint of that. It returns what
it contributes to its argument, or a tuple of that for several. The compiler's own front end lowers
it for each call: tests of what is known then, such as ``x.ndim == 1``, are decided, and what comes
out can be differentiated again, by the rules that it is made of.

The module is imported where the user's program has imported NumPy, and nowhere else.

>>> import numpy as np
>>> trace(np.ones((2, 2)), 3.0)
array([[3., 0.],
       [0., 3.]])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["DIFFERENTIATED", "PULLBACKS", "added_up", "product_of_others", "pullback", "take"]

#: The pullbacks, by the name of the function.
PULLBACKS: dict[str, Callable[..., Any]] = {}
#: The arguments that a pullback contributes to, in the order of what it returns.
DIFFERENTIATED: dict[str, tuple[str, ...]] = {}


def pullback(*names: str, wrt: tuple[str, ...] = ("a",)) -> Callable[[Any], Any]:
    """Add the pullback of functions of NumPy."""

    def register(function: Any) -> Any:
        for name in names:
            PULLBACKS[name] = function
            DIFFERENTIATED[name] = wrt
        return function

    return register


# Products of elements -----------------------------------------------------------------------


def _product_of_others(x: Any) -> Any:
    """The product of all others along the last axis, in each place; right for zeros too."""
    ones = np.ones_like(x[..., :1])
    before = np.cumprod(np.concatenate((ones, x[..., :-1]), axis=-1), axis=-1)
    after = np.cumprod(np.concatenate((ones, x[..., :0:-1]), axis=-1), axis=-1)
    return before * np.flip(after, axis=-1)


def product_of_others(a: Any, axis: Any) -> Any:
    """The same along an axis, or along several."""
    if axis is None:
        return _product_of_others(a.reshape(-1)).reshape(a.shape)
    if isinstance(axis, tuple):
        others = product_of_others(a, axis[0])
        if len(axis) == 1:
            return others
        return others * product_of_others(np.prod(a, axis=axis[0], keepdims=True), axis[1:])
    if axis in (-1, a.ndim - 1):
        return _product_of_others(a)
    return np.moveaxis(_product_of_others(np.moveaxis(a, axis, -1)), -1, axis)


@pullback("prod")
def prod(a: Any, y_bar: Any, axis: Any = None, keepdims: Any = False) -> Any:
    if axis is None and a.ndim == 1:
        return y_bar * np.conj(_product_of_others(a))
    if axis is None:
        return y_bar * np.conj(_product_of_others(a.reshape(-1))).reshape(a.shape)
    if not keepdims:
        y_bar = np.expand_dims(y_bar, axis)
    if isinstance(axis, tuple):
        return y_bar * np.conj(product_of_others(a, axis))
    if axis in (-1, a.ndim - 1):
        return y_bar * np.conj(_product_of_others(a))
    others = np.conj(_product_of_others(np.moveaxis(a, axis, -1)))
    return y_bar * np.moveaxis(others, -1, axis)


@pullback("cumprod")
def cumprod(a: Any, y_bar: Any, axis: Any = None) -> Any:
    """``s[k] = y_bar[k] + a[k + 1] * s[k + 1]``, times the product of what is before."""
    if axis is None and a.ndim > 1:
        return _running_product(a.reshape(-1), y_bar).reshape(a.shape)
    if axis is None or axis in (0, -a.ndim):
        return _running_product(a, y_bar)
    turned = _running_product(np.moveaxis(a, axis, 0), np.moveaxis(y_bar, axis, 0))
    return np.moveaxis(turned, 0, axis)


def _running_product(x: Any, y_bar: Any) -> Any:
    after = y_bar.copy()
    for k in range(len(x) - 1, 0, -1):
        after[k - 1] += np.conj(x[k]) * after[k]
    before = np.cumprod(np.concatenate((np.ones_like(x[:1]), x[:-1])), axis=0)
    return np.conj(before) * after


# Parts --------------------------------------------------------------------------------------


@pullback("trace")
def trace(a: Any, y_bar: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    if a.ndim == 2:
        return y_bar * np.eye(a.shape[0], a.shape[1], offset)
    unit = np.eye(a.shape[axis1], a.shape[axis2], offset)
    return np.moveaxis(y_bar[..., None, None] * unit, (-2, -1), (axis1, axis2))


@pullback("diagonal")
def diagonal(a: Any, y_bar: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    if a.ndim > 2:
        places = np.arange(a.size).reshape(a.shape)
        return added_up(np.diagonal(places, offset, axis1, axis2), y_bar, a)
    a_bar = np.zeros_like(a)
    if offset == 0:
        places = np.arange(len(y_bar))
        a_bar[places, places] = y_bar
    else:
        a_bar[np.eye(a.shape[0], a.shape[1], offset, dtype=bool)] = y_bar
    return a_bar


@pullback("diag")
def diag(a: Any, y_bar: Any, k: Any = 0) -> Any:
    if a.ndim == 1:
        return np.diag(y_bar, k)
    return diagonal(a, y_bar, k)


@pullback("take")
def take(a: Any, indices: Any, y_bar: Any, axis: Any = None, mode: Any = "raise") -> Any:
    if mode != "raise":
        places = np.arange(a.size).reshape(a.shape)
        return added_up(np.take(places, indices, axis=axis, mode=mode), y_bar, a)
    if a.ndim == 1 or (axis is not None and axis in (0, -a.ndim)):
        a_bar = np.zeros_like(a)
        np.add.at(a_bar, indices, y_bar)
        return a_bar
    places = np.arange(a.size).reshape(a.shape)
    return added_up(np.take(places, indices, axis=axis), y_bar, a)


def added_up(places: Any, y_bar: Any, a: Any) -> Any:
    """What each element of `a` gets, where `places` says of which one each of `y_bar` is."""
    return np.bincount(places.reshape(-1), y_bar.reshape(-1), a.size).reshape(a.shape)


@pullback("bincount", wrt=("weights",))
def bincount(x: Any, weights: Any, y_bar: Any) -> Any:
    return y_bar[x]


@pullback("delete")
def delete(a: Any, obj: Any, y_bar: Any, axis: Any = None) -> Any:
    return added_up(np.delete(np.arange(a.size).reshape(a.shape), obj, axis=axis), y_bar, a)


@pullback("insert", wrt=("a", "values"))
def insert(a: Any, obj: Any, values: Any, y_bar: Any, axis: Any = None) -> Any:
    if axis is not None and a.ndim > 1:
        place = obj if obj >= 0 else obj + a.shape[axis]
        values_bar = np.take(y_bar, place, axis=axis)
        if np.ndim(values) == 0:
            values_bar = values_bar.sum()
        elif np.ndim(values) == 1:
            values_bar = values_bar.sum(keepdims=True) if len(values) == 1 else values_bar
        return np.delete(y_bar, place, axis=axis), values_bar
    place = obj if obj >= 0 else obj + a.size
    if np.ndim(values) == 0:
        a_bar, values_bar = np.delete(y_bar, place), y_bar[place]
    else:
        end = place + len(values)
        values_bar = y_bar[place:end]
        a_bar = np.concatenate((y_bar[:place], y_bar[end:]))
    return a_bar if a.ndim == 1 else a_bar.reshape(a.shape), values_bar


@pullback("take_along_axis")
def take_along_axis(a: Any, indices: Any, y_bar: Any, axis: Any = -1) -> Any:
    places = np.arange(a.size).reshape(a.shape)
    return added_up(np.take_along_axis(places, indices, axis=axis), y_bar, a)


# Shapes -------------------------------------------------------------------------------------


@pullback("moveaxis")
def moveaxis(a: Any, source: Any, destination: Any, y_bar: Any) -> Any:
    return np.moveaxis(y_bar, destination, source)


@pullback("rot90")
def rot90(a: Any, y_bar: Any, k: Any = 1, axes: Any = None) -> Any:
    if axes is None:
        return np.rot90(y_bar, -k)
    return np.rot90(y_bar, -k, axes)


@pullback("flipud")
def flipud(a: Any, y_bar: Any) -> Any:
    return np.flipud(y_bar)


@pullback("fliplr")
def fliplr(a: Any, y_bar: Any) -> Any:
    return np.fliplr(y_bar)


@pullback("tile")
def tile(a: Any, reps: Any, y_bar: Any) -> Any:
    if np.ndim(a) == 0:
        return y_bar.sum()
    if not isinstance(reps, (tuple, list, np.ndarray)):
        if a.ndim == 1:
            return y_bar.reshape(reps, len(a)).sum(axis=0)
        return y_bar.reshape(*a.shape[:-1], reps, a.shape[-1]).sum(axis=-2)
    if a.ndim == 1 and len(reps) == 2:
        return y_bar.reshape(reps[0], reps[1], len(a)).sum(axis=(0, 1))
    if a.ndim == 1:
        return y_bar.reshape(reps[0], reps[1], reps[2], len(a)).sum(axis=(0, 1, 2))
    if len(reps) == 2:
        return y_bar.reshape(reps[0], a.shape[0], reps[1], a.shape[1]).sum(axis=(0, 2))
    if a.ndim == 2:
        return y_bar.reshape(reps[0], reps[1], len(a), reps[2], a.shape[1]).sum(axis=(0, 1, 3))
    shape = (reps[0], len(a), reps[1], a.shape[1], reps[2], a.shape[2])
    return y_bar.reshape(shape).sum(axis=(0, 2, 4))


@pullback("repeat")
def repeat(a: Any, repeats: Any, y_bar: Any, axis: Any = None) -> Any:
    if axis is None and not isinstance(repeats, (list, tuple, np.ndarray)):
        return y_bar.reshape(a.size, repeats).sum(axis=1).reshape(a.shape)
    if axis is None or a.ndim == 1:
        places = np.repeat(np.arange(a.size), repeats)
        return np.bincount(places, y_bar, a.size).reshape(a.shape)
    if not isinstance(repeats, (list, tuple, np.ndarray)):
        axis = axis % a.ndim
        parts = y_bar.reshape(*a.shape[: axis + 1], repeats, *a.shape[axis + 1 :])
        return parts.sum(axis=axis + 1)
    return take(a, np.repeat(np.arange(a.shape[axis]), repeats), y_bar, axis)


@pullback("pad", wrt=("a", "constant_values"))
def pad(a: Any, pad_width: Any, y_bar: Any, mode: Any = "constant") -> Any:
    """What is not of the array is of the constant."""
    if mode != "constant":
        places = np.pad(np.arange(a.size).reshape(a.shape), pad_width, mode=mode)
        return added_up(places, y_bar, a), None
    if a.ndim == 1:
        a_bar = y_bar[_before(pad_width, 0) : _before(pad_width, 0) + a.shape[0]]
    elif a.ndim == 2:
        a_bar = y_bar[
            _before(pad_width, 0) : _before(pad_width, 0) + a.shape[0],
            _before(pad_width, 1) : _before(pad_width, 1) + a.shape[1],
        ]
    elif a.ndim == 3:
        a_bar = y_bar[
            _before(pad_width, 0) : _before(pad_width, 0) + a.shape[0],
            _before(pad_width, 1) : _before(pad_width, 1) + a.shape[1],
            _before(pad_width, 2) : _before(pad_width, 2) + a.shape[2],
        ]
    elif a.ndim == 4:
        a_bar = y_bar[
            _before(pad_width, 0) : _before(pad_width, 0) + a.shape[0],
            _before(pad_width, 1) : _before(pad_width, 1) + a.shape[1],
            _before(pad_width, 2) : _before(pad_width, 2) + a.shape[2],
            _before(pad_width, 3) : _before(pad_width, 3) + a.shape[3],
        ]
    else:
        a_bar = y_bar[
            _before(pad_width, 0) : _before(pad_width, 0) + a.shape[0],
            _before(pad_width, 1) : _before(pad_width, 1) + a.shape[1],
            _before(pad_width, 2) : _before(pad_width, 2) + a.shape[2],
            _before(pad_width, 3) : _before(pad_width, 3) + a.shape[3],
            _before(pad_width, 4) : _before(pad_width, 4) + a.shape[4],
        ]
    return a_bar, np.sum(y_bar) - np.sum(a_bar)


def _before(pad_width: Any, axis: Any) -> Any:
    """How much is put before an axis; one number, pair or list with one pair is for all axes."""
    if not isinstance(pad_width, (tuple, list, np.ndarray)):
        return pad_width
    if not isinstance(pad_width[0], (tuple, list, np.ndarray)):
        return pad_width[0]
    return pad_width[0 if len(pad_width) == 1 else axis][0]


@pullback("roll")
def roll(a: Any, shift: Any, y_bar: Any, axis: Any = None) -> Any:
    if isinstance(shift, tuple):
        return np.roll(y_bar, _negated(shift), axis=axis)
    if isinstance(shift, (list, np.ndarray)):
        for one, along in zip(shift, axis, strict=True):
            y_bar = np.roll(y_bar, -one, axis=along)
        return y_bar
    return np.roll(y_bar, -shift, axis=axis)


def _negated(numbers: Any) -> Any:
    return () if len(numbers) == 0 else (-numbers[0], *_negated(numbers[1:]))
