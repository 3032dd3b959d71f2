"""Lowering of what every named tuple has: ``_replace``, ``_asdict``, ``_make``.

>>> from collections import namedtuple
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> Point = namedtuple("Point", "x y")
>>> def f(x):
...     p = Point(x, x)._replace(y=1.0)
...     return p.x * p.y
>>> print(lower_function(f, {"x": REAL}))
f(x: Real):
    %1 = mul x 1.0
    yield %1
"""

from __future__ import annotations

import collections
import types as python_types
from typing import Any

from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import make_record
from sourcediff.frontend.values import Binding, Static, Tup

__all__ = ["call_on_named_tuple", "is_of_named_tuple"]


def is_of_named_tuple(found: Any) -> bool:
    """Whether a function is one of those that `namedtuple` writes."""
    return (
        isinstance(found, python_types.FunctionType)
        and found.__module__ == collections.__name__
        and found.__name__ in ("_replace", "_asdict", "_make")
        and found.__qualname__.count(".") == 1
    )


def call_on_named_tuple(
    lowering: Lowering, name: str, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding | None:
    """What the function gives; None where it is called on something else."""
    whole, *others = args
    if name == "_make":
        cls = whole.object if isinstance(whole, Static) else None
        if len(others) != 1 or kwargs or not isinstance(others[0], Tup):
            lowering.error(f"{name}() of this is not supported here", help="call the class")
        from sourcediff.frontend.calls.calls import call

        return call(lowering, Static(cls), list(others[0].items), {}, lowering.node)
    fields = getattr(whole.cls, "_fields", None) if isinstance(whole, Tup) else None
    if fields is None or others:
        return None
    assert isinstance(whole, Tup)
    held = dict(zip(fields, whole.items, strict=True))
    if name == "_asdict":
        return make_record(lowering, held.items())
    unknown = next((key for key in kwargs if key not in held), None)
    if unknown is not None:
        lowering.error(f"a {whole.cls.__name__} has no field {unknown!r}: _replace() raises")
    return Tup(list({**held, **kwargs}.values()), whole.cls, whole.ref)
