"""Lengths that a Fourier transform is told, where they are those that it would have anyway.

``np.fft.irfft(np.fft.rfft(x), len(x))`` cuts off nothing and pads nothing, and neither does its
adjoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import Given
from sourcediff.ir import Const, Value

if TYPE_CHECKING:
    from sourcediff.transform.arrays.shapes import Shapes

__all__ = ["without_idle_length"]


def without_idle_length(name: str, given: Mapping[str, Given], shapes: Shapes) -> dict[str, Given]:
    """The arguments of a function of NumPy, without an `n` that is the length of what is there."""
    from sourcediff.transform.arrays.shapes import constant_of, half

    found = dict(given)
    whole = given.get("a")
    if not name.startswith("fft.") or "n" not in given or not isinstance(whole, Value):
        return found
    axis = constant_of(given.get("axis", Const(-1, types.INT)), shapes.definitions)
    if isinstance(axis, int):
        length = shapes.length(given["n"])
        if shapes.of(whole)[axis] == (half(length) if name == "fft.irfft" else length):
            del found["n"]
    return found
