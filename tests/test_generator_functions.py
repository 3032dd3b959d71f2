"""Generators of the user's own: the loop over one is the loop around its yield."""

import pytest

from sourcediff import DifferentiationError, grad, tape, vjp
from tests.corpus.whole.trees import leaves, replaced

XS = [0.7, -0.3, 1.2, 0.4]
STEP = 1e-6


def neighbours(xs):
    """Each with the next."""
    for i in range(len(xs) - 1):
        yield xs[i], xs[i + 1]


def steps(x, dt, n):
    v = 0.0
    yield x
    for _ in range(n):
        v -= x * dt
        x += v * dt
        yield x


def halves(x):
    while True:
        x = x * 0.5
        yield x


def signed(xs):
    for x in xs:
        if x > 0.0:
            yield x * x
        else:
            yield x


def sums(xs):
    total = 0.0
    for x in xs:
        total += x
        yield total
    yield -total


def before_the_first_negative(xs):
    for x in xs:
        if x < 0:
            return
        yield x


def counted(n):
    i = 0
    while i < n:
        yield i
        i += 1


def one_after_the_other(*lists):
    for items in lists:
        yield from items


class Series:
    def __init__(self, xs):
        self.xs = list(xs)

    def __iter__(self):
        yield from self.xs

    def squares(self):
        for i, x in enumerate(self.xs):
            yield i, x * x


class ByItem:
    def __init__(self, xs):
        self.xs = xs

    def __len__(self):
        return len(self.xs)

    def __getitem__(self, i):
        return self.xs[i]


class Node:
    def __init__(self, value, behind=None):
        self.value, self.behind = value, behind


class Chain:
    def __init__(self):
        self.head = None

    def push(self, value):
        self.head = Node(value, self.head)

    def nodes(self):
        node = self.head
        while node:
            yield node
            node = node.behind


class Branch:
    def __init__(self, value, left=None, right=None):
        self.value, self.left, self.right = value, left, right

    def __iter__(self):
        if self.left is not None:
            yield from self.left
        yield self.value
        if self.right is not None:
            yield from self.right


def in_a_loop(xs, w):
    total = 0.0
    for a, b in neighbours(xs):
        total = total * w + a * b
    return total


def all_at_once(xs, w):
    one = [a * w for a, _ in neighbours(xs)]
    other = list(neighbours(one))
    return sum(a * b for a, b in other) + max(signed(xs)) * w + min(signed(one))


def stepped(xs, w):
    path = list(steps(xs[0], w, 4))
    return path[-1] * path[1] + sum(p * p for p in steps(w, 0.1, 3))


def numbered(xs, w):
    best = 0.0
    for i, p in enumerate(steps(xs[0], w, 4)):
        if i == 2:
            best = p * w
    return best


def left_by_break(xs, w):
    total = 0.0
    for y in halves(xs[0]):
        if y < 0.05:
            break
        total += y * w
    return total


def with_continue(xs, w):
    total = 0.0
    for a, b in neighbours(xs):
        if a < 0:
            continue
        total += a * b * w
    return total


def ended_by_return(xs, w):
    total, last = w, None
    for x in before_the_first_negative([xs[0], xs[2], *xs]):
        if last is not None:
            total += (x - last) ** 2
        last = x * w
    return total


def bound_in_the_turns(xs, w):
    for _ in Series([]):
        w = w * 2
    for x in before_the_first_negative(xs):
        y = x * w
    return y


def by_methods(xs, w):
    series, total = Series(xs), 0.0
    for x in series:
        total += x * x * w
    for i, x in series.squares():
        total += i * x
    return total + max(series) + len(list(series))


def changed_meanwhile(xs, w):
    series = Series(xs)
    for x in series:
        series.xs[0] += x * w
        series.xs[3] *= w
    return series.xs[0] * series.xs[3]


def nodes_of_a_chain(xs, w):
    chain = Chain()
    for x in xs:
        chain.push(x * w)
    for node in chain.nodes():
        node.value *= w
    total = 0.0
    for node in chain.nodes():
        total = total * 0.5 + node.value
    return total


def from_several(xs, w):
    total = 0.0
    for x in one_after_the_other(xs, [w, w * 2]):
        total = total * w + x
    return total


def in_order(xs, w):
    tree = Branch(xs[0], Branch(xs[1] * w, None, Branch(w)), Branch(xs[2]))
    total = 0.0
    for value in tree:
        total = total * w + value
    return total


def defined_inside(xs, w):
    def scaled(k):
        for x in xs:
            yield x * w * k

    return sum(scaled(2.0)) + max(scaled(w))


def one_in_the_other(xs, w):
    total = 0.0
    for a in signed(xs):
        for b in signed(xs):
            if b > 1:
                break
            total += a * b * w
    return total + sum(y * w for x in signed(xs) for y in signed([x, w]))


def with_more_behind(xs, w):
    last, n = w, 0
    for total in sums(xs):
        last = last * 0.5 + total * w
        n += 1
    return last * n


def with_an_else(xs, w):
    total = w
    for i in counted(3):
        total += xs[i] * w**i
    else:
        total += w
    return total


def by_items(xs, w):
    items, total = ByItem(xs), 0.0
    for x in items:
        total = total * w + x
    return total + sum(items) + items[1] * len(items)


FUNCTIONS = (
    in_a_loop, all_at_once, stepped, numbered, left_by_break, with_continue, ended_by_return,
    bound_in_the_turns, by_methods, changed_meanwhile, nodes_of_a_chain, from_several, in_order,
    defined_inside, one_in_the_other, with_more_behind, with_an_else, by_items,
)  # fmt: skip


def moved(function, path, by):
    return function(*replaced(([*XS], 0.83), path, dict(leaves((XS, 0.83)))[path] + by))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradients_are_those_of_differences_and_have_clean_text(function):
    gradient = grad(function, argnums=(0, 1))
    found = dict(leaves(gradient([*XS], 0.83)))
    assert not gradient.__sourcediff__.latest.is_general
    for path in dict(leaves((XS, 0.83))):
        wanted = (moved(function, path, STEP) - moved(function, path, -STEP)) / (2 * STEP)
        assert found[path] == pytest.approx(wanted, rel=1e-6, abs=1e-8)
    value, pullback = vjp(function, [*XS], 0.83)
    assert value == function([*XS], 0.83)
    assert dict(leaves(pullback(1.0))) == pytest.approx(found)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradients_are_those_of_the_tape(function):
    wanted = tape.gradient(function, [*XS], 0.83, argnums=(0, 1))
    found = grad(function, argnums=(0, 1))([*XS], 0.83)
    assert dict(leaves(found)) == pytest.approx(dict(leaves(tuple(wanted))))


def test_what_cannot_stand_where_the_yield_is_is_refused():
    def returned(xs, w):
        for a, _ in neighbours(xs):
            if a < 0:
                return a * w
        return w

    def skipped(xs, w):
        total = 0.0
        for i in counted(3):
            if i == 1:
                continue
            total += xs[i] * w
        return total

    def left(xs, w):
        total = 0.0
        for x in sums(xs):
            if x > 1.0:
                break
            total += x * w
        return total

    def kept(xs, w):
        found = neighbours(xs)
        return sum(a for a, _ in found) + sum(b * w for _, b in found)

    for function in (returned, skipped, left, kept):
        with pytest.raises(DifferentiationError) as caught:
            grad(function, argnums=(0, 1))([*XS], 0.83)
        assert "internal" not in caught.value.msg
