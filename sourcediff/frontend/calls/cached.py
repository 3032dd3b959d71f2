"""Functions whose results are kept by ``functools.cache``: entered as if nothing kept them.

That is the same where a call does nothing but compute. One that changes something outside of it, or
asks what changes with every call, would do so more often than in Python, and is refused.

>>> import ast
>>> from sourcediff.frontend.calls.cached import change_outside
>>> found = change_outside(ast.parse("def f(n):\\n    seen.append(n)\\n    return n * x").body[0])
>>> ast.unparse(found)
'seen.append(n)'
>>> change_outside(ast.parse("def f(n):\\n    row = []\\n    row.append(n)").body[0])
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sourcediff.frontend.lowering import Lowering

__all__ = [
    "change_outside",
    "require_only_computes",
    "require_results_kept",
    "require_unchanged_after",
]

#: Methods that change what they are called on.
_CHANGING = {
    *("add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem"),
    *("popleft", "remove", "reverse", "rotate", "send", "setdefault", "sort", "update"),
}
#: What gives something else with every call, and modules of such.
_DIFFERENT_EVERY_TIME = ("next", "input", "random", "time")


def require_only_computes(lowering: Lowering, definition: ast.AST) -> None:
    """Refuse a function with a cache that does more than compute."""
    found = change_outside(definition)
    if found is not None:
        lowering.error(
            "a function with a cache that changes something outside of it, or is told something "
            "else each time, is not supported",
            None,
            f"keep what it computes in a dict of your own; it does so in line {found.lineno}",
        )


def require_unchanged_after(lowering: Lowering, definition: ast.AST, around: ast.AST) -> None:
    """Refuse a function with a cache if what it reads is changed later: the cache has the old."""
    parts = list(ast.walk(definition))
    own = {n.id for n in parts if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= {n.arg for n in parts if isinstance(n, ast.arg)} | {getattr(definition, "name", "")}
    read = {n.id for n in parts if isinstance(n, ast.Name)} - own
    last = getattr(definition, "end_lineno", None) or 0
    for part in ast.walk(around):
        if getattr(part, "lineno", 0) > last and _changed(part) in read:
            lowering.error(
                "a function with a cache that reads what is changed after its definition is not "
                "supported",
                part,
                "take the cache away, or hand in what it reads",
            )


def require_results_kept(lowering: Lowering, definition: ast.AST, around: ast.AST) -> None:
    """Refuse a function with a cache if a list that it gives is changed: the cache has it changed.

    Also if it is handed on to another function of the user's, which may do so.
    """
    if not any(_may_change(value, definition) for value in _returned(definition)):
        return
    names = {_name(definition)}
    parts = [*ast.walk(around), *ast.walk(definition)]
    for part in parts:
        if isinstance(part, ast.Assign) and any(n is definition for n in ast.walk(part.value)):
            names |= {target.id for target in part.targets if isinstance(target, ast.Name)}

    def gives(part: ast.AST) -> bool:
        called = part.func if isinstance(part, ast.Call) else None
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
        return name in names

    results = set(names)
    for part in parts:
        if isinstance(part, ast.Assign | ast.For | ast.NamedExpr):
            source = part.iter if isinstance(part, ast.For) else part.value
            if any(gives(n) or getattr(n, "id", None) in results - names for n in ast.walk(source)):
                bound = part.targets if isinstance(part, ast.Assign) else [part.target]
                found = (n for target in bound for n in ast.walk(target))
                results |= {n.id for n in found if isinstance(n, ast.Name)}
    for part in parts:
        changed = None if isinstance(part, ast.Name) else _changed(part)
        if isinstance(part, ast.AugAssign):
            changed = _root(part.target)
        handed = isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
        if handed and not hasattr(builtins, part.func.id):  # type: ignore[attr-defined]
            given = [a.value if isinstance(a, ast.Starred) else a for a in part.args]  # type: ignore[attr-defined]
            if any(gives(a) or getattr(a, "id", None) in results for a in given):
                changed = next(iter(results))
        if changed in results:
            lowering.error(
                "a list that a function with a cache returned, and that is changed or handed on, "
                "is not supported",
                part,
                "take the cache away, or copy the list: list(…)",
            )


#: What makes a list, a dict or a set.
_MUTABLE = (ast.List, ast.ListComp, ast.Dict, ast.DictComp, ast.Set, ast.SetComp)


#: Functions that make one.
_MAKERS = ("list", "dict", "set", "sorted", "deque", "defaultdict", "Counter", "copy", "deepcopy")


def _returned(definition: ast.AST) -> list[ast.expr]:
    """What a function gives."""
    if isinstance(definition, ast.Lambda):
        return [definition.body]
    return [n.value for n in ast.walk(definition) if isinstance(n, ast.Return) and n.value]


def _may_change(value: ast.expr, definition: ast.AST, met: frozenset[str] = frozenset()) -> bool:
    """Whether what an expression gives may be a list, a dict or a set, as far as the text tells."""
    match value:
        case ast.IfExp():
            parts = [value.body, value.orelse]
        case ast.BoolOp():
            parts = value.values
        case ast.BinOp():
            parts = [value.left, value.right]
        case ast.Name(id=name) if name not in met:
            found = [n for n in ast.walk(definition) if isinstance(n, ast.Assign)]
            parts = [n.value for n in found if name in {getattr(t, "id", "") for t in n.targets}]
            met |= {name}
        case ast.Call(func=ast.Name(id=name)):
            return name in _MAKERS or not (hasattr(builtins, name) or name == _name(definition))
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _MAKERS
        case _:
            return isinstance(value, _MUTABLE)
    return any(_may_change(part, definition, met) for part in parts)


def _name(definition: ast.AST) -> str:
    return getattr(definition, "name", "")


def _changed(part: ast.AST) -> str | None:
    """The name of what a part of the text changes."""
    if isinstance(part, ast.Name):
        return None if isinstance(part.ctx, ast.Load) else part.id
    if isinstance(part, ast.Subscript | ast.Attribute):
        return None if isinstance(part.ctx, ast.Load) else _root(part)
    if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
        return _root(part.func) if part.func.attr in _CHANGING else None
    return None


def change_outside(definition: ast.AST) -> ast.expr | ast.stmt | None:
    """The first part of a function that does more than compute; None where there is none."""
    parts = list(ast.walk(definition))
    own = {n.id for n in parts if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for part in parts:
        if isinstance(part, ast.Nonlocal | ast.Global):
            return part
        changed = None if isinstance(part, ast.Name) else _changed(part)
        if changed is not None and changed not in own:
            assert isinstance(part, ast.expr)
            return part
        if isinstance(part, ast.Call):
            root = _root(part.func)
            if root in _DIFFERENT_EVERY_TIME and root not in own:
                return part
    return None


def _root(node: ast.expr) -> str | None:
    """The name at which what is read or changed begins."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None
