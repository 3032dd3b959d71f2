"""Random programs of objects and dicts that are made, changed, aliased and re-bound.

    python -m tests.object_programs --seed 1 --count 500

Their gradients are held against the tape. What differs is printed with the number of the program,
which ``--start`` repeats.
"""

import argparse
import linecache
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sourcediff import DifferentiationError, tape, value_and_grad

HEAD = """
import math
from dataclasses import dataclass


class Cell:
    rate = 0.75

    def __init__(self, x, y, inner=None):
        self.x = x
        self.y = y
        self.inner = inner

    @property
    def mean(self):
        return 0.5 * (self.x + self.y)

    @mean.setter
    def mean(self, value):
        self.x = value
        self.y = 2.0 * value

    def scale(self, k):
        self.x *= k
        self.y += self.x * self.rate
        return self

    def total(self):
        deep = 0.0 if self.inner is None else self.inner.x * self.inner.y
        return self.x * self.rate + self.y + deep


@dataclass(frozen=True)
class Vec:
    x: float
    y: float

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)


def helper(c, k):
    c.y = c.y * k + c.x
    if c.y > 1.5:
        c.x -= k
        return c.x * c.y
    return c.y


def chosen(c, e, k):
    if k > 0.6:
        return c
    return e if k > 0.2 else Cell(k, c.x)


"""

#: The arguments ``c``, ``d`` and ``a``, by the numbers in them.
POINTS = ((0.71, 1.33, 0.42, 0.9, 0.93), (1.91, -0.63, 0.2, 1.4, 0.37))


