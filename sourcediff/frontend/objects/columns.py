"""Lists of objects of one class: a list for each of their attributes.

An object whose attributes are variables (see `dissolved`) can be no item of a list. A list that is
made of such objects is one list for each attribute, and an item of it is known by its place: it
reads and writes there.

    ps = [Particle(x, 0.0) for x in xs]       ps_x, ps_v = [], []
    for p in ps:                              for x in xs:
        p.x += p.v * dt                           ps_x.append(x)
                                                  ps_v.append(0.0)
                                              for i in range(len(ps_x)):
                                                  ps_x[i] += ps_v[i] * dt

No object is in two places. Where items are changed, an object that was put into a list is reached
by the list alone; where they are not, what has been put there is never changed again, and may be
put into another list.

>>> from types import SimpleNamespace
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(ws):
...     boxes = [SimpleNamespace(w=w) for w in ws]
...     return boxes[0].w
>>> print(lower_function(f, {"ws": list_of(Slot(REAL))}))
f(ws: List[Real]):
    boxes_w = list
    for ws [list]:
        take w: Real
        method_of boxes_w w [append]
        yield
    %1 = subscript boxes_w 0
    yield %1
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from sourcediff import types
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import fields_of
from sourcediff.frontend.objects.outside import Outside
from sourcediff.frontend.objects.places import (
    blame,
    blame_shape,
    forget_there,
    is_pooled,
    is_under_way,
    know_there,
    known_there,
)
from sourcediff.frontend.values import (
    Binding,
    Columns,
    Conflict,
    Dissolved,
    Grouped,
    Heap,
    Item,
    Once,
    Part,
    Static,
    Tup,
)
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import LIST, METHOD_OF, SET_ITEM, SUBSCRIPT, MethodSpec
from sourcediff.rules.table import primitive_of
from sourcediff.types import Slot, Type

__all__ = [
    "add",
    "assembled",
    "attribute_of_item",
    "filled",
    "grows",
    "holds_objects",
    "item_at",
    "keep_apart",
    "leaves_of",
    "made_of",
    "name_columns",
    "paths_of",
    "register",
    "registered",
    "same_item",
    "same_shape",
    "set_attribute_of_item",
    "shape_of",
]

#: What an object is made of: a leaf is a value; the others are made of parts.
LEAF = ("leaf",)
_STORED = "it has been put into a list"
_TWO_NAMES = (
    "an object that is in two lists, or has two names, and is changed, or compared with others, is "
    "not supported"
)
_MAKE_NEW = "make a new object of what it holds"
_PART = "it belongs to an object in a list"


def _kept(lowering: Outside, binding: Binding) -> Atom:
    from sourcediff.frontend.containers.containers import kept

    assert isinstance(lowering, Lowering)
    return kept(lowering, binding)


# Shapes ----------------------------------------------------------------------------------


def shape_of(lowering: Outside, binding: Binding, leaves: list[Atom]) -> Any:
    """What a binding is made of; its values are appended to `leaves`."""
    if is_under_way(lowering, binding):
        leaves.append(_kept(lowering, binding))
        return LEAF
    if isinstance(binding, Dissolved) and binding.cls is not dict:
        held = fields_of(lowering, binding)
        parts = tuple((f, shape_of(lowering, b, leaves)) for f, b in held.items())
        return ("object", binding.cls, parts)
    if isinstance(binding, Tup) and binding.cls is not list and not isinstance(binding, Once):
        items = tuple(shape_of(lowering, _as_value(lowering, i), leaves) for i in binding.items)
        return ("tuple", binding.cls, items)
    if isinstance(binding, Static):
        return ("known", id(binding.object), binding)
    if isinstance(binding, Value | Const | Tup):
        leaves.append(_kept(lowering, binding))
        return LEAF
    blame(lowering, binding)
    lowering.error(f"a list of objects that hold {describe(binding)} is not supported")


def _as_value(lowering: Outside, binding: Binding) -> Binding:
    """What a tuple holds, as an item of a list: a member of an enumeration is a value."""
    if isinstance(binding, Static) and binding.is_member:
        return _kept(lowering, binding)
    return binding


def holds_objects(shape: Any) -> bool:
    """Whether what a list holds can change: objects, and tuples of such."""
    if shape[0] == "tuple":
        return any(map(holds_objects, shape[2]))
    return bool(shape[0] == "object")


def same_shape(one: Any, other: Any) -> bool:
    if one[:2] != other[:2]:
        return False
    if one[0] not in ("object", "tuple"):
        return True
    if len(one[2]) != len(other[2]):
        return False
    pairs = zip(one[2], other[2], strict=True)
    if one[0] == "tuple":
        return all(same_shape(a, b) for a, b in pairs)
    return all(a[0] == b[0] and same_shape(a[1], b[1]) for a, b in pairs)


def paths_of(shape: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each leaf."""
    if shape is LEAF:
        yield path
    elif shape[0] == "object":
        for field, part in shape[2]:
            yield from paths_of(part, (*path, field))
    elif shape[0] == "tuple":
        for place, part in enumerate(shape[2]):
            yield from paths_of(part, (*path, place))


