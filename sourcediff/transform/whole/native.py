"""Loops as Python has them: ``for item in whole`` and ``while test``, of endless ones.

The normal form has endless loops only. One that begins with the test of a place is a ``for`` over
what it looks at there, another that begins with a test is a ``while`` with that.

>>> from sourcediff.ir import Const, Function, Value
>>> from sourcediff.types import BOOL, INT
>>> from sourcediff.transform.whole.build import LESS
>>> n, i, small, after = (Value(kind, name) for kind, name in
...     ((INT, "n"), (INT, "i"), (BOOL, None), (INT, None)))
>>> test = Op(LESS, (i, n), (small,))
>>> leave = Region([Op(ir.BREAK, (i,), ())], None)
>>> body = Region([test, Op(ir.IF, (small,), (), (Region([], ()), leave)),
...                Op(ADD, (i, Const(1, INT)), (after,))], (after,), None, (i,))
>>> head = Region([], (Const(True, BOOL), first := Value(INT, "i")), None, (first,))
>>> loop = Op(ir.WHILE, (Const(0, INT),), (Value(INT, "i"),), (head, body))
>>> print(Function("f", [n], native(Region([loop], (loop.result,)))))
f(n: Int):
    %1 = pure_call n [range]
    i = for %1 0:
        take i.1: Int, i.2: Int
        %2 = add i.2 1
        yield %2
    yield i
"""

from __future__ import annotations

import operator
from typing import Any

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import PURE_CALL, RAISE, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Atom, Const, Op, Region, Value
from sourcediff.rules.table import primitive_of
from sourcediff.transform.adjoint.scaled import ADD, SUB
from sourcediff.transform.whole.build import EQUAL, LESS, NOT
from sourcediff.transform.whole.renamed import renamed
from sourcediff.transform.whole.shortened import lists_of_kept
from sourcediff.types import INT, Slot

__all__ = ["native"]

#: What may stand in the head of a ``while``: it is written into one expression.
_LOOKS = frozenset([ADD, LESS, EQUAL, NOT, PURE_CALL, memory.SUBSCRIPT, primitive_of(operator.gt)])
_FIXED = ("Range", "Tuple", "Sequence", "Str")


def native(region: Region) -> Region:
    """The same code, with loops of all kinds."""
    return _native(region, {}, lists_of_kept(region))


def _native(region: Region, definitions: dict[Value, Op], own: set[Value]) -> Region:
    ops: list[Op] = []
    fresh: set[Value] = set()
    for op in region.ops:
        made = op
        if op.regions:
            made = op.replace(regions=tuple(_native(one, definitions, own) for one in op.regions))
        if made.primitive is ir.WHILE and len(made.regions) == 2:
            endless = _Endless(made, definitions, fresh, own)
            made = endless.made()
            ops += endless.first
        if made.primitive.writes or made.regions:
            fresh.clear()
        fresh.update(made.results)
        for result in made.results:
            definitions[result] = made
        ops.append(made)
    return Region(ops, region.results, region.site, region.parameters)


