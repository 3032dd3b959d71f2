"""Lowering of loops: what they go through, turn by turn or as a loop of the IR."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from sourcediff import types
from sourcediff.frontend.control.carried import CarryingLoop
from sourcediff.frontend.control.joins import FALLS, Outcome
from sourcediff.frontend.control.leaving import Body
from sourcediff.frontend.control.loop_else import left_by_break, returns_from_else, then_else
from sourcediff.frontend.control.unrolling import counting, turns_known
from sourcediff.frontend.expressions import looked_up, lower_expression, lower_test
from sourcediff.frontend.frames import Key, Scope
from sourcediff.frontend.iteration.iterables import iterated
from sourcediff.frontend.iteration.iteration import Sequence, common_type, sequence_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import keys_of, view_of
from sourcediff.frontend.objects.members import with_members
from sourcediff.frontend.values import Binding, Columns, Dissolved, Heap, Once, Stream, Tup, View
from sourcediff.ir import Const

__all__ = ["loop_over", "lower_for", "lower_while"]


def _falls() -> Outcome:
    return FALLS


def lower_for(lowering: Lowering, node: ast.For, rest: Body = _falls) -> Outcome:
    """A for statement, with what follows it where its ``else`` may return."""
    from sourcediff.frontend.assignments import assign_to
    from sourcediff.frontend.control.checkpoints import marked_by_function
    from sourcediff.frontend.control.statements import lower_block

    found = iterated(lowering, lower_expression(lowering, node.iter))
    source = marked_by_function(lowering, found)

    def body(item: Binding) -> Outcome:
        lowering.node = node.target
        assign_to(lowering, node.target, item)
        return lower_block(lowering, node.body)

    orelse = (lambda: lower_block(lowering, node.orelse)) if node.orelse else None
    bound = Scope.bound_in(ast.Module(body=[node], type_ignores=[]))
    if isinstance(source, Stream | Columns | Heap):
        from sourcediff.frontend.iteration.streams import Turns, go_through

        return go_through(lowering, source, Turns(node, body, orelse, bound))
    sequence = sequence_of(lowering, source, node.iter)
    if returns_from_else(lowering, node):
        left = left_by_break(lowering, node)
        outcome = loop_over(lowering, node, sequence, body, None, bound, left=left)
        return then_else(lowering, node, outcome, left, rest)
    return loop_over(lowering, node, sequence, body, orelse, bound)


def loop_over(
    lowering: Lowering,
    node: ast.AST,
    sequence: Sequence,
    body: Callable[[Binding], Outcome],
    orelse: Body | None = None,
    bound: Collection[str] = (),
    form: str | None = None,
    left: Key | None = None,
) -> Outcome:
    """A loop over a sequence: one item a turn. Where `left` is given, a break makes it true."""
    turns = turns_known(lowering, sequence.whole)
    if turns is not None and (*lowering.path, node) in lowering.memo.unrolled:
        sequence = Sequence(None, types.NEVER, turns)
    if sequence.items is not None:
        leaves = (ast.Break, ast.Continue, ast.Return)
        if not sequence.items or not any(isinstance(n, leaves) for n in ast.walk(node)):
            return _unrolled(lowering, sequence, body, orelse)
        known = Tup([with_members(lowering, item) for item in sequence.items])
        joined = common_type(known) if sequence.source is None else None
        if joined is not None:  # they were given one by one for the texts in them only
            sequence = Sequence(lowering.atom(known), joined)
            return CarryingLoop(lowering, node, bound, orelse, form, left).over(sequence, body)
        if any(isinstance(i, Dissolved | Tup) for i in known.items) and not lowering.faithful:
            lowering.error(
                "a loop over a dict, or over objects, that is left by break or continue is not "
                "supported",
                node,
                "put what is skipped under an if",
            )
        places = lowering.atom(Tup([Const(i, types.INT) for i in range(len(known.items))]))
        sequence = Sequence(places, types.INT)
        body = _by_place(lowering, node, known, body)
    assert sequence.whole is not None
    if sequence.item is types.NEVER:
        return FALLS if orelse is None else orelse()
    with counting(lowering, node, sequence.whole, turns):
        return CarryingLoop(lowering, node, bound, orelse, form, left).over(sequence, body)


def _by_place(
    lowering: Lowering, node: ast.AST, known: Tup, body: Callable[[Binding], Outcome]
) -> Callable[[Binding], Outcome]:
    """A turn for a place among things of several types."""

    def turn(place: Binding) -> Outcome:
        lowering.node = node
        return body(looked_up(lowering, known, place))

    return turn


def _unrolled(
    lowering: Lowering,
    sequence: Sequence,
    body: Callable[[Binding], Outcome],
    orelse: Body | None,
) -> Outcome:
    """Turn by turn, where the items have no type in common."""
    assert sequence.items is not None
    source = sequence.source
    with gone_through(lowering, source):
        for place, item in enumerate(sequence.items):
            if isinstance(source, View):
                item = view_of(lowering, source.wholes[0], source.what).items[place]
            outcome = body(item)
            if outcome is not FALLS:
                return outcome
    if sequence.known is not None and len(sequence.known.items) != len(sequence.items):
        lowering.error("a list that grows while a loop goes through it is not supported here")
    return FALLS if orelse is None else orelse()


@contextmanager
def gone_through(lowering: Lowering, source: Once | None) -> Iterator[None]:
    """Go through dicts: which keys they have may not change, nor in a `zip` what they hold."""
    wholes = [] if source is None else source.wholes
    keys = [keys_of(lowering, whole) for whole in wholes]
    before = [whole.settled for whole in wholes]
    if not isinstance(source, View):
        for whole in wholes:
            whole.settled = whole.settled or "a loop goes through it"
    try:
        yield
    finally:
        for whole, reason in zip(wholes, before, strict=True):
            if whole.settled == "a loop goes through it":
                whole.settled = reason
    if keys != [keys_of(lowering, whole) for whole in wholes]:
        lowering.error(
            "a dict that gets other keys while a loop goes through it is not supported",
            help="go through list(d)",
        )


def lower_while(lowering: Lowering, node: ast.While, rest: Body = _falls) -> Outcome:
    """A while statement, with what follows it where its ``else`` may return."""
    from sourcediff.frontend.control.statements import lower_block

    late = returns_from_else(lowering, node)
    left = left_by_break(lowering, node) if late else None
    orelse = (lambda: lower_block(lowering, node.orelse)) if node.orelse and not late else None
    bound = Scope.bound_in(ast.Module(body=[node], type_ignores=[]))
    lowered = CarryingLoop(lowering, node, bound, orelse, None, left)
    outcome = lowered.under(
        lambda: lower_test(lowering, node.test), lambda: lower_block(lowering, node.body)
    )
    return then_else(lowering, node, outcome, left, rest) if late else outcome
