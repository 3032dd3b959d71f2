"""Lowering of expressions, in Python's order of evaluation."""

from __future__ import annotations

import ast
import builtins
import types as python_types
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.array_values import negate_value
from sourcediff.frontend.arrays.arrays import is_array, negate
from sourcediff.frontend.arrays.flat_places import is_flat, place_in_array
from sourcediff.frontend.arrays.grids_in_brackets import grid_in_brackets, is_grid
from sourcediff.frontend.arrays.numpy_brackets import joined_in_brackets, joins_in_brackets
from sourcediff.frontend.calls.functions import dynamic
from sourcediff.frontend.calls.kept_calls import call_operator
from sourcediff.frontend.calls.tables import chosen, is_table
from sourcediff.frontend.complexes.operations import turn_complex
from sourcediff.frontend.complexes.values import constant as complex_constant
from sourcediff.frontend.complexes.values import is_complex
from sourcediff.frontend.containers.containers import (
    is_structure,
    item,
    make_dict,
    make_list,
    make_set,
    slice_of,
)
from sourcediff.frontend.containers.mappings import make_mapping
from sourcediff.frontend.describe import describe
from sourcediff.frontend.iteration.iterables import iterated
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.attributes import attribute_of
from sourcediff.frontend.objects.columns import made_of, registered
from sourcediff.frontend.objects.dissolved import (
    fields_of,
    item_outside,
    known_key,
    make_record,
    view_of,
)
from sourcediff.frontend.objects.dissolved_objects import call_special, item_of_known
from sourcediff.frontend.objects.members import member_by_name, with_members
from sourcediff.frontend.objects.places import as_object, as_place, truth_of_place
from sourcediff.frontend.objects.tuple_columns import register_tuple
from sourcediff.frontend.operators import (
    SPECIAL,
    conjunction,
    is_own_tuple,
    named_whole,
    operate,
    operate_comparison,
    primitive,
)
from sourcediff.frontend.primitives import FORMAT
from sourcediff.frontend.source import ADVICE
from sourcediff.frontend.state import all_values
from sourcediff.frontend.values import (
    Binding,
    Closure,
    Columns,
    Conflict,
    Dissolved,
    Grouped,
    Heap,
    Method,
    Picked,
    Rec,
    Ref,
    Spread,
    Static,
    Tup,
)
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import ASSIGN, TRUTH

__all__ = [
    "looked_up",
    "lower_expression",
    "lower_index",
    "lower_test",
    "read_item",
]


class Known(ast.expr):
    """An expression that has been evaluated."""

    def __init__(self, binding: Binding) -> None:
        super().__init__()
        self.binding = binding


def lower_expression(lowering: Lowering, node: ast.expr) -> Binding:
    """The binding that an expression has now."""
    handler = _EXPRESSIONS.get(type(node))
    if handler is None:
        what, help = _REFUSED.get(type(node), (f"a {type(node).__name__} expression", None))
        certain = not isinstance(node, ast.Slice)  # an array may be cut by it
        lowering.error(f"{what} is not supported", node, help, certain=certain)
    before, lowering.node = lowering.node, node
    result: Binding = handler(lowering, node)
    lowering.node = before
    return as_object(lowering, result)


_REFUSED: dict[type, tuple[str, str | None]] = {
    ast.Yield: ("yield", ADVICE["a generator"]),
    ast.YieldFrom: ("yield from", ADVICE["a generator"]),
    ast.Await: ("await", "differentiate a plain function"),
    ast.Starred: ("a starred expression here", None),
}


def _constant(lowering: Lowering, node: ast.Constant) -> Binding:
    constant = lowering.constant(node.value)
    if constant is not None:
        return constant
    if isinstance(node.value, complex):
        return complex_constant(lowering, node.value)
    if node.value is ...:
        return Static(...)
    lowering.error(f"{type(node.value).__name__} literals are not supported", node)


def _name(lowering: Lowering, node: ast.Name) -> Binding:
    return lowering.lookup(node.id, node)


# Operators -------------------------------------------------------------------------------


