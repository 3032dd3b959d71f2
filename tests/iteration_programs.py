"""Random programs that put lists in order and go through iterators; against the tape.

    python -m tests.iteration_programs --seed 1 --count 500

As `list_programs`, with more that a statement may do to a list, and make of one.
"""

import random
import sys
from collections.abc import Callable

from tests import list_programs, random_programs
from tests.random_programs import Kind


class Writer(list_programs.Writer):
    """Writes one program; the same for the same random numbers."""

    def program(self) -> str:
        return "import functools\nimport itertools\nimport operator\n" + super().program()

    def number(self, depth: int = 0) -> str:
        rng = self.rng
        if depth > 1 or rng.random() < 0.7:
            return super().number(depth)
        one, other = self.whole(), self.whole()
        return rng.choice(
            (
                f"math.prod({one})",
                f"functools.reduce(lambda p, q: p * {self.number(3)} + q, {one}, 0.5)",
                f"functools.reduce(operator.mul, {one})",
                f"sum(map(lambda v: v * {self.number(3)}, {one}))",
                f"sum(map(operator.mul, {one}, {other}))",
                f"sum(filter(lambda v: v > {self.number(3)}, {one}))",
                f"sum(p * q for p, q in itertools.combinations({one}[:3], 2))",
                f"sum(p * q for p, q in itertools.product({one}[:3], {other}[:2]))",
                f"sum(c * c for c in itertools.accumulate({one}))",
                f"sum(itertools.chain({one}, {other}[:1]))",
                f"sum(k * v for k, v in zip(itertools.count(1), {one}))",
                f"sum(k * v for k, v in enumerate(sorted({one})))",
                f"max({one}, key=lambda v: (v - {self.number(3)}) ** 2)",
                f"sum(p * q for p, q in [(v, {self.number(3)}) for v in {one}])",
                f"sum(u * v for u, v in zip({one}, ({self.number(3)}, {self.number(3)})))",
            )
        )

    def made_list(self) -> str:
        if self.rng.random() < 0.5:
            return super().made_list()
        one, other = self.whole(), self.whole()
        return self.rng.choice(
            (
                f"sorted({one})",
                f"sorted({one}, reverse=True)",
                f"sorted({one}, key=lambda v: v * {self.number(3)})",
                f"list(reversed({one}))",
                f"list(map(lambda v: v * {self.number(3)}, {one}))",
                f"[{self.number(3)}, *{one}, *{other}[:1]]",
                f"list(itertools.accumulate({one}))",
                f"list(itertools.chain({one}, {other}[:2]))",
                f"{one}[::-1]",
            )
        )

    def statement(self) -> None:
        if self.rng.random() < 0.75:
            super().statement()
            return
        kinds: list[Callable[[], None]] = [self.reorder, self.take_out, self.put_in, self.fill]
        if self.depth < 4 and self.loops < 2:
            kinds += [self.go_through, self.go_through]
        self.one_of(kinds)()

    def reorder(self) -> None:
        whole = self.whole()
        change = ("sort()", "sort(reverse=True)", "reverse()", "sort(key=lambda v: -v)")
        self.line(f"{whole}.{self.rng.choice(change)}")

    def take_out(self) -> None:
        whole = self.whole()
        self.line(f"if len({whole}) > 2:")
        change = (f"del {whole}[{self.rng.choice([0, 1, -1, -2])}]", f"{whole}.remove({whole}[1])")
        self.line(f"    {self.rng.choice((*change, f'{whole}.pop({self.rng.choice([0, -2])})'))}")

    def put_in(self) -> None:
        self.line(f"{self.whole()}.insert({self.rng.choice([0, 1, -1, 9])}, {self.number(2)})")

    def fill(self) -> None:
        whole = self.whole()
        self.line(f"{whole}[:] = [v * {self.number(3)} for v in {whole}]")

    def go_through(self) -> None:
        item, whole, other = self.new("v"), self.whole(), self.whole()
        numbers = list(self.numbers)
        source = self.rng.choice(
            (
                f"map(lambda p: p * p, {whole}[:3])",
                f"filter(lambda p: p > 0.3, {whole}[:3])",
                f"itertools.takewhile(lambda p: p > 0.3, {whole}[:3])",
                f"sorted({whole})[:3]",
                f"({self.number(3)}, {self.number(3)})",
            )
        )
        if self.rng.random() < 0.3:
            pair = self.new("w")
            source = f"zip({whole}[:3], {other}[:2])"
            self.line(f"for {item}, {pair} in {source}:")
            self.numbers.append(pair)
        else:
            self.line(f"for {item} in {source}:")
        self.numbers.append(item)
        self.loops += 1
        self.block(self.rng.randint(1, 3))
        self.loops -= 1
        self.numbers = numbers


def written(seed: str, number: int) -> str:
    """The text of a program."""
    return Writer(random.Random(f"{seed}:{number}")).program()


ITERATORS = Kind("iteration", written, list_programs.LISTS.points)

if __name__ == "__main__":
    sys.exit(random_programs.main(sys.argv[1:], ITERATORS))
