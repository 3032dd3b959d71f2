"""Whether what a call is given is one object in two places, where the code changes some of it.

Compiled code takes what is handed in for as many objects as there are places. Where none is
changed nobody can tell; where one is, the places must be apart.

>>> row = [1.0, 2.0]
>>> shared([row, [3.0]]), shared([[row, row]])
(None, [1.0, 2.0])
>>> common([row, [3.0]], [{"x": row}])
[1.0, 2.0]
"""

from __future__ import annotations

import enum
import sys
import types as python_types
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sourcediff.flow import functions_reached
from sourcediff.frontend.primitives import LOAD
from sourcediff.frontend.reflect import attributes_in, is_numpy_array
from sourcediff.frontend.values import Ref
from sourcediff.ir import Function, Op, walk

__all__ = ["common", "require_distinct", "require_own", "shared"]

#: Makes the error of a message and of help.
Refuse = Callable[[str, str], Exception]

_CODE = (
    type,
    python_types.ModuleType,
    python_types.FunctionType,
    python_types.BuiltinFunctionType,
    python_types.MethodType,
)
#: What most lists are full of.
_FLAT = frozenset([float, int, bool, str, type(None)])
_PLAIN = (enum.Enum, int, float, complex, str, bytes, type(None), range, frozenset, *_CODE)


def require_own(function: Function, values: Sequence[Any], name: str, refuse: Refuse) -> None:
    """Refuse an argument that is a variable outside, too, of a function that changes some.

    Args:
        function: as it was lowered.
        values: its arguments.
        name: what the user calls it.
        refuse: makes the error.
    """
    found = common(values, outside(function))
    if found is not None:
        raise _shared_error(found, name, "its arguments and the variables outside", refuse)


def require_distinct(function: Function, values: Sequence[Any], name: str, refuse: Refuse) -> None:
    """Refuse one object in two places, of a function that changes some; as `require_own`."""
    found = shared([*values, *found_outside(function)])
    if found is not None:
        raise _shared_error(found, name, "its arguments, or of the variables outside", refuse)


def _shared_error(found: Any, name: str, places: str, refuse: Refuse) -> Exception:
    return refuse(
        f"{name}() changes what it is given, and the same {type(found).__name__} is in "
        f"two places of {places}",
        "pass a copy in one of them",
    )


def shared(values: Sequence[Any]) -> Any:
    """A list, dict or object that is in two places of `values`, or None."""
    return _met(values, set(), [])


def common(values: Sequence[Any], others: Sequence[Any]) -> Any:
    """A list, dict or object in `values` that is also in `others`, or None."""
    seen: set[int] = set()
    arrays: list[Any] = []
    pending = list(others)
    while pending:
        item = pending.pop()
        if id(item) not in seen:
            seen.add(id(item))
            if is_numpy_array(item):
                arrays.append(item)
            pending += held_by(item)
    return _met(values, seen, arrays, each=False)


def _met(values: Sequence[Any], seen: set[int], arrays: list[Any], each: bool = True) -> Any:
    """What is in `values` and was seen, or is a view of an array that was; None if nothing is.

    Args:
        each: whether what is in `values` counts as seen from then on.
    """
    pending = list(values)
    done: set[int] = set()
    while pending:
        item = pending.pop()
        if isinstance(item, _PLAIN):
            continue
        if not isinstance(item, tuple):
            if id(item) in seen:
                return item
            if id(item) in done:
                continue
            (seen if each else done).add(id(item))
        if is_numpy_array(item):
            if any(sys.modules["numpy"].may_share_memory(item, other) for other in arrays):
                return item
            if each:
                arrays.append(item)
        pending += held_by(item)
    return None


def held_by(item: Any) -> list[Any]:
    """What a structure holds, numbers left out."""
    if isinstance(item, list | tuple | deque):
        found = list(item)
    elif isinstance(item, dict):
        found = list(item.values())
    elif hasattr(item, "dtype"):
        return []
    else:
        found = list(attributes_in(item).values())
    if _FLAT.issuperset(map(type, found)):
        return []
    return [part for part in found if not isinstance(part, _PLAIN)]


def outside(function: Function) -> list[Any]:
    """The objects by way of which a function reads what lies outside of it."""
    refs = [op.attribute for op in _loads(function)]
    return [found for ref in refs for found in _on_the_way(ref)]


def found_outside(function: Function) -> list[Any]:
    """What a function reads that lies outside of it, once for each way to it."""
    refs = {op.attribute.key: op.attribute for op in _loads(function)}
    found = [next(_on_the_way(ref), None) for ref in refs.values()]
    return [item for item in found if item is not None]


def _loads(function: Function) -> Iterator[Op]:
    for reached in functions_reached(function)[0]:
        yield from (op for op in walk(reached.body) if op.primitive is LOAD)


def _on_the_way(ref: Ref) -> Iterator[Any]:
    for length in range(len(ref.names), 0, -1):
        try:
            found = Ref(ref.root, ref.where, ref.names[:length]).read()
        except (LookupError, AttributeError, ValueError):
            return
        if not isinstance(found, _PLAIN):
            yield found
