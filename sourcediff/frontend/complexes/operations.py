"""Operators on complex numbers, and functions of Python, `cmath` and NumPy that take them.

>>> import cmath
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def gain(w):
...     return abs((1 + 1j * w) * (2 - 1j * w))
>>> print(lower_function(gain, {"w": REAL}))
gain(w: Real):
    %1 = neg w
    %2 = mul w %1
    %3 = sub 2.0 %2
    %4 = mul w 2.0
    %5 = add %1 %4
    %6 = math.hypot %3 %5
    yield %6
"""

from __future__ import annotations

import ast
import cmath
import sys
from collections.abc import Callable
from typing import Any, TypeGuard

from sourcediff import types
from sourcediff.frontend.complexes import formulas
from sourcediff.frontend.complexes.arrays import are_of_numpy, put_together
from sourcediff.frontend.complexes.formulas import FUNCTIONS, Pair
from sourcediff.frontend.complexes.parts import Part, on_a_cut
from sourcediff.frontend.complexes.values import (
    ZERO,
    as_complex,
    holds_complex,
    is_complex,
    lifted,
    refuse,
    refuse_in_general_form,
)
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Static, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.rules.complex_numbers import ALIKE, APART
from sourcediff.rules.table import primitive_of

__all__ = [
    "attribute_of_complex",
    "call_on_complex",
    "compare_complex",
    "operate_on_complex",
    "truth_of_complex",
    "turn_complex",
]

#: Powers to whole numbers up to this one are products, as in Python.
MAX_POWER = 100


def _pair(lowering: Lowering, binding: Binding, what: str) -> Pair:
    """A complex number, or a real one beside it, by its parts."""
    if is_complex(binding):
        re, im = binding.items
        return Pair(Part(lowering, re), Part(lowering, im))
    number = lowering.number(binding, what)
    if isinstance(number, Value):
        lowering.asks_for_kind("computing with complex numbers")
    return Pair(Part(lowering, _as_float(number)), Part(lowering, ZERO), True)


def _is_array(binding: Binding) -> TypeGuard[Value]:
    return isinstance(binding, Value) and binding.type.kind == "Array"


def _as_float(number: Any) -> Any:
    """A whole number that is known, as a part of a complex one is."""
    if isinstance(number, Const) and number.type in (types.INT, types.BOOL):
        return Const(float(number.value), types.REAL)
    return number


def _made(pair: Pair) -> Tup:
    return as_complex(pair.re.binding, pair.im.binding)


# Operators --------------------------------------------------------------------------------


_ARITHMETIC: dict[type[ast.operator], Callable[[Pair, Pair], Pair]] = {
    ast.Add: formulas.add,
    ast.Sub: formulas.subtract,
    ast.Mult: formulas.multiply,
    ast.Div: formulas.divide,
}


def operate_on_complex(
    lowering: Lowering, op: ast.operator, left: Binding, right: Binding
) -> Binding:
    """``left op right``, where one of them is a complex number."""
    if _is_array(left) or _is_array(right):
        from sourcediff.frontend.arrays.array_values import operate_on_values

        return operate_on_values(lowering, op, *_together(lowering, left, right))
    if are_of_numpy(lowering, [left, right]):
        primitive = primitive_of(op)
        if primitive is None or primitive.name not in ALIKE:
            refuse(lowering, "this operator is not defined on complex numbers")
        return lowering.taken(lowering.emit(primitive, _atoms(lowering, left, right)))
    if isinstance(op, ast.Pow):
        return _power(lowering, left, right)
    formula = _ARITHMETIC.get(type(op))
    if formula is None:
        refuse(lowering, "this operator is not defined on complex numbers")
    what = "an operator beside a complex number"
    a, b = _pair(lowering, left, what), _pair(lowering, right, what)
    if formula is formulas.divide and not b.is_real and not b.on_an_axis:
        return _quotient(lowering, a, b)
    return _made(formula(a, b))


def _atoms(lowering: Lowering, *bindings: Binding) -> list[Atom]:
    return [lowering.atom(binding) for binding in _together(lowering, *bindings)]


def _together(lowering: Lowering, *bindings: Binding) -> list[Binding]:
    return [put_together(lowering, binding) for binding in bindings]


def _quotient(lowering: Lowering, a: Pair, b: Pair) -> Binding:
    """A quotient by way of the larger part of the divisor, as Python has it."""

    def by_real() -> Binding:
        ratio = b.im / b.re
        size = b.re + b.im * ratio
        return _made(Pair((a.re + a.im * ratio) / size, (a.im - a.re * ratio) / size))

    def by_imaginary() -> Binding:
        ratio = b.re / b.im
        size = b.re * ratio + b.im
        return _made(Pair((a.re * ratio + a.im) / size, (a.im * ratio - a.re) / size))

    from sourcediff.frontend.operators import operate_comparison

    test = operate_comparison(lowering, ast.GtE(), b.re.size().binding, b.im.size().binding)
    return lowering.choose(test, by_real, by_imaginary)


