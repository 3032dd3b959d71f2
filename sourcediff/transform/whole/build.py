"""Small pieces of code in the few operations that whole programs come down to.

A `Code` appends operations; a branch or a loop takes functions that append what is in it. What will
be turned round has endless loops only (`EndlessLoops`).

>>> from sourcediff.ir import Const, Function, Region
>>> from sourcediff.types import INT
>>> code = EndlessLoops({}, 0)
>>> code.count(Const(3, INT), lambda turn: None)
>>> print(Function("f", [], Region(code.ops, (Const(0, INT),))))
f():
    write 0 [turn]
    while:
        yield True
    do:
        %1 = read [turn]
        %2 = lt %1 3
        if %2:
            yield
        else:
            break
        %3 = add %1 1
        write %3 [turn]
        yield
    yield 0
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from sourcediff import ir, memory, types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import PURE_CALL, RAISE, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Atom, Const, Op, Primitive, Region, Site, Value, Variable
from sourcediff.memory import MethodSpec
from sourcediff.rules.table import primitive_of
from sourcediff.transform.adjoint.scaled import ADD, SUB, AdjointBuilder
from sourcediff.types import BOOL, INT, NONE, REAL, Slot, Type

__all__ = [
    "FALSE",
    "NOTHING",
    "TRUE",
    "ZERO",
    "ZERO_INT",
    "Code",
    "EndlessLoops",
    "ends",
    "integer",
    "known",
    "refuse",
]

TRUE, FALSE = Const(True, BOOL), Const(False, BOOL)
NOTHING = Const(None, NONE)
ZERO, ZERO_INT = Const(0.0, REAL), Const(0, INT)


def known(function: Any) -> Primitive:
    """The primitive of an operator that has one."""
    found = primitive_of(function)
    assert found is not None, function
    return found


LESS, EQUAL, NOT, AND = map(known, (operator.lt, operator.eq, operator.not_, operator.and_))


def integer(number: int) -> Const:
    """A constant whole number."""
    return Const(number, INT)


def refuse(site: Site | None, message: str, help: str | None = None) -> DifferentiationError:
    """The error that says what cannot be differentiated, and where it stands."""
    return DifferentiationError(message, site.span if site is not None else None, help)


def ends(ops: Sequence[Op]) -> bool:
    """Whether control leaves these operations before it comes to their end."""
    if not ops:
        return False
    last = ops[-1]
    if last.primitive in ir.EXITS or last.primitive is RAISE:
        return True
    return last.primitive is ir.IF and all(region.results is None for region in last.regions)


class Code(AdjointBuilder):
    """Appends operations, with names for those that are used again and again."""

    #: Variables that these pieces of code have brought in; their function owns them.
    def __init__(self, definitions: dict[Value, Op], order: int) -> None:
        super().__init__(definitions, order)
        self.variables: list[Variable] = []

    def op(
        self,
        primitive: Primitive,
        args: Sequence[Atom] = (),
        type: Type | None = None,
        attribute: Any = None,
        regions: Sequence[Region] = (),
    ) -> Value:
        """An operation; its result is good for nothing where it has no type."""
        result = Value(NONE if type is None else type)
        results = () if type is None else (result,)
        self.append(
            Op(primitive, tuple(args), results, tuple(regions), attribute, self.site, self.order)
        )
        return result

    # Variables ----------------------------------------------------------------------------

    def variable(self, name: str, kind: Type | Slot) -> Variable:
        """A new variable of the function that is being built."""
        made = Variable(name, kind if isinstance(kind, Slot) else Slot(kind))
        self.variables.append(made)
        return made

    def read(self, variable: Variable) -> Value:
        """What the variable holds."""
        return self.op(memory.READ, (), variable.slot.type, variable)

    def write(self, variable: Variable, atom: Atom) -> None:
        """Bind the variable."""
        self.op(memory.WRITE, (atom,), None, variable)

    # Calls --------------------------------------------------------------------------------

    def call(self, function: Any, *args: Atom, type: Type, keywords: Sequence[str] = ()) -> Value:
        """A call of a function of Python's that changes nothing."""
        ref = Ref("object", function, (getattr(function, "__name__", "function"),))
        return self.op(PURE_CALL, args, type, CallSpec(function, ref, tuple(keywords)))

    def length(self, whole: Atom) -> Value:
        """``len(whole)``."""
        return self.call(len, whole, type=INT)

    def method(self, name: str, whole: Atom, *args: Atom, type: Type | None = None) -> Value:
        """A method of a container that changes it."""
        return self.op(memory.METHOD_OF, (whole, *args), type, MethodSpec(name, (), True))

    def query(self, name: str, whole: Atom, *args: Atom, type: Type) -> Value:
        """A method of a container that only looks at it."""
        return self.op(memory.QUERY, (whole, *args), type, MethodSpec(name))

    def push(self, whole: Atom, item: Atom) -> None:
        """``whole.append(item)``."""
        self.method("append", whole, item)

    def at(self, whole: Atom, index: Atom, type: Type) -> Value:
        """``whole[index]``."""
        return self.op(memory.SUBSCRIPT, (whole, index), type)

    def put(self, whole: Atom, index: Atom, item: Atom) -> None:
        """``whole[index] = item``."""
        self.op(memory.SET_ITEM, (whole, index, item))

    def plus(self, a: Atom, b: Atom) -> Value:
        """``a + b`` of whole numbers."""
        return self.op(ADD, (a, b), INT)

    def minus(self, a: Atom, b: Atom) -> Value:
        """``a - b`` of whole numbers."""
        return self.op(SUB, (a, b), INT)

    def less(self, a: Atom, b: Atom) -> Value:
        """``a < b``."""
        return self.op(LESS, (a, b), BOOL)

    def equal(self, a: Atom, b: Atom) -> Value:
        """``a == b``."""
        return self.op(EQUAL, (a, b), BOOL)

    def is_not(self, a: Atom, b: Atom) -> Value:
        """``a is not b``."""
        return self.op(known(operator.is_not), (a, b), BOOL)

    def negated(self, a: Atom) -> Value:
        """``not a``."""
        return self.op(NOT, (a,), BOOL)

    def both(self, a: Atom, b: Atom) -> Atom:
        """Whether both of two truth values hold."""
        if a is TRUE:
            return b
        return self.op(AND, (a, b), BOOL)

    # Control ------------------------------------------------------------------------------

    def region(self, build: Callable[[], object], parameters: tuple[Value, ...] = ()) -> Region:
        """A region with what a function appends."""
        with self.block() as ops:
            build()
        return Region(ops, None if ends(ops) else (), None, parameters)

    def branch(
        self,
        test: Atom,
        then: Callable[[], object],
        orelse: Callable[[], object] = lambda: None,
    ) -> None:
        """``if test: … else: …``."""
        regions = (self.region(then), self.region(orelse))
        self.op(ir.IF, (test,), None, "statement", regions)

    def loop(self, body: Callable[[], object]) -> None:
        """``while True: …``."""
        self.op(ir.WHILE, (), None, None, (Region([], (TRUE,)), self.region(body)))

    def leave(self) -> None:
        """``break``."""
        self.op(ir.BREAK)

    def unless(self, test: Atom) -> None:
        """``if test: pass; else: break``."""
        self.branch(test, lambda: None, self.leave)

    def count(self, length: Atom, body: Callable[[Value], object], first: int = 0) -> None:
        """A loop with the numbers from `first` to before `length`."""
        bounds = (integer(first), length) if first else (length,)
        turns = self.call(range, *bounds, type=types.RANGE)
        place = Value(INT, "i")
        region = self.region(lambda: body(place), (place,))
        self.op(ir.FOR, (turns,), None, None, (region,))

    def each(self, whole: Atom, type: Type, body: Callable[[Value, Value], object]) -> None:
        """A loop over the places and the items of a sequence whose length does not change."""
        self.count(self.length(whole), lambda i: body(i, self.at(whole, i, type)))

    def fail(self, exception: type[Exception], text: str) -> None:
        """``raise exception(text)``."""
        raised = self.call(exception, Const(text, types.STR), type=types.OBJECT)
        self.op(RAISE, (raised,))


class EndlessLoops(Code):
    """The same where a loop has one form only: it is endless, and left by a break."""

    def count(self, length: Atom, body: Callable[[Value], object], first: int = 0) -> None:
        """A loop with the numbers from `first` to before `length`."""
        place = self.variable("turn", INT)
        self.write(place, integer(first))

        def turn() -> None:
            now = self.read(place)
            self.unless(self.less(now, length))
            body(now)
            self.write(place, self.plus(now, integer(1)))

        self.loop(turn)
