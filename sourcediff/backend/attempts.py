"""``try`` in derivatives: a branch on whether its body raised (see `guards`), as it was written."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sourcediff.guards import EXCEPTION, Context
from sourcediff.ir import Handler, Op

if TYPE_CHECKING:
    from collections.abc import Callable

    from sourcediff.backend.emit import Emitter
    from sourcediff.ir import Region

__all__ = ["attempt", "completion", "nothing", "with_finally"]


_ENDS = (ast.Raise, ast.Return, ast.Continue, ast.Break)


class _Completion(ast.Pass):
    """Stands in a list of statements where the body of a try statement ends."""


def completion(emitter: Emitter, op: Op) -> list[ast.stmt]:
    return [_Completion()]


def nothing(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """The head of a try statement is written with its body."""
    return []


def attempt(
    emitter: Emitter, op: Op, arm: Callable[[Emitter, Op, Region], list[ast.stmt]]
) -> list[ast.stmt]:
    """A branch on whether a body raised, as ``try``."""
    head = emitter.plan.definitions[op.args[0]]  # type: ignore[index]
    if isinstance(head.attribute, Context):
        return _with(emitter, op, head, arm)
    guard: Handler = head.attribute
    then, orelse = op.regions
    comment = emitter.last_comment
    caught = arm(emitter, op, then)
    emitter.last_comment = comment
    statements = arm(emitter, op, orelse)
    emitter.last_comment = None
    place = next(k for k, s in enumerate(statements) if isinstance(s, _Completion))
    body, rest = statements[:place], statements[place + 1 :]
    error = next((o.result for o in then.ops if o.primitive is EXCEPTION), None)
    name = emitter.namer.names.get(error) if error is not None else None
    classes = None
    if guard.classes is not None:
        classes = [emitter.header.reference(ref) for ref in guard.refs]
    handlers = _handlers(classes, name, caught)
    ends = op in emitter.plan.returning or then.results is None
    if ends or not rest:
        return [ast.Try(body or [ast.Pass()], handlers, [], []), *rest]
    return [ast.Try(body or [ast.Pass()], handlers, rest, [])]


def _with(
    emitter: Emitter, op: Op, head: Op, arm: Callable[[Emitter, Op, Region], list[ast.stmt]]
) -> list[ast.stmt]:
    """A with statement, and what follows it in its arm."""
    context: Context = head.attribute
    statements = arm(emitter, op, op.regions[1])
    emitter.last_comment = None
    place = next(k for k, s in enumerate(statements) if isinstance(s, _Completion))
    body, rest = statements[:place], statements[place + 1 :]
    if not body:
        return rest
    given = list(map(emitter.expression, head.args))
    split = len(given) - len(context.keywords)
    named = zip(context.keywords, given[split:], strict=True)
    keywords = [ast.keyword(name, value) for name, value in named]
    call = ast.Call(emitter.header.reference(context.ref), given[:split], keywords)
    return [ast.With([ast.withitem(call, None)], body), *rest]


def with_finally(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Write ``try: B except: F; raise`` and `F` behind it as ``try: B finally: F``."""
    found: list[ast.stmt] = []
    place = 0
    while place < len(statements):
        statement = statements[place]
        place += 1
        last = _last_things(statement)
        if last and _same(last, statements[place : place + len(last)]):
            assert isinstance(statement, ast.Try)
            place += len(last)
            inner = statement.body[0]
            if len(statement.body) == 1 and isinstance(inner, ast.Try) and not inner.finalbody:
                statement = ast.Try(inner.body, inner.handlers, inner.orelse, last)
            else:
                statement = ast.Try(statement.body, [], [], last)
        found.append(statement)
    return found


def _last_things(statement: ast.stmt) -> list[ast.stmt]:
    """What a try statement does before it raises again whatever it was that was raised."""
    if not isinstance(statement, ast.Try) or statement.orelse or len(statement.handlers) != 1:
        return []
    (handler,) = statement.handlers
    *last, end = handler.body
    again = isinstance(end, ast.Raise) and end.exc is None
    return last if again and handler.type is None else []


def _same(some: list[ast.stmt], others: list[ast.stmt]) -> bool:
    return [ast.dump(s) for s in some] == [ast.dump(s) for s in others]


def _handlers(
    classes: list[ast.expr] | None, name: str | None, body: list[ast.stmt]
) -> list[ast.ExceptHandler]:
    """One handler for each class that the body asks for by ``isinstance``, if it does no more."""
    handlers: list[ast.ExceptHandler] = []
    while classes is not None and body and isinstance(body[0], ast.If):
        test, first, others = body[0].test, body[0].body, body[0].orelse
        if body[1:] and (others or not isinstance(first[-1], _ENDS)):
            break
        others = others or body[1:]
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, first, others = test.operand, others, first
        wanted = _asked(test, name)
        known = [ast.dump(c) for c in classes[: len(wanted)]]
        if not wanted or known != [ast.dump(c) for c in wanted] or len(wanted) == len(classes):
            break
        handlers.append(_handler(wanted, name, first))
        classes, body = classes[len(wanted) :], others
    handlers.append(_handler(classes, name, body))
    return handlers


def _asked(test: ast.expr, name: str | None) -> list[ast.expr]:
    """The classes of ``isinstance(name, classes)``."""
    if not isinstance(test, ast.Call) or not isinstance(test.func, ast.Name) or name is None:
        return []
    if test.func.id != "isinstance" or len(test.args) != 2:
        return []
    subject, wanted = test.args
    if not isinstance(subject, ast.Name) or subject.id != name:
        return []
    return wanted.elts if isinstance(wanted, ast.Tuple) else [wanted]


def _handler(
    classes: list[ast.expr] | None, name: str | None, body: list[ast.stmt]
) -> ast.ExceptHandler:
    caught: ast.expr | None = None
    if classes is not None:
        caught = classes[0] if len(classes) == 1 else ast.Tuple(classes, ast.Load())
    read = any(
        isinstance(inner, ast.Name) and inner.id == name
        for statement in body
        for inner in ast.walk(statement)
    )
    return ast.ExceptHandler(caught, name if read else None, body or [ast.Pass()])
