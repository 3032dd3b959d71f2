"""The door of the front end: a Python function in, its IR out.

>>> import math
>>> from sourcediff.ir import Const
>>> from sourcediff.types import REAL, STR
>>> def f(x, kind):
...     if kind == "square":
...         return x * x
...     return math.exp(x)
>>> print(lower_function(f, {"x": REAL, "kind": Const("square", STR)}))
f(x: Real):
    %1 = mul x x
    yield %1
"""

from __future__ import annotations

import ast
import sys
import types as python_types
from collections.abc import Mapping

from sourcediff import types
from sourcediff.checkpoint import SEGMENTS
from sourcediff.compiling import compiling
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.calls.apart import call_apart, settle_effects
from sourcediff.frontend.calls.arguments import entry_bindings
from sourcediff.frontend.calls.functions import lower_kept, of_function
from sourcediff.frontend.complexes.values import REAL_OF_IT, is_complex
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.control.statements import lower_body
from sourcediff.frontend.frames import Frame, defined_in
from sourcediff.frontend.iteration.twice import require_as_shared
from sourcediff.frontend.leaving_reals import refuse_answers
from sourcediff.frontend.lowering import Lowering, Memo
from sourcediff.frontend.objects.column_names import name_after_use
from sourcediff.frontend.objects.given_in_pools import given_in_pools
from sourcediff.frontend.objects.pools import make_pools, settle_places
from sourcediff.frontend.objects.tuple_columns import tuple_parts
from sourcediff.frontend.origin import Origin
from sourcediff.frontend.source import ADVICE, Source, no_plain_function, source_of
from sourcediff.frontend.values import Binding, Kept
from sourcediff.ir import Function, Region, Value, walk
from sourcediff.types import Slot, Type, Widened

__all__ = ["lower_faithfully", "lower_function"]

#: How often a function is lowered until the types of all that it holds must have been found.
MAX_ATTEMPTS = 60
#: What follows so many branches is lowered in both of their arms.
MAX_PARTED = 3


def lower_function(
    function: python_types.FunctionType,
    arguments: Mapping[str, Type | Binding],
    several: bool = False,
    keeps_tuples: bool = False,
) -> Function:
    """Lower a Python function for arguments of given types, or given objects.

    Args:
        function: a function written in Python.
        arguments: for every parameter a type (a value that each call brings) or a binding (a
            constant: text, None, a function).
        several: whether it may return more than one number.
        keeps_tuples: whether lists of tuples stay what they are.

    Raises:
        DifferentiationError: the function uses something that is not supported.
    """
    source = source_of(function)
    node = source.node
    kind = no_plain_function(function.__code__)
    if kind is not None or isinstance(node, ast.AsyncFunctionDef):
        raise DifferentiationError(
            f"{function.__name__!r} is {kind}, which has no one value to differentiate",
            source.span(node),
            help=ADVICE[kind or "a coroutine"],
            certain=True,
        )
    memo = Memo().anew(keeps_tuples=keeps_tuples)
    refused: DifferentiationError | None = None
    for _ in range(MAX_ATTEMPTS):
        before = Slot.changes
        lowering = Lowering(memo=memo, several=several)
        try:
            with compiling():
                return _decided(function, source, arguments, lowering)
        except Widened:
            continue
        except DifferentiationError as error:
            # Types that have become wider meanwhile may do away with it.
            if Slot.changes != before:
                continue
            refused = refused or error
            given = any(site[0] == "given" for site in memo.written)
            if not lowering.unlike <= memo.parted and len(memo.parted) < MAX_PARTED:
                memo = memo.anew(parted=memo.parted | lowering.unlike)
            elif not lowering.unknown_lists <= memo.known_lists:
                memo = memo.anew(known_lists=memo.known_lists | lowering.unknown_lists)
            elif not memo.tried <= memo.known_dicts:
                memo = memo.anew(known_dicts=memo.known_dicts | memo.tried)
            elif lowering.blamed:
                memo = memo.anew(pools=dict.fromkeys([*memo.pools, *lowering.blamed]))
            elif (plainer := memo.plainer()) is not None:
                memo = plainer
            elif given and not memo.keeps_records:
                memo = memo.anew(keeps_records=True)
            else:
                raise refused from None
    raise DifferentiationError(
        f"the types of what {function.__name__!r} holds do not settle", source.span(node)
    )


