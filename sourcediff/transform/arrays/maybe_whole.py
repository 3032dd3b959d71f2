"""Which arrays of real numbers may turn out as arrays of whole numbers when the program runs.

NumPy takes the dtype of what it makes from the values: ``np.array([z, n])`` is one of ints where
both are. `WholeNumbers` knows for which arguments that is so in every run; here it is asked whether
it can be so in any: what a branch, a loop or a list brings together may be either.

    z = n if n > 1 else x      whole if `n` is handed in as a whole number
    k = 0                      whole if the loop makes no turn
    for v in xs: k = k + v
    y = np.array([z, k])       may be whole

Of each value it is found of which arguments it may be whole, all the way down (`ANYWAY` stands for
whole numbers of the program itself). It is empty where a float is among what a value is made of.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(n, x):
...     z = n if n > 1 else 0.5
...     return (z + n) * (z + 0.5)
>>> function = lower_function(f, {"n": REAL, "x": REAL})
>>> found = MaybeWhole(function)
>>> [op.primitive.name for op in function.body.ops[1:] if found.of(op.result)]
['if', 'add']
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from sourcediff import types
from sourcediff.called import ENTERS
from sourcediff.flow import functions_reached
from sourcediff.frontend.arrays.numpy_signatures import arguments_of, name_of
from sourcediff.frontend.primitives import CALL, GETATTR, GETITEM, PURE_CALL, TUPLE, UNPACK
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    IF,
    INVOKE,
    RETURN,
    WHILE,
    Atom,
    Const,
    Function,
    Op,
    Primitive,
    Region,
    Value,
    walk,
)
from sourcediff.memory import (
    ASSIGN,
    DICT,
    LIST,
    METHOD_OF,
    OPERATE,
    READ,
    SET_ATTRIBUTE,
    SET_ITEM,
    SUBSCRIPT,
    UNPACK_ITERABLE,
    WRITE,
)
from sourcediff.transform.arrays.whole_numbers import LENGTHS, MAKES, makes_floats
from sourcediff.types import Slot, Type

__all__ = ["ANYWAY", "MaybeWhole", "Origins", "reached"]

Origins = frozenset[Value]
_NONE: Origins = frozenset()
#: Stands for whole numbers that are so in every call.
ANYWAY = Value(types.INT)
_ANYWAY: Origins = frozenset([ANYWAY])
#: What gives one of its operands, whatever the others are.
_CHOOSING = ("max", "min")
#: Methods that put nothing into what they change.
_TAKING = ("pop", "popleft", "popitem", "remove", "discard", "rotate")


def reached(function: Function) -> list[Function]:
    """A function and all that it calls, entered or not."""
    found: dict[Function, None] = {}
    pending = [function]
    while pending:
        one = pending.pop()
        if one in found:
            continue
        found.update(dict.fromkeys(functions_reached(one)[0]))
        ops = [op for each in list(found) for op in walk(each.body)]
        pending += [op.attribute.callee.function for op in ops if op.primitive in ENTERS]
        pending = [one for one in pending if one not in found]
    return list(found)


class MaybeWhole:
    """For each value of a function, and of those it calls, of which arguments it may be whole."""

    def __init__(self, function: Function) -> None:
        self.known: dict[Value, Origins] = {}
        #: Of tuples, what any of their items is.
        self.parts: dict[Value, Origins] = {}
        self.slots: dict[Slot, Origins] = {}
        self.returned: dict[Function, Origins] = {}
        self.leaves: dict[Value, None] = {}
        self.functions = reached(function)
        self.uses: dict[Value, int] = {}
        self.made: dict[Value, Op] = {}
        for one in self.functions:
            for op in walk(one.body):
                self.made.update(dict.fromkeys(op.results, op))
                for arg in op.args:
                    if isinstance(arg, Value):
                        self.uses[arg] = self.uses.get(arg, 0) + 1
        self._enter(function)
        self.changed = True
        while self.changed:
            self.changed = False
            for one in self.functions:
                self._region(one, one.body, None)

    def of(self, atom: Atom) -> Origins:
        """The arguments of which a number, an array or what holds some may be whole."""
        kind = atom.type
        if isinstance(atom, Const):
            return _ANYWAY if kind in (types.INT, types.BOOL) else _NONE
        if kind in (types.INT, types.BOOL) or _is_whole_array(kind):
            return _ANYWAY
        return self.known.get(atom, _NONE) | self._held(kind)

    # What is handed in --------------------------------------------------------------------

    def _enter(self, function: Function) -> None:
        structures: set[Atom] = set(function.parameters)
        for parameter in function.parameters:
            self._leaf(parameter)
        for op in function.body.ops:
            if op.args and op.args[0] in structures and op.primitive in (UNPACK, GETITEM, GETATTR):
                for result in op.results:
                    structures.add(result)
                    self._leaf(result)

    def _leaf(self, value: Value) -> None:
        if value.type is types.REAL:
            self.known[value] = frozenset([value])
            self.leaves[value] = None
        for slot in _slots(value.type):
            self.slots[slot] = self.slots.get(slot, _NONE) | {value}
            self.leaves[value] = None

    # What holds what ----------------------------------------------------------------------

    def _held(self, kind: Type) -> Origins:
        return _NONE.union(*(self.slots.get(slot, _NONE) for slot in _slots(kind)))

    def _hold(self, slots: Iterable[Slot], origins: Origins) -> None:
        for slot in slots:
            if not origins <= self.slots.get(slot, _NONE):
                self.slots[slot] = self.slots.get(slot, _NONE) | origins
                self.changed = True

    def _set(self, value: Value, origins: Origins) -> None:
        if not origins <= self.known.get(value, _NONE):
            self.known[value] = self.known.get(value, _NONE) | origins
            self.changed = True

    def _give(self, value: Value, origins: Origins) -> None:
        """A value is what these may be, or holds it."""
        if _is_tracked(value.type):
            self._set(value, origins)
        self._hold(_slots(value.type), origins)

    def _any(self, atoms: Iterable[Atom]) -> Origins:
        return _NONE.union(*map(self.of, atoms))

    def _all(self, atoms: Iterable[Atom]) -> Origins:
        """What one thing may be that is made of all of these."""
        found, whole = _NONE, _NONE
        for atom in atoms:
            origins = self.of(atom)
            if atom.type is types.REAL or _is_real_array(atom.type):
                if not origins:
                    return _NONE
                found |= origins
            elif origins == _ANYWAY and not _is_tracked(atom.type):
                whole = _ANYWAY
            else:
                found |= origins
        return found or whole

    # Operations ---------------------------------------------------------------------------

    def _region(self, function: Function, region: Region, loop: Op | None) -> None:
        for op in region.ops:
            if op.regions:
                inner = op if op.primitive in (FOR, WHILE) else loop
                for part in op.regions:
                    self._region(function, part, inner)
                self._structured(op)
            elif op.primitive is BREAK and loop is not None:
                self._joined(loop.results, op.args)
            elif op.primitive is CONTINUE and loop is not None:
                self._joined(_carried(loop), op.args)
            elif op.primitive is RETURN:
                self._return(function, op.args)
            else:
                self._meet(op)
        if region is function.body and region.results is not None:
            self._return(function, region.results)

    def _return(self, function: Function, atoms: Sequence[Atom]) -> None:
        origins = self.returned.get(function, _NONE) | self._any(atoms)
        if origins != self.returned.get(function, _NONE):
            self.returned[function] = origins
            self.changed = True

    def _joined(self, values: Sequence[Value], atoms: Sequence[Atom]) -> None:
        if len(values) == len(atoms):
            for value, atom in zip(values, atoms, strict=True):
                self._give(value, self.of(atom))
        else:
            for value in values:
                self._give(value, self._any(atoms))

    def _structured(self, op: Op) -> None:
        if op.primitive is IF:
            for region in op.regions:
                if region.results is not None:
                    self._joined(op.results, region.results)
        elif op.primitive is FOR:
            items = op.regions[0].parameters
            for item in items[: len(items) - len(op.args) + 1]:
                self._give(item, self._any(op.args[:1]))
            self._carry(op, op.args[1:], op.regions[0])
        elif op.primitive is WHILE:
            test, body, *rest = op.regions
            self._joined(test.parameters, op.args)
            left = (test.results or ())[1:]
            for region in (body, *rest):
                self._joined(region.parameters, left)
            self._joined(op.results, left)
            if body.results is not None:
                self._joined(test.parameters, body.results)
            for region in rest:
                self._joined(op.results, region.results or op.results)

    def _carry(self, op: Op, before: Sequence[Atom], body: Region) -> None:
        carried = _carried(op)
        for atoms in (before, body.results):
            if atoms is not None:
                self._joined(carried, atoms)
                self._joined(op.results, atoms)
        for region in op.regions[1:]:
            self._joined(region.parameters, carried)
            self._joined(op.results, region.results or op.results)

    def _meet(self, op: Op) -> None:
        primitive, args = op.primitive, op.args
        if primitive is INVOKE or primitive in ENTERS:
            self._call(op)
        elif primitive is ASSIGN:
            self._joined(op.results, args)
        elif primitive is READ:
            for result in op.results:
                self._give(result, self.slots.get(op.attribute.slot.root, _NONE))
        elif primitive is WRITE:
            self._hold([op.attribute.slot.root], self._any(args))
        elif primitive.writes and args and args[0].type.kind != "Array":
            self._write(op)
        elif primitive is TUPLE:
            self._set(op.result, self._all(args))
            self.parts[op.result] = self.parts.get(op.result, _NONE) | self._any(args)
        elif op.results:
            origins = self._given(op)
            for result in op.results:
                self._give(result, origins)

    def _write(self, op: Op) -> None:
        slots: Iterable[Slot] = _slots(op.args[0].type)
        put = [arg for arg in op.args[1:] if self.of(arg) != _ANYWAY or arg is op.args[-1]]
        if op.primitive is METHOD_OF and op.attribute.name in _TAKING:
            put = []
        if op.primitive is SET_ITEM:
            put = [op.args[-1]]
        if op.primitive is SET_ATTRIBUTE and op.attribute in op.args[0].type.slots:
            slots = [op.args[0].type.slots[op.attribute].root, *_slots(op.args[-1].type)]
        self._hold(slots, self._any(put))
        for result in op.results:
            self._give(result, self.of(op.args[0]))

    def _call(self, op: Op) -> None:
        callee = op.attribute.function if op.primitive is INVOKE else op.attribute.callee.function
        origins = self._any(op.args)
        if callee is not None:
            self._joined(callee.parameters, op.args)
            origins = self.returned.get(callee, _NONE) | self._held_by(callee.parameters)
            for arg in op.args:  # it may put something into what it is handed
                if arg.type.kind != "Array":
                    self._hold(_slots(arg.type), self._held_by(callee.parameters))
        for result in op.results:
            self._give(result, origins)

    def _held_by(self, values: Iterable[Value]) -> Origins:
        return _NONE.union(*(self._held(value.type) for value in values))

    def _given(self, op: Op) -> Origins:
        """What an operation gives that puts nothing anywhere else."""
        primitive, args = op.primitive, op.args
        called = name_of(op)
        if called is not None:
            return self._called(op, called)
        if primitive.rule is not None:
            if primitive.name in _CHOOSING:
                return self._any(args)
            return self._all(args) if _keeps(primitive, len(args)) else _NONE
        if primitive is CALL:
            return _NONE
        if primitive is GETITEM and args[0] in self.parts:
            return self.parts[args[0]]
        if primitive is GETATTR and op.attribute in args[0].type.slots:
            slot = args[0].type.slots[op.attribute].root
            return self.slots.get(slot, _NONE) | self._held(op.result.type)
        if primitive in (SUBSCRIPT, GETATTR, GETITEM, UNPACK, UNPACK_ITERABLE):
            return self.of(args[0])
        if primitive is PURE_CALL and op.attribute.function in (max, min):
            return self._any(args)
        if primitive is OPERATE and op.attribute == "/":
            return _NONE
        if primitive in (LIST, DICT) or _slots(op.result.type):
            return self._any(arg for arg in args if _slots(arg.type) or primitive in (LIST, DICT))
        return self._all(args)

    def _called(self, op: Op, called: str) -> Origins:
        given = arguments_of(op)
        if "dtype" in given:
            kind = given["dtype"]
            return _NONE if isinstance(kind, tuple) else self.of(kind)
        if called in MAKES:
            return self._all([given["a"]])  # type: ignore[list-item]
        if makes_floats(called):
            return _NONE
        told = [arg for name, arg in given.items() if name not in LENGTHS]
        return self._all(a for arg in told for one in _one_by_one(arg) for a in self._spread(one))

    def _spread(self, atom: Atom) -> Sequence[Atom]:
        """The items of a list that is made for one array, which are told apart; else itself."""
        made = self.made.get(atom) if isinstance(atom, Value) else None
        if made is None or made.primitive is not LIST or made.attribute or not made.args:
            return (atom,)
        if self.uses.get(made.result) != 1:
            return (atom,)
        return [part for arg in made.args for part in self._spread(arg)]


def _one_by_one(arg: Any) -> tuple[Atom, ...]:
    return arg if isinstance(arg, tuple) else (arg,)


def _carried(loop: Op) -> tuple[Value, ...]:
    """What a loop carries, as its turns see it."""
    parameters = loop.regions[0].parameters
    if loop.primitive is WHILE:
        return parameters
    return parameters[len(parameters) - len(loop.args) + 1 :]


def _slots(kind: Type) -> list[Slot]:
    """Where what has a type keeps what it holds, as deep as it goes; arrays hold numbers only."""
    found: dict[Slot, None] = {}
    pending = [kind]
    while pending:
        one = pending.pop()
        pending += one.items
        if one.kind == "Array":
            continue
        for slot in one.slots.values():
            if slot.root not in found:
                found[slot.root] = None
                pending.append(slot.root.type)
    return list(found)


def _is_real_array(kind: Type) -> bool:
    return kind.kind == "Array" and kind.slots["element"].type is types.REAL


def _is_whole_array(kind: Type) -> bool:
    return kind.kind == "Array" and kind.slots["element"].type in (types.INT, types.BOOL)


def _is_tracked(kind: Type) -> bool:
    """Whether a value of a type is told from others: not what says where to look, or how long."""
    if kind.kind == "Array":
        return _is_real_array(kind)
    return kind not in (types.INT, types.BOOL, types.STR, types.NONE)


@functools.cache
def _keeps(primitive: Primitive, arity: int) -> bool:
    """Whether an operation on numbers may give a whole number for whole ones: it is tried."""
    try:
        found = primitive.evaluate(*(2,) * arity)
    except Exception:
        return True
    dtype = getattr(found, "dtype", None)
    return isinstance(found, int) if dtype is None else dtype.kind in "iub"
