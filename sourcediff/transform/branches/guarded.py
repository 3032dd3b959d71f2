"""Try statements made ready to be turned round.

Each branch that is a try statement (see `guards`) tells by a result of its own which way control
took, for the reverse. Where a handler or the ``else`` clause leaves a loop, that is a branch of its
own behind it, on that result:

    try: v = f(x)                    try: v = f(x); caught = False
    except ValueError: continue      except ValueError: caught = True
    …                                if caught: continue
                                     …
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import COPY
from sourcediff.guards import flag_of, is_guarded, is_in_context, may_raise, place_of_completion
from sourcediff.ir import (
    DEAD,
    IF,
    LOOPS,
    Atom,
    Const,
    Function,
    Handler,
    Op,
    Region,
    Value,
    free_values,
    walk,
)
from sourcediff.transform.loops.turning import leaves
from sourcediff.transform.smaller.dependence import used
from sourcediff.transform.smaller.optimise import substituted

__all__ = ["refuse_half_kept", "tangents_behind", "with_flags"]

#: What operations may raise; any others, anything.
_RAISED = {"truediv": (ZeroDivisionError, OverflowError), "subscript": (IndexError,)}
TRUE, FALSE = Const(True, types.BOOL), Const(False, types.BOOL)


def with_flags(function: Function) -> Function:
    """Let every try statement tell whether its body raised.

    Returns:
        The very same function where there is none.
    """
    if not any(map(is_guarded, walk(function.body))):
        return function
    return function.with_body(_region(function.body))


def _region(region: Region) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(map(_region, op.regions)))
        if is_guarded(op):
            ops.extend(_apart(op) if any(map(leaves, op.regions)) else [_with_flag(op)])
        else:
            ops.append(op)
    return region.replace(ops, region.results)


def _with_flag(op: Op) -> Op:
    then, orelse = op.regions
    if then.results is None or orelse.results is None or flag_of(op) is not None:
        return op
    return op.replace(
        results=(Value(types.BOOL, "caught"), *op.results),
        regions=(
            then.replace(then.ops, (TRUE, *then.results)),
            orelse.replace(orelse.ops, (FALSE, *orelse.results)),
        ),
    )


def _apart(op: Op) -> list[Op]:
    """The try statement with nothing in its handler, and what control does then."""
    then, orelse = op.regions
    place = place_of_completion(orelse.ops)
    assert place is not None
    body, rest = (
        list(orelse.ops[: place + 1]),
        orelse.replace(orelse.ops[place + 1 :], orelse.results),
    )
    defined = {result for inner in body for result in inner.results}
    read = free_values(Region(rest.ops, rest.results))
    outside = {v: v.another() for v in read if v in defined}
    # Behind the statement they have names of their own where the body came to its end.
    here = {v: v.another() for v in outside}
    copies = [Op(COPY, (out,), (here[v],), site=op.site) for v, out in outside.items()]
    flag = Value(types.BOOL, "caught")
    tried = op.replace(
        results=(flag, *outside.values()),
        regions=(
            Region([], (TRUE, *(DEAD for _ in outside))),
            Region(body, (FALSE, *outside)),
        ),
    )
    (moved,) = substituted([Op(IF, (), (), (rest,))], dict(here))
    (after,) = moved.regions
    arms = (then, after.replace([*copies, *after.ops], after.results))
    return [tried, Op(IF, (flag,), op.results, arms, "statement", op.site, op.order)]


def refuse_half_kept(function: Function) -> None:
    """Refuse what a turn would keep of the body of a try statement before that came to its end."""
    for op in walk(function.body):
        if op.primitive not in LOOPS:
            continue
        for guarded in walk(Region([op], None)):
            if not is_guarded(guarded) or is_in_context(guarded):
                continue
            ops = guarded.regions[1].ops
            inside = ops[: place_of_completion(ops)]
            for inner in inside:
                loop = any(o.primitive in LOOPS for o in walk(Region([inner], None)))
                arms = [part for part in inner.regions if part.results is not None]
                if loop or any(o.results for part in arms for o in walk(part)):
                    raise DifferentiationError(
                        "a loop or a branch in a try statement in a loop is not supported",
                        None if inner.site is None else inner.site.span,
                        "move it out of the try statement",
                    )


def tangents_behind(ops: Sequence[Op], handler: Handler, order: int) -> list[Op]:
    """The arm of a try statement whose body computes no tangents: they come behind it.

    A tangent may raise where the value itself does not, and nothing may catch that.

    Args:
        ops: the arm in which the body stands.
        handler: what the try statement catches.
        order: that of the tangents.
    """
    place = place_of_completion(ops)
    assert place is not None
    body: list[Op] = []
    late: list[Op] = []
    needed: set[Atom] = set()
    for op in reversed(ops[:place]):
        if op.order == order and needed.isdisjoint(op.results):
            late.insert(0, op)
            continue
        needed |= used(op)
        inside = [inner for inner in walk(Region([op], None)) if inner.order == order]
        if any(_may_be_caught(inner, handler) for inner in inside):
            raise DifferentiationError(
                "the tangent of a loop or a branch in a try statement is not supported",
                None if op.site is None else op.site.span,
                "move it out of the try statement, or use reverse mode",
            )
        body.insert(0, op)
    return [*body, ops[place], *late, *ops[place + 1 :]]


def _may_be_caught(op: Op, handler: Handler) -> bool:
    """Whether a handler may catch what an operation raises."""
    if not may_raise(op):
        return False
    caught = (Exception,) if handler.classes is None else handler.classes
    raised = _RAISED.get(op.primitive.name, (Exception,))
    return any(issubclass(one, caught) or issubclass(Exception, one) for one in raised)
