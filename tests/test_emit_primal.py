# ruff: noqa: B905, C416
"""The IR comes back as Python: unchanged where it was lowered from Python, and right in any case.

Functions lowered by the front end come back with the text they went in with. What the front end
does not make (values that are swapped from turn to turn, tests that are no expressions, versions
of one name that are needed at the same time) is built by hand, and held against the interpreter.
"""

import ast
import contextlib
import inspect
import math
import random
import textwrap
from math import sin
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from sourcediff.backend.generate import generate_primal
from sourcediff.backend.loader import load
from sourcediff.errors import Span
from sourcediff.frontend.primitives import BOUND, CALL, PURE_CALL, RAISE, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.interpret import run
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    IF,
    RETURN,
    UNDEFINED,
    WHILE,
    Const,
    Function,
    Op,
    Region,
    Site,
    Value,
)
from sourcediff.memory import ASSIGN, LIST, METHOD_OF, SET_ITEM, SUBSCRIPT, MethodSpec
from sourcediff.primal import Primal
from sourcediff.rules.table import primitive_of
from sourcediff.types import (
    BOOL,
    INT,
    NONE,
    OBJECT,
    RANGE,
    REAL,
    STR,
    Slot,
    list_of,
    maybe_unbound,
)
from tests.outcome import run as outcome

# Functions that come back unchanged. --------------------------------------------------------

ROUND_TRIPS = []


def unchanged(*args):
    def register(function):
        ROUND_TRIPS.append(pytest.param(function, args, id=function.__name__))
        return function

    return register


@unchanged(0.5, 2.0)
def annotated(x, y):
    z: float = x * y
    w: float
    if z > 0:
        w = z
    else:
        w: float = -z
    return w


@unchanged(0.5, 2.0)
def one_of_several(x, y):
    if x in (0.0, y):
        return 1.0
    return sum(v for v in (1.0, 2.0) if v not in (y, 1))


@unchanged(0.5)
def imported_by_name(x):
    return sin(x) + math.cos(x)


@unchanged(0.5, 2.0)
def bound_in_expressions(x, y):
    s: float = (q := x)
    s = s + q
    z = (s := s + 1) * s + x * (s := s * y)
    r = (a := x + 1) if x > 0 else (a := y - 1)
    xs = [(b := r), b * a, y]
    i = 0
    xs[(i := i + 1)] += (i := i + 1) + 0.5
    f = lambda u: (v := u * 2) + v
    return z + s + sum(xs) * f(b) + i


@unchanged(0.5, 2.0)
def bound_in_tests(x, y):
    d = {1: x}
    if (v := d.get(2)) is not None:
        return v * 2
    if (m := max(x, y)) > 0 and not (n := m - 1) > 5 and (k := n + m):
        x = m + n + k
    elif (m := m - x) > 0:
        return m
    while (x := x * 0.5) > y or (y := y - 1) > 0:
        if (h := x) < 0.01:
            return h
    return 0 < (t := x + y) < 5 and t > 1


@unchanged(0.5, 2.0)
def bound_in_comprehensions(x, y):
    z = 5.0
    keep = z
    ys = [(z := v) + w for v in (x, y) if (q := v + z) > 0 for w in [q, z] if (r := w * q) > z]
    z = [(z := z + v) for v in ys]
    return keep + sum(u for v in z if (u := v * 2) > 1) + u


@unchanged(0.5, 2.0)
def hidden_by_comprehensions(x, y):
    k = x
    outer = lambda: k
    late = [lambda v: v * k for k in (1, 2, 3)]
    frozen = [lambda v, k=k: v**k for k in (1, 2, 3)]
    k = y
    return sum(f(x) for f in late) + sum(f(y) for f in frozen) + outer()


@unchanged(0.5, 2.0)
def bound_on_some_paths(x, y):
    if x > 1 and (p := x * y) > 1:
        return p
    for _ in range(2):
        t, u = (x := x + y), x
    return (x := t) + (u if y > 0 else (x := 2.0)) + p


