"""The interpreter of the IR: what every stage means, as slowly and plainly as possible.

It makes each intermediate form executable, so that a wrong result is found by running the
stages one after the other on the same arguments.

>>> from sourcediff.ir import Function, Op, Primitive, Region, Value
>>> from sourcediff.types import REAL
>>> x, y = Value(REAL, "x"), Value(REAL)
>>> double = Primitive("double", evaluate=lambda v: v + v)
>>> run(Function("f", [x], Region([Op(double, (x,), (y,))], (y,))), 4.0)
8.0
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sourcediff import ir
from sourcediff.called import ENTERS
from sourcediff.compiling import deep_recursion
from sourcediff.guards import Context, is_guarded, place_of_completion
from sourcediff.heap import Reference
from sourcediff.ir import Function, Op, Primitive, Region, Variable
from sourcediff.machine import Defect, End, Exit, Frame, Machine
from sourcediff.operations import execute

__all__ = ["Defect", "run"]


def run(function: Function, *args: Any) -> Any:
    """What the function returns for these arguments, which it changes as the user's code does.

    Raises:
        whatever the operations raise, as the emitted program would
        Defect: the IR is ill-formed, or the interpreter is wrong
    """
    machine = _Interpreter()
    low = tuple([machine.memory.lower(value) for value in args])
    # A call of the user's takes several of Python's here.
    with deep_recursion(max(60_000, 60 * machine.limit)):
        try:
            return machine.memory.lift(machine.call(function, low, None))
        except BaseException as raised:
            machine.expect(raised)
            raise
        finally:
            machine.memory.update()


class _Interpreter(Machine):
    """Functions, regions and control flow. No call here spreads its arguments.

    Such a call would take room on the stack of C for each call in the user's program.
    """

    def call(self, function: Function, args: tuple[Any, ...], outer: Frame | None) -> Any:
        values = self.values_of(function, args, outer)
        if len(values) != 1:
            raise Defect(f"{function.name} does not return one value")
        return values[0]

    def values_of(
        self, function: Function, args: tuple[Any, ...], outer: Frame | None
    ) -> tuple[Any, ...]:
        """What the body of a function yields or returns."""
        if len(args) != len(function.parameters):
            raise Defect(f"{function.name} is called with {len(args)} arguments")
        if self.depth > self.limit:
            self.fail(RecursionError("maximum recursion depth exceeded"))
        self.depth += 1
        try:
            end = self.region(function.body, Frame(function, args, outer))
        finally:
            self.depth -= 1
        if isinstance(end, Exit) and end.by is not ir.RETURN:
            raise Defect(f"{function.name} is left, and does not return one value")
        return end.values if isinstance(end, Exit) else end

    def enter(self, op: Op, args: list[Any], _: Frame) -> End:
        """A call that stays a call."""
        return self.values_of(op.attribute.callee.function, tuple(args), None)

    def region(self, region: Region, frame: Frame, args: tuple[Any, ...] = ()) -> End:
        if len(args) != len(region.parameters):
            raise Defect(f"a region of {len(region.parameters)} parameters gets {len(args)}")
        frame.values.update(zip(region.parameters, args, strict=True))
        for op in region.ops:
            left = self.op(op, frame)
            if left is not None:
                return left
        if region.results is None:
            raise Defect(f"control arrives at the end of a region of {frame.function.name}")
        return tuple([frame.read(atom) for atom in region.results])

    def op(self, op: Op, frame: Frame) -> Exit | None:
        """Execute an operation; how control leaves the region by it, if it does."""
        structured = _STRUCTURED.get(op.primitive)
        args = [frame.read(atom) for atom in op.args]
        if op.primitive in ir.EXITS:
            return Exit(op.primitive, tuple(args))
        if structured is None:
            results = execute(self, op, args, frame)
        else:
            end = structured(self, op, args, frame)
            if isinstance(end, Exit):
                return end
            results = end
        if len(results) != len(op.results):
            raise Defect(f"{op.primitive} gives {len(results)} values for {len(op.results)}")
        frame.values.update(zip(op.results, results, strict=True))
        return None

    def branch(self, op: Op, args: list[Any], frame: Frame) -> End:
        if is_guarded(op):
            return self.attempt(op, args[0], frame)
        return self.region(op.regions[0 if self.holds(args[0]) else 1], frame)

    def attempt(self, op: Op, handler: ir.Handler | Context, frame: Frame) -> End:
        """A branch on whether what its other arm begins with raises."""
        then, orelse = op.regions
        place = place_of_completion(orelse.ops) or 0
        if isinstance(handler, Context):
            return self.region(orelse, frame)
        try:
            end = self.region(Region(orelse.ops[:place], ()), frame)
            if isinstance(end, Exit):
                return end
        except BaseException as raised:
            self.expect(raised)
            if handler.classes is None or isinstance(raised, handler.classes):
                return self.region(then, frame)
            raise
        return self.region(Region(orelse.ops[place:], orelse.results), frame)

    def for_loop(self, op: Op, args: list[Any], frame: Frame) -> End:
        iterable, *before = args
        items = self.outside(iter, [iterable])
        carried = tuple(before)
        while self.advance(items):
            end = self.region(op.regions[0], frame, (self.item, *carried))
            if isinstance(end, Exit) and end.by is not ir.CONTINUE:
                return end.values if end.by is ir.BREAK else end
            carried = end.values if isinstance(end, Exit) else end
        return self.region(op.regions[1], frame, carried) if op.regions[1:] else carried

    def advance(self, items: Any) -> bool:
        """Whether an iterator has another item, which is then `item`."""
        try:
            self.item = self.outside(next, [items])
        except StopIteration:
            return False
        finally:
            if type(items) is Reference:  # the iterator is an object of the user's
                self.memory.absorb([items])
        return True

    def while_loop(self, op: Op, args: list[Any], frame: Frame) -> End:
        carried = tuple(args)
        while True:
            tested = self.region(op.regions[0], frame, carried)
            if isinstance(tested, Exit):
                return tested
            carried = tested[1:]
            if not self.holds(tested[0]):
                return self.region(op.regions[2], frame, carried) if op.regions[2:] else carried
            end = self.region(op.regions[1], frame, carried)
            if isinstance(end, Exit) and end.by is not ir.CONTINUE:
                return end.values if end.by is ir.BREAK else end
            carried = end.values if isinstance(end, Exit) else end

    def try_statement(self, op: Op, _args: list[Any], frame: Frame) -> End:
        if not op.attribute.has_finally:
            return self.guarded(op, frame)
        try:
            end = self.guarded(op, frame)
        except BaseException as raised:
            self.expect(raised)
            last = self.region(op.regions[-1], frame)
            if isinstance(last, Exit):
                return last
            self.raised = raised
            raise
        last = self.region(op.regions[-1], frame)
        return last if isinstance(last, Exit) else end

    def guarded(self, op: Op, frame: Frame) -> End:
        """A try statement without its ``finally``."""
        spec: ir.TrySpec = op.attribute
        try:
            end = self.region(op.regions[0], frame)
        except BaseException as raised:
            self.expect(raised)
            for handler, region in zip(spec.handlers, op.regions[1:], strict=False):
                if handler.classes is None or isinstance(raised, handler.classes):
                    return self.handle(raised, handler.variable, region, frame)
            raise
        if spec.has_else and not isinstance(end, Exit):
            return self.region(op.regions[1 + len(spec.handlers)], frame)
        return end

    def handle(
        self, raised: BaseException, variable: Variable | None, region: Region, frame: Frame
    ) -> End:
        """A handler; its variable is bound only as long as it runs."""
        if variable is not None:
            frame.bind(variable, raised)
        try:
            return self.region(region, frame, (raised,) * len(region.parameters))
        finally:
            if variable is not None:
                frame.unbind(variable)


_STRUCTURED: dict[Primitive, Callable[[_Interpreter, Op, list[Any], Frame], End]] = {
    ir.IF: _Interpreter.branch,
    ir.FOR: _Interpreter.for_loop,
    ir.WHILE: _Interpreter.while_loop,
    ir.TRY: _Interpreter.try_statement,
    **dict.fromkeys(ENTERS, _Interpreter.enter),
}
