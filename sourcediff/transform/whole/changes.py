"""Steps of containers that grow and shrink: their shadows do too, and back again."""

from __future__ import annotations

from sourcediff import memory, types
from sourcediff.ir import UNDEFINED, Atom, Const, Op, Value
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.whole.build import ZERO, ZERO_INT, Code, integer
from sourcediff.transform.whole.places import (
    check_key,
    has_number,
    held_at,
    own_shadow,
)
from sourcediff.transform.whole.shapes import element, inner
from sourcediff.transform.whole.sweep import Back, Sweep, plain
from sourcediff.types import INT, REAL

__all__: list[str] = []


# Methods --------------------------------------------------------------------------------------


def method(self: Sweep, op: Op) -> Back | None:
    """A method that changes a container."""
    whole = op.args[0]
    if not self.refers(whole):
        if inner(whole.type).kind == "List" and element(whole.type) is INT:
            self.code.append(op)  # what is only compared: the normal form lists it as numbers
            return None
        return plain(self, op)
    found = _METHODS.get(op.attribute.name)
    if found is None or (inner(whole.type).kind in ("Dict", "Record")) != (found is _touch):
        raise self.error(op, f"{op.attribute.name}() has no derivative here")
    return found(self, op, own_shadow(self, whole))


def _append(self: Sweep, op: Op, shadow: Atom) -> Back | None:
    self.code.append(op)
    whole, item = op.args
    self.code.push(shadow, self.shadow_of(item, held_at(whole.type, None)))
    if not has_number(self, whole, None, item):
        return None

    def back() -> None:
        self.add(item, Scaled(1.0, self.back.method("pop", shadow, type=REAL)))

    return back


def _absolute(code: Code, length: Atom, index: Atom) -> Value:
    """The place that an index means in a list of this length."""
    numbers = code.call(range, length, type=types.RANGE)
    return code.at(numbers, index, INT)


def _insert(self: Sweep, op: Op, shadow: Atom) -> Back | None:
    code = self.code
    whole, index, item = op.args
    numbers = code.call(range, code.length(whole), type=types.RANGE)
    nothing = Const(None, types.NONE)
    before = code.op(memory.SLICED, (nothing, index, nothing), types.SLICE)
    place = code.length(code.at(numbers, before, types.RANGE))
    code.append(op)
    code.method("insert", shadow, place, self.shadow_of(item, held_at(whole.type, None)))
    if not has_number(self, whole, None, item):
        return None

    def back() -> None:
        self.add(item, Scaled(1.0, self.back.method("pop", shadow, place, type=REAL)))

    return back


def _pop(self: Sweep, op: Op, shadow: Atom) -> Back | None:
    code = self.code
    whole, *index = op.args
    length = code.length(whole)
    code.append(op)
    first = op.attribute.name == "popleft"
    place = _absolute(code, length, ZERO_INT if first else index[0] if index else integer(-1))
    if not has_number(self, whole, None, op.result if op.results else UNDEFINED):
        kind = self.program.shadows.of(held_at(whole.type, None))
        gone = code.method("pop", shadow, place, type=kind)
        if op.results and self.refers(op.result):
            self.shadow[op.result] = gone
        return None
    code.method("pop", shadow, place, type=REAL)
    wanted = bool(op.results) and self.active(op.result)

    def back() -> None:
        adjoint = self.back.real_atom(self.take(op.result)) if wanted else ZERO
        self.back.method("insert", shadow, place, adjoint)

    return back


def _touch(self: Sweep, op: Op, shadow: Atom) -> Back | None:
    """``d[key]`` of a default dict where nothing was at the key."""
    code = self.code
    whole, key = op.args
    check_key(self, op, key)
    code.append(op)
    if has_number(self, whole):
        code.put(shadow, key, ZERO)
        return None
    kind = self.program.shadows.of(held_at(whole.type, None))
    if inner(kind).kind not in ("List", "Dict"):
        raise self.error(op, "what this dict makes by itself has no shadow")
    primitive = memory.LIST if inner(kind).kind == "List" else memory.DICT
    code.put(shadow, key, code.op(primitive, (), kind))
    return None


_METHODS = {
    "append": _append,
    "insert": _insert,
    "pop": _pop,
    "popleft": _pop,
    "__getitem__": _touch,
}


def delete_item(self: Sweep, op: Op) -> Back | None:
    """A key of a dict is deleted."""
    whole, key = op.args
    if not self.refers(whole):
        return plain(self, op)
    shadow = own_shadow(self, whole)
    self.code.append(op)
    self.code.op(memory.DELETE_ITEM, (shadow, key))
    if not has_number(self, whole, key.value if isinstance(key, Const) else None):
        return None
    return lambda: self.back.put(shadow, key, ZERO)


def delete_attribute(self: Sweep, op: Op) -> Back | None:
    """An attribute is deleted: there is nothing more to be added to its adjoint."""
    self.code.append(op)
    return None


Sweep.handlers.update(
    {
        memory.METHOD_OF: method,
        memory.DELETE_ITEM: delete_item,
        memory.DELETE_ATTRIBUTE: delete_attribute,
    }
)
