"""Objects that say by ``__iter__`` what going through them gives.

``for p in path`` is ``for p in path.points`` where ``__iter__`` returns ``iter(self.points)``.
"""

from __future__ import annotations

from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved_objects import special_method
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.frontend.values import Binding, Dissolved
from sourcediff.ir import Value

__all__ = ["iterated"]


def iterated(lowering: Lowering, binding: Binding) -> Binding:
    """What a loop goes through, where that is an object with an ``__iter__``; else the same."""
    if not isinstance(binding, Dissolved) or binding.cls is dict:
        return binding
    method = special_method(lowering, binding, "__iter__")
    if method is None:
        return binding
    from sourcediff.frontend.calls.calls import call

    found = call(lowering, method, [], {}, lowering.node)
    if isinstance(found, Dissolved):
        lowering.error(
            f"a loop over a {binding.cls.__name__}, which is an iterator, is not supported",
            help="let __iter__ return iter() of a list",
        )
    last = lowering.ops[-1] if lowering.ops else None
    if isinstance(found, Value) and last is not None and found in last.results:
        if last.primitive is PURE_CALL and last.attribute.function is iter:
            (whole,) = last.args
            if isinstance(whole, Value) and whole.type.kind == "List":
                lowering.ops.pop()
                return whole
    return found
