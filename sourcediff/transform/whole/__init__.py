"""Reverse mode on whole programs, that keeps everything: IR to IR, closed under itself.

The order in which a program goes through this package::

    faithful form ─ normal ─▶ normal form ─ activity, sweep ─▶ forward and back ─ entry ─▶ gradient

`normal`     control without carried values, loops of one kind, containers in few operations
             (`control`, `cursors`, `iterators`, `displays`, `slices`, `methods`, `orders`)
`activity`   which numbers vary: values, and places of memory by their slots
`shadows`    beside each object that holds such numbers, one of the same shape that holds adjoints
`sweep`      each function becomes one that keeps, which makes one that goes back (`program`,
             `steps`, `exits`, `scalars`, `places`, `made`, `changes`, `control_steps`, `stores`)
`entry`      the arguments are copied, aliases and all; `collect` reads the gradient out again

How it goes: the forward sweep is the program, with a shadow beside each reference. Where it makes
an object it makes a shadow full of zeros, where it reads, stores or hands on a reference it does
the same with the shadow; so two names of one object are two names of one shadow, and aliases are
right by construction. The reverse sweep takes the operations backwards: a number that was read adds
its adjoint to the shadow's place, a number that was stored takes the adjoint from there and leaves
zero, and a list that grew shrinks again. What the reverse needs is kept in variables, or in a list
where control came by several times; a call leaves behind a function that takes it back.

What that teaches about the IR:

* Values that regions and loops carry are a burden here: as `Variable` they are memory, and memory
  has one rule for all of its reads and writes. It took one pass to write carried values as
  variables; the way back (the cut, the emitter) is the work that it puts off.
* An exit needs its number, once for each loop turn that it ends. Then what follows an operation
  that may leave is reversed only where it stayed, and nothing is duplicated. Only where an
  exception may end things anywhere (inside a ``try``) are steps numbered one by one.
* A tuple is an object as far as adjoints go: something else refers to it while they grow.
* The reverse of a function is a closure of its forward sweep. This needs nothing of a caller but a
  list to put it on; recursion, methods, functions as values, calls that raise half-way all follow.
* To know where derivatives flow, types must tell objects apart, and they do: a `Slot` stands for
  all objects that one operation may mean. By attribute, not by object: two objects of a class vary
  together, which costs work and now and then a derivative at a point where there is none.
* Python's functions on containers (`sorted`, `zip`, slices) derive as loops over places. What they
  decide is decided by whole numbers, and these come from Python's own function.
* The result is closed because it is made of the same few operations; nothing was added for order 2.

What is exact is the derivative of the path that the program takes. Where a loop stops because
something vanishes exactly, that path may be taken at this point only.

What is refused, with its line: sets of numbers, numbers read from texts, iterators that are kept,
leaving by ``finally``, globals that hold numbers beside those that vary, and each operation without
a rule that is given a number that varies and could hand it on.
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import ir, memory, types
from sourcediff.compiling import compiling
from sourcediff.frontend.primitives import GETITEM, TUPLE
from sourcediff.ir import Atom, Const, Function, Invocation, Region, Value
from sourcediff.transform.whole import (
    array_forms,
    array_rules,
    array_writes,
    changes,
    control,
    control_steps,
    displays,
    iterators,
    made,
    methods,
    places,
    python_calls,
    scalars,
    slices,
)
from sourcediff.transform.whole.array_code import is_either
from sourcediff.transform.whole.array_entry import check_outside, seed_array
from sourcediff.transform.whole.build import Code, refuse
from sourcediff.transform.whole.collect import Collect
from sourcediff.transform.whole.entry import Entry
from sourcediff.transform.whole.normal import normal_form
from sourcediff.transform.whole.program import Program
from sourcediff.transform.whole.shapes import is_real
from sourcediff.transform.whole.stores import PULLBACKS
from sourcediff.transform.whole.structure import is_structure, is_tuple
from sourcediff.transform.whole.sweep import sweep
from sourcediff.types import FUNCTION, INT, REAL

__all__ = ["gradient"]

#: Modules that say what becomes of operations; importing them registers it.
_REGISTERED = (
    control,
    displays,
    slices,
    methods,
    iterators,
    python_calls,
    control_steps,
    scalars,
    places,
    made,
    changes,
    array_forms,
    array_rules,
    array_writes,
)


#: A parameter, or an item of one that is a tuple.
Place = int | tuple[int, int]


def gradient(
    function: Function,
    argnums: Sequence[Place],
    *,
    as_tuple: bool = False,
    with_value: bool = False,
    apart: bool = False,
) -> Function:
    """The gradient of a function as a function of the same parameters.

    Args:
        function: a function in the faithful form, that returns one real number.
        argnums: the places of the parameters to differentiate in; a pair is a place within a
            parameter that is a tuple.
        as_tuple: give a tuple, one item for each of `argnums`, also where there is one.
        with_value: give the pair of the value and the gradient.
        apart: no list, dict or object is in two places of the arguments.

    Raises:
        DifferentiationError: it returns something else, or does what has no derivative.
    """
    with compiling():
        return _gradient(function, list(argnums), as_tuple, with_value, apart)


def _gradient(
    function: Function, argnums: list[Place], as_tuple: bool, with_value: bool, apart: bool
) -> Function:
    source = normal_form(function)
    array_forms.lift_numbers(source)
    returns = source.returns
    if returns is None or not (
        is_real(returns) or returns in (INT, types.BOOL, types.NEVER) or is_either(returns)
    ):
        raise refuse(None, f"{function.name!r} returns {returns}, not one real number")
    wanted = dict.fromkeys(n if isinstance(n, int) else n[0] for n in argnums)
    program = Program(source, [source.parameters[n] for n in wanted])
    callee = program.augmented(source)
    entry = Entry(program, source.parameters, sparing=True, apart=apart)
    collect = Collect(entry)
    code = Code({}, program.order)
    given = list(function.parameters)
    with code.block() as ops:
        tables = tuple(code.op(memory.DICT, (), kind) for kind in entry.tables)
        copies, shadows, made = tables
        first = entry.beginnings.make(code)
        alone = entry.alone(source.parameters)
        plain = [p for n, p in enumerate(given) if apart and entry.apart.takes(p.type, n in wanted)]
        entered: list[tuple[Atom, Atom]] = []
        for p in given:
            if p is alone:
                entered.append(entry.enter_alone(code, p))
            elif p in plain:
                entered.append(entry.apart.enter(code, p))
            else:
                entered.append(entry.enter(code, p, (copies, shadows, *first)))
        shadows.name = "shadows"
        for parameter, (copy, shadow) in zip(given, entered, strict=True):
            if copy is not parameter:
                _call(copy, parameter.name)
                _call(shadow, f"{parameter.name}_bar")
        pullbacks = code.op(memory.LIST, (), PULLBACKS)
        beside = [
            shadow
            for parameter, (_, shadow) in zip(given, entered, strict=True)
            if program.shadows.has(parameter.type)
        ]
        args = (*(copy for copy, _ in entered), *beside, pullbacks)
        check_outside(code, program.functions, given)
        called = Invocation(callee.forward, name=function.name)
        value = code.op(ir.INVOKE, args, callee.forward.returns, called)
        if is_either(returns):
            seed_array(code, value)
            value = code.op(GETITEM, (value,), returns, 0)
        pullback = code.method("pop", pullbacks, type=FUNCTION)
        seeds: tuple[Atom, ...] = (Const(1.0, REAL),) if callee.gives_number else ()
        back = Invocation(callee.backward, "closure", name=callee.backward.name)
        kind = callee.gradients_type() if callee.active else None
        found = code.op(ir.INVOKE, (pullback, *seeds), kind, back)
        collected: dict[int, Atom] = {}
        for number in wanted:
            parameter = given[number]
            whole = is_structure(parameter.type) and entry.is_gradient(parameter.type)
            if parameter in plain:
                collected[number] = entry.apart.gradient(code, parameter, entered[number][1])
                continue
            if parameter is alone or whole:
                collected[number] = entered[number][1]
                continue

            def adjoint(place: int = number) -> Atom:
                asked = callee.parameters[place]
                if is_either(asked.type) or is_tuple(asked.type):
                    return entered[place][1]
                if asked not in callee.active:
                    return Const(0.0, REAL)
                if len(callee.active) == 1:
                    return found
                return code.op(GETITEM, (found,), REAL, callee.active.index(asked))

            collected[number] = collect.part(code, parameter, adjoint, (shadows, made, *first))
        answers = [_part(code, collected, place) for place in argnums]
        answer = answers[0]
        if as_tuple or len(answers) != 1:
            answer = code.op(TUPLE, answers, types.tuple_of(a.type for a in answers))
        if with_value:
            pair = types.tuple_of((value.type, answer.type))
            answer = code.op(TUPLE, (value, answer), pair)
        code.op(ir.RETURN, (answer,))
    program.finish(sweep)
    result = Function(function.name, given, Region(ops, None), function.origin, function.guards)
    result.order = program.order
    result.returns = answer.type
    result.variables = tuple(code.variables)
    return result


def _call(atom: Atom, name: str | None) -> None:
    """Give a value a name, where it has none."""
    if isinstance(atom, Value) and atom.name is None:
        atom.name = name


def _part(code: Code, collected: dict[int, Atom], place: Place) -> Atom:
    if isinstance(place, int):
        return collected[place]
    whole = collected[place[0]]
    return code.op(GETITEM, (whole,), whole.type.items[place[1]], place[1])
