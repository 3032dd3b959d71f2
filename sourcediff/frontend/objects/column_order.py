"""What puts in order a list of objects, or of tuples, that is a list for each of their parts.

The places are put in order by a list of keys (see `ordering`), and the items of every list move to
them. Tuples are compared item by item, as Python does:

    order = sorted(range(len(keys)), key=keys.__getitem__)      # keys = [(kind, x), …]
    orders_kind[:] = [orders_kind[place] for place in order]
    orders_x[:] = [orders_x[place] for place in order]
"""

from __future__ import annotations

import ast

from sourcediff import types
from sourcediff.frontend.containers.containers import item, set_item, slice_of
from sourcediff.frontend.control.joins import FALLS, Outcome
from sourcediff.frontend.iteration.streams import Turns, go_through, listed, mapped
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.column_items import items_at, items_of_columns
from sourcediff.frontend.objects.columns import add, holds_objects, item_at, made_of
from sourcediff.frontend.objects.places import blame, class_of
from sourcediff.frontend.primitives import TUPLE
from sourcediff.frontend.values import Binding, Columns, Heap, Tup
from sourcediff.ir import FOR, Const, Op, Value
from sourcediff.memory import KEY, LIST, METHOD_OF, ORDER, PLACE, SUBSCRIPT, MethodSpec
from sourcediff.types import Slot

__all__ = ["as_key", "collected", "extreme_of_columns", "sort_columns", "sorted_columns"]

Kwargs = dict[str, Binding]
NOTHING = Const(None, types.NONE)


def as_key(lowering: Lowering, found: Binding) -> Binding:
    """What items are compared by: a tuple of numbers and texts as one value."""
    if not isinstance(found, Tup) or found.cls in (list, complex):
        return found
    if any(class_of(part) is not None for part in found.items):
        lowering.error("tuples that hold objects are put in order by a key only", help="give key=…")
    atoms = [lowering.atom(as_key(lowering, part)) for part in found.items]
    return lowering.emit(KEY, atoms, types.tuple_of(atom.type for atom in atoms))


def extreme_of_columns(
    lowering: Lowering, function: object, columns: Columns, kwargs: Kwargs, node: ast.Call
) -> Binding:
    """``max(ps, key=f)``: the object at one of the places."""
    keys = _keys(lowering, columns, kwargs.get("key"), node)
    place = lowering.emit(PLACE, (keys, keys), types.INT, attribute=function)
    return item_at(lowering, columns, place, counted=True)


def sorted_columns(
    lowering: Lowering, columns: Columns, kwargs: Kwargs, node: ast.Call
) -> Columns | Heap:
    """``sorted(ps, key=f)``: a list of the same objects."""
    order = _order(lowering, columns, kwargs, node)
    return collected(lowering, items_at(lowering, columns, order), columns.shape, node)


def sort_columns(lowering: Lowering, columns: Columns, kwargs: Kwargs, node: ast.Call) -> None:
    """``columns.sort(key=…)``."""
    order = _order(lowering, columns, kwargs, node)
    everything = slice_of(lowering, [NOTHING, NOTHING, NOTHING])
    for number, whole in enumerate(columns.lists):
        moved = _moved(lowering, whole, order, node, number)
        set_item(lowering, whole, everything, moved, node)


def collected(lowering: Lowering, source: Binding, shape: object, node: ast.AST) -> Columns | Heap:
    """A new list of objects."""
    lowering.memo.columns.setdefault(lowering.slot(node, "List").root, shape)
    made = made_of(lowering, node)

    def turn(whole: Binding) -> Outcome:
        add(lowering, made, whole)
        return FALLS

    go_through(lowering, source, Turns(node, turn))
    return made


def _keys(lowering: Lowering, columns: Columns, key: Binding | None, node: ast.Call) -> Value:
    from sourcediff.frontend.calls.calls import call

    if key is None and holds_objects(columns.shape):
        blame(lowering, columns)
        lowering.error("objects are put in order by a key only", node, "give key=…")

    def compared(items: list[Binding]) -> Binding:
        found = items[0] if key is None else call(lowering, key, items, {}, node)
        return as_key(lowering, found)

    keyed = mapped(lowering, [items_of_columns(lowering, columns)], compared)
    home = node.keywords[0] if node.keywords else node.func
    place = len(lowering.ops)
    keys = listed(lowering, home, keyed, "list")
    keys.name = "keys"
    for whole in columns.lists:
        if _are_items_of(lowering.ops[-1], whole):
            del lowering.ops[place:]
            return whole
    return keys


def _are_items_of(loop: Op, whole: Value) -> bool:
    """Whether a loop puts the items of one list into another, and only reads beside that."""
    if loop.primitive is not FOR:
        return False
    (place,) = loop.regions[0].parameters
    ops = [op for op in loop.regions[0].ops if op.primitive is not TUPLE]
    *reads, put = ops
    taken = [op for op in reads if op.primitive is SUBSCRIPT and op.args[1] is place]
    items = [op.result for op in taken if op.args[0] is whole]
    return len(taken) == len(reads) and put.primitive is METHOD_OF and put.args[1] in items


def _order(lowering: Lowering, columns: Columns, kwargs: Kwargs, node: ast.Call) -> Value:
    key = kwargs.get("key")
    by = None if isinstance(key, Const) and key.value is None else key
    keys = _keys(lowering, columns, by, node)
    operands = [keys, keys, *(lowering.atom(kwargs[k]) for k in ("reverse",) if k in kwargs)]
    return lowering.emit(ORDER, operands, types.list_of(Slot(types.INT)), name="order")


def _moved(lowering: Lowering, whole: Value, order: Value, node: ast.Call, number: int) -> Value:
    """The items of a list in another order."""
    kind = types.list_of(lowering.slot(node, f"moved {number}"))
    made = lowering.emit(LIST, (), kind)

    def turn(place: Binding) -> Outcome:
        if isinstance(place, Value):
            place.name = "place"
        found = lowering.atom(item(lowering, whole, place, node))
        lowering.put(kind.slots["element"], found.type, "this list")
        lowering.effect(METHOD_OF, (made, found), attribute=MethodSpec("append", writes=True))
        return FALLS

    go_through(lowering, order, Turns(node, turn, form="list"))
    return made
