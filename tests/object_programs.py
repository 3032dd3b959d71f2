"""Random programs of objects and dicts that are made, changed, aliased and re-bound.

    python -m tests.object_programs --seed 1 --count 500

Their gradients are held against the tape (see `random_programs`).
"""

import random
import sys
from collections.abc import Callable
from typing import Any

from tests import random_programs
from tests.random_programs import Kind

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


class Writer(random_programs.Writer):
    """Writes one program; the same for the same random numbers."""

    SCOPES = ("cells", "vectors", "dicts", "numbers")

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
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
        self.one_of(kinds)()

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


def written(seed: str, number: int) -> str:
    """The text of a program."""
    return Writer(random.Random(f"{seed}:{number}")).program()


def arguments(names: dict[str, Any], point: tuple[float, ...]) -> tuple[Any, ...]:
    x, y, s, t, a = point
    return names["Cell"](x, y, names["Cell"](y, x)), {"s": s, "t": t}, a


OBJECTS = Kind("object", written, lambda names: [arguments(names, point) for point in POINTS])

if __name__ == "__main__":
    sys.exit(random_programs.main(sys.argv[1:], OBJECTS))
