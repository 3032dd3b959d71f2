"""Lowering of statements: assignment, branches, early returns, effects.

A block is lowered statement by statement; at a branch that may return, the rest of the
block is handed to the branch as a continuation, so that every path ends in the value that
the function returns.
"""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.frontend.arrays import is_array, update_array
from sourcediff.frontend.attributes import attribute_of
from sourcediff.frontend.containers import (
    delete_item,
    fresh_list,
    is_structure,
    make_list,
    set_item,
    update,
)
from sourcediff.frontend.describe import describe
from sourcediff.frontend.exceptions import lower_try, lower_with
from sourcediff.frontend.expressions import lower_expression, lower_index, lower_test, read_item
from sourcediff.frontend.frames import Arm
from sourcediff.frontend.functions import make_kept_closure, returned_from
from sourcediff.frontend.iteration import sequence_of
from sourcediff.frontend.joins import DIVERGES, FALLS, Diverged, Outcome
from sourcediff.frontend.loops import leave, lower_for, lower_while
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects import (
    delete_attribute,
    holds_plainly,
    owner_of,
    set_attribute,
)
from sourcediff.frontend.operators import operate, special_update
from sourcediff.frontend.patterns import lower_match
from sourcediff.frontend.primitives import ASSERT, DECLARED, RAISE, UNPACK
from sourcediff.frontend.source import own_nodes
from sourcediff.frontend.values import Binding, Closure, Ref, Static, Tup
from sourcediff.ir import IF, Const, Op, Region, Site, Value
from sourcediff.memory import ASSIGN, UNPACK_ITERABLE

__all__ = ["lower_block", "lower_body", "make_closure", "single_return"]


def lower_body(lowering: Lowering, node: ast.FunctionDef | ast.Lambda) -> Binding | None:
    """The value that a function returns, or None if it always raises."""
    if isinstance(node, ast.Lambda):
        lowering.node = node.body
        lowering.site = lowering.frame.call_site or _site(lowering, node.body)
        try:
            return lower_expression(lowering, node.body)
        except Diverged:
            return None
    outcome = lower_block(lowering, node.body)
    try:
        outcome = lowering.proceed(outcome, lambda: _returned(lowering, Const(None, types.NONE)))
    except Diverged:
        outcome = DIVERGES
    return None if outcome is DIVERGES else outcome.value


def lower_block(lowering: Lowering, statements: Sequence[ast.stmt], start: int = 0) -> Outcome:
    """Lower statements until control leaves."""
    for place in range(start, len(statements)):
        statement = statements[place]
        lowering.node = statement
        lowering.site = lowering.frame.call_site or _site(lowering, statement)
        handler = _STATEMENTS.get(type(statement))
        if handler is None or (not lowering.faithful and type(statement) in _LATER):
            _refuse(lowering, statement)
        if isinstance(statement, ast.If | ast.Match) and not lowering.flat:
            if _may_return(statement):

                def rest(place: int = place) -> Outcome:
                    return lower_block(lowering, statements, place + 1)

                try:
                    branched: Outcome = handler(lowering, statement, rest)
                    return branched
                except Diverged:
                    return DIVERGES
        try:
            outcome: Outcome | None = handler(lowering, statement)
        except Diverged:
            return DIVERGES
        if outcome is not None and outcome is not FALLS:
            return outcome
    return FALLS


def single_return(node: ast.FunctionDef | ast.Lambda) -> bool:
    """Whether a function is no more than one returned expression."""
    if isinstance(node, ast.Lambda):
        return True
    body = node.body
    if len(body) == 2 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return len(body) == 1 and isinstance(body[0], ast.Return)


def _site(lowering: Lowering, statement: ast.stmt | ast.expr) -> Site:
    source = lowering.frame.source
    augmented = isinstance(statement, ast.AugAssign)
    annotated = None
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        annotated = statement.target.id, statement.annotation
    text = source.statement_text(statement)
    return Site(source.span(statement), text, augmented=augmented, annotated=annotated)


