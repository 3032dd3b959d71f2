"""Holds the derivatives of a program on arrays against differences, and against each other."""

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from sourcediff import DifferentiationError, grad, jvp, value_and_grad, vjp
from tests.compare import refusal_kind
from tests.turns.judge import loaded

#: How verdicts begin that tell of a defect.
DEFECTS = ("wrong", "internal", "raises")
WRT = (0, 1, 2, 3)
STEPS = (1e-4, 3.7e-5)
#: The largest derivative of which differences still tell the next one.
STEEPEST = 1e6


class Verdict(NamedTuple):
    """What was found, by which road: ``clean``, ``general`` or none."""

    kind: str
    detail: str = ""
    road: str = ""

    @property
    def is_defect(self) -> bool:
        return self.kind.startswith(DEFECTS)

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" if self.detail else self.kind


def points() -> list[tuple[Any, ...]]:
    """Arguments, made anew: in one piece, in pieces, and with loops of no turns.

    No number in them is one that a program may hold: that would be a kink of a maximum.
    """
    x, a, t = (np.sin(np.arange(1.0, 1 + n) * 1.7 + n) for n in (4, 12, 24))
    first = (x, a.reshape(3, 4), t.reshape(2, 3, 4), 0.3717, 3)
    spread = np.zeros(8)
    spread[::2] = -x * 0.8
    second = (spread[::2], (0.9 * a).reshape(4, 3).T, 1.1 * first[2], -0.6113, 2)
    third = (x[::-1], np.asfortranarray(first[1][::-1]), first[2].copy(), 0.8319, 0)
    return [first, second, third]


