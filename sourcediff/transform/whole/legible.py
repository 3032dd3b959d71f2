"""A derivative on its way to text: under names that say something, each of them once.

The functions of a derivative come out of `gradient` with the names that were at hand. Here each
variable gets a name of its own among all that are seen from where it is seen, what exists only for
types goes, and so does what is not needed (`joined`, `plain_values`, `shortened`).

>>> from sourcediff.ir import Const, Function, Region, Value
>>> from sourcediff.transform.adjoint.scaled import MUL
>>> from sourcediff.types import REAL
>>> x = Value(REAL, "x")
>>> product = ir.Op(MUL, (Const(1.0, REAL), x), (unnamed := Value(REAL),), order=1)
>>> print(legible(Function("<lambda>_reverse", [x], Region([product], (unnamed,))), "grad_f"))
grad_f(x: Real):
    yield x
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import FunctionType

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import CALL, NARROWED, PURE_CALL, TUPLE, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Atom, Const, Function, Invocation, Op, Region, TrySpec, Value, Variable
from sourcediff.transform.whole.array_code import LIFT, RANKED
from sourcediff.transform.whole.joined import joined
from sourcediff.transform.whole.native import native
from sourcediff.transform.whole.plain_values import promote
from sourcediff.transform.whole.recounted import recounted
from sourcediff.transform.whole.settled import settled
from sourcediff.transform.whole.shapes import inner, rank_of
from sourcediff.transform.whole.shortened import shorten, unread_items
from sourcediff.transform.whole.spans import spans

__all__ = ["Spelled", "legible"]

_SUBSCRIPTS = (memory.SUBSCRIPT, memory.SET_ITEM, memory.DELETE_ITEM)


class Spelled:
    """What is remembered of the user's program in a function that the user did not write."""

    __slots__ = ("spelling",)

    def __init__(self, spelling: dict[str, str | None]) -> None:
        self.spelling = spelling


def legible(function: Function, name: str) -> Function:
    """The same function, with all that it calls and makes, ready to be written as text.

    Args:
        function: a derivative.
        name: what it is called in the text.
    """
    whole = joined(function)
    copies = _Copies(whole)
    made = copies.function(whole)
    for call in copies.closures:
        if call.function is not None:
            call.function = copies.functions.get(call.function)
    made.name = name
    made.origin = function.origin or made.origin
    return made


