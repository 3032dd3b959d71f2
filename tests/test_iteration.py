"""Gradients of functions that go through things: with `map`, `sorted`, `itertools`, tuples."""

import contextlib
import functools
import itertools
import math
import operator

import pytest

from sourcediff import DifferentiationError, grad, jvp, value_and_grad
from tests.test_lists import copied, differences, leaves, rebuilt, second, wrt

PROGRAMS = []


def program(*args):
    def register(function):
        PROGRAMS.append(pytest.param(function, args, id=function.__name__))
        return function

    return register


MATRIX = [[1.0, 2.0], [3.0, 4.0]]


@program(MATRIX)
def sum_of_sums(m):
    return sum(sum(row) ** 2 for row in m)


@program(MATRIX)
def product_of_sums_of_rows(m):
    return sum(m[0]) * sum(m[1]) + math.fsum(m[0])


@program(MATRIX)
def products_of_columns(m):
    return sum(p * q for p, q in zip(*m, strict=True))


@program(MATRIX)
def turned_by_zip(m):
    turned = [list(column) for column in zip(*m, strict=True)]
    return turned[0][1] * m[1][1] * turned[1][0]


@program([(1.0, 2.0), (3.0, 4.0)])
def points_apart(points):
    xs, ys = zip(*points, strict=True)
    return sum(x * y for x, y in zip(xs, ys, strict=True))


@program([1.0, 2.0])
def sums_of_rows_that_are_appended(xs):
    rows = []
    for x in xs:
        row = []
        for k in range(3):
            row.append(x**k)
        rows.append(row)
    return sum(sum(row) for row in rows)


# Functions that make iterators -------------------------------------------------------------


def square(v):
    return v * v


XS, YS = [0.7, 2.0, 3.5], [1.5, -0.5, 2.5]


@program(XS)
def reduced(xs):
    return functools.reduce(lambda a, b: a * b + a, xs)


@program(XS, 1.3)
def horner(coefficients, x):
    return functools.reduce(lambda acc, c: acc * x + c, coefficients, 0.0)


@program(XS)
def reduced_with_an_operator(xs):
    return functools.reduce(operator.mul, map(square, xs), 1.0)


@program(XS)
def reduced_to_a_pair(xs):
    a, b = functools.reduce(lambda st, v: (st[0] + v, st[1] + v * v), xs, (0.0, 0.0))
    return a * b


@program(XS)
def reduced_within_reduced(xs):
    def outer(acc, r):
        return acc * functools.reduce(lambda a, b: a + b * b, [r, acc], 0.0)

    return functools.reduce(outer, xs, 1.0)


@program(XS, 0.4)
def reduced_in_a_loop(xs, s):
    for _ in range(3):
        s = s * 0.1 * functools.reduce(lambda s, b: s + b * b, xs, s)
    return s


@program(XS, YS)
def mapped(xs, ys):
    smallest = min(map(lambda a, b: a * b, xs, ys))
    return sum(map(operator.mul, xs, ys)) + sum(map(math.sin, xs)) * smallest


@program(1.2)
def mapped_over_a_range(x):
    return sum(map(lambda k: x**k / math.factorial(k), range(5)))  # noqa: C417


@program(XS)
def mapped_and_left(xs):
    total = 0.0
    for y in map(square, xs):
        if y > 10:
            break
        total += y * y
    else:
        total *= 2.0
    return total


@program(XS)
def mapped_while_the_list_changes(xs):
    total = 0.0
    place = 0
    for y in map(square, xs):
        place += 1
        if place < len(xs):
            xs[place] = y * xs[place]
        total += y
    return total


@program(XS)
def mapped_with_a_counter(xs):
    n = 0

    def weighted(v):
        nonlocal n
        n += 1
        return v * v * n

    return sum(map(weighted, xs))


@program(XS)
def a_list_of_mapped(xs):
    ys = list(map(square, xs))
    return ys[0] * ys[-1]


@program(XS)
def picked_with_filter(xs):
    total = 1.0
    for v in filter(lambda v: v > 1.5, xs):
        total *= v
    return total + sum(map(square, filter(lambda v: v < 3.0, xs)))


