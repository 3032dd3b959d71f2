"""Forward mode: a function becomes the one that computes its value and its directional derivative.

Beside every value that varies stands its tangent, computed where the value is: before it, where
that can be, so that ``x = x * y`` has ``x_dot = y * x_dot + x * y_dot`` in front of it and no name
is needed twice. Control flow stays what it is; a loop runs forwards, carries tangents beside what
it carries, and keeps nothing. Beside a list that varies stands the list of the tangents of its
items, which goes through the same (`tangent_lists`), so that aliases need no analysis.

>>> import math
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x):
...     return math.exp(-x)
>>> function = lower_function(f, {"x": REAL})
>>> print(forward(function, {"x": function.parameters[0]}))
f(x: Real, %1: Real):
    %2 = neg x
    %3 = math.exp %2
    %4 = mul %3 %1
    %5 = neg %4
    %6 = tuple %3 %5
    yield %6
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sourcediff import types
from sourcediff.called import ENTERS
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import COLUMN, COPY, GETATTR, GETITEM, NARROWED, TUPLE, UNPACK
from sourcediff.frontend.values import Binding
from sourcediff.guards import is_guarded, is_in_context
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    DEAD,
    FOR,
    IF,
    LOOPS,
    UNDEFINED,
    WHILE,
    Atom,
    Const,
    Function,
    Op,
    Region,
    Site,
    Value,
    free_values,
    walk,
)
from sourcediff.transform.adjoint.adjoints import named
from sourcediff.transform.adjoint.expand import expand
from sourcediff.transform.adjoint.scaled import DIV, ZERO, AdjointBuilder, Scaled
from sourcediff.transform.adjoint.structures import differentiated
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.branches.guarded import tangents_behind
from sourcediff.transform.lists.contents import is_list
from sourcediff.transform.lists.keys import require_known_uses
from sourcediff.transform.smaller.activity import PASSES_ON, active_values
from sourcediff.transform.tangent.lists import TangentLists, refuse
from sourcediff.transform.tangent.pushed_calls import push_call
from sourcediff.transform.tangent.pushforward import push_forward
from sourcediff.types import Type

__all__ = ["forward"]

ZERO_TANGENT = Const(0.0, types.REAL)


class Forward:
    """One run of the transformation. The builder takes the user's operations too, in order."""

    def __init__(self, function: Function, inputs: Sequence[Value]) -> None:
        self.function = function
        self.active = active_values(function, inputs)
        require_known_uses(function, self.active)
        definitions = {r: op for op in walk(function.body) for r in op.results}
        self.builder = AdjointBuilder(definitions, function.order + 1)
        #: By number, its tangent; what is active and not here has a tangent of zero.
        self.numbers: dict[Value, Scaled] = {}
        self.lists = TangentLists(self)
        #: By tuple, dict or object that was handed in, that of the tangents.
        self.tuples: dict[Value, Value] = {}
        self.sites: dict[Site, Site] = {}
        #: The places of what the loop around carries that varies.
        self.carried: tuple[int, ...] = ()

    # Tangents -----------------------------------------------------------------------------

    def tangent(self, atom: Atom) -> Scaled:
        """The tangent of a number."""
        return self.numbers.get(atom, ZERO) if isinstance(atom, Value) else ZERO

    def atom(self, atom: Atom) -> Atom:
        """The tangent of a number, or the list of those of a list, as an operand."""
        if isinstance(atom, Const):
            return atom if atom is DEAD or atom is UNDEFINED else ZERO_TANGENT
        if is_list(atom):
            return self.lists.of(atom)
        tangent = self.tangent(atom)
        if tangent.coefficient == 1 and tangent.core is not None:
            return tangent.core  # which may not be bound to anything
        return self.builder.real_atom(tangent)

    def beside(self, value: Value, lasting: bool = True) -> Value:
        """A new value for the tangent of another; called after it if it needs a variable anyway."""
        kind = self.lists.kind(value.type) if is_list(value) else _kind(value.type)
        variable = value if lasting or named(value) else None
        return Value(kind, None, variable, is_tangent=variable is not None)

    def know(self, value: Value, tangent: Value) -> None:
        """Take a value for the tangent of another."""
        if is_list(value):
            self.lists.know(value, tangent)
        else:
            self.numbers[value] = Scaled(1.0, tangent)

    def settle(self, value: Value, tangent: Scaled) -> None:
        """Take the tangent of a number, under its name where the user named the number."""
        if tangent.core is not None and named(value):
            atom = self.builder.real_atom(tangent)
            assert isinstance(atom, Value)
            if named(atom) or not self.builder.is_here(atom):
                atom = self.builder.emit(COPY, (atom,), types.REAL)
            atom.adjoint_of, atom.is_tangent = value, True
            tangent = Scaled(1.0, atom)
        self.numbers[value] = tangent

    # Operations ---------------------------------------------------------------------------

    def region(self, ops: Sequence[Op]) -> None:
        """Append operations, and the tangents of what they give."""
        for op in ops:
            self.builder.site = self.site(op.site)
            self.operation(op)

    def site(self, site: Site | None) -> Site | None:
        """The place of the tangents of a statement, which is another statement of the text."""
        if site is None:
            return None
        found = self.sites.get(site)
        if found is None:
            found = self.sites[site] = Site(site.span, site.text, 0, site.augmented)
        return found

    def operation(self, op: Op) -> None:
        ops = self.builder.ops
        if any(is_array(result) and result in self.active for result in op.results):
            refuse(op, "an array")
        if op.primitive is IF:
            self.branch(op)
        elif op.primitive in LOOPS:
            self.loop(op)
        elif op.primitive in (BREAK, CONTINUE):
            handed = tuple(self.atom(op.args[place]) for place in self.carried)
            ops.append(op.replace((*op.args, *handed)))
        elif op.primitive in ENTERS and any(arg in self.active for arg in op.args):
            push_call(self, op)
        elif op.primitive is UNPACK and (op.args[0] in self.tuples or self.concerns(op)):
            self.unpack(op)
        elif _reads_structure(op):
            self.part(op)
        elif op.primitive is TUPLE or not self.concerns(op):
            ops.append(self.kept(op))
        elif self.lists.concern(op):
            self.lists.push_forward(op)
        else:
            start = len(ops)
            self.number(op)
            for made in ops[start:]:
                if made.primitive is IF:
                    made.result.is_tangent = True  # which it is called, if it gets a name
            later = op.primitive.bounded and op.primitive is not DIV
            if later or any(result in _read(ops[start:]) for result in op.results):
                ops.insert(start, self.kept(op))
            else:
                ops.append(self.kept(op))

    @staticmethod
    def kept(op: Op) -> Op:
        """The operation of the user, with the errors that it raises."""
        if op.primitive.bounded:
            op = op.replace()
            op.kept = True
        return op

    def concerns(self, op: Op) -> bool:
        """Whether an operation gives something that varies, or changes a list of such."""
        if any(result in self.active and not self.is_known(result) for result in op.results):
            return True
        return any(self.lists.changed(inner) for inner in walk(Region([op], None)))

    def is_known(self, value: Value) -> bool:
        """Whether the tangent of a value is known already, as those of inputs are."""
        return value in self.numbers or self.lists.is_known(value)

    def number(self, op: Op) -> None:
        """Append the tangent of an operation that gives one number."""
        if len(op.results) != 1 or op.regions or op.primitive.writes:
            refuse(op, op.primitive.name)
        result = op.result
        if op.primitive is GETITEM:
            self.item(op)
        elif op.primitive in PASSES_ON:
            self.settle(result, self.passed(op.args[0]))
        elif op.primitive.rule is not None:
            self.settle(result, push_forward(self.builder, op, map(self.tangent, op.args)))
        else:
            refuse(op, op.primitive.name)

    def passed(self, atom: Atom) -> Scaled:
        """The tangent of the same number under another name, which is bound to something."""
        tangent = self.tangent(atom)
        if tangent.core is not None and tangent.core.type is not types.REAL:
            return Scaled(
                tangent.coefficient, self.builder.emit(NARROWED, (tangent.core,), types.REAL)
            )
        return tangent

    # Branches -----------------------------------------------------------------------------

    def branch(self, op: Op) -> None:
        wanted = [r for r in op.results if r in self.active]
        places = [op.results.index(r) for r in wanted]
        codes: list[list[Op]] = []
        yields: list[list[Atom]] = []
        site = self.builder.site
        for region in op.regions:
            with self.builder.block() as code:
                self.region(region.ops)
                self.builder.site = site
                results = region.results
                yields.append([] if results is None else [self.atom(results[k]) for k in places])
                codes.append(code)
        if is_guarded(op) and not is_in_context(op):
            (test,) = op.args
            handler = self.builder.definitions[test].attribute  # type: ignore[index]
            codes[1] = tangents_behind(codes[1], handler, self.builder.order)
        arriving = [found for r, found in zip(op.regions, yields, strict=True) if r.results]
        moving = [k for k in range(len(wanted)) if any(map(_varies, (f[k] for f in arriving)))]
        tangents = [self.beside(wanted[k]) for k in moving]
        more = [tuple(found[k] for k in moving) if found else () for found in yields]
        if op.attribute != "statement" and self.apart(op, codes, more, tangents):
            pass
        else:
            regions = tuple(
                r.replace(code, None if r.results is None else (*r.results, *extra))
                for r, code, extra in zip(op.regions, codes, more, strict=True)
            )
            made = op.replace(results=(*op.results, *tangents), regions=regions)
            if made.attribute != "statement" and tangents:
                made.attribute = "statement"
            self.builder.append(made)
        for k, tangent in zip(moving, tangents, strict=True):
            self.know(wanted[k], tangent)

    def apart(
        self,
        op: Op,
        codes: list[list[Op]],
        yields: Sequence[tuple[Atom, ...]],
        tangents: list[Value],
    ) -> bool:
        """Append an expression and one for its tangent, where the two have nothing in common."""
        if not tangents:
            return False
        order = self.builder.order
        olds, news = [], []
        for region, code, found in zip(op.regions, codes, yields, strict=True):
            old = Region([o for o in code if o.order < order], region.results, region.site)
            new = Region([o for o in code if o.order == order], found)
            inside = {result for o in old.ops for result in o.results}
            if old.results is None or not inside.isdisjoint(free_values(new)):
                return False
            if any(o.primitive.effect for o in walk(new)) or any(
                o.order == order for o in walk(old)
            ):
                return False
            olds.append(old)
            news.append(new)
        form = "expression"
        made = Op(IF, op.args, tuple(tangents), tuple(news), form, self.builder.site, order)
        self.builder.append(made)
        self.builder.append(op.replace(regions=tuple(olds)))
        return True

    # Loops --------------------------------------------------------------------------------

    def loop(self, op: Op) -> None:
        head = 1 if op.primitive is FOR else 0
        tested = 1 if op.primitive is WHILE else 0
        body = op.regions[tested]
        places = tuple(k for k, p in enumerate(body.parameters[head:]) if p in self.active)
        before = [self.atom(op.args[head + k]) for k in places]
        outer = self.carried
        site = self.builder.site
        regions = []
        for number, region in enumerate(op.regions):
            taken = region.parameters[head if number == 0 else 0 :]
            tangents = [self.beside(taken[k]) for k in places]
            for k, tangent in zip(places, tangents, strict=True):
                self.know(taken[k], tangent)
            # What leaves the ``else`` leaves the loop around.
            self.carried = outer if number > tested else places
            with self.builder.block() as code:
                self.region(region.ops)
                self.builder.site = site
                results = region.results
                if results is not None:
                    handed = results[1 if number < tested else 0 :]
                    results = (*results, *(self.atom(handed[k]) for k in places))
            regions.append(Region(code, results, region.site, (*region.parameters, *tangents)))
        self.carried = outer
        after = [self.beside(op.results[k]) for k in places]
        made = op.replace((*op.args, *before), (*op.results, *after), tuple(regions))
        self.builder.append(made)
        for k, tangent in zip(places, after, strict=True):
            self.know(op.results[k], tangent)

    # Tuples -------------------------------------------------------------------------------

    def enter(self, parameter: Value) -> Value:
        """The parameter for the tangent of an argument."""
        if _is_plain(parameter.type):
            tangent = self.beside(parameter)
            self.know(parameter, tangent)
            return tangent
        kind = self.structure(parameter.type)
        tangent = self.tuples[parameter] = Value(kind, None, parameter, is_tangent=True)
        return tangent

    def settle_in(self, parameters: Sequence[Value], varying: Sequence[Value]) -> None:
        """Put zeros beside the lists that are handed in, do not vary, and may take what does."""
        for parameter in parameters:
            if is_list(parameter) and parameter in self.active and parameter not in varying:
                self.lists.know(parameter, self.lists.zeros(parameter))

    def structure(self, t: Type) -> Type:
        """The type of the tangents of what is in a tuple that is handed in."""
        if t.kind == "Tuple":
            return types.tuple_of(map(self.structure, t.items))
        if t.kind in ("List", "Dict"):
            return self.lists.kind(t)
        return types.REAL if _is_plain(t) else t

    def unpack(self, op: Op) -> None:
        """The items of a tuple that was handed in, and their tangents."""
        self.builder.ops.append(op)
        whole = self.tuples.get(op.args[0])  # type: ignore[arg-type]
        if whole is None:  # it does not vary, but what it holds may take what does
            for result in filter(is_list, op.results):
                self.lists.know(result, self.lists.zeros(result))
            return
        items = []
        for result, kind in zip(op.results, whole.type.items, strict=True):
            variable = result if named(result) else None
            item = Value(kind, None, variable, is_tangent=variable is not None)
            items.append(item)
            self.beside_part(result, item)
        order = self.builder.order
        self.builder.append(Op(UNPACK, (whole,), tuple(items), site=self.builder.site, order=order))

    def beside_part(self, value: Value, tangent: Value) -> None:
        """Take a part of what was handed in for the tangent of another part."""
        if _is_plain(value.type):
            self.know(value, tangent)
        else:
            self.tuples[value] = tangent

    def part(self, op: Op) -> None:
        """An item of a dict that was handed in, or an attribute of an object, and its tangent."""
        result = op.result
        self.builder.ops.append(op)
        whole = self.tuples.get(op.args[0])  # type: ignore[arg-type]
        if whole is None:
            if is_list(result) and result in self.active:
                self.lists.know(result, self.lists.zeros(result))
        elif result in self.active or not _is_plain(result.type):
            variable = result if named(result) else None
            kind = self.structure(result.type)
            made = Value(kind, None, variable, is_tangent=variable is not None)
            args, site, order = (whole,), self.builder.site, self.builder.order
            self.builder.append(Op(op.primitive, args, (made,), (), op.attribute, site, order))
            self.beside_part(result, made)

    def item(self, op: Op) -> None:
        """An item of a tuple that is put together here."""
        (whole,) = op.args
        made = self.builder.definitions.get(whole)  # type: ignore[arg-type]
        if made is None or made.primitive is not TUPLE:
            refuse(op, "an item of a tuple that a branch chooses")
        item = made.args[op.attribute]
        if is_list(op.result):
            self.lists.know(op.result, self.lists.of(item))
        elif op.result.type.kind != "Tuple":
            self.settle(op.result, self.tangent(item))

    # Results ------------------------------------------------------------------------------

    def answer(self, atom: Atom) -> Atom:
        """The tangent of the result, in its structure."""
        if atom.type.kind != "Tuple":
            return self.lists.of(atom) if is_list(atom) else self.atom(atom)
        made = self.builder.definitions.get(atom) if isinstance(atom, Value) else None
        if made is not None and made.primitive is TUPLE:
            items = tuple(map(self.answer, made.args))
        else:
            items = tuple(
                self.answer(self.builder.emit(GETITEM, (atom,), kind, place))
                for place, kind in enumerate(atom.type.items)
            )
        kind = types.tuple_of((item.type for item in items), atom.type.cls)
        attribute = made.attribute if made is not None and made.primitive is TUPLE else None
        return self.builder.emit(TUPLE, items, kind, attribute)


