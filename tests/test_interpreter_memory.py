"""The interpreter on what can change: each test holds an IR built by hand against Python."""

import collections

import pytest

from sourcediff import types
from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import FOR, IF, Op, Value
from sourcediff.memory import (
    CONTAINS,
    DELETE_ITEM,
    DICT,
    INPLACE,
    LIST,
    METHOD_OF,
    OPERATE,
    QUERY,
    SET,
    SET_ITEM,
    SLICED,
    SUBSCRIPT,
    UNPACK_ITERABLE,
)
from sourcediff.types import BOOL, INT, OBJECT, REAL, SLICE, STR, Slot
from tests.building import ADD, LESS, MUL, Block, assert_like, atom, function, list_of
from tests.held import DICT_OF, Key, method, slotted

# Lists ------------------------------------------------------------------------------------


def test_two_arguments_that_are_one_list():
    xs, ys = Value(list_of(), "xs"), Value(list_of(), "ys")
    body = Block()
    body.several(SET_ITEM, xs, 0, 5.0)
    first = body.add(SUBSCRIPT, ys, 0)
    body.several(METHOD_OF, ys, first, attribute=method("append", True))
    made = function("f", [xs, ys], body.ends(xs))

    def python(xs, ys):
        xs[0] = 5.0
        ys.append(ys[0])
        return xs

    def shared():
        both = [1.0, 2.0]
        return both, both

    assert_like(made, python, shared, lambda: ([1.0], [2.0]), lambda: ([], [1.0]))


def test_a_list_grows_while_it_is_iterated():
    xs, x, total, before = Value(list_of(), "xs"), Value(REAL, "x"), Value(REAL), Value(REAL)
    grow = Block()
    grow.several(METHOD_OF, xs, grow.add(ADD, x, 1.0), attribute=method("append", True))
    body = Block(x, before)
    body.several(IF, body.add(LESS, x, 3.0, type=BOOL), regions=[grow.ends(), Block().ends()])
    after = body.add(ADD, before, x)
    whole = Block()
    whole.ops.append(Op(FOR, (xs, atom(0.0)), (total,), (body.ends(after),)))
    made = function("f", [xs], whole.ends(total))

    def python(xs):
        total = 0.0
        for x in xs:
            if x < 3.0:
                xs.append(x + 1.0)
            total += x
        return total

    assert_like(made, python, lambda: ([0.5, 2.5],), lambda: ([],), lambda: ([9.0],))


def test_a_list_in_itself():
    xs = Value(list_of(OBJECT), "xs")
    body = Block()
    body.several(METHOD_OF, xs, xs, attribute=method("append", True))
    body.call(print, xs)
    made = function("f", [xs], body.ends(xs))

    def python(xs):
        xs.append(xs)
        print(xs)
        return xs

    assert_like(made, python, lambda: ([1.0],))


def test_rows_of_a_matrix_are_objects():
    m = Value(list_of(list_of()), "m")
    body = Block()
    row = body.add(SUBSCRIPT, m, 1, type=list_of())
    body.several(METHOD_OF, m, 0, atom(0.0), attribute=method("insert", True))
    body.several(SET_ITEM, row, 0, 7.0)
    body.several(SET_ITEM, m, 1, row)
    made = function("f", [m], body.ends(row))

    def python(m):
        row = m[1]
        m.insert(0, 0.0)
        row[0] = 7.0
        m[1] = row
        return row

    assert_like(made, python, lambda: ([[1.0], [2.0]],))


def test_slices_are_new_lists_and_can_be_assigned():
    xs = Value(list_of(), "xs")
    body = Block()
    part = body.add(SLICED, 1, 3, None, type=SLICE)
    ys = body.add(SUBSCRIPT, xs, part, type=list_of())
    body.several(SET_ITEM, ys, 0, -1.0)
    body.several(SET_ITEM, xs, body.add(SLICED, None, 1, None, type=SLICE), ys)
    body.several(DELETE_ITEM, xs, -1)
    body.several(SET_ITEM, xs, body.add(SLICED, None, None, 2, type=SLICE), ys)
    made = function("f", [xs], body.ends(ys))

    def python(xs):
        ys = xs[1:3]
        ys[0] = -1.0
        xs[:1] = ys
        del xs[-1]
        xs[::2] = ys
        return ys

    assert_like(made, python, lambda: ([1.0, 2.0, 3.0, 4.0],), lambda: ([1.0, 2.0, 3.0],))


