"""The results of programs that are more than one number: handed out, and seeded with adjoints.

What is handed out is a copy: the arrays and lists of the program itself are changed when it is
taken back. Their adjoints come in the same structure, lists in the place of lists.
"""

from __future__ import annotations

from collections.abc import Callable

from sourcediff import memory, types
from sourcediff.frontend.primitives import GETITEM, TUPLE
from sourcediff.ir import Atom, Const
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.whole.array_code import Arrays, is_array_type, is_either
from sourcediff.transform.whole.array_entry import either
from sourcediff.transform.whole.build import Code, integer
from sourcediff.transform.whole.program import Program, where_it_is
from sourcediff.transform.whole.shapes import element
from sourcediff.types import REAL, STR, Slot, Type, list_of

__all__ = ["each_key", "handed_out", "seed", "seeds_type"]


def seeds_type(kind: Type, within: tuple[Type, ...] = ()) -> Type | None:
    """The type of an adjoint of a result, or None where it holds something else than numbers."""
    if types.is_number(kind):
        return REAL
    if kind.kind == "Array":
        return types.array_of(Slot(REAL), types.rank_of(kind))
    if kind in within:
        return None
    parts = [
        *kind.items,
        *(s.type for name, s in kind.slots.items() if name != "key" or kind.kind == "Record"),
    ]
    found = [seeds_type(part, (*within, kind)) for part in parts]
    known = [part for part in found if part is not None]
    if len(known) < len(found):
        return None
    if kind.kind == "Tuple":
        return types.tuple_of(known)
    if kind.kind == "Sequence":
        return types.sequence_of(known[0])
    if kind.kind == "List":
        return list_of(Slot(known[0]))
    if kind.kind == "Dict":
        return types.dict_of(kind.slots["key"], Slot(known[0]))
    if kind.kind == "Record":
        return types.record_of({n: Slot(k) for n, k in zip(kind.slots, known, strict=True)})
    return None


def handed_out(code: Code, program: Program, whole: Atom) -> Atom:
    """A copy of a result, in which nothing is of the program's own."""
    kind = whole.type
    if is_either(kind):
        return either(code, whole, kind, lambda: Arrays(code).copy(whole), lambda: whole)
    if is_array_type(kind):
        return Arrays(code).copy(whole)
    if kind.kind == "Tuple":
        items = [
            handed_out(code, program, code.op(GETITEM, (whole,), item, place))
            for place, item in enumerate(kind.items)
        ]
        return code.op(TUPLE, items, kind, kind.cls)
    if kind.kind in ("List", "Sequence"):
        held = element(kind)
        made = code.op(memory.LIST, (), kind if kind.kind == "List" else list_of(Slot(held)))
        code.each(whole, held, lambda _, item: code.push(made, handed_out(code, program, item)))
        return made if kind.kind == "List" else code.call(tuple, made, type=kind)
    if kind.kind in ("Dict", "Record"):
        made = code.op(memory.DICT, (), kind)

        def entry(key: Atom, held: Type) -> None:
            code.put(made, key, handed_out(code, program, code.at(whole, key, held)))

        each_key(code, program, whole, entry)
        return made
    return whole


def each_key(
    code: Code, program: Program, whole: Atom, body: Callable[[Atom, Type], object]
) -> None:
    """A loop over the keys of a dict, each with the type of what it leads to."""
    kind = whole.type
    if kind.kind == "Record":
        for name, slot in kind.slots.items():

            def known(name: str = name, slot: Slot = slot) -> None:
                body(Const(name, STR), slot.type)

            where_it_is(code, program, whole, name, slot, known)
        return
    key = kind.slots["key"].type
    keys = code.call(list, whole, type=list_of(Slot(key)))
    code.each(keys, key, lambda _, found: body(found, kind.slots["value"].type))


def seed(code: Code, program: Program, kind: Type, shadow: Atom, adjoint: Atom) -> None:
    """Add the adjoint of a result of some type to its shadow."""
    shadows = program.shadows

    def at(place: Atom, held: Type, part: Atom) -> None:
        if held is REAL:
            now = Scaled(1.0, code.at(shadow, place, REAL))
            code.put(shadow, place, code.real_atom(code.add(now, code.scaled(part))))
        elif shadows.has(held):
            seed(code, program, held, code.at(shadow, place, shadows.of(held)), part)

    if is_array_type(kind):
        Arrays(code).add_to(shadow, adjoint)
    elif kind.kind == "Tuple":
        for place, item in enumerate(kind.items):
            part = code.op(GETITEM, (adjoint,), adjoint.type.items[place], place)
            at(integer(place), item, part)
    elif kind.kind in ("List", "Sequence"):
        held = element(kind)
        code.each(adjoint, element(adjoint.type), lambda place, part: at(place, held, part))
    elif kind.kind == "Record":
        for name, slot in kind.slots.items():

            def known(name: str = name, slot: Slot = slot) -> None:
                key = Const(name, STR)
                at(key, slot.type, code.at(adjoint, key, adjoint.type.slots[name].type))

            if shadows.wants(slot):
                where_it_is(code, program, adjoint, name, slot, known)
    else:
        held = kind.slots["value"].type

        def value(key: Atom, given: Type) -> None:
            at(key, held, code.at(adjoint, key, given))

        each_key(code, program, adjoint, value)
