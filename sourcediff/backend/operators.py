"""Operators: of ``x += e``, of chains of comparisons, by operation, by symbol, by method."""

from __future__ import annotations

import ast

from sourcediff.backend.operands import printed
from sourcediff.frontend.primitives import GETATTR
from sourcediff.ir import IF, INVOKE, Atom, Const, Op, Value
from sourcediff.memory import (
    CONTAINS,
    INPLACE,
    METHOD_OF,
    OPERATE,
    QUERY,
    READ,
    SET_ATTRIBUTE,
    SET_ITEM,
    SUBSCRIPT,
)
from sourcediff.rules.table import primitive_of

__all__ = [
    "AUGMENTED",
    "augmented_operator",
    "chain_link",
    "is_subscript",
    "loaded",
    "same_atom",
]

_NODES: tuple[type[ast.operator], ...] = (
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.FloorDiv,
    ast.Mod,
    ast.Pow,
    ast.LShift,
    ast.RShift,
    ast.BitAnd,
    ast.BitOr,
    ast.BitXor,
    ast.MatMult,
)
#: The operator of ``x += e``, by the name of the operation.
AUGMENTED: dict[str, type[ast.operator]] = {}
for _node in _NODES:
    _operation = primitive_of(_node())
    if _operation is not None:
        AUGMENTED[_operation.name] = _node
_SYMBOLS: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "**": ast.Pow,
    "@": ast.MatMult,
    "%": ast.Mod,
    "|": ast.BitOr,
    "&": ast.BitAnd,
    "^": ast.BitXor,
}
#: By the name of the special method; `__iadd__` is tried first, then `__add__`, `__radd__`.
_OF_METHODS = {
    f"__{prefix}{name}__": node
    for name, node in (
        ("add", ast.Add),
        ("sub", ast.Sub),
        ("mul", ast.Mult),
        ("truediv", ast.Div),
        ("floordiv", ast.FloorDiv),
        ("mod", ast.Mod),
        ("pow", ast.Pow),
        ("matmul", ast.MatMult),
        ("and", ast.BitAnd),
        ("or", ast.BitOr),
        ("xor", ast.BitXor),
        ("lshift", ast.LShift),
        ("rshift", ast.RShift),
    )
    for prefix in ("", "i", "r")
}
_COMPARISONS = {
    primitive_of(node)
    for node in (
        ast.Lt(),
        ast.LtE(),
        ast.Gt(),
        ast.GtE(),
        ast.Eq(),
        ast.NotEq(),
        ast.Is(),
        ast.IsNot(),
    )
}


def augmented_operator(op: Op) -> type[ast.operator] | None:
    """The operator of ``x += e`` that computes what an operation does."""
    if len(op.args) != 2:
        return None
    if op.primitive is INVOKE:
        return _OF_METHODS.get(op.attribute.name) if op.attribute.how == "operator" else None
    if op.primitive in (OPERATE, INPLACE):
        return _SYMBOLS.get(op.attribute)
    return AUGMENTED.get(op.primitive.name)


def loaded(store: Op, definitions: dict[Value, Op]) -> tuple[Op, Op] | None:
    """The load and the operation of ``xs[i] += e``, which ends in this store."""
    result = store.args[-1]
    operation = definitions.get(result) if isinstance(result, Value) else None
    if operation is None or operation.site is not store.site or not store.site:
        return None
    if augmented_operator(operation) is None or result.name is not None:
        return None
    old = printed(operation)[0]
    load = definitions.get(old) if isinstance(old, Value) else None
    if load is None or load.site is not store.site:
        return None
    if store.primitive is SET_ITEM:
        same = load.primitive is SUBSCRIPT or is_subscript(load)
    elif store.primitive is SET_ATTRIBUTE:
        same = load.primitive is GETATTR and load.attribute == store.attribute
    else:
        same = load.primitive is READ and load.attribute is store.attribute
    if same and all(map(same_atom, load.args, store.args[:-1])):
        return load, operation
    return None


def is_subscript(op: Op) -> bool:
    """Whether a method call is what brackets stand for."""
    if op.primitive not in (METHOD_OF, QUERY):
        return False
    return op.attribute.name == "__getitem__" and not op.attribute.keywords and len(op.args) == 2


def same_atom(a: Atom, b: Atom) -> bool:
    return a is b or (isinstance(a, Const) and a.same_as(b))


# Comparisons ------------------------------------------------------------------------------


def is_comparison(op: Op | None) -> bool:
    """Whether an operation is one link of ``a < b < c``."""
    if op is None:
        return False
    if op.primitive is OPERATE:
        return op.attribute in ("==", "!=", "<", "<=", ">", ">=", "is", "is not")
    return op.primitive in _COMPARISONS or op.primitive is CONTAINS


def chain_link(op: Op, definitions: dict[Value, Op]) -> Op | None:
    """The second link of ``a < b < c``, where a branch is that and no variable holds `b`."""
    test = op.args[0]
    first = definitions.get(test) if isinstance(test, Value) else None
    then = op.regions[0]
    if first is None or not is_comparison(first) or not then.results:
        return None
    found = then.results[0]
    second = definitions.get(found) if isinstance(found, Value) else None
    while second is not None and second.primitive is IF:
        head = second.args[0]
        second = definitions.get(head) if isinstance(head, Value) else None
    if second is None or not is_comparison(second) or second not in then.ops:
        return None
    middle = second.args[0]
    if isinstance(middle, Value) and middle is first.args[1] and middle.name is None:
        return second
    return None
