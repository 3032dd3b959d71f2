"""What `checkpoint` saves in memory, and what it costs in time.

    python benchmarks/checkpoint_cost.py [TURNS]

For each function, with its loop as it is and marked with `checkpoint`: the most memory that is
allocated at a time while the gradient runs, in kilobytes, and the time of the gradient, in seconds
of processor time. The exit status tells whether the bar is met: the loop as it is takes more than a
hundred times the memory of the marked one, which takes at most twice the time.
"""

from __future__ import annotations

import inspect
import math
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from sourcediff import checkpoint, grad

TURNS = 1_000_000
REPEATS = 3
#: What is asked for: how many times more memory the loop as it is takes, and the marked one time.
MEMORY, TIME = 100.0, 2.0


def orbit(r, x, n):
    for _ in range(n):
        x = r * x * (1 - x)
    return x


def marked_orbit(r, x, n):
    for _ in checkpoint(range(n)):
        x = r * x * (1 - x)
    return x


def swing(angle, damping, n):
    speed = 0.0
    for _ in range(n):
        speed -= 0.001 * (math.sin(angle) + damping * speed)
        angle += 0.001 * speed
    return angle * angle


def marked_swing(angle, damping, n):
    speed = 0.0
    for _ in checkpoint(range(n)):
        speed -= 0.001 * (math.sin(angle) + damping * speed)
        angle += 0.001 * speed
    return angle * angle


CASES = [
    (orbit, marked_orbit, (2.9, 0.3)),
    (swing, marked_swing, (0.7, 0.2)),
]


def body_of(f: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Callable[..., Any], Any]:
    """The generated code of a gradient in both numbers, and what it gives for a few turns."""
    derivative = grad(f, argnums=(0, 1))
    found = derivative(*args, 50)
    return inspect.unwrap(derivative), found


def peak(f: Callable[..., Any], args: tuple[Any, ...]) -> float:
    """The most that is allocated while a function runs, in kilobytes."""
    tracemalloc.start()
    try:
        f(*args)
        return tracemalloc.get_traced_memory()[1] / 1000
    finally:
        tracemalloc.stop()


def seconds(f: Callable[..., Any], args: tuple[Any, ...]) -> float:
    start = time.process_time()
    f(*args)
    return time.process_time() - start


def main(arguments: list[str]) -> int:
    """Print the table; the exit status says whether the bar is met."""
    turns = int(arguments[0]) if arguments else TURNS
    print(f"{turns} turns{'':8}kB as it is   kB marked    ratio   s as it is   s marked   factor")
    met = True
    for plain, marked, args in CASES:
        (one, expected), (other, found) = body_of(plain, args), body_of(marked, args)
        assert all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(found, expected, strict=True))
        pairs = [
            (seconds(one, (*args, turns)), seconds(other, (*args, turns))) for _ in range(REPEATS)
        ]
        times = [statistics.median(column) for column in zip(*pairs, strict=True)]
        factor = statistics.median(b / a for a, b in pairs)
        sizes = [peak(f, (*args, turns)) for f in (one, other)]
        ratio = sizes[0] / sizes[1]
        met = met and ratio > MEMORY and factor <= TIME
        print(
            f"{plain.__name__:16}{sizes[0]:16.0f}{sizes[1]:12.0f}{ratio:9.0f}"
            f"{times[0]:13.2f}{times[1]:11.2f}{factor:9.2f}"
        )
    print(
        f"memory: more than {MEMORY:.0f} times; time: at most {TIME:.1f} times: "
        f"{'met' if met else 'NOT MET'}"
    )
    return int(not met)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
