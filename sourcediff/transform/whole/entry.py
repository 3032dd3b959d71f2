"""The arguments of a derivative: copied with their shadows on the way in, read on the way out.

For each type that an argument leads to there is a function of the IR that goes through it. What is
met twice, in whatever argument, is one object in the copy and has one shadow: each function looks
first into a table by identity. The gradient has the structure of the argument, numbers in place
of numbers and None in place of what has no derivative.

What has no identity, a tuple, is known by its place only. Where the program may put something else
there, a further table has what the shadow had at each place in the beginning (`beginnings`).
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence

from sourcediff import ir, memory, types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import GETATTR, GETITEM, NARROWED, TUPLE
from sourcediff.ir import Atom, Const, Function, Invocation, Region, Value
from sourcediff.transform.whole.apart import Apart
from sourcediff.transform.whole.array_code import Arrays, is_either
from sourcediff.transform.whole.array_entry import copy_of_array, either
from sourcediff.transform.whole.beginnings import Beginnings, Tables
from sourcediff.transform.whole.build import NOTHING, ZERO, Code
from sourcediff.transform.whole.kept import note_made
from sourcediff.transform.whole.made import make_object, new_shadow
from sourcediff.transform.whole.program import Program, where_it_is
from sourcediff.transform.whole.shapes import element, inner
from sourcediff.transform.whole.sparing import Sparing, there, zeros_of
from sourcediff.transform.whole.stores import KEPT
from sourcediff.transform.whole.structure import (
    bare_object,
    has_attribute,
    is_structure,
    is_tuple,
    key_of,
)
from sourcediff.types import BOOL, INT, OBJECT, REAL, STR, Slot, Type, dict_of, list_of

__all__ = ["Entry"]


class Entry:
    """The functions that go through arguments, for one differentiation."""

    def __init__(
        self,
        program: Program,
        parameters: Sequence[Value],
        sparing: bool = False,
        apart: bool = False,
    ) -> None:
        self.program = program
        self.order = program.order
        self._enter: dict[object, Function] = {}
        #: Copies, shadows and gradients by the identity of the caller's objects.
        self.tables = [dict_of(Slot(INT), Slot(OBJECT)) for _ in range(3)]
        known = Sparing(program, self.tables[1])
        self.apart = Apart(known)
        # What is written by way of one argument may come in by another one as well.
        spared = sparing and (apart or not any(map(known.writes, (p.type for p in parameters))))
        self.sparing = known if spared else None
        program.apart = spared
        self.beginnings = Beginnings(program, parameters)

    def kept(self, kept: Value) -> Tables:
        """The list of what the reverse changes, among the tables."""
        return (kept,) if self.program.kept else ()

    # Going in -----------------------------------------------------------------------------

    def enter(self, code: Code, atom: Atom, tables: Tables) -> tuple[Atom, Atom]:
        """The copy of an argument, or of a part of one, and its shadow."""
        kind = atom.type
        if not is_structure(kind):
            return atom, ZERO
        if not self.copies(kind):
            if not self.program.shadows.has(kind):
                return atom, ZERO
            assert self.sparing is not None
            return atom, self.sparing.zeros(code, atom, tables[1])
        if is_either(kind):
            return self._either(code, atom, tables)
        if is_tuple(kind):
            return self._place(code, atom, tables)
        copy = self._copy(code, atom, tables)
        if not self.program.shadows.has(kind):
            return copy, ZERO
        return copy, self.found(code, atom, tables[1], self.program.shadows.of(kind))

    def copies(self, kind: Type) -> bool:
        """Whether values of a type have to be copied."""
        return self.sparing is None or self.sparing.copies(kind)

    def is_gradient(self, kind: Type) -> bool:
        """Whether the shadow of a value of a type is the gradient in the end."""
        return self.sparing is not None and self.sparing.is_gradient(kind)

    def alone(self, parameters: Sequence[Value]) -> Value | None:
        """The one parameter that is no number, if that is a list of numbers: it has no alias.

        Beside it there may be others that nothing is done to.
        """
        found = [p for p in parameters if is_structure(p.type)]
        rest = [p for p in found if self.copies(p.type) or self.program.shadows.has(p.type)]
        if len(rest) != 1 or rest[0].type.kind != "List":
            return None
        kind = rest[0].type
        if len(found) > 1 and self.copies(kind):
            return None
        varies = self.program.shadows.has(kind) and kind.slots["element"].type is REAL
        return rest[0] if varies else None

    def enter_alone(self, code: Code, whole: Value) -> tuple[Value, Value]:
        """The copy and the shadow of that."""
        copy = whole
        if self.copies(whole.type):
            copy = code.call(list, whole, type=whole.type)
            copy.name = whole.name
        shadow = zeros_of(code, whole, self.program.shadows.of(whole.type))
        shadow.name = f"{whole.name}_bar"
        return copy, shadow

    def _copy(self, code: Code, atom: Atom, tables: Tables) -> Value:
        called = self._entering(atom.type)
        spec = Invocation(called, ref=None, name=called.name)
        return code.op(ir.INVOKE, (atom, *tables), atom.type, spec)

    def _either(self, code: Code, atom: Atom, tables: Tables) -> tuple[Atom, Atom]:
        """The same for an array or a number, which has no identity."""
        kind = atom.type
        copy = either(code, atom, kind, lambda: self._copy(code, atom, tables), lambda: atom)
        if not self.program.shadows.has(kind):
            return copy, ZERO
        wanted = self.program.shadows.of(kind)
        return copy, either(
            code,
            atom,
            wanted,
            lambda: self.found(code, atom, tables[1], wanted),
            lambda: Arrays(code).number_shadow(wanted),
        )

    def _place(self, code: Code, atom: Atom, tables: Tables) -> tuple[Atom, Atom]:
        """The same for a tuple, which is no object: in two places it has two shadows."""
        kind = atom.type
        wanted = self.program.shadows.of(inner(kind)) if self.program.shadows.has(kind) else None
        if kind.kind != "Optional":
            copy, shadow = self._tuple(code, atom, tables, wanted)
            return copy, ZERO if shadow is None else shadow
        copies = code.variable("copy", kind)
        beside = code.variable("shadow", types.optional(wanted)) if wanted else None

        def there() -> None:
            subject = code.op(NARROWED, (atom,), kind.items[0])
            copy, shadow = self._tuple(code, subject, tables, wanted)
            code.write(copies, copy)
            if beside is not None and shadow is not None:
                code.write(beside, shadow)

        def missing() -> None:
            code.write(copies, NOTHING)
            if beside is not None:
                code.write(beside, NOTHING)

        code.branch(code.is_not(atom, NOTHING), there, missing)
        return code.read(copies), ZERO if beside is None else code.read(beside)

    @staticmethod
    def found(code: Code, atom: Atom, table: Value, kind: Type) -> Value:
        """What a table has for an object, or None for None."""
        if atom.type.kind != "Optional":
            return code.at(table, code.call(id, atom, type=INT), kind)
        result = code.variable("found", types.optional(kind))
        code.branch(
            code.is_not(atom, NOTHING),
            lambda: code.write(result, code.at(table, code.call(id, atom, type=INT), kind)),
            lambda: code.write(result, NOTHING),
        )
        return code.read(result)

    def _entering(self, kind: Type) -> Function:
        key = key_of(kind)
        known = self._enter.get(key)
        if known is not None:
            return known
        whole = Value(kind, "whole")
        copies, shadows = Value(self.tables[0], "copies"), Value(self.tables[1], "shadows")
        kept = [Value(KEPT, "kept")] if self.program.kept else []
        tables = (copies, shadows, *kept, *self.beginnings.parameter())
        made = self._enter[key] = Function("copied", [whole, *tables], Region([], None))
        made.returns = kind
        made.order = self.order
        code = Code({}, self.order)
        with code.block() as ops:
            subject = there(code, whole)
            name = code.call(id, subject, type=INT)
            name.name = "key"
            known_already = code.op(memory.CONTAINS, (name, copies), BOOL, False)
            code.branch(
                known_already,
                lambda: code.op(ir.RETURN, (code.at(copies, name, inner(kind)),)),
            )
            copy, shadow = self._make(code, subject, tables, name)
            if inner(kind).kind in ("Array", "Set"):
                code.put(copies, name, copy)
                if shadow is not None:
                    code.put(shadows, name, shadow)
            code.op(ir.RETURN, (copy,))
        made.body = Region(ops, None)
        for noted in kept:
            made.body = note_made(made.body, noted, self.order)
        made.variables = tuple(code.variables)
        return made

    def _make(
        self, code: Code, whole: Atom, tables: Tables, name: Value
    ) -> tuple[Value, Value | None]:
        kind = whole.type
        first = self.beginnings.begin(code, kind, name, tables)
        shadows = self.program.shadows
        wanted = shadows.of(kind) if shadows.has(kind) else None

        def register(copy: Value, shadow: Value | None) -> tuple[Value, Value | None]:
            code.put(tables[0], name, copy)
            if shadow is not None:
                code.put(tables[1], name, shadow)
            return copy, shadow

        if kind.kind == "Array":
            return copy_of_array(code, whole, (tables[0], tables[1]), wanted)
        if kind.kind in ("List", "Deque", "Set"):
            if kind.kind == "Set":
                return code.call(set, whole, type=kind), None
            copy = self._empty(code, whole)
            shadow = code.op(memory.LIST, (), wanted) if wanted else None
            register(copy, shadow)

            def turn(_: Value, item: Value) -> None:
                one, beside = self.enter(code, item, tables)
                code.push(copy, one)
                if shadow is not None:
                    code.push(shadow, beside)
                if first is not None:
                    code.push(first, beside)

            code.each(whole, element(kind), turn)
            return copy, shadow
        if kind.kind in ("Dict", "Record"):
            return self._dict(code, whole, tables, wanted, register, first)
        if kind.kind == "Object":
            return self._object(code, whole, tables, wanted, register, first)
        raise DifferentiationError(f"an argument of type {kind} is not supported")

    def _empty(self, code: Code, whole: Atom) -> Value:
        kind = whole.type
        if kind.kind == "List":
            return code.op(memory.LIST, (), kind)
        room = code.op(GETATTR, (whole,), OBJECT, "maxlen")
        none = code.op(memory.LIST, (), list_of(Slot(INT)))
        return code.call(collections.deque, none, room, type=kind)

    def _tuple(
        self, code: Code, whole: Atom, tables: Tables, wanted: Type | None
    ) -> tuple[Value, Value | None]:
        kind = whole.type
        if kind.kind == "Sequence":
            copies = code.op(memory.LIST, (), list_of(Slot(kind.items[0])))
            shadow = code.op(memory.LIST, (), wanted) if wanted else None

            def turn(_: Value, item: Value) -> None:
                one, beside = self.enter(code, item, tables)
                code.push(copies, one)
                if shadow is not None:
                    code.push(shadow, beside)

            code.each(whole, kind.items[0], turn)
            return code.call(tuple, copies, type=kind), shadow
        pairs = [
            self.enter(code, code.op(GETITEM, (whole,), item, place), tables)
            for place, item in enumerate(kind.items)
        ]
        copy = code.op(TUPLE, [one for one, _ in pairs], kind, kind.cls)
        beside = [two for _, two in pairs]
        return copy, code.op(memory.LIST, beside, wanted) if wanted else None

    def _dict(
        self,
        code: Code,
        whole: Atom,
        tables: Tables,
        wanted: Type | None,
        register: Callable[[Value, Value | None], object],
        first: Value | None,
    ) -> tuple[Value, Value | None]:
        kind = whole.type
        cls = kind.cls or dict
        if cls is dict:
            copy = code.op(memory.DICT, (), kind)
        elif cls is collections.defaultdict:
            factory = code.op(GETATTR, (whole,), OBJECT, "default_factory")
            copy = code.call(cls, factory, type=kind)
        else:
            copy = code.call(cls, type=kind)
        shadow = new_shadow(code, wanted, kind) if wanted else None
        register(copy, shadow)

        def entry(key: Atom, held: Type) -> None:
            one, beside = self.enter(code, code.at(whole, key, held), tables)
            code.put(copy, key, one)
            if shadow is not None:
                code.put(shadow, key, beside)
            if first is not None:
                code.put(first, key, beside)

        if kind.kind == "Record":
            for name, slot in kind.slots.items():

                def known(name: str = name, slot: Slot = slot) -> None:
                    entry(Const(name, STR), slot.type)

                where_it_is(code, self.program, whole, name, slot, known)
        else:
            key = kind.slots["key"].type
            keys = code.call(list, whole, type=list_of(Slot(key)))
            code.each(keys, key, lambda _, k: entry(k, kind.slots["value"].type))
        return copy, shadow

    def _object(
        self,
        code: Code,
        whole: Atom,
        tables: Tables,
        wanted: Type | None,
        register: Callable[[Value, Value | None], object],
        first: Value | None,
    ) -> tuple[Value, Value | None]:
        kind = whole.type
        copy = bare_object(code, kind)
        shadow = make_object(code, wanted) if wanted else None
        register(copy, shadow)
        for name, slot in kind.slots.items():

            def attribute(name: str = name, slot: Slot = slot) -> None:
                found = code.op(GETATTR, (whole,), slot.type, name)
                one, beside = self.enter(code, found, tables)
                code.op(memory.SET_ATTRIBUTE, (copy, one), None, name)
                if shadow is not None and self.program.shadows.wants(slot):
                    code.op(memory.SET_ATTRIBUTE, (shadow, beside), None, name)
                if first is not None and self.beginnings.at(slot):
                    code.put(first, Const(name, STR), beside)

            code.branch(has_attribute(code, whole, name), attribute)
        return copy, shadow
