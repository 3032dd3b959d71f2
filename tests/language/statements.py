"""Statements that bind, print and return."""

from tests.language.functions import returned
from tests.language.kinds import (
    INTEGER,
    NUMBER,
    NUMBERS,
    TEXT,
    WORDS,
    Bag,
    Integer,
    Kind,
    Maybe,
    Number,
    Pack,
    Queue,
    Row,
    Table,
)
from tests.language.scalars import filled
from tests.language.sharing import change_of
from tests.language.variety import some_kind
from tests.language.writer import Block, Writer, details, statement

details("annotated assignment", "changed at once")


@statement("assignment", 10)
def assignment(w: Writer) -> Block:
    kind = some_kind(w)
    text = w.value(kind)
    if kind == NUMBER and w.may("annotated assignment", 0.1):
        # Of its own pool: an annotated name cannot be nonlocal.
        name = w.fresh(kind, ["alpha", "beta"])
        w.bind(name, kind)
        w.scope.pinned.add(name)
        return Block([f"{name}: float = {text}"])
    name = w.target(kind)
    w.bind(name, kind)
    lines = [f"{name} = {text}"]
    if isinstance(kind, Row | Table | Bag | Queue) and w.may("changed at once", 0.4):
        lines += change_of(w, name).lines
    return Block(lines)


@statement("number assignment", 8)
def number_assignment(w: Writer) -> Block:
    text = w.value(NUMBER, 3)
    name = w.target(NUMBER)
    w.bind(name, NUMBER)
    return Block([f"{name} = {text}"])


@statement("augmented assignment", 10, lambda w: bool(_augmentable(w)))
def augmented(w: Writer) -> Block:
    name = w.choices.choose(_augmentable(w))
    kind = w.scope.names[name]
    if kind == INTEGER:
        operator, value = w.choices.choose(
            [("+=", "{integer}"), ("-=", "1"), ("+=", "1"), ("%=", "5"), ("//=", "2")]
        )
    else:
        operator, value = w.choices.choose(
            [("+=", "{number}"), ("-=", "{number}"), ("+=", "{number}"), ("*=", "{small}"),
             ("/=", "2.5"), ("%=", "1.75"), ("**=", "2" if w.is_once else "1")]
        )  # fmt: skip
    text = filled(w, value, 2)
    w.bind(name, kind)
    return Block([f"{name} {operator} {text}"])


def _augmentable(w: Writer) -> list[str]:
    names = w.scope.names.items()
    return [n for n, k in names if isinstance(k, Number | Integer) and w.scope.can_bind(n, k)]


@statement("string grown", 10, lambda w: bool(_growing_texts(w)))
def grown(w: Writer) -> Block:
    name = w.choices.choose(_growing_texts(w))
    return Block([f"if len({name}) < 9:", f"    {name} += {w.choices.choose(WORDS)!r}[:2]"])


def _growing_texts(w: Writer) -> list[str]:
    return [n for n, k in w.scope.names.items() if k == TEXT and w.scope.can_bind(n, k)]


@statement("assignment to several targets", 2)
def several(w: Writer) -> Block:
    kind = w.choices.choose([NUMBER, NUMBER, NUMBERS])
    text = w.value(kind)
    names = []
    for _ in range(2):
        names.append(w.target(kind))
        w.bind(names[-1], kind)
    return Block([f"{' = '.join(dict.fromkeys(names))} = {text}"])


@statement("unpacking", 5)
def unpacking(w: Writer) -> Block:
    kind = w.choices.choose(
        [Pack((NUMBER, NUMBER)), Pack((NUMBER, INTEGER)), Pack((NUMBER, Pack((NUMBER, NUMBER)))),
         Pack((NUMBER, NUMBERS))]
    )  # fmt: skip
    text = w.value(kind)
    return Block([f"{_targets(w, kind, [])} = {text}"])


def _targets(w: Writer, kind: Pack, used: list[str]) -> str:
    """Returns the text of the targets for a tuple, and binds them, each name once."""
    texts = []
    for item in kind.items:
        if isinstance(item, Pack):
            texts.append(f"({_targets(w, item, used)})")
            continue
        name = w.target(item)
        if name in used:
            name = w.fresh(item)
        used.append(name)
        w.bind(name, item)
        texts.append(name)
    return ", ".join(texts)


