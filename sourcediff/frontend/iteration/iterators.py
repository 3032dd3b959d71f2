"""Lowering of what makes iterators, for derivatives: ``map``, ``filter``, ``zip``, `itertools`.

Each gives the stream that it stands for (see `streams`), or None where it is left as it is.
"""

from __future__ import annotations

import ast
import builtins
import functools
import itertools
from collections.abc import Callable, Iterable
from typing import Any

from sourcediff import types
from sourcediff.frontend.containers.containers import item, make_list, slice_of
from sourcediff.frontend.control.joins import DIVERGES, FALLS, Outcome
from sourcediff.frontend.frames import named_after
from sourcediff.frontend.iteration.folds import accumulated, reduced
from sourcediff.frontend.iteration.streams import (
    Turns,
    begun,
    early,
    endless,
    filtered,
    listed,
    mapped,
    nested,
    number,
    stopped,
    whole_of,
)
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.operators import operate, operate_comparison
from sourcediff.frontend.primitives import RAISE
from sourcediff.frontend.values import Binding, Ref, Static, Stream, Tup
from sourcediff.ir import Const, Value

__all__ = ["ITERATORS", "Kwargs", "all_of", "built_in", "call_again", "columns", "handles"]

Kwargs = dict[str, Binding]
Handler = Callable[[Lowering, list[Binding], Kwargs, ast.AST], Binding | None]
ITERATORS: dict[Any, Handler] = {}


