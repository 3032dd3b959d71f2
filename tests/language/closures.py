"""Closures that are called after what they captured was bound again."""

from tests.language.kinds import NUMBER, ONE_NUMBER, Row
from tests.language.writer import Block, Writer, details, statement

details("closure with a default")


@statement("closure before a re-binding", 6, lambda w: bool(_rebindable(w)))
def late_binding(w: Writer) -> Block:
    """A closure sees the value that a name has when the closure is called."""
    name = w.choices.choose(_rebindable(w))
    function = w.fresh(ONE_NUMBER)
    with w.local({"v": NUMBER}):
        body = f"{w.value(NUMBER, 1)} + {name}"
    # A closure relies on the kind of all that it may read.
    w.scope.pinned |= set(w.scope.names)
    value = w.value(NUMBER)
    result = w.target(NUMBER)
    default = ""
    if w.may("closure with a default", 0.25):
        default, body = f", k={name}", f"{body} * k"
    form = w.choices.choose(["{} = lambda v{}: {}", "def {}(v{}):\n    return {}"])
    lines = [
        *form.format(function, default, body).split("\n"),
        f"{name} {w.choices.choose(['=', '+='])} {value}",
        f"{result} = {function}({w.value(NUMBER, 1)})",
    ]
    w.bind(function, ONE_NUMBER)
    w.scope.fixed.add(function)
    w.bind(result, NUMBER)
    return Block(lines)


def _rebindable(w: Writer) -> list[str]:
    return [n for n, k in w.scope.names.items() if k == NUMBER and w.scope.can_bind(n, k)]


@statement("closures made in a loop", 3)
def in_a_loop(w: Writer) -> Block:
    """All of them see the loop variable as the loop leaves it, unless a default holds it."""
    functions = w.fresh(Row(ONE_NUMBER), ["functions", "steps_of"])
    name = w.fresh(NUMBER, ["i", "j", "m"])
    result = w.target(NUMBER)
    w.scope.pinned |= set(w.scope.names)
    made = w.choices.choose(["lambda v: v * {}", "lambda v, k={0}: v * k + {0}"]).format(name)
    lines = [
        f"{functions} = []",
        f"for {name} in (0.5, {w.value(NUMBER, 1)}):",
        f"    {functions}.append({made})",
    ]
    if w.choices.chance(0.3):
        lines = [f"{functions} = [{made} for {name} in (0.5, {w.leaf(NUMBER)})]"]
    lines.append(f"{result} = {functions}[0](1.5) - {functions}[-1]({w.value(NUMBER, 1)})")
    w.bind(result, NUMBER)
    w.scope.fixed |= {functions, name}
    return Block(lines)
