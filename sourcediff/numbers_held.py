"""What an array of NumPy holds, for the memory of the interpreter.

An array that owns its numbers holds them; a view holds nothing but the array it is a view of, so
that a write through either is seen through both. NumPy is never imported here: who hands over an
array has done so.

>>> is_array_class(list)
False
"""

from __future__ import annotations

from typing import Any

__all__ = ["Numbers", "is_array_class", "owner_of", "same_view"]


class Numbers:
    """The numbers of an array at one time; nobody changes them."""

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array.copy(order="K")

    def give_to(self, array: Any) -> None:
        """Write them into an array of the same shape."""
        if array.flags.writeable:
            array[...] = self.array


def is_array_class(cls: type) -> bool:
    """Whether objects of a class are arrays."""
    return cls.__module__ == "numpy" and cls.__name__ == "ndarray"


def owner_of(array: Any) -> Any:
    """The array whose numbers these are: itself, or the one it is a view of."""
    while is_array_class(type(array.base)):
        array = array.base
    return array


def same_view(view: Any, owner: Any, copy: Any) -> Any:
    """The view of `copy` that looks at what `view` looks at in `owner`."""
    if view is owner:
        found = copy
    else:
        if copy.strides != owner.strides:
            raise NotImplementedError("a view of memory that does not lie in one piece")
        axes = sorted(range(copy.ndim), key=lambda axis: -copy.strides[axis])
        memory = copy.transpose(axes).reshape(-1)
        start = _address(view) - _address(owner)
        found = type(view)(view.shape, view.dtype, memory, start, view.strides)
    found.flags.writeable = view.flags.writeable
    return found


def _address(array: Any) -> int:
    found: int = array.__array_interface__["data"][0]
    return found
