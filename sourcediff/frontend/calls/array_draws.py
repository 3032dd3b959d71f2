"""Random numbers drawn by NumPy: ``np.random.default_rng(7)``, `RandomState`, ``np.random.randn``.

As of Python's own generators, what is drawn depends on no number that varies, and is drawn once. A
normal or a uniform number with parameters of its own is what NumPy makes of a standard one:
``rng.normal(mu, sigma)`` is ``mu + sigma * rng.standard_normal()``, to the last bit, so that what
the parameters are made of has derivatives.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Container, Mapping
from typing import Any, TypeGuard

from sourcediff import types
from sourcediff.frontend.arrays.array_values import (
    attribute_of_array_value,
    item_of_array_value,
    store_in_array_value,
)
from sourcediff.frontend.arrays.arrays import fresh
from sourcediff.frontend.arrays.numpy_forms import as_array
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.operators import operate
from sourcediff.frontend.primitives import CALL, CallSpec
from sourcediff.frontend.reflect import is_numpy_generator
from sourcediff.frontend.values import Binding, Bound, Ref, Static, Tup
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.types import Slot, Type, array_of, rank_of

__all__ = ["call_array_draw", "drawn_size", "draws_as_many", "method_of_numpy_generator"]

#: The parameters of what draws, the last of them the shape, and what is drawn.
_DRAWS: dict[str, tuple[tuple[str, ...], Type]] = {
    "random": (("size",), types.REAL),
    "random_sample": (("size",), types.REAL),
    "standard_normal": (("size",), types.REAL),
    "standard_exponential": (("size",), types.REAL),
    "normal": (("loc", "scale", "size"), types.REAL),
    "uniform": (("low", "high", "size"), types.REAL),
    "exponential": (("scale", "size"), types.REAL),
    "lognormal": (("mean", "sigma", "size"), types.REAL),
    "gamma": (("shape", "scale", "size"), types.REAL),
    "beta": (("a", "b", "size"), types.REAL),
    "laplace": (("loc", "scale", "size"), types.REAL),
    "chisquare": (("df", "size"), types.REAL),
    "standard_t": (("df", "size"), types.REAL),
    "poisson": (("lam", "size"), types.INT),
    "binomial": (("n", "p", "size"), types.INT),
    "integers": (("low", "high", "size"), types.INT),
    "randint": (("low", "high", "size"), types.INT),
    "permutation": (("size",), types.INT),
    "choice": (("a", "size", "replace", "p"), types.INT),
}
#: Those that take a length for each axis.
_BY_AXES = ("rand", "randn")
#: What a number is made of: the standard one, and the values that its parameters have otherwise.
_STANDARD = {
    "normal": ("standard_normal", 0.0, 1.0),
    "uniform": ("random_sample", 0.0, 1.0),
}
#: What draws places of an array, and gives what is there; of a number, the places.
_OF_ITEMS = ("permutation", "choice")
_MAKERS = ("default_rng", "RandomState")


def drawn_size(op: Op) -> Atom | tuple[Atom, ...] | None:
    """What a call that draws is told of the shape; None of any other call."""
    name = getattr(op.attribute.function, "__name__", "")
    subject = op.attribute.ref is None
    if not (_is_of_module(op.attribute.function) or (subject and op.args[0].type.kind == "Draws")):
        return None
    args, keywords = op.args[subject:], op.attribute.keywords
    if name in _BY_AXES:
        return args
    places = _DRAWS.get(name, ((),))[0][: len(args) - len(keywords)]
    return dict(zip((*places, *keywords), args, strict=False)).get("size")


def draws_as_many(op: Op, active: Container[Atom]) -> bool:
    """Whether what varies is only how many numbers a call draws."""
    name = getattr(op.attribute.function, "__name__", "")
    subject = op.attribute.ref is None
    if not (_is_of_module(op.attribute.function) or (subject and op.args[0].type.kind == "Draws")):
        return False
    args, keywords = op.args[subject:], op.attribute.keywords
    if name in _BY_AXES:
        return True
    parameters = [*_DRAWS.get(name, ((),))[0][: len(args) - len(keywords)], *keywords]
    return len(parameters) == len(args) and all(
        parameter == "size" or arg not in active
        for parameter, arg in zip(parameters, args, strict=True)
    )


def _module() -> Any:
    numpy = sys.modules.get("numpy")
    return getattr(numpy, "random", None)


def method_of_numpy_generator(lowering: Lowering, whole: Binding, name: str) -> Binding | None:
    """``rng.normal`` of a generator that the run makes, or that is found outside."""
    if isinstance(whole, Static) and is_numpy_generator(whole.object):
        whole = lowering.load(lowering.reference_to(whole), types.draws_of(type(whole.object)))
    if not isinstance(whole, Value) or whole.type.kind != "Draws" or whole.type.cls is None:
        return None
    cls: Any = whole.type.cls
    if name not in (*_DRAWS, *_BY_AXES, "seed", "shuffle") or not hasattr(cls, name):
        _refuse(lowering, name)
    return Bound(Static(getattr(cls, name)), [whole])


def call_array_draw(
    lowering: Lowering, function: Binding, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding | None:
    """A call that makes such a generator or draws; None for any other."""
    subject: list[Atom] = []
    found: Any
    if isinstance(function, Bound) and len(function.args) == 1 and not function.kwargs:
        (whole,) = function.args
        if not isinstance(whole, Value) or whole.type.kind != "Draws" or whole.type.cls is None:
            return None
        assert isinstance(function.function, Static)
        found, subject = function.function.object, [whole]
    elif isinstance(function, Static) and _is_of_module(function.object):
        found = function.object
    else:
        return None
    name = found.__name__
    if name in _MAKERS:
        return _made(lowering, function, args, kwargs)
    assert isinstance(function, Static | Bound)
    return _Draw(lowering, function, found, subject).of(name, args, kwargs)


def _is_of_module(found: Any) -> bool:
    module, name = _module(), getattr(found, "__name__", None)
    if module is None or not isinstance(name, str) or getattr(module, name, None) is None:
        return False
    same = getattr(module, name)
    return bool(same is found or (hasattr(found, "__self__") and same == found))


def _made(
    lowering: Lowering, function: Binding, args: list[Binding], kwargs: dict[str, Binding]
) -> Value:
    """``np.random.default_rng(seed)``."""
    assert isinstance(function, Static)
    module = _module()
    cls = module.RandomState if function.object is module.RandomState else module.Generator
    atoms = [lowering.atom(a) for a in (*args, *kwargs.values())]
    spec = CallSpec(function.object, lowering.reference_to(function), tuple(kwargs))
    return lowering.emit(CALL, atoms, types.draws_of(cls), attribute=spec)


class _Draw:
    """One call that draws: of a generator, or of the module."""

    def __init__(
        self, lowering: Lowering, function: Static | Bound, found: Any, subject: list[Atom]
    ) -> None:
        self.lowering = lowering
        self.function = function
        self.found = found
        self.subject = subject

    def of(self, name: str, args: list[Binding], kwargs: dict[str, Binding]) -> Binding:
        """What the call gives."""
        lowering = self.lowering
        if name == "seed":
            lowering.effect(CALL, self._atoms(args, kwargs), attribute=self._spec(kwargs))
            return Const(None, types.NONE)
        if name in _BY_AXES and not kwargs:
            kind = self._array(types.REAL, len(args))
            return lowering.emit(CALL, self._atoms(args, kwargs), kind, attribute=self._spec({}))
        if name == "shuffle" and len(args) == 1 and not kwargs:
            return self._shuffled(args[0])
        if name not in _DRAWS or set(kwargs) - set(_DRAWS[name][0]) or len(args) > 4:
            _refuse(lowering, name)
        if name in _OF_ITEMS and args:
            items = as_array(lowering, args[0], _node(lowering))
            if _is_array(items):
                return self._items(items, name, args[1:], kwargs)
        parameters, element = _DRAWS[name]
        given = {**dict(zip(parameters, args, strict=False)), **kwargs}
        axes = self._axes(name, given.get("size"))
        if name == "permutation":
            axes = 1
        kind = self._array(element, axes)
        if name in _STANDARD and any(isinstance(given.get(p), Value) for p in parameters[:-1]):
            return self._standard(name, given, kind)
        for parameter in parameters[:-1] if name != "choice" else parameters[:1]:
            if parameter in given:
                lowering.number(given[parameter], f"{name}()")
        return lowering.emit(CALL, self._atoms(args, kwargs), kind, attribute=self._spec(kwargs))

    def _standard(self, name: str, given: Mapping[str, Binding], kind: Type) -> Binding:
        """A number with parameters of its own, made of a standard one."""
        lowering = self.lowering
        standard, *defaults = _STANDARD[name]
        places = _DRAWS[name][0][:-1]
        first, second = (
            given.get(p, Const(d, types.REAL)) for p, d in zip(places, defaults, strict=True)
        )
        if name == "uniform":
            second = operate(lowering, ast.Sub(), second, first)
        size = given.get("size")
        axes = max(rank_of(lowering.atom(b).type) or 0 for b in (first, second))
        if size is None and axes:
            size, kind = self._common_shape(first, second), self._array(types.REAL, axes)
        kwargs = {} if size is None else {"size": size}
        found = self._sibling(standard)
        drawn = lowering.emit(
            CALL,
            self._atoms([], kwargs),
            kind,
            attribute=CallSpec(*found, tuple(kwargs)),
            name="drawn",
        )
        return operate(lowering, ast.Add(), first, operate(lowering, ast.Mult(), second, drawn))

    def _common_shape(self, one: Binding, other: Binding) -> Binding:
        """The shape of what is made of both: a number is drawn for each of its elements."""
        whole = one if _is_array(one) else other
        if _is_array(one) and _is_array(other):
            whole = operate(self.lowering, ast.Add(), one, other)
        assert isinstance(whole, Value)
        shape = attribute_of_array_value(self.lowering, whole, "shape")
        assert shape is not None
        return shape

    def _items(
        self, whole: Value, name: str, args: list[Binding], kwargs: dict[str, Binding]
    ) -> Binding:
        """Items of an array, at places that are drawn: ``x[rng.permutation(len(x))]``."""
        if self.lowering.faithful:
            _refuse(self.lowering, name)
        from sourcediff.frontend.calls.calls import call

        length = call(self.lowering, Static(len), [whole], {}, _node(self.lowering))
        places = self.of(name, [length, *args], kwargs)
        return item_of_array_value(self.lowering, whole, places, _node(self.lowering))

    def _shuffled(self, whole: Binding) -> Binding:
        """``rng.shuffle(x)`` is ``x[...] = x[rng.permutation(len(x))]``."""
        if not _is_array(whole):
            _refuse(self.lowering, "shuffle", "shuffle an array, or draw a permutation")
        assert isinstance(whole, Value)
        found, path = self._sibling("permutation")
        function = self.function if path is None else Static(found, path)
        drawing = _Draw(self.lowering, function, found, self.subject)
        moved = drawing._items(whole, "permutation", [], {})
        everything = Const(..., types.OBJECT)
        store_in_array_value(self.lowering, whole, everything, moved, _node(self.lowering))
        return Const(None, types.NONE)

    def _sibling(self, name: str) -> tuple[Any, Any]:
        """Another function of the same generator, and how it is written."""
        if isinstance(self.function, Bound):
            (whole,) = self.function.args
            assert isinstance(whole, Value)
            cls: Any = whole.type.cls
            name = name if hasattr(cls, name) else "random"
            return getattr(cls, name), None
        ref = self.lowering.reference_to(self.function)
        path = Ref("module", _module(), (name,))
        if len(ref.names) > 1:
            path = Ref(ref.root, ref.where, (*ref.names[:-1], name))
        return getattr(_module(), name), path

    def _array(self, element: Type, axes: int) -> Type:
        lowering = self.lowering
        if axes == 0:
            return element
        if not lowering.faithful:
            return array_of(Slot(element), axes)
        lowering.meet_arrays()
        assert lowering.node is not None
        return fresh(lowering, lowering.node, element, axes)

    def _spec(self, kwargs: Mapping[str, Binding]) -> CallSpec:
        # Of a generator it is written as a method of its first argument.
        ref = None if self.subject else self.lowering.reference_to(self.function)  # type: ignore[arg-type]
        return CallSpec(self.found, ref, tuple(kwargs))

    def _atoms(self, args: list[Binding], kwargs: Mapping[str, Binding]) -> list[Atom]:
        return [*self.subject, *(self.lowering.atom(a) for a in (*args, *kwargs.values()))]

    def _axes(self, name: str, size: Binding | None) -> int:
        if size is None or (isinstance(size, Const) and size.value is None):
            return 0
        if isinstance(size, Tup):
            return len(size.items)
        if isinstance(size, Value) and size.type.kind == "Tuple":
            return len(size.type.items)
        if isinstance(size, Value | Const) and types.is_number(size.type):
            return 1
        self.lowering.error(f"{name}() of the size {describe(size)} is not supported")


def _is_array(binding: Binding) -> TypeGuard[Value]:
    return (
        isinstance(binding, Value) and binding.type.kind == "Array" and bool(rank_of(binding.type))
    )


def _node(lowering: Lowering) -> ast.AST:
    assert lowering.node is not None
    return lowering.node


def _refuse(lowering: Lowering, name: str, help: str | None = None) -> Any:
    lowering.error(
        f"{name}() of a generator of random numbers is not supported",
        help=help or "draw numbers (random, uniform, normal, integers, …), or do it outside",
    )
