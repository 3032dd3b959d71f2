"""What a complex number is bound to: its real and its imaginary part, two values of their own.

A complex number dissolves where it is made as a tuple does, and what is computed with it is
computed with its parts, so that every rule and every pass has real numbers before it, whichever it
is. Only arrays of complex numbers are values (`arrays`). With the parts of z called x and y, the
derivative of a real function with respect to z is df/dx + i df/dy, the direction in which it
grows fastest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeGuard

from sourcediff import types
from sourcediff.frontend.values import Binding, Tup
from sourcediff.ir import Const, Value
from sourcediff.types import Type

if TYPE_CHECKING:
    from sourcediff.frontend.state import State

__all__ = [
    "NOUGHT",
    "NO_COMPLEX",
    "REAL_OF_IT",
    "ZERO",
    "as_complex",
    "asks_for_class",
    "constant",
    "holds_complex",
    "is_complex",
    "is_complex_array",
    "is_complex_type",
    "join_types",
    "lift",
    "lifted",
    "part_names",
    "refuse_in_general_form",
    "require_one_kind",
]

#: What the general road says of them, which the clean road may say better.
NO_COMPLEX = "complex numbers are not supported in the general form of a gradient"

#: What to do where one is returned.
REAL_OF_IT = "return a real number that is made of it: abs(z), z.real, z.imag"

ZERO = Const(0.0, types.REAL)
NOUGHT = Tup([ZERO, ZERO], complex)


def is_complex(binding: Any) -> TypeGuard[Tup]:
    """Whether a binding is a complex number."""
    return isinstance(binding, Tup) and binding.cls is complex


def is_complex_array(binding: Any) -> TypeGuard[Value]:
    """Whether a binding is an array of complex numbers."""
    if not isinstance(binding, Value) or binding.type.kind != "Array":
        return False
    return binding.type.slots["element"].type is types.COMPLEX


def holds_complex(binding: Any) -> bool:
    """Whether a binding is a complex number, or a tuple or list of known length with one in it."""
    if isinstance(binding, Tup):
        return binding.cls is complex or any(map(holds_complex, binding.items))
    return False


def constant(lowering: State, value: complex) -> Tup:
    """A complex number that is known."""
    refuse_in_general_form(lowering)
    return as_complex(Const(value.real, types.REAL), Const(value.imag, types.REAL))


def as_complex(real: Binding, imaginary: Binding) -> Tup:
    """The complex number that has these parts."""
    return Tup([real, imaginary], complex)


def refuse_in_general_form(lowering: State) -> None:
    """Complex numbers are computed with where all calls are entered, and nowhere else."""
    if lowering.faithful:
        refuse(lowering, NO_COMPLEX)


def refuse(lowering: State, message: str, help: str | None = None) -> NoReturn:
    lowering.error(message, help=help or "compute with the real and the imaginary part")


def lifted(binding: Binding, other: Binding) -> Binding:
    """A real number as a complex one, where the other that it meets is one."""
    number = isinstance(binding, Value | Const) and types.is_number(binding.type)
    if number and is_complex(other) and binding.type.kind != "Optional":  # type: ignore[union-attr]
        return as_complex(binding, ZERO)
    return binding


def lift(lowering: State, binding: Binding, other: Binding) -> Binding:
    """The same where two paths meet: what tells the two kinds apart is refused beside it."""
    found = lifted(binding, other)
    if found is not binding:
        lowering.memo.lifts_reals = True
        require_one_kind(lowering)
    return found


def require_one_kind(lowering: State) -> None:
    """Refuse what gives another answer for a real number than for the complex one that is equal."""
    memo = lowering.memo
    if memo.lifts_reals and (memo.has_cuts or memo.asks_class):
        what = "asking for the class of a number" if memo.asks_class else "a function with a cut"
        refuse(
            lowering,
            f"{what} beside a number that is real on one path and complex on another is not "
            "supported",
            "make it complex on every path: 0j, complex(x)",
        )


def asks_for_class(lowering: State, binding: Binding) -> None:
    """A binding is asked for its class."""
    if is_complex(binding):
        lowering.memo.asks_class = True
        require_one_kind(lowering)


def is_complex_type(kind: Type | None) -> bool:
    """Whether values of a type are complex numbers."""
    return kind is not None and kind.kind == "Tuple" and kind.cls is complex


def join_types(a: Type, b: Type) -> Type | None:
    """The type of a variable that is an `a` in one turn of a loop and a `b` in another."""
    for one, other in ((a, b), (b, a)):
        if is_complex_type(one) and types.is_number(other) and other.kind != "Optional":
            real = types.join(one.items[0], other)
            return None if real is None else types.tuple_of((real, one.items[1]), complex)
    return types.join(a, b)


def part_names(name: str | None) -> tuple[str | None, str | None]:
    """What the parts of a complex number with a name are called."""
    return (None, None) if name is None else (f"{name}_re", f"{name}_im")
