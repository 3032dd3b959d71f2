"""The cut between a function and its pullback.

What comes behind the seed is a function of its own, made anew by every call of the first one. It
sees what the forward code left, and may be called again, and later: lists that it changes it
copies, and what somebody else may change meanwhile (the arguments, the result, what lies outside)
it is given as it was.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.transform.adjoint.cotangent import reverse_from_seed
>>> from sourcediff.types import REAL
>>> def f(x):
...     return x * x
>>> function = lower_function(f, {"x": REAL})
>>> print(with_pullback(reverse_from_seed(function, function.parameters)))
f(x: Real):
    %1 = mul x x
    pullback = pullback x [pullback(%1: Real):
    %2 = mul %1 x
    %3 = mul 2.0 %2
    %4 = tuple %3
    yield %4]
    %2 = tuple %1 pullback
    yield %2
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import (
    COPY,
    GETATTR,
    GETITEM,
    LOAD,
    NARROWED,
    PULLBACK,
    PURE_CALL,
    TUPLE,
    UNPACK,
)
from sourcediff.ir import (
    DEAD,
    IF,
    INVOKE,
    Atom,
    Const,
    Function,
    Op,
    Region,
    Value,
    free_values,
    walk,
)
from sourcediff.memory import LIST, OPERATE, SLICED
from sourcediff.transform.adjoint.adjoints import named
from sourcediff.transform.adjoint.cotangent import SEED
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.arrays.layout import copy_into
from sourcediff.transform.lists.arguments import copied
from sourcediff.transform.lists.contents import SHAPES, is_list, slot_of, slots_in
from sourcediff.transform.smaller.optimise import eliminate_dead, substituted
from sourcediff.types import INT, Slot, Type

__all__ = ["is_repeatable", "with_pullback"]


def with_pullback(function: Function) -> Function:
    """Make a function of what comes behind the seed; the value and it are the result."""
    body = function.body
    place = next((k for k, op in enumerate(body.ops) if op.primitive is SEED), None)
    if place is None or body.results is None:
        return function
    definitions = {result: op for op in body.ops for result in op.results}
    value, adjoints = definitions[body.results[0]].args  # type: ignore[index]
    seed = body.ops[place].result
    forward = list(body.ops[:place])
    behind = Region(body.ops[place + 1 : -1], (adjoints,))
    behind = _with_own(behind, definitions)
    behind = _as_it_was(behind, forward)
    behind = _apart(behind, forward, _held(function, value))
    behind = _repeatable(behind)
    inner = Function("pullback", [seed], behind, function.origin, (), function.order)
    inner = eliminate_dead(inner, keep_writes=True)
    seen = tuple(one for one in free_values(inner.body) if one is not seed)
    made = Value(types.FUNCTION, "pullback")
    pair = Value(types.tuple_of((value.type, made.type)))
    order = function.order
    forward.append(Op(PULLBACK, seen, (made,), (), inner, order=order))
    forward.append(Op(TUPLE, (value, made), (pair,), order=order))
    return eliminate_dead(function.with_body(Region(forward, (pair,))), keep_writes=True)


def _renamed(region: Region, renamed: dict[Value, Atom], start: list[Op]) -> Region:
    """A region that reads other values, with operations before all others."""
    if not renamed:
        return region
    (moved,) = substituted([Op(SEED, (), (), (region,))], renamed)
    (made,) = moved.regions
    return Region([*start, *made.ops], made.results)


# What lies outside ----------------------------------------------------------------------------


def _as_it_was(region: Region, forward: list[Op]) -> Region:
    """Let the forward code read, under a name, what may be something else by then.

    That is what lies outside of the function, and what objects hold that are handed in.
    """
    renamed: dict[Value, Atom] = {}

    def keep(op: Op) -> None:
        path = op.attribute.names[-1].lower() if op.primitive is LOAD else str(op.attribute)
        known = Value(op.result.type, op.result.name or (path if path.isidentifier() else None))
        forward.append(Op(COPY, (op.result,), (known,), site=op.site))
        renamed[op.result] = known

    seen = free_values(region)
    for op in list(forward):
        if any(result in seen for result in op.results) and _may_change(op):
            keep(op)
    for op in walk(region):
        if not _may_change(op):
            continue
        again = op.replace(results=(op.result.another(),))
        (again,) = substituted([again], renamed)
        if all(arg in seen or arg in renamed.values() for arg in again.args):
            forward.append(again)
            keep(again)
            renamed[op.result] = renamed.pop(again.result)
    return _renamed(region, renamed, [])


def _may_change(op: Op) -> bool:
    """Whether an operation reads what somebody else may bind anew."""
    if op.primitive is GETITEM:
        return op.args[0].type.kind not in ("Tuple", "Sequence")
    if op.primitive is GETATTR:
        return not is_array(op.args[0])
    return op.primitive is LOAD and op.attribute.root != "module"


def _with_own(region: Region, definitions: dict[Value, Op]) -> Region:
    """Reverse code with its own operations for what is written wherever it is read."""
    start: list[Op] = []
    renamed: dict[Value, Atom] = {}

    def own(value: Value) -> None:
        made = definitions.get(value)
        if made is None or value in renamed or not _is_inline(made):
            return
        for arg in made.args:
            if isinstance(arg, Value):
                own(arg)
        (copy,) = substituted([made.replace(results=(value.another(),))], renamed)
        start.append(copy)
        renamed[value] = copy.result

    for value in free_values(region):
        own(value)
    return _renamed(region, renamed, start)


#: The types of what is gone through once.
_ONCE = ("Range", "Iterator")


def _is_inline(op: Op) -> bool:
    """Whether the text has an operation wherever its value is read, and no name for it."""
    if op.primitive is LOAD:
        return not _may_change(op)
    if op.primitive is SLICED or (len(op.results) == 1 and op.result.type.kind in _ONCE):
        return True
    if op.primitive is TUPLE and any(kind.kind == "Slice" for kind in op.result.type.items):
        return True  # the places in brackets: ``x[:, order]``
    if op.primitive in (GETITEM, GETATTR, NARROWED) and not _may_change(op):
        return not named(op.result)
    if len(op.results) != 1 or op.result.type is not INT or named(op.result) or op.regions:
        return False
    return op.primitive.name in ("add", "sub") and any(isinstance(arg, Const) for arg in op.args)


# Lists ----------------------------------------------------------------------------------------


def _held(function: Function, value: Atom) -> tuple[set[Slot], set[Slot]]:
    """What the lists hold that are handed in, and those that are handed back."""
    given = {slot for parameter in function.parameters for slot in _slots_of(parameter.type)}
    return given, set(_slots_of(value.type))


def _slots_of(kind: Type) -> list[Slot]:
    """The slots of a list or an array, or of those in a tuple."""
    if kind.kind == "Array":
        return [kind.slots["element"].root]
    return [*slots_in(kind), *(slot for item in kind.items for slot in _slots_of(item))]


def _apart(region: Region, forward: list[Op], held: tuple[set[Slot], set[Slot]]) -> Region:
    """Let the forward code copy lists that the caller has too: the caller may change them."""
    given, returned = held
    definitions = {result: op for op in forward for result in op.results}
    renamed: dict[Value, Atom] = {}
    for value in free_values(region):
        if is_array(value) and _gives_its_shape_only(value, region):
            continue
        if is_array(value) and not given.isdisjoint(_slots_of(value.type)):
            renamed[value] = _copied_where_it_is(forward, value)
        if not is_list(value):
            continue
        slots = set(slots_in(value.type))
        own = _is_made(definitions.get(value)) and len(slots) == 1
        if any(_looks(slot.type, given) for slot in slots):
            own = False
            slots = slots | given
        if not slots.isdisjoint(returned) or (not own and not slots.isdisjoint(given)):
            made = copied(value, arrays=True)
            forward[:] = [*_bound(forward, value), *made]
            renamed[value] = made[0].result  # the list
    return _renamed(region, renamed, [])


def _gives_its_shape_only(array: Value, region: Region) -> bool:
    """Whether reverse code asks an array for its shape and its type, and for no number."""
    for op in walk(Region([Op(IF, (), (), (region,))], None)):
        if any(array in (part.results or ()) for part in op.regions):
            return False
        if array not in op.args:
            continue
        shape = op.primitive is GETATTR and op.attribute in SHAPES
        length = op.primitive is PURE_CALL and op.attribute.function is len
        like = name_of(op) in _LIKE and op.args[0] is array and array not in op.args[1:]
        if not (shape or length or like):
            return False
    return True


def _copied_where_it_is(ops: list[Op], value: Value) -> Value:
    """A copy of an array, made at the end; in the arm of a branch, if only that arm has it."""
    copy = Value(value.type, value.name)
    for k, op in enumerate(ops):
        if op.primitive is not IF or value not in op.results:
            continue
        place = op.results.index(value)
        found = [part.results[place] if part.results is not None else DEAD for part in op.regions]
        if DEAD not in found:
            break
        regions = []
        for part, atom in zip(op.regions, found, strict=True):
            inner = list(part.ops)
            made = _copied_where_it_is(inner, atom) if isinstance(atom, Value) else DEAD
            results = None if part.results is None else (*part.results, made)
            regions.append(part.replace(inner, results))
        ops[k] = op.replace(results=(*op.results, copy), regions=tuple(regions))
        return copy
    ops.append(copy_into(value, copy))
    return copy


def _bound(ops: Sequence[Op], value: Atom) -> list[Op]:
    """Operations after which a list is there: an empty one where an arm has none."""
    found = list(ops)
    for k, op in enumerate(found):
        if op.primitive is not IF or value not in op.results:
            continue
        place = op.results.index(value)
        regions = []
        for part in op.regions:
            results = part.results
            if results is not None and results[place] is DEAD:
                empty = Value(value.type)
                made = Op(LIST, (), (empty,), site=op.site, order=1)
                results = (*results[:place], empty, *results[place + 1 :])
                part = part.replace([*part.ops, made], results)
            elif results is not None:
                part = part.replace(_bound(part.ops, results[place]), results)
            regions.append(part)
        found[k] = op.replace(regions=tuple(regions))
    return found


def _looks(kind: Type, given: set[Slot]) -> bool:
    """Whether an item of a list may be a view of an array that is handed in."""
    return not given.isdisjoint(_slots_of(kind))


def _is_made(op: Op | None) -> bool:
    """Whether an operation makes a new list."""
    if op is None:
        return False
    return op.primitive in (LIST, OPERATE) or (
        op.primitive is PURE_CALL and op.attribute.function is list
    )


def is_repeatable(function: Function, called: Iterable[Function]) -> bool:
    """Whether what is called finds what was kept for it as it was, whenever it is called.

    That is so unless it changes a list that was kept, or that list is the caller's as well.

    Args:
        function: the value and the pullback, as one function.
        called: all that it calls.
    """
    shared = {slot for p in function.parameters for slot in _slots_of(p.type)}
    for op in walk(function.body):
        shared.update(slot for value in op.results for slot in _slots_of(value.type))
    for body in (one.body for one in called):
        taken = [r for op in walk(body) if op.primitive in _TAKING for r in op.results]
        kept = {slot for value in taken for slot in _slots_of(value.type)}
        if not kept.isdisjoint(shared) or not kept.isdisjoint(_written(body)):
            return False
    return True


#: What makes an array of its own of the shape of another.
_LIKE = ("zeros_like", "ones_like", "empty_like", "full_like")
#: What takes apart that which a forward function returned for the reverse.
_TAKING = (UNPACK, NARROWED)


def _written(region: Region) -> set[Slot]:
    """What the lists hold that a region changes."""
    written: set[Slot] = set()
    for op in walk(region):
        changes = op.primitive.writes and op.primitive is not INVOKE and op.args
        slot = slot_of(op.args[0]) if changes else None
        if slot is not None:
            written.add(slot)
    return written


def _repeatable(region: Region) -> Region:
    """Reverse code that changes copies of the lists that it finds."""
    written = _written(region)
    changed = [v for v in free_values(region) if not written.isdisjoint(slots_in(v.type))]
    # What was handed in holds lists.
    taken = [r for op in region.ops if op.primitive is UNPACK for r in op.results]
    changed += [v for v in taken if not written.isdisjoint(slots_in(v.type))]
    for value in changed:
        region = _copying(region, value)
    return region


def _copying(region: Region, value: Value) -> Region:
    """A region that copies a list before its first use: it may be there in one arm only."""
    ops = list(region.ops)
    using = [k for k, op in enumerate(ops) if value in free_values(Region([op], ()))]
    if not using:
        return region
    first = ops[using[0]]
    arms = [value in free_values(part) for part in first.regions]
    if first.primitive is IF and len(using) == 1 and arms.count(True) == 1:
        if value not in first.args and value not in (region.results or ()):
            inner = tuple(
                _copying(part, value) if uses else part
                for part, uses in zip(first.regions, arms, strict=True)
            )
            ops[using[0]] = first.replace(regions=inner)
            return region.replace(ops, region.results)
    made = copied(value)
    rest = Region(ops[using[0] :], region.results)
    return region.replace(
        [*ops[: using[0]], *_renamed(rest, {value: made[0].result}, made).ops],
        _renamed(rest, {value: made[0].result}, made).results,
    )
