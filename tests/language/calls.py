"""Calls of the functions of a program, and of those that take a function."""

from tests.language.kinds import (
    INTEGER,
    NOTHING,
    NUMBER,
    NUMBERS,
    ONE_NUMBER,
    Function,
    Kind,
    Number,
    Row,
    Table,
    Thing,
)
from tests.language.writer import Block, Writer, details, expression, statement

details("keyword argument", "call with *list", "call with **dict", "same argument twice")


def call(w: Writer, name: str, depth: int = 1) -> str:
    """Returns the text of a call with fitting arguments."""
    function = w.readable()[w.read(name)]
    w.use(name)
    assert isinstance(function, Function)
    positional: list[str] = []
    keywords: list[str] = []
    for p in function.parameters:
        if p.name == "depth":
            positional.append(w.choices.choose(["2", "1", f"{w.leaf(INTEGER)} % 4", "3"]))
        elif p.form == "star":
            if not keywords and w.may("call with *list", 0.5):
                positional.append(f"*{w.leaf(NUMBERS)}")
            elif not keywords:
                positional += [w.value(NUMBER, depth) for _ in range(w.choices.integer(0, 2))]
        elif p.form == "double star":
            keywords += keyword_values(w, depth)
        elif p.default is not None and w.choices.chance(0.4):
            # What stands behind an argument that is left out goes by keyword.
            keywords.append("")
        else:
            text = argument(w, p.kind, positional, depth)
            by_name = p.form == "keyword only" or keywords
            if by_name or (p.form == "plain" and w.may("keyword argument", 0.08)):
                keywords.append(f"{p.name}={text}")
            else:
                positional.append(text)
    return f"{name}({', '.join([*positional, *filter(None, keywords)])})"


def keyword_values(w: Writer, depth: int) -> list[str]:
    """Returns keywords that no parameter has."""
    names = ["low", "high"][: w.choices.integer(0, 2)]
    if names and w.may("call with **dict", 0.3):
        return [f"**{{{', '.join(f'{n!r}: {w.value(NUMBER, depth)}' for n in names)}}}"]
    return [f"{name}={w.value(NUMBER, depth)}" for name in names]


def argument(w: Writer, kind: Kind, earlier: list[str], depth: int) -> str:
    """Returns an argument; a list or an object is sometimes one that was passed before."""
    if isinstance(kind, Row | Thing | Table):
        same = [text for text in earlier if w.readable().get(text) == kind]
        if same and w.may("same argument twice", 0.7):
            return w.choices.choose(same)
        return w.leaf(kind)
    return w.value(kind, depth)


@expression(None, "helper call", 9, applies=lambda w, kind: bool(w.functions(kind)))
def helper_call(w: Writer, kind: Kind, depth: int) -> str:
    names = w.functions(kind)
    unread = [name for name in names if name in w.scope.unread]
    return call(w, w.choices.choose(unread or names), depth)


@statement("call statement", 9, lambda w: bool(w.functions(NOTHING)))
def call_statement(w: Writer) -> Block:
    return Block([call(w, w.choices.choose(w.functions(NOTHING)))])


@statement("call whose result is dropped", 2, lambda w: bool(w.functions(NUMBERS)))
def dropped(w: Writer) -> Block:
    return Block([call(w, w.choices.choose(w.functions(NUMBERS)))])


@expression(Number, "reduce", 1)
def reduce(w: Writer, kind: Kind, depth: int) -> str:
    w.imports.add("import functools")
    with w.local({"total": NUMBER, "v": NUMBER}):
        body = f"total * 0.5 + {w.leaf(NUMBER)}"
    return f"functools.reduce(lambda total, v: {body}, {w.leaf(NUMBERS)}, {w.leaf(NUMBER)})"


@expression(Number, "extremum with a key", 2)
def extremum(w: Writer, kind: Kind, depth: int) -> str:
    with w.local({"v": NUMBER}):
        key = w.value(NUMBER, 1)
    return f"max({w.leaf(NUMBERS)}, key=lambda v: {key}, default=0.5)"


@expression(Number, "function from a display", 1)
def chosen_function(w: Writer, kind: Kind, depth: int) -> str:
    functions = [w.value(ONE_NUMBER, 1) for _ in range(2)]
    key = w.leaf(INTEGER)
    table = f"{{0: {functions[0]}, 1: {functions[1]}}}[{key} % 2]"
    row = f"[{functions[0]}, {functions[1]}][{key} % 2]"
    return f"{w.choices.choose([table, row])}({w.value(NUMBER, depth)})"
