"""Forward mode: against the tape, along random directions, and against differences; as text."""

import math
import random
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, jvp, tape, vjp
from tests import list_programs, turns
from tests.compare import AGREED, RAISED, REFUSED, WRONG, Comparison, compare
from tests.corpus.scalars import EXTRAS, PROGRAMS
from tests.engine import FORWARD
from tests.generator import load, seeded
from tests.loop_functions import CASES
from tests.recursive_functions import CASES as RECURSIVE
from tests.rule_table import CASES as RULES
from tests.rule_table import missing
from tests.test_lists import PROGRAMS as LIST_FUNCTIONS
from tests.test_rules import forms, mutants, mutated, with_partial  # noqa: F401

RANDOM = 30


def flat(structure: Any) -> list[float]:
    if isinstance(structure, list | tuple):
        return [number for item in structure for number in flat(item)]
    return [float(structure)]


def direction(primal: Any, rng: random.Random) -> Any:
    """A random tangent; None for what is a count."""
    if isinstance(primal, list | tuple):
        return type(primal)(direction(item, rng) for item in primal)
    return rng.uniform(-1.0, 1.0) if isinstance(primal, float) else None


def check(function, args, argnums=None) -> str:
    """Holds value and tangent along a random direction against the function and the tape."""
    rng = random.Random(f"{function.__name__} {args}")
    places = range(len(args)) if argnums is None else argnums
    moves = tuple(
        direction(arg, rng) if place in places else None for place, arg in enumerate(args)
    )
    varying = tuple(place for place, move in enumerate(moves) if move is not None)
    given, given_moves = deepcopy(args), deepcopy(moves)
    try:
        gradient = tape.gradient(function, *deepcopy(args), argnums=varying)
        expected = function(*deepcopy(args))
    except Exception as raised:
        return f"no gradient by the tape: {type(raised).__name__}"
    try:
        value, tangent = jvp(function, given, given_moves)
    except DifferentiationError as refusal:
        return "internal error" if "internal" in str(refusal) else "refused"
    assert (given, given_moves) == (args, moves)
    assert repr(value) == repr(expected)
    terms = [a * b for a, b in zip(flat(gradient), flat([moves[k] for k in varying]), strict=True)]
    size = sum(map(abs, terms))
    if not size < 1e9:
        return "too large to compare"
    assert tangent == pytest.approx(sum(terms), rel=0.0, abs=1e-9 + 1e-8 * size)
    return "right"


# The programs that all modes share ------------------------------------------------------------


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_corpus(program):
    comparison = Comparison(program.function, program.argnums, FORWARD)
    assert {comparison.at(point).kind for point in program.points} <= {AGREED}
    assert {comparison.at(point).kind for point in program.raising} <= {RAISED}


@pytest.mark.parametrize("program", EXTRAS, ids=lambda program: program.name)
def test_beyond_what_is_promised_it_is_right_or_refused(program):
    for point in program.points:
        kind = compare(program.function, point, program.argnums, FORWARD).kind
        assert kind in (AGREED, REFUSED)


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


