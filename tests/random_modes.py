"""The other modes of a random program: `vjp`, `jvp` and `hvp` against the gradient.

    python -m tests.random_modes list --seed 1 --count 100

`random_programs` holds the gradient against the tape; here the gradient is the witness, and its
differences are that of the second derivatives.
"""

import argparse
import importlib
import math
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sourcediff import DifferentiationError, grad, hvp, jvp, value_and_grad, vjp
from sourcediff.errors import InternalError
from tests.corpus.whole.trees import is_mutable, leaves, mutables, replaced
from tests.random_programs import FAILURES, Arguments, Kind, close, places

#: Beyond these a derivative is not compared.
LARGEST = 1e6
STEPS = (1e-4, 3.7e-5)


def along(number: int) -> float:
    """The direction of the tangents, number by number."""
    return math.sin(1.3 * number + 0.7)


def mapped(given: Arguments, change: Callable[[int, float], float]) -> Arguments:
    """The arguments with their numbers changed: mutable parts in place."""
    for number, (path, value) in enumerate(list(leaves(given))):
        given = replaced(given, path, change(number, value))
    return given


def numbers(tree: Any) -> list[float]:
    return [value for _, value in leaves(tree)]


def judged(kind: Kind, seed: str, number: int) -> Iterator[str]:
    """What is found of a program at each of its points."""
    names = kind.loaded(kind.written(seed, number), f"modes {seed}:{number}")
    for place in range(len(kind.points(names))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from _at(names["f"], lambda place=place: kind.points(names)[place])


def _at(function: Callable[..., Any], given: Callable[[], Arguments]) -> Iterator[str]:
    argnums = tuple(range(len(given())))
    try:
        value, gradient = value_and_grad(function, argnums=argnums)(*given())
    except Exception as raised:
        yield f"no gradient: {type(raised).__name__}"
        return
    first = numbers(gradient)
    if not all(abs(each) < LARGEST for each in (value, *first)):
        yield "no gradient: too large to compare"
        return
    modes = [lambda: _by_pullback(function, given, value, first)]
    if not _has_aliases(given()):
        modes.append(lambda: _by_tangents(function, given, value, first))
        modes.append(lambda: _twice(function, given, argnums))
    for mode in modes:
        try:
            yield mode()
        except DifferentiationError as refusal:
            internal = isinstance(refusal, InternalError)
            yield f"{'internal error' if internal else 'refused'}: {refusal.msg}"
        except Exception as raised:
            yield f"raises: {raised!r}"


def _has_aliases(given: Arguments) -> bool:
    """Whether a number has several paths, so that a direction has several numbers for it."""
    found = [where for _, where in places(given)]
    return len(set(found)) < len(found)


def _by_pullback(
    function: Callable[..., Any], given: Callable[[], Arguments], value: float, first: list[float]
) -> str:
    """A pullback is called twice, when what its function was given has changed."""
    args = given()
    result, pullback = vjp(function, *args)
    held = [each for each in mutables(args) if is_mutable(each)]
    mapped(args, lambda _, __: 77.7)
    for each in held:
        if isinstance(each, list) and each:
            each.append(each[0])
    pullback(0.3)
    found = numbers(pullback(1.0))
    if repr(result) != repr(value):
        return f"wrong: vjp gives {result} for {value}"
    if len(found) != len(first) or not all(map(close, found, first)):
        return f"wrong: vjp gives {found} for {first}"
    return "pullback"


def _by_tangents(
    function: Callable[..., Any], given: Callable[[], Arguments], value: float, first: list[float]
) -> str:
    direction = mapped(given(), lambda number, _: along(number))
    result, tangent = jvp(function, given(), direction)
    parts = [a * b for a, b in zip(numbers(direction), first, strict=True)]
    if repr(result) != repr(value):
        return f"wrong: jvp gives {result} for {value}"
    if not abs(tangent - sum(parts)) <= 1e-7 * (1 + sum(map(abs, parts))):
        return f"wrong: jvp gives {tangent} for {sum(parts)}"
    return "tangent"


def _twice(
    function: Callable[..., Any], given: Callable[[], Arguments], argnums: tuple[int, ...]
) -> str:
    """What differences do not tell, at a kink or where they cancel, is passed over."""
    derivative = grad(function, argnums=argnums)

    def moved(step: float) -> list[float]:
        return numbers(derivative(*mapped(given(), lambda n, v: v + step * along(n))))

    second = numbers(hvp(function, given(), mapped(given(), lambda number, _: along(number))))
    sides = [(moved(step), moved(-step)) for step in STEPS]
    if len({len(second), *(len(side) for pair in sides for side in pair)}) > 1:
        return f"wrong: hvp gives {second}"
    steepest = max((abs(each) for each in sides[0][0]), default=0.0)
    for place, actual in enumerate(second):
        one, other = (
            (above[place] - below[place]) / (2 * step)
            for step, (above, below) in zip(STEPS, sides, strict=True)
        )
        doubt = 1e-5 + 1e-6 * abs(other) + 20 * abs(one - other) + 1e-10 * steepest
        if doubt <= 1e-3 * (1 + abs(other)) and not abs(actual - other) <= doubt:
            return f"wrong: hvp gives {actual} for {other} at {place}"
    return "second order"


def main(arguments: list[str]) -> int:
    """Judge programs of a kind; the exit status says whether any was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.random_modes")
    parser.add_argument("kind", help="list, iteration, container, matrix, object, listed_object")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args(arguments)
    module = importlib.import_module(f"tests.{options.kind}_programs")
    [kind] = [k for k in vars(module).values() if isinstance(k, Kind) and k.name == options.kind]
    counts: Counter[str] = Counter()
    for number in range(options.start, options.start + options.count):
        for verdict in judged(kind, options.seed, number):
            counts[verdict.partition(": ")[0]] += 1
            if verdict.startswith(FAILURES):
                print(f"program {number} of seed {options.seed}: {verdict}", flush=True)
    print(", ".join(f"{count} {word}" for word, count in sorted(counts.items())))
    return int(any(word.startswith(FAILURES) for word in counts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
