"""A loop over numbers that is gone through backwards: the numbers need not be kept.

What a loop over a range goes through, or counts, its reverse goes through from the end. Where that
is a loop within another, the range is kept instead of the numbers in it.

>>> from sourcediff.ir import Function
>>> from sourcediff.memory import MethodSpec
>>> from sourcediff.transform.adjoint.scaled import ADD
>>> pop, append = MethodSpec("pop", (), True), MethodSpec("append", (), True)
>>> n, i, k, after, c, count = (Value(INT, name) for name in ("n", "i", "k", "a", "c", "count"))
>>> kept = Op(memory.LIST, (), (Value(types.list_of(Slot(INT)), "kept"),))
>>> to = CallSpec(range, Ref("object", range, ("range",)))
>>> turns, back = Value(types.RANGE, "turns"), Value(types.RANGE, "back")
>>> forward = Region([Op(memory.METHOD_OF, (kept.result, i), (), (), append),
...                   Op(ADD, (c, Const(1, INT)), (after,))], (after,), None, (i, c))
>>> reverse = Region([Op(memory.METHOD_OF, (kept.result,), (k,), (), pop)], (), None,
...                  (Value(INT, "j"),))
>>> ops = [kept, Op(PURE_CALL, (n,), (turns,), (), to),
...        Op(ir.FOR, (turns, Const(0, INT)), (count,), (forward,)),
...        Op(PURE_CALL, (count,), (back,), (), to), Op(ir.FOR, (back,), (), (reverse,))]
>>> print(Function("f", [n], spans(Region(ops, ()))))
f(n: Int):
    kept = list
    turns = pure_call n [range]
    count = for turns 0:
        take i: Int, c: Int
        a = add c 1
        yield a
    back = pure_call count [range]
    %1 = pure_call n [range]
    %2 = pure_call %1 [reversed]
    for %2:
        take j: Int
        yield
    yield
"""

from __future__ import annotations

from collections import Counter

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Atom, Const, Op, Region, Value
from sourcediff.transform.whole.recounted import counters, leaves
from sourcediff.transform.whole.renamed import renamed
from sourcediff.transform.whole.shortened import lists_of_kept
from sourcediff.types import INT, Slot

__all__ = ["spans"]

_REVERSED = Ref("object", reversed, ("reversed",))


def spans(body: Region) -> Region:
    """The same body of a function, without lists of numbers that loops go through."""
    found = _Spans(body)
    return renamed(found.region(body), found.names)


