"""How each operation is written in Python: small templates of text, filled with operands.

>>> import ast
>>> fill = compile_template("x / z", ("x", "z"))
>>> ast.unparse(fill(ast.Name("a"), ast.Constant(2)))
'a / 2'
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import Any

from sourcediff.ir import Primitive

__all__ = ["Fill", "attribute_path", "compile_template", "template_of"]

Fill = Callable[..., ast.expr]


def compile_template(pattern: str, parameters: tuple[str, ...]) -> Fill:
    """A function that puts expressions in the places of the parameters of a pattern.

    Every call makes new nodes, since the printer keeps notes on the nodes it visits.
    """
    tree = ast.parse(pattern, mode="eval").body
    places = {name: place for place, name in enumerate(parameters)}
    if isinstance(tree, ast.BinOp):
        operator = type(tree.op)
        return lambda left, right: ast.BinOp(left, operator(), right)

    def build(node: ast.AST, operands: tuple[ast.expr, ...]) -> Any:
        if isinstance(node, ast.Name) and node.id in places:
            return operands[places[node.id]]
        fields: dict[str, Any] = {}
        for name, field in ast.iter_fields(node):
            if isinstance(field, ast.AST):
                fields[name] = build(field, operands)
            elif isinstance(field, list):
                fields[name] = [build(f, operands) if isinstance(f, ast.AST) else f for f in field]
            else:
                fields[name] = field
        return type(node)(**fields)

    return lambda *operands: build(tree, operands)


def _parameters(pattern: str) -> tuple[str, ...]:
    """The operands of a pattern, in order."""
    node = ast.parse(pattern, mode="eval").body
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.BinOp):
        operands: list[ast.expr] = [node.left, node.right]
    elif isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
    elif isinstance(node, ast.UnaryOp):
        operands = [node.operand]
    elif isinstance(node, ast.Call):
        operands = node.args or [_subject(node)]
    elif isinstance(node, ast.Attribute):
        operands = [_subject(node)]
    else:
        operands = [node]
    return tuple(n.id for n in operands if isinstance(n, ast.Name))


def _subject(node: ast.expr) -> ast.expr:
    """What ``z.real.copy()`` and ``z.real`` are about."""
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


@cache
def template_of(primitive: Primitive) -> Fill:
    """The template of a primitive with a fixed number of operands."""
    assert primitive.pattern is not None, primitive
    return compile_template(primitive.pattern, _parameters(primitive.pattern))


def attribute_path(path: tuple[str, ...]) -> ast.expr:
    """``a.b.c`` from its names."""
    node: ast.expr = ast.Name(path[0], ast.Load())
    for name in path[1:]:
        node = ast.Attribute(node, name, ast.Load())
    return node
