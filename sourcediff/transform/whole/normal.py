"""Programs in normal form: few operations, one kind of loop, no values that cross regions by name.

The reverse of a program is made from a form in which

* a region has neither parameters nor results: what an ``if`` or a loop hands on, it leaves in a
  `Variable`;
* every loop is ``while True`` with breaks, and what a ``for`` goes through is read by index, so
  that an item that is read is an element of memory that is read;
* a call that makes, cuts, joins, sorts or sums containers is a loop of reads, appends and stores;
  what remains of Python's own functions looks at containers only for numbers that have no
  derivative (lengths, places, orders);
* every function ends in a return.

It means what the program meant, to the last bit, except that Python's own guards against changing
a dict while going through it are not there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from sourcediff import ir, memory, types
from sourcediff.errors import DifferentiationError
from sourcediff.flow import functions_reached
from sourcediff.frontend.primitives import CALL
from sourcediff.ir import (
    DEAD,
    Atom,
    Const,
    Function,
    Op,
    Primitive,
    Region,
    Value,
    Variable,
)
from sourcediff.transform.lists.single_pass import require_single_pass
from sourcediff.transform.whole.build import FALSE, TRUE, Code, EndlessLoops, ends, refuse
from sourcediff.transform.whole.needed import needed
from sourcediff.transform.whole.prune import drop_unused, uses_in
from sourcediff.transform.whole.shapes import is_known
from sourcediff.types import Slot

__all__ = ["Handler", "Normal", "NormalProgram", "called", "normal_form"]


def normal_form(function: Function) -> Function:
    """The same function in normal form, with all that it calls or makes.

    Raises:
        DifferentiationError: an operation has no form that could be differentiated.
    """
    return NormalProgram(function).function(function)


def called(atom: Atom, name: str | None) -> Atom:
    """An atom that has a name from now on, if it had none."""
    if isinstance(atom, Value) and atom.name is None:
        atom.name = name
    return atom


class NormalProgram:
    """The functions of one program that were brought to normal form.

    `defaults` has, for a function that is made with values for its last parameters, variables that
    hold them: those of the function around it that makes each such function value.
    """

    def __init__(self, function: Function) -> None:
        self.made: dict[Function, Function] = {}
        self.defaults: dict[Function, list[Variable]] = {}
        for found in functions_reached(function)[0]:
            for op in ir.walk(found.body):
                if op.primitive is memory.MAKE_FUNCTION and op.args:
                    self.defaults[op.attribute] = [
                        Variable("default", Slot(a.type)) for a in op.args
                    ]

    def function(self, source: Function) -> Function:
        """The normal form of a function; that of one that calls itself is found half made."""
        found = self.made.get(source)
        if found is None:
            require_single_pass(source)
            for parameter in source.parameters:
                if not is_known(parameter.type):
                    raise refuse(None, f"{parameter.name!r} is of type {parameter.type}")
            found = self.made[source] = Function(
                source.name, source.parameters, source.body, source.origin, source.guards
            )
            found.order = source.order
            found.returns = source.returns
            flags = [Value(types.BOOL, "given") for _ in self.defaults.get(source, ())]
            found.parameters = [*source.parameters, *flags]
            Normal(self, source).fill(found)
        return found


#: What appends the normal form of an operation.
Handler = Callable[["Normal", Op], None]


class Normal:
    """One function on the way to its normal form.

    alias      values that are other values
    parts      the items of tuples that are made here
    defined    what made a value, for those that are looked through: slices, iterators, functions
    """

    handlers: ClassVar[dict[Primitive, Handler]] = {}
    #: What finds the cursor of an iterator: one function, which stands above this module.
    iterators: ClassVar[list[Callable[[Normal, Atom, Op], Any]]] = []

    def __init__(self, program: NormalProgram, source: Function) -> None:
        self.program = program
        self.source = source
        self.code: Code = EndlessLoops({}, source.order)
        self.alias: dict[Value, Atom] = {}
        self.parts: dict[Value, tuple[Atom, ...]] = {}
        self.defined: dict[Value, Op] = {}
        #: What a loop hands on and nobody looks at has no adjoint either.
        self.body = needed(source.body)
        self.uses = uses_in(self.body)
        self.loops: list[tuple[list[Variable], list[Variable]]] = []

    def fill(self, made: Function) -> None:
        """Give the function its body."""
        body = self.body

        def whole() -> None:
            self.ops(body.ops)
            if body.results is not None:
                self.code.op(ir.RETURN, (self.atom(body.results[0]),))

        with self.code.block() as ops:
            self.take_defaults(made.parameters[len(self.source.parameters) :])
            whole()
        made.body = Region(ops, None)
        made.variables = (*self.source.variables, *self.code.variables)
        drop_unused(made, set(self.code.variables))

    def take_defaults(self, flags: Sequence[Value]) -> None:
        """Put what the function value holds in the place of arguments that a call left out."""
        defaults = self.program.defaults.get(self.source, [])
        last = self.source.parameters[len(self.source.parameters) - len(defaults) :]
        for parameter, flag, default in zip(last, flags, defaults, strict=True):
            chosen = self.code.variable(parameter.name or "default", parameter.type)
            self.code.branch(
                flag,
                lambda p=parameter, v=chosen: self.code.write(v, p),  # type: ignore[misc]
                lambda d=default, v=chosen: self.code.write(v, self.code.read(d)),  # type: ignore[misc]
            )
            self.alias[parameter] = self.code.read(chosen)

    def arguments(self, called: Function, args: Sequence[Atom]) -> tuple[Atom, ...]:
        """The arguments of a call, and which of those that have defaults are given."""
        args = [DEAD if isinstance(a, Const) and a.value is ir.LEFT_OUT else a for a in args]
        args += [DEAD] * (len(called.parameters) - len(args))
        count = len(self.program.defaults.get(called, ()))
        flags = [FALSE if arg is DEAD else TRUE for arg in args[len(args) - count :]]
        return (*args, *flags) if count else tuple(args)

    # Atoms --------------------------------------------------------------------------------

    def atom(self, atom: Atom) -> Atom:
        """An operand under the name that it has here."""
        while isinstance(atom, Value) and atom in self.alias:
            atom = self.alias[atom]
        return atom

    def atoms(self, atoms: Sequence[Atom]) -> tuple[Atom, ...]:
        """Several operands."""
        return tuple(self.atom(atom) for atom in atoms)

    def definition(self, atom: Atom) -> Op | None:
        """The operation that made a value, where that is looked through."""
        atom = self.atom(atom)
        return self.defined.get(atom) if isinstance(atom, Value) else None

    def give(self, op: Op, atom: Atom) -> None:
        """The one result of an operation is this; nothing where nobody wants it."""
        if op.results:
            self.alias[op.result] = called(atom, op.result.name)

    def error(self, op: Op, message: str, help: str | None = None) -> DifferentiationError:
        """The refusal of an operation."""
        return refuse(op.site, message, help)

    # Operations ---------------------------------------------------------------------------

    def ops(self, ops: Sequence[Op]) -> None:
        """Append the normal form of operations."""
        for op in ops:
            self.code.site = op.site or self.code.site
            for result in op.results:
                if not is_known(result.type):
                    raise self.error(op, f"a value of type {result.type} is not supported here")
            handler = self.handlers.get(op.primitive)
            if handler is not None:
                handler(self, op)
            elif op.regions:
                self.with_regions(op)
            else:
                self.keep(op)

    def keep(self, op: Op) -> None:
        """Append the operation as it is."""
        if op.primitive is CALL and any(a.type.kind == "Iterator" for a in op.args):
            raise self.error(op, "an iterator that is kept is not supported", "make a list of it")
        self.code.append(op.replace(args=self.atoms(op.args)))
        for result in op.results:
            self.defined[result] = op

    def with_regions(self, op: Op) -> None:
        """An operation whose regions yield something for itself: the message of an assert."""
        regions = []
        for region in op.regions:
            with self.code.block() as ops:
                self.ops(region.ops)
            results = None if region.results is None else self.atoms(region.results)
            regions.append(Region(ops, results, region.site))
        self.code.append(op.replace(args=self.atoms(op.args), regions=tuple(regions)))

    def region(self, region: Region, into: Sequence[Variable]) -> Region:
        """A region that leaves what it yields in variables."""
        with self.code.block() as ops:
            self.ops(region.ops)
            if region.results is not None:
                self.store(into, region.results)
        return Region(ops, None if region.results is None or ends(ops) else (), region.site)

    def store(self, variables: Sequence[Variable], atoms: Sequence[Atom]) -> None:
        """Bind variables."""
        for variable, atom in zip(variables, self.atoms(atoms), strict=True):
            self.code.write(variable, atom)

    def fetch(self, variables: Sequence[Variable], values: Sequence[Value]) -> None:
        """Values that are what variables hold now."""
        for variable, value in zip(variables, values, strict=True):
            self.code.append(Op(memory.READ, (), (value,), attribute=variable, site=self.code.site))

    def places(self, values: Sequence[Value]) -> list[Variable]:
        """A variable for each value."""
        return [self.code.variable(value.name or "value", value.type) for value in values]