@statement("starred unpacking", 2)
def starred(w: Writer) -> Block:
    text = w.value(NUMBERS)
    first = w.target(NUMBER)
    w.bind(first, NUMBER)
    rest = w.target(NUMBERS)
    w.bind(rest, NUMBERS)
    form = w.choices.choose(["{0}, *{1} = {2}", "*{1}, {0} = {2}", "{0}, *{1} = [0.5, *{2}]"])
    return Block([form.format(first, rest, text)])


@statement("swap", 4, lambda w: bool(_swappable(w)))
def swap(w: Writer) -> Block:
    kind = w.choices.choose(_swappable(w))
    names = [n for n, k in w.scope.names.items() if k == kind and w.scope.can_bind(n, kind)]
    count = 3 if len(names) > 2 and w.choices.chance(0.2) else 2
    first, *rest = w.choices.shuffled(names)[:count]
    for name in (first, *rest):
        w.bind(name, kind)
    return Block([f"{', '.join([first, *rest])} = {', '.join([*rest, first])}"])


def _swappable(w: Writer) -> list[Kind]:
    kinds = [k for n, k in w.scope.names.items() if w.scope.can_bind(n, k)]
    return [k for k in dict.fromkeys(kinds) if kinds.count(k) > 1]


@statement("walrus", 2)
def walrus(w: Writer) -> Block:
    text = w.value(NUMBER)
    name = w.target(NUMBER)
    w.bind(name, NUMBER)
    other = w.fresh(NUMBER)
    w.bind(other, NUMBER)
    return Block(
        [f"{other} = ({name} := {text}) {w.choices.choose(['+ 1', '* 0.5', '- ' + name])}"]
    )


@statement("print", 4)
def printing(w: Writer) -> Block:
    form = w.choices.choose(
        ["print({number})", "print({integer}, {number})", "print({numbers})", "print({pair})",
         "print('sum', sum({numbers}))", "print({text})", "print({number}, end=' ')",
         "print(len({numbers}), {flag}, sep=';')"]
    )  # fmt: skip
    return Block([filled(w, form, 1)])


@statement("optional result", 14, lambda w: isinstance(w.result, Maybe) and w.loops > 0)
def found(w: Writer) -> Block:
    return Block([f"if {w.condition(1)}:", f"    return {w.value(w.result)}"])


@statement("return under a condition", 3, lambda w: w.function_depth > 0)
def early_return(w: Writer) -> Block:
    if w.loops or w.choices.chance(0.4):
        test = w.condition(1)
    else:
        # Rarely true: what follows is to run.
        test = f"{w.leaf(NUMBER)} {w.choices.choose(['> 2.2', '< -2'])}"
    return Block([f"if {test}:", f"    return {returned(w)}"])


@statement("del of a name", 1, lambda w: bool(_deletable(w)))
def delete(w: Writer) -> Block:
    name = w.choices.choose(_deletable(w))
    kind = w.scope.names.pop(name)
    w.scope.unread.discard(name)
    if w.choices.chance(0.2):
        w.scope.unsure[name] = kind
    return Block([f"del {name}"])


def _deletable(w: Writer) -> list[str]:
    s = w.scope
    return [n for n in s.names if n not in s.pinned and s.can_bind(n, s.names[n])]


@statement("nested item changed", 4, lambda w: bool(_nested(w)))
def nested_item(w: Writer) -> Block:
    name, route = w.choices.choose(_nested(w))
    text = w.path(name, route)
    return Block([f"{text} {w.choices.choose(['+=', '=', '-='])} {w.value(NUMBER)}"])


def _nested(w: Writer) -> list[tuple[str, tuple]]:
    """Returns numbers that are two steps away and can be stored to."""
    return [
        (name, route)
        for name, route in w.places(NUMBER)
        if len(route) == 2 and route[-1][1] == NUMBER and w.can_store(name, route)
    ]
