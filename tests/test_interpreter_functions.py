"""Functions, closures and variables in the interpreter, held against Python."""

import functools
import sys

import pytest

from sourcediff import types
from sourcediff.frontend.primitives import BOUND, CALL, TUPLE, CallSpec
from sourcediff.interpret import run
from sourcediff.ir import (
    IF,
    INVOKE,
    RETURN,
    TRY,
    UNDEFINED,
    Function,
    Handler,
    Invocation,
    Region,
    TrySpec,
    Value,
    Variable,
)
from sourcediff.memory import ASSIGN, FORGET, MAKE_FUNCTION, METHOD_OF, READ, WRITE, MethodSpec
from sourcediff.types import BOOL, FUNCTION, INT, OBJECT, REAL, Slot
from tests.building import (
    ADD,
    EQUAL,
    INPUTS,
    LESS,
    MUL,
    NOTHING,
    SUB,
    Block,
    assert_like,
    function,
    list_of,
    only_if,
    raising,
)


def counter() -> tuple[Function, Variable]:
    """``def bump(by): nonlocal n; n += by; return n``, and n."""
    n, by = Variable("n", Slot(REAL)), Value(REAL, "by")
    body = Block()
    total = body.add(ADD, body.add(READ, attribute=n), by)
    body.several(WRITE, total, attribute=n)
    return function("bump", [by], body.ends(total)), n


def test_closures_share_the_variable():
    bump, n = counter()
    x = Value(REAL, "x")
    whole = Block()
    made_value = whole.add(MAKE_FUNCTION, type=FUNCTION, attribute=bump)
    whole.several(WRITE, x, attribute=n)
    call = Invocation(bump, "closure")
    a = whole.add(INVOKE, made_value, 1.0, attribute=call)
    whole.several(WRITE, whole.add(MUL, whole.add(READ, attribute=n), 3.0), attribute=n)
    b = whole.add(INVOKE, made_value, 1.0, attribute=call)
    both = whole.add(TUPLE, a, b, whole.add(READ, attribute=n), type=OBJECT)
    made = function("f", [x], whole.ends(both), [n])

    def python(x):
        def bump(by):
            nonlocal n
            n += by
            return n

        n = x
        a = bump(1.0)
        n *= 3.0
        return a, bump(1.0), n

    assert_like(made, python, *INPUTS)


def test_every_activation_has_its_own_variables():
    bump, n = counter()
    x = Value(REAL, "x")
    maker = Block()
    maker.several(WRITE, x, attribute=n)
    inner = maker.add(MAKE_FUNCTION, type=FUNCTION, attribute=bump)
    make = function("make", [x], maker.ends(inner), [n])
    start = Value(REAL, "start")
    whole = Block()
    one = whole.add(INVOKE, start, type=FUNCTION, attribute=Invocation(make))
    two = whole.add(INVOKE, 10.0, type=FUNCTION, attribute=Invocation(make))
    call = Invocation(bump, "closure")
    results = [whole.add(INVOKE, f, 1.0, attribute=call) for f in (one, two, one, two)]
    made = function("f", [start], whole.ends(whole.add(TUPLE, *results, type=OBJECT)))

    def python(start):
        def make(n):
            def bump(by):
                nonlocal n
                n += by
                return n

            return bump

        one, two = make(start), make(10.0)
        return tuple(f(1.0) for f in (one, two, one, two))

    assert_like(made, python, *INPUTS)


def test_functions_are_called_by_functions_of_python():
    rows, row = Value(list_of(list_of()), "rows"), Value(list_of(), "row")
    calls = Variable("calls", Slot(INT))
    body = Block()
    count = body.add(ADD, body.add(READ, type=INT, attribute=calls), 1, type=INT)
    body.several(WRITE, count, attribute=calls)
    body.several(METHOD_OF, row, count, attribute=MethodSpec("append", writes=True))
    only_if(body, body.add(EQUAL, count, 4, type=BOOL), raising(KeyError, "four"))
    key = function("key", [row], body.ends(body.call(sum, row)))
    whole = Block()
    whole.several(WRITE, 0, attribute=calls)
    value = whole.add(MAKE_FUNCTION, type=FUNCTION, attribute=key)
    spec = CallSpec(sorted, "sorted", ("key",))
    ordered = whole.add(CALL, rows, value, type=list_of(list_of()), attribute=spec)
    whole.call(functools.reduce, min, whole.call(map, value, rows))
    whole.call(print, whole.add(READ, type=INT, attribute=calls), rows)
    made = function("f", [rows], whole.ends(ordered), [calls])

    def python(rows):
        calls = 0

        def key(row):
            nonlocal calls
            calls += 1
            row.append(calls)
            if calls == 4:
                raise KeyError("four")
            return sum(row)

        ordered = sorted(rows, key=key)
        functools.reduce(min, map(key, rows))
        print(calls, rows)
        return ordered

    assert_like(made, python, lambda: ([[2.0], [1.0]],), lambda: ([[3.0]],), lambda: ([],))


