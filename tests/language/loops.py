"""Loops: over everything that can be iterated, with exits of every kind."""

from tests.generator.writer import Block
from tests.language.control import arm
from tests.language.functions import can_nest, returned
from tests.language.kinds import INTEGER, NUMBER, Kind, Row
from tests.language.scope import Scope
from tests.language.sharing import change_of, is_mutable
from tests.language.sources import a_row, has_row, source
from tests.language.usage import pinned_numbers
from tests.language.writer import Writer, details, indented, statement

details(
    "loop else",
    "loop variable used after the loop",
    "loop variable changed",
    "while True",
    "while with a walrus",
    "while over a shrinking list",
)


def loop_body(
    w: Writer, inner: Scope, size: int, turning: dict[str, Kind] | None = None
) -> tuple[Block, Scope]:
    """Writes the body of a loop; ``turning`` are the names that the loop itself binds."""
    w.scope = inner
    before, w.turning = w.turning, turning or {}
    with w.nested(loop=True):
        lines: list[str] = []
        for name, kind in w.turning.items():
            if is_mutable(w, kind) and w.may("loop variable changed", 0.7):
                lines += change_of(w, name).lines
        block = w.block(w.choices.integer(1, size))
    w.turning = before
    return Block([*lines, *block.lines], block.ends), w.scope


def after_loop(w: Writer, before: Scope, inner: Scope, sure: dict) -> None:
    """Sets the scope after a loop: what only its body binds may be unbound."""
    after = before.copy()
    after.unread &= inner.unread
    after.pinned |= inner.pinned & set(before.names)
    for name, kind in inner.names.items():
        if name not in before.names and name not in before.unsure:
            after.unsure[name] = kind
    w.scope = after
    for name, kind in sure.items():
        if w.scope.can_bind(name, kind):
            w.bind(name, kind)


@statement("for", 22, lambda w: can_nest(w) and w.loops < 3)
def for_loop(w: Writer) -> Block:
    found = source(w)
    before = w.scope
    inner = before.repeated()
    for name, kind in found.names.items():
        inner.bind(name, kind)
    inner.indexes |= found.indexes
    block, inner = loop_body(w, inner, 4, found.names)
    lines = [f"for {found.target} in {found.iterable}:", *indented(block.lines)]
    sure = found.names if found.is_sure else {}
    after_loop(w, before, inner, sure)
    lines += _loop_else(w)
    for name in list(sure)[:1]:
        if w.scope.names.get(name) == sure[name] and w.may(
            "loop variable used after the loop", 0.3
        ):
            lines.append(f"print({name})")
    return Block(lines)


def _loop_else(w: Writer) -> list[str]:
    if not w.may("loop else", 0.12):
        return []
    before = w.scope
    inner = before.repeated()
    block, inner = arm(w, inner, 2)
    # A loop that is left by break runs no else.
    after_loop(w, before, inner, {})
    return ["else:", *indented(block.lines)]


@statement("while", 9, lambda w: can_nest(w) and w.loops < 3)
def while_loop(w: Writer) -> Block:
    counter = w.fresh(INTEGER, ["turn", "tries", "step_no", "left"])
    before = w.scope
    # The counter bounds the loop: nothing else may bind it.
    before.bind(counter, INTEGER)
    before.fixed.add(counter)
    inner = before.repeated()
    w.scope = inner
    limit = w.choices.integer(2, 5)
    head = ""
    if w.may("while with a walrus", 0.12):
        name = w.fresh(NUMBER)
        value = w.value(NUMBER)
        head = f"({name} := {value}) {w.choices.choose(['>', '<'])} {w.leaf(NUMBER)}"
        before.unsure[name] = NUMBER
        inner.bind(name, NUMBER)
    elif not w.may("while True", 0.25):
        head = w.condition(1) if w.choices.chance(0.75) else f"{counter} < {limit}"
    block, inner = loop_body(w, inner, 4)
    guard = f"{counter} < {limit}"
    start = [f"{counter} = 0"]
    if head:
        # The guard bounds the loop: nothing in the rest of the test may go round it.
        rest = f"({head})" if any(word in head for word in (" or ", " if ")) else head
        test = head if head == guard else f"{guard} and {rest}"
        body = [f"{counter} += 1", *block.lines]
    else:
        test = "True"
        body = [f"{counter} += 1", f"if {counter} > {limit}:", "    break", *block.lines]
    before.fixed.discard(counter)
    after_loop(w, before, inner, {})
    return Block([*start, f"while {test}:", *indented(body), *_loop_else(w)])


