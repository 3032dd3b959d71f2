"""Lists: expressions that make, share and take them apart, and statements that change them."""

from collections.abc import Callable

from tests.language.kinds import (
    INTEGER,
    NUMBER,
    NUMBERS,
    Integer,
    Kind,
    Number,
    Pack,
    Row,
    Thing,
)
from tests.language.scalars import filled
from tests.language.writer import Block, Place, Writer, details, expression, indented, statement

details("growth under a guard")
ORDERED = (Number, Integer)


def rows(w: Writer, *items: type) -> list[Place]:
    """Returns the places of lists, of these classes of item if any are given."""
    return [
        (name, route)
        for name, owner in w.readable().items()
        if not w.focus or name == w.focus
        for kind, routes in w.routes(owner).items()
        if isinstance(kind, Row) and (not items or isinstance(kind.item, items))
        for route in routes
    ]


def kind_at(w: Writer, name: str, route: tuple) -> Row:
    kind = route[-1][1] if route else w.readable()[name]
    assert isinstance(kind, Row)
    return kind


def any_row(w: Writer, *items: type) -> tuple[str, Row]:
    """Returns the text and the kind of a list that is in reach."""
    name, route = w.choices.choose(rows(w, *items))
    return w.path(name, route), kind_at(w, name, route)


def has_rows(*items: type) -> Callable[..., bool]:
    """Returns whether there are such lists, as a condition of a construct."""
    return lambda w, *_: bool(rows(w, *items))


# Expressions. ------------------------------------------------------------------------------


@expression(Row, "list by name", 8, applies=lambda w, kind: bool(w.places(kind)))
def named_list(w: Writer, kind: Row, depth: int) -> str:
    return w.place(kind) or w.display(kind, depth)


@expression(Row, "copy of a list", 3)
def copied(w: Writer, kind: Row, depth: int) -> str:
    forms = ["{}.copy()", "list({})", "{}[:]", "[*{}]"]
    if isinstance(kind.item, Row):
        w.imports.add("import copy")
        forms.append("copy.deepcopy({})")
    return w.choices.choose(forms).format(w.leaf(kind))


@expression(Row, "slice read", 3)
def sliced(w: Writer, kind: Row, depth: int) -> str:
    ends = w.choices.choose(["1:", ":2", "::-1", ":-1", "1:3", "::2", "-2:", "{n}:", ":{n}"])
    return f"{w.leaf(kind)}[{ends.format(n=w.leaf(INTEGER))}]"


@expression(Row, "concatenation", 2)
def concatenation(w: Writer, kind: Row, depth: int) -> str:
    # Slices, or a loop would double the list again and again.
    a, b = w.leaf(kind), w.leaf(kind)
    return w.choices.choose(
        [f"{a}[:2] + {b}[:2]", f"[*{a}[:2], *{b}[1:3]]", f"{a}[:3] + [{w.value(kind.item, depth)}]"]
    )


@expression(Row, "repetition", 2)
def repetition(w: Writer, kind: Row, depth: int) -> str:
    count = w.choices.choose(["2", "3", "2", f"({w.leaf(INTEGER)} % 4)"])
    return f"[{w.value(kind.item, depth)}] * {count}"


@expression(
    Row, "reversed or sorted copy", 2, applies=lambda w, kind: isinstance(kind.item, ORDERED)
)
def ordered(w: Writer, kind: Row, depth: int) -> str:
    form = w.choices.choose(
        [
            "sorted({})",
            "sorted({}, reverse=True)",
            "list(reversed({}))",
            "sorted({}, key=lambda v: -v)",
            "sorted({}, key=abs)",
            "list(map(abs, {}))",
        ]
    )
    return form.format(w.leaf(kind))


@expression(None, "pop of a list", 2, applies=lambda w, kind: bool(w.places(Row(kind))))
def popped(w: Writer, kind: Kind, depth: int) -> str:
    row = w.place(Row(kind))
    place = w.choices.choose(["", "0", "-1"])
    if w.tries or w.choices.chance(0.1):
        return f"{row}.pop({place})"
    return f"{row}.pop({place}) if len({row}) > 2 else {w.leaf(kind)}"


# Statements. -------------------------------------------------------------------------------


def growth(w: Writer, row: str, line: str) -> Block:
    """Returns a statement that makes a list longer, under a guard where it may run often."""
    if not w.is_once or w.choices.chance(0.1):
        w.note("growth under a guard")
        return Block([f"if len({row}) < {w.choices.integer(4, 7)}:", f"    {line}"])
    return Block([line])


@statement("append", 7, has_rows())
def append(w: Writer) -> Block:
    row, kind = any_row(w)
    return growth(w, row, f"{row}.append({w.value(kind.item)})")


@statement("insert", 2, has_rows())
def insert(w: Writer) -> Block:
    row, kind = any_row(w)
    return growth(
        w, row, f"{row}.insert({w.choices.choose(['0', '1', '-1'])}, {w.value(kind.item)})"
    )


