"""Forward mode of lists: beside a list that varies stands the list of the tangents of its items.

It is made where the list is made, and what is done to the list is done to it: ``xs.append(v)`` is
followed by ``xs_dot.append(v_dot)``. Two references to one list have two references to one list of
tangents, whichever way they came about. What is not written down here is refused.
"""

from __future__ import annotations

import builtins
import math
import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import FOR, Atom, Const, Op, Region, Value
from sourcediff.memory import (
    ADD_AT,
    DELETE_ITEM,
    INPLACE,
    LIST,
    METHOD_OF,
    OPERATE,
    QUERY,
    SET_ITEM,
    SLICED,
    SUBSCRIPT,
    SWAP_ITEMS,
    UNPACK_ITERABLE,
    MethodSpec,
)
from sourcediff.transform.adjoint.adjoints import named
from sourcediff.transform.lists.contents import element_of, is_dict, is_list
from sourcediff.transform.lists.keyed import FROM_KEYS
from sourcediff.transform.smaller.activity import PASSES_ON
from sourcediff.transform.tangent.keyed import push_forward_dict
from sourcediff.transform.tangent.ordering import MEASURES, sort_in_place
from sourcediff.types import Slot, Type

if TYPE_CHECKING:
    from sourcediff.transform.tangent.forward import Forward

__all__ = ["TangentLists", "refuse"]

ZERO = Const(0.0, types.REAL)


