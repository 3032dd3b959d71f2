"""What the generators of programs share: writing lines, loading, judging by the tape, reporting.

`list_programs`, `iteration_programs`, `object_programs` and `container_programs` say which programs
there are. A program is differentiated at every point in all of its arguments. What differs from the
tape is printed with the number of the program, which ``--start`` repeats; so is an internal error,
also one on the clean road where the general one takes the program.
"""

import argparse
import contextlib
import linecache
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sourcediff import DifferentiationError, tape, value_and_grad
from sourcediff.errors import InternalError
from sourcediff.whole_road import Road
from tests.corpus.whole.trees import children, is_mutable, leaves, snapshot

Arguments = tuple[Any, ...]

#: Verdicts that are a failure.
FAILURES = ("wrong", "internal", "raises")
#: Larger numbers are not compared.
LARGEST = 1e9


class Writer:
    """Writes one program, line by line; the same for the same random numbers."""

    #: The attributes that list the names of each kind: what a block binds is not read behind it.
    SCOPES: tuple[str, ...] = ()

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.depth = 1
        self.loops = 0
        self.made = 0
        #: A program that does few things does each of them often, and nothing else hides what
        #: comes of it: most programs know only some of the ways there are.
        self.share = rng.choice((1.0, 1.0, 0.6, 0.35))
        self.known: dict[str, bool] = {}

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def knows(self, way: str) -> bool:
        """Whether this program goes a way at all."""
        if way not in self.known:
            self.known[way] = self.rng.random() < self.share
        return self.known[way]

    def way(self, **weights: float) -> str:
        """One of several ways: of all by weight, or of the few that this program knows."""
        if self.share == 1.0:
            return self.rng.choices(list(weights), list(weights.values()))[0]
        return self.rng.choice([way for way in weights if self.knows(way)] or list(weights))

    def one_of(self, statements: list[Callable[[], None]]) -> Callable[[], None]:
        """One of several kinds of statements, of those that this program knows."""
        known = list({each: None for each in statements if self.knows(each.__name__)})
        if self.share == 1.0:
            known = statements
        return self.rng.choice(known or statements)

    def new(self, letter: str) -> str:
        self.made += 1
        return f"{letter}{self.made}"

    def block(self, count: int) -> None:
        """Statements one step further in."""
        known = [list(getattr(self, name)) for name in self.SCOPES]
        self.depth += 1
        for _ in range(count):
            self.statement()
        self.depth -= 1
        for name, names in zip(self.SCOPES, known, strict=True):
            setattr(self, name, names)

    def statement(self) -> None:
        raise NotImplementedError

    def test(self) -> str:
        raise NotImplementedError

    def bind(self, names: list[str], text: str, letter: str, anew: float = 0.5) -> None:
        """Bind a name of a kind, a new one or one that is bound already."""
        name = self.new(letter) if self.rng.random() < anew else self.rng.choice(names)
        self.line(f"{name} = {text}")
        if name not in names:
            names.append(name)

    def branch(self) -> None:
        self.line(f"if {self.test()}:")
        self.block(self.rng.randint(1, 3))
        if self.rng.random() < 0.5:
            self.line("else:")
            self.block(self.rng.randint(1, 2))

    def leave(self) -> None:
        self.line(f"if {self.test()}:")
        self.line(f"    {self.rng.choice(['break', 'continue'])}")


@dataclass(frozen=True)
class Kind:
    """Programs of one kind: how they are written, and the arguments of a function at each point."""

    name: str
    written: Callable[[str, int], str]
    points: Callable[[dict[str, Any]], Sequence[Arguments]]

    def loaded(self, text: str, name: str) -> dict[str, Any]:
        """The names of a program, with their source."""
        return loaded(text, f"{self.name} program {name}")

    def verdicts(self, names: dict[str, Any]) -> Iterator[str]:
        """What is found at each point."""
        return verdicts(names["f"], lambda: self.points(names))

    def judged(self, seed: str, number: int) -> list[str]:
        """The same of a program by its number."""
        names = self.loaded(self.written(seed, number), f"{seed}:{number}")
        return list(self.verdicts(names))


def loaded(text: str, name: str) -> dict[str, Any]:
    """The names of a text, with their source."""
    file = f"<{name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace: dict[str, Any] = {"__name__": name.replace(" ", "_")}
    sys.modules[namespace["__name__"]] = sys.modules[__name__]  # where dataclasses look
    exec(compile(text, file, "exec"), namespace)
    return namespace


