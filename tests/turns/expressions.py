"""Random expressions: numbers of moderate size, conditions, reads of lists, calls."""

import random

from tests.turns.names import Names


class Expressions:
    """Writes expressions; the same for the same random numbers."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.made = 0

    def fresh(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}{self.made}"

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def number(self, names: Names, depth: int = 2) -> str:
        """An expression for a number."""
        if depth == 0 or self.chance(0.2):
            return self.leaf(names)
        a, b = self.number(names, depth - 1), self.number(names, depth - 1)
        forms = [
            *[f"({a} + {b})", f"({a} - {b})", f"({a} * {b})", f"({a} * {b})"],
            *[f"({a} / (2.0 + math.cos({b})))", f"math.sin({a})", f"math.exp(-abs({a}))"],
            *[f"math.sqrt(1.0 + ({a}) ** 2)", f"math.tanh({a})", f"math.log(1.5 + abs({a}))"],
            f"({a} if {self.condition(names)} else {b})",
            *(f"{function}({a}, {b})" for function in names.functions),
            *(f"{function}({a}, {b}, {self.depth(names)})" for function in names.recursive),
        ]
        if self.chance(0.25):
            forms = self.rarer(names, a, b)
        return self.rng.choice(forms)

    def rarer(self, names: Names, a: str, b: str) -> list[str]:
        forms = [f"max({a}, {b})", f"min({a}, {b}, 0.3)", f"math.hypot({a}, 1.0 + ({b}) ** 2)"]
        forms += [f"{flag} * {a}" for flag in names.flags]
        forms += [f"{pair}[{self.rng.choice(['0', '1', '-1'])}]" for pair in names.pairs]
        for whole in names.lists:
            v, i = self.fresh("v"), self.fresh("i")
            forms += [
                f"sum({v} * {v} for {v} in {whole})",
                f"sum({v} * {a} for {v} in {whole} if {v} > 0.2)",
                f"sum({whole}[{i}] * {i} for {i} in range(len({whole})))",
                f"(max({whole}) * {b})",
                f"math.tanh(sum({whole}) * {a})",
            ]
        return forms

    def leaf(self, names: Names) -> str:
        chance = self.rng.random()
        if names.rows and chance < 0.06:
            i = self.rng.choice([*(f"{name} % 2" for name in names.integers), "0", "-1"])
            return f"{self.rng.choice(names.rows)}[{i}][{self.place(names, 2)}]"
        if chance < 0.72 or not names.lists:
            few = not names.integers or self.chance(0.85)
            return self.rng.choice(names.numbers if few else names.integers)
        if chance < 0.86:
            return f"{self.rng.choice(names.lists)}[{self.place(names, 3)}]"
        return repr(round(self.rng.uniform(-1.5, 1.5), 2))

    def place(self, names: Names, size: int) -> str:
        if names.integers and self.chance(0.6):
            return f"{self.rng.choice(names.integers)} % {size}"
        return self.rng.choice(["0", "-1", "1", str(size - 1)])

    def depth(self, names: Names) -> str:
        """How deep a function calls itself."""
        return self.rng.choice(["2", "3", "1", *(f"{name} % 4" for name in names.integers)])

    def condition(self, names: Names) -> str:
        if names.flags and self.chance(0.2):
            return self.rng.choice(["", "not "]) + self.rng.choice(names.flags)
        if names.integers and self.chance(0.45):
            of = self.rng.choice(names.integers)
            return f"{of} % {self.rng.randint(2, 3)} == {self.rng.randint(0, 1)}"
        other = self.rng.choice([self.leaf(names), repr(round(self.rng.uniform(-2, 2), 2))])
        test = f"{self.leaf(names)} {self.rng.choice(['<', '>', '<=', '>='])} {other}"
        chain = f"-0.7 < {self.leaf(names)} <= {other}"
        more = [f"{test} and {self.leaf(names)} > -3", f"{test} or {chain}", f"not {test}", chain]
        return self.rng.choice([*[test] * 8, *more])
