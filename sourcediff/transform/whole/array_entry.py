"""Arrays among the arguments: copied on the way in, the gradients copied out of the shadows.

Arguments that are views of one array become views of one copy, and so do their shadows.
"""

from __future__ import annotations

from collections.abc import Callable

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import GETITEM, LOAD
from sourcediff.ir import Atom, Const, Function, Op, Value
from sourcediff.rules.array_helpers import (
    copied,
    owner,
    refuse_overlap,
    refuse_shared,
    seen_alike,
)
from sourcediff.transform.whole.array_code import Arrays, is_array_type
from sourcediff.transform.whole.build import Code, integer, refuse
from sourcediff.transform.whole.shapes import inner
from sourcediff.types import BOOL, INT, NONE, REAL, Type, array_of, sequence_of

__all__ = ["check_outside", "copy_of_array", "either", "gradient_of_array", "seed_array"]


def copy_of_array(
    code: Code, whole: Atom, tables: tuple[Value, Value], wanted: Type | None
) -> tuple[Value, Value | None]:
    """The copy of an array and its shadow, both found in the tables if their owner is known."""
    kind = whole.type
    if wanted is not None:
        code.call(refuse_overlap, whole, type=NONE)
    any_rank = array_of(kind.slots["element"], None)
    base = code.call(owner, whole, type=any_rank)
    name = code.call(id, base, type=INT)
    kept = code.variable("copy", any_rank)
    beside = None if wanted is None else code.variable("shadow", _any_rank(wanted))

    def look_up() -> None:
        code.write(kept, code.at(tables[0], name, any_rank))
        if beside is not None:
            code.write(beside, code.at(tables[1], name, beside.slot.type))

    def make() -> None:
        copy = code.call(copied, base, type=any_rank)
        code.write(kept, copy)
        code.put(tables[0], name, copy)
        if beside is not None:
            zeros = Arrays(code).numpy("zeros_like", base, type=beside.slot.type)
            code.write(beside, zeros)
            code.put(tables[1], name, zeros)

    code.branch(code.op(memory.CONTAINS, (name, tables[0]), BOOL, False), look_up, make)
    copy = code.call(seen_alike, whole, base, code.read(kept), type=kind)
    if beside is None or wanted is None:
        return copy, None
    return copy, code.call(seen_alike, whole, base, code.read(beside), type=wanted)


def _any_rank(t: Type) -> Type:
    return array_of(t.slots["element"], None)


def gradient_of_array(code: Code, whole: Atom, shadow: Atom | None, given: Type) -> Value:
    """A new array: the gradient with respect to one."""
    arrays = Arrays(code)
    if shadow is None:
        shape = arrays.numpy("shape", whole, type=sequence_of(INT))
        return arrays.numpy("zeros", shape, type=given)
    return arrays.numpy("array", shadow, type=given)


def either(
    code: Code, atom: Atom, kind: Type, of_array: Callable[[], Atom], of_number: Callable[[], Atom]
) -> Value:
    """One thing where a value is an array, another where it is a number."""
    found = code.variable("found", kind)
    code.branch(
        Arrays(code).is_array(atom),
        lambda: code.write(found, of_array()),
        lambda: code.write(found, of_number()),
    )
    return code.read(found)


def seed_array(code: Code, result: Value) -> None:
    """Start from a result of which only the run knows that it is a number.

    `result` is a pair of it and of its shadow, where it has one.
    """
    whole: Atom = result
    shadow: Atom | None = None
    if result.type.kind == "Tuple":
        whole = code.op(GETITEM, (result,), result.type.items[0], 0)
        shadow = code.op(GETITEM, (result,), result.type.items[1], 1)
    axes = Arrays(code).numpy("ndim", whole, type=INT)
    code.branch(
        code.equal(axes, integer(0)),
        lambda: None,
        lambda: code.fail(TypeError, "an array was returned, which has no gradient"),
    )
    if shadow is not None:
        Arrays(code).add_to(shadow, Const(1.0, REAL))


# Arrays from outside --------------------------------------------------------------------------


def check_outside(code: Code, functions: dict[Function, None], given: list[Value]) -> None:
    """Refuse arguments that share memory with arrays that the functions find outside.

    Raises:
        DifferentiationError: such an array is written.
    """
    written: dict[object, Op] = {}
    for function in functions:
        for op in ir.walk(function.body):
            writes = op.primitive in (memory.INPLACE, memory.SET_ITEM)
            if writes and is_array_type(op.args[0].type):
                written.setdefault(inner(op.args[0].type).slots["element"].root, op)
    seen: set[object] = set()
    for function in functions:
        for op in ir.walk(function.body):
            if op.primitive is not LOAD or op.result.type.kind != "Array":
                continue
            write = written.get(op.result.type.slots["element"].root)
            if write is not None:
                message = "an array from outside that is written is not supported"
                raise refuse(write.site, message, "pass it as an argument")
            if op.attribute.key in seen:
                continue
            seen.add(op.attribute.key)
            loaded = Value(op.result.type)
            code.append(Op(LOAD, (), (loaded,), attribute=op.attribute, order=code.order))
            for value in given:
                if types.is_memory(value.type):
                    code.call(refuse_shared, loaded, value, type=NONE)
