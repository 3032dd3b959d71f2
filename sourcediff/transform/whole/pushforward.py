"""The push-forward of a whole program: its value, and how that changes along a direction.

The arguments are copied with their shadows, as for a gradient; the tangents of the caller are put
into the shadows, and the program moves along (`moving`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import ir, memory, types
from sourcediff.compiling import compiling
from sourcediff.frontend.primitives import GETITEM, TUPLE
from sourcediff.ir import Atom, Function, Invocation, Region, Value
from sourcediff.transform.whole import array_forms, moving_arrays
from sourcediff.transform.whole.array_entry import check_outside
from sourcediff.transform.whole.build import ZERO, Code, refuse
from sourcediff.transform.whole.entry import Entry
from sourcediff.transform.whole.moving import Moved, move
from sourcediff.transform.whole.normal import normal_form
from sourcediff.transform.whole.program import Program
from sourcediff.transform.whole.results import seeds_type
from sourcediff.transform.whole.tangents import fill, of_result, tangents_type

__all__ = ["pushforward"]

#: Importing it registers what becomes of operations on arrays.
_REGISTERED = (moving_arrays,)


class _Along(Program):
    made_of = Moved
    suffix = "dot"


def pushforward(function: Function, places: Sequence[int]) -> Function:
    """The function of the same parameters and their tangents that returns value and tangent.

    Args:
        function: a function in the faithful form.
        places: the parameters that vary; a tangent of each follows the parameters.

    Raises:
        DifferentiationError: it returns what is no structure of numbers, or does what has no
            derivative.
    """
    with compiling():
        return _pushforward(function, list(places))


def _pushforward(function: Function, places: list[int]) -> Function:
    source = normal_form(function)
    array_forms.lift_numbers(source)
    returns = source.returns
    left = [op.site for op in ir.walk(function.body) if op.primitive is ir.RETURN]
    if returns is None or seeds_type(returns) is None:
        raise refuse(
            left[-1] if left else None,
            f"{function.name!r} returns {returns}, which holds something else than numbers",
            "return a number, or a tuple, list or dict of them",
        )
    given = list(function.parameters)
    program = _Along(source, [source.parameters[n] for n in places])
    callee = program.augmented(source)
    assert isinstance(callee, Moved)
    tangents: dict[int, Value] = {}
    for place in places:
        kind = tangents_type(given[place].type)
        if kind is None:
            raise refuse(None, f"the argument {given[place].name!r} has no tangent")
        tangents[place] = Value(kind, f"{given[place].name}_dot")
    entry = Entry(program, source.parameters)
    code = Code({}, program.order)
    with code.block() as ops:
        tables = tuple(code.op(memory.DICT, (), kind) for kind in entry.tables[:2])
        tables = (*tables, *entry.beginnings.make(code))
        entered = [entry.enter(code, p, tables) for p in given]
        for place, tangent in tangents.items():
            if program.shadows.has(given[place].type):
                fill(code, program, given[place].type, entered[place][1], tangent)
        beside = [
            shadow
            for parameter, (_, shadow) in zip(given, entered, strict=True)
            if program.shadows.has(parameter.type)
        ]
        numbers: list[Atom] = []
        for parameter in callee.active:
            numbers.append(tangents.get(source.parameters.index(parameter), ZERO))
        check_outside(code, program.functions, given)
        args = (*(copy for copy, _ in entered), *beside, *numbers)
        called = Invocation(callee.forward, name=function.name)
        value: Atom = code.op(ir.INVOKE, args, callee.forward.returns, called)
        shadow: Atom = ZERO
        kind = callee.beside()
        if kind is not None:
            shadow = code.op(GETITEM, (value,), kind, 1)
            value = code.op(GETITEM, (value,), returns, 0)
        found = of_result(code, program, value, shadow)
        pair = types.tuple_of((value.type, found.type))
        code.op(ir.RETURN, (code.op(TUPLE, (value, found), pair),))
    program.finish(move)
    made = Function(
        function.name, [*given, *tangents.values()], Region(ops, None), None, function.guards
    )
    made.order = program.order
    made.returns = pair
    made.variables = tuple(code.variables)
    return made