def _count(shape: Any) -> int:
    return sum(1 for _ in paths_of(shape))


# Lists -----------------------------------------------------------------------------------


def registered(lowering: Outside, node: ast.AST) -> bool:
    """Whether objects are put into the list that is made at a place of the program."""
    return lowering.slot(node, "List").root in lowering.memo.columns


def register(lowering: Outside, slot: Slot, whole: Dissolved | Tup) -> None:
    """Note that objects such as this one, or such tuples, are put into a list.

    Raises:
        Widened: always, as it was taken for a list of values.
    """
    lowering.memo.columns[slot.root] = shape_of(lowering, whole, [])
    raise types.Widened


def made_of(lowering: Outside, node: ast.AST, items: list[Binding] | None = None) -> Columns | Heap:
    """The lists for the objects that are put into a list which is made at a place."""
    slot = lowering.slot(node, "List").root
    if slot in lowering.memo.heaps:
        from sourcediff.frontend.objects.heaps import made_heap

        assert isinstance(lowering, Lowering)
        return made_heap(lowering, node, items or [])
    shape = lowering.memo.columns[slot]
    kinds = [types.list_of(lowering.slot(node, f"column {path}")) for path in paths_of(shape)]
    if not kinds:
        blame_shape(lowering, shape)
        lowering.error("a list of objects without attributes is not supported", node)
    rows: list[list[Atom]] = []
    if items and not holds_objects(shape):
        rows, items = [leaves_of(lowering, shape, item) for item in items], None
    columns = Columns(shape, filled(lowering, kinds, rows), slot)
    lowering.columns.append(columns)
    for item in items or ():
        add(lowering, columns, item)
    return columns


def filled(lowering: Outside, kinds: Sequence[Type], rows: Sequence[Sequence[Atom]]) -> list[Value]:
    """A list of each kind, with an item of each row."""
    made = []
    for place, kind in enumerate(kinds):
        items = [row[place] for row in rows]
        for atom in items:
            lowering.put(kind.slots["element"], atom.type, "what tuples in a list hold")
        made.append(lowering.emit(LIST, items, kind))
    return made


def name_columns(columns: Columns | Heap | Grouped, name: str) -> None:
    """Call the lists after the variable that they are bound to."""
    if isinstance(columns, Heap):
        columns.order.name = columns.order.name or name
    if isinstance(columns, Grouped):
        columns.places.name = columns.places.name or name
    unnamed = "lists" if isinstance(columns, Grouped) else "values"
    for path, whole in zip(paths_of(columns.shape), columns.lists, strict=True):
        if whole.name is None:
            words = [str(part).lstrip("_") for part in path or (unnamed,)]
            whole.name = "_".join([name, *filter(None, words)])


