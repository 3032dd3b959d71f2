"""What it costs to read a function into the IR and to write it again.

    python benchmarks/primal_cost.py

prints milliseconds by stage, the best of several runs, for functions of 30 to 10,000 statements:
loops, branches, and writes to a list.
"""

from __future__ import annotations

import gc
import linecache
import time
from itertools import pairwise
from types import FunctionType
from typing import Any

from sourcediff.backend.generate import generate_primal
from sourcediff.frontend.source import source_of
from sourcediff.primal import lower_for

SIZES = (30, 100, 1000, 4000, 10_000)


def program(statements: int) -> str:
    """The text of a function `f(x, xs)` of about that many statements."""
    lines = ["def f(x, xs):", "    s = 0.0"]
    k = 0
    while len(lines) < statements:
        k += 1
        match k % 5:
            case 0:
                lines += ["    for v in xs:", f"        s += v * x - {k}.0"]
                lines += ["        if s > 10.0:", "            s -= 10.0"]
            case 1:
                lines.append(f"    y{k % 7} = s * x + {k}.5")
            case 2:
                lines.append(f"    xs[{k % 3}] = xs[{(k + 1) % 3}] + x * 0.5")
            case 3:
                lines += ["    if x > s:", f"        s = x - {k}.25"]
                lines += ["    else:", "        s += x"]
            case _:
                lines.append(f"    s = s * 0.5 + xs[{k % 3}] / (1.0 + x * x)")
    return "\n".join([*lines, "    return s", ""])


def function_of(text: str, number: int) -> FunctionType:
    """The function of a text, which `inspect` and the compiler can find."""
    filename = f"<benchmark {number}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    namespace: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), namespace)
    found: FunctionType = namespace["f"]
    return found


def measured(statements: int, number: int) -> tuple[float, float, float]:
    """Milliseconds to find the source, to lower and to write one function."""
    function = function_of(program(statements), number)
    gc.collect()
    times = [time.process_time()]
    source_of(function)
    times.append(time.process_time())
    lowered = lower_for(function, (1.0, [1.0, 2.0, 3.0]))
    times.append(time.process_time())
    assert generate_primal(lowered).source
    times.append(time.process_time())
    found, lower, emit = (1e3 * (b - a) for a, b in pairwise(times))
    return found, lower, emit


def main() -> None:
    """Print the table."""
    print("statements   source    lower    write   lower + write   a statement")
    number = 0
    for statements in SIZES:
        runs = []
        for _ in range(7 if statements <= 100 else 1):
            number += 1
            runs.append(measured(statements, number))
        source, lower, emit = (min(column) for column in zip(*runs, strict=True))
        both = lower + emit
        print(
            f"{statements:10}  {source:7.2f}  {lower:7.2f}  {emit:7.2f}  {both:10.2f} ms"
            f"  {1e3 * both / statements:9.0f} µs"
        )


if __name__ == "__main__":
    main()
