"""Which kinds of values a program has: containers and objects are frequent."""

from tests.language.kinds import (
    FLAG,
    INTEGER,
    NUMBER,
    NUMBERS,
    PAIR,
    TEXT,
    Bag,
    Kind,
    Maybe,
    Pack,
    Queue,
    Row,
    Series,
    Table,
    Thing,
)
from tests.language.writer import Writer, details

details(
    "tuple",
    "nested tuple",
    "list of ints",
    "list of lists",
    "list of tuples",
    "optional number",
    "dict",
    "dict of lists",
    "object",
    "list of objects",
    "optional object",
    "dict of objects",
    "set of ints",
    "deque",
    "defaultdict",
    "Counter",
    "tuple that holds a list",
    "tuple of numbers",
)


def some_kind(w: Writer, *, is_parameter: bool = False) -> Kind:
    """Returns a kind for a variable or a parameter; containers and objects are frequent."""
    things = [Thing(name) for name in w.classes]
    options: list[tuple[Kind, int, str]] = [
        (NUMBER, 8, ""),
        (INTEGER, 3, ""),
        (FLAG, 1, ""),
        (PAIR, 2, "tuple"),
        (Pack((NUMBER, PAIR)), 1, "nested tuple"),
        (NUMBERS, 6, ""),
        (Row(INTEGER), 2, "list of ints"),
        (Row(NUMBERS), 3, "list of lists"),
        (Row(PAIR), 2, "list of tuples"),
        (Maybe(NUMBER), 2, "optional number"),
        (Table(w.choices.choose([INTEGER, TEXT]), NUMBER), 3, "dict"),
        (Table(TEXT, NUMBERS), 3, "dict of lists"),
        *((thing, 6, "object") for thing in things),
        *((Row(thing), 4, "list of objects") for thing in things),
        *((Maybe(thing), 3, "optional object") for thing in things),
        *((Table(TEXT, thing), 1, "dict of objects") for thing in things),
    ]
    if not is_parameter:
        options += [
            (TEXT, 1, ""),
            (Series(), 3, "tuple of numbers"),
            (Bag(), 4, "set of ints"),
            (Queue(), 4, "deque"),
            (Table(TEXT, NUMBER, "defaultdict"), 2, "defaultdict"),
            (Table(TEXT, INTEGER, "Counter"), 1, "Counter"),
            (Pack((NUMBERS, NUMBER)), 1, "tuple that holds a list"),
        ]
    kind, name = w.choices.weighted(
        [((k, name), weight) for k, weight, name in options if w.allowed(name)]
    )
    if name:
        w.note(name)
    return kind
