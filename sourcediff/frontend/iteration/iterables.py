"""Objects that say by ``__iter__`` what going through them gives.

``for p in path`` is ``for p in path.points`` where ``__iter__`` returns ``iter(self.points)``.
"""

from __future__ import annotations

import ast
import types as python_types

from sourcediff.frontend.containers.mappings import keys_in_order
from sourcediff.frontend.iteration.placed import is_placed, items_of, rest_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved_objects import (
    attribute_of_known,
    is_generated,
    relied_on,
    special_method,
)
from sourcediff.frontend.source import source_of
from sourcediff.frontend.values import Binding, Columns, Dissolved, Grouped, Tup
from sourcediff.ir import Value

__all__ = ["iterated"]


def iterated(lowering: Lowering, binding: Binding) -> Binding:
    """What a loop goes through, where that is an object with an ``__iter__``; else the same."""
    if not lowering.faithful and isinstance(binding, Value) and binding.type.kind == "Dict":
        return keys_in_order(lowering, binding)
    if isinstance(binding, Grouped):
        from sourcediff.frontend.containers.grouped import keys_of_groups

        return keys_of_groups(lowering, binding)
    if not isinstance(binding, Dissolved) or binding.cls is dict:
        return binding
    if is_placed(binding):
        return rest_of(lowering, binding)
    method = special_method(lowering, binding, "__iter__")
    if method is None:
        return _by_item(lowering, binding) or binding
    from sourcediff.frontend.calls.calls import call

    found = call(lowering, method, [], {}, lowering.node)
    if is_placed(found):
        return items_of(lowering, found)
    if isinstance(found, Dissolved):
        lowering.error(
            f"a loop over a {binding.cls.__name__}, which is an iterator, is not supported",
            help="let __iter__ return iter() of a list",
        )
    return found


def _by_item(lowering: Lowering, whole: Dissolved) -> Binding | None:
    """What ``__getitem__`` reads its items from, for a class without an ``__iter__``.

    Python asks it for one item after the other, until there is none.
    """
    found = relied_on(lowering, whole.cls, "__getitem__")
    if not isinstance(found, python_types.FunctionType) or is_generated(found):
        return None
    node = source_of(found).node
    statements = node.body if isinstance(node, ast.FunctionDef) else []
    match [s for s in statements if not isinstance(s, ast.Expr)]:
        case [ast.Return(ast.Subscript(ast.Attribute(ast.Name(own), field), ast.Name(index)))]:
            assert isinstance(node, ast.FunctionDef)
            if [own, index] != [arg.arg for arg in node.args.args]:
                return None
            items = attribute_of_known(lowering, whole, field)
            return items if _is_list(items) else None
    return None


def _is_list(binding: Binding) -> bool:
    if isinstance(binding, Value):
        return binding.type.kind == "List"
    return isinstance(binding, Columns) or (
        isinstance(binding, Tup) and binding.cls in (list, tuple)
    )
