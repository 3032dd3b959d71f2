"""Steps of scalars, variables and calls."""

from __future__ import annotations

from sourcediff import ir, memory
from sourcediff.frontend.primitives import CALL, GETITEM, NARROWED
from sourcediff.ir import Function, Invocation, Op, Primitive, Value
from sourcediff.memory import MethodSpec
from sourcediff.transform.adjoint.pullback import pull_back
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.whole.activity import PASSING
from sourcediff.transform.whole.build import ZERO
from sourcediff.transform.whole.orders import Plain
from sourcediff.transform.whole.program import Augmented
from sourcediff.transform.whole.steps import Step
from sourcediff.transform.whole.sweep import Back, Handler, Sweep, plain
from sourcediff.types import FUNCTION, REAL, Type

__all__ = ["scalar"]


def scalar(self: Sweep, op: Op) -> Back | None:
    """An operation on numbers: its rule says what its adjoint gives to each operand."""
    self.code.append(op)
    if op.primitive.rule is None or not op.results or not self.active(op.result):
        return None
    rule = op.primitive.rule
    varying = [place for place, arg in enumerate(op.args) if self.active(arg)]
    for place in varying:
        if rule.partial(place) is None:
            raise self.error(
                op, f"{op.primitive.name} has no derivative in its argument {place + 1}"
            )

    def back() -> None:
        adjoint = self.take(op.result)
        for place in varying:
            self.add(op.args[place], pull_back(self.back, op, place, adjoint))

    return back


def passing(self: Sweep, op: Op) -> Back | None:
    """An operation that gives back its operand."""
    self.code.append(op)
    if not op.results:
        return None
    if self.refers(op.result):
        shadow = self.shadow_of(op.args[0], op.result.type)
        kind = self.program.shadows.of(op.result.type)
        if shadow.type.kind in ("Optional", "MaybeUnbound"):
            shadow = self.code.op(NARROWED, (shadow,), kind)
        self.shadow[op.result] = shadow
    if not self.active(op.result):
        return None
    return lambda: self.add(op.args[0], self.take(op.result))


# Variables ------------------------------------------------------------------------------------


def read(self: Sweep, op: Op) -> Back | None:
    """A variable is read: its adjoint grows."""
    self.code.append(op)
    if not op.results:
        return None
    if self.refers(op.result):
        self.shadow[op.result] = self.code.read(self.program.bar(op.attribute))
    if not self.active(op.result):
        return None
    bar = self.program.bar(op.attribute)

    def back() -> None:
        total = self.back.add(Scaled(1.0, self.back.read(bar)), self.take(op.result))
        self.back.write(bar, self.back.real_atom(total))

    return back


def write(self: Sweep, op: Op) -> Back | None:
    """A variable is bound: its adjoint goes to what it was bound to."""
    self.code.append(op)
    variable, atom = op.attribute, op.args[0]
    if self.program.shadows.has(variable.slot.type):
        shadow = self.shadow_of(atom, variable.slot.type)
        self.code.write(self.program.bar(variable), shadow)
    if not self.program.varies(variable):
        return None
    bar = self.program.bar(variable)

    def back() -> None:
        now = self.back.read(bar)
        self.back.write(bar, ZERO)
        self.add(atom, Scaled(1.0, now))

    return back


# Functions ------------------------------------------------------------------------------------


def make_function(self: Sweep, op: Op) -> Back | None:
    """A function as a value is the one that keeps what its reverse needs."""
    function: Function = op.attribute
    if not isinstance(function, Plain):
        function = self.program.augmented(function).forward
    self.code.append(Op(op.primitive, op.args, op.results, (), function, op.site, op.order))
    return None


def invoke(self: Sweep, op: Op) -> Back | None:
    """A call, and later the call of the pullback that it left behind."""
    spec: Invocation = op.attribute
    assert spec.function is not None
    if isinstance(spec.function, Plain):
        self.code.append(op)
        return None
    callee = self.program.augmented(spec.function)
    first, given = (op.args[:1], op.args[1:]) if spec.how == "closure" else ((), op.args)
    by_parameter = dict(zip(callee.parameters, given, strict=True))
    shadows = [self.shadow_of(by_parameter[p], p.type) for p in callee.shadowed]
    self.calls.used = True
    pullbacks = self.code.read(self.calls.variable)
    args = (*first, *given, *shadows, pullbacks, *self.kept())

    def back() -> None:
        self.back.site = self.turned(op.site)
        call_back(self, op, callee, by_parameter)

    if self.labels is not None:
        # The call may end half-way: from here on there is something to take back.
        self.labelled(Step(lambda _: back()))
        _forward_call(self, op, callee, args)
        return None
    _forward_call(self, op, callee, args)
    return back


def _forward_call(self: Sweep, op: Op, callee: Augmented, args: tuple[ir.Atom, ...]) -> None:
    how = "closure" if op.attribute.how == "closure" else "function"
    invocation = Invocation(callee.forward, how, ref=op.attribute.ref, name=op.attribute.name)
    if not op.results:
        self.code.append(Op(op.primitive, args, (), (), invocation, op.site, op.order))
        return
    if not callee.gives_shadow:
        self.code.append(Op(op.primitive, args, op.results, (), invocation, op.site, op.order))
        return
    kind: Type | None = callee.forward.returns
    assert kind is not None
    pair = self.code.op(op.primitive, args, kind, invocation)
    self.code.append(Op(GETITEM, (pair,), op.results, (), 0, op.site, op.order))
    shadow = self.code.op(GETITEM, (pair,), self.program.shadows.of(op.result.type), 1)
    self.shadow[op.result] = shadow


def call_back(self: Sweep, op: Op, callee: Augmented, given: dict[Value, ir.Atom]) -> None:
    """Append the call of the pullback."""
    pop = MethodSpec("pop", (), True)
    code = self.back
    pullback = code.op(memory.METHOD_OF, (code.read(self.calls.variable),), FUNCTION, pop)
    seed: tuple[ir.Atom, ...] = ()
    if callee.gives_number:
        wanted = bool(op.results) and self.active(op.result)
        seed = (code.real_atom(self.take(op.result)),) if wanted else (ZERO,)
    invocation = Invocation(callee.backward, "closure", name=callee.backward.name)
    if not callee.active:
        code.op(ir.INVOKE, (pullback, *seed), None, invocation)
        return
    found = code.op(ir.INVOKE, (pullback, *seed), callee.gradients_type(), invocation)
    for place, parameter in enumerate(callee.active):
        adjoint = found
        if len(callee.active) > 1:
            adjoint = code.op(GETITEM, (found,), REAL, place)
        self.add(given[parameter], Scaled(1.0, adjoint))


def call(self: Sweep, op: Op) -> Back | None:
    """A call that only Python knows: of `print`, which changes nothing."""
    changes = op.primitive is CALL and op.attribute.function is not print
    if changes and any(map(self.refers, op.args)):
        raise self.error(op, f"{op.attribute.function.__name__}() may change what it is given")
    return plain(self, op)


_HANDLERS: dict[Primitive | None, Handler] = {
    None: scalar,
    memory.READ: read,
    memory.WRITE: write,
    memory.MAKE_FUNCTION: make_function,
    ir.INVOKE: invoke,
    CALL: call,
}
_HANDLERS.update(dict.fromkeys(PASSING, passing))
Sweep.handlers.update(_HANDLERS)
