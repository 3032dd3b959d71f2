"""What the reverse of programs with arrays calls while it runs, beside functions of NumPy.

A generated program that uses one carries its text along, so these functions are written to be
read there: complete, on their own, with NumPy as the only import. NumPy is imported where it is
used, so that programs without arrays do without it.
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = [
    "check_stored",
    "copied",
    "is_array",
    "is_view_of",
    "kept_apart",
    "owner",
    "put_back",
    "refuse_overlap",
    "refuse_shared",
    "reshaped_alike",
    "seen_alike",
    "sum_to",
    "what_they_hold",
]


class _NumPy:
    """The module, imported when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("numpy"), name)


np = _NumPy()


def is_array(found):  # type: ignore[no-untyped-def]
    """Whether this is an array, and not a number."""
    return type(found) is np.ndarray


def sum_to(found, like):  # type: ignore[no-untyped-def]
    """What was broadcast, summed back: along each axis that `like` lacks or has once."""
    shape, wanted = np.shape(found), np.shape(like)
    if shape == wanted:
        return found
    extra = len(shape) - len(wanted)
    if extra > 0:
        found = np.sum(found, axis=tuple(range(extra)))
        shape = shape[extra:]
    start = len(wanted) - len(shape)
    axes = tuple(axis for axis, size in enumerate(shape) if size != 1 and wanted[start + axis] == 1)
    return np.sum(found, axis=axes, keepdims=True) if axes else found


def copied(array):  # type: ignore[no-untyped-def]
    """A copy that lies in memory as the array does."""
    made = array.copy(order="K")
    made.flags.writeable = array.flags.writeable
    return made


def owner(array):  # type: ignore[no-untyped-def]
    """The array that owns the numbers: itself, or the one it is a view of."""
    while type(array.base) is np.ndarray:
        array = array.base
    return array


def refuse_overlap(array):  # type: ignore[no-untyped-def]
    """Refuse an array two places of which are one place of memory."""
    reach = array.itemsize
    strides = zip(map(abs, array.strides), array.shape, strict=True)
    for stride, size in sorted(strides):
        if size > 1 and stride < reach and array.size:
            raise ValueError("an array two places of which are one place of memory has no gradient")
        reach += stride * (size - 1)


def kept_apart(whole, value):  # type: ignore[no-untyped-def]
    """A copy of what is stored in an array, if it is a view of that; else None."""
    shared = type(value) is np.ndarray and np.may_share_memory(whole, value)
    return value.copy() if shared else None


def check_stored(whole, index, value):  # type: ignore[no-untyped-def]
    """Make sure that the store of a view in its own array stored what the view held before.

    NumPy copies number by number where it takes no copy of the whole, and so may read what it has
    just written.
    """
    if value is None:
        return
    part = whole[index]
    extra = max(0, value.ndim - np.ndim(part))  # axes of length one, which are left out
    value = value.reshape(value.shape[extra:]).astype(whole.dtype)
    wanted = np.broadcast_to(value, np.shape(part))
    if np.asarray(part).tobytes() != wanted.tobytes():
        raise ValueError("a view stored in its own array was overwritten on the way: store a copy")


def zeros_for(items):  # type: ignore[no-untyped-def]
    """Zeros for what `numpy.array` makes of items: of its shape, and its type of real numbers."""
    made = np.array(items)
    return np.zeros(made.shape, made.dtype if made.dtype.kind in "fc" else float)


def zeros_for_stack(arrays):  # type: ignore[no-untyped-def]
    """Zeros for what `numpy.stack` makes of arrays."""
    made = np.stack(arrays)
    return np.zeros(made.shape, made.dtype if made.dtype.kind in "fc" else float)


def seen_alike(view, whole, other):  # type: ignore[no-untyped-def]
    """The view of `other` that looks at what `view` looks at in `whole`."""
    if view is whole:
        return other
    if other.strides != whole.strides:
        raise NotImplementedError("a view of memory that does not lie in one piece")
    axes = sorted(range(other.ndim), key=lambda axis: -other.strides[axis])
    memory = other.transpose(axes).reshape(-1)
    start = view.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    found = type(view)(view.shape, view.dtype, memory, start, view.strides)
    found.flags.writeable = other.flags.writeable
    return found


def is_view_of(made, whole):  # type: ignore[no-untyped-def]
    """Whether what was made of an array looks at its memory, and is no copy."""
    return bool(np.may_share_memory(made, whole))


def reshaped_alike(made, whole, other):  # type: ignore[no-untyped-def]
    """The view of `other` in the shape of `made`; zeros if that is no view of `whole`."""
    found = other.reshape(made.shape)
    if not np.may_share_memory(made, whole):
        return np.zeros_like(found)
    if not np.may_share_memory(found, other):
        raise NotImplementedError("a view of memory that does not lie in one piece")
    return found


def refuse_shared(outside, given):  # type: ignore[no-untyped-def]
    """Refuse an argument in which something shares memory with an array from outside."""
    pending, seen = [given], {}
    while pending:
        found = pending.pop()
        if id(found) in seen:
            continue
        seen[id(found)] = found
        if type(found) is np.ndarray:
            if np.may_share_memory(outside, found):
                raise ValueError(
                    "an argument shares memory with an array that the function finds outside"
                )
        elif isinstance(found, dict):
            pending += found.values()
        elif hasattr(found, "append") or isinstance(found, tuple):
            pending += found
        elif type(found).__module__ != "builtins":
            pending += getattr(found, "__dict__", {}).values()
            for cls in type(found).__mro__:
                slots = getattr(cls, "__slots__", ())
                names = (slots,) if isinstance(slots, str) else slots
                pending += [getattr(found, name) for name in names if hasattr(found, name)]


def what_they_hold(objects):  # type: ignore[no-untyped-def]
    """Each of these lists, dicts, arrays and objects once, with a copy of what it holds."""
    found = {}
    for one in objects:
        if isinstance(one, list | dict) or hasattr(one, "shape"):
            found[id(one)] = one, one.copy()
        else:
            found[id(one)] = one, vars(one).copy()
    return list(found.values())


def put_back(state):  # type: ignore[no-untyped-def]
    """Let all hold again what they held."""
    for one, held in state:
        if type(one) is list:
            one[:] = held
        elif hasattr(one, "shape"):
            one[...] = held
        else:
            names = one if isinstance(one, dict) else vars(one)
            names.clear()
            names.update(held)