@program(XS)
def decided_by_any(xs):
    return xs[0] * xs[1] if any(map(lambda v: v > 3, xs)) else xs[1]  # noqa: C417


@program(XS)
def product_of_all(xs):
    return math.prod(xs) * math.prod(x + 1 for x in xs) + math.prod(xs, start=2.0)


@program([0.0, 2.0, 0.5])
def product_with_a_zero(xs):
    return math.prod(xs) + sum(xs) ** 2


@program(XS)
def accumulated(xs):
    sums = list(itertools.accumulate(xs))
    return sums[1] * sums[2] + sum(itertools.accumulate(xs, operator.mul, initial=2.0))


@program(XS)
def running_sums(xs):
    return sum(c * c for c in itertools.accumulate(xs))


@program(XS)
def running_products(xs):
    total = 0.0
    for p in itertools.accumulate(xs, operator.mul, initial=2.0):
        total += p * p
    return total


@program(XS, YS)
def chained(xs, ys):
    total = 0.0
    for k, v in enumerate(itertools.chain(xs, map(square, ys))):
        total += (k + 1) * v * v
    return total + sum(v**3 for v in itertools.chain.from_iterable([xs, ys]))


@program(XS, YS)
def pairs_of_a_product(xs, ys):
    total = 0.0
    for a, b in itertools.product(xs, ys):
        if a * b > 4.5:
            continue
        total += a * b * b
    return total + sum(a * b for a, b in itertools.product(xs, repeat=2))


@program(XS)
def stencil_of_a_product(xs):
    total = 0.0
    for i, j in itertools.product((-1, 0, 1), repeat=2):
        if i or j:
            total += xs[i] * xs[j] ** 2
    for a, b in itertools.combinations((0, 1, 2), 2):
        total += xs[a] * xs[b]
    for a, b in itertools.permutations((0, 1)):
        total += xs[a] ** 2 * xs[b]
    return total


@program(1.3, 0.7)
def of_known_items(x, y):
    total = 0.0
    for v in itertools.chain((x, y), (y * 2.0,)):
        total += v * v
    for a, b in itertools.pairwise((x, y, x * y)):
        total += a * b
    for w in itertools.accumulate((x, y, 2.0), lambda p, q: p * q):
        total += w
    for v in itertools.islice((x, y, x * y), 1, 3):
        total *= v
    pairs = list(itertools.combinations([x, y, x * y], 2))
    return total + sum(a * b for a, b in pairs) * pairs[0][0]


@program(XS)
def left_from_a_product(xs):
    total = 0.0
    for i, j in itertools.product((0, 1), repeat=2):
        if total > 2.0:
            break
        total += xs[i] * xs[j]
    return total


@program(XS)
def returned_from_a_product(xs):
    for a, b in itertools.product(xs, xs):
        if a * b > 4.5:
            return a * b * b
    return xs[0]


@program(XS)
def pairs_of_combinations(xs):
    energy = 0.0
    for a, b in itertools.combinations(xs, 2):
        energy += 1.0 / (a - b) ** 2
    return energy + sum(a * b * c for a, b, c in itertools.combinations(xs, 3))


@program(1.1)
def combinations_of_a_range(x):
    return sum(x**i * x**j for i, j in itertools.combinations(range(4), 2))


@program(XS)
def counted(xs):
    total = sum(k * x * x for k, x in zip(itertools.count(1), xs, strict=False))
    for x, k in zip(xs, itertools.count(0, 2), strict=False):
        total += x**k
    return total + sum(a * w for a, w in zip(xs, itertools.repeat(2.0), strict=False))


@program(XS)
def repeated(xs):
    return sum(a * b for a, b in zip(xs, itertools.repeat(xs[0], 2), strict=False))


@program(XS)
def parts(xs):
    return sum(v * v for v in itertools.islice(xs, 1, None)) * sum(itertools.islice(xs, 2))


@program(XS)
def taken_while(xs):
    total = 0.0
    for v in itertools.takewhile(lambda v: v < 3, xs):
        total += v * v
    ys = list(itertools.takewhile(lambda v: v < 2.5, xs))
    return total * ys[0]


@program(XS, YS)
def starred(xs, ys):
    return sum(itertools.starmap(lambda a, b: a * b * b, zip(xs, ys, strict=False)))


