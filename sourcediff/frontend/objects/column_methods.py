"""What is done to a list of tuples that is a list for each place in them (`tuple_columns`).

Each list has it done to it: ``kind, x = stack.pop()`` is ``kind = stack_kind.pop()`` and
``x = stack_x.pop()``. What puts tuples in order moves the items of all lists alike.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from sourcediff import types
from sourcediff.frontend.containers.containers import delete_item, set_item
from sourcediff.frontend.control.joins import FALLS, Outcome
from sourcediff.frontend.iteration.streams import Turns, go_through
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.column_order import collected, sort_columns
from sourcediff.frontend.objects.columns import add, assembled, grows, holds_objects, leaves_of
from sourcediff.frontend.objects.places import blame
from sourcediff.frontend.values import Binding, Columns
from sourcediff.ir import Const
from sourcediff.memory import METHOD_OF, MethodSpec

__all__ = ["delete_in_columns", "method_of_columns", "put_in_columns"]

Kwargs = dict[str, Binding]
NOTHING = Const(None, types.NONE)


def put_in_columns(
    lowering: Lowering, columns: Columns, index: Binding, value: Binding, node: ast.AST
) -> None:
    """``columns[index] = value``."""
    _require_tuples(lowering, columns, node, "an assignment to an item")
    at = lowering.atom(index)
    for whole, atom in zip(columns.lists, leaves_of(lowering, columns.shape, value), strict=True):
        set_item(lowering, whole, at, atom, node)


def delete_in_columns(lowering: Lowering, columns: Columns, index: Binding, node: ast.AST) -> None:
    """``del columns[index]``."""
    _require_tuples(lowering, columns, node, "del of an item")
    at = lowering.atom(index)
    for whole in columns.lists:
        delete_item(lowering, whole, at, node)


def _require_tuples(lowering: Lowering, columns: Columns, node: ast.AST, what: str) -> None:
    if holds_objects(columns.shape):
        blame(lowering, columns)
        lowering.error(f"{what} of a list of objects is not supported here", node)
    if columns.given:
        lowering.changes_given = True


# Methods -----------------------------------------------------------------------------------


def _pop(
    lowering: Lowering, columns: Columns, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding:
    index = [lowering.atom(a) for a in args]
    found: list[Binding] = []
    for whole in columns.lists:
        spec = MethodSpec("pop", writes=True, alike=bool(found))
        kind = whole.type.slots["element"].read()
        item = lowering.emit(METHOD_OF, (whole, *index), kind, attribute=spec)
        found.append(lowering.taken(item))
    return assembled(columns.shape, iter(found))


def _insert(
    lowering: Lowering, columns: Columns, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding:
    index, value = args
    at = lowering.atom(index)
    spec = MethodSpec("insert", writes=True)
    for whole, atom in zip(columns.lists, leaves_of(lowering, columns.shape, value), strict=True):
        lowering.put(whole.type.slots["element"], atom.type, "this list")
        lowering.effect(METHOD_OF, (whole, at, atom), attribute=spec)
    return NOTHING


def _extend(
    lowering: Lowering, columns: Columns, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding:
    (source,) = args
    if source is columns:
        lowering.error("a list that is extended by itself is not supported", node)

    def turn(item: Binding) -> Outcome:
        add(lowering, columns, item)
        return FALLS

    go_through(lowering, source, Turns(node, turn))
    return NOTHING


def _to_each(name: str) -> Callable[..., Binding]:
    """A method without arguments that is called of each list."""

    def called(
        lowering: Lowering, columns: Columns, args: list[Binding], kwargs: Kwargs, node: ast.AST
    ) -> Binding:
        for whole in columns.lists:
            lowering.effect(METHOD_OF, (whole,), attribute=MethodSpec(name, writes=True))
        return NOTHING

    return called


def _sort(
    lowering: Lowering, columns: Columns, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding:
    assert isinstance(node, ast.Call)
    sort_columns(lowering, columns, kwargs, node)
    return NOTHING


def _copy(
    lowering: Lowering, columns: Columns, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding:
    return collected(lowering, columns, columns.shape, node)


#: The methods of lists of tuples, with how many arguments they take.
_METHODS: dict[str, tuple[tuple[int, ...], Callable[..., Binding]]] = {
    "clear": ((0,), _to_each("clear")),
    "copy": ((0,), _copy),
    "extend": ((1,), _extend),
    "insert": ((2,), _insert),
    "pop": ((0, 1), _pop),
    "reverse": ((0,), _to_each("reverse")),
    "sort": ((0,), _sort),
}


def method_of_columns(
    lowering: Lowering,
    columns: Columns,
    name: str,
    args: list[Binding],
    kwargs: Kwargs,
    node: ast.AST,
) -> Binding:
    """``columns.name(*args)``."""
    if name == "append" and len(args) == 1 and not kwargs:
        grows(lowering, columns)
        add(lowering, columns, args[0])
        return NOTHING
    arities, method = _METHODS.get(name, ((), _pop))
    allowed = {"key", "reverse"} if name == "sort" else set()
    if len(args) not in arities or kwargs.keys() - allowed:
        blame(lowering, columns)
        lowering.error(f"{name}() of a list of objects is not supported here", node)
    if name not in ("copy", "extend"):
        _require_tuples(lowering, columns, node, f"{name}()")
    return method(lowering, columns, args, kwargs, node)