def _power(lowering: Lowering, left: Binding, right: Binding) -> Binding:
    a, b = (_pair(lowering, one, "a power of complex numbers") for one in (left, right))
    exponent = b.re.known
    if exponent is not None and b.im.known == 0 and float(exponent).is_integer():
        if abs(exponent) <= MAX_POWER:
            power = formulas.power_of_integer(a, abs(int(exponent)))
            if exponent >= 0:
                return _made(power)
            one = Const(1.0, types.REAL)
            return operate_on_complex(lowering, ast.Div(), as_complex(one, ZERO), _made(power))
    return _made(formulas.polar_power(a, b))


def turn_complex(lowering: Lowering, op: ast.unaryop, whole: Binding) -> Binding:
    """``-z`` and ``+z``."""
    if isinstance(op, ast.UAdd):
        return whole
    if not isinstance(op, ast.USub):
        refuse(lowering, "this operator is not defined on complex numbers")
    if are_of_numpy(lowering, [whole]):
        negative = primitive_of(op)
        assert negative is not None
        return lowering.taken(lowering.emit(negative, _atoms(lowering, whole)))
    return _made(formulas.negate(_pair(lowering, whole, "-")))


def compare_complex(lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding) -> Binding:
    """``left == right``, where one of them is a complex number."""
    from sourcediff.frontend.operators import _negated, conjunction, operate_comparison

    if not isinstance(op, ast.Eq | ast.NotEq):
        refuse(lowering, "this comparison of complex numbers is not supported", "compare abs()")
    if _is_array(left) or _is_array(right):
        from sourcediff.frontend.arrays.array_values import compare_values

        return compare_values(lowering, op, *_together(lowering, left, right))
    one, other = lifted(left, right), lifted(right, left)
    if not isinstance(one, Tup) or not isinstance(other, Tup) or one.cls is not other.cls:
        return Const(isinstance(op, ast.NotEq), types.BOOL)
    real = operate_comparison(lowering, ast.Eq(), one.items[0], other.items[0])
    equal = conjunction(
        lowering,
        real,
        lambda: operate_comparison(lowering, ast.Eq(), one.items[1], other.items[1]),
    )
    return equal if isinstance(op, ast.Eq) else _negated(lowering, equal)


def truth_of_complex(lowering: Lowering, whole: Tup) -> Binding:
    """Whether a complex number is another one than zero."""
    pair = _pair(lowering, whole, "a test")
    test = pair.re.is_not_zero()
    return lowering.choose(test, lambda: Const(True, types.BOOL), pair.im.is_not_zero, "or")


def attribute_of_complex(lowering: Lowering, whole: Tup, name: str) -> Binding:
    """``z.real``, ``z.imag`` and ``z.conjugate``."""
    from sourcediff.frontend.values import Bound

    if name in ("real", "imag"):
        return whole.items[name == "imag"]
    if name == "conjugate":
        return Bound(Static(complex.conjugate), [whole])
    refuse(lowering, f"the attribute {name!r} of a complex number is not supported")


# Functions --------------------------------------------------------------------------------


