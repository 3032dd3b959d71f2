"""The public functions on whole programs: what the clean road refuses, the general one takes."""

import ast
import dataclasses
import inspect
import math
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sourcediff import DifferentiationError, grad, stages, value_and_grad
from sourcediff.specialise import Derivative as Specialised
from tests.corpus.whole.registry import Case, WholeProgram
from tests.corpus.whole.table import PROGRAMS
from tests.corpus.whole.trees import leaves, snapshot
from tests.outcome import close, same_bits
from tests.outcome import run as outcome_of
from tests.whole_derivatives import Derivative, at, bound, is_exempt, mismatch, silently

np = pytest.importorskip("numpy")

#: Programs with complex numbers, which only the clean road takes.
COMPLEX = {"control.complex_orbit"}

#: Programs that both roads refuse. The list may only become shorter.
REFUSED = {
    "closures.accumulated",
    "closures.coroutine_average",
    "closures.decorated_inside",
    "closures.dispatch",
    "closures.endless_generator",
    "closures.windowed",
    "control.every_kind_of_argument",
    "control.measure",
    "control.turtle",
    "dynamic.shortest_path",
    "exceptions.newton_or_best",
    "finance.asian_call",
    "inherit.container_protocol",
    "inherit.dew_point_change",
    "inherit.sum_of_iterator",
    "inherit.total_mass",
    "inherit.within_context",
    "learning.gru_states",
    "mutation.histogram_means",
    "records.propagate",
    "records.update_by_key",
    "recursion.binary_tree",
    "recursion.cached_binomial_mixture",
    "recursion.evaluate",
    "recursion.nested_sum",
}

DIFFERENTIATED = [p for p in PROGRAMS if p.argnums and p.scalar]
every_program = pytest.mark.parametrize("program", DIFFERENTIATED, ids=lambda p: p.name)


def called(
    function: Callable[..., Any], args: tuple[Any, ...], like: Callable[..., Any] | None = None
) -> Any:
    """The result for arguments in the order of the parameters, of `like` where that is given.

    A derivative that is written for a constant has no parameter for it.
    """
    signature = inspect.signature(function)
    names = list(inspect.signature(like or function).parameters)
    given = dict(zip(names, args, strict=False))
    kept = {name: given[name] for name in signature.parameters if name in given}
    bound = inspect.BoundArguments(signature, kept)  # type: ignore[arg-type]
    return silently(lambda: function(*bound.args, **bound.kwargs))


def cases(program: WholeProgram) -> list[Case]:
    return [case for case in program.cases("points") if not is_exempt(case, 1)]


def unnamed(found: Any) -> Any:
    """The same with plain tuples for named ones."""
    return tuple(map(unnamed, found)) if isinstance(found, tuple) else found


