"""Lowering of built-in functions where an argument is a container: `len`, `sorted`, `zip`, …

They are called as they are; what has to be known is the type of what they give.
"""

from __future__ import annotations

import ast
import bisect
import builtins
import collections
import functools
import itertools
import math
import statistics
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.numpy_entered import enter_definition
from sourcediff.frontend.calls.invocation import function_value
from sourcediff.frontend.containers.containers import fresh_list, held, is_structure, kept
from sourcediff.frontend.describe import describe, describe_type
from sourcediff.frontend.iteration.iteration import item_type, sequence_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import CALL, PURE_CALL, CallSpec
from sourcediff.frontend.state import all_values
from sourcediff.frontend.values import Binding, Once, Rec, Spread, Static, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.rules.list_definitions import sum_of_arrays
from sourcediff.types import Type

__all__ = ["call_on_containers"]

Kwargs = dict[str, Binding]


class _Call:
    """One call of a built-in function."""

    __slots__ = ("atoms", "kwargs", "lowering", "name", "node")

    def __init__(
        self, lowering: Lowering, name: str, atoms: list[Atom], kwargs: Kwargs, node: ast.AST
    ) -> None:
        self.lowering = lowering
        self.name = name
        self.atoms = atoms
        self.kwargs = kwargs
        self.node = node

    def arity(self, low: int, high: int) -> None:
        if not low <= len(self.atoms) <= high:
            self.lowering.error(f"{self.name}() with {len(self.atoms)} arguments is not supported")

    def items(self, place: int = 0) -> Type:
        """The type of the items of an argument that is gone through."""
        atom = self.atoms[place]
        if atom.type.kind == "Tuple":
            found = item_type(atom.type)
            if found is None:
                self.lowering.error(f"{self.name}() of things of several types is not supported")
            return found
        return sequence_of(self.lowering, atom, self.node, f"{self.name}()").item

    def iterator(self, kind: Type) -> Type:
        slot = self.lowering.slot(self.node, "items")
        if kind is not types.NEVER and all(part is not types.NEVER for part in kind.items):
            self.lowering.put(slot, kind, f"{self.name}()")
        return types.iterator_of(slot)

    def joined(self, *kinds: Type) -> Type:
        found: Type | None = types.NEVER
        for kind in kinds:
            found = types.join(found, kind) if found is not None else None
        if found is None:
            words = " and ".join(map(describe_type, kinds))
            self.lowering.error(f"{self.name}() of {words} is not supported", self.node)
        return found


Typing = Callable[[_Call], Type]
_TYPINGS: dict[Any, Typing] = {}


def _gives(*functions: Any) -> Callable[[Typing], Typing]:
    def register(typing: Typing) -> Typing:
        for function in functions:
            _TYPINGS[function] = typing
        return typing

    return register


@_gives(builtins.len)
def _length(call: _Call) -> Type:
    call.arity(1, 1)
    kind = call.atoms[0].type
    if kind.kind == "Optional" and kind.items[0].kind == "Array":
        call.atoms[0] = call.lowering.required(call.atoms[0])
        return types.INT
    if item_type(kind) is None and kind.kind != "Tuple":
        call.lowering.error(f"len() of {describe_type(kind)} is not supported", call.node)
    return types.INT


@_gives(builtins.sum, math.prod)
def _total(call: _Call) -> Type:
    call.arity(1, 2)
    start = call.kwargs.get("start")
    first = start.type if isinstance(start, Value | Const) else types.INT
    if len(call.atoms) == 2:
        first = call.atoms[1].type
    kind = call.joined(call.items(), first)
    if not types.is_number(kind):
        if kind.kind == "List":
            return fresh_list(call.lowering, call.node, kind.slots["element"].read())
        call.lowering.error(f"{call.name}() of {describe_type(kind)} is not supported", call.node)
    return types.INT if kind is types.BOOL else kind


