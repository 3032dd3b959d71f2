"""Functions that a derivative is made of apart: recursive ones, and large ones called often.

All other calls are entered where they stand. Here a function is lowered once for each shape of
its arguments, and calls of it stay calls: a tuple is passed as its items, what is known while
compiling (a function, a text, None) is not passed, and the numbers of the functions around it that
it reads are passed like arguments. The types of arguments and results are found by lowering again.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x, n):
...     def power(k):
...         return 1.0 if k < 1 else x * power(k - 1)
...     return power(n)
>>> print(lower_function(f, {"x": REAL, "n": REAL}))
f(x: Real, n: Real):
    %1 = enter n x [power]
    yield %1
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.called import ENTER, ENTER_IN_ORDER, ENTERS, Activation, Callee
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import fields_of, make_record, put
from sourcediff.frontend.objects.places import as_object, as_place, blame
from sourcediff.frontend.objects.pools import pools_behind
from sourcediff.frontend.origin import Origin
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Closure,
    Conflict,
    Dissolved,
    Item,
    Once,
    Rec,
    Static,
    Tup,
)
from sourcediff.ir import Atom, Const, Function, Op, Region, Site, Value, free_values, walk
from sourcediff.memory import LIST, OPERATE
from sourcediff.types import Slot, Type

__all__ = ["call_apart", "settle_effects"]

#: Functions apart within each other, before one is taken for one that makes functions without end.
MAX_DEPTH = 24

#: Why an object cannot be changed that was passed to a function, or returned by it.
HANDED = "a recursive function was handed it, or made it"

#: What a template has where a number or a list is passed.
LEAF = object()
#: What a function returns that always raises.
NEVER = object()


class Passed:
    """The arguments of a call, taken apart: what is passed, and what is known while compiling.

    names, atoms    what is passed
    templates       by parameter (or frame and captured variable), the binding with its leaves out
    """

    def __init__(self, lowering: Lowering, is_returned: bool = False) -> None:
        self.lowering = lowering
        self.is_returned = is_returned
        self.names: list[str] = []
        self.atoms: list[Atom] = []
        self.templates: dict[Any, Any] = {}
        self._closures: dict[Closure, None] = {}

    def add(self, key: Any, name: str, binding: Binding) -> None:
        """Take apart what a parameter is bound to."""
        self.templates[key] = self._template(binding, name)

    def add_captured(self, closure: Closure) -> None:
        """Take apart what a function reads of the variables of those around it."""
        self._closures[closure] = None
        pending = [closure]
        seen: set[tuple[Frame, str]] = set()
        while pending:
            for name in _names_in(pending.pop().node):
                owner = closure.frame.owner(name)
                binding = None if owner is None else self.lowering.variables.get(owner, name)
                if owner is None or binding is None or (owner, name) in seen:
                    continue
                seen.add((owner, name))
                if isinstance(binding, Closure):
                    if binding.frame is closure.frame:
                        pending.append(binding)
                    elif binding not in self._closures:
                        self.add_captured(binding)
                elif (owner, name) not in self.templates and _can_be_passed(binding):
                    self.add((owner, name), name, binding)

    def _template(self, binding: Binding, name: str) -> Any:
        lowering = self.lowering
        if isinstance(binding, Value) and binding.type.kind == "Tuple":
            binding = lowering.dissolve(binding, binding.type.cls or tuple)
        if isinstance(binding, Value) or _is_number(binding):
            assert isinstance(binding, Value | Const)
            self.names.append(name)
            self.atoms.append(binding)
            return LEAF
        binding = as_place(binding)
        if isinstance(binding, Value):
            return self._template(binding, name)
        if isinstance(binding, Once):
            lowering.error("an iterator cannot be passed to a recursive function")
        if isinstance(binding, Tup):
            items = [self._template(b, f"{name}_{k}") for k, b in enumerate(binding.items)]
            return ("tuple", binding.cls, binding.ref, tuple(items))
        if isinstance(binding, Item):
            blame(lowering, binding)
            lowering.error(
                "an object in a list as an argument of a recursive function is not supported",
                help="pass what it holds",
            )
        if isinstance(binding, Dissolved):
            return self._object(binding, name)
        if isinstance(binding, Rec):
            items = [(k, self._template(b, f"{name}_{k}")) for k, b in binding.items.items()]
            return ("rec", tuple(items))
        if isinstance(binding, Bound):
            parts = (
                self._template(binding.function, name),
                tuple(self._template(b, f"{name}_{k}") for k, b in enumerate(binding.args)),
                tuple((k, self._template(b, k)) for k, b in binding.kwargs.items()),
            )
            return ("bound", *parts, binding.is_partial)
        if isinstance(binding, Closure) and binding not in self._closures:
            self.add_captured(binding)
        if isinstance(binding, Const | Static | Closure | Conflict):
            return ("known", binding)
        lowering.error(
            f"{describe(binding)} as an argument of a recursive function is not supported"
        )

    def _object(self, whole: Dissolved, name: str) -> Any:
        """An object that is known while compiling: what it holds is passed."""
        if whole.settled == HANDED and self.is_returned:
            blame(self.lowering, whole)
            self.lowering.error(
                f"a recursive function that returns {describe(whole)} which it is handed",
                help="return a new object, or what it holds",
            )
        held = fields_of(self.lowering, whole).items()
        fields = [(k, self._template(b, whole.hint(k) or f"{name}_{k}")) for k, b in held]
        return ("object", whole.cls, whole.name, tuple(fields))


def _names_in(node: ast.AST) -> Iterator[str]:
    found: dict[str, None] | None = getattr(node, "names_in", None)
    if found is None:
        found = {n.id: None for n in ast.walk(node) if isinstance(n, ast.Name)}
        node.names_in = found  # type: ignore[attr-defined]
    return iter(found)


def _is_number(binding: Binding) -> bool:
    return isinstance(binding, Const) and binding.type in (types.INT, types.REAL)


def _can_be_passed(binding: Binding) -> bool:
    if isinstance(binding, Tup):
        return not isinstance(binding, Once) and all(map(_can_be_passed, binding.items))
    return isinstance(binding, Value | Const | Static | Dissolved)


def _shape(template: Any, stable: bool) -> Any:
    """What tells apart calls that are served by different code; `stable` over attempts."""
    if template is LEAF or template is NEVER:
        return template
    head, *parts = template
    if head == "known":
        (binding,) = parts
        if isinstance(binding, Const):
            return ("const", binding.type, repr(binding.value))
        if isinstance(binding, Static):
            return ("static", id(binding.object))
        if isinstance(binding, Closure):
            return ("closure", binding.node, None if stable else id(binding.frame))
        return "conflict"
    if head == "tuple":
        return (head, parts[0], *(_shape(t, stable) for t in parts[2]))
    if head == "rec":
        return (head, *((k, _shape(t, stable)) for k, t in parts[0]))
    if head == "object":
        return (head, parts[0], *((k, _shape(t, stable)) for k, t in parts[2]))
    function, args, kwargs, _ = parts
    named = tuple((k, _shape(t, stable)) for k, t in kwargs)
    return (head, _shape(function, stable), *(_shape(t, stable) for t in args), named)


def _bound(lowering: Lowering, template: Any, leaves: Iterator[Value]) -> Any:
    """A binding from its template and what is passed."""
    if template is LEAF:
        return as_object(lowering, next(leaves))
    head, *parts = template
    if head == "known":
        return parts[0]
    if head == "tuple":
        return Tup([_bound(lowering, t, leaves) for t in parts[2]], parts[0], parts[1])
    if head == "rec":
        return Rec({k: _bound(lowering, t, leaves) for k, t in parts[0]})
    if head == "object":
        cls, name, fields = parts
        whole = make_record(lowering, ()) if cls is dict else Dissolved(cls)
        whole.name = name
        for key, held in fields:
            put(lowering, whole, key, _bound(lowering, held, leaves))
        whole.settled = HANDED
        return whole
    function, args, kwargs, is_partial = parts
    called = _bound(lowering, function, leaves)
    given = [_bound(lowering, t, leaves) for t in args]
    named = {k: _bound(lowering, t, leaves) for k, t in kwargs}
    return Bound(called, given, named, is_partial)


class Apart:
    """A function that is lowered apart: its callee, and what is known of it over attempts."""

    def __init__(self, callee: Callee, key: tuple[Any, ...]) -> None:
        self.callee = callee
        self.key = key
        #: Whether it was called before it was known what it returns.
        self.asked = False


# Calls ------------------------------------------------------------------------------------


def call_apart(
    lowering: Lowering,
    frame: Frame,
    bindings: Mapping[str, Binding],
    node: ast.FunctionDef | ast.Lambda,
    closure: Closure | None = None,
) -> Binding | None:
    """A call that stays one; None where the function is entered where it is called."""
    why = lowering.memo.apart.get(node)
    if why is None or lowering.faithful:
        return None
    if frame.scope.nonlocals and closure is not None:
        _refuse(lowering, node, "that assigns to a variable of the function around it")
    passed = _passed(lowering, bindings, closure, ())
    if lowering.memo.pools:
        pools = pools_behind(lowering, [atom.type for atom in passed.atoms])
        passed = _passed(lowering, bindings, closure, pools)
    if why == "large" and any(a.type.kind not in ("Real", "Int", "Bool") for a in passed.atoms):
        _enter_after_all(lowering, node)
    function = _function(lowering, frame, passed, node)
    for place, atom in enumerate(passed.atoms):
        lowering.put(_slot(lowering, function, "parameter", place), atom.type, passed.names[place])
    template = lowering.memo.returned.get(function.key)
    if template is None:
        function.asked = True  # what comes after it is lowered at the next attempt
        raise Diverged
    leaves = sum(1 for _ in _leaves(template))
    kinds = [_slot(lowering, function, "returns", k).read() for k in range(leaves)]
    if types.holds("Array", (*kinds, *(atom.type for atom in passed.atoms))):
        if why == "large":
            _enter_after_all(lowering, node)
        _refuse(lowering, node, "that takes or returns an array")
    results = tuple(map(Value, kinds))
    op = Op(ENTER, tuple(passed.atoms), results, (), Activation(function.callee), lowering.site)
    lowering.ops.append(op)
    if template is NEVER:
        op.primitive = ENTER_IN_ORDER
        raise Diverged
    found: Binding = _bound(lowering, template, iter(results))
    return found


def _passed(
    lowering: Lowering,
    bindings: Mapping[str, Binding],
    closure: Closure | None,
    pools: Iterable[tuple[Any, Value]],
) -> Passed:
    """What a call hands over: the lists of pools, by which objects are known, before all else."""
    passed = Passed(lowering)
    for key, whole in pools:
        passed.add(key, whole.name or "pool", whole)
    for name, binding in bindings.items():
        passed.add(name, name, _as_list(lowering, binding))
    if closure is not None:
        passed.add_captured(closure)
    return passed


def _as_list(lowering: Lowering, binding: Binding) -> Binding:
    """A list of numbers as one that the run makes, as other calls hand over longer ones."""
    if isinstance(binding, Tup) and binding.cls is list and binding.site is not None:
        if all(isinstance(item, Value) or _is_number(item) for item in binding.items):
            return lowering.in_memory(binding)
    if isinstance(binding, Tup) and not isinstance(binding, Once) and binding.cls is tuple:
        return Tup([_as_list(lowering, item) for item in binding.items], tuple, binding.ref)
    return binding


def _slot(lowering: Lowering, function: Apart, what: str, place: int) -> Slot:
    return lowering.memo.slots.setdefault((function.key, what, place), Slot())


def _leaves(template: Any) -> Iterator[None]:
    if template is LEAF:
        yield None
    elif isinstance(template, tuple) and template[0] in ("tuple", "object"):
        for item in template[3]:
            yield from _leaves(item if template[0] == "tuple" else item[1])


def _function(
    lowering: Lowering, frame: Frame, passed: Passed, node: ast.FunctionDef | ast.Lambda
) -> Apart:
    """The function that serves a call, lowered if this is the first of its kind."""
    shapes = tuple(
        (key if isinstance(key, str) else key[1], _shape(template, stable=True))
        for key, template in passed.templates.items()
    )
    here = tuple(
        (None if isinstance(key, str) else id(key[0]), _shape(template, stable=False))
        for key, template in passed.templates.items()
    )
    stable = ("apart", node, shapes)
    found: Apart | None = lowering.apart_functions.get((stable, here))
    if found is None:
        name = frame.name if frame.name.isidentifier() else "function"
        found = lowering.apart_functions[stable, here] = Apart(Callee(name), stable)
        for place, atom in enumerate(passed.atoms):
            slot = _slot(lowering, found, "parameter", place)
            lowering.put(slot, atom.type, passed.names[place])
        if lowering.apart_depth > MAX_DEPTH:
            _refuse(lowering, node, "that is called with another function at every level")
        try:
            _lower(lowering, found, frame, passed, node)
        except types.Widened:
            raise
        except Exception:
            if lowering.memo.apart.get(node) == "large":
                _enter_after_all(lowering, node)
            raise
    return found


def _enter_after_all(lowering: Lowering, node: ast.AST) -> NoReturn:
    """Enter a large function where it is called, as what is apart may not do what it does."""
    del lowering.memo.apart[node]
    lowering.memo.inlined.add(node)
    raise types.Widened


def _refuse(
    lowering: Lowering, node: ast.FunctionDef | ast.Lambda, what: str, site: Site | None = None
) -> NoReturn:
    if lowering.memo.apart.get(node) == "large":
        _enter_after_all(lowering, node)
    message = f"a recursive function {what} is not supported"
    help = "pass it what it needs, and return what it finds"
    if site is None:
        lowering.error(message, help=help)
    raise DifferentiationError(message, site.span, help)


# Their bodies -----------------------------------------------------------------------------


@contextmanager
def _apart(lowering: Lowering, key: tuple[Any, ...]) -> Iterator[None]:
    """Lower the body of a function whose operations are its own."""
    names = (
        "ops", "loads", "loops", "watched", "branch_depth", "active_calls", "path", "call_counts",
    )  # fmt: skip
    before = {name: getattr(lowering, name) for name in names}
    lowering.ops, lowering.loads, lowering.loops, lowering.watched = [], {}, [], []
    lowering.branch_depth, lowering.active_calls, lowering.call_counts = 0, [], {}
    lowering.apart_depth += 1
    try:
        with lowering.variables.apart():
            yield
    finally:
        lowering.apart_depth -= 1
        for name, value in before.items():
            setattr(lowering, name, value)


def _lower(
    lowering: Lowering,
    function: Apart,
    frame: Frame,
    passed: Passed,
    node: ast.FunctionDef | ast.Lambda,
) -> None:
    from sourcediff.frontend.control.statements import lower_body

    frame.call_site = None
    callee = function.callee
    parameters = [
        Value(_slot(lowering, function, "parameter", place).read(), name)
        for place, name in enumerate(_distinct(passed.names))
    ]
    lowering.outside.update(parameters)
    made = callee.function
    made.parameters = parameters
    made.origin = Origin(None, frame.source, {}, lowering.spelling)
    made.origin.node = node
    captured = [key for key in passed.templates if not isinstance(key, str)]
    before = {key: lowering.variables.get(*key) for key in captured}
    template: Any
    with _apart(lowering, function.key), lowering.entered(frame, node):
        lowering.path = function.key
        leaves = iter(parameters)
        for key, template in passed.templates.items():
            whole = (frame, key) if isinstance(key, str) else key
            lowering.variables.set(whole, _bound(lowering, template, leaves))
        outside = lowering.variables.all()
        try:
            result = lower_body(lowering, node)
            _require_same(lowering, frame, outside, node)
            template = NEVER
            answer: list[Atom] = []
            if result is not None:
                given = Passed(lowering, is_returned=True)
                result = _as_list(lowering, result)
                given.add("returned", "returned", result)
                template, answer = given.templates["returned"], given.atoms
        finally:
            for key, binding in before.items():
                lowering.variables.set(key, binding)
        results = None if template is NEVER else tuple(answer)
        made.body = Region([*lowering.loads.values(), *lowering.ops], results)
    if template is not NEVER and any(True for _ in _functions_in(template)):
        _refuse(lowering, node, "that returns a function")
    _check(lowering, made, node)
    known = lowering.memo.returned.get(function.key)
    if known is None or known is NEVER:
        lowering.memo.returned[function.key] = template
    elif template is not NEVER and _shape(known, True) != _shape(template, True):
        lowering.error(
            f"{frame.name!r} returns values of different shapes on different paths",
            node,
            "return one kind of value on every path",
        )
    for place, atom in enumerate(answer):
        lowering.put(_slot(lowering, function, "returns", place), atom.type, "what is returned")
    if function.asked and (known is None or (known is NEVER and template is not NEVER)):
        raise types.Widened


def _require_same(
    lowering: Lowering,
    frame: Frame,
    before: Mapping[Any, Binding],
    node: ast.FunctionDef | ast.Lambda,
) -> None:
    """Refuse a function that binds variables outside of it, by what it calls."""
    owners = {owner for owner, _ in before} - {frame}
    now = lowering.variables.all()
    for key in {**before, **now}:
        if key[0] in owners and now.get(key) is not before.get(key):
            _refuse(lowering, node, "that changes a variable outside of it")


def _distinct(names: list[str]) -> Iterator[str]:
    taken: set[str] = set()
    for name in names:
        found, count = name, 0
        while found in taken:
            count += 1
            found = f"{name}_{count}"
        taken.add(found)
        yield found


def _functions_in(template: Any) -> Iterator[Any]:
    if template is LEAF:
        return
    if template[0] in ("tuple", "object"):
        for item in template[3]:
            yield from _functions_in(item if template[0] == "tuple" else item[1])
    elif template[0] != "known" or not isinstance(template[1], Const):
        yield template


def _check(lowering: Lowering, made: Function, node: ast.FunctionDef | ast.Lambda) -> None:
    """Refuse what a function apart may not do: read what is not passed, change what is."""
    known = set(made.parameters)
    if any(value not in known for value in free_values(made.body)):
        _refuse(lowering, node, "that reads more of the function around it than its variables")
    handed = {slot for value in made.parameters for slot in _slots(value.type)}
    handed |= {slot for op in made.body.ops if not op.args for r in op.results
               for slot in _slots(r.type) if op.primitive.name == "load"}  # fmt: skip
    own = {op.result for op in walk(made.body) if op.primitive in (LIST, OPERATE)}
    for op in walk(made.body):
        if op.primitive.writes:
            written = op.args[0] if op.args and op.args[0] not in own else None
            if written is not None and any(slot in handed for slot in _slots(written.type)):
                _refuse(lowering, node, "that changes a list which it is handed", op.site)
        elif op.primitive.effect and op.primitive.name not in (*_QUIET, *_RAISING):
            # Its pullback computes again what it computed, and would do that once more, too.
            _refuse(lowering, node, "that prints, or asks for what changes,", op.site)


def _slots(kind: Type) -> Iterator[Slot]:
    while kind.kind == "List":
        slot = kind.slots["element"].root
        yield slot
        kind = slot.type


def settle_effects(body: Region) -> None:
    """Mark the calls of functions that have an effect, which is known when all are lowered."""
    calls: list[Op] = []
    bodies: dict[Callee, Region] = {}
    pending = [body]
    while pending:
        for op in walk(pending.pop()):
            if op.primitive in ENTERS:
                calls.append(op)
                callee = op.attribute.callee
                if callee not in bodies:
                    bodies[callee] = callee.function.body
                    pending.append(bodies[callee])
    acting: set[Callee] = set()
    while True:
        found = {c for c, region in bodies.items() if any(map(_acts(acting), walk(region)))}
        if found == acting:
            break
        acting = found
    for op in calls:
        if op.attribute.callee in acting:
            op.primitive = ENTER_IN_ORDER


def _acts(acting: set[Callee]) -> Any:
    def acts(op: Op) -> bool:
        if op.primitive in ENTERS:
            return op.attribute.callee in acting or op.primitive is ENTER_IN_ORDER
        name = op.primitive.name
        return op.primitive.effect and not op.primitive.writes and name not in _QUIET

    return acts


#: Effects of no account, and effects that may be done again.
_QUIET = ("unpack", "break", "continue", "bound", "required", "enter")
_RAISING = ("raise", "assert")