@pytest.mark.parametrize("case", [c for c in RULES if not missing(c.rule)], ids=str)
def test_every_rule(case):
    """The partial derivatives against mpmath: one unit tangent after the other."""
    function = case.function(inside=True)
    along = jvp(function)
    for point in case.points:
        for place in case.places:
            orders = [int(k == place) for k in range(len(point))]
            _, tangent = along(point, tuple(map(float, orders)))
            expected = case.derivative(point, orders, True)
            assert tangent == pytest.approx(expected, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("number", range(RANDOM))
def test_random_programs(number):
    program = seeded(f"forward {number}")
    comparison = Comparison(load(program), program.argnums, FORWARD)
    for point in program.points:
        verdict = comparison.at(point)
        assert verdict.kind != WRONG, (verdict, program.source)


@pytest.mark.parametrize("writer", [turns, list_programs], ids=["turns", "lists"])
def test_random_programs_of_loops_and_lists(writer):
    found = []
    for number in range(RANDOM // 2):
        function = writer.loaded(writer.written("forward", number), f"forward:{number}")
        found += [check(function, tuple(deepcopy(point))) for point in writer.POINTS]
    assert "internal error" not in found
    assert found.count("right") >= 0.8 * len(found)


# Structures -----------------------------------------------------------------------------------


def test_results_of_several_numbers():
    def several(x, xs):
        if x > 0.0:
            return x * xs[0], [x, xs[1] ** 2]
        return xs[0], [xs[1], x]

    args, moves = (2.0, [3.0, 5.0]), (1.0, [0.5, -1.0])
    assert jvp(several, args, moves) == ((6.0, [2.0, 25.0]), (4.0, [1.0, -10.0]))
    args = (-2.0, [3.0, 5.0])
    assert jvp(several, args, moves) == ((3.0, [5.0, -2.0]), (0.5, [-1.0, 1.0]))


def test_a_result_that_does_not_vary_has_a_tangent_of_zero():
    assert jvp(lambda x: (x, 2.0, [1.0, 2.0]), (1.5,), (1.0,)) == (
        (1.5, 2.0, [1.0, 2.0]),
        (1.0, 0.0, [0.0, 0.0]),
    )


def test_lists_of_lists():
    def squares(rows):
        return [[x * x for x in row] for row in rows]

    value, tangent = jvp(squares, ([[1.0, 2.0], [3.0]],), ([[1.0, 0.5], [2.0]],))
    assert value == [[1.0, 4.0], [9.0]]
    assert tangent == [[2.0, 2.0], [12.0]]


def test_tuples_and_stars():
    def f(p, *rest, scale=2.0):
        (a, b), c = p
        return a * b * c * rest[0] * scale

    value, tangent = jvp(f, (((1.0, 2.0), 3.0), 5.0), (((1.0, 0.0), 0.0), 0.1))
    assert value == 60.0
    assert tangent == pytest.approx(60.0 + 1.2)


def test_methods_and_defaults():
    class Spring:
        def __init__(self, k):
            self.k = k

        def energy(self, x, y=3.0):
            return self.k * x * x * y

    assert jvp(Spring(2.0).energy, (1.5,), (1.0,)) == (13.5, 18.0)


def test_constants_outside_are_read_anew():
    along = jvp(scaled)
    assert along((2.0,), (1.0,)) == (6.0, 3.0)
    global FACTOR
    FACTOR = 5.0
    try:
        assert along((2.0,), (1.0,)) == (10.0, 5.0)
    finally:
        FACTOR = 3.0


FACTOR = 3.0


def scaled(x):
    return FACTOR * x


# Lists under several names ----------------------------------------------------------------------


def swapped(xs, a):
    ys = [a]
    ys.append(a * a)
    zs = ys if a > 0.0 else xs
    zs[0] *= xs[1]
    return ys[0] + xs[0] * zs[1]


def row_of_rows(xs, a):
    rows = [xs, [a, a]]
    row = rows[0]
    row[0] = a * row[1]
    rows.append(row)
    rows[2][1] *= 2.0
    return sum(xs) + rows[1][0]


def extended_by_itself(xs, a):
    xs.extend(xs)
    xs += [a]
    return xs[-1] * xs[2] * xs[-2]


def removed(xs, a):
    xs.insert(1, a * xs[0])
    del xs[0]
    last = xs.pop(1)
    xs.reverse()
    return xs[0] * last + xs[-1]


def sliced(xs, a):
    xs[1:] = [a, a * xs[0], 2.0]
    ys = xs[::-1]
    ys[0:2] = xs[:1]
    return sum(y * k for k, y in enumerate(ys)) + a


def filled_with_what_does_not_vary(xs, a):
    ys = [1.0, 2.0]
    for k in range(3):
        ys.append(float(k))
        if k == 1:
            ys[0] = a
    ws = [3.0] * 2
    return sum(ys) * xs[0] + max(ys + ws)


def starred(xs, a):
    first, *rest = xs
    zs = [a, *rest, first]
    return zs[1] * zs[-1] + min(zs)


def repeated(xs, a):
    ys = xs * 2
    ys[0] = a
    return sum(y**2 for y in ys) + math.fsum(xs)


ALIASES = [
    swapped,
    row_of_rows,
    extended_by_itself,
    removed,
    sliced,
    filled_with_what_does_not_vary,
    starred,
    repeated,
]


@pytest.mark.parametrize("function", ALIASES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("a", [0.7, -0.4])
def test_lists_under_several_names(function, a):
    """Against differences along the direction: the tangent goes where its number goes."""
    rng = random.Random(function.__name__)
    xs = [0.71, 1.33]
    moves = ([rng.uniform(-1.0, 1.0) for _ in xs], rng.uniform(-1.0, 1.0))

    def at(t):
        return function([x + t * v for x, v in zip(xs, moves[0], strict=True)], a + t * moves[1])

    try:
        value, tangent = jvp(function, (xs, a), moves)
    except DifferentiationError as refusal:
        pytest.fail(str(refusal))
    h = 1e-6
    assert value == at(0.0)
    assert tangent == pytest.approx((at(h) - at(-h)) / (2 * h), rel=1e-7)
    assert xs == [0.71, 1.33]


@pytest.mark.parametrize(
    "change",
    ["xs[:2] = (x for x in xs)", "xs.extend(v for v in xs)"],
)
def test_what_has_no_case_is_refused(change):
    text = f"def f(xs, x, y):\n    {change}\n    return xs[0] * x\n"
    function = list_programs.loaded(text, change)
    with pytest.raises(DifferentiationError, match=r"support|derivative|tangent"):
        jvp(function, ([1.0, 2.0], 1.0, 2.0), ([1.0, 0.0], 1.0, 0.0))


# Errors ---------------------------------------------------------------------------------------


def of_everything(x, xs, p, n, mode):
    return x * xs[0] * p[0] ** n


@pytest.mark.parametrize(
    ("tangents", "message"),
    [
        ((1.0,), "5 primals and 1 tangents"),
        (1.0, "not a tuple"),
        (([1.0], None, None, None, None), "tangent of the number x is a list"),
        ((None, 1.0, None, None, None), "xs is a list, and its tangent is a float"),
        ((None, [1.0, 2.0, 3.0], None, None, None), "has 3 items and xs has 2"),
        ((None, [1.0, "a"], None, None, None), r"tangent of the number xs\[1\] is a str"),
        ((None, None, [1.0, 2.0], None, None), "p is a tuple, and its tangent is a list"),
        ((None, None, None, None, 1.0), "mode is a str and does not vary"),
        ((1j, None, None, None, None), "tangent of the number x is a complex"),
    ],
)
def test_tangents_of_another_structure_are_refused(tangents, message):
    args = (1.0, [1.0, 2.0], (3.0, 4.0), 2, "fast")
    with pytest.raises(DifferentiationError, match=message):
        jvp(of_everything, args, tangents)


def test_what_does_not_vary_has_none_or_zero():
    args = (2.0, [1.0, 2.0], (3.0, 4.0), 2, "fast")
    assert jvp(of_everything, args, (1.0, None, (0.0, None), 0, None)) == (18.0, 9.0)
    assert jvp(of_everything, args, (None, [1.0, None], None, 0.0, 0)) == (18.0, 18.0)
    assert jvp(of_everything, args, (None,) * 5) == (18.0, 0.0)


def test_a_result_that_is_no_number_is_refused():
    with pytest.raises(DifferentiationError, match="where numbers are expected"):
        jvp(lambda x: (x, "text"), (1.0,), (1.0,))


# Composition ----------------------------------------------------------------------------------


def test_forward_over_reverse_is_the_hessian_along_a_direction():
    def rosenbrock(x):
        total = 0.0
        for i in range(len(x) - 1):
            total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
        return total

    x, v = [0.3, -0.2, 0.8], [1.0, 2.0, -1.0]
    slope = grad(rosenbrock)
    value, tangent = jvp(slope, (x,), (v,))
    assert value == slope(x)
    h = 1e-6
    moved = [slope([a + s * h * b for a, b in zip(x, v, strict=True)]) for s in (1, -1)]
    expected = [(p - m) / (2 * h) for p, m in zip(*moved, strict=True)]
    assert tangent == pytest.approx(expected, rel=1e-6)


def test_the_gradient_of_a_function_that_uses_jvp():
    def f(x, y):
        return math.sin(x) * y**3

    def slope_in_x(x, y):
        value, tangent = jvp(f, (x, y), (1.0, None))
        return tangent + value

    expected = (-math.sin(0.7) + math.cos(0.7)) * 2.0**3
    assert grad(slope_in_x)(0.7, 2.0) == pytest.approx(expected, rel=1e-14)
    second = jvp(slope_in_x, (0.7, 2.0), (1.0, 0.0))[1]
    assert second == pytest.approx(expected, rel=1e-14)


# Text -----------------------------------------------------------------------------------------


def test_the_source_is_as_one_would_write_it():
    def escape(c, limit, n):
        z = 0.0
        total = 0.0
        for _ in range(n):
            z = z * z + c
            if z > limit:
                break
            total += z
        return total * c

    along = jvp(escape)
    along((0.3, 0.5, 10), (1.0, None, None))
    assert along.source == (
        "def jvp_escape(c, limit, n, c_dot):\n"
        "    total = z = total_dot = z_dot = 0.0\n"
        "    for _ in range(n):\n"
        "        z_dot = 2.0 * z * z_dot + c_dot\n"
        "        z = z * z + c\n"
        "        if z > limit:\n"
        "            break\n"
        "        total_dot += z_dot\n"
        "        total += z\n"
        "    return total * c, c * total_dot + total * c_dot\n"
    )


def test_saved_code_needs_nothing(tmp_path):
    along = jvp(lambda x, y: x * math.exp(y))
    along.save(tmp_path / "along.py")
    namespace: dict[str, Any] = {}
    exec((tmp_path / "along.py").read_text(), namespace)
    assert "sourcediff" not in along.source
    assert namespace["jvp_lambda"](2.0, 0.0, 1.0, 0.5) == (2.0, 2.0)
    assert along((2.0, 0.0), (1.0, 0.5)) == (2.0, 2.0)


def test_arrays_that_vary_and_others():
    def f(x, a):
        return x * np.sum(a * a)

    a = np.array([1.0, 2.0])
    assert jvp(f, (3.0, a), (1.0, None)) == (15.0, 5.0)
    assert jvp(f, (3.0, a), (1.0, a)) == (15.0, 35.0)


@pytest.mark.parametrize(("case", "place"), mutants())
def test_a_wrong_partial_is_found(with_partial, case, place):  # noqa: F811
    if case.rule.pattern == "x / z":
        pytest.skip("a quotient has its push-forward from its own result, not from the partial")
    with_partial(case.rule, place, mutated(case.rule.partials[place]))
    if case.rule.variadic:
        place = len(case.names) - 1
    orders = [int(k == place) for k in range(len(case.names))]
    wrong = False
    for inside in forms(case):  # inside a power, a wrong power may be wrong twice
        along = jvp(case.function(inside))
        for point in case.points:
            _, tangent = along(point, tuple(map(float, orders)))
            expected = case.derivative(point, orders, inside)
            wrong = wrong or tangent != pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert wrong


# Structures of arguments ------------------------------------------------------------------------


class Spring:
    def __init__(self, k, xs):
        self.k = k
        self.xs = xs
        self.name = "spring"


def of_records(d, spring, pair):
    return d["a"] * d["in"]["b"] * spring.k * spring.xs[0] * pair[0]["z"]


RECORDS = ({"a": 1.0, "in": {"b": 2.0}, "mode": "fast"}, Spring(1.0, [1.0]), ({"z": 1.0}, 2.0))


@pytest.mark.parametrize(
    ("tangents", "expected"),
    [
        (({"a": 1.0, "in": {"b": 3.0}}, Spring(0.5, [2.0]), ({"z": 1.0}, None)), 12.0),
        (({"a": 1.0}, {"k": 1.0}, None), 4.0),
        ((None, {"xs": [1.0]}, ({"z": 0.5}, 7.0)), 3.0),
        ((None, None, None), 0.0),
    ],
)
def test_dicts_and_objects(tangents, expected):
    assert jvp(of_records, RECORDS, tangents) == (2.0, expected)


@pytest.mark.parametrize(
    ("tangents", "message"),
    [
        ((1.0, None, None), "d is a dict, and its tangent is a float"),
        (({"c": 1.0}, None, None), "the tangent of d has 'c', which d has not"),
        ((None, [1.0], None), "spring is a Spring, and its tangent is a list"),
        (({"in": {"b": "x"}}, None, None), "the tangent of the number d.in.b is a str"),
    ],
)
def test_tangents_of_records_of_another_structure_are_refused(tangents, message):
    with pytest.raises(DifferentiationError, match=message):
        jvp(of_records, RECORDS, tangents)


def test_tuples_of_any_length_stay_tuples():
    def scaled_points(points, a):
        found = []
        for x, y in points:
            found.append((x * a, y))
        return found

    args, moves = ([(1.0, 2.0), (3.0, 4.0)], 2.0), ([(1.0, 0.0), (0.0, 1.0)], 1.0)
    value, tangent = jvp(scaled_points, args, moves)
    assert value == [(2.0, 2.0), (6.0, 4.0)]
    assert tangent == [(3.0, 0.0), (3.0, 1.0)]


def test_a_loop_over_a_list_goes_through_its_tangents_too():
    def energy(k, xs):
        total = 0.0
        for x in xs:
            total += 0.5 * k * x * x
        return total

    along = jvp(energy)
    assert along((2.0, [1.0, 3.0]), (0.0, [1.0, 1.0])) == (10.0, 8.0)
    assert "for x, x_dot in zip(xs, xs_dot):" in along.source


# What returns pairs --------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [jvp, vjp])
def test_what_a_mode_returns_is_no_function_of_numbers(mode):
    both = mode(lambda x: x * x)
    for make in (grad, jvp, vjp):
        with pytest.raises(DifferentiationError, match="takes and returns pairs"):
            make(both)


class Spot(NamedTuple):
    x: float
    y: float


@dataclass
class Particle:
    spot: Spot
    mass: float


def test_tangents_of_named_tuples_in_objects_in_lists() -> None:
    def moment(particles: list[Particle]) -> float:
        total = 0.0
        for p in particles:
            total += p.mass * p.spot.x * p.spot.y
        return total

    particles = [Particle(Spot(1.0, 2.0), 3.0), Particle(Spot(4.0, 5.0), 6.0)]
    moves = [Particle(Spot(0.1, 0.2), 0.3), Particle(Spot(0.4, 0.5), 0.6)]
    value, tangent = jvp(moment, (particles,), (moves,))
    assert value == 126.0
    assert tangent == pytest.approx(0.3 * 2 + 3 * 0.2 + 0.6 + 0.6 * 20 + 6 * 0.4 * 5 + 6 * 4 * 0.5)
