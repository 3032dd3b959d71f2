"""The interpreter's control flow: each test holds an IR built by hand against Python."""

import pytest

from sourcediff.frontend.primitives import ASSERT, GETATTR, RAISE
from sourcediff.interpret import Defect, run
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    RETURN,
    TRY,
    WHILE,
    Handler,
    Op,
    Region,
    TrySpec,
    Value,
    Variable,
)
from sourcediff.memory import ASSIGN, METHOD_OF, READ, MethodSpec
from sourcediff.types import BOOL, INT, OBJECT, REAL, Slot
from tests.building import (
    ADD,
    DIV,
    EQUAL,
    INPUTS,
    LESS,
    MUL,
    NOTHING,
    Block,
    assert_like,
    atom,
    function,
    list_of,
    only_if,
    raising,
    say,
)

# Loops ------------------------------------------------------------------------------------


def test_for_with_every_exit():
    x, i, s, total = Value(REAL, "x"), Value(INT, "i"), Value(REAL, "s"), Value(REAL)
    body = Block(i, s)
    only_if(body, body.add(EQUAL, i, 1, type=BOOL), Block().leaves(CONTINUE, s))
    more = body.add(ADD, s, x)
    inner = Block()
    only_if(inner, inner.add(LESS, 6.0, more, type=BOOL), Block().leaves(RETURN, -1.0))
    only_if(body, body.add(LESS, 3.0, more, type=BOOL), inner.leaves(BREAK, more))
    t = Value(REAL)
    orelse = Block(t)
    say(orelse, "to the end")
    whole = Block()
    loop = Op(
        FOR,
        (whole.call(range, 4), atom(0.5)),
        (total,),
        (body.ends(more), orelse.ends(orelse.add(MUL, t, 10.0))),
    )
    whole.ops.append(loop)
    made = function("f", [x], whole.leaves(RETURN, total))

    def python(x):
        s = 0.5
        for i in range(4):
            if i == 1:
                continue
            s = s + x
            if 3.0 < s:
                if 6.0 < s:
                    return -1.0
                break
        else:
            print("to the end")
            s = s * 10.0
        return s

    assert_like(made, python, *INPUTS)


def test_while_with_every_exit():
    x, total = Value(REAL, "x"), Value(REAL)
    a, b, c = Value(REAL), Value(REAL), Value(REAL)
    test = Block(a)
    halved = test.add(MUL, a, 0.5)
    going = test.add(LESS, 0.3, halved, type=BOOL)
    body = Block(b)
    say(body, b)
    only_if(body, body.add(LESS, 3.0, b, type=BOOL), Block().leaves(RETURN, -1.0))
    only_if(body, body.add(EQUAL, b, 0.5, type=BOOL), Block().leaves(BREAK, 7.0))
    only_if(body, body.add(EQUAL, b, 1.5, type=BOOL), Block().leaves(CONTINUE, 2.2))
    loop = Op(
        WHILE,
        (x,),
        (total,),
        (test.ends(going, halved), body.ends(b), Block(c).ends(c)),
    )
    made = function("f", [x], Region([loop], (total,)))

    def python(x):
        while 0.3 < (x := x * 0.5):
            print(x)
            if 3.0 < x:
                return -1.0
            if x == 0.5:
                x = 7.0
                break
            if x == 1.5:
                x = 2.2
                continue
        else:
            x = x
        return x

    assert_like(made, python, *INPUTS)


def test_a_turn_that_never_ends_and_what_cannot_be_iterated():
    x, item = Value(OBJECT, "x"), Value(OBJECT, "item")
    body = Block(item)
    whole = Block()
    whole.several(FOR, x, regions=[body.leaves(RETURN, item)])
    made = function("f", [x], whole.ends(None))

    def python(x):
        for item in x:
            return item

    assert_like(made, python, lambda: ([2.0],), lambda: ("ab",), lambda: (1.0,), lambda: ((),))


# Exceptions -------------------------------------------------------------------------------


def failing(x: Value) -> Block:
    """Raises ZeroDivisionError at 0 and ValueError at 1."""
    body = Block()
    body.call(print, body.add(DIV, 1.0, x))
    only_if(body, body.add(EQUAL, x, 1.0, type=BOOL), raising(ValueError, x))
    return body


def test_handlers_else_and_finally():
    x = Value(REAL, "x")
    e = Variable("e", Slot(OBJECT))
    caught, orelse, final = Block(), Block(), Block()
    error = caught.add(READ, type=OBJECT, attribute=e)
    say(caught, caught.add(GETATTR, error, type=OBJECT, attribute="args"))
    again = Block()
    again.several(RAISE)
    only_if(caught, caught.add(EQUAL, x, 1.0, type=BOOL), again.leaves())
    say(orelse, "else")
    only_if(orelse, orelse.add(LESS, 7.0, x, type=BOOL), Block().leaves(RETURN, 5.0))
    say(final, "finally")
    only_if(final, final.add(EQUAL, x, 2.0, type=BOOL), Block().leaves(RETURN, 6.0))
    spec = TrySpec(
        (Handler((ZeroDivisionError, ValueError), variable=e), Handler(None)), True, True
    )
    swallow = Block()
    say(swallow, "anything")
    whole = Block()
    regions = [
        failing(x).ends(),
        caught.ends(),
        swallow.ends(),
        orelse.ends(),
        final.ends(),
    ]
    whole.several(TRY, regions=regions, attribute=spec)
    whole.add(READ, type=OBJECT, attribute=e)
    made = function("f", [x], whole.ends(x), [e])

    def python(x):
        try:
            print(1.0 / x)
            if x == 1.0:
                raise ValueError(x)
        except (ZeroDivisionError, ValueError) as e:
            print(e.args)
            if x == 1.0:
                raise
        except:  # noqa: E722
            print("anything")
        else:
            print("else")
            if 7.0 < x:
                return 5.0
        finally:
            print("finally")
            if x == 2.0:
                return 6.0  # noqa: B012
        e  # noqa: F823
        return x

    assert_like(made, python, *INPUTS, lambda: ("text",))