def _may_return(statement: ast.stmt) -> bool:
    """Whether a return statement of the same function is in it; the tree keeps the answer."""
    found: bool | None = getattr(statement, "may_return", None)
    if found is None:
        holder = ast.Module(body=[statement], type_ignores=[])
        found = any(isinstance(n, ast.Return) for n in own_nodes(holder))
        statement.may_return = found  # type: ignore[attr-defined]
    return found


def _refuse(lowering: Lowering, statement: ast.stmt) -> NoReturn:
    unknown = (f"a {type(statement).__name__} statement", None)
    what, help = {**_REFUSED, **_LATER}.get(type(statement), unknown)
    lowering.error(f"{what} is not supported", statement, help, certain=True)


_LOOP_HELP = "write out the steps, or call the derivative inside of your own loop"
_REFUSED: dict[type, tuple[str, str | None]] = {
    ast.AsyncFor: ("an async for loop", "differentiate a plain function"),
    ast.AsyncWith: ("an async with statement", "differentiate a plain function"),
    ast.AsyncFunctionDef: ("an async function", "define a plain function"),
    ast.ClassDef: ("a class defined inside of a differentiated function", "define it outside"),
}

#: What only faithful lowering takes so far, with the words and the help of the refusal.
_LATER: dict[type, tuple[str, str | None]] = {
    ast.For: ("a for loop", _LOOP_HELP),
    ast.While: ("a while loop", _LOOP_HELP),
    ast.With: ("a with statement", "enter the context around the call of the derivative"),
    ast.Try: ("a try statement", "test for the condition with if instead"),
}
if hasattr(ast, "TryStar"):
    _REFUSED[ast.TryStar] = _LATER[ast.Try]


# Assignment ------------------------------------------------------------------------------


def _assign(lowering: Lowering, node: ast.Assign) -> None:
    if lowering.faithful and isinstance(node.value, ast.GeneratorExp):
        value = _unpacked_generator(lowering, node, node.value)
    else:
        value = lower_expression(lowering, node.value)
    if lowering.faithful and _assign_at_once(lowering, node, value):
        return
    if lowering.faithful and len(node.targets) == 1 and _takes_apart(node.targets[0], value):
        value = lowering.atom(value)
    for target in node.targets:
        assign_to(lowering, target, value)


def _unpacked_generator(lowering: Lowering, node: ast.Assign, value: ast.GeneratorExp) -> Binding:
    """``a, b = (f(x) for x in pair)``."""
    from sourcediff.frontend.generators import lower_unpacked, refuse_late

    (target, *others) = node.targets
    if others or not isinstance(target, ast.Tuple | ast.List):
        refuse_late(lowering, value)
    starred = any(isinstance(t, ast.Starred) for t in target.elts)
    return lower_unpacked(lowering, value, None if starred else len(target.elts))


def _assign_at_once(lowering: Lowering, node: ast.Assign, value: Binding) -> bool:
    """``a, b = b, a`` and ``a = b = x`` as one operation; whether it was one of these."""
    targets = node.targets
    if len(targets) == 1:
        (target,) = targets
        if not isinstance(target, ast.Tuple) or not isinstance(value, Tup):
            return False
        names, items = target.elts, value.items
        if len(names) != len(items) or len(names) < 2:
            return False
    else:
        names, items = targets, [value] * len(targets)
    frame = lowering.frame
    own = all(
        isinstance(n, ast.Name)
        and frame.owner(n.id) is frame
        and n.id not in frame.shared
        and not (frame.hidden and n.id in frame.hidden[-1])
        for n in names
    )
    if not own or not all(isinstance(i, Value | Const) or _is_plain(i) for i in items):
        return False
    first = lowering.atom(items[0]) if len(targets) > 1 else None
    atoms = [first if first is not None else lowering.atom(item) for item in items]
    results = [Value(a.type, n.id) for a, n in zip(atoms, names, strict=True)]  # type: ignore[attr-defined]
    chain = "chain" if len(targets) > 1 else None
    lowering.ops.append(
        Op(ASSIGN, tuple(atoms), tuple(results), attribute=chain, site=lowering.site)
    )
    for name, result in zip(names, results, strict=True):
        assert isinstance(name, ast.Name)
        lowering.variables.set((frame, name.id), result)
    return True


