"""Lowering of expressions, in Python's order of evaluation."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

from sourcediff import types
from sourcediff.frontend.attributes import attribute_of
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import FORMAT
from sourcediff.frontend.values import Binding, Conflict, Rec, Static, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.rules.table import primitive_of

__all__ = ["conjunction", "lower_expression", "operate", "operate_comparison"]


def lower_expression(lowering: Lowering, node: ast.expr) -> Binding:
    """The binding that an expression has now."""
    handler = _EXPRESSIONS.get(type(node))
    if handler is None:
        what, help = _REFUSED.get(type(node), (f"a {type(node).__name__} expression", None))
        lowering.error(f"{what} is not supported", node, help, certain=True)
    before, lowering.node = lowering.node, node
    result: Binding = handler(lowering, node)
    lowering.node = before
    return result


_REFUSED: dict[type, tuple[str, str | None]] = {
    ast.ListComp: ("a list comprehension", "write the items out, or sum them one by one"),
    ast.GeneratorExp: ("a generator expression", "write the items out, or sum them one by one"),
    ast.SetComp: ("a set comprehension", None),
    ast.DictComp: ("a dict comprehension", None),
    ast.Set: ("a set", "use a tuple"),
    ast.Yield: ("yield", "return the value instead"),
    ast.YieldFrom: ("yield from", "return the value instead"),
    ast.Await: ("await", "differentiate a plain function"),
    ast.Starred: ("a starred expression here", None),
}


def _constant(lowering: Lowering, node: ast.Constant) -> Binding:
    constant = lowering.constant(node.value)
    if constant is not None:
        return constant
    if isinstance(node.value, complex):
        lowering.error(
            "complex numbers are not supported yet", node, "split into real and imaginary parts"
        )
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


def operate(lowering: Lowering, op: ast.operator, left: Binding, right: Binding) -> Binding:
    """``left op right``."""
    if isinstance(left, Tup) or isinstance(right, Tup):
        return _on_tuples(lowering, op, left, right)
    primitive = primitive_of(op)
    if primitive is None:
        lowering.error("the operator @ works on arrays, which are not supported yet")
    symbol = f"the operator of {primitive.pattern!r}"
    if isinstance(op, ast.Mod) and isinstance(left, Value | Const) and left.type is types.STR:
        lowering.error("the % operator on text is not supported", help="use an f-string")
    if all(isinstance(b, Value | Const) for b in (left, right)):
        return lowering.apply(primitive, (lowering.atom(left), lowering.atom(right)))
    return lowering.apply(
        primitive, (lowering.number(left, symbol), lowering.number(right, symbol))
    )


def _on_tuples(lowering: Lowering, op: ast.operator, left: Binding, right: Binding) -> Binding:
    if isinstance(op, ast.Add) and isinstance(left, Tup) and isinstance(right, Tup):
        if left.cls is right.cls:
            return Tup([*left.items, *right.items], left.cls)
    elif isinstance(op, ast.Mult):
        whole, count = (left, right) if isinstance(left, Tup) else (right, left)
        if isinstance(whole, Tup) and isinstance(count, Const) and isinstance(count.value, int):
            return Tup(whole.items * count.value, whole.cls)
    lowering.error(
        f"this operator on {describe(left)} and {describe(right)} is not supported",
        help="use the items one by one",
    )


def _unary(lowering: Lowering, node: ast.UnaryOp) -> Binding:
    operand = lower_expression(lowering, node.operand)
    if isinstance(node.op, ast.Not):
        test = lowering.truth(operand)
        if isinstance(test, bool):
            return Const(not test, types.BOOL)
        return lowering.apply(primitive(node.op), (test,))
    operation = primitive(node.op)
    return lowering.apply(operation, (lowering.number(operand, repr(operation.pattern)),))


def primitive(op: ast.AST) -> Any:
    """The primitive of an operator node."""
    found = primitive_of(op)
    assert found is not None
    return found


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


def conjunction(lowering: Lowering, test: Binding, then: Callable[[], Binding]) -> Binding:
    """``test and then()``, where `test` is a truth value."""
    return lowering.choose(test, then, lambda: test, "and")


def operate_comparison(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """``left op right`` for one comparison operator."""
    if isinstance(op, ast.In | ast.NotIn):
        return _contains(lowering, op, left, right)
    if isinstance(op, ast.Is | ast.IsNot):
        known = _known_identity(left, right)
        if known is not None:
            return Const(known is isinstance(op, ast.Is), types.BOOL)
    if isinstance(left, Tup) and isinstance(right, Tup) and isinstance(op, ast.Eq | ast.NotEq):
        return _equal_tuples(lowering, op, left, right)
    if isinstance(left, Static) and isinstance(right, Static):
        if isinstance(op, ast.Eq | ast.NotEq) and callable(left.object):
            return Const((left.object == right.object) is isinstance(op, ast.Eq), types.BOOL)
    if (
        isinstance(left, Value | Const)
        and isinstance(right, Value | Const)
        and isinstance(op, ast.Eq | ast.NotEq)
        and types.join(left.type, right.type) is None
        and "Instance" not in (left.type.kind, right.type.kind)
    ):
        return Const(isinstance(op, ast.NotEq), types.BOOL)  # a text is never a number
    return lowering.apply(primitive(op), (lowering.atom(left), lowering.atom(right)))


def _known_identity(left: Binding, right: Binding) -> bool | None:
    """Whether two bindings are one object, where compiling can tell."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Const) and one.type in (types.NONE, types.BOOL):
            if isinstance(other, Const):
                return one.value is other.value
            if isinstance(other, Value):
                joined = types.join(one.type, other.type)
                can_be = other.type.kind == "Optional" or other.type in (one.type, types.REAL)
                return None if joined is not None and can_be else False
            return False
    if isinstance(left, Static) and isinstance(right, Static):
        return left.object is right.object
    return None


