"""Comprehensions and generator expressions: nested, filtered, of every kind of iterable."""

from tests.language.kinds import INTEGER, NUMBER, Kind, Number, Row
from tests.language.sources import Source, source
from tests.language.writer import Writer, details, expression

details("filtered comprehension", "comprehension over two", "walrus in a comprehension")


def clause(w: Writer, found: Source) -> str:
    return f"for {found.target} in {found.iterable}"


@expression(Row, "list comprehension", 6)
def list_comprehension(w: Writer, kind: Row, depth: int) -> str:
    forms = ["[{}]", "[{}]", "[{}]", "list({})"]
    if kind.item == NUMBER:
        forms.append("sorted({})")
    return w.choices.choose(forms).format(body(w, kind.item, depth))


@expression(Number, "generator expression", 4)
def generator(w: Writer, kind: Kind, depth: int) -> str:
    form = w.choices.choose(
        [
            "sum({})",
            "max(({}), default=0.0)",
            "math.fsum({})",
            "sum([{}])",
            "min(({}), default=1)",
            "len(tuple({}))",
        ]
    )
    return form.format(body(w, NUMBER, depth))


def body(w: Writer, kind: Kind, depth: int) -> str:
    """Returns a result and its clauses, without brackets."""
    first = source(w, in_expression=True)
    with w.local(first.names):
        w.scope.indexes |= first.indexes
        clauses = [clause(w, first)]
        if kind == NUMBER and w.may("comprehension over two", 0.15):
            with w.local({"j": INTEGER}):
                clauses.append(f"for j in range({w.choices.choose(['2', '3', '2'])})")
                return f"{w.value(kind, 1)} {' '.join(clauses)}"
        if kind == NUMBER and w.may("walrus in a comprehension", 0.06):
            name = w.fresh(NUMBER, ["r", "seen_last", "part"])
            return f"{name} {clauses[0]} if ({name} := {w.value(NUMBER, 1)}) > {w.leaf(NUMBER)}"
        if w.may("filtered comprehension", 0.35):
            clauses.append(f"if {w.test_of(first.names)}")
        return f"{w.value(kind, min(depth, 2))} {' '.join(clauses)}"
