"""Where a generator expression may stand: before what takes all of its items at once.

Its items are made when they are asked for. A list made on the spot is the same only if nothing
happens between one item and the next, and nobody stops asking: for ``sum(f(x) for x in xs)``,
but not for ``for y in (f(x) for x in xs)``, where f and the body of the loop take turns.
"""

from __future__ import annotations

import ast
import builtins
import collections
import itertools
import math
import statistics
from collections.abc import Sequence
from typing import Any, NoReturn

from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.frontend.values import Binding, Method, Static
from sourcediff.ir import FOR, Op, Region, Value, walk
from sourcediff.memory import METHOD_OF
from sourcediff.types import Type

__all__ = ["extended", "lower_at_once", "lower_unpacked", "refuse_late", "taken_at_once"]

#: These put the items away and do not look at them.
_KEEPERS = (
    builtins.list,
    builtins.tuple,
    builtins.sorted,
    collections.deque,
    itertools.combinations,
    itertools.permutations,
)
#: These compare, add or hash the items: no code of the user's where they are numbers or texts.
_READERS = (
    builtins.sum,
    builtins.min,
    builtins.max,
    builtins.set,
    builtins.frozenset,
    builtins.dict,
    collections.OrderedDict,
    math.prod,
    math.fsum,
    statistics.mean,
    statistics.fmean,
    statistics.median,
    statistics.variance,
    statistics.pvariance,
    statistics.stdev,
    statistics.pstdev,
    statistics.geometric_mean,
    statistics.harmonic_mean,
)
#: What a loop goes through without a trace.
_AT_REST = ("List", "Tuple", "Range", "Dict", "Record", "Set", "Deque", "Str")
#: Functions that raise nothing but ValueError.
_FITTING = (
    *(builtins.list, builtins.tuple, builtins.len, builtins.range, builtins.zip),
    *(builtins.enumerate, builtins.reversed, builtins.sum, builtins.min, builtins.max),
)
#: The names of functions, and of a module of functions, that change nothing.
_QUIET = ("abs", "float", "int", "len", "range", "zip", "enumerate", "reversed", "math")
_BUILT_IN = ("Real", "Int", "Bool", "Str", "None", "Range", "Never", "Array")


def taken_at_once(function: Binding, node: ast.Call) -> ast.GeneratorExp | None:
    """The generator expression among the arguments of a call that takes all of it at once.

    >>> from sourcediff.frontend.values import Static
    >>> ast.unparse(taken_at_once(Static(sum), ast.parse("sum(x * x for x in xs)").body[0].value))
    '(x * x for x in xs)'
    >>> taken_at_once(Static(enumerate), ast.parse("enumerate(x for x in xs)").body[0].value)
    """
    if not node.args or not isinstance(node.args[0], ast.GeneratorExp):
        return None
    others = [*node.args[1:], *(k.value for k in node.keywords)]
    first = node.args[0]
    if not all(map(_is_simple, others)) and not (
        all(map(_only_reads, others)) and _changes_nothing(first)
    ):
        return None  # they are evaluated before the first item
    if isinstance(function, Method):
        return first if function.name == "join" else None
    if not isinstance(function, Static):
        return None
    of_numpy = getattr(function.object, "__module__", None) == "numpy"
    if of_numpy and getattr(function.object, "__name__", None) == "fromiter":
        return first
    if any(function.object is f for f in _KEEPERS):
        return first
    keyed = any(k.arg == "key" for k in node.keywords)
    return first if any(function.object is f for f in _READERS) and not keyed else None