def added(a, b, *c, k=1.0):
    return a * b + sum(c) * k


@unchanged(0.5, 2.0)
def spread_out(x, y):
    t = (x, y)
    u = (x * 2, y, 3.0)
    g = lambda a, b=2.0: a - b
    return added(*t) + added(1.0, *t) + added(*t, *u) + added(*u, k=y) + g(*(x, y))


class Place(NamedTuple):
    east: float
    north: float = 0.5
    name: str = "here"


@unchanged(7.5, 2.0)
def fields_by_name(x, y):
    start = Place(north=y, east=x)
    end = Place(x)._replace(east=y * 2)
    if end.name == "here":
        start = start._replace(north=x, name="there")
    return start.north * end.north + end.east - start.east * len(start.name)


@unchanged(7.5, 2.0)
def divided(x, y):
    q, r = divmod(x, y)
    return q + r * divmod(x, 0.3)[1] + divmod(int(x), 2)[0]


@unchanged(0.5, 2.0)
def nested_targets(x, y):
    (a, b), c = (x, y), x * y
    head, *middle, last = (x, a, b, c)
    return a * c + head * len(middle) - last


@unchanged(0.5, 2.0)
def reductions(x, y):
    return pow(x, 3) + math.prod((x, y, 2)) + sum((x, y), start=1.0) + sum((x, y), 2.0)


@unchanged(0.5, 2.0)
def straight(x, y: float, *, z: float = 1.5) -> float:
    """A docstring,

    of several lines.
    """
    x = x * y
    a = b = x + 1
    x, y = y, x
    a -= b * -2.0
    c = a if a > b else -b
    d = not c > 0 or (x and y)
    return (x - y) ** 2 * c % 7 + -(x**2) + (2 if d else 3) * z


@unchanged(3.0)
def branches(x):
    if x > 2:
        y = 1.0
    elif x > 1 and x < 5:
        y = 2.0
    else:
        y = 3.0
        if 0 < x <= y < 7:
            return y
    if x is None:
        raise ValueError(f"no {x!r:>5} and {y}")
    if y:
        pass
    else:
        y = 5
    assert y > 0, "no"
    return y


@unchanged(4, [1.0, 2.0, 3.0, 4.0])
def loops(n, xs):
    total = 0.0
    for i in range(n):
        if i == 1:
            continue
        for j, (a, b) in enumerate(zip(xs, reversed(xs))):
            if a > 3:
                break
            total += a * b - j
        else:
            total -= 1
    else:
        total *= 2
    while len(xs) > 2:
        total += xs.pop()
    for _ in range(3):
        pass
    while True:
        n -= 1
        if n < 0:
            return total


@unchanged([[2.0, 1.0], [1.0, 3.0]], {"a": 1.0})
def items(A, d):
    A[0][1] -= A[0][0] * A[1][0]
    A[0], A[1] = A[1], A[0]
    A[-1][0] = d["a"]
    d["b"] = d["a"] + 1
    d["a"] += 2
    row = A[0][:]
    row[1:] = [1.0, *row]
    row += [x for x in row if x > 0]
    del row[0], row[-1]
    row.append(A[1][0])
    row.sort(reverse=True)
    first, *rest = row
    a, b = row[:2]
    c = row[::2]
    if "a" in d and "c" not in d:
        first = d.pop("a") + d.get("z", 0.5)
    return first + sum(rest) + a * b + max(c)


@unchanged([1.0, 2.0, 3.0])
def comprehensions(xs):
    a = [x * x for x in xs if x > 1 if x < 9]
    b = {x: [y for y in a if y > x] for x in xs}
    c = {x for row in b.values() for x in row}
    d = sum(x * y for x, y in zip(xs, a)) + len(c)
    if any(x > 2 for x in xs) and all(x > 0 for x in xs):
        d += min((x for x in xs), default=1.0)
    return d + max(x for x in xs) + len(", ".join(str(x) for x in xs)) + sum([x for x in xs])