def _binary(lowering: Lowering, node: ast.BinOp) -> Binding:
    # The left spine of a + b + c + … is as deep as the sum is long: walked, not recursed into.
    spine = [node]
    while isinstance(spine[-1].left, ast.BinOp):
        spine.append(spine[-1].left)
    result = lower_expression(lowering, spine[-1].left)
    for inner in reversed(spine):
        right = lower_expression(lowering, inner.right)
        lowering.node = inner
        result = operate(lowering, inner.op, result, right)
    return result


def _unary(lowering: Lowering, node: ast.UnaryOp) -> Binding:
    if isinstance(node.op, ast.Not):
        operand = lower_test(lowering, node.operand)
    else:
        operand = lower_expression(lowering, node.operand)
    if isinstance(node.op, ast.Not):
        test = lowering.truth(operand)
        if isinstance(test, bool):
            return Const(not test, types.BOOL)
        return lowering.apply(primitive(node.op), (test,))
    if is_array(operand):
        lowering.node = node
        turned = negate if lowering.faithful else negate_value
        return turned(lowering, node.op, operand)
    operation = primitive(node.op)
    if is_complex(operand):
        return turn_complex(lowering, node.op, operand)
    if isinstance(operand, Dissolved) or (not lowering.faithful and is_own_tuple(operand)):
        found = call_special(lowering, operand, f"__{SPECIAL.get(type(node.op))}__", [])
        if found is not None:
            return found
    if lowering.faithful:
        operand = named_whole(lowering, operand)
    if isinstance(operand, Value) and operand.type.cls is not None:
        found = call_operator(lowering, f"__{SPECIAL.get(type(node.op))}__", operand, [])
        if found is not None:
            return found
    return lowering.apply(operation, (lowering.number(operand, repr(operation.pattern)),))


# Tests -----------------------------------------------------------------------------------


def _comparison(lowering: Lowering, node: ast.Compare) -> Binding:
    left = lower_expression(lowering, node.left)

    def compare_from(place: int, left: Binding) -> Binding:
        right = lower_expression(lowering, node.comparators[place])
        lowering.node = node
        test = operate_comparison(lowering, node.ops[place], left, right)
        if place + 1 == len(node.ops):
            return test
        return conjunction(lowering, test, lambda: compare_from(place + 1, right))

    return compare_from(0, left)


def _boolean(lowering: Lowering, node: ast.BoolOp, is_test: bool = False) -> Binding:
    form = "and" if isinstance(node.op, ast.And) else "or"

    def from_place(place: int) -> Binding:
        if is_test:
            first = _asked(lowering, lower_test(lowering, node.values[place]))
        else:
            first = lower_expression(lowering, node.values[place])
        if place + 1 == len(node.values):
            return first
        if form == "and":
            return lowering.choose(first, lambda: from_place(place + 1), lambda: first, form)
        return lowering.choose(first, lambda: first, lambda: from_place(place + 1), form)

    return from_place(0)


def _asked(lowering: Lowering, found: Binding) -> Binding:
    """A part of a test: the truth of a list or of an object that may be None, else as it is."""
    is_list = isinstance(found, Value) and found.type.kind in ("List", "Dict")
    if is_list or isinstance(found, Columns | Heap | Grouped):
        known = lowering.truth(found)
        return Const(known, types.BOOL) if isinstance(known, bool) else known
    return (isinstance(found, Value) and truth_of_place(lowering, found)) or found


def lower_test(lowering: Lowering, node: ast.expr) -> Binding:
    """An expression of which only the truth matters."""
    if not isinstance(node, ast.BoolOp):
        return lower_expression(lowering, node)
    if not lowering.faithful:
        return _boolean(lowering, node, is_test=True)
    form = "and" if isinstance(node.op, ast.And) else "or"

    def truth_of(place: int) -> Binding:
        found = lower_test(lowering, node.values[place])
        known = lowering.truth(found)
        if isinstance(known, bool):
            return Const(known, types.BOOL)
        return found

    def from_place(place: int) -> Binding:
        first = truth_of(place)
        if place + 1 == len(node.values):
            return first
        if form == "and":
            return _choose_truth(lowering, first, lambda: from_place(place + 1), form)
        return _choose_truth(lowering, first, lambda: from_place(place + 1), form)

    return from_place(0)