def leaves_of(lowering: Outside, shape: Any, whole: Binding) -> list[Atom]:
    """What an object that is put into a list, or a tuple, holds: a value for each of the lists."""
    leaves: list[Atom] = []
    objects = shape[0] == "object"
    kinds = {"object": Dissolved, "tuple": Tup}
    if shape is LEAF and not isinstance(whole, Value | Const):
        lowering.error(f"a list holds numbers and {describe(whole)}")
    if shape is not LEAF and not isinstance(whole, kinds[shape[0]]):
        blame_shape(lowering, shape)
        blame(lowering, whole)
        lowering.error(f"a list holds {'objects' if objects else 'tuples'} and {describe(whole)}")
    if not same_shape(shape, shape_of(lowering, whole, leaves)):
        blame_shape(lowering, shape)
        blame(lowering, whole)
        lowering.error(
            "a list of objects of several classes, or with other attributes, is not supported here",
            help="give all of them the same attributes in __init__",
        )
    return leaves


def add(lowering: Outside, columns: Columns | Heap, whole: Binding) -> None:
    """``columns.append(whole)``."""
    if isinstance(columns, Heap):
        from sourcediff.frontend.objects.heaps import add_to_heap

        assert isinstance(lowering, Lowering)
        add_to_heap(lowering, columns, whole)
        return
    if isinstance(whole, Dissolved) and whole.cls is not columns.shape[1]:
        lowering.want_known(columns.slot)
    leaves = leaves_of(lowering, columns.shape, whole)
    if columns.given:
        lowering.changes_given = True
    if isinstance(whole, Dissolved):
        _hand_over(lowering, columns, whole)
    else:
        _settle(lowering, columns.slot, whole, ())
    for into, atom in zip(columns.lists, leaves, strict=True):
        lowering.put(into.type.slots["element"], atom.type, "an attribute of the objects in a list")
        lowering.effect(METHOD_OF, (into, atom), attribute=MethodSpec("append", writes=True))


def _hand_over(lowering: Outside, columns: Columns, whole: Dissolved) -> None:
    """Let an object belong to a list from here on."""
    if whole.settled is not None or _is_from_before(lowering, whole):
        _share(lowering, columns.slot, ())
    if whole.given:
        lowering.changes_given = True
    _settle(lowering, columns.slot, whole, ())


def _settle(lowering: Outside, slot: Slot, binding: Binding, path: tuple[Any, ...]) -> None:
    """Let an object in a list, or one that it holds, be changed by way of the list alone."""
    if isinstance(binding, Tup):
        for place, item in enumerate(binding.items):
            _settle(lowering, slot, item, (*path, place))
    if not isinstance(binding, Dissolved) or is_under_way(lowering, binding):
        return
    if isinstance(binding, Item | Part):
        item = binding.item if isinstance(binding, Part) else binding
        _share(lowering, slot, path)
        _share(lowering, item.columns.slot, item.path)
        return
    held = fields_of(lowering, binding)
    known = binding.settled is not None or _is_from_before(lowering, binding)
    binding.settled = binding.settled or (_PART if path else _STORED)
    changes = (slot, path) in lowering.memo.changed_columns
    if changes and known:
        blame(lowering, binding, *_held_in(lowering, slot))
        lowering.error(_TWO_NAMES, help=_MAKE_NEW)
    for field, item in held.items():
        _settle(lowering, slot, item, (*path, field))
        if changes:
            message = f"{binding.name or 'an object'!r} was put into a list of objects that change"
            lowering.variables.set((binding, field), Conflict(f"{message}: read it from there"))


def _is_from_before(lowering: Outside, whole: Dissolved) -> bool:
    """Whether an object is older than a loop, each turn of which puts it into a list.

    Raises:
        DifferentiationError: the loop has changed it by then.
    """
    for loop in lowering.loops:
        if whole.serial <= loop.start < whole.changed:
            blame(lowering, whole)
            lowering.error(
                f"{describe(whole)} that a loop changes and puts into a list is not supported",
                help="make a new object in each turn",
            )
    return any(whole.serial <= loop.start for loop in lowering.loops)


