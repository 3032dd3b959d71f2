"""Lists of adjoints that a loop fills from end to end are made by that loop.

A list of zeros to which the loop behind it adds once at each place is no list of zeros: the loop
appends to an empty one, or is a comprehension. A loop from the end assigns, as one does that does
not reach every place. So it is for lists of arrays, where what is added is an array of its own.
"""

from __future__ import annotations

import builtins

from sourcediff.flow import exits
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, Atom, Const, Function, Op, Region, Value, walk
from sourcediff.memory import ADD_AT, LIST, METHOD_OF, OPERATE, SET_ITEM, MethodSpec
from sourcediff.transform.lists.contents import slot_of
from sourcediff.transform.lists.fill_arrays import Zeros, gives_its_own, zeros_beside_a_list
from sourcediff.transform.lists.once_each import assigning
from sourcediff.transform.loops.sequences import Through

__all__ = ["fill_lists"]


def fill_lists(function: Function) -> Function:
    """Let loops make the lists that they fill."""
    if not any(op.primitive is ADD_AT for op in walk(function.body)):
        return function
    definitions = {r: op for op in walk(function.body) for r in op.results}
    return function.with_body(_region(function.body, definitions, function.body))


def _region(region: Region, definitions: dict[Value, Op], whole: Region) -> Region:
    ops = list(region.ops)
    for op in region.ops:
        if op.primitive not in (LIST, OPERATE) or op not in ops:
            continue
        place = ops.index(op)
        count = _zeros(op, definitions)
        if count is not None:
            _fill(ops, place, count, definitions)
        elif (zeros := zeros_beside_a_list(ops, place, whole)) is not None:
            _fill_with_arrays(ops, place, zeros, definitions)
    ops = [
        op.replace(regions=tuple(_region(r, definitions, whole) for r in op.regions))
        if op.regions
        else op
        for op in ops
    ]
    return region.replace(ops, region.results)


def _zeros(op: Op, definitions: dict[Value, Op]) -> Atom | None:
    """The length of a list of zeros: ``[0.0] * n``."""
    if op.primitive is not OPERATE or op.attribute != "*" or op.order == 0:
        return None
    display, count = op.args
    made = definitions.get(display) if isinstance(display, Value) else None
    if made is None or made.primitive is not LIST or len(made.args) != 1:
        return None
    (zero,) = made.args
    return count if isinstance(zero, Const) and zero.value == 0 else None


def _fill(ops: list[Op], place: int, count: Atom, definitions: dict[Value, Op]) -> None:
    whole = ops[place].result
    slot = slot_of(whole)
    for later in range(place + 1, len(ops)):
        op = ops[later]
        inside = list(walk(Region([op], None)))
        if not any(slot_of(atom) is slot for inner in inside for atom in inner.args):
            continue
        adding = [i for i in inside if any(slot_of(atom) is slot for atom in i.args)]
        if op.primitive is not FOR or len(op.regions) != 1 or len(adding) != 1:
            return
        (add,) = adding
        backwards = _direction(op, count, definitions)
        if backwards is None or any(True for _ in exits(op)) or not _at_each(op, add, whole):
            ops[later] = assigning(op, add, whole, definitions) or op
            return
        ops[later] = _filling(op, add, backwards)
        if not backwards:
            ops[place] = Op(LIST, (), (whole,), site=ops[place].site, order=ops[place].order)
            ops.insert(later - 1, ops.pop(place))
        return


def _fill_with_arrays(
    ops: list[Op], place: int, zeros: Zeros, definitions: dict[Value, Op]
) -> None:
    """The same for a list of arrays, where the first loop that looks at it adds to it only."""
    whole = zeros.made.result
    slot = slot_of(whole)
    for later in range(place + 2, len(ops)):
        op = ops[later]
        inside = list(walk(Region([op], None)))
        if not any(slot_of(atom) is slot for inner in inside for atom in inner.args):
            continue
        adding = [i for i in inside if any(slot_of(atom) is slot for atom in i.args)]
        if op.primitive is not FOR or len(op.regions) != 1 or len(adding) != 1:
            return
        (add,) = adding
        if not gives_its_own(add, op, definitions):
            return
        count = _length_of(op, definitions)
        made = None if count is None else zeros.until(count, definitions)
        if made is None or any(True for _ in exits(op)) or not _at_each(op, add, whole):
            ops[later] = assigning(op, add, whole, definitions) or op
            return
        assert count is not None
        backwards = _direction(op, count, definitions)
        if not backwards and zeros.is_length(definitions.get(count)):  # type: ignore[arg-type]
            ops[later] = _filling(op, add, False)
            del ops[place + 1]
            ops.insert(later - 2, ops.pop(place))
            return
        ops[later] = _filling(op, add, True)
        ops[place : place + 2] = made
        return


def _length_of(op: Op, definitions: dict[Value, Op]) -> Atom | None:
    """How many turns a loop through ``range(count)`` has, in either direction."""
    made = definitions.get(op.args[0]) if isinstance(op.args[0], Value) else None
    if made is not None and made.primitive is PURE_CALL and made.attribute.function is reversed:
        made = definitions.get(made.args[0])  # type: ignore[arg-type]
    if made is None or made.primitive is not PURE_CALL or len(made.args) != 1:
        return None
    return made.args[0] if made.attribute.function is builtins.range else None


def _at_each(loop: Op, add: Op, whole: Value) -> bool:
    """Whether every turn of a loop adds at the place that it counts."""
    (body,) = loop.regions
    at = add.args[:2] == (whole, body.parameters[0])
    return add.primitive is ADD_AT and at and add in body.ops


def _direction(op: Op, count: Atom, definitions: dict[Value, Op]) -> bool | None:
    """Whether a loop goes through ``range(count)`` from its end; None if not through that."""
    made = definitions.get(op.args[0]) if isinstance(op.args[0], Value) else None
    backwards = False
    if made is not None and made.primitive is PURE_CALL and made.attribute.function is reversed:
        backwards = True
        made = definitions.get(made.args[0])  # type: ignore[arg-type]
    if made is None or made.primitive is not PURE_CALL or len(made.args) != 1:
        return None
    if made.attribute.function is not builtins.range:
        return None
    return backwards if _equal(made.args[0], count, definitions) else None


def _equal(one: Atom, other: Atom, definitions: dict[Value, Op]) -> bool:
    """Whether two numbers are one, or lengths of one list."""
    if one is other or (isinstance(one, Const) and one.same_as(other)):
        return True
    if not isinstance(one, Value) or not isinstance(other, Value):
        return False
    a, b = definitions.get(one), definitions.get(other)
    if a is None or b is None or a.primitive is not PURE_CALL or b.primitive is not PURE_CALL:
        return False
    return a.attribute.function is b.attribute.function is len and a.args == b.args


def _filling(op: Op, add: Op, backwards: bool) -> Op:
    whole, index, value = add.args
    if backwards:
        put = Op(SET_ITEM, (whole, index, value), (), site=add.site, order=add.order)
    else:
        spec = MethodSpec("append", writes=True)
        put = Op(METHOD_OF, (whole, value), (), (), spec, add.site, add.order)
    (body,) = op.regions
    inner = [put if one is add else one for one in body.ops]
    made = op.replace(regions=(body.replace(inner, body.results),))
    alone = not op.results and not any(o.primitive.effect for o in inner if o is not put)
    if not backwards and alone and inner[-1] is put:
        if isinstance(op.attribute, Through):
            made.attribute = op.attribute.as_part("list")
        elif op.attribute is None:
            made.attribute = "list"
    return made
