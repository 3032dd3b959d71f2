"""The normal form of methods of containers, and of operators on them.

What changes a container of numbers comes down to `append`, `insert`, `pop`, storing an item and
deleting a key, whose undoing the reverse sweep knows.
"""

from __future__ import annotations

import collections
import operator
from collections.abc import Sequence

from sourcediff import memory, types
from sourcediff.frontend.primitives import GETATTR, GETITEM, TUPLE
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.transform.whole.build import NOTHING, ZERO_INT, Code, integer, known
from sourcediff.transform.whole.cursors import listed
from sourcediff.transform.whole.displays import (
    append,
    as_kind,
    extend,
    pop,
    snapshot,
    update,
)
from sourcediff.transform.whole.normal import Normal
from sourcediff.transform.whole.orders import KEYS, Keywords, keys_for, order_of
from sourcediff.transform.whole.shapes import element, holds_numbers, inner
from sourcediff.types import INT, OBJECT, Slot, list_of

__all__: list[str] = []

_MOD = known(operator.mod)


# Operators ------------------------------------------------------------------------------------


def _is_constant(normal: Normal, literal: Op) -> bool:
    """Whether this is ``[c]`` for a constant, which nothing else refers to."""
    if literal.primitive is not memory.LIST or normal.uses.get(literal.result) != 1:
        return False
    return len(literal.args) == 1 and isinstance(normal.atom(literal.args[0]), Const)


def _repeat(normal: Normal, op: Op, whole: Atom, times: Atom) -> None:
    code = normal.code
    made = code.op(memory.LIST, (), op.result.type)
    code.count(times, lambda _: extend(code, made, whole))
    normal.give(op, made)


def _operate(normal: Normal, op: Op) -> None:
    code = normal.code
    a, b = normal.atoms(op.args)
    kind = op.result.type
    if not holds_numbers(kind):
        normal.keep(op)
    elif op.attribute == "*" and kind.kind == "List":
        whole, times = (b, a) if types.is_number(a.type) else (a, b)
        literal = normal.defined.get(op.args[whole is b])  # type: ignore[arg-type]
        if literal is not None and _is_constant(normal, literal):
            made = code.op(memory.LIST, (), kind)
            item = normal.atom(literal.args[0])
            code.count(times, lambda _: code.push(made, item))
            normal.give(op, made)
            return
        _repeat(normal, op, whole, times)
    elif op.attribute == "+" and kind.kind in ("List", "Sequence"):
        slot = Slot(element(kind))
        made = code.op(memory.LIST, (), kind if kind.kind == "List" else list_of(slot))
        extend(code, made, a)
        extend(code, made, b)
        as_kind(normal, op, made)
    elif op.attribute == "|" and kind.kind == "Dict":
        made = code.op(memory.DICT, (), kind)
        update(code, made, a)
        update(code, made, b)
        normal.give(op, made)
    else:
        raise normal.error(op, f"'{op.attribute}' of {a.type} and {b.type} is not supported")


def _inplace(normal: Normal, op: Op) -> None:
    code = normal.code
    a, b = normal.atoms(op.args)
    if not holds_numbers(a.type):
        normal.keep(op)
    elif op.attribute == "+" and inner(a.type).kind in ("List", "Deque"):
        extend(code, a, snapshot(normal, b, op))
    elif op.attribute == "*" and inner(a.type).kind == "List":
        once = snapshot(normal, a, op)
        code.branch(code.less(b, integer(1)), lambda: _clear(code, a))
        code.count(b, lambda _: extend(code, a, once), first=1)
    elif op.attribute == "|" and inner(a.type).kind == "Dict":
        update(code, a, b)
    else:
        raise normal.error(op, f"'{op.attribute}=' on {a.type} is not supported")
    if op.results:
        normal.give(op, a)


def _clear(code: Code, whole: Atom) -> None:
    def turn() -> None:
        code.unless(code.less(ZERO_INT, code.length(whole)))
        pop(code, whole, integer(-1))

    code.loop(turn)


# Methods --------------------------------------------------------------------------------------


def _sort(normal: Normal, whole: Atom, keywords: Keywords, op: Op) -> None:
    code = normal.code
    items = snapshot(normal, whole, op)
    keys = keys_for(normal, items, keywords.get("key"), op)
    order = order_of(code, keys, keywords.get("reverse", Const(False, types.BOOL)))
    kind = element(whole.type)
    code.each(order, INT, lambda i, place: code.put(whole, i, code.at(items, place, kind)))


def _turn_over(normal: Normal, whole: Atom, op: Op) -> None:
    code = normal.code
    items = snapshot(normal, whole, op)
    last = code.minus(code.length(items), integer(1))
    code.each(
        items, element(items.type), lambda i, item: code.put(whole, code.minus(last, i), item)
    )


def _rotate(normal: Normal, whole: Atom, by: Atom, op: Op) -> None:
    if by.type is not INT:
        raise normal.error(op, "rotate() by what is differentiated is not supported")
    code = normal.code
    items = snapshot(normal, whole, op)
    length = code.length(items)

    def move(i: Value, item: Value) -> None:
        place = code.op(_MOD, (code.plus(i, by), length), INT)
        code.put(whole, place, item)

    code.each(items, element(items.type), move)


