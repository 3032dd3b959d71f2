"""The verifier: it accepts what is well-formed, and names what is not."""

from collections.abc import Callable
from typing import Any

import pytest

from sourcediff import types
from sourcediff.frontend.primitives import RAISE
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    DEAD,
    FOR,
    IF,
    INVOKE,
    RETURN,
    TRY,
    UNDEFINED,
    WHILE,
    Const,
    Function,
    Handler,
    Invocation,
    Primitive,
    Region,
    TrySpec,
    Value,
    Variable,
)
from sourcediff.memory import ASSIGN, FORGET, MAKE_FUNCTION, READ, WRITE
from sourcediff.types import FUNCTION, INT, NEVER, NONE, REAL, STR, Slot, Type
from sourcediff.verify import VerificationError, verify
from tests.building import ADD, NOTHING, Block, function, list_of

X = Value(REAL, "x")
TYPED = Primitive("typed", abs, typing=lambda t: t if t is REAL else None)
ERROR = Const(ValueError(), types.OBJECT)


def of(region: Region, variables: tuple[Variable, ...] = ()) -> Function:
    return function("f", [X], region, variables)


def body(*steps: Callable[[Block], Any], ends: Any = 0.0) -> Function:
    """A function whose body is what the steps add."""
    block = Block()
    for step in steps:
        step(block)
    return of(block.ends(ends))


def step(*args: Any, **keywords: Any) -> Callable[[Block], Any]:
    return lambda block: block.several(*args, **keywords)


def value(kind: Type = REAL) -> Value:
    return Value(kind)


def leaving(primitive: Primitive, *args: Any) -> Region:
    return Block().leaves(primitive, *args)


def raising() -> Region:
    return leaving(RAISE, ERROR)


def loop(
    turn: Region,
    *,
    over: Any = "text",
    before: tuple[Any, ...] = (),
    kinds: tuple[Type, ...] = (),
    more: tuple[Region, ...] = (),
) -> Callable[[Block], Any]:
    return step(FOR, over, *before, kinds=kinds, regions=[turn, *more])


def turn(*kinds: Type, item: Type = STR) -> Block:
    """The body of a for, with what it carries."""
    return Block(value(item), *map(value, kinds))


def while_loop(
    test: Block,
    inner: Block,
    *,
    tested: tuple[Any, ...] = (True,),
    after: tuple[Any, ...] = (),
    before: tuple[Any, ...] = (),
    kinds: tuple[Type, ...] = (),
) -> Callable[[Block], Any]:
    regions = [test.ends(*tested), inner.ends(*after)]
    return step(WHILE, *before, kinds=kinds, regions=regions)


def endless(inner: Region, test: Any = True) -> Callable[[Block], Any]:
    return step(WHILE, regions=[Block().ends(test), inner])


def falling(*steps: Callable[[Block], Any]) -> Region:
    """A region that says that control does not arrive at its end."""
    block = Block()
    for one in steps:
        one(block)
    return block.leaves()


def attempt(*regions: Region, handlers: int = 0, **parts: Any) -> Callable[[Block], Any]:
    spec = TrySpec((Handler(None),) * handlers, **parts)
    return step(TRY, regions=regions, attribute=spec)


def invoked(*args: Any, how: str = "function", kinds: tuple[Type, ...] = (REAL,)) -> Function:
    y = value()
    callee = function("callee", [y], Block().ends(y))
    callee.returns = REAL
    return body(step(INVOKE, *args, kinds=kinds, attribute=Invocation(callee, how)))


def defined_twice() -> Function:
    block = Block()
    block.add(ADD, X, X)
    block.ops.append(block.ops[0])
    return of(block.ends(0.0))


def used_outside() -> Function:
    inner, block = Block(), Block()
    y = inner.add(ADD, X, X)
    block.several(IF, True, regions=[inner.ends(), NOTHING])
    return of(block.ends(y))


def parameter_outside() -> Function:
    inner = turn()
    return body(loop(inner.ends()), ends=inner.parameters[0])


def read_in_body() -> Function:
    """The body of a while reads what its test computed and did not hand over."""
    test, inner = Block(), Block()
    y = test.add(ADD, X, X)
    inner.several(ADD, y, y, kinds=[REAL])
    return body(while_loop(test, inner))


