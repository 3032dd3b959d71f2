"""The text of lists that are read out of objects in a list, and of objects made of such lists.

``ps_x = [p.x for p in ps]`` and ``[Particle(x=x, v=v) for x, v in zip(ps_x_bar, ps_v_bar)]``.
"""

from __future__ import annotations

import ast
import keyword
from typing import TYPE_CHECKING, Any

from sourcediff.frontend.values import Ref
from sourcediff.ir import Op, Value

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["column", "records"]


def _each(element: ast.expr, target: ast.expr, whole: ast.expr) -> ast.expr:
    return ast.ListComp(element, [ast.comprehension(target, whole, [], 0)])


def column(emitter: Emitter, op: Op) -> ast.expr:
    """``[p.x for p in ps]``."""
    whole = op.args[0]
    name = whole.name if isinstance(whole, Value) else None
    item = name[:-1] if name and len(name) > 1 and name.endswith("s") else "item"
    item = "item" if keyword.iskeyword(item) else item
    path = ast.parse(f"{item}{''.join(op.attribute)}", mode="eval").body
    return _each(path, ast.Name(item, ast.Store()), emitter.expression(whole))


def records(emitter: Emitter, op: Op) -> ast.expr:
    """``[Particle(x=x, v=v) for x, v in zip(ps_x_bar, ps_v_bar)]``."""
    spec = op.attribute
    names: list[str] = []

    def put(shape: Any, ref: Ref | None, parts: list[ast.expr]) -> ast.expr:
        if shape[0] == "tuple":
            return ast.Tuple(parts, ast.Load())
        fields = [field for field, _ in shape[2]]
        if ref is None:
            return ast.Dict([ast.Constant(field) for field in fields], parts)
        pairs = zip(fields, parts, strict=True)
        keywords = [ast.keyword(str(field), part) for field, part in pairs]
        return ast.Call(emitter.header.reference(ref), [], keywords)

    def leaf(there: Any) -> ast.expr:
        if not there:
            return ast.Constant(None)
        names.append(there)
        return ast.Name(there, ast.Load())

    element = spec.build(iter(spec.names), put, leaf)
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    lists = [emitter.expression(arg) for arg in op.args]
    if len(lists) == 1:
        return _each(element, targets[0], lists[0])
    whole = ast.Call(ast.Name("zip", ast.Load()), lists, [])
    return _each(element, ast.Tuple(targets, ast.Store()), whole)
