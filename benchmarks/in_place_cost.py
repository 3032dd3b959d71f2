"""What gradients of code that changes lists and objects in place cost, against those by hand.

    python benchmarks/in_place_cost.py

For each function of `in_place_kernels.py`: the time of the gradient by hand and of the generated
one in microseconds of processor time, their ratio, and the bytes that each holds in lists besides
its arguments and its result. Functions whose work is that on each element, times their number, are
measured on lists four times as long too: the time and the bytes for an element, against those on
the shorter lists, tell whether to read or write one costs the same however long the list is, and
whether what a write keeps is one element.

Times are of repeats that take turns (see `loop_cost.py`). The exit status tells whether the bar is
met.
"""

from __future__ import annotations

import inspect
import math
import statistics
import sys
from collections.abc import Callable
from typing import Any

from in_place_gradients import CASES, Case
from loop_cost import bytes_kept, interleaved

from sourcediff import grad

#: What is asked for: the median of the ratios, and that of the gallery's function.
MEDIAN, GALLERY = 1.2, 1.3
#: How much an element of a list four times as long may cost more.
GROWTH = 1.3


def flat(found: Any) -> list[float]:
    """The numbers of a structure."""
    if isinstance(found, list | tuple):
        return [number for item in found for number in flat(item)]
    return flat(list(vars(found).values())) if hasattr(found, "__dict__") else [found]


def checked(case: Case) -> Callable[..., Any]:
    """The generated code of a gradient, which agrees with what is written by hand.

    Raises:
        AssertionError: it does not, or changes what it is given.
    """
    before = flat(case.args)
    derivative = grad(case.primal, argnums=case.argnums)
    got, want = flat(derivative(*case.args)), flat(case.hand(*case.args))
    close = [
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in zip(got, want, strict=True)
    ]
    assert all(close), (case.primal.__name__, got, want)
    assert flat(case.args) == before, case.primal.__name__
    body: Callable[..., Any] = inspect.unwrap(derivative)
    return body


def growth(case: Case, body: Callable[..., Any], time: float, kept: float) -> list[float]:
    """How much more time and bytes an element of longer lists takes."""
    assert case.longer is not None
    rows = interleaved([body], case.longer)
    longer = statistics.median(row[0] for row in rows)
    return [longer / time / 4, bytes_kept(body, case.longer) / kept / 4]


def main() -> int:
    """Print the table; the exit status says whether the bar is met."""
    print(f"{'':17}{'hand':>8}{'ours':>8}   ours / hand   bytes: ours, hand", end="")
    print("   an element of four times as many: time, bytes")
    ratios: dict[str, float] = {}
    grown: list[float] = []
    for case in CASES:
        name, body = case.primal.__name__, checked(case)
        rows = interleaved([case.hand, body], case.args)
        hand, ours = (statistics.median(column) for column in zip(*rows, strict=True))
        ratios[name] = statistics.median(row[1] / row[0] for row in rows)
        kept = [bytes_kept(f, case.args) for f in (body, case.hand)]
        print(f"{name:17}{hand:8.1f}{ours:8.1f}{ratios[name]:14.2f}{kept[0]:14}{kept[1]:8}", end="")
        if case.longer is not None:
            more = growth(case, body, ours, kept[0])
            grown += more
            print(f"{more[0]:38.2f}{more[1]:7.2f}", end="")
        print()
    median, gallery, most = statistics.median(ratios.values()), ratios["heat"], max(grown)
    met = median <= MEDIAN and gallery <= GALLERY and most <= GROWTH
    print(
        f"ours / hand: median {median:.2f} (at most {MEDIAN}), the gallery's {gallery:.2f}"
        f" (at most {GALLERY}); an element: {most:.2f} (at most {GROWTH}):"
        f" {'met' if met else 'NOT MET'}"
    )
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
