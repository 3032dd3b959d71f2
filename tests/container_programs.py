"""Random programs of nested lists, dicts and objects, written through every name that they have.

    python -m tests.container_programs --seed 1 --count 500

Lists stand in other lists, in dicts and in objects, in several places at once; helpers change what
they are handed, give it back, or keep it. The gradients are held against the tape (see
`random_programs`), which runs the user's own mutation.
"""

import random
import sys
from collections.abc import Callable
from typing import Any

from tests import random_programs
from tests.random_programs import Arguments, Kind

HEAD = """
import math


class Box:
    def __init__(self, items, weight):
        self.items = items
        self.weight = weight

    def push(self, x):
        self.items.append(x * self.weight)
        return self.items

    def spread(self, k):
        for i in range(len(self.items)):
            self.items[i] *= k
        self.weight += k
        return self

    def total(self):
        return self.weight * sum(self.items)


def fill(buffer, k):
    buffer[0] = buffer[-1] * k + 0.5
    return buffer


def keep(box, buffer):
    box.items = buffer
    return buffer[0] * box.weight


def scaled(xs, k):
    return [x * k for x in xs]


def added(table, key, x):
    table[key] = table.get(key, 0.25) * x
    return table


def weigh(grid):
    total = 0.0
    for i, row in enumerate(grid):
        for j, x in enumerate(row):
            total += x * (1 + i + 2 * j)
    return total


"""

KEYS = ("p", "q", "r")


