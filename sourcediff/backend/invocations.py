"""The text of a call of another function of the IR, in the form that the user gave it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from sourcediff.backend.comprehensions import given
from sourcediff.backend.objects import binary
from sourcediff.backend.operands import is_reflected, printed_of_invocation
from sourcediff.ir import Const, Invocation, Op, Value

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["invocation"]

_BINARY = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "matmul": "@",
    "or": "|",
    "and": "&",
    "xor": "^",
    "lshift": "<<",
    "rshift": ">>",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
}
_UNARY: dict[str, type[ast.unaryop]] = {
    "neg": ast.USub,
    "pos": ast.UAdd,
    "invert": ast.Invert,
}
_BUILTIN = ("len", "abs", "bool", "float", "int", "str", "repr", "iter", "next", "hash", "round")


def invocation(emitter: Emitter, op: Op) -> ast.expr:
    """A call, an operator, an attribute: whatever runs the function."""
    call: Invocation = op.attribute
    if call.how == "operator":
        return _operator(emitter, op, call)
    arguments, keywords = _arguments(emitter, op, call)
    function: ast.expr
    if call.how == "closure":
        function = emitter.expression(op.args[0])
    elif call.how == "method":
        assert call.name is not None
        function = ast.Attribute(emitter.expression(op.args[0]), call.name, ast.Load())
    elif call.how == "property":
        assert call.name is not None
        return ast.Attribute(emitter.expression(op.args[0]), call.name, ast.Load())
    elif call.how == "super":
        function = ast.Attribute(_super(emitter, op, call), call.name or "__init__", ast.Load())
    elif call.how == "class":
        function = emitter.header.reference(call.ref)
    else:
        assert call.function is not None
        function = ast.Name(emitter.header.callee(call.function), ast.Load())
    return ast.Call(function, arguments, keywords)


def _super(emitter: Emitter, op: Op, call: Invocation) -> ast.expr:
    arguments: list[ast.expr] = []
    if call.ref is not None:
        arguments = [emitter.header.reference(call.ref), emitter.expression(op.args[0])]
    return ast.Call(ast.Name("super", ast.Load()), arguments, [])


def _arguments(
    emitter: Emitter, op: Op, call: Invocation
) -> tuple[list[ast.expr], list[ast.keyword]]:
    if call.written is None:
        skip = 1 if call.how in ("closure", "method", "property", "super") else 0
        return [given(emitter, a) for a in op.args[skip:]], []
    arguments: list[ast.expr] = []
    keywords = []
    for name, what in call.written:
        value = _written(emitter, what)
        if name is None:
            arguments.append(value)
        elif name == "*":
            arguments.append(ast.Starred(value, ast.Load()))
        else:
            keywords.append(ast.keyword(None if name == "**" else name, value))
    return arguments, keywords


def _written(emitter: Emitter, what: Any) -> ast.expr:
    if isinstance(what, Value | Const):
        return given(emitter, what)
    return emitter.header.reference(what)


def _operator(emitter: Emitter, op: Op, call: Invocation) -> ast.expr:
    operands = [_written(emitter, what) for what in printed_of_invocation(op)]
    name = call.name or ""
    bare = name.strip("_")
    if name == "__contains__":
        return ast.Compare(operands[0], [ast.In()], [operands[1]])
    if is_reflected(name):
        bare = bare[1:]
    if len(operands) == 2 and bare in _BINARY:
        written = binary(_BINARY[bare], *operands)
        assert written is not None
        return written
    if len(operands) == 1 and bare in _UNARY:
        return ast.UnaryOp(_UNARY[bare](), operands[0])
    if name == "__getitem__":
        return ast.Subscript(operands[0], operands[1], ast.Load())
    if name == "__call__":
        return ast.Call(operands[0], operands[1:], [])
    if bare in _BUILTIN:
        return ast.Call(ast.Name(bare, ast.Load()), operands, [])
    method = ast.Attribute(operands[0], name, ast.Load())
    return ast.Call(method, operands[1:], [])
