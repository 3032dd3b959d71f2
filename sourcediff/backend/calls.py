"""Operations whose text is more than a template: calls, tuples, texts, what is read live."""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from sourcediff.backend.comprehensions import given
from sourcediff.backend.invocations import invocation
from sourcediff.backend.objects import OBJECTS
from sourcediff.backend.records import column, records
from sourcediff.backend.templates import attribute_path
from sourcediff.frontend import primitives
from sourcediff.frontend.values import Ref
from sourcediff.ir import INVOKE, Op, Primitive, Value
from sourcediff.memory import ADD_INTO, KEY, SNAPSHOT
from sourcediff.rules import builtin_functions
from sourcediff.rules.mathematics import INTEGER_ONLY
from sourcediff.rules.table import primitive_of
from sourcediff.types import rank_of

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["CALLS"]

#: Functions that take no generator.
WHOLE = (len, reversed)

Write = Callable[["Emitter", Op], ast.expr]


def _call(emitter: Emitter, op: Op) -> ast.expr:
    spec = op.attribute
    # A generator has no length, and no end to begin with.
    write = emitter.expression if spec.function in WHOLE else partial(given, emitter)
    values = [write(a) for a in op.args]
    split = len(values) - len(spec.keywords)
    for place in spec.stars:
        values[place] = ast.Starred(values[place], ast.Load())
    keywords = [
        ast.keyword(name, value) for name, value in zip(spec.keywords, values[split:], strict=True)
    ]
    if spec.ref is None:
        method = ast.Attribute(values[0], spec.function.__name__, ast.Load())
        return ast.Call(method, values[1:split], keywords)
    return ast.Call(emitter.header.reference(spec.ref), values[:split], keywords)


def _snapshot(emitter: Emitter, op: Op) -> ast.expr:
    """A copy; of several axes one that lies in memory as these do, so that sums are the same."""
    if (rank_of(op.result.type) or 0) > 1:
        numpy = Ref("module", sys.modules["numpy"], ("copy",))
        return ast.Call(emitter.header.reference(numpy), [emitter.expression(op.args[0])], [])
    copy = ast.Attribute(emitter.expression(op.args[0]), "copy", ast.Load())
    return ast.Call(copy, [], [])


def _load(emitter: Emitter, op: Op) -> ast.expr:
    return emitter.header.reference(op.attribute)


def _tuple(emitter: Emitter, op: Op) -> ast.expr:
    items = [emitter.expression(a) for a in op.args]
    if op.attribute is list:
        return ast.List(items, ast.Load())
    if op.attribute is complex:
        return ast.Call(ast.Name("complex", ast.Load()), items, [])
    return ast.Tuple(items, ast.Load())


def _item(emitter: Emitter, op: Op) -> ast.expr:
    return ast.Subscript(emitter.expression(op.args[0]), ast.Constant(op.attribute), ast.Load())


def _attribute(emitter: Emitter, op: Op) -> ast.expr:
    return ast.Attribute(emitter.expression(op.args[0]), op.attribute, ast.Load())


def _method(emitter: Emitter, op: Op) -> ast.expr:
    whole, *args = [given(emitter, a) for a in op.args]
    return ast.Call(ast.Attribute(whole, op.attribute, ast.Load()), args, [])


def _format(emitter: Emitter, op: Op) -> ast.expr:
    values = map(emitter.expression, op.args)
    parts: list[ast.expr] = []
    for part in op.attribute:
        if isinstance(part, str):
            parts.append(ast.Constant(part))
            continue
        conversion, spec = part
        inner = ast.JoinedStr([ast.Constant(spec)]) if spec else None
        parts.append(ast.FormattedValue(next(values), conversion, inner))
    return ast.JoinedStr(parts)


def _isinstance(emitter: Emitter, op: Op) -> ast.expr:
    _, refs = op.attribute
    classes = [emitter.header.reference(ref) for ref in refs]
    wanted = classes[0] if len(classes) == 1 else ast.Tuple(classes, ast.Load())
    arguments = [emitter.expression(op.args[0]), wanted]
    return ast.Call(ast.Name("isinstance", ast.Load()), arguments, [])


def _flat(emitter: Emitter, op: Op) -> ast.expr:
    """``max(a, b, c)``, which is lowered as ``max(max(a, b), c)``."""
    operands = [emitter.expression(a) for a in op.args]
    name = op.primitive.name
    first = op.args[0]
    inner = operands[0]
    folded = emitter.plan.definitions.get(first) if isinstance(first, Value) else None
    if folded is not None and folded.primitive is op.primitive and first in emitter.plan.folded:
        assert isinstance(inner, ast.Call)
        operands = [*inner.args, operands[1]]
    return ast.Call(ast.Name(name, ast.Load()), operands, [])


def _gathered(path: tuple[str, ...], split: Callable[[list[Any]], list[list[Any]]]) -> Write:
    """A call that takes tuples of the operands."""

    def write(emitter: Emitter, op: Op) -> ast.expr:
        groups = split([emitter.expression(a) for a in op.args])
        arguments: list[ast.expr] = [ast.Tuple(group, ast.Load()) for group in groups]
        return emitter.header.spelled(ast.Call(attribute_path(path), arguments, []))

    return write


def _sum_from(emitter: Emitter, op: Op) -> ast.expr:
    start, *items = (emitter.expression(a) for a in op.args)
    whole = ast.Tuple(items, ast.Load())
    return ast.Call(ast.Name("sum", ast.Load()), [whole, start], [])


def _halves(items: list[Any]) -> list[list[Any]]:
    return [items[: len(items) // 2], items[len(items) // 2 :]]


def _plain(name: str) -> Write:
    """A function of `math` that takes its operands as they are."""

    def write(emitter: Emitter, op: Op) -> ast.expr:
        arguments = [emitter.expression(a) for a in op.args]
        return emitter.header.spelled(ast.Call(attribute_path(("math", name)), arguments, []))

    return write


def _whole(items: list[ast.expr]) -> list[list[ast.expr]]:
    return [items]


_WRITERS: dict[Primitive | None, Write] = {
    primitives.CALL: _call,
    primitives.PURE_CALL: _call,
    ADD_INTO: _call,
    SNAPSHOT: _snapshot,
    primitives.LOAD: _load,
    INVOKE: invocation,
    primitives.TUPLE: _tuple,
    KEY: _tuple,
    primitives.GETITEM: _item,
    primitives.GETATTR: _attribute,
    primitives.COLUMN: column,
    primitives.RECORDS: records,
    primitives.METHOD: _method,
    primitives.FORMAT: _format,
    primitives.ISINSTANCE: _isinstance,
    primitive_of(max, 2): _flat,
    primitive_of(min, 2): _flat,
    builtin_functions.SUM: _gathered(("sum",), _whole),
    builtin_functions.SUM_FROM: _sum_from,
    builtin_functions.FSUM: _gathered(("math", "fsum"), _whole),
    builtin_functions.DIST: _gathered(("math", "dist"), _halves),
    builtin_functions.SUMPROD: _gathered(("math", "sumprod"), _halves),
    **{primitive_of(getattr(math, name)): _plain(name) for name in INTEGER_ONLY},
}
#: How the operations are written that have a text of their own.
CALLS: dict[Primitive, Write] = {
    **{p: write for p, write in _WRITERS.items() if p is not None},
    **OBJECTS,
}
