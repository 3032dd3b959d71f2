"""The normal form of what makes containers, cuts them and takes them apart.

A container that is made of another is an empty one to which items are appended; where Python says
which items (a slice, an order), it says so of the places, which are whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from sourcediff import memory, types
from sourcediff.frontend.primitives import COPY, GETATTR, GETITEM, TUPLE, UNPACK
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.transform.whole.build import NOTHING, ZERO_INT, Code, integer
from sourcediff.transform.whole.cursors import listed
from sourcediff.transform.whole.normal import Normal, called
from sourcediff.transform.whole.shapes import element, inner
from sourcediff.types import INT, OBJECT, Slot, Type, list_of

__all__ = [
    "PLACES",
    "append",
    "as_kind",
    "extend",
    "gathered",
    "places_of",
    "pop",
    "snapshot",
    "tuple_item",
    "update",
]

PLACES = list_of(Slot(INT))


def append(code: Code, whole: Atom, item: Atom, left: bool = False) -> None:
    """``whole.append(item)``; a deque that is full loses what is at its other end."""
    if inner(whole.type).kind == "Deque":
        room = code.op(GETATTR, (whole,), OBJECT, "maxlen")

        def full() -> None:
            long = code.equal(code.length(whole), room)
            kind = element(whole.type)

            def drop() -> None:
                code.method("pop" if left else "popleft", whole, type=kind)

            code.branch(long, drop)

        code.branch(code.is_not(room, NOTHING), full)
    if left:
        code.method("insert", whole, ZERO_INT, item)
    else:
        code.push(whole, item)


def pop(code: Code, whole: Atom, index: Atom) -> Value:
    """``whole.pop(index)``; a deque, which has no such method, goes round once without the item."""
    kind = element(whole.type)
    if inner(whole.type).kind != "Deque":
        return code.method("pop", whole, index, type=kind)
    if isinstance(index, Const) and index.value in (0, -1):
        return code.method("pop" if index.value else "popleft", whole, type=kind)
    found = code.at(whole, index, kind)
    numbers = code.call(range, code.length(whole), type=types.RANGE)
    gone = code.at(numbers, index, INT)

    def turn(_: Value, place: Value) -> None:
        item = code.method("popleft", whole, type=kind)
        code.branch(code.negated(code.equal(place, gone)), lambda: code.push(whole, item))

    code.each(numbers, INT, turn)
    return found


def places_of(code: Code, whole: Atom, index: Atom) -> Value:
    """The places that a slice stands for, as a list of whole numbers."""
    numbers = code.call(range, code.length(whole), type=types.RANGE)
    return code.at(code.call(list, numbers, type=PLACES), index, PLACES)


def gathered(code: Code, whole: Atom, places: Atom, kind: Type) -> Value:
    """A new list of what is at these places."""
    made = code.op(memory.LIST, (), kind)
    found = element(whole.type)
    code.each(places, INT, lambda _, place: code.push(made, code.at(whole, place, found)))
    return made


def snapshot(normal: Normal, whole: Atom, op: Op) -> Value:
    """A new list of the items that an operand has now."""
    return listed(normal, whole, op)


def extend(code: Code, whole: Atom, items: Atom, add: Callable[[Atom], None] | None = None) -> None:
    """Append the items of a list as long as it is now, which may be the same list."""
    kind = element(items.type)
    length = code.length(items)

    def turn(place: Value) -> None:
        item = code.at(items, place, kind)
        if add is None:
            append(code, whole, item)
        else:
            add(item)

    code.count(length, turn)


def as_kind(normal: Normal, op: Op, items: Value) -> None:
    """What an operation gives is a container of its own type with the items of a list."""
    kind = op.result.type
    if kind.kind in ("Sequence", "Tuple"):
        normal.give(op, normal.code.call(tuple, items, type=kind))
    else:
        normal.give(op, items)


# Displays -------------------------------------------------------------------------------------


def _list(normal: Normal, op: Op) -> None:
    spread = op.attribute or ()
    args = normal.atoms(op.args)
    if not spread:
        normal.code.op(memory.LIST, args, op.result.type)
        normal.give(op, normal.code.ops[-1].result)
        normal.defined[op.result] = op
        return
    code = normal.code
    made = code.op(memory.LIST, (), op.result.type)
    for place, arg in enumerate(args):
        if place in spread:
            extend(code, made, snapshot(normal, arg, op))
        else:
            code.push(made, arg)
    normal.give(op, made)


def _dict(normal: Normal, op: Op) -> None:
    spread = op.attribute or ()
    if not spread:
        normal.keep(op)
        return
    code = normal.code
    made = code.op(memory.DICT, (), op.result.type)
    for place in range(0, len(op.args), 2):
        key, value = normal.atoms(op.args[place : place + 2])
        if place in spread:
            update(code, made, value)
        else:
            code.put(made, key, value)
    normal.give(op, made)


def update(code: Code, whole: Atom, other: Atom) -> None:
    """``whole.update(other)`` for dicts."""
    kind = inner(other.type)
    key = kind.slots["key"].type if kind.kind == "Dict" else types.STR
    keys = code.call(list, other, type=list_of(Slot(key)))
    value = element(kind)
    code.each(keys, key, lambda _, k: code.put(whole, k, code.at(other, k, value)))


def _tuple(normal: Normal, op: Op) -> None:
    args = normal.atoms(op.args)
    normal.code.append(op.replace(args=args))
    normal.parts[op.result] = args


# Taking apart ---------------------------------------------------------------------------------


def tuple_item(normal: Normal, whole: Atom, place: int, kind: Type) -> Atom:
    """An item of a tuple."""
    known = normal.parts.get(whole) if isinstance(whole, Value) else None
    if known is not None:
        return known[place]
    return normal.code.op(GETITEM, (whole,), kind, place)


def _getitem(normal: Normal, op: Op) -> None:
    whole = normal.atom(op.args[0])
    normal.give(op, tuple_item(normal, whole, op.attribute, op.result.type))


def _getattr(normal: Normal, op: Op) -> None:
    whole = normal.atom(op.args[0])
    fields = getattr(inner(whole.type).cls, "_fields", ())
    if inner(whole.type).kind == "Tuple" and op.attribute in fields:
        normal.give(op, tuple_item(normal, whole, fields.index(op.attribute), op.result.type))
    else:
        normal.keep(op)


def _unpack(normal: Normal, op: Op) -> None:
    whole = normal.atom(op.args[0])
    kind = whole.type
    if kind.kind == "Tuple" and len(kind.items) == len(op.results) and op.attribute is None:
        for place, result in enumerate(op.results):
            normal.alias[result] = called(
                tuple_item(normal, whole, place, kind.items[place]), result.name
            )
    else:
        _unpack_iterable(normal, op)


def _unpack_iterable(normal: Normal, op: Op) -> None:
    code = normal.code
    whole = normal.atom(op.args[0])
    if inner(whole.type).kind not in ("List", "Deque", "Tuple", "Sequence", "Str", "Range"):
        whole = snapshot(normal, whole, op)
    star: int | None = op.attribute if op.primitive is memory.UNPACK_ITERABLE else None
    checked = tuple(Value(OBJECT) for _ in op.results)  # it raises where the number is wrong
    code.append(Op(memory.UNPACK_ITERABLE, (whole,), checked, attribute=star, site=code.site))
    count = len(op.results)
    for place, result in enumerate(op.results):
        found: Atom
        if not normal.uses.get(result):
            continue
        if place == star:
            long = code.minus(code.length(whole), integer(count - 1 - place))
            kept = code.call(range, integer(place), long, type=types.RANGE)
            found = gathered(code, whole, code.call(list, kept, type=PLACES), result.type)
        else:
            index = place if star is None or place < star else place - count
            found = code.at(whole, integer(index), result.type)
        normal.alias[result] = called(found, result.name)


def _copy(normal: Normal, op: Op) -> None:
    normal.give(op, normal.atom(op.args[0]))


Normal.handlers.update(
    {
        memory.LIST: _list,
        memory.DICT: _dict,
        TUPLE: _tuple,
        GETITEM: _getitem,
        GETATTR: _getattr,
        UNPACK: _unpack,
        memory.UNPACK_ITERABLE: _unpack_iterable,
        COPY: _copy,
    }
)
