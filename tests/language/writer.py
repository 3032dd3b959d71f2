"""The state of one program that is being written, and the choice of what is written next.

An expression is written for the kind of value that is wanted: ``w.value(Row(NUMBER))`` picks
among the constructs that make a list of numbers.  Sub-expressions come in brackets, which
``ast.unparse`` drops where they are not needed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.generator.registry import Construct
from tests.generator.writer import Block, indented
from tests.language.constructs import (
    ANYTHING,
    DISPLAYS,
    EXPRESSIONS,
    STATEMENTS,
    construct_names,
    details,
    displays,
    expression,
    statement,
)
from tests.language.kinds import FLAG, INTEGER, NUMBER, TEXT, Flag, Kind
from tests.language.names import ClassInfo, Names, Place
from tests.language.scope import Scope

__all__ = [
    "STATEMENTS",
    "Block",
    "ClassInfo",
    "Place",
    "Writer",
    "construct_names",
    "details",
    "displays",
    "expression",
    "indented",
    "statement",
]

DEEPEST_EXPRESSION = 5
MOST_CONSTRUCTS = 280

# Conditions that hold in some turns of a loop and not in others.
TESTS: dict[Kind, str] = {NUMBER: "> {}", INTEGER: "% 2 == 0", FLAG: "is True", TEXT: "> 'b'"}
THRESHOLDS = ["0.5", "0", "-0.5", "1", "0.25"]


@dataclass
class Writer(Names):
    """Writes one program of at most about ``most`` constructs."""

    level: int = 0
    most: int = MOST_CONSTRUCTS

    @property
    def is_once(self) -> bool:
        """Whether what is written runs at most once: in the entry, outside of loops."""
        return self.is_entry and self.function_depth == 1 and not self.loops

    @property
    def is_full(self) -> bool:
        """Whether the program is so large that it must come to an end."""
        return self.picked > self.most

    def pick(self, table: list[Construct], *context: Any) -> Construct:
        # The tables are long, and whether a construct applies takes a walk through the scope:
        # so it is asked of the one that was drawn.
        options = [(c, c.weight) for c in table if self.allowed(c.name)]
        while True:
            construct = self.choices.weighted(options)
            if construct.applies(self, *context):
                self.picked += 1
                self.note(construct.name)
                return construct
            options.remove((construct, construct.weight))

    # Values. -----------------------------------------------------------------------------

    def value(self, kind: Kind, depth: int = 2) -> str:
        """Returns an expression of the kind."""
        if depth <= 0 or self.level >= DEEPEST_EXPRESSION or self.is_full:
            return self.leaf(kind)
        if not self.choices.chance(0.8):
            return self.leaf(kind)
        table = EXPRESSIONS[type(kind)] + ANYTHING
        self.level += 1
        try:
            text: str = self.pick(table, kind).write(self, kind, depth - 1)
        finally:
            self.level -= 1
        return f"({text})"

    def leaf(self, kind: Kind) -> str:
        """Returns a place of the kind if there is one, else a constant or a display."""
        if not self.choices.chance(0.9):
            return self.display(kind)
        return self.place(kind) or self.display(kind)

    def place(self, kind: Kind) -> str | None:
        """Returns a place of the kind, first among the names that nobody has read."""
        places = self.places(kind)
        if not places:
            return None
        unread = [place for place in places if place[0] in self.scope.unread]
        local = [place for place in places if place[0] in self.scope.names]
        if unread and self.choices.chance(0.5):
            places = unread
        elif local and self.choices.chance(0.9):
            places = local
        return self.path(*self.choices.choose(places))

    def display(self, kind: Kind, depth: int = 0) -> str:
        """Returns a new value of the kind."""
        return DISPLAYS[type(kind)](self, kind, depth)

    def condition(self, depth: int = 1) -> str:
        # A name or a constant alone decides little.
        return self.pick(EXPRESSIONS[Flag], FLAG).write(self, FLAG, depth)

    # Statements. -------------------------------------------------------------------------

    def test_of(self, names: dict[str, Kind]) -> str:
        """Returns a condition that depends on the turn of a loop, if it can."""
        places = [
            (name, route, test)
            for name, kind in names.items()
            for end, test in TESTS.items()
            for route in self.routes(kind).get(end, ())
            if self.scope.names.get(name) == kind
        ]
        if not places or self.choices.chance(0.25):
            return self.condition(1)
        name, route, test = self.choices.choose(places)
        return f"{self.path(name, route)} {test.format(self.choices.choose(THRESHOLDS))}"

    def statement(self) -> Block:
        block: Block = self.pick(STATEMENTS).write(self)
        return block

    def block(self, size: int) -> Block:
        """Writes statements until one ends the block."""
        lines: list[str] = []
        for _ in range(size):
            if self.is_full and lines:
                break
            block = self.statement()
            lines += block.lines
            if block.ends:
                return Block(lines, True)
        return Block(lines)

    @contextmanager
    def inside(self, scope: Scope, result: Kind) -> Iterator[None]:
        """What is written inside is the body of another function."""
        saved = (self.scope, self.result, self.depth, self.loops, self.tries, self.turning)
        self.scope, self.result, self.loops, self.tries, self.turning = scope, result, 0, 0, {}
        self.depth += 1
        self.function_depth += 1
        try:
            yield
        finally:
            self.scope, self.result, self.depth, self.loops, self.tries, self.turning = saved
            self.function_depth -= 1
            # A closure relies on the kind of what it reads.
            self.scope.pinned |= scope.outer & set(self.scope.names)

    @contextmanager
    def nested(self, *, loop: bool = False, handled: bool = False) -> Iterator[None]:
        """What is written inside is one block deeper."""
        saved = (self.depth, self.loops, self.tries)
        self.depth += 1
        self.loops += loop
        self.tries += handled
        try:
            yield
        finally:
            self.depth, self.loops, self.tries = saved
