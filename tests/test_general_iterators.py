"""Iterators in the general form that are gone through while their lists change."""

from itertools import combinations, islice, pairwise, permutations

import pytest

from sourcediff import hvp, jvp, tape, value_and_grad


def copied_when_made(xs):
    pairs = combinations(xs, 2)
    triples = permutations(xs, 3)
    xs[0] = 5.0
    return sum(a * b for a, b in pairs) + sum(a * b * b * c for a, b, c in triples)


def sees_what_is_written(xs):
    total = 0.0
    for x in islice(xs, 3):
        xs[2] = 3.0 * x
        total += x * x
    return total


def sees_what_is_appended(xs):
    total = 0.0
    for a, b in pairwise(xs):
        if len(xs) < 6:
            xs.append(a * b)
        total += a * b * b
    return total


def leaves_some_out(xs):
    total = 0.0
    for i, x in enumerate(islice(xs, 1, 9, 2)):
        if len(xs) < 7:
            xs.append(x * x)
        total += x * x * (i + 1)
    return total


def to_the_end(xs):
    first = len(xs) - 2
    rest = islice(enumerate(xs), first, None)
    xs.append(xs[0] * xs[1])
    return sum(x * x * i for i, x in rest) ** 2


PROGRAMS = [
    copied_when_made,
    sees_what_is_written,
    sees_what_is_appended,
    leaves_some_out,
    to_the_end,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_lists_that_change(program):
    start, along, step = [1.1, 0.3, -0.7], [0.4, -1.1, 0.7], 1e-5
    value, gradient = value_and_grad(program)(list(start))
    assert value == program(list(start))
    assert gradient == pytest.approx(tape.gradient(program, list(start)), rel=1e-12, abs=1e-12)
    slope = sum(g * a for g, a in zip(gradient, along, strict=True))
    assert jvp(program, (list(start),), (along,)) == pytest.approx((value, slope))
    there, back = (
        value_and_grad(program)([x + s * a for x, a in zip(start, along, strict=True)])[1]
        for s in (step, -step)
    )
    (bend,) = hvp(program, (list(start),), (along,))
    found = [(t - b) / (2 * step) for t, b in zip(there, back, strict=True)]
    assert bend == pytest.approx(found, rel=1e-6, abs=1e-6)


def test_a_negative_number_of_items():
    def program(xs, n):
        total = xs[0]
        for x in islice(xs, n):
            xs.append(x)
            total += x
        return total

    with pytest.raises(ValueError, match=r"islice\(\)"):
        value_and_grad(program)([1.0], -1)
