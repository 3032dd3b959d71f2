"""Arrays without axes, which are numbers here.

``np.zeros(())``, ``np.array(0.0)`` and ``x[..., 0]`` of an array of one axis give no number but an
array without axes: ``t += s`` changes it in place, and with it whatever else is called so. The last
one looks at a place of `x`. It makes no difference as long as nothing is written where another name
would see it; that is required here, and of what `x` holds in `sourcediff.transform.arrays.reads`.

A name that is bound to one somewhere is noted in the memo, so that it is known in loops that bind
it later.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from sourcediff import types
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.objects.outside import Outside
from sourcediff.frontend.values import Binding, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.types import rank_of

__all__ = [
    "ELEMENT",
    "VIEWS_OF_ONE",
    "note_bound",
    "note_without_axes",
    "place_of_one",
    "require_apart",
]

#: The attribute of a subscript that gives an array without axes, a view of one place.
ELEMENT = "element"
#: What gives an array without axes where it gives something of rank 0: a view, or a new one.
VIEWS_OF_ONE = ("squeeze", "reshape", "broadcast_to", "transpose", "asarray", "ascontiguousarray")
_NEW = (
    *("array", "zeros", "ones", "empty", "full", "copy", "astype"),
    *("zeros_like", "ones_like", "empty_like", "full_like"),
)
#: What may be done with such an array, which gives a number or an array apart from it.
_APART = ("shape", "ndim", "size", "dtype", "item", "copy", "sum", "mean", "tolist", "astype")
_CALLS = ("float", "int", "abs", "round", "print", "repr", "str", "format", "min", "max", "bool")


def place_of_one(lowering: Outside, whole: Atom, index: Binding) -> Binding | None:
    """Of ``x[..., 0]`` that names one place: the index of that place; None for any other index.

    What the index gives in NumPy is a view. A number is read, and written, as ``x[0]``.
    """
    parts = _parts(lowering, index)
    if parts is None or not any(map(_is_ellipsis, parts)):
        return None
    rest = [part for part in parts if not _is_ellipsis(part)]
    plain = all(isinstance(p, Value | Const) and types.is_number(p.type) for p in rest)
    if not plain or len(rest) != rank_of(whole.type):
        return None
    return rest[0] if len(rest) == 1 else Tup(rest)


def _parts(lowering: Outside, index: Binding) -> list[Binding] | None:
    if isinstance(index, Tup):
        return list(index.items) if index.cls is tuple else None
    if not isinstance(index, Value) or index.type.kind != "Tuple":
        return None
    made = next((op for op in reversed(lowering.ops) if index in op.results), None)
    is_display = made is not None and made.primitive.name == "tuple" and made.attribute is not list
    return list(made.args) if made is not None and is_display else None


def _is_ellipsis(part: Binding) -> bool:
    return isinstance(part, Const) and part.value is ...


def note_without_axes(lowering: Outside, name: str, result: Binding) -> None:
    """Note what a call of NumPy gives, if that is an array without axes."""
    is_view = name in VIEWS_OF_ONE
    if isinstance(result, Value) and types.is_number(result.type) and (is_view or name in _NEW):
        lowering.without_axes[result] = is_view


def note_bound(lowering: Outside, owner: Frame, name: str, binding: Binding) -> None:
    """Note that a name is bound to an array without axes, if it is.

    Raises:
        Widened: that was not known, and the name is one that is changed in place.
    """
    if not isinstance(binding, Value) or binding not in lowering.without_axes:
        return
    key = (owner.node, name)
    is_view = lowering.without_axes[binding]
    if lowering.memo.without_axes.get(key, False) >= is_view and key in lowering.memo.without_axes:
        return
    lowering.memo.without_axes[key] = is_view
    if any(_updates(owner.node, name)):
        raise types.Widened


def require_apart(lowering: Outside, node: ast.AugAssign, old: Binding) -> None:
    """Refuse ``t += s`` where it changes an array without axes that has another name."""
    target = node.target
    key = None
    if not isinstance(target, ast.Name) and isinstance(old, Value) and types.is_number(old.type):
        lowering.update_part(target.attr if isinstance(target, ast.Attribute) else None, node)
    if isinstance(target, ast.Name):
        owner = lowering.frame.owner(target.id)
        key = None if owner is None else (owner.node, target.id)
    is_view = lowering.memo.without_axes.get(key) if key is not None else None
    if isinstance(old, Value) and old in lowering.without_axes:
        is_view = bool(is_view) or lowering.without_axes[old] or not isinstance(target, ast.Name)
    if is_view is None:
        return
    assert isinstance(target, ast.Name) or is_view
    if is_view or (key is not None and any(_others(*key))):
        lowering.error(
            "an array without axes that has another name is changed in place here",
            node,
            "start from a number, 0.0, or write t = t + …",
        )


def _updates(within: ast.AST, name: str) -> Iterator[ast.AST]:
    for node in ast.walk(within):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            if node.target.id == name:
                yield node


def _others(within: ast.AST, name: str) -> Iterator[ast.AST]:
    """Where what a name is bound to may get another name."""
    for parent in ast.walk(within):
        if isinstance(parent, ast.FunctionDef | ast.Lambda) and parent is not within:
            yield from (n for n in ast.walk(parent) if _reads(n, name))
        for child in ast.iter_child_nodes(parent):
            if _reads(child, name) and not _is_apart(parent, child):
                yield child


def _reads(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)


def _is_apart(parent: ast.AST, child: ast.AST) -> bool:
    """Whether an expression around a name makes something else of what it is bound to."""
    if isinstance(parent, ast.Attribute):
        return parent.attr in _APART
    if isinstance(parent, ast.Call):
        function = parent.func
        while isinstance(function, ast.Attribute):
            function = function.value
        names = ("np", "numpy", "math", *_CALLS)
        return isinstance(function, ast.Name) and function.id in names
    expressions = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Return, ast.AugAssign, ast.Expr)
    return isinstance(parent, (*expressions, ast.FormattedValue))
