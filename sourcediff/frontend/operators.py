"""Operators and comparisons: of numbers, tuples, containers, and objects that say what they do."""

from __future__ import annotations

import ast
import enum
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.array_values import compare_values, operate_on_values
from sourcediff.frontend.arrays.arrays import compare_arrays, is_array, operate_on_arrays
from sourcediff.frontend.calls.kept_calls import call_operator
from sourcediff.frontend.complexes.operations import compare_complex, operate_on_complex
from sourcediff.frontend.complexes.values import is_complex
from sourcediff.frontend.containers.containers import (
    SYMBOLS,
    combine,
    compare,
    contains,
    is_structure,
)
from sourcediff.frontend.containers.mappings import is_mapping
from sourcediff.frontend.containers.rows import as_row
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.columns import same_item
from sourcediff.frontend.objects.dissolved import fields_of, keys_of, known_key, make_record, put
from sourcediff.frontend.objects.dissolved_objects import (
    call_special,
    is_generated,
    require_special,
)
from sourcediff.frontend.objects.members import is_mixed
from sourcediff.frontend.objects.places import compare_places
from sourcediff.frontend.own_methods import says_by_itself
from sourcediff.frontend.reflect import is_plain_object
from sourcediff.frontend.values import (
    Binding,
    Conflict,
    Dissolved,
    Grouped,
    Rec,
    Static,
    Tup,
    declared,
)
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import OPERATE
from sourcediff.rules.table import primitive_of

__all__ = [
    "SPECIAL",
    "conjunction",
    "is_in",
    "is_own_tuple",
    "named_whole",
    "operate",
    "operate_comparison",
    "primitive",
    "says_what_operators_do",
    "special_update",
    "update_known",
]


#: A list that is repeated is known item by item up to this length.
MAX_KNOWN = 16


def operate(lowering: Lowering, op: ast.operator, left: Binding, right: Binding) -> Binding:
    """``left op right``."""
    if is_complex(left) or is_complex(right):
        return operate_on_complex(lowering, op, left, right)
    if isinstance(op, ast.Mod) and not lowering.faithful:
        if isinstance(left, Value | Const) and left.type is types.STR:
            return _formatted(lowering, left, right)
    if lowering.faithful:
        left, right = named_whole(lowering, left), named_whole(lowering, right)
        if is_array(left) or is_array(right):
            return operate_on_arrays(lowering, op, left, right)
    elif is_array(left) or is_array(right):
        return operate_on_values(lowering, op, left, right)
    if lowering.faithful and (_is_special(left) or _is_special(right)):
        return _operate_special(lowering, op, left, right)
    if isinstance(left, Dissolved) or isinstance(right, Dissolved):
        return _operate_known(lowering, op, left, right)
    if is_own_tuple(left) or is_own_tuple(right):
        found = _by_methods(lowering, op, left, right)
        if found is not None:
            return found
    if _is_list(left) or _is_list(right):
        assert lowering.node is not None
        left, right = _beside_row(lowering, left, right), _beside_row(lowering, right, left)
        left, right = lowering.in_memory(left), lowering.in_memory(right)
        return combine(lowering, op, left, right, lowering.node)
    if isinstance(left, Tup) or isinstance(right, Tup):
        return _on_tuples(lowering, op, left, right)
    primitive = primitive_of(op)
    if primitive is None:
        lowering.error("the operator @ works on arrays, which are not supported yet")
    symbol = f"the operator of {primitive.pattern!r}"
    if all(isinstance(b, Value | Const) for b in (left, right)):
        return lowering.apply(primitive, (lowering.atom(left), lowering.atom(right)))
    return lowering.apply(
        primitive, (lowering.number(left, symbol), lowering.number(right, symbol))
    )


def named_whole(lowering: Lowering, binding: Binding) -> Binding:
    """A named tuple as a value, whose class may say what operators do."""
    if isinstance(binding, Tup) and hasattr(binding.cls, "_fields"):
        return lowering.atom(binding)
    return binding


def _is_list(binding: Binding) -> bool:
    """Whether a binding is a list in memory."""
    return isinstance(binding, Value) and binding.type.kind == "List"


