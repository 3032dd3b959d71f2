"""Expressions of numbers, ints, flags and strings, most of them forms with places to fill."""

import string
from collections.abc import Callable
from typing import Any

from tests.language.kinds import (
    FLAG,
    INTEGER,
    NUMBER,
    NUMBERS,
    PAIR,
    TEXT,
    Bag,
    Flag,
    Integer,
    Kind,
    Maybe,
    Number,
    Pack,
    Queue,
    Row,
    Series,
    Table,
    Text,
    Thing,
)
from tests.language.writer import Writer, expression

KINDS: dict[str, Kind] = {
    "number": NUMBER,
    "integer": INTEGER,
    "flag": FLAG,
    "text": TEXT,
    "numbers": NUMBERS,
    "series": Series(),
    "pair": PAIR,
    "table": Table(TEXT, NUMBER),
    "queue": Queue(),
    "bag": Bag(),
}
SMALL = ["0.5", "0.25", "-0.75", "0.9", "math.sin({})", "math.cos({})", "math.tanh({})"]
CONSTANTS = ["0.5", "0", "0.25", "1", "-0.5", "1.5", "0.0", "-1"]


def filled(w: Writer, form: str, depth: int) -> str:
    """Returns the form with an expression for each place.

    A place names a kind (``{number}``), or is ``{small}``, a number of magnitude below 1,
    ``{variable}``, a number that is no constant, ``{constant}``, or ``{plain}``, a list of
    numbers that can be the iterable of a comprehension, where no := may stand.
    """
    parts = []
    for literal, place, _, _ in string.Formatter().parse(form):
        parts.append(literal)
        if place is None:
            continue
        if place == "small":
            parts.append(small(w, depth))
        elif place == "variable":
            parts.append(variable(w))
        elif place == "plain":
            parts.append(w.leaf(NUMBERS))
        elif place == "constant":
            parts.append(w.choices.choose(CONSTANTS))
        elif place == "flag":
            parts.append(f"({w.condition(depth)})")
        else:
            parts.append(w.value(KINDS[place], depth))
    return "".join(parts)


def small(w: Writer, depth: int) -> str:
    return w.choices.choose(SMALL).format(w.value(NUMBER, depth))


def variable(w: Writer) -> str:
    return w.place(NUMBER) or w.display(NUMBER)


def form(
    kind: type, name: str, weight: int, *texts: str, applies: Callable[..., bool] | None = None
) -> None:
    """Registers a construct that fills one of the forms."""

    def write(w: Writer, kind: Kind, depth: int) -> str:
        return filled(w, w.choices.choose(texts), depth)

    options: dict[str, Any] = {} if applies is None else {"applies": applies}
    expression(kind, name, weight, **options)(write)


def is_calm(w: Writer, kind: Kind) -> bool:
    """Whether a product can be written that no loop multiplies again and again."""
    return w.is_once


# Numbers. ----------------------------------------------------------------------------------

form(Number, "addition", 8, "{number} + {number}", "{variable} + {number}")
form(Number, "chain of operations", 5, "{number} + {number} + {number}",
     "{number} - {number} + {variable}", "{number} * {small} * {small}")  # fmt: skip
form(Number, "subtraction", 6, "{number} - {number}", "{number} - {constant}")
form(Number, "multiplication by a small number", 6, "{number} * {small}", "{small} * {number}")
form(Number, "multiplication", 4, "{variable} * {variable}", applies=is_calm)
form(Number, "safe division", 3, "{number} / (1 + {variable} ** 2)", "{number} / 2")
form(Number, "division", 1, "{number} / {variable}", "{number} / {integer}")
form(Number, "unary minus", 2, "-{number}", "+{number}")
form(Number, "power", 2, "math.sin({number}) ** 2", "(1.5 + {small}) ** {small}", "{small} ** 3")
form(Number, "floor division and modulo", 2, "{number} // 0.75", "{number} % 1.5",
     "divmod({number}, 0.5)[1]", "math.fmod({number}, 2)")  # fmt: skip
form(Number, "math function", 8, "math.sin({number})", "math.cos({number})", "math.tanh({number})",
     "math.exp(-abs({number}))", "math.atan2({number}, {number})", "math.sqrt(abs({number}))",
     "math.log(1 + abs({number}))", "math.hypot({number}, {constant})", "math.atan({number})",
     "math.copysign({number}, {variable})", "math.floor({number})")  # fmt: skip
