"""Dicts of lists under keys that the run computes: a list of lists, and where that of a key is.

    groups = defaultdict(list)                 groups = {}
    for k, x in rows:                    →     groups_lists = []
        groups[k].append(x)                    for k, x in rows:
                                                   if k not in groups:
                                                       groups[k] = len(groups_lists)
                                                       groups_lists.append([])
                                                   groups_lists[groups[k]].append(x)

A list of tuples is a list for each place in them, here as elsewhere (see `tuple_columns`). The dict
holds whole numbers then, and has no derivative. A list that is put under a key which has
one already is a new one: whoever has the old one keeps it.

>>> from sourcediff import grad
>>> def f(xs):
...     groups = {}
...     for i, x in enumerate(xs):
...         groups.setdefault(i % 2, []).append(x)
...     return sum(len(g) * sum(g) for g in groups.values())
>>> grad(f)([1.0, 2.0, 3.0])
[2.0, 1.0, 2.0]
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Sequence

from sourcediff import types
from sourcediff.frontend.containers.containers import (
    contains,
    delete_item,
    held,
    item,
    kept,
    set_item,
)
from sourcediff.frontend.containers.mappings import keys_in_order
from sourcediff.frontend.control.joins import FALLS, Outcome
from sourcediff.frontend.describe import describe
from sourcediff.frontend.iteration.streams import mapped
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.columns import LEAF, filled, paths_of, same_shape
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Binding, Columns, Grouped, Ref, Stream, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import DICT, LIST, METHOD_OF, MethodSpec
from sourcediff.types import Slot

__all__ = [
    "delete_in_groups",
    "keys_of_groups",
    "list_of_key",
    "made_grouped",
    "method_of_groups",
    "put_in_groups",
    "register_lists",
    "taken_for_groups",
]

Kwargs = dict[str, Binding]
Make = Callable[[Binding, Binding], Binding]
NOTHING = Const(None, types.NONE)


def register_lists(lowering: Lowering, slot: Slot, value: Binding) -> None:
    """Note that lists are put into a dict, by the slot of its values.

    Raises:
        Widened: it was taken for a dict of numbers.
    """
    memo = lowering.memo
    if lowering.faithful or memo.keeps_groups or slot.root in memo.grouped:
        return
    is_list = isinstance(value, Value) and value.type.kind == "List" and value.type.cls is None
    is_known = isinstance(value, Tup) and value.cls is list
    if is_list or is_known or (isinstance(value, Columns) and not value.given):
        lowering.in_memory(value)
        memo.grouped.setdefault(slot.root)
        raise types.Widened


def taken_for_groups(lowering: Lowering, node: ast.AST) -> bool:
    """Whether lists are put into the dict that is made at a place of the program."""
    return lowering.slot(node, "value").root in lowering.memo.grouped


def made_grouped(
    lowering: Lowering,
    node: ast.AST,
    pairs: Sequence[tuple[Binding, Binding]] = (),
    makes: bool = False,
) -> Grouped:
    """``{k: []}``; where it `makes` the lists that are asked for, ``defaultdict(list)``."""
    slot = lowering.slot(node, "value").root
    shape = lowering.memo.grouped.setdefault(slot) or LEAF
    kinds = [types.list_of(lowering.slot(node, f"lists {path}")) for path in paths_of(shape)]
    key, place = lowering.slot(node, "key"), lowering.slot(node, "place")
    lowering.put(place, types.INT, "the places of lists")
    flat: list[Atom] = []
    rows: list[list[Atom]] = []
    for number, (one, value) in enumerate(pairs):
        at = kept(lowering, one)
        lowering.put(key, at.type, "the keys of this dict")
        flat += [at, Const(number, types.INT)]
        rows.append(_parts_of(lowering, slot, value))
    places = lowering.emit(DICT, flat, types.dict_of(key, place))
    groups = Grouped(places, filled(lowering, kinds, rows), shape, slot, node if makes else None)
    lowering.columns.append(groups)
    return groups


def _parts_of(lowering: Lowering, slot: Slot, value: Binding) -> list[Atom]:
    """A list that is put into a dict, by the places in its tuples.

    Raises:
        Widened: that it holds tuples was not known yet.
    """
    memo = lowering.memo
    shape = memo.grouped[slot] or LEAF
    if isinstance(value, Columns) and shape is LEAF:
        memo.grouped[slot] = value.shape
        raise types.Widened
    if not isinstance(value, Columns):
        atom = kept(lowering, value)
        inner = atom.type.slots["element"].root if atom.type.kind == "List" else None
        if shape is LEAF and inner in memo.columns:
            memo.grouped[slot] = memo.columns[inner]
            raise types.Widened
        if shape is LEAF:
            return [atom]
        if inner is not None and inner not in memo.columns:
            memo.columns[inner] = shape
            raise types.Widened
    if not isinstance(value, Columns) or not same_shape(shape, value.shape):
        lowering.error(f"a dict holds lists of tuples and {describe(value)}")
    return [*value.lists]


def put_in_groups(lowering: Lowering, groups: Grouped, key: Binding, value: Binding) -> None:
    """``groups[key] = value``."""
    at, parts = kept(lowering, key), _parts_of(lowering, groups.slot, value)
    node = lowering.node or lowering.frame.node
    spec = CallSpec(len, Ref("module", builtins, ("len",)))
    number = lowering.emit(PURE_CALL, (groups.lists[0],), types.INT, attribute=spec)
    set_item(lowering, groups.places, at, number, node)
    append = MethodSpec("append", writes=True)
    for whole, part in zip(groups.lists, parts, strict=True):
        lowering.put(whole.type.slots["element"], part.type, "this dict")
        lowering.effect(METHOD_OF, (whole, part), attribute=append)


def keys_of_groups(lowering: Lowering, groups: Grouped) -> Stream:
    """The keys, one by one."""

    def noted(found: list[Binding]) -> Binding:
        (key,) = found
        if isinstance(key, Value):
            groups.known.add(key)
        return key

    stream = mapped(lowering, [keys_in_order(lowering, groups.places)], noted)
    stream.whole = keys_in_order(lowering, groups.places).whole
    return stream


def list_of_key(lowering: Lowering, groups: Grouped, key: Binding, node: ast.AST) -> Binding:
    """``groups[key]``."""
    at = kept(lowering, key)
    there = at in groups.known and groups.slot not in lowering.memo.shrinking
    if groups.makes is not None and not there:
        _make_missing(lowering, groups, at, None)
    return _at_place(lowering, groups, item(lowering, groups.places, at, node), node)


def _make_missing(
    lowering: Lowering, groups: Grouped, key: Binding, default: Binding | None
) -> None:
    """Put a list under a key that is not there: a new one if no other is given."""

    def put() -> Outcome:
        put_in_groups(lowering, groups, key, _new(lowering, groups) if default is None else default)
        return FALLS

    missing = contains(lowering, True, lowering.atom(key), groups.places)
    lowering.branch(missing, put, lambda: FALLS, lambda: FALLS, False)


def _new(lowering: Lowering, groups: Grouped) -> Binding:
    """``list()``, which a defaultdict calls."""
    node = groups.makes
    assert node is not None
    if groups.shape is LEAF:
        return lowering.emit(LIST, (), types.list_of(lowering.slot(node, "List")))
    slots = [lowering.slot(node, f"column {path}") for path in paths_of(groups.shape)]
    lists = [lowering.emit(LIST, (), types.list_of(slot)) for slot in slots]
    return Columns(groups.shape, lists, groups.slot)


def _at_place(lowering: Lowering, groups: Grouped, place: Binding, node: ast.AST) -> Binding:
    at = lowering.atom(place)
    lists = [item(lowering, whole, at, node) for whole in groups.lists]
    if groups.shape is LEAF:
        return lists[0]
    return Columns(groups.shape, [w for w in lists if isinstance(w, Value)], groups.slot)


def delete_in_groups(lowering: Lowering, groups: Grouped, key: Binding, node: ast.AST) -> None:
    """``del groups[key]``."""
    _shrinks(lowering, groups)
    delete_item(lowering, groups.places, kept(lowering, key), node)


def _shrinks(lowering: Lowering, groups: Grouped) -> None:
    """Note that keys are taken out of a dict, so that none is known to be there.

    Raises:
        Widened: that was not known yet.
    """
    if groups.slot not in lowering.memo.shrinking:
        lowering.memo.shrinking.add(groups.slot)
        raise types.Widened


def method_of_groups(
    lowering: Lowering,
    groups: Grouped,
    name: str,
    args: list[Binding],
    kwargs: Kwargs,
    node: ast.AST,
) -> Binding:
    """``groups.name(*args)``."""
    if not kwargs and len(args) in _METHODS.get(name, ()):
        if name == "keys":
            return keys_of_groups(lowering, groups)
        if name == "values":
            return _gone_through(lowering, groups, node, lambda key, found: found)
        if name == "items":
            return _gone_through(lowering, groups, node, lambda key, found: Tup([key, found]))
        if name == "clear":
            _shrinks(lowering, groups)
            spec = MethodSpec("clear", writes=True)
            lowering.effect(METHOD_OF, (groups.places,), attribute=spec)
            return NOTHING
        if name == "setdefault":
            at = kept(lowering, args[0])
            _make_missing(lowering, groups, at, args[1])
            return _at_place(lowering, groups, item(lowering, groups.places, at, node), node)
        if name == "pop":
            _shrinks(lowering, groups)
            at, places = kept(lowering, args[0]), groups.places
            spec = MethodSpec("pop", writes=True)
            place = lowering.emit(METHOD_OF, (places, at), types.INT, attribute=spec)
            return _at_place(lowering, groups, held(lowering, place), node)
        if name == "get":
            at = kept(lowering, args[0])
            there = contains(lowering, False, at, groups.places)
            default = args[1] if len(args) == 2 else NOTHING
            return lowering.choose(
                there,
                lambda: _at_place(lowering, groups, item(lowering, groups.places, at, node), node),
                lambda: lowering.in_memory(default),
            )
    lowering.error(f"{name}() of a dict of lists is not supported here", node)


#: The methods, with the numbers of arguments that they are taken with.
_METHODS = {
    "clear": (0,),
    "get": (1, 2),
    "items": (0,),
    "keys": (0,),
    "pop": (1,),
    "setdefault": (2,),
    "values": (0,),
}


def _gone_through(lowering: Lowering, groups: Grouped, node: ast.AST, make: Make) -> Stream:
    keys = keys_in_order(lowering, groups.places)

    def made(found: list[Binding]) -> Binding:
        (key,) = found
        place = item(lowering, groups.places, lowering.atom(key), node)
        return make(key, _at_place(lowering, groups, place, node))

    return mapped(lowering, [keys], made)
