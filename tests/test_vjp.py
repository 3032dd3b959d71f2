"""The value and its pullback: against the tape, against forward mode, called often, and as text."""

import math
import random
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, jvp, tape, vjp
from tests import list_programs, turns
from tests.compare import AGREED, RAISED, WRONG, Comparison
from tests.corpus.scalars import PROGRAMS
from tests.engine import PULLBACK
from tests.generator import load, seeded
from tests.loop_functions import CASES
from tests.recursive_functions import CASES as RECURSIVE
from tests.rule_table import CASES as RULES
from tests.rule_table import missing
from tests.test_jvp import direction, flat
from tests.test_lists import PROGRAMS as LIST_FUNCTIONS

RANDOM = 30


def check(function, args, argnums=None) -> str:
    """Holds value and pullback against the function and the tape, for two adjoints."""
    places = range(len(args)) if argnums is None else argnums
    varying = tuple(k for k in places if not isinstance(args[k], int | str))
    given = deepcopy(args)
    try:
        gradient = tape.gradient(function, *deepcopy(args), argnums=varying)
        expected = function(*deepcopy(args))
    except Exception as raised:
        return f"no gradient by the tape: {type(raised).__name__}"
    try:
        value, pullback = vjp(function, *given)
    except DifferentiationError as refusal:
        return "internal error" if "internal" in str(refusal) else "refused"
    assert given == args
    assert repr(value) == repr(expected)
    if max(map(abs, flat(gradient)), default=0.0) > 1e9:
        return "too large to compare"
    spoil(given)
    for y_bar in (1.0, -0.5, 1.0):
        adjoints = pullback(y_bar)
        found = flat([adjoints[k] for k in varying])
        wanted = [y_bar * number for number in flat(gradient)]
        assert found == pytest.approx(wanted, rel=1e-7, abs=1e-9, nan_ok=True)
    return "right"


def spoil(args: Any) -> None:
    """Changes the lists of a caller, who may do that: the pullback does not see it."""
    for item in args:
        if isinstance(item, list | tuple):
            spoil(item)
    if isinstance(args, list):
        args[:] = [item if isinstance(item, list) else math.nan for item in args]


# The programs that all modes share ------------------------------------------------------------


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_corpus(program):
    comparison = Comparison(program.function, program.argnums, PULLBACK)
    assert {comparison.at(point).kind for point in program.points} <= {AGREED}
    assert {comparison.at(point).kind for point in program.raising} <= {RAISED}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_loops(case):
    for point in case.points:
        assert check(case.function, tuple(point), case.argnums) == "right"


@pytest.mark.parametrize("case", RECURSIVE.values(), ids=list(RECURSIVE))
def test_calls_that_stay_calls(case):
    for point in case.points:
        assert check(case.function, tuple(point), case.argnums) == "right"


@pytest.mark.parametrize(("function", "args"), LIST_FUNCTIONS)
def test_lists(function, args):
    assert check(function, args) == "right"


@pytest.mark.parametrize("number", range(RANDOM))
def test_random_programs(number):
    program = seeded(f"pullback {number}")
    comparison = Comparison(load(program), program.argnums, PULLBACK)
    for point in program.points:
        verdict = comparison.at(point)
        assert verdict.kind != WRONG, (verdict, program.source)