def captured_value() -> Function:
    inner = function("inner", [], Block().ends(X))
    return body(step(MAKE_FUNCTION, kinds=[FUNCTION], attribute=inner))


def nested(owner: bool, maker: bool = True) -> Function:
    """A function inside that binds a variable which the function outside owns, or nobody."""
    v = Variable("v", Slot(REAL))
    inner = Block()
    inner.several(WRITE, 1.0, attribute=v)
    made = function("inner", [], inner.ends(None))
    block = Block()
    if maker:
        block.several(MAKE_FUNCTION, kinds=[FUNCTION], attribute=made)
    else:
        block.several(INVOKE, attribute=Invocation(made))
    return of(block.ends(0.0), (v,) if owner else ())


def variable(*operations: tuple[Any, ...], kind: Type = REAL) -> Function:
    v = Variable("v", Slot(kind))
    block = Block()
    for primitive, args, kinds in operations:
        block.several(primitive, *args, kinds=kinds, attribute=v)
    return of(block.ends(0.0), (v,))


def owned_twice() -> Function:
    v = Variable("v", Slot(REAL))
    inner = function("inner", [], Block().ends(0.0), (v,))
    block = Block()
    block.several(INVOKE, kinds=[REAL], attribute=Invocation(inner))
    return of(block.ends(0.0), (v,))


def returning(given: Type | None, atom: Any) -> Function:
    made = of(leaving(RETURN, atom))
    made.returns = given
    return made


