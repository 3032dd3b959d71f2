"""New values of each kind: constants, displays, calls of classes."""

from tests.language.kinds import (
    INTEGER,
    KEYS,
    NUMBERS,
    WORDS,
    Bag,
    Flag,
    Function,
    Integer,
    Kind,
    Maybe,
    Nothing,
    Number,
    Pack,
    Queue,
    Row,
    Series,
    Table,
    Text,
    Thing,
)
from tests.language.writer import Writer, displays, expression

CONSTANTS = ["0.5", "1.5", "0.0", "2.25", "-0.75", "1", "0.1", "0", "-1.25", "3.0", "2", "-0.0"]


@expression(None, "display", 3)
def new_value(w: Writer, kind: Kind, depth: int) -> str:
    return w.display(kind, depth)


@displays(Number)
def number(w: Writer, kind: Number, depth: int) -> str:
    return w.choices.choose(CONSTANTS)


@displays(Integer)
def integer(w: Writer, kind: Integer, depth: int) -> str:
    return str(w.choices.integer(-1, 4))


@displays(Flag)
def flag(w: Writer, kind: Flag, depth: int) -> str:
    return w.choices.choose(["True", "False"])


@displays(Text)
def text(w: Writer, kind: Text, depth: int) -> str:
    return repr(w.choices.choose(WORDS))


@displays(Nothing)
def nothing(w: Writer, kind: Nothing, depth: int) -> str:
    return "None"


@displays(Maybe)
def maybe(w: Writer, kind: Maybe, depth: int) -> str:
    return "None" if w.choices.chance(0.5) else w.value(kind.item, depth)


@displays(Pack)
def pack(w: Writer, kind: Pack, depth: int) -> str:
    items = [w.value(item, depth) for item in kind.items]
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


@displays(Series)
def series(w: Writer, kind: Series, depth: int) -> str:
    form = w.choices.choose(["({}, {})", "({}, {}, 0.5)", "(*{},)", "tuple({})"])
    kind_of_part = NUMBERS if "(*" in form or "tuple" in form else Number()
    return form.format(*(w.value(kind_of_part, depth) for _ in range(form.count("{}"))))


@displays(Row)
def row(w: Writer, kind: Row, depth: int) -> str:
    # Lists are seldom empty: an index of 0 or 1 is most likely within them.
    count = w.choices.weighted([(3, 8), (2, 8), (4, 2), (1, 1), (0, 1)])
    return f"[{', '.join(w.value(kind.item, depth) for _ in range(count))}]"


@displays(Table)
def table(w: Writer, kind: Table, depth: int) -> str:
    count = w.choices.weighted([(2, 8), (3, 4), (1, 1), (0, 1)])
    keys = ["0", "1", "2"] if kind.key == INTEGER else [repr(key) for key in KEYS]
    items = ", ".join(f"{key}: {w.value(kind.value, depth)}" for key in keys[:count])
    if kind.factory == "dict":
        return f"{{{items}}}"
    w.imports.add("import collections")
    if kind.factory == "Counter":
        return f"collections.Counter({{{items}}})"
    factory = "int" if kind.value == INTEGER else "float"
    return f"collections.defaultdict({factory}, {{{items}}})"


@displays(Bag)
def bag(w: Writer, kind: Bag, depth: int) -> str:
    count = w.choices.integer(0, 3)
    items = ", ".join(w.value(INTEGER, depth) for _ in range(count))
    return f"{{{items}}}" if count else "set()"


@displays(Queue)
def queue(w: Writer, kind: Queue, depth: int) -> str:
    w.imports.add("from collections import deque")
    maximum = ", maxlen=4" if w.choices.chance(0.3) else ""
    return f"deque({w.display(Row(Number()), depth)}{maximum})"


@displays(Thing)
def thing(w: Writer, kind: Thing, depth: int) -> str:
    info = w.classes[kind.name]
    return info.make.format(*(w.value(item, depth) for item in info.fields.values()))


@displays(Function)
def function(w: Writer, kind: Function, depth: int) -> str:
    """Returns a function of one number."""
    if w.choices.chance(0.5):
        return w.choices.choose(["math.sin", "math.cos", "math.tanh", "abs"])
    name = w.choices.choose(["v", "x", "t"])
    scope = w.scope.enclosed()
    scope.hide(name)
    scope.bind(name, Number())
    w.note("lambda")
    with w.inside(scope, kind.result):
        body = w.value(kind.result, 2)
    return f"(lambda {name}: {body})"