@pytest.mark.parametrize("writer", [turns, list_programs], ids=["turns", "lists"])
def test_random_programs_of_loops_and_lists(writer):
    found = []
    for number in range(RANDOM // 2):
        function = writer.loaded(writer.written("pullback", number), f"pullback:{number}")
        found += [check(function, tuple(deepcopy(point))) for point in writer.POINTS]
    assert "internal error" not in found
    assert found.count("right") >= 0.6 * len(found)


# Both modes -----------------------------------------------------------------------------------


def dot(one: Any, other: Any) -> float:
    return math.fsum(a * b for a, b in zip(flat(one), flat(other), strict=True))


def hold_identity(function, args) -> None:
    """``<y_bar, J x_dot> == <J^T y_bar, x_dot>``: either mode against the other."""
    rng = random.Random(f"{function.__name__} {args}")
    moves = tuple(direction(arg, rng) for arg in args)
    varying = [k for k, move in enumerate(moves) if move is not None]
    value, tangent = jvp(function, deepcopy(args), moves)
    again, pullback = vjp(function, *deepcopy(args))
    assert repr(value) == repr(again) == repr(function(*deepcopy(args)))
    y_bar = direction(value, rng)
    adjoints = pullback(y_bar)
    size = dot([abs(x) for x in flat(y_bar)], [abs(x) for x in flat(tangent)])
    expected = dot(y_bar, tangent)
    actual = dot([adjoints[k] for k in varying], [moves[k] for k in varying])
    assert actual == pytest.approx(expected, rel=1e-10, abs=1e-12 * (1.0 + size))


def softmax(xs):
    top = max(xs)
    es = [math.exp(x - top) for x in xs]
    total = sum(es)
    return [e / total for e in es]


def layer(weights, biases, xs):
    ys = []
    for row, b in zip(weights, biases, strict=False):
        total = b
        for w, x in zip(row, xs, strict=False):
            total += w * x
        ys.append(math.tanh(total))
    return ys


def spherical(r, theta, phi):
    if r < 0.0:
        return 0.0 * theta, r, phi
    return (
        r * math.sin(theta) * math.cos(phi),
        r * math.sin(theta) * math.sin(phi),
        r * math.cos(theta),
    )


def heat(u, alpha, n):
    for _ in range(n):
        left = u[0]
        for i in range(1, len(u) - 1):
            here = u[i]
            u[i] = here + alpha * (left - 2 * here + u[i + 1])
            left = here
    return u, alpha * u[1]


def the_argument_itself(xs, a):
    return xs, [a, xs[0]]


def twice_the_same(x, y):
    z = x * y
    return z, (z, x), [z * z, 1.0]


def orbit(x, v, dt, n):
    places = []
    for _ in range(n):
        v -= dt * x
        x += dt * v
        if x < -0.2:
            break
        places.append(x)
    return places, x, v


STRUCTURED = [
    (softmax, ([1.0, 0.5, -0.3],)),
    (layer, ([[0.1, -0.4], [0.7, 0.2]], [0.3, -0.1], [1.0, 2.0])),
    (spherical, (1.5, 0.4, -2.0)),
    (spherical, (-1.5, 0.4, -2.0)),
    (heat, ([0.0, 1.0, 0.5, -0.3, 0.2], 0.1, 3)),
    (heat, ([0.0, 1.0, 0.5, -0.3, 0.2], 0.1, 0)),
    (the_argument_itself, ([1.0, 2.0], 0.5)),
    (twice_the_same, (1.3, -0.4)),
    (orbit, (1.0, 0.0, 0.3, 20)),
    (orbit, (1.0, 0.0, 0.3, 0)),
]


@pytest.mark.parametrize(("function", "args"), STRUCTURED)
def test_results_of_several_numbers(function, args):
    hold_identity(function, args)


@pytest.mark.parametrize("case", [c for c in RULES if not missing(c.rule)], ids=str)
def test_every_rule_in_both_modes(case):
    for point in case.points:
        numbers = all(isinstance(number, float) for number in point)
        if numbers and len(case.places) == len(point):
            hold_identity(case.function(inside=True), point)


# Calls of the pullback ------------------------------------------------------------------------


def test_the_pullback_may_be_called_again_and_later():
    value, pullback = vjp(heat, [0.0, 1.0, 0.5, -0.3], 0.1, 3)
    y_bar = ([1.0, 0.5, -1.0, 2.0], 0.3)
    first = pullback(y_bar)
    vjp(heat, [1.0, 1.0, 1.0, 1.0], 0.2, 5)[1](([1.0] * 4, 1.0))
    value[0][1] = 1e9
    assert pullback(y_bar) == first
    assert y_bar == ([1.0, 0.5, -1.0, 2.0], 0.3)
    assert pullback(None) == ([0.0] * 4, 0.0, 0.0)
    assert pullback((None, 1.0))[1] == pytest.approx(
        grad(alone, "alpha")([0.0, 1.0, 0.5, -0.3], 0.1, 3)
    )


def alone(u, alpha, n):
    return heat(u, alpha, n)[1]


def returned_and_read(xs, a):
    ys = [x * a for x in xs]
    ys[0] *= ys[1] * ys[0]
    return ys


def test_a_caller_may_change_what_is_handed_back():
    value, pullback = vjp(returned_and_read, [2.0, 3.0], 0.5)
    first = pullback([1.0, 1.0])
    value.clear()
    assert pullback([1.0, 1.0]) == first


def test_a_caller_may_change_what_lies_outside():
    global FACTOR
    value, pullback = vjp(scaled, 2.0, 3)
    first = pullback(1.0)
    try:
        FACTOR = 5.0
        assert pullback(1.0) == first == (27.0 * 1.0, None)[:1] + (first[1],)
        assert vjp(scaled, 2.0, 3)[1](1.0)[0] == 125.0
        assert pullback(1.0) == first
    finally:
        FACTOR = 3.0


FACTOR = 3.0


def scaled(x, n):
    for _ in range(n):
        x = x * FACTOR
    return x


def test_a_caller_may_change_an_object():
    class Spring:
        def __init__(self, k):
            self.k = k

        def energy(self, x, n):
            total = 0.0
            for _ in range(n):
                total += self.k * x * x
            return total

    spring = Spring(2.0)
    _, pullback = vjp(spring.energy, 1.5, 2)
    spring.k = 100.0
    assert pullback(1.0) == (12.0, 0.0)


def test_arguments_that_are_no_numbers_have_no_adjoint():
    def f(mode, x, xs, p, y=2.0, *, z=1.0):
        return x * xs[0] * p[1] * y * z if mode == "fast" else x

    value, pullback = vjp(f, "fast", 3, [2.0, 1.0], (1.0, 0.5))
    assert value == 6.0
    assert pullback(1) == (None, 2.0, [3.0, 0.0], (0.0, 12.0))
    assert vjp(f, "slow", 3.0, [2.0], (1.0, 0.5))[1](2.0) == (None, 2.0, [0.0], (0.0, 0.0))


@pytest.mark.parametrize(
    ("y_bar", "message"),
    [
        (1.0, "the value is a tuple, and its adjoint is a float"),
        ((1.0, 2.0, 3.0), "the adjoint of the value has 3 items and the value has 2"),
        ((1.0, [1.0]), r"adjoint of the number the value\[1\] is a list"),
    ],
)
def test_adjoints_of_another_structure_are_refused(y_bar, message):
    _, pullback = vjp(lambda x: (x, x * x), 2.0)
    with pytest.raises(DifferentiationError, match=message):
        pullback(y_bar)


# Text -----------------------------------------------------------------------------------------


def test_the_source_is_as_one_would_write_it():
    def logistic_map(r, x, n):
        for _ in range(n):
            x = r * x * (1 - x)
        return x

    both = vjp(logistic_map)
    both(3.1, 0.3, 10)
    assert both.source == (
        "def vjp_logistic_map(r, x, n):\n"
        "    xs = []\n"
        "    for _ in range(n):\n"
        "        xs.append(x)\n"
        "        x = r * x * (1 - x)\n"
        "\n"
        "    def pullback(x_bar):\n"
        "        r_bar = 0.0\n"
        "        for x_1 in reversed(xs):\n"
        "            # adjoint of: x = r * x * (1 - x)\n"
        "            product = x_bar * (1 - x_1)\n"
        "            r_bar += product * x_1\n"
        "            x_bar = product * r - x_bar * (r * x_1)\n"
        "        return r_bar, x_bar, 0.0\n"
        "    return x, pullback\n"
    )


def test_saved_code_needs_nothing(tmp_path):
    both = vjp(lambda x, y: x * math.exp(y))
    both.save(tmp_path / "both.py")
    namespace: dict[str, Any] = {}
    exec((tmp_path / "both.py").read_text(), namespace)
    assert "sourcediff" not in both.source
    value, pullback = namespace["vjp_lambda"](2.0, 0.0)
    assert (value, pullback(1.0)) == (2.0, (1.0, 2.0))


# Arrays ---------------------------------------------------------------------------------------


def test_a_caller_may_change_an_array():
    def loss(w, x, n):
        total = 0.0
        v = x[1:]
        for _ in range(n):
            total += np.sum(w[1:] * v * v)
        return total

    w, x = np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.2, 0.1])
    _, pullback = vjp(loss, w, x, 2)
    w_bar, x_bar, _ = pullback(1.0)
    x[:] = w[:] = 9.0
    again, other, _ = pullback(1.0)
    assert w_bar == pytest.approx([0.0, 0.08, 0.02])
    assert x_bar == pytest.approx([0.0, 1.6, 1.2])
    assert (again == w_bar).all()
    assert (other == x_bar).all()


