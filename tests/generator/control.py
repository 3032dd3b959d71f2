"""Statements that decide which statements run."""

from tests.generator.kinds import Expression, Flag, Integer, Kind, Scalar, Text
from tests.generator.scope import Scope, merged
from tests.generator.writer import Block, Writer, details, expression, indented, statement

DEEPEST = 4
details(
    "elif",
    "else",
    "early return",
    "name bound in every branch",
    "name bound in some branches",
    "case with alternatives",
    "case with a guard",
    "case with a capture",
    "no case matches",
    "unreachable code",
    "early return of an int",
)


def can_nest(w: Writer) -> bool:
    return w.depth < DEEPEST


def arm(w: Writer, before: Scope, size: int) -> tuple[Block, Scope]:
    """Writes a branch from the scope before it; returns the branch and the scope at its end."""
    w.scope = before.copy()
    w.depth += 1
    certain, w.certain = w.certain, True
    block = w.block(w.choices.integer(1, size))
    if not block.ends and w.may("early return", 0.15):
        block = Block([*block.lines, f"return {w.return_value()}"], True)
        w.flush()
    w.depth -= 1
    w.certain = certain
    return block, w.scope


def join_arms(w: Writer, before: Scope, arms: list[tuple[Block, Scope]]) -> bool:
    """Sets the scope after the branches; returns whether all of them end."""
    ends = [scope for block, scope in arms if not block.ends]
    if not ends:
        w.scope = before
        return True
    w.scope = merged(ends)
    if len(ends) > 1:
        new = [set(scope.names) - set(before.names) for scope in ends]
        if set.intersection(*new):
            w.note("name bound in every branch")
        if set.union(*new) - set.intersection(*new):
            w.note("name bound in some branches")
    return False


@statement("if", 9, can_nest)
def branch(w: Writer) -> Block:
    tests = [w.condition(1)]
    w.flush()
    before = w.scope
    arms = [arm(w, before, 3)]
    with w.maybe():
        while len(tests) < 3 and w.may("elif", 0.3):
            w.scope = before.copy()
            tests.append(w.condition(1))
            arms.append(arm(w, before, 2))
        has_else = w.may("else", 0.5)
        if has_else:
            arms.append(arm(w, before, 3))
    lines = []
    for word, test, (block, _) in zip(["if", "elif", "elif"], tests, arms, strict=False):
        lines += [f"{word} {test}:", *indented(block.lines)]
    if has_else:
        lines += ["else:", *indented(arms[-1][0].lines)]
    else:
        arms.append((Block([]), before))
    ends = join_arms(w, before, arms)
    if ends and w.may("unreachable code", 0.4):
        lines.append(f"return {w.constant().text}")
    return Block(lines, ends)


@statement("early return under a condition", 3)
def early_return(w: Writer) -> Block:
    test = w.condition(1)
    w.flush()
    before = w.scope
    w.scope = before.copy()
    with w.maybe():
        if isinstance(w.result, Scalar) and w.may("early return of an int", 0.1):
            text = str(w.choices.integer(-2, 2))
        else:
            text = w.return_value()
    w.scope = before
    return Block([f"if {test}:", f"    return {text}"])


@statement("name bound under a flag", 2, can_nest)
def bind_under_flag(w: Writer) -> Block:
    test = w.condition(1)
    w.flush()
    flag = w.fresh(["has_extra", "flagged", "is_set", "deep"])
    w.bind(flag, Flag())
    w.scope.fixed.add(flag)
    with w.maybe():
        e = w.value(2)
    # Of its own pool: on the paths without the flag it is unbound, not a tuple of old.
    name = w.fresh(["extra", "excess", "gap", "slack"])
    w.scope.partial.setdefault(flag, {})[name] = Scalar(e.bound)
    return Block([f"{flag} = bool({test})", f"if {flag}:", f"    {name} = {e.text}"])


