"""The parts of the interpreter that its control flow and its operations share.

Activations of functions, functions as values, and the border between the user's program and
the interpreter: an exception is the user's only if it was raised by what belongs to the user.

>>> machine = Machine()
>>> xs = machine.memory.lower([3.0, 1.0])
>>> machine.memory.lift(machine.outside(sorted, [xs]))
[1.0, 3.0]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from sourcediff.heap import Memory
from sourcediff.ir import UNDEFINED, Atom, Function, Primitive, Region, Value, Variable

__all__ = ["SCALARS", "Closure", "Defect", "End", "Exit", "Frame", "Machine", "Unbound"]

#: The classes of values in which there is nothing to look for.
SCALARS = frozenset({float, int, bool, str, complex, type(None)})


class Defect(BaseException):
    """An ill-formed IR or a wrong interpreter: nothing that ``except Exception`` may catch."""


class Unbound:
    """What a name holds before anything is bound to it."""


class Exit:
    """Control leaves a region: by which operation, and with what."""

    __slots__ = ("by", "values")

    def __init__(self, by: Primitive, values: tuple[Any, ...]) -> None:
        self.by = by
        self.values = values


#: What the results of a region are, or how control left it.
End = tuple[Any, ...] | Exit


class Frame:
    """One activation of a function: its values, its variables, the activation it stands in."""

    __slots__ = ("cells", "function", "outer", "values")

    def __init__(self, function: Function, args: tuple[Any, ...], outer: Frame | None) -> None:
        self.function = function
        self.values: dict[Value, Any] = dict(zip(function.parameters, args, strict=True))
        self.cells: dict[Variable, Any] = {}
        self.outer = outer

    def read(self, atom: Atom) -> Any:
        """What an operand is."""
        if not isinstance(atom, Value):
            return Unbound if atom is UNDEFINED else atom.value
        if atom not in self.values:
            raise Defect(f"{atom} is read before it is defined in {self.function.name}")
        return self.values[atom]

    def owner(self, variable: Variable) -> Frame:
        """The activation whose variable it is: this one, or one that it was made in."""
        frame: Frame | None = self
        while frame is not None:
            if variable in frame.function.variables:
                return frame
            frame = frame.outer
        raise Defect(f"no function around {self.function.name} owns {variable}")

    def bind(self, variable: Variable, value: Any) -> None:
        """From now on the variable has this value."""
        owner = self.owner(variable)
        owner.cells = {**owner.cells, variable: value}

    def unbind(self, variable: Variable) -> None:
        """From now on the variable has no value; it need not have had one."""
        owner = self.owner(variable)
        owner.cells = {key: cell for key, cell in owner.cells.items() if key is not variable}


class Machine:
    """The memory, and the border to the user's program."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.depth = 0
        self.limit = sys.getrecursionlimit()
        self.raised: BaseException | None = None

    def python(self, operation: Callable[..., Any], *args: Any) -> Any:
        """Run what belongs to the user's program: its exceptions are the user's."""
        try:
            return operation(*args)
        except BaseException as raised:
            self.raised = raised
            raise

    def fail(self, raised: BaseException) -> None:
        """Raise an exception of the user's program."""
        self.raised = raised
        raise raised

    def expect(self, raised: BaseException) -> None:
        """Make sure that an exception is the user's and not one of the interpreter's own.

        Raises:
            Defect: it is not
        """
        if isinstance(raised, Defect):
            raise raised
        own = isinstance(raised, Exception) and not isinstance(raised, RecursionError | MemoryError)
        if own and raised is not self.raised:
            raise Defect(f"the interpreter failed: {raised!r}") from raised

    def outside(self, operation: Callable[..., Any], args: list[Any]) -> Any:
        """The low result of an operation on the high values of low ones."""
        high = [self.memory.lift(arg) for arg in args]
        self.memory.update()
        return self.memory.lower(self.python(operation, *high))

    def holds(self, test: Any) -> bool:
        """Whether a value counts as true."""
        return bool(test if type(test) in SCALARS else self.outside(bool, [test]))

    def call(self, function: Function, args: tuple[Any, ...], outer: Frame | None) -> Any:
        """What a function returns; `outer` is the activation in which it was made."""
        raise NotImplementedError

    def region(self, region: Region, frame: Frame, args: tuple[Any, ...] = ()) -> End:
        """Execute a region, whose parameters are `args`."""
        raise NotImplementedError


class Closure:
    """A function as a value, callable by the rest of the world: its code and where it was made."""

    def __init__(
        self, machine: Machine, function: Function, frame: Frame, defaults: list[Any]
    ) -> None:
        self.machine = machine
        self.function = function
        self.frame = frame
        self.defaults = defaults

        def as_function(*args: Any, **keywords: Any) -> Any:
            return self(*args, **keywords)

        maker = frame.function.origin
        outer = getattr(getattr(maker, "function", None), "__qualname__", frame.function.name)
        as_function.__name__ = function.name
        as_function.__qualname__ = f"{outer}.<locals>.{function.name}"
        as_function.__closure_of_ir__ = self  # type: ignore[attr-defined]
        #: What the rest of the world sees of it.
        self.as_function = as_function

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        heap = self.machine.memory
        parameters = self.function.parameters
        defaults = zip(reversed(parameters), reversed(self.defaults), strict=False)
        given = {
            **dict(defaults),
            **dict(zip(parameters, map(heap.lower, args), strict=False)),
            **{p: heap.lower(keywords[p.name]) for p in parameters if p.name in keywords},
        }
        if len(given) < len(parameters) or len(args) > len(parameters):
            raise TypeError(f"{self.function.name}() takes {len(parameters)} arguments")
        low = tuple([given[parameter] for parameter in parameters])
        try:
            return heap.lift(self.machine.call(self.function, low, self.frame))
        finally:
            heap.update()
