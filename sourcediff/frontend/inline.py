"""Inlining of a function that is already in the IR: a derivative that is called in another."""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff.called import ENTERS, Activation
from sourcediff.frontend.joins import Diverged
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import LOAD, TUPLE
from sourcediff.frontend.values import Binding, Tup
from sourcediff.ir import Atom, Family, Function, Op, Region, Value

__all__ = ["inline"]


def inline(lowering: Lowering, function: Function, args: Sequence[Atom]) -> Binding:
    """Append a copy of the function's operations on these arguments; what it returns."""
    copied: dict[Value, Atom] = dict(zip(function.parameters, args, strict=True))
    tuples: dict[Value, Op] = {}
    families: dict[Family, Family] = {}
    calls: dict[Activation, Activation] = {}

    def read(atom: Atom) -> Atom:
        return copied[atom] if isinstance(atom, Value) else atom

    def fresh(value: Value) -> Value:
        named_after = value.adjoint_of
        if named_after is not None:
            found = copied.get(named_after, named_after)
            named_after = found if isinstance(found, Value) else named_after
        new = Value(value.type, value.name, named_after, value.is_tangent)
        copied[value] = new
        return new

    def region(inner: Region) -> Region:
        parameters = tuple(map(fresh, inner.parameters))
        ops = [operation(op) for op in inner.ops]
        results = None if inner.results is None else tuple(map(read, inner.results))
        return Region(ops, results, inner.site, parameters)

    def activation(call: Activation) -> Activation:
        if call not in calls:
            of = None if call.of is None else activation(call.of)
            calls[call] = Activation(call.callee, of)
        return calls[call]

    def operation(op: Op) -> Op:
        args = tuple(map(read, op.args))
        regions = tuple(map(region, op.regions))
        made = op.replace(args=args, regions=regions, results=tuple(map(fresh, op.results)))
        if op.family is not None:
            made.family = families.setdefault(op.family, Family(op.family.again))
        if op.primitive in ENTERS:
            made.attribute = activation(op.attribute)
        if op.primitive is TUPLE:
            tuples[made.result] = made
        return made

    lowering.order = max(lowering.order, function.order)
    for op in function.body.ops:
        if op.primitive is LOAD:
            copied[op.result] = lowering.load(op.attribute, op.result.type)
        else:
            lowering.ops.append(operation(op))
    for guard in function.guards:
        lowering.rely_on(guard.ref, guard.object)
    for module, alias in function.origin.spelling.items():
        lowering.spelled(module, alias)
    if function.body.results is None:
        raise Diverged

    def dissolved(atom: Atom) -> Binding:
        if isinstance(atom, Value) and atom in tuples:
            return Tup([dissolved(item) for item in tuples[atom].args])
        return atom

    return dissolved(read(function.body.results[0]))
