"""One call of a function of NumPy while it is lowered, and the table of what such calls give.

Modules beside this one fill the table: `numpy_reductions`, `numpy_products`, `numpy_shapes` and
`numpy_creators`, each with functions from a call to the type of its result.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.arrays import element_of
from sourcediff.frontend.arrays.numpy_signatures import SIGNATURES, SPREAD
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETATTR
from sourcediff.frontend.values import Binding, Static, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.types import Slot, Type, array_of, rank_of

__all__ = ["ELEMENTS", "INTEGERS", "TYPINGS", "Call", "gives", "made", "view"]

#: Parameters that are arrays, so that a list of numbers is one.
_ARRAYS = frozenset({"a", "b", "c", "v", "x", "xp", "fp", "weights", "bins", "q", "spacing"})
#: Functions to which a list is given as it stands.
_OF_LISTS = frozenset({"array", "asarray", "ix_", "shape", "size", "ndim"})
INTEGERS = (types.INT, types.BOOL)
#: What arrays hold, by the kind of their dtype.
ELEMENTS = {
    "f": types.REAL,
    "i": types.INT,
    "u": types.INT,
    "b": types.BOOL,
    "c": types.COMPLEX,
}


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
        if self.name not in _OF_LISTS:
            args = [self._arrayed(p, b) for p, b in zip_longest(parameters[: len(args)], args)]
            kwargs = {key: self._arrayed(key, b) for key, b in kwargs.items()}
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
        if self.lowering.frame.is_ours:
            kwargs = {k: b for k, b in kwargs.items() if not _is_usual(k, b)}
            self.given = {k: b for k, b in self.given.items() if k in kwargs or not _is_usual(k, b)}
        self.atoms = [self.atom(b) for b in (*args, *kwargs.values())]
        self.keywords = list(kwargs)

    def _arrayed(self, parameter: str | None, binding: Binding) -> Binding:
        """A list of numbers where an array is meant, as an array."""
        from sourcediff.frontend.arrays.numpy_forms import as_array

        if parameter == "arrays" and isinstance(binding, Tup):
            return Tup([self._part(item) for item in binding.items], binding.cls)
        return as_array(self.lowering, binding, self.node) if parameter in _ARRAYS else binding

    def _part(self, binding: Binding) -> Binding:
        from sourcediff.frontend.arrays.numpy_forms import as_array

        number = isinstance(binding, Value | Const) and types.is_number(binding.type)
        if number and self.name == "hstack":
            binding = Tup([binding])
        return as_array(self.lowering, binding, self.node)

    def atom(self, binding: Binding) -> Atom:
        if isinstance(binding, Static):
            return self.lowering.load(self.lowering.reference_to(binding), types.OBJECT)
        return self.lowering.atom(binding)

    def refuse(self, what: str, help: str | None = None) -> Any:
        plain = self.name.removesuffix(" of chosen")
        name = plain if "." not in plain else f"numpy.{plain}"
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
        for op in self.lowering.loads.values():
            if binding in op.results and op.attribute.root == "module":
                return op.attribute.read()  # np.inf
        self.refuse(f"{name!r} that only the run knows", "write it as a constant")

    def dtype(self, usual: Type) -> Type:
        """The type of the numbers that an argument for it names."""
        binding = self.given.get("dtype")
        if binding is None or (isinstance(binding, Const) and binding.value is None):
            return usual
        for op in reversed(self.lowering.ops):
            if binding in op.results and op.primitive is GETATTR and op.attribute == "dtype":
                return element_of(op.args[0].type)
        found = binding.object if isinstance(binding, Static) else None
        if isinstance(binding, Const) and isinstance(binding.value, str):
            found = binding.value
        numpy: Any = sys.modules.get("numpy")
        try:
            kind = numpy.dtype(found).kind if found is not None and numpy is not None else None
        except TypeError:
            kind = None
        known = ELEMENTS.get(kind or "")
        if known is None:
            self.refuse("this dtype", "give float, int, bool or complex")
        assert known is not None
        return known

    def length(self, name: str) -> int:
        """How many axes a shape describes."""
        binding = self.given.get(name)
        if isinstance(binding, Tup):
            return len(binding.items)
        if isinstance(binding, Value) and binding.type.kind == "Tuple":
            return len(binding.type.items)
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

    def places(self, name: str) -> int:
        """How many axes an index has: a number, an array of whole numbers, or a list of them.

        NumPy itself refuses a number that is not whole.
        """
        binding = self.given.get(name)
        if isinstance(binding, Tup):
            return 1
        if isinstance(binding, Value | Const) and types.is_number(binding.type):
            return 0
        if binding is None or element_of(self.array(name)) is not types.INT:
            self.refuse("these places", "give whole numbers")
        return self.rank(name)

    def parts(self) -> list[Type]:
        """The types of the arrays in a sequence of them."""
        whole = self.given.get("arrays")
        if isinstance(whole, Value) and whole.type.kind == "List":
            held = whole.type.slots["element"].read()
            if held.kind == "Array" and rank_of(held) is not None:
                return [held]
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


def _is_usual(name: str, binding: Binding) -> bool:
    """Whether an argument is what is meant where it is left out, as our definitions hand it on."""
    usual = {"axis": None, "keepdims": False}
    return name in usual and isinstance(binding, Const) and binding.value is usual[name]


Typing = Callable[[Call], Type]
#: What a call gives, by the name of the function or method.
TYPINGS: dict[str, Typing] = {}


def gives(*names: str) -> Callable[[Typing], Typing]:
    def register(typing: Typing) -> Typing:
        TYPINGS.update(dict.fromkeys(names, typing))
        return typing

    return register


def view(call: Call, rank: int) -> Type:
    """The type of a view with so many axes: it shares the slot of what it looks at."""
    kind = call.array()
    if kind.kind != "Array":
        return made(kind, rank)
    return array_of(kind.slots["element"], rank) if rank else kind.slots["element"].read()
