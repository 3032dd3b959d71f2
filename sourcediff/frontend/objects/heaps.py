"""Heaps of real numbers, or of tuples that hold such: what is in order, and what is differentiated.

How a heap moves its items about has no derivative, and an adjoint has no use for it: what matters
is which item comes out. So a heap holds beside each item its number, and what an item holds that
may be differentiated is kept in lists, by this number:

    heapq.heappush(heap, (x * x, name))       →     time = x * x
    time, name = heapq.heappop(heap)                heapq.heappush(heap, (time, name, len(times)))
                                                    times.append(time)
                                                    _, name, number = heapq.heappop(heap)
                                                    time = times[number]

Of items that are equal the one that was put there first comes out first.

>>> import heapq
>>> from sourcediff import grad
>>> def f(xs):
...     heap = []
...     for x in xs:
...         heapq.heappush(heap, x * x)
...     return heapq.heappop(heap)
>>> grad(f)([3.0, 2.0])
[0.0, 4.0]
"""

from __future__ import annotations

import ast
import builtins
import heapq
from collections.abc import Iterator
from typing import Any

from sourcediff import types
from sourcediff.frontend.calls.callables import is_hashable
from sourcediff.frontend.containers.containers import held, kept
from sourcediff.frontend.containers.rows import is_row
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.iteration.streams import mapped
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.columns import (
    LEAF,
    assembled,
    filled,
    holds_objects,
    leaves_of,
    paths_of,
    shape_of,
)
from sourcediff.frontend.objects.places import as_place, class_of
from sourcediff.frontend.objects.tuple_columns import is_mixed, register_rows
from sourcediff.frontend.primitives import PURE_CALL, UNPACK, CallSpec
from sourcediff.frontend.values import Binding, Columns, Heap, Ref, Static, Stream, Tup
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import KEY, LIST, METHOD_OF, SUBSCRIPT, MethodSpec
from sourcediff.types import Slot, Type

__all__ = [
    "add_to_heap",
    "call_on_heap",
    "item_of_heap",
    "items_of_heap",
    "made_heap",
    "method_of_heap",
]

#: The functions that change a heap, and whether they give an item of it.
_FUNCTIONS: dict[Any, bool] = {
    heapq.heappush: False,
    heapq.heappop: True,
    heapq.heapify: False,
    heapq.heapreplace: True,
    heapq.heappushpop: True,
}
NOTHING = Const(None, types.NONE)
APPEND = MethodSpec("append", writes=True)


def call_on_heap(lowering: Lowering, function: Static, args: list[Binding]) -> Binding | None:
    """``heapq.heappush(heap, item)`` and its kind; None where it is no heap of this kind.

    Raises:
        Widened: it was taken for a list: to be lowered again.
    """
    takes = _FUNCTIONS.get(function.object) if is_hashable(function.object) else None
    if takes is None or not args or lowering.memo.keeps_groups or lowering.faithful:
        return None
    whole = args[0]
    if not isinstance(whole, Heap):
        _register(lowering, whole, args[1:])
        return _call_on_constants(lowering, function, lowering.in_memory(whole), args[1:])
    entries = [_entry(lowering, whole, item) for item in args[1:]]
    spec = _spec_of(function)
    operands = (whole.order, *(entry for entry, _ in entries))
    if not takes:
        lowering.effect(METHOD_OF, operands, attribute=spec)
        for _, leaves in entries:
            _keep(lowering, whole, leaves)
        return NOTHING
    kind = whole.order.type.slots["element"].read()
    taken = lowering.emit(METHOD_OF, operands, kind, attribute=spec)
    for _, leaves in entries:
        _keep(lowering, whole, leaves)
    return _item_at(lowering, whole, taken)


def _spec_of(function: Static) -> MethodSpec:
    name = function.object.__name__
    called = CallSpec(function.object, Ref("module", heapq, (name,)))
    return MethodSpec(name, writes=True, function=called)