def _decided(
    function: python_types.FunctionType,
    source: Source,
    arguments: Mapping[str, Type | Binding],
    lowering: Lowering,
) -> Function:
    """A function for derivatives: calls entered, and all decided that types and constants tell."""
    node = source.node
    assert not isinstance(node, ast.AsyncFunctionDef)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    frame = Frame(function.__name__, node, source, function.__globals__, cells=cells)
    frame.inside = defined_in(function)
    frame.checkpoint = getattr(function, SEGMENTS, None)
    lowering.frame = lowering.outermost = frame
    pools = make_pools(lowering)
    parameters, bindings, structures = entry_bindings(lowering, arguments)
    reads = list(lowering.ops)
    lowering.handed_in = {*parameters, *(r for op in reads for r in op.results)}
    lowering.arguments = {b: name for name, b in bindings.items() if isinstance(b, Value)}
    with lowering.entered(frame, function.__code__):
        for name, binding in bindings.items():
            lowering.variables.set((frame, name), given_in_pools(lowering, binding))
        result = _result(lowering, frame, bindings, node)
        if result is None and lowering.returns_none:
            lowering.error(
                f"{function.__name__!r} returns None, not one real number",
                node,
                "return the number to differentiate",
            )
        if is_complex(result):
            lowering.error(
                f"{function.__name__!r} returns a complex number, not one real number",
                node,
                REAL_OF_IT,
            )
        atom = None if result is None else lowering.atom(result)
        if atom is not None and types.holds("Place", [atom.type]):
            lowering.error(
                f"{function.__name__!r} returns an object, not one real number",
                node,
                "return the number to differentiate",
            )
    ops = [*lowering.loads.values(), *pools, *lowering.ops]
    body = Region(ops, None if atom is None else (atom,))
    require_as_shared(lowering, body)
    settle_effects(body)
    settle_places(lowering, body)
    name_after_use(lowering.columns, walk(body))
    if types.holds("Array", (p.type for p in parameters)):
        _spell_numpy(lowering, function)
    origin = Origin(function, source, structures, lowering.spelling)
    origin.reads = {result: op for op in reads for result in op.results}
    origin.changes_given = lowering.changes_given
    origin.in_doubt = lowering.in_doubt
    origin.parts = tuple_parts(lowering.columns)
    origin.returned = atom if isinstance(atom, Value) else None
    guards = tuple(lowering.guards.values())
    made = Function(function.__name__, parameters, body, origin, guards, lowering.order)
    refuse_answers(lowering.asked, made)
    return made


def _result(
    lowering: Lowering,
    frame: Frame,
    bindings: Mapping[str, Binding],
    node: ast.FunctionDef | ast.Lambda,
) -> Binding | None:
    """What the function returns: a call of itself, where it is recursive."""
    if node not in lowering.memo.apart:
        return lower_body(lowering, node)
    try:
        return call_apart(lowering, frame, bindings, node)
    except Diverged:
        return None


def _spell_numpy(lowering: Lowering, function: python_types.FunctionType) -> None:
    """Let a derivative call NumPy what the function's module calls it, also if it does not."""
    numpy = sys.modules.get("numpy")
    for name, found in function.__globals__.items():
        if found is numpy:
            lowering.spelled("numpy", name)


def lower_faithfully(
    function: python_types.FunctionType,
    arguments: Mapping[str, Type | Binding],
    memo: Memo | None = None,
) -> Function:
    """Lower a Python function so that it can be written again as it was.

    Everything that the run can know is left to it: calls are kept, bindings are operations,
    objects live in memory.

    Args:
        function: a function written in Python.
        arguments: for every parameter its type, or a function or class that it is.
        memo: what `arguments` were found with.

    Raises:
        DifferentiationError: the function uses something that is not supported.
    """
    source = source_of(function)
    memo = Memo() if memo is None else memo
    given = [kind for kind in arguments.values() if isinstance(kind, Type)]
    memo.arrays = memo.arrays or types.holds("Array", given)
    kind = no_plain_function(function.__code__)
    if kind is not None or isinstance(source.node, ast.AsyncFunctionDef):
        raise DifferentiationError(
            f"{function.__name__!r} is {kind}, which has no one value",
            source.span(source.node),
            help=ADVICE[kind or "a coroutine"],
            certain=True,
        )
    refused: list[str] = []
    for _ in range(MAX_ATTEMPTS):
        lowering = Lowering(faithful=True, memo=memo)
        frame = of_function(lowering, function)
        lowering.frame = frame
        made = Function(function.__name__, (), Region([], None))
        made.origin = Origin(function, source, {}, lowering.spelling)
        key = (function.__code__, "outermost")
        kept = Kept(key, made, memo.slots.setdefault((key, "returns"), Slot()))
        bound: dict[str, Binding] = {
            name: Value(kind, name) if isinstance(kind, Type) else kind
            for name, kind in arguments.items()
        }
        before = Slot.changes
        try:
            with compiling():
                for name, value in bound.items():
                    if not isinstance(value, Value):
                        continue
                    slot = memo.slots.setdefault((key, "parameter", name), Slot())
                    slot.write(value.type)
                lower_kept(lowering, kept, frame, bound)
        except Widened:
            continue
        except Diverged:
            if not lowering.refusals:
                raise
        if lowering.refusals:
            # Types that have become wider meanwhile may do away with it, or with what it hides.
            refused.append(str(lowering.refusals[0]))
            if Slot.changes == before or refused[-3:] == refused[-1:] * 3:
                if memo.none_apart or not memo.none_joined:
                    raise lowering.refusals[0]
                memo.none_apart = True
            continue
        made.guards = tuple(lowering.guards.values())
        refuse_answers(lowering.asked, made)
        return made
    raise DifferentiationError(
        f"the types of what {function.__name__!r} holds do not settle", source.span(source.node)
    )