@statement("extend", 3, has_rows())
def extend(w: Writer) -> Block:
    name, route = w.choices.choose(rows(w))
    row, kind = w.path(name, route), kind_at(w, name, route)
    forms = ["{}.extend({})", "{}.extend({}[:2])"]
    if w.can_store(name, route):
        forms += ["{} += {}", "{} += {}", "{} *= 2"]
    return growth(w, row, w.choices.choose(forms).format(row, w.value(kind)))


@statement("item assignment", 9, has_rows())
def item_assignment(w: Writer) -> Block:
    row, kind = any_row(w)
    return Block([f"{row}[{w.index(row)}] = {w.value(kind.item)}"])


@statement("augmented item", 6, has_rows(Number))
def augmented_item(w: Writer) -> Block:
    row, _ = any_row(w, Number)
    operator, value = w.choices.choose([("+=", "{number}"), ("-=", "{number}"), ("*=", "{small}")])
    return Block([f"{row}[{w.index(row)}] {operator} {filled(w, value, 2)}"])


@statement("swap of items", 4, has_rows())
def swap_items(w: Writer) -> Block:
    row, _ = any_row(w)
    i, j = w.index(row), w.choices.choose(["0", "-1", "1"])
    return Block([f"{row}[{i}], {row}[{j}] = {row}[{j}], {row}[{i}]"])


@statement("reverse or clear", 2, has_rows())
def reverse(w: Writer) -> Block:
    row, _ = any_row(w)
    return Block([f"{row}.{w.choices.weighted([('reverse', 4), ('clear', 1)])}()"])


@statement("sort", 2, has_rows(Number, Integer))
def sort(w: Writer) -> Block:
    row, _ = any_row(w, Number, Integer)
    order = w.choices.choose(["", "reverse=True", "key=abs", "key=lambda v: -v"])
    return Block([f"{row}.sort({order})"])


@statement("sort with a key", 2, has_rows(Thing, Pack, Row))
def sort_by(w: Writer) -> Block:
    row, kind = any_row(w, Thing, Pack, Row)
    ends = [step for step, end in w.steps(kind.item) if end in (NUMBER, INTEGER)]
    if isinstance(kind.item, Row) or not ends:
        key = "len" if isinstance(kind.item, Row) else "lambda item: 0"
    else:
        key = f"lambda item: item{w.choices.choose(ends)}"
    return Block([f"{row}.sort(key={key})"])


@statement("del of an item", 3, has_rows())
def delete(w: Writer) -> Block:
    row, _ = any_row(w)
    place = w.choices.choose(["0", "-1", "1:2", "-1"])
    if w.tries or w.choices.chance(0.1):
        return Block([f"del {row}[{place}]"])
    return Block([f"if len({row}) > 2:", f"    del {row}[{place}]"])


@statement("remove", 1, has_rows(Number, Integer))
def remove(w: Writer) -> Block:
    row, kind = any_row(w, Number, Integer)
    value = w.leaf(kind.item)
    if w.tries:
        return Block([f"{row}.remove({value})"])
    return Block([f"if {value} in {row}:", f"    {row}.remove({value})"])


@statement("pop statement", 2, has_rows())
def pop_statement(w: Writer) -> Block:
    row, _ = any_row(w)
    line = f"{row}.pop({w.choices.choose(['', '0', '-1'])})"
    return Block([line] if w.tries else [f"if len({row}) > 2:", f"    {line}"])


@statement("slice assignment", 3, has_rows())
def slice_assignment(w: Writer) -> Block:
    row, kind = any_row(w)
    place, more = w.choices.choose(["1:2", ":1", "-1:", "1:", "0:2"]), w.value(kind)
    return growth(w, row, f"{row}[{place}] = {more}[:2]")


@statement("index of an item", 1, has_rows(Number, Integer))
def index_of(w: Writer) -> Block:
    row, kind = any_row(w, Number, Integer)
    name = w.target(INTEGER)
    fail = [f"{name} = {row}.index({w.leaf(kind.item)})"]
    safe = [f"{name} = {row}.index(max({row})) if {row} else 0"]
    w.bind(name, INTEGER)
    return Block(fail if w.tries else safe)


@expression(Row, "map of a function", 2, applies=lambda w, kind: kind == NUMBERS)
def mapped(w: Writer, kind: Row, depth: int) -> str:
    function = w.choices.choose(["math.sin", "abs", "float", "math.cos"])
    form = w.choices.choose(["list(map({}, {}))", "[{}(v) for v in {}]"])
    return form.format(function, w.leaf(NUMBERS))


@expression(Row, "filter", 1, applies=lambda w, kind: kind == NUMBERS)
def filtered(w: Writer, kind: Row, depth: int) -> str:
    return f"list(filter(lambda v: v > {w.leaf(NUMBER)}, {w.leaf(NUMBERS)}))"


@statement("list guarded by its length", 1, has_rows(Number))
def guarded(w: Writer) -> Block:
    row, kind = any_row(w, Number)
    return Block([f"while len({row}) > 2:", *indented([f"{row}.pop()"])])
