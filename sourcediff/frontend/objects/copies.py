"""Copies of lists and objects, where derivatives are made: ``copy.copy(x)``, ``copy.deepcopy(x)``.

A copy of a list of numbers is ``xs.copy()``, one of a list of lists ``[row[:] for row in rows]``.
An object and what it holds are copied field by field; what is met twice stays one.

>>> import copy
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(xs):
...     ys = copy.deepcopy(xs)
...     return sum(ys)
>>> print(lower_function(f, {"xs": list_of(Slot(REAL))}))
f(xs: List[Real]):
    ys = query xs [copy]
    %1 = pure_call ys [builtins.sum]
    yield %1
"""

from __future__ import annotations

from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.numpy_entered import enter_definition
from sourcediff.frontend.containers.containers import make_list
from sourcediff.frontend.control.joins import objects_in
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import fields_of, name_after
from sourcediff.frontend.objects.places import is_pooled
from sourcediff.frontend.values import Binding, Dissolved, Method, Tup
from sourcediff.ir import Region, Value, walk
from sourcediff.memory import LIST, OPERATE
from sourcediff.rules.list_definitions import copied_blocks, copied_rows
from sourcediff.types import Slot

__all__ = ["copy_of", "deep_copy"]


def copy_of(lowering: Lowering, whole: Binding, deep: bool) -> Binding | None:
    """A copy of a list; None for anything else."""
    if isinstance(whole, Tup) and whole.cls is list:
        return deep_copy(lowering, whole, {}) if deep else _list(lowering, list(whole.items))
    if not isinstance(whole, Value):
        return None
    return _copied_deeply(lowering, whole) if deep else _copied_list(lowering, whole)


def _copied_list(lowering: Lowering, whole: Value) -> Binding | None:
    """A copy of a list, which shares the items; None for what is no plain list."""
    from sourcediff.frontend.calls.calls import call

    if whole.type.kind not in ("List", "Array") or whole.type.cls is not None:
        return None
    return call(lowering, Method(whole, "copy"), [], {}, lowering.node)


def _copied_deeply(lowering: Lowering, whole: Value) -> Binding | None:
    """A copy of a list with all that is in it; None for what is no plain list."""
    if whole.type.kind not in ("List", "Array") or whole.type.cls is not None:
        return None
    item = whole.type.slots["element"].read()
    if types.is_number(item) or whole.type.kind == "Array":
        return _copied_list(lowering, whole)
    copied: tuple[Any, ...] = (copied_rows, copied_blocks)
    while copied and item.kind == "List" and item.cls is None:
        item = item.slots["element"].read()
        if types.is_number(item):
            _require_apart(lowering, whole)
            assert lowering.node is not None
            return enter_definition(lowering, copied[0], [whole], {}, lowering.node)
        copied = copied[1:]
    return None


def _require_apart(lowering: Lowering, whole: Value) -> None:
    """Refuse what may hold one list twice: so would its copy."""
    stored = any(_is_stored_into(lowering, slot) for slot in _slots_of_lists(whole.type))
    if lowering.loops or whole not in lowering.handed_in or stored:
        lowering.error(
            "copy.deepcopy() of a list of lists is supported for those that are handed in only, "
            "before any loop: one list may stand in it twice, and would in the copy",
            help="write it as [row[:] for row in rows]",
        )
    # The entry sees to it that what is handed in has no list twice.
    lowering.changes_given = True


def _slots_of_lists(kind: types.Type) -> list[Slot]:
    """The slots of a list of lists in which lists stand, to any depth."""
    slot = kind.slots["element"]
    inner = slot.read()
    return [slot, *_slots_of_lists(inner)] if inner.kind == "List" else []


def _is_stored_into(lowering: Lowering, slot: Slot) -> bool:
    ops = walk(Region(lowering.ops, None))
    return any(
        op.primitive.writes
        and op.args[0].type.kind == "List"
        and op.args[0].type.slots["element"].root is slot.root
        for op in ops
    )


def deep_copy(lowering: Lowering, binding: Binding, known: dict[Any, Binding]) -> Binding:
    """A copy of an object and of the objects in it; what is met twice stays one."""
    from sourcediff.frontend.objects.construct import copied

    key = id(binding)
    if key in known:
        return known[key]
    _require_no_places(lowering, binding)
    if isinstance(binding, Value) and types.is_memory(binding.type):
        _require_one(lowering, binding, known)
        made = _copied_deeply(lowering, binding)
        if made is None:
            lowering.error("copy.deepcopy() of what holds such an object is not supported here")
        known[key] = made
    elif isinstance(binding, Tup):
        items = [_part(lowering, place, item, known) for place, item in enumerate(binding.items)]
        known[key] = _list(lowering, items) if binding.cls is list else Tup(items, binding.cls)
    elif isinstance(binding, Dissolved):
        whole = known[key] = copied(lowering, binding)
        for field, item in fields_of(lowering, binding).items():
            inner = _part(lowering, field, item, known)
            name_after(lowering, inner, whole.hint(field))
            lowering.variables.set((whole, field), inner)
    elif any(True for _ in objects_in(binding)):
        lowering.error("copy.deepcopy() of what holds a method is not supported here")
    else:
        return binding
    return known[key]


def _require_no_places(lowering: Lowering, binding: Binding) -> None:
    """Refuse objects that lead to others which only the run knows: those are copied, too."""
    held = [binding] if not is_pooled(binding) else list(binding.columns.lists)  # type: ignore[union-attr]
    kinds = [value.type for value in held if isinstance(value, Value)]
    if is_pooled(binding):
        kinds = [part for kind in kinds for part in [kind.slots["element"].type]]
        kinds = [kind for kind in kinds if types.is_memory(kind) or types.holds("Place", [kind])]
    elif not types.holds("Place", kinds):
        return
    if kinds:
        lowering.error("copy.deepcopy() of objects that lead to others is not supported here")


def _require_one(lowering: Lowering, whole: Value, known: dict[Any, Binding]) -> None:
    """Refuse a list that may be one which was met before, by another way."""
    if whole in lowering.handed_in:
        lowering.changes_given = True  # the entry sees to it
    elif any(isinstance(b, Value) for b in known.values()) and not _is_made(lowering, whole):
        lowering.error(
            "copy.deepcopy() of what holds several lists is not supported here: two of them may "
            "be one",
            help="copy them one by one",
        )


def _is_made(lowering: Lowering, whole: Value) -> bool:
    """Whether a value is a new list where it is defined."""
    ops = walk(Region(lowering.ops, None))
    made = next((op for op in ops if whole in op.results), None)
    return made is not None and made.primitive in (LIST, OPERATE)


def _part(lowering: Lowering, place: Any, binding: Binding, known: dict[Any, Binding]) -> Binding:
    """A copy of what something holds at a place: a list that is made there is another one."""
    path, lowering.path = lowering.path, (*lowering.path, place)
    try:
        return deep_copy(lowering, binding, known)
    finally:
        lowering.path = path


def _list(lowering: Lowering, items: list[Binding]) -> Binding:
    assert lowering.node is not None
    made = lowering.known_list(lowering.node, items)
    if made.site in lowering.memo.written:
        return make_list(lowering, lowering.node, items)
    return made