def test_what_a_loop_keeps_of_an_array_that_is_handed_in_is_copied():
    def rows(w, x, n):
        total = 0.0
        for i in range(n):
            w = w * x[i]
            total += np.sum(w)
        return total

    w, x = np.array([1.0, 2.0]), np.array([[0.5, 0.2], [0.1, 0.4]])
    expected = grad(rows, argnums=(0, 1))(w, x, 2)
    _, pullback = vjp(rows, w, x, 2)
    x[:] = w[:] = 9.0
    for _ in range(2):
        for found, wanted in zip(pullback(1.0), expected, strict=False):
            np.testing.assert_allclose(found, wanted, rtol=1e-14)


def test_what_is_handed_back_may_change_as_well():
    def rows(x, n):
        total = 0.0
        for i in range(n):
            total += np.sum(np.sin(x[i]) * x[i])
        return total, x[1:]

    x = np.array([[0.5, 0.2], [0.1, 0.4]])
    (_, view), pullback = vjp(rows, x, 2)
    first = pullback((1.0, np.ones((1, 2))))[0]
    view[:] = x[:] = 9.0
    np.testing.assert_array_equal(pullback((1.0, np.ones((1, 2))))[0], first)


def test_objects_of_the_caller_may_change_after_the_call():
    """Adjoints were given for the lists and attributes that were left, without a word."""
    changes = [
        lambda p: p.xs.pop(),
        lambda p: delattr(p, "y"),
        lambda p: setattr(p, "y", "text"),
        lambda p: setattr(p, "z", 1.0),
        lambda p: p.table.clear(),
        lambda p: setattr(p, "a", None),
    ]
    for function in (of_parts, of_parts_by_two_names):
        for change in changes:
            p = SimpleNamespace(xs=[3.0, 4.0], y=2.0, table={"k": 5.0}, a=np.array([1.0, 2.0]))
            _, pullback = vjp(function, p)
            change(p)
            (found,) = pullback(1.0)
            assert (found.xs, found.y, found.table) == ([30.0, 0.0], 45.0, {"k": 18.0})
            assert found.a == pytest.approx([30.0, 30.0])
            assert not hasattr(found, "z")


def of_parts(p):
    return p.xs[0] * p.y * p.table["k"] * p.a.sum()


def of_parts_by_two_names(p):
    return [p, {"p": p}][1]["p"].xs[0] * p.y * p.table["k"] * p.a.sum()


COLUMN = np.array([[0.3], [0.5], [0.7]])


def test_a_pullback_reads_a_view_of_an_array_outside():
    """The view was made from the array under the name that it has outside, which it may lose."""

    def f(x):
        a = np.cos(x * COLUMN * COLUMN.T)
        return np.hypot(a @ a, a).sum()

    value, pullback = vjp(f, 0.4)
    assert value == f(0.4)
    assert pullback(1.0) == (pytest.approx(grad(f)(0.4)),)
