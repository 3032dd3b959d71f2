"""Random programs of loops, exits, helpers and reads of lists; their gradients against the tape.

    python -m tests.turns --seed 1 --count 500

Every program is differentiated at three points, the second order is held against differences of
the first, and what differs is printed with the number of the program, which ``--start`` repeats.
"""

import argparse
import linecache
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sourcediff import DifferentiationError, grad, tape

POINTS = (
    (0.7, -0.4, [0.3, 1.2, -0.8], [1.1, 0.2, 0.5], 3),
    (1.3, 0.9, [0.5, -0.2, 0.4], [-0.6, 0.8, 1.4], 0),
    (-0.5, 1.7, [1.5, 0.1, 0.9], [0.3, 0.3, -1.0], 5),
)
WRT = (0, 1, 2, 3)


@dataclass
class Names:
    """What a program can read at a place: numbers (those it may bind too), integers, lists."""

    numbers: list[str]
    own: list[str]
    integers: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)

    def copy(self) -> "Names":
        return Names(*(list(getattr(self, name)) for name in self.__dataclass_fields__))


class Writer:
    """Writes one program; the same for the same random numbers."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.made = 0
        self.depth = 0

    def program(self) -> str:
        functions: list[str] = []
        for k in range(self.rng.randint(0, 2)):
            self.line(f"def h{k}(a, b):")
            self.depth = 1
            names = Names(["a", "b"], ["a", "b"], functions=list(functions))
            self.block(names, False, self.rng.randint(1, 3))
            self.line(f"return {self.expression(Names(['a', 'b'], ['a', 'b']))}")
            self.depth = 0
            functions.append(f"h{k}")
        self.line("def f(x, y, xs, ys, n):")
        self.depth = 1
        names = Names(["x", "y"], ["x", "y"], ["n"], ["xs", "ys"], functions)
        names = self.block(names, False, self.rng.randint(3, 6))
        self.line(f"return {self.expression(names)}")
        return "import math\n" + "\n".join(self.lines) + "\n"

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def fresh(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}{self.made}"

    # Expressions ----------------------------------------------------------------------------

    def leaf(self, names: Names) -> str:
        chance = self.rng.random()
        if chance < 0.72 or not names.lists:
            few = not names.integers or self.rng.random() < 0.85
            return self.rng.choice(names.numbers if few else names.integers)
        if chance < 0.86:
            return f"{self.rng.choice(names.lists)}[{self.place(names)}]"
        return repr(round(self.rng.uniform(-1.5, 1.5), 2))

    def place(self, names: Names) -> str:
        if names.integers and self.rng.random() < 0.6:
            return f"{self.rng.choice(names.integers)} % 3"
        return self.rng.choice(["0", "-1", "1", "2"])

    def expression(self, names: Names, depth: int = 2) -> str:
        if depth == 0 or self.rng.random() < 0.2:
            return self.leaf(names)
        a, b = self.expression(names, depth - 1), self.expression(names, depth - 1)
        forms = [
            *[f"({a} + {b})", f"({a} - {b})", f"({a} * {b})", f"({a} * {b})"],
            *[f"({a} / (2.0 + math.cos({b})))", f"math.sin({a})", f"math.exp(-abs({a}))"],
            *[f"math.sqrt(1.0 + ({a}) ** 2)", f"math.tanh({a})"],
            f"({a} if {self.condition(names)} else {b})",
            *(f"{function}({a}, {b})" for function in names.functions),
        ]
        return self.rng.choice(forms)

    def condition(self, names: Names) -> str:
        if names.integers and self.rng.random() < 0.45:
            of = self.rng.choice(names.integers)
            return f"{of} % {self.rng.randint(2, 3)} == {self.rng.randint(0, 1)}"
        other = self.rng.choice([self.leaf(names), repr(round(self.rng.uniform(-2, 2), 2))])
        test = f"{self.leaf(names)} {self.rng.choice(['<', '>', '<=', '>='])} {other}"
        return self.rng.choice([*[test] * 8, f"{test} and {self.leaf(names)} > -3", f"not {test}"])

    # Statements -----------------------------------------------------------------------------

    def block(self, names: Names, in_loop: bool, size: int) -> Names:
        names = names.copy()
        for _ in range(size):
            self.statement(names, in_loop)
        return names

    def statement(self, names: Names, in_loop: bool) -> None:
        chance = self.rng.random()
        own = self.rng.choice(names.own)
        if chance < 0.34:
            target = own if self.rng.random() < 0.6 else self.fresh("v")
            self.line(f"{target} = {self.expression(names)}")
            if target not in names.numbers:
                names.numbers.append(target)
                names.own.append(target)
        elif chance < 0.5:
            operator = self.rng.choice(["+=", "-=", "*="])
            self.line(f"{own} {operator} {self.expression(names, 1)} * 0.5")
        elif chance < 0.56 and len(names.own) > 1:
            a, b = self.rng.sample(names.own, 2)
            self.line(f"{a}, {b} = {b} * 0.5, {a}")
        elif chance < 0.72 or self.depth > 3:
            self.branch(names, in_loop)
        else:
            self.loop(names)

    def branch(self, names: Names, in_loop: bool) -> None:
        self.line(f"if {self.condition(names)}:")
        self.depth += 1
        self.block(names, in_loop, self.rng.randint(1, 2))
        self.exit(names, in_loop)
        self.depth -= 1
        if self.rng.random() < 0.4:
            self.line("else:")
            self.depth += 1
            self.block(names, in_loop, 1)
            if self.rng.random() < 0.3:
                self.exit(names, in_loop)
            self.depth -= 1

    def exit(self, names: Names, in_loop: bool) -> None:
        chance = self.rng.random()
        if in_loop and chance < 0.3:
            self.line("break")
        elif in_loop and chance < 0.5:
            self.line("continue")
        elif chance < 0.62:
            self.line(f"return {self.expression(names)}")

    def loop(self, names: Names) -> None:
        inner = names.copy()
        i, v = self.fresh("i"), self.fresh("w")
        bound = self.rng.choice(["3", "2", "0", *names.integers])
        forms: list[tuple[str, list[str], list[str]]] = [
            (f"for {i} in range({bound}):", [i], []),
            (f"for {i} in range(1, {bound} + 2):", [i], []),
            (f"for {i} in range({bound}, -1, -1):", [i], []),
            (f"for {i} in range(0, 5, 2):", [i], []),
        ]
        if names.lists:
            whole = self.rng.choice(names.lists)
            forms += [
                (f"for {v} in {whole}:", [], [v]),
                (f"for {i}, {v} in enumerate({whole}):", [i], [v]),
                (f"for {i}, {v} in zip(xs, reversed(ys)):", [], [i, v]),
                (f"for {v} in reversed(xs):", [], [v]),
            ]
        if self.rng.random() < 0.3:
            self.line(f"{i} = 0")
            more = f" and {self.condition(names)}" if self.rng.random() < 0.5 else ""
            self.line(f"while {i} < {self.rng.randint(1, 4)}{more}:")
            self.depth += 1
            self.line(f"{i} += 1")
            inner.integers.append(i)
        else:
            head, integers, numbers = self.rng.choice(forms)
            self.line(head)
            self.depth += 1
            inner.integers += integers
            inner.numbers += numbers
        self.block(inner, True, self.rng.randint(1, 3))
        if self.rng.random() < 0.3:
            self.exit(inner, True)
        self.depth -= 1
        if self.rng.random() < 0.12:
            self.line("else:")
            self.depth += 1
            self.block(names, False, 1)
            self.depth -= 1


# Judging ------------------------------------------------------------------------------------


def written(seed: str, number: int) -> str:
    """The text of a program."""
    return Writer(random.Random(f"{seed}:{number}")).program()


def loaded(text: str, name: str) -> Callable[..., Any]:
    """The function of a text, which `inspect` can find."""
    filename = f"<turns {name}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    namespace: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), namespace)
    function: Callable[..., Any] = namespace["f"]
    return function


def flat(found: Any) -> list[float]:
    """The numbers of a structure."""
    if isinstance(found, list | tuple):
        return [number for item in found for number in flat(item)]
    return [float(found)]


def agree(actual: list[float], expected: list[float], relative: float, absolute: float) -> bool:
    """Whether numbers are equal; where the reference is no number there is nothing to say."""
    return len(actual) == len(expected) and all(
        math.isclose(a, b, rel_tol=relative, abs_tol=absolute) or a == b or b != b
        for a, b in zip(actual, expected, strict=True)
    )


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gives, or the exception that it raises."""
    try:
        return call()
    except DifferentiationError:
        raise
    except Exception as raised:
        return raised


