"""Holds the derivatives of a program against each other and against independent references."""

import linecache
import math
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from types import FrameType
from typing import Any

from sourcediff import DifferentiationError, grad, jvp, tape, value_and_grad
from sourcediff.interpret import run
from sourcediff.transform.loops.policy import keeping_everything
from tests.differences import difference

POINTS: tuple[tuple[Any, ...], ...] = (
    (0.7, -0.4, [0.3, 1.2, -0.8], [1.1, 0.2, 0.5], [[0.4, -0.9], [1.3, 0.6]], 3),
    (1.3, 0.9, [0.5, -0.2, 0.4], [-0.6, 0.8, 1.4], [[-0.3, 0.2], [0.8, 1.1]], 0),
    (-0.5, 1.7, [1.5, 0.1, 0.9], [0.3, 0.3, -1.0], [[1.2, 0.5], [-0.7, 0.1]], 5),
)
WRT = (0, 1, 2, 3, 4)
#: How the arguments move, for the push-forward.
DIRECTION = (0.3, -1.1, [0.7, 0.2, -0.5], [1.0, -0.4, 0.6], [[0.1, 0.9], [-0.8, 0.4]], None)

RELATIVE, ABSOLUTE = 1e-7, 1e-9
#: Where a variable is this large, rounding errors are as well: its sine is noise to a difference,
#: and a small share of it, such as ``1 - tanh(x) ** 2``, depends on the way to compute it. Neither
#: the tape nor differences decide there (held against 400 digits, both were wrong). Where the
#: derivative is, a difference is off by more than it says (by 17 % of 4e16, where gradient and tape
#: had eight digits right).
BEYOND = 1e12
#: How verdicts begin that tell of a defect.
DEFECTS = ("wrong", "internal", "raises")


def loaded(text: str, name: str) -> Callable[..., Any]:
    """The function of a text, which `inspect` can find."""
    filename = f"<turns {name}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    namespace: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), namespace)
    function: Callable[..., Any] = namespace["f"]
    return function


def flat(found: Any) -> list[float]:
    """The numbers of a structure."""
    if isinstance(found, list | tuple):
        return [number for item in found for number in flat(item)]
    return [] if found is None else [float(found)]


