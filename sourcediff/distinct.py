"""Whether what a call is given is one object in two places, where the code changes some of it.

Compiled code takes what is handed in for as many objects as there are places. Where none is
changed nobody can tell; where one is, the places must be apart.

>>> row = [1.0, 2.0]
>>> shared([row, [3.0]], []), shared([[row, row]], [])
(None, [1.0, 2.0])
"""

from __future__ import annotations

import sys
import types as python_types
from collections.abc import Iterator, Sequence
from typing import Any

from sourcediff.frontend.primitives import LOAD
from sourcediff.frontend.reflect import attributes_in, is_numpy_array
from sourcediff.frontend.values import Ref
from sourcediff.ir import Function, walk

__all__ = ["outside", "shared"]

_CODE = (
    type,
    python_types.ModuleType,
    python_types.FunctionType,
    python_types.BuiltinFunctionType,
    python_types.MethodType,
)
_PLAIN = (int, float, complex, str, bytes, type(None), range, frozenset, *_CODE)


def shared(values: Sequence[Any], others: Sequence[Any]) -> Any:
    """A list, dict or object that is in two places of `values`, or is one of `others`, or None."""
    seen = {id(other) for other in others}
    arrays = list(filter(is_numpy_array, others))
    pending = list(values)
    while pending:
        item = pending.pop()
        if isinstance(item, _PLAIN):
            continue
        if not isinstance(item, tuple):
            if id(item) in seen:
                return item
            seen.add(id(item))
        if is_numpy_array(item):
            if any(sys.modules["numpy"].may_share_memory(item, other) for other in arrays):
                return item
            arrays.append(item)
        pending += held_by(item)
    return None


def held_by(item: Any) -> list[Any]:
    """What a structure holds, numbers left out."""
    if isinstance(item, list | tuple):
        found = list(item)
    elif isinstance(item, dict):
        found = list(item.values())
    elif hasattr(item, "dtype"):
        return []
    else:
        found = list(attributes_in(item).values())
    return [part for part in found if not isinstance(part, _PLAIN)]


def outside(function: Function) -> list[Any]:
    """The objects by way of which a function reads what lies outside of it."""
    refs = [op.attribute for op in walk(function.body) if op.primitive is LOAD]
    return [found for ref in refs for found in _on_the_way(ref)]


def _on_the_way(ref: Ref) -> Iterator[Any]:
    for length in range(len(ref.names), 0, -1):
        try:
            found = Ref(ref.root, ref.where, ref.names[:length]).read()
        except (LookupError, AttributeError, ValueError):
            return
        if not isinstance(found, _PLAIN):
            yield found