def _choose_truth(
    lowering: Lowering, first: Binding, then: Callable[[], Binding], form: str
) -> Binding:
    """``first and then()`` as a truth value, whatever the types of the two are."""
    decided = Const(form == "or", types.BOOL)

    def other() -> Binding:
        found = then()
        if isinstance(found, Value) and found.type is not types.BOOL:
            told = truth_of_place(lowering, found)
            if told is not None:
                return told
            # Only its truth matters, so it stands for it.
            return lowering.emit(TRUTH, (found,), types.BOOL)
        return found

    if form == "and":
        return lowering.choose(first, other, lambda: decided, form)
    return lowering.choose(first, lambda: decided, other, form)


def _conditional(lowering: Lowering, node: ast.IfExp) -> Binding:
    test = lower_test(lowering, node.test)
    return lowering.choose(
        test,
        lambda: lower_expression(lowering, node.body),
        lambda: lower_expression(lowering, node.orelse),
    )


def _walrus(lowering: Lowering, node: ast.NamedExpr) -> Binding:
    value = lower_expression(lowering, node.value)
    frame, name = lowering.frame, node.target.id
    own = frame.owner(name) is frame and name not in frame.shared
    own &= not frame.hidden or name not in frame.hidden[-1]
    if not lowering.faithful or not own or not isinstance(value, Value | Const):
        lowering.bind(name, value, node.target)
        return value
    if value.type.kind == "Function":
        lowering.bind(name, value, node.target)
        return value
    # The variable, and what the expression is: that is read where the user wrote it.
    bound, result = Value(value.type, name), Value(value.type)
    lowering.ops.append(
        Op(ASSIGN, (value, value), (bound, result), attribute="walrus", site=lowering.site)
    )
    lowering.variables.set((frame, name), bound)
    lowering.named_inside[result] = bound
    return result


# Structure -------------------------------------------------------------------------------


def _sequence(lowering: Lowering, node: ast.Tuple | ast.List) -> Binding:
    items = lower_items(lowering, node.elts)
    site = (*lowering.path, node)
    spread = any(isinstance(item, Spread) for item in items)
    if lowering.faithful or spread or site in lowering.memo.written:
        return _in_memory(lowering, node, items)
    return Tup(items, tuple if isinstance(node, ast.Tuple) else list, site=site)


def _in_memory(lowering: Lowering, node: ast.Tuple | ast.List, items: list[Binding]) -> Binding:
    spread = frozenset(i for i, item in enumerate(items) if isinstance(item, Spread))
    plain = [as_place(i.value if isinstance(i, Spread) else i) for i in items]
    if (*lowering.path, node) in lowering.memo.written:
        plain = [with_members(lowering, i) for i in plain]
    if isinstance(node, ast.List):
        if not lowering.faithful and not spread and registered(lowering, node):
            return made_of(lowering, node, plain)
        register_tuple(lowering, lowering.slot(node, "List"), plain)
        if not all(dynamic(i) and not isinstance(i, Closure) for i in plain):
            return Tup(items, list, site=(*lowering.path, node))
        return make_list(lowering, node, plain, spread)
    if not spread:
        return Tup(items)
    from sourcediff.frontend.calls.calls import call

    whole = make_list(lowering, node, plain, spread)
    function = Static(tuple, Ref("module", builtins, ("tuple",)))
    return call(lowering, function, [whole], {}, node)


def _set(lowering: Lowering, node: ast.Set) -> Binding:
    return make_set(lowering, node, lower_items(lowering, node.elts))


def lower_items(
    lowering: Lowering, nodes: list[ast.expr], as_values: bool = False
) -> list[Binding]:
    """Expressions of a display or a call, starred ones spread out.

    Args:
        as_values: whether a tuple that is spread out is put together first, as it can be written
            with the star.
    """
    items: list[Binding] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            if isinstance(node.value, ast.GeneratorExp):
                whole = _comprehension(lowering, node.value)
            else:
                whole = iterated(lowering, lower_expression(lowering, node.value))
            if isinstance(whole, Dissolved) and whole.cls is dict:
                whole = view_of(lowering, whole, "keys")
            if isinstance(whole, Rec):
                whole = Tup([Const(k, types.STR) for k in whole.items])
            if as_values and isinstance(whole, Tup) and whole.cls is tuple and whole.items:
                whole = lowering.atom(whole) if all_values(whole) else whole
            if isinstance(whole, Value) and (lowering.faithful or is_structure(whole)):
                if whole.type.kind == "Tuple":
                    items.extend(lowering.spread(whole))
                else:
                    items.append(Spread(whole))
                continue
            if not isinstance(whole, Tup):
                lowering.error(f"cannot spread {describe(whole)}", node, "use a tuple")
            items.extend(whole.items)
        else:
            items.append(lower_expression(lowering, node))
    return items