def partial_names(w: Writer) -> list[tuple[str, str]]:
    """Returns pairs of a flag and a name that is bound where the flag is true."""
    return [
        (flag, name)
        for flag, names in w.scope.partial.items()
        for name in names
        if flag in w.scope.names and name not in w.scope.names
    ]


@statement("use under the same flag", 6, lambda w: can_nest(w) and bool(partial_names(w)))
def use_under_flag(w: Writer) -> Block:
    flag, name = w.choices.choose(partial_names(w))
    before = w.scope
    inner = before.copy()
    inner.names[name] = before.partial[flag][name]
    block, after = arm(w, inner, 2)
    line = f"{w.choices.choose(['print', 'float', 'math.sin'])}({name})"
    block = Block([line, *block.lines], block.ends)
    after.names.pop(name, None)
    join_arms(w, before, [(block, after), (Block([]), before)])
    return Block([f"if {flag}:", *indented(block.lines)])


@expression("value under the same flag", 5, lambda w: bool(partial_names(w)))
def value_under_flag(w: Writer, depth: int) -> Expression:
    flag, name = w.choices.choose(partial_names(w))
    kind = w.scope.partial[flag][name]
    assert isinstance(kind, Scalar)
    return Expression(f"({name} if {flag} else 0)", kind.bound)


@statement("possibly unbound name", 25, lambda w: w.unbound and w.function_depth == 1)
def possibly_unbound(w: Writer) -> Block:
    w.unbound = False
    test = w.condition(1)
    w.flush()
    with w.maybe():
        e = w.value(1)
    # Of its own pool: no branch may have bound it to something else.
    name = w.fresh(["maybe", "found", "hit"])
    w.bind(name, Scalar(e.bound))
    w.scope.unsafe.add(name)
    return Block([f"if {test}:", f"    {name} = {e.text}"])


@statement("match on an int", 3, can_nest)
def match_int(w: Writer) -> Block:
    # A number of few values, so that the cases are taken.
    names = w.readable(Integer)
    if names and w.choices.chance(0.6):
        subject = f"{w.choices.choose(names)} % 3"
        values = w.choices.shuffled([0, 1, 2, 3])
    else:
        subject = f"int({w.variable().text})"
        values = w.choices.shuffled([0, 1, -1, 2])
    patterns = []
    for _ in range(w.choices.integer(1, 2)):
        pattern = str(values.pop())
        if len(values) > 1 and w.may("case with alternatives", 0.3):
            pattern += f" | {values.pop()}"
        if w.may("case with a guard", 0.2):
            pattern += f" if {w.leaf().text} > 0"
        patterns.append(pattern)
    return _match(w, subject, patterns, Integer())


@statement("match on a string", 3, lambda w: can_nest(w) and bool(w.readable(Text)))
def match_string(w: Writer) -> Block:
    subject = w.choices.choose(w.readable(Text))
    kind = w.kind_of(subject)
    options = w.choices.shuffled(kind.options)
    patterns = [repr(option) for option in options[: w.choices.integer(1, 2)]]
    if w.may("case with alternatives", 0.3):
        patterns[-1] += " | 'other'"
    return _match(w, subject, patterns, kind)


def _match(w: Writer, subject: str, patterns: list[str], kind: Kind) -> Block:
    before = w.scope
    lines = [f"match {subject}:"]
    arms = []
    with w.maybe():
        for pattern in patterns:
            arms.append(arm(w, before, 2))
            lines += indented([f"case {pattern}:", *indented(arms[-1][0].lines)])
        if w.may("case with a capture", 0.2):
            w.scope = before
            name = w.fresh(["other", "rest", "k"])
            inner = before.copy()
            # The name stays bound after the match, in this arm only.
            inner.bind(name, kind)
            arms.append(arm(w, inner, 2))
            lines += indented([f"case {name}:", *indented(arms[-1][0].lines)])
        elif w.choices.chance(0.6):
            arms.append(arm(w, before, 2))
            lines += indented(["case _:", *indented(arms[-1][0].lines)])
        else:
            w.note("no case matches")
            arms.append((Block([]), before))
    return Block(lines, join_arms(w, before, arms))
