"""Central differences that say how far they can be trusted, and when they cannot.

A difference across a kink or a jump looks like any other number.  It is found out here by
asking at several distances: a smooth function gives one answer at all of them, up to an error
that shrinks in the known way.  Where the answers disagree there is no estimate, and the caller
counts the check as not made.
"""

import contextlib
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

# Relative to the argument.  The two do not divide each other, so that a kink that happens to
# cancel in one extrapolation does not cancel in the other.
STEPS = (1e-3, 0.37e-3)
EPSILON = 2.0**-52
# An estimate decides nothing if its own error is larger than this share of it and also larger
# than this share of the value's change per relative change of the argument.
USEFUL = 1e-3
USEFUL_OF_SCALE = 1e-6
# A step that changes a smooth function by about a thousand units in the last place.
TINY = 2.0**-42


@dataclass(frozen=True)
class Estimate:
    """A derivative and a bound on its error, from truncation and from rounding."""

    value: float
    error: float

    def is_useful(self, scale: float) -> bool:
        return self.error <= USEFUL * abs(self.value) + USEFUL_OF_SCALE * scale


def difference(function: Callable[..., Any], args: tuple[Any, ...], argnum: int) -> Estimate | None:
    """Returns the derivative in one argument, or None where the differences do not settle it.

    >>> difference(lambda x: x**3, (2.0,), 0).value
    12.0000000...
    >>> difference(abs, (0.0,), 0) is None
    True
    >>> difference(round, (2.5001,), 0) is None
    True
    """
    estimates = [_richardson(function, args, argnum, step) for step in STEPS]
    first, second = estimates
    if first is None or second is None:
        return None
    error = first.error + second.error
    if abs(first.value - second.value) > error:
        return None
    best = min(first, second, key=lambda estimate: estimate.error)
    estimate = Estimate(best.value, error)
    scale = abs(_value(function, args, argnum, args[argnum])) / (abs(args[argnum]) or 1.0)
    if not estimate.is_useful(scale) or _is_staircase(function, args, argnum, best.value):
        return None
    return estimate


def _is_staircase(
    function: Callable[..., Any], args: tuple[Any, ...], argnum: int, slope: float
) -> bool:
    """Returns whether the function is constant here though the differences have a slope.

    Over steps that jump many times the floor of a large number looks as smooth as the number.
    """
    x = args[argnum]
    tiny = TINY * (abs(x) or 1.0)
    here = _value(function, args, argnum, x)
    beside = [_value(function, args, argnum, x + d) for d in (-tiny, tiny)]
    return beside == [here, here] and abs(slope * tiny) > 64 * EPSILON * abs(here)


def _richardson(
    function: Callable[..., Any], args: tuple[Any, ...], argnum: int, step: float
) -> Estimate | None:
    x = args[argnum]
    h = step * (abs(x) if x else 1.0)
    distances = (h, h / 2, h / 4)
    here = _value(function, args, argnum, x)
    right = [_value(function, args, argnum, x + d) for d in distances]
    left = [_value(function, args, argnum, x - d) for d in distances]
    if not all(map(math.isfinite, (here, *right, *left))):
        return None
    scale = max(map(abs, (here, *right, *left)))
    rounding = 8 * EPSILON * scale / distances[-1]

    # The one-sided slopes of a smooth function differ by h f'' + O(h ** 3); what they differ by
    # at distance 0 is a kink, and the central difference is its mean.
    sides = list(zip(right, left, distances, strict=True))
    gaps = [((r - here) - (here - l)) / d for r, l, d in sides]
    kink = (gaps[0] - 10 * gaps[1] + 16 * gaps[2]) / 7

    central = [(r - l) / (2 * d) for r, l, d in sides]
    rough = (4 * central[1] - central[0]) / 3
    fine = (4 * central[2] - central[1]) / 3
    return Estimate(fine, abs(fine - rough) + abs(kink) / 2 + rounding)


def _value(function: Callable[..., Any], args: tuple[Any, ...], argnum: int, x: float) -> float:
    """Evaluates in silence; a point where the function raises is as undecided as a NaN."""
    moved = (*args[:argnum], x, *args[argnum + 1 :])
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            return float(function(*moved))
        except Exception:
            return math.nan


def item_differences(
    function: Callable[[list[float]], float], xs: Sequence[float], step: float = 1e-6
) -> list[float]:
    """Central differences with respect to each item of a list."""
    found = []
    for place in range(len(xs)):
        ends = [[*xs], [*xs]]
        ends[0][place] += step
        ends[1][place] -= step
        found.append((function(ends[0]) - function(ends[1])) / (2 * step))
    return found