@unchanged([3.0, 1.0, 2.0])
def order_of_effects(xs):
    a = xs.pop() + xs.pop() * len(xs)
    b = [xs.pop(), a, len(xs)]
    xs.append(a)
    return b[0] - b[1] / xs[-1]


@unchanged(0.5)
def closures(x):
    count = 0
    scale = 2.0

    def step(v, factor=1.0):
        """One step."""
        nonlocal count
        count += 1
        return v * scale * factor

    square = lambda v: v * v
    y = step(x) + step(x, factor=2.0)
    scale = 3.0
    return square(y) + step(x) + count + sorted([3.0, x], key=lambda v: -v)[0]


@unchanged(0.5, [1.0])
def tries(x, xs):
    y = 1.0
    try:
        y = math.sqrt(x - 1)
    except ValueError as error:
        y = x
        xs.append(len(str(error)))
    except (KeyError, IndexError):
        raise
    else:
        y += 1
    finally:
        xs.append(y)
    with contextlib.suppress(ZeroDivisionError):
        xs.append(1 / (y - x))
    return y + sum(xs)


def _helper(a, *rest, power=2, **options):
    return a**power + sum(rest)


@unchanged(0.5, [1.0, 2.0])
def calls(x, xs):
    return _helper(x) + _helper(x, 1.0, x, power=3) * math.hypot(x, *xs)


class Account:
    def __init__(self, start):
        self.total = start
        self.log = []

    def add(self, amount):
        self.total += amount
        self.log.append(amount)
        return self

    @property
    def size(self):
        return abs(self.total)

    def __len__(self):
        return len(self.log)

    def __add__(self, other):
        return Account(self.total + other.total)

    def __getitem__(self, index):
        return self.log[index]


@unchanged(0.5)
def objects(x):
    a = Account(x)
    a.add(1.0).add(x * 2)
    b = a + Account(start=-9.0)
    b.total *= 2
    a.total, b.total = b.total, a.total
    return a.size + len(a) + a[0] - b.size


@unchanged(5.0)
def falls_off(x):
    if x > 9:
        return
    print(x, end="")


@unchanged(3)
def unbound(n):
    if n > 5:
        y = 1.0
    for i in range(n):
        z = i
    return y + z + i


@unchanged([1.0, 2.0])
def shadowed(xs):
    x = 5.0
    ys = [x * 2 for x in xs]
    zs = [x + y for y in ys]
    xs = [2 * x for x in xs]
    return x + sum(ys) + sum(zs) + sum(xs)


@pytest.mark.parametrize(("function", "args"), ROUND_TRIPS)
def test_comes_back_unchanged(function, args):
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    node.decorator_list = []
    primal = Primal(function, args)
    written = {n.name: n for n in ast.parse(primal.source).body if hasattr(n, "name")}
    assert ast.unparse(written[function.__name__]) == ast.unparse(node)


@pytest.mark.parametrize(("function", "args"), ROUND_TRIPS)
def test_does_the_same(function, args):
    primal = Primal(function, args)
    expected = outcome(lambda: function(*copied(args)))
    actual = outcome(lambda: primal.call(*copied(args)))
    assert (repr(actual.exception), actual.printed) == (repr(expected.exception), expected.printed)
    assert repr(actual.value) == repr(expected.value)


def copied(args):
    return [list(map(list, a)) if a and isinstance(a, list) and isinstance(a[0], list) else
            list(a) if isinstance(a, list) else dict(a) if isinstance(a, dict) else a
            for a in args]  # fmt: skip


# Built by hand. -----------------------------------------------------------------------------

ADD, MUL, LESS = (primitive_of(node()) for node in (ast.Add, ast.Mult, ast.Lt))
DIV = primitive_of(ast.Div())
ORIGIN = SimpleNamespace(spelling={}, function=None, source=None, returned=None)
NUMBERS = list_of(Slot(REAL))


def builtin(name):
    import builtins

    return CallSpec(getattr(builtins, name), Ref("module", builtins, (name,)))


def site(text, augmented=False):
    return Site(Span("file", 1), text, augmented=augmented)


