"""The normal form of calls of built-in functions on containers."""

from __future__ import annotations

import collections
import functools
import itertools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from sourcediff import memory, types
from sourcediff.frontend.primitives import GETITEM, PURE_CALL, TUPLE, CallSpec
from sourcediff.frontend.state import CONSTANT_TYPES
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.rules.builtin_functions import DIST
from sourcediff.rules.table import primitive_of
from sourcediff.transform.adjoint.scaled import MUL
from sourcediff.transform.whole.build import NOTHING, integer
from sourcediff.transform.whole.called import call_value
from sourcediff.transform.whole.cursors import cursor_of, listed
from sourcediff.transform.whole.displays import (
    as_kind,
    extend,
    snapshot,
    update,
)
from sourcediff.transform.whole.iterators import ITERATORS
from sourcediff.transform.whole.normal import Normal
from sourcediff.transform.whole.orders import KEYS, Keywords, choose_one, sort_list
from sourcediff.transform.whole.shapes import element, holds_numbers, inner
from sourcediff.types import REAL

__all__ = ["Build"]

_HALVES = [p for p in map(primitive_of, (operator.floordiv, operator.mod)) if p is not None]

Build = Callable[[Normal, Op, Sequence[Atom], Keywords], None]


# Sums -----------------------------------------------------------------------------------------


def _reduced(normal: Normal, op: Op, args: Sequence[Atom], keywords: Keywords) -> None:
    """``sum``, ``math.fsum``, ``math.hypot``, … of one sequence of numbers: done as it is."""
    spec: CallSpec = op.attribute
    whole, *rest = args
    if inner(whole.type).kind in ("Iterator", "Dict", "Record", "Set"):
        whole = snapshot(normal, whole, op)
    if not (types.is_number(element(whole.type)) or element(whole.type) is types.NEVER):
        raise normal.error(op, f"{spec.function.__name__}() of these is not supported")
    start = rest[0] if rest else keywords.get("start")
    found = normal.code.call(spec.function, whole, type=op.result.type)
    if start is not None:
        normal.code.ops.pop()
        found = normal.code.call(spec.function, whole, start, type=op.result.type)
    normal.give(op, found)


def _product(normal: Normal, op: Op, args: Sequence[Atom], keywords: Keywords) -> None:
    """``math.prod``: a loop of products, from the left as Python does it."""
    code = normal.code
    start = args[1] if len(args) > 1 else keywords.get("start", integer(1))
    total = code.variable("product", op.result.type)
    code.write(total, start)
    items = snapshot(normal, args[0], op)
    code.each(
        items,
        element(items.type),
        lambda _, item: code.write(total, code.op(MUL, (code.read(total), item), op.result.type)),
    )
    normal.give(op, code.read(total))


def _divided(normal: Normal, op: Op, args: Sequence[Atom], _keywords: Keywords) -> None:
    """``divmod``: the quotient and the remainder."""
    code = normal.code
    parts = [
        code.op(part, tuple(args), kind)
        for part, kind in zip(_HALVES, op.result.type.items, strict=True)
    ]
    made = code.op(TUPLE, parts, op.result.type)
    normal.parts[made] = tuple(parts)
    normal.give(op, made)


def _spread_apart(normal: Normal, op: Op, args: Sequence[Atom], _keywords: Keywords) -> None:
    """``math.dist(p, q)``: of two tuples of known length, a rule of scalars; else a length."""
    code = normal.code
    p, q = args
    if inner(p.type).kind == inner(q.type).kind == "Tuple" and DIST is not None:
        sides: list[Atom] = []
        for whole in (p, q):
            known = normal.parts.get(whole) if isinstance(whole, Value) else None
            items = whole.type.items
            sides += known or [
                code.op(GETITEM, (whole,), kind, place) for place, kind in enumerate(items)
            ]
        normal.give(op, code.op(DIST, sides, REAL))
        return
    raise normal.error(op, "dist() of points whose dimension only the run knows is not supported")


def _mean(normal: Normal, op: Op, args: Sequence[Atom], _keywords: Keywords) -> None:
    raise normal.error(op, f"{op.attribute.function.__name__}() is not supported", "sum and divide")


def _fold(normal: Normal, op: Op, args: Sequence[Atom], _keywords: Keywords) -> None:
    """``functools.reduce``."""
    code = normal.code
    called, whole, *start = args
    kind = op.result.type
    total = code.variable("total", kind)
    cursor = cursor_of(normal, whole, op)
    if start:
        code.write(total, start[0])
    else:
        code.branch(
            cursor.more(),
            lambda: code.write(total, cursor.item()),
            lambda: code.fail(TypeError, "reduce() of empty iterable with no initial value"),
        )

    def turn() -> None:
        code.unless(cursor.more())
        item = cursor.item()
        code.write(total, call_value(normal, called, [code.read(total), item], op))

    code.loop(turn)
    normal.give(op, code.read(total))


# Conversions ----------------------------------------------------------------------------------


