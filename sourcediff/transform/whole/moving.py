"""Forward mode on whole programs: tangents beside numbers, and beside objects such of tangents.

It is the forward sweep of reverse mode with something in the shadows. What is stored in an object
stores its tangent in the shadow, what is read there reads it; an operation on numbers has its
push-forward beside it. Nothing is kept, and nothing goes back. Aliases are right for the reason
for which they are in reverse mode: two names of one object are two names of one shadow.

>>> from sourcediff import jvp
>>> def total(table):
...     return sum(table[key] * table[key] for key in table)
>>> jvp(total, ({"a": 2.0, "b": 3.0},), ({"a": 1.0, "b": 10.0},))
(13.0, 64.0)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import CALL, GETATTR, GETITEM, PURE_CALL, TUPLE
from sourcediff.ir import Atom, Function, Invocation, Op, Primitive, Region, Value
from sourcediff.transform.tangent.pushforward import push_forward
from sourcediff.transform.whole import changes, made, places, scalars
from sourcediff.transform.whole.activity import PASSING, is_reduction
from sourcediff.transform.whole.build import ZERO, integer
from sourcediff.transform.whole.orders import Plain
from sourcediff.transform.whole.places import get_at, own_shadow, put_at
from sourcediff.transform.whole.program import Augmented, Program
from sourcediff.transform.whole.shapes import inner
from sourcediff.transform.whole.steps import Step
from sourcediff.transform.whole.sweep import Sweep, plain
from sourcediff.types import REAL, Type

__all__ = ["HANDLERS", "Moved", "Moving", "Rule", "move"]

Rule = Callable[["Moving", Op], object]


class Moved(Augmented):
    """The function that moves along with one: tangents and shadows behind its parameters."""

    def __init__(self, program: Program, source: Function) -> None:
        super().__init__(program, source)
        self.program = program
        self.tangents = [Value(REAL, f"{p.name or 'x'}_dot") for p in self.active]
        for value, parameter in zip(self.shadows, self.shadowed, strict=True):
            value.name = f"{parameter.name or 'x'}_dot"
        self.forward = Function(
            f"{source.name}_along", [*self.parameters, *self.shadows, *self.tangents], source.body
        )
        self.forward.origin = source.origin
        self.forward.guards = source.guards
        self.forward.order = program.order
        self.forward.returns = self.returns
        beside = self.beside()
        if beside is not None:
            self.forward.returns = types.tuple_of((self.returns, beside))

    def beside(self) -> Type | None:
        """The type of what is returned beside the result."""
        if self.gives_shadow:
            return self.program.shadows.of(self.returns)
        return REAL if self.gives_number else None


class Moving(Sweep):
    """The one sweep of a function, while it is made."""

    handlers: ClassVar = {}
    control: ClassVar = {}

    def __init__(self, program: Program, made: Moved) -> None:
        super().__init__(program, made)
        self.moved = made
        self.labels = None
        self.tangents: dict[Value, Atom] = dict(zip(made.active, made.tangents, strict=True))

    def fill(self) -> None:
        """Give the function its body."""
        with self.code.block() as ops:
            self.steps(self.source.body)
        forward = self.made.forward
        forward.body = Region(ops, None)
        forward.variables = (*self.source.variables, *self.code.variables)

    def region_along(self, region: Region) -> Region:
        """The sweep of a region that is part of an operation."""
        with self.code.block() as ops:
            self.steps(region)
        return Region(ops, region.results, region.site, region.parameters)

    def op(self, op: Op) -> list[Step]:
        """Append an operation, and what moves beside it."""
        self.code.site = op.site
        handler = HANDLERS.get(op.primitive)
        if handler is None:
            handler = plain if op.primitive.rule is None else HANDLERS[None]
        handler(self, op)
        return []

    # Tangents -----------------------------------------------------------------------------

    def tangent(self, atom: Atom) -> Atom:
        """The tangent of a number."""
        if isinstance(atom, Value) and self.active(atom):
            return self.tangents.get(atom, ZERO)
        return ZERO

    def shadow_of(self, atom: Atom, wanted: Type) -> Atom:
        """The shadow of an atom, or the tangent of a number."""
        if isinstance(atom, Value) and atom in self.tangents:
            return self.tangents[atom]
        return super().shadow_of(atom, wanted)

    def give(self, op: Op, tangent: Callable[[], Atom]) -> None:
        """The tangent of the result of an operation, where it varies."""
        if op.results and self.active(op.result):
            self.tangents[op.result] = tangent()


def move(program: Program, made: Augmented) -> None:
    """Give a function that moves along its body."""
    assert isinstance(made, Moved)
    Moving(program, made).fill()


# Numbers, variables, calls --------------------------------------------------------------------


def _scalar(self: Moving, op: Op) -> None:
    scalars.scalar(self, op)  # appends it, and refuses what has no rule
    tangents = [self.code.scaled(self.tangent(arg)) for arg in op.args]
    self.give(op, lambda: self.code.real_atom(push_forward(self.code, op, tangents)))


def _passing(self: Moving, op: Op) -> None:
    scalars.passing(self, op)
    self.give(op, lambda: self.tangent(op.args[0]))


def _read(self: Moving, op: Op) -> None:
    scalars.read(self, op)
    self.give(op, lambda: self.code.read(self.program.bar(op.attribute)))


def _write(self: Moving, op: Op) -> None:
    scalars.write(self, op)
    if self.program.varies(op.attribute):
        self.code.write(self.program.bar(op.attribute), self.tangent(op.args[0]))


def _invoke(self: Moving, op: Op) -> None:
    spec: Invocation = op.attribute
    assert spec.function is not None
    if isinstance(spec.function, Plain):
        self.code.append(op)
        return
    callee = self.program.augmented(spec.function)
    assert isinstance(callee, Moved)
    first, given = (op.args[:1], op.args[1:]) if spec.how == "closure" else ((), op.args)
    by_parameter = dict(zip(callee.parameters, given, strict=True))
    shadows = [self.shadow_of(by_parameter[p], p.type) for p in callee.shadowed]
    tangents = [self.tangent(by_parameter[p]) for p in callee.active]
    args = (*first, *given, *shadows, *tangents)
    how = "closure" if spec.how == "closure" else "function"
    invocation = Invocation(callee.forward, how, ref=spec.ref, name=spec.name)
    beside = callee.beside()
    if not op.results or beside is None:
        self.code.append(Op(op.primitive, args, op.results, (), invocation, op.site, op.order))
        return
    pair = self.code.op(op.primitive, args, callee.forward.returns, invocation)
    self.code.append(Op(GETITEM, (pair,), op.results, (), 0, op.site, op.order))
    found = self.code.op(GETITEM, (pair,), beside, 1)
    if callee.gives_shadow:
        self.shadow[op.result] = found
    else:
        self.give(op, lambda: found)


# Places ---------------------------------------------------------------------------------------


def _place(op: Op) -> Atom | str:
    if op.primitive is GETITEM:
        return integer(op.attribute)
    if op.primitive in (GETATTR, memory.SET_ATTRIBUTE):
        name: str = op.attribute
        return name
    return op.args[1]


def load(self: Moving, op: Op) -> None:
    """An item or an attribute is read, and its tangent beside it."""
    places.load(self, op)
    if self.refers(op.args[0]):
        shadow = own_shadow(self, op.args[0])
        self.give(op, lambda: get_at(self.code, shadow, _place(op), REAL))


def store(self: Moving, op: Op) -> None:
    """An item or an attribute is bound, and its tangent beside it."""
    whole, value = op.args[0], op.args[-1]
    place = _place(op)
    at = place if isinstance(place, str) else getattr(place, "value", None)
    if not self.refers(whole) or not places.has_number(self, whole, at, value):
        places.store(self, op)
        return
    if inner(whole.type).kind == "Dict":
        places.check_key(self, op, op.args[1])
    self.code.append(op)
    put_at(self.code, own_shadow(self, whole), place, self.tangent(value))


def _method(self: Moving, op: Op) -> None:
    whole = op.args[0]
    start = len(self.code.ops)
    changes.method(self, op)
    if op.attribute.name not in ("pop", "popleft") or not self.refers(whole):
        return
    if op.results and self.active(op.result):
        # The shadow was popped too, and what came of it is the tangent.
        popped = self.code.ops[-1]
        assert popped.primitive is memory.METHOD_OF and len(self.code.ops) > start
        self.tangents[op.result] = popped.result


# Making ---------------------------------------------------------------------------------------


def python(self: Moving, op: Op) -> None:
    """What the normal form leaves of calls of Python's functions."""
    if is_reduction(op) and op.results and self.active(op.result):
        self.code.append(op)
        whole, *start = op.args
        total: Atom = ZERO
        code = self.code
        if self.refers(whole):
            total = code.op(PURE_CALL, (own_shadow(self, whole),), REAL, op.attribute)
        for arg in start:
            total = code.real_atom(code.add(code.scaled(total), code.scaled(self.tangent(arg))))
        self.tangents[op.result] = total
        return
    sequence = bool(op.results) and inner(op.result.type).kind == "Sequence"
    if sequence and op.attribute.function is tuple and self.refers(op.args[0]):
        self.code.append(op)
        source = own_shadow(self, op.args[0])
        kind = self.program.shadows.of(op.result.type)
        copy = self.shadow[op.result] = self.code.op(memory.LIST, (), kind)
        held = inner(source.type).slots["element"].type
        if places.has_number(self, op.args[0]):
            held = REAL
        self.code.each(source, held, lambda _, item: self.code.push(copy, item))
        return
    made.python(self, op)