def real(value):
    return Const(value, REAL)


def written(function):
    return generate_primal(function).source


def function(parameters, ops, result, name="f"):
    made = Function(name, parameters, Region(ops, None if result is None else (result,)), ORIGIN)
    return made


def same(made, *args):
    """The text does what the interpreter says."""
    generated = generate_primal(made)
    call = load(generated.source, made.name, dict(generated.header.objects), "test")
    for given in args:
        expected = outcome(lambda given=given: run(made, *copied(given)))
        actual = outcome(lambda given=given: call(*copied(given)))
        assert repr(actual.value) == repr(expected.value), generated.source
        assert type(actual.exception) is type(expected.exception), generated.source
        assert actual.printed == expected.printed
    return generated.source


def counted(n):
    """``range(n)``"""
    sequence = Value(RANGE)
    return sequence, Op(PURE_CALL, (n,), (sequence,), attribute=builtin("range"))


def test_values_that_change_places_from_turn_to_turn():
    a, b, n = Value(REAL, "a"), Value(REAL, "b"), Value(INT, "n")
    turns, op = counted(n)
    i, x, y = Value(INT, "i"), Value(REAL, "x"), Value(REAL, "y")
    p, q, s = Value(REAL, "x"), Value(REAL, "y"), Value(REAL)
    body = Region([], (y, x), None, (i, x, y))
    loop = Op(FOR, (turns, a, b), (p, q), (body,))
    text = same(
        function([a, b, n], [op, loop, Op(DIV, (p, q), (s,))], s),
        (2.0, 3.0, 0),
        (2.0, 3.0, 1),
        (2.0, 3.0, 2),
    )
    assert "        x, y = y, x\n" in text


def test_a_version_that_is_needed_after_the_next_one_is_made():
    x, n = Value(REAL, "x"), Value(INT, "n")
    turns, op = counted(n)
    i, old, new = Value(INT, "i"), Value(REAL, "x"), Value(REAL, "x")
    after, total = Value(REAL, "x"), Value(REAL)
    body = Region([Op(MUL, (old, x), (new,))], (new,), None, (i, old))
    loop = Op(FOR, (turns, x), (after,), (body,))
    made = function([x, n], [op, loop, Op(ADD, (after, x), (total,))], total)
    text = same(made, (1.5, 0), (1.5, 1), (1.5, 3))
    assert "x_1 *= x" in text or "x_1 = x_1 * x" in text


def broken_loop(otherwise):
    """A loop that leaves with one value, and another where it ends on its own."""
    n, limit = Value(INT, "n"), Value(REAL, "limit")
    turns, op = counted(n)
    i, s, t = Value(INT, "i"), Value(REAL, "s"), Value(REAL, "t")
    stop, found, u = Value(BOOL), Value(REAL, "found"), Value(REAL)
    leave = Op(BREAK, (real(-1.0),), ())
    test = Op(IF, (stop,), (), (Region([leave], None), Region([], ())), "statement")
    ops = [Op(ADD, (s, i), (t,)), Op(LESS, (limit, t), (stop,)), test]
    regions = [Region(ops, (t,), None, (i, s))]
    if otherwise:
        e, v = Value(REAL, "e"), Value(REAL)
        regions.append(Region([Op(MUL, (e, real(10.0)), (v,))], (v,), None, (e,)))
    loop = Op(FOR, (turns, real(0.5)), (found,), tuple(regions))
    return function([n, limit], [op, loop, Op(ADD, (found, real(1.0)), (u,))], u)


@pytest.mark.parametrize("otherwise", [False, True])
def test_a_loop_that_is_left_with_other_values_than_it_ends_with(otherwise):
    text = same(broken_loop(otherwise), (0, 9.0), (3, 9.0), (3, 1.0))
    assert "    else:\n" in text