def _takes_apart(target: ast.expr, value: Binding) -> bool:
    """Whether ``(a, b), c = p, q`` or ``a, *b = p, q, r`` takes apart a tuple of values."""
    if not isinstance(target, ast.Tuple) or not isinstance(value, Tup) or not _is_plain(value):
        return False
    if any(isinstance(t, ast.Starred) for t in target.elts):
        kinds = {i.type for i in value.items if isinstance(i, Value | Const)}
        return len(kinds) == 1 and not any(isinstance(i, Tup) for i in value.items)
    nested = any(isinstance(t, ast.Tuple) for t in target.elts)
    return nested and value.cls is tuple and len(target.elts) == len(value.items)


def _is_plain(binding: Binding) -> bool:
    """Whether a tuple is made of values only."""
    return isinstance(binding, Tup) and all(
        isinstance(item, Value | Const) or _is_plain(item) for item in binding.items
    )


def assign_to(lowering: Lowering, target: ast.expr, value: Binding) -> None:
    """Bind a target: a name, or a tuple of targets."""
    if isinstance(target, ast.Name):
        lowering.bind(target.id, value, target)
        return
    if isinstance(target, ast.Tuple | ast.List):
        _unpack(lowering, target, value)
        return
    if isinstance(target, ast.Attribute) and lowering.faithful:
        whole = owner_of(lowering, lower_expression(lowering, target.value), target.attr)
        set_attribute(lowering, whole, target.attr, value)
        return
    if isinstance(target, ast.Subscript) and lowering.faithful:
        whole = lowering.atom(lower_expression(lowering, target.value))
        index = lowering.atom(lower_index(lowering, target.slice))
        set_item(lowering, whole, index, value, target)
        return
    if isinstance(target, ast.Attribute):
        lowering.error(
            f"assignment to the attribute {target.attr!r} is not supported",
            target,
            "keep the value in a variable and return it",
        )
    if isinstance(target, ast.Subscript):
        lowering.error(
            "assignment to an item is not supported",
            target,
            "build a new tuple, or keep the value in a variable",
        )
    lowering.error("this assignment target is not supported", target)


def _unpack(lowering: Lowering, target: ast.Tuple | ast.List, value: Binding) -> None:
    if lowering.faithful and isinstance(value, Value):
        _unpack_value(lowering, target, value)
        return
    if not isinstance(value, Tup):
        lowering.error(f"cannot unpack {describe(value)}", target)
    wanted, items = target.elts, value.items
    starred = [i for i, t in enumerate(wanted) if isinstance(t, ast.Starred)]
    if not starred:
        if len(wanted) != len(items):
            lowering.error(
                f"{len(wanted)} names for a {value.cls.__name__} of {len(items)}", target
            )
        for t, item in zip(wanted, items, strict=True):
            assign_to(lowering, t, item)
        return
    (middle,) = starred
    after = len(wanted) - middle - 1
    if len(items) < middle + after:
        lowering.error(f"at least {middle + after} items are needed, not {len(items)}", target)
    stop = len(items) - after
    star = wanted[middle]
    assert isinstance(star, ast.Starred)
    for t, item in zip(wanted[:middle], items[:middle], strict=True):
        assign_to(lowering, t, item)
    rest: Binding = Tup(items[middle:stop], list)
    if lowering.faithful:
        rest = make_list(lowering, star, items[middle:stop])
    assign_to(lowering, star.value, rest)
    for t, item in zip(wanted[middle + 1 :], items[stop:], strict=True):
        assign_to(lowering, t, item)


