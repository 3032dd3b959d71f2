"""`numpy.split` and its kin into as many parts as the run says: a list of views.

Into a number of parts that is known while compiling, the front end writes the slices themselves.
"""

from __future__ import annotations

from typing import Any

__all__ = ["almost_even_parts", "even_parts"]


def even_parts(ary: Any, sections: Any, axis: Any) -> Any:
    if sections < 1 or ary.shape[axis] % sections:
        raise ValueError("array split does not result in an equal division")
    size = ary.shape[axis] // sections
    if axis == 0:
        return [ary[k * size : (k + 1) * size] for k in range(sections)]
    if axis == 1:
        return [ary[:, k * size : (k + 1) * size] for k in range(sections)]
    if axis == 2:
        return [ary[:, :, k * size : (k + 1) * size] for k in range(sections)]
    return [ary[:, :, :, k * size : (k + 1) * size] for k in range(sections)]


def almost_even_parts(ary: Any, sections: Any, axis: Any) -> Any:
    """The first ones are longer by one."""
    if sections < 1:
        raise ValueError("number sections must be larger than 0.")
    size, more = ary.shape[axis] // sections, ary.shape[axis] % sections
    ends = [k * size + min(k, more) for k in range(sections + 1)]
    if axis == 0:
        return [ary[ends[k] : ends[k + 1]] for k in range(sections)]
    if axis == 1:
        return [ary[:, ends[k] : ends[k + 1]] for k in range(sections)]
    if axis == 2:
        return [ary[:, :, ends[k] : ends[k + 1]] for k in range(sections)]
    return [ary[:, :, :, ends[k] : ends[k + 1]] for k in range(sections)]