def unfolded_while(breaks, otherwise, leaving_outer=False):
    """A loop whose test is no expression: it prints."""
    x = Value(REAL, "x")
    p, t, below = Value(REAL, "p"), Value(REAL, "t"), Value(BOOL)
    show = Op(CALL, (p,), (), attribute=builtin("print"))
    tested = Region([show, Op(LESS, (p, real(4.0)), (below,))], (below, p), None, (p,))
    q, r, big = Value(REAL, "p"), Value(REAL, "p"), Value(BOOL)
    body = [Op(ADD, (q, real(1.0)), (r,))]
    if breaks:
        leave = Region([Op(BREAK, (real(7.0),), ())], None)
        stop = Op(IF, (big,), (), (leave, Region([], ())), "statement")
        body += [Op(LESS, (real(2.5), r), (big,)), stop]
    regions = [tested, Region(body, (r,), None, (q,))]
    if otherwise:
        e, v = Value(REAL, "p"), Value(REAL, "p")
        rest = [Op(MUL, (e, real(10.0)), (v,))]
        if leaving_outer:
            rest.append(Op(BREAK, (v,), ()))
            regions.append(Region(rest, None, None, (e,)))
        else:
            regions.append(Region(rest, (v,), None, (e,)))
    after = Value(REAL, "p")
    loop = Op(WHILE, (x,), (after,), tuple(regions))
    return x, loop, after


@pytest.mark.parametrize("breaks", [False, True])
@pytest.mark.parametrize("otherwise", [False, True])
def test_a_while_whose_test_is_no_expression(breaks, otherwise):
    x, loop, after = unfolded_while(breaks, otherwise)
    text = same(function([x], [loop], after), (0.5,), (1.5,), (2.6,), (9.0,))
    assert "while True:" in text


@pytest.mark.parametrize("breaks", [False, True])
def test_an_else_that_leaves_the_loop_around(breaks):
    x, loop, after = unfolded_while(breaks, True, leaving_outer=True)
    n = Value(INT, "n")
    turns, op = counted(n)
    i, z, s, last = Value(INT, "i"), Value(REAL, "z"), Value(REAL, "z"), Value(REAL, "z")
    body = Region([loop, Op(ADD, (after, z), (s,))], (s,), None, (i, z))
    outer = Op(FOR, (turns, real(0.0)), (last,), (body,))
    same(function([x, n], [op, outer], last), (0.5, 3), (2.6, 2), (9.0, 3), (9.0, 0))


def test_continue_hands_on_what_the_next_turn_starts_with():
    n = Value(INT, "n")
    turns, op = counted(n)
    i, a, b, c = Value(INT, "i"), Value(REAL, "a"), Value(REAL, "b"), Value(REAL, "c")
    odd, r = Value(BOOL), Value(REAL, "a")
    skip = Region([Op(CONTINUE, (b, a), ())], None)
    test = Op(IF, (odd,), (), (skip, Region([], ())), "statement")
    ops = [Op(LESS, (a, b), (odd,)), test, Op(MUL, (b, real(3.0)), (c,))]
    loop = Op(FOR, (turns, real(1.0), real(2.0)), (r, Value(REAL, "b")), ())
    loop = loop.replace(regions=(Region(ops, (a, c), None, (i, a, b)),))
    same(function([n], [op, loop], r), (0,), (1,), (2,), (5,))


def test_a_name_that_one_path_leaves_unbound_again():
    """As after ``del``: the text must not find what was bound before."""
    x, y, z = Value(REAL, "x"), Value(REAL, "y"), Value(REAL, "y")
    test, found, bound = Value(BOOL), Value(maybe_unbound(REAL), "y"), Value(REAL, "y")
    total = Value(REAL)
    ops = [
        Op(MUL, (x, real(2.0)), (y,)),
        Op(CALL, (y,), (), attribute=builtin("print")),
        Op(LESS, (x, real(1.0)), (test,)),
        Op(
            IF,
            (test,),
            (found,),
            (Region([Op(ADD, (x, real(1.0)), (z,))], (z,)), Region([], (UNDEFINED,))),
            "statement",
        ),
        Op(BOUND, (found,), (bound,), attribute="y"),
        Op(ADD, (bound, real(1.0)), (total,)),
    ]
    same(function([x], ops, total), (0.5,), (1.5,))


