"""Random programs: helpers, functions that call themselves, and the function `f`."""

import random

from tests.turns.names import Names
from tests.turns.statements import Statements


class Writer(Statements):
    """Writes one program; the same for the same random numbers."""

    def program(self) -> str:
        functions: list[str] = []
        recursive: list[str] = []
        for k in range(self.rng.randint(0, 2)):
            functions.append(self.helper(k, functions))
        if self.chance(0.1):
            recursive.append(self.recursion())
        self.line("def f(x, y, xs, ys, m, n):")
        self.level = 1
        names = Names(["x", "y"], ["x", "y"], ["n"], [], ["xs", "ys"], ["m"], [])
        names.functions, names.recursive = functions, recursive
        names = self.block(names, False, self.rng.randint(3, 6))
        self.line(f"return {self.number(names)}")
        return "import math\n" + "\n".join(self.lines) + "\n"

    def helper(self, number: int, functions: list[str]) -> str:
        self.line(f"def h{number}(a, b):")
        self.level = 1
        names = Names(["a", "b"], ["a", "b"], functions=list(functions))
        if self.chance(0.2):
            self.line('"""A helper that its caller enters."""')
        self.block(names, False, self.rng.randint(1, 3))
        self.line(f"return {self.number(Names(['a', 'b'], ['a', 'b']))}")
        self.level = 0
        return f"h{number}"

    def recursion(self) -> str:
        """A function that calls itself, less deep each time."""
        names = Names(["a", "b"], ["a", "b"], ["k"])
        self.line("def r(a, b, k):")
        self.level = 1
        self.line(f"if k <= 0{self.rng.choice(['', ' or a > 1.5'])}:")
        self.line(f"    return {self.number(names)}")
        if self.chance(0.6):
            names = self.block(names, False, 1)
        again = f"r({self.number(names, 1)}, {self.leaf(names)}, k - 1)"
        if self.chance(0.3):
            again += f" * r({self.leaf(names)}, {self.leaf(names)}, k - 2)"
        self.line(f"return {self.number(names, 1)} + 0.5 * {again}")
        self.level = 0
        return "r"


def written(seed: str, number: int) -> str:
    """The text of a program."""
    return Writer(random.Random(f"{seed}:{number}")).program()
