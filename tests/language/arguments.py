"""Arguments of a program: functions that make them afresh, with what they share."""

from tests.generator.choices import Choices
from tests.language.kinds import (
    INTEGER,
    KEYS,
    WORDS,
    Flag,
    Integer,
    Kind,
    Maybe,
    Number,
    Pack,
    Row,
    Table,
    Text,
    Thing,
)
from tests.language.writer import ClassInfo

SPECIAL = ["0.0", "1.0", "-1.0", "2.0", "-0.0", "0.5"]


class Maker:
    """Writes one function that returns arguments; objects of one kind may be the same object."""

    def __init__(self, choices: Choices, classes: dict[str, ClassInfo]) -> None:
        self.choices = choices
        self.classes = classes
        self.lines: list[str] = []
        self.made: dict[Kind, list[str]] = {}
        self.shares = False

    def written(self, name: str, kinds: list[Kind]) -> str:
        values = [self.value(kind, named=True) for kind in kinds]
        result = f"return ({', '.join(values)},)"
        return "\n".join([f"def {name}():", *(f"    {line}" for line in [*self.lines, result]), ""])

    def value(self, kind: Kind, named: bool = False) -> str:
        """Returns the text of a value; what may be shared gets a name."""
        if not isinstance(kind, Row | Table | Thing):
            return self.plain(kind)
        made = self.made.get(kind, [])
        if made and self.choices.chance(0.12):
            self.shares = True
            return self.choices.choose(made)
        text = self.container(kind)
        if named or self.choices.chance(0.15):
            name = f"value_{len(self.lines)}"
            self.lines.append(f"{name} = {text}")
            self.made.setdefault(kind, []).append(name)
            return name
        return text

    def plain(self, kind: Kind) -> str:
        choices = self.choices
        if isinstance(kind, Number):
            if choices.chance(0.08):
                return choices.choose(SPECIAL)
            if choices.chance(0.06):
                return str(choices.integer(-2, 2))
            # Off the grid of the constants, so that no comparison is a tie by accident.
            return f"{choices.integer(-250, 250) / 100 + 0.00371:.5f}"
        if isinstance(kind, Integer):
            return str(choices.integer(0, 4))
        if isinstance(kind, Flag):
            return choices.choose(["True", "False"])
        if isinstance(kind, Text):
            return repr(choices.choose(WORDS))
        if isinstance(kind, Maybe):
            return "None" if choices.chance(0.4) else self.value(kind.item)
        assert isinstance(kind, Pack)
        return f"({', '.join(self.value(item) for item in kind.items)},)"

    def container(self, kind: Row | Table | Thing) -> str:
        choices = self.choices
        if isinstance(kind, Row):
            count = choices.weighted([(3, 10), (2, 6), (4, 4), (1, 1), (0, 1)])
            return f"[{', '.join(self.value(kind.item) for _ in range(count))}]"
        if isinstance(kind, Table):
            count = choices.weighted([(2, 8), (3, 6), (1, 1), (0, 1)])
            keys = ["0", "1", "2"] if kind.key == INTEGER else [repr(key) for key in KEYS]
            items = [f"{key}: {self.value(kind.value)}" for key in keys[:count]]
            return f"{{{', '.join(items)}}}"
        info = self.classes[kind.name]
        return info.make.format(*(self.value(item) for item in info.fields.values()))