class _Spans:
    """One walk through a function, outer loops first."""

    def __init__(self, body: Region) -> None:
        self.own = lists_of_kept(body)
        self.made = {result: op for op in ir.walk(body) for result in op.results}
        self.uses: Counter[Atom] = Counter(arg for op in ir.walk(body) for arg in op.args)
        self.handed = {
            atom for op in ir.walk(body) for region in op.regions for atom in region.results or ()
        }
        self.handed.update(body.results or ())
        #: What is put on lists of what is kept, and what looks at it or takes it off.
        self.pushed: dict[Atom, list[Op]] = {}
        self.taken: dict[Atom, list[Op]] = {}
        self.gone: set[Op] = set()
        self.changed: dict[Op, tuple[tuple[Atom, ...], tuple[Value, ...]]] = {}
        self.before: dict[Op, list[Op]] = {}
        self.names: dict[Value, Atom] = {}
        self.scan(body)
        for op in ir.walk(body):
            if op.primitive is ir.FOR:
                self.turn_round(op)

    def scan(self, region: Region) -> None:
        """Note what is kept and taken where."""
        for op in region.ops:
            if op.args and op.args[0] in self.own:
                kept = op.primitive is memory.METHOD_OF and op.attribute.name == "append"
                (self.pushed if kept else self.taken).setdefault(op.args[0], []).append(op)
            for inner in op.regions:
                self.scan(inner)

    def forward(self, number: Atom) -> tuple[Op, Value | None] | None:
        """The loop that counted so many turns, and the list of counts if there is one."""
        made = self.made.get(number) if isinstance(number, Value) else None
        between: Value | None = None
        if made is not None and made.primitive is memory.METHOD_OF and made.args[0] in self.own:
            between = made.args[0]
            pushes = self.pushed.get(made.args[0], [])
            if len(pushes) != 1 or self.taken.get(made.args[0]) != [made]:
                return None
            if self.uses[number] != 1 or number in self.handed:
                return None
            number = pushes[0].args[1]
            made = self.made.get(number) if isinstance(number, Value) else None
        if made is None or made.primitive is not ir.FOR or len(made.regions) != 1:
            return None
        place = made.results.index(number)
        return (made, between) if place in counters(made) else None

    def turn_round(self, back: Op) -> None:
        """Take numbers from what the loop goes through, where it goes back over another loop."""
        over = self.made.get(back.args[0]) if isinstance(back.args[0], Value) else None
        if over is None or over.primitive is not PURE_CALL or over.attribute.function is not range:
            return
        if len(over.args) != 1 or len(back.regions) != 1 or any(map(leaves, back.regions[0].ops)):
            return
        if self.uses[back.args[0]] != 1 or back.args[0] in self.handed:
            return
        found = self.forward(over.args[0])
        if found is None:
            return
        loop, between = found
        index = back.regions[0].parameters[0]
        if self.uses[index] or index in self.handed or any(map(leaves, loop.regions[0].ops)):
            return
        turn = loop.regions[0]
        item = turn.parameters[0]
        span = self.span(loop)
        counted = {turn.parameters[1 + place] for place in counters(loop)}
        if span is not None and self.replace(back, turn, {item}):
            self.go_back(back, span, between)
        elif self.replace(back, turn, counted):
            self.go_back(back, None, between)
        elif span is not None and between is None:
            first: list[Op] = []
            whole = self.written_again(span[0], first)
            self.changed[back] = (whole, *back.args[1:]), back.results
            self.before[back] = first

    def span(self, loop: Op) -> tuple[Value, bool] | None:
        """The range that a loop goes through, and whether it does so from its end."""
        over = loop.args[0]
        made = self.made.get(over) if isinstance(over, Value) else None
        backwards = made is not None and made.primitive is PURE_CALL
        if made is not None and backwards and made.attribute.function is reversed:
            (over,) = made.args
        else:
            backwards = False
        if isinstance(over, Value) and over.type is types.RANGE:
            return over, backwards
        return None

    def replace(self, back: Op, turn: Region, numbers: set[Value]) -> bool:
        """Leave out the lists of these numbers; whether there is one."""
        found = False
        for op in turn.ops:
            if op.primitive is not memory.METHOD_OF or op.args[0] not in self.own:
                continue
            if op.attribute.name != "append" or op.args[1] not in numbers:
                continue
            whole = op.args[0]
            taken = self.taken.get(whole, [])
            drops = [one for one in taken if one.primitive is memory.METHOD_OF]
            inside = set(ir.walk(back.regions[0]))
            if self.pushed[whole] != [op] or len(drops) != 1:
                continue
            if drops[0] not in back.regions[0].ops or not all(one in inside for one in taken):
                continue
            for one in taken:
                for result in one.results:
                    self.names[result] = back.regions[0].parameters[0]
                    if back.regions[0].parameters[0].name in (None, "i"):
                        back.regions[0].parameters[0].name = result.name
            self.gone |= {op, *taken}
            found = True
        return found

    def go_back(self, back: Op, span: tuple[Value, bool] | None, between: Value | None) -> None:
        """Go through a range from its end; it is kept in a list where one of several is meant."""
        whole: Value = back.args[0]  # type: ignore[assignment]
        first: list[Op] = []
        if span is not None and between is None:
            whole = self.written_again(span[0], first)
        elif span is not None and between is not None:
            (push,), (take,) = self.pushed[between], self.taken[between]
            span[0].name = span[0].name or "span"
            self.changed[push] = (between, span[0]), push.results
            self.gone.add(self.made[whole])
            whole = Value(types.RANGE)
            self.changed[take] = take.args, (whole,)
        if span is None or not span[1]:
            backwards = Value(types.iterator_of(Slot(INT)))
            spec = CallSpec(reversed, _REVERSED)
            args = (whole,)
            first.append(Op(PURE_CALL, args, (backwards,), (), spec, back.site, back.order))
            whole = backwards
        self.before[back] = first
        self.changed[back] = (whole, *back.args[1:]), back.results

    def written_again(self, span: Value, ops: list[Op]) -> Value:
        """A range, made once more where it is as short as a name for it."""
        made = self.made.get(span)
        if made is not None and all(isinstance(a, Const) or a.name for a in made.args):
            again = Value(types.RANGE)
            ops.append(Op(PURE_CALL, made.args, (again,), (), made.attribute, None, made.order))
            return again
        span.name = span.name or "span"
        return span

    def region(self, region: Region) -> Region:
        """A region with all that is different."""
        ops: list[Op] = []
        for op in region.ops:
            if op in self.gone:
                continue
            ops += self.before.get(op, ())
            args, results = self.changed.get(op, (op.args, op.results))
            regions = tuple(map(self.region, op.regions))
            ops.append(op.replace(args=args, results=results, regions=regions))
        return Region(ops, region.results, region.site, region.parameters)