class Writer(random_programs.Writer):
    """Writes one program; the same for the same random numbers."""

    SCOPES = ("numbers", "lists", "grids", "tables", "boxes", "indices", "keys")

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.numbers = ["a"]
        self.lists = ["xs"]
        self.grids = ["m"]
        self.tables = ["d"]
        self.boxes = ["b"]
        self.indices: list[str] = []
        self.keys: list[str] = []

    def program(self) -> str:
        for _ in range(self.rng.randint(4, 9)):
            self.statement()
        parts = [
            self.number(1),
            f"sum({self.whole()})",
            "weigh(m)",
            "sum(d.values())",
            "b.total()",
            f"weigh({self.rng.choice(self.grids)})",
            f"{self.rng.choice(self.boxes)}.total()",
        ]
        if self.knows("place"):
            parts.append("sum(v * (k + 1) for k, v in enumerate(xs))")
        self.line("return " + " + ".join(parts))
        return HEAD + "\n".join(["def f(m, d, b, xs, a):", *self.lines, ""])

    # Expressions --------------------------------------------------------------------------

    def pick(self, names: list[str]) -> str:
        return self.rng.choice(names)

    def index(self, whole: str) -> str:
        return self.pick(["0", "0", "-1", *(f"{i} % len({whole})" for i in self.indices)])

    def key(self) -> str:
        return self.pick([*map(repr, KEYS[:2]), *self.keys])

    def row(self) -> str:
        grid = self.pick(self.grids)
        return f"{grid}[{self.index(grid)}]"

    def whole(self) -> str:
        """A list of numbers, by one of its names."""
        way = self.way(named=5, row=3, items=2)
        if way == "named":
            return self.pick(self.lists)
        return self.row() if way == "row" else f"{self.pick(self.boxes)}.items"

    def place(self) -> str:
        """Where a number can be put."""
        kind = self.rng.random()
        if kind < 0.25:
            return f"{self.pick(self.tables)}[{self.key()}]"
        if kind < 0.35:
            return f"{self.pick(self.boxes)}.weight"
        whole = self.whole()
        return f"{whole}[{self.index(whole)}]"

    def number(self, depth: int = 0) -> str:
        rng, deeper = self.rng, depth + 1
        if depth > 2 or rng.random() < 0.25:
            return rng.choice([*self.numbers, "0.53", "1.17"])
        way = self.way(place=30, total=5, of_box=3, gets=4, binary=18, sine=10, chosen=5)
        if way == "place":
            return self.place()
        if way == "total":
            return f"sum({self.whole()})"
        if way == "of_box":
            return f"{self.pick(self.boxes)}.total()"
        if way == "gets":
            return f"{self.pick(self.tables)}.get('r', {self.number(3)})"
        if way == "binary":
            return f"({self.number(deeper)} {rng.choice('+-*')} {self.number(deeper)})"
        if way == "sine":
            return f"math.sin({self.number(deeper)})"
        return f"({self.number(deeper)} if {self.test()} else {self.number(deeper)})"

    def test(self) -> str:
        kind = self.rng.random()
        if kind < 0.6:
            return f"{self.number(2)} > {self.rng.choice(['0.31', '1.13', '-0.22'])}"
        if kind < 0.75:
            return f"len({self.whole()}) > {self.rng.choice([1, 2, 3])}"
        if kind < 0.9:
            return f"{self.whole()} is {self.whole()}"
        return f"'r' in {self.pick(self.tables)}"

    def made_list(self) -> str:
        one = self.whole()
        return self.rng.choice(
            (
                one,
                one,
                one,
                f"[{self.number(2)}, {self.number(2)}]",
                f"list({one})",
                f"{one}[:]",
                f"[v * {self.number(3)} for v in {one}]",
                f"scaled({one}, {self.number(2)})",
                f"fill({one}, {self.number(2)})",
                f"{self.pick(self.boxes)}.push({self.number(2)})",
                f"({one} if {self.test()} else {self.whole()})",
            )
        )

    # Statements ---------------------------------------------------------------------------

    def statement(self) -> None:
        kinds: list[Callable[[], None]] = [
            *[self.store, self.update, self.bind_list, self.bind_number] * 3,
            *[self.put_list, self.bind_grid, self.bind_box, self.change_table, self.call] * 2,
            *[self.swap, self.grow, self.bind_table],
        ]
        if self.depth < 3:
            kinds += [self.branch, self.branch]
            if self.loops < 2:
                kinds += [self.loop, self.loop]
        if self.loops:
            kinds += [self.leave]
        self.one_of(kinds)()

    def store(self) -> None:
        self.line(f"{self.place()} = {self.number()}")

    def update(self) -> None:
        self.line(f"{self.place()} {self.rng.choice('+-*')}= {self.number()}")

    def bind_number(self) -> None:
        self.bind(self.numbers, self.number(), "t")

    def bind_list(self) -> None:
        self.bind(self.lists, self.made_list(), "l")

    def bind_table(self) -> None:
        one = self.pick(self.tables)
        made = f"{{'p': {self.number(2)}, 'q': {self.number(2)}}}"
        squares = f"{{k: v * v for k, v in {one}.items()}}"
        text = self.rng.choice([one, made, squares, f"dict({one})"])
        self.bind(self.tables, text, "d")

    def bind_grid(self) -> None:
        one = self.pick(self.grids)
        text = self.rng.choice(
            (
                one,
                f"[{self.whole()}, {self.whole()}]",
                f"[{self.whole()}, [{self.number(2)}]]",
                f"[list(row) for row in {one}]",
                f"list({one})",
                f"[scaled(row, {self.number(3)}) for row in {one}]",
            )
        )
        self.bind(self.grids, text, "m")

    def bind_box(self) -> None:
        one = self.pick(self.boxes)
        text = self.rng.choice(
            (
                one,
                f"Box({self.made_list()}, {self.number(2)})",
                f"Box(list({self.whole()}), {self.number(2)})",
                f"{one}.spread({self.number(2)})",
                f"({one} if {self.test()} else {self.pick(self.boxes)})",
            )
        )
        self.bind(self.boxes, text, "b")

    def put_list(self) -> None:
        """A list that has a name gets another one."""
        target = self.rng.choice([self.row(), f"{self.pick(self.boxes)}.items"])
        self.line(f"{target} = {self.made_list()}")

    def change_table(self) -> None:
        one = self.pick(self.tables)
        self.line(
            self.rng.choice(
                (
                    f"{one}['r'] = {self.number(1)}",
                    f"{one}.setdefault('r', {self.number(2)})",
                    f"{one}.pop('r', None)",
                    f"{one}.update(q={self.number(2)})",
                    f"added({one}, {self.key()}, {self.number(2)})",
                )
            )
        )

    def call(self) -> None:
        self.line(
            self.rng.choice(
                (
                    f"fill({self.whole()}, {self.number(2)})",
                    f"{self.pick(self.numbers)} += keep({self.pick(self.boxes)}, {self.whole()})",
                    f"{self.pick(self.boxes)}.spread({self.number(2)})",
                    f"{self.pick(self.boxes)}.push({self.number(2)})",
                )
            )
        )

    def swap(self) -> None:
        grid, whole = self.pick(self.grids), self.whole()
        self.line(
            self.rng.choice(
                (
                    f"{grid}[0], {grid}[-1] = {grid}[-1], {grid}[0]",
                    f"{whole}[0], {whole}[-1] = {whole}[-1], {whole}[0]",
                    f"{self.row()}.reverse()",
                )
            )
        )

    def grow(self) -> None:
        whole, grid = self.whole(), self.pick(self.grids)
        self.line(
            self.rng.choice(
                (
                    f"{whole}.append({self.number(1)})",
                    f"{whole}.insert(0, {self.number(2)})",
                    f"{grid}.append({self.made_list()})",
                    f"{whole}.extend({self.whole()}[:2])",
                )
            )
        )
        if self.rng.random() < 0.4:
            whole = self.whole()
            self.line(f"if len({whole}) > 1:")
            self.line(f"    {self.pick(self.numbers)} = {whole}.pop({self.rng.choice(['', '0'])})")

    def loop(self) -> None:
        kind = self.rng.random()
        known = [list(getattr(self, name)) for name in self.SCOPES]
        if kind < 0.4:
            index = self.new("i")
            self.line(f"for {index} in range({self.rng.choice([0, 1, 2, 3])}):")
            self.indices.append(index)
        elif kind < 0.55:
            item = self.new("v")
            self.line(f"for {item} in {self.whole()}[:3]:")
            self.numbers.append(item)
        elif kind < 0.75:
            row = self.new("l")
            self.line(f"for {row} in {self.pick(self.grids)}[:3]:")
            self.lists.append(row)
        elif kind < 0.85:
            box = self.new("b")
            self.line(f"for {box} in [{self.pick(self.boxes)}, {self.pick(self.boxes)}]:")
            self.boxes.append(box)
        else:
            key = self.new("k")
            self.line(f"for {key} in {self.rng.choice([repr(['p', 'q', 'p']), repr(KEYS[:2])])}:")
            self.keys.append(key)
        self.loops += 1
        self.block(self.rng.randint(1, 3))
        self.loops -= 1
        for name, names in zip(self.SCOPES, known, strict=True):
            setattr(self, name, names)


def written(seed: str, number: int) -> str:
    """The text of a program."""
    return Writer(random.Random(f"{seed}:{number}")).program()


def points(names: dict[str, Any]) -> list[Arguments]:
    """The arguments ``m``, ``d``, ``b``, ``xs`` and ``a``; at the last point most are one list."""
    box = names["Box"]
    row = [0.8, 0.3]
    return [
        ([[0.7, 1.3], [0.4]], {"p": 0.9, "q": 1.2}, box([0.5, 0.8], 0.6), [1.1, 0.3], 0.75),
        ([[1.4], [-0.6, 0.2]], {"p": 0.3, "q": -0.7}, box([1.2], 0.4), [0.2, 0.9, 0.5], 0.37),
        ([row, row, [0.6]], {"p": 0.5, "q": 0.1}, box(row, 1.1), row, 0.55),
    ]


CONTAINERS = Kind("container", written, points)

if __name__ == "__main__":
    sys.exit(random_programs.main(sys.argv[1:], CONTAINERS))