def test_displays_with_spread_items():
    xs, ys = Value(list_of(), "xs"), Value(list_of(), "ys")
    body = Block()
    row = body.add(LIST, xs, 1.0, ys, type=list_of(), attribute={0, 2})
    unique = body.add(SET, row, 2.0, type=types.set_of(Slot(REAL)), attribute={0})
    size = body.call(len, unique, type=INT)
    made = function("f", [xs, ys], body.ends(body.add(LIST, xs, row, size, type=list_of(OBJECT))))

    def python(xs, ys):
        row = [*xs, 1.0, *ys]
        return [xs, row, len({*row, 2.0})]

    assert_like(made, python, lambda: ([1.0], [2.0]), lambda: ([1.0], 5.0), lambda: (None, []))


def test_augmented_assignment_changes_the_object():
    xs, ys = Value(list_of(), "xs"), Value(list_of(), "ys")
    body = Block()
    same = body.add(INPLACE, xs, ys, type=list_of(), attribute="+")
    again = body.add(INPLACE, same, 2, type=list_of(), attribute="*")
    other = body.add(OPERATE, again, xs, type=list_of(), attribute="+")
    alike = body.add(OPERATE, again, xs, type=BOOL, attribute="is")
    result = body.add(TUPLE, again, other, alike, type=OBJECT)
    made = function("f", [xs, ys], body.ends(result))

    def python(xs, ys):
        same = xs
        same += ys
        same *= 2
        return same, same + xs, same is xs

    assert_like(made, python, lambda: ([1.0], [2.0, 3.0]), lambda: ([1.0], 4.0))


def test_what_a_failing_method_did_stays_done():
    xs = Value(list_of(OBJECT), "xs")
    body = Block()
    body.several(METHOD_OF, xs, attribute=method("sort", True))
    made = function("f", [xs], body.ends(None))
    assert_like(made, lambda xs: xs.sort(), lambda: ([3.0, 1.0, [], 2.0],), lambda: ([2, 1],))


def test_comparisons_see_what_is_held_now():
    xs, ys = Value(list_of(list_of()), "xs"), Value(list_of(), "ys")
    body = Block()
    body.several(SET_ITEM, ys, 0, 2.0)
    found = body.add(CONTAINS, ys, xs, type=BOOL)
    missing = body.add(CONTAINS, ys, xs, type=BOOL, attribute=True)
    at = body.add(QUERY, xs, ys, type=INT, attribute=method("index"))
    made = function("f", [xs, ys], body.ends(body.add(TUPLE, found, missing, at, type=OBJECT)))

    def python(xs, ys):
        ys[0] = 2.0
        return ys in xs, ys not in xs, xs.index(ys)

    assert_like(made, python, lambda: ([[1.0], [2.0]], [5.0]), lambda: ([[1.0]], [5.0]))


def test_unpacking():
    whole = Value(list_of(), "whole")
    body = Block()
    kinds = [REAL, list_of(), REAL]
    a, rest, b = body.several(UNPACK_ITERABLE, whole, kinds=kinds, attribute=1)
    body.several(METHOD_OF, rest, a, attribute=method("append", True))
    c, d = body.several(UNPACK_ITERABLE, rest, kinds=[REAL, REAL])
    made = function("f", [whole], body.ends(body.add(LIST, b, c, d, type=list_of())))

    def python(whole):
        a, *rest, b = whole
        rest.append(a)
        c, d = rest
        return [b, c, d]

    numbers = [1.0, 2.0, 3.0, 4.0]
    points = [lambda n=n: (numbers[:n],) for n in range(5)]
    assert_like(made, python, *points, lambda: (iter(numbers[:3]),), lambda: (2.0,))


# Dicts and sets ---------------------------------------------------------------------------


def test_dicts_keep_their_order():
    d, e = Value(DICT_OF, "d"), Value(DICT_OF, "e")
    body = Block()
    body.several(SET_ITEM, d, "c", 3.0)
    body.several(METHOD_OF, d, "a", attribute=method("pop", True), kinds=[REAL])
    body.several(SET_ITEM, d, "a", 1.5)
    made_here = body.add(DICT, "z", 0.0, None, d, "b", 9.0, type=DICT_OF, attribute={2})
    body.several(INPLACE, made_here, e, kinds=[DICT_OF], attribute="|")
    items = body.add(QUERY, made_here, type=OBJECT, attribute=method("items"))
    result = body.call(list, items)
    made = function("f", [d, e], body.ends(body.add(TUPLE, result, made_here, type=OBJECT)))

    def python(d, e):
        d["c"] = 3.0
        d.pop("a")
        d["a"] = 1.5
        made_here = {"z": 0.0, **d, "b": 9.0}
        made_here |= e
        return list(made_here.items()), made_here

    assert_like(
        made,
        python,
        lambda: ({"a": 1.0, "b": 2.0}, {"z": 4.0}),
        lambda: ({"b": 2.0}, {}),
        lambda: (collections.OrderedDict(a=1.0, x=2.0), {"x": 1.0}),
    )


