"""Forward mode on whole programs: its dot products with the pullback, and with differences."""

import random
from collections import deque
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from sourcediff import DifferentiationError, grad, hessian, hvp, jvp, specialise, vjp
from tests.corpus.whole.registry import WholeProgram
from tests.corpus.whole.trees import children, is_array, mutables, snapshot
from tests.differences import difference
from tests.test_general import COMPLEX, REFUSED
from tests.test_whole_vjp import DIFFERENTIATED, weights
from tests.test_whole_vjp import inner as product
from tests.whole_derivatives import bound, is_exempt, silently

#: This one goes through functions that take the clean road only.
BOTH = [p for p in DIFFERENTIATED if p.name not in REFUSED | COMPLEX | {"closures.pipeline"}]


def direction(value: Any, places: dict[int, Any]) -> Any:
    """A random tangent in the structure of an argument; one for what is one object."""
    if isinstance(value, float):
        return random.uniform(-1.0, 1.0) * (abs(value) or 1.0)
    if isinstance(value, tuple):
        return tuple(direction(item, places) for item in value)
    if id(value) in places:
        return places[id(value)]
    found: Any = None
    if is_array(value):
        found = value * random.uniform(-1.0, 1.0) if value.dtype.kind == "f" else None
    elif isinstance(value, list | deque):
        found = [direction(item, places) for item in value]
    elif isinstance(value, dict):
        found = {key: direction(item, places) for key, item in value.items()}
    elif children(value):
        found = SimpleNamespace(**{key: direction(item, places) for key, item in children(value)})
    places[id(value)] = found
    return found


def inner(adjoint: Any, tangent: Any) -> float:
    """The sum of products of an adjoint and a tangent of one argument."""
    if adjoint is None or tangent is None:
        return 0.0
    if isinstance(adjoint, dict):
        return sum(inner(adjoint[key], tangent[key]) for key in adjoint)
    if isinstance(adjoint, list | tuple | deque):
        return sum(map(inner, adjoint, tangent))
    if is_array(adjoint):
        return float((adjoint * tangent).sum())
    if isinstance(adjoint, int | float) or hasattr(adjoint, "dtype"):
        return float(adjoint) * float(tangent)
    return sum(inner(getattr(adjoint, key), getattr(tangent, key)) for key, _ in children(adjoint))


@pytest.fixture
def general_road_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise DifferentiationError("the clean road is closed")

    monkeypatch.setattr(specialise.Derivative, "specialise", refuse)


@pytest.mark.usefixtures("general_road_only")
@pytest.mark.parametrize("program", BOTH, ids=lambda p: p.name)
def test_forward_and_reverse_mode_agree(program: WholeProgram) -> None:
    random.seed(program.name)
    for case in [case for case in program.cases("points") if not is_exempt(case, 1)][:2]:
        args = bound(case)
        if len(list(mutables(args))) > len(set(map(id, mutables(args)))):
            continue  # what is in two places counts twice in such a product
        places: dict[int, Any] = {}
        tangents = [
            direction(arg, places) if place in program.argnums else None
            for place, arg in enumerate(args)
        ]
        before = snapshot(args)
        value, tangent = silently(jvp(program.function), tuple(args), tuple(tangents))
        assert snapshot(args) == before
        assert repr(value) == repr(silently(program.function, *bound(case)))
        same, pullback = silently(vjp(program.function), *args)
        assert repr(same) == repr(value)
        y_bar = weights(value)
        one = product(tangent, y_bar)
        other = sum(map(inner, pullback(y_bar), tangents))
        assert one == pytest.approx(other, rel=1e-8, abs=1e-9)


# Structures -----------------------------------------------------------------------------------


class Body:
    def __init__(self, place: list[float], speed: float) -> None:
        self.place = place
        self.speed = speed


def travel(bodies: dict[str, Body], t: float) -> dict[str, list[float]]:
    for name in bodies:
        body = bodies[name]
        for k in range(len(body.place)):
            body.place[k] += t * body.speed
    return {name: [x * x for x in bodies[name].place] for name in bodies}


def test_objects_in_a_dict_against_differences() -> None:
    def at(x: float) -> list[float]:
        bodies = {"a": Body([1.0 + x, 2.0], 3.0), "b": Body([4.0], 5.0 - 2.0 * x)}
        return [number for row in travel(bodies, 0.5 + x).values() for number in row]

    bodies = {"a": Body([1.0, 2.0], 3.0), "b": Body([4.0], 5.0)}
    along = {"a": SimpleNamespace(place=[1.0, 0.0]), "b": {"speed": -2.0}}
    value, tangent = jvp(travel, (bodies, 0.5), (along, 1.0))
    assert value == {"a": [6.25, 12.25], "b": [42.25]}
    found = [number for row in tangent.values() for number in row]
    for place, number in enumerate(found):
        estimate = difference(lambda t, k=place: at(t - 1.0)[k], (1.0,), 0)  # type: ignore[misc]
        assert estimate is not None
        assert number == pytest.approx(estimate.value, rel=1e-7)
    assert bodies["a"].place == [1.0, 2.0]


