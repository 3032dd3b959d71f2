"""The intermediate representation: pure, structured, every value assigned once.

Grammar::

    Function  = name, parameters (Value*), body (Region), what it was written from
    Region    = parameters (Value*), Op*, results (Atom*)
                                          -- results is None where control never arrives
    Op        = results (Value*) = primitive(Atom*) {Region*}
    Atom      = Value | Const

Re-binding a name makes a new `Value` with the same name hint. Control flow is an operation
that owns regions, so that what comes out can be written as Python again and can be turned
round. A region sees the values of the regions around it.

``If``         evaluates one of its two regions, whose results are its own.
``For``        args: what is iterated, then what each carried value is before the first turn.
               Regions: the body (parameters: the item, the carried values; results: the carried
               values of the next turn) and, where the user wrote one, ``else`` (parameters: the
               carried values; results: those after the loop). Results: the carried values after
               the loop.
``While``      args: the carried values before the first turn. Regions: the test (parameters: the
               carried values; results: the test, then the carried values), the body (parameters:
               the carried values as the test left them) and maybe ``else``.
``Try``        Regions: the body, one for each handler (parameter: the exception, where it has a
               name), ``else``, ``finally``; the attribute (`TrySpec`) says which. No results: a
               variable that a try statement binds lives in memory (`Variable`).
``Return``, ``Break``, ``Continue``
               end their region, whose results are None. The arguments of a Return are the
               returned value; of a Break, what the results of the innermost loop are; of a
               Continue, the carried values of its next turn.
``Invoke``     a call of another function of the IR; the attribute (`Invocation`) says of which.

What can change lives in memory, and a value refers to it: lists, dicts, objects, and the
variables that a nested function or a try statement shares. Operations on memory (module
`memory`) take effect in the order in which they stand. A value itself never changes, nor what
a reference refers to: that is what makes an alias of any kind plain to see, at the price that
reading and writing have to stay in order. The interpreter gives the pure meaning: memory is a
table from addresses to contents, and a write makes a new table.

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

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sourcediff.errors import Span
from sourcediff.types import NEVER, UNBOUND, Slot, Type

__all__ = [
    "AGAIN",
    "BREAK",
    "CONTINUE",
    "DEAD",
    "EXITS",
    "FOR",
    "IF",
    "INVOKE",
    "LEFT_OUT",
    "LOOPS",
    "RETURN",
    "TRY",
    "UNDEFINED",
    "WHILE",
    "Atom",
    "Const",
    "Family",
    "Function",
    "Handler",
    "Invocation",
    "Op",
    "Primitive",
    "Region",
    "Site",
    "TrySpec",
    "Value",
    "Variable",
    "free_values",
    "walk",
]


class Value:
    """The result of one operation, or a parameter. Compared by identity.

    `name` is the user's name for it, if there is one; `adjoint_of` is set on the adjoint
    (or, where `is_tangent` says so, the tangent) of a value that the user named, and lets the
    emitter name it after that. `kept_from` is set on what a loop finds again of an earlier one: the
    value that was kept there; `bar_of` on the adjoint of an array without a name. Both only tell
    what to call a value that has no name of its own.
    """

    __slots__ = ("adjoint_of", "bar_of", "is_tangent", "kept_from", "name", "type")

    def __init__(
        self,
        type: Type,
        name: str | None = None,
        adjoint_of: Value | None = None,
        is_tangent: bool = False,
    ) -> None:
        self.type = type
        self.name = name
        self.adjoint_of = adjoint_of
        self.is_tangent = is_tangent
        self.kept_from: Value | None = None
        self.bar_of: Value | None = None

    def another(self) -> Value:
        """A new value for the same variable."""
        return Value(self.type, self.name, self.adjoint_of, self.is_tangent)

    def __repr__(self) -> str:
        return f"<{self.name or 'value'}: {self.type}>"


class Const:
    """A number, text, None or truth value that the program text itself holds.

    A number that the user gave a name, ``dt = 0.01``, is called by it in the text; that makes no
    difference to what it is. `place` is then where it got it: how many calls deep, in which line.
    """

    __slots__ = ("name", "place", "type", "value")

    def __init__(
        self, value: Any, type: Type, name: str | None = None, place: tuple[int, int] = (0, 0)
    ) -> None:
        self.value = value
        self.type = type
        self.name = name
        self.place = place

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

#: The argument of a closure that a call leaves out: the default that the function value holds.
LEFT_OUT = object()

#: What a name is before anything is bound to it.
UNDEFINED = Const(None, UNBOUND)
#: What an arm that has left yields for a result that nobody reads on that path.
DEAD = Const(None, NEVER)


class Variable:
    """A variable that lives in memory, as more than one piece of code binds or reads it.

    One that a function inside captures, or that a try statement binds. Every activation of the
    function that owns it has its own. It keeps the user's name in the text.
    """

    __slots__ = ("key", "name", "slot")

    def __init__(self, name: str, slot: Slot, key: Any = None) -> None:
        self.name = name
        self.slot = slot
        #: What tells it apart from others over attempts at lowering.
        self.key = key

    def __repr__(self) -> str:
        return self.name


class Site:
    """The user's statement that an operation comes from; `order` counts differentiations.

    `augmented` says that it was written ``x += e`` and not ``x = x + e``; `annotated` is the name
    and the annotation (a syntax tree) of ``x: float = e``.
    """

    __slots__ = ("annotated", "augmented", "order", "span", "text")

    def __init__(
        self,
        span: Span,
        text: str,
        order: int = 0,
        augmented: bool = False,
        annotated: tuple[str, Any] | None = None,
    ) -> None:
        self.span = span
        self.text = text
        self.order = order
        self.augmented = augmented
        self.annotated = annotated

    def differentiated(self) -> Site:
        """The same statement, one differentiation later."""
        return Site(self.span, self.text, self.order + 1, self.augmented, self.annotated)

    def __repr__(self) -> str:
        return f"<{self.text!r} at {self.span}>"


class Primitive:
    """An operation the IR knows. What it means is `evaluate`; how it prints is `pattern`.

    effect    its execution is the point: kept, in order, never repeated
    reads     it reads memory, so it is not moved across a write; any operation does that has an
              operand that refers to memory, unless it is `opaque`
    writes    it writes memory (and is kept, in order)
    opaque    it takes a reference as such and does not look at what it refers to
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
        "opaque",
        "pattern",
        "raises",
        "reads",
        "rule",
        "typing",
        "writes",
    )

    def __init__(
        self,
        name: str,
        evaluate: Callable[..., Any],
        *,
        pattern: str | None = None,
        typing: Callable[..., Type | None] | None = None,
        effect: bool = False,
        reads: bool = False,
        writes: bool = False,
        opaque: bool = False,
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
        self.effect = effect or writes
        self.reads = reads
        self.writes = writes
        self.opaque = opaque
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
#: ``For(iterable, *before) {body} {else}``; its attribute is None for a statement, or what kind
#: of comprehension it was: "list", "set", "dict", "generator", "any", "all".
FOR = Primitive("for", _structured)
#: ``While(*before) {test} {body} {else}``.
WHILE = Primitive("while", _structured)
#: ``Try() {body} {handler}… {else} {finally}``; its attribute is a `TrySpec`.
TRY = Primitive("try", _structured)
RETURN = Primitive("return", _structured, effect=True)
BREAK = Primitive("break", _structured, effect=True)
CONTINUE = Primitive("continue", _structured, effect=True)
#: A call of another function of the IR; its attribute is an `Invocation`.
INVOKE = Primitive("invoke", _structured, writes=True, raises=True)

#: ``Again(*before) {body}``: the turns of an earlier loop once more, the last one first where its
#: attribute is True. Its body sees the values of the earlier loop's body, those of the same turn.
#: Between differentiation and the decision what a loop keeps; not in what is run or written.
AGAIN = Primitive("again", _structured)

LOOPS = (FOR, WHILE, AGAIN)
#: What ends a region in which control does not go on.
EXITS = (RETURN, BREAK, CONTINUE)


class Handler:
    """One ``except`` clause: the classes it catches, with where they are found, and its name.

    Catches everything if `classes` is None. `variable` is what ``as`` binds and unbinds.
    """

    __slots__ = ("classes", "refs", "variable")

    def __init__(
        self,
        classes: tuple[type, ...] | None,
        refs: tuple[Any, ...] = (),
        variable: Variable | None = None,
    ) -> None:
        self.classes = classes
        self.refs = refs
        self.variable = variable


class TrySpec:
    """Which regions a `TRY` has: body, one for each handler, then else and finally if any.

    `suppress` is set where the user wrote ``with contextlib.suppress(…)``: the expression's path.
    """

    __slots__ = ("handlers", "has_else", "has_finally", "suppress")

    def __init__(
        self,
        handlers: tuple[Handler, ...],
        has_else: bool = False,
        has_finally: bool = False,
        suppress: Any = None,
    ) -> None:
        self.handlers = handlers
        self.has_else = has_else
        self.has_finally = has_finally
        self.suppress = suppress

    def __repr__(self) -> str:
        caught = [
            "all" if h.classes is None else "|".join(c.__name__ for c in h.classes)
            for h in self.handlers
        ]
        return " ".join([*caught, *["else"] * self.has_else, *["finally"] * self.has_finally])


class Invocation:
    """Which function an `INVOKE` calls, and how the call is written.

    function   the callee. Its parameters are matched by the arguments in order; a "closure" has
               the function value before them, a "class" makes the object that is its first
               parameter itself (`function` is None where the class has no initialiser)
    how        "function", "closure", "method" (of the first argument), "property", "operator",
               "class", or "super"
    ref        where Python finds the function or the class
    name       the name of the method, or the symbol of the operator
    cls        the class that is instantiated
    written    what the user wrote between the parentheses: pairs of a keyword (None for a
               position, "*" for items spread out) and an atom or a path; None: just the arguments
    """

    __slots__ = ("cls", "function", "how", "name", "ref", "written")

    def __init__(
        self,
        function: Function | None,
        how: str = "function",
        *,
        ref: Any = None,
        name: str | None = None,
        cls: type | None = None,
        written: tuple[tuple[str | None, Any], ...] | None = None,
    ) -> None:
        self.function = function
        self.how = how
        self.ref = ref
        self.name = name
        self.cls = cls
        self.written = written

    def __repr__(self) -> str:
        return self.name or (self.function.name if self.function else str(self.cls))


class Family:
    """What loops have in common that make the same turns: a loop, and those that turn it round.

    `again` says that what those read which turn it round is computed again, and not kept.
    """

    __slots__ = ("again",)

    def __init__(self, again: bool = False) -> None:
        self.again = again


class Op:
    """One operation: ``results = primitive(args) {regions}``.

    `attribute` is what the primitive needs beside its operands (the name that `getattr`
    reads, the spelling of an opaque call). `order` is 0 for the user's own computation and
    counts the differentiation that brought the operation in otherwise. `kept` is set on one
    whose errors are wanted although its value may not be. `family` tells which loops make the
    same turns.
    """

    __slots__ = (
        "args",
        "attribute",
        "family",
        "kept",
        "order",
        "primitive",
        "regions",
        "results",
        "site",
    )

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
        family: Family | None = None,
    ) -> None:
        self.kept = kept
        self.family = family
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
        attribute: Any = None,
    ) -> Op:
        """A copy with other operands, results, regions or another attribute."""
        return Op(
            self.primitive,
            self.args if args is None else args,
            self.results if results is None else results,
            self.regions if regions is None else regions,
            self.attribute if attribute is None else attribute,
            self.site,
            self.order,
            self.kept,
            self.family,
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

    __slots__ = ("ops", "parameters", "results", "site")

    def __init__(
        self,
        ops: Sequence[Op],
        results: tuple[Atom, ...] | None,
        site: Site | None = None,
        parameters: tuple[Value, ...] = (),
    ) -> None:
        self.ops = ops
        self.results = results
        self.site = site
        self.parameters = parameters

    def replace(self, ops: Sequence[Op], results: tuple[Atom, ...] | None) -> Region:
        """A region that control enters and leaves in the same way."""
        return Region(ops, results, self.site, self.parameters)


class Function:
    """A function: its body yields one atom, the returned value.

    `origin` is whatever the front end wants to remember of the user's function (name, file,
    signature); `guards` are the facts of the outside world that the body relies on; `order` is
    the highest order of its operations, how often it was differentiated; `returns` is the type
    of what it returns; `variables` are those it owns. A function that only returns by `RETURN` has
    a body without results. A function defined in another reads and writes the other's variables.
    """

    __slots__ = (
        "body",
        "guards",
        "name",
        "order",
        "origin",
        "parameters",
        "returns",
        "variables",
    )

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
        self.returns: Type | None = None
        self.variables: tuple[Variable, ...] = ()

    def with_body(self, body: Region, order: int | None = None) -> Function:
        """The same function with another body."""
        order = self.order if order is None else order
        made = Function(self.name, self.parameters, body, self.origin, self.guards, order)
        made.returns = self.returns
        made.variables = self.variables
        return made

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
        defined.update(region.parameters)
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
                    yield f"{indent}{_label(op, number)}:"
                if inner.parameters:
                    taken = ", ".join(f"{self.name(p)}: {p.type}" for p in inner.parameters)
                    yield f"{indent}    take {taken}"
                yield from self.region(inner, indent + "    ")
        if region.results is None:
            if not region.ops or region.ops[-1].primitive not in EXITS:
                yield indent + "unreachable"
        else:
            yield indent + ("yield " + ", ".join(map(self.atom, region.results))).rstrip()


def _label(op: Op, number: int) -> str:
    """What stands before the second and later regions of an operation."""
    if op.primitive is WHILE:
        return "do" if number == 1 else "else"
    if op.primitive is TRY:
        spec: TrySpec = op.attribute
        if number <= len(spec.handlers):
            return "except"
        return "else" if spec.has_else and number == len(spec.handlers) + 1 else "finally"
    return "else"
