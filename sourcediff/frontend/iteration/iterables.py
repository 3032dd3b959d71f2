"""Objects that say by ``__iter__`` what going through them gives.

``for p in path`` is ``for p in path.points`` where ``__iter__`` returns ``iter(self.points)``.
"""

from __future__ import annotations

from sourcediff.frontend.containers.mappings import keys_in_order
from sourcediff.frontend.iteration.placed import is_placed, items_of, rest_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved_objects import special_method
from sourcediff.frontend.values import Binding, Dissolved
from sourcediff.ir import Value

__all__ = ["iterated"]


def iterated(lowering: Lowering, binding: Binding) -> Binding:
    """What a loop goes through, where that is an object with an ``__iter__``; else the same."""
    if not lowering.faithful and isinstance(binding, Value) and binding.type.kind == "Dict":
        return keys_in_order(lowering, binding)
    if not isinstance(binding, Dissolved) or binding.cls is dict:
        return binding
    if is_placed(binding):
        return rest_of(lowering, binding)
    method = special_method(lowering, binding, "__iter__")
    if method is None:
        return binding
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
