"""Build functions of the IR by hand, and hold what they do against Python's own functions."""

import contextlib
import io
from collections.abc import Callable, Sequence
from typing import Any

from sourcediff import types
from sourcediff.frontend.primitives import CALL, RAISE, CallSpec
from sourcediff.interpret import run
from sourcediff.ir import IF, Atom, Const, Function, Op, Primitive, Region, Value, Variable
from sourcediff.types import BOOL, INT, NONE, OBJECT, REAL, STR, Type
from sourcediff.verify import verify
from tests.language.snapshot import Snapshots

_KINDS = {bool: BOOL, int: INT, float: REAL, str: STR, type(None): NONE}

ADD = Primitive("add", lambda a, b: a + b, raises=True)
SUB = Primitive("sub", lambda a, b: a - b, raises=True)
MUL = Primitive("mul", lambda a, b: a * b, raises=True)
DIV = Primitive("truediv", lambda a, b: a / b, raises=True)
LESS = Primitive("lt", lambda a, b: a < b)
EQUAL = Primitive("eq", lambda a, b: a == b)


def atom(given: Any) -> Atom:
    """A constant for a Python object; what is an atom already, as it is."""
    if isinstance(given, Value | Const):
        return given
    return Const(given, _KINDS.get(type(given), OBJECT))


class Block:
    """Operations of one region, in the order in which they are added."""

    def __init__(self, *parameters: Value) -> None:
        self.parameters = parameters
        self.ops: list[Op] = []

    def add(
        self,
        primitive: Primitive,
        *args: Any,
        type: Type = REAL,
        attribute: Any = None,
        regions: Sequence[Region] = (),
    ) -> Value:
        """An operation with one result."""
        return self.several(primitive, *args, kinds=[type], attribute=attribute, regions=regions)[0]

    def several(
        self,
        primitive: Primitive,
        *args: Any,
        kinds: Sequence[Type] = (),
        attribute: Any = None,
        regions: Sequence[Region] = (),
    ) -> tuple[Value, ...]:
        """An operation with as many results as there are types; by default with none."""
        results = tuple(Value(kind) for kind in kinds)
        self.ops.append(Op(primitive, tuple(map(atom, args)), results, tuple(regions), attribute))
        return results

    def call(self, function: Any, *args: Any, type: Type = OBJECT) -> Value:
        """A call of a function of Python's."""
        return self.add(CALL, *args, type=type, attribute=CallSpec(function, function.__name__))

    def ends(self, *results: Any) -> Region:
        """The region, with its results."""
        return Region(self.ops, tuple(map(atom, results)), None, self.parameters)

    def leaves(self, primitive: Primitive | None = None, *args: Any) -> Region:
        """The region, which control leaves by an exit, or by what its last operation raises."""
        if primitive is not None:
            self.several(primitive, *args)
        return Region(self.ops, None, None, self.parameters)


NOTHING = Block().ends()
#: Numbers at which programs of one parameter take different paths.
INPUTS: list[Callable[[], tuple[Any, ...]]] = [
    lambda x=x: (x,) for x in (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 7.5)
]


def only_if(block: Block, test: Any, then: Region) -> None:
    """``if test: then`` with no results."""
    block.several(IF, test, regions=[then, NOTHING])


def say(block: Block, what: Any) -> None:
    """``print(what)``."""
    block.call(print, what)


def raising(error: type[Exception], *args: Any) -> Region:
    """A region that raises."""
    block = Block()
    block.several(RAISE, block.call(error, *args))
    return block.leaves()


def function(
    name: str, parameters: Sequence[Value], body: Region, variables: Sequence[Variable] = ()
) -> Function:
    """A function of the IR."""
    made = Function(name, parameters, body)
    made.variables = tuple(variables)
    return made


def observed(call: Callable[..., Any], args: Sequence[Any]) -> Any:
    """All that can be seen of a call: result, exception, arguments afterwards, output."""
    printed = io.StringIO()
    result, raised = None, None
    with contextlib.redirect_stdout(printed):
        try:
            result = call(*args)
        except Exception as exception:
            raised = exception
    seen = Snapshots()
    after = seen.of(tuple(args))
    error = None if raised is None else (type(raised), seen.of(raised.args), chain(raised))
    return after, seen.of(result), error, printed.getvalue()


def chain(raised: BaseException | None) -> list[Any]:
    """The classes of the exceptions that led to one, with how."""
    found = []
    while raised is not None:
        found.append((type(raised), raised.__suppress_context__, raised.__cause__ is not None))
        raised = raised.__context__
    return found


def assert_like(
    made: Function, python: Callable[..., Any], *points: Callable[[], tuple[Any, ...]]
) -> None:
    """Interpreting a function does what Python's own function does; points make the arguments."""
    verify(made)
    for point in points:
        assert observed(lambda *args: run(made, *args), point()) == observed(python, point())


def list_of(element: Type = REAL) -> Type:
    """The type of a list of its own."""
    return types.list_of(types.Slot(element))
