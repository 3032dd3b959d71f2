"""The normal form of control: branches, loops, exits, calls, functions as values."""

from __future__ import annotations

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import DECLARED
from sourcediff.ir import (
    Atom,
    Const,
    Function,
    Invocation,
    Op,
    Region,
    Value,
    Variable,
)
from sourcediff.transform.whole.build import Code
from sourcediff.transform.whole.cursors import cursor_of
from sourcediff.transform.whole.normal import Normal, called
from sourcediff.types import Type

__all__: list[str] = []


# Control --------------------------------------------------------------------------------------


def _branch(normal: Normal, op: Op) -> None:
    places = normal.places(op.results)
    test = normal.atom(op.args[0])
    regions = tuple(normal.region(region, places) for region in op.regions)
    normal.code.op(ir.IF, (test,), None, "statement", regions)
    if any(region.results is not None for region in op.regions):
        normal.fetch(places, op.results)


def _while(normal: Normal, op: Op) -> None:
    code = normal.code
    test, body, *orelse = op.regions
    carried = normal.places(test.parameters)
    results = normal.places(op.results)
    normal.store(carried, op.args)
    normal.loops.append((results, carried))

    def turn() -> None:
        normal.fetch(carried, test.parameters)
        normal.ops(test.ops)
        assert test.results is not None
        go, *passed = normal.atoms(test.results)

        def over() -> None:
            _after(normal, op, orelse, passed, results)

        if not (isinstance(go, Const) and go.value):
            code.branch(go, lambda: None, over)
        normal.alias.update(zip(body.parameters, passed, strict=True))
        normal.ops(body.ops)
        if body.results is not None:
            normal.store(carried, body.results)

    code.loop(turn)
    normal.loops.pop()
    normal.fetch(results, op.results)


def _after(
    normal: Normal, op: Op, orelse: list[Region], carried: list[Atom], results: list[Variable]
) -> None:
    """What follows the last turn of a loop that nothing breaks."""
    if orelse:
        # It stands inside of the loop here, whose own exits these would be.
        if any(map(_leaves_a_loop, orelse[0].ops)):
            raise normal.error(op, "'break' or 'continue' in the else of a loop is not supported")
        loop = normal.loops.pop()
        normal.alias.update(zip(orelse[0].parameters, carried, strict=True))
        normal.ops(orelse[0].ops)
        normal.loops.append(loop)
        if orelse[0].results is None:
            return
        carried = list(orelse[0].results)
    normal.store(results, carried)
    normal.code.leave()


def _leaves_a_loop(op: Op) -> bool:
    """Whether an operation breaks, or continues, a loop around it."""
    if op.primitive in (ir.BREAK, ir.CONTINUE):
        return True
    regions = op.regions
    if op.primitive is ir.WHILE:
        regions = regions[2:]
    elif op.primitive is ir.FOR:
        regions = regions[1:]
    return any(_leaves_a_loop(inner) for region in regions for inner in region.ops)


def _for(normal: Normal, op: Op) -> None:
    code = normal.code
    body, *orelse = op.regions
    carried = normal.places(body.parameters[1:])
    results = normal.places(op.results)
    cursor = cursor_of(normal, op.args[0], op)
    normal.store(carried, op.args[1:])
    normal.loops.append((results, carried))

    def turn() -> None:
        normal.fetch(carried, body.parameters[1:])
        before = list(body.parameters[1:])

        def over() -> None:
            cursor.finish()
            _after(normal, op, orelse, list(before), results)

        code.branch(cursor.more(), lambda: None, over)
        normal.alias[body.parameters[0]] = called(cursor.item(), body.parameters[0].name)
        normal.ops(body.ops)
        if body.results is not None:
            normal.store(carried, body.results)

    code.loop(turn)
    normal.loops.pop()
    normal.fetch(results, op.results)


def _try(normal: Normal, op: Op) -> None:
    regions = []
    for region in op.regions:
        made = normal.region(region, ())
        made.parameters = region.parameters
        regions.append(made)
    normal.code.append(op.replace(regions=tuple(regions)))


