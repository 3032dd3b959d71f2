"""Lists of tuples that hold texts and counts beside real numbers, made inside and handed in."""

import enum
import math
from textwrap import dedent

import pytest

from sourcediff import grad
from tests.differences import difference
from tests.every_mode import check_in_every_mode


class Side(enum.Enum):
    BUY = 1
    SELL = 2


def appended(xs):
    events = []
    for i, x in enumerate(xs):
        kind = "in" if x > 0.5 else "out"
        events.append((kind, i, x * x))
    total = 0.0
    for kind, i, amount in events:
        if kind == "in":
            total += amount * i
        else:
            total -= amount * amount
    return total


def by_two_names(xs):
    mine = []
    yours = mine
    for i, x in enumerate(xs):
        yours.append(("k", x * i))
    total = sum(v * v for _, v in mine)
    yours.pop()
    return total * xs[0] + len(mine) + mine[-1][1]


def add_to(events, kind, value):
    events.append((kind, value * value))


def by_a_helper(xs):
    events = []
    for x in xs:
        add_to(events, "x", x)
    add_to(events, "constant", 3.0)
    return sum(v * v for _, v in events)


def named(xs):
    made = []
    for i, x in enumerate(xs):
        made.append((f"n{i}", x, i))
    return made


def from_a_helper(xs):
    total = 1.0
    for _, v, i in named(xs):
        total = total * v + i
    return total


def members(xs):
    orders = [(Side.BUY, xs[0])]
    for x in xs:
        orders.append((Side.BUY if x > 0.5 else Side.SELL, x))
    total = 0.0
    for side, x in orders:
        if side is Side.BUY:
            total += x * x
        else:
            total -= x
    return total


def with_nothing(xs):
    marks = []
    for i, x in enumerate(xs):
        marks.append((x, None if i == 1 else "t"))
    return sum(v * v if mark is None else v for v, mark in marks)


def anew_in_each_turn(xs):
    total = 0.0
    for i in range(3):
        rows = []
        for x in xs:
            rows.append(("k", i, x * i))
        for _, j, v in rows:
            total += v * v * j
    return total


def no_turns(xs):
    events = []
    for x in xs[len(xs) :]:
        events.append(("a", x))
    total = 1.0
    for _, v in events:
        total += v
    return total * xs[0]


def slices_and_ends(xs):
    rows = [("a", x * x, i) for i, x in enumerate(xs)]
    total = sum(v * i for _, v, i in rows[1:])
    return total + rows[-1][1] * rows[0][1]


def written_to(xs):
    rows = [("a", 0.0), ("b", 1.0)]
    for x in xs:
        name, v = rows[0]
        rows[0] = (name, v + x * x)
        if x > 0.5:
            rows[1] = ("c", x)
    rows[0], rows[1] = rows[1], rows[0]
    return rows[0][1] * rows[1][1]


def moved_about(xs):
    rows = [("a", x * x, i) for i, x in enumerate(xs)]
    del rows[0]
    rows.insert(1, ("b", xs[0], 7))
    rows.reverse()
    rows.extend([("c", x, 2) for x in xs])
    total = 0.0
    for _, v, i in rows:
        total = total * 0.5 + v * i
    rows.clear()
    return total + len(rows)


def stack(xs):
    pending = [("start", 0, xs[0])]
    total = 0.0
    while pending:
        kind, depth, x = pending.pop()
        total += x * x if kind == "start" else x
        if depth < 2:
            pending.append(("left", depth + 1, x * xs[1]))
            pending.append(("right", depth + 1, x * xs[2]))
    return total


def in_order_of_items(xs):
    rows = [(x * x, "n", i) for i, x in enumerate(xs)]
    rows.sort()
    total = 0.0
    for v, _, i in rows:
        total = total * 0.7 + v * i
    return total


