"""Arrays of complex numbers: values, as arrays of real ones are; one number of them dissolves.

So NumPy computes with them as the user has it, and they are written to, joined and gone through as
any array. A complex number that meets one is put together again, and what an item, a sum or a turn
of a loop gives is taken apart.

>>> import numpy as np
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, array_of
>>> def size(x):
...     return abs((x + 1j)[0])
>>> print(lower_function(size, {"x": array_of(Slot(REAL), 1)}))
size(x: Array[Real, 1]):
    %1 = add x 1j
    %2 = subscript %1 0
    %3 = real %2
    %4 = imag %2
    %5 = abs %2
    yield %5
"""

from __future__ import annotations

import ast
import math
import sys
from typing import Any

from sourcediff import types
from sourcediff.frontend.complexes.values import as_complex, is_complex, refuse_in_general_form
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Static, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.rules.complex_numbers import IMAGINARY, PAIR, REAL_PART
from sourcediff.rules.table import primitive_of

__all__ = [
    "apart",
    "are_of_numpy",
    "attribute_of_complex_array",
    "put_together",
    "whole_of",
    "with_complex_atoms",
]


def apart(lowering: Lowering, found: Binding) -> Binding:
    """A complex number that is one value, by its parts; anything else as it is."""
    if not isinstance(found, Value) or found.type is not types.COMPLEX or lowering.frame.is_ours:
        return found
    re, im = (lowering.emit(part, (found,)) for part in (REAL_PART, IMAGINARY))
    lowering.wholes[re, im] = found
    return as_complex(re, im)


def whole_of(lowering: Lowering, binding: Binding) -> Value | None:
    """What a complex number was taken apart from: a number of NumPy; None of any other."""
    if not is_complex(binding):
        return None
    re, im = binding.items
    known = isinstance(re, Value) and isinstance(im, Value)
    return lowering.wholes.get((re, im)) if known else None  # type: ignore[arg-type]


def are_of_numpy(lowering: Lowering, bindings: list[Binding]) -> bool:
    """Whether NumPy computes with complex numbers: one is of its kind, and others are known."""
    found = False
    for binding in bindings:
        if whole_of(lowering, binding) is not None:
            found = True
        elif is_complex(binding):
            if not all(isinstance(part, Const) for part in binding.items):
                return False
        elif not isinstance(binding, Value | Const) or not types.is_number(binding.type):
            return False
    return found


def put_together(lowering: Lowering, binding: Binding) -> Binding:
    """A complex number as one value; anything else as it is."""
    if not is_complex(binding):
        return binding
    refuse_in_general_form(lowering)
    parts: list[Atom] = []
    for item in binding.items:
        assert isinstance(item, Value | Const)
        parts.append(item)
    re, im = parts
    if isinstance(re, Const) and isinstance(im, Const):
        return Const(complex(re.value, im.value), types.COMPLEX)
    found = whole_of(lowering, binding)
    if found is not None:
        return found
    times = primitive_of(ast.Mult())
    assert times is not None
    if isinstance(re, Const) and re.value == 0 and math.copysign(1.0, re.value) > 0:
        return lowering.emit(times, (Const(1j, types.COMPLEX), im))
    return lowering.emit(PAIR, parts)


def with_complex_atoms(
    lowering: Lowering, args: list[Binding], kwargs: dict[str, Binding]
) -> tuple[list[Binding], dict[str, Binding]]:
    """The arguments of a function of NumPy, the complex numbers among them as values."""

    def whole(binding: Binding) -> Binding:
        if isinstance(binding, Tup) and binding.cls in (tuple, list):
            items = [whole(item) for item in binding.items]
            same = all(a is b for a, b in zip(items, binding.items, strict=True))
            return binding if same else Tup(items, binding.cls)
        return put_together(lowering, binding)

    return list(map(whole, args)), {key: whole(item) for key, item in kwargs.items()}


def attribute_of_complex_array(lowering: Lowering, whole: Value, name: str) -> Binding | None:
    """``z.real``, ``z.imag`` and ``z.conj``; None for what all arrays have."""
    if name in ("real", "imag"):
        return lowering.emit(REAL_PART if name == "real" else IMAGINARY, (whole,))
    if name in ("conj", "conjugate"):
        from sourcediff.frontend.values import Bound, Ref

        numpy: Any = sys.modules["numpy"]
        return Bound(Static(numpy.conj, Ref("module", numpy, ("conj",))), [whole])
    return None