def _unpack_value(lowering: Lowering, target: ast.Tuple | ast.List, value: Value) -> None:
    """Unpack what only the run knows: a tuple of known length, or any sequence."""
    if value.type.kind == "Optional":
        narrowed = lowering.required(value)
        assert isinstance(narrowed, Value)
        value = narrowed
    wanted = target.elts
    starred = [i for i, t in enumerate(wanted) if isinstance(t, ast.Starred)]
    if value.type.kind == "Tuple" and not starred and len(wanted) == len(value.type.items):
        results = [Value(kind) for kind in value.type.items]
        lowering.ops.append(Op(UNPACK, (value,), tuple(results), site=lowering.site))
    else:
        item = sequence_of(lowering, value, target, "unpacking").item
        results = [Value(item) for _ in wanted]
        for place in starred:
            results[place] = Value(fresh_list(lowering, target, item))
        lowering.ops.append(
            Op(
                UNPACK_ITERABLE,
                (value,),
                tuple(results),
                attribute=starred[0] if starred else None,
                site=lowering.site,
            )
        )
        if item is types.NEVER:
            raise Diverged
    for part, result in zip(wanted, results, strict=True):
        assign_to(lowering, part.value if isinstance(part, ast.Starred) else part, result)


def _augmented(lowering: Lowering, node: ast.AugAssign) -> None:
    if lowering.faithful:
        _augmented_in_memory(lowering, node)
        return
    if not isinstance(node.target, ast.Name):
        assign_to(lowering, node.target, Tup([]))  # refuses, naming the target
        return
    left = lowering.lookup(node.target.id, node.target)
    right = lower_expression(lowering, node.value)
    if isinstance(left, Tup) and left.cls is list:
        lowering.error("a list changed in place is not supported", node, "build a new list")
    lowering.bind(node.target.id, operate(lowering, node.op, left, right), node.target)


def _augmented_in_memory(lowering: Lowering, node: ast.AugAssign) -> None:
    """``target op= value``: the place, the old value, the new one, the store."""
    target = node.target
    store: Callable[[Binding], None]
    old: Binding
    goes_back = True
    if isinstance(target, ast.Name):
        name = target
        old = lowering.lookup(name.id, name)
        store = lambda new: lowering.bind(name.id, new, name)  # noqa: E731
    elif isinstance(target, ast.Attribute):
        attribute = target.attr
        whole = owner_of(lowering, lower_expression(lowering, target.value), attribute)
        if whole.type.kind == "Optional":
            whole = lowering.required(whole)  # once, for the reading and for the writing
        goes_back = holds_plainly(whole, attribute)
        old = attribute_of(lowering, whole, attribute)
        store = lambda new: set_attribute(lowering, whole, attribute, new)  # noqa: E731
    else:
        whole = lowering.atom(lower_expression(lowering, target.value))
        index = lowering.atom(lower_index(lowering, target.slice))
        if whole.type.kind == "Optional":
            whole = lowering.required(whole)
        goes_back = whole.type.kind in _CHANGEABLE
        old = read_item(lowering, whole, index, target)
        store = lambda new: set_item(lowering, whole, index, new, target)  # noqa: E731
    place = len(lowering.ops)
    right = lower_expression(lowering, node.value)
    lowering.node = node
    if isinstance(old, Value) and is_array(old):
        now = update_array(lowering, node.op, old, right)
        if now is not old or not goes_back:
            store(now)
        return
    if isinstance(old, Value) and is_structure(old):
        changed = update(lowering, node.op, old, right, node)
        if changed is not None:
            # Putting the same object back can only be seen where the place is no longer there,
            # or where nothing can be put.
            acts = not isinstance(target, ast.Name) and any(map(_acts, lowering.ops[place:-1]))
            if acts or not goes_back:
                store(old)
            return
        changed = special_update(lowering, node.op, old, right)
        if changed is not None:
            store(changed)
            return
    store(operate(lowering, node.op, old, right))


#: What an item can be put back into.
_CHANGEABLE = ("List", "Deque", "Dict", "Record", "Array")


def _acts(op: Op) -> bool:
    """Whether an operation, or one within it, has an effect."""
    return op.primitive.effect or any(_acts(inner) for r in op.regions for inner in r.ops)


