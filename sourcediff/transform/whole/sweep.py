"""Both sweeps of one function, while they are made: what is kept, adjoints, shadows."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from sourcediff import ir, memory
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import GETITEM, TUPLE
from sourcediff.ir import Atom, Op, Primitive, Region, Site, Value, Variable
from sourcediff.rules.mathematics import INTEGER_ONLY
from sourcediff.transform.adjoint.scaled import ZERO as NO_ADJOINT
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.whole.activity import takes_keys
from sourcediff.transform.whole.again import is_there_again
from sourcediff.transform.whole.build import NOTHING, ZERO, Code, integer, refuse
from sourcediff.transform.whole.exits import Exits
from sourcediff.transform.whole.program import Augmented, Program
from sourcediff.transform.whole.shapes import holds_numbers, inner
from sourcediff.transform.whole.steps import Step, turn_back
from sourcediff.transform.whole.stores import (
    DISPATCH,
    DROP,
    SAVE,
    Labels,
    Stores,
)
from sourcediff.types import FUNCTION, INT, REAL, Slot, Type

__all__ = ["BEFORE", "Back", "Handler", "Sweep", "plain", "sweep"]

BEFORE = integer(-1)
Back = Callable[[], None]
#: What appends the forward sweep of an operation, and gives what appends its reverse.
Handler = Callable[["Sweep", Op], Back | None]


class Sweep:
    """Both sweeps of one function, while they are made.

    code      appends to the forward sweep
    back      appends to the reverse sweep
    several   whether control may come here more than once
    labels    where steps are numbered, because an exception may end them anywhere
    """

    #: What appends operations; under None, those that have a rule.
    handlers: ClassVar[dict[Primitive | None, Handler]] = {}
    #: What appends control, and gives the steps of its reverse.
    control: ClassVar[dict[Primitive, Callable[[Sweep, Op], list[Step]]]] = {}

    def __init__(self, program: Program, made: Augmented) -> None:
        self.program = program
        self.made = made
        self.source = made.source
        definitions = {r: op for op in ir.walk(self.source.body) for r in op.results}
        self.code = Code(definitions, program.order)
        self.back = Code(definitions, program.order)
        self.stores = Stores(program.order)
        self.shadow: dict[Value, Atom] = dict(zip(made.shadowed, made.shadows, strict=True))
        self.cells: dict[Value, Variable] = {}
        self.adjoints: dict[Value, Scaled] = {}
        self.calls = self.stores.make("calls", FUNCTION, True)
        self.exits = Exits(self.source)
        self.left = self.stores.make("left", INT, False)
        self.labels: Labels | None = None
        self.arms: list[tuple[int, Step]] = []
        self.several = False
        self.loops: list[object] = []
        self.sites: dict[Site, Site] = {}
        careful = self.source in program.interrupted
        self.local = self.exits.local_values(program.activity, careful)
        if careful:
            self.labels, self.several = self.stores.labels(), True

    def fill(self) -> None:
        """Give both functions their bodies."""
        made = self.made
        with self.code.block() as forward:
            pullback = self.code.op(memory.MAKE_FUNCTION, (), FUNCTION, made.backward)
            self.code.push(made.pullbacks, pullback)
            for value in (*made.parameters, *made.shadows):
                self.save(value, several=False)
            if self.labels is not None:
                self.code.op(SAVE, (BEFORE,), None, self.labels)
            steps = self.steps(self.source.body)
        with self.back.block() as backward:
            if self.labels is not None:
                self.turn_back_labelled(self.labels, self.arms)
            else:
                left: Atom = integer(0)
                if any(step.leaves for step in steps):
                    left = self.left.last(self.back)
                    self.left.used = True
                turn_back(self.back, steps, left)
            self.back.op(ir.RETURN, (self.gradients(),))
        start = Code({}, self.program.order)
        for cell in self.cells.values():
            start.write(cell, ZERO)
        made.forward.body = Region(forward, None)
        made.backward.body = Region([*start.ops, *backward], None)
        made.forward.variables = (*self.source.variables, *self.code.variables)
        made.backward.variables = (*self.cells.values(), *self.back.variables)
        self.stores.resolve(made.forward, made.backward)

    def gradients(self) -> Atom:
        """The adjoints of the parameters that are numbers."""
        found = [self.back.real_atom(self.take(p)) for p in self.made.active]
        if not found:
            return NOTHING
        if len(found) == 1:
            return found[0]
        return self.back.op(TUPLE, found, self.made.gradients_type())

    def kept(self) -> tuple[Atom, ...]:
        """The list of all that the reverse changes, where there is one."""
        return () if self.made.kept is None else (self.made.kept,)

    # Steps --------------------------------------------------------------------------------

    def steps(self, region: Region) -> list[Step]:
        """Append the forward sweep of a region; the steps of its reverse."""
        return [step for op in region.ops for step in self.op(op)]

    def region(self, region: Region, first: Callable[[], object] = lambda: None) -> _Both:
        """The forward sweep of a region that is part of an operation, and its steps."""
        with self.code.block() as ops:
            first()
            steps = self.steps(region)
        return _Both(Region(ops, region.results, region.site, region.parameters), steps)

    def op(self, op: Op) -> list[Step]:
        """Append the forward sweep of an operation; the steps of its reverse."""
        self.code.site = op.site
        control = self.control.get(op.primitive)
        if control is not None:
            return control(self, op)
        start = len(self.code.ops)
        handler = self.handlers.get(op.primitive)
        if handler is None:
            handler = plain if op.primitive.rule is None else self.handlers[None]
        back = handler(self, op)
        return self.step(op, start, back)

    def step(self, op: Op, start: int, back: Back | None) -> list[Step]:
        """One step; what was appended from `start` on can be kept for the reverse sweep."""
        for result in op.results:
            beside = self.shadow.get(result)
            if result.name is not None and isinstance(beside, Value) and beside.name is None:
                beside.name = f"{result.name}_{self.program.suffix}"
        made = [(result, one) for one in self.code.ops[start:] for result in one.results]
        stores = [self.save(value, self.several, one) for value, one in made]
        for value, one in made:
            if is_there_again(self, one):
                self.stores.again[value] = one
        turned = self.turned(op.site)

        def whole(_: Atom) -> None:
            self.back.site = turned
            if back is not None:
                back()
            for store in reversed(stores):
                self.back.op(DROP, (), None, store)

        return self.labelled(Step(whole))

    def labelled(self, step: Step) -> list[Step]:
        """The step, or none where steps are found by their labels."""
        if self.labels is None:
            return [step]
        number = len(self.arms)
        self.arms.append((number, step))
        self.code.op(SAVE, (integer(number),), None, self.labels)
        return []

    def save(self, value: Value, several: bool, made: Op | None = None) -> object:
        """The reverse sweep may look at a value, which an operation has made."""
        store = self.stores.of(value, several, made)
        self.code.op(SAVE, (value,), None, store)
        return store

    def turned(self, site: Site | None) -> Site | None:
        """The site of the reverse of a statement."""
        if site is None:
            return None
        found = self.sites.get(site)
        if found is None:
            found = self.sites[site] = site.differentiated()
        return found

    def turn_back_labelled(self, labels: Labels, arms: list[tuple[int, Step]]) -> None:
        """The reverse of steps that are found by their labels."""
        regions = []
        for _, step in arms:
            with self.back.block() as ops:
                step.back(BEFORE)
            regions.append(Region(ops, ()))
        numbers = [number for number, _ in arms]
        self.back.op(DISPATCH, (), None, (labels, numbers), regions)

    # Adjoints -----------------------------------------------------------------------------

    def active(self, atom: Atom) -> bool:
        """Whether this is a number that varies."""
        return self.program.activity.is_active(atom)

    def cell(self, value: Value) -> Variable:
        """The variable of the reverse sweep that holds the adjoint of a value."""
        found = self.cells.get(value)
        if found is None:
            found = self.cells[value] = Variable(f"{value.name or 'value'}_bar", Slot(REAL))
        return found

    def add(self, atom: Atom, contribution: Scaled) -> None:
        """Contribute to the adjoint of an operand."""
        if not isinstance(atom, Value) or not self.active(atom) or contribution.is_zero:
            return
        if atom in self.local:
            before = self.adjoints.get(atom, NO_ADJOINT)
            self.adjoints[atom] = self.back.settled(self.back.add(before, contribution))
            return
        cell = self.cell(atom)
        total = self.back.add(Scaled(1.0, self.back.read(cell)), contribution)
        self.back.write(cell, self.back.real_atom(total))

    def take(self, value: Value) -> Scaled:
        """The adjoint of a result, of which nothing is left behind."""
        if value in self.local:
            return self.adjoints.pop(value, NO_ADJOINT)
        cell = self.cell(value)
        found = self.back.read(cell)
        self.back.write(cell, ZERO)
        return Scaled(1.0, found)

    # Shadows ------------------------------------------------------------------------------

    def refers(self, atom: Atom) -> bool:
        """Whether a value has a shadow."""
        return isinstance(atom, Value) and self.program.shadows.has(atom.type)

    def shadow_of(self, atom: Atom, wanted: Type) -> Atom:
        """The shadow of an atom that goes where values of a type are wanted."""
        if isinstance(atom, Value) and atom in self.shadow:
            return self.shadow[atom]
        found = self.program.shadows.placeholder(atom)
        kind = inner(atom.type)
        if found is ZERO and self.program.shadows.has(wanted):
            if kind.kind in ("Tuple", "Sequence"):
                return self.zeros(atom, inner(wanted))
        assert found is not None, atom
        return found

    def zeros(self, whole: Atom, wanted: Type) -> Atom:
        """A shadow for a tuple of whole numbers that goes where one of real numbers is wanted."""
        code, kind = self.code, inner(whole.type)
        shadow = self.program.shadows.of_tuples
        if kind.kind == "Tuple":
            items = []
            for place, item in enumerate(kind.items):
                there = wanted.items[place if wanted.kind == "Tuple" else 0]
                part = code.op(GETITEM, (whole,), item, place)
                items.append(self.shadow_of(part, there))
            return code.op(memory.LIST, items, shadow)
        made = code.op(memory.LIST, (), shadow)
        code.each(
            whole,
            kind.items[0],
            lambda _, item: code.push(made, self.shadow_of(item, wanted.items[0])),
        )
        return made

    def error(self, op: Op, message: str, help: str | None = None) -> DifferentiationError:
        """The refusal of an operation."""
        return refuse(op.site, message, help)


def plain(self: Sweep, op: Op) -> Back | None:
    """An operation that leaves derivatives alone; refused where it would not."""
    varying = [arg for arg in op.args if self.program.activity.may_vary(arg)]
    carries = any(self.active(r) or self.refers(r) for r in op.results)
    passing = bool(varying) and not takes_keys(op)
    carries = carries or (passing and any(holds_numbers(r.type) for r in op.results))
    changes = op.primitive.writes and bool(varying) and holds_numbers(op.args[0].type)
    if carries or changes:
        what = f"{_describe(op)} has no derivative here"
        raise self.error(op, what, "give it nothing that varies, or write it out with numbers")
    if varying and op.primitive.name.rpartition(".")[2] in INTEGER_ONLY:
        raise self.error(op, f"{op.primitive.name} is defined on integers and has no derivative")
    if any(self.program.activity.is_text_of_number(arg) for arg in op.args):
        if any(holds_numbers(r.type) for r in op.results):
            raise self.error(op, "a number that is read from a text of a number has no derivative")
    self.code.append(op)
    return None


def sweep(program: Program, made: Augmented) -> None:
    """Give both functions that are made of one their bodies."""
    Sweep(program, made).fill()


class _Both:
    """A region of the forward sweep, and the steps of its reverse."""

    def __init__(self, forward: Region, steps: list[Step]) -> None:
        self.forward = forward
        self.steps = steps


def _describe(op: Op) -> str:
    """What the user called, or the operation by its name."""
    detail = op.attribute
    called = getattr(getattr(detail, "function", None), "__name__", None)
    name = getattr(detail, "name", None) or called
    return f"{name}() of what varies" if name else op.primitive.name
