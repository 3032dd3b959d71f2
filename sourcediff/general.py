"""The general road: derivatives of whole programs, for arguments of any structure.

The clean road (`specialise`) decides all that it can while compiling and writes what a person
would. What it refuses goes this way: the function is lowered as it stands, its reverse keeps what
may be needed, and objects of every kind are followed through all of their names. The code is for
the types of example arguments, as far as they lead.

>>> def area(box):
...     return box["width"] * box["height"]
>>> box = {"width": 2.0, "height": 3.0}
>>> made = compile_general(area, types_of(["box"], [box], {"box"}), [0])
>>> made.call(box)
{'width': 3.0, 'height': 2.0}
"""

from __future__ import annotations

import collections
import copy
import enum
import types as python_types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sourcediff import types
from sourcediff.backend.generate import Generated, generate_primal, generate_whole
from sourcediff.backend.loader import load
from sourcediff.flow import functions_reached
from sourcediff.frontend.complexes.values import NO_COMPLEX
from sourcediff.frontend.lower import lower_faithfully
from sourcediff.frontend.lowering import Memo
from sourcediff.frontend.reflect import Reflection, attributes_in, is_numpy_array, is_plain_object
from sourcediff.frontend.values import Binding, Static
from sourcediff.ir import Function
from sourcediff.kinds import Same
from sourcediff.transform.arrays.complex_support import refuse_complex
from sourcediff.transform.arrays.dtype_looks import LOST, looks_for, with_dtype_looks
from sourcediff.transform.lists.outside import refuse_changes_outside
from sourcediff.transform.whole import Place, gradient
from sourcediff.transform.whole.legible import legible
from sourcediff.types import Type

__all__ = ["General", "Kinds", "compile_general", "key_of", "lower_general", "trial_of", "types_of"]


class Kinds(dict[str, Type | Binding]):
    """The type of each argument, or the function or class that it is, and the memo of both."""

    def __init__(self) -> None:
        super().__init__()
        self.memo = Memo()


def types_of(
    names: Sequence[str], values: Sequence[Any], wanted: set[str], whole: bool = True
) -> Kinds:
    """The types of arguments; those of functions and classes are these themselves.

    Args:
        wanted: the arguments to differentiate in: a whole number in them counts as a real one.
        whole: whether that is so for the numbers inside of objects too.

    Raises:
        TypeError: one is of a kind that is not supported, with the reason.
    """
    kinds = Kinds()
    seen = Reflection(kinds.memo.attributes_of)
    for name, value in zip(names, values, strict=True):
        if is_constant(value):
            kinds[name] = Static(value)
            continue
        real = name in wanted and (whole or isinstance(value, int))
        seen.integers = types.REAL if real else types.INT
        try:
            kinds[name] = seen.type_of(value)
        except TypeError as reason:
            raise TypeError(f"argument {name!r}: {reason}") from None
    return kinds


def is_constant(value: Any) -> bool:
    """Whether an argument is part of the code: a function, a class, a module, one of an enum."""
    if isinstance(value, type | python_types.ModuleType | enum.Enum):
        return True
    return callable(value) and not is_plain_object(value) and not isinstance(value, tuple)


def key_of(values: Sequence[Any]) -> tuple[Any, ...]:
    """What code depends on of arguments: their types, as deep as they go.

    >>> key_of([[1.0, 2.0], {"a": 3}]) == key_of([[5.0], {"b": 7}])
    True
    >>> key_of([[1.0, 2.0]]) == key_of([[1.0, None]])
    False
    """
    return _Keys().of(values)


#: Classes of values whose key is their class.
_FLAT = frozenset([float, int, bool, str, type(None)])