def test_defaults_of_a_function_value():
    a, b = Value(REAL, "a"), Value(REAL, "b")
    body = Block()
    add = function("add", [a, b], body.ends(body.add(ADD, a, b)))
    whole = Block()
    value = whole.add(MAKE_FUNCTION, 5.0, type=FUNCTION, attribute=add)
    xs = Value(list_of(), "xs")
    mapped = whole.call(list, whole.call(map, value, xs), type=list_of())
    made = function("f", [xs], whole.ends(mapped))
    assert_like(made, lambda xs: [x + 5.0 for x in xs], lambda: ([1.0, 2.0],))


@pytest.mark.parametrize("captured", [False, True])
def test_unbound_variables(captured):
    v, x = Variable("v", Slot(REAL)), Value(REAL, "x")
    inner = Block()
    inner.several(FORGET, attribute=v)
    reader = function("reader", [], inner.ends(inner.add(READ, attribute=v)))
    whole = Block()
    value = whole.add(MAKE_FUNCTION, type=FUNCTION, attribute=reader)
    binds = Block()
    binds.several(WRITE, x, attribute=v)
    only_if(whole, whole.add(LESS, x, 1.0, type=BOOL), binds.ends())
    if captured:
        result = whole.add(INVOKE, value, attribute=Invocation(reader, "closure"))
    else:
        whole.several(FORGET, attribute=(v, False))
        whole.several(FORGET, attribute=(v, False))
        result = whole.add(READ, attribute=v)
    made = function("f", [x], whole.ends(result), [v])

    def python(x):
        def reader():
            nonlocal v
            del v
            return v  # noqa: F821

        if x < 1.0:
            v = x
        if captured:
            return reader()
        v = 1.0
        del v
        return v  # noqa: F821

    assert_like(made, python, *INPUTS)


def test_a_value_that_some_path_does_not_bind():
    x = Value(REAL, "x")
    whole = Block()
    test = whole.add(LESS, x, 1.0, type=BOOL)
    kind = types.maybe_unbound(REAL)
    y = whole.add(IF, test, type=kind, regions=[Block().ends(x), Block().ends(UNDEFINED)])
    made = function("f", [x], whole.ends(whole.add(BOUND, y, attribute="y")))

    def python(x):
        if x < 1.0:
            y = x
        return y

    assert_like(made, python, *INPUTS)


def test_recursion_as_deep_as_python_allows():
    n, out = Value(INT, "n"), Value(list_of(), "out")
    down = function("down", [n, out], Region([], ()))
    deeper = Block()
    less = deeper.add(SUB, n, 1, type=INT)
    below = deeper.add(INVOKE, less, out, type=INT, attribute=Invocation(down))
    deeper.several(METHOD_OF, out, n, attribute=MethodSpec("append", writes=True))
    more = deeper.add(ADD, below, 1, type=INT)
    body = Block()
    test = body.add(EQUAL, n, 0, type=BOOL)
    outer = Block()
    guard = TrySpec((Handler((ValueError,)),))
    only_if(outer, True, deeper.leaves(RETURN, more))
    body.several(IF, test, regions=[Block().leaves(RETURN, 0), NOTHING])
    body.several(TRY, regions=[outer.ends(), NOTHING], attribute=guard)
    down.body = body.ends(-1)

    def python(n, out):
        if n == 0:
            return 0
        below = python(n - 1, out)
        out.append(n)
        return below + 1

    assert_like(down, python, lambda: (3, []), lambda: (600, []))
    limit = sys.getrecursionlimit()
    with pytest.raises(RecursionError, match="maximum recursion depth exceeded"):
        run(down, -1, [])
    assert sys.getrecursionlimit() == limit


def test_parallel_assignment():
    a, b = Value(REAL, "a"), Value(REAL, "b")
    whole = Block()
    c, d = whole.several(ASSIGN, b, a, kinds=[REAL, REAL])
    made = function("f", [a, b], whole.ends(whole.add(TUPLE, c, d, type=OBJECT)))
    assert_like(made, lambda a, b: (b, a), lambda: (1.0, 2.0))
