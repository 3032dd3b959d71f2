"""The verifier: what every IR must satisfy that one stage hands to the next.

Single assignment, definition before use within scope, matching signatures of regions, exits
that leave what is around them, variables that have an owner, types that fit. Run on every stage
in the tests.

>>> from sourcediff.ir import Const
>>> x, y = Value(types.REAL, "x"), Value(types.REAL, "y")
>>> verify(Function("f", [x], Region([], (y,))))
Traceback (most recent call last):
sourcediff.verify.VerificationError: <y: Real> is used in a yield but not defined there
f(x: Real):
    yield y
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sourcediff import ir, memory, types
from sourcediff.flow import functions_reached, stops, variables_seen
from sourcediff.ir import Atom, Const, Function, Invocation, Op, Region, TrySpec, Value, Variable
from sourcediff.types import Type

__all__ = ["VerificationError", "verify"]

_ELEMENT = ("List", "Deque", "Set", "Iterator")


class VerificationError(AssertionError):
    """A stage produced an ill-formed IR: a defect of the compiler."""


def verify(function: Function) -> Function:
    """Check a function, with all that it invokes or makes, and return it.

    Raises:
        VerificationError: the first violation found, with the printed function.
    """
    reached, makers = functions_reached(function)
    owners: dict[Variable, Function] = {}
    for found in reached:
        try:
            for variable in found.variables:
                if owners.setdefault(variable, found) is not found:
                    raise VerificationError(f"{variable} belongs to two functions")
            _Checker(found, variables_seen(found, makers)).check()
        except VerificationError as violation:
            raise VerificationError(f"{violation}\n{found}") from None
    return function


class _Loop:
    """What an exit needs to know of the loop around it."""

    def __init__(self, op: Op, carried: Sequence[Value]) -> None:
        self.results = [result.type for result in op.results]
        self.carried = [value.type for value in carried]


class _Checker:
    """The check of one function."""

    def __init__(self, function: Function, variables: set[Variable]) -> None:
        self.function = function
        self.variables = variables
        self.defined: set[Value] = set()
        #: By family, what loops of it define in their turns.
        self.turns: dict[ir.Family, set[Value]] = {}

    def check(self) -> None:
        body = self.function.body
        self.parameters("a function", body, 0)
        for parameter in self.function.parameters:
            self.define(parameter)
        self.region(body, set(self.function.parameters), None)
        if body.results is not None:
            if len(body.results) != 1:
                raise VerificationError("a function yields exactly one value")
            self.returned(body.results[0])

    def returned(self, atom: Atom) -> None:
        if self.function.returns is not None:
            _fit("what is returned", [atom.type], [self.function.returns])

    def define(self, value: Value) -> None:
        if value in self.defined:
            raise VerificationError(f"{value} is assigned twice")
        if value.type is types.UNBOUND:
            raise VerificationError(f"{value} has no type")
        self.defined.add(value)

    def region(self, region: Region, visible: set[Value], loop: _Loop | None) -> None:
        visible = set(visible)
        for parameter in region.parameters:
            self.define(parameter)
            visible.add(parameter)
        for number, op in enumerate(region.ops):
            for arg in op.args:
                _visible(arg, visible, repr(op.primitive))
            if op.primitive in ir.EXITS:
                if number + 1 < len(region.ops) or region.results is not None:
                    raise VerificationError(f"a {op.primitive} does not end its region")
                self.exit(op, loop)
            self.op(op, visible, loop)
            for result in op.results:
                self.define(result)
                visible.add(result)
        for atom in region.results or ():
            _visible(atom, visible, "a yield")
        if region.results is None and not (region.ops and stops(region.ops[-1])):
            raise VerificationError("control arrives at the end of a region without results")

    def exit(self, op: Op, loop: _Loop | None) -> None:
        if op.regions or op.results:
            raise VerificationError(f"a {op.primitive} has neither regions nor results")
        given = [arg.type for arg in op.args]
        if op.primitive is ir.RETURN:
            if len(op.args) != 1:
                raise VerificationError("a return has one operand")
            self.returned(op.args[0])
        elif loop is None:
            raise VerificationError(f"a {op.primitive} stands in no loop")
        else:
            wanted = loop.results if op.primitive is ir.BREAK else loop.carried
            _fit(f"operands of a {op.primitive}", given, wanted)

    def op(self, op: Op, visible: set[Value], loop: _Loop | None) -> None:
        inner = [loop] * len(op.regions)
        if op.primitive is ir.IF:
            self.branch(op)
        elif op.primitive is ir.FOR:
            inner[:1] = [self.for_loop(op)]
        elif op.primitive is ir.WHILE:
            inner[:2] = [None, self.while_loop(op)]
        elif op.primitive is ir.AGAIN:
            inner[:1] = [self.again(op)]
            assert op.family is not None
            visible = visible | self.turns[op.family]
        elif op.primitive is ir.TRY:
            self.try_statement(op)
        else:
            for region in op.regions:
                self.parameters(repr(op.primitive), region, 0)
            inner = [None] * len(op.regions)
            self.plain(op)
        before = set(self.defined) if op.family is not None else set()
        for region, around in zip(op.regions, inner, strict=True):
            self.region(region, visible, around)
        if op.family is not None:
            self.turns.setdefault(op.family, set()).update(self.defined - before)

    # Structure ---------------------------------------------------------------------------

    def parameters(self, where: str, region: Region, count: int) -> None:
        if len(region.parameters) != count:
            raise VerificationError(
                f"a region of {where} has {len(region.parameters)} parameters, not {count}"
            )

    def branch(self, op: Op) -> None:
        if len(op.args) != 1 or len(op.regions) != 2:
            raise VerificationError("an if has one test and two regions")
        for region in op.regions:
            self.parameters("an if", region, 0)
            _yields("an if", region, _types(op.results))

    def for_loop(self, op: Op) -> _Loop:
        if not op.args or len(op.regions) not in (1, 2):
            raise VerificationError("a for has an iterable and a body")
        body = op.regions[0]
        self.parameters("a for", body, len(op.args))
        carried = _types(body.parameters[1:])
        for item in _items(op.args[0].type):
            _fit("the items of a for", [item], [body.parameters[0].type])
        _fit("what a for starts with", _types(op.args[1:]), carried)
        _yields("the body of a for", body, carried)
        self.after("a for", op, op.regions[1:], carried)
        return _Loop(op, body.parameters[1:])

    def while_loop(self, op: Op) -> _Loop:
        if len(op.regions) not in (2, 3):
            raise VerificationError("a while has a test and a body")
        test, body = op.regions[:2]
        self.parameters("a while", test, len(op.args))
        carried = _types(test.parameters)
        _fit("what a while starts with", _types(op.args), carried)
        if not test.results:
            raise VerificationError("the test of a while yields no test")
        passed = _types(test.results[1:])
        _fit("what the test of a while yields", passed, _types(body.parameters))
        _yields("the body of a while", body, carried)
        self.after("a while", op, op.regions[2:], passed)
        return _Loop(op, test.parameters)

    def again(self, op: Op) -> _Loop:
        if len(op.regions) != 1 or op.family not in self.turns:
            raise VerificationError("an again makes the turns of no loop before it")
        (body,) = op.regions
        self.parameters("an again", body, len(op.args))
        carried = _types(body.parameters)
        _fit("what an again starts with", _types(op.args), carried)
        _yields("the body of an again", body, carried)
        self.after("an again", op, (), carried)
        return _Loop(op, body.parameters)

    def after(self, where: str, op: Op, orelse: Sequence[Region], carried: Sequence[Type]) -> None:
        """What follows a loop that ran to its end."""
        if not orelse:
            _fit(f"the results of {where}", carried, _types(op.results))
        for region in orelse:
            _fit(f"the else of {where}", carried, _types(region.parameters))
            _yields(f"the else of {where}", region, _types(op.results))

    def try_statement(self, op: Op) -> None:
        spec = op.attribute
        if not isinstance(spec, TrySpec) or op.args or op.results:
            raise VerificationError("a try has a specification, no operands and no results")
        if len(op.regions) != 1 + len(spec.handlers) + spec.has_else + spec.has_finally:
            raise VerificationError("a try has other regions than it says")
        for number, region in enumerate(op.regions):
            handles = 0 < number <= len(spec.handlers)
            self.parameters("a try", region, len(region.parameters[:1]) if handles else 0)
            _yields("a try", region, [])
        for handler in spec.handlers:
            self.variable(handler.variable)

    # Other operations --------------------------------------------------------------------

    def variable(self, variable: object) -> None:
        if variable is not None and variable not in self.variables:
            raise VerificationError(f"{variable!r} is a variable of no function around")

    def plain(self, op: Op) -> None:
        if op.primitive is ir.INVOKE:
            _check_invocation(op)
        elif op.primitive in (memory.READ, memory.WRITE, memory.FORGET):
            self.names(op)
        elif op.primitive is memory.ASSIGN:
            _fit("what is assigned", _types(op.args), _types(op.results))
        elif op.primitive is memory.MAKE_FUNCTION:
            if not isinstance(op.attribute, Function):
                raise VerificationError("a function is made of nothing")
        elif op.primitive.typing is not None and op.results:
            expected = op.primitive.typing(*_types(op.args))
            if op.result.type is types.NEVER and types.NONE in _types(op.args):
                return  # an operation on None: it raises
            if expected is None or not _agree(expected, op.result.type):
                raise VerificationError(
                    f"{op.primitive} of {_types(op.args)} cannot be {op.result.type}"
                )

    def names(self, op: Op) -> None:
        """Operations on a variable."""
        named = op.attribute
        if op.primitive is memory.FORGET and isinstance(named, tuple):
            named = named[0]
        if not isinstance(named, Variable):
            raise VerificationError(f"a {op.primitive} names no variable")
        self.variable(named)
        written = [named.slot.type] if op.primitive is memory.WRITE else []
        _fit(f"what a {op.primitive} takes", _types(op.args), written)
        if op.primitive is memory.READ and op.results:
            _fit("what a read gives", [named.slot.type], _types(op.results))


def _check_invocation(op: Op) -> None:
    spec = op.attribute
    if not isinstance(spec, Invocation):
        raise VerificationError("an invoke says not what it invokes")
    if spec.function is None:
        if spec.how != "class":
            raise VerificationError("an invoke has no function")
        return
    given, wanted = list(op.args), list(spec.function.parameters)
    if spec.how == "closure":
        if not given or given[0].type.kind != "Function":
            raise VerificationError("an invoke of a closure has no function value")
        given = given[1:]
    if spec.how == "class":
        wanted = wanted[1:]
    _fit(f"what {spec.function.name} is invoked with", _types(given), _types(wanted))
    returns = spec.function.returns
    if spec.how != "class" and returns is not None and op.results:
        _fit(f"what {spec.function.name} returns", [returns], _types(op.results))


def _visible(atom: Atom, visible: set[Value], where: str) -> None:
    if isinstance(atom, Value):
        if atom not in visible:
            raise VerificationError(f"{atom} is used in {where} but not defined there")
    elif not isinstance(atom, Const):
        raise VerificationError(f"{atom!r} in {where} is no atom")


def _types(atoms: Iterable[Atom]) -> list[Type]:
    return [atom.type for atom in atoms]


def _fit(where: str, given: Sequence[Type], wanted: Sequence[Type]) -> None:
    if len(given) != len(wanted):
        raise VerificationError(f"{where}: {len(given)} for {len(wanted)}")
    for one, other in zip(given, wanted, strict=True):
        if not _agree(one, other):
            raise VerificationError(f"{where}: a {one} for a {other}")


def _agree(given: Type, wanted: Type) -> bool:
    """Whether a value of one type may stand where another is wanted.

    What an array holds is known by where it was made; as a value it is as good as any other of so
    many axes.
    """
    if given.kind == wanted.kind == "Array" and types.rank_of(wanted) in (
        None,
        types.rank_of(given),
    ):
        return types.fits(given.slots["element"].type, wanted.slots["element"].type)
    if given.kind == wanted.kind == "Tuple" and len(given.items) == len(wanted.items):
        return given.cls is wanted.cls and all(map(_agree, given.items, wanted.items))
    return types.fits(given, wanted)


def _yields(where: str, region: Region, wanted: Sequence[Type]) -> None:
    if region.results is not None:
        _fit(f"what a region of {where} yields", _types(region.results), wanted)


def _items(iterable: Type) -> Sequence[Type]:
    """The types of what a loop takes from an iterable, as far as it is plain."""
    if iterable.kind in _ELEMENT:
        return [iterable.slots["element"].type]
    if iterable.kind == "Dict":
        return [iterable.slots["key"].type]
    if iterable.kind in ("Tuple", "Sequence"):
        return iterable.items
    return {types.RANGE: [types.INT], types.STR: [types.STR]}.get(iterable, [])
