"""Which numbers vary with the chosen parameters, in a program in normal form.

A number that is stored makes what it is stored in vary: a variable, or a place of memory, which is
known by its `Slot` (all objects that an operation may mean share one). Of tuples, which have no
slot, a value is said to vary where a number in it does. What depends on nothing that varies is
left alone by the reverse sweep: a square root of a constant zero does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from sourcediff import ir, memory, types
from sourcediff.flow import functions_reached
from sourcediff.frontend.primitives import (
    BOUND,
    COPY,
    GETATTR,
    GETITEM,
    LOAD,
    NARROWED,
    PURE_CALL,
    TUPLE,
    YIELDED,
)
from sourcediff.ir import Atom, Const, Function, Op, Value, Variable
from sourcediff.transform.whole.shapes import inner, is_real, slots_within, varying_within
from sourcediff.types import OBJECT, Slot, Type

__all__ = ["PASSING", "Activity", "is_reduction", "slots_of", "takes_keys"]

#: The types of values in which a number may be hidden.
_HIDING = (types.STR, OBJECT)
PASSING = (COPY, NARROWED, BOUND, YIELDED)


def takes_keys(op: Op) -> bool:
    """Whether an operation makes a list of the keys of a dict, which never vary."""
    return op.primitive is PURE_CALL and op.attribute.function is list and _is_dict(op.args)


def is_reduction(op: Op) -> bool:
    """Whether an operation is a sum of a sequence of numbers."""
    return op.primitive is PURE_CALL and op.attribute.function.__name__ in ("sum", "fsum")


def slots_of(t: Type, place: object = None) -> list[Slot]:
    """Where an operation on an object of this type reads or writes; `place` is a name or key."""
    t = inner(t)
    if t.kind == "Dict":
        return [t.slots["value"].root]
    if t.kind == "Object" or t.kind == "Record":
        if isinstance(place, Const):
            place = place.value
        if isinstance(place, str):
            return [t.slots[place].root] if place in t.slots else []
    return [slot.root for slot in t.slots.values()]


class Activity:
    """The values and the slots that vary."""

    #: What is asked first, for operations of one kind; whether it was one.
    special: ClassVar[list[Callable[[Activity, Op], bool]]] = []

    def __init__(self, function: Function, inputs: Iterable[Value]) -> None:
        self.values: set[Value] = set()
        self.slots: set[Slot] = set()
        #: Texts, and objects of unknown kinds, that may hold such a number in some form.
        self.texts: set[Value | Slot] = set()
        self.functions = functions_reached(function)[0]
        # Objects from outside may be one object under several names: they vary together.
        self.outside: set[Slot] = set()
        for parameter in function.parameters:
            self.outside.update(varying_within(parameter.type))
        for found in self.functions:
            for op in ir.walk(found.body):
                if op.primitive is LOAD and op.result.type.kind != "Array":
                    self.outside.update(varying_within(op.result.type))
        for value in inputs:
            if is_real(value.type) or _has_tuple(value.type):
                self.values.add(value)
            if any(True for _ in slots_within(value.type)):
                self.mark(self.outside)
        while True:
            before = self._size()
            for found in self.functions:
                for op in ir.walk(found.body):
                    self._flow(op)
                    self._follow_texts(op)
            if self.slots & self.outside:
                self.mark(self.outside)
            if self._size() == before:
                break

    def is_active(self, atom: Atom) -> bool:
        """Whether this is a number that varies."""
        return isinstance(atom, Value) and atom in self.values and is_real(atom.type)

    def may_vary(self, atom: Atom) -> bool:
        """Whether this is, or leads to, a number that varies."""
        if not isinstance(atom, Value):
            return False
        return atom in self.values or any(
            slot in self.slots or _has_tuple(slot.type) for slot in slots_within(atom.type)
        )

    def is_text_of_number(self, atom: Atom) -> bool:
        """Whether a number that varies may be written in a text, or hidden in an object."""
        return atom in self.texts

    def _size(self) -> int:
        return len(self.values) + len(self.slots) + len(self.texts)

    def _follow_texts(self, op: Op) -> None:
        if op.primitive is ir.INVOKE:
            self._text_arguments(op)
            return
        holding = any(arg in self.texts for arg in op.args)
        slots = [slot for arg in op.args if isinstance(arg, Value) for slot in slots_of(arg.type)]
        if isinstance(op.attribute, Variable):
            slots.append(op.attribute.slot.root)
        if holding and op.primitive.writes:
            self.texts.update(slot for slot in slots if inner(slot.type) in _HIDING)
        slots_hold = any(slot in self.texts for slot in slots)
        if holding or slots_hold or any(map(self.is_active, op.args)):
            for result in op.results:
                if inner(result.type) in _HIDING:
                    self.texts.add(result)
                made = slots_of(result.type) if types.is_memory(result.type) else []
                if holding or slots_hold:
                    self.texts.update(slot for slot in made if inner(slot.type) in _HIDING)

    def _text_arguments(self, op: Op) -> None:
        spec: ir.Invocation = op.attribute
        assert spec.function is not None
        given = op.args[1:] if spec.how == "closure" else op.args
        for parameter, arg in zip(spec.function.parameters, given, strict=True):
            if arg in self.texts:
                self.texts.add(parameter)
        returned = (
            one.args[0] for one in ir.walk(spec.function.body) if one.primitive is ir.RETURN
        )
        if any(atom in self.texts for atom in returned):
            self.texts.update(op.results)

    def holds(self, t: Type) -> bool:
        """Whether what a value of this type refers to needs a place for adjoints."""
        return _has_tuple(t) or any(
            slot in self.slots or _has_tuple(slot.type) for slot in slots_within(t)
        )

    def returned(self, function: Function) -> bool:
        """Whether what a function returns varies."""
        return any(
            op.primitive is ir.RETURN and op.args[0] in self.values for op in ir.walk(function.body)
        )

    def mark(self, slots: Iterable[Slot]) -> None:
        """What is in these slots varies, if it is numbers."""
        for slot in slots:
            if is_real(slot.type) or slot.type is OBJECT or _has_tuple(slot.type):
                self.slots.add(slot)

    def _varies(self, atom: Atom) -> bool:
        return isinstance(atom, Value) and atom in self.values

    def _give(self, op: Op, varies: bool) -> None:
        if varies:
            for value in op.results:
                if is_real(value.type) or _has_tuple(value.type):
                    self.values.add(value)

    def _store(self, slots: Iterable[Slot], atom: Atom) -> None:
        slots = list(slots)
        if self._varies(atom):
            self.mark(slots)
        elif types.is_memory(atom.type) or _has_tuple(atom.type):
            self.slots.update(slot for slot in slots if slot.type is OBJECT)

    def _load(self, whole: Atom, place: object = None) -> bool:
        if inner(whole.type).kind in ("Tuple", "Sequence"):
            return self._varies(whole)
        return any(slot in self.slots for slot in slots_of(whole.type, place))

    def _flow(self, op: Op) -> None:
        p = op.primitive
        if any(special(self, op) for special in self.special):
            return
        if p.rule is not None:
            self._give(
                op,
                any(
                    self._varies(arg) and p.rule.partial(place) != "0"
                    for place, arg in enumerate(op.args)
                ),
            )
        elif p in PASSING or p is TUPLE:
            self._give(op, any(map(self._varies, op.args)))
        elif p is memory.READ:
            self._give(op, op.attribute.slot.root in self.slots)
        elif p is memory.WRITE:
            self._store([op.attribute.slot.root], op.args[0])
        elif p is ir.INVOKE:
            self._call(op)
        elif p in (memory.SUBSCRIPT, GETITEM, GETATTR):
            place = op.attribute if p is GETATTR else op.args[1] if len(op.args) > 1 else None
            self._give(op, self._load(op.args[0], place))
        elif p is memory.SET_ITEM:
            self._store(slots_of(op.args[0].type, op.args[1]), op.args[2])
        elif p is memory.SET_ATTRIBUTE:
            self._store(slots_of(op.args[0].type, op.attribute), op.args[1])
        elif p is memory.LIST:
            for arg in op.args:
                self._store(slots_of(op.result.type), arg)
        elif p is memory.DICT:
            for key, value in zip(op.args[::2], op.args[1::2], strict=True):
                self._store(slots_of(op.result.type, key), value)
        elif p is memory.METHOD_OF:
            for arg in op.args[1:]:
                self._store(slots_of(op.args[0].type), arg)
            self._give(op, self._load(op.args[0]))
        elif p is PURE_CALL:
            self._python(op)

    def _python(self, op: Op) -> None:
        if is_reduction(op) or op.attribute.function is tuple:
            extra = any(map(self._varies, op.args[1:]))
            self._give(op, bool(op.args) and (self._load(op.args[0]) or extra))
        elif op.attribute.keywords and op.results and inner(op.result.type).kind == "Object":
            names = op.attribute.keywords
            for name, arg in zip(names, op.args[-len(names) :], strict=True):
                self._store(slots_of(op.result.type, name), arg)

    def _call(self, op: Op) -> None:
        spec: ir.Invocation = op.attribute
        assert spec.function is not None
        given = op.args[1:] if spec.how == "closure" else op.args
        for parameter, arg in zip(spec.function.parameters, given, strict=True):
            if self._varies(arg):
                self.values.add(parameter)
        self._give(op, self.returned(spec.function))


def _is_dict(args: Iterable[Atom]) -> bool:
    return any(inner(arg.type).kind in ("Dict", "Record") for arg in args)


def _has_tuple(t: Type) -> bool:
    """Whether a tuple with numbers in it is part of a value of this type."""
    if t.kind in ("Optional", "MaybeUnbound"):
        return _has_tuple(t.items[0])
    return t.kind in ("Tuple", "Sequence") and any(
        is_real(part) or _has_tuple(part) for part in t.items
    )
