"""Holds the compiled forms of a program against plain Python, and says what differs.

A compiled form comes from an ``Engine``: the compiler, or a stand-in to test the comparison
itself.  Each run gets arguments made afresh and a module in its first state.
"""

import re
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.language.guard import TooSlow, within
from tests.language.snapshot import Again, First, Snapshot, Snapshots, float_of, values_alone
from tests.language.state import ModuleState
from tests.outcome import Outcome, run

# Plain Python takes milliseconds; an interpreter and a compiler take longer.
PLAIN_SECONDS = 2.0
ENGINE_SECONDS = 20.0

SAME = "same"
REFUSED = "refused"
WRONG = "wrong"
INTERNAL = "internal error"
UNUSABLE = "unusable"

Run = Callable[..., Any]


@dataclass(frozen=True)
class Engine:
    """Compiles a function for some arguments; each way to run what came of it has a name.

    ``source`` returns the text of what was compiled, to be shown with a failure.
    """

    compile: Callable[[Run, tuple[Any, ...]], dict[str, Run]]
    refusal: type[Exception]
    source: Callable[[Run, tuple[Any, ...]], str] = lambda function, args: ""


@dataclass(frozen=True)
class Verdict:
    """What a comparison found; ``reason`` groups verdicts of one kind."""

    kind: str
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Seen:
    """What can be seen of a run: the parts that must be the same."""

    result: Snapshot
    exception: Snapshot
    output: str
    arguments: Snapshot
    state: Snapshot

    def objects(self) -> tuple[Snapshot, ...]:
        """Returns the parts that may share objects, in the order of their numbers."""
        return self.arguments, self.result, self.state


class Comparison:
    """Compares one program with its compiled forms, for one tuple of arguments after another."""

    def __init__(self, entry: Run, engine: Engine, seconds: float = ENGINE_SECONDS) -> None:
        self.entry = entry
        self.engine = engine
        self.seconds = seconds
        self.state = ModuleState(vars_of(entry))
        self._compiled: dict[Snapshot, dict[str, Run]] = {}

    def at(self, make: Callable[[], tuple[Any, ...]]) -> Verdict:
        """Compares for the arguments that ``make`` returns."""
        try:
            expected, plain = self._seen(self.entry, make, PLAIN_SECONDS)
        except TooSlow:
            return Verdict(UNUSABLE, "plain Python does not end")
        again, _ = self._seen(self.entry, make, PLAIN_SECONDS)
        if again != expected:
            return Verdict(UNUSABLE, "plain Python does not repeat itself")
        self.state.restore()
        args = make()
        compiled = run(lambda: self._within(lambda: self.engine.compile(self.entry, args)))
        if compiled.exception is not None:
            return self._not_compiled(compiled.exception)
        forms = dict(compiled.value)
        # What was compiled for other values of the same kinds must do as well.
        kinds = kinds_of(make())
        for name, form in self._compiled.get(kinds, {}).items():
            forms[f"{name} for other values"] = form
        self._compiled.setdefault(kinds, compiled.value)
        for name, form in forms.items():
            verdict = self._verdict(name, form, make, expected, plain)
            if verdict.kind != SAME:
                return verdict
        return Verdict(SAME)

    def _within(self, call: Callable[[], Any]) -> Any:
        try:
            return within(self.seconds, call)
        except TooSlow:
            raise TimeoutError("does not end") from None

    def _not_compiled(self, exception: Exception) -> Verdict:
        message = str(getattr(exception, "msg", "") or exception)
        if isinstance(exception, self.engine.refusal) and not message.startswith("internal error"):
            return Verdict(REFUSED, rule_of(message), str(exception))
        cause = exception.__cause__ or exception.__context__ or exception
        return Verdict(INTERNAL, f"compiling: {type(cause).__name__}", f"{exception!r}")

    def _verdict(
        self, name: str, form: Run, make: Callable[[], Any], expected: Seen, plain: Outcome
    ) -> Verdict:
        try:
            actual, outcome = self._seen(form, make, self.seconds)
        except TooSlow:
            return Verdict(WRONG, f"{name}: does not end")
        if isinstance(outcome.exception, self.engine.refusal):
            return self._not_compiled(outcome.exception)
        difference = difference_of(actual, expected)
        if difference is None:
            return Verdict(SAME)
        part, got, wanted = difference
        if part == "exception":
            raised = (outcome.exception, plain.exception)
            names = " for ".join("none" if e is None else type(e).__name__ for e in raised)
            return Verdict(WRONG, f"{name}: {names}", f"{raised[0]!r} for {raised[1]!r}")
        return Verdict(WRONG, f"{name}: {part} differs", f"{got} for {wanted}")

    def _seen(
        self, function: Run, make: Callable[[], tuple[Any, ...]], seconds: float
    ) -> tuple[Seen, Outcome]:
        """Runs in the first state of the module, with new arguments."""
        self.state.restore()
        args = make()
        outcome = within(seconds, lambda: run(lambda: function(*args)))
        snapshots = Snapshots()
        # Arguments first: so the numbers say which part of the result is one of them.
        arguments = snapshots.of(args)
        result = snapshots.of(outcome.value)
        state = tuple(map(snapshots.of, self.state.values()))
        # A later comparison of the module begins where this one did.
        self.state.restore()
        exception = _described(outcome.exception)
        return Seen(result, exception, outcome.printed, arguments, state), outcome


