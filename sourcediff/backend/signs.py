"""``x -= e`` for ``x += -e``: the sign of what is added belongs to the operator.

>>> def shown(text):
...     return ast.unparse(signed(ast.parse(text).body[0]))
>>> shown("x += -a * b / c"), shown("x -= -2.0 * a"), shown("x += -(a + b)")
('x -= a * b / c', 'x += 2.0 * a', 'x -= a + b')
>>> shown("x += -a - b"), shown("x += a - b"), shown("x *= -a")
('x -= a + b', 'x += a - b', 'x *= -a')
"""

from __future__ import annotations

import ast

__all__ = ["signed"]

_TURNED: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add}


def signed(statement: ast.AugAssign) -> ast.AugAssign:
    """An addition or subtraction of something that does not begin with a minus sign."""
    turned = _TURNED.get(type(statement.op))
    positive = _without_sign(statement.value) if turned is not None else None
    if turned is None or positive is None:
        return statement
    return ast.AugAssign(statement.target, turned(), positive)


def _without_sign(node: ast.expr) -> ast.expr | None:
    """The opposite of an expression that begins with a minus sign; None for all others."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return node.operand
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value < 0:
        return ast.Constant(-node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        left = _without_sign(node.left)
        return None if left is None else ast.BinOp(left, node.op, node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        left = _without_sign(node.left)
        return None if left is None else ast.BinOp(left, ast.Add(), node.right)
    return None