ILL_FORMED = [
    # Values.
    (defined_twice(), "is assigned twice"),
    (function("f", [X, X], Block().ends(X)), "is assigned twice"),
    (body(loop(Block(value(STR), X).ends(X), before=(1.0,), kinds=(REAL,))), "is assigned twice"),
    (body(step(ASSIGN, UNDEFINED, kinds=[types.UNBOUND])), "has no type"),
    (used_outside(), "used in a yield but not defined"),
    (parameter_outside(), "used in a yield but not defined"),
    (read_in_body(), "used in add but not defined"),
    (captured_value(), "used in a yield but not defined"),
    (body(step(ASSIGN, X, 1.0, kinds=[REAL])), "2 for 1"),
    (body(step(ASSIGN, X, kinds=[INT])), "a Real for a Int"),
    (body(step(TYPED, X, kinds=[STR])), r"typed of \[Real\] cannot be Str"),
    (body(step(TYPED, "text", kinds=[REAL])), r"typed of \[Str\] cannot be Real"),
    (of(Region([], (1.0,))), "is no atom"),
    (of(Block().ends()), "exactly one value"),
    (of(Block(value()).ends(0.0)), "has 1 parameters, not 0"),
    # Branches.
    (body(step(IF, True, regions=[NOTHING])), "one test and two regions"),
    (body(step(IF, True, False, regions=[NOTHING] * 2)), "one test and two regions"),
    (body(step(IF, True, kinds=[REAL], regions=[NOTHING] * 2)), "0 for 1"),
    (body(step(IF, True, regions=[NOTHING, Block(value()).ends()])), "has 1 parameters"),
    (
        body(step(IF, True, kinds=[INT], regions=[Block().ends(1), Block().ends(1.0)])),
        "a Real for a Int",
    ),
    # For.
    (body(step(FOR, regions=[turn().ends()])), "has an iterable and a body"),
    (body(step(FOR, "text", regions=[])), "has an iterable and a body"),
    (body(loop(NOTHING)), "has 0 parameters, not 1"),
    (body(loop(turn(item=REAL).ends())), "the items of a for: a Str for a Real"),
    (body(loop(turn(item=INT).ends(), over=value(list_of()))), "used in for but not defined"),
    (body(loop(turn(REAL).ends(1.0))), "has 2 parameters, not 1"),
    (body(loop(turn(INT).ends(1), before=(1.0,), kinds=(INT,))), "starts with: a Real for"),
    (body(loop(turn(REAL).ends(), before=(1.0,), kinds=(REAL,))), "the body of a for yields: 0"),
    (body(loop(turn(INT).ends(1.0), before=(1,), kinds=(INT,))), "the body of a for yields: a R"),
    (body(loop(turn(REAL).ends(1.0), before=(1.0,))), "the results of a for: 1 for 0"),
    (body(loop(turn(REAL).ends(1.0), before=(1.0,), kinds=(INT,))), "the results of a for: a R"),
    (
        body(loop(turn(REAL).ends(1.0), before=(1.0,), kinds=(REAL,), more=(NOTHING,))),
        "the else of a for: 1 for 0",
    ),
    (body(loop(turn().ends(), kinds=(REAL,), more=(NOTHING,))), "the else of a for yields: 0"),
    # While.
    (body(step(WHILE, regions=[Block().ends(True)])), "has a test and a body"),
    (body(while_loop(Block(), Block(), before=(1.0,))), "has 0 parameters, not 1"),
    (body(while_loop(Block(), Block(), tested=())), "yields no test"),
    (
        body(while_loop(Block(value()), Block(value()), before=(1.0,), after=(1.0,))),
        "what the test of a while yields: 0 for 1",
    ),
    (
        body(
            while_loop(
                Block(value(INT)),
                Block(value(REAL)),
                before=(1,),
                tested=(True, 1),
                after=(1.0,),
                kinds=(REAL,),
            )
        ),
        "the body of a while yields: a Real for a Int",
    ),
    (
        body(
            while_loop(
                Block(value()), Block(value()), before=(1.0,), tested=(True, 1.0), after=(1.0,)
            )
        ),
        "the results of a while: 1 for 0",
    ),
    # Try.
    (body(step(TRY, regions=[NOTHING])), "has a specification"),
    (body(step(TRY, 1.0, regions=[NOTHING], attribute=TrySpec(()))), "no operands"),
    (body(step(TRY, kinds=[REAL], regions=[NOTHING], attribute=TrySpec(()))), "no results"),
    (body(attempt(NOTHING, handlers=1)), "other regions than it says"),
    (body(attempt(NOTHING, NOTHING, has_else=True, has_finally=True)), "other regions"),
    (body(attempt(Block().ends(1.0), NOTHING, handlers=1)), "a try yields: 1 for 0"),
    (
        body(attempt(NOTHING, Block(value(), value()).ends(), handlers=1)),
        "has 2 parameters, not 1",
    ),
    (body(attempt(NOTHING, Block(value()).ends(), has_finally=True)), "has 1 parameters, not 0"),
    (
        body(
            step(
                TRY,
                regions=[NOTHING, NOTHING],
                attribute=TrySpec((Handler(None, (), Variable("e", Slot(REAL))),)),
            )
        ),
        "is a variable of no function",
    ),
    # Exits.
    (body(step(RETURN, 1.0)), "does not end its region"),
    (of(Block().leaves()), "control arrives at the end"),
    (of(leaving(ADD, 1.0, 1.0)), "control arrives at the end"),
    (of(leaving(RETURN)), "a return has one operand"),
    (of(leaving(RETURN, 1.0, 2.0)), "a return has one operand"),
    (of(leaving(BREAK)), "stands in no loop"),
    (body(step(IF, True, regions=[leaving(CONTINUE), NOTHING])), "stands in no loop"),
    (body(loop(turn().ends(), more=(leaving(BREAK),))), "stands in no loop"),
    (body(step(WHILE, regions=[leaving(BREAK), NOTHING])), "yields no test"),
    (body(loop(turn().leaves(BREAK, 1.0))), "operands of a break: 1 for 0"),
    (body(loop(turn().leaves(BREAK), kinds=(REAL,), more=(Block().ends(1.0),))), "a break: 0 for"),
    (body(loop(turn(REAL).leaves(CONTINUE), before=(1.0,), kinds=(REAL,))), "a continue: 0 for 1"),
    (body(loop(turn(INT).leaves(CONTINUE, 1.0), before=(1,), kinds=(INT,))), "a Real for a Int"),
    (of(leaving(IF, True)), "one test and two regions"),
    (of(falling(step(IF, True, regions=[raising(), NOTHING]))), "control arrives at the end"),
    (of(falling(loop(turn().leaves(RETURN, 1.0)))), "control arrives at the end"),
    (of(falling(endless(Block().leaves(BREAK)))), "control arrives at the end"),
    (of(falling(endless(NOTHING, test=False))), "control arrives at the end"),
    (of(falling(attempt(raising(), NOTHING, handlers=1))), "control arrives at the end"),
    (of(falling(attempt(NOTHING, raising(), handlers=1))), "control arrives at the end"),
    (returning(REAL, "text"), "what is returned: a Str for a Real"),
    # Variables and functions.
    (nested(owner=False), "is a variable of no function around"),
    (nested(owner=True, maker=False), "is a variable of no function around"),
    (owned_twice(), "belongs to two functions"),
    (variable((READ, (), [INT])), "what a read gives: a Real for a Int"),
    (variable((WRITE, (1.0,), ()), kind=INT), "what a write takes: a Real for a Int"),
    (variable((WRITE, (), ())), "what a write takes: 0 for 1"),
    (variable((FORGET, (1.0,), ())), "what a forget takes: 1 for 0"),
    (body(step(READ, kinds=[REAL])), "names no variable"),
    (body(step(MAKE_FUNCTION, kinds=[FUNCTION])), "made of nothing"),
    (body(step(INVOKE, kinds=[REAL])), "says not what it invokes"),
    (body(step(INVOKE, kinds=[REAL], attribute=Invocation(None))), "has no function"),
    (invoked(), "callee is invoked with: 0 for 1"),
    (invoked("text"), "a Str for a Real"),
    (invoked(1.0, how="closure"), "no function value"),
    (invoked(1.0, how="class"), "callee is invoked with: 1 for 0"),
    (invoked(1.0, kinds=(INT,)), "what callee returns: a Real for a Int"),
]


