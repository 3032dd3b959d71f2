"""Arrays in normal form, and which of them vary.

Operations on arrays stay as they are. An array that is made of numbers in lists is an array of
zeros into which they are put, one by one. A number that goes where an array may be is lifted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from sourcediff import ir, memory, types
from sourcediff.flow import functions_reached
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Atom, Const, Function, Op, Primitive, Region, Value
from sourcediff.rules import array_helpers
from sourcediff.transform.whole import methods, python_calls, slices
from sourcediff.transform.whole.activity import Activity
from sourcediff.transform.whole.array_code import (
    LIFT,
    RANKED,
    holds_array,
    is_array_type,
    is_either,
    is_mask,
)
from sourcediff.transform.whole.build import Code, refuse
from sourcediff.transform.whole.normal import Handler, Normal
from sourcediff.transform.whole.shapes import element, inner, is_real, rank_of
from sourcediff.types import BOOL, REAL, Type, array_of

__all__ = ["array_flow", "is_of_numpy", "lift_numbers"]

#: Modules whose handlers are asked for all that is not done to arrays.
_BEFORE = (methods, slices, python_calls)
_ARITHMETIC = ("+", "-", "*", "/", "**", "@")

# Normal form ----------------------------------------------------------------------------------


def _kept(primitive: Primitive) -> None:
    """Keep what is done to arrays; the rest is for the handler that there is."""
    other: Handler = Normal.handlers[primitive]

    def handle(normal: Normal, op: Op) -> None:
        concerned = op.args[:1] if primitive not in (memory.OPERATE,) else op.args
        if holds_array(concerned) or _is_of_numbers(op):
            normal.keep(op)
        else:
            other(normal, op)

    Normal.handlers[primitive] = handle


def _is_of_numbers(op: Op) -> bool:
    """Whether it is arithmetic that derivatives of programs with arrays bring in."""
    if op.primitive is not memory.OPERATE or op.attribute not in _ARITHMETIC:
        return False
    return all(types.is_number(a.type) for a in op.args)


for _primitive in (
    memory.OPERATE,
    memory.INPLACE,
    memory.QUERY,
    memory.SUBSCRIPT,
    memory.SET_ITEM,
):
    _kept(_primitive)

_calls: Handler = Normal.handlers[PURE_CALL]


def _pure_call(normal: Normal, op: Op) -> None:
    made = op.result.type if op.results else None
    if made is None or inner(made).kind != "Array" or inner(made).slots["element"].type is not REAL:
        _calls(normal, op)
        return
    whole = normal.atom(op.args[0]) if op.args else None
    name = op.attribute.function.__name__
    if name not in ("array", "stack") or whole is None or not _is_display(whole.type):
        normal.keep(op)
        return
    stacks = name == "stack"
    zeros = array_helpers.zeros_for_stack if stacks else array_helpers.zeros_for
    found = normal.code.call(zeros, whole, type=made)
    _put_in(normal.code, found, whole)
    normal.give(op, found)


def _is_display(t: Type) -> bool:
    return t.kind in ("List", "Tuple", "Sequence")


def _put_in(code: Code, array: Atom, whole: Atom) -> None:
    """Put the numbers of lists of lists into an array."""

    def turn(place: Value, item: Value) -> None:
        if not _is_display(item.type):
            code.put(array, place, item)
            return
        rank = rank_of(array.type)
        assert rank is not None
        row = code.at(array, place, array_of(inner(array.type).slots["element"], rank - 1))
        _put_in(code, row, item)

    code.each(whole, element(whole.type), turn)


Normal.handlers[PURE_CALL] = _pure_call


# Numbers among arrays -------------------------------------------------------------------------


def lift_numbers(function: Function) -> None:
    """Mark each number that goes where an array may be, in a function in normal form."""
    for found in functions_reached(function)[0]:
        if any(map(is_either, _types_in(found))):
            found.body = _lifted(found.body, found)


def _types_in(function: Function) -> Iterator[Type]:
    yield from (inner(p.type) for p in function.parameters)
    if function.returns is not None:
        yield inner(function.returns)
    for op in ir.walk(function.body):
        yield from (inner(wanted) for _, wanted in _wanted(op, function))


def _lifted(region: Region, function: Function) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        args = list(op.args)
        for place, wanted in _wanted(op, function):
            atom = args[place]
            if is_either(inner(wanted)) and types.is_number(atom.type):
                lifted = Value(inner(wanted), atom.name if isinstance(atom, Value) else None)
                ops.append(Op(LIFT, (atom,), (lifted,), site=op.site, order=op.order))
                args[place] = lifted
        regions = tuple(_lifted(inner_region, function) for inner_region in op.regions)
        ops.append(op.replace(args=tuple(args), regions=regions))
    return Region(ops, region.results, region.site, region.parameters)


def _wanted(op: Op, function: Function) -> Iterator[tuple[int, Type]]:
    """The places of operands of an operation, with the types of what they go into."""
    p = op.primitive
    if p is memory.WRITE:
        yield 0, op.attribute.slot.type
    elif p is ir.RETURN and function.returns is not None:
        yield 0, function.returns
    elif p is ir.INVOKE and op.attribute.function is not None:
        first = 1 if op.attribute.how == "closure" else 0
        for place, parameter in enumerate(op.attribute.function.parameters):
            yield first + place, parameter.type
    elif p is memory.LIST:
        yield from ((place, element(op.result.type)) for place in range(len(op.args)))
    elif p is memory.DICT:
        yield from ((place, _at_key(op, place)) for place in range(1, len(op.args), 2))
    elif p is memory.SET_ITEM and not is_array_type(op.args[0].type):
        yield 2, _held(op.args[0].type, op.args[1])
    elif p is memory.SET_ATTRIBUTE:
        yield 1, _held(op.args[0].type, Const(op.attribute, types.STR))
    elif p is memory.METHOD_OF and op.attribute.name in ("append", "insert", "appendleft"):
        yield len(op.args) - 1, element(op.args[0].type)


def _at_key(op: Op, place: int) -> Type:
    return _held(op.result.type, op.args[place - 1])


def _held(whole: Type, key: Atom) -> Type:
    whole = inner(whole)
    if whole.kind in ("Record", "Object"):
        name = key.value if isinstance(key, Const) else None
        return whole.slots[name].type if name in whole.slots else types.OBJECT
    return element(whole)


# What varies ----------------------------------------------------------------------------------

#: Functions of NumPy, and of our own, that give numbers which depend on no number.
_INERT = frozenset(
    [
        "zeros",
        "zeros_for",
        "zeros_for_stack",
        "ones",
        "zeros_like",
        "ones_like",
        "arange",
        "eye",
        "identity",
        "shape",
        "size",
        "ndim",
        "len",
        "id",
        "is_array",
        "is_view_of",
        "sign",
        "refuse_shared",
        "refuse_overlap",
        "kept_apart",
        "check_stored",
        "isinstance",
    ]
)


def array_flow(activity: Activity, op: Op) -> bool:
    """Let what varies flow through an operation on arrays; whether this is one."""
    p = op.primitive
    if p is memory.SET_ITEM and is_array_type(op.args[0].type):
        if _varies(activity, op.args[2]):
            activity.mark([inner(op.args[0].type).slots["element"].root])
        return True
    if p is memory.INPLACE and is_array_type(op.args[0].type):
        if any(_varies(activity, a) for a in op.args):
            activity.mark([inner(op.args[0].type).slots["element"].root])
        return True
    computes = p in (memory.OPERATE, memory.NEGATE, LIFT, RANKED)
    if p in (memory.QUERY, memory.SUBSCRIPT) and is_array_type(op.args[0].type):
        computes = p is memory.QUERY or is_mask(op.args[1].type)
    if p is PURE_CALL and op.results:
        computes = is_of_numpy(op)
        name = op.attribute.function.__name__
        if computes and name == "arange" and len(op.args) > 1:
            if any(_varies(activity, a) for a in (op.args[0], *op.args[2:])):
                raise refuse(op.site, "arange() from or by a number that varies is not supported")
        if computes and name in _INERT:
            return True
    if not computes:
        return False
    if op.results and any(_varies(activity, a) for a in op.args):
        kind = inner(op.result.type)
        if kind.kind == "Array" and kind.slots["element"].type is not BOOL:
            activity.mark([kind.slots["element"].root])
        elif is_real(kind):
            activity.values.add(op.result)
    return True


def is_of_numpy(op: Op) -> bool:
    """Whether it is a call of a function of NumPy, or of our own for arrays."""
    if getattr(op.attribute.function, "__module__", None) == array_helpers.__name__:
        return True
    module = sys.modules.get("numpy")
    function = op.attribute.function
    name = getattr(function, "__name__", None)
    if module is None or not isinstance(name, str):
        return False
    return vars(module).get(name) is function


def _varies(activity: Activity, atom: Atom) -> bool:
    if is_array_type(atom.type):
        return inner(atom.type).slots["element"].root in activity.slots
    return isinstance(atom, Value) and atom in activity.values


Activity.special.append(array_flow)