class Writer:
    """Writes one program; the same for the same random numbers."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.depth = 1
        self.loops = 0
        self.made = 0
        self.cells = ["c"]
        self.vectors = ["v"]
        self.dicts = ["d"]
        self.numbers = ["a"]

    def program(self) -> str:
        self.line("v = Vec(a * 1.3, c.x * 0.7)")
        for _ in range(self.rng.randint(4, 10)):
            self.statement()
        last = f"{self.rng.choice(self.cells)}.total() + {self.rng.choice(self.dicts)}['s']"
        self.line(f"return {last} + v.x * v.y + c.x + {self.number(1)}")
        return HEAD + "\n".join(["def f(c, d, a):", *self.lines, ""])

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def new(self, letter: str) -> str:
        self.made += 1
        return f"{letter}{self.made}"

    def block(self, count: int) -> None:
        """Statements one step further in; what they bind anew is not read behind them."""
        known = [list(names) for names in (self.cells, self.vectors, self.dicts, self.numbers)]
        self.depth += 1
        for _ in range(count):
            self.statement()
        self.depth -= 1
        self.cells, self.vectors, self.dicts, self.numbers = known

    # Expressions --------------------------------------------------------------------------

    def number(self, depth: int = 0) -> str:
        rng, kind = self.rng, self.rng.random()
        if depth > 2 or kind < 0.2:
            return rng.choice([*self.numbers, "0.53", "1.17"])
        if kind < 0.45:
            return self.place()
        if kind < 0.55:
            return f"{rng.choice(self.vectors)}.{rng.choice('xy')}"
        if kind < 0.62:
            return f"{rng.choice(self.cells)}.{rng.choice(['total()', 'mean', 'rate'])}"
        if kind < 0.66:
            return f"sum({rng.choice(self.dicts)}.values())"
        if kind < 0.85:
            return f"({self.number(depth + 1)} {rng.choice('+-*')} {self.number(depth + 1)})"
        if kind < 0.93:
            return f"math.sin({self.number(depth + 1)})"
        return f"({self.number(depth + 1)} if {self.test()} else {self.number(depth + 1)})"

    def place(self) -> str:
        """Where a number can be put."""
        if self.rng.random() < 0.3:
            return f"{self.rng.choice(self.dicts)}[{self.rng.choice(['s', 't'])!r}]"
        return f"{self.rng.choice(self.cells)}.{self.rng.choice('xy')}"

    def test(self) -> str:
        if self.rng.random() < 0.15:
            return f"{self.rng.choice(self.cells)} is {self.rng.choice(self.cells)}"
        if self.rng.random() < 0.15:
            return f"{self.rng.choice(self.cells)}.inner is None"
        return f"{self.number(2)} > {self.rng.choice(['0.31', '1.13', '-0.22'])}"

    def cell(self) -> str:
        one, other = self.rng.choice(self.cells), self.rng.choice(self.cells)
        return self.rng.choice(
            (
                f"Cell({self.number(1)}, {self.number(2)})",
                f"Cell({self.number(2)}, {self.number(2)}, {one})",
                f"Cell(x={self.number(2)}, y={other}.y, inner=Cell(a, 1.0))",
                one,
                one,
                f"{one}.scale({self.number(2)})",
                f"({one} if {self.test()} else {other})",
                f"chosen({one}, {other}, {self.number(2)})",
                f"Cell({one}.x, {other}.y)",
            )
        )

    def vector(self) -> str:
        one, other = self.rng.choice(self.vectors), self.rng.choice(self.vectors)
        return self.rng.choice(
            (
                f"Vec({self.number(1)}, {self.number(2)})",
                f"{one} + {other}",
                f"{one} * {self.number(2)}",
                f"({one} if {self.test()} else {other} * 0.5)",
                one,
            )
        )

    # Statements ---------------------------------------------------------------------------

    def statement(self) -> None:
        rng = self.rng
        kinds: list[Callable[[], None]] = [
            *[self.bind_cell, self.bind_vector, self.bind_number, self.store, self.update] * 3,
            *[self.call, self.hang, self.swap, self.bind_dict, self.special],
        ]
        if self.depth < 4:
            kinds += [self.branch, self.branch]
            if self.loops < 2:
                kinds += [self.loop, self.loop]
        if self.loops:
            kinds += [self.leave]
        rng.choice(kinds)()

    def bind(self, names: list[str], text: str, letter: str) -> None:
        name = self.new(letter) if self.rng.random() < 0.5 else self.rng.choice(names)
        self.line(f"{name} = {text}")
        if name not in names:
            names.append(name)

    def bind_cell(self) -> None:
        self.bind(self.cells, self.cell(), "c")

    def bind_vector(self) -> None:
        self.bind(self.vectors, self.vector(), "v")

    def bind_number(self) -> None:
        self.bind(self.numbers, self.number(), "n")

    def bind_dict(self) -> None:
        one = self.rng.choice(self.dicts)
        made = f"{{'s': {self.number(2)}, 't': {self.number(2)}}}"
        copied = f"{{**{one}, 's': {self.number(2)}}}"
        squares = f"{{k: u * u for k, u in {one}.items()}}"
        self.bind(self.dicts, self.rng.choice([made, copied, squares, one, f"dict({one})"]), "d")

    def store(self) -> None:
        self.line(f"{self.place()} = {self.number()}")

    def update(self) -> None:
        self.line(f"{self.place()} {self.rng.choice('+-*')}= {self.number()}")

    def special(self) -> None:
        one = self.rng.choice(self.cells)
        self.line(
            self.rng.choice(
                (
                    f"{one}.mean = {self.number(1)}",
                    f"{one}.mean += {self.number(2)}",
                    f"{one}.rate = {self.number(2)}",
                    f"{self.rng.choice(self.dicts)}['u'] = {self.number(2)}",
                    f"{self.rng.choice(self.dicts)}.update(t={self.number(2)})",
                )
            )
        )

    def call(self) -> None:
        name = self.rng.choice(self.numbers)
        self.line(f"{name} += helper({self.rng.choice(self.cells)}, {self.number(2)})")

    def hang(self) -> None:
        one, other = self.rng.choice(self.cells), self.rng.choice(self.cells)
        self.line(f"{one}.inner = {other}")
        if self.rng.random() < 0.5:
            self.line(f"{one}.inner.{self.rng.choice('xy')} += {self.number(2)}")

    def swap(self) -> None:
        names = self.rng.choice([self.cells, self.vectors])
        one, other = self.rng.choice(names), self.rng.choice(names)
        self.line(f"{one}, {other} = {other}, {one}")

    def branch(self) -> None:
        self.line(f"if {self.test()}:")
        self.block(self.rng.randint(1, 3))
        if self.rng.random() < 0.5:
            self.line("else:")
            self.block(self.rng.randint(1, 2))

    def loop(self) -> None:
        kind = self.rng.random()
        numbers = list(self.numbers)
        if kind < 0.6:
            self.line(f"for {self.new('i')} in range({self.rng.choice([0, 1, 2, 3])}):")
        elif kind < 0.8:
            key, value = self.new("k"), self.new("n")
            self.line(f"for {key}, {value} in {self.rng.choice(self.dicts)}.items():")
            self.numbers.append(value)
        else:
            name = self.new("c")
            pair = f"({self.rng.choice(self.cells)}, {self.rng.choice(self.cells)})"
            self.line(f"for {name} in {pair}:")
            self.cells.append(name)
        self.loops += kind < 0.6
        self.block(self.rng.randint(1, 4))
        self.loops -= kind < 0.6
        self.numbers = numbers
        if kind >= 0.8:
            self.cells.remove(name)

    def leave(self) -> None:
        self.line(f"if {self.test()}:")
        self.line(f"    {self.rng.choice(['break', 'continue'])}")


def written(seed: str, number: int) -> str:
    """The text of a program."""
    return Writer(random.Random(f"{seed}:{number}")).program()


def loaded(text: str, name: str) -> dict[str, Any]:
    """The names of a program, with their source."""
    file = f"<object program {name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace: dict[str, Any] = {"__name__": f"object_program_{name}"}
    sys.modules[namespace["__name__"]] = sys.modules[__name__]  # where dataclasses look
    exec(compile(text, file, "exec"), namespace)
    return namespace


def arguments(names: dict[str, Any], point: tuple[float, ...]) -> tuple[Any, ...]:
    x, y, s, t, a = point
    return names["Cell"](x, y, names["Cell"](y, x)), {"s": s, "t": t}, a


def flat(found: Any) -> list[Any]:
    """The numbers of the arguments, of a copy of them, or of a gradient."""
    c, d, a = found
    return [c.x, c.y, c.inner.x, c.inner.y, c.inner.inner, *sorted(vars(c)), *d.items(), a]


def close(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return all(map(close, one, other))
    if not isinstance(one, float) or not isinstance(other, float):
        return bool(one == other)
    undefined = math.isnan(one) and math.isnan(other)
    return undefined or abs(one - other) <= 1e-9 + 1e-7 * abs(other)


def verdicts(names: dict[str, Any]) -> Iterator[str]:
    """What is found at each point."""
    function = names["f"]
    derivative = value_and_grad(function, argnums=(0, 1, 2))
    for point in POINTS:
        try:
            given = arguments(names, point)
            result, found = tape.value_and_gradient(function, *given, argnums=(0, 1, 2))
            expected = flat(found)
        except Exception as raised:
            yield f"no gradient by the tape: {type(raised).__name__}"
            continue
        if max(abs(v) for v in (result, *expected) if isinstance(v, float)) > 1e9:
            yield "no gradient by the tape: too large to compare"
            continue
        given = arguments(names, point)
        try:
            value, gradient = derivative(*given)
            actual = flat(gradient)
        except DifferentiationError as refusal:
            yield ("internal error" if "internal" in str(refusal.msg) else "refused") + (
                f": {refusal.msg}"
            )
            return
        except Exception as raised:
            yield f"raises: {raised!r}"
            return
        if flat(given) != flat(arguments(names, point)):
            yield "wrong: the arguments were changed"
        elif repr(value) != repr(result):
            yield f"wrong: the value is {value}"
        elif len(actual) != len(expected) or not all(map(close, actual, expected)):
            yield f"wrong: {actual} for {expected}"
        else:
            yield "right"


def main(options: list[str]) -> int:
    """Judge programs; the exit status says whether any was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.object_programs")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--refused", action="store_true", help="say why programs are refused")
    chosen = parser.parse_args(options)
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for number in range(chosen.start, chosen.start + chosen.count):
        names = loaded(written(chosen.seed, number), f"{chosen.seed}:{number}")
        for verdict in verdicts(names):
            kind, _, reason = verdict.partition(":")
            counts[kind] += 1
            if kind == "refused":
                reasons[reason] += 1
            if kind.startswith(("wrong", "internal", "raises")):
                print(f"program {number} of seed {chosen.seed}: {verdict}", flush=True)
    print(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
    if chosen.refused:
        print("\n".join(f"{count} {reason}" for reason, count in reasons.most_common(30)))
    return int(any(kind.startswith(("wrong", "internal", "raises")) for kind in counts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