def vars_of(entry: Run) -> dict[str, Any]:
    """Returns the module's dictionary of an entry, which is a plain function."""
    assert isinstance(entry, types.FunctionType)
    return entry.__globals__


def compare(entry: Run, make: Callable[[], tuple[Any, ...]], engine: Engine) -> Verdict:
    """Compares a function with its compiled forms for the arguments that ``make`` returns."""
    return Comparison(entry, engine).at(make)


def _described(exception: BaseException | None) -> Snapshot:
    if exception is None:
        return None
    if isinstance(exception, NameError):
        # What an unbound name is called is not promised; nor, before Python 3.12, its class in a
        # comprehension, which is a function of its own there.
        return type(exception) if sys.version_info >= (3, 12) else NameError
    attributes = vars(exception)
    cause = _described(exception.__cause__)
    return type(exception), Snapshots().of((exception.args, attributes)), cause


def difference_of(actual: Seen, expected: Seen) -> tuple[str, str, str] | None:
    """Returns which part of two runs differs, and the two texts; None where all is the same."""
    if actual.exception != expected.exception:
        both = (actual.exception, expected.exception)
        same_class = all(isinstance(e, tuple) for e in both) and both[0][0] is both[1][0]
        return "message" if same_class else "exception", str(both[0]), str(both[1])
    if actual.output != expected.output:
        return "output", repr(actual.output), repr(expected.output)
    got, wanted = actual.objects(), expected.objects()
    parts = zip(
        ("arguments", "result", "state"), values_alone(got), values_alone(wanted), strict=True
    )
    for part, one, other in parts:
        if one != other:
            return part, _excerpt(one, other), _excerpt(other, one)
    if got != wanted:
        return "aliasing", _excerpt(got, wanted), _excerpt(wanted, got)
    return None


def _excerpt(one: Any, other: Any) -> str:
    """Returns the innermost part in which two snapshots differ."""
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for a, b in zip(one, other, strict=True):
            if a != b:
                return _excerpt(a, b)
    if isinstance(one, str) and one.startswith("0x"):
        return repr(float_of(one))
    return repr(one)[:500]


def kinds_of(args: tuple[Any, ...]) -> Snapshot:
    """Returns the kinds of arguments: a snapshot with the classes of numbers in their place.

    A list counts by the kinds of what is in it, unless an object is in two places: then every
    place counts.

    >>> kinds_of(([1.5, 2.5], 3)) == kinds_of(([0.5], 4))
    True
    """
    snapshot = Snapshots().of(args)
    return _kinds(snapshot, is_shared=_has_shared(snapshot))


def _has_shared(snapshot: Snapshot) -> bool:
    if isinstance(snapshot, Again):
        return True
    return isinstance(snapshot, tuple) and any(map(_has_shared, snapshot))


def _kinds(snapshot: Snapshot, is_shared: bool) -> Snapshot:
    if isinstance(snapshot, First):
        cls, *parts = snapshot.contents
        if cls is list and not is_shared:
            return cls, frozenset(_kinds(item, is_shared) for item in parts[0])
        return snapshot.number if is_shared else -1, cls, _kinds(tuple(parts), is_shared)
    if isinstance(snapshot, str):
        return "float" if snapshot.startswith("0x") else snapshot
    if not isinstance(snapshot, tuple) or snapshot[:1] in ((str,), (type(None),)):
        return snapshot
    if snapshot[:1] in ((int,), (bool,)):
        return snapshot[0]
    return tuple(_kinds(part, is_shared) for part in snapshot)


def rule_of(message: str) -> str:
    """Returns a refusal without names and numbers, so that each rule of the compiler counts once.

    >>> rule_of("a list 'xs' of 3 items is not supported")
    'a list … of … items is not supported'
    """
    message = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "…", message.partition("\n")[0])
    return re.sub(r"-?\b\d[\d.e+-]*", "…", message)
