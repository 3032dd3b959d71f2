"""Lowering of calls of NumPy for a derivative: what they give, and that they are supported.

A function that works element by element is an operation of the table of rules. The others stay
calls, as the user wrote them: what has to be known is how many axes comes out, and of what. NumPy
is never imported here: it is found in the user's own program.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays import element_of
from sourcediff.frontend.describe import describe, describe_type
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.numpy_signatures import ALIASES, METHODS, SIGNATURES, SPREAD
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Binding, Ref, Static, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import QUERY, MethodSpec
from sourcediff.types import Slot, Type, array_of, rank_of

__all__ = ["call_array_method", "call_builtin_on_array", "call_numpy_function", "is_of_numpy"]

_INTEGERS = (types.INT, types.BOOL)


def is_of_numpy(found: Any) -> bool:
    """Whether an object is a function of NumPy."""
    module = getattr(found, "__module__", None) or type(found).__module__
    return callable(found) and str(module).partition(".")[0] == "numpy"


def _name_of(found: Any) -> str | None:
    """The name under which NumPy has a function that is supported."""
    numpy: Any = sys.modules.get("numpy")
    name = getattr(found, "__name__", None)
    if numpy is None or not isinstance(name, str):
        return None
    name = ALIASES.get(name, name)
    if name in SIGNATURES and getattr(numpy, name, None) is found:
        return name
    linear = f"linalg.{name}"
    if linear in SIGNATURES and getattr(numpy.linalg, name, None) is found:
        return linear
    return None


class Call:
    """One call of a function of NumPy or of a method of an array, its arguments by name."""

    def __init__(self, lowering: Lowering, name: str, node: ast.AST) -> None:
        self.lowering = lowering
        self.name = name
        self.node = node
        self.given: dict[str, Binding] = {}
        #: What is handed on as it stands: atoms by position, then by keyword.
        self.atoms: list[Atom] = []
        self.keywords: list[str] = []

    def bind(self, args: list[Binding], kwargs: dict[str, Binding]) -> None:
        parameters = SIGNATURES[self.name]
        if self.name in SPREAD and len(args) > 2:
            self.given[SPREAD[self.name]] = Tup(args[1:])
            self.given["a"] = args[0]
        else:
            if len(args) > len(parameters):
                self.refuse(f"{len(args)} arguments")
            for parameter, binding in zip(parameters, args, strict=False):
                if parameter is None:
                    self.refuse("these arguments")
                self.given[str(parameter)] = binding
        for key, binding in kwargs.items():
            if key not in parameters:
                self.refuse(repr(key))
            self.given[key] = binding
        self.atoms = [self.atom(b) for b in (*args, *kwargs.values())]
        self.keywords = list(kwargs)

    def atom(self, binding: Binding) -> Atom:
        if isinstance(binding, Static):
            return self.lowering.load(self.lowering.reference_to(binding), types.OBJECT)
        return self.lowering.atom(binding)

    def refuse(self, what: str, help: str | None = None) -> Any:
        name = self.name if "." not in self.name else f"numpy.{self.name}"
        self.lowering.error(f"{name}() with {what} is not supported", self.node, help)

    # What is given ------------------------------------------------------------------------

    def array(self, name: str = "a") -> Type:
        """The type of an operand: a number or an array."""
        binding = self.given.get(name)
        if binding is None:
            self.refuse(f"no {name!r}")
        kind = binding.type if isinstance(binding, Value | Const) else None
        if kind is not None and (kind.kind == "Array" or types.is_number(kind)):
            if rank_of(kind) is not None and kind.kind != "Optional":
                return kind
        assert binding is not None
        return self.refuse(describe(binding))  # type: ignore[no-any-return]

    def rank(self, name: str = "a") -> int:
        rank = rank_of(self.array(name))
        assert rank is not None
        return rank

    def element(self, name: str = "a") -> Type:
        return element_of(self.array(name))

    def constant(self, name: str, usual: Any = None) -> Any:
        """What is known of an argument while compiling; refused where only the run knows it."""
        if name not in self.given:
            return usual
        return self._known(self.given[name], name)

    def _known(self, binding: Binding, name: str) -> Any:
        if isinstance(binding, Const):
            return binding.value
        if isinstance(binding, Tup):
            return tuple(self._known(item, name) for item in binding.items)
        self.refuse(f"{name!r} that only the run knows", "write it as a constant")

    def dtype(self, usual: Type) -> Type:
        """The type of the numbers that an argument for it names."""
        binding = self.given.get("dtype")
        if binding is None or (isinstance(binding, Const) and binding.value is None):
            return usual
        found = binding.object if isinstance(binding, Static) else None
        if isinstance(binding, Const) and isinstance(binding.value, str):
            found = binding.value
        numpy: Any = sys.modules.get("numpy")
        try:
            kind = numpy.dtype(found).kind if found is not None and numpy is not None else None
        except TypeError:
            kind = None
        known = {"f": types.REAL, "i": types.INT, "u": types.INT, "b": types.BOOL}.get(kind or "")
        if known is None:
            self.refuse("this dtype", "give float, int or bool")
        return known  # type: ignore[return-value]

    def length(self, name: str) -> int:
        """How many axes a shape describes."""
        binding = self.given.get(name)
        if isinstance(binding, Tup):
            return len(binding.items)
        if isinstance(binding, Value | Const) and types.is_number(binding.type):
            return 1
        self.refuse(describe(binding) if binding is not None else "no shape")
        return 0

    def axes(self, name: str = "axis") -> int | None:
        """How many axes are named; None for all of them."""
        binding = self.given.get(name)
        if binding is None or (isinstance(binding, Const) and binding.type is types.NONE):
            return None
        if isinstance(binding, Tup):
            return len(binding.items)
        if isinstance(binding, Value | Const) and types.is_number(binding.type):
            return 1
        return self.refuse(f"{describe(binding)} as {name!r}")  # type: ignore[no-any-return]

    def parts(self) -> list[Type]:
        """The types of the arrays in a sequence of them."""
        whole = self.given.get("arrays")
        if not isinstance(whole, Tup) or not whole.items:
            self.refuse(describe(whole) if whole is not None else "nothing", "give a tuple")
        assert isinstance(whole, Tup)
        found = []
        for item in whole.items:
            kind = item.type if isinstance(item, Value | Const) else None
            if kind is None or not (kind.kind == "Array" or types.is_number(kind)):
                self.refuse(f"{describe(item)} among the arrays")
            assert kind is not None
            found.append(kind)
        return found

    def joined(self, kinds: list[Type]) -> Type:
        found: Type | None = types.NEVER
        for kind in kinds:
            found = types.join(found, element_of(kind)) if found is not None else None
        assert found is not None
        return found


def made(element: Type, rank: int) -> Type:
    """The type of a new array; of a number where it has no axes."""
    return array_of(Slot(element), rank) if rank else element


Typing = Callable[[Call], Type]
_TYPINGS: dict[str, Typing] = {}


def _gives(*names: str) -> Callable[[Typing], Typing]:
    def register(typing: Typing) -> Typing:
        _TYPINGS.update(dict.fromkeys(names, typing))
        return typing

    return register


# Reductions -------------------------------------------------------------------------------


def _reduced(call: Call, element: Type) -> Type:
    rank, axes = call.rank(), call.axes()
    if call.constant("keepdims", False):
        return made(element, rank)
    return made(element, 0 if axes is None else max(rank - axes, 0))


@_gives("sum", "prod", "max", "min")
def _of_the_same(call: Call) -> Type:
    element = call.element()
    if element is types.BOOL:
        element = types.INT if call.name in ("sum", "prod") else types.BOOL
    if "dtype" in call.given:
        element = call.dtype(element)
    return _reduced(call, element)


@_gives("mean", "var", "std")
def _of_reals(call: Call) -> Type:
    if "ddof" in call.given:
        call.constant("ddof")
    if "dtype" in call.given:
        call.refuse("'dtype'")
    return _reduced(call, types.REAL)


@_gives("any", "all")
def _truths(call: Call) -> Type:
    return _reduced(call, types.BOOL)


@_gives("argmax", "argmin", "count_nonzero")
def _places(call: Call) -> Type:
    return _reduced(call, types.INT)


@_gives("cumsum")
def _running(call: Call) -> Type:
    element = types.INT if call.element() is types.BOOL else call.element()
    return made(element, 1 if call.axes() is None else call.rank())


@_gives("array_equal", "allclose")
def _compared(call: Call) -> Type:
    call.array("a"), call.array("b")
    return types.BOOL


@_gives("linalg.norm")
def _norm(call: Call) -> Type:
    order = call.constant("ord")
    if order not in (None, 2) or (order == 2 and call.rank() != 1 and call.axes() != 1):
        call.refuse("this 'ord'", "write it with abs, sum and max")
    return _reduced(call, types.REAL)


# Products ---------------------------------------------------------------------------------


def product_type(call: Any, one: Type, other: Type, what: str) -> Type:
    """The type of ``one @ other``."""
    left, right = rank_of(one) or 0, rank_of(other) or 0
    found = types.join(element_of(one), element_of(other))
    assert found is not None
    if not left or not right:
        call.refuse(f"{describe_type(one)} and {describe_type(other)}")
    if what != "matmul" and max(left, right) > 2:
        call.refuse("arrays of more than two axes", "use @ or einsum")
    if left == 1 or right == 1:
        return made(found, left + right - 2)
    return made(found, max(left, right))


@_gives("dot", "matmul")
def _product(call: Call) -> Type:
    one, other = call.array("a"), call.array("b")
    if call.name == "dot" and not (rank_of(one) and rank_of(other)):
        found = types.elementwise((one, other))
        return found if found is not None else call.refuse(describe_type(one))
    return product_type(call, one, other, call.name)


@_gives("inner")
def _inner(call: Call) -> Type:
    if (call.rank("a"), call.rank("b")) != (1, 1):
        call.refuse("arrays of several axes", "use @")
    return call.joined([call.array("a"), call.array("b")])


@_gives("vdot")
def _flat_product(call: Call) -> Type:
    return call.joined([call.array("a"), call.array("b")])


@_gives("outer")
def _outer(call: Call) -> Type:
    if (call.rank("a"), call.rank("b")) != (1, 1):
        call.refuse("arrays of several axes", "give two of one axis")
    return made(call.joined([call.array("a"), call.array("b")]), 2)


@_gives("trace")
def _trace(call: Call) -> Type:
    if call.rank() != 2:
        call.refuse("this array", "give one of two axes")
    return call.element()


@_gives("diag")
def _diagonal(call: Call) -> Type:
    rank = call.rank()
    if rank not in (1, 2):
        call.refuse("this array")
    return _view(call, 1) if rank == 2 else made(call.element(), 2)


@_gives("triu", "tril")
def _triangle(call: Call) -> Type:
    if call.rank() < 2:
        call.refuse("this array", "give one of two axes")
    return made(call.element(), call.rank())


@_gives("linalg.inv")
def _inverse(call: Call) -> Type:
    if call.rank() != 2:
        call.refuse("this array", "give one of two axes")
    return made(types.REAL, 2)


@_gives("linalg.det")
def _determinant(call: Call) -> Type:
    if call.rank() != 2:
        call.refuse("this array", "give one of two axes")
    return types.REAL


@_gives("linalg.solve")
def _solution(call: Call) -> Type:
    if call.rank("a") != 2 or call.rank("b") not in (1, 2):
        call.refuse("these arrays", "give a matrix, and a vector or a matrix")
    return made(types.REAL, call.rank("b"))


# Shapes: views share the slot of what they look at ------------------------------------------


def _view(call: Call, rank: int) -> Type:
    kind = call.array()
    if kind.kind != "Array":
        return made(kind, rank)
    return array_of(kind.slots["element"], rank) if rank else kind.slots["element"].read()


@_gives("reshape", "broadcast_to")
def _reshaped(call: Call) -> Type:
    return _view(call, call.length("shape"))


@_gives("ravel")
def _flat(call: Call) -> Type:
    return _view(call, 1)


@_gives("flatten")
def _flattened(call: Call) -> Type:
    return made(call.element(), 1)


@_gives("transpose")
def _transposed(call: Call) -> Type:
    call.constant("axes")
    return _view(call, call.rank())


@_gives("swapaxes")
def _swapped(call: Call) -> Type:
    call.constant("axis1"), call.constant("axis2")
    return _view(call, call.rank())


@_gives("squeeze")
def _squeezed(call: Call) -> Type:
    axes = call.axes()
    if axes is None:
        call.refuse("no axis", "say which: squeeze(axis=0)")
    return _view(call, call.rank() - (axes or 0))


@_gives("expand_dims")
def _expanded(call: Call) -> Type:
    call.constant("axis")
    return _view(call, call.rank() + (call.axes() or 0))


@_gives("flip")
def _flipped(call: Call) -> Type:
    call.constant("axis")
    return _view(call, call.rank())


@_gives("roll")
def _rolled(call: Call) -> Type:
    return made(call.element(), call.rank())


@_gives("repeat")
def _repeated(call: Call) -> Type:
    if call.array("repeats").kind == "Array" or call.axes() is not None or call.rank() > 1:
        call.refuse("these arguments", "use broadcasting or np.concatenate")
    return made(call.element(), 1)


@_gives("diff")
def _differences(call: Call) -> Type:
    return made(call.element(), call.rank())


# Several arrays in one ----------------------------------------------------------------------


@_gives("concatenate")
def _concatenated(call: Call) -> Type:
    kinds = call.parts()
    if call.constant("axis", 0) is None or not all(kind.kind == "Array" for kind in kinds):
        call.refuse("these arguments", "give arrays and an axis")
    ranks = {rank_of(kind) for kind in kinds}
    if len(ranks) > 1:
        call.refuse("arrays of different numbers of axes")
    return made(call.joined(kinds), next(iter(ranks)) or 0)


@_gives("stack")
def _stacked(call: Call) -> Type:
    kinds = call.parts()
    call.constant("axis", 0)
    ranks = {rank_of(kind) for kind in kinds}
    if len(ranks) > 1:
        call.refuse("arrays of different numbers of axes")
    return made(call.joined(kinds), 1 + (next(iter(ranks)) or 0))


@_gives("vstack")
def _above_each_other(call: Call) -> Type:
    kinds = call.parts()
    if {rank_of(kind) for kind in kinds} not in ({1}, {2}):
        call.refuse("these arrays", "give several of one axis, or several of two")
    return made(call.joined(kinds), 2)


@_gives("hstack")
def _beside_each_other(call: Call) -> Type:
    kinds = call.parts()
    ranks = {rank_of(kind) for kind in kinds}
    if ranks not in ({1}, {2}):
        call.refuse("these arrays", "give several of one axis, or several of two")
    return made(call.joined(kinds), next(iter(ranks)) or 0)


@_gives("column_stack")
def _columns(call: Call) -> Type:
    kinds = call.parts()
    if {rank_of(kind) for kind in kinds} != {1}:
        call.refuse("these arrays", "give several of one axis")
    return made(call.joined(kinds), 2)


# Making -----------------------------------------------------------------------------------


@_gives("array", "asarray", "copy", "astype")
def _array(call: Call) -> Type:
    whole = call.given.get("a")
    if isinstance(whole, Tup):
        element, rank = _within(call, whole)
    else:
        element, rank = call.element(), call.rank()
    found = call.dtype(element)
    if element is types.REAL and found is not types.REAL:
        call.refuse("a dtype of whole numbers, from reals")
    if call.name == "asarray" and rank and isinstance(whole, Value):
        return _view(call, rank)
    return made(found, rank)


def _within(call: Call, whole: Binding) -> tuple[Type, int]:
    """The type of the numbers in lists of lists, and how many axes they make."""
    if isinstance(whole, Value | Const) and (
        types.is_number(whole.type) or (whole.type.kind == "Array" and rank_of(whole.type))
    ):
        return element_of(whole.type), rank_of(whole.type) or 0
    if not isinstance(whole, Tup) or not whole.items:
        call.refuse(describe(whole), "give numbers, or lists of them")
    assert isinstance(whole, Tup)
    found = [_within(call, item) for item in whole.items]
    ranks = {rank for _, rank in found}
    if len(ranks) > 1:
        call.refuse("items of different numbers of axes")
    joined: Type | None = types.NEVER
    for element, _ in found:
        joined = types.join(joined, element) if joined is not None else None
    assert joined is not None
    return joined, 1 + next(iter(ranks))


@_gives("item")
def _only_item(call: Call) -> Type:
    return call.element()


@_gives("zeros", "ones", "empty")
def _filled(call: Call) -> Type:
    return made(call.dtype(types.REAL), call.length("shape"))


@_gives("full")
def _full(call: Call) -> Type:
    if call.rank("fill_value"):
        call.refuse("an array to fill with")
    return made(call.dtype(call.element("fill_value")), call.length("shape"))


@_gives("zeros_like", "ones_like", "empty_like")
def _like(call: Call) -> Type:
    return made(call.dtype(call.element()), call.rank())


@_gives("full_like")
def _full_like(call: Call) -> Type:
    element = call.dtype(call.element())
    if call.rank("fill_value"):
        call.refuse("an array to fill with")
    if element in _INTEGERS and call.element("fill_value") is types.REAL:
        call.refuse("a real number for an array of whole numbers", "give dtype=float")
    return made(element, call.rank())


@_gives("eye", "identity")
def _identity(call: Call) -> Type:
    return made(types.REAL, 2)


@_gives("arange")
def _range(call: Call) -> Type:
    bounds = [call.array(name) for name in ("start", "stop", "step") if name in call.given]
    return made(call.dtype(call.joined(bounds)), 1)


@_gives("linspace")
def _spaced(call: Call) -> Type:
    if call.rank("start") or call.rank("stop"):
        call.refuse("arrays as ends")
    return made(types.REAL, 1)


@_gives("shape")
def _shape(call: Call) -> Type:
    return types.tuple_of([types.INT] * call.rank())


@_gives("size", "ndim")
def _count(call: Call) -> Type:
    call.array()
    return types.INT


# Calls --------------------------------------------------------------------------------------


def call_numpy_function(
    lowering: Lowering,
    function: Static,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding:
    """A call of a function of NumPy."""
    from sourcediff.rules import numpy_functions  # it imports NumPy, which the program has done
    from sourcediff.rules.table import primitive_of

    assert numpy_functions is not None and node is not None
    found = function.object
    full = getattr(found, "__name__", str(found))
    operation = primitive_of(found, len(args))
    if operation is not None:
        if kwargs:
            lowering.error(f"{operation.name}() with {next(iter(kwargs))!r} is not supported", node)
        rule = operation.rule
        if rule is not None and len(rule.parameters) != len(args):
            lowering.error(f"{operation.name}() of {len(args)} arguments is not supported", node)
        if not operation.name.startswith("numpy."):  # a rule of the user's, for numbers
            return lowering.emit(operation, [lowering.number(a, operation.name) for a in args])
        atoms = [_operand(lowering, a, operation.name) for a in args]
        return lowering.emit(operation, atoms)
    name = _name_of(found)
    if name is None:
        package = "NumPy" if hasattr(sys.modules["numpy"], full) else "SciPy"
        lowering.error(
            f"no derivative is known for the function {full!r} of {package}",
            node,
            "write it with functions that are supported, or give its derivative with "
            "sourcediff.rule",
        )
    call = Call(lowering, name, node)
    call.bind(args, kwargs)
    kind = _TYPINGS[name](call)
    known = _known(call)
    if known is not None:
        return known
    ref = lowering.reference_to(function)
    spec = CallSpec(found, ref, tuple(call.keywords), numpy=name)
    result = lowering.emit(PURE_CALL, call.atoms, kind, attribute=spec)
    return lowering.taken(result)


def call_builtin_on_array(lowering: Lowering, function: Static, whole: Binding) -> Binding:
    """``sum(x)``, ``max(x)`` and ``min(x)`` of an array of one axis."""
    name = function.object.__name__
    if not isinstance(whole, Value) or rank_of(whole.type) != 1:
        lowering.error(
            f"{name}() of an array of several axes is not supported", help=f"use np.{name}"
        )
    element = whole.type.slots["element"].type
    if element is types.BOOL and name == "sum":
        element = types.INT
    spec = CallSpec(function.object, lowering.reference_to(function), numpy=name)
    return lowering.emit(PURE_CALL, (whole,), element, attribute=spec)


def call_array_method(
    lowering: Lowering,
    whole: Value,
    name: str,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
) -> Binding:
    """``whole.name(*args, **kwargs)``."""
    numpy: Any = sys.modules.get("numpy")
    if name in ("clip", "round") and numpy is not None:
        function = Static(getattr(numpy, name), Ref("module", numpy, (name,)))
        return call_numpy_function(lowering, function, [whole, *args], kwargs, node)
    if name not in METHODS:
        lowering.error(f"the method {name}() of an array is not supported", node)
    call = Call(lowering, name, node)
    call.bind([whole, *args], kwargs)
    kind = _TYPINGS[name](call)
    spec = MethodSpec(name, tuple(call.keywords))
    return lowering.emit(QUERY, call.atoms, kind, attribute=spec)


def _operand(lowering: Lowering, binding: Binding, name: str) -> Atom:
    if isinstance(binding, Value | Const):
        if binding.type.kind == "Array" or types.is_number(binding.type):
            return binding
    lowering.error(f"{name}() of {describe(binding)} is not supported")


def _known(call: Call) -> Binding | None:
    """What is known while compiling."""
    if call.name == "ndim":
        return Const(call.rank(), types.INT)
    return None