@statement("while list", 3, lambda w: can_nest(w) and w.loops < 2 and bool(_growing(w)))
def while_list(w: Writer) -> Block:
    w.note("while over a shrinking list")
    row = w.choices.choose(_growing(w))
    kind = w.scope.names[row]
    assert isinstance(kind, Row)
    before = w.scope
    inner = before.repeated()
    inner.fixed.add(row)
    name = w.fresh(kind.item, ["taken", "last_one"])
    inner.bind(name, kind.item)
    block, inner = loop_body(w, inner, 3)
    test = w.choices.choose(
        [f"len({row}) > 2", f"len({row}) > 1", row, f"{row} and len({row}) < 8"]
    )
    lines = [f"{name} = {row}.pop({w.choices.choose(['', '0'])})", *block.lines]
    after_loop(w, before, inner, {})
    return Block([f"while {test}:", *indented(lines)])


def _growing(w: Writer) -> list[str]:
    names = w.scope.names.items()
    return [n for n, k in names if isinstance(k, Row) and w.scope.can_bind(n, k)]


@statement("list that grows while iterated", 2, lambda w: can_nest(w) and has_row(w))
def growing(w: Writer) -> Block:
    row, kind = a_row(w)
    name = w.fresh(kind.item, ["v", "entry", "grown"])
    before = w.scope
    inner = before.repeated()
    inner.bind(name, kind.item)
    w.scope = inner
    value = w.value(kind.item)
    block, inner = loop_body(w, inner, 2)
    grow = [f"if len({row}) < {w.choices.integer(4, 7)}:", f"    {row}.append({value})"]
    after_loop(w, before, inner, {})
    return Block([f"for {name} in {row}:", *indented([*grow, *block.lines])])


@statement("list replaced while iterated", 1, lambda w: can_nest(w) and bool(_growing(w)))
def replaced(w: Writer) -> Block:
    row = w.choices.choose(_growing(w))
    kind = w.scope.names[row]
    assert isinstance(kind, Row)
    name = w.fresh(kind.item, ["v", "entry", "old"])
    before = w.scope
    inner = before.repeated()
    inner.bind(name, kind.item)
    w.scope = inner
    value = w.value(kind, 1)
    block, inner = loop_body(w, inner, 2)
    after_loop(w, before, inner, {})
    return Block([f"for {name} in {row}:", *indented([f"{row} = {value}", *block.lines])])


@statement("break under a condition", 16, lambda w: w.loops > 0)
def conditional_break(w: Writer) -> Block:
    return Block([f"if {w.test_of(w.turning)}:", "    break", *effect(w)])


@statement("continue under a condition", 14, lambda w: w.loops > 0)
def conditional_continue(w: Writer) -> Block:
    return Block([f"if {w.test_of(w.turning)}:", "    continue", *effect(w)])


def effect(w: Writer) -> list[str]:
    """Returns a statement that shows whether it ran."""
    totals = pinned_numbers(w)
    if totals and w.choices.chance(0.6):
        name = w.choices.choose(totals)
        return [f"{name} += {w.value(w.scope.names[name], 1)}"]
    return [f"print({w.leaf(NUMBER)})"] if w.choices.chance(0.5) else []


@statement("return from a loop", 3, lambda w: w.loops > 0)
def return_from_loop(w: Writer) -> Block:
    test = w.test_of(w.turning)
    return Block([f"if {test}:", f"    return {returned(w)}"])


@statement("break or continue at the end", 2, lambda w: w.loops > 0 and w.depth > 2)
def leave(w: Writer) -> Block:
    if w.choices.chance(0.2):
        return Block([f"return {returned(w)}"], True)
    return Block([w.choices.choose(["break", "continue"])], True)
