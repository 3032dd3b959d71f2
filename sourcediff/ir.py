"""The intermediate representation: pure, structured, every value assigned once.

Grammar::

    Function  = name, parameters (Value*), body (Region), what it was written from
    Region    = Op*, results (Atom*)      -- results is None where control never arrives
    Op        = results (Value*) = primitive(Atom*) {Region*}
    Atom      = Value | Const

Re-binding a name makes a new `Value` with the same name hint. Control flow is an operation
that owns regions: ``If`` evaluates one of its two regions and its results are that region's.
A region sees the values of the regions around it. There are no jumps: an early return is an
``If`` whose one arm yields the returned value and whose other arm holds the rest of the
function, so that what comes out can be written as Python again and can be turned round.

>>> from sourcediff.types import REAL
>>> x = Value(REAL, "x")
>>> square = Primitive("square", evaluate=lambda v: v * v)
>>> y = Value(REAL)
>>> print(Function("f", [x], Region([Op(square, (x,), (y,))], (y,))))
f(x: Real):
    %1 = square x
    yield %1
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sourcediff.errors import Span
from sourcediff.types import NEVER, UNBOUND, Type

__all__ = [
    "DEAD",
    "IF",
    "UNDEFINED",
    "Atom",
    "Const",
    "Function",
    "Op",
    "Primitive",
    "Region",
    "Site",
    "Value",
    "free_values",
    "walk",
]


class Value:
    """The result of one operation, or a parameter. Compared by identity.

    `name` is the user's name for it, if there is one; `adjoint_of` is set on the adjoint
    (or tangent) of a value that the user named, and lets the emitter name it after that.
    """

    __slots__ = ("adjoint_of", "name", "type")

    def __init__(
        self, type: Type, name: str | None = None, adjoint_of: Value | None = None
    ) -> None:
        self.type = type
        self.name = name
        self.adjoint_of = adjoint_of

    def __repr__(self) -> str:
        return f"<{self.name or 'value'}: {self.type}>"


class Const:
    """A number, text, None or truth value that the program text itself holds."""

    __slots__ = ("type", "value")

    def __init__(self, value: Any, type: Type) -> None:
        self.value = value
        self.type = type

    def __repr__(self) -> str:
        return repr(self.value) if self.type not in (NEVER, UNBOUND) else self.type.kind.lower()

    def same_as(self, other: object) -> bool:
        """Equal to the last bit: 0.0 is not -0.0, 1 is not True and not 1.0."""
        return (
            isinstance(other, Const)
            and self.type is other.type
            and self.value.__class__ is other.value.__class__
            and (self.value is other.value or repr(self.value) == repr(other.value))
        )


Atom = Value | Const

#: What a name is before anything is bound to it.
UNDEFINED = Const(None, UNBOUND)
#: What an arm that has left yields for a result that nobody reads on that path.
DEAD = Const(None, NEVER)


class Site:
    """The user's statement that an operation comes from; `order` counts differentiations."""

    __slots__ = ("order", "span", "text")

    def __init__(self, span: Span, text: str, order: int = 0) -> None:
        self.span = span
        self.text = text
        self.order = order

    def differentiated(self) -> Site:
        """The same statement, one differentiation later."""
        return Site(self.span, self.text, self.order + 1)

    def __repr__(self) -> str:
        return f"<{self.text!r} at {self.span}>"


class Primitive:
    """An operation the IR knows. What it means is `evaluate`; how it prints is `pattern`.

    effect    its execution is the point: kept, in order, never repeated
    raises    it may raise, so it is not moved across an effect
    bounded   it refuses arguments outside of its domain: where it is not differentiated, it is
              kept for that, since a function that raises has no derivative
    checks    its partial derivatives accept arguments that it refuses, so it is kept for that
              where it is differentiated too
    cost      rough nanoseconds in CPython, for decisions between keeping and recomputing
    """

    __slots__ = (
        "bounded",
        "checks",
        "cost",
        "effect",
        "evaluate",
        "hint",
        "name",
        "pattern",
        "raises",
        "rule",
        "typing",
    )

    def __init__(
        self,
        name: str,
        evaluate: Callable[..., Any],
        *,
        pattern: str | None = None,
        typing: Callable[..., Type | None] | None = None,
        effect: bool = False,
        raises: bool = False,
        bounded: bool = False,
        checks: bool = False,
        hint: str | None = None,
        cost: int = 20,
    ) -> None:
        self.name = name
        self.evaluate = evaluate
        self.pattern = pattern
        self.typing = typing
        self.effect = effect
        self.raises = raises
        self.bounded = bounded or checks
        self.checks = checks
        self.hint = hint
        self.cost = cost
        self.rule: Any = None

    def __repr__(self) -> str:
        return self.name


def _structured(*_: Any) -> Any:
    raise AssertionError("a structured operation is run by the interpreter itself")


#: ``If(test) {then} {else}``; its attribute is how the user wrote it: "statement",
#: "expression" (``a if t else b``), "and" or "or".
IF = Primitive("if", _structured)