@program(XS, [1.0, 2.0])
def longest(xs, ys):
    total = 0.0
    for a, b in itertools.zip_longest(xs, ys, fillvalue=0.5):
        total += a * a * b
    return total


@program(XS)
def mapped_side_by_side(xs):
    total = sum(k * v for k, v in enumerate(map(math.exp, xs), 1))
    return total + sum(a * b for a, b in zip(map(square, xs), xs[1:], strict=False))


# Order, and changes of lists ----------------------------------------------------------------


@program(XS)
def in_order(xs):
    return sum(i * v * v for i, v in enumerate(sorted(xs))) * sorted(xs, reverse=True)[0]


@program([2.0, 0.7, 3.5, 1.1])
def median(xs):
    ys = sorted(xs)
    n = len(ys)
    return ys[n // 2] if n % 2 else 0.5 * (ys[n // 2 - 1] * ys[n // 2])


@program([2.0, 0.7, 3.5])
def in_order_by_a_key(xs):
    ys = sorted(xs, key=lambda v: (v - 2.2) ** 2)
    zs = sorted((x * x for x in xs), key=abs, reverse=True)
    return ys[0] * ys[1] ** 2 + zs[0] * zs[2]


@program([2.0, 0.7, 3.5])
def sorted_in_a_loop(xs):
    total = 0.0
    for k in range(3):
        ys = sorted([x * (k + 1) for x in xs], reverse=k % 2 == 0)
        total += ys[0] * ys[1]
    return total


@program([2.0, 0.7, 3.5])
def sorted_in_place(xs):
    xs.sort()
    ys = [x * x for x in xs]
    ys.sort(key=lambda v: -v)
    ys.reverse()
    return xs[0] * xs[1] ** 2 + ys[0] * ys[2]


@program([2.0, 0.7, 3.5])
def sorted_under_a_test(xs):
    ys = list(xs)
    for k in range(3):
        if k % 2:
            ys.sort()
            ys[0] = ys[0] * ys[1]
        else:
            ys.sort(reverse=True)
            ys[0] += 1.0
    return ys[0] * ys[1] + ys[2]


@program([2.0, 0.7, 3.5])
def best_by_a_key(xs):
    nearest = min(xs, key=lambda v: (v - 2.2) ** 2)
    place = max(range(len(xs)), key=xs.__getitem__)
    return nearest * max(xs, key=abs) ** 2 + xs[place]


@program([1.5, 3.0, 2.0])
def places_that_may_be_negative(xs):
    xs.insert(-1, xs[0] * 2)
    xs.insert(9, xs[0] ** 2)
    xs.insert(-9, xs[1] ** 2)
    k = len(xs) - 7
    v = xs.pop(k)
    del xs[k]
    del xs[-1]
    return xs[0] * xs[1] ** 2 * xs[-1] * v


@program([1.5, 3.0, 2.0])
def removed_and_cleared(xs):
    ys = [x * x for x in xs]
    ys.remove(min(ys))
    total = ys[0] * ys[1]
    ys.clear()
    ys.append(total * total)
    ys[:] = [ys[0], xs[1]]
    return ys[0] * ys[1] + xs[0]


@program(XS)
def backwards(xs):
    ys = list(reversed(xs))
    zs = xs[1:]
    return ys[0] * ys[1] ** 2 + zs[0] * xs[-1] + sum(xs[:2])


@program(XS, YS)
def together(xs, ys):
    zs = [1.0, *xs, xs[0] * 2.0, *ys]
    first, *rest, last = zs
    zs[1] *= 2.0
    return zs[2] * zs[-1] + first * last * sum(r * r for r in rest) + zs[1] * zs[4]


@program(XS)
def extended(xs):
    ys = [xs[0]]
    ys.extend(v * v for v in xs if v > 1)
    ys.extend(map(math.sin, xs))
    return sum(y * y for y in ys)


@program(MATRIX, XS)
def stored_rows(m, xs):
    m[0] = [xs[0], xs[1] * m[0][1]]
    for k in range(2):
        m[1] = [m[1][0] * xs[k], m[0][0]]
    return m[0][0] * m[1][1] + m[1][0] * m[0][1]


@program([[1.0, 2.0, 0.5], [3.0, 4.0, -1.0]])
def transposed(m):
    columns = [list(column) for column in zip(*m, strict=False)]
    return columns[0][1] * columns[2][0] + sum(a * b for a, b in zip(*m, strict=False))


@program(MATRIX, [[0.5, -1.0], [2.0, 1.5]])
def multiplied(a, b):
    c = [[sum(x * y for x, y in zip(r, s, strict=True)) for s in zip(*b)] for r in a]  # noqa: B905
    return c[0][0] + c[1][1] * c[0][1]


@program(XS, YS)
def measured(xs, ys):
    near = sum(math.dist(xs, p) for p in [[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]])
    return near * math.hypot(*xs) + math.dist(xs, ys)


@program(XS)
def measured_before_it_changes(xs):
    total = 0.0
    for k in range(3):
        total += math.hypot(*xs)
        xs[k] *= 2.0
    return total


@program(XS)
def spread_out(xs):
    def f(a, b, c):
        return a * b + c

    return f(*xs) * max(*xs) + f(1.0, *xs[1:])


# Tuples -------------------------------------------------------------------------------------

TRIPLE = (0.7, 2.0, 3.5)
POINTS = [(1.0, 2.0), (3.0, 4.5), (2.0, 0.5)]


@program(TRIPLE)
def a_tuple_gone_through(t):
    total = 0.0
    for k, v in enumerate(t):
        total += v * v * k
    return total * max(t) * sum(t)


@program(TRIPLE)
def places_of_a_tuple(t):
    total = 0.0
    for i in range(len(t) - 1, -1, -1):
        total = total * 0.5 + t[i] * t[i - 1]
    a, *rest = t
    return total * a + t[-1] * len(t) + sum(rest)


@program(TRIPLE, XS)
def a_tuple_beside_a_list(t, xs):
    return sum(a * b for a, b in zip(t, xs, strict=False)) + sum(map(lambda a: a * a, t[1:]))  # noqa: C417


@program(1.3)
def tuples_made_inside(x):
    total = 0.0
    for v in (x, x * x, 1.0):
        total += v * v
    for a, b in ((x, 1.0), (2.0, x * x)):
        total += a * b
    for a, b in [(x, 2.0), (x * x, x)]:
        total *= a + b
    return total


@program(1.3)
def a_place_that_the_run_knows(x):
    weights = (x, x * x, 0.5)
    total = 0.0
    for k in range(6):
        total += weights[k % 3] * weights[-1 - k % 2]
    return total


@program(1.3, 0.2)
def a_state_carried(x, v):
    state = (x, v)
    for _ in range(4):
        p, q = state
        state = (p + 0.1 * q, q - 0.1 * p * p)
    return state[0] * state[1]


@program(POINTS)
def points(ps):
    n = len(ps)
    area = 0.0
    for i in range(n):
        x1, y1 = ps[i]
        x2, y2 = ps[(i + 1) % n]
        area += x1 * y2 - x2 * y1
    return area / 2 + sum(p[0] * p[1] for p in ps)


@program(POINTS)
def way_along_points(ps):
    length = sum(math.dist(a, b) for a, b in itertools.pairwise(ps))
    total = 0.0
    for (a, b), (c, d) in zip(ps, ps[1:], strict=False):  # noqa: RUF007
        total += math.hypot(c - a, d - b)
    return length * total


@program(POINTS)
def points_by_a_key(ps):
    top = max(ps, key=lambda p: p[1])
    ranked = sorted(ps, key=lambda p: p[0] * p[1])
    return top[0] * top[1] + ranked[0][0] * ranked[-1][1] ** 2


@program(XS, YS)
def tuples_put_in_a_list(xs, ys):
    pairs = []
    for x, y in zip(xs, ys, strict=False):
        pairs.append((x * y, x))
    more = [(y, x * x) for x, y in zip(xs, ys, strict=False)]
    total = sum(a * b for a, b in pairs)
    for p, q in more:
        total += p * q
    return total * pairs[0][0]


@program(XS)
def a_tuple_of_a_list(xs):
    t = tuple(x * x for x in xs)
    return t[0] * t[1] + sum(v for v in t)


NAMES = ["a", "b", "c"]
WEIGHTS = (0.5, 1.5)
TABLE = [("a", 2.0), ("b", 3.0)]
RATES = {"a": 1.0, "b": 2.5}


@program(XS)
def beside_other_things(xs):
    total = sum(w * x * x for w, x in zip(WEIGHTS, xs, strict=False))
    for k, x in zip(range(len(xs)), xs, strict=False):
        total += k * x * x
    for k, (name, x) in enumerate(zip(NAMES, xs, strict=False)):
        total += x * x * len(name) * k
    for c, x in zip("ab", xs, strict=False):
        total *= ord(c) * 0.01 * x
    return total + sum(x**k for x, k in zip(xs[1:], range(1, 9), strict=False))


@program(1.3)
def over_tables_outside(x):
    total = 0.0
    for name, rate in TABLE:
        if name == "a":
            total += rate * x
        else:
            total += x**rate
    for key, rate in RATES.items():
        total += len(key) * x**rate
    return total * sum(x**v for v in RATES.values())


@program(1.3)
def in_a_context_that_does_nothing(x):
    with contextlib.nullcontext(x * x) as y, contextlib.nullcontext():
        z = x * y
        if z > 100.0:
            return z
    return z * y


@program(XS, YS)
def a_list_of_pairs(xs, ys):
    pairs = list(zip(xs, ys, strict=False))
    return sum(a * b * b for a, b in pairs) * pairs[0][1]


@program(XS)
def rows_made_in_every_turn(xs):
    total = 0.0
    for k in range(3):
        pairs = [(v, v * k) for v in xs]
        for a, b in pairs:
            total += a * b
        m = [[v] * 3 for v in xs]
        for row in m:
            total += row[0] * row[1] * k
        grid = [[v * w for w in xs] for v in xs]
        total += sum(grid[i][i] for i in range(len(xs)))
    return total


@program(XS)
def lists_made_in_every_turn(xs):
    total = 0.0
    for k in range(3):
        ys = [v * k for v in xs]
        total += math.hypot(*ys) + ys[0] * max(ys)
        zs = xs[1:]
        length = math.hypot(*zs)
        zs[0] = length * k
        total += zs[0] * zs[1] + math.dist(zs, [0.0, 1.0])
        ys.sort()
        total += math.hypot(*ys[1:]) * ys[0]
    return total


@pytest.mark.parametrize(("function", "args"), PROGRAMS)
def test_gradients_are_those_of_differences(function, args):
    given = copied(args)
    value, gradient = value_and_grad(function, argnums=wrt(args))(*given)
    assert repr(given) == repr(copied(args)), "the arguments were changed"
    assert repr(value) == repr(function(*copied(args)))
    assert leaves(gradient) == pytest.approx(differences(function, args, 1e-6), rel=1e-6, abs=1e-7)
    assert all(type(number) is float for number in leaves(gradient))


#: Their second derivatives are refused.
ONCE = ("stored_rows", "measured_before_it_changes", "lists_made_in_every_turn")


@pytest.mark.parametrize(("function", "args"), [p for p in PROGRAMS if p.id not in ONCE])
def test_second_derivatives_are_those_of_differences(function, args):
    first = grad(function, argnums=wrt(args))
    weights = [math.sin(k + 1.0) for k in range(len(leaves(args)))]

    def along(*args):
        return sum(w * g for w, g in zip(weights, leaves(first(*args)), strict=False))

    expected = differences(along, args, 1e-5)
    total = [0.0] * len(expected)
    for place, weight in enumerate(weights[: len(expected)]):
        entry = second(function, args, place)
        total = [t + weight * e for t, e in zip(total, entry, strict=False)]
    assert total == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(("function", "args"), PROGRAMS)
def test_tangents_are_those_of_differences(function, args):
    directions = [math.cos(k + 1.0) for k in range(len(leaves(args)))]

    def at(t):
        moved = [x + t * v for x, v in zip(leaves(args), directions, strict=True)]
        values = iter(moved)
        return function(*[rebuilt(arg, values) for arg in args])

    values = iter(directions)
    moves = tuple(rebuilt(arg, values) for arg in args)
    value, tangent = jvp(function, tuple(copied(args)), moves)
    assert repr(value) == repr(function(*copied(args)))
    assert tangent == pytest.approx((at(1e-6) - at(-1e-6)) / 2e-6, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (lambda x, n: n * x, (2.0, 3), 3.0),
        (lambda xs, n: sum(n * x for x in xs), ([2.0, 1.0], 3), [3.0, 3.0]),
        (lambda t, n: n * t[0], ((2.0, 1.0), 3), (3.0, 0.0)),
        (lambda x, n: x * n if n > 2 else x * x, (2.0, 3), 3.0),
    ],
)
def test_a_derivative_that_is_an_integer_argument_is_a_float(function, args, expected):
    first = grad(function)
    for _ in range(2):  # the second call takes the direct way, where there is one
        assert repr(first(*args)) == repr(expected)
    assert repr(first(args[0], 3.5)) == repr(expected).replace("3.0", "3.5")
    assert repr(first(*args)) == repr(expected)