def _beside_row(lowering: Lowering, whole: Binding, other: Binding) -> Binding:
    """A tuple of numbers as one value, where the other operand is one."""
    is_row = isinstance(other, Value) and other.type.cls is tuple
    if not lowering.faithful and is_row and isinstance(whole, Tup) and whole.cls is tuple:
        if all(isinstance(i, Value | Const) and types.is_number(i.type) for i in whole.items):
            return as_row(lowering, whole)
    return whole


def _is_special(binding: Binding) -> bool:
    return is_structure(binding) and isinstance(binding, Value | Const)


def _operate_special(
    lowering: Lowering, op: ast.operator, left: Binding, right: Binding
) -> Binding:
    """An operator on objects of the user's, containers or texts."""
    name = SPECIAL.get(type(op))
    for subject, other, prefix in ((left, right, "__"), (right, left, "__r")):
        if isinstance(subject, Value) and subject.type.kind == "Optional":
            narrowed = lowering.required(subject)
            if subject is left:
                left = narrowed
            else:
                right = narrowed
            subject = narrowed
        if isinstance(subject, Value) and subject.type.cls is not None and name is not None:
            found = call_operator(lowering, f"{prefix}{name}__", subject, [other])
            if found is not None:
                return found
    node = lowering.node
    assert node is not None
    return combine(lowering, op, left, right, node)


def special_update(
    lowering: Lowering, op: ast.operator, left: Value, right: Binding
) -> Binding | None:
    """``left op= right`` by a method of `left`; None where its class has none for that."""
    name = SPECIAL.get(type(op))
    if left.type.kind != "Object" or name is None:
        return None
    return call_operator(lowering, f"__i{name}__", left, [right])


def _operate_known(lowering: Lowering, op: ast.operator, left: Binding, right: Binding) -> Binding:
    """An operator on objects that are known: what their classes say."""
    found = _by_methods(lowering, op, left, right)
    if found is None and isinstance(op, ast.BitOr):
        wholes = [b for b in (left, right) if isinstance(b, Dissolved) and b.cls is dict]
        if len(wholes) == 2:
            one, other = (fields_of(lowering, whole) for whole in wholes)
            return make_record(lowering, {**one, **other}.items())
    if found is None:
        lowering.error(
            f"this operator on {describe(left)} and {describe(right)} is not supported",
            help="use what they hold one by one",
        )
    return found


def _by_methods(
    lowering: Lowering, op: ast.operator, left: Binding, right: Binding
) -> Binding | None:
    """What the class of either operand says; None where neither says anything of these."""
    name = SPECIAL.get(type(op))
    found = call_special(lowering, left, f"__{name}__", [right])
    if found is None and _class_of(left) is not _class_of(right):
        found = call_special(lowering, right, f"__r{name}__", [left])
    return found


def is_own_tuple(binding: Binding) -> bool:
    """Whether a binding is a named tuple with operators of its own."""
    cls = binding.type.cls if isinstance(binding, Value) else getattr(binding, "cls", None)
    return says_by_itself(cls)


def says_what_operators_do(binding: Binding) -> bool:
    """Whether a binding is a known object, or a named tuple with operators of its own."""
    known = isinstance(binding, Dissolved) and binding.cls is not dict
    return known or is_own_tuple(binding)


def _class_of(binding: Binding) -> Any:
    if isinstance(binding, Value) and says_by_itself(binding.type.cls):
        return binding.type.cls
    if isinstance(binding, Dissolved | Tup):
        return binding.cls
    known = binding.object if isinstance(binding, Static) else None
    return type(known) if is_plain_object(known) else None


def update_known(
    lowering: Lowering, op: ast.operator, left: Dissolved, right: Binding
) -> Binding | None:
    """``left op= right`` by a method of `left`; None where its class has none for that."""
    if left.cls is dict and isinstance(op, ast.BitOr):
        if not isinstance(right, Dissolved) or right.cls is not dict:
            return None
        for key, value in fields_of(lowering, right).items():
            put(lowering, left, key, value)
        return left
    return call_special(lowering, left, f"__i{SPECIAL.get(type(op))}__", [right])


