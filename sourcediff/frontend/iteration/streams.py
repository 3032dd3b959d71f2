"""What gives its items one by one, each made when it is asked for: ``map``, ``filter``, ``chain``.

Where it is gone through, it is the loop that it stands for: ``for y in map(f, xs)`` is
``for x in xs`` with ``y = f(x)`` at the start of a turn. A function that takes all the items gets
the list of them. Nothing is made before it is asked for, so that effects keep their order.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(xs):
...     return sum(map(lambda x: x * x, xs))
>>> print(lower_function(f, {"xs": list_of(Slot(REAL))}))
f(xs: List[Real]):
    %1 = list
    for xs [generator]:
        take x: Real
        %2 = mul x x
        method_of %1 %2 [append]
        yield
    %3 = pure_call %1 [builtins.sum]
    yield %3
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.frontend.containers.containers import fresh_list, kept
from sourcediff.frontend.control.carried import CarryingLoop
from sourcediff.frontend.control.joins import FALLS, Outcome
from sourcediff.frontend.control.leaving import leave_loop
from sourcediff.frontend.control.loops import loop_over
from sourcediff.frontend.describe import describe_type
from sourcediff.frontend.frames import named_after
from sourcediff.frontend.iteration.iterables import iterated
from sourcediff.frontend.iteration.iteration import sequence_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.operators import operate
from sourcediff.frontend.values import Binding, Columns, Heap, Ref, Static, Stream, Tup
from sourcediff.ir import Const, Region, Value, walk
from sourcediff.memory import LIST, METHOD_OF, MethodSpec
from sourcediff.types import Slot, Type

__all__ = [
    "Turns",
    "begun",
    "endless",
    "filtered",
    "go_through",
    "listed",
    "mapped",
    "nested",
    "number",
    "require_unchanged",
    "singular",
    "slots_of",
    "stopped",
]

Body = Callable[[Binding], Outcome]


class Turns:
    """What is to happen with each item, and how the loop is written.

    node    what the loop belongs to
    body    lowers a turn
    orelse  lowers what follows where no turn has left the loop
    bound   the names that the turns bind
    form    what kind of comprehension it is; None for a statement
    """

    __slots__ = ("body", "bound", "form", "node", "orelse")

    def __init__(
        self,
        node: ast.AST,
        body: Body,
        orelse: Callable[[], Outcome] | None = None,
        bound: Collection[str] = (),
        form: str | None = None,
    ) -> None:
        self.node = node
        self.body = body
        self.orelse = orelse
        self.bound = bound
        self.form = form

    def with_body(self, body: Body) -> Turns:
        return Turns(self.node, body, self.orelse, self.bound, self.form)


def go_through(lowering: Lowering, source: Binding, turns: Turns) -> Outcome:
    """The loop over what a binding gives."""
    source = iterated(lowering, source)
    if isinstance(source, Heap):
        from sourcediff.frontend.objects.heaps import items_of_heap

        lowering.node = turns.node
        source = items_of_heap(lowering, source)
    if isinstance(source, Columns):
        from sourcediff.frontend.objects.column_items import items_of_columns

        lowering.node = turns.node
        source = items_of_columns(lowering, source)
    if isinstance(source, Stream):
        place = len(lowering.ops)
        _require_same_views(lowering, source, turns.node)
        outcome: Outcome = source.run(turns)
        require_unchanged(lowering, source.copied, place, turns.node)
        _require_lasting(lowering, source.lasting, place, turns.node)
        return outcome
    sequence = sequence_of(lowering, source, turns.node)
    return loop_over(
        lowering, turns.node, sequence, turns.body, turns.orelse, turns.bound, turns.form
    )


def require_unchanged(
    lowering: Lowering, wholes: Sequence[Value], place: int, node: ast.AST
) -> None:
    """Refuse operations since a place that change what others have copied."""
    slots = {slot.root for whole in wholes for slot in slots_of(whole.type)}
    for op in walk(Region(lowering.ops[place:], None)):
        if not slots or not op.primitive.writes or not op.args:
            continue
        kind = op.args[0].type
        changed = kind.slots.get("value" if kind.kind == "Dict" else "element")
        if kind.kind in ("List", "Dict") and changed is not None and changed.root in slots:
            lowering.error(
                f"{describe_type(kind)} that changes while a loop goes through what is made of it "
                "is not supported",
                node,
                "go through a copy of it",
            )


def _require_lasting(
    lowering: Lowering, wholes: Sequence[Value], place: int, node: ast.AST
) -> None:
    """Refuse operations since a place that change how long lists are which are gone through."""
    slots = {whole.type.slots["element"].root for whole in wholes}
    for op in walk(Region(lowering.ops[place:], None)) if slots else ():
        if op.primitive is METHOD_OF and op.args[0].type.kind == "List":
            if op.args[0].type.slots["element"].root in slots:
                lowering.error(
                    "a list of objects that gets longer while a loop goes through it is not "
                    "supported",
                    node,
                    "put them into another list",
                )


def slots_of(kind: Type) -> Iterator[Slot]:
    """The slots of a list, and of lists in it."""
    if kind.kind == "Dict":
        yield kind.slots["value"]
    while kind.kind == "List":
        yield kind.slots["element"]
        kind = kind.slots["element"].type


def _require_same_views(lowering: Lowering, source: Stream, node: ast.AST) -> None:
    """Refuse views of dicts that have been looked at early, where a dict may have changed since."""
    for whole, ops, place in source.views:
        if ops is not lowering.ops:
            lowering.error(
                "an iterator over a dict that is used elsewhere than where it is made is not "
                "supported",
                node,
                "make it a list: list(…)",
            )
        require_unchanged(lowering, [whole], place, node)


def whole_of(lowering: Lowering, make: Callable[[], Value], copied: Sequence[Binding]) -> Stream:
    """What gives the items of a list that is made when the first is asked for.

    Args:
        copied: lists that it is made of.
    """

    def run(turns: Turns) -> Outcome:
        lowering.node = turns.node
        return go_through(lowering, make(), turns)

    stream = Stream(run)
    stream.whole = make
    stream.copied = [a for a in copied if isinstance(a, Value)]
    return stream


def early(lowering: Lowering, stream: Stream, node: ast.AST | None = None) -> Value:
    """The list of the items of a stream before they are asked for, where nobody can tell."""
    place = len(lowering.ops)
    whole = listed(lowering, node or lowering.node or lowering.frame.node, stream)
    if stream.leave is not None:
        stream.leave()
    ops = list(walk(Region(lowering.ops[place:], None)))
    made = {result for op in ops for result in op.results}
    for op in ops:
        if op.primitive.effect and not (op.primitive.writes and op.args and op.args[0] in made):
            _refuse(lowering, "whose items are made with an effect")
    return whole


def listed(lowering: Lowering, node: ast.AST, stream: Stream, form: str = "generator") -> Value:
    """The list of the items of a stream, for a function that takes them all."""
    if stream.whole is not None:
        made: Value = stream.whole()
        return made
    kind = fresh_list(lowering, node, types.NEVER)
    whole = lowering.emit(LIST, (), kind)

    def turn(item: Binding) -> Outcome:
        atom = kept(lowering, item)
        lowering.put(kind.slots["element"], atom.type, "this list")
        lowering.effect(METHOD_OF, (whole, atom), attribute=MethodSpec("append", writes=True))
        return FALLS

    go_through(lowering, stream, Turns(node, turn, form=None if stream.stops else form))
    return whole


# One item for each -----------------------------------------------------------------------


def mapped(
    lowering: Lowering, sources: Sequence[Binding], make: Callable[[list[Binding]], Binding]
) -> Stream:
    """A stream that makes an item of one item of each of its sources."""
    single = sources[0] if len(sources) == 1 else None
    if isinstance(single, Stream) and single.sources is None and single.whole is None:
        return _of_each(lowering, single, lambda item: make([item]))
    flat: list[Binding] = []
    copied: list[Value] = []
    lasting = [w for source in sources if isinstance(source, Stream) for w in source.lasting]
    views = [w for source in sources if isinstance(source, Stream) for w in source.views]
    parts: list[tuple[slice, Stream | None]] = []
    for source in sources:
        inner = source if isinstance(source, Stream) else None
        if inner is not None and inner.whole is not None:
            copied += inner.copied
            whole = inner.viewed
            source, inner = early(lowering, inner), None
            if whole is not None:
                copied.append(whole)
                views.append((whole, lowering.ops, len(lowering.ops)))
        elif inner is not None and inner.opened is not None:
            assert inner.viewed is not None
            copied.append(inner.viewed)
            inner = inner.opened()
            views.append((copied[-1], lowering.ops, len(lowering.ops)))
        elif inner is not None:
            copied += inner.copied
        if inner is not None and inner.sources is None:
            _refuse(lowering, "of a number of items that is not that of another")
        own = [source] if inner is None else inner.sources or []
        parts.append((slice(len(flat), len(flat) + len(own)), inner))
        flat += own

    def made(place: Binding, items: list[Binding]) -> Binding:
        return make(
            [
                items[part.start] if inner is None else inner.make(place, items[part])
                for part, inner in parts
            ]
        )

    counted = any(inner is not None and inner.counted for _, inner in parts)
    stream: Stream = Stream(lambda turns: _in_step(lowering, stream, turns), flat, made, counted)
    stream.copied, stream.lasting, stream.views = copied, lasting, views
    return stream


def _of_each(lowering: Lowering, source: Stream, make: Callable[[Binding], Binding]) -> Stream:
    """The same with other items."""

    def run(turns: Turns) -> Outcome:
        outcome: Outcome = source.run(turns.with_body(lambda item: turns.body(make(item))))
        return outcome

    stream = Stream(run)
    stream.stops, stream.nested, stream.copied = source.stops, source.nested, source.copied
    stream.lasting, stream.views = source.lasting, source.views
    return stream


def endless(
    lowering: Lowering, make: Callable[[Binding], Binding], counted: bool = False
) -> Stream:
    """What gives items as long as something beside it does, made of the number of the turn."""
    stream: Stream = Stream(
        lambda turns: _in_step(lowering, stream, turns), [], lambda place, _: make(place), counted
    )
    return stream


def _in_step(lowering: Lowering, stream: Stream, turns: Turns) -> Outcome:
    """The loop over the sources of a stream, side by side."""
    if not stream.sources:
        return _without_end(lowering, stream, turns)
    source = stream.sources[0]
    several = len(stream.sources) > 1
    if several:  # not where the places are counted: what two calls give is of two types
        home = next(ast.iter_child_nodes(turns.node), turns.node)
        source = _built_in(lowering, zip, list(stream.sources), home)
    if stream.counted:
        source = _built_in(lowering, enumerate, [source], turns.node)
    name = singular(source)

    def turn(item: Binding) -> Outcome:
        place: Binding = number(0)
        rest = item
        if stream.counted:
            assert isinstance(item, Tup)
            place, rest = item.items
        items = rest.items if several and isinstance(rest, Tup) else [rest]
        lowering.node = turns.node
        made = stream.make(place, items)
        if isinstance(item, Value) and item.name is None:
            item.name = name
        return turns.body(made)

    return go_through(lowering, source, turns.with_body(turn))


def _without_end(lowering: Lowering, stream: Stream, turns: Turns) -> Outcome:
    """``for i in count()`` is ``while True``, with the number of the turn where it is asked for."""
    if turns.form is not None:
        _refuse(lowering, "without an end")
    key = (lowering.frame, named_after("ijklm"[min(len(lowering.loops), 4)]))
    if stream.counted:
        lowering.variables.set(key, number(0))

    def turn() -> Outcome:
        lowering.node = turns.node
        place = lowering.variables.get(*key) if stream.counted else number(0)
        assert place is not None
        if stream.counted:
            lowering.variables.set(key, operate(lowering, ast.Add(), place, number(1)))
        return turns.body(stream.make(place, []))

    always = Const(True, types.BOOL)
    loop = CarryingLoop(lowering, turns.node, turns.bound, turns.orelse, None, None)
    return loop.under(lambda: always, turn)


def singular(source: Binding) -> str | None:
    """What an item is called that nobody has given a name: ``x`` of ``xs``."""
    name = source.name if isinstance(source, Value) else None
    return name[:-1] if name and len(name) > 1 and name.endswith("s") else None


def _built_in(lowering: Lowering, function: Any, args: list[Binding], node: ast.AST) -> Binding:
    from sourcediff.frontend.calls.calls import call

    static = Static(function, Ref("module", builtins, (function.__name__,)))
    return call(lowering, static, args, {}, node)


# Others ----------------------------------------------------------------------------------


def filtered(lowering: Lowering, source: Binding, holds: Callable[[Binding], Binding]) -> Stream:
    """The items of which something holds."""

    def run(turns: Turns) -> Outcome:
        def turn(item: Binding) -> Outcome:
            test = holds(item)
            return lowering.branch(
                test, lambda: turns.body(item), lambda: FALLS, lambda: FALLS, False
            )

        return go_through(lowering, source, turns.with_body(turn))

    stream = Stream(run)
    if isinstance(source, Stream):
        stream.stops, stream.nested, stream.copied = source.stops, source.nested, source.copied
        stream.lasting, stream.views = source.lasting, source.views
    return stream


def stopped(lowering: Lowering, source: Binding, holds: Callable[[Binding], Binding]) -> Stream:
    """The items before the first of which something does not hold."""
    if isinstance(source, Stream) and source.nested:
        _refuse(lowering, "of these")

    def run(turns: Turns) -> Outcome:
        if turns.orelse is not None:
            lowering.error("takewhile() in a loop that has an else is not supported")
        if turns.form is not None:
            lowering.error("takewhile() in a comprehension is not supported", help="use a loop")

        def turn(item: Binding) -> Outcome:
            test = holds(item)
            return lowering.branch(
                test,
                lambda: FALLS,
                lambda: leave_loop(lowering),
                lambda: turns.body(item),
            )

        return go_through(lowering, source, turns.with_body(turn))

    stream = Stream(run)
    stream.stops = True
    stream.copied = source.copied if isinstance(source, Stream) else []
    stream.lasting = source.lasting if isinstance(source, Stream) else []
    stream.views = source.views if isinstance(source, Stream) else []
    return stream


def begun(lowering: Lowering, source: Binding, passed: Callable[[Binding], Binding]) -> Stream:
    """The items from the first on of which something does not hold."""
    key = (lowering.frame, named_after("passing"))

    def run(turns: Turns) -> Outcome:
        lowering.variables.set(key, Const(True, types.BOOL))

        def turn(item: Binding) -> Outcome:
            passing = lowering.variables.get(*key)
            assert passing is not None
            test = lowering.choose(passing, lambda: passed(item), lambda: Const(False, types.BOOL))

            def go_on() -> Outcome:
                lowering.variables.set(key, Const(False, types.BOOL))
                return turns.body(item)

            return lowering.branch(test, lambda: FALLS, go_on, lambda: FALLS, False)

        return go_through(lowering, source, Turns(turns.node, turn, turns.orelse, turns.bound))

    stream = Stream(run)
    stream.stops = True
    if isinstance(source, Stream):
        stream.nested, stream.copied = source.nested, source.copied
        stream.lasting, stream.views = source.lasting, source.views
    return stream


def nested(
    lowering: Lowering,
    sources: Sequence[Callable[[list[Binding]], Binding]],
    what: str,
    known: Tup | None = None,
    quiet: bool = False,
) -> Stream:
    """The tuples of an item of each source, by loops within each other.

    Args:
        sources: each is told the items so far.
        known: the tuples, where they are known: one loop goes through them if it may be left.
        quiet: whether nobody can tell that all are made before that loop.
    """

    def run(turns: Turns) -> Outcome:
        ends_early = turns.form in ("next", "any", "all") or _breaks(turns.node)
        if turns.orelse is not None or ends_early:
            if known is not None:
                return go_through(lowering, known, turns)
            if quiet:
                plain = Stream(clauses)
                plain.nested = True
                home = next(ast.iter_child_nodes(turns.node), turns.node)
                return go_through(lowering, _rows(lowering, home, plain), turns)
            lowering.error(
                f"a loop over {what} that is left by break is not supported",
                turns.node,
                "write the loops one in the other, in a function that returns",
            )
        return clauses(turns)

    def clauses(turns: Turns) -> Outcome:

        def clause(place: int, items: list[Binding], form: str | None) -> Outcome:
            if place == len(sources):
                return turns.body(Tup(items))
            inner = "clause" if form is not None else None

            def turn(item: Binding) -> Outcome:
                return clause(place + 1, [*items, item], inner)

            lowering.node = turns.node
            source = sources[place](items)
            own = Turns(turns.node, turn, None, turns.bound, form)
            return go_through(lowering, source, own)

        return clause(0, [], turns.form)

    stream = Stream(run)
    stream.nested = True
    return stream


def _rows(lowering: Lowering, node: ast.AST, stream: Stream) -> Binding:
    """The list of the tuples that a stream gives; of mixed ones a list for each place in them."""
    from sourcediff.frontend.objects.column_order import collected
    from sourcediff.frontend.objects.tuple_columns import register_tuple

    slot = lowering.slot(node, "List")
    shape = lowering.memo.columns.get(slot.root)
    if shape is not None:
        return collected(lowering, stream, shape, node)

    def noted(item: Binding) -> Binding:
        register_tuple(lowering, slot, [item])
        return item

    return listed(lowering, node, _of_each(lowering, stream, noted))


def _breaks(node: ast.AST) -> bool:
    """Whether a for statement has a break of its own."""
    if not isinstance(node, ast.For):
        return False
    pending: list[ast.AST] = list(node.body)
    while pending:
        found = pending.pop()
        if isinstance(found, ast.Break):
            return True
        if isinstance(found, ast.For | ast.While):
            pending += found.orelse
        elif not isinstance(found, ast.FunctionDef | ast.Lambda):
            pending += ast.iter_child_nodes(found)
    return False


def _refuse(lowering: Lowering, what: str) -> NoReturn:
    lowering.error(f"an iterator {what} is not supported here", help="make it a list: list(…)")


def number(value: int) -> Const:
    return Const(value, types.INT)