def close(one: float, other: float) -> bool:
    undefined = math.isnan(one) and math.isnan(other)
    return undefined or abs(one - other) <= 1e-9 + 1e-7 * abs(other)


def agree(actual: dict[Any, float], expected: dict[Any, float], given: Arguments) -> bool:
    """Whether two gradients are the same.

    Where one list is in several places of the arguments, the tape and the general road give each
    the gradient of all, and the clean one parts it among them.
    """
    groups: dict[Any, list[Any]] = {}
    for path, where in places(given):
        groups.setdefault(where, []).append(path)
    return all(
        all(close(actual[path], expected[path]) for path in paths)
        or close(sum(actual[path] for path in paths), expected[paths[0]])
        for paths in groups.values()
    )


def places(tree: Any, path: tuple[Any, ...] = (), where: Any = None) -> Iterator[tuple[Any, Any]]:
    """The path of each number, and what tells whether two of them are one."""
    if isinstance(tree, float):
        yield path, where
    for key, child in children(tree):
        inner = (*path, key)
        yield from places(child, inner, (id(tree), key) if is_mutable(tree) else inner)


@contextlib.contextmanager
def defects() -> Iterator[list[str]]:
    """The internal errors of the clean road that the general one hides."""
    found: list[str] = []
    taken = Road.for_values

    def for_values(road: Road, values: Sequence[Any], reason: DifferentiationError) -> Any:
        if isinstance(reason, InternalError):
            found.append(str(reason.msg))
        return taken(road, values, reason)

    Road.for_values = for_values  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Road.for_values = taken  # type: ignore[method-assign]


def verdicts(
    function: Callable[..., Any], points: Callable[[], Sequence[Arguments]]
) -> Iterator[str]:
    """What is found at each point.

    Args:
        points: makes the arguments at all points, anew with each call.
    """
    argnums = tuple(range(len(points()[0])))
    derivative = value_and_grad(function, argnums=argnums)
    for place in range(len(points())):
        try:
            result, reference = tape.value_and_gradient(function, *points()[place], argnums=argnums)
            expected = dict(leaves(reference))
        except Exception as raised:
            yield f"no gradient by the tape: {type(raised).__name__}"
            continue
        if not max(map(abs, (result, *expected.values()))) < LARGEST:
            yield "no gradient by the tape: too large to compare"
            continue
        given = points()[place]
        try:
            with defects() as hidden:
                value, gradient = derivative(*given)
        except DifferentiationError as refusal:
            internal = isinstance(refusal, InternalError)
            yield f"{'internal error' if internal else 'refused'}: {refusal.msg}"
            return
        except Exception as raised:
            yield f"raises: {raised!r}"
            return
        actual = dict(leaves(gradient))
        if hidden:
            yield f"internal error: {hidden[0]}"
        elif snapshot(given) != snapshot(points()[place]):
            yield "wrong: the arguments were changed"
        elif repr(value) != repr(result):
            yield f"wrong: the value is {value} for {result}"
        elif actual.keys() != expected.keys():
            yield f"wrong: the gradient is {gradient} for {reference}"
        elif any(map(math.isnan, actual.values())) and not any(map(math.isnan, expected.values())):
            yield "nan where a value overflows"
        elif not agree(actual, expected, points()[place]):
            yield f"wrong: {gradient} for {reference}"
        else:
            yield "right"


def main(arguments: list[str], kind: Kind) -> int:
    """Judge programs, and report what is refused; the exit status says whether any was wrong."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.{kind.name}_programs")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    ran = refused = 0
    for number in range(options.start, options.start + options.count):
        found = kind.judged(options.seed, number)
        said = [verdict.partition(": ") for verdict in found]
        counts.update(word for word, _, _ in said)
        rules.update(reason for word, _, reason in said if word == "refused")
        refused += any(word == "refused" for word, _, _ in said)
        ran += any(word != "no gradient by the tape" for word, _, _ in said)
        for verdict in found:
            if verdict.startswith(FAILURES):
                print(f"program {number} of seed {options.seed}: {verdict}", flush=True)
    print(", ".join(f"{count} {word}" for word, count in sorted(counts.items())))
    print(f"refused: {refused} of {ran} programs that the tape runs, {refused / max(ran, 1):.1%}")
    print("\n".join(f"{count:6} {reason}" for reason, count in rules.most_common()))
    return int(any(word.startswith(FAILURES) for word in counts))
