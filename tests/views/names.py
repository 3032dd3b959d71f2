"""What a program can read and write at a place."""

from dataclasses import dataclass, field

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Helper:
    """A function of the program: the shapes of its parameters, and of what it returns."""

    name: str
    parameters: tuple[Shape, ...]
    returns: Shape | None


@dataclass
class Names:
    """Names by what they hold; every array may be written to, through whatever name."""

    arrays: dict[str, Shape]
    numbers: list[str]
    integers: list[str] = field(default_factory=list)
    #: Lists and tuples of arrays: their length, and the shape of the items.
    lists: dict[str, tuple[int, Shape]] = field(default_factory=dict)
    helpers: list[Helper] = field(default_factory=list)

    def copy(self) -> "Names":
        return Names(
            dict(self.arrays),
            list(self.numbers),
            list(self.integers),
            dict(self.lists),
            list(self.helpers),
        )
