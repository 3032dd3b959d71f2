"""Whether what a function gives is made of floats, although some arguments may be integers.

A derivative is a float. Where it is a plain argument, ``n`` in the derivative of ``n * x``, the
argument may be an int: such code is not called directly, but by what turns its result into floats.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x, n):
...     return n * x
>>> function = lower_function(f, {"x": REAL, "n": REAL})
>>> x, n = function.parameters
>>> gives_floats(function, {n}), gives_floats(function, {x, n})
(True, False)
"""

from __future__ import annotations

import operator
from collections.abc import Container, Iterable

from sourcediff.flow import exits
from sourcediff.frontend.primitives import PURE_CALL, TUPLE
from sourcediff.ir import FOR, IF, LOOPS, WHILE, Atom, Const, Function, Op, Value, walk
from sourcediff.memory import ADD_AT, LIST, METHOD_OF, OPERATE, SET_ITEM, SUBSCRIPT, SWAP_ITEMS
from sourcediff.rules.table import primitive_of
from sourcediff.transform.lists.contents import slot_of
from sourcediff.transform.smaller.activity import PASSES_ON
from sourcediff.types import REAL, Slot

__all__ = ["gives_floats"]

DIV = primitive_of(operator.truediv)
#: A float if one of the operands is.
_ARITHMETIC = [
    primitive_of(f) for f in (operator.add, operator.sub, operator.mul, operator.mod, operator.pow)
]
#: A float if all operands are.
_CHOICES = [primitive_of(f) for f in (operator.neg, operator.pos, abs, max, min)]


def gives_floats(function: Function, integers: Container[Value]) -> bool:
    """Whether all numbers that a function gives are floats, if some parameters may be integers."""
    run = _Floats(function, integers)
    while True:
        known = run.forget()
        answer = run.all_sure(function.body.results or ())
        if run.doubtful() == known:
            return answer


class _Floats:
    def __init__(self, function: Function, integers: Container[Value]) -> None:
        self.integers = integers
        self.parameters = set(function.parameters)
        self.definitions: dict[Value, Op] = {}
        #: What a loop hands to the turns: the values of a carried variable, by its parameter.
        self.sources: dict[Value, list[Atom]] = {}
        self.held: dict[Slot | None, list[Atom]] = {}
        for op in walk(function.body):
            self.definitions.update(dict.fromkeys(op.results, op))
            if op.primitive in LOOPS:
                self._note_loop(op)
            elif op.primitive is SET_ITEM:
                self.held.setdefault(slot_of(op.args[0]), []).append(op.args[2])
            elif op.primitive is METHOD_OF and slot_of(op.args[0]):
                self.held.setdefault(slot_of(op.args[0]), []).extend(op.args[1:])
            elif op.primitive is LIST:
                self.held.setdefault(slot_of(op.result), []).extend(op.args)
            elif op.primitive.writes and op.primitive not in (ADD_AT, SWAP_ITEMS) and op.args:
                self.held.setdefault(slot_of(op.args[0]), []).extend(op.args[1:])
        #: What is a float, or is being found out: then it depends on the others.
        self.found: dict[Value, bool] = {}
        self.checked: dict[Slot, bool] = {}

    def forget(self) -> int:
        """Keep of what was found only what may be an integer; how many these are."""
        self.found = {value: False for value, sure in self.found.items() if not sure}
        self.checked = {slot: False for slot, sure in self.checked.items() if not sure}
        return self.doubtful()

    def doubtful(self) -> int:
        """How many values and lists are known that may be integers."""
        return sum(not sure for sure in (*self.found.values(), *self.checked.values()))

    def _note_loop(self, op: Op) -> None:
        head = 1 if op.primitive is FOR else 0
        for place, result in enumerate(op.results):
            sources = [op.args[head + place], *(out.args[place] for out in exits(op))]
            for number, region in enumerate(op.regions):
                tested = 1 if op.primitive is WHILE and number == 0 else 0
                first = head if number == 0 else 0
                if region.results is not None:
                    sources.append(region.results[place + tested])
                self.sources[region.parameters[first + place]] = sources
            self.sources[result] = sources

    def sure(self, atom: Atom) -> bool:
        """Whether a number is a float, or all numbers of a list or tuple are."""
        if isinstance(atom, Const):
            return not isinstance(atom.value, int)
        if atom in self.found:
            return self.found[atom]
        self.found[atom] = True
        self.found[atom] = answer = self._sure(atom)
        return answer

    # Loops, not `all` and `any`: what those call takes room on the stack of C; a sum may be long.

    def all_sure(self, atoms: Iterable[Atom]) -> bool:
        for atom in atoms:  # noqa: SIM110
            if not self.sure(atom):
                return False
        return True

    def any_sure(self, atoms: Iterable[Atom]) -> bool:
        for atom in atoms:  # noqa: SIM110
            if self.sure(atom):
                return True
        return False

    def _sure(self, value: Value) -> bool:
        if value in self.parameters:
            return value not in self.integers
        if value in self.sources:
            return self.all_sure(self.sources[value])
        slot = slot_of(value)
        if slot is not None:
            return self._held(slot)
        op = self.definitions.get(value)
        if op is None:
            return False
        if op.primitive is IF:
            place = op.results.index(value)
            return self.all_sure(_yielded(op, place))
        if op.primitive in (*PASSES_ON, TUPLE, *_CHOICES):
            return self.all_sure(op.args)
        if op.primitive is SUBSCRIPT:
            return slot_of(op.args[0]) is not None and self.sure(op.args[0])
        if op.primitive in _ARITHMETIC:
            return self.any_sure(op.args)
        if op.primitive is PURE_CALL or value.type is not REAL:
            return False
        return op.primitive is DIV or op.primitive.name.startswith(("math.", "float"))

    def _held(self, slot: Slot) -> bool:
        """Whether all that lists hold that are made here are floats."""
        if slot not in self.checked:
            self.checked[slot] = True
            made = [v for v in self.definitions if slot_of(v) is slot]
            known = all(self.definitions[v].primitive in (LIST, OPERATE, IF) for v in made)
            items = self.held.get(slot, [])
            self.checked[slot] = known and self.all_sure(items)
        return self.checked[slot]


def _yielded(op: Op, place: int) -> list[Atom]:
    """What the arms of a branch that yield anything yield at a place."""
    return [region.results[place] for region in op.regions if region.results is not None]
