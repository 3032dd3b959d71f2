"""A try statement where a derivative is made: a branch on whether its body raised.

``try: B / except E: H / else: O`` is a `GUARD`, whose result says whether B raised, and an ``If``
on that result with the arms ``H`` and ``B; COMPLETED; O``. Everything that knows branches knows
it so. Only the text and the interpreter know that what stands before `COMPLETED` decides which
arm it is; and, of the passes, those that could let something raise there, or not raise any more.
`EXCEPTION` is what was caught.

``with C: B`` is the same, with a `GUARD` that holds the context and an arm that is never taken.

>>> from sourcediff.ir import Handler
>>> from sourcediff.types import REAL
>>> caught, x = Value(CAUGHT), Value(REAL, "x")
>>> guard = Op(GUARD, (), (caught,), attribute=Handler((ValueError,)))
>>> arms = (Region([], (x,)), Region([Op(COMPLETED, (), ())], (x,)))
>>> branch = Op(IF, (caught,), (Value(REAL),), arms)
>>> is_guarded(branch), place_of_completion(arms[1].ops)
(True, 0)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from sourcediff.ir import IF, LOOPS, Atom, Const, Op, Primitive, Region, Value, walk
from sourcediff.memory import METHOD_OF
from sourcediff.types import BOOL, CAUGHT, ENTERED, INT, OBJECT, REAL

__all__ = [
    "COMPLETED",
    "EXCEPTION",
    "GUARD",
    "Context",
    "comes_through",
    "flag_of",
    "is_guarded",
    "is_in_context",
    "may_raise",
    "place_of_completion",
    "raising_in_bodies",
    "test_of",
    "values_in_bodies",
]


#: Whether the body of the try statement raised what it catches; its attribute is the `Handler` that
#: stands for all its handlers.
GUARD = Primitive("guard", lambda held, *_: held, effect=True, cost=0)
#: The body of a try statement has come to its end.
COMPLETED = Primitive("completed", lambda: None, effect=True, cost=0)
#: The exception that was caught.
EXCEPTION = Primitive("exception", sys.exception, effect=True, typing=lambda *_: OBJECT, cost=0)

#: What never raises, given real numbers and truth values.
_TOTAL = frozenset(
    [
        *("add", "sub", "mul", "neg", "pos", "abs", "lt", "le", "gt", "ge", "eq", "ne", "not"),
        *("is", "is_not", "copy", "yielded", "load", "tuple", "getitem", "list", "isinstance"),
        *("checkpoint", "entered", "left", "guard", "completed", "exception", "break", "continue"),
    ]
)


class Context:
    """The context of a with statement: a call on constants, which the operands of the guard are.

    function   what is called
    ref        where it is found
    keywords   the names of the last operands
    again      whether it is entered again around what turns the body round
    """

    __slots__ = ("again", "function", "keywords", "ref")

    def __init__(self, function: Any, ref: Any, keywords: tuple[str, ...], again: bool) -> None:
        self.again = again
        self.function = function
        self.ref = ref
        self.keywords = keywords

    def __repr__(self) -> str:
        return repr(self.ref)


def is_guarded(op: Op) -> bool:
    """Whether a branch is what a try statement, or a with statement, came to."""
    return op.primitive is IF and op.args[0].type in (CAUGHT, ENTERED)


def is_in_context(op: Op) -> bool:
    """Whether a branch is what a with statement came to."""
    return op.primitive is IF and op.args[0].type is ENTERED


def place_of_completion(ops: Sequence[Op]) -> int | None:
    """Where the body of a try statement ends."""
    return next((k for k, op in enumerate(ops) if op.primitive is COMPLETED), None)


def flag_of(op: Op) -> Value | None:
    """The result of a guarded branch that is true where the body raised, if it has one."""
    then, orelse = op.regions
    if then.results is None or orelse.results is None:
        return None
    for result, one, other in zip(op.results, then.results, orelse.results, strict=True):
        if isinstance(one, Const) and isinstance(other, Const):
            if one.value is True and other.value is False:
                return result
    return None


def comes_through(op: Op) -> bool:
    """Whether a branch is a try statement of which nothing is left in the body that may raise."""
    if not is_guarded(op) or is_in_context(op):
        return False
    ops = op.regions[1].ops
    return not any(map(may_raise, ops[: place_of_completion(ops)]))


def test_of(op: Op) -> Atom:
    """What tells, behind a branch, which way control took."""
    (test,) = op.args
    if not is_guarded(op):
        return test
    flag = flag_of(op)
    if flag is not None:
        return flag
    return Const(op.regions[0].results is not None, BOOL)  # the other never arrives


def may_raise(op: Op) -> bool:
    """Whether an operation may raise, or one in it."""
    return any(map(_may_raise, walk(Region([op], None))))


def _may_raise(op: Op) -> bool:
    if op.primitive is IF:
        return False
    if op.primitive in LOOPS:
        return bool(op.args) and op.args[0].type.kind not in ("List", "Range", "Tuple")
    if op.primitive is METHOD_OF and op.attribute.name == "append":
        return False
    if op.primitive.name == "pure_call" and op.attribute.function in (len, range):
        return False
    if op.primitive.name not in _TOTAL:
        return True
    kinds = {arg.type for arg in op.args if not isinstance(arg, Const)}
    if len(op.args) > 1 and REAL in kinds and INT in kinds:
        return True  # an integer may be too large for a float
    return op.primitive.rule is not None and not kinds <= {REAL, BOOL, INT}


def raising_in_bodies(body: Region) -> set[Op]:
    """The operations that decide whether the body of a try statement raises."""
    found: set[Op] = set()
    for op in walk(body):
        if is_guarded(op) and not is_in_context(op):
            ops = op.regions[1].ops
            place = place_of_completion(ops)
            found.update(_inside(ops if place is None else ops[:place]))
    return found


def values_in_bodies(body: Region) -> set[Value]:
    """What the bodies of try statements define before they have come to their end."""
    found: set[Value] = set()
    for op in walk(body):
        if is_guarded(op) and not is_in_context(op):
            ops = op.regions[1].ops
            inside = walk(Region(ops[: place_of_completion(ops)], None))
            found.update(result for inner in inside for result in inner.results)
    return found


def _inside(ops: Sequence[Op]) -> Iterator[Op]:
    for op in walk(Region(ops, None)):
        if op.order == 0 and _may_raise(op):
            yield op
