"""Constructs, the tables they register in, and the choices that a writer makes among them.

A construct is a function that writes a piece of a program.  It registers itself in a table with
a name and a weight; a ``Recorder`` picks from the table and counts what it picked, so that the
constructs of every program are known.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.generator.choices import Choices, SeededChoices

Register = Callable[..., Callable[[Any], Any]]


@dataclass(frozen=True)
class Construct:
    """A registered construct; ``applies`` says where it can be written."""

    name: str
    weight: int
    write: Any
    applies: Callable[..., bool]


def registering(table: list[Construct]) -> Register:
    """Returns the decorator that puts constructs into a table.

    >>> table = []
    >>> write = registering(table)("zero", weight=3)(lambda w: "0")
    >>> table[0].name, table[0].write(None)
    ('zero', '0')
    """

    def decorator(
        name: str, weight: int = 2, applies: Callable[..., bool] = lambda *context: True
    ) -> Callable[[Any], Any]:
        def register(write: Any) -> Any:
            table.append(Construct(name, weight, write, applies))
            # The most frequent are the plainest, and the first is what Hypothesis shrinks to.
            table.sort(key=lambda construct: -construct.weight)
            return write

        return register

    return decorator


@dataclass
class Recorder:
    """Picks constructs and counts them; ``without`` names those that must not appear."""

    choices: Choices
    without: frozenset[str] = frozenset()
    constructs: Counter[str] = field(default_factory=Counter)
    picked: int = 0

    def note(self, name: str) -> None:
        self.constructs[name] += 1

    def allowed(self, name: str) -> bool:
        return name not in self.without

    def may(self, name: str, probability: float) -> bool:
        """Decides on an optional construct and notes it where the answer is yes."""
        if not self.allowed(name) or not self.choices.chance(probability):
            return False
        self.note(name)
        return True

    def pick(self, table: list[Construct], *context: Any) -> Construct:
        """Returns a construct of the table that applies here."""
        options = [
            (c, c.weight) for c in table if self.allowed(c.name) and c.applies(self, *context)
        ]
        construct = self.choices.weighted(options)
        self.picked += 1
        self.note(construct.name)
        return construct


def left_out(choices: Choices, names: Iterable[str], share: float = 0.4) -> frozenset[str]:
    """Returns constructs that a program does without; every second program has them all.

    Programs that leave much out differ more from one another than programs that hold a little
    of everything, and find more (Groce et al., Swarm Testing, 2012).
    """
    seed = choices.integer(0, 2**16)
    if seed % 2 == 0:
        return frozenset()
    swarm = SeededChoices(f"swarm {seed}")
    return frozenset(name for name in sorted(names) if swarm.chance(share))
