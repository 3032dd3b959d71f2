"""What the reverse of programs with arrays calls while it runs, beside functions of NumPy.

NumPy is imported where it is used, so that programs without arrays do without it.
"""

from __future__ import annotations

import importlib
from collections import deque
from typing import Any

from sourcediff.frontend.reflect import attributes_in
from sourcediff.numbers_held import is_array_class, owner_of, same_view

__all__ = [
    "check_stored",
    "copied",
    "is_array",
    "kept_apart",
    "owner",
    "refuse_overlap",
    "refuse_shared",
    "seen_alike",
    "sum_to",
]


def numpy() -> Any:
    """The module."""
    return importlib.import_module("numpy")


def is_array(found: Any) -> bool:
    """Whether this is an array, and not a number."""
    return is_array_class(type(found))


def sum_to(found: Any, like: Any) -> Any:
    """What was broadcast, summed back: along each axis that `like` lacks or has once.

    The result can be added in place to an array of the shape of `like`.
    """
    np = numpy()
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


def copied(array: Any) -> Any:
    """A copy that lies in memory as the array does."""
    made = array.copy(order="K")
    made.flags.writeable = array.flags.writeable
    return made


def owner(array: Any) -> Any:
    """The array that owns the numbers: itself, or the one it is a view of."""
    return owner_of(array)


def refuse_overlap(array: Any) -> None:
    """Refuse an array two places of which are one place of memory.

    Raises:
        ValueError: it is one.
    """
    reach = array.itemsize
    strides = zip(map(abs, array.strides), array.shape, strict=True)
    for stride, size in sorted(strides):
        if size > 1 and stride < reach and array.size:
            raise ValueError("an array two places of which are one place of memory has no gradient")
        reach += stride * (size - 1)


def kept_apart(whole: Any, value: Any) -> Any:
    """A copy of what is stored in an array, if it is a view of that; else None."""
    shared = is_array(value) and numpy().may_share_memory(whole, value)
    return value.copy() if shared else None


def check_stored(whole: Any, index: Any, value: Any) -> None:
    """Make sure that the store of a view in its own array stored what the view held before.

    NumPy copies number by number where it takes no copy of the whole, and so may read what it has
    just written.

    Raises:
        ValueError: it did not.
    """
    if value is None:
        return
    np = numpy()
    part = whole[index]
    extra = max(0, value.ndim - np.ndim(part))  # axes of length one, which are left out
    value = value.reshape(value.shape[extra:]).astype(whole.dtype)
    wanted = np.broadcast_to(value, np.shape(part))
    if np.asarray(part).tobytes() != wanted.tobytes():
        raise ValueError("a view stored in its own array was overwritten on the way: store a copy")


def seen_alike(view: Any, whole: Any, other: Any) -> Any:
    """The view of `other` that looks at what `view` looks at in `whole`."""
    if view is whole:
        return other
    found = same_view(view, whole, other)
    found.flags.writeable = other.flags.writeable
    return found


def refuse_shared(outside: Any, given: Any) -> None:
    """Refuse an argument in which something shares memory with an array from outside.

    Raises:
        ValueError: it does.
    """
    np = numpy()
    pending, seen = [given], {}
    while pending:
        found = pending.pop()
        if id(found) in seen:
            continue
        seen[id(found)] = found
        if is_array(found):
            if np.may_share_memory(outside, found):
                raise ValueError(
                    "an argument shares memory with an array that the function finds outside"
                )
        elif isinstance(found, dict):
            pending += found.values()
        elif isinstance(found, list | tuple | deque):
            pending += found
        elif type(found).__module__ != "builtins":
            pending += attributes_in(found).values()