def _list_method(normal: Normal, op: Op, whole: Atom, args: Sequence[Atom], name: str) -> None:
    code = normal.code
    spec: memory.MethodSpec = op.attribute
    split = len(args) - len(spec.keywords)
    keywords = dict(zip(spec.keywords, args[split:], strict=True))
    if name in ("append", "appendleft"):
        append(code, whole, args[0], left=name == "appendleft")
    elif name in ("extend", "extendleft"):
        left = name == "extendleft"
        items = snapshot(normal, args[0], op)
        extend(code, whole, items, lambda item: append(code, whole, item, left))
    elif name in ("insert", "pop", "popleft"):
        normal.keep(op)
    elif name == "remove":
        pop(code, whole, code.query("index", whole, args[0], type=INT))
    elif name == "clear":
        _clear(code, whole)
    elif name == "sort":
        _sort(normal, whole, keywords, op)
    elif name == "reverse":
        _turn_over(normal, whole, op)
    elif name == "rotate":
        _rotate(normal, whole, args[0] if args else integer(1), op)
    else:
        raise normal.error(op, f"the method {name}() is not supported")


def _dict_method(normal: Normal, op: Op, whole: Atom, args: Sequence[Atom], name: str) -> None:
    code = normal.code
    kind = inner(whole.type)
    if name == "__getitem__":
        missing = code.op(memory.CONTAINS, (args[0], whole), types.BOOL, True)
        code.branch(missing, lambda: code.method("__getitem__", whole, args[0], type=OBJECT))
        normal.give(op, code.at(whole, args[0], op.result.type))
    elif name == "update":
        for arg in args[: len(args) - len(op.attribute.keywords)]:
            update(code, whole, arg)
        names = op.attribute.keywords
        for keyword, value in zip(names, args[len(args) - len(names) :], strict=True):
            code.put(whole, Const(keyword, types.STR), value)
    elif name == "clear":
        key = kind.slots["key"].type if kind.kind == "Dict" else types.STR
        keys = code.call(list, whole, type=list_of(Slot(key)))
        code.each(keys, key, lambda _, k: code.op(memory.DELETE_ITEM, (whole, k)))
    elif name in ("pop", "setdefault"):
        _with_default(normal, op, whole, args, name)
    else:
        raise normal.error(op, f"the method {name}() of a dict is not supported")


def _with_default(normal: Normal, op: Op, whole: Atom, args: Sequence[Atom], name: str) -> None:
    """``get``, ``pop`` and ``setdefault`` of a dict."""
    code = normal.code
    key, *default = args
    found = code.variable("found", op.result.type if op.results else element(whole.type))
    kind = inner(whole.type)
    held = element(kind)
    if kind.kind == "Record" and isinstance(key, Const) and key.value in kind.slots:
        held = kind.slots[key.value].type

    def there() -> None:
        code.write(found, code.at(whole, key, held))
        if name == "pop":
            code.op(memory.DELETE_ITEM, (whole, key))

    def missing() -> None:
        if name == "setdefault":
            code.put(whole, key, default[0] if default else NOTHING)
        code.write(found, default[0] if default else NOTHING)

    if name == "pop" and not default:
        there()
    else:
        test = code.op(memory.CONTAINS, (key, whole), types.BOOL, False)
        code.branch(test, there, missing)
    if op.results:
        normal.give(op, code.read(found))


def _method(normal: Normal, op: Op) -> None:
    whole, *args = normal.atoms(op.args)
    kind = inner(whole.type)
    if not holds_numbers(kind) and not any(
        holds_numbers(a.type) or inner(a.type).kind in ("Iterator", "Function") for a in args
    ):
        normal.keep(op)
    elif kind.kind in ("List", "Deque"):
        _list_method(normal, op, whole, args, op.attribute.name)
    elif kind.kind in ("Dict", "Record"):
        _dict_method(normal, op, whole, args, op.attribute.name)
    elif holds_numbers(kind):
        raise normal.error(op, f"{op.attribute.name}() of a set of numbers is not supported")
    else:
        normal.keep(op)


def _query(normal: Normal, op: Op) -> None:
    whole, *args = normal.atoms(op.args)
    kind = inner(whole.type)
    name = op.attribute.name
    if op.result.type.kind == "Iterator":
        normal.defined[op.result] = op
    elif not holds_numbers(op.result.type):
        normal.keep(op)
    elif name == "copy" and kind.kind in ("List", "Deque"):
        code = normal.code
        items = listed(normal, whole, op, op.result.type if kind.kind == "List" else None)
        if kind.kind == "Deque":
            room = code.op(GETATTR, (whole,), OBJECT, "maxlen")
            none = code.op(memory.LIST, (), KEYS)
            made = code.call(collections.deque, none, room, type=op.result.type)
            extend(code, made, items)
            items = made
        normal.give(op, items)
    elif name == "copy" and kind.cls is dict:
        made = normal.code.op(memory.DICT, (), op.result.type)
        update(normal.code, made, whole)
        normal.give(op, made)
    elif name == "get":
        _with_default(normal, op, whole, args, name)
    elif name == "_replace" and kind.kind == "Tuple":
        _replaced(normal, op, whole, dict(zip(op.attribute.keywords, args, strict=True)))
    else:
        raise normal.error(op, f"the method {name}() is not supported here")


def _replaced(normal: Normal, op: Op, whole: Atom, given: dict[str, Atom]) -> None:
    """A named tuple with other fields."""
    kind = inner(whole.type)
    known = normal.parts.get(whole) if isinstance(whole, Value) else None
    parts = [
        given[field]
        if field in given
        else known[place]
        if known
        else normal.code.op(GETITEM, (whole,), kind.items[place], place)
        for place, field in enumerate(kind.cls._fields)  # type: ignore[union-attr]
    ]
    made = normal.code.op(TUPLE, parts, op.result.type, kind.cls)
    normal.parts[made] = tuple(parts)
    normal.give(op, made)


Normal.handlers.update(
    {
        memory.OPERATE: _operate,
        memory.INPLACE: _inplace,
        memory.METHOD_OF: _method,
        memory.QUERY: _query,
    }
)
