"""Tangents of arguments, put into shadows, and those of results, taken out of them.

A tangent has the structure of what it belongs to: a list beside a list, a dict beside a dict, a
namespace beside an object; None beside what does not vary.
"""

from __future__ import annotations

from types import SimpleNamespace

from sourcediff import memory, types
from sourcediff.frontend.primitives import GETATTR, GETITEM, NARROWED, TUPLE
from sourcediff.ir import Atom, Const, Value
from sourcediff.transform.whole.array_code import ELLIPSIS, Arrays, is_array_type, is_either
from sourcediff.transform.whole.build import NOTHING, ZERO, Code, integer
from sourcediff.transform.whole.program import Program, where_it_is
from sourcediff.transform.whole.results import each_key
from sourcediff.transform.whole.shapes import element, inner
from sourcediff.transform.whole.structure import has_attribute
from sourcediff.types import NONE, REAL, STR, Slot, Type, list_of

__all__ = ["fill", "of_result", "tangents_type"]


def tangents_type(kind: Type, within: tuple[object, ...] = ()) -> Type | None:
    """The type of a tangent of an argument; None where it leads back to itself."""
    if kind.kind == "Optional":
        found = tangents_type(kind.items[0], within)
        return None if found is None else types.optional(found) if found is not NONE else NONE
    if kind is REAL:
        return REAL
    if kind.kind == "Array" and kind.slots["element"].type is REAL:
        return types.array_of(Slot(REAL), types.rank_of(kind))
    if kind.kind not in ("Tuple", "Sequence", "List", "Deque", "Dict", "Record", "Object"):
        return NONE
    key = id(kind.slots) if kind.kind == "Object" else kind
    if key in within:
        return None
    within = (*within, key)
    held = {
        name: tangents_type(slot.type, within)
        for name, slot in kind.slots.items()
        if kind.kind != "Dict" or name == "value"
    }
    items = [tangents_type(item, within) for item in kind.items]
    parts = [*held.values(), *items]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if kind.kind == "Tuple":
        return types.tuple_of(known)
    if kind.kind == "Sequence":
        return types.sequence_of(known[0])
    if kind.kind in ("List", "Deque"):
        return list_of(Slot(known[0]))
    if kind.kind == "Dict":
        return types.dict_of(kind.slots["key"], Slot(known[0]))
    slots = {name: Slot(k) for name, k in zip(held, known, strict=True)}
    if kind.kind == "Object":
        return types.object_of(SimpleNamespace, slots)
    return types.record_of(slots)


def fill(code: Code, program: Program, kind: Type, shadow: Atom, tangent: Atom) -> None:
    """Put the tangent of an argument of some type into its shadow."""
    shadows = program.shadows
    if kind.kind == "Optional":
        whole = inner(kind)

        def there() -> None:
            one = code.op(NARROWED, (shadow,), shadows.of(whole))
            other = code.op(NARROWED, (tangent,), tangent.type.items[0])
            fill(code, program, whole, one, other)

        if tangent.type is not NONE:
            code.branch(code.is_not(tangent, NOTHING), there)
        return

    def at(place: Atom, held: Type, part: Atom) -> None:
        if inner(held) is REAL:
            put(place, _number(code, part))
        elif shadows.has(held) and part.type is not NONE:
            fill(code, program, held, code.at(shadow, place, shadows.of(held)), part)

    def put(place: Atom, number: Atom) -> None:
        code.put(shadow, place, number)

    if is_array_type(kind):
        code.put(shadow, ELLIPSIS, tangent)
    elif kind.kind == "Tuple":
        for place, item in enumerate(kind.items):
            part = code.op(GETITEM, (tangent,), tangent.type.items[place], place)
            at(integer(place), item, part)
    elif kind.kind in ("List", "Deque", "Sequence"):
        held = element(kind)
        code.each(tangent, element(tangent.type), lambda place, part: at(place, held, part))
    elif kind.kind == "Record":
        for name, slot in kind.slots.items():
            if shadows.wants(slot):

                def known(name: str = name, slot: Slot = slot) -> None:
                    key = Const(name, STR)
                    at(key, slot.type, code.at(tangent, key, tangent.type.slots[name].type))

                where_it_is(code, program, tangent, name, slot, known)
    elif kind.kind == "Object":
        for name, slot in kind.slots.items():
            if shadows.wants(slot) and tangent.type.slots[name].type is not NONE:
                _attribute(code, program, slot, name, shadow, tangent)
    else:
        held = kind.slots["value"].type
        each_key(
            code, program, tangent, lambda key, given: at(key, held, code.at(tangent, key, given))
        )