def _break(normal: Normal, op: Op) -> None:
    results, _ = normal.loops[-1]
    normal.store(results, op.args)
    normal.code.op(ir.BREAK)


def _continue(normal: Normal, op: Op) -> None:
    _, carried = normal.loops[-1]
    normal.store(carried, op.args)
    normal.code.op(ir.CONTINUE)


# Names and functions --------------------------------------------------------------------------


def _assign(normal: Normal, op: Op) -> None:
    for result, atom in zip(op.results, normal.atoms(op.args), strict=True):
        normal.alias[result] = called(atom, result.name)


def _write(normal: Normal, op: Op) -> None:
    variable: Variable = op.attribute
    called(normal.atom(op.args[0]), variable.name)
    normal.keep(op)


def _make_function(normal: Normal, op: Op) -> None:
    made = normal.program.function(op.attribute)
    normal.defined[op.result] = op
    if not op.args:
        normal.code.append(Op(op.primitive, (), op.results, attribute=made, site=op.site))
        return
    # Each function value has its own defaults: it is made by a function that holds them.
    args = normal.atoms(op.args)
    variables = normal.program.defaults[op.attribute]
    given = [Value(variable.slot.type, "default") for variable in variables]
    maker = Function(f"{made.name}_with", given, Region([], None))
    maker.order = made.order
    maker.returns = op.result.type
    maker.variables = tuple(variables)
    inside = Code({}, made.order)
    for variable, value in zip(variables, given, strict=True):
        inside.write(variable, value)
    inside.op(ir.RETURN, (inside.op(memory.MAKE_FUNCTION, (), op.result.type, made),))
    maker.body = Region(inside.ops, None)
    function = normal.code.op(memory.MAKE_FUNCTION, (), types.FUNCTION, maker)
    spec = Invocation(maker, "closure", name=maker.name)
    normal.code.append(Op(ir.INVOKE, (function, *args), op.results, attribute=spec, site=op.site))


def _invoke(normal: Normal, op: Op) -> None:
    spec: Invocation = op.attribute
    args = normal.atoms(op.args)
    how = "closure" if spec.how == "closure" else "function"
    if spec.how == "class":
        assert spec.cls is not None
        if issubclass(spec.cls, BaseException):
            raise normal.error(op, f"making a {spec.cls.__name__} runs code: not supported")
        args = (_instance(normal, op, spec), *args)
    if spec.function is None:
        return
    function = normal.program.function(spec.function)
    first = args[:1] if how == "closure" else ()
    args = (*first, *normal.arguments(spec.function, args[len(first) :]))
    invocation = Invocation(function, how, ref=spec.ref, name=spec.name)
    results = () if spec.how == "class" else op.results
    normal.code.append(Op(op.primitive, args, results, attribute=invocation, site=op.site))


def _instance(normal: Normal, op: Op, spec: Invocation) -> Atom:
    """A new object of a class, before it is initialised."""
    kind: Type = op.results[0].type if op.results else types.OBJECT
    if spec.function is not None:
        kind = spec.function.parameters[0].type
    assert spec.cls is not None
    made = normal.code.call(spec.cls.__new__, Const(spec.cls, types.OBJECT), type=kind)
    normal.give(op, made)
    return made


def _return(normal: Normal, op: Op) -> None:
    normal.code.op(ir.RETURN, normal.atoms(op.args))


def _declared(normal: Normal, op: Op) -> None:
    """``x: float`` does nothing."""


Normal.handlers.update(
    {
        DECLARED: _declared,
        ir.IF: _branch,
        ir.WHILE: _while,
        ir.FOR: _for,
        ir.TRY: _try,
        ir.BREAK: _break,
        ir.CONTINUE: _continue,
        ir.RETURN: _return,
        ir.INVOKE: _invoke,
        memory.ASSIGN: _assign,
        memory.WRITE: _write,
        memory.MAKE_FUNCTION: _make_function,
    }
)
