"""Lowering: typed abstract interpretation of a function's syntax tree into the IR.

The tree is executed, in Python's order of evaluation, on bindings instead of values: names
are resolved, calls of the user's functions are entered, tuples dissolve, branches whose test
is known are taken. What is left for the run becomes operations. Lowering happens once for
each combination of argument types, so ``a + b`` is always a known operation.

`Lowering` holds the state and what every construct needs: emitting an operation, looking a
name up, entering the arms of a branch (`joins` ends it). How each construct uses it is in
`statements`, `expressions`, `patterns`, `calls`, `attributes` and `builtin_calls`.
"""

from __future__ import annotations

import ast
import builtins
import sys
import types as python_types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.describe import describe, describe_type
from sourcediff.frontend.frames import Arm, Frame, Variables
from sourcediff.frontend.joins import (
    DIVERGES,
    FALLS,
    FALSE,
    TRUE,
    Diverged,
    Join,
    Outcome,
    frames_in,
    values_in,
)
from sourcediff.frontend.origin import Guard
from sourcediff.frontend.primitives import BOUND, GETITEM, LOAD, NARROWED, REQUIRED, TUPLE, UNPACK
from sourcediff.frontend.values import (
    Binding,
    Conflict,
    Once,
    Rec,
    Ref,
    Static,
    Tup,
)
from sourcediff.ir import (
    DEAD,
    UNDEFINED,
    Atom,
    Const,
    Op,
    Primitive,
    Region,
    Site,
    Value,
)
from sourcediff.types import Type

__all__ = ["Lowering"]

#: Calls entered within calls before a recursion is taken for one that never ends.
MAX_INLINE_DEPTH = 120
#: Activations of one function within each other that are taken for a recursion.
MAX_REENTRIES = 6
#: Operations that one function may grow to, so that calls of calls do not explode.
MAX_OPERATIONS = 400_000


_ORDERING = ("lt", "le", "gt", "ge")


