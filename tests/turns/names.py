"""What a program can read and bind at a place."""

from dataclasses import dataclass, field


@dataclass
class Names:
    """Names by what they hold; those of `own` may be bound, the rest only read."""

    numbers: list[str]
    own: list[str]
    integers: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    pairs: list[str] = field(default_factory=list)
    #: Functions of two numbers, and those of two numbers and a depth, which call themselves.
    functions: list[str] = field(default_factory=list)
    recursive: list[str] = field(default_factory=list)

    def copy(self) -> "Names":
        return Names(*(list(getattr(self, name)) for name in self.__dataclass_fields__))
