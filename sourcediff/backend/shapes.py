"""What several operations of the IR look like in one statement or expression of Python.

Each function looks at operations that belong together by their form alone. Whether they can be
written in one, nothing standing in between, is decided by `Plan`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from sourcediff import memory
from sourcediff.backend.operands import printed
from sourcediff.frontend.primitives import UNPACK
from sourcediff.ir import BREAK, FOR, IF, INVOKE, Atom, Const, Op, Region, Value
from sourcediff.memory import (
    ASSIGN,
    CONTAINS,
    INPLACE,
    METHOD_OF,
    OPERATE,
    QUERY,
    READ,
    SET_ATTRIBUTE,
    SET_ITEM,
    SUBSCRIPT,
    UNPACK_ITERABLE,
    WRITE,
)
from sourcediff.rules.table import primitive_of

__all__ = [
    "AUGMENTED",
    "STORES",
    "UNPACKS",
    "Comprehension",
    "Group",
    "augmented_operator",
    "chain_link",
    "groups",
    "header_targets",
    "innermost",
    "loaded",
]

STORES = (SET_ITEM, SET_ATTRIBUTE, WRITE)
UNPACKS = (UNPACK, UNPACK_ITERABLE)

_NODES: tuple[type[ast.operator], ...] = (
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.FloorDiv,
    ast.Mod,
    ast.Pow,
    ast.LShift,
    ast.RShift,
    ast.BitAnd,
    ast.BitOr,
    ast.BitXor,
    ast.MatMult,
)
#: The operator of ``x += e``, by the name of the operation.
AUGMENTED: dict[str, type[ast.operator]] = {}
for _node in _NODES:
    _operation = primitive_of(_node())
    if _operation is not None:
        AUGMENTED[_operation.name] = _node
_SYMBOLS: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "%": ast.Mod,
    "|": ast.BitOr,
    "&": ast.BitAnd,
    "^": ast.BitXor,
}
#: By the name of the special method; `__iadd__` is tried first, then `__add__`, `__radd__`.
_OF_METHODS = {
    f"__{prefix}{name}__": node
    for name, node in (
        ("add", ast.Add),
        ("sub", ast.Sub),
        ("mul", ast.Mult),
        ("truediv", ast.Div),
        ("floordiv", ast.FloorDiv),
        ("mod", ast.Mod),
        ("pow", ast.Pow),
        ("matmul", ast.MatMult),
        ("and", ast.BitAnd),
        ("or", ast.BitOr),
        ("xor", ast.BitXor),
        ("lshift", ast.LShift),
        ("rshift", ast.RShift),
    )
    for prefix in ("", "i", "r")
}
_COMPARISONS = {
    primitive_of(node)
    for node in (
        ast.Lt(),
        ast.LtE(),
        ast.Gt(),
        ast.GtE(),
        ast.Eq(),
        ast.NotEq(),
        ast.Is(),
        ast.IsNot(),
    )
}


def augmented_operator(op: Op) -> type[ast.operator] | None:
    """The operator of ``x += e`` that computes what an operation does."""
    if len(op.args) != 2:
        return None
    if op.primitive is INVOKE:
        return _OF_METHODS.get(op.attribute.name) if op.attribute.how == "operator" else None
    if op.primitive in (OPERATE, INPLACE):
        return _SYMBOLS.get(op.attribute)
    return AUGMENTED.get(op.primitive.name)


def loaded(store: Op, definitions: dict[Value, Op]) -> tuple[Op, Op] | None:
    """The load and the operation of ``xs[i] += e``, which ends in this store."""
    result = store.args[-1]
    operation = definitions.get(result) if isinstance(result, Value) else None
    if operation is None or operation.site is not store.site or not store.site:
        return None
    if augmented_operator(operation) is None or result.name is not None:  # type: ignore[union-attr]
        return None
    old = printed(operation)[0]
    load = definitions.get(old) if isinstance(old, Value) else None
    if load is None or load.site is not store.site:
        return None
    if store.primitive is SET_ITEM:
        same = load.primitive is SUBSCRIPT or is_subscript(load)
    elif store.primitive is SET_ATTRIBUTE:
        same = load.primitive.name == "getattr" and load.attribute == store.attribute
    else:
        same = load.primitive is READ and load.attribute is store.attribute
    if same and all(map(_same, load.args, store.args[:-1])):
        return load, operation
    return None


def is_subscript(op: Op) -> bool:
    """Whether a method call is what brackets stand for."""
    if op.primitive not in (METHOD_OF, QUERY):
        return False
    return op.attribute.name == "__getitem__" and not op.attribute.keywords and len(op.args) == 2


def _same(a: Atom, b: Atom) -> bool:
    return a is b or (isinstance(a, Const) and a.same_as(b))


# Comparisons ------------------------------------------------------------------------------


def is_comparison(op: Op | None) -> bool:
    """Whether an operation is one link of ``a < b < c``."""
    if op is None:
        return False
    if op.primitive is OPERATE:
        return op.attribute in ("==", "!=", "<", "<=", ">", ">=", "is", "is not")
    return op.primitive in _COMPARISONS or op.primitive is CONTAINS


def chain_link(op: Op, definitions: dict[Value, Op]) -> Op | None:
    """The second link of ``a < b < c``, where a branch is that and no variable holds `b`."""
    test = op.args[0]
    first = definitions.get(test) if isinstance(test, Value) else None
    then = op.regions[0]
    if first is None or not is_comparison(first) or not then.results:
        return None
    found = then.results[0]
    second = definitions.get(found) if isinstance(found, Value) else None
    while second is not None and second.primitive is IF:
        head = second.args[0]
        second = definitions.get(head) if isinstance(head, Value) else None
    if second is None or not is_comparison(second) or second not in then.ops:
        return None
    middle = second.args[0]
    if isinstance(middle, Value) and middle is first.args[1] and middle.name is None:
        return second
    return None


# Targets ----------------------------------------------------------------------------------


def header_targets(region: Region, uses: dict[Value, int]) -> Iterator[tuple[Value, Op]]:
    """The operations that begin a body and only say what ``for … in`` binds, with their operand."""
    if not region.parameters:
        return
    open_targets = {region.parameters[0]}
    for op in region.ops:
        if op.primitive is WRITE:
            named = True
        elif op.primitive in UNPACKS:
            named = False
        else:
            return
        whole = op.args[0]
        if whole not in open_targets or uses.get(whole) != 1 or (whole.name and not named):
            return
        yield whole, op
        open_targets.update(op.results)


def targets_of(value: Value, targets: dict[Value, Op]) -> Iterator[Value]:
    """The values that are bound where `value` is taken apart, or itself."""
    taken = targets.get(value)
    if taken is None:
        yield value
    elif taken.primitive in UNPACKS:
        for item in taken.results:
            yield from targets_of(item, targets)


class Group:
    """Stores of one statement: ``xs[i], self.a = u, v``; all but the first are absorbed by it.

    `unpacking` says that the first takes the items of its operand apart, for the others.
    """

    __slots__ = ("between", "members", "unpacking")

    def __init__(self, members: list[Op], between: list[Op], unpacking: bool) -> None:
        self.members = members
        self.between = between
        self.unpacking = unpacking

    def values(self) -> list[Atom]:
        """What is stored, in order; a value that is stored everywhere once."""
        found = [
            a for op in self.members for a in (op.args if op.primitive is ASSIGN else op.args[-1:])
        ]
        return found[:1] if self.is_chain() else found

    def is_chain(self) -> bool:
        """Whether it is ``x = xs[i] = v``."""
        first, *rest = [
            a for op in self.members for a in (op.args if op.primitive is ASSIGN else op.args[-1:])
        ]
        if self.unpacking or not all(_same(first, a) for a in rest):
            return False
        site = self.members[0].site
        if isinstance(first, Value) and first.name is None:
            return True
        return site is None or "," not in site.text.partition(" = ")[0]


def groups(region: Region, uses: dict[Value, int], taken: set[Op]) -> Iterator[Group]:
    """The stores of a region that stand in one statement of the user."""
    run: list[Op] = []
    for op in region.ops:
        if run and op.site is not run[0].site:
            if len(run) > 1:
                yield from _group(run, region, uses, taken)
            run = []
        if run or (op.primitive in _FIRST and op.site is not None and not op.site.augmented):
            run.append(op)
    if len(run) > 1:
        yield from _group(run, region, uses, taken)


_FIRST = (*STORES, *UNPACKS, ASSIGN)


def _group(
    run: list[Op], region: Region, uses: dict[Value, int], taken: set[Op]
) -> Iterator[Group]:
    first = run[0]
    if first in taken:
        return
    unpacking = first.primitive in UNPACKS
    members, between, last = [first], [], 0
    items = set(first.results) if unpacking else set()
    for place, op in enumerate(run[1:], 1):
        stored = op.args[-1] if op.args else None
        if op.primitive in STORES or (op.primitive is ASSIGN and not unpacking):
            if unpacking and (stored not in items or uses.get(stored) != 1):  # type: ignore[arg-type]
                break
        elif unpacking and op.primitive in UNPACKS and stored in items:
            if uses.get(stored) != 1 or stored.name is not None:  # type: ignore[arg-type,union-attr]
                break
            items.update(op.results)
        elif (
            op.regions
            or len(op.results) != 1
            or op.result.name is not None
            or uses.get(op.result) != 1
        ):
            break
        else:
            continue
        if any(op in taken for op in run[last : place + 1]):
            break
        members.append(op)
        between += run[last + 1 : place]
        last = place
    if len(members) < 2:
        return
    if not unpacking:
        inside = {r for op in (*between, *members) for r in op.results}
        values = [
            a for op in members for a in (op.args if op.primitive is ASSIGN else op.args[-1:])
        ]
        if any(a in inside for a in values):
            return
    yield Group(members, between, unpacking)


# Comprehensions ---------------------------------------------------------------------------


class Comprehension:
    """A loop that is written as an expression.

    kind      "list", "set", "dict", "generator", "any" or "all"
    clauses   each loop with the filters that follow it, outermost first
    leaf      what is done for each item: the last append, or the branch that ends the loop
    """

    __slots__ = ("clauses", "kind", "leaf")

    def __init__(self, kind: str, clauses: list[tuple[Op, list[Atom]]], leaf: Op) -> None:
        self.kind = kind
        self.clauses = clauses
        self.leaf = leaf

    @property
    def whole(self) -> Value | None:
        """The list, set or dict that is made."""
        if self.kind in ("any", "all"):
            return None
        found = self.leaf.args[0]
        assert isinstance(found, Value)
        return found

    def element(self) -> Sequence[Atom]:
        """What is computed for each item; of a dict the key and the value."""
        return self.leaf.args[:1] if self.kind in ("any", "all") else self.leaf.args[1:]

    def bound(self, targets: dict[Value, Op]) -> Iterator[Value]:
        """The values that its loops bind."""
        for loop, _ in self.clauses:
            yield from targets_of(loop.regions[0].parameters[0], targets)

    def inner(self) -> Iterator[Atom]:
        """The atoms that are evaluated for each item, in order."""
        for place, (loop, filters) in enumerate(self.clauses):
            if place:
                yield loop.args[0]
            yield from filters
        yield from self.element()


def innermost(loop: Op) -> Comprehension | None:
    """A loop taken for a comprehension by its form: one last statement within another."""
    kind = loop.attribute
    carried = 1 if kind in ("any", "all") else 0
    if loop.primitive is not FOR or kind is None or kind == "clause" or len(loop.regions) != 1:
        return None
    if len(loop.results) != carried or len(loop.args) != 1 + carried:
        return None
    filters: list[Atom] = []
    clauses: list[tuple[Op, list[Atom]]] = [(loop, filters)]
    region = loop.regions[0]
    while region.ops:
        op = region.ops[-1]
        if carried and _leaves(op, kind):
            return Comprehension(kind, clauses, op)
        if op.primitive is IF:
            if op.results or op.regions[1].ops or op.regions[1].results is None:
                return None
            filters.append(op.args[0])
            region = op.regions[0]
        elif op.primitive is FOR and op.attribute == "clause" and not carried:
            if op.results or len(op.regions) != 1:
                return None
            filters = []
            clauses.append((op, filters))
            region = op.regions[0]
        else:
            return Comprehension(kind, clauses, op) if not carried and _adds(op, kind) else None
    return None


def _leaves(op: Op, kind: str) -> bool:
    """Whether an operation is what ends ``any`` (or ``all``)."""
    if op.primitive is not IF or op.results:
        return False
    ends, goes_on = op.regions if kind == "any" else reversed(op.regions)
    if len(ends.ops) != 1 or ends.ops[0].primitive is not BREAK or goes_on.ops:
        return False
    (found,) = ends.ops[0].args
    return isinstance(found, Const) and found.value is (kind == "any")


def _adds(op: Op, kind: str) -> bool:
    if not op.args or not isinstance(op.args[0], Value):
        return False
    if kind == "dict":
        return op.primitive is SET_ITEM
    if op.primitive is not METHOD_OF or op.attribute.keywords or len(op.args) != 2:
        return False
    wanted: Any = "add" if kind == "set" else "append"
    return bool(op.attribute.name == wanted)


#: What a comprehension of each kind starts from.
STARTS = {
    "list": memory.LIST,
    "generator": memory.LIST,
    "set": memory.SET,
    "dict": memory.DICT,
}