def _is_simple(node: ast.expr) -> bool:
    """Whether what an expression does cannot be told from its value."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.operand, ast.Constant)
    return isinstance(node, ast.Constant | ast.Name | ast.Lambda)


def _only_reads(node: ast.expr) -> bool:
    """Whether an expression is made of names, attributes, items and arithmetic."""
    plain = (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.BinOp, ast.UnaryOp)
    parts = (*plain, ast.operator, ast.unaryop, ast.expr_context)
    return all(isinstance(part, parts) for part in ast.walk(node))


def _changes_nothing(node: ast.GeneratorExp) -> bool:
    """Whether making the items calls nothing that might change what others read."""
    for part in ast.walk(node):
        if isinstance(part, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            return False
        if isinstance(part, ast.Call) and ast.unparse(part.func).split(".")[0] not in _QUIET:
            return False
    return True


def lower_at_once(lowering: Lowering, node: ast.GeneratorExp, function: Binding) -> Binding:
    """The list of the items, for a function that takes them all."""
    from sourcediff.frontend.containers.comprehensions import lower_comprehension

    is_tuple = isinstance(function, Static) and function.object is tuple
    whole = lower_comprehension(lowering, node, is_tuple)
    looks = isinstance(function, Static) and any(function.object is f for f in _READERS)
    if looks and isinstance(whole, Value) and not _is_built_in(whole.type.slots["element"].read()):
        refuse_late(lowering, node)
    return whole


def _is_built_in(kind: Type) -> bool:
    return kind.kind in _BUILT_IN or (
        kind.kind in ("Tuple", "Optional") and all(map(_is_built_in, kind.items))
    )


def extended(
    lowering: Lowering, function: Method, node: ast.Call, items: ast.GeneratorExp
) -> Binding:
    """``xs.extend(f(v) for v in ys)``, where making an item does not look at `xs`."""
    from sourcediff.frontend.calls.calls import call
    from sourcediff.frontend.containers.comprehensions import lower_comprehension

    place = len(lowering.ops)
    whole = lower_comprehension(lowering, items)
    slot = function.subject.type.slots["element"].root
    for op in walk(Region(lowering.ops[place:], None)):
        looks = (a.type.slots.get("element") for a in op.args if a.type.kind == "List")
        if any(found is not None and found.root is slot for found in looks):
            lowering.error(
                "a list that is extended by what is made of it meanwhile is not supported",
                items,
                "make a list of the items first: [… for … in …]",
            )
    lowering.node = node
    return call(lowering, function, [whole], {}, node)


def lower_unpacked(lowering: Lowering, node: ast.GeneratorExp, names: int | None) -> Binding:
    """The list of the items, of which at most one more than `names` are asked for (None: all)."""
    from sourcediff.frontend.containers.comprehensions import lower_comprehension

    place = len(lowering.ops)
    whole = lower_comprehension(lowering, node)
    may_raise = not lowering.faithful and not lowering.attempts
    ops = lowering.ops[place:]
    if names is not None and not _has(node, names) and not _is_quiet(ops, whole, may_raise):
        refuse_late(lowering, node)
    return whole


def _has(node: ast.GeneratorExp, count: int) -> bool:
    """Whether the number of items can be seen in the text."""
    (clause, *others), source = node.generators, node.generators[0].iter
    if others or clause.ifs:
        return False
    if isinstance(source, ast.Constant) and isinstance(source.value, str):
        return len(source.value) == count
    if not isinstance(source, ast.Tuple | ast.List):
        return False
    return len(source.elts) == count and not any(isinstance(e, ast.Starred) for e in source.elts)


def _is_quiet(outer: Sequence[Op], whole: Any, may_raise: bool) -> bool:
    """Whether nobody can tell how many items were made: making one only computes.

    Args:
        may_raise: whether it does not matter which error there is where there are too many.
    """
    ops = [op for own in outer for op in (own, *(i for r in own.regions for i in walk(r)))]
    made = {result for op in ops for result in op.results}
    fresh: set[Any] = set()
    for op in ops:
        if op.primitive is METHOD_OF and op.args[0] in made:
            continue
        if op.primitive.effect or (op.primitive.raises and not may_raise and not _only_fits(op)):
            return False
        at_rest = all(a.type.kind != "Iterator" or a in fresh for a in op.args)
        if op.primitive is PURE_CALL and at_rest:
            fresh |= set(op.results)
        goes_on = op.primitive is FOR and op.args[0].type.kind not in _AT_REST
        if goes_on and op.args[0] not in fresh:
            return False
    return True


def _only_fits(op: Op) -> bool:
    """Whether the one error of a call is what unpacking too many items raises: ValueError."""
    return op.primitive is PURE_CALL and any(op.attribute.function is f for f in _FITTING)


def refuse_late(lowering: Lowering, node: ast.GeneratorExp) -> NoReturn:
    """Say that a generator expression cannot stand here."""
    lowering.error(
        "a generator expression is not supported where its items are made one by one",
        node,
        "make it a list: [… for … in …]",
    )