def verdicts(function: Callable[..., Any]) -> Iterator[str]:
    """What is found at each point, order by order."""
    first, second = grad(function, argnums=WRT), grad(grad(function))
    slope = grad(function)
    for point in POINTS:
        try:
            actual = outcome(lambda point=point: first(*point))  # type: ignore[misc]
        except DifferentiationError as refusal:
            yield "internal error" if "internal" in str(refusal.msg) else "refused"
            return
        expected = outcome(lambda point=point: tape.gradient(function, *point, argnums=WRT))  # type: ignore[misc]
        if isinstance(actual, Exception) or isinstance(expected, Exception):
            same = type(actual) is type(expected) or isinstance(expected, Exception)
            yield "both raise" if same else f"raises {actual!r}"
            continue
        if not agree(flat(actual), flat(expected), 1e-7, 1e-9):
            yield f"wrong: {actual} for {expected}"
            return
        yield "first order"
        x, *rest = point
        coarse, fine = ((slope(x + h, *rest) - slope(x - h, *rest)) / (2 * h) for h in (3e-5, 1e-5))
        if math.isclose(coarse, fine, rel_tol=1e-4, abs_tol=1e-6):  # smooth there
            right = agree([second(*point)], [fine], 1e-3, 1e-5)
            yield "second order" if right else f"wrong at order two: {second(*point)} for {fine}"


def main(arguments: list[str]) -> int:
    """Judge programs; the exit status says whether any was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.turns")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    for number in range(options.start, options.start + options.count):
        text = written(options.seed, number)
        for verdict in verdicts(loaded(text, f"{options.seed}:{number}")):
            kind = verdict.partition(":")[0].partition(" at")[0]
            counts[kind] += 1
            if kind.startswith(("wrong", "internal", "raises")):
                print(f"program {number} of seed {options.seed}: {verdict}", flush=True)
    print(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
    return int(any(kind.startswith(("wrong", "internal", "raises")) for kind in counts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
