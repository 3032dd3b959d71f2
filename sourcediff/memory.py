"""Operations on what can change: lists, dicts, objects, and variables that are shared.

A value of the IR may refer to an object in memory. These operations make one, look at what it
holds, or change it; they take effect in the order in which they stand. Where an operation gives
back an object it is a new one, unless it says otherwise.

The interpreter evaluates an operation here on a *copy* of the object and then replaces the
content by the copy, so `evaluate` is written for Python's own objects.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from sourcediff.ir import Primitive

__all__ = [
    "ADD_AT",
    "ADD_INTO",
    "ASSIGN",
    "CONTAINS",
    "DELETE_ATTRIBUTE",
    "DELETE_ITEM",
    "DICT",
    "FORGET",
    "INPLACE",
    "IN_PLACE",
    "KEY",
    "LIST",
    "MAKE_FUNCTION",
    "METHOD_OF",
    "NEGATE",
    "OPERATE",
    "ORDER",
    "PLACE",
    "QUERY",
    "READ",
    "SET",
    "SET_ATTRIBUTE",
    "SET_ITEM",
    "SET_PART",
    "SLICED",
    "SNAPSHOT",
    "SUBSCRIPT",
    "SWAP_ITEMS",
    "TRUTH",
    "UNPACK_ITERABLE",
    "WRITE",
    "MethodSpec",
]


def _by_interpreter(*_: Any) -> Any:
    raise AssertionError("run by the interpreter itself")


# Names ------------------------------------------------------------------------------------

#: ``x, y = a, b``: as many results as operands, all read before any is bound. A plain ``x = y``
#: has one of each. Its attribute is "chain" for ``x = y = a``, where all operands are the same.
ASSIGN = Primitive("assign", _by_interpreter, opaque=True, cost=3)
#: The value of a `Variable` (its attribute); raises where nothing is bound to it.
READ = Primitive("read", _by_interpreter, reads=True, raises=True, cost=5)
#: Bind a `Variable` (its attribute) to the operand.
WRITE = Primitive("write", _by_interpreter, writes=True, opaque=True, cost=5)
#: Unbind a `Variable`: ``del x``; raises where nothing is bound to it, unless the attribute, a
#: pair of the variable and of whether it must be bound, says otherwise.
FORGET = Primitive("forget", _by_interpreter, writes=True, raises=True, cost=5)
#: A nested function or a lambda as a value; its attribute is its `Function`.
MAKE_FUNCTION = Primitive("function", _by_interpreter, opaque=True, cost=60)

# Making -----------------------------------------------------------------------------------

#: A new list of the operands. Its attribute, if any, is the set of the places of operands that
#: are spread out (``[*a, b]``).
LIST = Primitive("list", _by_interpreter, opaque=True, cost=25, hint="items")
#: A new set of the operands.
SET = Primitive("set", _by_interpreter, cost=60)
#: A new dict of the operands, key and value in turn; where the place of a key is in the set that
#: its attribute is, the key is None and the value a dict that is spread out.
DICT = Primitive("dict", _by_interpreter, opaque=True, cost=50)

#: A tuple that others are compared with: what it holds is no part of what is differentiated.
KEY = Primitive("key", lambda *items: items, cost=15)

# Looking ----------------------------------------------------------------------------------

#: ``whole[index]``; of a slice, a new list.
SUBSCRIPT = Primitive("subscript", operator.getitem, reads=True, raises=True, cost=20)
#: ``lower:upper:step``, each maybe None.
SLICED = Primitive("slice", slice, cost=20)
#: ``item in whole``; its attribute is True for ``not in``.
CONTAINS = Primitive(
    "contains",
    lambda negated, item, whole: (item in whole) is not negated,
    reads=True,
    raises=True,
    cost=40,
)


class MethodSpec:
    """A method of a built-in class: its name, the names of its last arguments, what it does.

    `writes` says that it changes the object it belongs to; `looks`, where it is known, whether
    it gives a view of the array that it belongs to. `alike` says that it raises nothing, as the
    same has been done to another list of the same length. `function`, if any, is that which is
    called with the object, and how it is written: ``heapq.heappush(h, x)``.
    """

    __slots__ = ("alike", "function", "keywords", "looks", "name", "writes")

    def __init__(
        self,
        name: str,
        keywords: tuple[str, ...] = (),
        writes: bool = False,
        looks: bool | None = None,
        alike: bool = False,
        function: Any = None,
    ) -> None:
        self.alike = alike
        self.function = function
        self.name = name
        self.keywords = keywords
        self.writes = writes
        self.looks = looks

    def looking(self, looks: bool) -> MethodSpec:
        """The same, where it is known whether it gives a view."""
        return MethodSpec(self.name, self.keywords, self.writes, looks)

    def __repr__(self) -> str:
        return ", ".join([self.name, *self.keywords])


def _method(spec: MethodSpec, whole: Any, *args: Any) -> Any:
    if spec.function is not None:
        return spec.function.function(whole, *args)
    split = len(args) - len(spec.keywords)
    keywords = dict(zip(spec.keywords, args[split:], strict=True))
    return getattr(whole, spec.name)(*args[:split], **keywords)


#: A method of the first operand, a container, on the others, that changes it; its attribute is a
#: `MethodSpec`.
METHOD_OF = Primitive("method_of", _method, reads=True, writes=True, raises=True, cost=60)
#: A method of a container or a text that only looks at it; its attribute is a `MethodSpec`.
QUERY = Primitive("query", _method, reads=True, raises=True, cost=60)

#: The places of the items of a list in ascending order of these items, which are both operands (so
#: that they are a variable); a third one says whether in descending order instead.
ORDER = Primitive(
    "order",
    lambda keys, _, reverse=False: sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse),
    reads=True,
    raises=True,
    cost=200,
    hint="order",
)
#: The place of the first largest or smallest item of a list, which is both operands; its attribute
#: is `max` or `min`.
PLACE = Primitive(
    "place",
    lambda function, keys, _: function(range(len(keys)), key=keys.__getitem__),
    reads=True,
    raises=True,
    cost=100,
    hint="place",
)
#: The truth of an object, where only that matters: it prints as the object itself.
TRUTH = Primitive("truth", bool, reads=True, cost=20)

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "**": operator.pow,
    "@": operator.matmul,
    "%": operator.mod,
    "|": operator.or_,
    "&": operator.and_,
    "^": operator.xor,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "is": operator.is_,
    "is not": operator.is_not,
}

_INPLACE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.iadd,
    "*": operator.imul,
    "|": operator.ior,
    "&": operator.iand,
    "^": operator.ixor,
    "-": operator.isub,
    "/": operator.itruediv,
    "**": operator.ipow,
}

#: An operator between two objects that are not both numbers; its attribute is the symbol.
OPERATE = Primitive(
    "operate",
    lambda symbol, a, b: OPERATORS[symbol](a, b),
    reads=True,
    raises=True,
    cost=40,
)
#: ``-a`` of an array.
NEGATE = Primitive("negate", operator.neg, reads=True, raises=True, cost=40)
#: ``a += b`` where `a` is an object that this changes; its attribute is the symbol. Where `a` may
#: be a number or an array it has a result: the array, or another number.
INPLACE = Primitive(
    "inplace",
    lambda symbol, a, b: _INPLACE[symbol](a, b),
    writes=True,
    raises=True,
    cost=40,
)
#: The items of an iterable whose number only the run knows: as many results as there are
#: targets, and one that takes a list of the rest where the attribute (its place) is not None.
UNPACK_ITERABLE = Primitive(
    "unpack_iterable", _by_interpreter, reads=True, effect=True, raises=True, cost=40
)


def _swapped(whole: Any, one: int, other: int) -> None:
    whole[one], whole[other] = whole[other], whole[one]


# Changing ---------------------------------------------------------------------------------

#: What a `SET_ITEM` says where the value takes the place of an array that changes in place.
IN_PLACE = "in place"
#: ``whole[index] = value``.
SET_ITEM = Primitive("set_item", operator.setitem, writes=True, raises=True, cost=25)


def _set_part(how: tuple[str, str], whole: Any, index: Any, value: Any) -> None:
    name, symbol = how
    part = getattr(whole, name)
    part[index] = value if symbol == "=" else _INPLACE[symbol](part[index], value)


#: ``whole.real[index] = value`` of an array of complex numbers; its attribute is the name of the
#: part and the symbol: ``=``, or ``+`` or ``-`` where the value is added or taken away.
SET_PART = Primitive("set_part", _set_part, writes=True, raises=True, cost=40)
#: ``whole[index] += value``, of an adjoint: nothing reads it before all have been added.
ADD_AT = Primitive("add_at", _by_interpreter, writes=True, raises=True, cost=40)
#: A copy of what an array holds now.
SNAPSHOT = Primitive("snapshot", lambda whole: whole.copy(), reads=True, cost=500, hint="old")
#: ``numpy.add.at(whole, index, value)``, of an adjoint: an index may name one place twice. Its
#: attribute is a `CallSpec`.
ADD_INTO = Primitive("add_into", _by_interpreter, writes=True, raises=True, cost=1000)
#: ``whole[one], whole[other] = whole[other], whole[one]`` of a list of lists.
SWAP_ITEMS = Primitive("swap_items", _swapped, reads=True, writes=True, raises=True, cost=80)
#: ``del whole[index]``.
DELETE_ITEM = Primitive("delete_item", operator.delitem, writes=True, raises=True, cost=25)
#: ``whole.name = value``; its attribute is the name.
SET_ATTRIBUTE = Primitive(
    "set_attribute",
    lambda name, whole, value: setattr(whole, name, value),
    writes=True,
    raises=True,
    cost=25,
)
#: ``del whole.name``.
DELETE_ATTRIBUTE = Primitive(
    "delete_attribute",
    lambda name, whole: delattr(whole, name),
    writes=True,
    raises=True,
    cost=25,
)
