"""Operators and comparisons: of numbers, tuples, containers, and objects that say what they do."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays import compare_arrays, is_array, operate_on_arrays
from sourcediff.frontend.containers import (
    combine,
    compare,
    contains,
    is_structure,
)
from sourcediff.frontend.describe import describe
from sourcediff.frontend.kept_calls import call_operator
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import (
    Binding,
    Rec,
    Static,
    Tup,
)
from sourcediff.ir import Const, Value
from sourcediff.rules.table import primitive_of

__all__ = [
    "SPECIAL",
    "conjunction",
    "is_in",
    "named_whole",
    "operate",
    "operate_comparison",
    "primitive",
    "special_update",
]


#: A list that is repeated is known item by item up to this length.
MAX_KNOWN = 16


def operate(lowering: Lowering, op: ast.operator, left: Binding, right: Binding) -> Binding:
    """``left op right``."""
    if lowering.faithful:
        left, right = named_whole(lowering, left), named_whole(lowering, right)
        if is_array(left) or is_array(right):
            return operate_on_arrays(lowering, op, left, right)
    if lowering.faithful and (_is_special(left) or _is_special(right)):
        return _operate_special(lowering, op, left, right)
    if _is_list(left) or _is_list(right):
        assert lowering.node is not None
        left, right = lowering.in_memory(left), lowering.in_memory(right)
        return combine(lowering, op, left, right, lowering.node)
    if isinstance(left, Tup) or isinstance(right, Tup):
        return _on_tuples(lowering, op, left, right)
    primitive = primitive_of(op)
    if primitive is None:
        lowering.error("the operator @ works on arrays, which are not supported yet")
    symbol = f"the operator of {primitive.pattern!r}"
    if isinstance(op, ast.Mod) and isinstance(left, Value | Const) and left.type is types.STR:
        lowering.error("the % operator on text is not supported", help="use an f-string")
    if all(isinstance(b, Value | Const) for b in (left, right)):
        return lowering.apply(primitive, (lowering.atom(left), lowering.atom(right)))
    return lowering.apply(
        primitive, (lowering.number(left, symbol), lowering.number(right, symbol))
    )


def named_whole(lowering: Lowering, binding: Binding) -> Binding:
    """A named tuple as a value, whose class may say what operators do."""
    if isinstance(binding, Tup) and hasattr(binding.cls, "_fields"):
        return lowering.atom(binding)
    return binding


def _is_list(binding: Binding) -> bool:
    """Whether a binding is a list in memory."""
    return isinstance(binding, Value) and binding.type.kind == "List"


def _is_special(binding: Binding) -> bool:
    return is_structure(binding) and isinstance(binding, Value | Const)


def _operate_special(
    lowering: Lowering, op: ast.operator, left: Binding, right: Binding
) -> Binding:
    """An operator on objects of the user's, containers or texts."""
    name = SPECIAL.get(type(op))
    for subject, other, prefix in ((left, right, "__"), (right, left, "__r")):
        if isinstance(subject, Value) and subject.type.kind == "Optional":
            narrowed = lowering.required(subject)
            if subject is left:
                left = narrowed
            else:
                right = narrowed
            subject = narrowed
        if isinstance(subject, Value) and subject.type.cls is not None and name is not None:
            found = call_operator(lowering, f"{prefix}{name}__", subject, [other])
            if found is not None:
                return found
    node = lowering.node
    assert node is not None
    return combine(lowering, op, left, right, node)


def special_update(
    lowering: Lowering, op: ast.operator, left: Value, right: Binding
) -> Binding | None:
    """``left op= right`` by a method of `left`; None where its class has none for that."""
    name = SPECIAL.get(type(op))
    if left.type.kind != "Object" or name is None:
        return None
    return call_operator(lowering, f"__i{name}__", left, [right])


SPECIAL: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.USub: "neg",
    ast.UAdd: "pos",
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
}


def _on_tuples(lowering: Lowering, op: ast.operator, left: Binding, right: Binding) -> Binding:
    if isinstance(op, ast.Add) and isinstance(left, Tup) and isinstance(right, Tup):
        if left.cls is right.cls:
            items = [*left.items, *right.items]
            if left.cls is list:
                return lowering.known_list(lowering.node, items, left, right)
            return Tup(items, left.cls)
    elif isinstance(op, ast.Mult):
        whole, count = (left, right) if isinstance(left, Tup) else (right, left)
        if isinstance(whole, Tup) and isinstance(count, Const) and isinstance(count.value, int):
            items = whole.items * count.value
            if whole.cls is list and len(items) <= MAX_KNOWN:
                return lowering.known_list(lowering.node, items, whole)
            if whole.cls is not list:
                return Tup(items, whole.cls)
        if isinstance(whole, Tup) and whole.cls is list:
            lowering.in_memory(whole)
    lowering.error(
        f"this operator on {describe(left)} and {describe(right)} is not supported",
        help="use the items one by one",
    )


def primitive(op: ast.AST) -> Any:
    """The primitive of an operator node."""
    found = primitive_of(op)
    assert found is not None
    return found


def conjunction(lowering: Lowering, test: Binding, then: Callable[[], Binding]) -> Binding:
    """``test and then()``, where `test` is a truth value."""
    return lowering.choose(test, then, lambda: test, "and")