def _call_on_constants(
    lowering: Lowering, function: Static, whole: Binding, items: list[Binding]
) -> Binding | None:
    """The same of a heap that holds no real numbers: it stays a list. None for any other."""
    if not isinstance(whole, Value) or whole.type.kind != "List":
        return None
    slot = whole.type.slots["element"]
    if not all(map(_is_plain, items)):
        return None
    atoms = [kept(lowering, item) for item in items]
    if any(map(_varies, (slot.type, *(atom.type for atom in atoms)))):
        return None
    for atom in atoms:
        lowering.put(slot, atom.type, "this heap")
    if not _FUNCTIONS[function.object]:
        lowering.effect(METHOD_OF, (whole, *atoms), attribute=_spec_of(function))
        return NOTHING
    taken = (whole, *atoms)
    return held(
        lowering, lowering.emit(METHOD_OF, taken, slot.read(), attribute=_spec_of(function))
    )


def _is_plain(item: Binding, within: bool = False) -> bool:
    """Whether an item is a number or a text, or a tuple of such: no object, which has its order.

    Within a tuple it may be an object by its place (see `settle_places`).
    """
    if isinstance(item, Tup):
        return item.cls not in (list, complex) and all(_is_plain(part, True) for part in item.items)
    if isinstance(item, Static):
        return item.is_member
    return isinstance(as_place(item), Value | Const) and (within or class_of(item) is None)


def _varies(kind: Type) -> bool:
    """Whether something that may be differentiated, or can change, is in what is of a type."""
    if types.varies(kind) or types.is_memory(kind) or kind.kind == "Place":
        return True
    return any(map(_varies, kind.items))


def _register(lowering: Lowering, whole: Binding, items: list[Binding]) -> None:
    """Note that a list is a heap."""
    memo = lowering.memo
    whole = lowering.in_memory(whole)
    if isinstance(whole, Columns):
        if not whole.given and not holds_objects(whole.shape):
            _note(lowering, whole.slot, whole.shape)
        return
    if not isinstance(whole, Value) or whole.type.kind != "List":
        return
    slot = whole.type.slots["element"].root
    if slot in memo.heaps:
        return
    if not all(map(_is_plain, items)):
        return
    if items and (is_mixed(items[0]) or is_row(items[0])):
        _note(lowering, slot, shape_of(lowering, items[0], []))
    elif slot.type is types.REAL or (items and _is_real(items[0])):
        _note(lowering, slot, LEAF)
    register_rows(lowering, whole)


def _is_real(item: Binding) -> bool:
    return isinstance(item, Value) and item.type is types.REAL


def _note(lowering: Lowering, slot: Slot, shape: Any) -> None:
    lowering.memo.heaps.add(slot.root)
    lowering.memo.columns[slot.root] = shape
    raise types.Widened


# Making ------------------------------------------------------------------------------------


def made_heap(lowering: Lowering, node: ast.AST, items: list[Binding]) -> Heap:
    """The lists for a heap that is made at a place of the program."""
    slot = lowering.slot(node, "List").root
    shape = lowering.memo.columns[slot]
    kinds = [types.list_of(lowering.slot(node, f"column {path}")) for path in paths_of(shape)]
    kind = types.list_of(lowering.slot(node, "order"))
    if not all(map(_is_plain, items)):
        lowering.error("a heap of objects is not supported here", node)
    rows = [leaves_of(lowering, shape, item) for item in items]
    numbered = [
        _numbered(lowering, kind, leaves, Const(number, types.INT))
        for number, leaves in enumerate(rows)
    ]
    order = lowering.emit(LIST, numbered, kind)
    heap = Heap(shape, order, filled(lowering, kinds, rows), slot)
    lowering.columns.append(heap)
    return heap


def add_to_heap(lowering: Lowering, heap: Heap, item: Binding) -> None:
    """``heap.append(item)``."""
    entry, leaves = _entry(lowering, heap, item)
    lowering.effect(METHOD_OF, (heap.order, entry), attribute=APPEND)
    _keep(lowering, heap, leaves)


