# ruff: noqa: B905, RUF007
"""Loops over displays of lists; rows that are taken apart, compared and put in order."""

import pytest

from sourcediff import grad, tape
from tests.every_mode import check_in_every_mode


def over_a_display(xs):
    total = 0.0
    for v in [xs, xs[:2], [xs[0], xs[1] * xs[2]]]:
        total += sum(v) ** 2
    return total


def over_pairs_with_lists(xs):
    ys = [x * x for x in xs]
    return sum(max(v) * k for v, k in [(xs, 2.0), (ys, 3.0)])


def writes_in_a_display(xs):
    ys = [x * x for x in xs]
    total = 0.0
    for v in [xs, ys]:
        v[0] = total + 3.0 * v[1]
        total += v[0] * v[0]
    return total + xs[0] * ys[0]


def rows_and_constants(xs):
    total = 0.0
    for x, w in [(0.0, xs[0]), (1.0, 2.0), (xs[1], xs[2])]:
        total += x * w * w + w
    return total


def first_and_rest(xs):
    rows = [[x, x * x] for x in xs]
    first, *rest = rows
    first[0] *= rest[1][1]
    return sum(first) * sum(sum(row) for row in rest)


def both_ends(xs):
    a, *middle, b = [[x, x * x] for x in xs]
    return a[0] * b[1] + sum(middle[0])


def folded(xs):
    def fold(rows):
        if not rows:
            return 1.0
        head, *tail = rows
        return head[0] * head[1] + 0.5 * fold(tail)

    return fold([(x, x * x) for x in xs])


def sorted_pairs(xs):
    total = 0.0
    for x, y in sorted(zip(xs, [x * x for x in xs])):
        total = total * 0.5 + x * y
    return total


def sorted_rows(xs):
    rows = sorted([[x, x * xs[0]] for x in xs], reverse=True)
    return sum((a[0] - b[0]) * (a[1] + b[1]) for a, b in zip(rows, rows[1:]))


def least_row(xs):
    low, high = min(zip(xs, xs[1:])), max([[x, x * x] for x in xs])
    return low[0] * low[1] + high[0] * high[1]


def place_of_the_largest(xs):
    i, x = max(enumerate(xs), key=lambda pair: pair[1])
    return x * x * (i + 1)


def two_largest(xs):
    top = sorted(enumerate(xs), key=lambda pair: pair[1], reverse=True)[:2]
    (i, x), (j, y) = top
    return x * y * (i + 2 * j + 1)


def sorted_in_place(xs):
    pairs = list(zip(xs, [x * x for x in xs]))
    pairs.sort(key=lambda pair: -pair[1])
    return pairs[0][0] * pairs[-1][1]


def kept_part(xs):
    events = [("a" * i, x) for i, x in enumerate(xs)]
    last = events[-2:]
    events.append(("b", xs[0]))
    last.append(("c", xs[0] * xs[1]))
    (_, first), *rest = last
    return first * len(events) + sum(x * x * len(name) for name, x in rest)


@pytest.mark.parametrize(
    "program",
    [
        over_a_display,
        over_pairs_with_lists,
        writes_in_a_display,
        rows_and_constants,
        first_and_rest,
        both_ends,
        folded,
        sorted_pairs,
        sorted_rows,
        least_row,
        place_of_the_largest,
        two_largest,
        sorted_in_place,
        kept_part,
    ],
    ids=lambda program: program.__name__,
)
def test_in_every_mode(program):
    check_in_every_mode(program, [1.5, 0.75, 2.5])


def fewer_than_names(xs):
    a, *_, b = [[x] for x in xs]
    return a[0] * b[0]


def pairs_of_events(events):
    (_, x), (_, y) = events
    return x * y


def test_too_few_rows():
    with pytest.raises(ValueError, match="not enough"):
        grad(fewer_than_names)([1.0])
    for events in ([("a", 1.0)], [("a", 1.0)] * 3):
        with pytest.raises(ValueError, match="as many values"):
            grad(pairs_of_events)(events)


def lowest(rows):
    low = min(rows)
    return low[0] * low[1]


@pytest.mark.parametrize("make", [list, tuple])
def test_rows_that_are_handed_in(make):
    rows = [make(row) for row in ((2.0, 3.0), (0.5, 7.0), (0.5, 4.0))]
    derivative = grad(lowest)
    zero = make((0.0, 0.0))
    assert derivative(rows) == [zero, zero, make((4.0, 0.5))]
    assert not derivative.__sourcediff__.latest.is_general
    assert "key=rows.__getitem__" in derivative.source


def changes_what_it_sorts(xs):
    rows = [[x, x * x] for x in xs]
    ordered = sorted(rows)
    ordered[0][0] = 7.0 * ordered[0][1]
    return sum(sum(row) for row in rows)


def test_sorted_rows_that_change():
    """They are in two lists, and are followed by the general form."""
    start = [1.5, 0.75, 2.5]
    assert tape.gradient(changes_what_it_sorts, start) == pytest.approx(
        grad(changes_what_it_sorts)(start), rel=1e-12
    )