class _Keys:
    """One walk over arguments; all objects of a class count as one."""

    def __init__(self) -> None:
        self.fields: dict[tuple[Any, str], set[Any]] = {}
        self.seen: dict[int, Any] = {}

    def of(self, values: Sequence[Any]) -> tuple[Any, ...]:
        found = tuple(("constant", Same(v)) if is_constant(v) else self.one(v) for v in values)
        held = frozenset((*place, frozenset(kinds)) for place, kinds in self.fields.items())
        return ("general", found, held)

    def one(self, value: Any) -> Any:
        cls = value.__class__
        if cls in (float, int, bool, str, type(None)):
            return cls
        if isinstance(value, tuple):
            return (cls, *map(self.one, value))
        if isinstance(value, enum.Enum):
            return cls  # which of them it is, the run tells
        if is_constant(value):
            return ("constant", Same(value))
        if is_numpy_array(value):
            return ("array", value.dtype.kind, value.ndim)
        known = self.seen.get(id(value))
        if known is not None:
            return known
        self.seen[id(value)] = ("again", cls)
        made: Any = cls
        if isinstance(value, dict):
            made = self._dict(value)
        elif isinstance(value, list | set | frozenset | collections.deque):
            found = frozenset(map(type, value))
            # Of numbers and texts the key is their class, as `one` has it.
            made = (cls, found if found <= _FLAT else frozenset(map(self.one, value)))
        elif is_plain_object(value):
            fields = attributes_in(value)
            made = cls
            if cls is python_types.SimpleNamespace:
                made = (cls, *sorted(fields))
            self.seen[id(value)] = made
            for name, item in fields.items():
                self.fields.setdefault((made, name), set()).add(self.one(item))
        elif cls.__module__ == "numpy":
            made = ("number", getattr(getattr(value, "dtype", None), "kind", cls))
        self.seen[id(value)] = made
        return made

    def _dict(self, value: dict[Any, Any]) -> Any:
        keys = frozenset(map(type, value))
        if not keys <= _FLAT:
            keys = frozenset(map(self.one, value))
        plain = set(map(type, value.values()))
        if len(plain) == 1 and plain <= _FLAT:
            return (value.__class__, keys, *plain)
        kinds = list(map(self.one, value.values()))
        if len(set(kinds)) > 1:
            return (dict, keys, frozenset(zip(value, kinds, strict=True)))
        return (value.__class__, keys, *kinds[:1])


class General:
    """A derivative that was compiled on the general road.

    primal     the function in the IR
    form       its derivative, and that as it is written
    generated  the text
    """

    def __init__(self, primal: Function, form: Function, name: str) -> None:
        self.primal = primal
        self.form = form
        self.legible = legible(form, name)
        self.generated: Generated = generate_whole(self.legible)
        self.namespace: dict[str, Any] = dict(self.generated.header.objects)
        self.call: Callable[..., Any]

    def load(self, module: str | None, label: str) -> None:
        """Make a function of the text."""
        self.namespace["__name__"] = module
        self.call = load(self.generated.source, self.generated.name, self.namespace, label)
        # The text has literals; the code gets the very objects that they stand for.
        for name, (_, found) in self.generated.header.constants.items():
            self.namespace[name] = found


def lower_general(function: python_types.FunctionType, kinds: Mapping[str, Any]) -> Function:
    """A function in the faithful form.

    Raises:
        DifferentiationError: it uses something that is not supported.
    """
    memo = kinds.memo if isinstance(kinds, Kinds) else Memo()
    lowered = lower_faithfully(function, kinds, memo)
    refuse_changes_outside(functions_reached(lowered)[0])
    refuse_complex(lowered, NO_COMPLEX)
    return lowered


def trial_of(function: Function, module: str | None) -> Callable[..., None] | None:
    """What runs a function to see whether an array of whole numbers is given real ones.

    On this road an array that numbers are made into is always one of floats, so that its dtype
    cannot be looked at in the derivative. The trial works on copies of the arguments.

    Returns:
        It, or None where there is no doubt about any array.
    """
    looked, _ = with_dtype_looks(function, lambda leaves: {}, looks_for())
    if looked is function:
        return None
    generated = generate_primal(looked)
    namespace = dict(generated.header.objects)
    namespace["__name__"] = module
    run = load(generated.source, generated.name, namespace, f"trial of {function.name}")
    for name, (_, found) in generated.header.constants.items():
        namespace[name] = found
    count = len(function.parameters)

    def trial(*args: Any, **keywords: Any) -> None:
        """Run it.

        Raises:
            TypeError: a real number would lose its fraction.
        """
        try:
            run(*copy.deepcopy(args[:count]), **copy.deepcopy(keywords))
        except Exception as error:
            if LOST in str(error):
                raise

    return trial


def compile_general(
    function: python_types.FunctionType, kinds: Mapping[str, Any], places: Sequence[Place]
) -> General:
    """The gradient of a function for arguments of these types."""
    primal = lower_general(function, kinds)
    made = General(primal, gradient(primal, places), f"grad_{function.__name__}")
    made.load(function.__module__, f"grad of {function.__name__}")
    return made
