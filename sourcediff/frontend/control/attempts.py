"""Lowering of ``try`` where a derivative is made: a branch on whether its body raised.

See `guards` for the form. An exception leaves the body half executed. A name that the body binds
before something in it may raise has one of two values in a handler, and only the run knows which:
there it can be bound anew, but not read. What a list holds is either changed or not, so where
something may raise behind a write, the statement is refused.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator, Sequence

from sourcediff import types
from sourcediff.called import ENTERS
from sourcediff.frontend.control.exceptions import handler_of
from sourcediff.frontend.control.joins import DIVERGES, FALLS, Outcome
from sourcediff.frontend.expressions import lower_expression
from sourcediff.frontend.frames import RETURN_VALUE, RETURNED, Arm, Key, hint
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import ISINSTANCE
from sourcediff.frontend.values import Conflict, Static
from sourcediff.guards import COMPLETED, EXCEPTION, GUARD, may_raise
from sourcediff.ir import BREAK, CONTINUE, LOOPS, Handler, Op, Region, Value, walk

__all__ = ["lower_attempt", "suppressing"]

Rest = Callable[[], Outcome]
_HELP = "write it so that only the last statement of the body may raise"


def lower_attempt(lowering: Lowering, node: ast.Try, rest: Rest) -> Outcome:
    """A try statement, and what follows it where a return is in it."""
    from sourcediff.frontend.control.statements import lower_block

    if node.finalbody:
        return _with_finally(lowering, node, rest)
    site = lowering.site
    handlers = [
        handler_of(lowering, None if h.type is None else lower_expression(lowering, h.type), None)
        for h in node.handlers
    ]
    body, caught = Arm(), Arm()
    lowering.attempts += 1
    try:
        with lowering.inside(body):
            outcome, half_done = _body(lowering, node)
    finally:
        lowering.attempts -= 1
    if not any(map(may_raise, body.ops)):
        _go_on(lowering, body)
        outcome = lowering.proceed(outcome, lambda: lower_block(lowering, node.orelse))
        return lowering.proceed(outcome, rest)
    _completed(lowering, node, body.ops)
    guard = Value(types.CAUGHT)
    lowering.ops.append(Op(GUARD, (), (guard,), (), _together(handlers), site))
    if node.orelse and outcome is FALLS:
        outcome = lowering.rebase(body, lambda: lower_block(lowering, node.orelse))
    elif node.orelse and outcome is not DIVERGES and outcome.flag is not None:
        lowering.error("a body that may return, with an else clause, is not supported", node)
    for key in half_done:
        caught.changes[key] = Conflict(
            f"{hint(key) or 'a value'!r} may or may not have been bound anew "
            "when the exception was raised"
        )
    lowering.site = site
    other = lowering.rebase(caught, lambda: _handlers(lowering, node.handlers, handlers))
    leaves = bool(body.ops) and body.ops[-1].primitive in (BREAK, CONTINUE)
    if leaves and any(op.primitive is EXCEPTION for op in caught.ops):
        lowering.error(
            "leaving a loop from a try whose handlers tell exceptions apart is not supported", node
        )
    arms, outcomes = (caught, body), [other, outcome]
    returned = [o is not FALLS and o is not DIVERGES for o in outcomes]
    for one in (0, 1):
        if returned[one] and outcomes[one].flag is None and outcomes[1 - one] is FALLS:
            outcomes[1 - one] = lowering.rebase(arms[1 - one], rest)
            return lowering.merge(guard, arms, outcomes, site, hoist=False)
    return lowering.proceed(lowering.merge(guard, arms, outcomes, site, hoist=False), rest)


def suppressing(lowering: Lowering, node: ast.With) -> ast.stmt:
    """``with contextlib.suppress(E)`` as the try statement that it is; another one as it is."""
    (item, *others) = node.items
    call = item.context_expr
    if not isinstance(call, ast.Call) or call.keywords or item.optional_vars is not None:
        return node
    if not isinstance(call.func, ast.Name | ast.Attribute):
        return node
    function = lower_expression(lowering, call.func)
    if not isinstance(function, Static) or function.object is not contextlib.suppress:
        return node
    body: list[ast.stmt] = [ast.With(others, node.body)] if others else node.body
    classes = ast.Tuple(call.args, ast.Load())
    made = ast.Try(body, [ast.ExceptHandler(classes, None, [ast.Pass()])], [], [])
    return ast.fix_missing_locations(ast.copy_location(made, node))


def _with_finally(lowering: Lowering, node: ast.Try, rest: Rest) -> Outcome:
    """``try: B finally: F``, which is ``try: B except: F; raise`` and then `F`."""
    from sourcediff.frontend.control.statements import lower_block

    statements: list[ast.stmt] = node.body
    if node.handlers:
        inner = ast.Try(node.body, node.handlers, node.orelse, [])
        statements = [ast.copy_location(inner, node)]
    again = ast.ExceptHandler(None, None, [*node.finalbody, ast.Raise(None, None)])
    outer = ast.copy_location(ast.Try(statements, [again], [], []), node)
    ast.fix_missing_locations(outer)
    start = len(lowering.ops)
    outcome = lower_attempt(lowering, outer, lambda: FALLS)
    if any(op.primitive in (BREAK, CONTINUE) for op in _of_turn(lowering.ops[start:])):
        lowering.error("leaving a loop through a finally clause is not supported", node, _HELP)
    if outcome is DIVERGES:
        return outcome
    if lower_block(lowering, node.finalbody) is not FALLS:
        lowering.error("a finally clause by which control leaves is not supported", node, _HELP)
    return lowering.proceed(outcome, rest)


def _together(handlers: Sequence[Handler]) -> Handler:
    """What catches all that any of the handlers catches."""
    classes: list[type] = []
    refs: list[object] = []
    for handler in handlers:
        if handler.classes is None:
            return Handler(None)
        classes.extend(handler.classes)
        refs.extend(handler.refs)
    return Handler(tuple(classes), tuple(refs))


def _go_on(lowering: Lowering, arm: Arm) -> None:
    """Take what was lowered apart for what it is: nothing in it can raise."""
    lowering.ops.extend(arm.ops)
    for key, binding in arm.changes.items():
        lowering.variables.set(key, binding)


# The body ---------------------------------------------------------------------------------


def _body(lowering: Lowering, node: ast.Try) -> tuple[Outcome, list[Key]]:
    """The statements of the body; what they bind before something behind it may raise."""
    from sourcediff.frontend.control.statements import lower_block

    depth = lowering.variables.depth - 1
    ops = lowering.ops
    since: dict[Key, int] = {}
    outcome = FALLS
    for place, statement in enumerate(node.body):
        start = len(ops)
        outcome = lower_block(lowering, [statement])
        last = _bound_last(lowering, statement)
        for key in lowering.variables.changed_since(depth):
            if key[1] in (RETURNED, RETURN_VALUE) or any(key == w.left for w in lowering.loops):
                continue  # control leaves with them: nothing behind them raises
            since.setdefault(key, len(ops) if key in last else start)
        if outcome is DIVERGES or (outcome is not FALLS and outcome.flag is None):
            break
        if outcome is not FALLS and place + 1 < len(node.body):
            lowering.error("a return in the midst of a try is not supported", statement)
    return outcome, [key for key, place in since.items() if any(map(may_raise, ops[place:]))]


def _bound_last(lowering: Lowering, statement: ast.stmt) -> set[Key]:
    """The variables that a statement binds when it has evaluated all that may raise.

    A function inside may bind those that it sees before.
    """
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        targets = [statement.target]
    names: set[str] = set()
    for target in targets:
        parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        if not all(isinstance(part, ast.Name) for part in parts):
            return set()
        names.update(part.id for part in parts if isinstance(part, ast.Name))
    frame = lowering.frame
    within = {n.target.id for n in ast.walk(statement) if isinstance(n, ast.NamedExpr)}
    return {(frame, name) for name in names - frame.scope.captured - within}


def _completed(lowering: Lowering, node: ast.Try, ops: list[Op]) -> None:
    """Mark the end of the body, and refuse what cannot be half done."""
    last = len(ops)
    if ops and ops[-1].primitive in (BREAK, CONTINUE):
        last -= 1
    inside = ops[:last]
    if any(op.primitive in (BREAK, CONTINUE) for op in _of_turn(inside)):
        lowering.error("leaving a loop from the midst of a try is not supported", node, _HELP)
    everything = list(walk(Region(inside, None)))
    if any(op.primitive in ENTERS for op in everything):
        lowering.error("a call of this function in a try is not supported", node, _HELP)
    made = {result for op in everything for result in op.results}
    for place, op in enumerate(inside):
        writes = [o for o in walk(Region([op], None)) if o.primitive.writes]
        if any(o.args and o.args[0] not in made for o in writes):
            behind = inside[place + 1 :] if writes[0] is op else inside[place:]
            if any(map(may_raise, behind)):
                lowering.error(
                    "a try that may raise after it has changed something is not supported",
                    node,
                    _HELP,
                )
    ops.insert(last, Op(COMPLETED, (), (), site=lowering.site))


def _of_turn(ops: Sequence[Op]) -> Iterator[Op]:
    """Operations, and those in them but for loops."""
    for op in ops:
        yield op
        if op.primitive not in LOOPS:
            for region in op.regions:
                yield from _of_turn(region.ops)


# The handlers -----------------------------------------------------------------------------


def _handlers(
    lowering: Lowering, nodes: Sequence[ast.ExceptHandler], handlers: Sequence[Handler]
) -> Outcome:
    """The handlers, one after the other, in the order in which they are asked."""
    named = next((node.name for node in nodes if node.name is not None), None)
    error: Value | None = None
    if named is not None or len(nodes) > 1:
        error = Value(types.OBJECT, named or "error")
        lowering.ops.append(Op(EXCEPTION, (), (error,), site=lowering.site))
    lowering.handling += 1
    try:
        return _chain(lowering, nodes, handlers, error)
    finally:
        lowering.handling -= 1


def _chain(
    lowering: Lowering,
    nodes: Sequence[ast.ExceptHandler],
    handlers: Sequence[Handler],
    error: Value | None,
) -> Outcome:
    (node, *others), (handler, *behind) = nodes, handlers
    if not others:
        return _handler(lowering, node, error)
    assert error is not None and handler.classes is not None
    attribute = (handler.classes, handler.refs)
    test = lowering.emit(ISINSTANCE, (error,), types.BOOL, attribute=attribute)
    return lowering.branch(
        test,
        lambda: _handler(lowering, node, error),
        lambda: _chain(lowering, others, behind, error),
        lambda: FALLS,
    )


def _handler(lowering: Lowering, node: ast.ExceptHandler, error: Value | None) -> Outcome:
    from sourcediff.frontend.control.statements import lower_block

    if node.name is not None:
        assert error is not None
        lowering.bind(node.name, error, node)
    outcome = lower_block(lowering, node.body)
    if node.name is not None:
        lowering.variables.set((lowering.frame, node.name), None)
    return outcome
