"""Objects that are handed in, as places in the pool of their class (see `pools`).

A list of objects that is handed in is a list for each of their attributes, made at the entry (see
`given_lists`). Where its class has a pool, these lists are the pool to begin with, and the argument
is a list of places: ``places = list(range(len(ps_x)))``. Single objects are put into the pool.
Nothing that happens to the pool happens to the objects of the caller; that none of them is handed
in twice is tested at the entry.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import Any

from sourcediff import types
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.places import key_of_list
from sourcediff.frontend.objects.pools import pooled
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Binding, Columns, Dissolved, Ref, Static, Tup
from sourcediff.ir import Value
from sourcediff.types import Slot

__all__ = ["given_in_pools"]


def given_in_pools(lowering: Lowering, binding: Binding) -> Binding:
    """What an argument is bound to, with the objects in it in the pools of their classes."""
    if not lowering.memo.pools:
        return binding
    if isinstance(binding, Tup):
        items = [given_in_pools(lowering, item) for item in binding.items]
        same = all(a is b for a, b in zip(items, binding.items, strict=True))
        return binding if same else Tup(items, binding.cls, binding.ref, binding.site)
    if isinstance(binding, Columns) and binding.shape[0] == "object":
        return _listed(lowering, binding) if binding.shape[1] in lowering.memo.pools else binding
    if not isinstance(binding, Dissolved):
        return binding
    held = {field: lowering.variables.get(binding, field) for field in binding.fields}
    for field, part in held.items():
        found = None if part is None else given_in_pools(lowering, part)
        if found is not part:
            lowering.variables.set((binding, field), found)
    if binding.given and binding.cls in lowering.memo.pools:
        _require_numbers(lowering, held.values())
        lowering.given_pools.add(binding.cls)
        lowering.changes_given = True
        return pooled(lowering, binding)
    return binding


def _require_numbers(lowering: Lowering, held: Iterable[Binding | None]) -> None:
    """Refuse objects that hold what can change: it is the caller's."""
    if any(isinstance(value, Value) and types.is_memory(value.type) for value in held):
        lowering.error("objects that are handed in and hold lists are not supported here")


def _listed(lowering: Lowering, columns: Columns) -> Binding:
    """A list of objects as one of places."""
    from sourcediff.frontend.calls.calls import call

    cls = columns.shape[1]
    _require_numbers(lowering, [Value(w.type.slots["element"].type) for w in columns.lists])
    if cls in lowering.given_pools or not columns.lists:
        lowering.error("two lists of objects of one class that are handed in are not supported")
    lowering.given_pools.add(cls)
    if lowering.memo.pools[cls] is None:
        lowering.memo.pools[cls] = columns.shape
        raise types.Widened
    for place, whole in enumerate(columns.lists):
        lowering.variables.set(key_of_list(lowering, cls, place), whole)
    lowering.changes_given = True

    def built_in(function: Any, argument: Binding) -> Binding:
        static = Static(function, Ref("module", builtins, (function.__name__,)))
        return call(lowering, static, [argument], {}, lowering.frame.node)

    places = built_in(range, built_in(len, columns.lists[0]))
    assert isinstance(places, Value)
    slot = lowering.memo.slots.setdefault(("given places", cls), Slot())
    slot.write(types.place_of(cls))
    spec = CallSpec(list, Ref("module", builtins, ("list",)))
    return lowering.emit(PURE_CALL, (places,), types.list_of(slot), attribute=spec, name="places")
