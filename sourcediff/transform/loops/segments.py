"""Loops that are marked with `checkpoint` go in segments: a loop over these, and one in it.

``for i in checkpoint(range(n)): …`` is

    size = math.isqrt(max(n, 0)) + 1
    for start in range(0, n, size):
        for i in range(start, min(start + size, n)):
            …

and of the outer loop nothing is kept but what its turns start with (`again`).
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.flow import exits
from sourcediff.frontend.primitives import CHECKPOINT, PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import BREAK, FOR, IF, Atom, Const, Family, Function, Op, Region, Value, walk
from sourcediff.rules.table import primitive_of
from sourcediff.transform.adjoint.scaled import ADD, MUL, SUB
from sourcediff.transform.loops.count import carrying
from sourcediff.transform.loops.once import calls_as_turns

__all__ = ["in_segments"]

NEGATE, FLOOR, WHOLE = map(primitive_of, (operator.neg, operator.floordiv, int))
TRUE, FALSE = Const(True, types.BOOL), Const(False, types.BOOL)
ZERO, ONE = Const(0, types.INT), Const(1, types.INT)

HELP = "write for i in checkpoint(range(n)), or put the marked loop into a statement of its own"


def in_segments(function: Function, by_place: Callable[[Function], Function]) -> Function:
    """Let the loops that are marked go in segments.

    Args:
        by_place: makes loops over lists loops over places.

    Raises:
        DifferentiationError: something else is marked than what a loop goes through.
    """
    function = calls_as_turns(function)
    marks = {op.result: op for op in walk(function.body) if op.primitive is CHECKPOINT}
    if not marks:
        return by_place(function)
    wanted: dict[Family, Op] = {}
    function = by_place(function.with_body(_unmarked(function.body, marks, wanted)))
    definitions = {r: op for op in walk(function.body) for r in op.results}
    return function.with_body(_split(function.body, wanted, definitions))


def _unmarked(region: Region, marks: dict[Value, Op], wanted: dict[Family, Op]) -> Region:
    """Note which loops go through something marked, and let them go through the thing itself."""
    ops: list[Op] = []
    for op in region.ops:
        if op.primitive is CHECKPOINT:
            continue
        place = next((k for k, a in enumerate(op.args) if a in marks), None)
        if place is not None:
            mark = marks[op.args[place]]  # type: ignore[index]
            if op.primitive is not FOR or place or op.attribute is not None:
                _refuse(mark, "checkpoint() marks what a for statement goes through, nothing else")
            op = op.replace((_bare(mark.result, marks), *op.args[1:]))
            op.family = Family()
            wanted[op.family] = mark
        if op.regions:
            op = op.replace(regions=tuple(_unmarked(r, marks, wanted) for r in op.regions))
        ops.append(op)
    for atom in region.results or ():
        if atom in marks:
            _refuse(marks[atom], "checkpoint() marks what a for statement goes through")
    return region.replace(ops, region.results)


def _bare(atom: Atom, marks: dict[Value, Op]) -> Atom:
    while atom in marks:
        atom = marks[atom].args[0]
    return atom


def _refuse(op: Op, message: str) -> NoReturn:
    raise DifferentiationError(message, op.site.span if op.site else None, HELP)


def _split(region: Region, wanted: dict[Family, Op], definitions: dict[Value, Op]) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(_split(r, wanted, definitions) for r in op.regions))
        if op.family in wanted:
            assert op.family is not None
            _in_two(op, wanted[op.family], definitions, ops)
        else:
            ops.append(op)
    return region.replace(ops, region.results)


class _Code:
    """Operations on whole numbers, one after the other."""

    def __init__(self, loop: Op, ops: list[Op]) -> None:
        self.site = loop.site
        self.ops = ops

    def apply(self, primitive: Any, *args: Atom, name: str | None = None) -> Value:
        result = Value(primitive.typing(*(arg.type for arg in args)), name)
        self.ops.append(Op(primitive, args, (result,), site=self.site))
        return result

    def whole(self, atom: Atom) -> Atom:
        """A number of a range, which is whole although its type may be that of any number."""
        return atom if atom.type is types.INT else self.apply(WHOLE, atom)

    def call(
        self, function: Any, *args: Atom, kind: types.Type = types.INT, name: str | None = None
    ) -> Value:
        module = math if function is math.isqrt else builtins
        result = Value(kind, name)
        spec = CallSpec(function, Ref("module", module, (function.__name__,)))
        self.ops.append(Op(PURE_CALL, args, (result,), (), spec, self.site))
        return result


def _in_two(loop: Op, mark: Op, definitions: dict[Value, Op], ops: list[Op]) -> None:
    """Append a loop over the segments, with the loop in it."""
    whole = loop.args[0]
    made = definitions.get(whole) if isinstance(whole, Value) else None
    if made is None or made.primitive is not PURE_CALL or made.attribute.function is not range:
        _refuse(mark, "checkpoint() marks a range or a list of numbers, nothing else")
    code = _Code(loop, ops)
    start, stop, step = _bounds(made.args)
    if step is not ONE:
        first, step = code.whole(start), code.whole(step)
        start, stop = ZERO, code.call(len, whole)
        definitions = {**definitions, stop: ops[-1]}
    size = _size(code, start, stop, mark.args[1:], definitions)
    inner: list[Op] = []
    turn = _Code(loop, inner)
    begin = Value(types.INT, "start")
    end = turn.call(min, turn.apply(ADD, begin, size), stop)
    part = turn.call(range, begin, end, kind=types.RANGE)
    carried = tuple(Value(r.type, r.name) for r in loop.results)
    (body,) = loop.regions
    if step is not ONE:
        body = _counted(body, first, step, loop)
    short = Op(FOR, (part, *carried), carried, (body,), None, loop.site)
    results = tuple(Value(r.type, r.name) for r in loop.results)
    short = short.replace(results=results)
    if any(op.primitive is BREAK for op in exits(loop)):
        before, left = Value(types.BOOL, "left"), Value(types.BOOL, "left")
        short = carrying(
            short,
            FALSE,
            before,
            [],
            lambda op, _: TRUE if op is not None and op.primitive is BREAK else before,
            left,
        )
        leave = Region([Op(BREAK, results, (), site=loop.site)], None)
        inner += [short, Op(IF, (left,), (), (leave, Region([], ())), "statement", loop.site)]
    else:
        inner.append(short)
    parts = code.call(range, start, stop, size, kind=types.RANGE)
    region = Region(inner, results, None, (begin, *carried))
    outer = Op(FOR, (parts, *loop.args[1:]), loop.results, (region,), None, loop.site)
    outer.family = Family(again=True)
    ops.append(outer)


def _bounds(args: tuple[Atom, ...]) -> tuple[Atom, Atom, Atom]:
    start: Atom
    step: Atom
    start, stop, step = ZERO, args[0], ONE
    if len(args) > 1:
        start, stop = args[:2]
    if len(args) > 2 and not ONE.same_as(args[2]):
        step = args[2]
    if isinstance(start, Const) and not start.value:
        start = ZERO
    return start, stop, step


def _size(
    code: _Code,
    start: Atom,
    stop: Atom,
    segments: tuple[Atom, ...],
    definitions: dict[Value, Op],
) -> Atom:
    """How many turns a segment has: at least one."""
    count = stop if start is ZERO else code.apply(SUB, stop, start)
    if segments:
        # ⌈count / segments⌉, as whole numbers are divided downwards
        few = code.apply(NEGATE, code.apply(FLOOR, code.apply(NEGATE, count), segments[0]))
        return code.call(max, ONE, few, name="size")
    made = definitions.get(stop) if isinstance(stop, Value) else None
    if start is not ZERO or made is None or made.primitive is not PURE_CALL:
        count = code.call(max, count, ZERO)
    return code.apply(ADD, code.call(math.isqrt, count), ONE, name="size")


def _counted(body: Region, first: Atom, step: Atom, loop: Op) -> Region:
    """A turn of a loop that counts from zero by one, which takes what it counts from that."""
    index, *carried = body.parameters
    place = Value(types.INT, "turn")
    ops: list[Op] = []
    if isinstance(step, Const) and step.value == -1:
        ops.append(Op(SUB, (first, place), (index,), site=loop.site))
    else:
        distance = _Code(loop, ops).apply(MUL, place, step)
        ops.append(Op(ADD, (first, distance), (index,), site=loop.site))
    return Region([*ops, *body.ops], body.results, body.site, (place, *carried))
