"""Random programs that make, change, alias and re-bind lists; their gradients against the tape.

    python -m tests.list_programs --seed 1 --count 500

Every program is differentiated at two points, of lists of different lengths. What differs is
printed with the number of the program, which ``--start`` repeats.
"""

import random
import sys
from collections.abc import Callable
from typing import Any

from tests import random_programs
from tests.random_programs import Kind

#: The arguments ``xs`` and ``a``.
POINTS = (([0.71, 1.33, 0.42], 0.93), ([1.91, -0.63], 0.37))

#: What a helper does with a list and a number, and gives back.
HELPERS = (
    ("buf[0] = buf[0] * w + 1.0", "return buf[-1]"),
    ("s = 0.0", "for q in buf:", "    s += q * w", "return s"),
    ("buf.append(w)", "return buf[0] * w"),
    ("old = list(buf)", "buf[-1] = w", "return old[-1] * old[0]"),
)


class Writer(random_programs.Writer):
    """Writes one program; the same for the same random numbers."""

    SCOPES = ("lists", "numbers")

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.lists = ["xs"]
        self.numbers = ["a"]
        self.places: list[str] = []

    def program(self) -> str:
        helper = [f"    {line}" for line in self.rng.choice(HELPERS)]
        for _ in range(self.rng.randint(3, 8)):
            self.statement()
        whole = self.rng.choice(self.lists)
        result = f"sum({whole})"
        if self.knows("item") or self.knows("over_items"):
            result = f"sum(v * (k + 1) for k, v in enumerate({whole}))"
        self.line(f"return {self.number()} + {self.rng.choice(self.numbers)} + {result}")
        head = ["import math", "", "", "def helper(buf, w):", *helper, "", "", "def f(xs, a):"]
        return "\n".join([*head, *self.lines, ""])

    # Expressions --------------------------------------------------------------------------

    def whole(self) -> str:
        return self.rng.choice(self.lists)

    def item(self, whole: str) -> str:
        places = ["0", "-1", *(f"{place} % len({whole})" for place in self.places)]
        return f"{whole}[{self.rng.choice(places)}]"

    def number(self, depth: int = 0) -> str:
        rng, deeper = self.rng, depth + 1
        if depth > 2 or rng.random() < 0.3:
            return rng.choice([*self.numbers, "0.53", "1.47"])
        way = self.way(item=20, binary=25, sine=9, total=5, most=2, over_items=4, chosen=5)
        if way == "item":
            return self.item(self.whole())
        if way == "binary":
            return f"({self.number(deeper)} {rng.choice('+-*')} {self.number(deeper)})"
        if way == "sine":
            return f"math.sin({self.number(deeper)})"
        if way == "total":
            return f"{rng.choice(['sum', 'sum', 'math.fsum'])}({self.whole()})"
        if way == "most":
            return f"{rng.choice(['max', 'min'])}({self.whole()})"
        if way == "over_items":
            return f"sum(v * {self.number(3)} for v in {self.whole()})"
        return f"({self.number(deeper)} if {self.test()} else {self.number(deeper)})"

    def test(self) -> str:
        rng, kind = self.rng, self.rng.random()
        if kind < 0.5:
            return f"{self.number(2)} > {rng.choice(['0.31', '1.13', '-0.22'])}"
        if kind < 0.75:
            return f"len({self.whole()}) > {rng.choice([2, 3, 4])}"
        if not self.knows("item"):
            return f"{self.number(2)} < {self.number(2)}"
        return f"{self.item(self.whole())} < {self.item(self.whole())}"

    def made_list(self) -> str:
        one, other = self.whole(), self.whole()
        return self.rng.choice(
            (
                f"[{self.number(1)}, {self.number(1)}, {self.number(2)}]",
                f"[v * {self.number(2)} for v in {one}]",
                f"[v * v for v in {one} if v > 0.4] + [{self.number(2)}]",
                f"[u * w for u, w in zip({one}, {other})] + [{self.number(3)}]",
                f"[b - a for a, b in zip({one}, {one}[1:])] + [{self.number(2)}]",
                f"list({one})",
                f"{one}[1:] + [{self.number(2)}]",
                f"{one}[:]",
                f"{one} + {other}[:2]",
                f"[{self.number(2)}] * 3",
                "[0.0] * 3",
                one,
                f"({one} if {self.test()} else {other})",
            )
        )

    # Statements ---------------------------------------------------------------------------

    def statement(self) -> None:
        rng = self.rng
        kinds: list[Callable[[], None]] = [
            *[self.bind_list, self.bind_number, self.store, self.update] * 3,
            *[self.append, self.pop, self.call, self.swap_lists, self.swap_items],
        ]
        if self.depth < 4:
            kinds += [self.branch, self.branch]
            if self.loops < 2:
                kinds += [self.loop, self.loop, self.loop]
        if self.loops:
            kinds += [self.leave, self.leave]
        self.one_of(kinds)()

    def bind_list(self) -> None:
        self.bind(self.lists, self.made_list(), "l", 0.6)

    def bind_number(self) -> None:
        self.bind(self.numbers, self.number(), "t")

    def store(self) -> None:
        self.line(f"{self.item(self.whole())} = {self.number()}")

    def update(self) -> None:
        self.line(f"{self.item(self.whole())} {self.rng.choice('+-*')}= {self.number()}")

    def append(self) -> None:
        self.line(f"{self.whole()}.append({self.number()})")

    def pop(self) -> None:
        whole = self.whole()
        self.line(f"if len({whole}) > 2:")
        target = self.rng.choice(["", f"{self.rng.choice(self.numbers)} = "])
        self.line(f"    {target}{whole}.pop()")

    def call(self) -> None:
        name = self.rng.choice(self.numbers)
        self.line(f"{name} += helper({self.whole()}, {self.number(2)})")

    def swap_lists(self) -> None:
        one, other = self.whole(), self.whole()
        self.line(f"{one}, {other} = {other}, {one}")

    def swap_items(self) -> None:
        whole = self.whole()
        self.line(f"{whole}[0], {whole}[-1] = {whole}[-1], {whole}[0]")

    def loop(self) -> None:
        place, item, whole = self.new("i"), self.new("v"), self.whole()
        numbers, places = list(self.numbers), list(self.places)
        kind = self.rng.random()
        if kind < 0.5:
            self.line(f"for {place} in range({self.rng.choice([0, 1, 2, 3])}):")
            self.places.append(place)
        elif kind < 0.75:
            self.line(f"for {place}, {item} in enumerate({whole}[:3]):")
            self.places.append(place)
            self.numbers.append(item)
        else:
            self.line(f"for {item} in {whole}[:3]:")
            self.numbers.append(item)
        self.loops += 1
        self.block(self.rng.randint(1, 4))
        self.loops -= 1
        self.numbers, self.places = numbers, places


def written(seed: str, number: int) -> str:
    """The text of a program."""
    return Writer(random.Random(f"{seed}:{number}")).program()


def loaded(text: str, name: str) -> Callable[..., Any]:
    """The function `f` of a program, with its source."""
    found: Callable[..., Any] = random_programs.loaded(text, f"list program {name}")["f"]
    return found


LISTS = Kind("list", written, lambda _: [(list(xs), a) for xs, a in POINTS])

if __name__ == "__main__":
    sys.exit(random_programs.main(sys.argv[1:], LISTS))