def pushed(xs, value):
    return Op(METHOD_OF, (xs, value), (), attribute=MethodSpec("append", writes=True))


def test_a_read_is_not_put_behind_a_write():
    xs, first, second, t = Value(NUMBERS, "xs"), Value(REAL), Value(REAL), Value(REAL)
    store = Op(SET_ITEM, (xs, Const(0, INT), real(9.0)), ())
    ops = [
        Op(SUBSCRIPT, (xs, Const(0, INT)), (first,)),
        store,
        Op(SUBSCRIPT, (xs, Const(0, INT)), (second,)),
        Op(DIV, (first, second), (t,)),
    ]
    text = same(function([xs], ops, t), ([2.0],), ([],))
    assert text.count("xs[0]") == 3


def test_operands_stay_in_the_order_of_their_effects():
    """The one that is printed first is computed last."""
    xs, a, b, t = Value(NUMBERS, "xs"), Value(REAL), Value(REAL), Value(REAL)
    pop = MethodSpec("pop", writes=True)
    ops = [
        Op(METHOD_OF, (xs,), (a,), attribute=pop),
        Op(METHOD_OF, (xs,), (b,), attribute=pop),
        Op(DIV, (b, a), (t,)),
    ]
    same(function([xs], ops, t), ([1.0, 2.0, 3.0],), ([1.0],))


def test_what_a_sum_takes_in_stays_before_what_comes_between():
    """``v + 1`` takes the place of `v`; where it cannot be folded, `v` must not move behind `w`."""
    xs, v, w = Value(NUMBERS, "xs"), Value(REAL), Value(REAL)
    u, t = Value(REAL), Value(REAL)
    pop = MethodSpec("pop", writes=True)
    ops = [
        Op(METHOD_OF, (xs,), (v,), attribute=pop),
        Op(METHOD_OF, (xs,), (w,), attribute=pop),
        Op(ADD, (v, real(1.0)), (u,)),
        Op(CALL, (real(0.0),), (), attribute=builtin("print")),
        Op(DIV, (u, w), (t,)),
    ]
    same(function([xs], ops, t), ([1.0, 2.0, 4.0],), ([1.0],))


def test_exceptions_come_in_order():
    """Of ``1 / y`` and ``xs[9]`` the one that is computed first raises."""
    xs, y, a, b, t = Value(NUMBERS, "xs"), Value(REAL, "y"), Value(REAL), Value(REAL), Value(REAL)
    ops = [
        Op(SUBSCRIPT, (xs, Const(9, INT)), (a,)),
        Op(DIV, (real(1.0), y), (b,)),
        Op(DIV, (b, a), (t,)),
    ]
    same(function([xs, y], ops, t), ([1.0], 0.0), ([1.0], 1.0))


def test_a_value_is_not_computed_before_it_is_needed_in_an_arm():
    x, c, t, r = Value(REAL, "x"), Value(BOOL), Value(REAL), Value(REAL)
    ops = [
        Op(LESS, (x, real(0.0)), (c,)),
        Op(
            IF,
            (c,),
            (r,),
            (Region([Op(DIV, (real(1.0), x), (t,))], (t,)), Region([], (real(2.0),))),
            "expression",
        ),
    ]
    text = same(function([x], ops, r), (0.0,), (-2.0,))
    assert "return 1.0 / x if x < 0.0 else 2.0" in text