@pytest.mark.parametrize("view", ["keys", "values", "items"])
def test_views_are_live(view):
    d = Value(DICT_OF, "d")
    body = Block()
    seen = body.add(QUERY, d, type=OBJECT, attribute=method(view))
    body.several(SET_ITEM, d, "new", 1.0)
    made = function("f", [d], body.ends(body.call(list, seen)))

    def python(d):
        seen = getattr(d, view)()
        d["new"] = 1.0
        return list(seen)

    assert_like(made, python, lambda: ({"a": 2.0},), lambda: ({"new": 2.0, "b": 1.0},))


def test_a_dict_that_changes_size_while_it_is_iterated():
    d, key = Value(DICT_OF, "d"), Value(STR, "key")
    body = Block(key)
    other = body.add(OPERATE, key, "x", type=STR, attribute="+")
    body.several(SET_ITEM, d, other, 1.0)
    whole = Block()
    whole.several(FOR, d, regions=[body.ends()])
    made = function("f", [d], whole.ends(None))

    def python(d):
        for key in d:
            d[key + "x"] = 1.0

    assert_like(made, python, lambda: ({"a": 2.0, "b": 1.0},), lambda: ({},))


def test_values_written_while_a_dict_is_iterated():
    d, key = Value(DICT_OF, "d"), Value(STR, "key")
    body = Block(key)
    body.several(SET_ITEM, d, key, body.add(MUL, body.add(SUBSCRIPT, d, key), 2.0))
    whole = Block()
    whole.several(FOR, d, regions=[body.ends()])
    made = function("f", [d], whole.ends(None))

    def python(d):
        for key in d:
            d[key] = d[key] * 2.0

    assert_like(made, python, lambda: ({"a": 2.0, "b": 1.0},))


def test_a_default_is_made_when_it_is_looked_up():
    d = Value(types.dict_of(Slot(STR), Slot(list_of())), "d")
    body = Block()
    row = body.add(SUBSCRIPT, d, "a", type=list_of())
    body.several(METHOD_OF, row, 1.0, attribute=method("append", True))
    again = body.add(SUBSCRIPT, d, "a", type=list_of())
    alike = body.add(OPERATE, row, again, type=BOOL, attribute="is")
    made = function("f", [d], body.ends(alike))

    def python(d):
        row = d["a"]
        row.append(1.0)
        return row is d["a"]

    assert_like(
        made, python, lambda: (collections.defaultdict(list),), lambda: ({},), lambda: ({"a": []},)
    )


def test_objects_are_keys_by_what_their_class_says():
    d = Value(types.dict_of(Slot(OBJECT), Slot(REAL)), "d")
    one, other = Value(OBJECT, "one"), Value(OBJECT, "other")
    body = Block()
    body.several(SET_ITEM, d, one, 2.0)
    found = body.add(SUBSCRIPT, d, other)
    made = function("f", [d, one, other], body.ends(found))

    def python(d, one, other):
        d[one] = 2.0
        return d[other]

    def identical():
        key = slotted(1.0)
        return {}, key, key

    assert_like(
        made, python, identical, lambda: ({}, Key("a"), Key("a")), lambda: ({}, Key("a"), Key("b"))
    )


def test_the_order_of_a_set_is_that_of_its_history():
    s, item = Value(types.set_of(Slot(INT)), "s"), Value(INT, "item")
    body = Block()
    for number in (8, 16, 0, 24, 7, 15):
        body.several(METHOD_OF, s, number, attribute=method("add", True))
    body.several(METHOD_OF, s, 16, attribute=method("discard", True))
    each = Block(item)
    each.call(print, item)
    body.several(FOR, s, regions=[each.ends()])
    made = function("f", [s], body.ends(body.call(list, s)))

    def python(s):
        for number in (8, 16, 0, 24, 7, 15):
            s.add(number)
        s.discard(16)
        for item in s:
            print(item)
        return list(s)

    assert_like(made, python, lambda: (set(),), lambda: ({3, 40, 72},), lambda: (set(range(99)),))