def _held_in(lowering: Outside, slot: Slot) -> Iterator[Columns]:
    """The list that a slot stands for, as one that may be blamed."""
    shape = lowering.memo.columns.get(slot)
    if shape is not None:
        yield Columns(shape, [], slot)


def _share(lowering: Outside, slot: Slot, path: tuple[Any, ...]) -> None:
    """Objects are in several lists, or have other names: they cannot be changed."""
    changed = [way for one, way in lowering.memo.changed_columns if one is slot]
    if any(way[: len(path)] == path for way in changed):
        blame(lowering, *_held_in(lowering, slot))
        lowering.error(_TWO_NAMES, help=_MAKE_NEW)
    lowering.memo.shared_columns.add((slot, path))


# Items -----------------------------------------------------------------------------------


def item_at(
    lowering: Outside, columns: Columns, index: Binding, counted: bool = False
) -> Item | Tup:
    """``columns[index]``: an object by its place; of a tuple, what it holds."""
    if not isinstance(index, Value | Const) or not types.is_number(index.type):
        blame(lowering, columns)
        lowering.error(f"{describe(index)} is no index of a list of objects that is supported")
    known = isinstance(index, Const) and index.value >= 0
    if not known and not counted and holds_objects(columns.shape):
        lowering.counted_back.add(columns.slot)
    if columns.shape[0] == "tuple":
        whole = Item(columns, index, True, ("object", columns.shape[1], ()))
        held = _read(lowering, whole, columns.shape, iter(columns.lists), ())
        assert isinstance(held, Tup)
        return held
    return Item(columns, index, counted or known)


def grows(lowering: Outside, columns: Columns) -> None:
    """Refuse to let a list become longer where a place in it may be counted from its end."""
    if columns.slot in lowering.counted_back:
        blame(lowering, columns)
        lowering.error(
            "a list of objects that gets longer while one of them is in use, whose place may be "
            "counted from its end, is not supported",
            help="go through the list with for",
        )


def attribute_of_item(lowering: Outside, whole: Item, field: Any) -> Binding | None:
    """What an item holds; None where it has no such attribute."""
    found = _part(whole, field)
    if found is None:
        return None
    shape, lists = found
    return _read(lowering, whole, shape, iter(lists), (*whole.path, field))


def _part(whole: Item, field: Any) -> tuple[Any, list[Value]] | None:
    """The shape of an attribute, and the lists of its leaves."""
    shape = dict(whole.shape[2]).get(field)
    if shape is None:
        return None
    path = (*whole.path, field)
    pairs = zip(paths_of(whole.columns.shape), whole.columns.lists, strict=True)
    return shape, [held for way, held in pairs if way[: len(path)] == path]


def _read(
    lowering: Outside, whole: Item, shape: Any, lists: Iterator[Value], path: tuple[Any, ...]
) -> Binding:
    if shape is LEAF:
        held = next(lists)
        kind = held.type.slots["element"].read()
        there = known_there(lowering, held, whole.index)
        if there is not None:
            return there
        found = lowering.taken(lowering.emit(SUBSCRIPT, (held, whole.index), kind))
        if whole.columns.is_pool:
            know_there(lowering, held, whole.index, found)
        return found
    if shape[0] == "known":
        known: Binding = shape[2]
        return known
    if shape[0] == "tuple":
        items = [
            _read(lowering, whole, part, lists, (*path, place))
            for place, part in enumerate(shape[2])
        ]
        return Tup(items, shape[1])
    part = Item(whole.columns, whole.index, whole.counted, shape, path)
    if (whole.columns.slot, path) in lowering.memo.changed_columns:
        for _ in paths_of(shape):
            next(lists)
        return part
    # What is not changed by way of the list is what it holds now.
    made = Part(part)
    for field, inner in shape[2]:
        made.fields[field] = None
        value = _read(lowering, whole, inner, lists, (*path, field))
        lowering.variables.set((made, field), value)
    return made