# What comes out, and what is refused --------------------------------------------------------


def test_what_a_function_of_each_item_gives_comes_back_as_a_comprehension():
    derivative = grad(lambda xs: sum(map(square, xs)))
    assert derivative([1.0, 2.0]) == [2.0, 4.0]
    assert "return [2.0 * v for v in xs]" in derivative.source


def test_effects_of_what_is_mapped_keep_their_order(capsys):
    def noisy(v):
        print("item", v)
        return v * v

    def function(xs):
        total = 0.0
        for y in map(noisy, xs):
            print("turn")
            total += y
        return total

    assert grad(function)([1.0, 2.0]) == [2.0, 4.0]
    assert capsys.readouterr().out == "item 1.0\nturn\nitem 2.0\nturn\n"


def _kept(xs):
    squares = map(square, xs)
    return sum(squares) + sum(squares)


def _changed(xs):
    total = 0.0
    for a, b in itertools.combinations(xs, 2):
        xs[1] = a * b
        total += a * b
    return total


def _left(xs):
    total = 0.0
    for x in itertools.chain.from_iterable([[x, x * x] for x in xs]):
        if x > 4:
            break
        total += x * x
    return total


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_kept, "an iterator that is kept"),
        (_changed, "a list that changes while"),
        (_left, "left by break"),
    ],
)
@pytest.mark.usefixtures("clean_road_only")
def test_what_is_not_supported_is_refused(function, message):
    with pytest.raises(DifferentiationError, match=message):
        grad(function)([1.0, 2.0, 3.0])


