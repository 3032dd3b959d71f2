"""Steps of lists, tuples, dicts and objects that are made, and of sums of them."""

from __future__ import annotations

import collections
from types import SimpleNamespace

from sourcediff import memory, types
from sourcediff.frontend.primitives import PURE_CALL, TUPLE
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.whole.activity import is_reduction
from sourcediff.transform.whole.build import ZERO, Code, integer
from sourcediff.transform.whole.places import (
    check_key,
    get_at,
    has_number,
    held_at,
    own_shadow,
    put_at,
    slots_wanted,
)
from sourcediff.transform.whole.shapes import inner
from sourcediff.transform.whole.sweep import Back, Sweep, plain
from sourcediff.types import REAL, Type

__all__ = ["make_object", "new_shadow"]


# Making ---------------------------------------------------------------------------------------


def make_sequence(self: Sweep, op: Op) -> Back | None:
    """A list or a tuple is made: the adjoints of its items go to what they were made of."""
    self.code.append(op)
    if not self.refers(op.result):
        return None
    kind = self.program.shadows.of(op.result.type)
    wanted = held_at(op.result.type, None) if op.primitive is memory.LIST else types.OBJECT
    items = []
    for place, arg in enumerate(op.args):
        expected = op.result.type.items[place] if op.primitive is TUPLE else wanted
        items.append(self.shadow_of(arg, expected))
    shadow = self.shadow[op.result] = self.code.op(memory.LIST, items, kind)

    def back() -> None:
        for place, arg in enumerate(op.args):
            if self.active(arg):
                self.add(arg, Scaled(1.0, self.back.at(shadow, integer(place), REAL)))

    return back


def make_dict(self: Sweep, op: Op) -> Back | None:
    """A dict is made."""
    pairs = list(zip(op.args[::2], op.args[1::2], strict=True))
    for key, _ in pairs:
        check_key(self, op, key)
    self.code.append(op)
    if not self.refers(op.result):
        return None
    items: list[Atom] = []
    for key, value in pairs:
        at = key.value if isinstance(key, Const) else None
        items += [key, self.shadow_of(value, held_at(op.result.type, at))]
    kind = self.program.shadows.of(op.result.type)
    shadow = self.shadow[op.result] = self.code.op(memory.DICT, items, kind)

    def back() -> None:
        for key, value in reversed(pairs):
            if self.active(value):
                now = self.back.at(shadow, key, REAL)
                self.back.put(shadow, key, ZERO)
                self.add(value, Scaled(1.0, now))

    return back


def make_object(code: Code, kind: Type) -> Value:
    """A new shadow of an object, all of its numbers zero."""
    made = code.call(SimpleNamespace, type=kind)
    for name, slot in inner(kind).slots.items():
        if slot.type is REAL:
            code.op(memory.SET_ATTRIBUTE, (made, ZERO), None, name)
    return made


# Calls of Python's functions ------------------------------------------------------------------


_EMPTY_DICTS = (dict, collections.OrderedDict, collections.Counter)


def python(self: Sweep, op: Op) -> Back | None:
    """What normal form leaves of calls: sums, new objects, empty containers, tuples of lists."""
    function = op.attribute.function
    if is_reduction(op) and op.results and self.active(op.result):
        return _reduction(self, op)
    if not op.results or not self.refers(op.result):
        return plain(self, op)
    kind = self.program.shadows.of(op.result.type)
    shape = inner(op.result.type).kind
    name = getattr(function, "__name__", "")
    if shape == "Object" and (name == "__new__" or function is SimpleNamespace):
        return _object(self, op, kind)
    if shape == "Sequence" and function is tuple:
        if self.refers(op.args[0]):
            return _tuple(self, op)
        if not self.program.shadows.has(op.result.type.items[0]):
            self.code.append(op)
            shadow = self.shadow[op.result] = self.code.op(memory.LIST, (), kind)
            long = self.code.length(op.result)
            self.code.count(long, lambda _: self.code.push(shadow, ZERO))
            return None
    if not any(map(self.refers, op.args)):
        if shape == "Deque":
            self.code.append(op)
            self.shadow[op.result] = self.code.op(memory.LIST, (), kind)
            return None
        empty = (function in _EMPTY_DICTS and not op.args) or function is collections.defaultdict
        if shape == "Dict" and empty and len(op.args) <= 1:
            self.code.append(op)
            self.shadow[op.result] = new_shadow(self.code, kind, op.result.type)
            return None
    raise self.error(op, f"{name}() has no derivative here")


def new_shadow(code: Code, kind: Type, whole: Type) -> Value:
    """An empty shadow of a dict; a counter gives numbers also for keys that it does not have."""
    if whole.cls is collections.Counter:
        return code.call(collections.Counter, type=kind)
    return code.op(memory.DICT, (), kind)


def _object(self: Sweep, op: Op, kind: Type) -> Back | None:
    self.code.append(op)
    shadow = self.shadow[op.result] = make_object(self.code, kind)
    names = op.attribute.keywords
    given = list(zip(names, op.args[len(op.args) - len(names) :], strict=True))
    for name, arg in given:
        if slots_wanted(self, op.result.type, name):
            expected = inner(op.result.type).slots[name].type
            put_at(self.code, shadow, name, self.shadow_of(arg, expected))

    def back() -> None:
        for name, arg in given:
            if self.active(arg):
                self.add(arg, Scaled(1.0, get_at(self.back, shadow, name, REAL)))

    return back


def _reduction(self: Sweep, op: Op) -> Back | None:
    self.code.append(op)
    whole, *start = op.args
    shadow = own_shadow(self, whole) if self.refers(whole) else None

    def back() -> None:
        adjoint = self.take(op.result)
        code = self.back
        for arg in start:
            self.add(arg, adjoint)
        if shadow is None:
            return
        atom = code.real_atom(adjoint)

        def turn(place: Value) -> None:
            now = Scaled(1.0, code.at(shadow, place, REAL))
            code.put(shadow, place, code.real_atom(code.add(now, code.scaled(atom))))

        code.count(code.length(shadow), turn)

    return back


def _tuple(self: Sweep, op: Op) -> Back | None:
    """A tuple of the items of a list."""
    self.code.append(op)
    source = own_shadow(self, op.args[0])
    kind = self.program.shadows.of(op.result.type)
    code = self.code
    shadow = self.shadow[op.result] = code.op(memory.LIST, (), kind)
    numbers = has_number(self, op.args[0])
    held = REAL if numbers else inner(source.type).slots["element"].type
    if numbers:
        code.count(code.length(source), lambda _: code.push(shadow, ZERO))
    else:
        code.each(source, held, lambda _, item: code.push(shadow, item))
        return None

    def back() -> None:
        def turn(place: Value) -> None:
            here = Scaled(1.0, self.back.at(source, place, REAL))
            there = Scaled(1.0, self.back.at(shadow, place, REAL))
            self.back.put(source, place, self.back.real_atom(self.back.add(here, there)))

        self.back.count(self.back.length(shadow), turn)

    return back


Sweep.handlers.update(
    {
        memory.LIST: make_sequence,
        TUPLE: make_sequence,
        memory.DICT: make_dict,
        PURE_CALL: python,
    }
)
