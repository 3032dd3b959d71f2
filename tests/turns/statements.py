"""Random statements: assignments, branches, exits, and loops of every kind."""

from tests.turns.expressions import Expressions
from tests.turns.names import Names

#: From so many lines on a program ends soon.
LONG = 60
#: Statements that are rarer than assignments, branches and loops.
KINDS = ("flag", "pair", "closure", "closure", "walrus", "match", "count", "alias", "products")


class Statements(Expressions):
    """Writes statements, line by line."""

    def __init__(self, rng) -> None:  # type: ignore[no-untyped-def]
        super().__init__(rng)
        self.lines: list[str] = []
        self.level = 0
        #: Whether a `return` may stand here as it is.
        self.may_return = True

    def line(self, text: str) -> None:
        self.lines.append("    " * self.level + text)

    def block(self, names: Names, in_loop: bool, size: int) -> Names:
        names = names.copy()
        for _ in range(size):
            self.statement(names, in_loop)
        return names

    def indented(self, names: Names, in_loop: bool, size: int) -> None:
        self.level += 1
        self.block(names, in_loop, size)
        self.level -= 1

    def statement(self, names: Names, in_loop: bool) -> None:
        # Deep inside, and in a long program, little more than assignments.
        chance = self.rng.random() * (0.55 if self.level > 4 or len(self.lines) > LONG else 1.0)
        own = self.rng.choice(names.own)
        if chance < 0.28:
            target = own if self.chance(0.6) else self.fresh("v")
            self.line(f"{target} = {self.number(names)}")
            self.bound(names, target)
        elif chance < 0.42:
            operator = self.rng.choice(["+=", "-=", "*="])
            self.line(f"{own} {operator} {self.number(names, 1)} * 0.5")
        elif chance < 0.47 and len(names.own) > 1:
            a, b = self.rng.sample(names.own, 2)
            self.line(f"{a}, {b} = {b} * 0.5, {a}")
        elif chance < 0.54:
            self.rarer_statement(names, in_loop)
        elif chance < 0.74 or self.level > 4:
            self.branch(names, in_loop)
        else:
            self.loop(names)

    @staticmethod
    def bound(names: Names, target: str) -> None:
        if target not in names.numbers:
            names.numbers.append(target)
            names.own.append(target)

    def rarer_statement(self, names: Names, in_loop: bool) -> None:
        kind = self.rng.choice(KINDS)
        if kind == "flag":
            flag = self.rng.choice([*names.flags, self.fresh("flag")])
            self.line(f"{flag} = {self.condition(names)}")
            names.flags += [flag] if flag not in names.flags else []
        elif kind == "pair":
            pair = self.rng.choice([*names.pairs, self.fresh("p")])
            self.line(f"{pair} = ({self.number(names, 1)}, {self.number(names, 1)})")
            names.pairs += [pair] if pair not in names.pairs else []
        elif kind == "closure" and self.level < 3:
            self.closure(names)
        elif kind == "walrus":
            target = self.fresh("w")
            self.line(f"if ({target} := {self.number(names, 1)}) > {self.leaf(names)}:")
            self.level += 1
            self.line(f"{self.rng.choice(names.own)} = {target} * 0.7")
            self.level -= 1
            self.bound(names, target)
        elif kind == "match" and names.integers:
            self.choice(names, in_loop)
        elif kind == "count" and names.integers:
            target = self.fresh("k")
            self.line(f"{target} = {self.rng.choice(names.integers)} * 2 + 1")
            names.integers.append(target)
        elif kind == "products" and names.lists:
            self.products(names)
        elif kind == "alias" and names.lists:
            whole, part = self.fresh("us"), self.rng.choice(["", "[::-1]", "[:]"])
            self.line(f"{whole} = {self.rng.choice(names.lists)}{part}")
            names.lists.append(whole)
        else:
            self.line(f"{self.rng.choice(names.own)} -= {self.leaf(names)} * 0.2")

    def products(self, names: Names) -> None:
        """A loop that only adds up, as a dot product does."""
        total, v, w = self.fresh("s"), self.fresh("w"), self.fresh("w")
        one, other = (self.rng.choice(names.lists) for _ in range(2))
        self.line(f"{total} = 0.0")
        self.line(f"for {v}, {w} in zip({one}, {other}):")
        self.line(f"    {total} += {v} * {self.rng.choice([w, *names.numbers])}")
        self.bound(names, total)

    def closure(self, names: Names) -> None:
        """A function that sees the names around it, and may re-bind one of them."""
        function, shared = self.fresh("c"), self.rng.choice(names.own)
        self.line(f"def {function}(s, t=0.5):")
        self.level += 1
        inner = names.copy()
        inner.functions, inner.recursive = [], []
        inner.numbers += ["s", "t"]
        if self.chance(0.6):
            self.line(f"nonlocal {shared}")
            self.line(f"{shared} = {shared} * 0.9 + {self.number(inner, 1)} * 0.1")
        self.line(f"return {self.number(inner, 1)}")
        self.level -= 1
        own = self.rng.choice(names.own)
        self.line(f"{own} = {function}({self.leaf(names)}, t={self.leaf(names)})")
        if self.chance(0.5):
            self.line(f"{own} += 0.1 * {function}({self.leaf(names)})")

    def choice(self, names: Names, in_loop: bool) -> None:
        self.line(f"match {self.rng.choice(names.integers)} % 3:")
        self.level += 1
        for case in ("0", "1 | 2", "_")[: self.rng.randint(2, 3)]:
            self.line(f"case {case}:")
            self.indented(names, in_loop, 1)
        self.level -= 1

    def branch(self, names: Names, in_loop: bool) -> None:
        self.line(f"if {self.condition(names)}:")
        self.indented(names, in_loop, self.rng.randint(1, 2))
        self.level += 1
        self.exit(names, in_loop)
        self.level -= 1
        if self.chance(0.15):
            self.line(f"elif {self.condition(names)}:")
            self.indented(names, in_loop, 1)
        if self.chance(0.4):
            self.line("else:")
            self.level += 1
            self.block(names, in_loop, 1)
            if self.chance(0.3):
                self.exit(names, in_loop)
            self.level -= 1

    def exit(self, names: Names, in_loop: bool) -> None:
        chance = self.rng.random()
        if in_loop and chance < 0.3:
            self.line("break")
        elif in_loop and chance < 0.5:
            self.line("continue")
        elif chance < 0.62 and self.may_return:
            self.line(f"return {self.number(names)}")

    # Loops ----------------------------------------------------------------------------------

    def loop(self, names: Names) -> None:
        inner = names.copy()
        if self.chance(0.3):
            self.start_while(names, inner)
        else:
            self.start_for(names, inner)
        self.block(inner, True, self.rng.randint(1, 3))
        if self.chance(0.3):
            self.exit(inner, True)
        self.level -= 1
        if self.chance(0.12):
            self.line("else:")
            self.indented(names, False, 1)

    def start_while(self, names: Names, inner: Names) -> None:
        i, turns = self.fresh("i"), self.rng.randint(1, 4)
        self.line(f"{i} = 0")
        more = f" and ({self.condition(names)})" if self.chance(0.5) else ""
        kind = self.rng.random()
        if kind < 0.2:
            self.line("while True:")
        elif kind < 0.35:
            self.line(f"while (w{i} := {self.number(names, 1)}) > -0.5 and {i} < {turns}:")
            inner.numbers.append(f"w{i}")
        else:
            self.line(f"while {i} < {turns}{more}:")
        self.level += 1
        self.line(f"{i} += 1")
        if kind < 0.2:
            self.line(f"if {i} > {turns}{more.replace(' and ', ' or ')}:")
            self.level += 1
            self.line(self.rng.choice(["break", f"return {self.number(names, 1)}"]))
            self.level -= 1
        inner.integers.append(i)

    def start_for(self, names: Names, inner: Names) -> None:
        i, v = self.fresh("i"), self.fresh("w")
        bound = self.rng.choice(["3", "2", "0", *names.integers])
        forms: list[tuple[str, list[str], list[str]]] = [
            (f"for {i} in range({bound}):", [i], []),
            (f"for {i} in range(1, {bound} + 2):", [i], []),
            (f"for {i} in range({bound}, -1, -1):", [i], []),
            (f"for {i} in range(0, 5, 2):", [i], []),
            (f"for {i} in reversed(range({bound})):", [i], []),
        ]
        if names.lists:
            whole, other = (self.rng.choice(names.lists) for _ in range(2))
            forms += [
                (f"for {v} in {whole}:", [], [v]),
                (f"for {i}, {v} in enumerate({whole}):", [i], [v]),
                (f"for {i}, {v} in zip({whole}, reversed({other})):", [], [i, v]),
                (f"for {v} in reversed({whole}):", [], [v]),
                (f"for {v} in {whole}[{self.rng.choice(['1:', ':2', '::2', '::-1'])}]:", [], [v]),
                (f"for {i}, ({v}, u{v}) in enumerate(zip({whole}, ys)):", [i], [v, f"u{v}"]),
            ]
        head, integers, numbers = self.rng.choice(forms)
        if names.rows and self.chance(0.1):
            inner.lists.append(f"r{v}")
            head, integers, numbers = f"for {i}, r{v} in enumerate({names.rows[0]}):", [i], []
        if integers and self.chance(0.2):
            self.line(f"{integers[0]} = 1")  # so that it can be read after the loop
            names.integers.append(integers[0])
        self.line(head)
        self.level += 1
        inner.integers += integers
        inner.numbers += numbers
