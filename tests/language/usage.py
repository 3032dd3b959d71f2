"""Statements that use what nothing has used yet: code that never runs tests nothing."""

from tests.language.calls import call
from tests.language.kinds import (
    INTEGER,
    NOTHING,
    NUMBER,
    NUMBERS,
    PAIR,
    TEXT,
    Flag,
    Function,
    Integer,
    Kind,
    Maybe,
    Number,
    Row,
    Series,
    Table,
    Thing,
)
from tests.language.objects import method_text
from tests.language.writer import Block, Writer, details, statement

details("unused function called at the end", "local names shown at the end")

# What ``print`` shows in full; an object shows its address.
SHOWN: tuple[Kind, ...] = (
    NUMBER,
    INTEGER,
    Flag(),
    TEXT,
    PAIR,
    NUMBERS,
    Series(),
    Maybe(NUMBER),
    Row(NUMBERS),
    Row(PAIR),
    Table(TEXT, NUMBER),
    Table(INTEGER, NUMBER),
    Table(TEXT, NUMBERS),
)


def unused(w: Writer) -> list[str]:
    """Returns functions that nothing has called, and methods as ``Point.move``."""
    local = [n for n, k in w.scope.names.items() if isinstance(k, Function)]
    known = [n for n in w.unused if n in w.module_names or _class_of(w, n) in w.classes]
    return [*known, *(n for n in local if n in w.scope.unread and n not in w.scope.outer)]


def _class_of(w: Writer, name: str) -> str:
    return next((c for c in w.classes if name.startswith(c)), "")


@statement("unused function called", 30, lambda w: bool(unused(w)))
def use(w: Writer) -> Block:
    return use_of(w, w.choices.choose(unused(w)))


def use_of(w: Writer, name: str) -> Block:
    """Returns a statement that calls a function or a method."""
    function = w.readable().get(name)
    if isinstance(function, Function):
        text, result = call(w, name), function.result
    else:
        info = w.classes[_class_of(w, name)]
        method = name.removeprefix(info.name)
        owner = w.leaf(Thing(info.name))
        if method == "+=":
            w.use(name)
            target = w.fresh(Thing(info.name))
            w.bind(target, Thing(info.name))
            return Block([f"{target} = {owner}", f"{target} += {w.value(NUMBER)}"])
        text, result = method_text(w, owner, info, method), info.methods[method].result
    if result == NOTHING:
        return Block([text])
    target = w.target(result)
    w.bind(target, result)
    return Block([f"{target} = {text}"])


@statement("accumulation", 14, lambda w: w.loops > 0 and bool(pinned_numbers(w)))
def accumulate(w: Writer) -> Block:
    """What a loop does in each turn shows after the loop."""
    name = w.choices.choose(pinned_numbers(w))
    kind = w.scope.names[name]
    return Block([f"{name} {w.choices.choose(['+=', '-=', '+='])} {w.value(kind)}"])


def pinned_numbers(w: Writer) -> list[str]:
    """Returns numbers that were bound before the loop, or the handler, that is being written."""
    return [
        n
        for n, k in w.scope.names.items()
        if n in w.scope.pinned and isinstance(k, Number | Integer) and w.scope.can_bind(n, k)
    ]


def calls_of_local_functions(w: Writer) -> list[str]:
    """Returns calls of the functions of this function that it has not called."""
    names = [n for n, k in w.scope.names.items() if isinstance(k, Function)]
    local = [n for n in names if n in w.scope.unread and n not in w.scope.outer]
    # A function that is a parameter may be bound again by the call of another one.
    lines: list[str] = []
    for name in local[:3]:
        if isinstance(w.scope.names.get(name), Function):
            lines += use_of(w, name).lines
    return lines


def closing(w: Writer) -> list[str]:
    """Returns the last statements of the entry: what is left is used, and most of it shown."""
    lines: list[str] = []
    for name in list(dict.fromkeys(unused(w)))[:8]:
        if name in unused(w) and w.may("unused function called at the end", 0.9):
            lines += use_of(w, name).lines
    shown = [n for n, k in w.scope.names.items() if k in SHOWN][-8:]
    if shown and w.may("local names shown at the end", 0.6):
        lines.append(f"print({', '.join(map(w.read, shown))})")
    return lines