def call_again(
    lowering: Lowering, function: Binding, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding:
    from sourcediff.frontend.calls.calls import call

    lowering.node = node
    return call(lowering, function, args, kwargs, node)


def all_of(lowering: Lowering, binding: Binding, node: ast.AST) -> Binding:
    return listed(lowering, node, binding) if isinstance(binding, Stream) else binding


def handles(*functions: Any) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        ITERATORS.update(dict.fromkeys(functions, handler))
        return handler

    return register


# One item for each -----------------------------------------------------------------------


@handles(map)
def _map(lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST) -> Binding | None:
    if kwargs or len(args) < 2:
        return None
    function, *sources = args
    return mapped(lowering, sources, lambda items: call_again(lowering, function, items, {}, node))


@handles(itertools.starmap)
def _starmap(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    if kwargs or len(args) != 2:
        return None
    function, source = args

    def make(items: list[Binding]) -> Binding:
        (whole,) = items
        if not isinstance(whole, Tup):
            lowering.error("starmap() over these is not supported", node, "use a comprehension")
        return call_again(lowering, function, whole.items, {}, node)

    return mapped(lowering, [source], make)


@handles(enumerate)
def _enumerate(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    if not isinstance(args[0], Stream):
        return None
    start = kwargs.get("start", args[1] if len(args) > 1 else number(0))
    if args[0].sources is None and args[0].whole is None:
        return _enumerated(lowering, args[0], start)
    return mapped(lowering, [_counted(lowering, start, number(1)), args[0]], Tup)


def _enumerated(lowering: Lowering, source: Stream, start: Binding) -> Stream:
    """The items of a generator with their numbers, which a variable counts."""

    def run(turns: Turns) -> Outcome:
        key = (lowering.frame, named_after("ijklm"[min(len(lowering.loops), 4)]))
        lowering.variables.set(key, start)

        def turn(item: Binding) -> Outcome:
            count = lowering.variables.get(*key)
            assert count is not None
            following = operate(lowering, ast.Add(), count, number(1))
            lowering.variables.set(key, following)
            return turns.body(Tup([count, item]))

        outcome: Outcome = source.run(turns.with_body(turn))
        return outcome

    stream = Stream(run)
    stream.stops = stream.nested = True
    return stream


@handles(zip)
def _zip(lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST) -> Binding | None:
    strict = kwargs.get("strict", Const(False, types.BOOL))
    if kwargs.keys() - {"strict"} or not isinstance(strict, Const):
        return None
    if strict.value and len(args) > 1:
        return _zip_strictly(lowering, args, node)
    if not any(isinstance(a, Stream) for a in args):
        return None
    return mapped(lowering, args, Tup)


#: What the error says of the argument with this number.
UNEQUAL = "zip() argument {} is of another length"


def _zip_strictly(lowering: Lowering, args: list[Binding], node: ast.AST) -> Binding | None:
    """``zip(xs, ys, strict=True)``: lists of unequal length raise, here before the first turn."""
    if not all(isinstance(a, Value) and a.type.kind in ("List", "Range") for a in args):
        return None
    first, *others = [built_in(lowering, len, [a], node) for a in args]
    for number_, size in enumerate(others, 2):
        _require_equal(lowering, first, size, UNEQUAL.format(number_), node)
    return built_in(lowering, zip, args, node)


def _require_equal(
    lowering: Lowering, one: Binding, other: Binding, message: str, node: ast.AST
) -> None:
    """Raise a ValueError where two lengths are not the same."""
    differ = operate_comparison(lowering, ast.NotEq(), one, other)

    def fail() -> Outcome:
        text = Const(message, types.STR)
        error = call_again(lowering, Static(ValueError, _VALUE_ERROR), [text], {}, node)
        lowering.effect(RAISE, [lowering.exception(error)])
        return DIVERGES

    lowering.branch(differ, fail, lambda: FALLS, lambda: FALLS, False)


_VALUE_ERROR = Ref("module", builtins, ("ValueError",))


def columns(
    lowering: Lowering, rows: Value, node: ast.Call, strict: bool = False
) -> Binding | None:
    """``zip(*rows)`` of a list of lists: an item of each, at the same place."""
    if rows.type.slots["element"].read().kind != "List":
        return None
    lengths = mapped(lowering, [rows], lambda items: built_in(lowering, len, items, node))
    sizes = listed(lowering, node.func, lengths)
    static = Static(min, Ref("module", builtins, ("min",)))
    size = call_again(lowering, static, [sizes], {"default": number(0)}, node)
    if strict:
        widest = Static(max, Ref("module", builtins, ("max",)))
        largest = call_again(lowering, widest, [sizes], {"default": number(0)}, node)
        _require_equal(lowering, size, largest, "zip() arguments are of several lengths", node)

    def make(places: list[Binding]) -> Binding:
        (place,) = places
        if isinstance(place, Value) and place.name is None:
            place.name = "j"
        at_place = mapped(lowering, [rows], lambda found: _at(lowering, found[0], place, node))
        return built_in(lowering, tuple, [listed(lowering, node, at_place, "list")], node)

    stream = mapped(lowering, [built_in(lowering, range, [size], node)], make)
    stream.copied = [rows]
    return stream


def _at(lowering: Lowering, row: Binding, place: Binding, node: ast.AST) -> Binding:
    if isinstance(row, Value) and row.name is None:
        row.name = "row"
    return item(lowering, lowering.atom(row), place, node)


@handles(itertools.count)
def _count(lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST) -> Binding:
    given = dict(zip(("start", "step"), args, strict=False)) | kwargs
    return _counted(lowering, given.get("start", number(0)), given.get("step", number(1)))


def _counted(lowering: Lowering, start: Binding, step: Binding) -> Stream:
    """``itertools.count(start, step)``: whole numbers by their place, others added up as there."""
    if not all(isinstance(a, Const | Value) and a.type is types.INT for a in (start, step)):
        return _added_up(lowering, start, step)

    def make(place: Binding) -> Binding:
        if not (isinstance(step, Const) and step.value == 1):
            place = _times(lowering, place, step)
        if isinstance(start, Const) and start.same_as(number(0)):
            return place
        return _plus(lowering, start, place)

    return endless(lowering, make, counted=True)


def _added_up(lowering: Lowering, start: Binding, step: Binding) -> Stream:
    key = (lowering.frame, named_after("count"))
    lowering.variables.set(key, start)

    def make(_: Binding) -> Binding:
        count = lowering.variables.get(*key)
        assert count is not None
        lowering.variables.set(key, _plus(lowering, count, step))
        return count

    return endless(lowering, make)


@handles(itertools.repeat)
def _repeat(lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST) -> Binding:
    times = kwargs.get("times", args[1] if len(args) > 1 else None)
    if times is None:
        return endless(lowering, lambda _: args[0])
    one = make_list(lowering, node, [args[0]])
    return _times(lowering, one, times)


# Fewer, or more --------------------------------------------------------------------------


@handles(filter)
def _filter(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    if kwargs or len(args) != 2:
        return None
    test, source = args
    return filtered(lowering, source, _holds(lowering, test, node))


@handles(itertools.takewhile)
def _take_while(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    test, source = args
    return stopped(lowering, source, _holds(lowering, test, node))


@handles(itertools.dropwhile)
def _drop_while(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    test, source = args
    return begun(lowering, source, _holds(lowering, test, node))


def _holds(lowering: Lowering, test: Binding, node: ast.AST) -> Callable[[Binding], Binding]:
    if isinstance(test, Const) and test.value is None:
        return lambda item: item
    return lambda item: call_again(lowering, test, [item], {}, node)


@handles(itertools.product)
def _product(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    repeat = kwargs.get("repeat", number(1))
    if not isinstance(repeat, Const) or not isinstance(repeat.value, int):
        return None
    assert isinstance(node, ast.Call)
    pairs = zip(args, node.args, strict=False)
    sources = [_again(lowering, a, part, "product()") for a, part in pairs] * repeat.value
    steps = [lambda _, s=s: s for s in sources]
    items = [s.items for s in sources if isinstance(s, Tup)]
    known = _groups(itertools.product(*items)) if len(items) == len(sources) else None
    stream = nested(lowering, steps, "product()", known, quiet=True)
    stream.copied = [s for s in sources if isinstance(s, Value)]
    return stream


def _again(lowering: Lowering, source: Binding, node: ast.AST, what: str) -> Binding:
    """Something that can be gone through more than once."""
    if isinstance(source, Stream):
        return listed(lowering, node, source)
    if isinstance(source, Value) and source.type.kind == "Iterator":
        lowering.error(f"{what} of an iterator is not supported", node, "make it a list: list(…)")
    return source


@handles(itertools.combinations)
def _combinations(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    count = kwargs.get("r", args[1] if len(args) > 1 else None)
    if not isinstance(count, Const) or not isinstance(count.value, int) or count.value < 1:
        return None
    if isinstance(args[0], Tup) and args[0].cls is not complex:
        return _groups(itertools.combinations(args[0].items, count.value))
    whole = lowering.atom(_again(lowering, args[0], node, "combinations()"))
    size = built_in(lowering, len, [whole], node)

    def later(places: list[Binding]) -> Binding:
        if not places:
            return built_in(lowering, range, [size], node)
        start = _plus(lowering, places[-1], number(1))
        return built_in(lowering, range, [start, size], node)

    stream = nested(lowering, [later] * count.value, "combinations()", quiet=True)
    run = stream.run

    def at_places(turns: Any) -> Any:
        def turn(places: Binding) -> Any:
            assert isinstance(places, Tup)
            lowering.node = node
            return turns.body(Tup([item(lowering, whole, p, node) for p in places.items]))

        return run(turns.with_body(turn))

    stream.run = at_places
    stream.copied = [whole] if isinstance(whole, Value) else []
    return stream


@handles(itertools.permutations)
def _permutations(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    """Those of a tuple of known items; those of a list are looked up by those of its places."""
    whole, *rest = args
    count = kwargs.get("r", rest[0] if rest else Const(None, types.NONE))
    if not isinstance(count, Const):
        return None
    if isinstance(whole, Tup) and whole.cls is not complex:
        return _groups(itertools.permutations(whole.items, count.value))
    whole = lowering.atom(_again(lowering, whole, node, "permutations()"))
    if not isinstance(whole, Value) or whole.type.kind != "List":
        return None
    size = built_in(lowering, len, [whole], node)
    static = Static(itertools.permutations, _PERMUTATIONS)
    places = call_again(
        lowering, static, [built_in(lowering, range, [size], node), count], {}, node
    )

    def look_up(items: list[Binding]) -> Binding:
        (found,) = items
        if isinstance(count.value, int):
            at = [item(lowering, lowering.atom(found), number(i), node) for i in range(count.value)]
            return Tup([item(lowering, whole, p, node) for p in at])
        one = mapped(lowering, [found], lambda p: item(lowering, whole, p[0], node))
        return built_in(lowering, tuple, [one], node)

    stream = mapped(lowering, [places], look_up)
    stream.copied = [whole]
    return stream


_PERMUTATIONS = Ref("module", itertools, ("permutations",))


def _groups(groups: Iterable[tuple[Binding, ...]]) -> Tup:
    """Groups of known items, one by one."""
    return Tup([Tup(list(group)) for group in groups])


@handles(itertools.chain)
def _chain(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    assert isinstance(node, ast.Call)
    known = [part.items for part in args if isinstance(part, Tup) and part.cls is not complex]
    if len(known) == len(args) and known:
        return Tup([each for items in known for each in items])
    if len(args) < 2:
        return None
    places = node.args if len(node.args) == len(args) else [node] * len(args)
    copied = list(args)
    parts: list[Binding] = []
    for part, place in zip(args, places, strict=True):
        if isinstance(part, Stream):
            copied += part.sources or part.copied
            part = early(lowering, part, place)
        parts.append(part)
    if not all(isinstance(p, Value) and p.type.kind == "List" for p in parts):
        return None

    def make() -> Value:
        whole = parts[0]
        for part in parts[1:]:
            lowering.node = node
            whole = _plus(lowering, whole, part)
        assert isinstance(whole, Value)
        return whole

    return whole_of(lowering, make, copied)


@handles(itertools.chain.from_iterable)
def _flattened(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    if isinstance(args[0], Tup):
        return _chain(lowering, args[0].items, kwargs, node)
    stream = nested(lowering, [lambda _: args[0], lambda rows: rows[0]], "chain.from_iterable()")
    run = stream.run

    def of_rows(turns: Any) -> Any:
        def turn(items: Binding) -> Any:
            assert isinstance(items, Tup)
            return turns.body(items.items[1])

        return run(turns.with_body(turn))

    stream.run = of_rows
    return stream


@handles(itertools.islice)
def _part(lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST) -> Binding | None:
    whole, *bounds = args
    if isinstance(whole, Stream) and len(bounds) == 1 and whole.whole is None:
        first = built_in(lowering, range, bounds, node)
        return mapped(lowering, [first, whole], lambda items: items[1])
    known = all(
        isinstance(b, Const) and (b.value is None or (isinstance(b.value, int) and b.value >= 0))
        for b in bounds
    )
    if known and isinstance(whole, Tup):
        numbers = [b.value for b in bounds if isinstance(b, Const)]
        return Tup(list(itertools.islice(whole.items, *numbers)))
    if not known or not isinstance(whole, Value) or whole.type.kind not in ("List", "Range"):
        return None
    none = Const(None, types.NONE)
    first, last, step = {1: [none, *bounds, none], 2: [*bounds, none], 3: bounds}[len(bounds)]

    def make() -> Value:
        part = item(lowering, whole, slice_of(lowering, [first, last, step]), node)
        assert isinstance(part, Value)
        return part

    return whole_of(lowering, make, [whole])


@handles(itertools.cycle)
def _cycle(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    """The items over and over: of a list by its places."""
    (source,) = args
    whole = lowering.atom(_again(lowering, source, node, "cycle()"))
    size = built_in(lowering, len, [whole], node)

    def make(place: Binding) -> Binding:
        at = operate(lowering, ast.Mod(), place, size)
        return item(lowering, whole, at, node)

    stream = endless(lowering, make, counted=True)
    stream.copied = [whole] if isinstance(whole, Value) else []
    return stream


@handles(itertools.zip_longest)
def _zip_longest(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    fill = kwargs.get("fillvalue", Const(None, types.NONE))
    if not all(isinstance(a, Value) and a.type.kind == "List" for a in args):
        return None
    sizes = [built_in(lowering, len, [a], node) for a in args]
    longest = sizes[0] if len(sizes) == 1 else built_in(lowering, max, sizes, node)

    def make(places: list[Binding]) -> Binding:
        (place,) = places
        items: list[Binding] = []
        for whole, size in zip(args, sizes, strict=True):
            atom = lowering.atom(whole)
            items.append(
                lowering.choose(
                    operate_comparison(lowering, ast.Lt(), place, size),
                    lambda atom=atom: item(lowering, atom, place, node),  # type: ignore[misc]
                    lambda: fill,
                )
            )
        return Tup(items)

    return mapped(lowering, [built_in(lowering, range, [longest], node)], make)


def built_in(lowering: Lowering, function: Any, args: list[Binding], node: ast.AST) -> Binding:
    static = Static(function, Ref("module", builtins, (function.__name__,)))
    return call_again(lowering, static, args, {}, node)


def _plus(lowering: Lowering, left: Binding, right: Binding) -> Binding:
    return operate(lowering, ast.Add(), left, right)


def _times(lowering: Lowering, left: Binding, right: Binding) -> Binding:
    return operate(lowering, ast.Mult(), left, right)


# One value of all ------------------------------------------------------------------------


@handles(functools.reduce)
def _reduce(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    if kwargs or len(args) not in (2, 3):
        return None
    function, source, *first = args
    combine = lambda total, item: call_again(lowering, function, [total, item], {}, node)  # noqa: E731
    return reduced(lowering, node, source, first[0] if first else None, function, combine)


@handles(itertools.pairwise)
def _pairwise(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    """Those of a tuple of known items; those of a list are a loop over it twice."""
    (source,) = args
    if not isinstance(source, Tup):
        return None
    return _groups(itertools.pairwise(source.items))


@handles(itertools.accumulate)
def _accumulate(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    given = dict(zip(("func", "initial"), args[1:], strict=False)) | kwargs
    given = {k: v for k, v in given.items() if not (isinstance(v, Const) and v.value is None)}
    function = given.get("func")

    def combine(total: Binding, item: Binding) -> Binding:
        if function is None:
            return _plus(lowering, total, item)
        return call_again(lowering, function, [total, item], {}, node)

    (source, *_) = args
    if isinstance(source, Tup) and source.items and given.get("initial") is None:
        totals = [source.items[0]]
        for found in source.items[1:]:
            totals.append(combine(totals[-1], found))
        return Tup(totals)

    def make() -> Value:
        whole = accumulated(lowering, node, source, given.get("initial"), combine)
        if isinstance(source, Stream) and source.leave is not None:
            source.leave()
        return whole

    return whole_of(lowering, make, args[:1])
