"""Sorting and choosing: Python does it on what is compared, the derivative goes by the places."""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import GETATTR, LOAD
from sourcediff.ir import Atom, Const, Invocation, Op, Region, Value
from sourcediff.transform.whole.build import ZERO_INT, Code
from sourcediff.transform.whole.called import call_value
from sourcediff.transform.whole.displays import (
    PLACES,
    extend,
    gathered,
    snapshot,
)
from sourcediff.transform.whole.normal import Normal
from sourcediff.transform.whole.shapes import element, inner
from sourcediff.types import INT, OBJECT, Slot, list_of

__all__ = ["KEYS", "Keywords", "Plain", "choose_one", "keys_for", "order_of", "sort_list"]

#: What is only compared: no derivative is ever asked of it.
KEYS = list_of(Slot(INT))
Keywords = dict[str, Atom]


def keys_for(normal: Normal, items: Atom, key: Atom | None, op: Op) -> Value:
    """What items are compared by, without derivative."""
    code = normal.code
    if key is None or key.type is types.NONE:
        return code.call(list, items, type=KEYS)
    keys = code.op(memory.LIST, (), KEYS)
    kind = element(items.type)
    made = normal.definition(key)
    if (
        made is not None
        and made.primitive is memory.MAKE_FUNCTION
        and not made.args
        and _only_looks(made.attribute)
    ):
        # Its own derivative is not wanted, and may not exist: it is called as it is.
        plain = Plain(normal.program.function(made.attribute))
        value = code.op(memory.MAKE_FUNCTION, (), types.FUNCTION, plain)
        spec = Invocation(plain, "closure", name=plain.name)

        def turn(_: Value, item: Value) -> None:
            code.push(keys, code.op(ir.INVOKE, (value, item), OBJECT, spec))

        code.each(items, kind, turn)
        return keys
    if made is not None and made.primitive is GETATTR:  # a method of a container
        subject, name = normal.atom(made.args[0]), made.attribute
        code.each(
            items,
            kind,
            lambda _, item: code.push(keys, code.query(name, subject, item, type=INT)),
        )
        return keys
    if made is not None and made.primitive is LOAD:
        function = made.attribute.read()
        code.each(items, kind, lambda _, item: code.push(keys, code.call(function, item, type=INT)))
        return keys
    code.each(items, kind, lambda _, item: code.push(keys, call_value(normal, key, [item], op)))
    return keys


class Plain(ir.Function):
    """A function whose value is only looked at for an order: it is called as it is.

    Its variables are its own, so that the same function can be differentiated elsewhere.
    """

    __slots__ = ()

    def __init__(self, function: ir.Function) -> None:
        own = {v: ir.Variable(v.name, v.slot) for v in function.variables}
        body = _renamed(function.body, own)
        super().__init__(function.name, function.parameters, body, function.origin)
        self.variables = tuple(own.values())


def _renamed(region: Region, own: dict[ir.Variable, ir.Variable]) -> Region:
    ops = []
    for op in region.ops:
        made = op.replace(regions=tuple(_renamed(inner, own) for inner in op.regions))
        if isinstance(op.attribute, ir.Variable):
            made.attribute = own.get(op.attribute, op.attribute)
        ops.append(made)
    return Region(ops, region.results, region.site, region.parameters)


def _only_looks(function: ir.Function) -> bool:
    return not any(
        op.primitive.writes or op.primitive is memory.MAKE_FUNCTION for op in ir.walk(function.body)
    )


def order_of(code: Code, keys: Value, reverse: Atom) -> Value:
    """The places of keys in sorted order, as Python sorts."""
    places = code.call(range, code.length(keys), type=types.RANGE)
    by = code.op(GETATTR, (keys,), OBJECT, "__getitem__")
    return code.call(sorted, places, by, reverse, type=PLACES, keywords=("key", "reverse"))


def sort_list(normal: Normal, op: Op, args: Sequence[Atom], keywords: Keywords) -> None:
    code = normal.code
    items = snapshot(normal, args[0], op)
    keys = keys_for(normal, items, keywords.get("key"), op)
    order = order_of(code, keys, keywords.get("reverse", Const(False, types.BOOL)))
    normal.give(op, gathered(code, items, order, op.result.type))


def choose_one(normal: Normal, op: Op, args: Sequence[Atom], keywords: Keywords) -> None:
    code = normal.code
    function = op.attribute.function
    if len(args) > 1 or op.attribute.stars:
        items = code.op(memory.LIST, (), list_of(Slot(op.result.type)))
        for place, arg in enumerate(args):
            if place in op.attribute.stars:
                extend(code, items, snapshot(normal, arg, op))
            else:
                code.push(items, arg)
    elif inner(args[0].type).kind in ("Iterator", "Dict", "Record", "Set"):
        items = snapshot(normal, args[0], op)
    else:
        items = args[0]  # type: ignore[assignment]
    keys = keys_for(normal, items, keywords.get("key"), op)

    def choose() -> Value:
        best = code.call(function, keys, type=OBJECT)
        place = code.query("index", keys, best, type=INT)
        return code.at(items, place, element(items.type))

    default = keywords.get("default")
    if default is None:
        normal.give(op, choose())
        return
    found = code.variable("found", op.result.type)
    code.branch(
        code.less(ZERO_INT, code.length(items)),
        lambda: code.write(found, choose()),
        lambda: code.write(found, default),
    )
    normal.give(op, code.read(found))
