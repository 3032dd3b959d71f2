"""The gradient in the structure of the argument, read from the shadows."""

from __future__ import annotations

from collections.abc import Callable

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import GETATTR, GETITEM, NARROWED, TUPLE
from sourcediff.ir import Atom, Const, Function, Invocation, Region, Value
from sourcediff.transform.whole.array_code import Arrays, is_either
from sourcediff.transform.whole.array_entry import either, gradient_of_array
from sourcediff.transform.whole.beginnings import Tables
from sourcediff.transform.whole.build import NOTHING, ZERO, Code
from sourcediff.transform.whole.entry import Entry
from sourcediff.transform.whole.program import where_it_is
from sourcediff.transform.whole.shapes import element, inner
from sourcediff.transform.whole.structure import (
    bare_object,
    gradient_type,
    has_attribute,
    is_structure,
    is_tuple,
    key_of,
)
from sourcediff.types import BOOL, INT, REAL, STR, Slot, Type, list_of

__all__ = ["Collect"]


class Collect:
    """The functions that read gradients, for one differentiation."""

    def __init__(self, entry: Entry) -> None:
        self.program = entry.program
        self.order = entry.order
        self.tables = entry.tables
        self.entry = entry
        self.beginnings = entry.beginnings
        self._collect: dict[object, Function] = {}
        self._gradients: dict[object, Type] = {}

    # Going out ----------------------------------------------------------------------------

    def collect(self, code: Code, atom: Atom, tables: Tables) -> Atom:
        """The gradient with respect to a part of an argument that is no number of its own."""
        called = self._collecting(atom.type)
        assert called.returns is not None
        return code.op(
            ir.INVOKE,
            (atom, *tables),
            called.returns,
            Invocation(called, ref=None, name=called.name),
        )

    def part(self, code: Code, item: Atom, adjoint: Callable[[], Atom], tables: Tables) -> Atom:
        """The gradient with respect to what is at one place; `adjoint` looks it up."""
        kind = item.type
        if is_either(kind):
            return self._either(code, item, adjoint)
        if is_tuple(kind):
            return self._place(code, item, adjoint, tables)
        if self.entry.is_gradient(kind):
            return Entry.found(code, item, tables[0], self.program.shadows.of(kind))
        if is_structure(kind):
            return self.collect(code, item, tables)
        if inner(kind) is REAL:
            if kind.kind != "Optional":
                return adjoint()
            found = code.variable("found", types.optional(REAL))
            code.branch(
                code.is_not(item, NOTHING),
                lambda: code.write(found, adjoint()),
                lambda: code.write(found, NOTHING),
            )
            return code.read(found)
        return NOTHING

    def _place(self, code: Code, item: Atom, adjoint: Callable[[], Atom], tables: Tables) -> Atom:
        """The gradient of a tuple, whose shadow belongs to the place where it is."""
        kind = item.type
        given = self.gradient_type(kind)

        def of(whole: Atom) -> Value:
            shadow = adjoint() if self.program.shadows.has(kind) else None
            if shadow is not None and shadow.type.kind == "Optional":
                shadow = code.op(NARROWED, (shadow,), shadow.type.items[0])
            return self._contents(code, whole, tables, Value(INT), inner(given), shadow)

        if kind.kind != "Optional":
            return of(item)
        found = code.variable("found", given)
        code.branch(
            code.is_not(item, NOTHING),
            lambda: code.write(found, of(code.op(NARROWED, (item,), kind.items[0]))),
            lambda: code.write(found, NOTHING),
        )
        return code.read(found)

    def _either(self, code: Code, item: Atom, adjoint: Callable[[], Atom]) -> Atom:
        """The gradient of an array or a number, whose shadow is an array in any case."""
        given = self.gradient_type(item.type)
        shadow = adjoint() if self.program.shadows.has(item.type) else None
        found = gradient_of_array(code, item, shadow, given)
        return either(code, item, given, lambda: found, lambda: Arrays(code).total(found))

    def gradient_type(self, t: Type) -> Type:
        """The type of the gradient with respect to a value of some type."""
        return gradient_type(t, self._gradients, self._settled)

    def _settled(self, t: Type) -> Type | None:
        """That of a shadow which is the gradient."""
        return self.program.shadows.of(t) if self.entry.is_gradient(t) else None

    def _collecting(self, kind: Type) -> Function:
        key = key_of(kind)
        known = self._collect.get(key)
        if known is not None:
            return known
        given = self.gradient_type(kind)
        whole = Value(kind, "whole")
        shadows = Value(self.tables[1], "shadows")
        made_already = Value(self.tables[2], "gradients")
        tables: Tables = (shadows, made_already, *self.beginnings.parameter())
        made = self._collect[key] = Function("gradient", [whole, *tables], Region([], None))
        made.returns = given
        made.order = self.order
        code = Code({}, self.order)
        with code.block() as ops:
            subject: Atom = whole
            if kind.kind == "Optional":
                code.branch(
                    code.is_not(whole, NOTHING),
                    lambda: None,
                    lambda: code.op(ir.RETURN, (NOTHING,)),
                )
                subject = code.op(NARROWED, (whole,), kind.items[0])
            if inner(kind).kind == "Set":
                code.op(ir.RETURN, (NOTHING,))
            else:
                name = code.call(id, subject, type=INT)
                there = code.op(memory.CONTAINS, (name, made_already), BOOL, False)
                code.branch(
                    there,
                    lambda: code.op(ir.RETURN, (code.at(made_already, name, inner(given)),)),
                )
                code.op(
                    ir.RETURN,
                    (self._gradient(code, subject, tables, name, inner(given)),),
                )
        made.body = Region(ops, None)
        made.variables = tuple(code.variables)
        return made

    def _gradient(self, code: Code, whole: Atom, tables: Tables, name: Value, given: Type) -> Value:
        kind = whole.type
        has = self.program.shadows.has(kind)
        shadow = Entry.found(code, whole, tables[0], self.program.shadows.of(kind)) if has else None
        first = self.beginnings.found(code, kind, name, tables)
        return self._contents(code, whole, tables, name, given, shadow, first)

    def wanted(self, held: Type) -> Type:
        """The type of what a shadow has for an item of some type."""
        own = is_either(held) or is_tuple(held)
        return self.program.shadows.of(held) if own and self.program.shadows.has(held) else REAL

    def _contents(
        self,
        code: Code,
        whole: Atom,
        tables: Tables,
        name: Value,
        given: Type,
        shadow: Atom | None,
        first: Value | None = None,
    ) -> Value:
        kind = whole.type

        def at(place: Atom, held: Type, slot: Slot | None = None) -> Callable[[], Atom]:
            wanted = self.wanted(held)
            placed = first is not None and (slot is None or self.beginnings.at(slot))
            source = first if placed else shadow
            return lambda: ZERO if source is None else code.at(source, place, wanted)

        if kind.kind == "Array":
            made = gradient_of_array(code, whole, shadow, given)
            code.put(tables[1], name, made)
            return made
        if kind.kind == "Tuple":
            items = [
                self.part(
                    code,
                    code.op(GETITEM, (whole,), item, place),
                    at(Const(place, INT), item),
                    tables,
                )
                for place, item in enumerate(kind.items)
            ]
            return code.op(TUPLE, items, given, kind.cls)
        if kind.kind in ("List", "Deque", "Sequence"):
            made = code.op(
                memory.LIST, (), list_of(Slot(element(given))) if given.kind != "List" else given
            )
            if kind.kind != "Sequence":
                code.put(tables[1], name, made)
            code.each(
                whole,
                element(kind),
                lambda i, item: code.push(made, self.part(code, item, at(i, item.type), tables)),
            )
            return made if given.kind == "List" else code.call(tuple, made, type=given)
        if kind.kind in ("Dict", "Record"):
            made = code.op(memory.DICT, (), given)
            code.put(tables[1], name, made)

            def entry(key: Atom, held: Type, slot: Slot | None = None) -> None:
                item = code.at(whole, key, held)
                code.put(made, key, self.part(code, item, at(key, held, slot), tables))

            if kind.kind == "Record":
                for key, slot in kind.slots.items():

                    def known(key: str = key, slot: Slot = slot) -> None:
                        entry(Const(key, STR), slot.type, slot)

                    where_it_is(code, self.program, whole, key, slot, known)
            else:
                key_type = kind.slots["key"].type
                keys = code.call(list, whole, type=list_of(Slot(key_type)))
                code.each(keys, key_type, lambda _, k: entry(k, kind.slots["value"].type))
            return made
        made = bare_object(code, given)
        code.put(tables[1], name, made)
        for attribute, slot in kind.slots.items():

            def one(attribute: str = attribute, slot: Slot = slot) -> None:
                item = code.op(GETATTR, (whole,), slot.type, attribute)

                def adjoint() -> Atom:
                    if first is not None and self.beginnings.at(slot):
                        return code.at(first, Const(attribute, STR), self.wanted(slot.type))
                    if shadow is None or not self.program.shadows.wants(slot):
                        return ZERO
                    return code.op(GETATTR, (shadow,), self.wanted(slot.type), attribute)

                found = self.part(code, item, adjoint, tables)
                code.op(memory.SET_ATTRIBUTE, (made, found), None, attribute)

            code.branch(has_attribute(code, whole, attribute), one)
        return made
