"""Where an adjoint may be other than zero: a sum of masked ones is zero where all of it is.

    x_bar = np.where(above, y_bar / x, 0.0) + np.where(below, …, 0.0)

is zero where neither `above` nor `below` holds. Where it is multiplied by what may be infinite or
nan there, the product is masked by both: ``np.where(above | below, …, 0.0)``.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from sourcediff import types
from sourcediff.frontend.primitives import COPY
from sourcediff.ir import Atom, Const, Op, Primitive, Value
from sourcediff.rules.table import primitive_of
from sourcediff.transform.adjoint.masks import is_zero, mask_of, side_of_zero, through_branches
from sourcediff.transform.adjoint.scaled import AdjointBuilder
from sourcediff.transform.arrays.moved_masks import moves
from sourcediff.transform.lists.contents import slot_of

__all__ = ["may_be_infinite", "where_not_zero"]


def _known(function: object) -> Primitive:
    found = primitive_of(function)
    assert found is not None
    return found


_ADD, _SUB, _NEG, _MUL = map(_known, (operator.add, operator.sub, operator.neg, operator.mul))
_AND, _OR, _INVERT = map(_known, (operator.and_, operator.or_, operator.invert))
_UNEQUAL = _known(operator.ne)

#: Tests of which all have to hold, each with whether it is turned round.
_Tests = tuple[tuple[Atom, bool], ...]
#: Does with a test what an operation does with an array; None where that is not known.
Moved = Callable[[Op, Atom], Atom | None]
#: So many different masks are joined, not more.
MOST = 4


def where_not_zero(
    builder: AdjointBuilder, core: Value, moved: Moved, joined: dict[Any, Value]
) -> Atom | None:
    """The test of where a sum of masked adjoints is not zero; None where that is not known.

    Args:
        moved: does with a test what an operation does with the array of its shape.
        joined: the tests that there are already, by what they ask.
    """
    sums = _masks(builder, core, moved, joined)
    if not sums:
        return None
    alternatives = [tests for tests in sums if not any(_implied(other, tests) for other in sums)]
    if any(
        len(one) == len(other) == 1 and one[0][0] is other[0][0] and one != other
        for one in alternatives
        for other in alternatives
    ):
        return None
    known = joined.get(tuple(alternatives))
    if known is not None and builder.is_here(known):
        return known
    found: Atom | None = None
    for tests in alternatives:
        both: Atom | None = None
        for test, turned in tests:
            if len(alternatives) > 1 or len(tests) > 1 or turned:
                test = _as_truths(builder, test)
            here = builder.emit(_INVERT, (test,)) if turned else test
            both = here if both is None else builder.emit(_AND, (both, here))
        assert both is not None
        found = both if found is None else builder.emit(_OR, (found, both))
    if isinstance(found, Value) and found is not alternatives[0][0][0]:
        joined[tuple(alternatives)] = found
    return found


def _as_truths(builder: AdjointBuilder, test: Atom) -> Atom:
    """What is tested, where it is an array of numbers that are not zero."""
    kind = test.type.slots["element"].type if test.type.kind == "Array" else test.type
    return test if kind is types.BOOL else builder.emit(_UNEQUAL, (test, Const(0, types.INT)))


def _implied(wider: _Tests, tests: _Tests) -> bool:
    """Whether fewer tests already say so."""
    return wider is not tests and set(wider) < set(tests)


def _masks(
    builder: AdjointBuilder, atom: Atom, moved: Moved, joined: dict[Any, Value]
) -> list[_Tests] | None:
    """For each of the terms of a sum its tests; None where one has none."""
    definitions = builder.definitions
    if not isinstance(atom, Value) or slot_of(atom) in map(slot_of, builder.written):
        return None  # what is added to it in place is under no mask
    mask = mask_of(definitions, atom, builder.order, builder.arms)
    if mask is not None and mask.order:
        test = through_branches(definitions, mask.args[0])
        place = side_of_zero(mask)
        tests: _Tests = ((test, place == 1),)
        if definitions.get(atom) is mask:
            inner = _masks(builder, mask.args[2 if place == 1 else 1], moved, joined)
            if inner is not None and len(inner) == 1:
                tests += tuple(one for one in inner[0] if one not in tests)
        return [tests]
    made = definitions.get(atom)  # not in the arms of a branch, whose tests are not known here
    if made is None or not made.order:
        return None
    if made.primitive in (_ADD, _SUB):
        found: list[_Tests] = []
        for arg in made.args:
            if is_zero(arg):
                continue
            part = _masks(builder, arg, moved, joined)
            if part is None:
                return None
            found += [tests for tests in part if tests not in found]
            if len(found) > MOST:
                return None
        return found
    if made.primitive in (_NEG, COPY):
        return _masks(builder, made.args[0], moved, joined)
    if made.primitive is _MUL and isinstance(made.args[0], Const):
        return _masks(builder, made.args[1], moved, joined)
    source = made.args[0] if made.args else None
    if isinstance(source, Value) and source.type.kind == "Array" and moves(made):
        inner_test = where_not_zero(builder, source, moved, joined)
        outer = None if inner_test is None else moved(made, inner_test)
        return None if outer is None else [((outer, False),)]
    return None


def may_be_infinite(definitions: Mapping[Value, Op], op: Op) -> bool:
    """Whether a partial derivative of an operation may be infinite or nan, or what it is made of.

    What `numpy.where` gives is taken for finite: that is what it is there for.
    """
    seen: set[Op] = set()
    pending = [op]
    while pending:
        one = pending.pop()
        if one in seen:
            continue
        seen.add(one)
        if one.regions or (one.primitive.rule is not None and _has_limits(one.primitive, one)):
            return True
        for arg in one.args:
            if isinstance(arg, Value):
                made = definitions.get(arg)
                if made is not None and made.primitive.name != "numpy.where":
                    pending.append(made)
    return False


def _has_limits(primitive: Primitive, op: Op) -> bool:
    exponent = op.args[1] if primitive.name in ("pow", "numpy.power") else None
    if isinstance(exponent, Const) and isinstance(exponent.value, int):
        return bool(exponent.value < 0)
    return primitive.name == "numpy.cbrt" or _fails_somewhere(primitive, len(op.args))


@functools.cache
def _fails_somewhere(primitive: Primitive, arity: int) -> bool:
    """Whether an operation gives no finite number for some: it is tried."""
    for numbers in itertools.product((-2.0, -0.5, 0.0, 2.0), repeat=arity):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = primitive.evaluate(*numbers)
            if isinstance(found, complex) or not math.isfinite(found):
                return True
        except Exception:
            return True
    return False
