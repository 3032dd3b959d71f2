"""The pullback of a whole program: its value, and a function from an adjoint of it.

The forward sweep runs once. The function that is returned puts what the reverse sweep changes into
the state in which the forward sweep left it (`kept`), adds the adjoint of the value to the shadow
of the value, and goes back. What the caller does to the arguments and to the value meanwhile is
not seen: the program works on copies, and so does what reads the gradients.

>>> from sourcediff import vjp
>>> def norms(table):
...     return {key: table[key] * table[key] for key in table}
>>> value, pullback = vjp(norms, {"a": 2.0, "b": 3.0})
>>> value, pullback({"a": 1.0, "b": 0.0}), pullback({"a": 0.0, "b": 10.0})
({'a': 4.0, 'b': 9.0}, ({'a': 4.0, 'b': 0.0},), ({'a': 0.0, 'b': 60.0},))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sourcediff import ir, memory, types
from sourcediff.compiling import compiling
from sourcediff.frontend.primitives import GETITEM, TUPLE
from sourcediff.ir import Atom, Const, Function, Invocation, Region, Value, Variable
from sourcediff.transform.whole import array_forms
from sourcediff.transform.whole.array_code import is_either
from sourcediff.transform.whole.array_entry import check_outside
from sourcediff.transform.whole.build import NOTHING, ZERO, Code, refuse
from sourcediff.transform.whole.collect import Collect
from sourcediff.transform.whole.entry import Entry
from sourcediff.transform.whole.kept import note_made, restore, state_of
from sourcediff.transform.whole.normal import normal_form
from sourcediff.transform.whole.program import Augmented, Program
from sourcediff.transform.whole.results import handed_out, seed, seeds_type
from sourcediff.transform.whole.stores import KEPT, PULLBACKS
from sourcediff.transform.whole.structure import is_structure, is_tuple
from sourcediff.transform.whole.sweep import sweep
from sourcediff.types import FUNCTION, REAL

__all__ = ["pullback"]


def pullback(function: Function, places: Sequence[int]) -> Function:
    """The function of the same parameters that returns the value and its pullback.

    Args:
        function: a function in the faithful form.
        places: the parameters that have an adjoint; the others get None.

    Raises:
        DifferentiationError: it returns what is no structure of numbers, or does what has no
            derivative.
    """
    with compiling():
        return _Pullback(function, places).made()


class _Pullback:
    """One pullback while it is made: the function itself, and the one that it returns."""

    def __init__(self, function: Function, places: Sequence[int]) -> None:
        self.function = function
        self.places = list(places)
        self.source = normal_form(function)
        array_forms.lift_numbers(self.source)
        returns = self.source.returns
        if returns is None or seeds_type(returns) is None:
            left = [op.site for op in ir.walk(function.body) if op.primitive is ir.RETURN]
            raise refuse(
                left[-1] if left else None,
                f"{function.name!r} returns {returns}, which holds something else than numbers",
                "return a number, or a tuple, list or dict of them",
            )
        self.returns = returns
        parameters = self.source.parameters
        self.program = Program(self.source, [parameters[n] for n in places], kept=True)
        self.callee: Augmented = self.program.augmented(self.source)
        self.entry = Entry(self.program, parameters)
        self.collect = Collect(self.entry)
        self.code = Code({}, self.program.order)
        self.inner = Code({}, self.program.order)
        #: The tables of the copies that the program does not see.
        self.aside: tuple[Value, ...] = ()

    def made(self) -> Function:
        """The function."""
        given = list(self.function.parameters)
        code = self.code
        with code.block() as ops:
            value, found = self.forward(given)
            code.op(ir.RETURN, (code.op(TUPLE, (value, found), _pair(value)),))
        self.program.finish(sweep)
        made = Function(
            self.function.name, given, Region(ops, None), self.function.origin, self.source.guards
        )
        made.order = self.program.order
        made.returns = _pair(value)
        made.variables = tuple(code.variables)
        return made

    def forward(self, given: list[Value]) -> tuple[Atom, Atom]:
        """The forward sweep; the value, and the function that goes back."""
        code, callee, entry = self.code, self.callee, self.entry
        kept = code.op(memory.LIST, (), KEPT)
        apart = [self.apart(parameter, kept) for parameter in given]
        copies, shadows = (code.op(memory.DICT, (), kind) for kind in entry.tables[:2])
        first = entry.beginnings.make(code)
        tables = (copies, shadows, *entry.kept(kept), *first)
        entered = [entry.enter(code, atom, tables) for atom in apart]
        code.ops[1:] = note_made(Region(code.ops[1:], None), kept, self.program.order).ops
        pullbacks = code.op(memory.LIST, (), PULLBACKS)
        beside = [
            shadow
            for parameter, (_, shadow) in zip(given, entered, strict=True)
            if self.program.shadows.has(parameter.type)
        ]
        args = (*(copy for copy, _ in entered), *beside, pullbacks, kept)
        check_outside(code, self.program.functions, given)
        called = Invocation(callee.forward, name=self.function.name)
        result: Atom = code.op(ir.INVOKE, args, callee.forward.returns, called)
        shadow: Atom = ZERO
        if callee.gives_shadow:
            shadow = code.op(GETITEM, (result,), self.program.shadows.of(self.returns), 1)
            result = code.op(GETITEM, (result,), self.returns, 0)
        back = code.method("pop", pullbacks, type=FUNCTION)
        value = handed_out(code, self.program, result)
        state = state_of(code, kept)
        beside = [shadow for _, shadow in entered]
        inside = self.backward(apart, beside, (back, shadow, state), (shadows, *first))
        return value, code.op(memory.MAKE_FUNCTION, (), FUNCTION, inside)

    def apart(self, parameter: Value, kept: Value) -> Atom:
        """A copy of an argument, which has its structure whatever becomes of that."""
        if not is_structure(parameter.type):
            return parameter
        if not self.aside:
            made = [self.code.op(memory.DICT, (), kind) for kind in self.entry.tables[:2]]
            self.aside = (*made, *self.entry.kept(kept), *self.entry.beginnings.make(self.code))
        copy, _ = self.entry.enter(self.code, parameter, self.aside)
        return copy

    def backward(
        self,
        apart: list[Atom],
        entered: list[Atom],
        left: tuple[Value, Atom, Value],
        tables: tuple[Value, ...],
    ) -> Function:
        """The function that goes back.

        Args:
            apart: the arguments as they were.
            entered: their shadows.
            left: the pullback of the forward sweep, the shadow of its result, and its state.
            tables: of shadows, and of beginnings where there is one.
        """
        back, shadow, state = left
        code, callee = self.inner, self.callee
        wanted = seeds_type(self.returns)
        assert wanted is not None
        y_bar = Value(wanted, "y_bar")
        with code.block() as ops:
            restore(code, self.seen(state, "state"))
            seeds: tuple[Atom, ...] = ()
            if callee.gives_shadow:
                seen = self.seen(shadow, "value_bar")
                seed(code, self.program, self.returns, seen, y_bar)
            elif callee.gives_number:
                seeds = (y_bar,)
            invocation = Invocation(callee.backward, "closure", name=callee.backward.name)
            kind = callee.gradients_type() if callee.active else None
            found = code.op(ir.INVOKE, (self.seen(back, "back"), *seeds), kind, invocation)
            made = code.op(memory.DICT, (), self.entry.tables[2])
            shadows, *first = (self.seen(table, "table") for table in tables)
            answers: list[Atom] = []
            for place, whole in enumerate(apart):
                if place not in self.places:
                    answers.append(NOTHING)
                    continue
                answers.append(
                    self.collect.part(
                        code,
                        self.seen(whole, "whole"),
                        self.adjoint(place, entered[place], found),
                        (shadows, made, *first),
                    )
                )
            code.op(ir.RETURN, (code.op(TUPLE, answers, types.tuple_of(a.type for a in answers)),))
        inside = Function("pullback", [y_bar], Region(ops, None))
        inside.order = self.program.order
        inside.returns = types.tuple_of(a.type for a in answers)
        inside.variables = tuple(code.variables)
        return inside

    def adjoint(self, place: int, shadow: Atom, found: Value) -> Callable[[], Atom]:
        """What looks up the adjoint of a parameter that is no list, dict or object."""
        callee, code = self.callee, self.inner

        def looked_up() -> Atom:
            asked = callee.parameters[place]
            if is_either(asked.type) or is_tuple(asked.type):
                return self.seen(shadow, "shadow")
            if asked not in callee.active:
                return Const(0.0, REAL)
            if len(callee.active) == 1:
                return found
            return code.op(GETITEM, (found,), REAL, callee.active.index(asked))

        return looked_up

    def seen(self, atom: Atom, name: str) -> Value:
        """A value of the outer function, as the inner one sees it."""
        variable: Variable = self.code.variable(getattr(atom, "name", None) or name, atom.type)
        self.code.write(variable, atom)
        return self.inner.read(variable)


def _pair(value: Atom) -> types.Type:
    return types.tuple_of((value.type, FUNCTION))