def test_exits_pass_through_finally():
    x, i, s, after = Value(REAL, "x"), Value(INT, "i"), Value(REAL), Value(REAL)
    body = Block()
    only_if(body, body.add(EQUAL, x, 0.0, type=BOOL), Block().leaves(CONTINUE, x))
    only_if(body, body.add(EQUAL, x, 1.0, type=BOOL), Block().leaves(BREAK, 4.0))
    only_if(body, body.add(EQUAL, x, 2.0, type=BOOL), Block().leaves(RETURN, s))
    only_if(body, body.add(EQUAL, x, 3.0, type=BOOL), raising(KeyError, "k"))
    final = Block()
    say(final, i)
    swallow = Block().leaves(CONTINUE, 1.5)
    only_if(final, final.add(EQUAL, i, 1, type=BOOL), swallow)
    turn = Block(i, s)
    turn.several(TRY, regions=[body.ends(), final.ends()], attribute=TrySpec((), False, True))
    whole = Block()
    loop = Op(FOR, (whole.call(range, 3), atom(0.5)), (after,), (turn.ends(x),))
    whole.ops.append(loop)
    made = function("f", [x], whole.ends(after))

    def python(x):
        s = 0.5
        for i in range(3):
            try:
                if x == 0.0:
                    s = x
                    continue
                if x == 1.0:
                    s = 4.0
                    break
                if x == 2.0:
                    return s
                if x == 3.0:
                    raise KeyError("k")
            finally:
                print(i)
                if i == 1:
                    s = 1.5
                    continue  # noqa: B012
            s = x
        return s

    assert_like(made, python, *INPUTS)


@pytest.mark.parametrize("how", ["from", "context", "none"])
def test_causes_and_contexts(how):
    x = Value(REAL, "x")
    caught = Block(Value(OBJECT, "e"))
    other = caught.call(RuntimeError, "other")
    cause = {"from": [caught.parameters[0]], "context": [], "none": [None]}[how]
    caught.several(RAISE, other, *cause)
    whole = Block()
    spec = TrySpec((Handler((ArithmeticError,)),))
    whole.several(TRY, regions=[failing(x).ends(), caught.leaves()], attribute=spec)
    made = function("f", [x], whole.ends(x))

    def python(x):
        try:
            print(1.0 / x)
            if x == 1.0:
                raise ValueError(x)
        except ArithmeticError as e:
            if how == "from":
                raise RuntimeError("other") from e
            if how == "none":
                raise RuntimeError("other") from None
            raise RuntimeError("other")  # noqa: B904
        return x

    assert_like(made, python, *INPUTS)


def test_raising_again_with_nothing_to_raise():
    whole = Block()
    whole.several(RAISE)

    def python():
        raise

    assert_like(function("f", [], whole.leaves()), python, lambda: ())


def test_a_message_is_evaluated_on_failure_only():
    x = Value(REAL, "x")
    message, whole = Block(), Block()
    say(message, "evaluated")
    whole.several(ASSERT, whole.add(LESS, x, 1.0, type=BOOL), regions=[message.ends(x)])
    made = function("f", [x], whole.ends(x))

    def python(x):
        if not x < 1.0:
            print("evaluated")
            raise AssertionError(x)
        return x

    assert_like(made, python, *INPUTS)


def test_what_was_done_before_an_exception_stays_done():
    xs = Value(list_of(), "xs")
    whole = Block()
    append = MethodSpec("append", writes=True)
    whole.several(METHOD_OF, xs, whole.call(len, xs, type=INT), attribute=append)
    error = whole.call(ValueError, xs)
    whole.several(RAISE, error)
    made = function("f", [xs], whole.leaves())

    def python(xs):
        xs.append(len(xs))
        raise ValueError(xs)

    assert_like(made, python, lambda: ([1.0],))
    given = []
    with pytest.raises(ValueError) as raised:
        run(made, given)
    assert raised.value.args[0] is given == [0]


# The interpreter's own failures -----------------------------------------------------------


@pytest.mark.parametrize("classes", [(Exception,), (BaseException,), None])
def test_a_defect_is_not_caught_by_the_program(classes):
    broken = Block()
    broken.several(READ, kinds=[REAL], attribute=Variable("nobody's", Slot(REAL)))
    whole = Block()
    regions = [broken.ends(), NOTHING, NOTHING]
    whole.several(TRY, regions=regions, attribute=TrySpec((Handler(classes),), False, True))
    with pytest.raises(Defect, match="nobody's"):
        run(function("f", [], whole.ends(None)))


@pytest.mark.parametrize(
    ("region", "message"),
    [
        (Block().ends(Value(REAL, "x")), "is read before"),
        (Block().leaves(), "control arrives"),
        (Block().ends(1.0, 2.0), "does not return one value"),
        (Block().leaves(BREAK, 1.0), "does not return one value"),
        (Region([Op(ASSIGN, (atom(1.0),), ())], (atom(1.0),)), "gives 1 values for 0"),
    ],
)
def test_ill_formed_functions(region, message):
    with pytest.raises(Defect, match=message):
        run(function("f", [], region))


def test_an_exception_of_the_interpreter_itself_is_a_defect():
    broken = Region([Op(TRY, (), (), (NOTHING,), None)], (atom(1.0),))  # has no TrySpec
    with pytest.raises(Defect, match="the interpreter failed"):
        run(function("f", [], broken))
