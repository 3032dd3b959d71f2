"""Lowering of loops: what a turn re-binds is carried from turn to turn.

The body of a loop is lowered once for types that hold in every turn. They are found by trying:
a variable enters with the type it has before the loop, and where the body, on any way to the
next turn, leaves a wider one, the body is lowered again with that. The types found are kept, so
that an attempt at an outer loop need not find those of the inner loops anew.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sourcediff import types
from sourcediff.frontend.dissolved import keys_of, view_of
from sourcediff.frontend.expressions import looked_up, lower_expression, lower_test
from sourcediff.frontend.frames import (
    RETURN_VALUE,
    RETURNED,
    Arm,
    Frame,
    Key,
    Scope,
    hint,
    named_after,
)
from sourcediff.frontend.iteration import Sequence, common_type, sequence_of
from sourcediff.frontend.joins import DIVERGES, FALLS, FALSE, TRUE, Diverged, Outcome
from sourcediff.frontend.lowering import Loop, Lowering
from sourcediff.frontend.primitives import TUPLE
from sourcediff.frontend.source import own_nodes
from sourcediff.frontend.values import (
    Binding,
    Closure,
    Conflict,
    Dissolved,
    Once,
    Stream,
    Tup,
    View,
)
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    DEAD,
    FOR,
    UNDEFINED,
    WHILE,
    Atom,
    Const,
    Op,
    Region,
    Value,
)
from sourcediff.types import Type

__all__ = [
    "leave",
    "leave_loop",
    "leave_with",
    "loop_over",
    "lower_for",
    "lower_while",
    "returns_from_else",
]

Snapshot = dict[Key, Binding | None]
Body = Callable[[], Outcome]

#: How often a loop is lowered until its types must have been found.
MAX_ATTEMPTS = 30


def _falls() -> Outcome:
    return FALLS


def lower_for(lowering: Lowering, node: ast.For, rest: Body = _falls) -> Outcome:
    """A for statement, with what follows it where its ``else`` may return."""
    from sourcediff.frontend.assignments import assign_to
    from sourcediff.frontend.checkpoints import marked_by_function
    from sourcediff.frontend.statements import lower_block

    source = marked_by_function(lowering, lower_expression(lowering, node.iter))

    def body(item: Binding) -> Outcome:
        lowering.node = node.target
        assign_to(lowering, node.target, item)
        return lower_block(lowering, node.body)

    orelse = (lambda: lower_block(lowering, node.orelse)) if node.orelse else None
    bound = Scope.bound_in(ast.Module(body=[node], type_ignores=[]))
    if isinstance(source, Stream):
        from sourcediff.frontend.streams import Turns, go_through

        return go_through(lowering, source, Turns(node, body, orelse, bound))
    sequence = sequence_of(lowering, source, node.iter)
    if returns_from_else(lowering, node):
        left = _left(lowering, node)
        outcome = loop_over(lowering, node, sequence, body, None, bound, left=left)
        return _then_else(lowering, node, outcome, left, rest)
    return loop_over(lowering, node, sequence, body, orelse, bound)


def loop_over(
    lowering: Lowering,
    node: ast.AST,
    sequence: Sequence,
    body: Callable[[Binding], Outcome],
    orelse: Body | None = None,
    bound: list[str] | None = None,
    form: str | None = None,
    left: Key | None = None,
) -> Outcome:
    """A loop over a sequence: one item a turn. Where `left` is given, a break makes it true."""
    if sequence.items is not None:
        leaves = (ast.Break, ast.Continue, ast.Return)
        if not sequence.items or not any(isinstance(n, leaves) for n in ast.walk(node)):
            return _unrolled(lowering, sequence, body, orelse)
        known = Tup(sequence.items)
        joined = common_type(known) if sequence.source is None else None
        if joined is not None:  # they were given one by one for the texts in them only
            sequence = Sequence(lowering.atom(known), joined)
            return _Lowered(lowering, node, bound or [], orelse, form, left).over(sequence, body)
        if any(isinstance(i, Dissolved | Tup) for i in known.items) and not lowering.faithful:
            lowering.error(
                "a loop over a dict, or over objects, that is left by break or continue is not "
                "supported",
                node,
                "put what is skipped under an if",
            )
        places = lowering.atom(Tup([Const(i, types.INT) for i in range(len(known.items))]))
        sequence = Sequence(places, types.INT)
        body = _by_place(lowering, node, known, body)
    assert sequence.whole is not None
    if sequence.item is types.NEVER:
        return FALLS if orelse is None else orelse()
    return _Lowered(lowering, node, bound or [], orelse, form, left).over(sequence, body)


def _by_place(
    lowering: Lowering, node: ast.AST, known: Tup, body: Callable[[Binding], Outcome]
) -> Callable[[Binding], Outcome]:
    """A turn for a place among things of several types."""

    def turn(place: Binding) -> Outcome:
        lowering.node = node
        return body(looked_up(lowering, known, place))

    return turn


def _unrolled(
    lowering: Lowering,
    sequence: Sequence,
    body: Callable[[Binding], Outcome],
    orelse: Body | None,
) -> Outcome:
    """Turn by turn, where the items have no type in common."""
    assert sequence.items is not None
    source = sequence.source
    with gone_through(lowering, source):
        for place, item in enumerate(sequence.items):
            if isinstance(source, View):
                item = view_of(lowering, source.wholes[0], source.what).items[place]
            outcome = body(item)
            if outcome is not FALLS:
                return outcome
    return FALLS if orelse is None else orelse()


@contextmanager
def gone_through(lowering: Lowering, source: Once | None) -> Iterator[None]:
    """Go through dicts: which keys they have may not change, nor in a `zip` what they hold."""
    wholes = [] if source is None else source.wholes
    keys = [keys_of(lowering, whole) for whole in wholes]
    before = [whole.settled for whole in wholes]
    if not isinstance(source, View):
        for whole in wholes:
            whole.settled = whole.settled or "a loop goes through it"
    try:
        yield
    finally:
        for whole, reason in zip(wholes, before, strict=True):
            if whole.settled == "a loop goes through it":
                whole.settled = reason
    if keys != [keys_of(lowering, whole) for whole in wholes]:
        lowering.error(
            "a dict that gets other keys while a loop goes through it is not supported",
            help="go through list(d)",
        )


def lower_while(lowering: Lowering, node: ast.While, rest: Body = _falls) -> Outcome:
    """A while statement, with what follows it where its ``else`` may return."""
    from sourcediff.frontend.statements import lower_block

    late = returns_from_else(lowering, node)
    left = _left(lowering, node) if late else None
    orelse = (lambda: lower_block(lowering, node.orelse)) if node.orelse and not late else None
    bound = Scope.bound_in(ast.Module(body=[node], type_ignores=[]))
    lowered = _Lowered(lowering, node, bound, orelse, None, left)
    outcome = lowered.under(
        lambda: lower_test(lowering, node.test), lambda: lower_block(lowering, node.body)
    )
    return _then_else(lowering, node, outcome, left, rest) if late else outcome


# An else that returns ---------------------------------------------------------------------


def returns_from_else(lowering: Lowering, node: ast.For | ast.While) -> bool:
    """Whether the ``else`` of a loop returns, and does not thereby leave a loop further out.

    It is then lowered as an ``if`` behind the loop, since no region of a loop returns.
    """
    if not node.orelse or lowering.flat:
        return False
    if lowering.loops and lowering.loops[-1].frame is lowering.frame:
        return False
    holder = ast.Module(body=node.orelse, type_ignores=[])
    return any(isinstance(n, ast.Return) for n in own_nodes(holder))


def _left(lowering: Lowering, node: ast.For | ast.While) -> Key | None:
    """The variable that says whether a loop was left by break; None if it has no break."""
    if not any(isinstance(n, ast.Break) for n in _own_jumps(node.body)):
        return None
    return lowering.frame, named_after("left")


def _own_jumps(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that break and continue may be of, for the loop around these."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.For | ast.While):
            yield from _own_jumps(statement.orelse)
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.stmt):
                    yield from _own_jumps([child])
                elif isinstance(child, ast.match_case | ast.ExceptHandler):
                    yield from _own_jumps(child.body)


def _then_else(
    lowering: Lowering, node: ast.For | ast.While, outcome: Outcome, left: Key | None, rest: Body
) -> Outcome:
    """What comes after the turns of a loop: its ``else``, unless it was left by break."""
    from sourcediff.frontend.statements import lower_block

    def otherwise() -> Outcome:
        return lower_block(lowering, node.orelse)

    def after() -> Outcome:
        if left is None:
            return lowering.proceed(otherwise(), rest)
        broke = lowering.variables.get(*left)
        assert broke is not None
        lowering.variables.set(left, None)
        return lowering.branch(broke, lambda: FALLS, otherwise, rest)

    return lowering.proceed(outcome, after)


# Leaving a loop ---------------------------------------------------------------------------


def leave(lowering: Lowering, node: ast.Break | ast.Continue) -> Outcome:
    """A break or continue statement."""
    left = lowering.loops[-1].left
    if left is not None and isinstance(node, ast.Break):
        lowering.variables.set(left, TRUE)
    return _jump(lowering, isinstance(node, ast.Continue))


def leave_loop(lowering: Lowering) -> Outcome:
    """Out of the innermost loop."""
    return _jump(lowering, False)


def leave_with(lowering: Lowering, value: Binding) -> Outcome:
    """A return in a loop, of a function that has no code of its own: a break that remembers."""
    frame = lowering.frame
    lowering.variables.set((frame, RETURNED), TRUE)
    lowering.variables.set((frame, RETURN_VALUE), value)
    return _jump(lowering, False)


def _jump(lowering: Lowering, going_on: bool) -> Outcome:
    loop = lowering.loops[-1]
    bound = snapshot(lowering, loop)
    op = Op(CONTINUE if going_on else BREAK, (), (), site=lowering.site)
    (loop.continues if going_on else loop.breaks).append((op, bound))
    lowering.ops.append(op)
    return DIVERGES


def snapshot(lowering: Lowering, loop: Loop) -> Snapshot:
    """What the variables are bound to that were re-bound since the turn began, as values."""
    return _as_values(lowering, lowering.variables.changed_since(loop.depth), loop.joined)


def _as_values(lowering: Lowering, changes: Snapshot, joined: dict[Key, Dissolved]) -> Snapshot:
    """What is handed on: values, and for an object that a loop carries what it holds."""
    found: Snapshot = {}
    for key, binding in changes.items():
        if isinstance(binding, Tup) and not _holds_objects(binding):
            found[key] = as_one(lowering, binding)
            continue
        found[key] = binding
        whole = joined.get(key)
        if whole is None or binding is whole or not isinstance(binding, Dissolved):
            continue
        held = held_by(lowering, binding)
        if whole.cls is binding.cls and held.keys() == held_by(lowering, whole).keys():
            found[key] = whole
            if binding.serial <= whole.serial:
                settle_object(binding, key)
            part: Snapshot = {(whole, field): item for field, item in held.items()}
            found.update(_as_values(lowering, part, joined))
    return found


def as_one(lowering: Lowering, binding: Binding) -> Atom:
    """What a loop carries as one value; a named tuple is taken apart again behind it."""
    binding = lowering.in_memory(binding)
    if not isinstance(binding, Tup):
        return lowering.atom(binding)
    if binding.cls is list or lowering.faithful:
        return lowering.atom(binding)
    items = [as_one(lowering, item) for item in binding.items]
    cls = None if binding.cls is tuple else binding.cls
    kind = types.tuple_of((item.type for item in items), cls)
    return lowering.emit(TUPLE, items, kind, attribute=cls)


def _holds_objects(whole: Tup) -> bool:
    return any(
        _holds_objects(item) if isinstance(item, Tup) else isinstance(item, Dissolved)
        for item in whole.items
    )


def held_by(lowering: Lowering, whole: Dissolved) -> dict[Any, Binding]:
    """What an object holds now, by attribute."""
    found = {field: lowering.variables.get(whole, field) for field in whole.fields}
    return {field: binding for field, binding in found.items() if binding is not None}


def settle_object(whole: Dissolved, key: Key) -> None:
    """Say of an object that it may be the same as another from here on."""
    whole.settled = whole.settled or f"{key[1]!r} is another object in every turn"


class _Unsettled(Exception):
    """A carried variable is of another type than was assumed."""


class _Lowered:
    """One loop on its way into the IR."""

    def __init__(
        self,
        lowering: Lowering,
        node: ast.AST,
        bound: list[str],
        orelse: Body | None,
        form: str | None,
        left: Key | None,
    ) -> None:
        self.lowering = lowering
        self.node = node
        self.orelse = orelse
        self.form = form
        self.site = lowering.site
        self.youngest = Frame.count()
        self.memory = (*lowering.path, node)
        frame = lowering.frame
        names = dict.fromkeys(n for n in bound if n not in frame.shared)
        #: Whether the function may return inside, and has no code of its own to return from.
        self.returns = not lowering.flat and any(isinstance(n, ast.Return) for n in own_nodes(node))
        if self.returns:
            lowering.variables.set((frame, RETURNED), FALSE)
            lowering.variables.set((frame, RETURN_VALUE), DEAD)
        for name in frame.scope.locals:
            if name in names and frame.owner(name) is frame:
                names[name] = None
        self.own: list[Key] = [(frame, n) for n in names if frame.owner(n) is frame]
        self.types: dict[Key, Type | None] = {}
        #: Variables that are another object in every turn, by the object that stands for all.
        self.joined: dict[Key, Dissolved] = {}
        if self.returns:
            self.own += [(frame, RETURNED), (frame, RETURN_VALUE)]
        self.left = left
        if left is not None:
            lowering.variables.set(left, FALSE)
            self.own.append(left)
        for key in self.own:
            binding = lowering.variables.get(*key)
            if isinstance(binding, Value | Const):
                self.types[key] = binding.type
            elif isinstance(binding, Tup) and not _holds_objects(binding):
                self.types[key] = as_one(lowering, binding).type
        self._remember()

    def _remember(self) -> None:
        """Start from the types that an earlier attempt found."""
        known = self.lowering.memo.carried.get(self.memory, {})
        frames = {id(frame.node): frame for frame in self.lowering.frames}
        for (node, name), kind in known.items():
            frame = frames.get(node)
            if frame is not None:
                binding = self.lowering.variables.get(frame, name)
                entry = self.types.get((frame, name))
                if entry is None:
                    entry = types.UNBOUND if binding is None else types.NEVER
                    if isinstance(binding, Value | Const):
                        entry = binding.type
                self.types[frame, name] = types.join(kind, entry)

    # The two kinds of loop ----------------------------------------------------------------

    def over(self, sequence: Sequence, body: Callable[[Binding], Outcome]) -> Outcome:
        """A for loop."""
        assert sequence.whole is not None

        def turn() -> Outcome:
            return body(self.lowering.taken(item))

        for _ in range(MAX_ATTEMPTS):
            item = Value(sequence.item)
            attempt = _Attempt(self)
            try:
                attempt.body(turn)
                attempt.otherwise(True)
                attempt.settle()
            except _Unsettled:
                continue
            return attempt.close(FOR, (sequence.whole,), (item,))
        self.lowering.error("the types of the variables of this loop do not settle", self.node)

    def under(self, test: Callable[[], Binding], body: Body) -> Outcome:
        """A while loop."""
        for _ in range(MAX_ATTEMPTS):
            attempt = _Attempt(self)
            try:
                known = attempt.test(test)
                if known is False:
                    return FALLS if self.orelse is None else self.orelse()
                attempt.body(body)
                attempt.otherwise(known is None)
                attempt.settle()
            except _Unsettled:
                continue
            return attempt.close(WHILE, (), ())
        self.lowering.error("the types of the variables of this loop do not settle", self.node)


class _Attempt:
    """A loop lowered for the types that are assumed of what it carries."""

    def __init__(self, whole: _Lowered) -> None:
        self.whole = whole
        self.lowering = whole.lowering
        self.site = whole.site
        table = self.lowering.variables
        unbound = {key for key in whole.own if table.get(*key) is None} - whole.types.keys()
        self.loop = Loop(self.lowering.frame, table.depth, unbound, whole.left)
        self.loop.joined = whole.joined
        self.before_joined = dict(whole.joined)
        self.before = {key: table.get(*key) for key in whole.types}
        self.kinds = dict(whole.types)
        #: A variable of the region of the body, of the test, and of ``else``.
        self.taken: dict[str, dict[Key, Value]] = {"test": {}, "body": {}, "else": {}}
        self.arms: dict[str, Arm] = {}
        self.ends: dict[str, Snapshot | None] = {}
        self.tested: Atom | None = None
        self.endless = False

    # Regions ------------------------------------------------------------------------------

    def _enter(self, place: str) -> None:
        """Bind what is carried to the parameters of a region."""
        for key, kind in self.kinds.items():
            if kind is None:
                self.lowering.variables.set(
                    key, Conflict(f"{key[1]!r} has no one type in all turns of the loop")
                )
                continue
            value = self.taken[place][key] = Value(kind, hint(key))
            self.lowering.variables.set(key, self.lowering.taken(value))

    def _region(self, place: str, run: Callable[[], Outcome], site: Any = None) -> None:
        arm = self.arms[place] = Arm()
        lowering = self.lowering
        lowering.site = self.site
        lowering.watched.append(self.loop)
        with lowering.inside(arm):
            self._enter(place)
            try:
                outcome = run()
                if outcome is not FALLS and outcome is not DIVERGES:
                    lowering.error("a return in this loop is not supported", self.whole.node)
                end = (
                    None
                    if outcome is DIVERGES
                    else _as_values(
                        lowering,
                        lowering.variables.changed_since(lowering.variables.depth - 1),
                        self.loop.joined,
                    )
                )
            except Diverged:
                end = None
            finally:
                lowering.watched.pop()
        self.ends[place] = end
        lowering.site = self.site

    def test(self, test: Callable[[], Binding]) -> bool | None:
        """Lower the test of a while loop; its truth, where that is known."""
        known: list[bool | Atom] = []

        def run() -> Outcome:
            known.append(self.lowering.truth(test()))
            return FALLS

        self._region("test", run)
        if self.ends["test"] is None:
            self.lowering.ops.extend(self.arms["test"].ops)
            raise Diverged
        (found,) = known
        self.endless = found is True
        self.tested = Const(found, types.BOOL) if isinstance(found, bool) else found
        return found if isinstance(found, bool) and (found or not self.arms["test"].ops) else None

    def body(self, body: Body) -> None:
        """Lower the body."""
        self.lowering.loops.append(self.loop)
        path, self.lowering.path = self.lowering.path, (*self.lowering.path, self.whole.node)
        narrowed = None
        if isinstance(self.tested, Value):
            ops, self.lowering.ops = self.lowering.ops, list(self.arms["test"].ops)
            narrowed, _ = self.lowering.narrows(self.tested)
            self.lowering.ops = ops
        keys = [
            key
            for key, value in self.taken["test"].items()
            if value is narrowed and key not in (self.ends["test"] or {})
        ]

        def run() -> Outcome:
            for key in keys:
                inner = self.lowering.narrowed(self.taken["body"][key])
                self.lowering.variables.set(key, inner)
            return body()

        try:
            self._region("body", run)
        finally:
            self.lowering.loops.pop()
            self.lowering.path = path

    def otherwise(self, ends: bool) -> None:
        """Lower ``else``, where there is one and control can get there."""
        if self.whole.orelse is not None and ends:
            self._region("else", self.whole.orelse)

    # What is carried ----------------------------------------------------------------------

    def _snapshots(self) -> list[tuple[str, Snapshot]]:
        """Where control goes on from: to the next turn, or out of the loop."""
        found = [(place, end) for place, end in self.ends.items() if end is not None]
        found += [("continue", bound) for _, bound in self.loop.continues]
        return found + [("break", bound) for _, bound in self.loop.breaks]

    def settle(self) -> None:
        """See whether the types that were assumed hold.

        Raises:
            _Unsettled: they do not; the wider ones are noted for the next attempt.
        """
        again = False
        for place, bound in self._snapshots():
            for key, binding in bound.items():
                if key[0].serial > self.whole.youngest:
                    continue  # a variable of a function that was entered and left in the turn
                again = self._meet(place, key, binding) or again
        for key in self.loop.wanted:
            if key not in self.before and self.kinds.get(key, types.UNBOUND) is not types.UNBOUND:
                again = True
        if again:
            self.whole.types = {
                key: kind for key, kind in self.kinds.items() if kind is not types.UNBOUND
            }
            self._note()
            raise _Unsettled
        self._note()

    def _note(self) -> None:
        memo = self.lowering.memo.carried.setdefault(self.whole.memory, {})
        for (frame, name), kind in self.kinds.items():
            if kind is None or isinstance(frame, Dissolved):
                continue
            if (frame, name) in self.before:
                memo[id(frame.node), name] = kind

    def _meet(self, place: str, key: Key, binding: Binding | None) -> bool:
        """Join what is bound at one place into what is carried; whether to lower again."""
        known = key in self.before
        if binding is None:
            binding = UNDEFINED
        if not isinstance(binding, Value | Const):
            return self._meet_static(key, binding)
        kind = self.kinds.get(key, types.UNBOUND)
        if kind is None:
            return False
        if not known:
            entry = self.lowering.variables.get(*key)
            if entry is binding:
                return False  # it was narrowed for a while
            if entry is not None:
                # It had a value before the loop and is re-bound after all: to be carried.
                if not isinstance(entry, Value | Const | Tup):
                    self.kinds[key] = None
                    return True
                first = as_one(self.lowering, entry).type
                self.kinds[key] = types.join(first, binding.type)
                return True
        elif place == "test" and binding.type.kind == "Optional" and kind is binding.type:
            return False
        joined = types.join(kind, binding.type)
        if joined is not None and kind is not types.UNBOUND and types.same(joined, kind):
            return False
        self.kinds[key] = joined
        return known

    def _meet_static(self, key: Key, binding: Binding) -> bool:
        entry = self.lowering.variables.get(*key)
        if entry is binding or self.kinds.get(key, types.REAL) is None:
            return False
        same_function = (
            isinstance(binding, Closure)
            and isinstance(entry, Closure)
            and binding.node is entry.node
            and binding.frame is entry.frame
        )
        if same_function:
            return False
        if isinstance(entry, Dissolved) and isinstance(binding, Dissolved):
            if self._carry(key, entry, binding):
                return True
        known = key in self.before
        self.kinds[key] = None
        return known or entry is not None

    def _carry(self, key: Key, entry: Dissolved, binding: Dissolved) -> bool:
        """Let one object stand for what a variable is in all turns; whether that can be."""
        lowering = self.lowering
        held = held_by(lowering, entry)
        if key in self.before_joined:
            return False  # it has other attributes than in the turn before
        if entry.cls is not binding.cls or held.keys() != binding.fields.keys():
            return False
        for one in (entry, binding):
            settle_object(one, key)
        if key in self.whole.joined:
            return True  # this turn leaves one of several objects, on different ways
        made = Dissolved(entry.cls, hint(key), self.whole.youngest)
        settle_object(made, key)
        made.given = entry.given
        for field, found in held.items():
            made.fields[field] = None
            lowering.variables.set((made, field), found)
        lowering.variables.set(key, made)
        self.whole.joined[key] = made
        return True

    # The operation ------------------------------------------------------------------------

    def close(self, primitive: Any, head: tuple[Atom, ...], first: tuple[Value, ...]) -> Outcome:
        """Append the loop, and bind the variables to what it leaves behind."""
        lowering = self.lowering
        self.kinds = {k: kind for k, kind in self.kinds.items() if kind is not types.UNBOUND}
        keys = [key for key, kind in self.kinds.items() if kind is not None]
        before = []
        for key in keys:
            entry = lowering.variables.get(*key)
            if entry is None:
                lowering.want(key)
            atom = UNDEFINED if entry is None else as_one(lowering, entry)
            before.append(atom)
            for place in self.taken.values():
                if key not in place:
                    kind = self.kinds[key]
                    assert kind is not None
                    place[key] = Value(kind, hint(key))
        for op, bound in self.loop.continues:
            op.args = self._atoms(keys, bound, "body")
        for op, bound in self.loop.breaks:
            op.args = self._atoms(keys, bound, "body")
        regions = [self._closed("body", keys, first)]
        if primitive is WHILE:
            test = self._closed("test", keys, ())
            assert test.results is not None and self.tested is not None
            test = Region(test.ops, (self.tested, *test.results), None, test.parameters)
            regions.insert(0, test)
        if "else" in self.arms:
            regions.append(self._closed("else", keys, ()))
        results = tuple(Value(self._kind(key), hint(key)) for key in keys)
        op = Op(primitive, (*head, *before), results, tuple(regions), self.whole.form, self.site)
        lowering.ops.append(op)
        for key, result in zip(keys, results, strict=True):
            lowering.variables.set(key, lowering.taken(result))
        for key, kind in self.kinds.items():
            if kind is None:
                message = f"{key[1]!r} has no one type after the loop"
                lowering.variables.set(key, Conflict(message))
        stays = not self.endless and ("else" not in self.arms or self.ends["else"] is not None)
        if not stays and not self.loop.breaks:
            return DIVERGES
        return self._returned(stays) if self.whole.returns else FALLS

    def _returned(self, stays: bool) -> Outcome:
        """How control leaves after a loop in which the function may have returned."""
        lowering, frame = self.lowering, self.lowering.frame
        flag = lowering.variables.get(frame, RETURNED)
        value = lowering.variables.get(frame, RETURN_VALUE)
        assert isinstance(flag, Value | Const) and value is not None
        if isinstance(flag, Const):
            return FALLS
        always = not stays and all(b.get((frame, RETURNED)) is TRUE for _, b in self.loop.breaks)
        if lowering.loops and lowering.loops[-1].frame is frame:
            if always:
                return _jump(lowering, False)
            return lowering.branch(
                flag, lambda: _jump(lowering, False), lambda: FALLS, lambda: FALLS, False
            )
        for name in (RETURNED, RETURN_VALUE):
            lowering.variables.set((frame, name), None)
        return Outcome(value, None if always else flag, self.site)

    def _kind(self, key: Key) -> Type:
        kind = self.kinds[key]
        assert kind is not None
        return kind

    def _closed(self, place: str, keys: list[Key], first: tuple[Value, ...]) -> Region:
        arm, end = self.arms[place], self.ends[place]
        parameters = (*first, *(self.taken[place][key] for key in keys))
        results = None if end is None else self._atoms(keys, end, place)
        return Region(arm.ops, results, arm.site, parameters)

    def _atoms(self, keys: list[Key], bound: Snapshot, place: str) -> tuple[Atom, ...]:
        atoms: list[Atom] = []
        for key in keys:
            if key not in bound:
                atoms.append(self.taken[place][key])
                continue
            binding = bound[key]
            if binding is None:
                atoms.append(UNDEFINED)
            elif isinstance(binding, Value | Const):
                atoms.append(binding)
            else:
                atoms.append(DEAD)
        return tuple(atoms)