class Lowering:
    """The state of one lowering: where operations go, what names mean, what was relied on."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.variables = Variables()
        self.frame: Frame = None  # type: ignore[assignment]  # set before anything is lowered
        self.site: Site | None = None
        self.node: ast.AST | None = None
        self.guards: dict[tuple[Any, ...], Guard] = {}
        self.loads: dict[tuple[Any, ...], Op] = {}
        self.spelling: dict[str, str | None] = {}
        self.active_calls: list[tuple[Any, int]] = []
        self.branch_depth = 0
        self.count = 0
        #: The function whose derivative is wanted: where it returns None it has none.
        self.outermost: Frame | None = None
        self.returns_none = False
        #: Whether the kind of an argument has decided about a branch.
        self.decided = False
        #: How often what is called in it has been differentiated.
        self.order = 0

    # Errors -------------------------------------------------------------------------------

    def error(
        self,
        message: str,
        node: ast.AST | None = None,
        help: str | None = None,
        certain: bool = False,
    ) -> NoReturn:
        """Refuse, showing the user's line.

        `certain` says that the construct is refused whatever the types of the arguments are;
        where a known test has decided which statements are reached, other types may still
        lead past it.
        """
        span = self.frame.source.span(node or self.node or self.frame.node)
        raise DifferentiationError(message, span, help, certain and not self.decided)

    # Emission of operations ---------------------------------------------------------------

    def emit(
        self,
        primitive: Primitive,
        args: Sequence[Atom],
        type: Type | None = None,
        attribute: Any = None,
        name: str | None = None,
    ) -> Value:
        """Append one operation with one result."""
        if primitive.rule is not None or primitive.name in _ORDERING:
            optional = dict.fromkeys(a for a in args if a.type.kind == "Optional")
            shown = {a: self.required(a) for a in optional}
            args = [shown.get(a, a) for a in args]
        if type is None:
            assert primitive.typing is not None
            type = primitive.typing(*[a.type for a in args])
            if type is None:
                self.refuse_types(primitive, args)
        self.count += 1
        if self.count > MAX_OPERATIONS:
            self.error("the function is too large once all calls are entered")
        result = Value(type, name)
        op = Op(primitive, tuple(args), (result,), attribute=attribute, site=self.site)
        self.ops.append(op)
        return result

    def required(self, atom: Atom) -> Atom:
        """A value that may be None as an operand: Python raises TypeError where it is."""
        self.effect(REQUIRED, (atom,))
        return self.narrowed(atom)

    def narrowed(self, atom: Atom) -> Value:
        """A value that may be None, known not to be."""
        name = atom.name if isinstance(atom, Value) else None
        return self.emit(NARROWED, (atom,), atom.type.items[0], name=name)

    def load(self, ref: Ref, type: Type) -> Value:
        """Read an object of the outside world; once, at the entry, as nothing changes it."""
        found = self.loads.get(ref.key)
        if found is None:
            result = Value(type)
            found = self.loads[ref.key] = Op(LOAD, (), (result,), attribute=ref)
        return found.result

    def effect(
        self,
        primitive: Primitive,
        args: Sequence[Atom],
        attribute: Any = None,
        regions: tuple[Region, ...] = (),
    ) -> None:
        """Append an operation that is there for its effect."""
        self.ops.append(Op(primitive, tuple(args), (), regions, attribute, self.site))

    def refuse_types(self, primitive: Primitive, args: Sequence[Atom]) -> NoReturn:
        """Say that an operation is not defined on operands of these types."""
        kinds = " and ".join(describe_type(a.type) for a in args)
        self.error(
            f"{primitive.name!r} of {kinds} is not supported",
            help="differentiated code works on numbers; see the table of what is supported",
        )

    def apply(self, primitive: Primitive, args: Sequence[Atom]) -> Atom:
        """Emit an operation, or its result at once where that is known and no real number."""
        if all(isinstance(a, Const) for a in args):
            folded = self.fold(primitive, [a for a in args if isinstance(a, Const)])
            if folded is not None:
                return folded
        return self.emit(primitive, args)

    def fold(self, primitive: Primitive, args: list[Const]) -> Const | None:
        """The result on constants: of integers, texts and tests; arithmetic stays as written."""
        assert primitive.typing is not None
        type = primitive.typing(*[a.type for a in args])
        negated = primitive.name == "neg" and type is types.REAL
        if type not in (types.BOOL, types.INT, types.STR) and not negated:
            return None
        if any(a.type in (types.UNBOUND, types.NEVER) for a in args):
            return None
        try:
            result = primitive.evaluate(*[a.value for a in args])
        except Exception:  # it raises where the user's function would: at run time
            return None
        return self.constant(result)

    @staticmethod
    def constant(value: Any) -> Const | None:
        """A Python object as a constant of the IR, if it is one."""
        kind = _CONSTANT_TYPES.get(value.__class__)
        return None if kind is None else Const(value, kind)

    # Bindings and atoms -------------------------------------------------------------------

    def atom(self, binding: Binding) -> Atom:
        """A binding as one value of the IR; a tuple is put together."""
        if isinstance(binding, Value | Const):
            return binding
        if isinstance(binding, Tup):
            if hasattr(binding.cls, "_fields"):
                self.error(
                    f"a {binding.cls.__name__} cannot be used as a whole here",
                    help="use its fields",
                )
            items = [self.atom(item) for item in binding.items]
            whole = self.emit(
                TUPLE,
                items,
                types.tuple_of(i.type for i in items),
                attribute=None if binding.cls is tuple else binding.cls,
            )
            return whole
        if isinstance(binding, Conflict):
            self.error(binding.message, help="give it one type on every path")
        self.error(f"{describe(binding)} cannot be used as a value here")

    def number(self, binding: Binding, what: str) -> Atom:
        """A binding that must be a number."""
        if isinstance(binding, Value | Const) and types.is_number(binding.type):
            return binding
        if isinstance(binding, Conflict):
            self.error(binding.message)
        self.error(f"{what} needs a number, not {describe(binding)}")

    def reference_to(self, static: Static) -> Ref:
        """A path to a known object: the one the user took, or the object itself."""
        if static.ref is not None:
            return static.ref
        name = getattr(static.object, "__name__", None) or type(static.object).__name__.lower()
        return Ref("object", static.object, (str(name).replace("<lambda>", "function"),))

    def printable(self, binding: Binding) -> Atom:
        """A binding that is only handed on: to print, into a text."""
        if isinstance(binding, Static):
            return self.load(self.reference_to(binding), types.OBJECT)
        return self.atom(binding)

    def exception(self, binding: Binding) -> Atom:
        """What a raise statement raises: an exception, or the class of one."""
        known = binding.object if isinstance(binding, Static) else None
        if isinstance(known, BaseException) or (
            isinstance(known, type) and issubclass(known, BaseException)
        ):
            return self.printable(binding)
        if isinstance(binding, Value) and binding.type is types.OBJECT:
            return binding
        if isinstance(binding, Const) and binding.type is types.NONE:
            return binding
        self.error(f"{describe(binding)} is not an exception")

    def from_object(self, found: Any, ref: Ref | None) -> Binding:
        """A binding for a Python object; with a path, it is read there again at every call."""
        cls = found.__class__
        if found is None or cls is bool or cls is str:
            self.rely_on(ref, found)
            return Const(found, _CONSTANT_TYPES[cls])
        if isinstance(found, int | float) and not isinstance(found, bool):
            kind = types.INT if isinstance(found, int) else types.REAL
            if ref is None:
                return Const(found, kind)
            self.rely_on(ref, found)
            return self.load(ref, kind)
        if isinstance(found, tuple):
            self.rely_on(ref, found)
            if ref is None:
                return Tup([self.from_object(item, None) for item in found], cls)
            return self.tuple_items(ref, found)
        self.rely_on(ref, found)
        return Static(found, ref)

    def tuple_items(self, ref: Ref, found: tuple[Any, ...]) -> Binding:
        """The items of a constant tuple: numbers are read from it, the rest is known."""
        if not all(isinstance(item, int | float) for item in found):
            return Tup([self.from_object(item, None) for item in found], found.__class__)
        kinds = [_CONSTANT_TYPES.get(item.__class__, types.REAL) for item in found]
        whole = self.load(ref, types.tuple_of(kinds))
        return self.dissolve(whole, found.__class__)

    def unpack(self, whole: Value) -> Tup:
        """A tuple argument as its items, to any depth; its length is checked at each call."""
        results = tuple(Value(kind) for kind in whole.type.items)
        self.ops.append(Op(UNPACK, (whole,), results, site=self.site))
        items: list[Binding] = [
            self.unpack(item) if item.type.kind == "Tuple" else item for item in results
        ]
        return Tup(items, whole.type.cls or tuple)

    def dissolve(self, whole: Value, cls: type = tuple) -> Tup:
        """A tuple value as its items, to any depth."""
        items: list[Binding] = []
        for place, kind in enumerate(whole.type.items):
            item = self.emit(GETITEM, (whole,), kind, attribute=place)
            items.append(self.dissolve(item) if kind.kind == "Tuple" else item)
        return Tup(items, cls)

    def rely_on(self, ref: Ref | None, found: Any) -> None:
        """Remember that the code is right only while `ref` leads to `found`."""
        if ref is None or ref.root == "object" or isinstance(found, python_types.ModuleType):
            return
        if ref.root == "module":
            number = isinstance(found, int | float) and not isinstance(found, bool)
            if number or ref.where.__name__.partition(".")[0] in sys.stdlib_module_names:
                return  # a number is read there by the code itself
        self.guards.setdefault(ref.key, Guard(ref, found))

    def spelled(self, module: str, alias: str | None) -> None:
        """Remember how the user calls a module; an alias wins over ``from`` imports."""
        if self.spelling.get(module) is None:
            self.spelling[module] = alias

    # Names --------------------------------------------------------------------------------

    def lookup(self, name: str, node: ast.AST | None = None) -> Binding:
        """What a name means where control is now."""
        owner = self.frame.owner(name)
        if owner is not None:
            binding = self.variables.get(owner, name)
            return self.read_variable(owner, name, binding, node)
        cell = self.frame.real_cell(name)
        if cell is not None:
            try:
                found = cell.cell_contents
            except ValueError:
                self.error(f"{name!r} of the enclosing function has no value yet", node)
            return self.from_object(found, Ref("cell", cell, (name,)))
        if name in self.frame.globals:
            found = self.frame.globals[name]
            if isinstance(found, python_types.ModuleType):
                self.spelled(found.__name__, name)
            elif getattr(found, "__module__", None) == "math":
                self.spelled("math", None)
            return self.from_object(found, Ref("global", self.frame.globals, (name,)))
        if hasattr(builtins, name):
            self.rely_on(Ref("absent", self.frame.globals, (name,)), True)
            return Static(getattr(builtins, name), Ref("module", builtins, (name,)))
        self.error(
            f"name {name!r} is not defined",
            node,
            help=f"define {name!r} before the derivative is called",
        )

    def read_variable(
        self, owner: Frame, name: str, binding: Binding | None, node: ast.AST | None
    ) -> Binding:
        """A local variable; where a path may not have bound it, the check that Python makes."""
        if binding is None or binding is UNDEFINED:
            self.effect(BOUND, (UNDEFINED,), attribute=name)
            raise Diverged
        if isinstance(binding, Conflict):
            self.error(binding.message, node, help="give it one type on every path")
        if isinstance(binding, Tup) and any(
            v.type.kind == "MaybeUnbound" for v in values_in(binding)
        ):
            return self._bound_items(binding, name)
        if isinstance(binding, Value) and binding.type.kind == "MaybeUnbound":
            checked = self.emit(
                BOUND, (binding,), binding.type.items[0], attribute=name, name=binding.name
            )
            if self.branch_depth == 0:
                self.variables.set((owner, name), checked)
            return checked
        return binding

    def _bound_items(self, whole: Tup, name: str) -> Tup:
        """The items of a tuple variable that some paths do not bind, each checked."""
        items: list[Binding] = []
        for item in whole.items:
            if isinstance(item, Tup):
                items.append(self._bound_items(item, name))
            elif isinstance(item, Value) and item.type.kind == "MaybeUnbound":
                kind = item.type.items[0]
                items.append(self.emit(BOUND, (item,), kind, attribute=name, name=item.name))
            else:
                items.append(item)
        return Tup(items, whole.cls)

    def refuse_iterator(self, binding: Binding, node: ast.AST | None = None) -> None:
        """An iterator is consumed where it is made: kept, it would be empty the second time."""
        if isinstance(binding, Once):
            self.error("an iterator that is kept is not supported", node, "make it a tuple")

    def bind(self, name: str, binding: Binding, node: ast.AST | None = None) -> None:
        """Assign to a variable; a value that has no name yet is called after it."""
        self.refuse_iterator(binding, node)
        if isinstance(binding, Value) and binding.name is None:
            binding.name = name
        owner = self.frame.owner(name)
        if owner is None:
            self.error(
                f"assignment to {name!r}, a variable outside of the differentiated function",
                node,
                help="pass the value in and return it instead",
            )
        self.variables.set((owner, name), binding)

    # Branches -----------------------------------------------------------------------------

    @contextmanager
    def inside(self, arm: Arm) -> Iterator[None]:
        """Lower into an arm of a branch."""
        outer_ops, self.ops = self.ops, arm.ops
        self.branch_depth += 1
        try:
            with self.variables.within(arm):
                yield
        finally:
            self.ops = outer_ops
            self.branch_depth -= 1

    def truth(self, binding: Binding) -> bool | Atom:
        """The truth of a binding: known, or the value that the run tests."""
        if isinstance(binding, Const):
            if binding.type is types.NEVER:
                return binding
            return bool(binding.value)
        if isinstance(binding, Value):
            if binding.type.kind == "Instance" or binding.type is types.OBJECT:
                self.error("the truth of an object is not supported; compare explicitly")
            return binding
        if isinstance(binding, Tup):
            return bool(binding.items)
        if isinstance(binding, Rec):
            return bool(binding.items)
        if isinstance(binding, Static):
            if _plain_truth(binding.object):
                return bool(binding.object)
            self.error(f"the truth of {describe(binding)} is not supported; compare explicitly")
        if isinstance(binding, Conflict):
            self.error(binding.message)
        return True

    def choose(
        self,
        test: Binding,
        then: Callable[[], Binding],
        orelse: Callable[[], Binding],
        form: str = "expression",
    ) -> Binding:
        """A value that one of two expressions gives; neither returns from the function."""
        known = self.truth(test)
        if isinstance(known, bool):
            self.decided = True
            return then() if known else orelse()
        if known.type is types.BOOL and form == "and":
            orelse = lambda: FALSE  # noqa: E731 - it is the test, which is false there
        elif known.type is types.BOOL and form == "or":
            then = lambda: TRUE  # noqa: E731
        arms = (Arm(), Arm())
        results: list[Binding | None] = []
        narrows = self.narrows(known)
        for place, (arm, body) in enumerate(zip(arms, (then, orelse), strict=True)):
            with self.inside(arm), self.narrowing(narrows[place]):
                try:
                    results.append(body())
                except Diverged:
                    results.append(None)
        left, right = results
        diverges = (left is None, right is None)
        join = Join(self, known, arms, form, diverges)
        if left is None and right is None:
            join.close()
            raise Diverged
        result = join.binding(
            DEAD if left is None else left, DEAD if right is None else right, None
        )
        join.variables()
        join.close()
        return result

    def narrows(self, test: Atom) -> tuple[Value | None, Value | None]:
        """The value that is known not to be None in the one arm of a test, and in the other."""
        if isinstance(test, Value) and test.type.kind == "Optional":
            return test, None  # if y: …
        op = self.ops[-1] if self.ops else None
        if op is not None and test in op.results and op.primitive.name in ("is", "is_not"):
            for one, other in (op.args, op.args[::-1]):
                optional = isinstance(one, Value) and one.type.kind == "Optional"
                if optional and isinstance(other, Const) and other.type is types.NONE:
                    assert isinstance(one, Value)
                    return (None, one) if op.primitive.name == "is" else (one, None)
        return None, None

    @contextmanager
    def narrowing(self, value: Value | None) -> Iterator[None]:
        """Lower where `value` is known not to be None."""
        if value is None:
            yield
            return
        keys = self.variables.bound_to(value)
        inner = self.narrowed(value)
        for key in keys:
            self.variables.set(key, inner)
        yield
        for key in keys:
            if self.variables.get(*key) is inner:
                self.variables.set(key, value)

    def rebase(self, arm: Arm, body: Callable[[], Outcome]) -> Outcome:
        """Go on lowering into an arm."""
        with self.inside(arm):
            try:
                return body()
            except Diverged:
                return DIVERGES

    def branch(
        self,
        test: Binding,
        then: Callable[[], Outcome],
        orelse: Callable[[], Outcome],
        rest: Callable[[], Outcome],
    ) -> Outcome:
        """An if statement with what follows it.

        Where one arm returns, what follows goes into the arm that stays, or, if it stays only
        sometimes, under a test of the flag that says so; it is never duplicated.
        """
        known = self.truth(test)
        if isinstance(known, bool):
            self.decided = True
            outcome = then() if known else orelse()
            return self.proceed(outcome, rest)
        site = self.site
        arms = (Arm(), Arm())
        outcomes = []
        narrows = self.narrows(known)
        for place, (arm, body) in enumerate(zip(arms, (then, orelse), strict=True)):
            with self.inside(arm), self.narrowing(narrows[place]):
                try:
                    outcomes.append(body())
                except Diverged:
                    outcomes.append(DIVERGES)
        returned = [o is not FALLS and o is not DIVERGES for o in outcomes]
        always = [r and o.flag is None for r, o in zip(returned, outcomes, strict=True)]
        for one, other in ((0, 1), (1, 0)):
            if always[one] and outcomes[other] is FALLS:
                outcomes[other] = self.rebase(arms[other], rest)
                return self.merge(known, arms, outcomes, site)
        outcome = self.merge(known, arms, outcomes, site)
        return self.proceed(outcome, rest)

    def proceed(self, outcome: Outcome, rest: Callable[[], Outcome]) -> Outcome:
        """Lower what follows a block that left as `outcome` says."""
        if outcome is FALLS:
            return rest()
        if outcome is DIVERGES or outcome.flag is None:
            return outcome
        arms = (Arm(), Arm())
        following = self.rebase(arms[1], rest)
        if following is FALLS and not arms[1].ops and not arms[1].changes:
            return outcome  # nothing follows in this block: the flag is tested further out
        return self.merge(outcome.flag, arms, [Outcome(outcome.value), following], self.site)

    def merge(
        self,
        test: Atom,
        arms: tuple[Arm, Arm],
        outcomes: list[Outcome],
        site: Site | None,
    ) -> Outcome:
        """Close a branch: join what its arms bound and how they left."""
        self.site = site
        for arm, outcome in zip(arms, outcomes, strict=True):
            arm.site = outcome.site
        left, right = outcomes
        diverges = (left is DIVERGES, right is DIVERGES)
        join = Join(self, test, arms, "statement", diverges)
        if all(diverges):
            join.close()
            return DIVERGES
        returns = [o is not FALLS and o is not DIVERGES for o in outcomes]
        if not any(returns):
            join.variables()
            join.close()
            return FALLS
        always = [
            gone or (r and o.flag is None)
            for gone, r, o in zip(diverges, returns, outcomes, strict=True)
        ]
        value = join.binding(left.value, right.value, None)
        if all(always):
            join.variables()
            join.close()
            return Outcome(value)
        flags = [
            DEAD if gone else FALSE if not r else TRUE if o.flag is None else o.flag
            for gone, r, o in zip(diverges, returns, outcomes, strict=True)
        ]
        flag = join.binding(flags[0], flags[1], "returned")
        for outcome, returns_here in zip(outcomes, returns, strict=True):
            if returns_here and any(f is self.frame for f in frames_in(outcome.value)):
                self.error(
                    "a function defined inside that is returned on one of several paths "
                    "is not supported",
                    help="return the number that it computes",
                )
        join.variables((always[0], always[1]))
        join.close()
        assert isinstance(flag, Value | Const)
        return Outcome(value, flag)

    # Functions ----------------------------------------------------------------------------

    @contextmanager
    def entered(self, frame: Frame, identity: Any) -> Iterator[None]:
        """Lower the body of another function."""
        under_tests = sum(
            active is identity and depth < self.branch_depth for active, depth in self.active_calls
        )
        if under_tests >= MAX_REENTRIES:
            # Entered again and again under tests that only the run decides: a recursion.
            self.error(
                f"recursion of {frame.name!r} is not supported yet",
                help="unroll it, or bound it by an argument that is a constant",
            )
        if len(self.active_calls) > MAX_INLINE_DEPTH:
            self.error(f"calls within calls, more than {MAX_INLINE_DEPTH} deep")
        before = self.frame, self.site, self.node
        self.active_calls.append((identity, self.branch_depth))
        self.frame = frame
        try:
            yield
        finally:
            self.frame, self.site, self.node = before
            self.active_calls.pop()


_CONSTANT_TYPES: dict[type, Type] = {
    bool: types.BOOL,
    int: types.INT,
    float: types.REAL,
    str: types.STR,
    type(None): types.NONE,
}


def _plain_truth(found: Any) -> bool:
    cls = found.__class__
    return callable(found) or not (hasattr(cls, "__bool__") or hasattr(cls, "__len__"))
