"""Lowering of assignments: to names, attributes and items, packed and unpacked, and of del.

``x, y = y, x`` is one operation, as all is read before anything is bound; ``xs[i] += e`` is a
load, an operation and a store, with the place evaluated once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NoReturn

from sourcediff import types
from sourcediff.frontend.arrays.array_values import update_array_value
from sourcediff.frontend.arrays.arrays import is_array, is_mask, update_array
from sourcediff.frontend.arrays.flat_places import is_flat, place_in_array
from sourcediff.frontend.arrays.without_axes import place_of_one, require_apart
from sourcediff.frontend.complexes.part_writes import assign_to_part, update_part
from sourcediff.frontend.containers.containers import (
    delete_item,
    fresh_list,
    is_structure,
    make_list,
    set_item,
    update,
)
from sourcediff.frontend.containers.grouped import (
    delete_in_groups,
    list_of_key,
    put_in_groups,
    register_lists,
)
from sourcediff.frontend.containers.rows_apart import columns_taken_apart, rows_apart
from sourcediff.frontend.containers.swaps import swap_rows
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.describe import describe
from sourcediff.frontend.expressions import lower_expression, lower_index, read_item
from sourcediff.frontend.iteration.iterables import iterated
from sourcediff.frontend.iteration.iteration import sequence_of
from sourcediff.frontend.iteration.streams import listed
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.attributes import attribute_of
from sourcediff.frontend.objects.column_items import built_in
from sourcediff.frontend.objects.column_methods import delete_in_columns, put_in_columns
from sourcediff.frontend.objects.dissolved_objects import (
    delete_item_of_known,
    delete_known_attribute,
    item_of_known,
    set_item_of_known,
    set_known_attribute,
)
from sourcediff.frontend.objects.objects import (
    delete_attribute,
    holds_plainly,
    owner_of,
    set_attribute,
)
from sourcediff.frontend.objects.places import object_required
from sourcediff.frontend.objects.tuple_columns import register_tuple
from sourcediff.frontend.operators import operate, special_update, update_known
from sourcediff.frontend.primitives import DECLARED, UNPACK
from sourcediff.frontend.values import Binding, Columns, Dissolved, Grouped, Stream, Tup
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import ASSIGN, UNPACK_ITERABLE

__all__ = ["annotated", "assign", "assign_to", "augmented", "delete"]


def assign(lowering: Lowering, node: ast.Assign) -> None:
    if swap_rows(lowering, node):
        return
    if isinstance(node.value, ast.GeneratorExp):
        value = _unpacked_generator(lowering, node, node.value)
    else:
        (target, *others) = node.targets
        if isinstance(target, ast.Name) and not others:
            lowering.naming = (node.value, target.id)
        value = lower_expression(lowering, node.value)
        if isinstance(value, Stream) and value.kept is not None:
            value = value.kept()
    if lowering.faithful and _assign_at_once(lowering, node, value):
        return
    if lowering.faithful and len(node.targets) == 1 and _takes_apart(node.targets[0], value):
        value = lowering.atom(value)
    for target in node.targets:
        assign_to(lowering, target, value)


def _unpacked_generator(lowering: Lowering, node: ast.Assign, value: ast.GeneratorExp) -> Binding:
    """``a, b = (f(x) for x in pair)``."""
    from sourcediff.frontend.iteration.generators import lower_unpacked, refuse_late

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
    if isinstance(target, ast.Attribute | ast.Subscript):
        subject = object_required(lowering, lower_expression(lowering, target.value))
        if isinstance(subject, Dissolved):
            _assign_to_known(lowering, target, subject, value)
            return
        if not lowering.faithful and assign_to_part(lowering, target, subject, value):
            return
    if isinstance(target, ast.Subscript):
        if isinstance(subject, Grouped):
            key = lower_index(lowering, target.slice)
            put_in_groups(lowering, subject, key, value)
            return
        if isinstance(subject, Columns):
            index_there = lower_index(lowering, target.slice)
            put_in_columns(lowering, subject, index_there, value, target)
            return
        whole, index = _place(lowering, subject, target)
        if whole.type.kind == "List" and isinstance(whole, Value):
            register_tuple(lowering, whole.type.slots["element"], [value])
        if whole.type.kind == "Dict":
            register_lists(lowering, whole.type.slots["value"], value)
        set_item(lowering, whole, index, value, target)
        return
    if isinstance(target, ast.Attribute):
        _refuse_attribute(lowering, target)
    lowering.error("this assignment target is not supported", target)


def _place(lowering: Lowering, subject: Binding, target: ast.Subscript) -> tuple[Atom, Atom]:
    """What is written to, and the index there."""
    if is_flat(subject):
        index = lower_index(lowering, target.slice)
        lowering.node = target
        array, place = place_in_array(lowering, subject, index, target)
        return array, lowering.atom(place)
    whole = lowering.atom(lowering.in_memory(subject))
    return whole, lowering.atom(lower_index(lowering, target.slice))


def _refuse_attribute(lowering: Lowering, target: ast.Attribute) -> NoReturn:
    lowering.error(
        f"assignment to the attribute {target.attr!r} is not supported",
        target,
        "keep the value in a variable and return it",
    )


def _assign_to_known(
    lowering: Lowering,
    target: ast.Attribute | ast.Subscript,
    whole: Dissolved,
    value: Binding,
) -> None:
    if isinstance(target, ast.Attribute):
        lowering.node = target
        set_known_attribute(lowering, whole, target.attr, value)
        return
    index = lower_index(lowering, target.slice)
    lowering.node = target
    set_item_of_known(lowering, whole, index, value)


def _place_in_known(
    lowering: Lowering, target: ast.Attribute | ast.Subscript, whole: Dissolved
) -> tuple[Binding, Callable[[Binding], None]]:
    """What is there now, and what puts something else there."""
    if isinstance(target, ast.Attribute):
        lowering.node = target
        name = target.attr
        return attribute_of(lowering, whole, name), lambda new: set_known_attribute(
            lowering, whole, name, new
        )
    index = lower_index(lowering, target.slice)
    lowering.node = target
    return item_of_known(lowering, whole, index), lambda new: set_item_of_known(
        lowering, whole, index, new
    )


def _unpack(lowering: Lowering, target: ast.Tuple | ast.List, value: Binding) -> None:
    value = iterated(lowering, value)
    if isinstance(value, Stream):
        value = listed(lowering, target, value)
    elif not lowering.faithful and isinstance(value, Value) and value.type.kind == "Iterator":
        value = built_in(lowering, list, [value], target)
    if isinstance(value, Value) and is_structure(value):
        _unpack_value(lowering, target, value)
        return
    if isinstance(value, Columns):
        place = next((i for i, t in enumerate(target.elts) if isinstance(t, ast.Starred)), None)
        parts = columns_taken_apart(lowering, value, place, len(target.elts), target)
        _assign_parts(lowering, target, parts)
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
    rest: Binding = Tup(items[middle:stop], list, site=(*lowering.path, star))
    if lowering.faithful or (*lowering.path, star) in lowering.memo.written:
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
        if starred and item.kind == "List" and not lowering.faithful:
            parts = rows_apart(lowering, value, starred[0], len(wanted), target)
            _assign_parts(lowering, target, parts)
            return
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
        found = lowering.taken(result) if result.type is types.COMPLEX else result
        assign_to(lowering, part.value if isinstance(part, ast.Starred) else part, found)


def _assign_parts(lowering: Lowering, target: ast.Tuple | ast.List, parts: list[Binding]) -> None:
    for name, part in zip(target.elts, parts, strict=True):
        whole = part.kept() if isinstance(part, Stream) and part.kept is not None else part
        assign_to(lowering, name.value if isinstance(name, ast.Starred) else name, whole)


def _is_array(found: Binding) -> bool:
    return isinstance(found, Value) and found.type.kind == "Array"


def augmented(lowering: Lowering, node: ast.AugAssign) -> None:
    """``target op= value``: the place, the old value, the new one, the store."""
    target = node.target
    store: Callable[[Binding], None]
    old: Binding
    goes_back = True
    subject: Binding | None = None
    is_held = is_in_array = False
    if not isinstance(target, ast.Name) and not lowering.faithful:
        subject = object_required(lowering, lower_expression(lowering, target.value))
        if update_part(lowering, target, subject, node):
            return
    if isinstance(subject, Dissolved):
        assert not isinstance(target, ast.Name)
        old, store = _place_in_known(lowering, target, subject)
        if isinstance(old, Tup) and old.cls is list:
            old = lowering.in_memory(old)
    elif isinstance(subject, Grouped):
        assert isinstance(target, ast.Subscript)
        groups, place_of = subject, lower_index(lowering, target.slice)
        old = list_of_key(lowering, groups, place_of, target)
        store = lambda new: put_in_groups(lowering, groups, place_of, new)  # noqa: E731
    elif isinstance(target, ast.Name):
        name = target
        old = lowering.lookup(name.id, name)
        if isinstance(old, Tup) and old.cls is list:
            old = lowering.in_memory(old)
        store = lambda new: lowering.bind(name.id, new, name)  # noqa: E731
    elif isinstance(target, ast.Attribute):
        if not lowering.faithful:
            _refuse_attribute(lowering, target)
        attribute = target.attr
        whole = owner_of(lowering, lower_expression(lowering, target.value), attribute)
        if whole.type.kind == "Optional":
            whole = lowering.required(whole)  # once, for the reading and for the writing
        goes_back = holds_plainly(whole, attribute)
        old = attribute_of(lowering, whole, attribute)
        store = lambda new: set_attribute(lowering, whole, attribute, new)  # noqa: E731
    else:
        if subject is None:
            subject = lower_expression(lowering, target.value)
        whole, index = _place(lowering, subject, target)
        if whole.type.kind == "Optional":
            whole = lowering.required(whole)
        goes_back = whole.type.kind in _CHANGEABLE
        is_held = whole.type.kind == "List"  # an array in it changes itself
        is_in_array = is_array(whole)
        if is_in_array:
            index = lowering.atom(place_of_one(lowering, whole, index) or index)
            goes_back = goes_back and not (lowering.faithful and is_mask(index))
        old = read_item(lowering, whole, index, target)
        store = lambda new: set_item(lowering, whole, index, new, target)  # noqa: E731
    if not is_in_array:
        require_apart(lowering, node, old)
    place = len(lowering.ops)
    right = lower_expression(lowering, node.value)
    lowering.node = node
    if isinstance(old, Dissolved):
        changed = update_known(lowering, node.op, old, right)
        store(operate(lowering, node.op, old, right) if changed is None else changed)
        return
    if isinstance(old, Value) and is_array(old):
        if not lowering.faithful:
            put_back = store if isinstance(target, ast.Subscript) and not is_held else None
            update_array_value(lowering, node.op, old, right, put_back)
            return
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


def annotated(lowering: Lowering, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign_to(lowering, node.target, lower_expression(lowering, node.value))
    elif lowering.faithful and isinstance(node.target, ast.Name):
        lowering.effect(DECLARED, ())


def delete(lowering: Lowering, node: ast.Delete) -> None:
    for target in node.targets:
        if not lowering.faithful and isinstance(target, ast.Attribute | ast.Subscript):
            subject = lower_expression(lowering, target.value)
            if isinstance(subject, Dissolved):
                _delete_in_known(lowering, target, subject)
                continue
            if isinstance(subject, Grouped) and isinstance(target, ast.Subscript):
                key = lower_index(lowering, target.slice)
                delete_in_groups(lowering, subject, key, target)
                continue
            if isinstance(subject, Columns) and isinstance(target, ast.Subscript):
                place = lower_index(lowering, target.slice)
                delete_in_columns(lowering, subject, place, target)
                continue
        if lowering.faithful or isinstance(target, ast.Subscript):
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


def _delete_in_known(
    lowering: Lowering, target: ast.Attribute | ast.Subscript, whole: Dissolved
) -> None:
    if isinstance(target, ast.Attribute):
        delete_known_attribute(lowering, whole, target.attr)
    else:
        delete_item_of_known(lowering, whole, lower_index(lowering, target.slice))


def _delete_in_memory(lowering: Lowering, target: ast.expr) -> None:
    if isinstance(target, ast.Name):
        lowering.unbind(target.id, target)
    elif isinstance(target, ast.Attribute):
        whole = lowering.atom(lower_expression(lowering, target.value))
        delete_attribute(lowering, whole, target.attr)
    elif isinstance(target, ast.Subscript):
        whole = lowering.atom(lowering.in_memory(lower_expression(lowering, target.value)))
        index = lowering.atom(lower_index(lowering, target.slice))
        delete_item(lowering, whole, index, target)
    else:
        lowering.error("this del statement is not supported", target)
