"""What a loop counts need not be kept: the reverse counts it backwards.

A forward sweep keeps the places at which it looked. Where these are 0, 1, 2, … up to the number of
turns, the list of them is ``range`` of that, and the loop that took them off it goes through it.

>>> from sourcediff.ir import Function
>>> from sourcediff.types import Slot
>>> pop, append = MethodSpec("pop", (), True), MethodSpec("append", (), True)
>>> kept = Op(memory.LIST, (), (Value(types.list_of(Slot(INT)), "kept"),))
>>> whole, n, i, after = (Value(INT, name) for name in ("whole", "n", "i", "after"))
>>> forward = Region([Op(memory.METHOD_OF, (kept.result, i), (), (), append),
...                   Op(ADD, (i, Const(1, INT)), (after,))], (after,), None, (Value(INT), i))
>>> to = CallSpec(range, Ref("object", range, ("range",)))
>>> turns = Op(PURE_CALL, (n,), (Value(types.RANGE),), (), to)
>>> back = Region([Op(memory.METHOD_OF, (kept.result,), (Value(INT, "k"),), (), pop)], (), None,
...               (Value(INT, "j"),))
>>> ops = [kept, Op(ir.FOR, (whole, Const(0, INT)), (n,), (forward,)), turns,
...        Op(ir.FOR, (turns.result,), (), (back,))]
>>> print(Function("f", [whole], recounted(Region(ops, ()))))
f(whole: Int):
    kept = list
    n = for whole 0:
        take %1: Int, i: Int
        after = add i 1
        yield after
    %2 = pure_call n [range]
    %3 = pure_call %2 [reversed]
    for %3:
        take k: Int
        yield
    yield
"""

from __future__ import annotations

from collections import Counter

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Atom, Const, Op, Region, Value
from sourcediff.memory import MethodSpec
from sourcediff.transform.adjoint.scaled import ADD
from sourcediff.types import INT, Slot

__all__ = ["counters", "leaves", "recounted"]

_REF = Ref("object", reversed, ("reversed",))


def recounted(body: Region) -> Region:
    """The same code of a function, without lists of places that can be counted."""
    uses: Counter[Atom] = Counter()
    for op in ir.walk(body):
        uses.update(op.args)
        for region in op.regions:
            uses.update(region.results or ())
    return _Recount(uses).region(body)


def counters(loop: Op) -> list[int]:
    """Which of the carried values of a loop go from zero, by one each turn."""
    first = 1 if loop.primitive is ir.FOR else 0
    body = loop.regions[-1]
    if body.results is None or any(map(leaves, body.ops)):
        return []
    made = {result: op for op in body.ops for result in op.results}
    found = []
    for place, start in enumerate(loop.args[first:]):
        parameter, after = body.parameters[first + place], body.results[place]
        step = made.get(after) if isinstance(after, Value) else None
        if not (isinstance(start, Const) and start.type is INT and start.value == 0):
            continue
        if step is None or step.primitive is not ADD or step.args[0] is not parameter:
            continue
        by = step.args[1]
        if isinstance(by, Const) and by.type is INT and by.value == 1:
            found.append(place)
    return found


def leaves(op: Op) -> bool:
    """Whether an operation may end a turn of the loop around it."""
    if op.primitive in ir.EXITS:
        return True
    if op.primitive in (ir.FOR, ir.WHILE):
        return any(one.primitive is ir.RETURN for r in op.regions for one in ir.walk(r))
    return any(leaves(one) for region in op.regions for one in region.ops)


