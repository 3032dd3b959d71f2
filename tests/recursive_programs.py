"""Random programs of recursive functions, held against the tape and, at order two, differences.

    python -m tests.recursive_programs --seed 1 --count 300

Each has one or two functions that call themselves and each other, at any place: in branches, in
loops, in expressions, twice; they take and return one number or two.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections import Counter

from sourcediff import DifferentiationError, grad, tape
from tests.generator import load_source

POINTS = ((0.7, -0.4, 3), (1.3, 0.2, 0), (-0.6, 0.9, 2))


class Writer:
    """Writes one program."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        #: The functions that are called, and all, by how many numbers they return.
        self.functions: dict[str, int] = {}
        self.counts: dict[str, int] = {}

    def program(self) -> str:
        names = ["first", "second"][: self.random.choice((1, 1, 2))]
        self.functions = {name: self.random.choice((1, 1, 2)) for name in names}
        self.counts = self.functions | {"f": 1}
        self.lines = ["import math", ""]
        for name in names:
            self.function(name)
        self.lines += ["", "def f(x, y, n):"]
        variables = ["x", "y"]
        for _ in range(self.random.randrange(2)):
            self.statement("    ", variables, 1, "n")
        self.call("    ", variables, "n")
        self.lines.append(f"    return {self.answer('f', variables)}")
        return "\n".join(self.lines) + "\n"

    def function(self, name: str) -> None:
        self.lines += ["", f"def {name}(x, y, n):", "    if n <= 0:"]
        self.lines.append(f"        return {self.answer(name, ['x', 'y'])}")
        variables = ["x", "y"]
        calls = self.random.choice((1, 1, 2))
        for _ in range(self.random.randrange(1, 4)):
            self.statement("    ", variables, calls, "n - 1")
        if self.random.random() < 0.5:
            self.call("    ", variables, "n - 1")
        self.lines.append(f"    return {self.answer(name, variables)}")

    def answer(self, name: str, variables: list[str]) -> str:
        parts = [self.expression(variables, 2) for _ in range(self.counts[name])]
        used = [v for v in variables if v not in "xy"]
        parts[0] += "".join(f" + 0.3 * {v}" for v in used)  # so that all that is done counts
        return ", ".join(parts)

    def statement(self, indent: str, variables: list[str], calls: int, depth: str) -> None:
        kind = self.random.randrange(7)
        if kind < 2:
            self.assign(indent, variables)
        elif kind < 4:
            self.call(indent, variables, depth)
        elif kind == 4 and len(indent) < 12:
            self.lines.append(f"{indent}if {self.test(variables)}:")
            inner = list(variables)
            for _ in range(self.random.randrange(1, 3)):
                self.statement(indent + "    ", inner, calls, depth)
            if self.random.random() < 0.3 and indent == "    " and depth != "n":
                name = next(reversed(self.lines_functions()))
                self.lines.append(f"{indent}    return {self.answer(name, inner)}")
            if self.random.random() < 0.6:
                self.lines.append(f"{indent}else:")
                self.assign(indent + "    ", list(variables), self.random.choice(variables))
        elif kind == 5 and len(indent) < 8:
            self.lines.append(f"{indent}for k in range({self.random.choice(('2', 'n', '3'))}):")
            target = self.random.choice(variables)
            if self.random.random() < 0.4:
                self.call(indent + "    ", [*variables], depth, target)
            else:
                self.assign(indent + "    ", [*variables, "k"], target)
            if self.random.random() < 0.3:
                self.lines.append(f"{indent}    if {self.test(variables)}:")
                self.lines.append(f"{indent}        break")
        else:
            self.assign(indent, variables, self.random.choice(variables))

    def lines_functions(self) -> list[str]:
        return [line[4:].split("(")[0] for line in self.lines if line.startswith("def ")]

    def assign(self, indent: str, variables: list[str], target: str | None = None) -> None:
        value = self.expression(variables, 2)
        if target is None:
            target = self.random.choice("abc")
            if target not in variables:
                variables.append(target)
        self.lines.append(f"{indent}{target} = {value}")

    def call(
        self, indent: str, variables: list[str], depth: str, target: str | None = None
    ) -> None:
        name = self.random.choice(list(self.functions))
        args = f"{self.expression(variables, 1)}, {self.expression(variables, 1)}, {depth}"
        call = f"{name}({args})"
        known = [v for v in variables if v != "k"]
        if self.functions[name] == 2:
            if target is not None or self.random.random() < 0.4:
                value = f"{call}[{self.random.randrange(2)}]"
            else:
                one, two = self.random.sample(["a", "b", "c"], 2)
                variables += [v for v in (one, two) if v not in variables]
                self.lines.append(f"{indent}{one}, {two} = {call}")
                return
        else:
            value = call
        if self.random.random() < 0.5:
            value = f"0.5 * {value} + {self.expression(known, 1)}"
        if target is None:
            target = self.random.choice("abc")
            if target not in variables:
                variables.append(target)
        self.lines.append(f"{indent}{target} = {value}")

    def test(self, variables: list[str]) -> str:
        if self.random.random() < 0.3:
            return f"n % {self.random.randrange(2, 4)} == 1"
        value = self.random.choice(variables)
        return f"{value} {self.random.choice('<>')} {self.random.choice((-0.31, 0.17, 0.53))}"

    def expression(self, variables: list[str], depth: int) -> str:
        if depth == 0 or self.random.random() < 0.2:
            number = str(self.random.choice((0.5, 1.25, -0.3)))
            return self.random.choice([*variables, *variables, number])
        one = self.expression(variables, depth - 1)
        two = self.expression(variables, depth - 1)
        form = self.random.randrange(6)
        if form < 3:
            return f"({one} {'+-*'[form]} {two})"
        function = ("math.sin", "math.tanh", "math.cos")[form - 3]
        return f"{function}({one})"