def test_arrays() -> None:
    np = pytest.importorskip("numpy")

    def f(layers, x):
        for w in layers:
            x = np.tanh(w @ x)
        x[0] *= 2.0
        return x, np.sum(x)

    layers = [np.array([[0.1, 0.2], [0.3, -0.4]]), np.array([[0.5, 0.6]])]
    along = [np.array([[1.0, 0.0], [0.0, 0.0]]), None]
    x = np.array([1.0, 2.0])

    def at(t: float) -> float:
        return f([layers[0] + t * along[0], layers[1]], x)[1]

    (row, total), (row_dot, total_dot) = jvp(f, (layers, x), (along, None))
    estimate = difference(lambda t: at(t - 1.0), (1.0,), 0)
    assert estimate is not None
    assert total_dot == pytest.approx(estimate.value, rel=1e-7)
    assert row.tolist() == [total]
    assert row_dot.tolist() == [pytest.approx(total_dot)]
    assert x.tolist() == [1.0, 2.0]


def test_one_list_in_two_places_has_one_tangent() -> None:
    def f(d):
        d["a"][0] *= 2.0
        return d["b"][0] * d["a"][1]

    xs = [3.0, 5.0]
    assert jvp(f, ({"a": xs, "b": xs},), ({"a": [1.0, 0.0], "b": [1.0, 0.0]},)) == (30.0, 10.0)
    with pytest.raises(DifferentiationError, match="in two places of the arguments"):
        jvp(f, ({"a": xs, "b": xs},), ({"a": [1.0, 0.0], "b": [0.0, 0.0]},))


def test_what_does_not_vary() -> None:
    def f(table, n):
        return [table[key] ** n for key in table]

    assert jvp(f, ({1: 3.0}, 2), ({1: 1.0}, None)) == ([9.0], [6.0])
    assert jvp(f, ({1: 3.0}, 2), (None, 0)) == ([9.0], [0.0])
    with pytest.raises(DifferentiationError, match="k is a str and does not vary"):
        jvp(lambda d, k: {1: d[int(k)]}[1], ({1: 3.0}, "1"), (None, 1.0))


def test_keys_that_a_function_adds() -> None:
    def f(d):
        if d["a"] > 0.0:
            d["new"] = d["a"] * d["b"]["c"]
        return d["new"] * d["a"]

    given = {"a": 2.0, "b": {"c": 3.0}}
    assert grad(f)(given) == {"a": 12.0, "b": {"c": 4.0}}
    assert jvp(f, (given,), ({"a": 1.0, "b": {"c": 0.5}},)) == (12.0, 14.0)
    assert "new" not in given


def test_second_derivatives() -> None:
    def f(xs):
        seen = dict(enumerate(xs))
        return sum(seen[k] ** 2 * seen[0] for k in seen)

    # x^3 + x y^2
    assert hessian(f)([1.0, 2.0]) == [[6.0, 4.0], [4.0, 2.0]]
    assert hvp(f, ([1.0, 2.0],), ([1.0, 10.0],)) == ([46.0, 24.0],)


def test_the_text_stands_alone(tmp_path: Any) -> None:
    derivative = jvp(travel)
    derivative(({"a": Body([1.0], 3.0)}, 0.5), (None, 1.0))
    derivative.save(tmp_path / "saved.py")
    text = (tmp_path / "saved.py").read_text(encoding="utf-8")
    assert "import sourcediff" not in text
    namespace: dict[str, Any] = {"__name__": "saved"}
    exec(text, namespace)
    assert namespace["jvp_travel"]({"a": Body([1.0], 3.0)}, 0.5, 1.0) == (
        {"a": [6.25]},
        {"a": [15.0]},
    )


@dataclass
class Layer:
    weights: Any
    name: str = "hidden"
    scale: float = 1.0


def of_a_dict(q):
    h = q["W"] @ q["b"]
    h += q["b"]
    return (h * h).sum()


def of_an_object(layer):
    return (layer.weights * layer.weights).sum() * layer.scale


def of_a_tuple(pair):
    return (pair[0] * pair[1][0]).sum()


