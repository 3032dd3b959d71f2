"""Holds a derivative against its primal, a reference and differences, and says what is wrong.

One place decides what "right" means, for the corpus, for the generated programs and for the
fuzzing command.  Nothing here knows how a derivative is made: a derivative comes in an
``Engine``, so that a deliberately wrong one can be passed in to test the comparison itself.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.differences import Estimate, difference
from tests.outcome import Outcome, close, is_explicit, run, same_bits

# Two exact methods differ by rounding only; the adjoint may factor and re-associate.
RTOL = 1e-9
ATOL = 1e-11
# Differences carry their own estimate of error, to which this is added.
DIFFERENCE_RTOL = 1e-6
DIFFERENCE_ATOL = 1e-9
# How far from a point its neighbours are, relative to the argument: not on the grid of the
# differences, and not so near that tanh(x) == x.
ISOLATION = 2.9e-4

AGREED = "agreed"
RAISED = "raised"
RAISED_ONLY_IN_PRIMAL = "raised only in primal"
RAISED_OTHERWISE = "raised another arithmetic exception"
UNDEFINED = "partial undefined"
REFUSED = "refused"
WRONG = "wrong"

Argnums = int | tuple[int, ...]


@dataclass(frozen=True)
class Engine:
    """A way to differentiate: the public functions of the compiler, or stand-ins for them.

    ``reference(function, *args, argnums=...)`` is an independent exact derivative, or None
    where differences are to judge alone.  ``refusal`` is the exception that says that a
    program is not supported.
    """

    grad: Callable[..., Callable[..., Any]]
    value_and_grad: Callable[..., Callable[..., Any]]
    reference: Callable[..., Any] | None
    refusal: type[Exception]


@dataclass(frozen=True)
class Verdict:
    """What a comparison found.

    ``reason`` groups verdicts of one kind (a shrunk program must fail for the same reason),
    ``detail`` holds the figures.  ``unchecked`` names what could not be judged, so that a
    check that never ran is seen in the summary.
    """

    kind: str
    reason: str = ""
    detail: str = ""
    unchecked: tuple[str, ...] = ()


class _Wrong(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.verdict = Verdict(WRONG, reason, detail)


def compare(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    argnums: Argnums,
    engine: Engine,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> Verdict:
    """Holds the engine's derivative of a function at one point against all that is known of it."""
    return Comparison(function, argnums, engine, rtol=rtol, atol=atol).at(args)