def _dict(lowering: Lowering, node: ast.Dict) -> Binding:
    if lowering.faithful:
        return _dict_in_memory(lowering, node)
    site = None if None in node.keys else (*lowering.path, node)
    if site in lowering.memo.written:
        return make_mapping(lowering, node, _pairs(lowering, node))
    items: dict[Any, Binding] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            items.update(spread_keys(lowering, lower_expression(lowering, value), value))
            continue
        known = lower_expression(lowering, key)
        lowering.node = key
        items[known_key(lowering, known)] = lower_expression(lowering, value)
    return make_record(lowering, items.items(), site)


def _pairs(lowering: Lowering, node: ast.Dict) -> list[tuple[Binding, Binding]]:
    """The keys and values of a display, in Python's order of evaluation."""
    return [
        (lower_expression(lowering, key), lower_expression(lowering, value))
        for key, value in zip(node.keys, node.values, strict=True)
        if key is not None
    ]


def spread_keys(
    lowering: Lowering, whole: Binding, node: ast.expr, where: str = ""
) -> dict[Any, Binding]:
    """What a dict holds that is spread out: ``**whole``."""
    if isinstance(whole, Rec):
        return whole.items
    outside = lowering.keys_outside(whole) if isinstance(whole, Value) else None
    if outside is not None:
        assert isinstance(whole, Value)
        return {key: item_outside(lowering, whole, key) for key in outside}
    if not isinstance(whole, Dissolved) or whole.cls is not dict:
        lowering.error(f"cannot spread {describe(whole)}{where}", node)
    return fields_of(lowering, whole)