def standalone(text: str, name: str) -> Callable[..., Any]:
    """The function of a saved module, which imports nothing of sourcediff and defines no class."""
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, ast.ClassDef)
        if isinstance(node, ast.Import):
            assert not any(alias.name.startswith("sourcediff") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("sourcediff")
    namespace: dict[str, Any] = {"__name__": "saved"}
    exec(compile(text, "<saved>", "exec"), namespace)
    found: Callable[..., Any] = namespace[name]
    return found


@every_program
def test_gradients_are_exact_and_stand_alone(program: WholeProgram, tmp_path: Path) -> None:
    for case in cases(program):
        derivative = grad(program.function, argnums=program.argnums)
        both = value_and_grad(program.function, argnums=program.argnums)
        try:
            found = silently(derivative, *case.args())
        except DifferentiationError as reason:
            if program.name in REFUSED:
                return
            raise AssertionError(f"{program.name} was taken once") from reason
        check = Derivative(
            lambda *args: called(program.function, args),
            lambda *args: called(derivative, args),
            None,
        )
        assert mismatch(check, case, program.argnums, 12) is None
        value, gradient = silently(both, *case.args())
        expected = silently(program.function, *case.args())
        assert same_bits(value, expected)
        for place, argnum in enumerate(program.argnums):
            for path, _ in leaves(bound(case)[argnum]):
                one, other = at(gradient[place], path), at(found[place], path)
                assert close(float(one), float(other), rtol=1e-9, atol=1e-12)
        derivative.save(tmp_path / "saved.py")
        text = (tmp_path / "saved.py").read_text(encoding="utf-8")
        saved = standalone(text, f"grad_{program.function.__name__}")
        if not derivative.__sourcediff__.latest.is_general:
            found = unnamed(found)  # classes of tuples are put around by the entry only
        assert snapshot(called(saved, tuple(bound(case)), program.function)) == snapshot(found)


@every_program
def test_what_raises_still_does(program: WholeProgram) -> None:
    if program.name in REFUSED:
        return
    derivative = grad(program.function, argnums=program.argnums)
    for case in program.cases("raising"):
        expected = outcome_of(case.run).exception
        found = outcome_of(lambda case=case: derivative(*case.args())).exception
        # An argument of a type that the function cannot take is refused before it runs.
        refused = isinstance(expected, TypeError) and isinstance(found, DifferentiationError)
        assert refused or type(found) is type(expected)


# Arguments of every structure -----------------------------------------------------------------


@dataclasses.dataclass
class Point:
    """Counts how often it is made the usual way."""

    x: float
    y: float
    name: str = "p"

    def __post_init__(self) -> None:
        MADE.append(self)


MADE: list[Point] = []


@dataclasses.dataclass(frozen=True, slots=True)
class Fixed:
    a: float
    rest: tuple[float, float]


class Plain:
    def __init__(self, a: float, parts: list[float]) -> None:
        self.a = a
        self.parts = parts

    def area(self) -> float:
        return self.a * sum(p * p for p in self.parts)


Pair = namedtuple("Pair", "left right")


def product(p: Point) -> float:
    q = [p]
    for one in q:
        one.x = one.x * one.y
    return p.x * p.x


def test_a_dataclass_gives_one_of_its_class_made_without_running_it() -> None:
    point = Point(2.0, 3.0)
    MADE.clear()
    found = grad(product)(point)
    assert type(found) is Point
    assert (found.x, found.y, found.name) == (36.0, 24.0, None)
    assert MADE == []
    assert (point.x, point.y) == (2.0, 3.0)


def test_frozen_with_slots() -> None:
    def f(t: Fixed) -> float:
        kept = {"t": t}
        return kept["t"].a * kept["t"].rest[1]

    found = grad(f)(Fixed(2.0, (3.0, 4.0)))
    assert found == Fixed(4.0, (0.0, 2.0))


def test_a_plain_object_and_its_methods() -> None:
    found = grad(lambda boxes: sum(b.area() for b in boxes.values()))({"one": Plain(2.0, [1.0, 3])})
    assert type(found["one"]) is Plain
    assert (found["one"].a, found["one"].parts) == (10.0, [4.0, 12.0])


def test_a_namespace_a_named_tuple_and_what_has_no_derivative() -> None:
    def f(s):
        return s.pair.left * s.table["k"][0] + len(s.label)

    given = SimpleNamespace(pair=Pair(2.0, 3.0), table={"k": [5.0]}, label="ab", on=True, none=None)
    found = grad(f)(given)
    assert found == SimpleNamespace(
        pair=Pair(5.0, 0.0), table={"k": [2.0]}, label=None, on=None, none=None
    )
    assert type(found.pair) is Pair


def test_arrays_keep_dtype_and_shape() -> None:
    def f(layers, x):
        for w in layers:
            x = np.tanh(w @ x)
        return np.sum(x)

    layers = [np.ones((3, 2), np.float32), np.ones((1, 3), np.float32)]
    found = grad(f, argnums=(0, "x"))(layers, np.ones(2, np.float32))
    assert [(g.dtype, g.shape) for g in found[0]] == [(np.float32, (3, 2)), (np.float32, (1, 3))]
    assert (found[1].dtype, found[1].shape) == (np.float32, (2,))


def test_numbers_of_numpy_are_numbers() -> None:
    def f(x, table):
        return table["scale"] * x * x

    found = grad(f, argnums=(0, 1))(np.float64(3.0), {"scale": np.float64(2.0)})
    assert found == (12.0, {"scale": 9.0})
    assert type(found[0]) is np.float64


def test_an_integer_counts_as_a_real_number() -> None:
    found = grad(lambda d: d["n"] * d["n"] * d["x"])({"n": 3, "x": 2.0})
    assert found == {"n": 12.0, "x": 9.0}
    assert type(found["n"]) is float


def test_one_list_in_two_places() -> None:
    def moved(u, v):
        u[0] = v[1] * 2.0
        return sum(u) * v[0]

    shared = [1.0, 2.0]
    assert grad(moved, argnums=(0, 1))(shared, shared) == ([0.0, 24.0], [0.0, 24.0])
    assert shared == [1.0, 2.0]


def test_items_of_starred_arguments_and_keywords() -> None:
    def f(first, *rest, **named):
        table = {"all": [first, *rest]}
        return sum(v * v for v in table["all"]) * named["scale"]

    assert grad(f, argnums=(0, 2))(1.0, 2.0, 3.0, scale=10.0) == (20.0, 60.0)


def test_functions_as_arguments() -> None:
    def apply(f, d):
        return f(d["x"])

    assert grad(apply, argnums=1)(math.sin, {"x": 0.0}) == {"x": 1.0}
    assert grad(apply, argnums=1)(lambda v: v * v, {"x": 3.0}) == {"x": 6.0}
    with pytest.raises(DifferentiationError, match="cannot be differentiated"):
        grad(apply)(math.sin, {"x": 0.0})


def test_a_derivative_of_a_derivative() -> None:
    def power(table, x, n):
        return x if n <= 1 else x * power(table, x, n - 1) * table["scale"]

    first = grad(power, argnums="x")
    second = grad(first, argnums="x")
    table = {"scale": 2.0}
    assert first(table, 3.0, 3) == 4 * 27.0
    assert second(table, 3.0, 3) == 24 * 3.0
    assert grad(second, argnums="x")(table, 3.0, 3) == 24.0
    assert value_and_grad(first, argnums="x")(table, 3.0, 3) == (108.0, 72.0)


scale = 2.0


def scaled(d: dict[str, float]) -> float:
    return d["x"] * d["x"] * scale


def test_what_is_outside_is_read_live(monkeypatch: pytest.MonkeyPatch) -> None:
    derivative = grad(scaled)
    assert derivative({"x": 3.0}) == {"x": 12.0}
    monkeypatch.setitem(globals(), "scale", 5.0)
    assert derivative({"x": 3.0}) == {"x": 30.0}


def test_each_kind_of_arguments_has_code_of_its_own() -> None:
    def f(d):
        return sum(d.values()) if isinstance(d, dict) else d[0] * d[1]

    derivative = grad(f)
    assert derivative({"a": 1.0}) == {"a": 1.0}
    assert derivative([2.0, 3.0]) == [3.0, 2.0]
    assert derivative({"b": 1.0, "c": 4}) == {"b": 1.0, "c": 1.0}


def test_the_text_is_that_of_a_function(tmp_path: Path) -> None:
    derivative = grad(product)
    derivative(Point(2.0, 3.0))
    assert derivative.source.endswith(inspect.getsource(derivative))
    assert "def grad_product(p" in derivative.source
    assert stages(product, Point(2.0, 3.0))["emitted"] == derivative.source
    assert list(inspect.signature(derivative).parameters) == ["p"]


def test_a_refusal_of_both_roads_shows_the_line_that_has_to_change() -> None:
    def f(d):
        for v in d.values():
            open(v)
        return d["x"]

    with pytest.raises(DifferentiationError) as caught:
        grad(f)({"x": 1.0})
    assert caught.value.text is not None
    assert caught.value.text.strip() == "open(v)"


def cubic(d: dict[str, Any]) -> float:
    return d["x"] ** 3 * d["y"][0]


def test_a_derivative_that_is_called_inside() -> None:
    inner = grad(cubic)

    def f(d):
        found = inner(d)
        return found["x"] * 2.0 + found["y"][0] * d["x"]  # 6 x^2 y + x^4

    assert grad(f)({"x": 2.0, "y": [3.0]}) == {"x": 104.0, "y": [24.0]}


def test_a_derivative_of_arrays_that_is_called_inside() -> None:
    inner = grad(lambda v: np.sum(v * v * v))

    def f(d):
        return np.sum(inner(d["v"]) * d["v"])

    found = grad(f)({"v": np.array([1.0, 2.0])})
    np.testing.assert_allclose(found["v"], [9.0, 36.0], rtol=1e-12)


def test_one_tuple_in_two_places_is_two_values() -> None:
    def f(d):
        total = 0.0
        for key in sorted(d):
            total += (2.0 if key == "a" else 5.0) * d[key][0] * d[key][1]
        return total

    pair = (1.0, 2.0)
    assert grad(f)({"a": pair, "b": pair}) == {"a": (4.0, 2.0), "b": (10.0, 5.0)}
    nested = (pair, {"k": pair, "none": None})

    def g(t, other):
        total = 0.0 if t[1]["none"] is None else 1.0
        for key in [key for key in t[1] if t[1][key] is not None]:
            total += t[1][key][0] * t[0][1] * other[0]
        return total

    found = grad(g, argnums=(0, 1))(nested, pair)
    assert found == (((0.0, 1.0), {"k": (2.0, 0.0), "none": None}), (2.0, 0.0))


@dataclasses.dataclass
class Flat:
    x: float
    y: float
    name: str = "f"


def test_the_fields_of_a_dataclass_as_a_dict_and_as_a_tuple() -> None:
    def f(p: Flat) -> float:
        found = dataclasses.asdict(p)
        found["x"] *= 3.0
        p.x *= 2.0
        return found["x"] * p.x + found["y"]

    def g(points: list[Flat]) -> float:
        total = 0.0
        for p in points:
            x, y, _ = dataclasses.astuple(p)
            total += x * y * y
        return total

    assert grad(f)(Flat(2.0, 5.0)) == Flat(24.0, 1.0, None)
    found = grad(g)([Flat(1.0, 2.0), Flat(3.0, 4.0)])
    assert found == [Flat(4.0, 4.0, None), Flat(16.0, 24.0, None)]


def counted(x: float):
    for k in range(3):
        yield x * k


def test_what_is_refused_says_what_to_do() -> None:
    with pytest.raises(DifferentiationError) as caught:
        grad(counted)(2.0)
    assert caught.value.help == "return the values in a list instead"
    with pytest.raises(DifferentiationError) as caught:
        grad(lambda x: complex(x, 1.0) ** 2)(2.0)
    assert "abs(z)" in (caught.value.help or "")


# The text -------------------------------------------------------------------------------------


def text_of(function: Callable[..., Any], *args: Any) -> str:
    derivative = grad(function)
    derivative(*args)
    source: str = derivative.source  # type: ignore[attr-defined]
    return source


def test_loops_are_written_as_python_has_them() -> None:
    def f(d):
        total = 0.0
        for key in d:
            total = total * 0.5 + d[key][0] * d[key][0]
        for k in range(3):
            total += k * d[0.5][0]
        while total > 100.0:
            total *= 0.5
        return total

    text = text_of(f, {0.5: [2.0], 1.5: [3.0]})
    assert grad(f)({0.5: [2.0], 1.5: [3.0]}) == {0.5: [5.0], 1.5: [6.0]}
    assert "while True" not in text
    assert "turns" not in text
    assert " in range(3):" in text
    assert " > 100.0:" in text


def test_a_list_of_numbers_alone_needs_no_table_of_aliases() -> None:
    def f(xs):
        seen = {}
        for k, x in enumerate(xs):
            seen[k] = x * x
        xs.append(seen[0])
        return seen[len(xs) - 2] * xs[-1]

    xs = [2.0, 3, 4.0]
    derivative = grad(f)
    found = derivative(xs)
    assert found == [64.0, 0.0, 32.0]
    assert derivative(xs) is not found
    assert xs == [2.0, 3, 4.0]
    assert "id(" not in text_of(f, xs)


def test_one_list_given_twice_is_one_list() -> None:
    def f(xs, ys):
        seen = dict(enumerate(ys))
        xs[0] = xs[0] * seen[1] + ys[0]
        return ys[0] * seen[0]

    xs = [2.0, 3.0]
    # With both one list of x and y: (x y + x) x.
    assert grad(f, argnums=(0, 1))(xs, xs) == ([16.0, 4.0], [16.0, 4.0])
    assert grad(f, argnums=(0, 1))([2.0, 3.0], [5.0, 7.0]) == ([0.0, 0.0], [10.0, 0.0])


def test_dicts_that_change_while_they_are_gone_through_raise() -> None:
    def f(d):
        total = 0.0
        for key in d:
            total += d[key]
            if total > 2.0:
                d[99] = total
        return total

    assert grad(f)({1: 0.5, 2: 1.0}) == {1: 1.0, 2: 1.0}

    def g(d):
        total = 0.0
        for key in d:
            total += d[key]
            d[key + 10] = total
        return total

    with pytest.raises(RuntimeError, match="changed size during iteration"):
        grad(g)({1: 0.5, 2: 1.0})


def test_a_helper_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """There was one for each argument, with the same text."""
    np = pytest.importorskip("numpy")

    def f(x, y):
        for i in range(len(x)):
            if x[i] > 1.5:
                y = y * x
                y[i] -= x[i]
            else:
                x = x + y
        return (x * y).sum()

    def refuse(derivative: Specialised, *_: object) -> None:
        raise derivative.refusal("the clean form is not asked here")

    monkeypatch.setattr(Specialised, "specialise", refuse)
    derivative = grad(f, argnums=(0, 1))
    derivative(np.array([1.0, 2.0]), np.array([0.5, 0.1]))
    bodies = [definition.partition(":")[2] for definition in derivative.source.split("\ndef ")[1:]]
    assert derivative.__sourcediff__.latest.is_general
    assert len(bodies) > 3
    assert len(set(bodies)) == len(bodies)
