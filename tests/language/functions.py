"""Functions: module helpers, recursion, nested functions and closures, and how they are called."""

from collections.abc import Callable

from tests.language.kinds import (
    INTEGER,
    NOTHING,
    NUMBER,
    NUMBERS,
    ONE_NUMBER,
    PAIR,
    TEXT,
    Function,
    Integer,
    Kind,
    Maybe,
    Number,
    Pack,
    Parameter,
    Row,
    Series,
    Table,
    Thing,
)
from tests.language.scope import Scope
from tests.language.sharing import change_of, is_mutable
from tests.language.usage import calls_of_local_functions
from tests.language.variety import some_kind
from tests.language.writer import Block, Writer, details, expression, indented, statement

HELPERS = ["damp", "mix", "ramp", "blend", "gate", "wave", "fold"]
DEEPEST = 4
STARS = {"star": "*", "double star": "**"}
details(
    "helper",
    "helper that changes its argument",
    "helper without a result",
    "helper that returns its argument",
    "helper that returns a tuple",
    "recursive helper",
    "mutually recursive helpers",
    "default argument",
    "default argument that is a list",
    "keyword-only parameter",
    "*args",
    "**kwargs",
    "parameters of one kind",
    "function as an argument",
    "lambda",
    "nonlocal",
)


def function_body(
    w: Writer, size: int, closing: Callable[[Writer], list[str]] = lambda w: []
) -> list[str]:
    """Writes the statements of a function up to its return; the scope is that of the function.

    ``closing`` writes statements that stand before the return.
    """
    block = w.block(size)
    if block.ends:
        return block.lines
    block = Block([*block.lines, *calls_of_local_functions(w), *closing(w)])
    if w.result == NOTHING:
        return block.lines or [change(w)]
    return [*block.lines, f"return {returned(w)}"]


def change(w: Writer) -> str:
    """Returns a statement that a function without a result is worth calling for."""
    return f"print({w.leaf(NUMBER)})"


def returned(w: Writer) -> str:
    """Returns the text of a result; one that gathers many names leaves little code dead."""
    if w.result != NUMBER:
        return w.value(w.result, 2)
    text = w.value(NUMBER, 2)
    unread = [n for n, _ in w.places(NUMBER, local=True) if n in w.scope.unread]
    for name in list(dict.fromkeys(unread))[-3:]:
        route = next(r for n, r in w.places(NUMBER, local=True) if n == name)
        text = f"{text} {w.choices.choose(['+', '-'])} {w.path(name, route)}"
    return text


def signature(parameters: tuple[Parameter, ...]) -> str:
    parts = []
    for k, p in enumerate(parameters):
        if p.form == "keyword only" and not any(q.form != "plain" for q in parameters[:k]):
            parts.append("*")
        default = f"={p.default}" if p.default is not None else ""
        parts.append(f"{STARS.get(p.form, '')}{p.name}{default}")
    return ", ".join(parts)


# Module helpers. ---------------------------------------------------------------------------


def write_helper(w: Writer) -> None:
    """Adds a function to the module."""
    name = next(h for h in [*HELPERS, *(f"helper{k}" for k in range(9))] if h not in w.module_names)
    w.note("helper")
    if w.may("recursive helper", 0.12):
        _recursive(w, name)
        return
    parameters = _parameters(w)
    result = _result(w, parameters)
    scope = Scope({p.name: Series() if p.form == "star" else p.kind for p in parameters})
    with w.inside(scope, result):
        changed = [p.name for p in parameters if is_mutable(w, p.kind)]
        lines: list[str] = []
        if changed and w.may("helper that changes its argument", 0.6):
            lines = change_of(w, w.choices.choose(changed)).lines
        body = [*lines, *function_body(w, w.choices.integer(1, 4))]
    w.module += [f"def {name}({signature(parameters)}):", *indented(body), "", ""]
    w.module_names[name] = Function(parameters, result)
    w.unused.append(name)


def _parameters(w: Writer) -> tuple[Parameter, ...]:
    scope = Scope()
    found: list[Parameter] = []
    with w.inside(scope, NUMBER):
        for _ in range(w.choices.weighted([(1, 3), (2, 4), (3, 2)])):
            kind = parameter_kind(w, [p.kind for p in found])
            name = w.fresh(kind)
            scope.bind(name, kind)
            found.append(Parameter(name, kind))
        if w.may("function as an argument", 0.1):
            found.append(Parameter("function", ONE_NUMBER))
        if w.may("default argument", 0.25):
            number = w.display(NUMBER)
            found.append(Parameter(w.fresh(NUMBER, ["bias", "power"]), NUMBER, number))
        if w.may("default argument that is a list", 0.06):
            found.append(Parameter("log", NUMBERS, "[]"))
        if w.may("*args", 0.08):
            found.append(Parameter("rest", NUMBER, form="star"))
        elif w.may("**kwargs", 0.06):
            found.append(Parameter("options", Table(TEXT, NUMBER), form="double star"))
        elif w.may("keyword-only parameter", 0.08):
            found.append(Parameter("scale", NUMBER, "1.5", "keyword only"))
    return tuple(found)


