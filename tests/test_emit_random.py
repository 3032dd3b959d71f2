"""Random functions of the IR, written as Python, do what the interpreter of the IR does.

The front end makes only what a user can write: versions of a name hardly ever meet, effects come
in the order of the text. Here nothing is in order. Names are few, so that they collide; loops carry
values crosswise; effects, exceptions and exits stand anywhere.
"""

import builtins
import random

import pytest

from sourcediff.backend.generate import generate_primal
from sourcediff.backend.loader import load
from sourcediff.frontend.primitives import BOUND, CALL, PURE_CALL, TUPLE
from sourcediff.frontend.values import Ref
from sourcediff.interpret import run
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    IF,
    RETURN,
    TRY,
    UNDEFINED,
    WHILE,
    Const,
    Function,
    Handler,
    Op,
    Region,
    TrySpec,
    Value,
    Variable,
)
from sourcediff.memory import ASSIGN, METHOD_OF, READ, SET_ITEM, SUBSCRIPT, WRITE, MethodSpec
from sourcediff.types import BOOL, INT, RANGE, REAL, Slot, maybe_unbound, tuple_of
from sourcediff.verify import verify
from tests.outcome import run as outcome
from tests.test_emit_primal import ADD, DIV, LESS, MUL, NUMBERS, ORIGIN, builtin, real

NAMES = ("a", "b", "c", None, None, None)
ARITHMETIC = Ref("module", builtins, ("ArithmeticError",))


