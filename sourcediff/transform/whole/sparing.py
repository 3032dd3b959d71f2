"""Arguments that need no copy, as the program changes nothing in them, and their shadows.

The shadow of such an argument is made beside it. Where it has the structure that the gradient has,
it is the gradient when the reverse sweep has ended.

>>> from sourcediff import grad
>>> def norm(rows):
...     return sum(sum(x * x for x in row) for row in [rows[i] for i in range(len(rows))])
>>> rows = [[1.0, 2.0], [3.0]]
>>> grad(norm)(rows)
[[2.0, 4.0], [6.0]]
"""

from __future__ import annotations

from sourcediff import ir, memory
from sourcediff.frontend.primitives import GETATTR, GETITEM, NARROWED
from sourcediff.ir import Atom, Const, Function, Invocation, Region, Value
from sourcediff.transform.whole.build import NOTHING, ZERO, Code
from sourcediff.transform.whole.made import make_object
from sourcediff.transform.whole.program import Program, where_it_is
from sourcediff.transform.whole.shapes import element, inner, slots_within
from sourcediff.transform.whole.structure import has_attribute, is_structure, is_tuple, key_of
from sourcediff.types import BOOL, INT, REAL, STR, Slot, Type, list_of

__all__ = ["Sparing", "there", "zeros_of"]


def there(code: Code, whole: Value) -> Atom:
    """An object that is no None; for None the function that is being built returns it."""
    kind = whole.type
    if kind.kind != "Optional":
        return whole
    code.branch(code.is_not(whole, NOTHING), lambda: None, lambda: code.op(ir.RETURN, (NOTHING,)))
    return code.op(NARROWED, (whole,), kind.items[0])


def zeros_of(code: Code, whole: Atom, wanted: Type) -> Value:
    """A list of as many zeros as another has items."""
    zero = code.op(memory.LIST, (ZERO,), wanted)
    return code.op(memory.OPERATE, (zero, code.length(whole)), wanted, "*")


class Sparing:
    """What need not be done to arguments, for one differentiation."""

    def __init__(self, program: Program, table: Type) -> None:
        self.program = program
        self.table = table
        self._zeros: dict[object, Function] = {}

    def copies(self, kind: Type) -> bool:
        """Whether values of a type have to be copied."""
        return _holds_array(kind) or self.writes(kind)

    def writes(self, kind: Type) -> bool:
        """Whether the program may change something in values of a type."""
        slots = [*inner(kind).slots.values(), *slots_within(kind)]
        return any(slot.root in self.program.written for slot in slots)

    def is_gradient(self, kind: Type) -> bool:
        """Whether the shadow of such a value is the gradient with respect to it."""
        if self.program.kept or not self.program.shadows.has(kind):
            return False
        if kind.kind == "List":
            held = kind.slots["element"]
            return held.type is REAL or (self._stays(held) and self.is_gradient(held.type))
        if kind.kind == "Dict" and kind.cls in (None, dict):
            held = kind.slots["value"]
            return self._stays(held) and (held.type is REAL or self.is_gradient(held.type))
        return False

    def _stays(self, slot: Slot) -> bool:
        return slot.root not in self.program.written

    # Shadows ------------------------------------------------------------------------------

    def zeros(self, code: Code, atom: Atom, shadows: Value) -> Atom:
        """The shadow of what needs no copy; there is one for each object."""
        kind = atom.type
        if not is_structure(kind) or not self.program.shadows.has(kind):
            return ZERO
        if kind.kind in ("Tuple", "Sequence"):
            return self._tuple(code, atom, shadows)
        called = self._zeroing(kind)
        assert called.returns is not None
        spec = Invocation(called, ref=None, name=called.name)
        return code.op(ir.INVOKE, (atom, shadows), called.returns, spec)

    def _zeroing(self, kind: Type) -> Function:
        key = key_of(kind)
        known = self._zeros.get(key)
        if known is not None:
            return known
        whole, shadows = Value(kind, "whole"), Value(self.table, "shadows")
        made = self._zeros[key] = Function("zeros", [whole, shadows], Region([], None))
        made.returns = self.program.shadows.of(kind)
        made.order = self.program.order
        code = Code({}, made.order)
        with code.block() as ops:
            subject = there(code, whole)
            if is_tuple(kind):
                code.op(ir.RETURN, (self._tuple(code, subject, shadows),))
            else:
                name = code.call(id, subject, type=INT)
                name.name = "key"
                wanted = inner(made.returns)
                known_already = code.op(memory.CONTAINS, (name, shadows), BOOL, False)
                code.branch(
                    known_already, lambda: code.op(ir.RETURN, (code.at(shadows, name, wanted),))
                )
                code.op(ir.RETURN, (self._make(code, subject, name, shadows, wanted),))
        made.body = Region(ops, None)
        made.variables = tuple(code.variables)
        return made

    def _tuple(self, code: Code, whole: Atom, shadows: Value) -> Value:
        wanted = self.program.shadows.of(inner(whole.type))
        if whole.type.kind == "Tuple":
            items = [
                self.zeros(code, code.op(GETITEM, (whole,), item, place), shadows)
                for place, item in enumerate(whole.type.items)
            ]
            return code.op(memory.LIST, items, wanted)
        made = code.op(memory.LIST, (), wanted)
        code.each(
            whole,
            element(whole.type),
            lambda _, item: code.push(made, self.zeros(code, item, shadows)),
        )
        return made

    def _make(self, code: Code, whole: Atom, name: Value, shadows: Value, wanted: Type) -> Value:
        """The shadow of a list, a dict or an object, which is noted before it is filled."""
        kind = whole.type
        if kind.kind == "List" and kind.slots["element"].type is REAL:
            made = zeros_of(code, whole, wanted)
            code.put(shadows, name, made)
            return made
        if kind.kind in ("List", "Deque"):
            made = code.op(memory.LIST, (), wanted)
            code.put(shadows, name, made)
            code.each(
                whole,
                element(kind),
                lambda _, item: code.push(made, self.zeros(code, item, shadows)),
            )
            return made
        if kind.kind in ("Dict", "Record"):
            made = code.op(memory.DICT, (), wanted)
            code.put(shadows, name, made)

            def entry(key: Atom, held: Type) -> None:
                item = code.at(whole, key, held)
                code.put(made, key, self.zeros(code, item, shadows))

            if kind.kind == "Dict":
                key = kind.slots["key"].type
                keys = code.call(list, whole, type=list_of(Slot(key)))
                code.each(keys, key, lambda _, k: entry(k, kind.slots["value"].type))
                return made
            for known, slot in kind.slots.items():

                def one(known: str = known, slot: Slot = slot) -> None:
                    entry(Const(known, STR), slot.type)

                where_it_is(code, self.program, whole, known, slot, one)
            return made
        made = make_object(code, wanted)
        code.put(shadows, name, made)
        for attribute, slot in kind.slots.items():
            if not self.program.shadows.wants(slot) or slot.type is REAL:
                continue  # numbers are there already

            def held(attribute: str = attribute, slot: Slot = slot) -> None:
                item = code.op(GETATTR, (whole,), slot.type, attribute)
                beside = self.zeros(code, item, shadows)
                code.op(memory.SET_ATTRIBUTE, (made, beside), None, attribute)

            code.branch(has_attribute(code, whole, attribute), held)
        return made


def _holds_array(kind: Type) -> bool:
    """Whether there is an array in what a value leads to: how it lies in memory counts."""
    return _is_array(kind) or any(_is_array(slot.type) for slot in slots_within(kind))


def _is_array(kind: Type) -> bool:
    return kind.kind == "Array" or any(map(_is_array, kind.items))
