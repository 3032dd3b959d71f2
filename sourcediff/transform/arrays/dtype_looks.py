"""Looks at the dtype of an array before a real number is stored in it, where there is doubt.

An array made of what may be whole numbers in a call, and may be not, is one of ints or of floats as
the run will have it. An array of ints cuts off what is behind the point of all that it is given,
and what is cut off has no derivative. So the code looks:

    y = np.array([z, n])                     `z` is `n` on one path, and a float on another
    if y.dtype.kind != "f":
        raise TypeError("a real number stored in an array of whole numbers would lose …")
    y[0] = x

Where what is stored may be whole as well, the two are compared. Code that is given floats has no
such line, but where the program's own whole numbers leave it open (``best = 0`` before a loop): a
call in which a number in doubt is a whole one has code of its own.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from operator import ne
from typing import Any

from sourcediff import types
from sourcediff.errors import Span
from sourcediff.frontend.arrays.numpy_signatures import arguments_of, name_of
from sourcediff.frontend.primitives import GETATTR, PURE_CALL, RAISE, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import IF, Atom, Const, Function, Op, Primitive, Region, Site, Value, walk
from sourcediff.memory import SWAP_ITEMS
from sourcediff.rules.table import primitive_of
from sourcediff.transform.arrays.maybe_whole import ANYWAY, MaybeWhole, Origins, reached

__all__ = ["ALL", "LOST", "Whole", "looking", "looks_for", "with_dtype_looks"]

LOST = "a real number stored in an array of whole numbers would lose its fraction"

#: The arguments, or parts of them, that are whole numbers in a call: names of parameters and ways.
Whole = frozenset[tuple[str, tuple[str, ...]]]
#: From values that are handed in to where they are found.
Ways = Callable[[Iterable[Value]], Mapping[Value, tuple[str, list[str]]]]
#: Any argument may be.
ALL: Whole = frozenset([("*", ())])
_looking: ContextVar[Whole] = ContextVar("looking", default=frozenset())
#: What is put into an array that is like another: by function, the parameters.
_PUT = {"full_like": "fill_value", "insert": "values", "pad": "constant_values"}


@contextmanager
def looking(whole: Whole) -> Iterator[None]:
    """Compile for calls in which these are whole numbers."""
    token = _looking.set(whole)
    try:
        yield
    finally:
        _looking.reset(token)


def looks_for() -> Whole:
    """What `looking` says."""
    return _looking.get()


def with_dtype_looks(function: Function, ways: Ways, whole: Whole) -> tuple[Function, Whole]:
    """The function with a look at each array that may be of whole numbers.

    Args:
        ways: tells of values that are handed in where they are found in the arguments.
        whole: the arguments that are whole numbers.

    Returns:
        It, and the arguments for which there would be looks if they were whole.
    """
    stores = (_stored(op) for one in reached(function) for op in walk(one.body))
    if not any(stores):
        return function, frozenset()
    numbers = MaybeWhole(function)
    adding = _Looks(numbers, ways(numbers.leaves), whole)
    bodies = {one: adding.region(one.body) for one in numbers.functions}
    if adding.count:
        for one, body in bodies.items():
            if one is function:
                function = one.with_body(body)
            else:
                one.body = body
    return function, frozenset(adding.asked)


def is_array(atom: Atom) -> bool:
    """Whether an atom is an array of real numbers."""
    return atom.type.kind == "Array" and atom.type.slots["element"].type is types.REAL


class _Looks:
    def __init__(
        self, numbers: MaybeWhole, ways: Mapping[Value, tuple[str, list[str]]], whole: Whole
    ) -> None:
        self.numbers = numbers
        self.ways = ways
        self.whole = whole
        self.asked: set[tuple[str, tuple[str, ...]]] = set()
        self.count = 0

    def region(self, region: Region) -> Region:
        """The same with looks before operations, and in what they hold."""
        ops: list[Op] = []
        for op in region.ops:
            if op.regions:
                op = op.replace(regions=tuple(map(self.region, op.regions)))
            if not op.order:
                into, held = _stored(op) or (None, None)
                if into is not None and self.numbers.of(into):
                    either = held is not None and self._is_in_doubt(self.numbers.of(held))
                    if self._is_in_doubt(self.numbers.of(into)):
                        ops += self._look(into, held if either else None, op.site)
                        self.count += 1
            ops.append(op)
        return region.replace(ops, region.results)

    def _is_in_doubt(self, origins: Origins) -> bool:
        found = {
            (self.ways[leaf][0], tuple(self.ways[leaf][1])) if leaf in self.ways else ("*", ())
            for leaf in origins - {ANYWAY}
        }
        self.asked |= found
        return ANYWAY in origins or bool(found & self.whole) or (bool(found) and self.whole == ALL)

    def _look(self, into: Atom, held: Atom | None, site: Site | None) -> Iterator[Op]:
        """``if into.dtype.kind != "f": raise TypeError(…)``.

        Args:
            held: what is stored, where that may be whole as well.
        """
        ops: list[Op] = []

        def op(primitive: Primitive, args: tuple[Atom, ...], kind: Any, spec: Any = None) -> Value:
            result = Value(kind)
            ops.append(Op(primitive, args, (result,), (), spec, site))
            return result

        dtype = into
        if into.type.kind == "Array":
            dtype = op(GETATTR, (into,), types.OBJECT, "dtype")
        kind: Atom = op(GETATTR, (dtype,), types.STR, "kind")
        wanted: Atom = Const("f", types.STR)
        if held is not None:
            import numpy

            spec = CallSpec(numpy.result_type, Ref("module", numpy, ("result_type",)))
            joined = op(PURE_CALL, (into, held), types.OBJECT, spec)
            wanted = op(GETATTR, (joined,), types.STR, "kind")
        unequal = primitive_of(ne)
        assert unequal is not None
        test = op(unequal, (kind, wanted), types.BOOL)
        message = Const(f"{LOST}{_place(site.span if site is not None else None)}", types.STR)
        spec = CallSpec(TypeError, Ref("module", builtins, ("TypeError",)))
        error = Value(types.OBJECT)
        raising = [
            Op(PURE_CALL, (message,), (error,), (), spec, site),
            Op(RAISE, (error,), (), (), None, site),
        ]
        yield from ops
        regions = (Region(raising, None), Region([], ()))
        yield Op(IF, (test,), (), regions, "statement", site)


def _place(span: Span | None) -> str:
    return "" if span is None else f" ({os.path.basename(span.filename)}, line {span.line})"


def _stored(op: Op) -> tuple[Atom, Atom | None] | None:
    """What an operation stores numbers in, an array or a dtype, and the numbers that it stores."""
    if op.primitive.writes:
        if not op.args or not is_array(op.args[0]) or op.primitive is SWAP_ITEMS:
            return None
        return (op.args[0], op.args[-1]) if len(op.args) > 1 and _may_vary(op.args[-1]) else None
    called = name_of(op)
    if called is None:
        return None
    given = arguments_of(op)
    kind = given.get("dtype")
    if isinstance(kind, Value):
        what = given.get("fill_value", given.get("a"))
        return (kind, None) if isinstance(what, Value) and _may_vary(what) else None
    into, held = given.get("a"), given.get(_PUT.get(called, ""))
    if isinstance(into, Value) and isinstance(held, Value) and is_array(into) and _may_vary(held):
        return into, held
    return None


def _may_vary(atom: Atom) -> bool:
    """Whether numbers may have fractions."""
    return atom.type is types.REAL or is_array(atom) or atom.type.kind in ("Tuple", "List")