def test_an_augmented_store_between_whose_load_and_store_a_statement_stands():
    """``xs[i()] += …`` with a loop in the right hand side reads its place once."""
    xs, n = Value(NUMBERS, "xs"), Value(INT, "n")
    here = site("xs[int(n)] += …", augmented=True)
    index, old, ys, new = Value(INT), Value(REAL), Value(NUMBERS), Value(REAL)
    item, total = Value(REAL), Value(REAL)
    turns, op = counted(n)
    loop = Op(FOR, (turns,), (), (Region([], (), None, (Value(INT, "i"),)),))
    loop.regions = (Region([pushed(ys, real(1.0))], (), None, (Value(INT, "i"),)),)
    ops = [
        Op(CALL, (n,), (index,), attribute=builtin("int"), site=here),
        Op(SUBSCRIPT, (xs, index), (old,), site=here),
        Op(LIST, (), (ys,), site=here),
        op,
        loop,
        pushed(xs, real(5.0)),
        Op(SUBSCRIPT, (ys, Const(0, INT)), (item,), site=here),
        Op(ADD, (old, item), (new,), site=here),
        Op(SET_ITEM, (xs, index, new), (), site=here),
        Op(PURE_CALL, (xs,), (total,), attribute=builtin("sum")),
    ]
    text = same(function([xs, n], ops, total), ([1.0, 2.0], 1), ([1.0, 2.0], 0), ([1.0], 3))
    assert text.count("int(n)") == 1


def test_a_parallel_copy_of_versions_that_meet():
    a, b = Value(REAL, "a"), Value(REAL, "b")
    x, y, t = Value(REAL, "b"), Value(REAL, "a"), Value(REAL)
    ops = [Op(ASSIGN, (a, b), (x, y)), Op(DIV, (x, y), (t,))]
    assert "b, a = a, b" in same(function([a, b], ops, t), (1.0, 2.0))


def test_returns_in_the_midst():
    x, c = Value(REAL, "x"), Value(BOOL)
    early = Region([Op(RETURN, (Const(None, NONE),), (), site=site("return"))], None)
    ops = [
        Op(LESS, (x, real(0.0)), (c,)),
        Op(IF, (c,), (), (early, Region([], ())), "statement"),
        Op(RETURN, (x,), ()),
    ]
    text = same(function([x], ops, None), (1.0,), (-1.0,))
    assert text.endswith("if x < 0.0:\n        return\n    return x\n")


def test_a_comprehension_binds_a_name_for_some_items():
    def last_above(xs):
        above = [(z := x) for x in xs if x > 1]
        return z + len(above)

    made = Primal(last_above, ([0.5, 2.0],))
    for xs in ([2.0, 0.5], [0.5, 2.0, 3.0]):
        assert made.call(xs) == made.interpret(xs) == last_above(xs)
    with pytest.raises(UnboundLocalError):
        made.call([0.5])


def test_a_name_bound_in_a_test_and_unbound_again():
    def unbinding(count, x):
        turn = count
        while turn and (t := x):
            turn -= 1
            x = t * 0.5
            del t
        return x

    made = Primal(unbinding, (2, 1.5))
    for count in range(4):
        expected = unbinding(count, 1.5)
        assert made.call(count, 1.5) == made.interpret(count, 1.5) == expected


def test_raising_in_one_arm_needs_no_else():
    x, c, error = Value(REAL, "x"), Value(BOOL), Value(OBJECT)
    ops = [
        Op(CALL, (Const("no", STR),), (error,), attribute=builtin("ValueError")),
        Op(RAISE, (error,), ()),
    ]
    whole = [
        Op(LESS, (x, real(0.0)), (c,)),
        Op(IF, (c,), (), (Region(ops, None), Region([], ())), "statement"),
    ]
    text = same(function([x], whole, x), (1.0,), (-1.0,))
    assert 'raise ValueError("no")\n    return x' in text


# Ten thousand statements. -------------------------------------------------------------------


def test_time_grows_with_the_size_alone():
    import time

    def chain(count):
        x = y = Value(REAL, "x")
        ops = []
        for place in range(count):
            t, z = Value(REAL), Value(REAL, random.Random(place).choice("xyzuvw"))
            ops += [Op(MUL, (y, real(1.5)), (t,)), Op(ADD, (t, real(0.5)), (z,))]
            y = z
        return function([x], ops, y)

    def took(count):
        made = chain(count)
        begin = time.perf_counter()
        generate_primal(made)
        return time.perf_counter() - begin

    took(100)
    small = min(took(500) for _ in range(3))
    assert took(5000) < 40 * small