form(Number, "raw math function", 1, "math.sqrt({variable})", "math.log({variable})",
     "math.acos({variable})")  # fmt: skip
form(Number, "builtin function", 5, "abs({number})", "max({number}, {number})",
     "min({number}, {number}, {constant})", "round({number}, 2)", "float({integer})",
     "max({number}, {constant})", "round({number})", "int({number})",
     "pow({small}, 2)")  # fmt: skip
form(Number, "sum of a list", 4, "sum({numbers})", "sum({numbers}, 0.5)", "math.fsum({numbers})",
     "math.prod({numbers}[:2])")  # fmt: skip
form(Number, "extremum of a list", 3, "max({numbers}, default=0.0)", "min({numbers})",
     "max({numbers}, key=abs)", "sorted({numbers})[0]", "max([{number}, {number}])")  # fmt: skip
form(Number, "tuple of any length", 2, "sum({series})", "{series}[0]", "max({series})",
     "math.prod({series}[:2])", "len({series})")  # fmt: skip
form(Number, "item of a pair", 2, "{pair}[0]", "{pair}[-1]")
form(Number, "get of a dict", 2, "{table}.get('a', 0.0)", "{table}.get('k', {number})",
     "sum({table}.values())", "{table}['b']")  # fmt: skip
form(Number, "item of a value", 2, "{numbers}[0]", "{numbers}[-1]", "tuple({numbers})[0]",
     "sum(tuple({numbers}))")  # fmt: skip
form(Number, "bool as a number", 1, "{number} + bool({flag})",
     "({variable} > {constant}) * {number}", "sum([{integer} > 1, {number} < 0])")  # fmt: skip
form(Number, "deque as numbers", 1, "sum({queue})", "{queue}[-1]")


@expression(Number, "int for a float", 3)
def integer_as_number(w: Writer, kind: Kind, depth: int) -> str:
    return w.value(INTEGER, depth)


# Ints. -------------------------------------------------------------------------------------

form(Integer, "int arithmetic", 6, "{integer} + {integer}", "{integer} - 1", "{integer} + 1",
     "{integer} * 2 % 7", "{integer} * {integer} % 11")  # fmt: skip
form(Integer, "int division", 3, "{integer} // 2", "{integer} % 3", "{integer} % -3",
     "{integer} // (1 + {integer} ** 2)", "divmod({integer}, 3)[0]")  # fmt: skip
form(Integer, "bit operation", 1, "{integer} & 3", "{integer} ^ 1", "{integer} >> 1", "~{integer}",
     "{integer} % 4 << 1 | 1")  # fmt: skip
form(Integer, "len", 5, "len({numbers})", "len({table})", "len({numbers}) - 1", "len({text})",
     "len({bag})")  # fmt: skip
form(Integer, "int of a float", 2, "int({number})", "round({number})", "math.floor({number})")
form(Integer, "sum of flags", 1, "sum(v > 0 for v in {plain})", "{numbers}.count({number})",
     "int(bool({flag}))")  # fmt: skip
form(
    Integer,
    "extremum of ints",
    2,
    "max({integer}, {integer})",
    "min({integer}, 3)",
    "abs({integer})",
)

# Flags. ------------------------------------------------------------------------------------

form(Flag, "comparison", 10, "{variable} > {constant}", "{variable} <= {number}",
     "{variable} < {number}", "{number} >= {constant}")  # fmt: skip
form(Flag, "comparison of ints", 6, "{integer} == 1", "{integer} % 2 == 0", "{integer} > 1",
     "{integer} != {integer}", "{integer} <= 2")  # fmt: skip
form(Flag, "chained comparison", 2, "{constant} < {variable} <= 2", "-1 < {variable} < {number}",
     "0 <= {integer} < 3")  # fmt: skip
form(Flag, "and or not", 4, "{flag} and {flag}", "{flag} or {flag}", "not {flag}",
     "{flag} and not {flag}", "({flag}) == ({flag})")  # fmt: skip
form(Flag, "truth of a value", 2, "{numbers}", "{table}", "{integer} % 2", "not {numbers}",
     "{numbers} and {variable} > 0", "bool({number})")  # fmt: skip
form(Flag, "comparison of lists", 1, "{numbers} == {numbers}", "{numbers} < {numbers}",
     "{pair} == {pair}", "{pair} <= {pair}")  # fmt: skip