def in_order_of_keys(xs):
    rows = [("even" if i % 2 == 0 else "odd", x, i) for i, x in enumerate(xs)]
    rows.sort(key=lambda row: (row[0], -row[1]))
    total = 1.0
    for _, v, i in sorted(rows, key=lambda row: row[1], reverse=True):
        total = total * 0.7 + v * i
    for _, v, i in rows:
        total = total * 0.3 + v * i
    return total


def first_of_all(xs):
    rows = []
    for i, x in enumerate(xs):
        rows.append((x * x - x, i))
    value, at = min(rows)
    _, last = max(rows, key=lambda row: row[1])
    return value * xs[at] * xs[last]


def numbers_taken_out(xs):
    pairs = []
    for x in xs:
        pair = (x * x, x)
        pairs.append(pair)
        pairs.append(pair)
    pairs.sort(key=lambda pair: pair[1])
    total = 0.0
    while len(pairs) > 1:
        a, b = pairs.pop()
        total = total * b + a
    return total


PROGRAMS = [
    appended,
    by_two_names,
    by_a_helper,
    from_a_helper,
    members,
    with_nothing,
    anew_in_each_turn,
    no_turns,
    slices_and_ends,
    written_to,
    moved_about,
    stack,
    in_order_of_items,
    in_order_of_keys,
    first_of_all,
    numbers_taken_out,
]
XS = [1.5, 0.3, 0.8]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_every_mode_agrees_with_differences_and_the_tape(program):
    check_in_every_mode(program, XS)


def taken_from_the_end(events):
    total = 0.0
    while events:
        _, v = events.pop()
        total = total * 0.5 + v * v
    return total


def put_in_order(events):
    events.append(("z", 0.7))
    events.sort(key=lambda event: event[1])
    total = 0.0
    for _, v in events:
        total = total * 0.5 + v * v
    return total


@pytest.mark.parametrize("program", [taken_from_the_end, put_in_order])
def test_a_list_that_is_handed_in_is_not_changed(program):
    events = [("a", 1.5), ("b", 0.3)]
    derivative = grad(program)
    found = derivative(events)
    assert events == [("a", 1.5), ("b", 0.3)]
    assert not derivative.__sourcediff__.latest.is_general
    for place, (name, v) in enumerate(events):

        def moved(x, place=place, name=name):
            return program([*events[:place], (name, x), *events[place + 1 :]])

        expected = difference(moved, (v,), 0)
        assert found[place][0] is None
        assert math.isclose(expected.value, found[place][1], rel_tol=1e-7)


def test_lists_are_called_after_what_takes_their_items():
    def ledger(xs):
        events = []
        for x in xs:
            events.append(("in" if x > 0.5 else "out", x * x))
        total = 0.0
        while events:
            kind, amount = events.pop()
            total += amount if kind == "in" else -3.0 * amount
        return total

    derivative = grad(ledger)
    derivative(XS)
    assert derivative.source == dedent("""\
        def grad_ledger(xs):
            events_kind = []
            events_amount = []
            kept = []
            for x in xs:
                events_kind.append("in" if x > 0.5 else "out")
                events_amount.append(x * x)
            while events_kind:
                kind = events_kind.pop()
                events_amount.pop()
                kept.append(kind == "in")
            events_amount_bar = [0.0] * len(events_amount)
            for equal in reversed(kept):
                # adjoint of: total += amount if kind == "in" else -3.0 * amount
                amount_bar = 1.0 if equal else -3.0
                # adjoint of: kind, amount = events.pop()
                events_amount_bar.append(amount_bar)
            xs_bar = [0.0] * len(xs)
            for i in reversed(range(len(xs))):
                x = xs[i]
                xs_bar[i] = 2.0 * events_amount_bar.pop() * x
            return xs_bar
        """)


def test_tuples_that_hold_nothing_differentiated_stay_tuples():
    def scaled(xs, y):
        table = []
        for x in xs:
            table.append(("a", x))
        return sum(v for _, v in table) * y

    derivative = grad(scaled, argnums=1)
    assert derivative(XS, 2.0) == sum(XS)
    assert 'table.append(("a", x))' in derivative.source