@_gives(
    math.fsum,
    math.dist,
    math.hypot,
    statistics.mean,
    statistics.fmean,
    statistics.median,
    statistics.stdev,
    statistics.pstdev,
    statistics.variance,
    statistics.pvariance,
    statistics.geometric_mean,
    statistics.harmonic_mean,
    *(f for f in (getattr(math, "sumprod", None),) if f),
)
def _number(call: _Call) -> Type:
    for place in range(len(call.atoms)):
        if not types.is_number(call.atoms[place].type):
            call.joined(call.items(place), types.REAL)
    return types.REAL


@_gives(builtins.max, builtins.min)
def _extremum(call: _Call) -> Type:
    if len(call.atoms) == 1:
        kind = call.items()
    else:
        kind = call.joined(*(atom.type for atom in call.atoms))
    default = call.kwargs.get("default")
    if isinstance(default, Value | Const):
        kind = call.joined(kind, default.type)
    return kind


@_gives(builtins.any, builtins.all)
def _truth(call: _Call) -> Type:
    call.arity(1, 1)
    call.items()
    return types.BOOL


@_gives(builtins.sorted)
def _sorted(call: _Call) -> Type:
    kind = call.items()
    return fresh_list(call.lowering, call.node, kind)


@_gives(builtins.list)
def _list(call: _Call) -> Type:
    call.arity(0, 1)
    return fresh_list(call.lowering, call.node, call.items() if call.atoms else types.NEVER)


@_gives(collections.deque)
def _deque(call: _Call) -> Type:
    call.arity(0, 2)
    kind = call.items() if call.atoms else types.NEVER
    return fresh_list(call.lowering, call.node, kind, "Deque")


@_gives(builtins.tuple)
def _tuple(call: _Call) -> Type:
    call.arity(1, 1)
    kind = call.items()
    if not call.lowering.faithful and (kind is types.REAL or kind.kind == "List"):
        return fresh_list(call.lowering, call.node, kind, cls=tuple)
    return types.sequence_of(call.items())


@_gives(builtins.set, builtins.frozenset)
def _set(call: _Call) -> Type:
    call.arity(0, 1)
    slot = call.lowering.slot(call.node, "Set")
    if call.atoms:
        call.lowering.put(slot, call.items(), "this set")
    return types.set_of(slot)


def _dict_slots(call: _Call, cls: type) -> Type:
    key, value = (call.lowering.slot(call.node, name) for name in ("key", "value"))
    for atom in call.atoms:
        kind = atom.type
        if kind.kind == "Dict":
            call.lowering.put(key, kind.slots["key"].read(), "the keys of this dict")
            call.lowering.put(value, kind.slots["value"].read(), "this dict")
            continue
        pair = sequence_of(call.lowering, atom, call.node, f"{call.name}()").item
        if pair.kind == "Tuple" and len(pair.items) == 2:
            call.lowering.put(key, pair.items[0], "the keys of this dict")
            call.lowering.put(value, pair.items[1], "this dict")
        elif pair is not types.NEVER:
            call.lowering.error(f"{call.name}() of {describe_type(pair)} is not supported")
    for binding in call.kwargs.values():
        call.lowering.put(key, types.STR, "the keys of this dict")
        call.lowering.put(value, kept(call.lowering, binding).type, "this dict")
    return types.dict_of(key, value, cls)


@_gives(builtins.dict)
def _dict(call: _Call) -> Type:
    call.arity(0, 1)
    if call.atoms and call.atoms[0].type.kind == "Record" and not call.kwargs:
        slots = {
            name: call.lowering.slot(call.node, f"key {name}") for name in call.atoms[0].type.slots
        }
        for name, slot in slots.items():
            call.lowering.put(slot, call.atoms[0].type.slots[name].read(), f"the key {name!r}")
        return types.record_of(slots)
    return _dict_slots(call, dict)


@_gives(collections.OrderedDict)
def _ordered(call: _Call) -> Type:
    return _dict_slots(call, collections.OrderedDict)