def call_on_complex(
    lowering: Lowering, function: Binding, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding | None:
    """A call of a function that makes complex numbers or is given some; None for any other."""
    if not isinstance(function, Static):
        return None
    found = function.object
    everything = (*args, *kwargs.values())
    given = any(map(is_complex, everything))
    if found is complex:
        refuse_in_general_form(lowering)
        return _complex(lowering, args, kwargs)
    if getattr(found, "__module__", None) == "cmath":
        refuse_in_general_form(lowering)
        return _of_cmath(lowering, found.__name__, args, kwargs)
    if found is sum and args and holds_complex(args[0]) and isinstance(args[0], Tup):
        return _sum(lowering, args, kwargs)
    if found is float.conjugate and len(args) == 1 and not kwargs:
        lowering.asks_for_kind("the conjugate of a number")
        return args[0]
    if not given or any(map(_is_array, everything)):
        return None
    if found is pow and len(args) == 2:
        return _power(lowering, *args)
    if len(args) != 1 or kwargs:
        return None
    if are_of_numpy(lowering, args):
        known = primitive_of(found, 1)
        if known is not None and known.name in (*ALIKE, *APART) and found is not complex:
            return lowering.taken(lowering.emit(known, _atoms(lowering, *args)))
    if found is abs:
        return _pair(lowering, args[0], "abs").size.binding
    if found is complex.conjugate:
        return _made(formulas.conjugate(_pair(lowering, args[0], "conjugate")))
    return _of_numpy(lowering, found, args[0])


def _complex(lowering: Lowering, args: list[Binding], kwargs: dict[str, Binding]) -> Binding:
    """``complex(a, b)``."""
    parts: list[Binding] = list(args)
    if kwargs.keys() <= {"real", "imag"} and kwargs.keys() and not args:
        parts = [kwargs.get("real", ZERO), kwargs.get("imag", ZERO)]
    elif kwargs or len(args) > 2:
        refuse(lowering, "complex() with these arguments is not supported", "write a + b * 1j")
    if len(parts) == 1 and is_complex(parts[0]):
        return parts[0]
    if any(map(is_complex, parts)):
        refuse(lowering, "complex() of complex numbers is not supported", "write a + b * 1j")
    numbers = [_as_float(lowering.number(part, "complex()")) for part in parts]
    if any(isinstance(number, Value) for number in numbers):
        lowering.asks_for_kind("computing with complex numbers")
    re, im = [*numbers, ZERO, ZERO][:2]
    return as_complex(re, im)


def _sum(lowering: Lowering, args: list[Binding], kwargs: dict[str, Binding]) -> Binding:
    from sourcediff.frontend.operators import operate

    whole = args[0]
    assert isinstance(whole, Tup)
    start = [*args[1:], *kwargs.values()]
    total: Binding = start[0] if start else Const(0, types.INT)
    for item in whole.items:
        total = operate(lowering, ast.Add(), total, item)
    return total


def _of_cmath(
    lowering: Lowering, name: str, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding:
    """A function of `cmath`."""
    if kwargs or not args:
        refuse(lowering, f"cmath.{name}() with these arguments is not supported")
    if any(map(_is_array, args)):
        refuse(lowering, f"cmath.{name}() of an array is not supported", f"use np.{name}")
    pairs = [_pair(lowering, arg, f"cmath.{name}") for arg in args]
    if name == "rect" and len(args) == 2 and not any(map(is_complex, args)):
        size, angle = pairs[0].re, pairs[1].re
        return as_complex((size * angle.call("cos")).binding, (size * angle.call("sin")).binding)
    if name == "log" and len(args) == 2:
        quotient = formulas.log(pairs[0]), formulas.log(pairs[1])
        return operate_on_complex(lowering, ast.Div(), *map(_made, quotient))
    if len(args) == 1:
        if name == "phase":
            return pairs[0].angle.binding
        if name == "polar":
            return Tup([pairs[0].size.binding, pairs[0].angle.binding])
        if name == "sqrt":
            return _square_root(lowering, pairs[0])
        if name in FUNCTIONS:
            return _made(FUNCTIONS[name](pairs[0]))
    refuse(lowering, f"no derivative is known for the function cmath.{name}()")


def _of_numpy(lowering: Lowering, found: Any, arg: Binding) -> Binding | None:
    """A function of NumPy of one complex number; None where it is none that is known."""
    numpy = sys.modules.get("numpy")
    name = getattr(found, "__name__", "")
    if numpy is None or getattr(numpy, name, None) is not found:
        return None
    name = {"conj": "conjugate", "absolute": "abs"}.get(name, name)
    pair = _pair(lowering, arg, f"numpy.{name}")
    if name in ("real", "imag"):
        return getattr(pair, name[:2]).binding  # type: ignore[no-any-return]
    if name == "conjugate":
        return _made(formulas.conjugate(pair))
    if name == "angle":
        return pair.angle.binding
    if name == "abs":
        return pair.size.binding
    if name == "sqrt":
        return _square_root(lowering, pair)
    return _made(FUNCTIONS[name](pair)) if name in FUNCTIONS else None


def _square_root(lowering: Lowering, z: Pair) -> Binding:
    """The root with a real part that is not negative, without a loss of digits."""
    on_a_cut(lowering)
    re, im = z.re, z.im
    if re.known is not None and im.known is not None:
        root = cmath.sqrt(complex(re.known, im.known))
        return as_complex(Const(root.real, types.REAL), Const(root.imag, types.REAL))
    if im.known is not None and im.known == 0:
        return lowering.choose(
            re.not_negative(),
            lambda: as_complex(re.call("sqrt").binding, im.binding),
            lambda: as_complex(ZERO, (-re).call("sqrt").with_sign(im.known).binding),
        )
    size, half = z.size, re.constant(0.5)

    def right() -> Binding:
        root = (half * (size + re)).call("sqrt")
        return as_complex(root.binding, (half * im / root).binding)

    def left() -> Binding:
        root = (half * (size - re)).call("sqrt")
        return as_complex((half * im.size() / root).binding, root.call("copysign", im).binding)

    return lowering.choose(re.not_negative(), right, left)