def _equal_tuples(lowering: Lowering, op: ast.cmpop, left: Tup, right: Tup) -> Binding:
    equal: Binding = Const(len(left.items) == len(right.items), types.BOOL)
    if len(left.items) == len(right.items):
        for a, b in zip(left.items, right.items, strict=True):
            if a is b:
                continue  # Python compares items by identity first
            then = partial(operate_comparison, lowering, ast.Eq(), a, b)
            equal = conjunction(lowering, equal, then)
    if isinstance(op, ast.Eq):
        return equal
    if isinstance(equal, Const):
        return Const(not equal.value, types.BOOL)
    return lowering.apply(primitive(ast.Not()), (lowering.atom(equal),))


def _contains(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    if isinstance(right, Rec):
        if not isinstance(left, Const):
            lowering.error("a computed key is not supported", help="use a constant key")
        return Const((left.value in right.items) is isinstance(op, ast.In), types.BOOL)
    if isinstance(right, Const) and isinstance(left, Const) and right.type is types.STR:
        return Const((left.value in right.value) is isinstance(op, ast.In), types.BOOL)
    if not isinstance(right, Tup):
        lowering.error(f"'in' on {describe(right)} is not supported", help="use a tuple")
    found: Binding = Const(False, types.BOOL)
    if any(item is left for item in right.items):
        return Const(isinstance(op, ast.In), types.BOOL)  # by identity, as Python does first
    for item in right.items:
        found = lowering.choose(
            found,
            lambda: Const(True, types.BOOL),
            lambda item=item: operate_comparison(lowering, ast.Eq(), left, item),  # type: ignore[misc]
            "or",
        )
    if isinstance(op, ast.In):
        return found
    if isinstance(found, Const):
        return Const(not found.value, types.BOOL)
    return lowering.apply(primitive(ast.Not()), (lowering.atom(found),))


def _boolean(lowering: Lowering, node: ast.BoolOp) -> Binding:
    form = "and" if isinstance(node.op, ast.And) else "or"

    def from_place(place: int) -> Binding:
        first = lower_expression(lowering, node.values[place])
        if place + 1 == len(node.values):
            return first
        if form == "and":
            return lowering.choose(first, lambda: from_place(place + 1), lambda: first, form)
        return lowering.choose(first, lambda: first, lambda: from_place(place + 1), form)

    return from_place(0)


def _conditional(lowering: Lowering, node: ast.IfExp) -> Binding:
    test = lower_expression(lowering, node.test)
    return lowering.choose(
        test,
        lambda: lower_expression(lowering, node.body),
        lambda: lower_expression(lowering, node.orelse),
    )


def _walrus(lowering: Lowering, node: ast.NamedExpr) -> Binding:
    value = lower_expression(lowering, node.value)
    lowering.bind(node.target.id, value, node.target)
    return value


# Structure -------------------------------------------------------------------------------


def _sequence(lowering: Lowering, node: ast.Tuple | ast.List) -> Binding:
    cls = tuple if isinstance(node, ast.Tuple) else list
    return Tup(lower_items(lowering, node.elts), cls)


def lower_items(lowering: Lowering, nodes: list[ast.expr]) -> list[Binding]:
    """Expressions of a display or a call, starred ones spread out."""
    items: list[Binding] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            whole = lower_expression(lowering, node.value)
            if isinstance(whole, Rec):
                whole = Tup([Const(k, types.STR) for k in whole.items])
            if not isinstance(whole, Tup):
                lowering.error(f"cannot spread {describe(whole)}", node, "use a tuple")
            items.extend(whole.items)
        else:
            items.append(lower_expression(lowering, node))
    return items


def _dict(lowering: Lowering, node: ast.Dict) -> Binding:
    items: dict[Any, Binding] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            whole = lower_expression(lowering, value)
            if not isinstance(whole, Rec):
                lowering.error(f"cannot spread {describe(whole)}", value)
            items.update(whole.items)
            continue
        known = lower_expression(lowering, key)
        if not isinstance(known, Const):
            lowering.error("a computed key is not supported", key, "use a constant key")
        items[known.value] = lower_expression(lowering, value)
    return Rec(items)


def _subscript(lowering: Lowering, node: ast.Subscript) -> Binding:
    whole = lower_expression(lowering, node.value)
    if isinstance(node.slice, ast.Slice):
        return _slice(lowering, node.slice, whole)
    index = lower_expression(lowering, node.slice)
    if isinstance(whole, Rec):
        if not isinstance(index, Const):
            lowering.error("a computed key is not supported", node.slice, "use a constant key")
        if index.value not in whole.items:
            lowering.error(f"there is no key {index.value!r}", node)
        return whole.items[index.value]
    if not isinstance(whole, Tup):
        lowering.error(
            f"an item of {describe(whole)} is not supported", node, "pass numbers or tuples"
        )
    if isinstance(index, Value) and index.type in (types.INT, types.BOOL, types.REAL):
        return _computed_item(lowering, whole, index)
    if not isinstance(index, Const) or not isinstance(index.value, int):
        lowering.error(f"{describe(index)} is not an index of a tuple", node.slice)
    try:
        return whole.items[index.value]
    except IndexError:
        lowering.error(f"index {index.value} of a {whole.cls.__name__} of {len(whole.items)}", node)


def _computed_item(lowering: Lowering, whole: Tup, index: Value) -> Binding:
    lowering.error(
        "an index that only the run knows is not supported yet",
        help=f"choose among the {len(whole.items)} items with if",
    )


def _slice(lowering: Lowering, node: ast.Slice, whole: Binding) -> Binding:
    bounds: list[int | None] = []
    for part in (node.lower, node.upper, node.step):
        bound = None if part is None else lower_expression(lowering, part)
        if bound is None:
            bounds.append(None)
        elif isinstance(bound, Const) and isinstance(bound.value, int | None):
            bounds.append(bound.value)
        else:
            lowering.error("a slice with computed bounds is not supported", part)
    if isinstance(whole, Const) and isinstance(whole.value, str):
        return Const(whole.value[slice(*bounds)], types.STR)
    if not isinstance(whole, Tup):
        lowering.error(f"a slice of {describe(whole)} is not supported", node)
    if bounds[2] == 0:
        lowering.error("slice step cannot be zero", node, "leave the step out, or give 1 or -1")
    return Tup(whole.items[slice(*bounds)], tuple if whole.cls is not list else list)


def _attribute(lowering: Lowering, node: ast.Attribute) -> Binding:
    whole = lower_expression(lowering, node.value)
    lowering.node = node
    return attribute_of(lowering, whole, node.attr)


def _lambda(lowering: Lowering, node: ast.Lambda) -> Binding:
    from sourcediff.frontend.statements import make_closure

    return make_closure(lowering, node)


def _call(lowering: Lowering, node: ast.Call) -> Binding:
    from sourcediff.frontend.calls import call

    function = lower_expression(lowering, node.func)
    args = lower_items(lowering, node.args)
    kwargs: dict[str, Binding] = {}
    for keyword in node.keywords:
        value = lower_expression(lowering, keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
            continue
        if not isinstance(value, Rec):
            lowering.error(f"cannot spread {describe(value)} as keywords", keyword.value)
        kwargs.update(value.items)
    lowering.node = node
    return call(lowering, function, args, kwargs, node)


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
    return lowering.emit(FORMAT, atoms, attribute=tuple(parts))


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
}
