"""Adjoints of dicts in memory: beside ``totals`` a dict of adjoints under the same keys.

It starts as ``dict.fromkeys(totals, 0.0)``, with the keys that there are in the end. From there on
it has at least those that `totals` has at this point of the program; what it has under others
means nothing, as each of these was put there later, or has been taken out.

    totals[k] = totals.get(k, 0.0) + x     →     x_bar += totals_bar[k]
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.primitives import GETITEM, PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import FOR, IF, Atom, Const, Op, Region, Value
from sourcediff.memory import (
    ADD_AT,
    CONTAINS,
    DELETE_ITEM,
    DICT,
    LIST,
    METHOD_OF,
    QUERY,
    SET_ITEM,
    SUBSCRIPT,
    MethodSpec,
)
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.lists.contents import is_dict, slot_of

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.lists.listing import Lists
    from sourcediff.transform.lists.shadows import Shadows

__all__ = ["FROM_KEYS", "turn_round_dict", "zeros_by_key"]

ZERO = Const(0.0, types.REAL)
FROM_KEYS = CallSpec(dict.fromkeys, Ref("module", builtins, ("dict", "fromkeys")))


def zeros_by_key(lists: Shadows, whole: Value, value: Atom = ZERO) -> Value:
    """``dict.fromkeys(whole, 0.0)``"""
    args = (whole, value)
    return lists.run.builder.emit(PURE_CALL, args, lists.kind(whole.type), FROM_KEYS)


def turn_round_dict(lists: Lists, op: Op, adjoints: Adjoints) -> bool:
    """Append the reverse of an operation on a dict; False if a list has the same, or it is none."""
    active = lists.run.active
    if op.primitive is DICT:
        _display(lists, op, adjoints)
    elif op.primitive is PURE_CALL and op.attribute.function == dict.fromkeys:
        _from_keys(lists, op, adjoints)
    elif op.primitive is PURE_CALL and _views_values(lists, op):
        _values(lists, op, adjoints)
    elif not op.args or not is_dict(op.args[0]):
        return False
    elif op.args[0] not in active:
        return True
    elif op.primitive is METHOD_OF and op.attribute.name == "__getitem__":
        lists.run.turn_round_item(op, adjoints)  # what it puts there is a constant
    elif op.primitive is METHOD_OF:
        _take_out(lists, op, lists.run.settle(op.result, adjoints), adjoints)
    elif op.primitive is DELETE_ITEM:
        _take_out(lists, op, Scaled(0.0, None), adjoints)
    elif op.primitive is QUERY and op.attribute.name == "get":
        _get(lists, op, adjoints)
    elif op.results and is_dict(op.result):
        _copy(lists, op, adjoints)
    else:
        # An item, or what is put under a key, is as in a list; of the keys there is no derivative.
        return op.primitive in (PURE_CALL, CONTAINS, QUERY)
    return True


def _display(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """``{k: v}``"""
    known = lists.known(op.result, adjoints)
    if not isinstance(known, Value):
        return
    for key, value in zip(op.args[::2], op.args[1::2], strict=True):
        if value in lists.run.active:
            lists.contribute(value, adjoints, Scaled(1.0, lists.share(known, key, value)))


def _from_keys(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """``dict.fromkeys(keys, value)``"""
    known = lists.known(op.result, adjoints)
    if not isinstance(known, Value) or op.args[1] not in lists.run.active:
        return
    numbers = types.list_of(types.Slot(types.REAL))
    builder = lists.run.builder
    slot = slot_of(op.result)
    assert slot is not None
    if lists.is_fixed(slot):
        viewed = types.iterator_of(types.Slot(types.REAL))
        view = builder.emit(QUERY, (known,), viewed, MethodSpec("values"))
        items = lists.call(list, view, kind=numbers)
    else:
        keys = _taken(lists, op.result)
        lists.run.levels[-1][1].append(keys)
        items = builder.emit(LIST, (), numbers)
        key = Value(op.result.type.slots["key"].type, "key")
        with builder.block() as code:
            lists.change(items, "append", (lists.share(known, key),))
        region = Region(code, (), None, (key,))
        loop = Op(FOR, (keys.result,), (), (region,), "generator", builder.site, builder.order)
        builder.append(loop)
    total = lists.call(sum, items, kind=types.REAL)
    lists.contribute(op.args[1], adjoints, Scaled(1.0, total))


def _views_values(lists: Lists, op: Op) -> bool:
    made = lists.run.builder.definitions.get(op.args[0]) if len(op.args) == 1 else None  # type: ignore[arg-type]
    return made is not None and made.primitive is QUERY and made.attribute.name == "values"


def _values(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """``list(whole.values())``"""
    (whole,) = lists.run.builder.definitions[op.args[0]].args  # type: ignore[index]
    known = lists.known(op.result, adjoints)
    if known is None or whole not in lists.run.active:
        return
    assert isinstance(whole, Value)
    is_first = lists.known(whole, adjoints) is None and lists.homes[whole][1] is adjoints
    if isinstance(known, Scaled) and is_first:
        value = lists.run.builder.real_atom(known)
        lists.begin(whole, zeros_by_key(lists, whole, value), adjoints)
        return
    shadow = lists.shadow(whole, adjoints)
    if isinstance(known, Scaled):
        value = lists.run.builder.real_atom(known)
        _for_each_key(lists, whole, lambda key: lists.add_at(shadow, key, value))
        return
    builder = lists.run.builder
    keys = _keys(lists, whole)
    kinds = keys.type.slots["element"].type, types.REAL
    pair = Value(types.tuple_of(kinds))
    pairs = lists.call(zip, keys, known, kind=types.iterator_of(types.Slot(pair.type)))
    with builder.block() as code:
        key, share = (builder.emit(GETITEM, (pair,), kinds[place], place) for place in (0, 1))
        key.name = "key"
        lists.add_at(shadow, key, share)
    region = Region(code, (), None, (pair,))
    builder.append(Op(FOR, (pairs,), (), (region,), None, builder.site, builder.order))


def _keys(lists: Lists, whole: Value) -> Value:
    """The keys that a dict has where the operation stands that is being turned round."""
    kind = types.list_of(whole.type.slots["key"])
    slot = slot_of(whole)
    assert slot is not None
    if lists.is_fixed(slot):
        return lists.call(list, whole, kind=kind)
    made = _taken(lists, whole)
    lists.before.append(made)
    return made.result


def _taken(lists: Lists, whole: Value) -> Op:
    """An operation of the forward code that lists the keys of a dict."""
    assert lists.now is not None
    spec = CallSpec(list, Ref("module", builtins, ("list",)))
    kind = types.list_of(whole.type.slots["key"])
    return Op(PURE_CALL, (whole,), (Value(kind),), (), spec, lists.now.site, lists.now.order)


def _for_each_key(lists: Lists, whole: Value, turn: Callable[[Value], None]) -> None:
    """``for key in whole:``"""
    builder = lists.run.builder
    keys = _keys(lists, whole)
    key = Value(whole.type.slots["key"].type, "key")
    with builder.block() as code:
        turn(key)
    region = Region(code, (), None, (key,))
    builder.append(Op(FOR, (keys,), (), (region,), None, builder.site, builder.order))


def _take_out(lists: Lists, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    """``del whole[key]`` and ``whole.pop(key)``: it is there again, with an adjoint of its own."""
    whole, key = op.args
    assert isinstance(whole, Value)
    shadow = lists.shadow(whole, adjoints)
    builder = lists.run.builder
    value: Atom = ZERO if adjoint.is_zero else builder.real_atom(adjoint)
    builder.append(Op(SET_ITEM, (shadow, key, value), (), (), None, builder.site, builder.order))


def _get(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """``whole.get(key, 0.0)``"""
    whole, key, _ = op.args
    run = lists.run
    adjoint = run.settle(op.result, adjoints)
    if adjoint.is_zero:
        return
    assert isinstance(whole, Value)
    shadow = lists.shadow(whole, adjoints)
    value = run.builder.real_atom(adjoint)
    builder = run.builder
    there = _found_there(lists, shadow, key)
    if there is not None:
        lists.add_at(shadow, there, value)
        return
    test = builder.emit(CONTAINS, (key, shadow), types.BOOL, False)
    with builder.block() as code:
        lists.add_at(shadow, key, value)
    arms = (Region(code, ()), Region([], ()))
    builder.append(Op(IF, (test,), (), arms, "statement", builder.site, builder.order))


def _found_there(lists: Lists, shadow: Value, key: Atom) -> Atom | None:
    """The key by which what has been done before finds something under a key, or puts it there."""
    definitions = lists.run.builder.definitions
    for op in reversed(lists.run.builder.ops):
        if op.primitive in (SUBSCRIPT, SET_ITEM, ADD_AT) and op.args[0] is shadow:
            if _same_key(key, op.args[1], definitions):
                return op.args[1]
    return None


def _same_key(one: Atom, other: Atom, definitions: Mapping[Value, Op]) -> bool:
    """Whether two keys are computed in the same way of the same values."""
    if one is other or (isinstance(one, Const) and one.same_as(other)):
        return True
    if not isinstance(one, Value) or not isinstance(other, Value):
        return False
    made, again = definitions.get(one), definitions.get(other)
    if made is None or again is None or made.primitive is not again.primitive:
        return False
    if made.primitive.reads or made.primitive.effect or made.regions or again.regions:
        return False
    if made.attribute != again.attribute or len(made.args) != len(again.args):
        return False
    if any(types.is_memory(arg.type) for arg in made.args):
        return False  # what it refers to may have changed in between
    pairs = zip(made.args, again.args, strict=True)
    return all(_same_key(a, b, definitions) for a, b in pairs)


def _copy(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """``whole.copy()``"""
    known = lists.known(op.result, adjoints)
    whole = op.args[0]
    if not isinstance(known, Value) or not isinstance(whole, Value):
        return
    shadow = lists.shadow(whole, adjoints)
    builder = lists.run.builder

    def turn(key: Value) -> None:
        found = builder.emit(SUBSCRIPT, (known, key), types.REAL)
        lists.add_at(shadow, key, found)

    _for_each_key(lists, whole, turn)
