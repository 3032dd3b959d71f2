"""Loops over ``zip(xs, ys, strict=True)``, written as such again.

Where such a call was read, the lengths are compared before the loop, which goes through the shorter
list then. At the end the loop tells lists of unequal length apart by itself:

    if len(xs) != len(ys):                          for x, y in zip(xs, ys, strict=True):
        raise ValueError("zip() argument …")    →       total += x * y
    for x, y in zip(xs, ys):
        total += x * y
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Iterable

from sourcediff import types
from sourcediff.frontend.iteration.iterators import UNEQUAL
from sourcediff.frontend.primitives import PURE_CALL, RAISE, CallSpec
from sourcediff.ir import FOR, IF, Atom, Const, Function, Op, Region, Value, walk
from sourcediff.rules.table import primitive_of

__all__ = ["with_strict_zips"]

NOT_EQUAL = primitive_of(operator.ne)


def with_strict_zips(function: Function) -> Function:
    """Let loops compare the lengths of what they go through, where a test before them does."""
    if not any(op.primitive is RAISE for op in walk(function.body)):
        return function
    definitions = {r: op for op in walk(function.body) for r in op.results}
    return function.with_body(_region(function.body, definitions))


def _region(region: Region, definitions: dict[Value, Op]) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(_region(part, definitions) for part in op.regions))
        if op.primitive is FOR:
            _make_strict(op, ops, definitions)
        ops.append(op)
    return region.replace(ops, region.results)


def _make_strict(loop: Op, ops: list[Op], definitions: dict[Value, Op]) -> None:
    """Replace the tests before a loop by what it goes through."""
    zipped = _zip_of(loop.args[0], definitions)
    if zipped is None or zipped not in ops:
        return
    first, *others = zipped.args
    tests = [_test_of(first, other, ops, definitions) for other in others]
    if not tests or not all(tests):
        return
    spec = CallSpec(zip, zipped.attribute.ref, ("strict",))
    args = (*zipped.args, Const(True, types.BOOL))
    ops[ops.index(zipped)] = Op(
        PURE_CALL, args, zipped.results, (), spec, zipped.site, zipped.order
    )
    for test in tests:
        if test in ops:
            ops.remove(test)


def _zip_of(source: Atom, definitions: dict[Value, Op]) -> Op | None:
    """The call of zip that gives what a loop goes through, numbered or not."""
    made = definitions.get(source) if isinstance(source, Value) else None
    if made is not None and made.primitive is PURE_CALL and made.attribute.function is enumerate:
        made = definitions.get(made.args[0])  # type: ignore[arg-type]
    if made is None or made.primitive is not PURE_CALL or made.attribute.function is not zip:
        return None
    return None if made.attribute.keywords or made.attribute.stars else made


def _test_of(
    first: Atom, other: Atom, ops: Iterable[Op], definitions: dict[Value, Op]
) -> Op | None:
    """The branch that raises where two lists are not of one length."""
    for op in ops:
        if op.primitive is not IF or op.results or op.regions[1].ops or not op.regions[0].ops:
            continue
        compared = definitions.get(op.args[0])  # type: ignore[arg-type]
        if compared is None or compared.primitive is not NOT_EQUAL or not _raises(op.regions[0]):
            continue
        if [_measured(size, definitions) for size in compared.args] == [first, other]:
            return op
    return None


def _measured(size: Atom, definitions: dict[Value, Op]) -> Atom | None:
    """The list whose length a number is."""
    made = definitions.get(size) if isinstance(size, Value) else None
    if made is None or made.primitive is not PURE_CALL:
        return None
    return made.args[0] if made.attribute.function is builtins.len else None


def _raises(region: Region) -> bool:
    """Whether it only raises the error about lists of unequal length."""
    head, _, tail = UNEQUAL.partition("{}")
    texts = [a.value for op in region.ops for a in op.args if isinstance(a, Const)]
    told = any(isinstance(t, str) and t.startswith(head) and t.endswith(tail) for t in texts)
    return told and region.ops[-1].primitive is RAISE
