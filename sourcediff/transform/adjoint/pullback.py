"""The adjoint of an operation meets the operation's partial derivatives: here, and only here.

A partial derivative is an expression in the rule's table. It is lowered once, and then
replayed for each operation on the operation's own arguments; the adjoint is multiplied in at
the end, inside the branches of a conditional partial, so that a branch that is not selected
never meets it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import pow as power
from typing import Any, TypeGuard

from sourcediff import types
from sourcediff.frontend.calls.recipes import lower_recipe
from sourcediff.ir import IF, Atom, Const, Function, Op, Primitive, Region, Value
from sourcediff.rules.table import Rule, primitive_of
from sourcediff.transform.adjoint.conjugates import (
    conjugate,
    contribution_of_parts,
    is_complex,
    real_part,
    touches_complex,
)
from sourcediff.transform.adjoint.scaled import (
    ADD,
    DIV,
    MUL,
    NEG,
    SUB,
    ZERO,
    AdjointBuilder,
    Scaled,
)
from sourcediff.transform.arrays.code import NumpyCode

__all__ = ["pull_back", "rule_of", "with_partial"]

Finish = Callable[[Scaled], Scaled]


def rule_of(op: Op) -> Rule:
    """The rule of an operation on its operands: some are others where one is an array."""
    if any(arg.type.kind == "Array" for arg in op.args):
        from sourcediff.rules import numpy_functions  # NumPy is there: the program has arrays

        found = numpy_functions.rule_of_arrays(op.primitive)
        assert found is not None
        return found
    return op.primitive.rule  # type: ignore[no-any-return]


_recipes: dict[tuple[Rule, int], Function] = {}


def pull_back(builder: AdjointBuilder, op: Op, place: int, adjoint: Scaled) -> Scaled:
    """What the adjoint of the result of `op` contributes to that of its argument at `place`."""
    rule = rule_of(op)
    text = rule.partial(place)
    assert text is not None, "activity refuses what has no derivative"
    if touches_complex(op):
        return _pull_back_complex(builder, op, place, text, adjoint)
    if text == "0":
        return ZERO
    if text == "1":
        return adjoint
    if op.primitive is DIV and place == 1:
        denominator = op.args[1]
        assert isinstance(denominator, Value)
        return builder.over(adjoint, Scaled(1.0, op.result), denominator)
    return with_partial(builder, op, place, lambda partial: builder.multiply(adjoint, partial))


def _pull_back_complex(
    builder: AdjointBuilder, op: Op, place: int, text: str, adjoint: Scaled
) -> Scaled:
    """The same of complex numbers: only the real part goes to what is real."""
    found = contribution_of_parts(builder, op, place, adjoint)
    if found is None and text in ("0", "1"):
        found = ZERO if text == "0" else adjoint
    if found is None:
        found = with_partial(builder, op, place, lambda partial: builder.multiply(adjoint, partial))
    return found if is_complex(op.args[place]) else real_part(builder, found)


def with_partial(builder: AdjointBuilder, op: Op, place: int, finish: Finish) -> Scaled:
    """Compute the partial derivative of `op` in one argument, and apply `finish` to it.

    That is inside of the branches of a conditional partial: what is not selected meets nothing.
    """
    rule = rule_of(op)
    text = rule.partial(place)
    assert text is not None, "activity refuses what has no derivative"
    recipe = _recipe(rule, place, text)
    args: list[Atom] = [conjugate(builder, atom) for atom in (*op.args, op.result)]
    if rule.variadic:
        counterpart = (place + len(op.args) // 2) % len(op.args)
        args = [op.args[place], op.args[counterpart], op.result]
    # A number decides what a recipe tests; where there is no test, it keeps the user's name.
    plain = any(inner.primitive is IF for inner in recipe.body.ops)
    values = {
        parameter: builder.number(arg) if plain and is_real(arg) else builder.scaled(arg)
        for parameter, arg in zip(recipe.parameters, args, strict=True)
    }
    given = {p: a for p, a in zip(recipe.parameters, args, strict=True) if isinstance(a, Const)}
    return _replay(builder, recipe.body, values, given, finish)


def is_real(atom: Atom) -> TypeGuard[Const]:
    """Whether an atom is a real constant."""
    return isinstance(atom, Const) and atom.type is not types.COMPLEX


def _recipe(rule: Rule, place: int, text: str) -> Function:
    key = (rule, 0 if rule.variadic else place)
    found = _recipes.get(key)
    if found is None:
        names = (*rule.parameters, "z") if rule.variadic else rule.parameters
        found = _recipes[key] = lower_recipe(text, (*names, "y"), rule.namespace)
    return found


def _replay(
    builder: AdjointBuilder,
    region: Region,
    values: dict[Value, Scaled],
    given: dict[Value, Const],
    finish: Finish,
) -> Scaled:
    """Execute a recipe on scaled values; `finish` is applied to what it yields.

    Arguments that are constants are `given` too as what they are: -0.0, or an integer.
    """

    def read(atom: Atom) -> Scaled:
        return values[atom] if isinstance(atom, Value) else builder.scaled(atom)

    assert region.results is not None
    (last,) = region.results
    tests = {op.args[0] for op in region.ops if op.primitive is IF}
    for op in region.ops:
        result = op.result
        if op.primitive is IF:
            is_tail = result is last and op is region.ops[-1]
            then = finish if is_tail else lambda value: value
            values[result] = _replay_if(builder, op, values, given, read, then, result in tests)
            if is_tail:
                return values[result]
            continue
        algebra = _ALGEBRA.get(op.primitive)
        if algebra is not None:
            known = algebra(builder, *map(read, op.args))
            if known is not None:
                values[result] = known
                continue
        atoms = tuple(
            a if isinstance(a, Const) else given.get(a) or _atom(builder, read(a)) for a in op.args
        )
        inferred = any(a.type.kind == "Array" or is_complex(a) for a in atoms)
        kind = None if inferred else op_type(op)
        values[result] = Scaled(1.0, builder.emit(op.primitive, atoms, kind, op.attribute))
    return finish(read(last))


def where() -> Primitive:
    """The operation `numpy.where`."""
    from sourcediff.rules import numpy_functions  # NumPy is there: the program has arrays

    assert numpy_functions.WHERE is not None
    return numpy_functions.WHERE


def op_type(op: Op) -> types.Type:
    """The type of the one result."""
    return op.result.type


def _atom(builder: AdjointBuilder, value: Scaled) -> Atom:
    """A scaled value as an operand; a count (an order, a number of digits) is an integer."""
    number = value.coefficient
    if value.core is None and math.isfinite(number) and number == int(number):
        if number or math.copysign(1.0, number) > 0:
            return Const(int(number), types.INT)
    return builder.atom(value)


def _replay_if(
    builder: AdjointBuilder,
    op: Op,
    values: dict[Value, Scaled],
    given: dict[Value, Const],
    read: Callable[[Atom], Scaled],
    finish: Finish,
    is_test: bool,
) -> Scaled:
    """A branch of a recipe; of one that `is_test`, only the truth matters."""
    test = read(op.args[0])
    if test.core is None:
        region = op.regions[0 if test.coefficient else 1]
        return _replay(builder, region, dict(values), given, finish)
    if test.core.type.kind == "Array":
        sides = [
            builder.atom(_replay(builder, region, dict(values), given, finish))
            for region in op.regions
        ]
        return Scaled(1.0, builder.emit(where(), (builder.atom(test), *sides)))
    results = []
    arms: list[tuple[list[Op], Atom]] = []
    for region in op.regions:
        with builder.block() as ops:
            result = _replay(builder, region, dict(values), given, finish)
            results.append(result)
            atom = builder.atom(result) if is_test else builder.real_atom(result)
            arms.append((ops, atom))
    if results[0].core is None and results[1].core is None:
        if results[0].coefficient == results[1].coefficient:
            return results[0]
    kind = max((atom.type for _, atom in arms), key=lambda kind: types.rank_of(kind) or 0)
    if kind is types.INT:
        kind = types.REAL
    regions = [Region(ops, (_as_large(builder, ops, atom, kind, values),)) for ops, atom in arms]
    chosen = Value(kind)
    builder.append(
        Op(
            IF,
            (builder.atom(test),),
            (chosen,),
            tuple(regions),
            "expression",
            builder.site,
            builder.order,
        )
    )
    return Scaled(1.0, chosen)


def _as_large(
    builder: AdjointBuilder,
    ops: list[Op],
    atom: Atom,
    kind: types.Type,
    values: dict[Value, Scaled],
) -> Atom:
    """What an arm gives, as an array where the other one gives an array."""
    rank = types.rank_of(kind) or 0
    if not rank or types.rank_of(atom.type) == rank:
        return atom
    like = next(
        value.core
        for value in values.values()
        if value.core is not None and types.rank_of(value.core.type) == rank
    )
    with builder.again(ops):
        return NumpyCode(builder).call("full_like", (like, atom), kind)


def _raise_to(builder: AdjointBuilder, base: Scaled, exponent: Scaled) -> Scaled | None:
    """Small constant powers as products; None for all others."""
    if exponent.core is not None:
        return None
    if exponent.coefficient == 0:
        return Scaled(1.0)
    if exponent.coefficient == 1:
        return base
    if exponent.coefficient == 2:
        return builder.multiply(base, base)
    return None


_ALGEBRA: dict[Primitive | None, Any] = {
    ADD: lambda builder, a, b: builder.add(a, b),
    SUB: lambda builder, a, b: builder.add(a, -b),
    MUL: lambda builder, a, b: builder.multiply(a, b),
    DIV: lambda builder, a, b: builder.divide(a, b),
    NEG: lambda builder, a: -a,
    primitive_of(power): _raise_to,
}
