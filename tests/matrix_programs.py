"""Random programs of matrices as lists of lists, which helpers make anew, change and hand on.

    python -m tests.matrix_programs --seed 1 --count 500

Products and sums are made from what earlier turns made, rows stand in several matrices, matrices in
lists, and all of it is written to under any of its names. The gradients are held against the tape
(see `random_programs`).
"""

import random
import sys
from typing import Any

from tests import random_programs
from tests.random_programs import Arguments, Kind

HEAD = """
import math


def product(A, B):
    return [[sum(A[i][k] * B[k][j] for k in range(len(B))) for j in range(2)] for i in range(2)]


def product_in_place(A, B):
    n = len(A)
    C = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                C[i][j] += A[i][k] * B[k][j]
    return C


def added(A, B):
    return [[a + b for a, b in zip(r, q)] for r, q in zip(A, B)]


def smoothed(A, c):
    out = [list(row) for row in A]
    for i in range(2):
        for j in range(2):
            out[i][j] = math.tanh(out[i - 1][j] * c + A[i][j])
    return out


def scale(A, c):
    for row in A:
        for j in range(len(row)):
            row[j] *= c
    return A


def bump(row, c):
    row[0] += c
    row[-1] *= c
    return row


"""


class Writer:
    """Writes one program, a line at a time, with the names that are in scope."""

    SCOPES = ("matrices", "rows", "numbers", "stacks")

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.count = 0
        self.depth = 1
        self.matrices = ["A", "B"]
        self.rows: list[str] = []
        self.numbers = ["c"]
        self.stacks: list[str] = []

    def program(self) -> str:
        for _ in range(self.rng.randint(4, 9)):
            self.statement()
        terms = [
            f"{m}[0][0] * 1.1 + {m}[0][1] * {m}[1][0] + 0.7 * {m}[1][1]" for m in self.matrices
        ]
        terms += [f"sum(m[0][0] * m[1][1] for m in {stack})" for stack in self.stacks]
        body = "\n".join([*self.lines, "    return " + " + ".join([*terms, *self.numbers])])
        return f"{HEAD}def f(A, B, c):\n{body}\n"

    def new(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def matrix(self) -> str:
        return self.rng.choice(self.matrices)

    def number(self) -> str:
        kind = self.rng.random()
        if kind < 0.4:
            return self.rng.choice(self.numbers)
        if kind < 0.7:
            return f"{self.matrix()}[{self.rng.choice([0, 1, -1])}][{self.rng.choice([0, 1, -1])}]"
        if kind < 0.8 and self.rows:
            return f"{self.rng.choice(self.rows)}[{self.rng.choice([0, 1])}]"
        return str(round(self.rng.uniform(-1.2, 1.2), 2))

    def made(self) -> str:
        """A matrix that is made here, mostly."""
        a, b, x = self.matrix(), self.matrix(), self.number()
        display = f"[[{x}, {self.number()}], [{self.number()}, {self.number()}]]"
        forms = (
            f"product({a}, {b})",
            f"product_in_place({a}, {b})",
            f"added({a}, {b})",
            f"smoothed({a}, {x})",
            display,
            f"[list(row) for row in {a}]",
            f"[[x * {x} for x in row] for row in {a}]",
            a,
            f"{a}[:1] + {b}[1:]",
            f"{a}[::-1]",
            f"[{a}[1], {b}[0]]",
            f"[r[:1] + q[1:] for r, q in zip({a}, {b})]",
            f"[[{x}] + list(r)[:-1] for r in {a}]",
        )
        return self.rng.choices(forms, (4, 4, 2, 2, 2, 2, 2, 1, 2, 1, 1, 2, 2))[0]

    def statement(self) -> None:
        makers = (
            (self.bind, 22),
            (self.write, 14),
            (self.name_row, 6),
            (self.take_apart, 8),
            (self.write_row, 6),
            (self.place_row, 10),
            (self.stack, 14),
            (self.change, 4),
            (self.compute, 6),
            (self.block, 18),
        )
        ways, weights = zip(*makers, strict=True)
        self.rng.choices(ways, weights)[0]()

    def bind(self) -> None:
        name = self.rng.choice([*self.matrices, *[self.new("M")] * 2])
        self.line(f"{name} = {self.made()}")
        if name not in self.matrices:
            self.matrices.append(name)

    def assign(self, place: str) -> None:
        self.line(f"{place} {self.rng.choice(['=', '+=', '*='])} {self.number()}")

    def write(self) -> None:
        self.assign(f"{self.matrix()}[{self.rng.choice([0, 1, -1])}][{self.rng.choice([0, 1])}]")

    def name_row(self) -> None:
        name = self.new("r")
        row = f"{self.matrix()}[{self.rng.choice('01')}]"
        self.line(f"{name} = {self.rng.choice([row, f'list({row})', f'[{self.number()}, 0.5]'])}")
        self.rows.append(name)

    def take_apart(self) -> None:
        """``r, q = M``: the rows of a matrix, or their items."""
        whole, kind = self.matrix(), self.rng.random()
        rows = [self.new("r"), self.new("r")]
        if kind < 0.5:
            self.line(f"{', '.join(rows)} = {whole}")
            self.rows += rows
        elif kind < 0.65:
            self.line(f"{rows[0]}, *_ = {whole}")
            self.rows.append(rows[0])
        else:
            items = [self.new("x") for _ in range(4)]
            self.line(f"({items[0]}, {items[1]}), ({items[2]}, {items[3]}) = {whole}")
            self.numbers += items

    def write_row(self) -> None:
        if self.rows:
            self.assign(f"{self.rng.choice(self.rows)}[{self.rng.choice([0, 1])}]")

    def place_row(self) -> None:
        row = f"[{self.number()}, {self.number()}]"
        if self.rows and self.rng.random() < 0.6:
            row = self.rng.choice(self.rows)
        self.line(f"{self.matrix()}[{self.rng.choice([0, 1])}] = {row}")

    def stack(self) -> None:
        """A list of matrices, and what is done with one."""
        if not self.stacks:
            name = self.new("L")
            self.line(f"{name} = {self.rng.choice(['[A]', '[]', '[B, A]', f'[{self.made()}]'])}")
            self.stacks.append(name)
            return
        name, kind = self.rng.choice(self.stacks), self.rng.random()
        if kind < 0.5:
            self.line(f"{name}.append({self.made()})")
        elif kind < 0.7:
            self.line(f"if {name}:")
            self.line(f"    {name}[-1][0][1] *= {self.number()}")
        else:
            taken = self.new("M")
            self.line(f"{taken} = {name}[-1] if {name} else {self.matrix()}")
            self.matrices.append(taken)

    def change(self) -> None:
        whole = f"scale({self.matrix()}, {self.number()})"
        self.line(self.rng.choice([whole, f"bump({self.matrix()}[1], {self.number()})"]))

    def compute(self) -> None:
        name = self.rng.choice([*self.numbers[1:], self.new("t")])
        self.line(f"{name} = {self.number()} * {self.number()} + {self.number()}")
        if name not in self.numbers:
            self.numbers.append(name)

    def block(self) -> None:
        if self.depth > 2:
            return
        known = [list(getattr(self, scope)) for scope in self.SCOPES]
        kind = self.rng.random()
        if kind < 0.45:
            self.line(f"for {self.new('i')} in range({self.rng.choice([0, 1, 2, 3])}):")
        elif kind < 0.6:
            row = self.new("r")
            self.line(f"for {row} in {self.matrix()}{self.rng.choice(['', '[1:]', '[::-1]'])}:")
            self.rows.append(row)
        else:
            self.line(f"if {self.number()} > {self.number()}:")
        self.depth += 1
        before = len(self.lines)
        for _ in range(self.rng.randint(1, 3)):
            self.statement()
        if len(self.lines) == before:
            self.line("pass")
        self.depth -= 1
        for scope, names in zip(self.SCOPES, known, strict=True):
            setattr(self, scope, names)


def written(seed: str, number: int) -> str:
    """The text of a program."""
    return Writer(random.Random(f"{seed}:{number}")).program()


def points(names: dict[str, Any]) -> list[Arguments]:
    """The arguments ``A``, ``B`` and ``c``; at the last point the matrices are one list."""
    one = [[0.8, 0.3], [-0.4, 0.5]]
    return [
        ([[0.5, 0.3], [-0.2, 0.7]], [[0.4, -0.6], [0.9, 0.2]], 0.8),
        ([[-0.3, 1.1], [0.6, 0.1]], [[0.7, 0.2], [-0.5, 0.4]], -0.35),
        (one, one, 0.6),
    ]


MATRICES = Kind("matrix", written, points)

if __name__ == "__main__":
    sys.exit(random_programs.main(sys.argv[1:], MATRICES))
