"""A generated program: text, entry point, arguments; made, loaded and taken apart here."""

import ast
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.generator.choices import Choices, SeededChoices
from tests.generator.functions import function_body, write_class, write_helper
from tests.generator.kinds import Integer, Kind, Scalar, Text
from tests.generator.loading import covering, executed_lines, load_source
from tests.generator.registry import left_out
from tests.generator.scope import Scope
from tests.generator.writer import (
    BAR_NAMES,
    CONSTANTS,
    NAMES,
    SHADOWED,
    Writer,
    construct_names,
    details,
)

# Importing a module of constructs registers them.
from tests.generator import containers, logic, statements  # noqa: F401  isort: skip

ARGUMENT_BOUND = 3.0
WORDS = ("low", "high", "out")
SPECIAL = (0.0, 1.0, -1.0, 2.0, -0.0, 0.5)
ENTRY_SIZE = 9
# Without these there would be places where nothing can be written.
CORE = {
    "addition",
    "multiplication",
    "math function",
    "comparison",
    "comparison with zero",
    "assignment",
    "math.sin",
    "math.atan2",
}
# Points that are tried, and how many of them a program keeps.
CANDIDATES = 24
FEWEST_POINTS = 2
MOST_POINTS = 4

details(
    "user names like adjoints",
    "local names of builtins",
    "method",
    "module constant defined",
    "int argument",
    "string argument",
    "int for a float",
    "equal arguments",
    "special value",
    "operations that may raise",
    "name that may be unbound",
)


@dataclass(frozen=True)
class GeneratedProgram:
    """Source text of a module, the name of its entry, and where to run it.

    ``args`` is the first of ``points``; ``argnums`` are the positions of the floats.
    """

    source: str
    entry: str
    points: tuple[tuple[Any, ...], ...]
    argnums: tuple[int, ...]
    constructs: Counter[str] = field(compare=False, default_factory=Counter)

    @property
    def args(self) -> tuple[Any, ...]:
        return self.points[0]

    def __repr__(self) -> str:
        calls = "; ".join(f"{self.entry}{point!r}" for point in self.points)
        return f"<program, argnums={self.argnums}, at {calls}>\n{self.source}"


def generate(choices: Choices, without: frozenset[str] = frozenset()) -> GeneratedProgram:
    """Writes a random program, leaving out the constructs named."""
    w = Writer(choices, without | left_out(choices, construct_names() - CORE))
    w.raw = w.may("operations that may raise", 0.05)
    w.unbound = w.may("name that may be unbound", 0.06)
    if w.may("user names like adjoints", 0.1):
        w.pool = choices.shuffled([*BAR_NAMES, *NAMES[:6]])
    if w.may("local names of builtins", 0.05):
        name = choices.choose(SHADOWED)
        w.shadowed.add(name)
        w.pool = [name, *w.pool]
    _write_constants(w)
    if w.may("method", 0.12):
        write_class(w)
    for _ in range(choices.weighted([(0, 3), (1, 4), (2, 3), (3, 1)])):
        write_helper(w)
    parameters = _entry_parameters(w)
    with w.inside(Scope(dict(parameters)), Scalar()):
        w.scope.fixed = {n for n, kind in parameters.items() if isinstance(kind, Text)}
        body = function_body(w, choices.integer(1, ENTRY_SIZE))
    text = "\n".join(
        [
            "import math",
            "",
            *w.module,
            f"def f({', '.join(parameters)}):",
            *(f"    {line}" for line in body),
        ]
    )
    argnums = tuple(k for k, kind in enumerate(parameters.values()) if isinstance(kind, Scalar))
    # Unparsed, so that brackets stand only where they are needed.
    source = ast.unparse(ast.parse(text)) + "\n"
    points = _points(w, source, list(parameters.values()))
    return GeneratedProgram(source, "f", points, argnums, w.constructs)


def _write_constants(w: Writer) -> None:
    for name in CONSTANTS[: w.choices.integer(0, 2)]:
        w.note("module constant defined")
        value = w.choices.choose(["0.5", "1.75", "-2", "3", "math.pi / 2", "2 ** 0.5"])
        w.module.append(f"{name} = {value}")
        w.module_names[name] = Scalar(3.0)
    w.module += ["", ""]


def _entry_parameters(w: Writer) -> dict[str, Kind]:
    names = w.pool[:4]
    parameters: dict[str, Kind] = {
        name: Scalar(ARGUMENT_BOUND) for name in names[: w.choices.integer(1, 4)]
    }
    if w.may("int argument", 0.25):
        parameters["n"] = Integer(5.0)
    if w.may("string argument", 0.1):
        parameters["mode"] = Text(WORDS)
    return parameters


def _points(w: Writer, source: str, kinds: list[Kind]) -> tuple[tuple[Any, ...], ...]:
    """Returns the points, out of many, that together run the most lines.

    A program seldom takes its exits at a random point, and what never runs tests nothing.
    """
    function = load_source(source)
    w.choices = SeededChoices(f"points {w.choices.integer(0, 2**16)}")
    candidates = [_point(w, kinds) for _ in range(CANDIDATES)]
    lines = [executed_lines(function, point) for point in candidates]
    chosen = covering(lines, FEWEST_POINTS, MOST_POINTS)
    points = tuple(candidates[k] for k in chosen)
    _note_points(w, points, kinds)
    return points


def _note_points(w: Writer, points: tuple[tuple[Any, ...], ...], kinds: list[Kind]) -> None:
    for point in points:
        floats = [v for v, kind in zip(point, kinds, strict=True) if isinstance(kind, Scalar)]
        if any(type(value) is int for value in floats):
            w.note("int for a float")
        if any(type(value) is float and value in SPECIAL for value in floats):
            w.note("special value")
        if len(set(floats)) < len(floats):
            w.note("equal arguments")


def _point(w: Writer, kinds: list[Kind]) -> tuple[Any, ...]:
    """Returns arguments; few are special values, where ties and kinks are."""
    choices = w.choices
    point: list[Any] = []
    for kind in kinds:
        if isinstance(kind, Integer):
            point.append(choices.integer(0, 5))
        elif isinstance(kind, Text):
            point.append(choices.choose(kind.options))
        elif choices.chance(0.03):
            point.append(choices.choose(SPECIAL))
        elif choices.chance(0.02):
            point.append(choices.integer(-2, 2))
        elif point and isinstance(point[-1], float) and choices.chance(0.02):
            point.append(point[-1])
        else:
            # Off the grid of the constants, so that no comparison is a tie by accident.
            point.append(choices.integer(-250, 250) / 100 + 0.00371)
    return tuple(point)


def load(program: GeneratedProgram) -> Callable[..., Any]:
    """Returns the entry function of the program, loaded afresh."""
    return load_source(program.source, program.entry)