def operate_comparison(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """``left op right`` for one comparison operator."""
    if isinstance(op, ast.In | ast.NotIn):
        return is_in(lowering, op, left, right)
    if isinstance(op, ast.Is | ast.IsNot):
        known = _known_identity(left, right)
        if known is not None:
            return Const(known is isinstance(op, ast.Is), types.BOOL)
    identity = isinstance(op, ast.Is | ast.IsNot)
    if not identity and (is_array(left) or is_array(right)):
        compare_arrays(lowering)
    special = _is_special if lowering.faithful else _is_list
    if not identity and (special(left) or special(right)):
        return _compare_special(lowering, op, left, right)
    if isinstance(left, Tup) and isinstance(right, Tup) and isinstance(op, ast.Eq | ast.NotEq):
        return _equal_tuples(lowering, op, left, right)
    if isinstance(left, Static) and isinstance(right, Static):
        if isinstance(op, ast.Eq | ast.NotEq) and callable(left.object):
            return Const((left.object == right.object) is isinstance(op, ast.Eq), types.BOOL)
    if (
        isinstance(left, Value | Const)
        and isinstance(right, Value | Const)
        and isinstance(op, ast.Eq | ast.NotEq)
        and types.join(left.type, right.type) is None
        and "Instance" not in (left.type.kind, right.type.kind)
    ):
        return Const(isinstance(op, ast.NotEq), types.BOOL)  # a text is never a number
    return lowering.apply(primitive(op), (lowering.atom(left), lowering.atom(right)))


def _compare_special(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """A comparison of texts, containers, or objects that say how they are compared."""
    name = SPECIAL[type(op)]
    if isinstance(left, Value) and left.type.cls is not None:
        found = call_operator(lowering, f"__{name}__", left, [right])
        if found is not None:
            return found
    kinds = [b.type for b in (left, right) if isinstance(b, Value | Const)]
    if len(kinds) == 2 and isinstance(op, ast.Eq | ast.NotEq):
        if sum(map(types.is_number, kinds)) == 1:
            optional = any(k.kind == "Optional" or k is types.NONE for k in kinds)
            if not optional:
                return Const(isinstance(op, ast.NotEq), types.BOOL)
    if kinds == [types.STR, types.STR]:
        return lowering.apply(primitive(op), (lowering.atom(left), lowering.atom(right)))
    return compare(lowering, op, left, right, lowering.node)


def _known_identity(left: Binding, right: Binding) -> bool | None:
    """Whether two bindings are one object, where compiling can tell."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Const) and one.type in (types.NONE, types.BOOL):
            if isinstance(other, Const):
                return one.value is other.value
            if isinstance(other, Value):
                joined = types.join(one.type, other.type)
                can_be = other.type.kind == "Optional" or other.type in (one.type, types.REAL)
                return None if joined is not None and can_be else False
            return False
    if isinstance(left, Static) and isinstance(right, Static):
        return left.object is right.object
    return None


def _equal_tuples(lowering: Lowering, op: ast.cmpop, left: Tup, right: Tup) -> Binding:
    equal: Binding = Const(len(left.items) == len(right.items), types.BOOL)
    if len(left.items) == len(right.items):
        for a, b in zip(left.items, right.items, strict=True):
            if a is b:
                continue  # Python compares items by identity first
            then = partial(operate_comparison, lowering, ast.Eq(), a, b)
            equal = conjunction(lowering, equal, then)
    if isinstance(op, ast.Eq):
        return equal
    if isinstance(equal, Const):
        return Const(not equal.value, types.BOOL)
    return lowering.apply(primitive(ast.Not()), (lowering.atom(equal),))


def _left_to_the_run(left: Binding, right: Tup) -> bool:
    """Whether what is looked for, or a place where it could be, is known to the run only."""
    atoms = [left, *right.items]
    values = sum(isinstance(atom, Value) for atom in atoms)
    return values > 0 and all(isinstance(atom, Value | Const) for atom in atoms)


def is_in(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    if is_structure(right) if lowering.faithful else _is_list(right):
        assert isinstance(right, Value | Const)
        return contains(lowering, isinstance(op, ast.NotIn), left, lowering.atom(right))
    if isinstance(right, Rec):
        if not isinstance(left, Const):
            lowering.error("a computed key is not supported", help="use a constant key")
        return Const((left.value in right.items) is isinstance(op, ast.In), types.BOOL)
    if isinstance(right, Const) and isinstance(left, Const) and right.type is types.STR:
        return Const((left.value in right.value) is isinstance(op, ast.In), types.BOOL)
    if not isinstance(right, Tup):
        lowering.error(f"'in' on {describe(right)} is not supported", help="use a tuple")
    found: Binding = Const(False, types.BOOL)
    if any(item is left for item in right.items):
        return Const(isinstance(op, ast.In), types.BOOL)  # by identity, as Python does first
    if lowering.faithful and _left_to_the_run(left, right):
        return contains(lowering, isinstance(op, ast.NotIn), left, lowering.atom(right))
    for part in right.items:
        found = lowering.choose(
            found,
            lambda: Const(True, types.BOOL),
            lambda part=part: operate_comparison(lowering, ast.Eq(), left, part),  # type: ignore[misc]
            "or",
        )
    if isinstance(op, ast.In):
        return found
    if isinstance(found, Const):
        return Const(not found.value, types.BOOL)
    return lowering.apply(primitive(ast.Not()), (lowering.atom(found),))