def _compare_known(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """A comparison of objects that are known."""
    if isinstance(op, ast.Is | ast.IsNot):
        item = same_item(lowering, left, right)
        if item is not None:
            return item if isinstance(op, ast.Is) else _negated(lowering, item)
        same = _same_object(lowering, left, right)
        return Const(same is isinstance(op, ast.Is), types.BOOL)
    name = SPECIAL[type(op)]
    reflected = _REFLECTED.get(name, name)
    for one, other, method in ((left, right, name), (right, left, reflected)):
        cls = _class_of(one)
        if cls is None:
            continue
        found = declared(cls, f"__{method}__")
        if cls is dict or is_generated(found):
            if isinstance(op, ast.Eq | ast.NotEq) or not is_generated(found):
                break
            return _compare_dataclasses(lowering, op, left, right)
        result = call_special(lowering, one, f"__{method}__", [other])
        if result is None and isinstance(op, ast.NotEq):
            equal = call_special(lowering, one, "__eq__", [other])
            if equal is not None:
                return _negated(lowering, equal)
        if result is not None:
            return result
    if not isinstance(op, ast.Eq | ast.NotEq):
        lowering.error(
            f"this comparison of {describe(left)} and {describe(right)} is not supported"
        )
    return _equal_known(lowering, op, left, right)


def _compare_dataclasses(
    lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding
) -> Binding:
    """``left < right`` of objects of one dataclass with ``order=True``: of their fields."""
    if not isinstance(left, Dissolved) or not isinstance(right, Dissolved):
        lowering.error("the order of dataclasses is not supported here")
    if left.cls is not right.cls:
        lowering.error("the order of objects of several dataclasses is not supported here")
    known: Any = left.cls
    names = [f.name for f in known.__dataclass_fields__.values() if f.compare]
    one, other = fields_of(lowering, left), fields_of(lowering, right)
    sides = [Tup([held[name] for name in names]) for held in (one, other)]
    if len(names) == 1:
        return operate_comparison(lowering, op, sides[0].items[0], sides[1].items[0])
    return operate_comparison(lowering, op, sides[0], sides[1])


def _equal_known(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """``left == right`` of dicts, of dataclasses, and of objects that are equal to themselves."""
    equal: Binding
    if not isinstance(left, Dissolved) or not isinstance(right, Dissolved):
        if not all(isinstance(b, Dissolved | Value | Const) for b in (left, right)):
            words = f"{describe(left)} and {describe(right)}"
            lowering.error(f"this comparison of {words} is not supported")
        equal = Const(False, types.BOOL)
    elif left.cls is not right.cls or not _by_value(left.cls):
        item = same_item(lowering, left, right)
        equal = item or Const(_same_object(lowering, left, right), types.BOOL)
    else:
        one, other = fields_of(lowering, left), fields_of(lowering, right)
        equal = Const(one.keys() == other.keys(), types.BOOL)
        if lowering.has_ordered and equal.value and [*one] != [*other]:
            lowering.error("whether dicts are equal of which one is ordered is not known here")
        for field in one if equal.value else ():
            known: Any = getattr(left.cls, "__dataclass_fields__", {}).get(field)
            if left.cls is not dict and not (known and known.compare):
                continue
            if one[field] is other[field]:
                continue  # Python compares what they hold by identity first
            then = partial(operate_comparison, lowering, ast.Eq(), one[field], other[field])
            equal = conjunction(lowering, equal, then)
    return equal if isinstance(op, ast.Eq) else _negated(lowering, equal)


def _by_value(cls: Any) -> bool:
    return cls is dict or is_generated(declared(cls, "__eq__"))


def _same_object(lowering: Lowering, left: Binding, right: Binding) -> bool:
    """Whether two bindings are one object."""
    if left is right:
        return True
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Static) and isinstance(other, Dissolved) and other.given:
            if type(one.object) is other.cls:
                lowering.error("whether two objects are the same is not known here")
    both = [b for b in (left, right) if isinstance(b, Dissolved)]
    if len(both) == 2 and both[0].cls is both[1].cls:
        if any(b.settled is not None for b in both):
            lowering.error("whether two objects are the same is not known here")
        if all(b.given for b in both):
            lowering.changes_given = True  # two arguments may be one object
    return False


def _negated(lowering: Lowering, test: Binding) -> Binding:
    known = lowering.truth(test)
    if isinstance(known, bool):
        return Const(not known, types.BOOL)
    return lowering.apply(primitive(ast.Not()), (known,))


_REFLECTED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}


SPECIAL: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.USub: "neg",
    ast.UAdd: "pos",
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
}