def test_equal_items_are_told_apart_by_their_places():
    def function(xs):
        ys = sorted(xs, reverse=True)
        return ys[0] * 2.0 + ys[1] * 3.0

    assert grad(function)([1.0, 4.0, 4.0]) == [0.0, 2.0, 3.0]
    assert grad(lambda xs: max(xs, key=abs))([-2.0, 2.0]) == [1.0, 0.0]


def test_lists_of_unequal_length_are_refused_where_the_user_says_so():
    function = grad(lambda xs, ys: sum(a * b for a, b in zip(xs, ys, strict=True)))
    assert function([1.0, 2.0], [3.0, 4.0]) == [3.0, 4.0]
    with pytest.raises(ValueError, match=r"zip\(\)"):
        function([1.0, 2.0], [3.0])
    with pytest.raises(ValueError, match=r"zip\(\)"):
        grad(products_of_columns)([[1.0, 2.0], [3.0]])


def test_the_length_of_a_point_at_the_origin_has_the_gradient_zero():
    assert grad(lambda xs: math.hypot(*xs))([0.0, 0.0]) == [0.0, 0.0]
    assert grad(lambda xs: math.dist(xs, [1.0, 2.0]))([1.0, 2.0]) == [0.0, 0.0]


def test_the_first_of_no_items():
    def first(xs, limit):
        return next(x * x for x in xs if x > limit)

    assert grad(first)([1.0, 2.0, 3.0], 1.5) == [0.0, 4.0, 0.0]
    with pytest.raises(StopIteration):
        grad(first)([1.0, 2.0], 5.0)
