"""The interpreter on objects, and on calls of functions that only Python knows."""

import random
from types import SimpleNamespace

from sourcediff import types
from sourcediff.errors import Span
from sourcediff.frontend.primitives import FORMAT, GETATTR, GETITEM, PURE_CALL, TUPLE, CallSpec
from sourcediff.interpret import run
from sourcediff.ir import BREAK, FOR, IF, INVOKE, RETURN, Invocation, Op, Site, Value
from sourcediff.memory import (
    DELETE_ATTRIBUTE,
    METHOD_OF,
    SET_ATTRIBUTE,
    SET_ITEM,
    SUBSCRIPT,
)
from sourcediff.types import BOOL, INT, OBJECT, REAL, STR
from tests.building import ADD, LESS, MUL, Block, assert_like, atom, function, list_of
from tests.held import Counted, Key, Point, Slotted, method, slotted

# Objects ----------------------------------------------------------------------------------


def test_attributes_through_an_alias():
    ps = Value(list_of(OBJECT), "ps")
    body = Block()
    p = body.add(SUBSCRIPT, ps, 0, type=OBJECT)
    q = body.add(SUBSCRIPT, ps, 1, type=OBJECT)
    body.several(SET_ATTRIBUTE, p, body.add(GETATTR, q, attribute="x"), attribute="x")
    body.several(SET_ATTRIBUTE, q, p, attribute="other")
    body.several(DELETE_ATTRIBUTE, q, attribute="x")
    made = function("f", [ps], body.ends(body.add(GETATTR, p, type=OBJECT, attribute="other")))

    def python(ps):
        p, q = ps[0], ps[1]
        p.x = q.x
        q.other = p
        del q.x
        return p.other

    def one_twice():
        one = SimpleNamespace(x=1.0)
        return ([one, one],)

    assert_like(
        made,
        python,
        one_twice,
        lambda: ([SimpleNamespace(x=1.0, other=2.0), SimpleNamespace(x=3.0)],),
        lambda: ([Point(1.0), Point(2.0)],),
        lambda: ([SimpleNamespace(x=1.0), slotted(2.0)],),
    )


def test_slots():
    p = Value(OBJECT, "p")
    body = Block()
    body.several(SET_ATTRIBUTE, p, body.add(GETATTR, p, attribute="a"), attribute="b")
    body.several(DELETE_ATTRIBUTE, p, attribute="a")
    body.several(SET_ATTRIBUTE, p, 1.0, attribute="c")
    made = function("f", [p], body.ends(None))

    def python(p):
        p.b = p.a
        del p.a
        p.c = 1.0

    assert_like(made, python, lambda: (slotted(2.0),), lambda: (Slotted(),))


def test_a_list_with_attributes():
    xs = Value(OBJECT, "xs")
    body = Block()
    body.several(METHOD_OF, xs, 1.0, attribute=method("append", True))
    body.several(SET_ATTRIBUTE, xs, body.call(len, xs, type=INT), attribute="count")
    made = function("f", [xs], body.ends(xs))

    def python(xs):
        xs.append(1.0)
        xs.count = len(xs)
        return xs

    assert_like(made, python, lambda: (Counted([2.0]),), lambda: ([],))
    given = Counted([2.0])
    assert run(made, given) is given and given.count == 2


def test_an_instance_is_made_and_initialised():
    self, x, near = Value(OBJECT, "self"), Value(REAL, "x"), Value(list_of(), "near")
    setting = Block()
    setting.several(SET_ATTRIBUTE, self, x, attribute="x")
    setting.several(SET_ATTRIBUTE, self, near, attribute="near")
    initialiser = function("__init__", [self, x, near], setting.ends(None))
    xs = Value(near.type, "xs")
    body = Block()
    spec = Invocation(initialiser, "class", cls=Point)
    point = body.add(INVOKE, 1.5, xs, type=OBJECT, attribute=spec)
    body.several(METHOD_OF, xs, point, attribute=method("append", True))
    text = body.add(FORMAT, point, type=STR, attribute=("<", (-1, ""), ">"))
    body.call(print, text, point)
    made = function("f", [xs], body.ends(point))

    def python(xs):
        point = Point(1.5, xs)
        xs.append(point)
        print(f"<{point}>", point)
        return point

    assert_like(made, python, lambda: ([1.0],))