def _entry(lowering: Lowering, heap: Heap, item: Binding) -> tuple[Atom, list[Atom]]:
    """An item with its number, as the heap holds it, and what it holds."""
    if not _is_plain(item):
        lowering.error("a heap of objects is not supported here")
    leaves = leaves_of(lowering, heap.shape, item)
    counted = next((k for k, leaf in enumerate(leaves) if leaf.type is types.REAL), 0)
    spec = CallSpec(len, Ref("module", builtins, ("len",)))
    number = lowering.emit(PURE_CALL, (heap.lists[counted],), types.INT, attribute=spec)
    return _numbered(lowering, heap.order.type, leaves, number), leaves


def _numbered(lowering: Lowering, whole: Type, leaves: list[Atom], number: Atom) -> Value:
    """An item with its number behind it."""
    kind = types.tuple_of([*(leaf.type for leaf in leaves), types.INT])
    lowering.put(whole.slots["element"], kind, "this heap")
    return lowering.emit(KEY, (*leaves, number), kind)


def _keep(lowering: Lowering, heap: Heap, leaves: list[Atom]) -> None:
    for whole, leaf in zip(heap.lists, leaves, strict=True):
        lowering.put(whole.type.slots["element"], leaf.type, "the items of this heap")
        lowering.effect(METHOD_OF, (whole, leaf), attribute=APPEND)


# Looking -----------------------------------------------------------------------------------


def item_of_heap(lowering: Lowering, heap: Heap, index: Binding) -> Binding:
    """``heap[index]``."""
    if not isinstance(index, Value | Const) or index.type is not types.INT:
        lowering.error("a slice of a heap is not supported here")
    kind = heap.order.type.slots["element"].read()
    return _item_at(lowering, heap, lowering.emit(SUBSCRIPT, (heap.order, index), kind))


def items_of_heap(lowering: Lowering, heap: Heap) -> Stream:
    """The items, in the order in which the heap has them."""
    stream = mapped(lowering, [heap.order], lambda found: _parts_of(lowering, heap, found[0]))
    stream.lasting = [heap.order]
    return stream


def _item_at(lowering: Lowering, heap: Heap, entry: Value) -> Binding:
    """The item of an entry: what may be differentiated by its number."""
    if entry.type is types.NEVER:
        raise Diverged
    parts = [Value(kind) for kind in entry.type.items]
    lowering.ops.append(Op(UNPACK, (entry,), tuple(parts), site=lowering.site))
    return _parts_of(lowering, heap, Tup([*parts]))


def _parts_of(lowering: Lowering, heap: Heap, entry: Binding) -> Binding:
    assert isinstance(entry, Tup)
    *parts, number = entry.items
    assert isinstance(number, Value)
    number.name = "number"

    def leaves() -> Iterator[Binding]:
        for whole, part in zip(heap.lists, parts, strict=True):
            assert isinstance(part, Value)
            if not types.varies(types.bare(part.type)):
                yield lowering.taken(part)
                continue
            kind = whole.type.slots["element"].read()
            yield lowering.taken(lowering.emit(SUBSCRIPT, (whole, number), kind))

    return assembled(heap.shape, leaves())


def method_of_heap(
    lowering: Lowering, heap: Heap, name: str, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding:
    """``heap.name(*args)``."""
    if name == "append" and len(args) == 1 and not kwargs:
        add_to_heap(lowering, heap, args[0])
        return NOTHING
    if name == "pop" and len(args) < 2 and not kwargs:
        kind = heap.order.type.slots["element"].read()
        operands = (heap.order, *map(lowering.atom, args))
        spec = MethodSpec("pop", writes=True)
        return _item_at(lowering, heap, lowering.emit(METHOD_OF, operands, kind, attribute=spec))
    if name == "sort" and not args and not kwargs:
        lowering.effect(METHOD_OF, (heap.order,), attribute=MethodSpec("sort", writes=True))
        return NOTHING
    lowering.error(f"{name}() of a heap is not supported here")
