"""Dicts of lists that are handed in, and asked for what is under keys that the run computes.

They are what a dict of lists that is made inside is (see `grouped`): a dict of places, and the
lists at these places.

    for v, w in graph[u]:     →     graph_places = {"a": 0, "b": 1}
                                    graph_0 = [[row[0] for row in graph["a"]], …]
                                    graph_1 = [[row[1] for row in graph["a"]], …]

>>> from sourcediff import grad
>>> def f(groups, names):
...     return sum(sum(groups[name]) for name in names)
>>> grad(f)({"a": [1.0, 2.0], "b": [3.0]}, ["b", "a", "b"])
{'a': [1.0, 1.0], 'b': [2.0]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sourcediff import types
from sourcediff.frontend.objects.columns import LEAF, filled, paths_of
from sourcediff.frontend.primitives import GETITEM
from sourcediff.frontend.values import Binding, Columns, Grouped, Rec
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import DICT
from sourcediff.types import Slot, Type

if TYPE_CHECKING:
    from sourcediff.frontend.objects.given import Given

__all__ = ["groups_of_given", "holds_lists"]


def holds_lists(kind: Type) -> bool:
    """Whether a type is that of a dict of lists of one kind, under texts or whole numbers."""
    if kind.cls is not dict or not kind.items:
        return False
    if {type(key) for key in kind.fields} not in ({str}, {int}):
        return False
    found = {_signature(item) for item in kind.items}
    return len(found) == 1 and None not in found


def _signature(kind: Type) -> Any:
    """What two lists that are items of one list have in common; None for anything but a list."""
    if kind.kind == "Objects":
        return kind
    if kind.kind != "List" or kind.cls is not None:
        return None
    depth = 0
    while kind.kind == "List":
        kind, depth = kind.slots["element"].type, 2 * depth + 2 - (kind.cls is None)
    return (kind, depth) if kind in (types.REAL, types.STR) else None


def groups_of_given(given: Given, whole: Value, name: str) -> tuple[Binding, Binding]:
    """What the dict is bound to, and how it is made up: of the lists under its keys."""
    lowering = given.lowering

    def slot(what: str) -> Slot:
        return lowering.memo.slots.setdefault(("given", name, what), Slot())

    held: dict[Any, Binding] = {}
    rows: list[list[Atom]] = []
    flat: list[Atom] = []
    key_kind = types.STR if isinstance(whole.type.fields[0], str) else types.INT
    shape: Any = LEAF
    for key, kind in zip(whole.type.fields, whole.type.items, strict=True):
        value = Value(kind)
        lowering.ops.append(Op(GETITEM, (whole,), (value,), (), key, lowering.site))
        binding, held[key] = given.bound(value, f"{name}_{key}")
        if isinstance(binding, Columns):
            shape = binding.shape
            rows.append([*binding.lists])
        else:
            assert isinstance(binding, Value)
            rows.append([binding])
        flat += [Const(key, key_kind), Const(len(rows) - 1, types.INT)]
    key_slot, place_slot, value_slot = slot("key"), slot("place"), slot("value").root
    lowering.put(key_slot, key_kind, "the keys of this dict")
    lowering.put(place_slot, types.INT, "the places of lists")
    lowering.memo.grouped[value_slot] = None if shape is LEAF else shape
    places = lowering.emit(DICT, flat, types.dict_of(key_slot, place_slot), name=f"{name}_places")
    kinds = [types.list_of(slot(f"lists {path}")) for path in paths_of(shape)]
    groups = Grouped(places, filled(lowering, kinds, rows), shape, value_slot, None)
    for path, made in zip(paths_of(shape), groups.lists, strict=True):
        made.name = "_".join([name, *map(str, path or ("lists",))])
    lowering.columns.append(groups)
    return groups, Rec(held, cls=dict)
