"""Lists of objects of one class that are handed in: a list for each of their attributes.

They are what a list that is made inside is (see `columns`), so that a loop over the objects reads
their attributes at its place. The lists are made at the entry, and nothing that happens to them
happens to the objects of the caller. What is not read is dropped.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, instance_of, objects_of
>>> class Particle: ...
>>> def f(ps):
...     return ps[0].x * ps[1].v
>>> kind = objects_of(instance_of(Particle, {"x": REAL, "v": REAL}))
>>> print(lower_function(f, {"ps": kind}))
f(ps: Objects[Particle]):
    ps_x = column ps [('.x',)]
    ps_v = column ps [('.v',)]
    %1 = subscript ps_x 0
    %2 = subscript ps_v 1
    %3 = mul %1 %2
    yield %3
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sourcediff import types
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.columns import LEAF
from sourcediff.frontend.primitives import COLUMN
from sourcediff.frontend.values import Binding, Columns, Conflict, Static
from sourcediff.ir import Const, Op, Value
from sourcediff.types import Slot, Type

__all__ = ["columns_of_given", "columns_of_records", "places_of_given"]


def columns_of_given(lowering: Lowering, whole: Value, name: str) -> Columns:
    """The lists of what the objects in an argument hold."""
    (item,) = whole.type.items
    shape = _shape(item, name)
    lists: list[Value] = []
    for path, kind in _leaves(item, ()):
        slot = lowering.memo.slots.setdefault(("given", name, path), Slot())
        slot.write(kind)
        column = Value(types.list_of(slot), "_".join([name, *filter(None, map(_word, path))]))
        lowering.ops.append(Op(COLUMN, (whole,), (column,), (), path, lowering.site))
        lists.append(column)
    home = lowering.memo.slots.setdefault(("given", name, "List"), Slot())
    columns = Columns(shape, lists, home.root, given=True)
    lowering.columns.append(columns)
    return columns


def places_of_given(kind: Type) -> list[tuple[str, ...]]:
    """The way to what each of these lists holds, in their order."""
    (item,) = kind.items
    return [path for path, _ in _leaves(item, ())]


def columns_of_records(lowering: Lowering, op: Op) -> Columns:
    """The lists for objects that a derivative inside would put together: gradients of such."""
    lists = [held for held in op.args if isinstance(held, Value)]
    shape = _without(op.attribute.shape, iter(op.attribute.given))
    home = lowering.slot(lowering.node or lowering.frame.node, "gradients").root
    lowering.memo.columns[home] = shape
    columns = Columns(shape, lists, home)
    lowering.columns.append(columns)
    return columns


def _without(shape: Any, given: Iterator[bool]) -> Any:
    """What objects are made of, with None for each leaf that there is no list of."""
    if shape[0] == "object":
        return (*shape[:2], tuple((field, _without(part, given)) for field, part in shape[2]))
    if shape[0] == "tuple":
        return (*shape[:2], tuple(_without(part, given) for part in shape[2]))
    if shape[0] == "leaf" and next(given):
        return shape
    return ("known", None, Const(None, types.NONE))


def _word(step: str) -> str:
    """What a step of a path adds to the name of a list."""
    word = step.strip(".[]'\"").lstrip("_")
    return "".join(c if c.isidentifier() or c.isdigit() else "_" for c in word)


def _shape(kind: Type, name: str) -> Any:
    """What the objects are made of, as `columns` has it."""
    if kind.kind == "Instance":
        pairs = zip(kind.fields, kind.items, strict=True)
        return ("object", kind.cls, tuple((f, _shape(k, f"{name}.{f}")) for f, k in pairs))
    if kind.kind == "Tuple":
        items = tuple(_shape(k, f"{name}[{n}]") for n, k in enumerate(kind.items))
        return ("tuple", kind.cls or tuple, items)
    known: Binding
    if kind is types.NONE:
        known = Const(None, types.NONE)
    elif kind.kind == "Function":
        known = kind.of
    elif _is_unknown(kind):
        known = Conflict(f"{name!r} is of a kind that is not supported yet")
    else:
        return LEAF
    return ("known", id(known.object) if isinstance(known, Static) else id(known), known)


def _is_unknown(kind: Type) -> bool:
    return kind is types.OBJECT or kind.kind == "Objects"


def _leaves(kind: Type, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Type]]:
    """The way to each attribute that makes a list, as it is written, and its type."""
    if kind.kind == "Instance":
        for field, part in zip(kind.fields, kind.items, strict=True):
            step = f"[{field!r}]" if kind.cls is dict else f".{field}"
            yield from _leaves(part, (*path, step))
    elif kind.kind == "Tuple":
        names = getattr(kind.cls, "_fields", None)
        for place, part in enumerate(kind.items):
            step = f"[{place}]" if names is None else f".{names[place]}"
            yield from _leaves(part, (*path, step))
    elif kind is not types.NONE and kind.kind != "Function" and not _is_unknown(kind):
        yield path, kind
