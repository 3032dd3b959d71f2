"""Cursors through what `zip`, `enumerate`, `map`, … give, made of those through what they take."""

from __future__ import annotations

import operator
from collections.abc import Sequence

from sourcediff import memory, types
from sourcediff.ir import Atom, Op, Value
from sourcediff.transform.whole.build import (
    FALSE,
    TRUE,
    ZERO_INT,
    Code,
    integer,
    known,
)
from sourcediff.transform.whole.called import call_value
from sourcediff.transform.whole.cursors import (
    Cursor,
    Places,
    keys_of,
    make_tuple,
)
from sourcediff.transform.whole.normal import Normal
from sourcediff.transform.whole.shapes import element
from sourcediff.types import BOOL, INT, OBJECT, Slot, Type, list_of

__all__ = [
    "Chained",
    "Columns",
    "Counted",
    "Entries",
    "Filtered",
    "Mapped",
    "Pairs",
    "Picked",
    "Sliced",
    "Together",
]


class Counted(Cursor):
    """``enumerate(…)``."""

    def __init__(self, normal: Normal, inside: Cursor, start: Atom) -> None:
        super().__init__(normal.code)
        self.normal = normal
        self.inside = inside
        self.number = self.code.variable("number", INT)
        self.code.write(self.number, start)

    def more(self) -> Atom:
        return self.inside.more()

    def item(self) -> Atom:
        number = self.code.read(self.number)
        self.code.write(self.number, self.code.plus(number, integer(1)))
        return make_tuple(self.normal, (number, self.inside.item()))


class Together(Cursor):
    """``zip(…)``."""

    def __init__(self, normal: Normal, inside: Sequence[Cursor], strict: bool) -> None:
        super().__init__(normal.code)
        self.normal = normal
        self.inside = inside
        self.strict = strict

    def more(self) -> Atom:
        found: Atom = TRUE
        for cursor in self.inside:
            found = self.code.both(found, cursor.more())
        return found if self.inside else FALSE

    def item(self) -> Atom:
        return make_tuple(self.normal, [cursor.item() for cursor in self.inside])

    def finish(self) -> None:
        if self.strict:
            for cursor in self.inside:
                self.code.branch(
                    cursor.more(),
                    lambda: self.code.fail(ValueError, "zip() arguments differ in length"),
                )


class Entries(Cursor):
    """The values, or the pairs of key and value, of a dict whose keys stay the same."""

    def __init__(self, normal: Normal, whole: Atom, value: Type, pairs: bool) -> None:
        super().__init__(normal.code)
        self.normal = normal
        self.whole = whole
        self.value = value
        self.pairs = pairs
        self.keys = keys_of(self.code, whole)

    def more(self) -> Atom:
        return self.keys.more()

    def item(self) -> Atom:
        key = self.keys.item()
        value = self.code.at(self.whole, key, self.value)
        return make_tuple(self.normal, (key, value)) if self.pairs else value


class Columns(Cursor):
    """``zip(*rows)``, for as many rows as there are when the run gets there."""

    def __init__(self, code: Code, rows: Atom, type: Type) -> None:
        super().__init__(code)
        self.rows = rows
        self.type = type
        self.place = code.variable("place", INT)
        code.write(self.place, ZERO_INT)

    def more(self) -> Atom:
        code = self.code
        now = code.read(self.place)
        flag = code.variable("more", BOOL)
        code.write(flag, code.less(ZERO_INT, code.length(self.rows)))

        def check(_: Value, row: Value) -> None:
            long = code.less(now, code.length(row))
            code.write(flag, code.both(code.read(flag), long))

        code.each(self.rows, element(self.rows.type), check)
        return code.read(flag)

    def item(self) -> Atom:
        code = self.code
        now = code.read(self.place)
        code.write(self.place, code.plus(now, integer(1)))
        kind = element(self.type)
        found = code.op(memory.LIST, (), list_of(Slot(kind)))
        code.each(
            self.rows,
            element(self.rows.type),
            lambda _, row: code.push(found, code.at(row, now, kind)),
        )
        return code.call(tuple, found, type=self.type)


class Mapped(Cursor):
    """``map(f, …)``."""

    def __init__(self, normal: Normal, called: Atom, inside: Cursor, op: Op) -> None:
        super().__init__(normal.code)
        self.normal = normal
        self.called = called
        self.inside = inside
        self.op = op

    def more(self) -> Atom:
        return self.inside.more()

    def item(self) -> Atom:
        items = self.normal.parts[self.inside.item()]  # type: ignore[index]
        return call_value(self.normal, self.called, items, self.op)