class Comparison:
    """Compares one function at any number of points; its derivatives are made once.

    The value must be bit-identical, the printed text identical, a second call must return the
    same bits, the gradient must agree with the reference and with central differences, and an
    exception of the primal must be raised by the derivative too.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        argnums: Argnums,
        engine: Engine,
        *,
        rtol: float = RTOL,
        atol: float = ATOL,
    ) -> None:
        self.function = function
        self.argnums = argnums
        self.engine = engine
        self.rtol = rtol
        self.atol = atol
        self._grad = cache(engine.grad)
        self._value_and_grad = cache(engine.value_and_grad)

    @property
    def wanted(self) -> tuple[int, ...]:
        return self.argnums if isinstance(self.argnums, tuple) else (self.argnums,)

    def at(self, args: tuple[Any, ...]) -> Verdict:
        """Compares at one point."""
        # A derivative is compiled at its first call, so making it and calling it go together.
        primal = run(lambda: self.function(*args))
        gradient = run(lambda: self._grad(self.function, self.argnums)(*args))
        pair = run(lambda: self._value_and_grad(self.function, self.argnums)(*args))
        try:
            _check_internal(gradient.exception)
            _check_internal(pair.exception)
            refusals = [isinstance(o.exception, self.engine.refusal) for o in (gradient, pair)]
            if all(refusals):
                return Verdict(REFUSED, refusal_kind(gradient.exception), str(gradient.exception))
            if any(refusals):
                raise _Wrong("refused by only one of grad and value_and_grad", repr(pair))
            if primal.exception is not None:
                return _raised(primal, gradient, pair)
            if gradient.exception is not None or pair.exception is not None:
                return self._undefined(args, gradient, pair)
            return self._computed(args, primal, gradient, pair)
        except _Wrong as wrong:
            return wrong.verdict

    def _computed(
        self, args: tuple[Any, ...], primal: Outcome, gradient: Outcome, pair: Outcome
    ) -> Verdict:
        if not isinstance(pair.value, tuple) or len(pair.value) != 2:
            raise _Wrong("value_and_grad returned no pair", repr(pair.value))
        if not same_bits(pair.value[0], primal.value):
            raise _Wrong("value differs", f"{pair.value[0]!r} for {primal.value!r}")
        _check_printed(primal, gradient, pair)

        leaves, others = self._numbers(gradient.value), self._numbers(pair.value[1])
        if not close(leaves, others, rtol=self.rtol, atol=self.atol):
            raise _Wrong("grad and value_and_grad differ", f"{leaves!r} and {others!r}")
        again = run(lambda: self._grad(self.function, self.argnums)(*args))
        if again.exception is not None or not same_bits(again.value, gradient.value):
            raise _Wrong("second call differs", f"{gradient.value!r}, then {again!r}")

        unchecked = self._held_against_reference(args, gradient.value)
        confirmed = self.engine.reference is not None and not unchecked
        for argnum, leaf in zip(self.wanted, leaves, strict=True):
            unchecked += self._held_against_differences(args, argnum, leaf, confirmed)
        return Verdict(AGREED, unchecked=tuple(unchecked))

    def _numbers(self, gradient: Any) -> tuple[float, ...]:
        """Returns one number for each argument: a tuple is promised where one was asked for."""
        leaves = gradient if isinstance(self.argnums, tuple) else (gradient,)
        if not isinstance(leaves, tuple) or len(leaves) != len(self.wanted):
            raise _Wrong("gradient of another shape", f"{gradient!r} for argnums={self.argnums!r}")
        if any(type(leaf) not in (float, int) for leaf in leaves):
            raise _Wrong("gradient is not a number", repr(gradient))
        return leaves

    def _reference(self, args: tuple[Any, ...]) -> Outcome:
        reference = self.engine.reference
        assert reference is not None
        return run(lambda: reference(self.function, *args, argnums=self.argnums))

    def _held_against_reference(self, args: tuple[Any, ...], gradient: Any) -> list[str]:
        if self.engine.reference is None:
            return []
        expected = self._reference(args)
        if expected.exception is not None:
            return [f"reference raised {type(expected.exception).__name__}"]
        if not close(gradient, expected.value, rtol=self.rtol, atol=self.atol):
            raise _Wrong(
                "gradient differs from the reference", f"{gradient!r} for {expected.value!r}"
            )
        return []

    def _held_against_differences(
        self, args: tuple[Any, ...], argnum: int, leaf: float, confirmed: bool
    ) -> list[str]:
        estimate = difference(self.function, args, argnum)
        if estimate is None:
            return ["differences undecided"]
        if agrees(leaf, estimate):
            return []
        if confirmed and self._is_isolated(args, argnum):
            return ["isolated point"]
        raise _Wrong(
            "gradient differs from differences",
            f"argument {argnum}: {leaf!r} for {estimate.value!r} ± {estimate.error:.1e}",
        )

    def _is_isolated(self, args: tuple[Any, ...], argnum: int) -> bool:
        """Returns whether derivative and differences agree at both sides, only not here.

        ``if x == 0.0`` takes a branch at one point of the line.  The branch is what is
        differentiated, while differences see the line without the point.
        """
        x = args[argnum]
        for distance in (-ISOLATION, ISOLATION):
            moved = (*args[:argnum], x + distance * (abs(x) or 1.0), *args[argnum + 1 :])
            beside = run(lambda moved=moved: self._grad(self.function, argnum)(*moved))
            estimate = difference(self.function, moved, argnum)
            if beside.exception is not None or estimate is None:
                return False
            if not agrees(beside.value, estimate):
                return False
        return True

    def _undefined(self, args: tuple[Any, ...], gradient: Outcome, pair: Outcome) -> Verdict:
        """The derivative alone raised: right only where a partial has no value."""
        exceptions = [gradient.exception, pair.exception]
        arithmetic = all(isinstance(e, ArithmeticError | ValueError) for e in exceptions)
        if arithmetic and self.engine.reference is not None:
            expected = self._reference(args)
            if isinstance(expected.exception, ArithmeticError | ValueError):
                return Verdict(UNDEFINED)
        name = type(gradient.exception or pair.exception).__name__
        raise _Wrong(f"derivative raised {name}", f"{exceptions!r}")


def agrees(derivative: Any, estimate: Estimate) -> bool:
    """Returns whether a derivative agrees with differences, as far as these can be trusted."""
    atol = DIFFERENCE_ATOL + estimate.error
    return close(derivative, estimate.value, rtol=DIFFERENCE_RTOL, atol=atol)


def _raised(primal: Outcome, gradient: Outcome, pair: Outcome) -> Verdict:
    """The function raised: so must the derivative, but for an operation that it does not need."""
    assert primal.exception is not None
    explicit = is_explicit(primal.exception)
    # An unbound name is told by its class: what it is called is not promised.
    by_statement = explicit and not isinstance(primal.exception, NameError)
    kind = RAISED
    for outcome in (gradient, pair):
        figures = f"{outcome.exception!r} for {primal.exception!r}"
        if outcome.exception is None:
            if explicit:
                raise _Wrong("exception lost", figures)
            kind = RAISED_ONLY_IN_PRIMAL
            continue
        if type(outcome.exception) is not type(primal.exception):
            both = (primal.exception, outcome.exception)
            if not explicit and all(isinstance(e, ArithmeticError | ValueError) for e in both):
                # grad needs no log(x): at 0 it meets 1 / x first.
                kind = RAISED_OTHERWISE
                continue
            raise _Wrong(f"another exception: {type(outcome.exception).__name__}", figures)
        if by_statement and outcome.exception.args != primal.exception.args:
            raise _Wrong("another message", figures)
        _check_printed(primal, outcome)
    return Verdict(kind)


def _check_printed(primal: Outcome, *outcomes: Outcome) -> None:
    for outcome in outcomes:
        if outcome.printed != primal.printed:
            raise _Wrong("printed text differs", f"{outcome.printed!r} for {primal.printed!r}")


def _check_internal(exception: Exception | None) -> None:
    """A defect that is reported with the courtesy of a refusal is still a defect."""
    if exception is not None and str(getattr(exception, "msg", "")).startswith("internal error"):
        cause = exception.__cause__ or exception.__context__
        raise _Wrong(f"internal error: {type(cause).__name__}", str(exception))


def refusal_kind(exception: Exception | None) -> str:
    """Returns the first words of a refusal, without what it quotes from the program.

    >>> refusal_kind(SyntaxError("`while` loops are not supported here: write a for loop"))
    '… loops are not supported'
    """
    message = getattr(exception, "msg", None) or str(exception)
    message = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "…", message.partition("\n")[0])
    return " ".join(message.split()[:5])
