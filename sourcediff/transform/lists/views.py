"""A dict itself, or a view of its values, where something goes through all of it at once.

In the IR that is the list of its keys or values. It need not be made where nothing changes the dict
before the last of them has been looked at:

    for name in list(table):              for name in table:
        table[name] *= factor       →         table[name] *= factor
    total = sum(list(table.values()))     total = sum(table.values())
"""

from __future__ import annotations

import math
from collections import Counter

from sourcediff.frontend.primitives import PURE_CALL, UNPACK
from sourcediff.ir import FOR, Atom, Function, Op, Region, Value, walk
from sourcediff.memory import QUERY, SET_ITEM, SUBSCRIPT, MethodSpec
from sourcediff.transform.lists.contents import is_dict, slot_of, touched
from sourcediff.types import Slot, iterator_of, tuple_of

__all__ = ["without_lists_of_keys"]

#: What looks at all items before it gives anything, and what gives one after the other.
AT_ONCE = (sum, max, min, sorted, tuple, list, len, set, math.fsum)
ONE_BY_ONE = (reversed, enumerate, zip)


def without_lists_of_keys(function: Function) -> Function:
    """Let loops and calls go through dicts instead of lists of what these hold."""
    if not any(is_dict(atom) for op in walk(function.body) for atom in op.args):
        return function
    return function.with_body(_Views(function).region(function.body))


class _Views:
    def __init__(self, function: Function) -> None:
        ops = list(walk(function.body))
        self.definitions = {r: op for op in ops for r in op.results}
        self.uses: Counter[Atom] = Counter(function.body.results or ())
        for op in ops:
            self.uses.update(op.args)
            for region in op.regions:
                self.uses.update(region.results or ())

    def region(self, region: Region) -> Region:
        ops = list(region.ops)
        for k, op in enumerate(ops):
            if op.regions:
                ops[k] = op.replace(regions=tuple(map(self.region, op.regions)))
        for made in list(ops):
            source = self.source(made)
            if source is not None:
                self.pass_on(ops, made, source)
        return region.replace(ops, region.results)

    def source(self, made: Op) -> Value | None:
        """What an operation makes a list of: a dict, or its values."""
        if made.primitive is not PURE_CALL or made.attribute.function is not list:
            return None
        if len(made.args) != 1 or self.uses[made.result] != 1 or made.result.name is not None:
            return None
        (source,) = made.args
        view = self.definitions.get(source) if isinstance(source, Value) else None
        viewed = view is not None and view.primitive is QUERY and view.attribute.name == "values"
        return source if isinstance(source, Value) and (viewed or is_dict(source)) else None

    def pass_on(self, ops: list[Op], made: Op, source: Value) -> None:
        """Hand the dict itself to what uses the list, if that is the same."""
        whole = source if is_dict(source) else self.definitions[source].args[0]
        slot = slot_of(whole)
        assert slot is not None
        start = ops.index(made)
        user = self.user(ops, start, made.result)
        if user is None:
            return
        last = user
        op = ops[user]
        if op.primitive is PURE_CALL and op.attribute.function in ONE_BY_ONE:
            found = self.user(ops, user, op.result) if self.uses[op.result] == 1 else None
            if found is None or ops[found].primitive is not FOR:
                return
            last = found
        elif op.primitive is PURE_CALL and op.attribute.function not in AT_ONCE:
            return
        if any(slot in touched(one)[1] for one in ops[start + 1 : last]):
            return
        if not self.stays(ops[last], slot, is_dict(source) and last == user):
            return
        args = tuple(source if arg is made.result else arg for arg in op.args)
        ops[user] = op.replace(args)
        if op.primitive is FOR and is_dict(source):
            ops[start : user + 1] = [*ops[start + 1 : user], *self.by_items(ops[user], source)]
            return
        del ops[start]

    def by_items(self, loop: Op, whole: Value) -> list[Op]:
        """A loop over a dict whose turns begin with the item: ``for key, x in whole.items()``."""
        (body, *others) = loop.regions
        key, *carried = body.parameters
        read = body.ops[0] if body.ops else None
        if read is None or read.primitive is not SUBSCRIPT or read.args[0] is not whole:
            return [loop]
        if read.args[1] is not key or slot_of(whole) in touched(loop)[1]:
            return [loop]
        pair = Value(tuple_of((key.type, read.result.type)))
        viewed = MethodSpec("items")
        items = Op(QUERY, (whole,), (Value(iterator_of(Slot(pair.type))),), (), viewed, loop.site)
        apart = Op(UNPACK, (pair,), (key, read.result), (), None, read.site, read.order)
        region = Region([apart, *body.ops[1:]], body.results, body.site, (pair, *carried))
        args = (items.result, *loop.args[1:])
        return [items, loop.replace(args, regions=(region, *others))]

    def user(self, ops: list[Op], start: int, value: Value) -> int | None:
        """The place of what uses a value, if it is a call or the loop that goes through it."""
        for place in range(start + 1, len(ops)):
            op = ops[place]
            if value in op.args:
                looped = op.primitive is FOR and op.args[0] is value
                return place if looped or op.primitive is PURE_CALL else None
        return None

    def stays(self, op: Op, slot: Slot, by_key: bool) -> bool:
        """Whether a dict keeps its keys while a loop goes through it; its values, too."""
        if op.primitive is not FOR or slot not in touched(op)[1]:
            return True
        key = op.regions[0].parameters[0]
        return by_key and all(
            one.primitive is SET_ITEM and one.args[1] is key
            for one in walk(op.regions[0])
            if one.primitive.writes and one.args and slot_of(one.args[0]) is slot
        )
