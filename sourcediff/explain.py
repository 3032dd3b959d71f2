"""What the reverse of a function keeps, said by the lines of the user's source.

What `transform.loops.account` holds as data of the intermediate form, as rows that can be read and
printed.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcediff.backend.templates import template_of
from sourcediff.called import callees_of
from sourcediff.ir import AGAIN, IF, Atom, Op, Region, Site, Value, walk
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.loops.account import Account, Decision, Fate, accounts_of
from sourcediff.transform.loops.prices import KEEPING

if TYPE_CHECKING:
    from sourcediff.specialisation import Specialisation
    from sourcediff.specialise import Derivative

__all__ = ["Explanation", "Loop", "Row", "explanation_of"]


NO_LOOPS = "no loops: every value stays in its variable"
GENERAL = "differentiated as a whole program: what the reverse of each operation reads is kept"


@dataclass(frozen=True, slots=True)
class Row:
    """Where the reverse of a loop has a value from.

    name       the user's name of the value, or the expression that it is of
    fate       "kept", "recomputed", "counted" (the loop counts it, and can count back) or
               "remembered" (a flag of the loop tells by which exit it was left)
    bytes      what it takes for each turn, if it is kept; of an array or a list, its place only,
               and `kind` says what it is
    why        the reason
    line       the line of the statement that computes it, and `statement` its text
    loop       the line of the loop whose turns it belongs to
    """

    name: str
    fate: str
    bytes: int
    why: str
    line: int
    statement: str
    loop: int
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.verdict()}"

    def verdict(self) -> str:
        """What becomes of it, and why."""
        size = ""
        if self.bytes:
            size = f", {self.kind} a turn" if self.kind else f", {self.bytes} bytes a turn"
        return f"{self.fate}{size}: {self.why}"


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop of the user's function.

    course     "merged" (turned round in the pass that runs it), "reversed" (by a loop of its own),
               "plain" (nothing that is differentiated goes through it), "segments" (marked with
               `checkpoint`: what follows it is what each segment keeps) or "once" (no loop, but a
               marked call, which is computed again)
    bytes      what all that it keeps takes, for each turn
    around     how many loops it stands in
    rows       the values that its reverse reads
    """

    line: int
    statement: str
    course: str
    bytes: int
    around: int
    rows: tuple[Row, ...]

    def __str__(self) -> str:
        lines = [f"line {self.line}: {self.statement}  {self._verdict()}"]
        place = None
        width = max((len(row.name) for row in self.rows), default=0)
        for row in self.rows:
            if (row.line, row.statement) != place:
                place = (row.line, row.statement)
                if row.line != self.line:
                    lines.append(f"    line {row.line}: {row.statement}")
            lines.append(f"        {row.name:{width}}  {row.verdict()}")
        return "\n".join("    " * self.around + line for line in lines)

    def _verdict(self) -> str:
        if self.course == "plain":
            return "is not turned round: nothing that is differentiated goes through it"
        if self.course == "merged":
            return "keeps nothing: its turns only add up, so one pass runs it and turns it round"
        if self.course == "once":
            return "is computed again, from what it starts with"
        size = f"{self.bytes} bytes"
        if any(row.kind for row in self.rows if row.bytes):
            size += " and what is in arrays and lists"
        if self.course == "segments":
            return f"goes in segments: keeps {size} a segment, computes its turns again"
        if self.bytes:
            return f"keeps {size} a turn"
        return "keeps nothing: all that its reverse reads is had again"


class Explanation:
    """What the reverse of a function keeps; prints as text.

    Attributes:
        name: of the function; `wrt` is what it is differentiated in.
        loops: its loops, in the order of the source.
        calls: the functions whose calls stay calls: what the reverse of one needs, it returns.
    """

    def __init__(
        self,
        name: str,
        wrt: Sequence[str],
        loops: Sequence[Loop],
        calls: Sequence[str] = (),
        note: str = NO_LOOPS,
    ) -> None:
        self.name = name
        self.wrt = tuple(wrt)
        self.loops = tuple(loops)
        self.calls = tuple(calls)
        #: What there is to say where no loops are listed.
        self.note = note

    @property
    def rows(self) -> tuple[Row, ...]:
        """The values that the reverse of any loop reads."""
        return tuple(row for loop in self.loops for row in loop.rows)

    def __str__(self) -> str:
        head = f"{self.name}, differentiated in {', '.join(self.wrt)}"
        if self.calls:
            head += f"\nwhat a call of {' or '.join(self.calls)} keeps, it returns in a tuple"
        elif not self.loops:
            return f"{head}\n{self.note}"
        return "\n\n".join([head, *map(str, self.loops)])

    def __repr__(self) -> str:
        return str(self)


