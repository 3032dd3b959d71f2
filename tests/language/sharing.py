"""Two names for one object, and changes through the one that show in the other."""

from tests.generator.registry import Construct
from tests.language.kinds import NUMBERS, Kind, Row, Table, Thing
from tests.language.lists import growth
from tests.language.sources import places_of
from tests.language.writer import STATEMENTS, Block, Place, Writer, details, statement

details(
    "alias", "row of a list", "object of a list", "changed through a second name", "list += list"
)

# Statements that change the list, the dict or the object that they are pointed at.
CHANGES = frozenset(
    {
        "append",
        "item assignment",
        "augmented item",
        "swap of items",
        "extend",
        "sort",
        "reverse or clear",
        "slice assignment",
        "del of an item",
        "insert",
        "pop statement",
        "attribute assignment",
        "augmented attribute",
        "method call statement",
        "dict assignment",
        "dict update of a number",
        "dict method",
        "dict append",
        "set method",
        "deque method",
    }
)


def is_mutable(w: Writer, kind: Kind) -> bool:
    if isinstance(kind, Thing):
        return not w.classes[kind.name].is_frozen
    return isinstance(kind, Row | Table)


def change_of(w: Writer, name: str) -> Block:
    """Returns a statement that changes what the name means, or a part of it."""
    before, w.focus = w.focus, name
    table: list[Construct] = [c for c in STATEMENTS if c.name in CHANGES and w.allowed(c.name)]
    try:
        if any(c.applies(w) for c in table):
            block: Block = w.pick(table).write(w)
            return block
    finally:
        w.focus = before
    return Block([])


@statement("second name for an object", 6, lambda w: bool(shared(w)))
def alias(w: Writer) -> Block:
    """``ys = xs``, ``row = m[i]``, ``p = ps[i]``."""
    places = shared(w)
    parts = [place for place in places if place[1]]
    name, route = w.choices.choose(parts if parts and w.choices.chance(0.5) else places)
    return Block(_named(w, name, route)[1])


@statement("change through a second name", 9, lambda w: bool(shared(w)))
def alias_and_change(w: Writer) -> Block:
    """A second name, a change through one of the two, and a look at the other."""
    name, route = w.choices.choose(shared(w))
    target, lines = _named(w, name, route)
    w.note("changed through a second name")
    for changed in [target, w.choices.choose([target, name])][: w.choices.integer(1, 2)]:
        lines += change_of(w, changed).lines
    kind = w.scope.names[target]
    if isinstance(kind, Row) and w.scope.can_bind(target, kind) and w.may("list += list", 0.3):
        lines += growth(w, target, f"{target} += [{w.value(kind.item)}]").lines
    if w.scope.names.get(name) == NUMBERS and w.choices.chance(0.5):
        lines.append(f"print(sum({name}))")
    return Block(lines)


def _named(w: Writer, name: str, route: tuple) -> tuple[str, list[str]]:
    """Gives the object at a place a second name; returns it and the statement."""
    kind = route[-1][1] if route else w.readable()[name]
    target, text = w.target(kind), w.path(name, route)
    if target == name:
        target = w.fresh(kind)
    is_item = bool(route) and route[-1][0] == "[]"
    item = "row of a list" if isinstance(kind, Row) else "object of a list"
    w.note(item if is_item else "alias")
    w.bind(target, kind)
    return target, [f"{target} = {text}"]


def shared(w: Writer) -> list[Place]:
    """Returns the places of what can be changed."""
    return [(name, route) for name, route, _ in places_of(w, lambda kind: is_mutable(w, kind))]