def parameter_kind(w: Writer, earlier: list[Kind]) -> Kind:
    """Returns the kind of the next parameter: two of one kind may be passed the same object."""
    shared = [k for k in earlier if isinstance(k, Row | Thing | Table)]
    if shared and w.may("parameters of one kind", 0.35):
        return w.choices.choose(shared)
    return some_kind(w, is_parameter=True)


def _result(w: Writer, parameters: tuple[Parameter, ...]) -> Kind:
    shared = [p.kind for p in parameters if isinstance(p.kind, Row | Thing | Table)]
    if shared and w.may("helper that returns its argument", 0.2):
        return w.choices.choose(shared)
    if shared and w.may("helper without a result", 0.35):
        return NOTHING
    if w.may("helper that returns a tuple", 0.2):
        return Pack((NUMBER, w.choices.choose([NUMBER, INTEGER, NUMBERS])))
    return w.choices.choose([NUMBER, NUMBER, NUMBER, Maybe(NUMBER), NUMBERS])


def _recursive(w: Writer, name: str) -> None:
    """Adds a helper that calls itself, or two that call each other; the depth is bounded."""
    result = w.choices.choose([NUMBER, NUMBER, PAIR])
    parameters = (
        Parameter("depth", INTEGER),
        Parameter("x", NUMBER),
        Parameter("out", NUMBERS),
    )
    is_mutual = w.may("mutually recursive helpers", 0.4)
    names = [name, f"{name}_back"] if is_mutual else [name, name]
    for this, other in [names, names[::-1]][: 1 + is_mutual]:
        scope = Scope({p.name: p.kind for p in parameters}, fixed={"depth"})
        with w.inside(scope, result):
            base = returned(w)
            middle = w.block(w.choices.integer(0, 2))
            calls = [
                f"{other}(depth - 1, {w.value(NUMBER, 2)}, out)"
                for _ in range(w.choices.weighted([(1, 3), (2, 1)]))
            ]
            if result == NUMBER:
                end = [f"return {' + '.join(calls)} * 0.5 + {w.leaf(NUMBER)}"]
            else:
                end = [f"a, b = {calls[0]}", f"return b, a - {w.leaf(NUMBER)}"]
        lines = [
            "if depth <= 0:",
            f"    {w.choices.choose(['out.append(x)', 'pass', 'print(x)'])}",
            f"    return {base}",
            *middle.lines,
            *([] if middle.ends else end),
        ]
        w.module += [f"def {this}(depth, x, out):", *indented(lines), "", ""]
    # The depth of a call from outside is small: it is no plain int.
    w.module_names[name] = Function((Parameter("depth", INTEGER, "2"), *parameters[1:]), result)
    w.unused.append(name)


# Nested functions. -------------------------------------------------------------------------


def can_nest(w: Writer) -> bool:
    return w.depth < DEEPEST


@statement("nested function", 12, lambda w: can_nest(w) and w.function_depth < 3)
def nested_function(w: Writer) -> Block:
    name = w.fresh(ONE_NUMBER)
    kinds = [some_kind(w, is_parameter=True) for _ in range(w.choices.integer(0, 2))]
    scope = w.scope.enclosed()
    found: list[Parameter] = []
    with w.inside(Scope(), NUMBER):
        for kind in kinds:
            found.append(Parameter(w.fresh(kind), kind))
            w.bind(found[-1].name, kind)
    parameters = tuple(found)
    for p in parameters:
        scope.hide(p.name)
        scope.bind(p.name, p.kind)
    lines: list[str] = []
    changed = [
        n
        for n, k in w.scope.names.items()
        if isinstance(k, Number | Integer)
        and w.scope.can_bind(n, k)
        and n not in [p.name for p in parameters]
        and not n.startswith(("alpha", "beta"))
    ]
    result = w.choices.choose([NUMBER, NUMBER, NUMBERS, NOTHING])
    if changed and w.may("nonlocal", 0.5):
        outer = w.choices.choose(changed)
        # The function may bind it: it is one of its own names, of a kind that stays.
        scope.outer.discard(outer)
        scope.pinned.add(outer)
        w.scope.pinned.add(outer)
        with w.inside(scope, result):
            update = f"{outer} {w.choices.choose(['+=', '-='])} {w.value(w.scope.names[outer])}"
        lines += [f"nonlocal {outer}", update]
    with w.inside(scope, result):
        lines += function_body(w, w.choices.integer(0, 3))
    w.bind(name, Function(parameters, result))
    w.scope.fixed.add(name)
    return Block([f"def {name}({signature(parameters)}):", *indented(lines)])


@statement("function variable", 4)
def function_variable(w: Writer) -> Block:
    text = w.value(ONE_NUMBER, 1)
    if w.choices.chance(0.25):
        text = f"{text} if {w.condition(0)} else {w.display(ONE_NUMBER)}"
    name = w.fresh(ONE_NUMBER)
    w.bind(name, ONE_NUMBER)
    w.scope.fixed.add(name)
    return Block([f"{name} = {text}"])


@expression(Function, "partial", 1)
def partial(w: Writer, kind: Kind, depth: int) -> str:
    w.imports.add("import functools")
    form = w.choices.choose(["functools.partial(math.atan2, {})", "functools.partial(max, {})"])
    return form.format(w.value(NUMBER, depth))
