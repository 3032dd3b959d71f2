"""Loops of few turns that find things by keys which they compute: one turn after the other.

``params[f"W{i}"]`` of a dict with constant keys is one of its variables where `i` is known. It is
where the loop around counts to what is known too, and is written turn by turn:

    for i in range(2):                      h = np.tanh(params["W0"] @ h)
        h = np.tanh(params[f"W{i}"] @ h)    →    h = np.tanh(params["W1"] @ h)

A loop is taken for such only when a key has turned out not to be known in it. What it counts to may
be a whole number that lies outside of the function, or an argument: for the code that is made, such
a number is a constant then.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.objects.outside import Outside
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.frontend.values import Binding
from sourcediff.ir import Atom, Const, Op, Value

__all__ = ["MAX_TURNS", "Count", "counting", "has_a_turn", "turn_by_turn", "turns_known"]

#: A loop of more turns stays one.
MAX_TURNS = 16


def turns_known(lowering: Outside, whole: Atom | None) -> list[Binding] | None:
    """What a loop over a range counts, if that is known and not much; None for any other loop."""
    counted = _counted(lowering, whole)
    if counted is None or len(counted) > MAX_TURNS:
        return None
    return [Const(i, types.INT) for i in counted]


def has_a_turn(lowering: Outside, whole: Atom) -> bool:
    """Whether a loop is one over a range that is known not to be empty."""
    counted = _counted(lowering, whole)
    return counted is not None and len(counted) > 0


def _counted(lowering: Outside, whole: Atom | None) -> range | None:
    if lowering.faithful or not isinstance(whole, Value) or whole.type is not types.RANGE:
        return None
    made = next((op for op in reversed(lowering.ops) if whole in op.results), None)
    if made is None or made.primitive is not PURE_CALL or made.attribute.function is not range:
        return None
    if not all(isinstance(arg, Const) and type(arg.value) is int for arg in made.args):
        return None
    try:
        return range(*(arg.value for arg in made.args if isinstance(arg, Const)))
    except ValueError:
        return None


class Count(NamedTuple):
    """A loop that could be written turn by turn."""

    #: Where it stands.
    site: tuple[Any, ...]
    #: The paths to the whole numbers outside that tell what it counts to.
    outside: frozenset[tuple[Any, ...]] = frozenset()
    #: The arguments of the function that tell it.
    arguments: frozenset[str] = frozenset()


@contextmanager
def counting(
    lowering: Outside, node: ast.AST, whole: Atom, turns: list[Binding] | None
) -> Iterator[None]:
    """Within a loop that could be written turn by turn."""
    leaves = (ast.Break, ast.Continue, ast.Return)
    site = (*lowering.path, node)
    count = Count(site) if turns is not None else _told(lowering, whole, site)
    if count is None or any(isinstance(n, leaves) for n in ast.walk(node)):
        yield
        return
    lowering.countable.append(count)
    try:
        yield
    finally:
        lowering.countable.pop()


def turn_by_turn(lowering: Outside) -> None:
    """A key is not known: begin anew, with the innermost loop around it turn by turn.

    Raises:
        Widened: there is such a loop.
        DifferentiationError: there would be, if some arguments were known.
    """
    for count in reversed(lowering.countable):
        if count.site in lowering.memo.unrolled:
            continue
        if count.arguments:
            refusal = DifferentiationError(
                "a loop whose number of turns only the call knows, and which asks for keys that it "
                "computes, is not supported",
                lowering.frame.source.span(count.site[-1]),
                "use constant keys, or a list",
            )
            refusal.asks_values_of = count.arguments
            raise refusal
        lowering.memo.constants |= count.outside
        lowering.memo.unrolled.add(count.site)
        raise types.Widened


def _told(lowering: Outside, whole: Atom, site: tuple[Any, ...]) -> Count | None:
    """What tells how far a loop counts, where that is nothing but whole numbers from elsewhere."""
    if lowering.faithful or not isinstance(whole, Value) or whole.type is not types.RANGE:
        return None
    made = {result: op for op in lowering.ops for result in op.results}
    loads = {op.result: op for op in lowering.loads.values()}
    outside: set[tuple[Any, ...]] = set()
    arguments: set[str] = set()
    pending: list[Atom] = [whole]
    while pending:
        atom = pending.pop()
        if isinstance(atom, Const):
            continue
        load, op = loads.get(atom), made.get(atom)
        if load is not None:
            if atom.type is not types.INT or load.attribute.key in lowering.memo.constants:
                return None
            outside.add(load.attribute.key)
        elif atom in lowering.arguments:
            arguments.add(lowering.arguments[atom])
        elif op is not None and _is_plain(op):
            pending += op.args
        else:
            return None
    return Count(site, frozenset(outside), frozenset(arguments))


def _is_plain(op: Op) -> bool:
    """Whether an operation works on numbers only."""
    numbers = all(types.is_number(atom.type) for atom in op.args)
    return numbers and not op.regions and not op.primitive.effect
