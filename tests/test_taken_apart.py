# ruff: noqa: B905, C417, RUF007
"""Iterators taken apart into names: ``xs, ys = zip(*rows)``, ``a, b, c = map(sum, rows)``."""

import pytest

from sourcediff import grad, hvp, jvp, value_and_grad
from tests.every_mode import check_in_every_mode


def columns_of_pairs(xs):
    a, b = zip(*[(x, x * x) for x in xs])
    return sum(a) * sum(b) * (2.0 if isinstance(a, tuple) else 3.0)


def compared_columns(xs):
    rows = [(x, x * x) for x in xs]
    a, _ = zip(*rows)
    total = 0.0
    for column in zip(*rows):
        total += sum(column) * (2.0 if column == (xs[0], xs[1], xs[2]) else 3.0)
    return total * (2.0 if a in [(xs[0], xs[1], xs[2])] else 3.0)


def columns_as_lists(xs):
    rows = [[x, x * x] for x in xs]
    a, b = map(list, zip(*rows))
    a[0] *= b[1]
    return sum(p * q for p, q in zip(a, b))


def mapped(xs):
    a, b, c = map(lambda x: x * x, xs)
    return a * b + c


def mapped_before_a_write(xs):
    a, b, _ = map(lambda x: x * x, xs)
    xs[0] = 3.0 * xs[1]
    return a * b * xs[0]


def filtered(xs):
    a, b, c = filter(lambda x: x < 100.0, xs)
    return a * b * c


def pairs(xs):
    (a, b), (c, d) = zip(xs[:2], xs[1:])
    return a * b + c * d * d


def backwards(xs):
    c, _, a = reversed(xs)
    return a - c * c


def generated(xs):
    a, b, c = (x * xs[0] for x in xs)
    return a * b - c


def generated_of_columns(xs):
    a, b = (sum(c) for c in zip(*[(x, x * xs[0]) for x in xs]))
    return a * b


def names_beside_numbers(xs):
    rows = [("a" * i, x * x) for i, x in enumerate(xs)]
    names, values = zip(*rows)
    rows.append(("b", values[0] * 5.0))
    return sum(v * v * len(n) for n, v in zip(names, values)) + rows[-1][1]


def in_turns(xs):
    rows = [(x, x * x) for x in xs]
    total = 0.0
    for _ in range(2):
        total += sum(a * b for a, b in rows)
        lows, highs = zip(*rows)
        total += lows[0] * highs[1]
    return total


@pytest.mark.parametrize(
    "program",
    [
        columns_of_pairs,
        compared_columns,
        columns_as_lists,
        mapped,
        mapped_before_a_write,
        filtered,
        pairs,
        backwards,
        generated,
        generated_of_columns,
        names_beside_numbers,
        in_turns,
    ],
    ids=lambda program: program.__name__,
)
def test_in_every_mode(program):
    check_in_every_mode(program, [1.5, 0.75, 2.5])


def covariance(rows):
    xs, ys = zip(*rows)
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys))


@pytest.mark.parametrize("make", [tuple, list])
def test_rows_that_are_handed_in(make):
    """The derivative of a covariance is how far the other one is from its mean."""
    rows = [make(row) for row in ((1.0, 2.0), (2.5, 3.0), (0.25, -1.0))]
    derivative = grad(covariance)
    expected = [make((y - 4.0 / 3.0, x - 1.25)) for x, y in rows]
    for found, row in zip(derivative(rows), expected, strict=True):
        assert type(found) is make
        assert found == pytest.approx(row, rel=1e-12)
    assert not derivative.__sourcediff__.latest.is_general
    along = [make(row) for row in ((1.0, 0.0), (0.0, 0.0), (0.0, 2.0))]
    slope = expected[0][0] + 2.0 * expected[2][1]
    assert jvp(covariance, (rows,), (along,))[1] == pytest.approx(slope, rel=1e-12)
    (second,) = hvp(covariance, (rows,), (along,))
    assert second[0] == pytest.approx(make((-2.0 / 3.0, 2.0 / 3.0)), rel=1e-12)


def test_one_row_too_long():
    with pytest.raises(ValueError, match="too many"):
        value_and_grad(covariance)([(1.0, 2.0, 3.0)])


def weighted(rows):
    names, values = zip(*rows)
    return sum(v * len(n) for n, v in zip(names, values))


def test_columns_beside_text():
    derivative = grad(weighted)
    assert derivative([("ab", 1.0), ("c", 2.0)]) == [(None, 2.0), (None, 1.0)]
    assert "names = tuple(rows_0)" in derivative.source
    with pytest.raises(ValueError, match="no tuples"):
        derivative.__wrapped__([])