class _Recount:
    """One walk through a function."""

    def __init__(self, uses: Counter[Atom]) -> None:
        self.uses = uses

    def region(self, region: Region) -> Region:
        """A region, in which a loop and that which goes back stand side by side."""
        ops: list[Op] = []
        names: dict[Value, Atom] = {}
        for one in region.ops:
            op = _renamed(one, names) if names else one
            if op.regions:
                op = op.replace(regions=tuple(map(self.region, op.regions)))
            ops.append(_counted_once(op, names))
        if names and region.results is not None:
            results = tuple(_name(names, atom) for atom in region.results)
            region = Region(ops, results, region.site, region.parameters)
        made = {result: op for op in ops for result in op.results}
        loops = [op for op in ops if op.primitive in (ir.FOR, ir.WHILE)]
        ranges: dict[Op, Op] = {}
        for back in loops:
            over = made.get(back.args[0]) if back.primitive is ir.FOR else None  # type: ignore[arg-type]
            if over is None or over.primitive is not PURE_CALL or len(over.args) != 1:
                continue
            forward = made.get(over.args[0])  # type: ignore[arg-type]
            if over.attribute.function is range and forward in loops:
                ranges[back] = forward
        changed: dict[Op, Op] = {}
        for back, forward in ranges.items():
            self.pair(changed, forward, back, made)
        if not changed:
            return Region(ops, region.results, region.site, region.parameters)
        found: list[Op] = []
        for op in ops:
            new = changed.get(op, op)
            if op in ranges and new is not op:
                backwards = Value(types.iterator_of(Slot(INT)))
                spec = CallSpec(reversed, _REF)
                args = op.args[:1]
                found.append(Op(PURE_CALL, args, (backwards,), (), spec, op.site, op.order))
                new = new.replace(args=(backwards, *new.args[1:]))
            found.append(new)
        return Region(found, region.results, region.site, region.parameters)

    def pair(self, changed: dict[Op, Op], forward: Op, back: Op, made: dict[Value, Op]) -> None:
        """Leave out the lists on which one loop puts places and another takes them off."""
        before, after = changed.get(forward, forward), back
        counts = counters(before)
        number = made[back.args[0]].args[0]  # type: ignore[index]
        if number not in [forward.results[place] for place in counts]:
            return
        first = 1 if before.primitive is ir.FOR else 0
        body, turn = before.regions[-1], after.regions[0]
        places: set[Atom] = {body.parameters[first + place] for place in counts}
        index = turn.parameters[0]
        if self.uses[index] or any(map(leaves, turn.ops)):
            return
        names: dict[Value, Atom] = {}
        gone: set[Op] = set()
        for op in turn.ops:
            push = self.pushed(op, body, places, made)
            if push is not None:
                names[op.result] = op.result if not names else next(iter(names))
                gone |= {op, push}
        if not names:
            return
        chosen = next(iter(names))
        kept = [op for op in body.ops if op not in gone]
        new = Region(kept, body.results, body.site, body.parameters)
        changed[forward] = before.replace(regions=(*before.regions[:-1], new))
        rest = [_renamed(op, names) for op in turn.ops if op not in gone]
        results = turn.results and tuple(_name(names, atom) for atom in turn.results)
        turned = Region(rest, results, turn.site, (chosen, *turn.parameters[1:]))
        changed[back] = after.replace(regions=(turned, *after.regions[1:]))

    def pushed(self, op: Op, body: Region, places: set[Atom], made: dict[Value, Op]) -> Op | None:
        """What put a place on the list that an operation takes it off, and nothing else does."""
        if not _is_method(op, "pop") or len(op.args) != 1 or not op.results:
            return None
        (whole,) = op.args
        maker = made.get(whole) if isinstance(whole, Value) else None
        if maker is None or maker.primitive is not memory.LIST or maker.args:
            return None
        if self.uses[whole] != 2:
            return None
        for one in body.ops:
            if _is_method(one, "append") and one.args[0] is whole:
                return one if one.args[1] in places else None
        return None


def _counted_once(op: Op, names: dict[Value, Atom]) -> Op:
    """A loop that counts its turns twice, counting once; `names` says what that is called."""
    if op.primitive not in (ir.FOR, ir.WHILE):
        return op
    first = 1 if op.primitive is ir.FOR else 0
    one, *others = counters(op) or [0]
    if not others:
        return op
    body = op.regions[-1]
    inside: dict[Value, Atom] = {}
    for other in others:
        inside[body.parameters[first + other]] = body.parameters[first + one]
        names[op.results[other]] = op.results[one]
    results = body.results and tuple(_name(inside, atom) for atom in body.results)
    ops = [_renamed(inner, inside) for inner in body.ops]
    made = Region(ops, results, body.site, body.parameters)
    return op.replace(regions=(*op.regions[:-1], made))


def _is_method(op: Op, name: str) -> bool:
    if op.primitive is not memory.METHOD_OF:
        return False
    spec: MethodSpec = op.attribute
    return spec.name == name


def _name(names: dict[Value, Atom], atom: Atom) -> Atom:
    return names.get(atom, atom) if isinstance(atom, Value) else atom


def _renamed(op: Op, names: dict[Value, Atom]) -> Op:
    regions = tuple(
        Region(
            [_renamed(one, names) for one in region.ops],
            None if region.results is None else tuple(_name(names, a) for a in region.results),
            region.site,
            region.parameters,
        )
        for region in op.regions
    )
    return op.replace(args=tuple(_name(names, a) for a in op.args), regions=regions)
