"""Lowering of calls of NumPy for a derivative: what they give, and that they are supported.

A function that works element by element is an operation of the table of rules. The others stay
calls, as the user wrote them: what has to be known is how many axes comes out, and of what. NumPy
is never imported here: it is found in the user's own program.
"""

from __future__ import annotations

import ast
import builtins
import sys
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays import (
    numpy_creators,
    numpy_products,
    numpy_reductions,
    numpy_several,
    numpy_shapes,
    numpy_transforms,
)
from sourcediff.frontend.arrays.array_outputs import call_with_output, fill
from sourcediff.frontend.arrays.array_sequences import list_of_numbers
from sourcediff.frontend.arrays.array_values import item_of_array_value, store_in_array_value
from sourcediff.frontend.arrays.arrays import element_of
from sourcediff.frontend.arrays.columns_first import by_columns
from sourcediff.frontend.arrays.flat_places import place_in_array
from sourcediff.frontend.arrays.listed_arrays import array_of_list, with_arrays
from sourcediff.frontend.arrays.mapped_functions import call_mapped
from sourcediff.frontend.arrays.numpy_call import TYPINGS, Call
from sourcediff.frontend.arrays.numpy_entered import definition_of, enter_definition
from sourcediff.frontend.arrays.numpy_forms import of_numpy, split_array, without_keywords
from sourcediff.frontend.arrays.numpy_signatures import (
    ALIASES,
    AS_FUNCTIONS,
    METHODS,
    NODES,
    OF_ELEMENTS,
    SIGNATURES,
)
from sourcediff.frontend.arrays.slopes import slopes_along_axes
from sourcediff.frontend.arrays.ufunc_methods import call_ufunc_method, is_ufunc_method
from sourcediff.frontend.arrays.without_axes import note_without_axes
from sourcediff.frontend.complexes.arrays import attribute_of_complex_array, with_complex_atoms
from sourcediff.frontend.complexes.values import is_complex_array
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import PURE_CALL, RAISE, CallSpec
from sourcediff.frontend.values import Binding, Method, Ref, Static, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import QUERY, MethodSpec
from sourcediff.rules.table import primitive_of
from sourcediff.types import rank_of

__all__ = [
    "OF_ELEMENTS",
    "call_array_method",
    "call_builtin_on_array",
    "call_numpy_function",
    "is_of_numpy",
]

#: Functions that cut an array into a list of views.
SPLITS = frozenset({"split", "array_split", "hsplit", "vsplit"})

#: Keywords with which a method is the function of the same name.
_AS_FUNCTION = frozenset({"out", "initial", "where", "mean"})

#: Imported for what they put into the table.
_TABLES = (
    *(numpy_creators, numpy_products, numpy_reductions, numpy_several, numpy_shapes),
    numpy_transforms,
)


def is_of_numpy(found: Any) -> bool:
    """Whether an object is a function of NumPy."""
    if is_ufunc_method(found):
        return True
    module = getattr(found, "__module__", None) or type(found).__module__
    return callable(found) and str(module).partition(".")[0] == "numpy"


def _name_of(found: Any) -> str | None:
    """The name under which NumPy has a function that is supported."""
    numpy: Any = sys.modules.get("numpy")
    name = getattr(found, "__name__", None)
    if numpy is None or not isinstance(name, str):
        return None
    given, name = name, ALIASES.get(name, name)
    if name == "sliding_window_view" and found is numpy.lib.stride_tricks.sliding_window_view:
        return name
    if name in SIGNATURES and getattr(numpy, given, None) is found:
        return name
    linear = f"linalg.{name}"
    if linear in SIGNATURES and getattr(numpy.linalg, name, None) is found:
        return linear
    if name in NODES and getattr(getattr(numpy.polynomial, NODES[name]), name) is found:
        return name
    transform = f"fft.{name}"
    if transform in SIGNATURES and getattr(numpy.fft, name, None) is found:
        return transform
    return None


