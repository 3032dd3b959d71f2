"""Activity: which values carry a derivative with respect to the chosen inputs.

A value is active if it is a real number that depends on an input through operations whose
partial derivative is not identically zero. Tests, integers and texts never are. An operation
without a derivative that receives an active value is refused here, by name, with its line.
"""

from __future__ import annotations

from collections.abc import Iterable

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import BOUND, COPY, NARROWED, TUPLE, YIELDED
from sourcediff.ir import IF, Function, Op, Region, Value

__all__ = ["PASSES_ON", "active_values"]

PASSES_ON = (COPY, BOUND, YIELDED, NARROWED)
_HARMLESS = (types.BOOL, types.STR, types.NONE, types.OBJECT)


def active_values(function: Function, inputs: Iterable[Value]) -> set[Value]:
    """The values of `function` that vary with `inputs` and have a derivative.

    Raises:
        DifferentiationError: an active value enters an operation that has no derivative.
    """
    active = set(inputs)
    _scan(function.body, active)
    return active


def _scan(region: Region, active: set[Value]) -> None:
    for op in region.ops:
        for inner in op.regions:
            _scan(inner, active)
        if op.primitive is IF:
            for place, result in enumerate(op.results):
                yielded = (r.results[place] for r in op.regions if r.results is not None)
                if _real(result.type) and any(atom in active for atom in yielded):
                    active.add(result)
        elif op.results and any(arg in active for arg in op.args):
            if _carries(op, active):
                active.update(op.results)


def _real(t: types.Type) -> bool:
    if t.kind in ("Optional", "MaybeUnbound"):
        return _real(t.items[0])
    return t is types.REAL


def _carries(op: Op, active: set[Value]) -> bool:
    """Whether the result of an operation with an active operand is active."""
    if op.primitive in PASSES_ON:
        return True
    rule = op.primitive.rule
    if rule is None:
        if op.result.type in _HARMLESS or op.primitive is TUPLE:
            return False
        _refuse(op, f"{op.primitive.name} has no derivative")
    carries = False
    for place, arg in enumerate(op.args):
        if arg in active:
            partial = rule.partial(place)
            if partial is None:
                name = rule.parameters[place]
                _refuse(op, f"{op.primitive.name} has no derivative in its argument {name!r}")
            carries = carries or partial != "0"
    return carries and _real(op.result.type)


def _refuse(op: Op, message: str) -> None:
    from sourcediff.rules.mathematics import INTEGER_ONLY

    help = "differentiate with respect to other arguments, or give its rule with sourcediff.rule"
    if op.primitive.name.rpartition(".")[2] in INTEGER_ONLY:
        help = "it is defined on integers only; math.gamma(n + 1) continues factorials"
    raise DifferentiationError(message, op.site.span if op.site else None, help)