def test_arrays_within_an_argument_have_tangents():
    """They were passed over without a word, and the tangent was zero."""
    np = pytest.importorskip("numpy")
    w, b = np.array([[1.0, 2.0], [0.5, 0.3]]), np.array([0.1, 0.2])
    w_dot, b_dot = np.array([[0.3, 0.1], [0.5, -0.3]]), np.array([0.7, 0.2])
    cases = [
        (of_a_dict, {"W": w, "b": b}, {"W": w_dot, "b": b_dot}),
        (of_a_dict, {"W": w, "b": b}, {"b": b_dot}),
        (of_an_object, Layer(b, scale=2.0), Layer(b_dot, scale=0.3)),
        (of_an_object, Layer(b, scale=2.0), {"weights": b_dot}),
        (of_a_tuple, (w, [b]), (w_dot, [b_dot])),
    ]
    h = 1e-6
    for function, primal, tangent in cases:
        value, slope = jvp(function)((primal,), (tangent,))
        assert value == function(primal)
        expected = (function(moved(primal, tangent, h)) - function(moved(primal, tangent, -h))) / (
            2 * h
        )
        assert slope == pytest.approx(expected, rel=1e-8)
        assert abs(slope) > 0.1


def moved(primal: Any, tangent: Any, h: float) -> Any:
    """An argument some way along its tangent."""
    if tangent is None or isinstance(primal, str):
        return primal
    if isinstance(primal, Layer):
        given = tangent if isinstance(tangent, dict) else vars(tangent)
        return Layer(**moved(vars(primal), given, h))
    if isinstance(primal, dict):
        return {key: moved(item, tangent.get(key), h) for key, item in primal.items()}
    if isinstance(primal, list | tuple):
        return type(primal)(
            moved(one, other, h) for one, other in zip(primal, tangent, strict=True)
        )
    return primal + h * tangent


def test_one_array_in_two_places_has_one_tangent():
    """Two were told apart by how they are printed, which leaves out what is in the middle."""
    np = pytest.importorskip("numpy")
    x, one, other = np.arange(3000.0), np.zeros(3000), np.zeros(3000)
    other[1500] = 1.0

    def f(a, b):
        return (a["x"] * b["x"]).sum()

    with pytest.raises(DifferentiationError, match="in two places"):
        jvp(f)(({"x": x}, {"x": x}), ({"x": one}, {"x": other}))
    _, slope = jvp(f)(({"x": x}, {"x": x}), ({"x": other}, {"x": other.copy()}))
    assert slope == 3000.0


@dataclass
class Switched:
    on: bool
    counts: Any
    x: Any


def switched(q):
    return (q.on * q.counts * q.x * q.x).sum()


def test_what_does_not_vary_within_an_argument_has_no_tangent_but_zero():
    """The tangents of truth values and whole numbers in arrays were passed over."""
    np = pytest.importorskip("numpy")
    counts, x = np.array([1, 2]), np.array([3.0, 4.0])
    primal = Switched(True, counts, x)
    for tangent in (
        {"on": 1.0},
        {"counts": np.ones(2)},
        Switched(False, np.ones(2), np.ones(2)),
    ):
        with pytest.raises(DifferentiationError, match="does not vary"):
            jvp(switched)((primal,), (tangent,))
        with pytest.raises(DifferentiationError, match=r"does not vary|another structure"):
            hvp(switched, (primal,), (tangent,))
    for tangent in ({"x": x}, {"x": x, "on": 0.0}, Switched(True, 0 * counts, x)):
        _, slope = jvp(switched)((primal,), (tangent,))
        assert slope == 2.0 * switched(primal)
    with pytest.raises(DifferentiationError, match="does not vary"):
        jvp(lambda pair: (pair[0] * pair[1]).sum())(((True, x),), ((1.0, None),))


def test_truth_values_beside_numbers():
    """They count as numbers in a dict of numbers, and their tangents were passed over."""
    assert jvp(lambda q: q["a"] * q["b"])(({"a": True, "b": 3.0},), ({"a": 1.0},)) == (3.0, 3.0)


def test_a_direction_of_what_does_not_vary_is_refused():
    np = pytest.importorskip("numpy")
    x = np.array([3.0, 4.0])
    with pytest.raises(DifferentiationError, match="does not vary"):
        hvp(lambda q: (q["a"] * q["b"] ** 2).sum(), ({"a": True, "b": x},), ({"a": 1.0},))


def test_views_of_one_array_have_one_tangent():
    """The tangent of the last was that of all, also where it was none."""
    np = pytest.importorskip("numpy")
    x, t = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 0.0])

    def f(q):
        q["a"][0] = 2.0 * q["a"][0]
        return (q["b"] * q["b"]).sum()

    for view, tangent in (
        (x[:], None),
        (x[::-1], t),
        (x[:1], np.zeros(1)),
    ):
        with pytest.raises(DifferentiationError, match="shares memory"):
            jvp(f)(({"a": x, "b": view},), ({"a": t, "b": tangent},))
    for view, tangent in ((x[:], t), (x[::-1], t[::-1]), (x[:1], t[:1])):
        assert jvp(f)(({"a": x, "b": view},), ({"a": t, "b": tangent},))[1] == 8.0
    assert jvp(f)(({"a": x[1:], "b": x[:1]},), ({"b": t[:1]},)) == (1.0, 2.0)