def call_numpy_function(
    lowering: Lowering,
    function: Static,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding:
    """A call of a function of NumPy."""
    from sourcediff.rules import numpy_functions  # it imports NumPy, which the program has done

    assert numpy_functions is not None and node is not None
    args, kwargs = with_complex_atoms(lowering, args, kwargs)
    found = function.object

    def again(function: Static, args: list[Binding], kwargs: dict[str, Binding]) -> Binding:
        return call_numpy_function(lowering, function, args, kwargs, node)

    written = call_with_output(lowering, function, args, kwargs, node, again)
    if written is not None:
        return written
    if is_ufunc_method(found):
        return call_ufunc_method(lowering, function, args, kwargs, node)
    full = getattr(found, "__name__", str(found))
    if full in ("array", "asarray") and len(args) == 1 and not kwargs:
        listed = array_of_list(lowering, args[0], function)
        if listed is not None:
            return listed
    same = without_keywords(found, args, kwargs)
    if same is not None:
        (function, args), kwargs = same, {}
        found = function.object
    if found is sys.modules["numpy"].gradient:
        slopes = slopes_along_axes(lowering, args, kwargs, node, again)
        if slopes is not None:
            return slopes
    if full in SPLITS:
        return split_array(lowering, full, args, kwargs, node)
    mapped = call_mapped(lowering, function, args, kwargs, node)
    if mapped is not None:
        return mapped
    definition = definition_of(found, kwargs)
    if definition is not None:
        made = enter_definition(lowering, definition, args, kwargs, node, full)
        return lowering.taken(made) if isinstance(made, Value) else made
    args = with_arrays(lowering, args, full)
    operation = primitive_of(found, len(args))
    if operation is not None and not (full == "where" and len(args) == 1):
        if kwargs:
            lowering.error(f"{operation.name}() with {next(iter(kwargs))!r} is not supported", node)
        rule = operation.rule
        if rule is not None and len(rule.parameters) != len(args):
            lowering.error(f"{operation.name}() of {len(args)} arguments is not supported", node)
        if not operation.name.startswith("numpy."):  # a rule of the user's, for numbers
            return lowering.emit(operation, [lowering.number(a, operation.name) for a in args])
        atoms = [_operand(lowering, a, operation.name) for a in args]
        if operation.name == "numpy.conj" and lowering.frame.is_ours:
            if element_of(atoms[0].type) is not types.COMPLEX:
                return args[0]
        return lowering.taken(lowering.emit(operation, atoms))
    if full in ("iscomplexobj", "isrealobj") and len(args) == 1 and _is_array(args[0]):
        return Const(is_complex_array(args[0]) is (full == "iscomplexobj"), types.BOOL)
    if full in ("real", "imag") and len(args) == 1 and is_complex_array(args[0]):
        part = attribute_of_complex_array(lowering, args[0], full)
        assert part is not None
        return part
    name = _name_of(found)
    if full == "where" and len(args) == 1 and not kwargs:
        name = "nonzero"
    ordered = by_columns(lowering, name or "", args, kwargs, node)
    if ordered is not None:
        return ordered
    if name is None:
        own = str(getattr(found, "__module__", "")).startswith("numpy")
        package = "NumPy" if own or hasattr(sys.modules["numpy"], full) else "SciPy"
        lowering.error(
            f"no derivative is known for the function {full!r} of {package}",
            node,
            "write it with functions that are supported, or give its derivative with "
            "sourcediff.rule",
        )
    call = Call(lowering, name, node)
    call.bind(args, kwargs)
    kind = TYPINGS[name](call)
    known = _known(call)
    if known is not None:
        return known
    ref = lowering.reference_to(function)
    spec = CallSpec(found, ref, tuple(call.keywords), numpy=call.name)
    result = lowering.emit(PURE_CALL, call.atoms, kind, attribute=spec)
    note_without_axes(lowering, call.name, result)
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
    return lowering.taken(lowering.emit(PURE_CALL, (whole,), element, attribute=spec))


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
    if name == "item" and args and not kwargs:
        index: Binding = Tup(args) if len(args) > 1 else args[0]
        if len(args) == 1 and rank_of(whole.type) != 1:
            _, index = place_in_array(lowering, Method(whole, "flat"), args[0], node)
        found = lowering.atom(item_of_array_value(lowering, whole, index, node))
        if found.type is types.REAL:
            as_float = primitive_of(float, 1)
            assert as_float is not None
            return lowering.emit(as_float, (found,))
        if types.is_number(found.type):
            return found
    args, kwargs = with_complex_atoms(lowering, args, kwargs)
    if name == "astype" and isinstance(copies := kwargs.get("copy"), Const):
        kwargs = {key: binding for key, binding in kwargs.items() if key != "copy"}
        if not copies.value:  # itself, if it has that dtype
            return call_numpy_function(lowering, of_numpy("asarray"), [whole, *args], kwargs, node)
    if name in ("conj", "conjugate") and not args and not kwargs:
        return whole  # of real numbers the array itself, not another as `np.conj` gives
    if name in OF_ELEMENTS and numpy is not None:
        function = Static(getattr(numpy, name), Ref("module", numpy, (name,)))
        return call_numpy_function(lowering, function, [whole, *args], kwargs, node)
    if name == "fill" and not kwargs:
        return fill(lowering, whole, args, node)
    if name == "view" and not args and not kwargs:
        return whole
    if name in ("sort", "partition"):  # in place, of what the function gives
        made = call_numpy_function(lowering, of_numpy(name), [whole, *args], kwargs, node)
        store_in_array_value(lowering, whole, Const(..., types.OBJECT), made, node)
        return Const(None, types.NONE)
    if name in AS_FUNCTIONS:
        return call_numpy_function(lowering, of_numpy(name), [whole, *args], kwargs, node)
    if name == "tolist" and not args and not kwargs:
        return list_of_numbers(lowering, whole, node)
    ordered = by_columns(lowering, name, [whole, *args], kwargs, node)
    if ordered is not None:
        return ordered
    if name in METHODS and not _AS_FUNCTION.isdisjoint(kwargs) and hasattr(numpy, name):
        return call_numpy_function(lowering, of_numpy(name), [whole, *args], kwargs, node)
    if name not in METHODS:
        lowering.error(f"the method {name}() of an array is not supported", node)
    call = Call(lowering, name, node)
    call.bind([whole, *args], kwargs)
    if numpy_reductions.has_no_such_axis(call):
        # NumPy raises an AxisError, which is an IndexError.
        raised = Static(IndexError, Ref("module", builtins, ("IndexError",)))
        lowering.effect(RAISE, [lowering.exception(raised)])
        raise Diverged
    kind = TYPINGS[name](call)
    spec = MethodSpec(name, tuple(call.keywords))
    result = lowering.emit(QUERY, call.atoms, kind, attribute=spec)
    note_without_axes(lowering, name, result)
    return lowering.taken(result)


def _is_array(binding: Binding) -> bool:
    return isinstance(binding, Value) and binding.type.kind == "Array"


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
