"""What gradients of loops cost, against gradients written by hand and the tape, in one run.

    python benchmarks/loop_cost.py

For each function of `loop_gradients.py`: the time of the primal, of the gradient by hand and of the
generated one in microseconds of processor time, their ratios, how many times slower the reference
tape is than the generated gradient, and the bytes that both gradients keep for a turn of the loop.

Times are of repeats that take turns, so that what slows the machine slows all alike; a ratio is the
median of the ratios of the repeats. Bytes are counted while the gradient runs, line by line: what
the lists hold that are local to it, and are neither arguments nor results, when they hold most. The
exit status tells whether the bar is met.
"""

from __future__ import annotations

import ast
import inspect
import math
import statistics
import sys
import textwrap
import time
import timeit
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from loop_gradients import CASES, Case

from sourcediff import grad, tape

REPEATS = 15
#: Seconds that one repeat of one function takes.
BUDGET = 0.02
#: What is asked for: the median and the worst ratio to what is written by hand, and to the tape.
MEDIAN, WORST, TAPE = 1.15, 1.4, 15.0


# Time ---------------------------------------------------------------------------------------


def timer(f: Callable[..., Any], args: tuple[Any, ...]) -> timeit.Timer:
    """A timer of calls with these arguments, in processor time."""
    names = ", ".join(f"a{k}" for k in range(len(args)))
    values = {f"a{k}": value for k, value in enumerate(args)}
    return timeit.Timer(f"f({names})", timer=time.process_time, globals={"f": f, **values})


def interleaved(functions: list[Callable[..., Any]], args: tuple[Any, ...]) -> list[list[float]]:
    """Microseconds of one call for each function, repeat by repeat."""
    timers = [timer(f, args) for f in functions]
    numbers = []
    for t in timers:
        number, seconds = t.autorange(lambda *_: None)
        numbers.append(max(1, round(number * BUDGET / seconds)))
    return [
        [1e6 * t.timeit(number) / number for t, number in zip(timers, numbers, strict=True)]
        for _ in range(REPEATS)
    ]


# Memory -------------------------------------------------------------------------------------


def traced(
    f: Callable[..., Any], args: tuple[Any, ...], at_line: Callable[[FrameType], None]
) -> Any:
    """The result of a call, every line of which in the function itself is reported before it."""
    code: CodeType = f.__code__

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code is not code:
            return None
        if event in ("line", "return"):
            at_line(frame)
        return trace

    sys.settrace(trace)
    try:
        return f(*args)
    finally:
        sys.settrace(None)


def turns(f: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """How often the body of the innermost loop of a function runs."""
    text = textwrap.dedent(inspect.getsource(f))
    first = f.__code__.co_firstlineno - 1
    bodies = {
        node.body[0].lineno + first
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.For | ast.While)
    }
    counts: Counter[int] = Counter()
    traced(f, args, lambda frame: counts.update([frame.f_lineno]))
    return max(counts[line] for line in bodies)


def bytes_held(items: list[Any], seen: set[int]) -> int:
    """What a list takes: its places, and what stands in them, each object once."""
    total = 8 * len(items)
    for item in items:
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, tuple | list):
            total += sys.getsizeof(()) + bytes_held(list(item), seen)
        else:
            total += sys.getsizeof(item)
    return total


def bytes_kept(f: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """The most that lists of a gradient hold at a time, besides its arguments and its result."""
    lists_of: list[list[list[Any]]] = []
    sizes: list[dict[int, int]] = []
    given = {id(a) for a in args}

    def at_line(frame: FrameType) -> None:
        found = [v for v in frame.f_locals.values() if isinstance(v, list) and id(v) not in given]
        lists_of.append(found)
        sizes.append({id(v): bytes_held(v, set()) for v in found})

    result = traced(f, args, at_line)
    returned = {id(part) for part in result}
    return max(sum(size for k, size in row.items() if k not in returned) for row in sizes)


# The table ----------------------------------------------------------------------------------


def flat(found: Any) -> list[float]:
    """The numbers of a structure."""
    if isinstance(found, list | tuple):
        return [number for item in found for number in flat(item)]
    return [found]


def checked(case: Case) -> Callable[..., Any]:
    """The generated code of a gradient, which agrees with what is written by hand.

    Raises:
        AssertionError: it does not.
    """
    derivative = grad(case.primal, argnums=case.argnums)
    got, want = flat(derivative(*case.args)), flat(case.hand(*case.args))
    close = [math.isclose(a, b, rel_tol=1e-9) for a, b in zip(got, want, strict=True)]
    assert all(close), (case.primal.__name__, got, want)
    body: Callable[..., Any] = inspect.unwrap(derivative)
    return body


def by_tape(case: Case) -> Callable[..., Any]:
    """The gradient by the tape."""
    return lambda *args: tape.gradient(case.primal, *args, argnums=case.argnums)


def main() -> int:
    """Print the table; the exit status says whether the bar is met."""
    print(f"{'':20}{'primal':>8}{'hand':>8}{'ours':>8}   ours / hand   ours / primal", end="")
    print("   tape / ours   bytes a turn: ours, hand")
    to_hand, to_tape, same = [], [], True
    for case in CASES:
        body = checked(case)
        rows = interleaved([case.primal, case.hand, body, by_tape(case)], case.args)
        primal, hand, ours, _ = (statistics.median(column) for column in zip(*rows, strict=True))
        to_hand.append(statistics.median(row[2] / row[1] for row in rows))
        to_primal = statistics.median(row[2] / row[0] for row in rows)
        to_tape.append(statistics.median(row[3] / row[2] for row in rows))
        count = turns(case.primal, case.args)
        kept = [bytes_kept(f, case.args) / count for f in (body, case.hand)]
        same = same and kept[0] <= kept[1]
        print(
            f"{case.primal.__name__:20}{primal:8.1f}{hand:8.1f}{ours:8.1f}"
            f"{to_hand[-1]:14.2f}{to_primal:16.2f}{to_tape[-1]:14.0f}"
            f"{kept[0]:19.1f}{kept[1]:8.1f}"
        )
    median, worst, least = statistics.median(to_hand), max(to_hand), min(to_tape)
    met = median <= MEDIAN and worst <= WORST and least >= TAPE and same
    print(
        f"ours / hand: median {median:.2f} (at most {MEDIAN}), worst {worst:.2f} (at most {WORST});"
        f" tape / ours: at least {least:.0f} (at least {TAPE:.0f});"
        f" bytes {'as' if same else 'more than'} by hand: {'met' if met else 'NOT MET'}"
    )
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