@pytest.mark.parametrize(("made", "message"), ILL_FORMED)
def test_what_is_ill_formed_is_refused(made: Function, message: str) -> None:
    with pytest.raises(VerificationError, match=message) as found:
        verify(made)
    assert str(found.value).count("\n") > 0  # the function is printed with it


def caller_of(callee: Function) -> Function:
    return body(step(INVOKE, 1.0, kinds=[REAL], attribute=Invocation(callee)))


def test_functions_that_are_invoked_are_verified_once_each() -> None:
    y = value()
    callee = function("callee", [y], Region([], ()))
    again = step(INVOKE, y, kinds=[REAL], attribute=Invocation(callee))
    block = Block()
    again(block)
    callee.body = block.ends(y)
    verify(caller_of(callee))
    callee.body = block.ends(X)
    with pytest.raises(VerificationError, match=r"not defined there\ncallee\("):
        verify(caller_of(callee))


NEVER_VALUE = Primitive("never", abs)
OPTIONAL = types.optional(REAL)
WELL_FORMED = [
    of(leaving(RETURN, X)),
    of(raising()),
    of(falling(step(IF, True, regions=[raising(), leaving(RETURN, 1.0)]))),
    of(falling(endless(NOTHING))),
    of(falling(endless(falling(loop(turn().leaves(BREAK)), step(RETURN, 1.0))))),
    of(falling(loop(turn().ends(), more=(raising(),)))),
    of(falling(attempt(raising(), leaving(RETURN, 1.0), handlers=1))),
    of(falling(attempt(NOTHING, raising(), leaving(RETURN, 1.0), handlers=1, has_else=True))),
    of(falling(attempt(NOTHING, NOTHING, leaving(RETURN, 1.0), handlers=1, has_finally=True))),
    of(falling(step(NEVER_VALUE, 1.0, kinds=[NEVER]))),
    body(endless(leaving(BREAK))),
    body(loop(turn().leaves(CONTINUE))),
    body(loop(turn().leaves(RETURN, X))),
    body(loop(turn(item=INT).ends(), over=Const(None, types.RANGE))),
    body(loop(turn(item=OPTIONAL).ends(), over=Const((1, None), types.tuple_of([INT, NONE])))),
    body(attempt(NOTHING, Block(value(types.OBJECT)).ends(), NOTHING, handlers=1, has_else=True)),
    body(step(IF, True, kinds=[OPTIONAL], regions=[Block().ends(1), Block().ends(None)])),
    body(step(IF, True, kinds=[REAL], regions=[Block().ends(DEAD), Block().ends(X)])),
    nested(owner=True),
    invoked(1),
    returning(types.optional(REAL), 1),
    variable((WRITE, (1,), ()), (READ, (), [REAL]), (READ, (), ()), (FORGET, (), ())),
]  # fmt: skip


@pytest.mark.parametrize("made", WELL_FORMED, ids=range(len(WELL_FORMED)))
def test_what_is_well_formed_is_accepted(made: Function) -> None:
    assert verify(made) is made
