"""A function and its reverse: the forward sweep that keeps, and the function that goes back.

Each function ``f`` of the program becomes ``f`` with shadows beside its references and a list
of pullbacks as its last parameter. Before anything else it puts its own pullback on that list: a
function made inside of it, which finds what the forward sweep left in its variables. So a call in
the forward sweep is a call in the reverse sweep, recursion and closures need nothing more, and a
call that raised half-way can be taken back as far as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import ClassVar

from sourcediff import ir, memory, types
from sourcediff.flow import functions_reached
from sourcediff.ir import Atom, Const, Function, Op, Region, Value, Variable
from sourcediff.transform.whole.activity import Activity, slots_of
from sourcediff.transform.whole.build import ZERO, Code, integer
from sourcediff.transform.whole.kept import note_made
from sourcediff.transform.whole.shadows import Shadows
from sourcediff.transform.whole.shapes import inner
from sourcediff.transform.whole.stores import KEPT, PULLBACKS
from sourcediff.types import REAL, Slot, Type

__all__ = ["Augmented", "Program", "where_it_is"]

BEFORE = integer(-1)


class Augmented:
    """The two functions made of one, and how they are called."""

    def __init__(self, program: Program, source: Function) -> None:
        activity, shadows = program.activity, program.shadows
        self.source = source
        self.parameters = list(source.parameters)
        self.shadowed = [p for p in self.parameters if shadows.has(p.type)]
        self.active = [p for p in self.parameters if activity.is_active(p)]
        self.shadows = [Value(shadows.of(p.type), _named(p.name)) for p in self.shadowed]
        self.pullbacks = Value(PULLBACKS, "pullbacks")
        self.kept = Value(KEPT, "kept") if program.kept else None
        self.returns = source.returns or types.NONE
        self.gives_shadow = shadows.has(self.returns)
        self.gives_number = activity.returned(source) and not self.gives_shadow
        self.forward = Function(
            f"{source.name}_forward",
            [*self.parameters, *self.shadows, self.pullbacks, *([self.kept] if self.kept else [])],
            source.body,
        )
        self.forward.origin = source.origin
        self.forward.guards = source.guards
        if self.gives_shadow:
            self.forward.returns = types.tuple_of((self.returns, shadows.of(self.returns)))
        else:
            self.forward.returns = source.returns
        seeds = [Value(REAL, "seed")] if self.gives_number else []
        self.backward = Function(f"{source.name}_reverse", seeds, source.body)
        self.backward.returns = self.gradients_type()
        self.forward.order = self.backward.order = program.order

    def gradients_type(self) -> Type:
        """The type of what the reverse function returns."""
        if not self.active:
            return types.NONE
        return REAL if len(self.active) == 1 else types.tuple_of([REAL] * len(self.active))


def _named(name: str | None) -> str | None:
    return None if name is None else f"{name}_bar"


class Program:
    """One differentiation of a program in normal form.

    `kept` says that all that the reverse changes is put on a list, which the functions hand on.
    """

    #: What a function becomes, and how the name of the variable beside a variable ends.
    made_of: ClassVar[type[Augmented]] = Augmented
    suffix: ClassVar[str] = "bar"

    def __init__(self, function: Function, inputs: Sequence[Value], kept: bool = False) -> None:
        self.kept = kept
        #: Whether what is written by way of one argument cannot come in by another one.
        self.apart = False
        self.order = function.order + 1
        self.activity = Activity(function, inputs)
        self.shadows = Shadows(self.activity)
        self.functions = functions_reached(function)[0]
        self.owner = {v: found for found in self.functions for v in found.variables}
        self.interrupted = _interrupted(self.functions)
        self.bars: dict[Variable, Variable] = {}
        self.made: dict[Function, Augmented] = {}
        self.pending: list[Augmented] = []

    @cached_property
    def stored(self) -> set[Slot]:
        """The places of dicts with known keys that the program stores to: some may be new."""
        return {
            op.args[0].type.slots[op.args[1].value].root
            for function in self.functions
            for op in ir.walk(function.body)
            if op.primitive is memory.SET_ITEM
            and op.args[0].type.kind == "Record"
            and isinstance(op.args[1], Const)
        }

    @cached_property
    def written(self) -> set[Slot]:
        """The slots of objects that the program may change."""
        return {
            slot.root
            for function in self.functions
            for op in ir.walk(function.body)
            if op.primitive.writes and op.primitive is not ir.INVOKE
            for arg in op.args
            for slot in _written_by(op, arg)
        }

    def augmented(self, function: Function) -> Augmented:
        """What a function becomes."""
        found = self.made.get(function)
        if found is None:
            found = self.made[function] = self.made_of(self, function)
            self.pending.append(found)
        return found

    def finish(self, sweep: Callable[[Program, Augmented], None]) -> None:
        """Make the bodies of all functions that were asked for."""
        while self.pending:
            sweep(self, self.pending.pop())
        for variable, bar in self.bars.items():
            made = self.made[self.owner[variable]].forward
            made.variables = (*made.variables, bar)
            if self.activity.holds(variable.slot.type):
                continue
            code = Code({}, self.order)
            code.write(bar, ZERO)
            made.body = Region([*code.ops, *made.body.ops], made.body.results)
        for augmented in self.made.values():
            if augmented.kept is not None:
                forward = augmented.forward
                forward.body = note_made(forward.body, augmented.kept, self.order)

    def bar(self, variable: Variable) -> Variable:
        """The variable beside a variable: its adjoint, or the shadow of what it refers to."""
        found = self.bars.get(variable)
        if found is None:
            kind = variable.slot.type
            wanted = self.shadows.of(kind) if self.shadows.has(kind) else REAL
            found = self.bars[variable] = Variable(f"{variable.name}_{self.suffix}", Slot(wanted))
        return found

    def varies(self, variable: Variable) -> bool:
        """Whether a variable holds a number that varies."""
        return variable.slot.root in self.activity.slots and not self.shadows.has(
            variable.slot.type
        )


def _written_by(op: Op, whole: Atom) -> list[Slot]:
    """The slots of an operand that an operation may write to."""
    if op.primitive is memory.SET_ATTRIBUTE and whole is op.args[0]:
        return slots_of(whole.type, op.attribute)
    return list(inner(whole.type).slots.values())


def where_it_is(
    code: Code, program: Program, whole: Atom, name: str, slot: Slot, then: Callable[[], object]
) -> None:
    """Do something with a known key of a dict, if need be only where the dict has it."""
    if slot.root not in program.stored:
        then()
        return
    key = Const(name, types.STR)
    code.branch(code.op(memory.CONTAINS, (key, whole), types.BOOL, False), then)


def _interrupted(functions: dict[Function, None]) -> set[Function]:
    """The functions whose run may end in the middle, by an exception that someone catches."""
    found: set[Function] = set()

    def called(region: Region, inside: bool) -> None:
        for op in region.ops:
            if inside and op.primitive is ir.INVOKE and op.attribute.function is not None:
                mark(op.attribute.function)
            for region in op.regions:
                called(region, inside or op.primitive is ir.TRY)

    def mark(function: Function) -> None:
        if function not in found:
            found.add(function)
            called(function.body, True)

    for function in functions:
        called(function.body, False)
    return found
