"""Statements that decide which statements run."""

from tests.generator.writer import Block
from tests.language.functions import can_nest
from tests.language.kinds import (
    INTEGER,
    NUMBER,
    PAIR,
    TEXT,
    Integer,
    Maybe,
    Number,
    Text,
    Thing,
)
from tests.language.scope import Scope, merged
from tests.language.writer import Writer, details, indented, statement

details(
    "elif",
    "else",
    "walrus in a test",
    "narrowing by if",
    "match with a guard",
    "match with a capture",
)


def arm(w: Writer, before: Scope, size: int, *, handled: bool = False) -> tuple[Block, Scope]:
    """Writes a branch from the scope before it; returns the branch and the scope at its end."""
    w.scope = before.copy()
    with w.nested(handled=handled):
        block = w.block(w.choices.integer(1, size))
    return block, w.scope


def join_arms(w: Writer, before: Scope, arms: list[tuple[Block, Scope]]) -> bool:
    """Sets the scope after the branches; returns whether all of them end."""
    ends = [scope for block, scope in arms if not block.ends]
    w.scope = merged(ends) if ends else before
    return not ends


@statement("if", 14, can_nest)
def branch(w: Writer) -> Block:
    before = w.scope
    if w.may("walrus in a test", 0.08):
        text = w.value(NUMBER)
        name = w.target(NUMBER)
        w.bind(name, NUMBER)
        tests = [f"({name} := {text}) > {w.choices.choose(['0', '0.5', '-0.5'])}"]
    else:
        tests = [w.condition(1)]
    arms = [arm(w, before, 3)]
    while len(tests) < 3 and w.may("elif", 0.25):
        w.scope = before.copy()
        tests.append(w.condition(1))
        arms.append(arm(w, before, 2))
    has_else = w.may("else", 0.5)
    arms.append(arm(w, before, 3) if has_else else (Block([]), before))
    lines = []
    for word, test, (block, _) in zip(["if", "elif", "elif"], tests, arms, strict=False):
        lines += [f"{word} {test}:", *indented(block.lines)]
    if has_else:
        lines += ["else:", *indented(arms[-1][0].lines)]
    return Block(lines, join_arms(w, before, arms))


@statement("if not None", 9, lambda w: can_nest(w) and bool(_narrowable(w)))
def narrowing(w: Writer) -> Block:
    """Within the branch the name is known not to be None."""
    w.note("narrowing by if")
    name = w.choices.choose(_narrowable(w))
    kind = w.scope.names[name]
    assert isinstance(kind, Maybe)
    before = w.scope
    inner = before.copy()
    inner.names[name] = kind.item
    inner.fixed.add(name)
    block, after = arm(w, inner, 3)
    after.fixed = set(before.fixed)
    after.names[name] = kind
    word = w.choices.choose(["is not None", "is not None", ""])
    join_arms(w, before, [(block, after), (Block([]), before)])
    return Block([f"if {name} {word}:", *indented(block.lines)])


def _narrowable(w: Writer) -> list[str]:
    return [n for n, k in w.scope.names.items() if isinstance(k, Maybe) and w.scope.can_bind(n, k)]


@statement("optional variable", 2)
def optional_variable(w: Writer) -> Block:
    kind = w.choices.choose([NUMBER, *(Thing(name) for name in w.classes)])
    if w.choices.chance(0.3):
        lines = [f"{{}} = {w.value(Maybe(kind))}"]
    elif w.choices.chance(0.6):
        lines = ["{} = None", f"if {w.condition(0)}:", f"    {{}} = {w.value(kind)}"]
    else:
        lines = ["{} = None"]
    name = w.target(Maybe(kind))
    w.bind(name, Maybe(kind))
    return Block([line.replace("{}", name, 1) for line in lines])


# Match. ------------------------------------------------------------------------------------


@statement("match", 3, can_nest)
def match(w: Writer) -> Block:
    kind = w.choices.choose([INTEGER, INTEGER, TEXT, PAIR, *(Thing(n) for n in w.classes)])
    if isinstance(kind, Thing) and not w.places(kind):
        kind = INTEGER
    subject = w.leaf(kind) if kind != INTEGER else f"{w.leaf(INTEGER)} % 3"
    before = w.scope
    lines = [f"match {subject}:"]
    arms = []
    for pattern, names in _patterns(w, kind):
        inner = before.copy()
        for name, item in names.items():
            inner.bind(name, item)
        w.scope = inner
        guard = f" if {w.condition(0)}" if w.may("match with a guard", 0.2) else ""
        arms.append(arm(w, inner, 2))
        lines += indented([f"case {pattern}{guard}:", *indented(arms[-1][0].lines)])
    if w.choices.chance(0.6):
        arms.append(arm(w, before, 2))
        lines += indented(["case _:", *indented(arms[-1][0].lines)])
    else:
        arms.append((Block([]), before))
    for _, scope in arms:
        scope.pinned |= before.pinned
    return Block(lines, join_arms(w, before, arms))


def _patterns(w: Writer, kind: Integer | Text | Number | Thing) -> list[tuple[str, dict]]:
    if kind == INTEGER:
        first, second, third = w.choices.shuffled(["0", "1", "2"])
        return w.choices.choose([[(first, {}), (second, {})], [(f"{first} | {third}", {})]])
    if kind == TEXT:
        return [("'low'", {}), ("'high' | 'out'", {})][: w.choices.integer(1, 2)]
    w.note("match with a capture")
    names = [w.fresh(NUMBER, ["one", "head"]), w.fresh(NUMBER, ["two", "tail"])]
    if kind == PAIR:
        numbers = dict.fromkeys(names, NUMBER)
        return [(f"(0.0, {names[1]})", {names[1]: NUMBER}), (f"({', '.join(names)})", numbers)]
    assert isinstance(kind, Thing)
    info = w.classes[kind.name]
    field, item = next(iter(info.fields.items()))
    cls = info.make.partition("(")[0]
    return [(f"{cls}({field}={names[0]})", {names[0]: item})]
