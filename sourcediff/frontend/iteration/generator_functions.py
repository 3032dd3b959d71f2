"""Generators of the user's own: what they yield is gone through where they yield it.

A call of a generator function runs nothing yet. The loop that goes through what it gives is the
body of the function, in which a ``yield`` is a turn of that loop:

    def spread(xs):                         for x in xs:
        for x in xs:                            total += w * (x * x)
            yield x * x                         total += w * x
            yield x

    for y in spread(xs):
        total += w * y

Nothing happens earlier or later than in Python. A loop that is left early can only leave the loop
around the ``yield``, so that nothing may stand behind it that would be done all the same, or not.

>>> from sourcediff.frontend.iteration.generator_functions import yields_of
>>> import ast
>>> [ends for _, ends in yields_of(ast.parse("def f(xs):\\n for x in xs: yield x").body[0])]
[('break', 'continue')]
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from sourcediff import types
from sourcediff.frontend.control.joins import DIVERGES, FALLS, Outcome
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.iteration.streams import Turns, go_through
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.source import own_nodes
from sourcediff.frontend.values import Binding, Stream
from sourcediff.ir import Const

__all__ = ["ends_of", "generated", "is_generator", "lower_yield", "yields_of"]

#: So many yields of a function may stand for a turn each.
MAX_YIELDS = 8

Yield = ast.Yield | ast.YieldFrom


def is_generator(node: ast.AST) -> bool:
    """Whether a call of a function gives a generator."""
    found: bool | None = getattr(node, "yields", None)
    if found is None:
        found = any(isinstance(part, Yield) for part in own_nodes(node))
        node.yields = found  # type: ignore[attr-defined]
    return found


def generated(
    lowering: Lowering, frame: Frame, bindings: Mapping[str, Binding], node: ast.FunctionDef
) -> Stream:
    """What a call of a generator function gives."""
    for binding in bindings.values():
        lowering.refuse_iterator(binding)

    def run(turns: Turns) -> Outcome:
        from sourcediff.frontend.control.managing_generators import straightened
        from sourcediff.frontend.control.statements import lower_body

        written = node
        if turns.form == "with":
            written = straightened(lowering, node, turns.node)
        else:
            _require_ends(lowering, node, turns)
        before, lowering.node = lowering.node, turns.node
        inner = Turns(turns.node, _turn_of(lowering, turns))
        with lowering.entered(frame, node):
            for name, binding in bindings.items():
                lowering.variables.set((frame, name), binding)
            frame.turns = inner
            result = lower_body(lowering, written)
        lowering.node = before
        return DIVERGES if result is None else FALLS if turns.orelse is None else turns.orelse()

    stream = Stream(run)
    stream.stops = stream.nested = True
    return stream


def _turn_of(lowering: Lowering, turns: Turns) -> Callable[[Binding], Outcome]:
    """What is done with an item: the turn of the loop, in the function that it stands in."""
    outer = lowering.frame

    def turn(item: Binding) -> Outcome:
        before = lowering.frame, lowering.site, lowering.node
        lowering.frame, lowering.node = outer, turns.node
        try:
            return turns.body(item)
        finally:
            lowering.frame, lowering.site, lowering.node = before

    return turn


def lower_yield(lowering: Lowering, node: Yield) -> Outcome:
    """A statement that yields: a turn of the loop that goes through it, or several."""
    from sourcediff.frontend.expressions import lower_expression

    turns: Turns | None = lowering.frame.turns
    if turns is None:
        lowering.error("yield is not supported here", node)
    if isinstance(node, ast.YieldFrom):
        return go_through(lowering, lower_expression(lowering, node.value), turns)
    item: Binding = Const(None, types.NONE)
    if node.value is not None:
        item = lower_expression(lowering, node.value)
    return turns.body(item)


# Loops that are left early ------------------------------------------------------------------


def _require_ends(lowering: Lowering, node: ast.FunctionDef, turns: Turns) -> None:
    """Refuse a loop whose turns end in a way that is not the same where they stand now."""
    wanted = ends_of(turns.node)
    if turns.orelse is not None and "break" in wanted:
        wanted.add("else")
    yields = list(yields_of(node))
    if len(yields) > MAX_YIELDS:
        lowering.error(f"a generator with more than {MAX_YIELDS} yields is not supported", node)
    for part, ends in yields:
        missing = sorted(wanted - {*ends})
        if missing:
            lowering.error(
                f"a loop over what {node.name!r} yields that has a {missing[0]!r} in it is not "
                "supported",
                turns.node,
                "return the values in a list, or put what is skipped under an if",
            )
        if part in _guarded(node):
            lowering.error("yield in a try or with statement is not supported", part)


def ends_of(node: ast.AST) -> set[str]:
    """How the turns of a for statement, or the body of a with statement, may end early."""
    found: set[str] = set()
    pending: list[tuple[ast.AST, bool]] = [(part, True) for part in getattr(node, "body", [])]
    while pending if isinstance(node, ast.For | ast.With) else ():
        part, own = pending.pop()
        if isinstance(part, ast.Return):
            found.add("return")
        elif isinstance(part, ast.Break | ast.Continue) and own:
            found.add(type(part).__name__.lower())
        elif not isinstance(part, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            inner = own and not isinstance(part, ast.For | ast.While)
            pending += [(child, inner) for child in ast.iter_child_nodes(part)]
    return found


def _guarded(node: ast.AST) -> set[ast.AST]:
    guards = [part for part in own_nodes(node) if isinstance(part, ast.Try | ast.With)]
    return {part for guard in guards for part in ast.walk(guard)}


def yields_of(node: ast.FunctionDef) -> Iterator[tuple[ast.AST, tuple[str, ...]]]:
    """The yields of a generator function, each with the ways in which a turn may end there early.

    With "continue" nothing stands behind it in the loop around it, and with "break" nothing
    behind that loop either.
    """
    yield from _yields(node.body, 0, False, True)


def _yields(
    statements: list[ast.stmt], loops: int, continues: bool, breaks: bool
) -> Iterator[tuple[ast.AST, tuple[str, ...]]]:
    for place, statement in enumerate(statements):
        last = all(isinstance(s, ast.Pass) for s in statements[place + 1 :])
        ends = continues and last
        leaves = breaks if loops else breaks and last
        value = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(value, ast.YieldFrom):
            yield value, ("break", "continue") if leaves and not loops else ("continue",)
        elif isinstance(value, ast.Yield):
            both = (("break", leaves and loops == 1), ("continue", ends and loops > 0))
            yield value, tuple(name for name, holds in both if holds)
        elif isinstance(statement, ast.For | ast.While):
            out = leaves and not loops and not statement.orelse
            yield from _yields(statement.body, loops + 1, True, out)
            yield from _yields(statement.orelse, loops, False, False)
        elif isinstance(statement, ast.If):
            for arm in (statement.body, statement.orelse):
                yield from _yields(arm, loops, ends, leaves)
        elif not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            for part in ast.walk(statement):
                if isinstance(part, Yield):
                    yield part, ()
