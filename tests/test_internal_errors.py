"""Defects of the compiler show as such, on either road, and none occurs over the corpora."""

import contextlib
import io
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from sourcediff import DifferentiationError, errors, general, grad
from sourcediff.errors import InternalError
from tests.corpus.loops.table import PROGRAMS as LOOPS
from tests.corpus.scalars import EXTRAS
from tests.corpus.scalars import PROGRAMS as SCALARS
from tests.corpus.whole.table import PROGRAMS as WHOLE


def table(x: float) -> float:
    found = {int(x): x}
    return found[2] * x


def test_a_defect_of_the_general_road_is_reported_with_its_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(general, "lower_general", broken)
    with pytest.raises(
        InternalError, match="internal error while differentiating 'table'"
    ) as found:
        grad(table)(2.0)
    assert isinstance(found.value.__cause__, KeyError)
    assert "a defect of sourcediff" in (found.value.help or "")


def test_a_defect_is_not_hidden_behind_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    from sourcediff import specialise

    def broken(*_: Any) -> None:
        raise KeyError("lost")

    def refusing(s: Any) -> Any:
        return open(s[0])

    monkeypatch.setattr(specialise, "lower_function", broken)
    with pytest.raises(InternalError, match="KeyError"):
        grad(refusing)([2.0])


@pytest.fixture
def defects(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every internal error that is made from now on, whether it is raised in the end or not."""
    found: list[str] = []
    make = errors.InternalError.__init__

    def noted(self: InternalError, message: str, *args: Any, **named: Any) -> None:
        found.append(message)
        make(self, message, *args, **named)

    monkeypatch.setattr(errors.InternalError, "__init__", noted)
    return found


def differentiate(function: Callable[..., Any], args: Any, argnums: Any) -> None:
    # What the program itself raises is none of the compiler's business.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
        grad(function, argnums=argnums)(*args)


def test_none_over_the_corpora_of_numbers_and_loops(defects: list[str]) -> None:
    for program in [*SCALARS, *EXTRAS, *LOOPS]:
        differentiate(program.function, deepcopy(program.points[0]), program.argnums)
    assert defects == []


def test_none_over_the_corpus_of_whole_programs(defects: list[str]) -> None:
    for program in WHOLE:
        case = next(program.cases("points", "kinks", "raising"))
        differentiate(program.function, case.args(), program.argnums or 0)
    assert defects == []


def class_inside(x: float) -> float:
    class Place:
        pass

    place = Place()
    place.x = x  # type: ignore[attr-defined]
    return place.x * x  # type: ignore[attr-defined,no-any-return]


def coroutine_inside(table: dict[str, float]) -> float:
    async def later() -> float:
        return 1.0

    return table["a"] if later else 0.0


class Lazy:
    def __getattr__(self, name: str) -> float:
        return 1.0


def computed_attribute(lazy: Lazy) -> float:
    return lazy.x * lazy.y


@pytest.mark.parametrize(
    ("function", "argument"),
    [(class_inside, 2.0), (coroutine_inside, {"a": 2.0}), (computed_attribute, Lazy())],
)
def test_what_is_refused_is_refused_by_its_line(
    function: Callable[..., Any], argument: Any, defects: list[str]
) -> None:
    with pytest.raises(DifferentiationError) as found:
        grad(function)(argument)
    assert defects == []
    assert found.value.lineno is not None