def explanation_of(derivative: Derivative, made: Specialisation) -> Explanation:
    """The explanation of the code for some kinds of arguments."""
    if made.is_general:
        note = GENERAL if made.reason is None else f"{GENERAL}\nwhy: {made.reason}"
        return Explanation(derivative.name, derivative.wrt.names(), (), note=note)
    pullbacks = [c.function for c in callees_of(made.lowered) if c.primal is not None]
    loops: list[Loop] = []
    for derived in (made.lowered, *pullbacks):
        function, accounts = accounts_of(derived)
        text = _Text({r: op for op in walk(function.body) for r in op.results})
        loops += [_loop(account, text) for account in accounts]
    names = [c.primal.name for c in callees_of(made.lowered) if c.primal is not None]
    return Explanation(derivative.name, derivative.wrt.names(), loops, list(dict.fromkeys(names)))


def _loop(account: Account, text: _Text) -> Loop:
    line, statement = _place(account.loop.site)
    if account.loop.primitive is AGAIN:
        statement = f"adjoint of: {statement}"
    rows: list[Row] = []
    for decision in account.decisions:
        row = _row(decision, (line, statement), text)
        if row.bytes or row not in rows:
            rows.append(row)
    ordered = sorted(rows, key=lambda row: row.line)
    course = account.course.name.lower()
    return Loop(line, statement, course, account.size, account.around, tuple(ordered))


def _place(site: Site | None) -> tuple[int, str]:
    return (0, "") if site is None else (site.span.line, site.text)


def _row(decision: Decision, loop: tuple[int, str], text: _Text) -> Row:
    """The row of a value; one of no line of its own, as a length, stands at that of the loop."""
    line, statement = loop if decision.site is None else _place(decision.site)
    fate = "recomputed" if decision.fate is Fate.AGAIN else decision.fate.value
    name = text.value(decision.value)
    kind = {"Array": "an array", "List": "a list"}.get(decision.value.type.kind, "")
    return Row(name, fate, decision.size, _why(decision), line, statement, loop[0], kind)


def _why(decision: Decision) -> str:
    fate = decision.fate
    if fate is Fate.COUNTED:
        return "the loop can count back"
    if fate is Fate.REMEMBERED:
        return "only the last turn leaves, so one flag for the loop tells"
    if fate is Fate.KEPT:
        why = _why_kept(decision)
        return f"{why} (on turns that get there)" if decision.sometimes else why
    if decision.definition is not None and decision.definition.primitive is SUBSCRIPT:
        return "it is still in the list"
    if decision.time < KEEPING:
        return f"about {decision.time} ns, less than keeping it"
    return f"about {decision.time} ns, and it needs nothing that is not there anyway"


def _why_kept(decision: Decision) -> str:
    if decision.obstacle is not None:
        return decision.obstacle.value
    if decision.time < KEEPING:
        return "what it is computed from would have to be kept instead"
    return f"computing it takes about {decision.time} ns, more than keeping it"


class _Text:
    """Values as the user would write them."""

    def __init__(self, definitions: dict[Value, Op]) -> None:
        self.definitions = definitions

    def value(self, value: Value) -> str:
        return ast.unparse(self.expression(value))

    def expression(self, atom: Atom) -> ast.expr:
        """A name where there is one, else what the value is computed from."""
        if not isinstance(atom, Value):
            return ast.Constant(atom.value)
        if atom.name is not None:
            return ast.Name(atom.name)
        if atom.adjoint_of is not None and atom.adjoint_of.name is not None:
            return ast.Name(f"{atom.adjoint_of.name}_bar")
        op = self.definitions.get(atom)
        if op is None:
            return ast.Name("…")
        parts = [self.expression(arg) for arg in op.args]
        if op.primitive is SUBSCRIPT:
            return ast.Subscript(parts[0], parts[1])
        if op.primitive is IF:
            return ast.IfExp(parts[0], *(self._yielded(r, op, atom) for r in op.regions))
        if op.primitive.pattern is None:
            named = getattr(getattr(op.attribute, "function", None), "__name__", op.primitive.name)
            return ast.Call(ast.Name(named), parts, [])
        return template_of(op.primitive)(*parts)

    def _yielded(self, region: Region, op: Op, value: Value) -> ast.expr:
        if region.results is None:
            return ast.Name("…")
        return self.expression(region.results[op.results.index(value)])
