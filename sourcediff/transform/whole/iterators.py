"""What an iterator goes through, found from the call that made it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from sourcediff import memory, types
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.ir import Atom, Const, Op
from sourcediff.transform.whole.build import (
    FALSE,
    ZERO_INT,
    integer,
    refuse,
)
from sourcediff.transform.whole.cursors import (
    Cursor,
    Places,
    cursor_of,
    keys_of,
    listed,
)
from sourcediff.transform.whole.iteration import (
    Chained,
    Columns,
    Counted,
    Entries,
    Filtered,
    Mapped,
    Pairs,
    Picked,
    Sliced,
    Together,
)
from sourcediff.transform.whole.normal import Normal
from sourcediff.transform.whole.shapes import element, inner
from sourcediff.types import INT, OBJECT, Slot, list_of

__all__ = ["ITERATORS"]


def _of_iterator(normal: Normal, atom: Atom, op: Op) -> Cursor:
    made = normal.definition(atom)
    if made is None or normal.uses.get(made.result, 0) != 1:
        raise refuse(op.site, "an iterator that is kept is not supported", "make a list of it")
    args = normal.atoms(made.args)
    if made.primitive is memory.QUERY:
        name = made.attribute.name
        if name == "keys":
            return keys_of(normal.code, args[0])
        value = element(args[0].type)
        return Entries(normal, args[0], value, name == "items")
    assert made.primitive is PURE_CALL
    spec: CallSpec = made.attribute
    keywords = dict(zip(spec.keywords, args[len(args) - len(spec.keywords) :], strict=True))
    args = args[: len(args) - len(spec.keywords)]
    build = ITERATORS.get(spec.function)
    if build is None:
        raise refuse(op.site, f"going through {spec.function.__name__}() is not supported")
    found: Cursor = build(normal, args, keywords, made)
    return found


Keywords = dict[str, Atom]


def _zip(normal: Normal, args: Sequence[Atom], keywords: Keywords, op: Op) -> Cursor:
    if op.attribute.stars:
        if len(args) != 1 or keywords:
            raise refuse(op.site, "zip() of a spread-out sequence and others is not supported")
        rows = listed(normal, args[0], op)
        return Columns(normal.code, rows, op.result.type.slots["element"].type)
    strict = keywords.get("strict", FALSE)
    if not isinstance(strict, Const):
        raise refuse(op.site, "zip() with a computed 'strict' is not supported")
    return Together(normal, [cursor_of(normal, arg, op) for arg in args], bool(strict.value))


def _enumerate(normal: Normal, args: Sequence[Atom], keywords: Keywords, op: Op) -> Cursor:
    start = keywords.get("start", args[1] if len(args) > 1 else ZERO_INT)
    return Counted(normal, cursor_of(normal, args[0], op), start)


def _reversed(normal: Normal, args: Sequence[Atom], _keywords: Keywords, op: Op) -> Cursor:
    (whole,) = args
    if inner(whole.type).kind not in ("List", "Deque", "Range", "Str", "Tuple", "Sequence"):
        raise refuse(op.site, f"reversed() of a value of type {whole.type} is not supported")
    return Places(normal.code, whole, element(whole.type), backwards=True)


def _map(normal: Normal, args: Sequence[Atom], _keywords: Keywords, op: Op) -> Cursor:
    called, *wholes = args
    inside = Together(normal, [cursor_of(normal, arg, op) for arg in wholes], False)
    return Mapped(normal, called, inside, op)


def _filter(normal: Normal, args: Sequence[Atom], _keywords: Keywords, op: Op) -> Cursor:
    return Filtered(normal, args[0], cursor_of(normal, args[1], op), op)


def _iter(normal: Normal, args: Sequence[Atom], _keywords: Keywords, op: Op) -> Cursor:
    return cursor_of(normal, args[0], op)


def _picked(function: Any) -> Any:
    def build(normal: Normal, args: Sequence[Atom], _keywords: Keywords, op: Op) -> Cursor:
        code = normal.code
        pool = listed(normal, args[0], op)
        places = code.call(range, code.length(pool), type=types.RANGE)
        picks = code.call(function, places, *args[1:], type=OBJECT)
        kept = code.call(list, picks, type=list_of(Slot(OBJECT)))
        return Picked(normal, pool, kept)

    return build


def _islice(normal: Normal, args: Sequence[Atom], _keywords: Keywords, op: Op) -> Cursor:
    whole, *bounds = args
    if any(bound.type is not INT and bound.type is not types.NONE for bound in bounds):
        raise refuse(op.site, "islice() with what may be None is not supported")
    given = [None if bound.type is types.NONE else bound for bound in bounds]
    start, stop, step = [None, *given, None][:3] if len(given) == 1 else [*given, None][:3]
    inside = cursor_of(normal, whole, op)
    return Sliced(normal.code, inside, start or ZERO_INT, stop, step or integer(1))


def _pairwise(normal: Normal, args: Sequence[Atom], _keywords: Keywords, op: Op) -> Cursor:
    (whole,) = args
    return Pairs(normal, cursor_of(normal, whole, op), element(whole.type))


def _chain(normal: Normal, args: Sequence[Atom], _keywords: Keywords, op: Op) -> Cursor:
    if op.attribute.stars:
        raise refuse(op.site, "chain() of a spread-out sequence is not supported")
    inside = [cursor_of(normal, arg, op) for arg in args]
    return Chained(normal, inside, op.result.type.slots["element"].type)


ITERATORS: dict[Any, Any] = {
    zip: _zip,
    enumerate: _enumerate,
    reversed: _reversed,
    map: _map,
    filter: _filter,
    iter: _iter,
    itertools.chain: _chain,
    itertools.islice: _islice,
    itertools.pairwise: _pairwise,
    itertools.combinations: _picked(itertools.combinations),
    itertools.permutations: _picked(itertools.permutations),
}


Normal.iterators.append(_of_iterator)
