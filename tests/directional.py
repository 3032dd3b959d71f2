"""One number for a function that returns a structure of numbers: their weighted sum.

So a gradient becomes a function that has a gradient again: the weights are a direction, and the
gradient of the sum is the Hessian times that direction.  It is made in the IR.
"""

import operator
import types as python_types
from collections.abc import Callable
from typing import Any

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import GETATTR, GETITEM, NARROWED
from sourcediff.ir import Const, Function, Invocation, Region, Value
from sourcediff.transform.adjoint.scaled import ADD, DIV, MUL
from sourcediff.transform.whole.array_code import Arrays, new_array
from sourcediff.transform.whole.build import FALSE, NOTHING, TRUE, ZERO, Code, integer, known
from sourcediff.transform.whole.shapes import element
from sourcediff.transform.whole.structure import has_attribute, key_of
from sourcediff.types import BOOL, INT, REAL, STR, Slot, Type, dict_of, list_of

__all__ = ["directional"]

STATE = types.object_of(python_types.SimpleNamespace, {"count": Slot(INT), "total": Slot(REAL)})
SEEN = dict_of(Slot(INT), Slot(BOOL))
Visit = Callable[[Code, Value, Value, Value], None]


def directional(function: Function) -> Function:
    """The weighted sum of the numbers that a function returns, each object counted once."""
    visitor = _Visitor(function.order)
    code = Code({}, function.order)
    parameters = [Value(p.type, p.name) for p in function.parameters]
    assert function.returns is not None
    with code.block() as ops:
        found = code.op(
            ir.INVOKE, parameters, function.returns, Invocation(function, name=function.name)
        )
        state = code.call(python_types.SimpleNamespace, type=STATE)
        code.op(memory.SET_ATTRIBUTE, (state, integer(0)), None, "count")
        code.op(memory.SET_ATTRIBUTE, (state, ZERO), None, "total")
        seen = code.op(memory.DICT, (), SEEN)
        visitor.visit(code, found, state, seen)
        code.op(ir.RETURN, (code.op(GETATTR, (state,), REAL, "total"),))
    made = Function(f"{function.name}_along", parameters, Region(ops, None))
    made.order = function.order
    made.returns = REAL
    made.variables = tuple(code.variables)
    return made


def _weights(count: int, shape: tuple[int, ...]) -> Any:
    """The weights of the numbers of an array, of which the first is number `count`."""
    import numpy as np

    places = count + np.arange(np.prod(shape, dtype=int)).reshape(shape)
    return (places * places % 7 + 2) / 5


class _Visitor:
    def __init__(self, order: int) -> None:
        self.order = order
        self.functions: dict[object, Function] = {}

    def visit(self, code: Code, whole: Value, state: Value, seen: Value) -> None:
        kind = whole.type
        if kind is REAL:
            self.number(code, whole, state)
        elif kind.kind == "Array":
            self.array(code, whole, state)
        elif kind.kind == "Optional":
            code.branch(
                code.is_not(whole, NOTHING),
                lambda: self.visit(code, code.op(NARROWED, (whole,), kind.items[0]), state, seen),
            )
        elif kind.kind == "Tuple":
            for place, item in enumerate(kind.items):
                self.visit(code, code.op(GETITEM, (whole,), item, place), state, seen)
        elif kind.kind in ("List", "Deque", "Sequence", "Dict", "Record", "Object"):
            called = self.function(kind)
            code.op(ir.INVOKE, (whole, state, seen), None, Invocation(called, name="visit"))

    @staticmethod
    def number(code: Code, number: Value, state: Value) -> None:
        """The weight of number k is ``(k * k % 7 + 2) / 5``."""
        count = code.op(GETATTR, (state,), INT, "count")
        code.op(memory.SET_ATTRIBUTE, (state, code.plus(count, integer(1))), None, "count")
        square = code.op(MUL, (count, count), INT)
        rest = code.op(known(operator.mod), (square, integer(7)), INT)
        weight = code.op(DIV, (code.plus(rest, integer(2)), integer(5)), REAL)
        total = code.op(GETATTR, (state,), REAL, "total")
        term = code.op(MUL, (weight, number), REAL)
        code.op(memory.SET_ATTRIBUTE, (state, code.op(ADD, (total, term), REAL)), None, "total")

    @staticmethod
    def array(code: Code, whole: Value, state: Value) -> None:
        """The same for each number of an array."""
        arrays = Arrays(code)
        count = code.op(GETATTR, (state,), INT, "count")
        length = arrays.numpy("size", whole, type=INT)
        code.op(memory.SET_ATTRIBUTE, (state, code.plus(count, length)), None, "count")
        rank = types.rank_of(whole.type)
        shape = arrays.numpy("shape", whole, type=types.sequence_of(INT))
        weights = code.call(_weights, count, shape, type=new_array(rank))
        total = code.op(GETATTR, (state,), REAL, "total")
        term = arrays.total(arrays.operate("*", weights, whole))
        code.op(memory.SET_ATTRIBUTE, (state, code.op(ADD, (total, term), REAL)), None, "total")

    def function(self, kind: Type) -> Function:
        """The function that goes through what values of a type hold."""
        key = key_of(kind)
        found = self.functions.get(key)
        if found is not None:
            return found
        whole, state, seen = Value(kind, "whole"), Value(STATE, "state"), Value(SEEN, "seen")
        made = self.functions[key] = Function("visit", [whole, state, seen], Region([], None))
        made.order = self.order
        made.returns = types.NONE
        code = Code({}, self.order)
        with code.block() as ops:
            if kind.kind != "Sequence":
                name = code.call(id, whole, type=INT)
                known_already = code.op(memory.CONTAINS, (name, seen), BOOL, FALSE.value)
                code.branch(known_already, lambda: code.op(ir.RETURN, (NOTHING,)))
                code.put(seen, name, TRUE)
            self.parts(code, whole, lambda part: self.visit(code, part, state, seen))
            code.op(ir.RETURN, (NOTHING,))
        made.body = Region(ops, None)
        made.variables = tuple(code.variables)
        return made

    @staticmethod
    def parts(code: Code, whole: Value, visit: Callable[[Value], None]) -> None:
        kind = whole.type
        if kind.kind in ("List", "Deque", "Sequence"):
            code.each(whole, element(kind), lambda _, item: visit(item))
        elif kind.kind == "Dict":
            key = kind.slots["key"].type
            keys = code.call(list, whole, type=list_of(Slot(key)))
            value = kind.slots["value"].type
            code.each(keys, key, lambda _, name: visit(code.at(whole, name, value)))
        elif kind.kind == "Record":
            for name, slot in kind.slots.items():
                visit(code.at(whole, Const(name, STR), slot.type))
        else:
            for name, slot in kind.slots.items():

                def attribute(name: str = name, slot: Slot = slot) -> None:
                    visit(code.op(GETATTR, (whole,), slot.type, name))

                code.branch(has_attribute(code, whole, name), attribute)
