"""Conditional expressions, ``and`` and ``or``, chains of comparisons."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sourcediff.ir import Atom, Const, Op
from sourcediff.types import BOOL

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["as_test", "conditional", "negated"]


def conditional(emitter: Emitter, op: Op) -> ast.expr:
    """A branch as an expression."""
    then, orelse = (r.results[0] for r in op.regions if r.results is not None)
    test = op.args[0]
    if not emitter.plan.faithful and len(op.results) == 1 and op.result.type is BOOL:
        turned = _turned(emitter, test, then, orelse)
        if turned is not None:
            return turned
    is_and, is_or = _form(emitter, op, test, then, orelse)
    if is_and:
        return _boolean(emitter, ast.And(), test, then)
    if is_or:
        return _boolean(emitter, ast.Or(), test, orelse)
    return _if_expression(emitter, test, then, orelse)


def _form(emitter: Emitter, op: Op, test: Atom, then: Atom, orelse: Atom) -> tuple[bool, bool]:
    """Whether a branch is ``test and then``, and whether it is ``test or orelse``."""
    boolean = test.type is BOOL
    may_be_and = may_be_or = True
    if emitter.plan.faithful:
        # As it was written; where only the truth of it matters, one arm is just that.
        may_be_and, may_be_or = op.attribute in ("and", "chain"), op.attribute == "or"
        boolean = True
    is_and = may_be_and and (_same(orelse, test) or (boolean and _is(orelse, False)))
    return is_and, may_be_or and (_same(then, test) or (boolean and _is(then, True)))


def _turned(emitter: Emitter, test: Atom, then: Atom, orelse: Atom) -> ast.expr | None:
    """``not test``, ``not test and orelse`` and ``not test or then``."""
    if _is(then, False) and _is(orelse, True):
        return negated(emitter.expression(test))
    if _is(then, False) and not isinstance(orelse, Const):
        return _joined(ast.And(), [negated(emitter.expression(test)), emitter.expression(orelse)])
    if _is(orelse, True) and not isinstance(then, Const):
        return _joined(ast.Or(), [negated(emitter.expression(test)), emitter.expression(then)])
    return None


def _joined(operator: ast.boolop, parts: list[ast.expr]) -> ast.expr:
    values: list[ast.expr] = []
    for part in parts:
        same = isinstance(part, ast.BoolOp) and isinstance(part.op, type(operator))
        values += part.values if isinstance(part, ast.BoolOp) and same else [part]
    return ast.BoolOp(operator, values)


def _if_expression(emitter: Emitter, test: Atom, then: Atom, orelse: Atom) -> ast.expr:
    return ast.IfExp(emitter.expression(test), emitter.expression(then), emitter.expression(orelse))


def _same(a: Atom, b: Atom) -> bool:
    return a is b or (isinstance(a, Const) and a.same_as(b))


def _boolean(emitter: Emitter, operator: ast.boolop, left: Atom, right: Atom) -> ast.expr:
    values: list[ast.expr] = []
    for atom in (left, right):
        node = emitter.expression(atom)
        if values and isinstance(operator, ast.And) and _continues(values[-1], node):
            chain, link = values[-1], node
            assert isinstance(chain, ast.Compare) and isinstance(link, ast.Compare)
            chain.ops += link.ops
            chain.comparators += link.comparators
        elif values and isinstance(operator, ast.And) and _continues_into(values[-1], node):
            # a < b and (b < c and d): the first of the others is the link
            chain = values[-1]
            assert isinstance(chain, ast.Compare) and isinstance(node, ast.BoolOp)
            link = node.values[0]
            assert isinstance(link, ast.Compare)
            chain.ops += link.ops
            chain.comparators += link.comparators
            values += node.values[1:]
        elif isinstance(node, ast.BoolOp) and isinstance(node.op, type(operator)):
            values += node.values
        else:
            values.append(node)
    return values[0] if len(values) == 1 else ast.BoolOp(operator, values)


LINK = "·"


def link_placeholder() -> ast.expr:
    """Stands for the left operand of a comparison that is the end of another one."""
    return ast.Name(LINK, ast.Load())


def _is_link(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id == LINK
    )


def _continues_into(chain: ast.expr, node: ast.expr) -> bool:
    return (
        isinstance(chain, ast.Compare) and isinstance(node, ast.BoolOp) and _is_link(node.values[0])
    )


def _is(atom: Atom, truth: bool) -> bool:
    return isinstance(atom, Const) and atom.value is truth


def _continues(chain: ast.expr, link: ast.expr) -> bool:
    """Whether ``a < b and b < c`` can be written ``a < b < c``."""
    if not isinstance(chain, ast.Compare) or not isinstance(link, ast.Compare):
        return False
    if _is_link(link):
        return True
    last, first = chain.comparators[-1], link.left
    return isinstance(last, ast.Name) and isinstance(first, ast.Name) and last.id == first.id


def as_test(node: ast.expr) -> ast.expr:
    """What is only asked whether it is true: ``xs`` for ``bool(xs)``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "bool":
        if len(node.args) == 1 and not node.keywords:
            return node.args[0]
    if isinstance(node, ast.BoolOp):
        return ast.BoolOp(node.op, [as_test(part) for part in node.values])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ast.UnaryOp(ast.Not(), as_test(node.operand))
    return node


def negated(test: ast.expr) -> ast.expr:
    """``not test``; comparisons for equality and identity are turned, which is always the same."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        turned = {
            ast.Eq: ast.NotEq,
            ast.NotEq: ast.Eq,
            ast.Is: ast.IsNot,
            ast.IsNot: ast.Is,
        }.get(type(test.ops[0]))
        if turned is not None:
            return ast.Compare(test.left, [turned()], test.comparators)
    return ast.UnaryOp(ast.Not(), test)