class TangentLists:
    """The lists of one function in forward mode, and the lists of their tangents."""

    def __init__(self, run: Forward) -> None:
        self.run = run
        self._of: dict[Value, Value] = {}

    # What is known ------------------------------------------------------------------------

    def kind(self, whole: Type) -> Type:
        """The type of the tangents of the items of a list."""
        root = element_of(whole).root
        if root.tangents is None:
            inner = root.type
            root.tangents = Slot(self.kind(inner) if inner.kind == "List" else types.REAL)
        if whole.kind == "Dict":
            return types.dict_of(whole.slots["key"], root.tangents, whole.cls or dict)
        return types.list_of(root.tangents, cls=whole.cls)

    def know(self, whole: Value, tangents: Value) -> None:
        """Take a list for that of the tangents of another."""
        self._of[whole] = tangents

    def is_known(self, whole: Value) -> bool:
        """Whether there is a list of tangents beside a list."""
        return whole in self._of

    def of(self, whole: Atom) -> Value:
        """The list of the tangents of a list; zeros beside one that does not vary."""
        assert isinstance(whole, Value)
        found = self._of.get(whole)
        if found is not None:
            return found
        assert whole not in self.run.active, "what varies has its tangents where it is made"
        return self.zeros(whole)

    def zeros(self, whole: Value) -> Value:
        """``[0.0] * len(whole)``, or a list of such lists."""
        builder = self.run.builder
        kind = self.kind(whole.type)
        if is_dict(whole):
            return self.named(whole, builder.emit(PURE_CALL, (whole, ZERO), kind, FROM_KEYS))
        element = whole.type.slots["element"].type
        if element.kind != "List":
            one = builder.emit(LIST, (ZERO,), kind)
            length = self.call(len, (whole,), types.INT)
            return self.named(whole, builder.emit(OPERATE, (one, length), kind, "*"))
        made = builder.emit(LIST, (), kind)
        row = Value(element, "row")
        with builder.block() as code:
            self.change(made, "append", (self.zeros(row),))
        region = Region(code, (), None, (row,))
        builder.append(Op(FOR, (whole,), (), (region,), "list", builder.site, builder.order))
        return self.named(whole, made)

    def named(self, whole: Value, tangents: Value) -> Value:
        """A list that is called after the one whose tangents it holds."""
        if named(whole) and not named(tangents):
            tangents.adjoint_of, tangents.is_tangent = whole, True
        return tangents

    def call(self, function: Any, args: tuple[Atom, ...], kind: Type) -> Value:
        """A call of a built-in function."""
        spec = CallSpec(function, Ref("module", builtins, (function.__name__,)))
        return self.run.builder.emit(PURE_CALL, args, kind, spec)

    def change(self, whole: Value, name: str, args: tuple[Atom, ...]) -> None:
        """Call a method of a list that changes it and gives nothing."""
        builder = self.run.builder
        spec = MethodSpec(name, writes=True)
        builder.append(Op(METHOD_OF, (whole, *args), (), (), spec, builder.site, builder.order))

    # Operations ---------------------------------------------------------------------------

    def changed(self, op: Op) -> bool:
        """Whether an operation changes a list that varies."""
        return op.primitive.writes and bool(op.args) and op.args[0] in self.run.active

    def concern(self, op: Op) -> bool:
        """Whether an operation is one on lists that vary."""
        return any(is_list(atom) for atom in (*op.args, *op.results))

    def push_forward(self, op: Op) -> None:
        """Append an operation on lists, and the same for their tangents.

        Raises:
            DifferentiationError: there is no derivative of it.
        """
        if op.primitive in PASSES_ON and is_list(op.args[0]):
            self.run.builder.ops.append(op)
            self.know(op.result, self.of(op.args[0]))
            return
        if push_forward_dict(self, op):
            return
        case = _CASES.get(op.primitive)
        if case is None or op.regions:
            refuse(op, op.primitive.name)
        case(self, op)

    def same(self, op: Op, args: tuple[Atom, ...], after: bool = True) -> tuple[Value, ...]:
        """Append an operation, and the same on other operands; the results of that."""
        builder = self.run.builder
        if after:
            builder.ops.append(op)
        args = tuple(self.index(arg) for arg in args)
        filled = op.primitive is LIST and not op.args
        results = tuple(self.run.beside(result, lasting=filled) for result in op.results)
        made = Op(op.primitive, args, results, (), op.attribute, builder.site, builder.order)
        builder.append(made)
        if not after:
            builder.ops.append(op)
        for result, tangent in zip(op.results, results, strict=True):
            self.run.know(result, tangent)
        return results

    def index(self, atom: Atom) -> Atom:
        """An operand that is no tangent: a slice is written once more, as nobody names it."""
        if atom.type is not types.SLICE:
            return atom
        builder = self.run.builder
        made = builder.definitions.get(atom)  # type: ignore[arg-type]
        assert made is not None and made.primitive is SLICED
        return builder.emit(SLICED, made.args, types.SLICE)

    def display(self, op: Op) -> None:
        """``[a, b, *c]``"""
        starred = op.attribute or ()
        for place in starred:
            if not is_list(op.args[place]):
                refuse(op, "what is spread out in a list and is no list itself")
        self.same(op, tuple(map(self.run.atom, op.args)))

    def item(self, op: Op) -> None:
        """``whole[index]``"""
        whole, index = op.args
        if not is_list(whole):
            refuse(op, "an index that only the run knows, into a tuple,")
        self.same(op, (self.of(whole), index), after=False)

    def store(self, op: Op) -> None:
        """``whole[index] = value``"""
        whole, index, value = op.args
        if index.type is types.SLICE and not is_list(value):
            refuse(op, "an assignment to a slice of what is no list")
        self.same(op, (self.of(whole), index, self.run.atom(value)), after=False)

    def addition(self, op: Op) -> None:
        """``whole[index] += value``, of adjoints."""
        whole, index, value = op.args
        tangent = self.run.atom(value)
        if isinstance(tangent, Const) and tangent.value == 0:
            self.run.builder.ops.append(op)
        else:
            self.same(op, (self.of(whole), index, tangent))

    def swap(self, op: Op) -> None:
        """``whole[i], whole[j] = whole[j], whole[i]``"""
        whole, one, other = op.args
        self.same(op, (self.of(whole), one, other), after=False)

    def delete(self, op: Op) -> None:
        """``del whole[index]``"""
        whole, index = op.args
        self.same(op, (self.of(whole), index), after=False)

    def method(self, op: Op) -> None:
        """``whole.append(value)`` and the like."""
        whole, *others = op.args
        name = op.attribute.name
        if name == "sort" and whole.type.slots["element"].type is types.REAL:
            sort_in_place(self, op)
            return
        if op.attribute.keywords or name not in _METHODS:
            refuse(op, f"list.{name}()")
        if name == "extend" and not is_list(others[0]):
            refuse(op, "list.extend() by what is no list")
        count = _METHODS[name]
        given = tuple(map(self.run.atom, others[count:]))
        self.same(op, (self.of(whole), *others[:count], *given), after=False)

    def update(self, op: Op) -> None:
        """``whole += other``, ``whole *= count``"""
        whole, other = op.args
        if op.results or op.attribute not in ("+", "*"):
            refuse(op, f"{op.attribute}= on a list")
        if op.attribute == "+" and not is_list(other):
            refuse(op, "+= on a list by what is no list")
        self.same(
            op,
            (self.of(whole), self.run.atom(other) if op.attribute == "+" else other),
            after=False,
        )

    def operator(self, op: Op) -> None:
        """``xs + ys``, ``[x] * n``"""
        if op.attribute not in ("+", "*"):
            refuse(op, f"the operator {op.attribute} on lists")
        self.same(op, tuple(self.of(arg) if is_list(arg) else arg for arg in op.args))

    def unpack(self, op: Op) -> None:
        """``a, b, *c = whole``"""
        (whole,) = op.args
        self.same(op, (self.of(whole),))

    def copy(self, op: Op) -> None:
        """``whole.copy()``"""
        if op.attribute.name != "copy":
            refuse(op, f"list.{op.attribute.name}()")
        self.same(op, (self.of(op.args[0]),))

    def call_of(self, op: Op) -> None:
        """``sum(xs)``, ``max(xs)``, ``list(xs)``"""
        called = op.attribute.function
        if called in MEASURES:
            MEASURES[called](self, op)
            return
        if op.attribute.keywords or op.attribute.stars:
            refuse(op, f"{called.__name__}() with such arguments")
        if called is sum and len(op.args) == 2:
            self.sum_from(op)
        elif called in _LINEAR and len(op.args) == 1 and is_list(op.args[0]):
            self.same(op, (self.of(op.args[0]),))
        elif called in (max, min) and len(op.args) == 1 and is_list(op.args[0]):
            self.extremum(op)
        else:
            refuse(op, f"{called.__name__}() of a list")

    def sum_from(self, op: Op) -> None:
        """``sum(xs, start)``"""
        run = self.run
        whole, start = op.args
        run.builder.ops.append(op)
        total = run.tangent(start)
        if whole in run.active:
            items = self.call(sum, (self.of(whole),), types.REAL)
            total = run.builder.add(run.builder.scaled(items), total)
        run.settle(op.result, total)

    def extremum(self, op: Op) -> None:
        """``max(xs)``: the first item that is the largest has the tangent."""
        builder = self.run.builder
        builder.ops.append(op)
        (whole,) = op.args
        place = builder.emit(QUERY, (whole, op.result), types.INT, MethodSpec("index"))
        item = builder.emit(SUBSCRIPT, (self.of(whole), place), types.REAL)
        self.run.settle(op.result, builder.scaled(item))