class Maker:
    """Makes one function; `values` are the numbers that control sees where it is."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.budget = self.random.randint(8, 60)
        self.xs = Value(NUMBERS, "xs")
        self.values = []
        self.gaps = []
        self.variables = [Variable(name, Slot(REAL)) for name in "vw"]

    def function(self, order):
        parameters = [Value(REAL, "a"), Value(REAL, "b"), self.xs]
        self.values = parameters[:2]
        ops = [
            Op(WRITE, (value,), (), attribute=v)
            for value, v in zip(parameters, self.variables, strict=False)
        ]
        ops += self.block(0, None)
        result = Value(tuple_of([REAL] * 5))
        ops.append(Op(TUPLE, tuple(self.random.choice(self.values) for _ in range(5)), (result,)))
        made = Function("f", parameters, Region(ops, (result,)), ORIGIN, order=order)
        made.variables = tuple(self.variables)
        return made

    # Pieces -------------------------------------------------------------------------------

    def number(self):
        if self.random.random() < 0.15:
            return real(self.random.choice([0.5, 2.0, -1.0, 0.0]))
        # Rather what is new, so that values are folded into each other.
        recent = self.values[-4:] if self.random.random() < 0.6 else self.values
        return self.random.choice(recent)

    def new(self, kind=REAL):
        return Value(kind, self.random.choice(NAMES))

    def test(self, ops):
        found = Value(BOOL)
        ops.append(Op(LESS, (self.number(), self.number()), (found,)))
        return found

    def block(self, depth, loop):
        """Operations; what they define is visible behind them."""
        ops = []
        for _ in range(self.random.randint(1, 6)):
            if self.budget <= 0:
                break
            self.budget -= 1
            kind = self.random.random()
            if depth < 4 and kind < 0.35:
                make = self.random.choice(
                    [self.branch, self.branch, self.chosen, self.for_loop, self.while_loop,
                     self.attempt, self.gap]
                )  # fmt: skip
                make(ops, depth + 1, loop)
            elif kind < 0.5:
                self.mixed(ops)
            else:
                self.simple(ops)
        return ops

    def simple(self, ops):
        kind = self.random.choice(
            ["add", "mul", "add", "mul", "div", "print", "print", "append", "append", "pop", "item",
             "store", "copy", "copy", "swap", "read", "write", "write", "bound"]
        )  # fmt: skip
        result = self.new()
        first = Const(0, INT)
        if kind in ("add", "mul", "div"):
            primitive = {"add": ADD, "mul": MUL, "div": DIV}[kind]
            ops.append(Op(primitive, (self.number(), self.number()), (result,)))
        elif kind == "print":
            ops.append(Op(CALL, (self.number(), self.number()), (), attribute=builtin("print")))
            return
        elif kind == "append":
            spec = MethodSpec("append", writes=True)
            ops.append(Op(METHOD_OF, (self.xs, self.number()), (), attribute=spec))
            return
        elif kind == "pop":
            spec = MethodSpec("pop", writes=True)
            ops.append(Op(METHOD_OF, (self.xs,), (result,), attribute=spec))
        elif kind == "item":
            ops.append(Op(SUBSCRIPT, (self.xs, first), (result,)))
        elif kind == "store":
            ops.append(Op(SET_ITEM, (self.xs, first, self.number()), ()))
            return
        elif kind == "copy":
            result.name = self.random.choice("abc")
            ops.append(Op(ASSIGN, (self.number(),), (result,)))
        elif kind == "swap":
            pair = Value(REAL, "a"), Value(REAL, "b")
            ops.append(Op(ASSIGN, (self.number(), self.number()), pair))
            self.values += pair
            return
        elif kind == "read":
            variable = self.random.choice(self.variables)
            ops.append(Op(READ, (), (result,), attribute=variable))
        elif kind == "write":
            variable = self.random.choice(self.variables)
            ops.append(Op(WRITE, (self.number(),), (), attribute=variable))
            return
        elif kind == "bound":
            if not self.gaps:
                return
            gap = self.random.choice(self.gaps)
            result.name = gap.name
            ops.append(Op(BOUND, (gap,), (result,), attribute=gap.name))
        self.values.append(result)

    def inside(self, work, *parameters):
        """What `work` makes in a region of its own."""
        values, gaps = self.values, self.gaps
        self.values = [*values, *(p for p in parameters if p.type is REAL)]
        self.gaps = [*gaps, *(p for p in parameters if p.type.kind == "MaybeUnbound")]
        found = work()
        self.values, self.gaps = values, gaps
        return found

    def leaves(self, ops, loop):
        """Whether control leaves here, by an operation that is appended."""
        if self.random.random() > 0.2:
            return False
        if loop is None or self.random.random() < 0.3:
            whole = Value(tuple_of([REAL]))
            ops.append(Op(TUPLE, (self.number(),), (whole,)))
            ops.append(Op(RETURN, (whole,), ()))
        else:
            primitive = self.random.choice([BREAK, CONTINUE])
            ops.append(Op(primitive, self.handed(loop), ()))
        return True

    def handed(self, kinds):
        """Something for each carried value."""
        return tuple(
            self.random.choice([UNDEFINED, self.number(), *self.gaps[-2:]])
            if kind.kind == "MaybeUnbound"
            else self.number()
            for kind in kinds
        )

    # Statements ---------------------------------------------------------------------------

    def mixed(self, ops):
        """Temporaries with effects, read once each, in any order, some within others."""
        found = []
        for _ in range(self.random.randint(2, 4)):
            result = Value(REAL)
            kind = self.random.random()
            if kind < 0.3:
                spec = MethodSpec("pop", writes=True)
                ops.append(Op(METHOD_OF, (self.xs,), (result,), attribute=spec))
            elif kind < 0.5:
                ops.append(Op(SUBSCRIPT, (self.xs, Const(-1, INT)), (result,)))
            elif kind < 0.6:
                variable = self.random.choice(self.variables)
                ops.append(Op(READ, (), (result,), attribute=variable))
            elif kind < 0.8 and len(found) > 1:
                self.random.shuffle(found)
                ops.append(Op(ADD, (found.pop(), found.pop()), (result,)))
            elif found:
                ops.append(Op(DIV, (self.number(), found.pop()), (result,)))
            else:
                ops.append(Op(DIV, (self.number(), self.number()), (result,)))
            found.append(result)
            if self.random.random() < 0.2:
                self.simple(ops)
        self.random.shuffle(found)
        ops.append(Op(CALL, tuple(found), (), attribute=builtin("print")))

    def branch(self, ops, depth, loop):
        test = self.test(ops)
        count = self.random.randint(0, 3)

        def arm(may_leave):
            inner = self.block(depth, loop)
            if may_leave and self.leaves(inner, loop):
                return Region(inner, None)
            return Region(inner, tuple(self.number() for _ in range(count)))

        then = self.inside(lambda: arm(True))
        orelse = self.inside(lambda: arm(then.results is not None))
        results = tuple(self.new() for _ in range(count))
        ops.append(Op(IF, (test,), results, (then, orelse), "statement"))
        self.values += results

    def chosen(self, ops, depth, loop):
        """A conditional expression, if what is in it folds."""
        test = self.test(ops)

        def arm():
            inner = []
            for _ in range(self.random.randint(0, 3)):
                self.simple(inner)
            return Region(inner, (self.number(),))

        result = self.new()
        ops.append(Op(IF, (test,), (result,), (self.inside(arm), self.inside(arm)), "expression"))
        self.values.append(result)

    def gap(self, ops, depth, loop):
        """A name that one arm does not bind."""
        test = self.test(ops)
        result = Value(maybe_unbound(REAL), self.random.choice("abcd"))

        def arm():
            inner = self.block(depth, loop)
            value = Value(REAL, result.name)
            inner.append(Op(ADD, (self.number(), real(1.0)), (value,)))
            return Region(inner, (value,))

        regions = [self.inside(arm), Region([], (UNDEFINED,))]
        self.random.shuffle(regions)
        ops.append(Op(IF, (test,), (result,), tuple(regions), "statement"))
        self.gaps.append(result)

    def carried(self):
        """The types of what a loop carries, and makers of values of these."""
        count = self.random.randint(0, 3)
        kinds = [REAL if self.random.random() < 0.85 else maybe_unbound(REAL) for _ in range(count)]
        names = [self.random.choice(NAMES if k is REAL else "abcd") for k in kinds]

        def fresh():
            return tuple(
                Value(k, n if k is not REAL or self.random.random() < 0.8 else None)
                for k, n in zip(kinds, names, strict=True)
            )

        return kinds, fresh

    def body(self, depth, kinds):
        inner = self.block(depth, kinds)
        if self.leaves(inner, kinds):
            return Region(inner, None)
        return Region(inner, self.handed(kinds))

    def otherwise(self, depth, loop, kinds, fresh):
        """Maybe an else."""
        if self.random.random() < 0.6:
            return ()
        parameters = fresh()

        def work():
            inner = self.block(depth, loop)
            if self.leaves(inner, loop):
                return Region(inner, None, None, parameters)
            return Region(inner, self.handed(kinds), None, parameters)

        return (self.inside(work, *parameters),)

    def finish(self, ops, primitive, args, fresh, regions):
        results = fresh()
        ops.append(Op(primitive, args, results, regions))
        self.values += [r for r in results if r.type is REAL]
        self.gaps += [r for r in results if r.type is not REAL]

    def for_loop(self, ops, depth, loop):
        kinds, fresh = self.carried()
        turns, item = Value(RANGE), Value(INT, self.random.choice("ijab"))
        count = Const(self.random.randint(0, 3), INT)
        ops.append(Op(PURE_CALL, (count,), (turns,), attribute=builtin("range")))
        before = self.handed(kinds)
        parameters = fresh()
        body = self.inside(lambda: self.body(depth, kinds), *parameters)
        body.parameters = (item, *parameters)
        regions = (body, *self.otherwise(depth, loop, kinds, fresh))
        self.finish(ops, FOR, (turns, *before), fresh, regions)

    def while_loop(self, ops, depth, loop):
        """It ends as its first carried value counts its turns."""
        kinds, fresh = self.carried()
        before = (real(0.0), *self.handed(kinds))
        kinds = [REAL, *kinds]
        most = real(float(self.random.randint(0, 3)))
        plain = fresh

        def counting():
            return (Value(REAL, "turns"), *plain())

        tested, counted, entered = counting(), Value(REAL, "turns"), counting()

        def test():
            inner = []
            for _ in range(self.random.choice([0, 0, 0, 1, 2])):
                self.simple(inner)
            below = Value(BOOL)
            inner += [
                Op(ADD, (tested[0], real(1.0)), (counted,)),
                Op(LESS, (counted, most), (below,)),
            ]
            rest = tested[1:] if self.random.random() < 0.7 else self.handed(kinds[1:])
            return Region(inner, (below, counted, *rest), None, tested)

        def turn():
            inner = self.block(depth, kinds)
            return Region(inner, (entered[0], *self.handed(kinds[1:])), None, entered)

        regions = [self.inside(test, *tested[1:]), self.inside(turn, *entered)]
        for op in _continues(regions[1].ops):
            op.args = (entered[0], *op.args[1:])
        regions += self.otherwise(depth, loop, kinds, counting)
        self.finish(ops, WHILE, before, counting, tuple(regions))

    def attempt(self, ops, depth, loop):
        """A try statement: what it computes it leaves in variables."""

        def work():
            inner = self.block(depth, loop)
            if self.leaves(inner, loop):
                return Region(inner, None)
            return Region(inner, ())

        handlers = (Handler((ArithmeticError,), (ARITHMETIC,)),)
        regions = [self.inside(work), self.inside(work)]
        has_else = self.random.random() < 0.3 and regions[0].results is not None
        has_finally = self.random.random() < 0.3
        if has_else:
            regions.append(self.inside(work))
        if has_finally:
            regions.append(Region(self.inside(lambda: self.block(depth, None)), ()))
        spec = TrySpec(handlers, has_else, has_finally)
        ops.append(Op(TRY, (), (), tuple(regions), spec))


def _continues(ops):
    """The continues of the loop that these operations are the body of."""
    for op in ops:
        if op.primitive is CONTINUE:
            yield op
        inner = op.regions[1:] if op.primitive is FOR else op.regions[2:]
        for region in inner if op.primitive in (FOR, WHILE) else op.regions:
            yield from _continues(region.ops)


LONG = [1.5**n for n in range(40)]
POINTS = [(0.5, 2.0, LONG), (2.0, -1.0, LONG[5:]), (0.5, -0.5, LONG[:5]), (0.0, 0.0, [0.0, 4.0])]


def seen(call, point):
    a, b, xs = point
    xs = list(xs)
    found = outcome(lambda: call(a, b, xs))
    return found, (repr(found.value), found.printed, repr(xs))


def compare(seed, order):
    made = verify(Maker(seed).function(order))
    generated = generate_primal(made)
    call = load(generated.source, "f", dict(generated.header.objects), "random")
    for point in POINTS:
        expected, parts = seen(lambda *args: run(made, *args), point)
        actual, others = seen(call, point)
        raised = [type(found.exception) for found in (expected, actual)]
        if order and isinstance(expected.exception, Exception):
            # Which of two exceptions comes first is the user's code's business only.
            assert actual.exception is not None, (seed, point, generated.source)
            continue
        assert raised[1] is raised[0], (seed, point, generated.source)
        assert others == parts, (seed, point, generated.source)


@pytest.mark.parametrize("order", [0, 1])
def test_random_functions(order):
    for seed in range(400):
        compare(seed, order)


def test_they_reach_what_they_are_for():
    """Most of them run to their end, and all forms are written."""
    texts = []
    ended = 0
    for seed in range(200):
        made = Maker(seed).function(0)
        texts.append(generate_primal(made).source)
        ended += outcome(lambda made=made: run(made, 0.5, 2.0, list(LONG))).exception is None
    assert ended > 100
    whole = "\n".join(texts)
    for text in (
        "while True:",
        "for ",
        "else:",
        "continue",
        "break",
        " if ",
        "try:",
        "_1",
        ", b =",
    ):
        assert text in whole, text
