"""A marker: compute again rather than keep.

The gradient of a loop keeps something of each turn. Where there are too many turns for that, the
loop is marked: its turns go in segments, of which the gradient keeps the start; it computes the
turns of a segment again when it gets to them (Griewank and Walther, *Evaluating Derivatives*,
2nd ed., chapter 12). With √n segments of √n turns, n turns cost the memory of 2 √n and the time of
one more pass through the loop.

>>> for i in checkpoint(range(3)):
...     print(i)
0
1
2
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

__all__ = ["SEGMENTS", "checkpoint"]

#: The attribute of a function that says in how many segments its loops go.
SEGMENTS = "__checkpoint__"

T = TypeVar("T")


@overload
def checkpoint(what: T, segments: int | None = None) -> T: ...
@overload
def checkpoint(what: None = None, segments: int | None = None) -> Callable[[T], T]: ...
def checkpoint(what: Any = None, segments: int | None = None) -> Any:
    """Mark a loop, or the loops of a function, as one whose turns are computed again.

    Usable as ``for i in checkpoint(range(n)):``, and as the decorators ``@checkpoint`` and
    ``@checkpoint(segments=…)`` of a function. It changes nothing but what derivatives keep.

    Args:
        what: a range or a list that a loop goes through, or a function. Of a function, all ``for``
            loops are meant that are in no other loop of it; where it is called in a loop, what a
            call computes is computed again, and its own loops go in segments only if it is said
            how many.
        segments: how many segments there are, at most; the square root of the number of turns if
            left out.

    Returns:
        `what`, as it is.

    Raises:
        ValueError: `segments` is no positive number.
    """
    if segments is not None and (
        not isinstance(segments, int) or isinstance(segments, bool) or segments < 1
    ):
        raise ValueError(f"segments must be a positive whole number, not {segments!r}")
    if what is None:
        return lambda function: checkpoint(function, segments)
    if callable(what):
        setattr(what, SEGMENTS, (segments,))
    return what