def _new_list(normal: Normal, op: Op, args: Sequence[Atom], keywords: Keywords) -> None:
    code = normal.code
    if not args:
        normal.give(op, code.op(memory.LIST, (), op.result.type))
        return
    made = listed(normal, args[0], op, op.result.type)
    as_kind(normal, op, made)


def _new_tuple(normal: Normal, op: Op, args: Sequence[Atom], _keywords: Keywords) -> None:
    as_kind(normal, op, snapshot(normal, args[0], op))


def _new_deque(normal: Normal, op: Op, args: Sequence[Atom], keywords: Keywords) -> None:
    code = normal.code
    room = keywords.get("maxlen", args[1] if len(args) > 1 else NOTHING)
    none = code.op(memory.LIST, (), KEYS)
    made = code.call(collections.deque, none, room, type=op.result.type)
    if args:
        extend(code, made, snapshot(normal, args[0], op))
    normal.give(op, made)


def _new_dict(normal: Normal, op: Op, args: Sequence[Atom], keywords: Keywords) -> None:
    code = normal.code
    cls = op.attribute.function
    first = args[:1] if cls is collections.defaultdict else ()
    made = code.call(cls, *first, type=op.result.type)
    for arg in args[len(first) :]:
        if inner(arg.type).kind in ("Dict", "Record"):
            update(code, made, arg)
            continue
        cursor = cursor_of(normal, arg, op)

        def turn(cursor: Any = cursor) -> None:
            code.unless(cursor.more())
            pair = cursor.item()
            parts = normal.parts.get(pair) or [
                code.op(GETITEM, (pair,), kind, place) for place, kind in enumerate(pair.type.items)
            ]
            code.put(made, parts[0], parts[1])

        code.loop(turn)
    for name, value in keywords.items():
        code.put(made, Const(name, types.STR), value)
    normal.give(op, made)


def _from_keys(normal: Normal, op: Op, args: Sequence[Atom], _keywords: Keywords) -> None:
    """``dict.fromkeys``."""
    code = normal.code
    made = code.op(memory.DICT, (), op.result.type)
    cursor = cursor_of(normal, args[0], op)
    value = args[1] if len(args) > 1 else NOTHING

    def turn() -> None:
        code.unless(cursor.more())
        code.put(made, cursor.item(), value)

    code.loop(turn)
    normal.give(op, made)


def _named_tuple(normal: Normal, op: Op, args: Sequence[Atom], keywords: Keywords) -> None:
    cls: Any = op.result.type.cls
    items = dict(zip(cls._fields, args, strict=False)) | keywords
    for field, value in getattr(cls, "_field_defaults", {}).items():
        if field not in items and value.__class__ in CONSTANT_TYPES:
            items[field] = Const(value, CONSTANT_TYPES[value.__class__])
    if items.keys() != set(cls._fields):
        raise normal.error(op, f"{cls.__name__}() with defaults is not supported")
    ordered = [items[name] for name in cls._fields]
    made = normal.code.op(TUPLE, ordered, op.result.type, cls)
    normal.parts[made] = tuple(ordered)
    normal.give(op, made)


_CALLS: dict[Any, Build] = {
    sorted: sort_list,
    max: choose_one,
    min: choose_one,
    sum: _reduced,
    math.fsum: _reduced,
    math.prod: _product,
    divmod: _divided,
    math.dist: _spread_apart,
    functools.reduce: _fold,
    list: _new_list,
    tuple: _new_tuple,
    collections.deque: _new_deque,
    dict: _new_dict,
    dict.fromkeys: _from_keys,
    collections.OrderedDict: _new_dict,
    collections.defaultdict: _new_dict,
}


def _pure_call(normal: Normal, op: Op) -> None:
    spec: CallSpec = op.attribute
    args = normal.atoms(op.args)
    if spec.function in ITERATORS and op.result.type.kind == "Iterator":
        if spec.function in (itertools.combinations, itertools.permutations):  # copy at once
            op = op.replace(args=(snapshot(normal, args[0], op), *op.args[1:]))
        normal.defined[op.result] = op
        return
    build = _CALLS.get(spec.function)
    if (
        op.results
        and getattr(op.result.type.cls, "_fields", None)
        and spec.function is op.result.type.cls
    ):
        build = _named_tuple
    carries = any(holds_numbers(arg.type) for arg in args) or any(
        holds_numbers(result.type) for result in op.results
    )
    iterators = any(inner(arg.type).kind == "Iterator" for arg in args)
    if build is None and iterators:
        plain = [
            snapshot(normal, arg, op) if inner(arg.type).kind == "Iterator" else arg for arg in args
        ]
        normal.code.append(op.replace(args=tuple(plain)))
        return
    called = any(inner(arg.type).kind == "Function" for arg in args)
    if build is None or not (carries or iterators or called) or not op.results:
        normal.keep(op)
        return
    split = len(args) - len(spec.keywords)
    if spec.stars and spec.function not in (max, min):
        raise normal.error(op, f"{spec.function.__name__}() of a spread-out sequence")
    build(normal, op, args[:split], dict(zip(spec.keywords, args[split:], strict=True)))


Normal.handlers[PURE_CALL] = _pure_call
