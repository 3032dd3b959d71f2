"""Holds a compiled gradient at a point against two that are found in other ways.

Beside the compiler, for ``sourcediff check``: the tape records the user's function as it runs
and is exact like the compiled gradient; central differences only call the function, know
nothing of derivatives, and are as good as their own estimate of error says.

>>> def slope(x):
...     return 3 * x * x
>>> report = check_at(lambda x: x**3, slope, [2.0], [0])
>>> [(row.argument, row.compiled, row.tape, row.verdict) for row in report.rows]
[('x', 12.0, 12.0, 'ok')]
>>> check_at(lambda x: x**3, lambda x: -slope(x), [2.0], [0]).verdict
'DIFFERS'
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any

from sourcediff import tape

__all__ = ["ATOL", "DIFFERS", "OK", "RTOL", "UNCHECKED", "NoValue", "Report", "check_at"]

OK, DIFFERS, UNCHECKED = "ok", "DIFFERS", "unchecked"

# Two exact methods differ by rounding only, but add and factor in different orders.
RTOL = 1e-9
ATOL = 0.0
# Where a derivative is the difference of large terms that cancel, it is as exact as these;
# the change of the value per relative change of the argument tells how large they may be.
SCALE_RTOL = 1e-12
# What differences are trusted to at best, and how far beyond their own estimate of error.
DIFFERENCE_RTOL = 1e-6
SAFETY = 10.0
# With more error than this share of the derivative, or than this multiple of what cancellation
# explains, differences confirm nothing.
USEFUL, USEFUL_MULTIPLE = 1e-3, 1e3

# Distances relative to the argument.  The ratio is no whole number, so that they are not all
# multiples of the period of a periodic function.
FIRST_STEP = 0.02
RATIO = 1.7
STEPS = 16

Slot = int | str
Number = float | Exception


class NoValue(Exception):
    """The function itself raises at the point, so that there is nothing to compare."""


@dataclass(frozen=True)
class Estimate:
    """A derivative from differences and a bound on its error, from truncation and rounding."""

    value: float
    error: float


def difference(function: Callable[[float], float], x: float) -> Estimate | None:
    """Estimates a derivative by central differences that are extrapolated to distance zero.

    Neville's table over shrinking distances, of which the entry that agrees best with its
    neighbours is taken (Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in
    Engineering Software 4, 1982).  At a kink the differences from the right and from the left
    do not meet; then the error covers both.

    Args:
        function: gives NaN where it has no value.
        x: where to differentiate.

    Returns:
        The estimate, or None if the function has no values to both sides of x.

    >>> estimate = difference(math.exp, 1.0)
    >>> abs(estimate.value - math.e) <= estimate.error < 1e-10
    True
    >>> difference(abs, 0.0)
    Estimate(value=0.0, error=2.0...)
    """
    best: Estimate | None = None
    above: list[float] = []
    gaps: list[float] = []
    rounding = 0.0
    here = function(x)
    for count in range(STEPS):
        h = FIRST_STEP / RATIO**count * (abs(x) or 1.0)
        up, down = x + h, x - h
        right, left = function(up), function(down)
        if not all(map(math.isfinite, (here, right, left))) or not down < x < up:
            above = []
            continue
        rounding = 4 * math.ulp(max(map(abs, (here, right, left)))) / h
        gaps.append(abs((right - here) / (up - x) - (here - left) / (x - down)))
        row = [(right - left) / (up - down)]
        for column, previous in enumerate(above):
            gain = (row[column] - previous) / (RATIO ** (2 * column + 2) - 1)
            row.append(row[column] + gain)
            spread = max(abs(row[-1] - row[-2]), abs(row[-1] - previous))
            if best is None or spread + rounding < best.error:
                best = Estimate(row[-1], spread + rounding)
        above = row
    if best is None or len(above) < 2:
        return None
    finest = Estimate(above[1], abs(above[1] - above[0]) + rounding)
    if abs(best.value - finest.value) > best.error + finest.error:
        best = finest  # at larger distances they agreed by chance
    if gaps[-1] > 0.1 * gaps[0] + 10 * rounding:
        return Estimate(best.value, best.error + gaps[-1])
    return best


@dataclass(frozen=True)
class Row:
    """One derivative in three ways: a number, the exception that it ended in, or None.

    ``deviation`` is relative, and leaves out what the differences' own error accounts for.
    """

    argument: str
    compiled: Number
    tape: Number
    differences: Estimate | None
    deviation: float | None
    verdict: str


@dataclass(frozen=True)
class Report:
    """What was found at one point; prints as an aligned table."""

    call: str
    value: float
    rows: tuple[Row, ...]

    @property
    def verdict(self) -> str:
        """The worst of all rows."""
        verdicts = {row.verdict for row in self.rows}
        return next((word for word in (DIFFERS, UNCHECKED) if word in verdicts), OK)

    def __str__(self) -> str:
        heads = ("argument", "compiled", "tape", "differences", "deviation", "")
        table = [heads, *map(_cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [f"{self.call} = {self.value!r}"]
        for cells in table:
            padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            lines.append(("  " + "  ".join(padded)).rstrip())
        # What failed is only named in the table; its message stands below, once.
        ways = [way for r in self.rows for way in (("compiled", r.compiled), ("tape", r.tape))]
        failed = {f"  {way}: {_named(e)}: {e}" for way, e in ways if isinstance(e, Exception)}
        return "\n".join([*lines, *sorted(failed)])


def _cells(row: Row) -> tuple[str, str, str, str, str, str]:
    estimate = row.differences
    return (
        row.argument,
        _named(row.compiled),
        _named(row.tape),
        "none" if estimate is None else f"{estimate.value:.10g} ± {estimate.error:.0e}",
        "" if row.deviation is None else f"{row.deviation:.1e}" if row.deviation else "0",
        row.verdict,
    )


def _named(number: Number) -> str:
    return type(number).__name__ if isinstance(number, Exception) else f"{number:.12g}"


def check_at(
    primal: Callable[..., Any],
    gradient: Callable[..., Any],
    values: Sequence[Any],
    argnums: Sequence[Slot],
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> Report:
    """Compares a gradient with the tape's and with differences, at one point.

    Args:
        primal: the function that was differentiated.
        gradient: returns a derivative, or a tuple of one for each of `argnums` if there are
            several.
        values: the positional arguments of both; the rest keeps its defaults.
        argnums: positions or names of what was differentiated.
        rtol, atol: what relative and absolute deviation is taken for rounding.

    Raises:
        NoValue: `primal` raises at this point.
        SyntaxError: `gradient` is refused by the compiler.

    Returns:
        The report, with a row for each number among the arguments differentiated.
    """
    bound = inspect.signature(primal).bind(*values)
    call = f"{getattr(primal, '__name__', 'function')}({', '.join(map(repr, bound.args))})"
    bound.apply_defaults()
    args, kwargs = bound.args, bound.kwargs
    labels, slots = zip(*(_slot(bound, argnum) for argnum in argnums), strict=True)
    function = _of_slots(primal, bound, slots)
    chosen: Any = tuple(args[slot] if isinstance(slot, int) else kwargs[slot] for slot in slots)

    compiled = _attempt(lambda: gradient(*copy.deepcopy(values)))
    value = _attempt(lambda: float(function(*copy.deepcopy(chosen))))
    if isinstance(value, Exception):
        raise NoValue(f"{call} raises {type(value).__name__}: {value}")
    if len(slots) == 1 and not isinstance(compiled, Exception):
        compiled = (compiled,)
    everything = tuple(range(len(slots)))
    recorded = _attempt(lambda: tape.gradient(function, *chosen, argnums=everything))

    rows = []
    for place, label in enumerate(labels):
        for name, path in _leaves(label, chosen[place], (place,)):
            x = float(reduce(getitem, path, chosen))

            def along(leaf: float, path: tuple[Any, ...] = path) -> float:
                moved = _attempt(
                    lambda: float(function(*_moved(copy.deepcopy(chosen), path, leaf)))
                )
                return math.nan if isinstance(moved, Exception) else float(moved)

            ways = _number(compiled, path), _number(recorded, path), difference(along, x)
            scale = abs(value / (abs(x) or 1.0))
            slack = atol + (SCALE_RTOL * scale if math.isfinite(scale) else 0.0)
            rows.append(Row(name, *ways, *_judged(*ways, rtol, slack)))
    return Report(call, value, tuple(rows))


def _judged(
    compiled: Number, recorded: Number, estimate: Estimate | None, rtol: float, slack: float
) -> tuple[float | None, str]:
    """The relative deviation of the compiled derivative, and the verdict."""
    if isinstance(compiled, Exception):
        # Right only where the derivative does not exist for the tape either.
        if all(isinstance(way, ArithmeticError | ValueError) for way in (compiled, recorded)):
            return None, OK
        return None, UNCHECKED if isinstance(recorded, Exception) else DIFFERS
    found: list[tuple[float, bool]] = []  # deviation, and whether that is agreement
    if not isinstance(recorded, Exception):
        found.append(_deviation(compiled, recorded, 0.0, rtol, slack))
    confirmed = any(agrees for _, agrees in found)
    # Differences of 0 may mean that rounding inside of the function hides all change.
    if estimate is not None and (estimate.value or not confirmed):
        least = max(rtol, DIFFERENCE_RTOL)
        judged = _deviation(compiled, estimate.value, SAFETY * estimate.error, least, slack)
        is_finite = math.isfinite(compiled)
        size = max(abs(estimate.value), abs(compiled) if is_finite else 0.0)
        if estimate.error <= USEFUL * size + USEFUL_MULTIPLE * slack or (
            is_finite and not judged[1]
        ):
            found.append(judged)
    if not found:
        return None, UNCHECKED
    return max(d for d, _ in found), OK if all(agrees for _, agrees in found) else DIFFERS


def _deviation(
    compiled: float, other: float, known_error: float, rtol: float, slack: float
) -> tuple[float, bool]:
    """How far two derivatives are apart beyond a known error, relatively, and if that is fine."""
    if compiled == other or (math.isnan(compiled) and math.isnan(other)):
        return 0.0, True
    distance = abs(compiled - other)
    size = max(abs(compiled), abs(other))
    excess = max(0.0, distance - known_error)
    is_finite = math.isfinite(distance)
    return (excess / size, excess <= rtol * size + slack) if is_finite else (math.inf, False)


# Arguments and the numbers in them. --------------------------------------------------------


def _slot(bound: inspect.BoundArguments, argnum: Slot) -> tuple[str, Slot]:
    """What an argument is called, and its place: a position, or a name if keyword-only."""
    parameters = bound.signature.parameters.values()
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if isinstance(argnum, str):
        return argnum, names.index(argnum) if argnum in names else argnum
    place = argnum + len(names) if argnum < 0 else argnum
    if place < len(names):
        return names[place], place
    if place >= len(bound.args):
        raise TypeError(f"there is no argument at position {place}")
    star = next(p.name for p in parameters if p.kind is p.VAR_POSITIONAL)
    return f"{star}[{place - len(names)}]", place


def _of_slots(
    primal: Callable[..., Any], bound: inspect.BoundArguments, slots: Sequence[Slot]
) -> Callable[..., Any]:
    """The function of the arguments that are differentiated alone; all others stay."""
    args = tuple(None if place in slots else arg for place, arg in enumerate(bound.args))
    kwargs = {name: arg for name, arg in bound.kwargs.items() if name not in slots}

    def function(*chosen: Any) -> Any:
        positional, named = list(copy.deepcopy(args)), copy.deepcopy(kwargs)
        for slot, value in zip(slots, chosen, strict=True):
            if isinstance(slot, int):
                positional[slot] = value
            else:
                named[slot] = value
        return primal(*positional, **named)

    return function


def _leaves(name: str, value: Any, path: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The numbers in nested tuples, lists, dicts and arrays: what each is called, and the way."""
    if isinstance(value, dict):
        places: Iterable[Any] = value
    elif isinstance(value, tuple | list) or (hasattr(value, "ndim") and value.ndim):
        places = range(len(value))
    else:
        if not isinstance(value, str | None):
            yield name, path
        return
    for place in places:
        yield from _leaves(f"{name}[{place!r}]", value[place], (*path, place))


def _moved(structure: Any, path: tuple[Any, ...], leaf: float) -> Any:
    """The structure with another number in one place."""
    if not path:
        return leaf
    place = path[0]
    item = _moved(structure[place], path[1:], leaf)
    if isinstance(structure, tuple):
        return (*structure[:place], item, *structure[place + 1 :])
    made = structure.copy()
    made[place] = item
    return made


def _number(derivatives: Any, path: tuple[Any, ...]) -> Number:
    if isinstance(derivatives, Exception):
        return derivatives
    found = reduce(getitem, path, derivatives)
    return TypeError("no derivative in a bool") if found is None else float(found)


def _attempt(call: Callable[[], Any]) -> Any:
    """What the call gives, or raises if that is no refusal; what it prints is dropped."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return call()
    except SyntaxError:
        raise
    except Exception as error:
        return error
