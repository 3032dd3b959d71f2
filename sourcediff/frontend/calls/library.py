"""Calls of Python's library that are entered by their definition: `statistics`, `heapq`.

>>> import statistics
>>> from sourcediff import grad
>>> def f(xs):
...     return statistics.median_low(xs)
>>> grad(f)([2.0, 3.0, 1.0])
[1.0, 0.0, 0.0]
"""

from __future__ import annotations

import ast

from sourcediff import types
from sourcediff.frontend.arrays.numpy_entered import enter_definition
from sourcediff.frontend.calls.callables import is_hashable
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.heaps import call_on_heap
from sourcediff.frontend.values import Binding, Columns, Dissolved, Static, Stream, Tup
from sourcediff.ir import Const, Value

__all__ = ["call_library"]

#: The modules whose functions may have a definition.
_MODULES = frozenset({"statistics", "bisect", "_bisect", "heapq", "_heapq", "functools"})


def call_library(
    lowering: Lowering,
    function: Binding,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding | None:
    """Such a call; None for any other, and for one of what holds no real numbers."""
    if not isinstance(function, Static) or node is None:
        return None
    found = function.object
    if getattr(found, "__module__", None) not in _MODULES or not callable(found):
        return None
    heap = call_on_heap(lowering, function, args)
    if heap is not None:
        return heap
    from sourcediff.rules import library_definitions, total_orderings

    if not is_hashable(found):
        return None
    definition = library_definitions.DEFINITIONS.get(found)
    definition = definition or total_orderings.DEFINITIONS.get(found)
    if definition is None or not any(map(_holds_reals, args)):
        return None
    return enter_definition(lowering, definition, args, kwargs, node)


def _holds_reals(binding: Binding) -> bool:
    if isinstance(binding, Tup):
        return any(map(_holds_reals, binding.items))
    if isinstance(binding, Value | Const):
        return _is_real(binding.type)
    return isinstance(binding, Stream | Dissolved | Columns)


def _is_real(kind: types.Type) -> bool:
    return (
        kind is types.REAL
        or kind.kind == "Place"
        or any(map(_is_real, kind.items))
        or any(_is_real(s.read()) for s in kind.slots.values())
    )
