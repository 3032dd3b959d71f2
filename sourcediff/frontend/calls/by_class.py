"""Calls of functions that `functools.singledispatch` decorates: the one for the class, if known.

The class of the first argument tells, as it is known while the function is lowered::

    @area.register
    def _(shape: Circle): ...

    area(Circle(r))  →  that function, while nothing else is registered
"""

from __future__ import annotations

import ast
import functools
import types as python_types
from typing import Any

from sourcediff import types
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Columns, Dissolved, Ref, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.rules.container_definitions import STANDS_FOR

__all__ = ["dispatched"]

_WRAPPER = functools.singledispatch(abs).__code__  # type: ignore[attr-defined]
_CONTAINERS = {"List": list, "Dict": dict, "Record": dict, "Tuple": tuple, "Str": str}


def dispatched(
    lowering: Lowering, found: Any, args: list[Binding], node: ast.AST | None
) -> Static | None:
    """The function that such a call goes to; None where the function is no such one."""
    if not isinstance(found, python_types.FunctionType) or found.__code__ is not _WRAPPER:
        return None
    chosen = {found.dispatch(cls) for cls in _classes(args[0])} if args else set()  # type: ignore[attr-defined]
    if len(chosen) != 1:
        lowering.error(
            "a call of a function that goes by the class of its argument, which only the run "
            "knows, is not supported",
            node,
            "ask for the class: isinstance(…)",
        )
    registry = found.registry  # type: ignore[attr-defined]
    lowering.rely_on(Ref("length", registry, ("length",)), len(registry))
    for cls, function in registry.items():
        lowering.rely_on(Ref("item", registry, (cls,)), function)
    return Static(chosen.pop())


def _classes(subject: Binding) -> tuple[type, ...]:
    """The classes that an argument may have; none where that is not known."""
    if isinstance(subject, Tup | Dissolved):
        return (STANDS_FOR.get(subject.cls, subject.cls),)
    if isinstance(subject, Columns):
        return (list,)
    if isinstance(subject, Const):
        return (type(subject.value),)
    if not isinstance(subject, Value):
        return ()
    kind = subject.type
    if types.is_number(kind) and kind.kind != "Optional":
        return (float, int, bool)
    if kind.kind in ("Instance", "Object") and kind.cls is not None:
        return (kind.cls,)
    known = _CONTAINERS.get(kind.kind)
    return () if known is None else (kind.cls or known,)
