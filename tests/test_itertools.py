"""`groupby`, `cycle`, `tee`, `islice` of what moves on, `product` that is left early."""

from itertools import combinations, cycle, groupby, islice, pairwise, product, tee

import pytest

from sourcediff import DifferentiationError, grad
from tests.every_mode import check_in_every_mode

KINDS = ["a", "a", "b"]


def runs(xs):
    total = 0.0
    for kind, group in groupby(zip(KINDS, xs, strict=True), key=lambda pair: pair[0]):
        weight = 2.0 if kind == "a" else 3.0
        total += weight * sum(x for _, x in group) ** 2
    return total


def runs_that_are_left(xs):
    total = 0.0
    for positive, group in groupby(xs, lambda x: x > 0.0):
        if not positive:
            continue
        first = next(group)
        rest = sum(group)  # noqa: B031
        total += first * rest + first**3 + sum(group)  # noqa: B031
    return total


def first_run(xs):
    for sign, group in groupby(xs, key=lambda x: x > 0.0):
        return sum(x * x for x in group) * (1 + sign)
    return 0.0


def runs_of_themselves(xs):
    counts = {k: len(list(group)) for k, group in groupby([1, 1, 2])}
    return xs[0] ** counts[1] * xs[1] + xs[2] ** 2 * counts[2]


def over_and_over(xs):
    total = sum(x * w * w for x, w in zip([1.0, 2.0, 3.0, 4.0, 5.0], cycle(xs), strict=False))
    return total + sum(x**3 for x in islice(cycle(xs), 7))


def side_by_side(iterable):
    first, second = tee(iterable)
    next(second, None)
    return zip(first, second, strict=False)


def pairs_of_a_helper(xs):
    return sum((b - a) ** 2 for a, b in side_by_side(xs))


def taken_and_again(xs):
    first, second = tee(xs)
    head = next(first) * sum(first)
    return head * sum(second) + sum(second) + sum(first)


def chunks(xs, size):
    items = iter(xs)
    while True:
        chunk = list(islice(items, size))
        if not chunk:
            return
        yield chunk


def in_chunks(xs):
    return sum(sum(chunk) ** 2 * len(chunk) for chunk in chunks(xs, 2))


def head_and_rest(xs):
    items = iter(xs)
    total = 0.0
    for x in islice(items, 1):
        total += x**3
    middle = sum(islice(items, 0, 1))
    return total * middle + sum(islice(items, 5)) ** 2 + sum(islice(items, 1, None))


def left_early(xs):
    total = 0.0
    for k, (i, x) in enumerate(product(range(2), xs)):
        if k == 5:
            break
        total += x * x * (i + 1)
    else:
        total *= 2.0
    for x, y in combinations(xs, 2):
        if x * y > 0.0:
            break
        total += x * y * y
    return total


def the_first_pair(xs):
    found = next((x * y for x, y in product(xs, xs) if x * y > 0.5), 7.0)
    return found * (1.0 + any(x + y > 1.7 for x, y in combinations(xs, 2)))


PROGRAMS = [
    runs,
    runs_that_are_left,
    first_run,
    runs_of_themselves,
    over_and_over,
    pairs_of_a_helper,
    taken_and_again,
    in_chunks,
    head_and_rest,
    left_early,
    the_first_pair,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_in_every_mode(program):
    check_in_every_mode(program, (0.7, 1.3, -0.4))
    check_in_every_mode(program, (-0.6, 0.2, 0.9))


def kept_for_later(xs):
    groups = [group for _, group in groupby(xs, key=lambda x: x > 0.0)]
    return sum(sum(group) for group in groups) + xs[0]


def key_that_moves(xs):
    limit, total = 1.0, 0.0
    for _, group in groupby(xs, key=lambda x: x > limit):
        limit = 0.1
        total += sum(group) ** 2
    return total


def list_that_changes(xs):
    total = 0.0
    for _, group in groupby(xs, key=lambda x: x > 0.0):
        xs[-1] = 3.0
        total += sum(group) ** 2
    return total


def key_with_an_effect(xs):
    seen, total = [], 0.0

    def key(x):
        seen.append(x)
        return x > 0.0

    for _, group in groupby(xs, key=key):
        total += sum(group) * len(seen)
    return total


def shared_list_that_changes(xs):
    first, second = tee(xs)
    total = sum(first)
    xs.append(xs[0])
    return total * sum(second)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (kept_for_later, "after its turn"),
        (key_that_moves, "a key of groupby"),
        (list_that_changes, "changes while a loop"),
        (key_with_an_effect, "with an effect"),
        (shared_list_that_changes, r"tee\(\) of a list that changes"),
    ],
)
def test_refused(program, message):
    with pytest.raises(DifferentiationError, match=message):
        grad(program)([0.7, 1.3, -0.4])


def test_neighbours_are_zipped():
    derivative = grad(lambda xs: sum(a * b for a, b in pairwise(xs)))
    assert derivative([1.0, 2.0, 3.0]) == [2.0, 4.0, 2.0]
    assert grad(pairs_of_a_helper)([]) == []