#: Methods that change a list, by how many operands tell a place.
_METHODS = {"append": 0, "extend": 0, "insert": 1, "pop": 1, "reverse": 0, "clear": 0}
#: Functions that give a number, or a list, that is linear in the items.
_LINEAR = (list, tuple, sum, math.fsum, statistics.mean, statistics.fmean)
_CASES: dict[Any, Callable[[TangentLists, Op], None]] = {
    LIST: TangentLists.display,
    SUBSCRIPT: TangentLists.item,
    SET_ITEM: TangentLists.store,
    ADD_AT: TangentLists.addition,
    SWAP_ITEMS: TangentLists.swap,
    DELETE_ITEM: TangentLists.delete,
    METHOD_OF: TangentLists.method,
    INPLACE: TangentLists.update,
    OPERATE: TangentLists.operator,
    UNPACK_ITERABLE: TangentLists.unpack,
    QUERY: TangentLists.copy,
    PURE_CALL: TangentLists.call_of,
}


def refuse(op: Op, what: str) -> NoReturn:
    """Raise the error of an operation that forward mode has no case for.

    Raises:
        DifferentiationError: always.
    """
    raise DifferentiationError(
        f"the tangent of {what} is not supported yet",
        op.site.span if op.site is not None else None,
        "work on the items one by one, or on a new list",
    )