def _attribute(
    code: Code, program: Program, slot: Slot, name: str, shadow: Atom, tangent: Atom
) -> None:
    """Put the tangent of what an attribute holds into the shadow of an object."""
    shadows = program.shadows

    def there() -> None:
        part = code.op(GETATTR, (tangent,), tangent.type.slots[name].type, name)
        if inner(slot.type) is REAL:
            code.op(memory.SET_ATTRIBUTE, (shadow, _number(code, part)), None, name)
        elif shadows.has(slot.type):
            held = code.op(GETATTR, (shadow,), shadows.of(slot.type), name)
            fill(code, program, slot.type, held, part)

    code.branch(has_attribute(code, shadow, name), there)


def _number(code: Code, part: Atom) -> Atom:
    """The tangent of what is a number or None."""
    if part.type is NONE:
        return ZERO
    if part.type.kind != "Optional":
        return part
    found = code.variable("tangent", REAL)
    code.branch(
        code.is_not(part, NOTHING),
        lambda: code.write(found, code.op(NARROWED, (part,), REAL)),
        lambda: code.write(found, ZERO),
    )
    return code.read(found)


# Results --------------------------------------------------------------------------------------


def of_result(code: Code, program: Program, whole: Atom, shadow: Atom) -> Atom:
    """The tangent of a result, in its structure."""
    shadows = program.shadows
    kind = whole.type
    if types.is_number(kind):
        return shadow if shadow.type is REAL else ZERO
    varies = shadows.has(kind)
    if is_either(kind):
        axes = Arrays(code).numpy("ndim", whole, type=types.INT)
        if not varies:
            return Arrays(code).zeros(whole, kind)
        moved = code.variable("tangent", kind)
        code.branch(
            code.equal(axes, integer(0)),
            lambda: code.write(moved, Arrays(code).total(shadow)),
            lambda: code.write(moved, shadow),
        )
        return code.read(moved)
    if is_array_type(kind):
        return shadow if varies else Arrays(code).zeros(whole, _real(kind))

    def part(place: Atom, item: Atom) -> Atom:
        if types.is_number(item.type):
            there = varies and item.type is REAL
            return code.at(shadow, place, REAL) if there else ZERO
        beside = code.at(shadow, place, shadows.of(item.type)) if shadows.has(item.type) else ZERO
        return of_result(code, program, item, beside)

    if kind.kind == "Tuple":
        parts = [
            part(integer(place), code.op(GETITEM, (whole,), item, place))
            for place, item in enumerate(kind.items)
        ]
        return code.op(TUPLE, parts, types.tuple_of(p.type for p in parts))
    if kind.kind in ("List", "Sequence"):
        slot: Slot = Slot()
        made = code.op(memory.LIST, (), list_of(slot))

        def turn(place: Value, item: Value) -> None:
            found = part(place, item)
            slot.write(found.type)
            code.push(made, found)

        code.each(whole, element(kind), turn)
        if kind.kind == "List":
            return made
        return code.call(tuple, made, type=types.sequence_of(slot.type))
    if kind.kind == "Record":
        slots: dict[str, Slot] = {name: Slot() for name in kind.slots}
        record = code.op(memory.DICT, (), types.record_of(slots))

        def known(key: Atom, held: Type) -> None:
            assert isinstance(key, Const)
            item = code.at(whole, key, held)
            wanted = shadows.wants(kind.slots[key.value]) or not types.is_number(held)
            found = part(key, item) if wanted else ZERO
            slots[key.value].write(found.type)
            code.put(record, key, found)

        each_key(code, program, whole, known)
        return record
    assert kind.kind == "Dict"
    value = Slot()
    table = code.op(memory.DICT, (), types.dict_of(kind.slots["key"], value))

    def entry(key: Atom, held: Type) -> None:
        found = part(key, code.at(whole, key, held))
        value.write(found.type)
        code.put(table, key, found)

    each_key(code, program, whole, entry)
    return table


def _real(kind: Type) -> Type:
    return types.array_of(Slot(REAL), types.rank_of(kind))