def _is_plain(t: Type) -> bool:
    """Whether a type is that of a number, or of a list of such."""
    return t.kind in ("List", "Dict") or types.is_number(t)


def _reads_structure(op: Op) -> bool:
    """Whether an operation reads a part of a dict or an object that is handed in."""
    if op.primitive is GETITEM:
        return op.args[0].type.kind not in ("Tuple", "Sequence")
    return op.primitive in (COLUMN, GETATTR)


def _kind(t: Type) -> Type:
    """The type of the tangent of a number: it may be unbound where the number is."""
    return types.maybe_unbound(types.REAL) if t.kind == "MaybeUnbound" else types.REAL


def _varies(atom: Atom) -> bool:
    """Whether a tangent is not zero at once."""
    return isinstance(atom, Value) or (
        atom is not UNDEFINED and atom is not DEAD and atom.value != 0
    )


def _read(ops: Sequence[Op]) -> dict[Value, None]:
    return free_values(Region(ops, ()))


def forward(function: Function, arguments: Mapping[str, Binding]) -> Function:
    """The value and the tangent of a function, as a function of arguments and of their tangents.

    Args:
        function: a function that yields numbers: one, or tuples and lists of them.
        arguments: what varies: the bindings of some of its parameters.

    Returns:
        A function whose parameters are those of `function` and, behind them, one for the tangent of
        each argument, in the structure of the argument. It yields a pair.

    Raises:
        DifferentiationError: the result holds something else than numbers, or an operation on the
            way has no derivative.
    """
    if function.body.results is None:
        return function  # it always raises, and so does its derivative
    varies = [leaf for found in arguments.values() for leaf in differentiated(found)]
    function = expand(function, varies)
    assert function.body.results is not None
    (result,) = function.body.results
    require_numbers(function, result.type)
    run = Forward(function, varies)
    wanted = [p for p in function.parameters if p.name in arguments]
    parameters = [*function.parameters, *map(run.enter, wanted)]
    run.settle_in(function.parameters, wanted)
    run.region(function.body.ops)
    run.builder.site = None
    pair = (result, run.answer(result))
    answer = run.builder.emit(TUPLE, pair, types.tuple_of(a.type for a in pair))
    made = function.with_body(Region(run.builder.ops, (answer,)), run.builder.order)
    made.parameters = parameters
    return made


def require_numbers(function: Function, kind: Type) -> None:
    """Refuse a result that holds anything but numbers.

    Raises:
        DifferentiationError: it does.
    """
    if kind.kind == "Tuple" and kind.items:
        for item in kind.items:
            require_numbers(function, item)
    elif kind.kind == "List":
        require_numbers(function, kind.slots["element"].type)
    elif kind not in (types.REAL, types.INT, types.BOOL):
        from sourcediff.frontend.describe import describe_type

        source = function.origin.source if function.origin is not None else None
        raise DifferentiationError(
            f"{function.name!r} returns {describe_type(kind)} where numbers are expected",
            source.span(source.node) if source is not None else None,
            "return numbers: one, or a tuple or a list of them",
        )
