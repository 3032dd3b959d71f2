"""Random programs with lists of objects, made inside and handed in, read and changed.

    python -m tests.listed_object_programs --seed 1 --count 500

Objects are reached by places, by loops, by other names and as the largest; at the last point one
object is twice in the list that is handed in. Gradients are held against the tape (see
`random_programs`).
"""

import random
import sys
from typing import Any

from tests import random_programs
from tests.random_programs import Kind

HEAD = """
import math


class Pair:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def plus(self, other):
        return Pair(self.a + other.a, self.b + other.b)


class Body:
    def __init__(self, x, v):
        self.x = x
        self.v = v
        self.q = Pair(x, v)
        self.h = []

    def push(self, k):
        self.v += k * self.x
        self.x = math.sin(self.x + self.v)
        return self


def moved(body, k):
    body.x += k * body.v
    return body.x
"""

STARTS = (
    "os = [Body(x, k) for x in xs]",
    "os = [Body(xs[0], k), Body(xs[1], 1.0), Body(xs[2], xs[0])]",
    "os = [Body(p.x * k, p.v) for p in ps]",
    "os = sorted(ps, key=lambda p: p.x)",
    "os = [p for p in ps if p.x > 0.2]",
    "os = ps",
)
RETURN = "return t + sum(p.x + p.v * p.q.a + p.q.b + sum(p.h) for p in {})"


class Writer(random_programs.Writer):
    """Writes one program."""

    SCOPES = ("objects",)

    def program(self) -> str:
        self.objects: list[str] = []
        self.line("t = k")
        self.lists = ["ps"]
        if self.rng.random() < 0.6:
            self.line(self.rng.choice(STARTS))
            self.lists.append("os")
        for _ in range(self.rng.randint(2, 7)):
            self.statement()
        self.line(RETURN.format(self.rng.choice(self.lists)))
        return HEAD + "\n\ndef f(xs, ps, k):\n" + "\n".join(self.lines) + "\n"

    def one(self) -> str:
        whole = self.rng.choice(self.lists)
        places = [f"{whole}[{self.rng.choice((0, 1, -1))}]"]
        return self.rng.choice(places + 2 * self.objects)

    def number(self) -> str:
        choices = ["k", "0.5", "t", *(f"{self.one()}.{w}" for w in ("x", "v", "q.a", "q.b"))]
        choices.append(f"float(len({self.rng.choice(self.lists)}))")
        found = self.rng.choice(choices)
        if self.rng.random() < 0.4:
            found = f"{found} * {self.rng.choice(choices)}"
        return f"math.sin({found})" if self.rng.random() < 0.3 else found

    def test(self) -> str:
        if self.rng.random() < 0.25:
            return f"{self.one()} is {self.rng.choice(('', 'not '))}{self.one()}"
        return f"{self.number()} > 0.4"

    def statement(self) -> None:
        choices = [self.add, self.write, self.write, self.part, self.call, self.name, self.gather]
        if self.depth < 3:
            choices += [self.branch, self.loop, self.loop, self.best]
        if self.depth == 1:
            choices.append(self.grow)
        self.one_of(choices)()

    def add(self) -> None:
        self.line(f"t += {self.number()}")

    def write(self) -> None:
        sign = self.rng.choice(("=", "+=", "*="))
        self.line(f"{self.one()}.{self.rng.choice('xv')} {sign} {self.number()}")

    def part(self) -> None:
        made = f"Pair({self.number()}, {self.number()})"
        self.line(
            self.rng.choice(
                (
                    f"{self.one()}.q.{self.rng.choice('ab')} += {self.number()}",
                    f"{self.one()}.q = {made}",
                    f"{self.one()}.q = {self.one()}.q.plus({self.one()}.q)",
                    f"{self.one()}.h.append({self.number()})",
                )
            )
        )

    def call(self) -> None:
        push, move = f"{self.one()}.push({self.number()})", f"t += moved({self.one()}, 0.3)"
        self.line(self.rng.choice((push, move)))

    def name(self) -> None:
        made = f"Body({self.number()}, {self.number()})"
        whole = self.rng.choice(self.lists)
        largest = f"{self.rng.choice(('max', 'min'))}({whole}, key=lambda p: p.x)"
        other = f"{self.one()} if t > 0.3 else {self.one()}"
        self.bind(self.objects, self.rng.choice((self.one(), made, largest, other)), "o", 0.7)

    def bind(self, names: list[str], text: str, letter: str, anew: float = 0.5) -> None:
        super().bind(names, text, letter, anew if names else 1.0)

    def gather(self) -> None:
        whole = self.rng.choice(self.lists)
        self.line(f"t += sum(p.x * p.v for p in {whole}{self.rng.choice(('', ' if p.x > 0.2'))})")

    def grow(self) -> None:
        made = f"Body({self.number()}, {self.number()})"
        whole = self.rng.choice(self.lists)
        self.line(f"{whole}.append({self.rng.choice((made, made, self.one()))})")

    def best(self) -> None:
        """The object of a list that a loop finds, or the one before."""
        whole, found, item = self.rng.choice(self.lists), self.new("b"), self.new("p")
        self.line(f"{found} = {whole}[0]")
        self.line(f"for {item} in {whole}[1:]:")
        self.depth += 1
        self.objects += [found, item]
        if self.rng.random() < 0.5:
            self.line(f"if {item}.x * {self.number()} > {found}.x:")
            self.line(f"    {found} = {item}")
            self.statement()
        else:
            self.statement()
            self.line(f"{found} = {item}")
        self.objects.remove(item)
        self.depth -= 1

    def loop(self) -> None:
        item, whole = self.new("p"), self.rng.choice(self.lists)
        head = self.rng.choice(
            (
                f"for {item} in {whole}:",
                f"for i, {item} in enumerate({whole}):",
                f"for {item} in {whole}[1:]:",
                f"for {item} in reversed({whole}):",
                f"for {item}, z in zip({whole}, xs):",
                f"for _ in range({self.rng.choice((0, 2))}):",
            )
        )
        self.line(head)
        known = list(self.objects)
        if item in head:
            self.objects.append(item)
        self.block(self.rng.randint(1, 3))
        self.objects = known


def written(seed: str, number: int) -> str:
    """The text of a program."""
    return Writer(random.Random(f"{seed}:{number}")).program()


def points(names: dict[str, Any]) -> list[tuple[Any, ...]]:
    body = names["Body"]
    apart = [body(0.3, 0.9), body(0.8, -0.4), body(0.5, 0.2)]
    twice = body(0.7, 0.3)
    return [([0.3, 0.8, 0.5], apart, 0.6), ([0.2, 0.9, 0.4], [twice, body(0.1, 0.6), twice], -0.4)]


LISTED_OBJECTS = Kind("listed_object", written, points)

if __name__ == "__main__":
    sys.exit(random_programs.main(sys.argv[1:], LISTED_OBJECTS))
