"""The text of operations on lists, dicts, objects and variables, as expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from sourcediff import memory
from sourcediff.backend.comprehensions import given
from sourcediff.backend.nested import lambda_expression
from sourcediff.backend.operators import is_subscript
from sourcediff.ir import Const, Op, Primitive

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["OBJECTS", "binary"]

Write = Callable[["Emitter", Op], ast.expr]

_COMPARED: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "is": ast.Is,
    "is not": ast.IsNot,
    "in": ast.In,
    "not in": ast.NotIn,
}
_COMPUTED: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "**": ast.Pow,
    "@": ast.MatMult,
    "|": ast.BitOr,
    "&": ast.BitAnd,
    "^": ast.BitXor,
    "<<": ast.LShift,
    ">>": ast.RShift,
}


def binary(symbol: str, left: ast.expr, right: ast.expr) -> ast.expr | None:
    """An operator between two expressions, by its symbol."""
    if symbol in _COMPARED:
        return ast.Compare(left, [_COMPARED[symbol]()], [right])
    if symbol in _COMPUTED:
        return ast.BinOp(left, _COMPUTED[symbol](), right)
    return None


def _read(emitter: Emitter, op: Op) -> ast.expr:
    return ast.Name(emitter.scope.names[op.attribute], ast.Load())


def _items(emitter: Emitter, op: Op) -> list[ast.expr]:
    spread = op.attribute or ()
    return [
        ast.Starred(emitter.expression(a), ast.Load()) if n in spread else emitter.expression(a)
        for n, a in enumerate(op.args)
    ]


def _list(emitter: Emitter, op: Op) -> ast.expr:
    if op.result.type.cls is tuple:
        return ast.Tuple(_items(emitter, op), ast.Load())
    return ast.List(_items(emitter, op), ast.Load())


def _ranked(function: str, emitter: Emitter, op: Op) -> ast.Call:
    """``sorted(range(len(keys)), key=keys.__getitem__)``."""
    keys = emitter.expression(op.args[0])
    size = ast.Call(ast.Name("len", ast.Load()), [keys], [])
    places = ast.Call(ast.Name("range", ast.Load()), [size], [])
    look_up = ast.Attribute(emitter.expression(op.args[1]), "__getitem__", ast.Load())
    return ast.Call(ast.Name(function, ast.Load()), [places], [ast.keyword("key", look_up)])


def _order(emitter: Emitter, op: Op) -> ast.expr:
    call = _ranked("sorted", emitter, op)
    if len(op.args) > 2:
        call.keywords.append(ast.keyword("reverse", emitter.expression(op.args[2])))
    return call


def _place(emitter: Emitter, op: Op) -> ast.expr:
    return _ranked(op.attribute.__name__, emitter, op)


def _set(emitter: Emitter, op: Op) -> ast.expr:
    if not op.args:
        return ast.Call(ast.Name("set", ast.Load()), [], [])
    return ast.Set(_items(emitter, op))


def _dict(emitter: Emitter, op: Op) -> ast.expr:
    spread = op.attribute or ()
    keys: list[ast.expr | None] = []
    values = []
    for place in range(0, len(op.args), 2):
        keys.append(None if place in spread else emitter.expression(op.args[place]))
        values.append(emitter.expression(op.args[place + 1]))
    return ast.Dict(keys, values)


def _subscript(emitter: Emitter, op: Op) -> ast.expr:
    whole, index = map(emitter.expression, op.args)
    return ast.Subscript(whole, index, ast.Load())


def _sliced(emitter: Emitter, op: Op) -> ast.expr:
    parts: list[ast.expr | None] = [
        None if isinstance(a, Const) and a.value is None else emitter.expression(a) for a in op.args
    ]
    while len(parts) < 3:
        parts.append(None)
    return ast.Slice(*parts)


def _contains(emitter: Emitter, op: Op) -> ast.expr:
    item, whole = emitter.operands(op)
    return ast.Compare(item, [ast.NotIn() if op.attribute else ast.In()], [whole])


def _method(emitter: Emitter, op: Op) -> ast.expr:
    spec = op.attribute
    whole, *rest = op.args
    if is_subscript(op):
        return _subscript(emitter, op)
    if spec.function is not None:
        arguments = [given(emitter, a) for a in op.args]
        return ast.Call(emitter.header.reference(spec.function.ref), arguments, [])
    function = ast.Attribute(emitter.expression(whole), spec.name, ast.Load())
    arguments = [given(emitter, a) for a in rest]
    split = len(arguments) - len(spec.keywords)
    keywords = [
        ast.keyword(name, value)
        for name, value in zip(spec.keywords, arguments[split:], strict=True)
    ]
    return ast.Call(function, arguments[:split], keywords)


def _operate(emitter: Emitter, op: Op) -> ast.expr:
    left, right = emitter.operands(op)
    written = binary(op.attribute, left, right)
    assert written is not None, op.attribute
    return written


def _negate(emitter: Emitter, op: Op) -> ast.expr:
    return ast.UnaryOp(ast.USub(), emitter.expression(op.args[0]))


def _truth(emitter: Emitter, op: Op) -> ast.expr:
    """Where it is read, the object itself; a variable holds what its truth was then."""
    value = emitter.expression(op.args[0])
    if op.result in emitter.plan.folded:
        return value
    return ast.Call(ast.Name("bool", ast.Load()), [value], [])


def _function(emitter: Emitter, op: Op) -> ast.expr:
    return lambda_expression(emitter, op)


OBJECTS: dict[Primitive, Write] = {
    memory.READ: _read,
    memory.LIST: _list,
    memory.SET: _set,
    memory.DICT: _dict,
    memory.ORDER: _order,
    memory.PLACE: _place,
    memory.SUBSCRIPT: _subscript,
    memory.SLICED: _sliced,
    memory.CONTAINS: _contains,
    memory.METHOD_OF: _method,
    memory.QUERY: _method,
    memory.TRUTH: _truth,
    memory.OPERATE: _operate,
    memory.NEGATE: _negate,
    memory.MAKE_FUNCTION: _function,
}
