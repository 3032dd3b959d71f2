"""The pullback on whole programs: along random directions, several adjoints, by differences."""

import contextlib
import inspect
import random
from typing import Any

import pytest

from sourcediff import DifferentiationError, jacobian, vjp
from tests.corpus.whole.registry import Case, WholeProgram
from tests.corpus.whole.table import PROGRAMS
from tests.corpus.whole.trees import leaves, replaced, snapshot
from tests.differences import difference
from tests.test_general import REFUSED
from tests.whole_derivatives import at, bound, is_exempt, silently

DIFFERENTIATED = [
    program
    for program in PROGRAMS
    if program.argnums
    # vjp takes arguments by their positions.
    and all(
        p.kind != p.KEYWORD_ONLY for p in inspect.signature(program.function).parameters.values()
    )
]


def weights(value: Any) -> Any:
    """A random adjoint in the structure of a value."""
    if isinstance(value, dict):
        return {key: weights(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return (list if isinstance(value, list) else tuple)(map(weights, value))
    if getattr(value, "shape", ()):
        return value * 0.0 + [random.uniform(-1.0, 1.0) for _ in range(value.shape[-1])]
    return random.uniform(-1.0, 1.0)


def inner(one: Any, other: Any) -> float:
    """The sum of the products of the numbers in two structures."""
    if isinstance(one, dict):
        return sum(inner(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return sum(map(inner, one, other))
    return float((one * other).sum()) if getattr(one, "shape", ()) else float(one) * float(other)


class Direction:
    """A random direction in which the arguments of a case move, all at once."""

    def __init__(self, program: WholeProgram, case: Case) -> None:
        random.seed(program.name)
        self.program, self.case = program, case
        self.moves = [
            (argnum, path, random.uniform(-1.0, 1.0) * (abs(number) or 1.0))
            for argnum in program.argnums
            for path, number in leaves(bound(case)[argnum])
        ]

    def along(self, t: float) -> Any:
        """The result for arguments that have moved; what is shared moves as often as it is seen."""
        args: Any = bound(self.case)
        for argnum, path, move in self.moves:
            args = replaced(args, (argnum, *path), at(args[argnum], path) + (t - 1.0) * move)
        return silently(self.program.function, *args)

    def times(self, adjoints: Any) -> tuple[float, float]:
        """The product with adjoints of the arguments, and how large its terms are."""
        terms = [move * float(at(adjoints[argnum], path)) for argnum, path, move in self.moves]
        return sum(terms), sum(map(abs, terms))


def check(program: WholeProgram, case: Case) -> None:
    """Holds the pullback of one case against differences, and against itself."""
    args = bound(case)
    before = snapshot(args)
    value, pullback = silently(vjp(program.function), *args)
    expected = silently(program.function, *bound(case))
    assert snapshot(args) == before
    assert repr(value) == repr(expected)
    direction = Direction(program, case)
    first, second = weights(value), weights(value)
    answers = []
    for y_bar in (first, second, first):
        adjoints = pullback(y_bar)
        found, scale = direction.times(adjoints)
        answers.append(found)
        estimate = difference(lambda t, y=y_bar: inner(direction.along(t), y), (1.0,), 0)  # type: ignore[misc]
        if estimate is not None:
            allowed = max(4 * estimate.error, 1e-6 * scale + 1e-8)
            assert abs(found - estimate.value) <= allowed
    assert answers[0] == answers[2]


@pytest.mark.parametrize("program", DIFFERENTIATED, ids=lambda p: p.name)
def test_adjoints_are_exact_as_often_as_one_likes(program: WholeProgram) -> None:
    cases = [case for case in program.cases("points") if not is_exempt(case, 1)]
    if program.name in REFUSED:
        with contextlib.suppress(DifferentiationError):
            check(program, cases[0])
        return
    for case in cases[:2]:
        check(program, case)


def table_of_squares(table: dict[str, float]) -> dict[str, float]:
    return {key: table[key] * table[key] for key in table}


def test_the_arguments_may_change_after_the_call() -> None:
    def f(rows, table):
        for row in rows:
            row.append(row[0] * table["a"])
        return [row[-1] for row in rows]

    rows, table = [[2.0], [3.0, 4.0]], {"a": 5.0, "b": 6.0}
    value, pullback = vjp(f, rows, table)
    rows[0].append(1.0)
    rows.pop()
    table.clear()
    value[0] = 100.0
    for _ in range(2):
        assert pullback([1.0, 10.0]) == ([[5.0], [50.0, 0.0]], {"a": 32.0, "b": 0.0})


def test_the_value_shares_nothing_with_what_goes_back() -> None:
    np = pytest.importorskip("numpy")

    def f(d):
        w = d["w"]
        w *= d["s"]
        d["w"] = w * w
        return w, [w, d["w"]]

    given = {"w": np.array([1.0, 2.0]), "s": 3.0}
    value, pullback = vjp(f, given)
    for array in (value[0], *value[1]):
        array[...] = np.nan
    found = pullback((np.ones(2), None))[0]
    np.testing.assert_array_equal(found["w"], [3.0, 3.0])
    assert found["s"] == 3.0
    assert given["w"].tolist() == [1.0, 2.0]


def test_one_list_twice_in_the_value_takes_both_adjoints() -> None:
    def f(xs):
        table = {len(xs): xs}
        return [xs, table[len(xs)]]

    _, pullback = vjp(f, [1.0, 2.0])
    assert pullback([[1.0, 0.0], [10.0, 5.0]]) == ([11.0, 5.0],)


@pytest.mark.parametrize(
    ("y_bar", "message"),
    [
        ({"a": 1.0}, "its adjoint has the keys 'a'"),
        (1.0, "its adjoint is a float"),
        ({"a": 1.0, "b": [2.0]}, r"\['b'\] is a number"),
    ],
)
def test_adjoints_of_another_structure_are_refused(y_bar: Any, message: str) -> None:
    _, pullback = vjp(table_of_squares, {"a": 2.0, "b": 3.0})
    with pytest.raises(DifferentiationError, match=message):
        pullback(y_bar)


def test_what_holds_something_else_than_numbers_has_no_pullback() -> None:
    def named(d):
        found = [(str(key), d[key]) for key in d]
        return found

    with pytest.raises(DifferentiationError, match="something else than numbers"):
        vjp(named, {"a": 2.0})


def test_the_text_stands_alone(tmp_path: Any) -> None:
    derivative = vjp(table_of_squares)
    derivative({"a": 2.0})
    derivative.save(tmp_path / "saved.py")
    namespace: dict[str, Any] = {"__name__": "saved"}
    exec((tmp_path / "saved.py").read_text(encoding="utf-8"), namespace)
    value, pullback = namespace["vjp_table_of_squares"]({"a": 2.0, "b": 3.0})
    assert value == {"a": 4.0, "b": 9.0}
    assert pullback({"a": 1.0, "b": 2.0}) == ({"a": 4.0, "b": 12.0},)


def test_rows_of_jacobians() -> None:
    def f(xs):
        seen = {k: x * x for k, x in enumerate(xs)}
        return [seen[k] * seen[0] for k in range(len(xs))]

    # Of x0^4 and x0^2 x1^2.
    assert jacobian(f)([2.0, 3.0]) == [[32.0, 0.0], [36.0, 24.0]]