def test_a_class_without_an_initialiser():
    body = Block()
    p = body.add(INVOKE, type=OBJECT, attribute=Invocation(None, "class", cls=Slotted))
    body.several(SET_ATTRIBUTE, p, 1.0, attribute="a")
    made = function("f", [], body.ends(p))
    assert_like(made, lambda: slotted(1.0), lambda: ())


def test_what_is_frozen_stays_so_for_what_the_user_wrote():
    key = Value(OBJECT, "key")
    body = Block()
    site = Site(Span("f.py", 1, 1, 1, 1, ""), "key.name = 1.0")
    body.ops.append(Op(SET_ATTRIBUTE, (key, atom(1.0)), (), (), "name", site))
    made = function("f", [key], body.ends(None))

    def python(key):
        key.name = 1.0

    assert_like(made, python, lambda: (Key("a"),), lambda: (SimpleNamespace(),))


# What Python's own functions do -----------------------------------------------------------


def test_functions_of_python_see_and_change_what_is_held():
    rows = Value(list_of(list_of()), "rows")
    body = Block()
    first = body.add(SUBSCRIPT, rows, 0, type=list_of())
    body.several(SET_ITEM, first, 0, 9.0)
    ordered = body.call(sorted, rows, type=list_of(list_of()))
    smallest = body.add(SUBSCRIPT, ordered, 0, type=list_of())
    body.several(METHOD_OF, smallest, 0.5, attribute=method("append", True))
    body.call(random.Random(1).shuffle, rows)
    body.call(print, rows, ordered)
    made = function("f", [rows], body.ends(ordered))

    def python(rows):
        rows[0][0] = 9.0
        ordered = sorted(rows)
        ordered[0].append(0.5)
        random.Random(1).shuffle(rows)
        print(rows, ordered)
        return ordered

    assert_like(made, python, lambda: ([[1.0], [4.0, 2.0], [3.0]],))


def test_iterators_advance_over_what_is_held_now():
    xs, ys = Value(list_of(), "xs"), Value(list_of(), "ys")
    pair, before, total = Value(types.tuple_of([REAL, REAL])), Value(REAL), Value(REAL)
    body = Block(pair, before)
    a = body.add(GETITEM, pair, attribute=0)
    b = body.add(GETITEM, pair, attribute=1)
    at = body.call(len, ys, type=INT)
    body.several(IF, body.add(LESS, at, 4, type=BOOL), regions=[_push(xs, ys), Block().ends()])
    after = body.add(ADD, before, body.add(MUL, a, b))
    whole = Block()
    pairs = whole.add(PURE_CALL, xs, ys, type=OBJECT, attribute=CallSpec(zip, "zip"))
    whole.ops.append(Op(FOR, (pairs, atom(0.0)), (total,), (body.ends(after),)))
    made = function("f", [xs, ys], whole.ends(total))

    def python(xs, ys):
        total = 0.0
        for a, b in zip(xs, ys, strict=False):
            if len(ys) < 4:
                ys.append(2.0)
                xs.append(3.0)
            total += a * b
        return total

    def shared():
        both = [1.0]
        return both, both

    assert_like(made, python, lambda: ([1.0], [2.0]), lambda: ([], []), shared)


def _push(xs, ys):
    push = Block()
    push.several(METHOD_OF, ys, 2.0, attribute=method("append", True))
    push.several(METHOD_OF, xs, 3.0, attribute=method("append", True))
    return push.ends()


def test_a_break_leaves_the_rest_in_an_iterator():
    numbers, x, found, given = Value(OBJECT), Value(REAL), Value(REAL), Value(REAL)
    body = Block(x, given)
    out = Block().leaves(BREAK, x)
    test = body.add(LESS, 1.0, x, type=BOOL)
    body.several(IF, test, regions=[out, Block().ends()])
    whole = Block()
    whole.ops.append(Op(FOR, (numbers, atom(0.0)), (found,), (body.ends(given),)))
    rest = whole.call(list, numbers)
    made = function(
        "f", [numbers], whole.leaves(RETURN, whole.add(TUPLE, found, rest, type=OBJECT))
    )

    def python(numbers):
        found = 0.0
        for x in numbers:
            if 1.0 < x:
                found = x
                break
        return found, list(numbers)

    assert_like(made, python, lambda: (iter([0.5, 2.0, 3.0]),), lambda: ([0.5, 2.0],))
