"""What the text of an operation evaluates, in which order, and what it may run into.

The order is Python's: of ``xs[i] = e`` first `e`, then `xs` and `i`; of a call its arguments as
they are written.

>>> from sourcediff.ir import Op, Value
>>> from sourcediff.types import REAL
>>> xs, i, e = Value(REAL, "xs"), Value(REAL, "i"), Value(REAL, "e")
>>> printed(Op(memory.SET_ITEM, (xs, i, e), ()))
(<e: Real>, <xs: Real>, <i: Real>)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sourcediff import memory
from sourcediff.frontend.primitives import GETATTR, NARROWED, REQUIRED
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    IF,
    INVOKE,
    TRY,
    WHILE,
    Atom,
    Const,
    Invocation,
    Op,
    Primitive,
    Value,
)
from sourcediff.types import BOOL, INT, NONE, REAL, STR, is_memory

__all__ = ["EFFECT", "RAISES", "READS", "conflict", "itself", "printed", "printed_of_invocation"]

#: What evaluating an operation may do, as bits.
EFFECT, READS, RAISES = 1, 2, 4

_PLAIN = frozenset({REAL, INT, BOOL, STR, NONE})


def itself(op: Op) -> int:
    """What an operation does beside what its operands and regions do."""
    primitive = op.primitive
    if primitive is memory.METHOD_OF:
        return READS | RAISES | (EFFECT if op.attribute.writes else 0)
    if primitive in _LOOKS and op.results and _is_view(op):
        return 0  # it looks at nothing yet
    bits = EFFECT if primitive.effect else 0
    if primitive.reads:
        bits |= READS
    elif not primitive.opaque:
        for arg in op.args:
            if arg.type not in _PLAIN and is_memory(arg.type):
                bits |= READS
                break
    if primitive.raises:
        bits |= RAISES
    if primitive in _COMPOUND:
        return bits & ~EFFECT
    return bits


def _is_view(op: Op) -> bool:
    """Whether an operation gives a view of an array."""
    whole, view = op.args[0].type, op.results[0].type
    if whole.kind != "Array" or view.kind != "Array":
        return False
    return whole.slots["element"].root is view.slots["element"].root


_LOOKS = (memory.SUBSCRIPT, GETATTR)
_COMPOUND = (IF, FOR, WHILE, TRY)


def conflict(a: int, b: int, strict: bool) -> bool:
    """Whether two evaluations must stay in order.

    Args:
        a: the bits of one.
        b: the bits of the other.
        strict: whether it counts which of two exceptions comes first.
    """
    if (a & EFFECT and b) or (b & EFFECT and a):
        return True
    return strict and bool(a & b & RAISES)


#: Operators that have a method for their right operand.
REFLECTED = frozenset(
    [
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "matmul",
        "or",
        "and",
        "xor",
        "lshift",
        "rshift",
    ]
)

# Operands ---------------------------------------------------------------------------------


def printed(op: Op) -> Sequence[Atom]:
    """The atoms that the text of an operation evaluates, its regions apart, in order."""
    special = _SPECIAL.get(op.primitive)
    return op.args if special is None else special(op)


def _loop(op: Op) -> Sequence[Atom]:
    """What is carried is copied above the loop; its head comes after that."""
    return (*op.args[1:], op.args[0])


def _value_first(op: Op) -> Sequence[Atom]:
    *target, value = op.args
    return (value, *target)


def _assigned(op: Op) -> Sequence[Atom]:
    return op.args[:1] if op.attribute in ("chain", "walrus") else op.args


def _dict(op: Op) -> Sequence[Atom]:
    spread = op.attribute or ()
    return [arg for place, arg in enumerate(op.args) if place not in spread]


def printed_of_invocation(op: Op) -> list[Any]:
    """What is written of a call: atoms, and paths to what is known while compiling."""
    call: Invocation = op.attribute
    if call.how == "super":
        first, rest = 0, 1
    elif call.how in ("closure", "method", "property", "operator"):
        first, rest = 1, 1
    else:
        first, rest = 0, 0
    if call.written is None:
        found = [*op.args[:first], *op.args[rest:]]
    else:
        found = [*op.args[:first], *(given for _, given in call.written)]
    if call.how == "operator" and is_reflected(call.name or ""):
        found.reverse()
    return found


def is_reflected(name: str) -> bool:
    """Whether the operand that the method belongs to stands on the right."""
    bare = name.strip("_")
    return name == "__contains__" or (bare[:1] == "r" and bare[1:] in REFLECTED)


def _invoked(op: Op) -> Sequence[Atom]:
    return [a for a in printed_of_invocation(op) if isinstance(a, Value | Const)]


_SPECIAL: dict[Primitive, Callable[[Op], Sequence[Atom]]] = {
    FOR: _loop,
    INVOKE: _invoked,
    memory.SET_ITEM: _value_first,
    memory.SET_PART: _value_first,
    memory.SET_ATTRIBUTE: _value_first,
    memory.ASSIGN: _assigned,
    memory.DICT: _dict,
}

#: Operations whose text is that of their operand.
TRANSPARENT = (NARROWED, REQUIRED)
#: What leaves a loop, with values for what is carried.
JUMPS = (BREAK, CONTINUE)