def _on_tuples(lowering: Lowering, op: ast.operator, left: Binding, right: Binding) -> Binding:
    if isinstance(op, ast.Add) and isinstance(left, Tup) and isinstance(right, Tup):
        items = [*left.items, *right.items]
        if left.cls is right.cls is list:
            return lowering.known_list(lowering.node, items, left, right)
        if all(issubclass(whole.cls, tuple) for whole in (left, right)):
            return Tup(items)
    elif isinstance(op, ast.Mult):
        whole, count = (left, right) if isinstance(left, Tup) else (right, left)
        if isinstance(whole, Tup) and isinstance(count, Const) and isinstance(count.value, int):
            items = whole.items * count.value
            if whole.cls is list and len(items) <= MAX_KNOWN:
                return lowering.known_list(lowering.node, items, whole)
            if whole.cls is not list:
                return Tup(items)
        if isinstance(whole, Tup) and whole.cls is list:
            lowering.in_memory(whole)
    lowering.error(
        f"this operator on {describe(left)} and {describe(right)} is not supported",
        help="use the items one by one",
    )


def primitive(op: ast.AST) -> Any:
    """The primitive of an operator node."""
    found = primitive_of(op)
    assert found is not None
    return found


def _formatted(lowering: Lowering, text: Atom, given: Binding) -> Binding:
    """``"%s" % given``: texts and numbers that do not vary further."""
    if isinstance(given, Static | Conflict | Dissolved):
        lowering.error(f"{describe(given)} in a formatted text is not supported")
    values = lowering.atom(given)
    known = given.items if isinstance(given, Tup) else (given,)
    if isinstance(text, Const) and all(isinstance(one, Const) for one in known):
        held = tuple(one.value for one in known if isinstance(one, Const))
        with suppress(TypeError, ValueError):  # which is raised where it is in the run
            return Const(text.value % held, types.STR)
    return lowering.emit(OPERATE, (text, values), types.STR, attribute="%")


def conjunction(lowering: Lowering, test: Binding, then: Callable[[], Binding]) -> Binding:
    """``test and then()``, where `test` is a truth value."""
    return lowering.choose(test, then, lambda: test, "and")


