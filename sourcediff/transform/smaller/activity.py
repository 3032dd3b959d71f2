"""Activity: which values carry a derivative with respect to the chosen inputs.

A value is active if it is a real number that depends on an input through operations whose
partial derivative is not identically zero. Tests, integers and texts never are. An operation
without a derivative that receives an active value is refused here, by name, with its line.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Iterable, Iterator
from typing import NoReturn

from sourcediff import types
from sourcediff.called import ENTERS, Callee
from sourcediff.errors import DifferentiationError
from sourcediff.flow import exits
from sourcediff.frontend.arrays.numpy_signatures import WHOLE, arguments_of, name_of
from sourcediff.frontend.calls.array_draws import draws_as_many
from sourcediff.frontend.primitives import (
    BOUND,
    CALL,
    COPY,
    GETATTR,
    GETITEM,
    NARROWED,
    PURE_CALL,
    TUPLE,
    YIELDED,
)
from sourcediff.ir import FOR, IF, LOOPS, WHILE, Function, Op, Region, Value, walk
from sourcediff.memory import (
    DICT,
    INPLACE,
    KEY,
    LIST,
    METHOD_OF,
    OPERATE,
    ORDER,
    PLACE,
    QUERY,
    SET_ITEM,
    SNAPSHOT,
    SUBSCRIPT,
    UNPACK_ITERABLE,
)
from sourcediff.rules.complex_numbers import APART
from sourcediff.transform.adjoint.conjugates import touches_complex
from sourcediff.transform.adjoint.pullback import rule_of
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.arrays.pullbacks import pullback_of
from sourcediff.transform.arrays.reads import written_slots
from sourcediff.transform.lists.contents import is_list, slot_of, slots_in
from sourcediff.transform.lists.keys import carries_from_dict
from sourcediff.transform.smaller.shifts import shifts
from sourcediff.types import Slot

__all__ = ["PASSES_ON", "active_places", "active_values"]

PASSES_ON = (COPY, BOUND, YIELDED, NARROWED)
#: What makes a list of what it is given, or takes one apart.
MAKES = (LIST, DICT, METHOD_OF, SET_ITEM, INPLACE, UNPACK_ITERABLE)
#: Functions of a list that have a derivative.
MEASURES = (
    math.prod,
    math.dist,
    math.hypot,
    statistics.variance,
    statistics.pvariance,
    statistics.stdev,
    statistics.pstdev,
    statistics.geometric_mean,
    statistics.harmonic_mean,
    *(f for f in (getattr(math, "sumprod", None),) if f),
)
CALLS = (sum, math.fsum, max, min, statistics.mean, statistics.fmean)
#: Functions of NumPy that look at the shape of an array only.
SHAPES_ONLY = ("zeros_like", "ones_like", "empty_like", "zeros", "ones", "empty", "eye", "identity")
_HARMLESS = (types.BOOL, types.STR, types.NONE, types.OBJECT)


def active_values(function: Function, inputs: Iterable[Value]) -> set[Value]:
    """The values of `function` that vary with `inputs` and have a derivative.

    Raises:
        DifferentiationError: an active value enters an operation that has no derivative.
    """
    return _Calls().settled(function, inputs)


class _Active(set[Value]):
    """The active values of a function, with what is known of the functions that it calls."""

    calls: _Calls
    #: What arrays hold that are written to.
    written: Collection[Slot]
    #: What nothing depends on that leaves the function, although it is computed with.
    shifts: Collection[Value]


class _Calls:
    """Which results of the functions that are called depend on which of their arguments."""

    def __init__(self) -> None:
        self.results: dict[tuple[Callee, tuple[int, ...]], set[int]] = {}

    def settled(self, function: Function, inputs: Iterable[Value]) -> set[Value]:
        """The active values of a function, once that is known."""
        inputs = list(inputs)
        while True:
            before = {key: len(found) for key, found in self.results.items()}
            active = self.within(function, inputs)
            for (callee, places), found in list(self.results.items()):
                made = callee.function
                inner = self.within(made, [made.parameters[k] for k in places])
                found.update(k for k, r in enumerate(made.body.results or ()) if r in inner)
            if before == {key: len(found) for key, found in self.results.items()}:
                break
        for (callee, places), found in self.results.items():
            callee.active[places] = found
        return active

    def within(self, function: Function, inputs: Iterable[Value]) -> _Active:
        """The active values of one function, as far as is known."""
        active = _Active(inputs)
        active.calls = self
        active.written = written = written_slots(function)
        active.shifts = shifts(function)
        lists = [v for v in _values(function) if is_list(v) or slot_of(v) in written]
        while True:
            known = len(active)
            _scan(function.body, active)
            slots = {_innermost(value) for value in lists if value in active}
            active.update(value for value in lists if _innermost(value) in slots)
            if len(active) == known:
                return active

    def call(self, op: Op, active: _Active) -> None:
        """A call: which of its results are active, as far as is known."""
        places = active_places(op, active)
        if not places:
            return
        callee = op.attribute.callee
        known = callee.active.get(places)
        if known is None:
            known = self.results.setdefault((callee, places), set())
        active.update(op.results[k] for k in known)


def active_places(op: Op, active: set[Value]) -> tuple[int, ...]:
    """The places of the arguments of a call that are active."""
    return tuple(k for k, arg in enumerate(op.args) if arg in active)


def _values(function: Function) -> Iterator[Value]:
    yield from function.parameters
    for op in walk(function.body):
        yield from op.results
        for region in op.regions:
            yield from region.parameters


def _innermost(whole: Value) -> Slot:
    """What tells lists apart that hold numbers which may be the same ones."""
    *_, slot = slots_in(whole.type)
    return slot


def _scan(region: Region, active: _Active) -> None:
    for op in region.ops:
        for inner in op.regions:
            _scan(inner, active)
        if op.primitive in ENTERS:
            active.calls.call(op, active)
        elif op.primitive in LOOPS:
            _loop(op, active)
        elif op.primitive is IF:
            for place, result in enumerate(op.results):
                yielded = (r.results[place] for r in op.regions if r.results is not None)
                if any(atom in active for atom in yielded):
                    if _real(result.type) or is_list(result):
                        active.add(result)
                    elif result.type not in _HARMLESS:
                        _refuse(op, "a tuple that a branch chooses is not supported yet")
        elif any(arg in active for arg in op.args):
            if op.primitive in MAKES or (op.primitive.writes and op.args):
                _put(op, active)
            elif op.results and op.results[0] not in active.shifts and _carries(op, active):
                active.update(op.results)


def _put(op: Op, active: _Active) -> None:
    """Something active is put into a list, or taken from it."""
    wholes = [v for v in (*op.results, *op.args[:1]) if slot_of(v) is not None]
    for whole in wholes:
        assert isinstance(whole, Value)
        if is_list(whole):
            _require_values(op, whole, active)
        if types.varies(_innermost(whole).type):
            active.add(whole)
        elif _innermost(whole).type not in (types.INT, types.BOOL):
            _refuse(op, "a list of anything but numbers that are differentiated is not supported")
    if not wholes and op.primitive is not QUERY:
        _refuse(op, "putting what is differentiated into anything but a list is not supported yet")
    if op.primitive is not QUERY:
        active.update(v for v in op.results if _real(v.type))


def _require_values(op: Op, whole: Value, active: _Active) -> None:
    """Refuse arrays in a list that are written to; others are values, as numbers are."""
    kind = whole.type
    while kind.kind == "List":
        kind = kind.slots["element"].type
    if kind.kind == "Array" and kind.slots["element"].root in active.written:
        _refuse(op, "a list of arrays that are written to is not supported yet")


def _loop(op: Op, active: _Active) -> None:
    """What a loop carries is active if it is before the first turn, or after any."""
    if op.primitive is FOR and op.args[0] in active:
        _refuse(op, "a loop over a tuple of what is differentiated is not supported yet")
    head = 1 if op.primitive is FOR else 0
    regions = [(r.parameters[head if n == 0 else 0 :], r) for n, r in enumerate(op.regions)]
    tested = 1 if op.primitive is WHILE else 0
    if op.primitive is WHILE and _is_changed_by_its_test(op):
        _refuse(op, "a while loop whose test binds a name is not supported here")
    while True:
        known = len(active)
        for place, result in enumerate(op.results):
            sources = [op.args[head + place], *(out.args[place] for out in exits(op))]
            for number, (_, region) in enumerate(regions):
                if region.results is not None:
                    sources.append(region.results[place + (tested if number == 0 else 0)])
            if not any(source in active for source in sources):
                continue
            if not _real(result.type) and not is_list(result):
                _refuse(op, "a tuple that changes from turn to turn is not supported yet")
            else:
                active.add(result)
                active.update(parameters[place] for parameters, _ in regions)
        if len(active) == known:
            return
        for region in op.regions:
            _scan(region, active)


def _is_changed_by_its_test(op: Op) -> bool:
    """Whether a loop has an ``else``, or a test that hands on what it computed."""
    test = op.regions[0]
    made = {result for inner in test.ops for result in inner.results}
    return len(op.regions) > 2 or any(result in made for result in (test.results or ())[1:])


def _real(t: types.Type) -> bool:
    if t.kind in ("Optional", "MaybeUnbound"):
        return _real(t.items[0])
    if t.kind == "Array":
        return types.varies(t.slots["element"].type)
    return types.varies(t)


def _carries(op: Op, active: set[Value]) -> bool:
    """Whether the result of an operation with an active operand is active."""
    if op.primitive is KEY:
        return False
    of_dict = carries_from_dict(op, active)
    if of_dict is not None:
        return of_dict
    if op.results and is_list(op.result):
        return _gives_list(op)
    if op.primitive in PASSES_ON:
        return True
    looked_at = _of_array(op, active)
    if looked_at is not None:
        return looked_at
    if op.primitive.name in APART and touches_complex(op):
        return _real(op.result.type)
    rule = rule_of(op) if op.primitive.rule is not None else None
    if rule is None:
        if op.primitive is SUBSCRIPT and op.args[0] in active and not is_list(op.args[0]):
            _refuse(op, "an index that only the run knows, into a tuple, is not supported yet")
        if op.primitive in (TUPLE, GETITEM, SUBSCRIPT):
            return op.primitive is not SUBSCRIPT or op.args[0] in active
        if op.primitive is PURE_CALL and op.result.type in (types.INT, types.RANGE):
            return False
        if op.result.type is types.SLICE:
            return False
        if op.result.type in _HARMLESS or (is_array(op.result) and not _real(op.result.type)):
            return False
        called = getattr(op.attribute, "function", None)
        if op.primitive is PLACE or op.result.type.kind == "Draws":
            return False
        if op.primitive is PURE_CALL and called in MEASURES:
            return _real(op.result.type)
        if op.primitive is PURE_CALL and called in CALLS and not op.attribute.keywords:
            if len(op.args) == 1 or called is sum:
                return _real(op.result.type)
        if op.primitive is QUERY and op.result.type is types.INT:
            return False
        if op.primitive is PURE_CALL and called is not None:
            _refuse(op, f"{called.__name__}() of a list has no derivative yet")
        if op.primitive is CALL and draws_as_many(op, active):
            return False
        if called is not None and op.primitive.name == "call":
            _refuse(op, f"what {called.__name__}() gives has no derivative in its arguments")
        _refuse(op, f"{op.primitive.name} has no derivative")
    carries = False
    for place, arg in enumerate(op.args):
        if arg in active:
            partial = rule.partial(place)
            if partial is None:
                name = rule.parameters[place]
                _refuse(op, f"{op.primitive.name} has no derivative in its argument {name!r}")
            carries = carries or partial != "0"
    return carries and _real(op.result.type)


def _of_array(op: Op, active: set[Value]) -> bool | None:
    """Whether what an operation on arrays gives is active; None of any other operation."""
    name = name_of(op)
    if name is None and not any(is_array(atom) for atom in (*op.args, *op.results)):
        return None
    if name is not None:
        several = op.result.type.kind == "Tuple"
        gives = map(_real, op.result.type.items) if several else [_real(op.result.type)]
        if not any(gives) or name in SHAPES_ONLY:
            return False
        arguments = arguments_of(op)
        if name == "arange":  # where it ends, that says how long it is
            arguments.pop("stop" if "stop" in arguments else "start")
        given = [arg for key, arg in arguments.items() if key not in WHOLE]
        atoms = [atom for arg in given for atom in (arg if isinstance(arg, tuple) else (arg,))]
        if not any(atom in active for atom in atoms):
            return False
        if pullback_of(name) is None:
            _refuse(op, f"{name}() has no derivative yet")
        return True
    if op.primitive is SUBSCRIPT:
        return op.args[0] in active and _real(op.result.type)  # an index is a whole number
    if op.primitive is GETATTR:
        return _real(op.result.type)
    if op.primitive in (OPERATE, SNAPSHOT):
        return _real(op.result.type)
    if op.primitive is GETITEM:
        return _real(op.result.type)
    if op.primitive is TUPLE:
        return True
    return None


def _gives_list(op: Op) -> bool:
    """Whether the list that an operation makes of an active one is active."""
    called = getattr(op.attribute, "function", None)
    if op.primitive is QUERY and op.attribute.name == "copy":
        return True
    if op.primitive in (SUBSCRIPT, OPERATE) or called in (list, sorted, tuple):
        return True
    if op.primitive is ORDER:
        return False
    name = op.primitive.name if called is None else f"{called.__name__}()"
    _refuse(op, f"{name} of a list has no derivative yet")


def _refuse(op: Op, message: str) -> NoReturn:
    from sourcediff.rules.mathematics import INTEGER_ONLY

    help = "differentiate with respect to other arguments, or give its rule with sourcediff.rule"
    if op.primitive.name.rpartition(".")[2] in INTEGER_ONLY:
        help = "it is defined on integers only; math.gamma(n + 1) continues factorials"
    raise DifferentiationError(message, op.site.span if op.site else None, help)
