"""Random programs: helpers that read and write, and the function `f`."""

import random

from tests.views.names import Helper, Names, Shape
from tests.views.statements import Statements

SHAPES: list[Shape] = [(4,), (4,), (3, 4), (2,), (3,)]
HEAD = "import math\n\nimport numpy as np\n\n\n"
CLASS = "class P:\n    def __init__(self, u, m):\n        self.u, self.m = u, m\n\n\n"


class Writer(Statements):
    """Writes one program; the same for the same random numbers."""

    def program(self) -> str:
        helpers: list[Helper] = []
        for number in range(self.rng.randint(0, 2)):
            helpers.append(self.helper(number, helpers))
        self.line("def f(x, A, T, s, n):")
        self.level = 1
        given: dict[str, Shape] = {"x": (4,), "A": (3, 4)}
        if self.chance(0.3):
            given["T"] = (2, 3, 4)
        names = Names(given, ["s"], ["n"], helpers=helpers)
        names = self.block(names, False, self.rng.randint(2, 6))
        results = []
        for name, shape in sorted(names.arrays.items())[-4:]:
            weights = self.rng.choice([f"np.cos({name})", name, self.operand(shape, names, 1)])
            results.append(f"np.sum({name} * {weights})")
        self.line(f"return {' + '.join([*results, self.number(names)])}")
        return HEAD + (CLASS if self.allows("objects") else "") + "\n".join(self.lines) + "\n"

    def helper(self, number: int, helpers: list[Helper]) -> Helper:
        """A function that writes to its first argument, or returns an array."""
        name, shape = f"h{number}", self.rng.choice(SHAPES)
        self.line(f"def {name}(a, b):")
        self.level = 1
        other = self.rng.choice([(), shape])
        numbers = ["0.7"] if other else ["b"]
        names = Names({"a": shape, **({"b": other} if other else {})}, numbers)
        returns = None
        if self.chance(0.6):
            self.write(names, False)
            if self.chance(0.3):
                self.whole(names, False)
        else:
            returns = self.rng.choice([shape, (4,)])
            if self.chance(0.5):
                names = self.block(names, False, 1)
            self.line(f"return {self.array(returns, names, 1)}")
        self.level = 0
        self.line("")
        self.line("")
        return Helper(name, (shape, other), returns)


def written(seed: str, number: int) -> str:
    """The text of a program."""
    return Writer(random.Random(f"{seed}:{number}")).program()
