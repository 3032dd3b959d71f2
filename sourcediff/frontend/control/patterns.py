"""Lowering of ``match``: each case is a test and the names it captures.

Patterns of constants, alternatives, captures, wildcards, sequences, mappings and classes are
supported; they become an if/elif chain.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial

from sourcediff.frontend.complexes.values import asks_for_class
from sourcediff.frontend.control.joins import FALLS, Outcome
from sourcediff.frontend.control.pattern_parts import (
    Part,
    parts_of_mapping,
    parts_of_sequence,
    present,
)
from sourcediff.frontend.expressions import lower_expression
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.attributes import attribute_of
from sourcediff.frontend.operators import conjunction, operate_comparison
from sourcediff.frontend.values import Binding, Dissolved, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.types import BOOL

__all__ = ["lower_match"]

Body = Callable[[list[ast.stmt]], Outcome]
Rest = Callable[[], Outcome]

TRUE = Const(True, BOOL)
FALSE = Const(False, BOOL)


def lower_match(lowering: Lowering, node: ast.Match, body: Body, rest: Rest) -> Outcome:
    """A match statement with what follows it."""
    subject = lower_expression(lowering, node.subject)
    if isinstance(subject, Value) and subject.type.kind == "Tuple":
        subject = dissolved(lowering, subject)

    def case(place: int) -> Outcome:
        if place == len(node.cases):
            return FALLS
        this = node.cases[place]
        lowering.node = this.pattern
        test = matches(lowering, this.pattern, subject)

        def guarded() -> Binding:
            capture(lowering, this.pattern, subject)
            assert this.guard is not None
            return lower_expression(lowering, this.guard)

        def chosen() -> Outcome:
            capture(lowering, this.pattern, subject)
            return body(this.body)

        if this.guard is not None:
            test = conjunction(lowering, test, guarded)
        # Only the outermost branch is followed by the rest; the cases nest in its else arm.
        following = rest if place == 0 else _falls
        return lowering.branch(test, chosen, lambda: case(place + 1), following)

    return case(0)


def dissolved(lowering: Lowering, whole: Value) -> Binding:
    """A tuple as its items, to any depth."""
    return lowering.dissolve(whole, whole.type.cls or tuple)


def _falls() -> Outcome:
    return FALLS


def matches(lowering: Lowering, pattern: ast.pattern, subject: Binding) -> Binding:
    """Whether a pattern matches: a truth value, known or of the run."""
    if isinstance(pattern, ast.MatchValue):
        value = lower_expression(lowering, pattern.value)
        return operate_comparison(lowering, ast.Eq(), subject, value)
    if isinstance(pattern, ast.MatchSingleton):
        constant = lowering.constant(pattern.value)
        assert constant is not None
        return operate_comparison(lowering, ast.Is(), subject, constant)
    if isinstance(pattern, ast.MatchAs):
        return TRUE if pattern.pattern is None else matches(lowering, pattern.pattern, subject)
    if isinstance(pattern, ast.MatchOr):
        first, *others = pattern.patterns
        if any(_names(p) for p in pattern.patterns):
            lowering.error("alternatives that capture names are not supported", pattern)
        test = matches(lowering, first, subject)
        for other in others:
            test = lowering.choose(
                test,
                lambda: TRUE,
                lambda other=other: matches(lowering, other, subject),  # type: ignore[misc]
                "or",
            )
        return test
    if isinstance(pattern, ast.MatchSequence):
        return _sequence(lowering, pattern, subject)
    if isinstance(pattern, ast.MatchMapping):
        return _mapping(lowering, pattern, subject)
    if isinstance(pattern, ast.MatchClass) and (
        lowering.faithful or isinstance(subject, Dissolved | Tup)
    ):
        return _of_class(lowering, pattern, subject)
    lowering.error(
        "this kind of pattern is not supported", pattern, "test with isinstance and if instead"
    )


def _of_class(lowering: Lowering, pattern: ast.MatchClass, subject: Binding) -> Binding:
    """``Point(x=0, y=y)``, where the class of the subject is known."""
    wanted = lower_expression(lowering, pattern.cls)
    cls = wanted.object if isinstance(wanted, Static) else None
    asks_for_class(lowering, subject)
    own = subject.cls if isinstance(subject, Tup | Dissolved) else None
    if isinstance(subject, Value) and subject.type.kind in ("Object", "Tuple"):
        own = subject.type.cls
    if not isinstance(cls, type) or own is None:
        lowering.error("a pattern of a class is not supported here", pattern)
    if not issubclass(own, cls):
        return FALSE
    test: Binding = TRUE
    for inner, name in _fields(lowering, pattern, cls):
        part = partial(attribute_of, lowering, subject, name)
        test = conjunction(lowering, test, lambda i=inner, p=part: matches(lowering, i, p()))  # type: ignore[misc]
    return test


def _fields(
    lowering: Lowering, pattern: ast.MatchClass, cls: type
) -> list[tuple[ast.pattern, str]]:
    names = getattr(cls, "__match_args__", ())
    if len(pattern.patterns) > len(names):
        lowering.error(f"{cls.__name__} has {len(names)} positional patterns", pattern)
    return [
        *zip(pattern.patterns, names, strict=False),
        *zip(pattern.kwd_patterns, pattern.kwd_attrs, strict=True),
    ]


def _sequence(lowering: Lowering, pattern: ast.MatchSequence, subject: Binding) -> Binding:
    """``[a, b]``."""

    def behind() -> Binding:
        test, parts = parts_of_sequence(lowering, pattern, subject)
        for inner, part in zip(pattern.patterns, parts, strict=False):
            test = conjunction(lowering, test, partial(_part, lowering, inner, part))
        return test

    there = present(lowering, subject)
    return behind() if there is None else conjunction(lowering, there, behind)


def _mapping(lowering: Lowering, pattern: ast.MatchMapping, subject: Binding) -> Binding:
    """``{"a": 1.0, "b": b}``."""
    if pattern.rest is not None:
        lowering.error("a pattern of the other keys is not supported", pattern, "name the keys")

    def behind() -> Binding:
        keys = _keys(lowering, pattern)
        tests, parts = parts_of_mapping(lowering, pattern, keys, subject)
        test: Binding = TRUE
        for one in tests:
            test = conjunction(lowering, test, one)
        for inner, part in zip(pattern.patterns, parts, strict=False):
            test = conjunction(lowering, test, partial(_part, lowering, inner, part))
        return test

    there = present(lowering, subject)
    return behind() if there is None else conjunction(lowering, there, behind)


def _keys(lowering: Lowering, pattern: ast.MatchMapping) -> list[Binding]:
    return [lower_expression(lowering, key) for key in pattern.keys]


def _part(lowering: Lowering, pattern: ast.pattern, part: Part) -> Binding:
    plain = isinstance(pattern, ast.MatchAs) and pattern.pattern is None
    if plain or isinstance(pattern, ast.MatchStar):
        return TRUE  # which does not look at it
    return matches(lowering, pattern, part())


def capture(lowering: Lowering, pattern: ast.pattern, subject: Binding) -> None:
    """Bind the names of a pattern that has matched."""
    if isinstance(pattern, ast.MatchAs):
        if pattern.pattern is not None:
            capture(lowering, pattern.pattern, subject)
        if pattern.name is not None:
            lowering.bind(pattern.name, subject)
    elif isinstance(pattern, ast.MatchStar):
        if pattern.name is not None:
            lowering.bind(pattern.name, subject)
    elif isinstance(pattern, ast.MatchClass):
        wanted = lower_expression(lowering, pattern.cls)
        if isinstance(wanted, Static):
            for inner, name in _fields(lowering, pattern, wanted.object):
                if _names(inner):
                    capture(lowering, inner, attribute_of(lowering, subject, name))
    elif isinstance(pattern, ast.MatchSequence | ast.MatchMapping):
        if isinstance(pattern, ast.MatchSequence):
            _, parts = parts_of_sequence(lowering, pattern, subject)
        else:
            keys = _keys(lowering, pattern)
            _, parts = parts_of_mapping(lowering, pattern, keys, subject)
        for inner, part in zip(pattern.patterns, parts, strict=False):
            if _names(inner):
                capture(lowering, inner, part())


def _names(pattern: ast.pattern) -> list[str]:
    return [
        n.name
        for n in ast.walk(pattern)
        if isinstance(n, ast.MatchAs | ast.MatchStar) and n.name is not None
    ]