def _dict_in_memory(lowering: Lowering, node: ast.Dict) -> Binding:
    pairs: list[tuple[Binding, Binding]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            whole = lower_expression(lowering, value)
            if isinstance(whole, Rec):
                pairs += [(Const(k, types.STR), v) for k, v in whole.items.items()]
            else:
                pairs.append((Const(None, types.NONE), whole))
            continue
        name = lower_expression(lowering, key)
        pairs.append((name, lower_expression(lowering, value)))
    if any(not isinstance(v, Value | Const | Tup) for _, v in pairs):
        return Rec({_key_of(lowering, k): v for k, v in pairs}, (*lowering.path, node))
    spread = frozenset(2 * i for i, key in enumerate(node.keys) if key is None)
    return make_dict(lowering, node, pairs, spread if len(pairs) == len(node.keys) else frozenset())


def _key_of(lowering: Lowering, key: Binding) -> Any:
    """The key of a table of functions."""
    if isinstance(key, Const):
        return key.value
    if not isinstance(key, Static):
        lowering.error("a computed key of a table is not supported", help="use a constant key")
    return key.object


def lower_index(lowering: Lowering, node: ast.expr) -> Binding:
    """What stands between the brackets of a subscript."""
    if isinstance(node, ast.Tuple):
        return Tup([lower_index(lowering, part) for part in node.elts])
    if isinstance(node, ast.Constant) and node.value is ...:
        return Const(..., types.OBJECT)
    if not isinstance(node, ast.Slice):
        return lower_expression(lowering, node)
    none = Const(None, types.NONE)
    parts = (node.lower, node.upper, node.step)
    bounds = [none if part is None else lower_expression(lowering, part) for part in parts]
    return slice_of(lowering, bounds)


def read_item(lowering: Lowering, whole: Atom, index: Binding, node: ast.Subscript) -> Binding:
    """``whole[index]`` of a value."""
    if isinstance(whole, Value) and whole.type.kind == "Object":
        found = call_operator(lowering, "__getitem__", whole, [index])
        if found is not None:
            return found
    return item(lowering, whole, index, node)


def _subscript(lowering: Lowering, node: ast.Subscript) -> Binding:
    whole = lower_expression(lowering, node.value)
    if isinstance(whole, Grouped):
        from sourcediff.frontend.containers.grouped import list_of_key

        return list_of_key(lowering, whole, lower_index(lowering, node.slice), node)
    if isinstance(whole, Heap):
        from sourcediff.frontend.objects.heaps import item_of_heap

        return item_of_heap(lowering, whole, lower_index(lowering, node.slice))
    if isinstance(whole, Columns):
        from sourcediff.frontend.objects.column_calls import subscript_of_columns

        return subscript_of_columns(lowering, whole, lower_index(lowering, node.slice), node)
    if isinstance(whole, Dissolved):
        index = lower_index(lowering, node.slice)
        lowering.node = node
        if isinstance(index, Value) and is_table(lowering, whole):
            return chosen(lowering, whole, index, node.slice)
        return item_of_known(lowering, whole, index, node.slice)
    if is_grid(whole) and not lowering.faithful:
        return grid_in_brackets(lowering, whole, node, lower_index)
    if joins_in_brackets(whole) and not lowering.faithful:
        return joined_in_brackets(lowering, whole, lower_index(lowering, node.slice), node)
    if is_flat(whole):
        index = lower_index(lowering, node.slice)
        lowering.node = node
        array, index = place_in_array(lowering, whole, index, node)
        return read_item(lowering, array, index, node)
    none = isinstance(whole, Value | Const) and whole.type is types.NONE
    own = lowering.faithful and (none or _plain_tuple(whole, node.slice))
    text = isinstance(whole, Value | Const) and whole.type is types.STR
    if own or (is_structure(whole) and (lowering.faithful or not text)):
        index = lower_index(lowering, node.slice)
        lowering.node = node
        return read_item(lowering, lowering.atom(whole), index, node)
    if isinstance(node.slice, ast.Slice):
        parts = (node.slice.lower, node.slice.upper, node.slice.step)
        bounds = [None if part is None else lower_expression(lowering, part) for part in parts]
        return _slice(lowering, node.slice, bounds, whole)
    if isinstance(node.slice, ast.Tuple) and any(
        isinstance(part, ast.Slice) for part in node.slice.elts
    ):
        lowering.error(f"a part of {describe(whole)} is not supported", node, "pass an array")
    index = lower_expression(lowering, node.slice)
    if isinstance(index, Value) and index.type is types.SLICE:
        return _slice(lowering, node.slice, lowering.bounds.get(index, (index,)), whole)
    if lowering.faithful and isinstance(whole, Rec | Tup) and not isinstance(index, Const):
        return looked_up(lowering, whole, index)
    if isinstance(index, Value) and types.is_number(index.type) and is_table(lowering, whole):
        return chosen(lowering, whole, index, node.slice)
    if isinstance(whole, Rec):
        if isinstance(index, Static) and index.is_member and index.object in whole.items:
            return whole.items[index.object]
        if not isinstance(index, Const):
            lowering.error("a computed key is not supported", node.slice, "use a constant key")
        if index.value not in whole.items:
            lowering.error(f"there is no key {index.value!r}", node)
        return whole.items[index.value]
    if isinstance(whole, Static):
        member = member_by_name(whole, index)
        if member is not None:
            return member
    if not isinstance(whole, Tup):
        lowering.error(
            f"an item of {describe(whole)} is not supported", node, "pass numbers or tuples"
        )
    if isinstance(index, Value) and index.type in (types.INT, types.BOOL, types.REAL):
        return _computed_item(lowering, whole, index, node)
    if not isinstance(index, Const) or not isinstance(index.value, int):
        lowering.error(f"{describe(index)} is not an index of a tuple", node.slice)
    try:
        return whole.items[index.value]
    except IndexError:
        lowering.error(f"index {index.value} of a {whole.cls.__name__} of {len(whole.items)}", node)


def looked_up(lowering: Lowering, whole: Tup | Rec, index: Binding) -> Binding:
    """One of several functions, by a key or index that only the run knows: its place."""
    values = list(whole.items.values()) if isinstance(whole, Rec) else whole.items
    places: list[Binding] = [Const(i, types.INT) for i in range(len(values))]
    node = lowering.node
    assert node is not None
    table: Atom
    if isinstance(whole, Rec):
        keys = [_as_key(lowering, key) for key in whole.items]
        table = make_dict(lowering, node, list(zip(keys, places, strict=True)))
    else:
        table = lowering.atom(Tup(places))
    place = lowering.atom(item(lowering, table, index, node))  # raises where nothing is there
    kind = types.function_of((*lowering.path, node), Picked(values, lowering.current))
    return lowering.emit(ASSIGN, (place,), kind)


def _as_key(lowering: Lowering, key: Any) -> Binding:
    found = lowering.constant(key) or with_members(lowering, Static(key))
    if isinstance(found, Static):
        lowering.error("a table with such keys is not supported", help="use texts or numbers")
    return found


def _plain_tuple(whole: Binding, index: ast.expr) -> bool:
    """Whether an item of a tuple has to be looked up by the run."""
    if not isinstance(whole, Tup) or isinstance(index, ast.Constant):
        return False
    return all(isinstance(i, Value | Const) or _plain_tuple(i, index) for i in whole.items)


def _computed_item(lowering: Lowering, whole: Tup, index: Value, node: ast.expr) -> Binding:
    """An item of which only the run knows the place."""
    if whole.cls is list:
        lowering.in_memory(whole)
    if not lowering.faithful:
        from sourcediff.frontend.containers.rows import as_row, is_row

        if is_row(whole):
            return item(lowering, as_row(lowering, whole, node), index, node)
    lowering.node = None
    return item(lowering, lowering.atom(whole), index, node)


def _slice(
    lowering: Lowering, node: ast.expr, parts: Sequence[Binding | None], whole: Binding
) -> Binding:
    """``whole[a:b]`` of what is known item by item."""
    bounds: list[int | None] = []
    for bound in parts:
        if bound is None:
            bounds.append(None)
        elif isinstance(bound, Const) and isinstance(bound.value, int | None):
            bounds.append(bound.value)
        else:
            if isinstance(whole, Tup) and whole.cls is list:
                lowering.in_memory(whole)
            lowering.error("a slice with computed bounds is not supported", node)
    if isinstance(whole, Const) and isinstance(whole.value, str):
        return Const(whole.value[slice(*bounds)], types.STR)
    if not isinstance(whole, Tup):
        lowering.error(f"a slice of {describe(whole)} is not supported", node)
    if bounds[2] == 0:
        lowering.error("slice step cannot be zero", node, "leave the step out, or give 1 or -1")
    items = whole.items[slice(*bounds)]
    return lowering.known_list(node, items, whole) if whole.cls is list else Tup(items)


def _attribute(lowering: Lowering, node: ast.Attribute) -> Binding:
    whole = lower_expression(lowering, node.value)
    lowering.node = node
    return attribute_of(lowering, whole, node.attr)


def _lambda(lowering: Lowering, node: ast.Lambda) -> Binding:
    from sourcediff.frontend.control.statements import make_closure

    return make_closure(lowering, node)


def _call(lowering: Lowering, node: ast.Call) -> Binding:
    from sourcediff.frontend.calls.calls import call
    from sourcediff.frontend.iteration import generators

    function = lower_expression(lowering, node.func)
    decides = isinstance(function, Static) and function.object in (any, all)
    if decides and len(node.args) == 1:
        (argument,) = node.args
        if isinstance(argument, ast.GeneratorExp):
            assert isinstance(function, Static)
            return lower_any_all(lowering, function.object.__name__, argument)
    first = isinstance(function, Static) and function.object is next and node.args
    if first and isinstance(node.args[0], ast.GeneratorExp):
        from sourcediff.frontend.containers import comprehensions, first_items

        if len(node.args) == 1:
            return first_items.lower_first_of_some(lowering, node.args[0])
        return comprehensions.lower_first(lowering, node.args[0], node.args[1])
    if isinstance(function, Method) and function.name == "extend" and not lowering.faithful:
        if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            return generators.extended(lowering, function, node, node.args[0])
    if isinstance(function, Static) and function.object is zip and not lowering.faithful:
        apart = _places_apart(lowering, node)
        if apart is not None:
            return apart
    taken = generators.taken_at_once(function, node)
    if taken is not None:
        args = [
            generators.lower_at_once(lowering, taken, function),
            *lower_items(lowering, node.args[1:]),
        ]
    else:
        args = lower_items(lowering, node.args, _stays_a_call(lowering, function))
    kwargs: dict[str, Binding] = {}
    for keyword in node.keywords:
        if keyword.arg is None and isinstance(keyword.value, ast.Dict) and lowering.faithful:
            _keywords_of(lowering, keyword.value, kwargs)
            continue
        value = lower_expression(lowering, keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
            continue
        kwargs.update(spread_keys(lowering, value, keyword.value, " as keywords"))
    lowering.node = node
    return call(lowering, function, args, kwargs, node)


def _places_apart(lowering: Lowering, node: ast.Call) -> Binding | None:
    """``zip(*rows)`` of a list of tuples that is a list for each place; None for any other."""
    from sourcediff.frontend.objects.column_calls import places_apart

    match node.args:
        case [ast.Starred(ast.Name() as whole)] if not node.keywords:
            found = lower_expression(lowering, whole)
            lowering.node = node
            return places_apart(lowering, found, node) if isinstance(found, Columns) else None
    return None


def _stays_a_call(lowering: Lowering, function: Binding) -> bool:
    """Whether a call is one of a function of the user's, which is kept."""
    known = function.object if isinstance(function, Static) else None
    return lowering.faithful and isinstance(known or function, python_types.FunctionType | Closure)


def _keywords_of(lowering: Lowering, node: ast.Dict, kwargs: dict[str, Binding]) -> None:
    """``**{"a": x}``."""
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            for name, part in spread_keys(
                lowering, lower_expression(lowering, value), value
            ).items():
                kwargs[name] = part
            continue
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            lowering.error("cannot spread this dict as keywords", node)
        kwargs[key.value] = lower_expression(lowering, value)


def _is_plain_constant(atom: Atom) -> bool:
    return isinstance(atom, Const) and type(atom.value) in (int, str)


# Text ------------------------------------------------------------------------------------


def _formatted(lowering: Lowering, node: ast.JoinedStr) -> Binding:
    parts: list[Any] = []
    atoms: list[Atom] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
            continue
        assert isinstance(part, ast.FormattedValue)
        binding = lower_expression(lowering, part.value)
        if isinstance(binding, Static | Conflict):
            lowering.error(f"{describe(binding)} in an f-string is not supported", part)
        spec = ""
        if part.format_spec is not None:
            assert isinstance(part.format_spec, ast.JoinedStr)
            if not all(isinstance(p, ast.Constant) for p in part.format_spec.values):
                lowering.error("a computed format is not supported", part)
            spec = "".join(p.value for p in part.format_spec.values)  # type: ignore[attr-defined]
        parts.append((part.conversion, spec))
        atoms.append(lowering.atom(binding))
    if not atoms:
        return Const("".join(parts), types.STR)
    if not lowering.faithful and all(map(_is_plain_constant, atoms)):
        known = [atom.value for atom in atoms if isinstance(atom, Const)]
        with suppress(ValueError):  # which is raised where it is in the run
            return Const(FORMAT.evaluate(tuple(parts), *known), types.STR)
    return lowering.emit(FORMAT, atoms, attribute=tuple(parts))


def _comprehension(lowering: Lowering, node: Any) -> Binding:
    from sourcediff.frontend.containers.comprehensions import lower_comprehension

    return lower_comprehension(lowering, node)


def _generator(lowering: Lowering, node: ast.GeneratorExp) -> Binding:
    from sourcediff.frontend.iteration.generators import refuse_late

    refuse_late(lowering, node)


def lower_any_all(lowering: Lowering, name: str, node: ast.GeneratorExp) -> Binding:
    """``any(test for …)``."""
    from sourcediff.frontend.containers import comprehensions

    return comprehensions.lower_any_all(lowering, name, node)


_EXPRESSIONS: dict[type, Callable[..., Binding]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _comparison,
    ast.BoolOp: _boolean,
    ast.IfExp: _conditional,
    ast.NamedExpr: _walrus,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Dict: _dict,
    ast.Subscript: _subscript,
    ast.Attribute: _attribute,
    ast.Lambda: _lambda,
    ast.Call: _call,
    ast.JoinedStr: _formatted,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _generator,
    ast.Set: _set,
    Known: lambda lowering, node: node.binding,
}