def agree(actual: list[float], expected: list[float], relative: float, absolute: float) -> bool:
    """Whether numbers are equal; where the reference is no number there is nothing to say."""
    return len(actual) == len(expected) and all(
        math.isclose(a, b, rel_tol=relative, abs_tol=absolute) or a == b or b != b
        for a, b in zip(actual, expected, strict=True)
    )


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gives, or the exception that it raises."""
    try:
        return call()
    except DifferentiationError:
        raise
    except Exception as raised:
        return raised


def largest(function: Callable[..., Any], point: tuple[Any, ...]) -> float:
    """The largest magnitude that a variable has on the way."""
    found = 0.0

    def watch(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal found
        held = frame.f_locals.values()
        found = max([found, *(abs(v) for v in held if isinstance(v, float) and v == v)])
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        function(*deepcopy(point))
    finally:
        sys.settrace(before)
    return found


def overflows(function: Callable[..., Any], point: tuple[Any, ...]) -> bool:
    """Whether a variable is infinite on the way: what it is multiplied with is then no number.

    The tape has no such product where the result does not depend on the variable.
    """
    return math.isinf(largest(function, point))


def is_beyond(function: Callable[..., Any], point: tuple[Any, ...]) -> bool:
    """Whether a variable is so large that a difference of two of them, or its sine, is noise."""
    return largest(function, point) > BEYOND


def verdicts(function: Callable[..., Any]) -> Iterator[str]:
    """What is found at each point, order by order."""
    judge = Judge(function)
    for point in POINTS:
        try:
            yield from judge.at(point)
        except DifferentiationError as refusal:
            yield "internal error" if "internal" in str(refusal.msg) else "refused"
            return


class Judge:
    """All derivatives of one program."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.first = grad(function, argnums=WRT)
        self.valued = value_and_grad(function, argnums=WRT)
        self.slope = grad(function)
        self.second = grad(self.slope)
        self.along = jvp(function)
        self.keeping = grad(function, argnums=WRT)

    def at(self, point: tuple[Any, ...]) -> Iterator[str]:
        given = deepcopy(point)
        actual = outcome(lambda: self.first(*given))
        if given != point:
            yield "wrong: an argument was changed"
        expected = outcome(lambda: tape.gradient(self.function, *point, argnums=WRT))
        if isinstance(actual, Exception) or isinstance(expected, Exception):
            same = type(actual) is type(expected) or isinstance(expected, Exception)
            yield "both raise" if same else f"raises {actual!r}"
            return
        found = flat(actual)
        if not agree(found, flat(expected), RELATIVE, ABSOLUTE):
            if any(map(math.isnan, found)) and overflows(self.function, point):
                yield "overflow on the way"
            elif is_beyond(self.function, point):
                yield "rounding of what is large on the way"
            else:
                yield f"wrong: {actual} for {expected}"
            return
        if not all(map(math.isfinite, found)):
            yield "overflow"
            return
        yield "first order"
        yield from self.with_value(point, actual)
        yield from self.interpreted(point, found)
        yield from self.by_differences(point, found)
        yield from self.without_the_cut(point, found)
        yield from self.twice(point)
        yield from self.forward(point, found)

    def with_value(self, point: tuple[Any, ...], gradient: Any) -> Iterator[str]:
        result = outcome(lambda: self.valued(*point))
        if isinstance(result, Exception):
            yield f"raises {result!r} with the value"
            return
        value, beside = result
        if repr(value) != repr(self.function(*point)):
            yield f"wrong value: {value!r}"
        if not agree(flat(beside), flat(gradient), 1e-12, 1e-14):
            yield f"wrong beside the value: {beside} for {gradient}"

    def interpreted(self, point: tuple[Any, ...], found: list[float]) -> Iterator[str]:
        """The same, by the interpreter from the IR of the derivative."""
        made = self.first.__sourcediff__.latest  # type: ignore[attr-defined]
        if made.is_general:
            return
        result = outcome(lambda: run(made.stages["settled"], *deepcopy(point)))
        if isinstance(result, Exception):
            yield f"raises {result!r} in the interpreter"
            return
        right = agree(flat(result), found, 1e-9, 1e-11)
        yield "interpreted" if right else f"wrong in the interpreter: {result} for {found}"

    def by_differences(self, point: tuple[Any, ...], found: list[float]) -> Iterator[str]:
        for place in (0, 1):
            estimate = difference(self.function, point, place)
            if estimate is None:
                continue
            allowed = max(4 * estimate.error, 1e-6 * abs(estimate.value), 1e-8)
            right = abs(found[place] - estimate.value) <= allowed
            large = abs(found[place]) > BEYOND or is_beyond(self.function, point)
            if not right and large:
                yield "beyond differences"
                continue
            yield "differences" if right else f"wrong by differences: {found[place]}, {estimate}"

    def without_the_cut(self, point: tuple[Any, ...], found: list[float]) -> Iterator[str]:
        """The same, from code that keeps all that the reverse reads."""
        with keeping_everything():
            result = outcome(lambda: self.keeping(*point))
        if isinstance(result, Exception):
            yield f"raises {result!r} without the cut"
            return
        kept = flat(result)
        right = agree(kept, found, 1e-9, 1e-11)
        yield "without the cut" if right else f"wrong without the cut: {kept} for {found}"

    def twice(self, point: tuple[Any, ...]) -> Iterator[str]:
        try:
            found = outcome(lambda: self.second(*point))
        except DifferentiationError as refusal:
            yield "internal error" if "internal" in str(refusal.msg) else "refused at order two"
            return
        if isinstance(found, Exception):
            yield f"raises {found!r}"
            return
        estimate = difference(self.slope, point, 0)
        if estimate is not None:
            allowed = max(4 * estimate.error, 1e-5 * abs(estimate.value), 1e-6)
            right = abs(found - estimate.value) <= allowed
            if not right and (abs(found) > BEYOND or is_beyond(self.function, point)):
                yield "beyond differences"
                return
            yield "second order" if right else f"wrong at order two: {found} for {estimate}"

    def forward(self, point: tuple[Any, ...], found: list[float]) -> Iterator[str]:
        """The push-forward along a direction is the gradient in that direction."""
        try:
            result = outcome(lambda: self.along(point, DIRECTION))
        except DifferentiationError as refusal:
            yield "internal error" if "internal" in str(refusal.msg) else "refused in forward mode"
            return
        if isinstance(result, Exception):
            yield f"raises {result!r}"
            return
        value, tangent = result
        terms = [a * b for a, b in zip(found, flat(DIRECTION), strict=True)]
        scale = max(map(abs, terms), default=0.0)
        if repr(value) != repr(self.function(*point)):
            yield f"wrong value in forward mode: {value!r}"
        right = abs(tangent - math.fsum(terms)) <= 1e-9 + RELATIVE * scale
        if not right and is_beyond(self.function, point):
            yield "rounding of what is large on the way"
            return
        yield "forward mode" if right else f"wrong in forward mode: {tangent} for {sum(terms)}"