class Op:
    """One operation: ``results = primitive(args) {regions}``.

    `attribute` is what the primitive needs beside its operands (the name that `getattr`
    reads, the spelling of an opaque call). `order` is 0 for the user's own computation and
    counts the differentiation that brought the operation in otherwise. `kept` is set on one
    whose errors are wanted although its value may not be.
    """

    __slots__ = ("args", "attribute", "kept", "order", "primitive", "regions", "results", "site")

    def __init__(
        self,
        primitive: Primitive,
        args: tuple[Atom, ...],
        results: tuple[Value, ...],
        regions: tuple[Region, ...] = (),
        attribute: Any = None,
        site: Site | None = None,
        order: int = 0,
        kept: bool = False,
    ) -> None:
        self.kept = kept
        self.primitive = primitive
        self.args = args
        self.results = results
        self.regions = regions
        self.attribute = attribute
        self.site = site
        self.order = order

    def replace(
        self,
        args: tuple[Atom, ...] | None = None,
        results: tuple[Value, ...] | None = None,
        regions: tuple[Region, ...] | None = None,
    ) -> Op:
        """A copy with other operands, results or regions."""
        return Op(
            self.primitive,
            self.args if args is None else args,
            self.results if results is None else results,
            self.regions if regions is None else regions,
            self.attribute,
            self.site,
            self.order,
            self.kept,
        )

    @property
    def result(self) -> Value:
        """The one result."""
        (value,) = self.results
        return value


class Region:
    """Operations in order and what they yield; `results` is None if control never gets there.

    `site` is the statement by which control leaves, where it is one of its own: a return.
    """

    __slots__ = ("ops", "results", "site")

    def __init__(
        self,
        ops: Sequence[Op],
        results: tuple[Atom, ...] | None,
        site: Site | None = None,
    ) -> None:
        self.ops = ops
        self.results = results
        self.site = site

    def replace(self, ops: Sequence[Op], results: tuple[Atom, ...] | None) -> Region:
        """A region that control leaves in the same way."""
        return Region(ops, results, self.site)


class Function:
    """A function: its body yields one atom, the returned value.

    `origin` is whatever the front end wants to remember of the user's function (name, file,
    signature); `guards` are the facts of the outside world that the body relies on; `order` is
    the highest order of its operations, how often it was differentiated.
    """

    __slots__ = ("body", "guards", "name", "order", "origin", "parameters")

    def __init__(
        self,
        name: str,
        parameters: Sequence[Value],
        body: Region,
        origin: Any = None,
        guards: tuple[Any, ...] = (),
        order: int = 0,
    ) -> None:
        self.name = name
        self.order = order
        self.parameters = parameters
        self.body = body
        self.origin = origin
        self.guards = guards

    def with_body(self, body: Region, order: int | None = None) -> Function:
        """The same function with another body."""
        order = self.order if order is None else order
        return Function(self.name, self.parameters, body, self.origin, self.guards, order)

    def __str__(self) -> str:
        return _Printer().function(self)


def walk(region: Region) -> Iterator[Op]:
    """Every operation of a region and of the regions within, in order."""
    for op in region.ops:
        yield op
        for inner in op.regions:
            yield from walk(inner)


def free_values(region: Region) -> dict[Value, None]:
    """The values that a region reads and does not define itself, in order of first use."""
    defined: set[Value] = set()
    used: dict[Value, None] = {}

    def scan(region: Region) -> None:
        for op in region.ops:
            for arg in op.args:
                if isinstance(arg, Value):
                    used.setdefault(arg)
            for inner in op.regions:
                scan(inner)
            defined.update(op.results)
        for result in region.results or ():
            if isinstance(result, Value):
                used.setdefault(result)

    scan(region)
    return {value: None for value in used if value not in defined}


class _Printer:
    """Prints a function with one line an operation; unnamed values are numbered."""

    def __init__(self) -> None:
        self.names: dict[Value, str] = {}
        self.taken: dict[str, int] = {}
        self.count = 0

    def name(self, value: Value) -> str:
        found = self.names.get(value)
        if found is None:
            if value.name is None:
                self.count += 1
                found = f"%{self.count}"
            else:
                version = self.taken[value.name] = self.taken.get(value.name, -1) + 1
                found = f"{value.name}.{version}" if version else value.name
            self.names[value] = found
        return found

    def atom(self, atom: Atom) -> str:
        return self.name(atom) if isinstance(atom, Value) else repr(atom)

    def function(self, function: Function) -> str:
        parameters = ", ".join(f"{self.name(p)}: {p.type}" for p in function.parameters)
        return "\n".join([f"{function.name}({parameters}):", *self.region(function.body, "    ")])

    def region(self, region: Region, indent: str) -> Iterator[str]:
        for op in region.ops:
            head = " ".join([op.primitive.name, *map(self.atom, op.args)])
            if op.attribute is not None and op.primitive is not IF:
                head += f" [{op.attribute}]"
            left = ", ".join(map(self.name, op.results))
            line = indent + (f"{left} = {head}" if left else head)
            if op.regions:
                line += ":"
            yield line
            for number, inner in enumerate(op.regions):
                if number:
                    yield indent + "else:"
                yield from self.region(inner, indent + "    ")
        if region.results is None:
            yield indent + "unreachable"
        else:
            yield indent + ("yield " + ", ".join(map(self.atom, region.results))).rstrip()


class deep_recursion:
    """Room for regions nested as deep as the user nested them, restored on leaving.

    Python frames of the compiler do not consume the C stack since Python 3.11, so a higher
    limit is safe; it is put back so that the user's own limit still holds for user code.
    """

    def __init__(self, limit: int = 60_000) -> None:
        self.limit = limit

    def __enter__(self) -> None:
        self.before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(self.before, self.limit))

    def __exit__(self, *exc_info: object) -> None:
        sys.setrecursionlimit(self.before)
