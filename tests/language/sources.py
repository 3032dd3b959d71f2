"""What a ``for`` runs over: its iterable, the names that it binds, and whether it has a turn."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.generator.registry import Construct, registering
from tests.language.kinds import (
    INTEGER,
    NUMBER,
    ONE_NUMBER,
    TEXT,
    Kind,
    Pack,
    Row,
    Series,
    Table,
    Text,
    Thing,
)
from tests.language.writer import Writer, details


@dataclass(frozen=True)
class Source:
    """``indexes`` maps a name to the list that it is an index of; ``is_sure`` of one turn."""

    target: str
    iterable: str
    names: dict[str, Kind]
    indexes: dict[str, str] = field(default_factory=dict)
    is_sure: bool = False


SOURCES: list[Construct] = []


def over(name: str, weight: int, applies: Callable[[Writer], bool] = lambda w: True) -> Any:
    """Registers a source of a loop: ``write(w, in_expression) -> Source``."""
    details(name)
    return registering(SOURCES)(name, weight, applies)


def source(w: Writer, in_expression: bool = False) -> Source:
    """Returns something to iterate over; the names are not bound yet."""
    found: Source = w.pick(SOURCES).write(w, in_expression)
    return found


def loop_name(w: Writer, kind: Kind, in_expression: bool, pool: list[str]) -> str:
    if not in_expression:
        # A loop may bind a name again that something else has used.
        old = [n for n, k in w.scope.names.items() if k == kind and w.scope.can_bind(n, kind)]
        if old and w.choices.chance(0.12):
            return w.choices.choose(old)
    return w.fresh(kind, pool)


def places_of(w: Writer, matches: Callable[[Kind], bool]) -> list[tuple[str, tuple, Kind]]:
    """Returns the places, at most one step away, whose kind matches, with the kind."""
    return [
        (name, route, kind)
        for name, owner in w.readable().items()
        for kind, routes in w.routes(owner).items()
        if matches(kind)
        for route in routes
        if len(route) < 2
    ]


def is_row(kind: Kind) -> bool:
    return isinstance(kind, Row)


def a_row(w: Writer) -> tuple[str, Row]:
    places = places_of(w, is_row)
    mutable = [p for p in places if isinstance(p[2], Row) and isinstance(p[2].item, Row | Thing)]
    name, route, kind = w.choices.choose(mutable if mutable and w.choices.chance(0.6) else places)
    assert isinstance(kind, Row)
    return w.path(name, route), kind


def has_row(w: Writer) -> bool:
    return bool(places_of(w, is_row))


ITEM_POOLS: dict[type, list[str]] = {
    Row: ["row", "line"],
    Thing: ["p", "each", "one"],
    Pack: ["item", "entry"],
    Text: ["char", "key"],
}
NUMBER_POOL = ["v", "value", "c", "h"]


def item_name(w: Writer, kind: Kind, in_expression: bool) -> str:
    return loop_name(w, kind, in_expression, ITEM_POOLS.get(type(kind), NUMBER_POOL))


@over("over a range", 8)
def over_range(w: Writer, in_expression: bool) -> Source:
    name = loop_name(w, INTEGER, in_expression, ["i", "j", "k", "m"])
    forms = [
        ("range(3)", True),
        ("range(2)", True),
        ("range(1, 4)", True),
        ("range({n} % 4)", False),
        ("range(min({n}, 4))", False),
        ("range(3, 0, -1)", True),
        ("range({n} % 5, -1, -2)", True),
        ("range(0)", False),
    ]
    text, is_sure = w.choices.choose(forms)
    return Source(name, text.format(n=w.leaf(INTEGER)), {name: INTEGER}, {}, is_sure)


@over("over the indexes of a list", 7, has_row)
def over_indexes(w: Writer, in_expression: bool) -> Source:
    row, _ = a_row(w)
    name = loop_name(w, INTEGER, in_expression, ["i", "j", "k"])
    text = w.choices.choose(
        ["range(len({}))", "range(len({}))", "range(1, len({}))", "range(len({}) - 1, -1, -1)"]
    )
    return Source(name, text.format(row), {name: INTEGER}, {name: row})


@over("over a list", 9, has_row)
def over_list(w: Writer, in_expression: bool) -> Source:
    row, kind = a_row(w)
    name = item_name(w, kind.item, in_expression)
    return Source(name, row, {name: kind.item})


@over("over part of a list", 3, has_row)
def over_part(w: Writer, in_expression: bool) -> Source:
    row, kind = a_row(w)
    name = item_name(w, kind.item, in_expression)
    text = w.choices.choose(["reversed({})", "{}[1:]", "list({})", "{}[::-1]", "{}[:2]"])
    return Source(name, text.format(row), {name: kind.item})


@over("enumerate", 5, has_row)
def over_enumerate(w: Writer, in_expression: bool) -> Source:
    row, kind = a_row(w)
    index = loop_name(w, INTEGER, in_expression, ["i", "j", "k"])
    name = item_name(w, kind.item, in_expression)
    text, indexes = w.choices.choose(
        [("enumerate({})", {index: row}), ("enumerate({}, 1)", {}), ("enumerate({}[:3])", {})]
    )
    names = {index: INTEGER, name: kind.item}
    return Source(f"{index}, {name}", text.format(row), names, indexes)


@over("zip", 4, has_row)
def over_zip(w: Writer, in_expression: bool) -> Source:
    first, kind = a_row(w)
    second, other = a_row(w)
    one = w.fresh(kind.item, ["left", "a1", "v1"])
    two = w.fresh(other.item, ["right", "a2", "v2"])
    text = w.choices.choose(["zip({}, {})", "zip({}, reversed({}))", "zip({}, {}[1:])"])
    return Source(f"{one}, {two}", text.format(first, second), {one: kind.item, two: other.item})


@over("over pairs", 12, lambda w: bool(places_of(w, _is_pairs)))
def over_pairs(w: Writer, in_expression: bool) -> Source:
    name, route, kind = w.choices.choose(places_of(w, _is_pairs))
    assert isinstance(kind, Row) and isinstance(kind.item, Pack)
    text = w.path(name, route)
    parts = {f"part{k}" if k else "first": item for k, item in enumerate(kind.item.items)}
    taken = {*w.readable(), *w.scope.unsure, *w.scope.pinned}
    names = {n if n not in taken else f"{n}_{len(taken)}": k for n, k in parts.items()}
    comma = "," if len(names) == 1 else ""
    return Source(f"{', '.join(names)}{comma}", text, names)


def _is_pairs(kind: Kind) -> bool:
    return isinstance(kind, Row) and isinstance(kind.item, Pack)


@over("over a tuple", 2)
def over_tuple(w: Writer, in_expression: bool) -> Source:
    name = loop_name(w, NUMBER, in_expression, NUMBER_POOL)
    # No := may stand in the iterable of a comprehension.
    depth = 0 if in_expression else 1
    items = [w.value(NUMBER, depth) for _ in range(w.choices.integer(2, 3))]
    brackets = w.choices.choose(["({})", "[{}]"])
    return Source(name, brackets.format(", ".join(items)), {name: NUMBER}, {}, True)


@over("over a tuple of numbers", 16, lambda w: bool(w.named(Series)))
def over_series(w: Writer, in_expression: bool) -> Source:
    name = loop_name(w, NUMBER, in_expression, NUMBER_POOL)
    return Source(name, w.read(w.choices.choose(w.named(Series))), {name: NUMBER})


@over("over functions", 1)
def over_functions(w: Writer, in_expression: bool) -> Source:
    name = w.fresh(ONE_NUMBER, ["g", "apply"])
    return Source(name, "(math.sin, math.cos, abs)", {name: ONE_NUMBER}, {}, True)


@over("over a dict", 5, lambda w: bool(w.named(Table)))
def over_dict(w: Writer, in_expression: bool) -> Source:
    table = w.read(w.choices.choose(w.named(Table)))
    kind = w.readable()[table]
    assert isinstance(kind, Table)
    key = w.fresh(kind.key, ["key", "name"])
    name = item_name(w, kind.value, in_expression)
    text = w.choices.choose(["{}.items()", "{}.values()", "{}", "sorted({})", "list({}.items())"])
    targets = {"items": [key, name], "values": [name]}
    names = next((ns for word, ns in targets.items() if word in text), [key])
    kinds = {key: kind.key, name: kind.value}
    # A key of a dict that is iterated may be read there, and changed, but none be added.
    return Source(", ".join(names), text.format(table), {n: kinds[n] for n in names})


@over("over a string", 1)
def over_string(w: Writer, in_expression: bool) -> Source:
    name = loop_name(w, TEXT, in_expression, ["char", "letter"])
    return Source(name, w.choices.choose(["'abc'", "'low'[:2]", "''", w.leaf(TEXT)]), {name: TEXT})