def operate_comparison(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """``left op right`` for one comparison operator."""
    if isinstance(op, ast.In | ast.NotIn):
        return is_in(lowering, op, left, right)
    is_identity = isinstance(op, ast.Is | ast.IsNot)
    if not is_identity and (is_complex(left) or is_complex(right)):
        return compare_complex(lowering, op, left, right)
    told = compare_places(lowering, op, left, right)
    if told is not None:
        return told
    if isinstance(left, Dissolved) or isinstance(right, Dissolved):
        return _compare_known(lowering, op, left, right)
    if isinstance(op, ast.Is | ast.IsNot):
        known = _known_identity(left, right)
        if known is not None:
            return Const(known is isinstance(op, ast.Is), types.BOOL)
        if isinstance(left, Tup) or isinstance(right, Tup):
            lowering.error(
                "whether two lists or tuples are one object is not known here",
                lowering.node,
                "compare what they hold, or keep a flag of your own",
            )
    identity = isinstance(op, ast.Is | ast.IsNot)
    if not identity and (is_array(left) or is_array(right)):
        if not lowering.faithful:
            return compare_values(lowering, op, left, right)
        return compare_arrays(lowering, op, left, right)
    special = _is_special if lowering.faithful else _is_list
    if not identity and (special(left) or special(right)):
        return _compare_special(lowering, op, left, right)
    if isinstance(left, Tup) and isinstance(right, Tup) and isinstance(op, ast.Eq | ast.NotEq):
        return _equal_tuples(lowering, op, left, right)
    if isinstance(op, ast.Eq | ast.NotEq):
        if any(isinstance(b, Value) and b.type is types.OBJECT for b in (left, right)):
            return _compare_objects(lowering, op, left, right)
        equal = _known_equality(left, right)
        if equal is not None:
            return Const(equal is isinstance(op, ast.Eq), types.BOOL)
    if (
        isinstance(left, Value | Const)
        and isinstance(right, Value | Const)
        and isinstance(op, ast.Eq | ast.NotEq)
        and types.join(left.type, right.type) is None
        and "Instance" not in (left.type.kind, right.type.kind)
        and not (is_mixed(left.type) or is_mixed(right.type))
    ):
        return Const(isinstance(op, ast.NotEq), types.BOOL)  # a text is never a number
    return lowering.apply(primitive(op), (lowering.atom(left), lowering.atom(right)))


def _compare_special(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """A comparison of texts, containers, or objects that say how they are compared."""
    name = SPECIAL[type(op)]
    if isinstance(left, Value) and left.type.cls is not None:
        found = call_operator(lowering, f"__{name}__", left, [right])
        if found is not None:
            return found
    kinds = [b.type for b in (left, right) if isinstance(b, Value | Const)]
    if len(kinds) == 2 and isinstance(op, ast.Eq | ast.NotEq):
        if sum(map(types.is_number, kinds)) == 1:
            optional = any(k.kind == "Optional" or k is types.NONE for k in kinds)
            if not optional:
                return Const(isinstance(op, ast.NotEq), types.BOOL)
    if kinds == [types.STR, types.STR]:
        return lowering.apply(primitive(op), (lowering.atom(left), lowering.atom(right)))
    return compare(lowering, op, left, right, lowering.node)


def _compare_objects(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """A comparison of what only the run knows, as of ``x.dtype`` with a class or a name."""
    atoms = [
        lowering.load(lowering.reference_to(b), types.OBJECT)
        if isinstance(b, Static)
        else lowering.atom(b)
        for b in (left, right)
    ]
    return lowering.emit(OPERATE, atoms, types.BOOL, attribute=SYMBOLS[type(op)])


def _known_equality(left: Binding, right: Binding) -> bool | None:
    """Whether two functions, classes or members of enumerations are equal; None for others."""
    if isinstance(left, Static) and isinstance(right, Static):
        if callable(left.object) or _is_member(left.object):
            return bool(left.object == right.object)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Static) and _is_member(one.object) and isinstance(other, Const):
            return bool(one.object == other.value)
    return None


def _is_member(found: object) -> bool:
    """Whether an object is one of an enumeration that compares as Python's own do."""
    own = (object.__eq__, str.__eq__, int.__eq__)
    return isinstance(found, enum.Enum) and type(found).__eq__ in own


def _known_identity(left: Binding, right: Binding) -> bool | None:
    """Whether two bindings are one object, where compiling can tell."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Const) and one.type in (types.NONE, types.BOOL):
            if isinstance(other, Const):
                return one.value is other.value
            if isinstance(other, Value):
                if one.type is other.type is types.NONE:
                    return True
                joined = types.join(one.type, other.type)
                can_be = other.type.kind == "Optional" or other.type in (one.type, types.REAL)
                return None if joined is not None and can_be else False
            return False
    if isinstance(left, Static) and isinstance(right, Static):
        return left.object is right.object
    return True if left is right and isinstance(left, Tup) else None


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


def _left_to_the_run(left: Binding, right: Tup) -> bool:
    """Whether what is looked for, or a place where it could be, is known to the run only."""
    atoms = [left, *right.items]
    values = sum(isinstance(atom, Value) for atom in atoms)
    return values > 0 and all(isinstance(atom, Value | Const) for atom in atoms)


def is_in(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    if is_structure(right) if lowering.faithful else _is_list(right) or is_mapping(right):
        assert isinstance(right, Value | Const)
        return contains(lowering, isinstance(op, ast.NotIn), left, lowering.atom(right))
    if isinstance(right, Grouped):
        return contains(lowering, isinstance(op, ast.NotIn), left, right.places)
    if isinstance(right, Dissolved):
        if right.cls is not dict:
            answer = require_special(lowering, right, "__contains__", [left])
            return answer if isinstance(op, ast.In) else _negated(lowering, answer)
        known = known_key(lowering, left, whole=right) in keys_of(lowering, right)
        return Const(known is isinstance(op, ast.In), types.BOOL)
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
    if lowering.faithful and _left_to_the_run(left, right):
        return contains(lowering, isinstance(op, ast.NotIn), left, lowering.atom(right))
    for part in right.items:
        found = lowering.choose(
            found,
            lambda: Const(True, types.BOOL),
            lambda part=part: operate_comparison(lowering, ast.Eq(), left, part),  # type: ignore[misc]
            "or",
        )
    if isinstance(op, ast.In):
        return found
    if isinstance(found, Const):
        return Const(not found.value, types.BOOL)
    return lowering.apply(primitive(ast.Not()), (lowering.atom(found),))