@_gives(collections.Counter)
def _counter(call: _Call) -> Type:
    call.arity(0, 1)
    key, value = (call.lowering.slot(call.node, name) for name in ("key", "value"))
    call.lowering.put(value, types.INT, "this dict")
    if call.atoms:
        call.lowering.put(key, call.items(), "the keys of this dict")
    return types.dict_of(key, value, collections.Counter)


@_gives(dict.fromkeys)
def _from_keys(call: _Call) -> Type:
    call.arity(1, 2)
    key, value = (call.lowering.slot(call.node, name) for name in ("key", "value"))
    call.lowering.put(key, call.items(), "the keys of this dict")
    given = call.atoms[1].type if len(call.atoms) > 1 else types.NONE
    call.lowering.put(value, given, "this dict")
    return types.dict_of(key, value)


@_gives(builtins.range)
def _range(call: _Call) -> Type:
    call.arity(1, 3)
    for atom in call.atoms:
        call.joined(atom.type, types.REAL)
    return types.RANGE


@_gives(builtins.enumerate)
def _enumerate(call: _Call) -> Type:
    return call.iterator(types.tuple_of((types.INT, call.items())))


@_gives(bisect.bisect_left, bisect.bisect_right)
def _place_in_order(call: _Call) -> Type:
    """Where a number belongs: a whole number, which has no derivative."""
    call.arity(2, 4)
    return types.INT


@_gives(builtins.zip)
def _zip(call: _Call) -> Type:
    kinds = [call.items(place) for place in range(len(call.atoms))]
    return call.iterator(types.tuple_of(kinds))


@_gives(builtins.reversed, builtins.iter)
def _same_items(call: _Call) -> Type:
    call.arity(1, 1)
    return call.iterator(call.items())


@_gives(itertools.chain)
def _chain(call: _Call) -> Type:
    return call.iterator(call.joined(*(call.items(place) for place in range(len(call.atoms)))))


@_gives(itertools.pairwise)
def _pairwise(call: _Call) -> Type:
    return call.iterator(types.tuple_of((call.items(), call.items())))


@_gives(itertools.product)
def _product(call: _Call) -> Type:
    kinds = [call.items(place) for place in range(len(call.atoms))]
    repeat = call.kwargs.get("repeat")
    if repeat is not None:
        if not isinstance(repeat, Const) or not isinstance(repeat.value, int):
            return call.iterator(types.sequence_of(call.joined(*kinds)))
        kinds *= repeat.value
    return call.iterator(types.tuple_of(kinds))


@_gives(itertools.combinations, itertools.permutations)
def _combinations(call: _Call) -> Type:
    count = call.atoms[1] if len(call.atoms) > 1 else None
    if isinstance(count, Const) and isinstance(count.value, int):
        return call.iterator(types.tuple_of([call.items()] * count.value))
    return call.iterator(types.sequence_of(call.items()))


@_gives(itertools.islice, itertools.cycle)
def _islice(call: _Call) -> Type:
    return call.iterator(call.items())


@_gives(itertools.repeat)
def _repeat(call: _Call) -> Type:
    return call.iterator(call.atoms[0].type)


@_gives(itertools.accumulate)
def _accumulate(call: _Call) -> Type:
    initial = call.kwargs.get("initial")
    kinds = [call.items()]
    if isinstance(initial, Value | Const):
        kinds.append(initial.type)
    return call.iterator(call.joined(*kinds))


@_gives(builtins.float)
def _real(call: _Call) -> Type:
    call.arity(1, 1)
    if call.atoms[0].type is not types.STR:
        call.lowering.error(f"float() of {describe_type(call.atoms[0].type)} is not supported")
    return types.REAL


@_gives(builtins.int, builtins.ord)
def _integer(call: _Call) -> Type:
    if call.atoms[0].type is not types.STR:
        call.lowering.error(f"int() of {describe_type(call.atoms[0].type)} is not supported")
    return types.INT