class Filtered(Cursor):
    """``filter(f, …)``: the next item that passes is looked for when it is asked for."""

    def __init__(self, normal: Normal, called: Atom, inside: Cursor, op: Op) -> None:
        super().__init__(normal.code)
        self.normal = normal
        self.called = called
        self.inside = inside
        self.op = op
        kind = op.result.type.slots["element"].type
        self.found = self.code.variable("found", kind)
        self.ready = self.code.variable("ready", BOOL)
        self.code.write(self.ready, FALSE)

    def more(self) -> Atom:
        code = self.code

        def look() -> None:
            code.branch(code.read(self.ready), code.leave)
            code.unless(self.inside.more())
            item = self.inside.item()
            passes = item
            if self.called.type is not types.NONE:
                passes = call_value(self.normal, self.called, [item], self.op)

            def take() -> None:
                code.write(self.found, item)
                code.write(self.ready, TRUE)

            code.branch(passes, take)

        code.loop(look)
        return code.read(self.ready)

    def item(self) -> Atom:
        self.code.write(self.ready, FALSE)
        return self.code.read(self.found)


class Sliced(Cursor):
    """``islice(…, start, stop, step)``: what is left out is passed when an item is asked for."""

    def __init__(
        self, code: Code, inside: Cursor, start: Atom, stop: Atom | None, step: Atom
    ) -> None:
        super().__init__(code)
        self.inside = inside
        self.stop = stop
        self.step = step
        for bound, least in ((start, 0), (stop, 0), (step, 1)):
            if bound is not None:
                wrong = code.less(bound, integer(least))
                code.branch(wrong, lambda: code.fail(ValueError, "islice() with a negative number"))
        self.passed = code.variable("passed", INT)
        self.wanted = code.variable("wanted", INT)
        code.write(self.passed, ZERO_INT)
        code.write(self.wanted, start)

    def more(self) -> Atom:
        code = self.code
        found = code.variable("more", BOOL)
        code.write(found, FALSE)
        wanted = code.read(self.wanted)

        def look() -> None:
            code.loop(skip)
            code.write(found, self.inside.more())

        def skip() -> None:
            code.unless(code.less(code.read(self.passed), wanted))
            code.unless(self.inside.more())
            self._pass()

        if self.stop is None:
            look()
        else:
            code.branch(code.less(wanted, self.stop), look)
        return code.read(found)

    def item(self) -> Atom:
        found = self._pass()
        self.code.write(self.wanted, self.code.plus(self.code.read(self.wanted), self.step))
        return found

    def _pass(self) -> Atom:
        found = self.inside.item()
        self.code.write(self.passed, self.code.plus(self.code.read(self.passed), integer(1)))
        return found


class Pairs(Cursor):
    """``pairwise(…)``: each item with that before it."""

    def __init__(self, normal: Normal, inside: Cursor, kind: Type) -> None:
        super().__init__(normal.code)
        self.normal = normal
        self.inside = inside
        self.before = self.code.variable("before", kind)
        self.begun = self.code.variable("begun", BOOL)
        self.code.write(self.begun, FALSE)

    def more(self) -> Atom:
        code = self.code

        def first() -> None:
            code.branch(self.inside.more(), begin)

        def begin() -> None:
            code.write(self.before, self.inside.item())
            code.write(self.begun, TRUE)

        code.branch(code.read(self.begun), lambda: None, first)
        return code.both(code.read(self.begun), self.inside.more())

    def item(self) -> Atom:
        found = self.inside.item()
        pair = make_tuple(self.normal, (self.code.read(self.before), found))
        self.code.write(self.before, found)
        return pair


class Picked(Cursor):
    """Items of a copy of what is gone through, at places that Python's own iterator gives."""

    def __init__(self, normal: Normal, pool: Atom, picks: Atom) -> None:
        super().__init__(normal.code)
        self.normal = normal
        self.pool = pool
        self.picks = Places(self.code, picks, OBJECT)

    def more(self) -> Atom:
        return self.picks.more()

    def item(self) -> Atom:
        code, kind = self.code, element(self.pool.type)
        pick = self.picks.item()
        found = code.op(memory.LIST, (), list_of(Slot(kind)))
        code.each(pick, INT, lambda _, place: code.push(found, code.at(self.pool, place, kind)))
        return code.call(tuple, found, type=types.sequence_of(kind))


class Chained(Cursor):
    """``chain(…)``: one after the other."""

    def __init__(self, normal: Normal, inside: Sequence[Cursor], kind: Type) -> None:
        super().__init__(normal.code)
        self.inside = inside
        self.found = self.code.variable("item", kind)

    def more(self) -> Atom:
        found: Atom = FALSE
        for cursor in self.inside:
            found = self.code.op(known(operator.or_), (found, cursor.more()), BOOL)
        return found

    def item(self) -> Atom:
        self._from(list(self.inside))
        return self.code.read(self.found)

    def _from(self, cursors: list[Cursor]) -> None:
        first, *rest = cursors
        if not rest:
            self.code.write(self.found, first.item())
            return
        self.code.branch(
            first.more(),
            lambda: self.code.write(self.found, first.item()),
            lambda: self._from(rest),
        )