def verdict(seed: str) -> tuple[str, str]:
    """What became of a program, with its text and what is wrong with it."""
    text = Writer(seed).program()
    function = load_source(text)
    for place in (0, 1):
        for point in POINTS:
            try:
                expected = tape.gradient(function, *point, argnums=place)
            except (ArithmeticError, ValueError, UnboundLocalError, RecursionError):
                continue
            try:
                first = grad(function, argnums=place)
                found = first(*point)
            except DifferentiationError as refusal:
                message = str(refusal.msg)
                return ("internal" if "internal" in message else "refused"), f"{message}\n{text}"
            if not math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-11):
                return "wrong", f"{found} for {expected} at {point} in {place}\n{text}"
            if place:
                continue
            try:
                second = grad(first, argnums=place)(*point)
            except DifferentiationError as refusal:
                message = str(refusal.msg)
                return ("internal" if "internal" in message else "once"), f"{message}\n{text}"
            slopes = []
            for h in (1e-4, 5e-5):
                up, down = (point[0] + h, *point[1:]), (point[0] - h, *point[1:])
                slopes.append((first(*up) - first(*down)) / (2 * h))
            slope = slopes[1] + (slopes[1] - slopes[0]) / 3
            error = abs(slopes[1] - slopes[0]) + 1e-6 * (1 + abs(slope))
            if error < 1e-3 * (1 + abs(slope)) and abs(second - slope) > 10 * error:
                return "wrong", f"order two: {second} for {slope} at {point}\n{text}"
    return "right", text


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=100)
    chosen = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    for number in range(chosen.count):
        kind, report = verdict(f"{chosen.seed}-{number}")
        counts[kind] += 1
        if kind in ("wrong", "internal"):
            print(f"{kind}: program {number} of seed {chosen.seed}: {report}")
    print(dict(counts))
    return 1 if counts["wrong"] or counts["internal"] else 0


if __name__ == "__main__":
    sys.exit(main())
