"""The tangents of operands meet the operation's partial derivatives: the push-forward.

The partial derivatives are those of the rules' table, as in reverse mode (`pullback`): what is
multiplied with them is the tangent of an operand here, and what the operands contribute is added
up. Conditional partials on one test are one conditional: ``a_dot if a > b else b_dot``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sourcediff import types
from sourcediff.ir import IF, Op, Region, Value
from sourcediff.transform.adjoint.pullback import with_partial
from sourcediff.transform.adjoint.scaled import DIV, GROUPED, ZERO, AdjointBuilder, Scaled

__all__ = ["push_forward"]


def push_forward(builder: AdjointBuilder, op: Op, tangents: Iterable[Scaled]) -> Scaled:
    """The tangent of the result of `op`, whose operands have these tangents."""
    total, start = ZERO, len(builder.ops)
    for place, tangent in enumerate(tangents):
        if not tangent.is_zero:
            contribution = _contribution(builder, op, place, tangent)
            total = _sum(builder, total, contribution, start)
    return total


def _contribution(builder: AdjointBuilder, op: Op, place: int, tangent: Scaled) -> Scaled:
    """What the tangent of one operand contributes."""
    text = op.primitive.rule.partial(place)
    if text == "0":
        return ZERO
    if text == "1":
        return tangent
    if op.primitive is DIV and place == 0:
        return builder.divide(tangent, builder.scaled(op.args[1]))
    if op.primitive is DIV:
        return _denominator(builder, op, tangent)
    return with_partial(builder, op, place, lambda partial: builder.multiply(partial, tangent))


def _denominator(builder: AdjointBuilder, op: Op, tangent: Scaled) -> Scaled:
    """``-y * (z_dot / z)`` for ``y = x / z``: in this order it stays in range where y / z does not.

    The sigmoid's ``y * (y * e)`` is right at -700.
    """
    change = builder.divide(tangent, builder.scaled(op.args[1]))
    numerator = builder.scaled(op.args[0])
    if numerator.core is None and numerator.coefficient == 1:
        change = builder.multiply(Scaled(1.0, op.result), tangent)
    if change.core is None:
        return builder.multiply(Scaled(-change.coefficient), Scaled(1.0, op.result))
    return Scaled(-change.coefficient, builder.emit(GROUPED, (op.result, change.core)))


def _sum(builder: AdjointBuilder, a: Scaled, b: Scaled, start: int) -> Scaled:
    """``a + b``; conditionals on one test, made for this sum, are added arm by arm."""
    made = builder.ops[start:]
    one, other = _conditional(builder, a, made), _conditional(builder, b, made)
    if one is None or other is None or one is other or not _same_test(builder, one, other):
        return builder.add(a, b)
    builder.ops.remove(one)
    builder.ops.remove(other)
    arms = []
    for first, second in zip(one.regions, other.regions, strict=True):
        assert first.results is not None and second.results is not None
        with builder.again([*first.ops, *second.ops]):
            terms = [
                builder.multiply(Scaled(sign.coefficient), builder.scaled(atom))
                for sign, atom in ((a, first.results[0]), (b, second.results[0]))
            ]
            result = builder.real_atom(builder.add(*terms))
            arms.append(Region(builder.ops, (result,)))
    chosen = Value(types.REAL)
    joined = Op(IF, one.args, (chosen,), tuple(arms), "expression", builder.site, builder.order)
    builder.append(joined)
    return Scaled(1.0, chosen)


def _conditional(builder: AdjointBuilder, value: Scaled, among: Sequence[Op]) -> Op | None:
    """The conditional among some operations that gives a value."""
    made = builder.definitions.get(value.core) if value.core is not None else None
    return made if made is not None and made.primitive is IF and made in among else None


def _same_test(builder: AdjointBuilder, one: Op, other: Op) -> bool:
    tests = [builder.definitions.get(op.args[0]) for op in (one, other)]  # type: ignore[arg-type]
    first, second = tests
    if one.args[0] is other.args[0]:
        return True
    return (
        first is not None
        and second is not None
        and first.primitive is second.primitive
        and first.args == second.args
        and not first.regions
    )