@_gives(builtins.str, builtins.repr)
def _text(call: _Call) -> Type:
    call.arity(1, 1)
    return types.STR


@_gives(builtins.divmod)
def _divmod(call: _Call) -> Type:
    return types.tuple_of((types.INT, types.INT))


def _is_number_in_text(args: list[Binding]) -> bool:
    """Whether the argument is a text that is known, and a number: ``float("inf")``."""
    (text,) = args if len(args) == 1 else (None,)
    if not isinstance(text, Const) or text.type is not types.STR:
        return False
    try:
        return not math.isnan(float(text.value))
    except ValueError:
        return False


def call_on_containers(
    lowering: Lowering, function: Static, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    """A call of a built-in function; None where it has nothing to do with containers."""
    found = function.object
    if found is builtins.next:
        return _next(lowering, function, args, node)
    if found in (builtins.map, builtins.filter, functools.reduce) and args:
        return _with_function(lowering, function, args, node)
    if found is builtins.sum and not lowering.faithful and args and _holds_arrays(args[0]):
        return enter_definition(lowering, sum_of_arrays, args, kwargs, node)
    typing = _TYPINGS.get(found)
    if typing is None:
        return _spread_call(lowering, function, args, node)
    if found is builtins.float and not lowering.faithful and _is_number_in_text(args):
        return None
    own = found in _ALWAYS
    structured = [a for a in (*args, *kwargs.values()) if is_structure(_inner(a))]
    if found is math.prod or (found is builtins.sum and "start" in kwargs):
        # Of a tuple, too: no operation on numbers is written like that.
        structured += [a for a in args if isinstance(a, Tup) and a.items and all_values(a)]
    keyed = found in (builtins.max, builtins.min) and "key" in kwargs
    if not (structured or keyed or (own and not any(isinstance(a, Tup | Rec) for a in args))):
        return None
    name = found.__name__
    key = kwargs.get("key")
    if isinstance(key, Const):
        key = None
        kwargs = {k: v for k, v in kwargs.items() if k != "key"}
    stars = frozenset(i for i, a in enumerate(args) if isinstance(a, Spread))
    atoms = [kept(lowering, _inner(_as_tuple(a))) for a in args]
    if found is itertools.accumulate and len(atoms) > 1:
        lowering.error("accumulate() with a function is not supported", node)
    if stars:
        return _starred(lowering, function, atoms, kwargs, stars, node)
    call = _Call(lowering, name, atoms, kwargs, node)
    if key is not None:
        element = call.items() if len(atoms) == 1 else call.joined(*(a.type for a in atoms))
        value, _ = function_value(lowering, key, [element], node)
        kwargs = {**kwargs, "key": value}
        call.kwargs = kwargs
    if name == "accumulate" and "func" in kwargs:
        lowering.error("accumulate() with a function is not supported", node)
    kind = typing(call)
    values = [kept(lowering, v) for v in kwargs.values()]
    spec = CallSpec(found, lowering.reference_to(function), tuple(kwargs))
    return held(lowering, lowering.emit(PURE_CALL, (*atoms, *values), kind, attribute=spec))


def _holds_arrays(binding: Binding) -> bool:
    """Whether this is a list of arrays."""
    kind = binding.type if isinstance(binding, Value) else types.NONE
    return kind.kind == "List" and kind.slots["element"].read().kind == "Array"


#: Functions that make something of their own, whatever the arguments are.
_ALWAYS = (
    builtins.range,
    builtins.list,
    builtins.set,
    builtins.dict,
    collections.deque,
    collections.Counter,
    collections.OrderedDict,
    itertools.repeat,
)


def _inner(binding: Binding) -> Binding:
    return binding.value if isinstance(binding, Spread) else binding


def _as_tuple(binding: Binding) -> Binding:
    return Tup(binding.items) if isinstance(binding, Once) else binding


def _starred(
    lowering: Lowering,
    function: Static,
    atoms: list[Atom],
    kwargs: Kwargs,
    stars: frozenset[int],
    node: ast.AST,
) -> Binding:
    """A call with arguments that are spread out: ``zip(*rows)``, ``max(*xs)``."""
    found = function.object
    call = _Call(lowering, found.__name__, atoms, kwargs, node)
    kinds = [call.items(i) if i in stars else atom.type for i, atom in enumerate(atoms)]
    if found is builtins.zip:
        items = [item_type(kind) for kind in kinds]
        if None in items:
            lowering.error("zip() of these is not supported", node)
        kind = call.iterator(types.sequence_of(call.joined(*(i for i in items if i is not None))))
    elif found in (builtins.max, builtins.min):
        kind = call.joined(*kinds)
    elif found is math.hypot:
        kind = types.REAL
    elif found is itertools.chain:
        kind = call.iterator(call.joined(*(item_type(k) or types.OBJECT for k in kinds)))
    else:
        lowering.error(f"{found.__name__}() of a spread-out sequence is not supported", node)
    spec = CallSpec(found, lowering.reference_to(function), tuple(kwargs), stars)
    values = [kept(lowering, v) for v in kwargs.values()]
    return held(lowering, lowering.emit(PURE_CALL, (*atoms, *values), kind, attribute=spec))


def _spread_call(
    lowering: Lowering, function: Static, args: list[Binding], node: ast.AST
) -> Binding | None:
    if any(isinstance(a, Spread) for a in args) and function.object not in (builtins.print,):
        name = getattr(function.object, "__name__", "this function")
        if isinstance(function.object, type) or not hasattr(function.object, "__code__"):
            lowering.error(f"{name}() of a spread-out sequence is not supported", node)
    return None


def _next(lowering: Lowering, function: Static, args: list[Binding], node: ast.AST) -> Binding:
    atoms = [kept(lowering, a) for a in args]
    if not atoms or atoms[0].type.kind != "Iterator":
        lowering.error(f"next() of {describe(args[0]) if args else 'nothing'} is not supported")
    kind: Type | None = item_type(atoms[0].type)
    if len(atoms) == 2 and kind is not None:
        kind = types.join(kind, atoms[1].type)
    if kind is None:
        lowering.error("next() with a default of another type is not supported", node)
    spec = CallSpec(next, lowering.reference_to(function))
    return held(lowering, lowering.emit(CALL, atoms, kind, attribute=spec))


def _with_function(
    lowering: Lowering, function: Static, args: list[Binding], node: ast.AST
) -> Binding | None:
    """`map`, `filter` and `reduce`, of sequences in memory."""
    found = function.object
    if not any(is_structure(_inner(a)) for a in args[1:]):
        return None
    atoms = [kept(lowering, _as_tuple(a)) for a in args[1:]]
    call = _Call(lowering, found.__name__, atoms, {}, node)
    if found is functools.reduce:
        first = atoms[1].type if len(atoms) == 2 else call.items()
        for _ in range(4):
            value, given = function_value(lowering, args[0], [first, call.items()], node)
            joined = call.joined(first, given)
            if types.same(joined, first):
                break
            first = joined
        kind = first
    else:
        kinds = [call.items(place) for place in range(len(atoms))]
        if found is filter and isinstance(args[0], Const):
            lowering.error("filter(None, …) is not supported", node, "write the test")
        if types.NEVER in kinds:
            # There is nothing to go through: the function is never called.
            value, given = lowering.load(lowering.reference_to(function), types.FUNCTION), kinds[0]
            kind = call.iterator(types.NEVER)
            spec = CallSpec(found, lowering.reference_to(function))
            return lowering.emit(PURE_CALL, (value, *atoms), kind, attribute=spec)
        value, given = function_value(lowering, args[0], kinds, node)
        kind = call.iterator(kinds[0] if found is filter else given)
    spec = CallSpec(found, lowering.reference_to(function))
    return held(lowering, lowering.emit(PURE_CALL, (value, *atoms), kind, attribute=spec))