def assembled(shape: Any, found: Iterator[Binding]) -> Binding:
    """A tuple of what its leaves are."""
    if shape is LEAF:
        return next(found)
    if shape[0] == "known":
        known: Binding = shape[2]
        return known
    return Tup([assembled(part, found) for part in shape[2]], shape[1])


def set_attribute_of_item(lowering: Outside, whole: Item, field: Any, value: Binding) -> None:
    """``item.field = value``."""
    keep_apart(lowering, whole)
    found = _part(whole, field)
    if found is None:
        blame(lowering, whole.columns)
        lowering.error(
            f"an object in a list gets a new attribute {field!r}, which is not supported",
            help="give it the attribute in __init__",
        )
    shape, lists = found
    leaves: list[Atom] = []
    made_of_it = shape_of(lowering, value, leaves)
    if not same_shape(shape, made_of_it):
        blame(lowering, whole.columns, value)
        blame_shape(lowering, shape, made_of_it)
        lowering.error(
            f"the attribute {field!r} of an object in a list becomes {describe(value)}, which is "
            "not supported",
            help="keep things of one type in it",
        )
    slot, path = whole.columns.slot, (*whole.path, field)
    changed = [way for one, way in lowering.memo.changed_columns if one is slot]
    if any(way[: len(path)] == path for way in changed):
        blame(lowering, whole.columns, value)
        lowering.error(
            f"the attribute {field!r} of an object in a list is both changed and replaced",
            help="change all of what it holds, or replace it always",
        )
    _settle(lowering, slot, value, path)
    for into, atom in zip(lists, leaves, strict=True):
        lowering.put(into.type.slots["element"], atom.type, "an attribute of the objects in a list")
        lowering.effect(SET_ITEM, (into, whole.index, atom))
        if whole.columns.is_pool:
            forget_there(lowering, into)


def same_item(lowering: Outside, left: Binding, right: Binding) -> Binding | None:
    """Whether an object in a list is another object; None where that is told without the list."""
    if not isinstance(left, Item | Part) and not isinstance(right, Item | Part):
        return None
    if not isinstance(left, Dissolved) or not isinstance(right, Dissolved):
        return None
    if left is right:
        return Const(True, types.BOOL)
    if left.cls is not right.cls:
        return Const(False, types.BOOL)
    one, other = (b.item if isinstance(b, Part) else b for b in (left, right))
    if isinstance(one, Item) and isinstance(other, Item) and one.columns is other.columns:
        if one.counted and other.counted and one.path == other.path:
            return _same_place(lowering, one, other)
    blame(lowering, one, other)
    lowering.error("whether two objects are the same is not known here")


def _same_place(lowering: Outside, left: Item, right: Item) -> Binding:
    keep_apart(lowering, left)
    equal = primitive_of(ast.Eq())
    assert equal is not None
    return lowering.apply(equal, (left.index, right.index))


def keep_apart(lowering: Outside, whole: Item) -> None:
    """See to it that an object in a list is in no other place.

    Raises:
        Widened: that was not known yet.
    """
    if is_pooled(whole):
        return
    if whole.columns.is_pool:
        blame(lowering, whole)
        lowering.error(_TWO_NAMES, help=_MAKE_NEW)
    if whole.columns.given:
        lowering.changes_given = True
    key = slot, path = (whole.columns.slot, whole.path)
    shared = [way for one, way in lowering.memo.shared_columns if one is slot]
    if any(path[: len(way)] == way for way in shared):
        blame(lowering, whole, whole.columns)
        lowering.error(_TWO_NAMES, help=_MAKE_NEW)
    if key not in lowering.memo.changed_columns:
        lowering.memo.changed_columns.add(key)
        raise types.Widened
