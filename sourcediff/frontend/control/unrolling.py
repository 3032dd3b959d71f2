"""Loops of few turns that find things by keys which they compute: one turn after the other.

``params[f"W{i}"]`` of a dict with constant keys is one of its variables where `i` is known. It is
where the loop around counts to what is known too, and is written turn by turn:

    for i in range(2):                      h = np.tanh(params["W0"] @ h)
        h = np.tanh(params[f"W{i}"] @ h)    →    h = np.tanh(params["W1"] @ h)

A loop is taken for such only when a key has turned out not to be known in it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from sourcediff import types
from sourcediff.frontend.objects.outside import Outside
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.frontend.values import Binding
from sourcediff.ir import Atom, Const, Value

__all__ = ["MAX_TURNS", "counting", "has_a_turn", "turn_by_turn", "turns_known"]

#: A loop of more turns stays one.
MAX_TURNS = 16


def turns_known(lowering: Outside, whole: Atom | None) -> list[Binding] | None:
    """What a loop over a range counts, if that is known and not much; None for any other loop."""
    counted = _counted(lowering, whole)
    if counted is None or not 0 < len(counted) <= MAX_TURNS:
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


@contextmanager
def counting(lowering: Outside, node: ast.AST, turns: list[Binding] | None) -> Iterator[None]:
    """Within a loop that could be written turn by turn."""
    leaves = (ast.Break, ast.Continue, ast.Return)
    if turns is None or any(isinstance(n, leaves) for n in ast.walk(node)):
        yield
        return
    lowering.countable.append((*lowering.path, node))
    try:
        yield
    finally:
        lowering.countable.pop()


def turn_by_turn(lowering: Outside) -> None:
    """A key is not known: begin anew, with the innermost loop around it turn by turn.

    Raises:
        Widened: there is such a loop.
    """
    for site in reversed(lowering.countable):
        if site not in lowering.memo.unrolled:
            lowering.memo.unrolled.add(site)
            raise types.Widened
