"""What the generator knows of a value: enough for programs to be mostly well typed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """A float, or an int that stands for one."""


@dataclass(frozen=True)
class Integer:
    """An int."""


@dataclass(frozen=True)
class Flag:
    """A bool."""


@dataclass(frozen=True)
class Text:
    """A string."""


@dataclass(frozen=True)
class Nothing:
    """What a function without a result returns."""


@dataclass(frozen=True)
class Maybe:
    """None, or a value of the kind."""

    item: "Kind"


@dataclass(frozen=True)
class Pack:
    """A tuple of known shape."""

    items: tuple["Kind", ...]


@dataclass(frozen=True)
class Series:
    """A tuple of numbers of any length."""


@dataclass(frozen=True)
class Row:
    """A list."""

    item: "Kind"


@dataclass(frozen=True)
class Table:
    """A dict, or one of its kin: ``factory`` is dict, defaultdict or Counter."""

    key: "Kind"
    value: "Kind"
    factory: str = "dict"


@dataclass(frozen=True)
class Bag:
    """A set of ints."""


@dataclass(frozen=True)
class Queue:
    """A deque of numbers."""


@dataclass(frozen=True)
class Thing:
    """An object of a class of the program."""

    name: str


@dataclass(frozen=True)
class Parameter:
    """``default`` is text; ``form`` is plain, positional, keyword only, star or double star."""

    name: str
    kind: "Kind"
    default: str | None = None
    form: str = "plain"


@dataclass(frozen=True)
class Function:
    """A function that can be called with these parameters."""

    parameters: tuple[Parameter, ...]
    result: "Kind"


Kind = (
    Number | Integer | Flag | Text | Nothing | Maybe | Pack | Series
    | Row | Table | Bag | Queue | Thing | Function
)  # fmt: skip

NUMBER, INTEGER, FLAG, TEXT, NOTHING = Number(), Integer(), Flag(), Text(), Nothing()
NUMBERS = Row(NUMBER)
ONE_NUMBER = Function((Parameter("v", NUMBER, form="positional"),), NUMBER)
PAIR = Pack((NUMBER, NUMBER))

# What a dict with strings for keys is made of, and the strings that a text can be.
KEYS = ("a", "b", "c", "k")
WORDS = ("low", "high", "out")