def _annotated(lowering: Lowering, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign_to(lowering, node.target, lower_expression(lowering, node.value))
    elif lowering.faithful and isinstance(node.target, ast.Name):
        lowering.effect(DECLARED, ())


def _delete(lowering: Lowering, node: ast.Delete) -> None:
    for target in node.targets:
        if lowering.faithful:
            _delete_in_memory(lowering, target)
            continue
        if not isinstance(target, ast.Name):
            lowering.error("del of anything but a variable is not supported", target)
        if lowering.branch_depth:
            lowering.error("del in a branch is not supported", target, "bind the name to None")
        lowering.lookup(target.id, target)
        owner = lowering.frame.owner(target.id)
        if owner is None:
            lowering.error(f"del of {target.id!r}, which is not a local variable", target)
        lowering.variables.set((owner, target.id), None)


def _delete_in_memory(lowering: Lowering, target: ast.expr) -> None:
    if isinstance(target, ast.Name):
        lowering.unbind(target.id, target)
    elif isinstance(target, ast.Attribute):
        whole = lowering.atom(lower_expression(lowering, target.value))
        delete_attribute(lowering, whole, target.attr)
    elif isinstance(target, ast.Subscript):
        whole = lowering.atom(lower_expression(lowering, target.value))
        index = lowering.atom(lower_index(lowering, target.slice))
        delete_item(lowering, whole, index, target)
    else:
        lowering.error("this del statement is not supported", target)


def _import(lowering: Lowering, node: ast.Import | ast.ImportFrom) -> None:
    package = lowering.frame.globals.get("__package__") or ""
    for alias in node.names:
        if isinstance(node, ast.Import):
            module = _imported(lowering, alias.name)
            name = alias.asname or alias.name.partition(".")[0]
            if alias.asname is None:
                module = _imported(lowering, name)
            lowering.spelled(module.__name__, name)
            lowering.bind(name, Static(module, Ref("module", module, ())), node)
            continue
        module = _imported(lowering, "." * node.level + (node.module or ""), package or None)
        if alias.name == "*":
            lowering.error("import * inside of a function is not Python", node)
        found = getattr(module, alias.name, None)
        if found is None:
            _raises(lowering, ImportError, f"cannot import name {alias.name!r}")
        lowering.spelled(module.__name__, None)
        binding = lowering.from_object(found, Ref("module", module, (alias.name,)))
        lowering.variables.set((lowering.frame, alias.asname or alias.name), binding)


def _imported(lowering: Lowering, name: str, package: str | None = None) -> Any:
    try:
        return importlib.import_module(name, package)
    except ImportError as reason:
        _raises(lowering, type(reason), str(reason))


def _raises(lowering: Lowering, error: type[Exception], message: str) -> NoReturn:
    """The statement raises whenever it is reached."""
    from sourcediff.frontend.calls import call

    static = Static(error, Ref("module", builtins, (error.__name__,)))
    made = call(lowering, static, [Const(message, types.STR)], {}, None)
    lowering.effect(RAISE, [lowering.exception(made)])
    raise Diverged


def _function_definition(lowering: Lowering, node: ast.FunctionDef) -> None:
    function: Binding = make_closure(lowering, node)
    for decorator in reversed(node.decorator_list):
        from sourcediff.frontend.calls import call

        made = lower_expression(lowering, decorator)
        lowering.node = decorator
        function = call(lowering, made, [function], {}, decorator)
    lowering.bind(node.name, function, node)


def make_closure(lowering: Lowering, node: ast.FunctionDef | ast.Lambda) -> Closure:
    """A function defined here; its defaults are evaluated now."""
    if any(isinstance(n, ast.Yield | ast.YieldFrom | ast.Await) for n in own_nodes(node)):
        lowering.error("a generator is not supported", node, "return the value instead")
    defaults = [lower_expression(lowering, d) for d in node.args.defaults]
    kw_defaults = {
        a.arg: lower_expression(lowering, d)
        for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if d is not None
    }
    if lowering.faithful:
        return make_kept_closure(lowering, node, defaults, kw_defaults)
    return Closure(node, lowering.frame, defaults, kw_defaults)


# Control ---------------------------------------------------------------------------------

Rest = Callable[[], Outcome]


def _falls() -> Outcome:
    return FALLS


def _if(lowering: Lowering, node: ast.If, rest: Rest = _falls) -> Outcome:
    test = lower_test(lowering, node.test)
    return lowering.branch(
        test,
        lambda: lower_block(lowering, node.body),
        lambda: lower_block(lowering, node.orelse),
        rest,
        bool(node.orelse),
    )


def _match(lowering: Lowering, node: ast.Match, rest: Rest = _falls) -> Outcome:
    return lower_match(lowering, node, lambda body: lower_block(lowering, body), rest)


def _return(lowering: Lowering, node: ast.Return) -> Outcome:
    if node.value is None:
        return _returned(lowering, Const(None, types.NONE))
    return _returned(lowering, lower_expression(lowering, node.value))


def _returned(lowering: Lowering, value: Binding) -> Outcome:
    """The end of a function; None instead of the number that is differentiated is an error."""
    frame = None if lowering.faithful else lowering.frame
    if frame is None:
        pass
    elif frame is lowering.outermost and isinstance(value, Const) and value.type is types.NONE:
        lowering.returns_none = True
        _raises(lowering, TypeError, f"{frame.name}() returned None, which has no derivative")
    if frame is not None and frame is lowering.outermost and not isinstance(value, Value | Const):
        lowering.error(
            f"{frame.name!r} returns {describe(value)}, not one real number",
            help="a gradient is that of a number; return one on every path",
        )
    lowering.refuse_iterator(value)
    if lowering.flat:
        returned_from(lowering, value)
        return DIVERGES
    return Outcome(value, site=lowering.site)


# Effects ---------------------------------------------------------------------------------


def _expression(lowering: Lowering, node: ast.Expr) -> None:
    if isinstance(node.value, ast.Constant):
        return  # a docstring, or a bare constant
    lowering.refuse_iterator(lower_expression(lowering, node.value), node)


def _raise(lowering: Lowering, node: ast.Raise) -> Outcome:
    if node.exc is None and lowering.faithful:
        lowering.effect(RAISE, ())
        return DIVERGES
    if node.exc is None:
        lowering.error("a bare raise is not supported", node, "name the exception")
    args = [lowering.exception(lower_expression(lowering, node.exc))]
    if node.cause is not None:
        args.append(lowering.exception(lower_expression(lowering, node.cause)))
    lowering.effect(RAISE, args)
    return DIVERGES


def _assert(lowering: Lowering, node: ast.Assert) -> None:
    test = lowering.truth(lower_test(lowering, node.test))
    if test is True:
        return
    regions: tuple[Region, ...] = ()
    if node.msg is not None:
        arm = Arm()
        message = None
        with lowering.inside(arm), suppress(Diverged):
            message = lowering.atom(lower_expression(lowering, node.msg))
        if message is None:  # it raises instead, where the test is false
            arms = (Region([], ()), Region(arm.ops, None))
            known = lowering.constant(False) if isinstance(test, bool) else test
            assert known is not None
            lowering.ops.append(Op(IF, (known,), (), arms, "statement", lowering.site))
            return
        regions = (Region(tuple(arm.ops), (message,)),)
    atom = lowering.constant(False) if isinstance(test, bool) else test
    assert atom is not None
    lowering.effect(ASSERT, (atom,), regions=regions)


def _nothing(lowering: Lowering, node: ast.stmt) -> None:
    """pass, nonlocal, global: nothing to execute."""


_STATEMENTS: dict[type, Callable[..., Any]] = {
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.AnnAssign: _annotated,
    ast.Delete: _delete,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.FunctionDef: _function_definition,
    ast.If: _if,
    ast.Match: _match,
    ast.Return: _return,
    ast.Expr: _expression,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.For: lower_for,
    ast.While: lower_while,
    ast.Try: lower_try,
    ast.With: lower_with,
    ast.Break: leave,
    ast.Continue: leave,
    ast.Pass: _nothing,
    ast.Nonlocal: _nothing,
    ast.Global: _nothing,
}
