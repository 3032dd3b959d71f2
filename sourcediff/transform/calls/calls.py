"""Reverse mode of calls that stay calls: a call turns round into one of the pullback.

The pullback takes the arguments of the call once more, with the adjoints of its results, and
yields the adjoints of the arguments that are differentiated. It is made once for each choice of
these; a recursive function calls, in its pullback, that same pullback.

>>> from sourcediff.transform.adjoint.scaled import MUL
>>> square = Callee("square")
>>> v, y, x = Value(types.REAL, "v"), Value(types.REAL), Value(types.REAL, "x")
>>> square.function.parameters = [v]
>>> square.function.body = Region([Op(MUL, (v, v), (y,))], (y,))
>>> result = Value(types.REAL)
>>> call = Op(ENTER, (x,), (result,), (), Activation(square))
>>> from sourcediff.transform.adjoint.reverse import reverse
>>> print(reverse(Function("f", [x], Region([call], (result,))), [x]))
f(x: Real):
    %1 = enter x [square]
    %2 = enter x 1.0 [square_pullback]
    yield %2
>>> print(square.pullbacks[(0,), False].function)
square_pullback(v: Real, %1: Real):
    %2 = mul v v
    %3 = mul %1 v
    %4 = mul 2.0 %3
    yield %4
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.called import ENTER, ENTER_ADDING, ENTERS, Activation, Callee, callees_of
from sourcediff.frontend.describe import describe_type
from sourcediff.ir import Atom, Const, Function, Op, Region, Value, walk
from sourcediff.transform.adjoint.adjoints import Adjoints, named
from sourcediff.transform.adjoint.expand import expand
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.lists.contents import change_after, is_list
from sourcediff.transform.smaller.activity import active_places, active_values

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.reverse import Reverse

__all__ = ["hands_on_lists", "pullback_of", "turn_round_call"]


def turn_round_call(run: Reverse, op: Op, adjoints: Adjoints) -> None:
    """Append the call of the pullback of what is called."""
    places = active_places(op, run.active)
    known = [
        run.lists.known(r, adjoints) is not None if is_list(r) else r in adjoints.here
        for r in op.results
    ]
    known = [k or r in run.per_turn for k, r in zip(known, op.results, strict=True)]
    if not places or not any(known):
        return
    if op.site is not None:
        run.enter(op.site)
    for atom in (*(op.args[k] for k in places), *op.results):
        if atom in run.active and not (is_list(atom) or atom.type is types.REAL):
            run.lists.refuse(op, f"a recursive function of {describe_type(atom.type)}")
    for k in places:
        if is_list(op.args[k]) and op.args[k] not in run.lists.homes:
            run.lists.refuse(op, "a list made in a loop that a recursive function is handed")
    if any(map(is_list, op.args)):
        changed = change_after(run.function, op)
        if changed is not None:
            run.lists.refuse(changed, "a list that changes after a recursive function was given it")
    callee = pullback_of(op.attribute.callee, places)
    added = [op.args[k] for k in callee.places if is_list(op.args[k])]
    if run.adding and added and all(whole in run.active for whole in added):
        callee = pullback_of(op.attribute.callee, places, adding=True)
    bars = [_adjoint(run, op.results[k], adjoints) for k in callee.seeded]
    if all(isinstance(bar, Const) and bar.value == 0 for bar in bars):
        return
    arguments = [op.args[k] for k in callee.places]
    primitive = ENTER
    if callee.adding:
        arguments = [arg for arg in arguments if not is_list(arg)]
        bars += [run.lists.shadow(whole, adjoints) for whole in added if is_list(whole)]
        primitive = ENTER_ADDING
    results = tuple(_adjoint_of(run, arg, len(arguments)) for arg in arguments)
    taken = callee.function.parameters[len(op.args) :]
    for bar, parameter in zip(bars, taken, strict=True):
        if is_list(bar):  # what the pullback writes is written to this list
            bar.type.slots["element"].unite(parameter.type.slots["element"])
    activation = Activation(callee, op.attribute)
    made = Op(
        primitive, (*op.args, *bars), results, (), activation, run.builder.site, run.builder.order
    )
    run.builder.append(made)
    for arg, result in zip(arguments, results, strict=True):
        if not isinstance(arg, Value) or arg not in run.active:
            continue
        if is_list(arg):
            run.lists.link(arg, result, adjoints)
        else:
            run.contribute(arg, Scaled(1.0, result), adjoints)


def _adjoint(run: Reverse, result: Value, adjoints: Adjoints) -> Atom:
    if is_list(result):
        return run.lists.shadow(result, adjoints)
    return run.builder.real_atom(run.settle(result, adjoints))


def _adjoint_of(run: Reverse, argument: Atom, count: int) -> Value:
    kind = run.lists.kind(argument.type) if is_list(argument) else types.REAL
    if argument not in run.active:
        return Value(kind, "_")
    variable = argument if isinstance(argument, Value) and named(argument) else None
    # One result may be part of a sum; several are bound to variables anyway.
    return Value(kind, adjoint_of=variable if count > 1 else None)


def hands_on_lists(function: Function) -> bool:
    """Whether a function, or one that it calls, hands lists to one whose calls stay calls."""
    return any(any(map(is_list, c.function.parameters)) for c in callees_of(function))


# The pullback -----------------------------------------------------------------------------


def pullback_of(callee: Callee, places: tuple[int, ...], adding: bool = False) -> Callee:
    """The pullback of a function in the arguments at some places; made when first asked for.

    Args:
        adding: let it add the adjoints of lists to lists that it is handed.
    """
    places = _closed(callee, places)
    found = callee.pullbacks.get((places, adding))
    if found is None:
        found = Callee(f"{callee.name}_pullback", callee, places)
        callee.pullbacks[places, adding] = found
        found.adding = adding
        found.seeded = tuple(sorted(callee.active[places]))
        _make(found)
    return found


def _closed(callee: Callee, places: tuple[int, ...]) -> tuple[int, ...]:
    """The places of all arguments that are active in calls that a function makes of itself, too.

    One pullback serves the first call and those within, though fewer may be asked of the first.
    """
    function = callee.function
    while True:
        active = active_values(function, [function.parameters[k] for k in places])
        results = function.body.results or ()
        callee.active[places] = {k for k, r in enumerate(results) if r in active}
        wanted = set(places)
        for op in walk(function.body):
            if op.primitive in ENTERS and op.attribute.callee is callee:
                wanted.update(active_places(op, active))
        if len(wanted) == len(places):
            return places
        places = tuple(sorted(wanted))


def _make(callee: Callee) -> None:
    from sourcediff.transform.adjoint.reverse import Reverse

    primal = callee.primal
    assert primal is not None
    inputs = [primal.function.parameters[k] for k in callee.places]
    function = expand(primal.function, inputs)
    results = function.body.results or ()
    run = Reverse(function, inputs, callee.adding)
    adjoints = Adjoints()
    bars = [_seed(run, results[k], k, len(results)) for k in callee.seeded]
    parameters = [*function.parameters, *bars]
    # What calls in the body need to know of it while it is being made.
    callee.function.parameters = parameters
    callee.function.origin = function.origin
    run.lists.settle_in(function.parameters, adjoints)
    if callee.adding:
        for whole in filter(is_list, inputs):
            added = Value(run.lists.kind(whole.type), adjoint_of=whole)
            parameters.append(added)
            run.lists.take(whole, added, adjoints)
    ends = [(results[k], Scaled(1.0, bar)) for k, bar in zip(callee.seeded, bars, strict=True)]
    forward = run.turn_round(function.body.ops, adjoints, ends)
    run.flush()
    gradients: list[Atom] = []
    for value in inputs:
        if is_list(value) and callee.adding:
            continue
        if is_list(value):
            gradients.append(run.lists.shadow(value, adjoints))
            continue
        found = adjoints.here.get(value)
        if found is None:
            gradients.append(Const(0.0, types.REAL))
            continue
        run.builder.site = found.site
        gradients.append(run.builder.real_atom(run.builder.add(found.before, found.now)))
    run.builder.site = None
    forward = run.lists.lengths.with_taken(forward)
    ops = [*forward, *run.rewritten(run.builder.ops)]
    answers = tuple(run.latest(a) if isinstance(a, Value) else a for a in gradients)
    callee.whole = _function(callee, ops, (*results, *answers), run.builder.order)
    callee.function.body = Region(ops, answers)
    callee.function.order = run.builder.order


def _function(callee: Callee, ops: list[Op], results: tuple[Atom, ...], order: int) -> Function:
    parameters = callee.function.parameters
    origin = callee.function.origin
    return Function(callee.name, parameters, Region(ops, results), origin, (), order)


def _seed(run: Reverse, result: Atom, place: int, count: int) -> Value:
    """The adjoint of a result, as a parameter of the pullback."""
    kind = run.lists.kind(result.type) if is_list(result) else types.REAL
    if isinstance(result, Value) and named(result):
        return Value(kind, adjoint_of=result)
    name = "value" if count == 1 else f"value_{place}"
    return Value(kind, adjoint_of=Value(kind, name))
