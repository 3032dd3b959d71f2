"""Exceptions: raised by statements and by operations, caught and let through."""

from tests.language.control import arm
from tests.language.functions import can_nest
from tests.language.kinds import INTEGER, NUMBER, NUMBERS, TEXT, Table
from tests.language.lists import any_row, has_rows
from tests.language.scope import Scope
from tests.language.usage import pinned_numbers
from tests.language.writer import Block, Writer, details, indented, statement

BUILTIN = ["ZeroDivisionError", "IndexError", "KeyError", "ValueError", "AssertionError"]
FAMILIES = ["ArithmeticError", "LookupError", "Exception", "(ValueError, ZeroDivisionError)",
            "(KeyError, IndexError)"]  # fmt: skip
details(
    "except as",
    "raise for certain",
    "several handlers",
    "try else",
    "finally",
    "re-raise",
    "raise from",
    "custom exception",
    "exception with an attribute",
)


def write_exceptions(w: Writer) -> None:
    """Adds exception classes to the module."""
    if w.may("custom exception", 0.5):
        w.module += ["class Stop(Exception):", "    pass", "", ""]
        w.exceptions.append("Stop")
    if w.may("exception with an attribute", 0.3):
        w.module += [
            "class Limit(ValueError):",
            "    def __init__(self, amount):",
            "        super().__init__(amount)",
            "        self.amount = amount",
            "", "",
        ]  # fmt: skip
        w.exceptions.append("Limit")


@statement("try", 11, can_nest)
def attempt(w: Writer) -> Block:
    before = w.scope
    body, inner = arm(w, before.repeated(), 3, handled=True)
    failure = ""
    if not body.ends and w.choices.chance(0.8):
        w.scope = inner
        with w.nested(handled=True):
            if w.may("raise for certain", 0.2):
                line, failure = raising(w)
                lines = [line]
            else:
                lines, failure = failing(w)
            body = Block([*body.lines, *lines])
            if w.choices.chance(0.4):
                body = Block([*body.lines, *w.statement().lines])
        inner = w.scope
    lines = ["try:", *indented(body.lines)]
    has_finally = w.may("finally", 0.2)
    if not has_finally or w.choices.chance(0.6):
        for caught in _handlers(w, failure):
            lines += _handler(w, before, inner, caught)
        if w.may("try else", 0.35):
            block, _ = arm(w, _half_way(before, inner), 2)
            lines += ["else:", *indented(block.lines)]
    after = _half_way(before, inner)
    if has_finally:
        w.scope = after.repeated()
        changed = pinned_numbers(w)
        line = f"print({w.leaf(NUMBER)})"
        if changed and w.choices.chance(0.6):
            name = w.choices.choose(changed)
            line = f"{name} += {w.value(w.scope.names[name], 1)}"
        lines += ["finally:", f"    {line}"]
    w.scope = after
    return Block(lines)


def _half_way(before: Scope, inner: Scope) -> Scope:
    """Returns what holds where the body may have stopped anywhere."""
    after = before.copy()
    after.unread &= inner.unread
    for name, kind in inner.names.items():
        if name not in before.names and name not in before.unsure:
            after.unsure[name] = kind
    return after


def _handlers(w: Writer, failure: str) -> list[str]:
    """Returns what is caught; most often it is what is likely to be raised."""
    fitting = [name for name in (*BUILTIN, *FAMILIES, *w.exceptions) if _catches(name, failure)]
    if fitting and w.choices.chance(0.8):
        first = w.choices.choose(fitting)
    else:
        first = w.choices.choose([*BUILTIN[:4], *FAMILIES, *w.exceptions])
    if first != "Exception" and w.may("several handlers", 0.4):
        return [first, w.choices.choose(["Exception", *BUILTIN[:4], "ArithmeticError"])]
    return [first]


def _catches(caught: str, raised: str) -> bool:
    families = {
        "ZeroDivisionError": "ArithmeticError",
        "IndexError": "LookupError",
        "KeyError": "LookupError",
        "Limit": "ValueError",
    }
    return bool(raised) and (
        raised in caught or families.get(raised, raised) in caught or caught == "Exception"
    )


def _handler(w: Writer, before: Scope, inner: Scope, caught: str) -> list[str]:
    scope = _half_way(before, inner).repeated()
    name = ""
    lines = []
    w.scope = scope
    if w.may("except as", 0.4):
        name = w.fresh(None, ["error", "e", "problem"])
        shown = [f"print(type({name}).__name__)", f"print({name})", f"print({name}.args)"]
        if caught == "Limit":
            shown.append(f"print({name}.amount)")
        lines.append(w.choices.choose(shown))
    scope.fixed.add(name)
    block, _ = arm(w, scope, 2)
    lines += block.lines
    if not block.ends:
        if name and w.may("raise from", 0.08):
            lines.append(f"raise RuntimeError('again') from {name}")
        elif w.may("re-raise", 0.08):
            lines.append("raise")
    return [f"except {caught}{' as ' + name if name else ''}:", *indented(lines)]


