"""What is done to dicts in memory that are differentiated: all of it has to be known.

A dict that holds numbers is a list whose places are keys. Of what one does to a list little makes
sense for a dict (``for x in d`` gives keys), so that whatever is not named here is refused: before
a derivative is made, for the primal and for each derivative that another is made of.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator, Sequence
from typing import NoReturn

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import GETATTR, GETITEM, PURE_CALL, UNPACK
from sourcediff.ir import FOR, Atom, Const, Function, Op, Region, Value, walk
from sourcediff.memory import (
    ADD_AT,
    CONTAINS,
    DELETE_ITEM,
    DICT,
    METHOD_OF,
    QUERY,
    SET_ITEM,
    SUBSCRIPT,
)
from sourcediff.transform.lists.contents import element_of, is_dict
from sourcediff.types import Slot

__all__ = ["carries_from_dict", "require_known_uses"]

#: Functions that see the keys of a dict, and give the same whatever it holds.
OF_KEYS = (len, list, sorted, bool)
#: The operations on a dict, which comes first, and a key.
AT_KEY = (SUBSCRIPT, SET_ITEM, ADD_AT, DELETE_ITEM)
#: What makes a dict that holds nothing yet.
EMPTY = (collections.defaultdict, collections.Counter)
METHODS = ("get", "__getitem__", "pop")


def carries_from_dict(op: Op, active: set[Value]) -> bool | None:
    """Whether what an operation gives that sees a dict is differentiated; None of any other."""
    if op.primitive is CONTAINS:
        return False
    if op.primitive is QUERY and is_dict(op.args[0]):
        return op.args[0] in active
    if op.primitive is not PURE_CALL or not op.args:
        return None
    if op.attribute.function == dict.fromkeys:
        return op.args[1] in active
    if op.attribute.function is dict:
        return op.args[0] in active
    return False if is_dict(op.args[0]) else None


def require_known_uses(function: Function, active: set[Value]) -> None:
    """Refuse what is done to dicts that are differentiated, if it is not known here.

    Raises:
        DifferentiationError: something else is done to one, or a key of it is differentiated.
    """
    _require_constant_keys(function, active)
    if not any(map(is_dict, active)):
        return
    _region(function.body, active)
    for op in walk(function.body):
        for region in op.regions:
            _region(region, active)
        if any(is_dict(a) and a in active for a in (*op.args, *op.results)):
            if not _is_known(op):
                _refuse(op, "this use of a dict")
            if any(key in active for key in _keys(op)):
                _refuse(op, "a key that is differentiated itself")


def _require_constant_keys(function: Function, active: set[Value]) -> None:
    """Refuse to look at the keys of any dict that holds keys which are differentiated.

    What is found under such a key, and whether there is one, does not vary with it.
    """
    ops = list(walk(function.body))
    held: set[Slot] = set()
    while True:
        known = len(held)
        for op in ops:
            made = [*op.results, *op.args[:1]]
            whole = next((atom for atom in made if is_dict(atom)), None)
            if not is_dict(whole):
                continue
            if any(_keys_of(a) in held if is_dict(a) else a in active for a in _stored(op)):
                held.add(_keys_of(whole))
        if len(held) == known:
            break
    for op in ops:
        for atom in op.args:
            if is_dict(atom) and _keys_of(atom) in held and not _leaves_keys(op):
                if len(op.results) != 1 or not _only_finds(op.result, ops):
                    _refuse(op, "a key that is differentiated itself")


def _only_finds(keys: Value, ops: Sequence[Op]) -> bool:
    """Whether a list of keys is gone through for what is found under them, and for nothing else."""
    for op in ops:
        if any(keys in (region.results or ()) for region in op.regions):
            return False
        if keys not in op.args:
            continue
        if op.primitive is not FOR or keys in op.args[1:]:
            return False
        key = op.regions[0].parameters[0]
        for inner in ops:
            handed_on = (a for region in inner.regions for a in region.results or ())
            if key in handed_on or (key in inner.args and list(_keys(inner)) != [key]):
                return False
    return True


def _keys_of(whole: Value) -> Slot:
    return whole.type.slots["key"].root


def _stored(op: Op) -> Sequence[Atom]:
    """The keys that an operation puts into a dict, or the list or dict that has them."""
    if op.primitive is DICT:
        return op.args[::2]
    if op.primitive is SET_ITEM or op.primitive is METHOD_OF:
        return op.args[1:2]
    return op.args[:1] if _gives_dict(op) else ()


def _gives_dict(op: Op) -> bool:
    """Whether an operation that is no control gives a dict: one made of another, or of a list."""
    return not op.regions and len(op.results) == 1 and is_dict(op.result)


def _leaves_keys(op: Op) -> bool:
    """Whether an operation on a dict gives none of its keys."""
    if op.primitive in (*AT_KEY, CONTAINS, METHOD_OF):
        return True
    if op.primitive is QUERY:
        return op.attribute.name in ("get", "values", "copy")
    if _gives_dict(op):
        return True
    return op.primitive is PURE_CALL and op.attribute.function in (len, bool)


def _region(region: Region, active: set[Value]) -> None:
    """Refuse dicts that control hands on."""
    for atom in (*(region.results or ()), *region.parameters):
        if is_dict(atom) and atom in active:
            last = region.ops[-1] if region.ops else None
            _refuse(last, "a dict that has two names")


def _is_known(op: Op) -> bool:
    first: Atom | None = op.args[0] if op.args else None
    others = op.args[1:]
    if op.regions or not all(map(_holds_numbers, (*op.args, *op.results))):
        return False
    if op.primitive in (GETITEM, GETATTR, UNPACK):
        return not any(map(is_dict, op.args))  # it was handed in within something else
    if op.primitive is DICT:
        return not op.attribute and _are_apart(op.args[::2])
    if op.primitive is CONTAINS:
        return not is_dict(first)
    if any(map(is_dict, others)):
        return False
    if op.primitive in AT_KEY:
        return is_dict(first)
    if op.primitive is METHOD_OF:
        return op.attribute.name in METHODS and len(op.args) == 2
    if op.primitive is QUERY:
        name = op.attribute.name
        return name in ("values", "copy") or (name == "get" and isinstance(op.args[2], Const))
    if op.primitive is not PURE_CALL or op.attribute.keywords or op.attribute.stars:
        return False
    called = op.attribute.function
    if called == dict.fromkeys:
        return len(op.args) == 2
    if called in EMPTY:
        return not is_dict(first)
    return called in (*OF_KEYS, dict) and len(op.args) == 1


def _holds_numbers(atom: Atom) -> bool:
    return not is_dict(atom) or element_of(atom.type).type is types.REAL


def _are_apart(keys: tuple[Atom, ...]) -> bool:
    """Whether the keys of a display are certainly different ones."""
    known = [key.value for key in keys if isinstance(key, Const)]
    return len(keys) < 2 or (len(known) == len(keys) == len(set(known)))


def _keys(op: Op) -> Iterator[Atom]:
    """The keys that an operation is given."""
    if op.primitive is DICT:
        yield from op.args[::2]
    elif op.primitive is CONTAINS:
        yield op.args[0]
    elif op.primitive in (*AT_KEY, METHOD_OF, QUERY):
        yield from op.args[1:2]


def _refuse(op: Op | None, what: str) -> NoReturn:
    span = op.site.span if op is not None and op.site is not None else None
    raise DifferentiationError(
        f"the derivative of {what} is not supported yet", span, "use constant keys, or a list"
    )
