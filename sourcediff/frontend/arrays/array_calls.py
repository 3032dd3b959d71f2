"""Lowering of the functions of NumPy and the methods of arrays that are supported so far.

They are called as they are; what has to be known is what they give. A function is known by the
name under which NumPy has it, looked up in NumPy itself if the user's program has imported it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.arrays import (
    element_of,
    fresh,
    operand,
    operate_on_arrays,
    product_of,
    result_of,
)
from sourcediff.frontend.containers.containers import kept
from sourcediff.frontend.describe import describe_type
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Binding, Static
from sourcediff.ir import Atom, Const
from sourcediff.types import Type, array_of, rank_of

__all__ = ["ARRAY_METHODS", "OF_ARRAYS", "call_numpy", "numpy_name"]

#: Functions of one operand, element by element, that give real numbers.
ELEMENTWISE = [
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arctanh",
    "exp",
    "expm1",
    "exp2",
    "log",
    "log1p",
    "log2",
    "log10",
    "sqrt",
    "cbrt",
    "reciprocal",
]
#: The same, of whole numbers for whole numbers.
_KEEPING = ["abs", "absolute", "square", "negative"]

#: The largest or the smallest of an array.
_EXTREMA = ["max", "min", "amax", "amin"]
_WORDS = {"sum": "a sum", "mean": "a mean", **{name: f"{name}()" for name in _EXTREMA}}

#: What a call gives, from its positional arguments and its keywords.
Typing = Callable[["_Call"], Type]


class _Call:
    """One call of a function of NumPy."""

    __slots__ = ("atoms", "keywords", "lowering", "name", "node", "statics")

    def __init__(
        self,
        lowering: Lowering,
        name: str,
        args: list[Binding],
        kwargs: dict[str, Binding],
        node: ast.AST,
    ) -> None:
        self.lowering = lowering
        self.name = name
        self.node = node
        #: The classes among the arguments (``dtype=float``) by name or place.
        self.statics: dict[str | int, Any] = {}
        self.atoms = [self.taken(place, a) for place, a in enumerate(args)]
        self.keywords = {key: self.taken(key, a) for key, a in kwargs.items()}

    def taken(self, place: str | int, binding: Binding) -> Atom:
        if isinstance(binding, Static):
            self.statics[place] = binding.object
            return self.lowering.load(self.lowering.reference_to(binding), types.OBJECT)
        atom = kept(self.lowering, binding)
        if atom.type.kind == "Optional" and types.is_memory(atom.type):
            atom = self.lowering.required(atom)
        return atom

    def refuse(self, reason: str = "these arguments") -> Any:
        self.lowering.error(f"{self.name}() with {reason} is not supported yet", self.node)

    def arity(self, low: int, high: int, *keywords: str) -> None:
        if not low <= len(self.atoms) <= high:
            self.refuse(f"{len(self.atoms)} arguments")
        for key in self.keywords:
            if key not in keywords:
                self.refuse(f"{key!r}")

    def number(self, place: int = 0) -> Atom:
        """An operand, which the call takes as what it is known to be: an array, or a number."""
        found = self.atoms[place] = operand(self.lowering, self.atoms[place], f"{self.name}()")
        return found

    def dtype(self, place: int, usual: Type) -> Type:
        """The type of the numbers, as an argument for it says."""
        found: Any = None
        if "dtype" in self.keywords:
            found = self.statics.get("dtype", object)
        elif len(self.atoms) > place:
            found = self.statics.get(place, object)
        known = {None: usual, float: types.REAL, int: types.INT}.get(found)
        return self.refuse("this dtype") if known is None else known


def _elementwise(call: _Call) -> Type:
    call.arity(1, 1)
    return result_of(call.lowering, call.node, (call.number(),), types.REAL)


def _keeping(call: _Call) -> Type:
    call.arity(1, 1)
    return result_of(call.lowering, call.node, (call.number(),))


def _product(call: _Call) -> Type:
    call.arity(2, 2)
    return product_of(call.lowering, call.node, call.number(0), call.number(1))


def _outer(call: _Call) -> Type:
    call.arity(2, 2)
    found = types.join(element_of(call.number(0).type), element_of(call.number(1).type))
    assert found is not None
    return fresh(call.lowering, call.node, found, 2)


def _array(call: _Call) -> Type:
    """``np.array(x)``: a copy of an array, or of numbers in lists."""
    call.arity(1, 2, "dtype")
    element, rank = _within(call, call.atoms[0].type)
    return fresh(call.lowering, call.node, call.dtype(1, element), rank)


def _stack(call: _Call) -> Type:
    """``np.stack(xs)``: as `numpy.array` of arrays, which have to have one shape."""
    call.arity(1, 1)
    kind = call.atoms[0].type
    if kind.kind not in ("List", "Tuple", "Sequence"):
        call.refuse(describe_type(kind))
    element, rank = _within(call, kind)
    return fresh(call.lowering, call.node, element, rank)


def _within(call: _Call, kind: Type) -> tuple[Type, int | None]:
    """The type of the numbers in lists of lists, and how many axes they make."""
    if kind.kind == "Array":
        return kind.slots["element"].read(), rank_of(kind)
    if kind.kind == "Optional" and types.is_memory(kind):
        return _within(call, kind.items[0])  # of None NumPy makes no number
    if types.is_number(kind) and kind.kind != "Optional":
        return kind, None
    items = list(kind.items)
    if kind.kind == "List":
        items = [kind.slots["element"].read()]
    elif kind.kind not in ("Tuple", "Sequence"):
        call.refuse(describe_type(kind))
    found: Type | None = types.NEVER
    ranks = set()
    for item in items:
        if item is types.NEVER:
            continue
        element, rank = (item, 0) if types.is_number(item) else _within(call, item)
        found = types.join(found, element) if found is not None else None
        ranks.add(rank)
    if found is None or len(ranks) > 1 or None in ranks:
        call.refuse(describe_type(kind))
    (rank,) = ranks or {0}
    return found or types.REAL, 1 + (rank or 0)


def _chosen(call: _Call) -> Type:
    """``np.maximum(a, b)``."""
    call.arity(2, 2)
    return result_of(call.lowering, call.node, (call.number(0), call.number(1)))


def _either(call: _Call) -> Type:
    """``np.where(test, a, b)``."""
    call.arity(3, 3)
    test, one, other = (call.number(place) for place in range(3))
    if element_of(test.type) is not types.BOOL:
        call.refuse(describe_type(test.type))
    joined = types.join(element_of(one.type), element_of(other.type))
    assert joined is not None
    found = result_of(call.lowering, call.node, (test, one, other), joined)
    # Of numbers it gives an array without axes.
    return found if found.kind == "Array" else fresh(call.lowering, call.node, joined, None)


def _like(call: _Call) -> Type:
    """``np.zeros_like(x)``."""
    call.arity(1, 1)
    atom = call.number()
    rank = rank_of(atom.type)
    return fresh(call.lowering, call.node, element_of(atom.type), rank or None)


def _filled(call: _Call) -> Type:
    """``np.zeros(shape)``."""
    call.arity(1, 2, "dtype")
    kind = call.atoms[0].type
    element = call.dtype(1, types.REAL)
    if kind in (types.INT, types.REAL):
        return fresh(call.lowering, call.node, element, 1)
    if kind.kind == "Tuple":
        return fresh(call.lowering, call.node, element, len(kind.items) or None)
    if kind.kind == "Sequence":
        return fresh(call.lowering, call.node, element, None)
    result: Type = call.refuse(describe_type(kind))
    return result


def _range(call: _Call) -> Type:
    call.arity(1, 3)
    found = result_of(call.lowering, call.node, call.atoms)
    if found not in (types.INT, types.REAL):
        call.refuse()
    return fresh(call.lowering, call.node, found, 1)


def _identity(call: _Call) -> Type:
    call.arity(1, 1)
    return fresh(call.lowering, call.node, types.REAL, 2)


def _reduced(call: Any, atom: Atom, axis: Atom | None) -> Type:
    """What a reduction gives of an array, of all of it or along one axis."""
    element = types.REAL if call.name == "mean" else element_of(atom.type)
    if element is types.BOOL:
        if call.name in _EXTREMA:
            call.lowering.error(f"{call.name}() of truth values is not supported yet", call.node)
        element = types.INT
    keeps = call.keywords.get("keepdims")
    if keeps is not None and not isinstance(keeps, Const):
        call.lowering.error("keepdims has to be written out: True or False", call.node)
    if axis is not None and axis.type not in (types.INT, types.REAL, types.NONE):
        call.lowering.error(
            f"{_WORDS[call.name]} over several axes is not supported yet", call.node
        )
    if isinstance(keeps, Const) and keeps.value:
        return fresh(call.lowering, call.node, element, rank_of(atom.type))
    if axis is None or axis.type is types.NONE:
        return element
    rank = rank_of(atom.type)
    if rank == 1:
        return element
    return fresh(call.lowering, call.node, element, None if rank is None else rank - 1)


def _reduction(call: _Call) -> Type:
    call.arity(1, 2, "axis", "keepdims")
    axis = call.atoms[1] if len(call.atoms) > 1 else call.keywords.get("axis")
    return _reduced(call, call.number(), axis)


_FUNCTIONS: dict[str, Typing] = {
    **dict.fromkeys(ELEMENTWISE, _elementwise),
    **dict.fromkeys(_KEEPING, _keeping),
    "dot": _product,
    "matmul": _product,
    "outer": _outer,
    "array": _array,
    "stack": _stack,
    "zeros_like": _like,
    "ones_like": _like,
    "zeros": _filled,
    "ones": _filled,
    "arange": _range,
    "eye": _identity,
    "identity": _identity,
    "sum": _reduction,
    "mean": _reduction,
    **dict.fromkeys(_EXTREMA, _reduction),
    "maximum": _chosen,
    "minimum": _chosen,
    "where": _either,
}


#: Functions that are operators under another name.
_OPERATORS: dict[str, ast.operator] = {
    "add": ast.Add(),
    "subtract": ast.Sub(),
    "multiply": ast.Mult(),
    "divide": ast.Div(),
    "true_divide": ast.Div(),
    "power": ast.Pow(),
}
#: Functions that have another road where no operand is an array.
OF_ARRAYS = frozenset([*_OPERATORS, *_EXTREMA, "maximum", "minimum", "where"])


def numpy_name(found: Any) -> str | None:
    """The name of a function of NumPy that is supported; None of anything else."""
    module = sys.modules.get("numpy")
    if module is None:
        return None
    name = getattr(found, "__name__", None)
    if not isinstance(name, str) or (name not in _FUNCTIONS and name not in _OPERATORS):
        return None
    return name if vars(module).get(name) is found else None


def call_numpy(
    lowering: Lowering,
    function: Static,
    name: str,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
) -> Binding:
    """A call of a function of NumPy."""
    call = _Call(lowering, name, args, kwargs, node)
    if name in _OPERATORS:
        call.arity(2, 2)
        lowering.node = node
        return operate_on_arrays(lowering, _OPERATORS[name], *call.atoms)
    kind = _FUNCTIONS[name](call)
    spec = CallSpec(function.object, lowering.reference_to(function), tuple(kwargs))
    return lowering.emit(PURE_CALL, (*call.atoms, *call.keywords.values()), kind, attribute=spec)


# Methods ---------------------------------------------------------------------------------


def _copied(call: Any) -> Type:
    call.arity(0, 0)
    kind: Type = call.whole.type
    return fresh(call.lowering, call.node, element_of(kind), rank_of(kind))


def _method_reduction(call: Any) -> Type:
    call.arity(0, 1)
    axis = call.args[0] if call.args else call.keywords.get("axis")
    if set(call.keywords) - {"axis", "keepdims"}:
        call.lowering.error(f"{call.name}() with these arguments is not supported yet", call.node)
    return _reduced(call, call.whole, axis)


def _method_product(call: Any) -> Type:
    call.arity(1, 1)
    other = call.args[0] = operand(call.lowering, call.args[0], "dot()")
    return product_of(call.lowering, call.node, call.whole, other)


def _shape_of(call: Any) -> Type:
    """``x.reshape(2, -1)``: the same numbers, seen in another shape."""
    if call.keywords:
        call.lowering.error(
            f"reshape() with {next(iter(call.keywords))!r} is not supported yet", call.node
        )
    rank: int | None = len(call.args)
    if rank == 1 and call.args[0].type.kind in ("Tuple", "Sequence"):
        shape = call.args[0].type
        rank = len(shape.items) if shape.kind == "Tuple" else None
    elif any(arg.type not in (types.INT, types.REAL) for arg in call.args):
        call.lowering.error("reshape() to these lengths is not supported yet", call.node)
    if rank == 0:
        call.lowering.error("reshape() to an array without axes is not supported", call.node)
    return array_of(call.whole.type.slots["element"], rank)


def _flat(call: Any) -> Type:
    """``x.ravel()``."""
    call.arity(0, 0)
    if call.keywords:
        call.lowering.error(f"{call.name}() with these arguments is not supported yet", call.node)
    return array_of(call.whole.type.slots["element"], 1)


#: What a method gives, and whether it changes the array.
ARRAY_METHODS: dict[str, tuple[Callable[[Any], Type], bool]] = {
    "copy": (_copied, False),
    "sum": (_method_reduction, False),
    "mean": (_method_reduction, False),
    "max": (_method_reduction, False),
    "min": (_method_reduction, False),
    "dot": (_method_product, False),
    "reshape": (_shape_of, False),
    "ravel": (_flat, False),
}