class _Copies:
    """The copies of functions, values and variables."""

    def __init__(self, function: Function) -> None:
        self.functions: dict[Function, Function] = {}
        self.values: dict[Value, Atom] = {}
        self.variables: dict[Variable, Variable] = {}
        #: What variables were called, before each had a name of its own.
        self.called: dict[Variable, str] = {}
        self.slices: dict[Atom, Op] = {}
        self.closures: list[Invocation] = []
        self.spelling = dict(getattr(function.origin, "spelling", {}))

    def function(self, source: Function, outer: frozenset[str] = frozenset()) -> Function:
        """The copy of a function.

        Args:
            outer: names that are seen from it, as it is made inside of functions that have them.
        """
        found = self.functions.get(source)
        if found is not None:
            return found
        made = self.functions[source] = Function(_named(source), (), source.body)
        made.origin = Spelled(self.spelling)
        made.returns = source.returns
        around, self.values = self.values, {}  # a function sees no values of another
        made.parameters = self._parameters(source)
        taken = set(outer) | {p.name for p in made.parameters if p.name}
        taken |= {name for inner in _inside(source) for p in inner.parameters if (name := p.name)}
        made.variables = tuple(self._variable(v, taken) for v in source.variables)
        made.body = self._region(source.body, frozenset(taken))
        self.values = around
        promote(made, self.called)
        made.body = settled(native(made.body))
        shorten(made)
        made.body = recounted(spans(made.body))
        shorten(made)
        unread_items(made.body)
        return made

    def _parameters(self, source: Function) -> list[Value]:
        """Copies of the parameters, each with a name of its own."""
        made: list[Value] = []
        taken: set[str] = set()
        for place, parameter in enumerate(source.parameters):
            name = _free(parameter.name or f"x{place}", taken)
            taken.add(name)
            copy = Value(parameter.type, name)
            self.values[parameter] = copy
            made.append(copy)
        return made

    def _variable(self, variable: Variable, taken: set[str]) -> Variable:
        found = self.variables.get(variable)
        if found is None:
            name = _free(variable.name, taken)
            found = self.variables[variable] = Variable(name, variable.slot, variable.key)
            if variable.slot.type.kind != "MaybeUnbound":
                self.called[found] = variable.name
        taken.add(found.name)
        return found

    def _atom(self, atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in self.values:
            atom = self.values[atom]
        return atom

    def _atoms(self, atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        return tuple(map(self._atom, atoms))

    def _region(self, region: Region, seen: frozenset[str]) -> Region:
        parameters = tuple(map(self._fresh, region.parameters))
        ops = [made for op in region.ops for made in self._op(op, seen)]
        results = None if region.results is None else self._atoms(tuple(region.results))
        return Region(ops, results, region.site, parameters)

    def _fresh(self, value: Value) -> Value:
        made = self.values[value] = Value(value.type, value.name)
        return made

    def _op(self, op: Op, seen: frozenset[str]) -> Iterator[Op]:
        if op.primitive in (LIFT, RANKED):
            self.values[op.result] = self._atom(op.args[0])
            return
        if op.primitive is memory.SLICED or (op.primitive is TUPLE and self._cuts(op)):
            self.slices[op.result] = op
            return
        for one in _as_python(op):
            args = self._atoms(one.args)
            if one.primitive is memory.WRITE and _became_known(args[0], one.args[0]):
                known = Value(one.args[0].type)
                yield Op(NARROWED, args, (known,), site=one.site, order=one.order)
                args = (known,)
            if self.slices and any(arg in self.slices for arg in args):
                ops, args = self._with_slices(args, one.primitive in _SUBSCRIPTS)
                yield from ops
            yield self._copy(one.replace(args=args), seen)

    def _cuts(self, op: Op) -> bool:
        """Whether something that is put together has a slice in it."""
        return any(isinstance(arg, Value) and arg in self.slices for arg in op.args)

    def _with_slices(
        self, args: tuple[Atom, ...], in_brackets: bool
    ) -> tuple[list[Op], tuple[Atom, ...]]:
        """Slices, made where they are used: in brackets they have a form of their own."""
        ops: list[Op] = []

        def made(atom: Atom) -> Atom:
            op = self.slices.get(atom) if isinstance(atom, Value) else None
            if op is None:
                return self._atom(atom)
            inner_args = tuple(map(made, op.args))
            result = Value(op.result.type)
            primitive, spec = op.primitive, op.attribute
            if primitive is memory.SLICED and not in_brackets:
                primitive, spec = PURE_CALL, CallSpec(slice, Ref("object", slice, ("slice",)))
            ops.append(Op(primitive, inner_args, (result,), (), spec, op.site, op.order))
            return result

        return ops, tuple(map(made, args))

    def _copy(self, op: Op, seen: frozenset[str]) -> Op:
        attribute = op.attribute
        if op.primitive is memory.MAKE_FUNCTION:
            attribute = self.function(attribute, seen)
        elif isinstance(attribute, Invocation):
            if attribute.how == "closure":
                attribute = self._closure(attribute)
            elif attribute.function is not None:
                called = self.function(attribute.function)
                attribute = Invocation(called, attribute.how, ref=attribute.ref, name=called.name)
        elif isinstance(attribute, Variable):
            attribute = self.variables.get(attribute, attribute)
        elif isinstance(attribute, tuple) and attribute and isinstance(attribute[0], Variable):
            attribute = (self.variables.get(attribute[0], attribute[0]), *attribute[1:])
        elif isinstance(attribute, TrySpec):
            attribute = self._try(attribute)
        regions = tuple(self._region(region, seen) for region in op.regions)
        results = tuple(map(self._fresh, op.results))
        return Op(
            op.primitive, self._atoms(op.args), results, regions, attribute, op.site, op.order
        )

    def _closure(self, call: Invocation) -> Invocation:
        """A call of a function value, whose function may be copied only later."""
        made = Invocation(call.function, call.how, ref=call.ref, name=call.name)
        self.closures.append(made)
        return made

    def _try(self, spec: TrySpec) -> TrySpec:
        handlers = []
        for handler in spec.handlers:
            variable = handler.variable
            known = None if variable is None else self.variables.get(variable, variable)
            handlers.append(ir.Handler(handler.classes, handler.refs, known))
        return TrySpec(tuple(handlers), spec.has_else, spec.has_finally, spec.suppress)


def _as_python(op: Op) -> Iterator[Op]:
    """What runs nothing of a user's class, in the form that Python has for it."""
    args, attribute = op.args, op.attribute
    spec: CallSpec | None = None
    primitive = PURE_CALL
    if op.primitive is PURE_CALL and getattr(attribute.function, "__name__", "") == "__new__":
        (cls,) = (arg.value for arg in args if isinstance(arg, Const))
        owner = object if cls.__new__ is object.__new__ else cls
        spec = CallSpec(attribute.function, Ref("class", owner, ("__new__",)))
    elif op.primitive is PURE_CALL and op.results and op.result.type is types.NONE:
        spec, primitive = attribute, CALL  # a check: it is there for what it raises
    elif op.primitive is TUPLE and attribute not in (None, tuple, list):
        whole = Value(types.tuple_of(arg.type for arg in args))
        yield Op(TUPLE, args, (whole,), (), None, op.site, op.order)
        spec, args = CallSpec(attribute._make, Ref("class", attribute, ("_make",))), (whole,)
    elif op.primitive is memory.SET_ATTRIBUTE:
        # A class written in C has a way of its own to the same, which runs nothing of the user's.
        own = getattr(inner(args[0].type).cls, "__setattr__", None)
        if isinstance(own, FunctionType):
            spec = CallSpec(object.__setattr__, Ref("class", object, ("__setattr__",)))
            args, primitive = (args[0], Const(attribute, types.STR), args[1]), CALL
    if spec is None:
        yield op
    else:
        yield Op(primitive, args, op.results, (), spec, op.site, op.order)


def _named(function: Function) -> str:
    """A name for a function, which may have been a lambda or a method like ``__init__``."""
    name = re.sub(r"\W+", "", function.name.replace("<lambda>", "lambda"))
    name = re.sub(r"__+", "_", name).strip("_")
    return name if name.isidentifier() and name != "lambda" else f"{name}_function"


def _free(name: str, taken: set[str]) -> str:
    count, found = 0, name
    while found in taken:
        count += 1
        found = f"{name}_{count}"
    return found


def _inside(function: Function) -> Iterator[Function]:
    """The functions made inside of a function, at any depth."""
    for op in ir.walk(function.body):
        if op.primitive is memory.MAKE_FUNCTION:
            yield op.attribute
            yield from _inside(op.attribute)


def _became_known(atom: Atom, same: Atom) -> bool:
    """Whether only the second name of an array says how many axes it has."""
    return rank_of(atom.type) is None and rank_of(same.type) is not None
