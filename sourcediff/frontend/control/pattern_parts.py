"""What a pattern of a sequence or of a mapping looks at: its length or keys, and its parts.

    case [a, b]:              len(xs) == 2, and then xs[0] and xs[1]
    case {"mu": mu}:          "mu" in d, and then d["mu"]

A subject whose kind is known to be no such thing does not match; one of a kind that may be one
and is not known here is refused.

>>> from sourcediff import grad
>>> def area(sides):
...     match sides:
...         case [a]:
...             return a * a
...         case [a, b]:
...             return a * b
>>> grad(area)([2.0, 3.0]), grad(area)([2.0])
([3.0, 2.0], [4.0])
"""

from __future__ import annotations

import ast
import builtins
import collections.abc
from collections.abc import Callable
from functools import partial
from typing import Any

from sourcediff.frontend.containers.containers import item, slice_of
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved_objects import item_of_known
from sourcediff.frontend.operators import operate_comparison
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Choice,
    Closure,
    Dissolved,
    Once,
    Rec,
    Ref,
    Static,
    Tup,
)
from sourcediff.ir import Atom, Const, Value
from sourcediff.types import BOOL, INT, NONE

__all__ = ["Part", "parts_of_mapping", "parts_of_sequence", "present"]

#: Reads a part of what has matched, or tests for one.
Part = Callable[[], Binding]

FALSE = Const(False, BOOL)

_SEQUENCES = ("List", "Deque", "Sequence", "Range")
#: The kinds of types whose values are neither sequences nor mappings.
_NEITHER = ("Real", "Int", "Bool", "Str", "None", "Set", "Array", "Member", "Draws")


def present(lowering: Lowering, subject: Binding) -> Binding | None:
    """The test that a subject is not None; None where it cannot be."""
    if isinstance(subject, Value) and subject.type.kind == "Optional":
        return operate_comparison(lowering, ast.IsNot(), subject, Const(None, NONE))
    return None


def _there(lowering: Lowering, subject: Binding) -> Binding:
    if isinstance(subject, Value) and subject.type.kind == "Optional":
        subject = lowering.narrowed(subject)
    if isinstance(subject, Value) and subject.type.kind == "Tuple":
        return lowering.dissolve(subject, subject.type.cls or tuple)
    return subject


def parts_of_sequence(
    lowering: Lowering, pattern: ast.MatchSequence, subject: Binding
) -> tuple[Binding, list[Part]]:
    """Whether a subject that is not None has as many items as a pattern; and what reads them."""
    count = len(pattern.patterns)
    subject = _there(lowering, subject)
    star = next((n for n, p in enumerate(pattern.patterns) if isinstance(p, ast.MatchStar)), None)
    if isinstance(subject, Tup) and not isinstance(subject, Once):
        return _known_parts(lowering, pattern, subject, star)
    kind = subject.type.kind if isinstance(subject, Value | Const) else None
    if kind in _SEQUENCES:
        assert isinstance(subject, Value | Const)
        whole = subject
        long = _length(lowering, subject, pattern)
        test = operate_comparison(lowering, ast.Eq(), long, Const(count, INT))
        places = [Const(place, INT) for place in range(count)]
        reads: list[Part] = [partial(item, lowering, whole, p, pattern) for p in places]
        if star is not None:
            if kind != "List":
                lowering.error(
                    "a starred pattern is supported for lists and tuples only",
                    pattern,
                    "make a list of it",
                )
            test = operate_comparison(lowering, ast.GtE(), long, Const(count - 1, INT))
            for place in range(star + 1, count):
                last = Const(place - count, INT)
                reads[place] = partial(item, lowering, whole, last, pattern)
            reads[star] = partial(_between, lowering, whole, star, star + 1 - count, pattern)
        return test, reads
    _require_other(lowering, pattern, subject, collections.abc.Sequence)
    return FALSE, []


def _known_parts(
    lowering: Lowering, pattern: ast.MatchSequence, subject: Tup, star: int | None
) -> tuple[Binding, list[Part]]:
    """The same of a subject that is known item by item."""
    items, count = list(subject.items), len(pattern.patterns)
    if len(items) != count if star is None else len(items) < count - 1:
        return FALSE, []
    if star is not None:
        end = len(items) - (count - 1 - star)
        rest = lowering.known_list(pattern.patterns[star], items[star:end])
        items[star:end] = [rest]
    return Const(True, BOOL), [partial(lambda one: one, one) for one in items]


def _between(lowering: Lowering, whole: Atom, first: int, last: int, node: ast.AST) -> Binding:
    """The items between the first ones and the last ones: a list."""
    none = Const(None, NONE)
    stop = none if last == 0 else Const(last, INT)
    return item(lowering, whole, slice_of(lowering, [Const(first, INT), stop, none]), node)


def _length(lowering: Lowering, subject: Binding, node: ast.AST) -> Binding:
    from sourcediff.frontend.calls.calls import call

    return call(lowering, Static(len, Ref("module", builtins, ("len",))), [subject], {}, node)


def parts_of_mapping(
    lowering: Lowering, pattern: ast.MatchMapping, keys: list[Binding], subject: Binding
) -> tuple[list[Part], list[Part]]:
    """The tests that a subject that is not None has the keys; and what reads their values."""
    subject = _there(lowering, subject)
    is_dict = isinstance(subject, Rec) or (isinstance(subject, Dissolved) and subject.cls is dict)
    kind = subject.type.kind if isinstance(subject, Value | Const) else None
    if not is_dict and kind not in ("Dict", "Record"):
        _require_other(lowering, pattern, subject, collections.abc.Mapping)
        return [lambda: FALSE], []
    whole: Any = subject
    if kind == "Record":
        _require_keys(lowering, pattern, keys, whole)
    tests: list[Part] = [
        partial(operate_comparison, lowering, ast.In(), key, whole) for key in keys
    ]
    if isinstance(subject, Rec):
        return tests, [partial(lambda key: whole.items[key.value], key) for key in keys]
    if isinstance(subject, Dissolved):
        return tests, [partial(item_of_known, lowering, whole, key, pattern) for key in keys]
    return tests, [partial(item, lowering, whole, key, pattern) for key in keys]


def _require_keys(
    lowering: Lowering, pattern: ast.MatchMapping, keys: list[Binding], whole: Value
) -> None:
    """Refuse a key of which it is not known what a dict would hold there."""
    for key in keys:
        if not isinstance(key, Const) or key.value not in whole.type.slots:
            lowering.error(
                "a pattern with a key that this dict may not have is not supported here",
                pattern,
                "give all dicts the same keys, or use classes",
            )


def _require_other(
    lowering: Lowering, pattern: ast.pattern, subject: Binding, wanted: type
) -> None:
    """Refuse a subject that may match, as far as is known here."""
    cls: type | None = None
    if isinstance(subject, Value | Const):
        kind = subject.type.kind
        dict_like = kind in ("Dict", "Record") and wanted is collections.abc.Sequence
        list_like = kind in _SEQUENCES and wanted is collections.abc.Mapping
        if kind in _NEITHER or dict_like or list_like:
            return
        cls = subject.type.cls if kind in ("Object", "Instance") else None
    elif isinstance(subject, Dissolved | Tup):
        cls = subject.cls
        if isinstance(subject, Once):
            return
    elif isinstance(subject, Static):
        cls = type(subject.object)
        if cls is str:
            return
    elif isinstance(subject, Rec | Closure | Bound | Choice):
        return
    if cls is None or issubclass(cls, wanted):
        lowering.error(f"a pattern of parts for {describe(subject)} is not supported", pattern)