form(Flag, "in", 2, "{integer} in (1, 2)", "'a' in {table}", "'c' not in {table}",
     "{number} in {numbers}", "{integer} in {bag}", "{text} in ('low', 'out')")  # fmt: skip
form(Flag, "comparison of strings", 2, "{text} == 'low'", "{text} != {text}", "{text} < 'm'",
     "{text}.startswith('l')")  # fmt: skip
form(Flag, "any and all", 2, "any(v > {variable} for v in {plain})",
     "all(v < 2 for v in {plain})")  # fmt: skip
form(Flag, "isinstance", 1, "isinstance({variable}, float)", "isinstance({number}, (int, bool))")


@expression(Flag, "flag variable", 3, applies=lambda w, k: bool(w.named(Flag)))
def flag_variable(w: Writer, kind: Kind, depth: int) -> str:
    return w.read(w.choices.choose(w.named(Flag)))


@expression(Flag, "is None", 8, applies=lambda w, k: bool(w.named(Maybe)))
def is_none(w: Writer, kind: Kind, depth: int) -> str:
    name = w.read(w.choices.choose(w.named(Maybe)))
    return f"{name} {w.choices.choose(['is None', 'is not None'])}"


def _identities(w: Writer) -> list[str]:
    return w.named(Row, Thing, Table)


@expression(Flag, "is", 1, applies=lambda w, k: len(_identities(w)) > 1)
def identity(w: Writer, kind: Kind, depth: int) -> str:
    first, second = w.choices.shuffled(_identities(w))[:2]
    return f"{first} {w.choices.choose(['is', 'is not'])} {second}"


# Strings. ----------------------------------------------------------------------------------

form(Text, "string chosen", 3, "'low' if {flag} else 'high'", "('low', 'out')[{integer} % 2]")
form(Text, "string method", 1, "{text}.upper()", "{text}[:2]", "{text}.replace('o', 'u')",
     "{text}[:3] + {text}[:3]", "'-'.join(['a', {text}[:4]])", "{text}[::-1]")  # fmt: skip


@expression(Text, "f-string of a number", 2)
def f_string(w: Writer, kind: Kind, depth: int) -> str:
    # Python 3.11 allows no quotes of the same kind inside of an f-string.
    value, spec = variable(w), w.choices.choose(["", ":.3f", "!r", ":>8.2e", ":g"])
    return "'v=' + str(" + value + ")" if "'" in value else f"f'v={{{value}{spec}}}'"


# Any kind. ---------------------------------------------------------------------------------


@expression(None, "conditional expression", 3, applies=lambda w, kind: kind != FLAG)
def conditional(w: Writer, kind: Kind, depth: int) -> str:
    test = w.condition(0)
    return f"{w.value(kind, depth)} if {test} else {w.value(kind, depth)}"


@expression(
    None, "default by or", 1, applies=lambda w, kind: isinstance(kind, Number | Row | Table)
)
def default_by_or(w: Writer, kind: Kind, depth: int) -> str:
    return f"{w.leaf(kind)} or {w.value(kind, depth)}"


@expression(None, "narrowed", 6, applies=lambda w, kind: bool(_optional(w, kind)))
def narrowed(w: Writer, kind: Kind, depth: int) -> str:
    name = w.read(w.choices.choose(_optional(w, kind)))
    other = w.value(kind, depth)
    return w.choices.choose(
        [f"{name} if {name} is not None else {other}", f"{other} if {name} is None else {name}"]
    )


def _optional(w: Writer, kind: Kind) -> list[str]:
    return [n for n in w.named(Maybe) if w.readable()[n] == Maybe(kind)]


@expression(None, "possibly unbound name", 1, applies=lambda w, kind: bool(_unsure(w, kind)))
def possibly_unbound(w: Writer, kind: Kind, depth: int) -> str:
    return w.choices.choose(_unsure(w, kind))


def _unsure(w: Writer, kind: Kind) -> list[str]:
    return [n for n, k in w.scope.unsure.items() if k == kind]


@expression(None, "item of a display", 1, applies=lambda w, kind: isinstance(kind, Number | Pack))
def item_of_display(w: Writer, kind: Kind, depth: int) -> str:
    a, b = w.value(kind, depth), w.value(kind, 0)
    return w.choices.choose(["({}, {})[0]", "[{}, {}][-1]", "{{'a': {}, 'k': {}}}['k']"]).format(
        a, b
    )
