"""Lowering of comprehensions and generator expressions: loops that fill a new object.

A generator expression that its consumer takes all of is a list that only this consumer sees (see
`generators`); `any` and `all` of one stop at the first item that decides.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.containers.containers import fresh_list, kept, make_list
from sourcediff.frontend.containers.grouped import (
    made_grouped,
    put_in_groups,
    register_lists,
    taken_for_groups,
)
from sourcediff.frontend.control.joins import DIVERGES, FALLS, Diverged, Outcome
from sourcediff.frontend.control.leaving import holds_unlike_arrays
from sourcediff.frontend.control.loops import loop_over
from sourcediff.frontend.expressions import lower_expression, lower_test
from sourcediff.frontend.frames import Scope, parameter_names
from sourcediff.frontend.iteration.generators import lower_unpacked
from sourcediff.frontend.iteration.iterables import iterated
from sourcediff.frontend.iteration.iteration import Sequence, sequence_of
from sourcediff.frontend.iteration.streams import Turns, go_through
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.columns import add, made_of, register, registered
from sourcediff.frontend.objects.dissolved import known_key, make_record
from sourcediff.frontend.objects.places import is_pooled
from sourcediff.frontend.objects.tuple_columns import register_tuple
from sourcediff.frontend.values import (
    Binding,
    Columns,
    Dissolved,
    Grouped,
    Heap,
    SharedName,
    Stream,
    Tup,
)
from sourcediff.ir import BREAK, FOR, IF, Atom, Const, Op, Region, Value, Variable
from sourcediff.memory import DICT, LIST, METHOD_OF, SET, SET_ITEM, MethodSpec

__all__ = ["decided", "lower_any_all", "lower_comprehension"]

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Fill = Callable[[], Outcome]


def lower_comprehension(lowering: Lowering, node: Comprehension, is_tuple: bool = False) -> Binding:
    """A list, set or dict made by a comprehension; of a generator expression, a list.

    Args:
        is_tuple: whether it becomes a tuple, which dissolves where its length is known.
    """
    first = _first(lowering, node)
    known = None if lowering.faithful else _known(lowering, node, first, is_tuple)
    if known is not None:
        return known
    if isinstance(node, ast.DictComp):
        return _dict(lowering, node, first)
    if isinstance(node, ast.SetComp):
        slot = lowering.slot(node, "Set")
        whole = lowering.emit(SET, (), types.set_of(slot))
        form, method = "set", "add"
    elif isinstance(node, ast.ListComp) and registered(lowering, node):
        return _objects(lowering, node, first)
    else:
        kind = fresh_list(lowering, node, types.NEVER)
        slot = kind.slots["element"]
        whole = lowering.emit(LIST, (), kind)
        form, method = ("list" if isinstance(node, ast.ListComp) else "generator"), "append"
    element = node.elt

    def fill() -> Outcome:
        found = lower_expression(lowering, element)
        if isinstance(node, ast.ListComp) and isinstance(found, Dissolved) and _is_object(found):
            register(lowering, slot, found)
        if isinstance(node, ast.ListComp):
            register_tuple(lowering, slot, [found])
        atom = kept(lowering, found)
        lowering.put(slot, atom.type, "this comprehension")
        spec = MethodSpec(method, writes=True)
        lowering.effect(METHOD_OF, (whole, atom), attribute=spec)
        return FALLS

    _clauses(lowering, node, first, form, fill)
    return whole


def _is_object(found: Dissolved) -> bool:
    return found.cls is not dict and not is_pooled(found)


def _objects(lowering: Lowering, node: ast.ListComp, first: Binding) -> Columns | Heap:
    """A list of objects."""
    columns = made_of(lowering, node)

    def fill() -> Outcome:
        add(lowering, columns, lower_expression(lowering, node.elt))
        return FALLS

    form = "list" if isinstance(columns, Columns) and len(columns.lists) == 1 else None
    _clauses(lowering, node, first, form, fill)
    return columns


#: A tuple of at most so many items, made of another, has a variable for each.
SHORT = 8


def _known(
    lowering: Lowering, node: Comprehension, source: Binding, is_tuple: bool
) -> Binding | None:
    """What a comprehension over things that are known one by one makes; None for any other."""
    from sourcediff.frontend.assignments import assign_to

    (clause, *others) = node.generators
    changed = (*lowering.path, node) in lowering.memo.written
    if not isinstance(source, Tup | Dissolved) or others or clause.ifs or changed:
        return None
    if is_tuple and isinstance(source, Tup) and len(source.items) <= SHORT:
        first = Sequence(None, types.NEVER, list(source.items))
    else:
        first = sequence_of(lowering, source, clause.iter)
    if first.items is None or isinstance(node, ast.SetComp):
        return None
    made: list[Binding] = []
    pairs: dict[Any, Binding] = {}

    def turn(item: Binding) -> Outcome:
        assign_to(lowering, clause.target, item)
        if isinstance(node, ast.DictComp):
            key = known_key(lowering, lower_expression(lowering, node.key), node.key)
            pairs[key] = lower_expression(lowering, node.value)
        else:
            made.append(lower_expression(lowering, node.elt))
        return FALLS

    lowering.node = clause.target
    with_scope(lowering, node, lambda: loop_over(lowering, clause, first, turn))
    lowering.node = node
    if isinstance(node, ast.DictComp):
        return make_record(lowering, pairs.items(), (*lowering.path, node))
    if isinstance(node, ast.GeneratorExp):
        return Tup(made)
    unlike = not lowering.faithful and holds_unlike_arrays(Tup(made, list))
    unlike |= _are_lists_of_arrays(lowering, node, made)
    if not unlike and all(isinstance(item, Value | Const) for item in made):
        return make_list(lowering, node, made)
    return lowering.known_list(node, made)


#: A list of lists of arrays is known item by item up to this length.
MAX_KNOWN = 8


def _are_lists_of_arrays(lowering: Lowering, node: ast.AST, made: list[Binding]) -> bool:
    """Whether a list is best known while compiling: one of few lists of arrays, not changed."""
    written = (*lowering.path, node) in lowering.memo.written
    if lowering.faithful or written or len(made) > MAX_KNOWN:
        return False
    kinds = [item.type for item in made if isinstance(item, Value) and item.type.kind == "List"]
    held = [kind.slots["element"].read().kind for kind in kinds]
    return len(kinds) == len(made) and set(held) == {"Array"}


def _dict(lowering: Lowering, node: ast.DictComp, first: Binding) -> Value | Grouped:
    if not lowering.faithful and taken_for_groups(lowering, node):
        return _groups(lowering, node, first)
    key, value = lowering.slot(node, "key"), lowering.slot(node, "value")
    whole = lowering.emit(DICT, (), types.dict_of(key, value))

    def fill() -> Outcome:
        name = kept(lowering, lower_expression(lowering, node.key))
        found = lower_expression(lowering, node.value)
        register_lists(lowering, value, found)
        item = kept(lowering, found)
        lowering.put(key, name.type, "the keys of this dict")
        lowering.put(value, item.type, "this dict")
        lowering.effect(SET_ITEM, (whole, name, item))
        return FALLS

    _clauses(lowering, node, first, "dict", fill)
    return whole


def _groups(lowering: Lowering, node: ast.DictComp, first: Binding) -> Grouped:
    """A dict of lists."""
    whole = made_grouped(lowering, node)

    def fill() -> Outcome:
        key = lower_expression(lowering, node.key)
        put_in_groups(lowering, whole, key, lower_expression(lowering, node.value))
        return FALLS

    _clauses(lowering, node, first, None, fill)
    return whole


def _clauses(
    lowering: Lowering, node: Comprehension, first: Binding, form: str | None, fill: Fill
) -> None:
    """The loops of a comprehension, one in the other, around what fills the object."""
    from sourcediff.frontend.assignments import assign_to

    if isinstance(first, Stream) and first.stops:
        form = None
    # What expressions in it bind are variables of the function.
    bound = Scope.bound_in(ast.Module(body=[ast.Expr(node)], type_ignores=[]))

    def clause(place: int) -> Outcome:
        if place == len(node.generators):
            return fill()
        generator = node.generators[place]
        if generator.is_async:
            lowering.error("an async comprehension is not supported", node)
        source = first if place == 0 else lower_expression(lowering, generator.iter)

        def turn(item: Binding) -> Outcome:
            assign_to(lowering, generator.target, item)
            return filtered(lowering, generator.ifs, lambda: clause(place + 1))

        lowering.node = generator.target
        own = form if place == 0 or form is None else "clause"
        return go_through(lowering, source, Turns(generator, turn, None, bound, own))

    with_scope(lowering, node, lambda: clause(0))


def _first(lowering: Lowering, node: Comprehension) -> Binding:
    """What the first clause goes through, which is evaluated outside of the comprehension."""
    return iterated(lowering, lower_expression(lowering, node.generators[0].iter))


def with_scope(lowering: Lowering, node: Comprehension, run: Callable[[], Outcome]) -> None:
    """Lower a comprehension, whose variables are its own."""
    names = [
        name.id
        for generator in node.generators
        for name in ast.walk(generator.target)
        if isinstance(name, ast.Name)
    ]
    scope: dict[str, Binding] = dict.fromkeys(names, Const(None, types.UNBOUND))
    inner = [n for n in ast.walk(node) if isinstance(n, ast.Lambda)]
    captured = {name for function in inner for name in _free_names(function)}
    for name in names:
        if name in captured:
            scope[name] = SharedName(_variable(lowering, node, name))
    lowering.frame.hidden.append(scope)
    try:
        run()
    finally:
        lowering.frame.hidden.pop()


def _free_names(function: ast.Lambda) -> set[str]:
    """The names in a lambda that its own parameters do not bind."""
    return {n.id for n in ast.walk(function.body) if isinstance(n, ast.Name)} - {
        *parameter_names(function.args)
    } | {n.id for d in _defaults(function) for n in ast.walk(d) if isinstance(n, ast.Name)}


def _defaults(function: ast.Lambda) -> list[ast.expr]:
    return [d for d in (*function.args.defaults, *function.args.kw_defaults) if d is not None]


def _variable(lowering: Lowering, node: Comprehension, name: str) -> Variable:
    """The variable of a comprehension that a function inside sees; one for all attempts."""
    key = (*lowering.path, node, name)
    found = lowering.seen_inside.get(key)
    if found is None:
        found = Variable(name, lowering.slot(node, f"variable {name}"), key)
        lowering.seen_inside[key] = found
        lowering.variables_made.append(found)
    return found


def filtered(lowering: Lowering, tests: list[ast.expr], then: Fill) -> Outcome:
    """``if a if b`` of a comprehension."""
    if not tests:
        return then()
    test = lower_test(lowering, tests[0])
    return lowering.branch(
        test, lambda: filtered(lowering, tests[1:], then), lambda: FALLS, lambda: FALLS, False
    )


def lower_first(lowering: Lowering, node: ast.GeneratorExp, default: ast.expr) -> Binding:
    """``next((item for …), default)``: the loop ends with the first item."""
    if len(node.generators) != 1:
        lowering.error("next() of an expression with several for clauses is not supported", node)
    found: list[Binding] = []
    source = _first(lowering, node)
    if isinstance(source, Stream) and source.stops:
        lowering.error("next() of this iterator is not supported", node, "write it as a loop")

    def run() -> Outcome:
        from sourcediff.frontend.assignments import assign_to

        generator = node.generators[0]
        otherwise = kept(lowering, lower_expression(lowering, default))
        slot = lowering.slot(node, "first")
        lowering.put(slot, otherwise.type, "next()")

        def stop() -> Outcome:
            atom = kept(lowering, lower_expression(lowering, node.elt))
            lowering.put(slot, atom.type, "next()")
            lowering.ops.append(Op(BREAK, (atom,), (), site=lowering.site))
            return DIVERGES

        def turn(item: Binding) -> Outcome:
            assign_to(lowering, generator.target, item)
            return filtered(lowering, generator.ifs, stop)

        lowering.node = generator.target
        place = len(lowering.ops)
        go_through(lowering, source, Turns(generator, turn, form="next"))
        loop = lowering.ops[-1] if len(lowering.ops) > place else None
        kind = slot.read()
        if loop is None or loop.primitive is not FOR:
            found.append(otherwise)
            return FALLS
        if loop.results:
            lowering.error("next() of an expression that binds names is not supported", node)
        body = loop.regions[0]
        result, taken = Value(kind), Value(kind)
        results = None if body.results is None else (taken,)
        loop.args = (*loop.args, otherwise)
        loop.results = (result,)
        loop.regions = (Region(body.ops, results, body.site, (*body.parameters, taken)),)
        found.append(lowering.taken(result))
        return FALLS

    with_scope(lowering, node, run)
    return found[0]


def lower_any_all(lowering: Lowering, name: str, node: ast.GeneratorExp) -> Binding:
    """``any(test for …)``: it stops where the answer is known."""
    if len(node.generators) != 1:
        whole = lower_unpacked(lowering, node, 0)
        from sourcediff.frontend.calls.calls import call
        from sourcediff.frontend.values import Ref, Static

        function = Static(getattr(builtins, name), Ref("module", builtins, (name,)))
        return call(lowering, function, [whole], {}, node)
    source = _first(lowering, node)
    found: list[Binding] = []

    def tested(item: Binding, then: Callable[[], Outcome]) -> Outcome:
        from sourcediff.frontend.assignments import assign_to

        generator = node.generators[0]
        assign_to(lowering, generator.target, item)
        return filtered(lowering, generator.ifs, then)

    def run() -> Outcome:
        lowering.node = node.generators[0].target
        found.append(
            decided(
                lowering,
                name,
                node.generators[0],
                source,
                tested,
                lambda _: lower_test(lowering, node.elt),
            )
        )
        return FALLS

    with_scope(lowering, node, run)
    return found[0]


def decided(
    lowering: Lowering,
    name: str,
    node: ast.AST,
    source: Binding,
    tested: Callable[[Binding, Callable[[], Outcome]], Outcome] = lambda _, then: then(),
    test: Callable[[Binding], Binding] = lambda item: item,
) -> Binding:
    """``any`` or ``all`` of a test of the items of something, as a loop that may end early."""
    if isinstance(source, Stream) and source.stops:
        lowering.error(f"{name}() of this iterator is not supported", node, "write it as a loop")
    answer = Const(name == "any", types.BOOL)

    def turn(item: Binding) -> Outcome:
        def stop() -> Outcome:
            known = lowering.truth(test(item))
            atom: Atom = Const(known, types.BOOL) if isinstance(known, bool) else known
            leaves = Region([Op(BREAK, (answer,), (), site=lowering.site)], None)
            arms = (leaves, Region([], ())) if name == "any" else (Region([], ()), leaves)
            lowering.ops.append(Op(IF, (atom,), (), arms, "statement", lowering.site))
            return FALLS

        return tested(item, stop)

    place = len(lowering.ops)
    if go_through(lowering, source, Turns(node, turn, form=name)) is DIVERGES:
        raise Diverged
    loop = lowering.ops[-1] if len(lowering.ops) > place else None
    if loop is None or loop.primitive is not FOR:
        return Const(name != "any", types.BOOL)
    if loop.results:
        lowering.error(f"{name}() of an expression that binds names is not supported")
    body = loop.regions[0]
    result, taken = Value(types.BOOL), Value(types.BOOL)
    results = None if body.results is None else (taken,)
    loop.args = (*loop.args, Const(name != "any", types.BOOL))
    loop.results = (result,)
    loop.regions = (Region(body.ops, results, body.site, (*body.parameters, taken)),)
    return result