def copied(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments for a call that may change them; they lie in memory as before."""
    return tuple(
        np.array(a, copy=True, order="K") if isinstance(a, np.ndarray) else a for a in args
    )


def judged(text: str, name: str, orders: int = 2) -> list[Verdict]:
    """What is found of a program, until something is wrong."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.suppress(StopIteration):
        warnings.simplefilter("ignore")
        return list(_verdicts(text, name, orders))
    return []


def _verdicts(text: str, name: str, orders: int) -> Iterator[Verdict]:
    function = loaded(text, f"views {name}")
    judge = Judge(function, name, orders)
    for place, point in enumerate(points()):
        try:
            expected = function(*copied(point))
        except Exception as raised:
            yield Verdict("primal raises", repr(raised))
            return
        if not np.isfinite(expected) or abs(expected) > 1e6:
            yield Verdict("too large")
            continue
        try:
            found = list(judge.at(point, expected))
        except DifferentiationError as refusal:
            yield judge.refused(refusal, "")
            return
        except Exception as raised:
            yield Verdict(f"raises {type(raised).__name__}", f"{raised} at point {place}")
            return
        yield from found
        if any(v.is_defect for v in found):
            return


class Judge:
    """All derivatives of one program."""

    def __init__(self, function: Callable[..., Any], name: str, orders: int) -> None:
        self.function = function
        self.orders = orders
        self.gradient = grad(function, WRT)
        self.valued = value_and_grad(function, WRT)
        self.pullback = vjp(function)
        curvature = "def f(x, A, T, s, n):\n    g = gradient(x, A, T, s, n)\n"
        curvature += "    return np.sum(np.cos(g[0])) + np.sum(np.sin(g[1])) + g[3] * g[3]\n"
        self.slope = loaded(curvature, f"curvature {name}")
        self.slope.__globals__.update(np=np, gradient=self.gradient)
        self.second = grad(self.slope, WRT)

    @staticmethod
    def refused(refusal: DifferentiationError, order: str) -> Verdict:
        if "internal" in str(refusal.msg):
            return Verdict(f"internal error{order}", f"{refusal.msg} line {refusal.lineno}")
        return Verdict(f"refused{order}", refusal_kind(refusal))

    def at(self, point: tuple[Any, ...], expected: Any) -> Iterator[Verdict]:
        given = copied(point)
        value, gradients = self.valued(*given)
        road = "general" if self.valued.__sourcediff__.latest.is_general else "clean"
        if not all(np.array_equal(a, b) for a, b in zip(given, point, strict=True)):
            yield Verdict("wrong: an argument was changed")
            return
        if np.array(value).tobytes() != np.array(expected).tobytes():
            yield Verdict("wrong value", f"{value!r} for {expected!r}")
            return
        yield from self.shapes(given, gradients)
        alone = self.gradient(*copied(point))
        if not agree(alone, gradients, 1e-10, 1e-12):
            yield Verdict("wrong: with the value otherwise than alone", f"{gradients}, {alone}")
            return
        if any(np.isnan(g).any() for g in gradients) and self.overflows(point):
            yield Verdict("nan where a value overflows", road=road)
            return
        right = self.by_differences(self.function, point, gradients)
        yield right or Verdict("first order", road=road)
        if right:
            return
        yield from self.by_pullback(point, expected, gradients)
        yield from self.by_tangents(point, expected, gradients)
        if max(np.max(np.abs(g), initial=0.0) for g in gradients) > STEEPEST:
            yield Verdict("too steep for differences")
        elif self.orders > 1:
            yield from self.twice(point)

    def overflows(self, point: tuple[Any, ...]) -> bool:
        """Whether a number is too large on the way, which may be one that nobody reads."""
        try:
            with np.errstate(over="raise"):
                self.function(*copied(point))
        except FloatingPointError:
            return True
        return False

    @staticmethod
    def shapes(args: tuple[Any, ...], gradients: tuple[Any, ...]) -> Iterator[Verdict]:
        """A gradient has the shape of its argument, and shares memory with nothing."""
        arrays = [a for a in (*args, *gradients) if isinstance(a, np.ndarray)]
        for place, one in enumerate(arrays):
            if any(np.may_share_memory(one, other) for other in arrays[place + 1 :]):
                yield Verdict("wrong: a gradient shares memory")
        for arg, gradient in zip(args, gradients, strict=False):
            if np.shape(gradient) != np.shape(arg) or (
                isinstance(arg, np.ndarray) and gradient.dtype != arg.dtype
            ):
                yield Verdict("wrong shape", f"{np.shape(gradient)} for {np.shape(arg)}")

    def by_differences(
        self,
        function: Callable[..., Any],
        point: tuple[Any, ...],
        gradients: Any,
        steepest: float = STEEPEST**1.5,
    ) -> Verdict | None:
        """What is wrong, number by number; a number that lies at a kink says nothing.

        Args:
            steepest: the largest derivative that differences tell.
        """
        for place in WRT:
            for index in np.ndindex(np.shape(point[place])):
                actual = float(np.asarray(gradients[place])[index])
                tried = [slope(function, point, place, index, h) for h in STEPS]
                (first, _), (second, rounding) = tried
                doubt = 1e-5 + 1e-6 * abs(second) + 20 * abs(first - second) + rounding
                tells = doubt <= 1e-3 * (1 + abs(second)) and abs(second) <= steepest
                if not tells or abs(actual - second) <= doubt:
                    continue
                where = f"{'xATs'[place]}{list(index)}"
                return Verdict("wrong by differences", f"{where}: {actual} for {second}")
        return None

    def by_pullback(
        self, point: tuple[Any, ...], expected: Any, gradients: tuple[Any, ...]
    ) -> Iterator[Verdict]:
        try:
            value, pullback = self.pullback(*copied(point))
            if np.array(value).tobytes() != np.array(expected).tobytes():
                yield Verdict("wrong value of the pullback's", f"{value!r} for {expected!r}")
            pullback(0.3)
            found = pullback(1.0)[:4]
        except DifferentiationError as refusal:
            yield self.refused(refusal, " by vjp")
            return
        except Exception as raised:
            yield Verdict(f"raises {type(raised).__name__} in vjp", str(raised))
            return
        found = [
            np.zeros(np.shape(p)) if g is None else g for g, p in zip(found, point, strict=False)
        ]
        right = agree(found, gradients, 1e-9, 1e-11)
        yield Verdict("pullback") if right else Verdict("wrong pullback", f"{found}, {gradients}")

    def by_tangents(
        self, point: tuple[Any, ...], expected: Any, gradients: tuple[Any, ...]
    ) -> Iterator[Verdict]:
        """The slope in one direction is that of the gradient."""
        along = [np.cos(1.7 * np.arange(1.0, 1 + np.size(p))).reshape(np.shape(p)) for p in point]
        tangents = [a if np.ndim(a) else float(a) for a in along[:4]]
        try:
            value, found = jvp(self.function, copied(point), (*tangents, None))
        except DifferentiationError as refusal:
            yield self.refused(refusal, " by jvp")
            return
        except Exception as raised:
            yield Verdict(f"raises {type(raised).__name__} in jvp", str(raised))
            return
        if np.array(value).tobytes() != np.array(expected).tobytes():
            yield Verdict("wrong value of jvp's", f"{value!r} for {expected!r}")
        parts = [np.sum(g * a) for g, a in zip(gradients, along, strict=False)]
        sizes = [np.sum(np.abs(g * a)) for g, a in zip(gradients, along, strict=False)]
        right = np.isclose(
            found, sum(parts), rtol=0.0, atol=1e-8 * (1 + sum(sizes)), equal_nan=True
        )
        yield Verdict("tangent") if right else Verdict("wrong tangent", f"{found}, {sum(parts)}")

    def twice(self, point: tuple[Any, ...]) -> Iterator[Verdict]:
        try:
            gradients = self.second(*copied(point))
        except DifferentiationError as refusal:
            yield self.refused(refusal, " at order two")
            return
        except Exception as raised:
            yield Verdict(f"raises {type(raised).__name__} at order two", str(raised))
            return
        # A cosine of a gradient is beyond its period in a step that changes this by more than one.
        wrong = self.by_differences(self.slope, point, gradients, 1.0 / max(STEPS))
        yield wrong._replace(kind="wrong at order two") if wrong else Verdict("second order")


def agree(one: Any, other: Any, relative: float, absolute: float) -> bool:
    """Whether gradients are equal but for rounding."""
    return all(
        np.allclose(a, b, rtol=relative, atol=absolute, equal_nan=True)
        for a, b in zip(one, other, strict=True)
    )


def slope(
    function: Callable[..., Any], point: tuple[Any, ...], place: int, index: Any, step: float
) -> tuple[float, float]:
    """The derivative in one number by a central difference, and how far rounding may put it off."""
    values = []
    for moved in (step, -step):
        args = list(copied(point))
        if isinstance(args[place], np.ndarray):
            args[place][index] += moved
        else:
            args[place] += moved
        values.append(function(*args))
    rounding = 8 * np.finfo(float).eps * max(map(abs, values)) / step
    return float(values[0] - values[1]) / (2 * step), float(rounding)