# Control --------------------------------------------------------------------------------------


def _within(self: Moving, op: Op) -> None:
    self.code.append(op.replace(regions=tuple(map(self.region_along, op.regions))))


def _leave(self: Moving, op: Op) -> None:
    args = op.args
    if op.primitive is ir.RETURN:
        callee = self.moved
        beside = callee.beside()
        if beside is not None:
            (atom,) = args
            shadow = self.shadow_of(atom, callee.returns)
            if callee.gives_number:
                shadow = self.tangent(atom)
            assert callee.forward.returns is not None
            args = (self.code.op(TUPLE, (atom, shadow), callee.forward.returns),)
    self.code.append(op.replace(args=args))


HANDLERS: dict[Primitive | None, Rule] = {
    None: _scalar,
    memory.READ: _read,
    memory.WRITE: _write,
    memory.MAKE_FUNCTION: scalars.make_function,
    ir.INVOKE: _invoke,
    CALL: scalars.call,
    memory.SUBSCRIPT: load,
    GETITEM: load,
    GETATTR: load,
    memory.SET_ITEM: store,
    memory.SET_ATTRIBUTE: store,
    memory.METHOD_OF: _method,
    memory.DELETE_ITEM: changes.delete_item,
    memory.DELETE_ATTRIBUTE: changes.delete_attribute,
    memory.LIST: made.make_sequence,
    TUPLE: made.make_sequence,
    memory.DICT: made.make_dict,
    PURE_CALL: python,
    ir.IF: _within,
    ir.WHILE: _within,
    ir.TRY: _within,
    **dict.fromkeys(ir.EXITS, _leave),
    **dict.fromkeys(PASSING, _passing),
}
