"""Assignments to names, items and attributes; several of one statement; ``+=``; ``del``."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from sourcediff.backend.nested import define
from sourcediff.backend.operands import printed
from sourcediff.backend.operators import AUGMENTED, augmented_operator
from sourcediff.backend.shapes import UNPACKS, Group
from sourcediff.backend.signature import annotation
from sourcediff.backend.signs import signed
from sourcediff.frontend.primitives import GETATTR
from sourcediff.ir import Atom, Const, Op, Value, Variable
from sourcediff.memory import (
    ASSIGN,
    DELETE_ATTRIBUTE,
    DELETE_ITEM,
    MAKE_FUNCTION,
    OPERATE,
    SET_ATTRIBUTE,
    SET_ITEM,
    SUBSCRIPT,
    UNPACK_ITERABLE,
)
from sourcediff.types import is_memory

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = [
    "annotated",
    "assignment",
    "deletion",
    "in_place",
    "named_expression",
    "swap",
    "target",
    "update",
]


def assignment(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """A store, a parallel copy, the items of an iterable; with all that is one statement."""
    group = emitter.plan.groups.get(op)
    if group is not None and not group.unpacking:
        return [_grouped(emitter, group)]
    if op.primitive in UNPACKS:
        value = emitter.expression(op.args[0])
        return [ast.Assign([_items(emitter, op)], value)]
    if op.primitive is ASSIGN:
        return _assigned(emitter, op)
    operation = emitter.plan.augmented.get(op)
    if operation is not None:
        operator = augmented_operator(operation)
        assert operator is not None
        store = _store(emitter, op)
        assert isinstance(store, ast.Name | ast.Attribute | ast.Subscript)
        added = ast.AugAssign(store, operator(), emitter.expression(printed(operation)[1]))
        return [signed(added) if operation.order > 0 else added]
    stored = op.args[-1]
    made = emitter.plan.definitions.get(stored) if isinstance(stored, Value) else None
    if made is not None and made.primitive is MAKE_FUNCTION and stored in emitter.plan.folded:
        if emitter.plan.nested[made].as_lambda() is None:
            return define(emitter, made, emitter.scope.names[op.attribute])
    value = emitter.expression(stored)
    return [ast.Assign([_store(emitter, op)], value)]


def _grouped(emitter: Emitter, group: Group) -> ast.stmt:
    values = [emitter.expression(atom) for atom in group.values()]
    targets: list[ast.expr] = []
    for member in group.members:
        if member.primitive is ASSIGN:
            targets += [_name(emitter, value) for value in member.results]
        else:
            targets.append(_store(emitter, member))
    if group.is_chain():
        return ast.Assign(targets, values[0])
    return ast.Assign([ast.Tuple(targets, ast.Store())], ast.Tuple(values, ast.Load()))


def named_expression(emitter: Emitter, op: Op) -> ast.expr:
    """``(n := e)``, or just `n` where the assignment is a statement before."""
    value = op.results[0]
    if op in emitter.plan.standing:
        return ast.Name(emitter.namer.names[value], ast.Load())
    written = emitter.expression(op.args[0])
    name = _name(emitter, value)
    assert isinstance(name, ast.Name)
    return ast.NamedExpr(name, written)


def _assigned(emitter: Emitter, op: Op) -> list[ast.stmt]:
    if op in emitter.plan.named:
        written = emitter.expression(op.args[0])
        return [ast.Assign([_name(emitter, op.results[0])], written)]
    targets = [_name(emitter, value) for value in op.results]
    if op.attribute == "chain":
        return [ast.Assign(targets, emitter.expression(op.args[0]))]
    if len(targets) == 1:
        if not emitter.plan.faithful:
            if emitter.variable(op.args[0]) == emitter.namer.names[op.result]:
                return []
        return [ast.Assign(targets, emitter.expression(op.args[0]))]
    values = [emitter.expression(atom) for atom in op.args]
    return [ast.Assign([ast.Tuple(targets, ast.Store())], ast.Tuple(values, ast.Load()))]


def annotated(emitter: Emitter, op: Op, written: list[ast.stmt]) -> list[ast.stmt]:
    """``x: float = e`` where the user wrote that."""
    if op.site is None or op.site.annotated is None or not emitter.plan.faithful:
        return written
    if len(written) != 1 or not isinstance(written[0], ast.Assign) or not _binds(op):
        return written
    targets, value = written[0].targets, written[0].value
    known = annotation(op.site.annotated[1], emitter.function, emitter.header)
    if known is None or len(targets) != 1 or not isinstance(targets[0], ast.Name):
        return written
    return [ast.AnnAssign(targets[0], known, value, 1)]


def _binds(op: Op) -> bool:
    """Whether an operation binds the name that its statement annotates."""
    assert op.site is not None and op.site.annotated is not None
    names = [value.name for value in op.results]
    if isinstance(op.attribute, Variable):
        names.append(op.attribute.name)
    return op.site.annotated[0] in names


# Targets ----------------------------------------------------------------------------------


def target(emitter: Emitter, value: Value) -> ast.expr:
    """What is bound to a value: a name, or what takes it apart or stores it."""
    op = emitter.plan.targets.get(value)
    if op is None:
        return _name(emitter, value)
    return _items(emitter, op) if op.primitive in UNPACKS else _store(emitter, op)


def _name(emitter: Emitter, value: Value) -> ast.expr:
    name = emitter.namer.names[value]
    emitter.bound.add(name)
    return ast.Name(name, ast.Store())


def _items(emitter: Emitter, op: Op) -> ast.expr:
    items = [target(emitter, value) for value in op.results]
    if op.primitive is UNPACK_ITERABLE and op.attribute is not None:
        items[op.attribute] = ast.Starred(items[op.attribute], ast.Store())
    return ast.Tuple(items, ast.Store())


def _store(emitter: Emitter, op: Op) -> ast.expr:
    """The place that a store writes."""
    if op.primitive is SET_ITEM:
        whole, index = map(emitter.expression, op.args[:2])
        return ast.Subscript(whole, index, ast.Store())
    if op.primitive is SET_ATTRIBUTE:
        return ast.Attribute(emitter.expression(op.args[0]), op.attribute, ast.Store())
    return ast.Name(emitter.scope.names[op.attribute], ast.Store())


def part_assignment(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """``z.real[i] = v`` and ``z.real += v``."""
    name, symbol = op.attribute
    whole, index, value = op.args
    part = ast.Attribute(emitter.expression(whole), name, ast.Store())
    target: ast.Attribute | ast.Subscript = part
    if not (isinstance(index, Const) and index.value is ...):
        part.ctx = ast.Load()
        target = ast.Subscript(part, emitter.expression(index), ast.Store())
    if symbol == "=":
        return [ast.Assign([target], emitter.expression(value))]
    operator = ast.Add() if symbol == "+" else ast.Sub()
    return [ast.AugAssign(target, operator, emitter.expression(value))]


def swap(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """``m[i], m[j] = m[j], m[i]``."""
    whole, one, other = map(emitter.expression, op.args)

    def place(index: ast.expr, context: ast.expr_context) -> ast.expr:
        return ast.Subscript(copy.deepcopy(whole), copy.deepcopy(index), context)

    targets = ast.Tuple([place(one, ast.Store()), place(other, ast.Store())], ast.Store())
    values = ast.Tuple([place(other, ast.Load()), place(one, ast.Load())], ast.Load())
    return [ast.Assign([targets], values)]


# Updates ----------------------------------------------------------------------------------


def update(emitter: Emitter, op: Op) -> ast.stmt | None:
    """``x += e``, where the result takes over the variable of an operand.

    In the user's own code only where the user wrote that.
    """
    if emitter.plan.faithful and (op.site is None or not op.site.augmented):
        return None
    if emitter.plan.faithful and op.primitive is OPERATE and is_memory(op.result.type):
        return None  # it gives another object, also in a statement that is written with ``+=``
    operator = augmented_operator(op) if emitter.plan.faithful else AUGMENTED.get(op.primitive.name)
    if operator is None or len(op.args) != 2:
        return None
    is_array = op.result.type.kind == "Array" and not emitter.plan.faithful
    name = emitter.namer.names[op.result]
    left, right = printed(op)
    if emitter.variable(left) != name:
        commutes = op.order > 0 and op.primitive.name in ("add", "mul")
        if not commutes or emitter.variable(right) != name:
            return None
        left, right = right, left
    if is_array and not (op.order > 0 and emitter.owned.may_change(op, left)):
        return None  # it would change an array that others may see
    added = ast.AugAssign(ast.Name(name, ast.Store()), operator(), emitter.expression(right))
    return signed(added) if op.order > 0 else added


def in_place(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """``xs += ys`` on what that changes: never ``xs = xs + ys``."""
    operator = augmented_operator(op)
    assert operator is not None
    whole, other = printed(op)
    name = emitter.namer.names[op.result] if op.results else None
    if name is None or emitter.variable(whole) == name:
        changed = emitter.expression(whole)
        # What stands outside of the function is no variable of it, which `+=` would make it.
        if (isinstance(changed, ast.Name) and changed.id not in emitter.header.objects) or (
            isinstance(changed, ast.Attribute | ast.Subscript)
            and op.site
            and (op.site.augmented or _is_part(emitter, whole))
            and not _is_view(emitter, whole)
        ):
            changed.ctx = ast.Store()
            return [ast.AugAssign(changed, operator(), emitter.expression(other))]
    held = emitter.fresh("whole")
    statements: list[ast.stmt] = [
        ast.Assign([ast.Name(held, ast.Store())], emitter.expression(whole)),
        ast.AugAssign(ast.Name(held, ast.Store()), operator(), emitter.expression(other)),
    ]
    if name is not None:
        target = ast.Name(name, ast.Store())
        statements.append(ast.Assign([target], ast.Name(held, ast.Load())))
    return statements


def _is_part(emitter: Emitter, atom: Atom) -> bool:
    """Whether an atom is ``x[i:j]`` of an array: a view, so that to put it back does nothing."""
    made = emitter.plan.definitions.get(atom) if isinstance(atom, Value) else None
    if made is None or made.primitive is not SUBSCRIPT or atom.type.kind != "Array":
        return False
    whole = made.args[0].type
    return whole.kind == "Array" and whole.slots["element"].root is atom.type.slots["element"].root


def _is_view(emitter: Emitter, atom: Atom) -> bool:
    """Whether an atom is ``x.T`` of an array, which is changed but not put back."""
    made = emitter.plan.definitions.get(atom) if isinstance(atom, Value) else None
    return made is not None and made.primitive is GETATTR and made.args[0].type.kind == "Array"


def deletion(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """``del``."""
    if op.primitive is DELETE_ITEM:
        whole, index = map(emitter.expression, op.args)
        return [ast.Delete([ast.Subscript(whole, index, ast.Del())])]
    if op.primitive is DELETE_ATTRIBUTE:
        whole = emitter.expression(op.args[0])
        return [ast.Delete([ast.Attribute(whole, op.attribute, ast.Del())])]
    variable, must = op.attribute if isinstance(op.attribute, tuple) else (op.attribute, True)
    assert isinstance(variable, Variable)
    name = emitter.scope.names[variable]
    if must:
        return [ast.Delete([ast.Name(name, ast.Del())])]
    # Bound to something first, so that there is something to unbind.
    bind = ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None))
    return [bind, ast.Delete([ast.Name(name, ast.Del())])]


def joined(statements: list[ast.stmt], written: list[ast.stmt], op: Op, last: Op | None) -> bool:
    """Put ``del a`` and ``del b`` of one statement of the user together; whether they are."""
    if last is None or op.site is None or op.site is not last.site or not statements:
        return False
    before, (first, *rest) = statements[-1], written
    if not isinstance(before, ast.Delete) or not isinstance(first, ast.Delete) or rest:
        return False
    before.targets += first.targets
    return True