class _Endless:
    """One loop that may be another in disguise.

    definitions   what made the values that are seen
    fresh         those since which nothing has changed
    own           lists of what is kept, which nothing else refers to
    """

    def __init__(
        self, op: Op, definitions: dict[Value, Op], fresh: set[Value], own: set[Value]
    ) -> None:
        self.op = op
        self.definitions = definitions
        self.fresh = fresh
        self.own = own
        self.test, self.body = op.regions
        #: What has to stand before the loop.
        self.first: list[Op] = []
        self.carried = self.body.parameters

    def made(self) -> Op:
        """The loop in the form that it has."""
        head = self.test.results
        endless = head is not None and isinstance(head[0], Const) and head[0].value is True
        if not endless or self.test.ops or self.body.results is None:
            return self.op
        assert head is not None
        if tuple(head[1:]) != tuple(self.test.parameters):
            return self.op
        tests = [n for n, op in enumerate(self.body.ops) if op.primitive is ir.IF]
        if not tests:
            return self.op
        guard, start = tests[0], 0
        keys_of: Value | None = None
        if len(tests) > 1 and self.fails(self.body.ops[guard]):
            keys_of = self.unchanged(guard)
            guard, start = tests[1], guard + 1
            if keys_of is None:
                return self.op
        found = self.condition(start, guard)
        if found is None:
            return self.op
        before, condition = found
        rest = list(self.body.ops[guard + 1 :])
        made = self.as_for(before, condition, rest, keys_of)
        if made is None and keys_of is None:
            made = self.as_count(before, condition, rest) or self.backwards(before, condition, rest)
        if made is not None or keys_of is not None:
            return made or self.op
        return self.as_while(before, condition, rest)

    @staticmethod
    def fails(op: Op) -> bool:
        """Whether a test does nothing but raise an exception."""
        fine, otherwise = op.regions
        return not fine.ops and bool(otherwise.ops) and otherwise.ops[-1].primitive is RAISE

    def unchanged(self, guard: int) -> Value | None:
        """The dict that is tested not to have changed its size while its keys are gone through."""
        ops = self.body.ops[:guard]
        if len(ops) != 2 or ops[1].primitive is not EQUAL:
            return None
        now, before = ops[1].args
        known = self.definitions.get(before) if isinstance(before, Value) else None
        if known is None or not (_is_length(ops[0]) and _is_length(known)):
            return None
        if before not in self.fresh or now not in ops[0].results or known.args != ops[0].args:
            return None
        (whole,) = known.args
        used = {arg for op in self.body.ops[guard + 1 :] for arg in op.args}
        if ops[1].result in used or now in used or not isinstance(whole, Value):
            return None
        return whole if whole.type.kind == "Dict" else None

    def condition(self, start: int, guard: int) -> tuple[list[Op], Value] | None:
        """What is looked at before the test, and on what value the loop goes on."""
        ops, op = list(self.body.ops[start:guard]), self.body.ops[guard]
        then, orelse = op.regions
        (test,) = op.args
        if op.results or any(one.primitive not in _LOOKS for one in ops):
            return None
        if self.leaves(orelse) and not then.ops and then.results is not None:
            return (ops, test) if isinstance(test, Value) else None
        if not (self.leaves(then) and not orelse.ops and orelse.results is not None):
            return None
        made = next((one for one in ops if test in one.results), None)
        if made is None or made.primitive is not NOT or not isinstance(made.args[0], Value):
            return None
        return [one for one in ops if one is not made], made.args[0]

    def leaves(self, region: Region) -> bool:
        """Whether a region does nothing but leave, with all that is carried."""
        if len(region.ops) != 1 or region.ops[0].primitive is not ir.BREAK:
            return False
        return tuple(region.ops[0].args) == tuple(self.carried)

    def as_while(self, before: list[Op], condition: Value, rest: list[Op]) -> Op:
        """``while test``, if nothing that the test looks at is needed in the loop."""
        made = {result for one in before for result in one.results}
        if made & _used(Region(rest, self.body.results)):
            return self.op
        names = dict(zip(self.carried, self.test.parameters, strict=True))
        ops: list[Op] = []
        copies: dict[Value, Atom] = dict(names)
        for one in before:
            args = tuple(copies.get(a, a) if isinstance(a, Value) else a for a in one.args)
            results = tuple(Value(r.type, r.name) for r in one.results)
            copies.update(zip(one.results, results, strict=True))
            ops.append(one.replace(args=args, results=results))
        go = copies.get(condition, condition)
        test = Region(ops, (go, *self.test.parameters), self.test.site, self.test.parameters)
        body = Region(rest, self.body.results, self.body.site, self.body.parameters)
        return self.op.replace(regions=(test, body))

    def as_for(
        self, before: list[Op], condition: Value, rest: list[Op], keys_of: Value | None
    ) -> Op | None:
        """``for item in whole``, where a place is counted up to a length."""
        less = next((one for one in before if condition in one.results), None)
        if less is None or less.primitive is not LESS or len(before) != 2:
            return None
        place, length = less.args
        looked = next(one for one in before if one is not less)
        if length not in looked.results or looked.primitive is not PURE_CALL:
            return None
        if looked.attribute.function is not len or place not in self.carried:
            return None
        (whole,) = looked.args
        number = self.carried.index(place)
        if not self.counts_up(number, rest) or not isinstance(whole, Value):
            return None
        if whole in self.carried or length in _used(Region(rest, self.body.results)):
            return None
        if keys_of is None:
            return self.over(whole, whole, place, rest)
        # The loop goes through a list of the keys, which was made for it.
        listed = self.definitions.get(whole)
        if listed is None or listed.primitive is not PURE_CALL or listed.args != (keys_of,):
            return None
        if listed.attribute.function is not list or whole not in self.fresh:
            return None
        return self.over(keys_of, whole, place, rest)

    def as_count(self, before: list[Op], condition: Value, rest: list[Op]) -> Op | None:
        """``for i in range(n)``, where a place is counted up to a number."""
        (less,) = before if len(before) == 1 else (None,)
        if less is None or condition not in less.results or less.primitive is not LESS:
            return None
        place, number = less.args
        if place not in self.carried or number in self.carried or number.type is not INT:
            return None
        at = self.carried.index(place)
        again = any(op.primitive is ir.CONTINUE for op in ir.walk(Region(rest, ())))
        if again or not self.counts_up(at, rest):
            return None
        item = Value(INT, place.name if isinstance(place, Value) else None)
        assert self.body.results is not None
        *others, step = rest
        if self.body.results[at] not in step.results:
            return None  # what follows the step of the user's loop looks at the next place
        kept = renamed(Region(others, ()), {self.carried[at]: item})
        results = tuple(item if atom is place else atom for atom in self.body.results)
        body = Region([*kept.ops, step], results, self.body.site, (item, *self.carried))
        return self.looping(self.call(range, number, types.RANGE), body)

    def backwards(self, before: list[Op], condition: Value, rest: list[Op]) -> Op | None:
        """``for item in reversed(whole)``, where a place is counted down to the first."""
        (less,) = before if len(before) == 1 else (None,)
        if less is None or condition not in less.results or less.primitive is not LESS:
            return None
        end, place = less.args
        if not isinstance(end, Const) or end.value != -1 or place not in self.carried:
            return None
        at = self.carried.index(place)
        start, after = self.op.args[at], (self.body.results or ())[at]
        first = self.definitions.get(start) if isinstance(start, Value) else None
        step = next((op for op in rest if after in op.results), None)
        for op in (first, step):
            by = None if op is None or op.primitive is not SUB else op.args[1]
            if not isinstance(by, Const) or by.value != 1:
                return None
        assert first is not None and step is not None
        length = self.definitions.get(first.args[0]) if isinstance(first.args[0], Value) else None
        if length is None or not _is_length(length) or step.args[0] is not place:
            return None
        looked = next((op for op in rest if op.primitive is memory.SUBSCRIPT), None)
        whole = length.args[0]
        if looked is None or looked.args != (whole, place) or not isinstance(whole, Value):
            return None
        used = _used(Region([op for op in rest if op not in (looked, step)], self.body.results))
        if place in used or whole.type.kind not in _FIXED or rest[0] is not looked:
            return None
        turned = self.call(reversed, whole, types.iterator_of(Slot(looked.result.type)))
        parameters = (looked.result, *self.carried)
        return self.looping(turned, Region(rest[1:], self.body.results, self.body.site, parameters))

    def call(self, function: Any, whole: Atom, kind: types.Type) -> Value:
        """What a function of Python's gives before the loop."""
        found = Value(kind)
        spec = CallSpec(function, Ref("object", function, (function.__name__,)))
        self.first.append(Op(PURE_CALL, (whole,), (found,), (), spec, self.op.site, self.op.order))
        return found

    def looping(self, whole: Value, body: Region) -> Op:
        """A loop over something that carries what this one does."""
        op = self.op
        args = (whole, *op.args)
        return Op(ir.FOR, args, op.results, (body,), op.attribute, op.site, op.order)

    def counts_up(self, number: int, rest: list[Op]) -> bool:
        """Whether a carried value goes from zero, by one each turn."""
        start = self.op.args[number]
        if not isinstance(start, Const) or start.value != 0:
            return False
        assert self.body.results is not None
        after = self.body.results[number]
        made = next((one for one in rest if after in one.results), None)
        if made is None or made.primitive is not ADD or made.args[0] is not self.carried[number]:
            return False
        by = made.args[1]
        return isinstance(by, Const) and by.value == 1 and by.value is not True

    def over(self, whole: Value, looked: Value, place: Atom, rest: list[Op]) -> Op | None:
        """The loop over the items of something, which are read when a turn begins."""
        if whole.type.kind not in (*_FIXED, "List", "Dict"):
            return None
        item: Value | None = None
        kept = list(rest)
        for number, one in enumerate(rest):
            if one.primitive is memory.SUBSCRIPT and one.args == (looked, place):
                item = one.result
                del kept[number]
                break
            if one.regions or (one.primitive.writes and not self.keeps(one)):
                break
        if item is None:
            return None
        parameters = (item, *self.carried)
        body = Region(kept, self.body.results, self.body.site, parameters)
        return Op(
            ir.FOR,
            (whole, *self.op.args),
            self.op.results,
            (body,),
            self.op.attribute,
            self.op.site,
            self.op.order,
        )

    def keeps(self, op: Op) -> bool:
        """Whether an operation puts something on a list of what is kept, and on no other."""
        return op.primitive is memory.METHOD_OF and op.args[0] in self.own


def _is_length(op: Op) -> bool:
    return op.primitive is PURE_CALL and op.attribute.function is len


def _used(region: Region) -> set[Value]:
    """The values that code looks at."""
    found: set[Value] = {a for a in region.results or () if isinstance(a, Value)}
    for op in ir.walk(region):
        found.update(a for a in op.args if isinstance(a, Value))
        for inner in op.regions:
            found.update(a for a in inner.results or () if isinstance(a, Value))
    return found