def failing(w: Writer) -> tuple[list[str], str]:
    """Returns statements that raise on some paths, and the exception."""
    kind = w.choices.choose(["ZeroDivisionError", "IndexError", "KeyError", "ValueError",
                             "AssertionError", "raise", "raise", "raise"])  # fmt: skip
    if kind == "raise":
        line, exception = raising(w)
        return [f"if {w.condition(1)}:", f"    {line}"], exception
    if kind == "AssertionError":
        message = w.choices.choose(["'must hold'", w.leaf(NUMBER)])
        return [f"assert {w.condition(0)}, {message}"], kind
    text = _operation(w, kind, w.leaf(NUMBER), w.leaf(INTEGER))
    name = w.target(NUMBER)
    w.bind(name, NUMBER)
    return [f"{name} = {text}"], kind


def _operation(w: Writer, exception: str, x: str, n: str) -> str:
    """Returns an expression of a number that may raise this exception."""
    if exception == "ZeroDivisionError":
        return w.choices.choose([f"{x} / ({n} % 2)", f"{x} // {n}", f"{x} / ({n} - {n})"])
    if exception == "ValueError":
        forms = ["math.sqrt({})", "math.log({})", "math.acos({})"]
        return w.choices.choose([form.format(x) for form in forms] + [f"float({w.leaf(TEXT)})"])
    if exception == "IndexError":
        rows = w.places(NUMBERS)
        owner = w.path(*w.choices.choose(rows)) if rows else "[0.5, 1.5]"
        return f"{owner}[{w.choices.choose([n, '5', n])}]"
    tables = [place for key in (TEXT, INTEGER) for place in w.places(Table(key, NUMBER))]
    owner = w.path(*w.choices.choose(tables)) if tables else f"{{'a': {x}}}"
    return f"{owner}[{w.choices.choose([repr('a'), repr('k'), '1'])}]"


def raising(w: Writer) -> tuple[str, str]:
    """Returns a raise statement, and the exception."""
    exception = w.choices.choose([*BUILTIN[:4], *w.exceptions, *w.exceptions])
    if exception == "Limit":
        return f"raise Limit({w.leaf(NUMBER)})", exception
    value = w.choices.choose(["", "'out of range'", w.leaf(NUMBER)])
    call = f"({value})" if value or w.choices.chance(0.5) else ""
    return f"raise {exception}{call}", exception


@statement("operation that may raise", 1)
def may_fail(w: Writer) -> Block:
    return Block(failing(w)[0])


@statement("operation that may raise in a try", 6, lambda w: w.tries > 0)
def may_fail_handled(w: Writer) -> Block:
    return Block(failing(w)[0])


@statement("raise under a condition", 2)
def guard(w: Writer) -> Block:
    if w.tries or w.choices.chance(0.3):
        test = w.condition(1)
    else:
        # Rarely true.
        test = f"abs({w.leaf(NUMBER)}) > {w.choices.integer(3, 9)}"
    return Block([f"if {test}:", f"    {raising(w)[0]}"])


@statement("assert", 2)
def assertion(w: Writer) -> Block:
    x = w.leaf(NUMBER)
    form = w.choices.choose(["{x} < {k}, 'too large'", "{x} == {x}", "abs({x}) < {k}, {x}"])
    return Block([f"assert {form.format(x=x, k=w.choices.integer(4, 20))}"])


@statement("suppress", 2, can_nest)
def suppress(w: Writer) -> Block:
    w.imports.add("import contextlib")
    before = w.scope
    body, inner = arm(w, before.repeated(), 2, handled=True)
    w.scope = inner
    lines = body.lines if body.ends else [*body.lines, *failing(w)[0]]
    w.scope = _half_way(before, w.scope)
    caught = ", ".join(w.choices.shuffled(BUILTIN)[: w.choices.integer(1, 3)])
    return Block([f"with contextlib.suppress({caught}):", *indented(lines)])


@statement("nullcontext", 1, lambda w: can_nest(w) and has_rows()(w))
def nullcontext(w: Writer) -> Block:
    w.imports.add("import contextlib")
    row, kind = any_row(w)
    name = w.target(kind)
    w.bind(name, kind)
    with w.nested():
        body = w.block(2)
    head = f"with contextlib.nullcontext({row}) as {name}:"
    return Block([head, *indented(body.lines)], body.ends)
