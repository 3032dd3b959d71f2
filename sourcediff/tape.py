"""The reference tape engine: derivatives by recording every operation as it happens.

It is the oracle that compiled derivatives are held against, so it shares nothing with the
compiler and prefers to be evident over being fast.

A computation is a graph.  Its nodes are numbers; an edge leads from each number to those that
were computed from it.  Forward along the edges go *values*: what a number is follows from what
it depends on.  Backward along the same edges go *derivatives*: how the result follows a number
is the sum, over the edges that leave it, of how the result follows the other end times how the
other end follows it (its *local partial*, known when the operation is done).  Two apples at
100 each, with a tax of ten per cent:

>>> price, number, tax = NumberWithGrad(100), NumberWithGrad(2), NumberWithGrad(1.1)
>>> total = price * number * tax
>>> total.backward()
>>> print(f"{total.value:.1f}: {price.grad:.1f}, {number.grad:.1f}, {tax.grad:.1f}")
220.0: 2.2, 110.0, 200.0

A number that is used twice gets both contributions before it passes anything on:

>>> x = NumberWithGrad(5.0)
>>> b = 2 * x
>>> c = b + b
>>> c.backward()
>>> x.grad
4.0

``gradient`` and ``value_and_gradient`` run a plain function on such numbers, unchanged: see
``tape_lift`` for how calls such as ``math.exp(x)`` and ``float(x)`` in it keep the derivative.
What has no derivative to keep gives plain numbers: comparisons, ``//``, ``round``, ``int``,
``math.floor`` and the like are constant between their jumps.

At a point without a derivative a fixed choice is made: ``abs`` has the slope
``copysign(1.0, x)``; ``max`` and ``min`` follow the argument that they return (the first of
equal ones); ``hypot`` and ``dist`` have slope 0 where they are 0; ``x ** p`` has slope 0 in x
where p is 0, and in p where x is 0.  A slope that is infinite or outside of the reals, as that
of ``sqrt`` at 0, is an error of ``backward`` and not of the operation: the value is fine, and
whether its derivative is needed is not known yet.
"""

from __future__ import annotations

import builtins
import copy
import functools
import math
import numbers
import operator
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from fractions import Fraction
from itertools import accumulate
from math import (
    copysign,
    cos,
    cosh,
    exp,
    frexp,
    fsum,
    hypot,
    isinf,
    ldexp,
    log,
    modf,
    pi,
    prod,
    sin,
    sinh,
    sqrt,
    tan,
)
from math import dist as math_dist
from types import ModuleType
from typing import Any

from sourcediff.tape_lift import StandInFunction, copied, stand_in_type, stand_ins

__all__ = ["MATH_FUNCTIONS", "NumberWithGrad", "digamma", "gradient", "value_and_gradient"]

_Partial = Callable[..., float]
_Partials = tuple[_Partial, ...]


def _both_sides(symbol: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Returns the methods for ``number <symbol> other`` and ``other <symbol> number``."""

    def forward(self: NumberWithGrad, other: object) -> Any:
        return _operate(symbol, self, other)

    def reflected(self: NumberWithGrad, other: object) -> Any:
        return _operate(symbol, other, self)

    return forward, reflected


def _by_value(function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a method that calls the function on plain values: it has no derivative."""

    def method(self: NumberWithGrad, *others: object) -> Any:
        return function(self.value, *map(_plain, others))

    return method


class NumberWithGrad:
    """A real number that knows what it was computed from.

    It behaves as the float ``value`` does, and remembers the operations on it.  It answers
    ``isinstance(x, float)`` as the float would.  Because ``==`` compares values, and two
    numbers of one value may have different derivatives, it has no hash: a cache or a dict with
    numbers as keys would silently take one for the other.

    Args:
        value: the number; ints and other reals are taken as floats.
        depends_on: the numbers it was computed from, one per use.
        operation: what computed it, for people to read.
        partials: how it follows each of ``depends_on``; in place of a partial that does not
            exist here, the exception that computing it raised.

    Raises:
        TypeError: the value is not a real number.
        ValueError: there are not as many partials as numbers it depends on.

    >>> x = NumberWithGrad(3.0)
    >>> y = x * x + 1
    >>> y.backward()
    >>> y.value, x.grad, y.operation, [number.operation for number in y.depends_on]
    (10.0, 6.0, '+', ['*'])
    """

    __slots__ = ("depends_on", "grad", "operation", "partials", "value")

    def __init__(
        self,
        value: float,
        depends_on: Sequence[NumberWithGrad] = (),
        operation: str = "",
        partials: Sequence[float | ArithmeticError | ValueError] = (),
    ) -> None:
        if type(value) is not float:
            if not isinstance(value, numbers.Real):
                raise TypeError(f"a real number is needed, not {type(value).__name__}")
            value = float(value)
        if len(depends_on) != len(partials):
            raise ValueError(f"{len(depends_on)} dependencies but {len(partials)} partials")
        self.value = value
        self.grad = 0.0
        self.depends_on = tuple(depends_on)
        self.operation = operation
        self.partials = tuple(partials)

    def backward(self, seed: float = 1.0) -> None:
        """Adds, to the grad of every number this one depends on, seed times the derivative.

        It *adds*: after ``backward`` of several results, or of one several times, ``grad`` is
        the sum of what each call on its own gives. Set ``grad`` to 0.0 to begin anew.

        Args:
            seed: the derivative of what is wanted with respect to this number.

        Raises:
            ZeroDivisionError, ValueError, OverflowError: an operation on the way has no
                derivative at its argument, or none that a float holds. No grad has changed.

        >>> x = NumberWithGrad(3.0)
        >>> square = x * x
        >>> square.backward()
        >>> square.backward(seed=10.0)
        >>> x.grad
        66.0
        """
        for number, derivative in _derivatives(self, seed):
            number.grad += derivative

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return float  # isinstance asks for this after the true type

    __add__, __radd__ = _both_sides("+")
    __sub__, __rsub__ = _both_sides("-")
    __mul__, __rmul__ = _both_sides("*")
    __truediv__, __rtruediv__ = _both_sides("/")
    __mod__, __rmod__ = _both_sides("%")
    __pow__, __rpow__ = _both_sides("**")
    __floordiv__, __rfloordiv__ = _both_sides("//")
    __lt__, __le__ = _by_value(operator.lt), _by_value(operator.le)
    __gt__, __ge__ = _by_value(operator.gt), _by_value(operator.ge)
    __eq__, __ne__ = _by_value(operator.eq), _by_value(operator.ne)
    __bool__, __str__, __format__ = _by_value(bool), _by_value(str), _by_value(format)
    __int__ = __trunc__ = _by_value(int)
    __floor__, __ceil__, __round__ = _by_value(math.floor), _by_value(math.ceil), _by_value(round)
    is_integer = _by_value(float.is_integer)
    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None  # NumPy's numbers leave the arithmetic to this class

    def __divmod__(self, other: object) -> Any:
        return (self // other, self % other) if _is_real(other) else NotImplemented

    def __rdivmod__(self, other: object) -> Any:
        return (other // self, other % self) if _is_real(other) else NotImplemented

    def __neg__(self) -> Any:
        return _apply("neg", operator.neg, (lambda x, y: -1.0,), self)

    def __abs__(self) -> Any:
        return _apply("abs", abs, (lambda x, y: copysign(1.0, x),), self)

    def __pos__(self) -> NumberWithGrad:
        return self

    def conjugate(self) -> NumberWithGrad:
        return self

    real = property(__pos__)
    imag = property(lambda self: 0.0)

    def __float__(self) -> float:
        raise TypeError(
            "a plain float would lose the derivative of this NumberWithGrad; take its .value if"
            " that is meant (in a function run by gradient(), float(x) and the functions of"
            " math keep the derivative, but not other code that needs a plain float)"
        )

    def __copy__(self) -> NumberWithGrad:
        return self  # numbers are not changed in place, and a true copy would be cut off

    def __deepcopy__(self, memo: object) -> NumberWithGrad:
        return self

    def __reduce__(self) -> Any:
        raise TypeError("pickling a NumberWithGrad would cut it off from what it depends on")

    def __repr__(self) -> str:
        return f"NumberWithGrad({self.value!r}, grad={self.grad!r}, operation={self.operation!r})"


def _derivatives(result: NumberWithGrad, seed: float) -> list[tuple[NumberWithGrad, float]]:
    """Returns each number that result depends on with seed times the derivative with respect
    to it, results before what they depend on."""
    unseen_uses = {id(result): 0}
    pending = [result]
    while pending:
        for number in pending.pop().depends_on:
            if id(number) not in unseen_uses:
                unseen_uses[id(number)] = 0
                pending.append(number)
            unseen_uses[id(number)] += 1

    derivative = {id(result): float(seed)}
    complete = []
    pending = [result]
    while pending:
        user = pending.pop()
        complete.append((user, derivative[id(user)]))
        for number, partial in zip(user.depends_on, user.partials, strict=True):
            if isinstance(partial, Exception):
                where = f"derivative of {user.operation!r} where it is {user.value!r}"
                raise type(partial)(f"{where}: {partial}") from partial
            contribution = derivative[id(user)] * partial
            derivative[id(number)] = derivative.get(id(number), 0.0) + contribution
            unseen_uses[id(number)] -= 1
            if unseen_uses[id(number)] == 0:
                pending.append(number)
    return complete


# Recording an operation. -----------------------------------------------------------------


def _is_lifted(value: object) -> bool:
    return isinstance(value, NumberWithGrad)


def _is_real(value: object) -> bool:
    return type(value) in (NumberWithGrad, float, int) or isinstance(value, numbers.Real)


def _plain(value: Any) -> Any:
    return value.value if _is_lifted(value) else value


def _record(
    operation: str, value: Any, arguments: Sequence[Any], partial: Callable[[int], float]
) -> Any:
    """Returns the number value, which follows arguments[i] with the local partial(i).

    Without a NumberWithGrad among the arguments it is the value itself.
    """
    lifted = [i for i, argument in enumerate(arguments) if _is_lifted(argument)]
    if not lifted:
        return value
    partials: list[float | ArithmeticError | ValueError] = []
    for i in lifted:
        try:
            partials.append(float(partial(i)))
        except (ArithmeticError, ValueError) as error:
            partials.append(error.with_traceback(None))  # the frames would stay alive with it
    return NumberWithGrad(value, [arguments[i] for i in lifted], operation, partials)


def _apply(
    operation: str,
    function: Callable[..., Any],
    partials: _Partials,
    *arguments: Any,
    **options: Any,
) -> Any:
    """Returns the recorded function(*arguments); see _MATH_PARTIALS for the partials."""
    values = [_plain(argument) for argument in arguments]
    y = function(*values, **options)
    return _record(operation, y, arguments, lambda i: partials[i](*map(float, values), y))


def _operate(symbol: str, left: object, right: object) -> Any:
    if not (_is_real(left) and _is_real(right)):
        return NotImplemented
    function, partials = _OPERATORS[symbol]
    if partials is None:
        return function(_plain(left), _plain(right))
    return _apply(symbol, function, partials, left, right)


# The derivatives. Each function of the table takes the arguments and the result y. ---------


def _one(*_: float) -> float:
    return 1.0


def _zero(*_: float) -> float:
    return 0.0


_POWER: _Partials = (
    lambda x, p, y: p * x ** (p - 1) if p else 0.0,
    lambda x, p, y: y * log(x) if x else 0.0,
)

_OPERATORS: dict[str, tuple[Callable[..., Any], _Partials | None]] = {
    "+": (operator.add, (_one, _one)),
    "-": (operator.sub, (_one, lambda a, b, y: -1.0)),
    "*": (operator.mul, (lambda a, b, y: b, lambda a, b, y: a)),
    "/": (operator.truediv, (lambda a, b, y: 1 / b, lambda a, b, y: -y / b)),
    "//": (operator.floordiv, None),  # constant between its jumps
    "%": (operator.mod, (_one, lambda a, b, y: -(a // b))),
    "**": (operator.pow, _POWER),
}


# B[2k] / 2k for k = 1, 2, ...
_BERNOULLI_QUOTIENTS = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)


def digamma(x: float) -> float:
    """Returns the logarithmic derivative of the gamma function, gamma'(x) / gamma(x).

    The relative error is about 1e-14; next to a zero of it, the absolute error is 1e-15 or so.
    Recurrence, reflection and asymptotic series: Abramowitz and Stegun, 6.3.5, 6.3.7, 6.3.18.

    Args:
        x: a real number.

    Raises:
        ValueError: x is zero or a negative integer, where gamma has a pole.

    >>> round(digamma(1.0), 12)  # minus the Euler-Mascheroni constant
    -0.577215664902
    """
    if x <= 0:
        offset = math.remainder(x, 1.0)  # of the same tangent, and exact
        if offset == 0:
            raise ValueError("digamma has poles at zero and at the negative integers")
        return digamma(1 - x) - pi / tan(pi * offset)
    terms = []
    while x < 10:
        terms.append(-1 / x)
        x += 1
    series = 0.0
    for coefficient in reversed(_BERNOULLI_QUOTIENTS):
        series = (coefficient + series) / (x * x)
    return fsum([*terms, log(x), -0.5 / x, -series])


def _sech_squared(x: float) -> float:
    small = exp(-2 * abs(x))  # 1 - tanh(x) ** 2 would be 0 from x = 19 on
    return 4 * small / (1 + small) ** 2


def _whole_quotient(a: float, b: float, rest: float) -> float:
    if isinf(b):
        return 0.0
    return float((Fraction(a) - Fraction(rest)) / Fraction(b))  # a / b can round to a neighbour


_MATH_PARTIALS: dict[str, _Partials] = {
    "acos": (lambda x, y: -1 / sqrt((1 - x) * (1 + x)),),
    "acosh": (lambda x, y: 1 / (sqrt(x - 1) * sqrt(x + 1)),),
    "asin": (lambda x, y: 1 / sqrt((1 - x) * (1 + x)),),
    "asinh": (lambda x, y: 1 / hypot(1, x),),
    "atan": (lambda x, y: (1 / hypot(1, x)) ** 2,),
    "atan2": (
        lambda a, b, y: b / hypot(a, b) / hypot(a, b),
        lambda a, b, y: -a / hypot(a, b) / hypot(a, b),
    ),
    "atanh": (lambda x, y: 1 / ((1 - x) * (1 + x)),),
    "cbrt": (lambda x, y: 1 / (3 * y * y),),
    "copysign": (lambda a, b, y: copysign(1, a) * copysign(1, b), _zero),
    "cos": (lambda x, y: -sin(x),),
    "cosh": (lambda x, y: sinh(x),),
    "degrees": (lambda x, y: 180 / pi,),
    "erf": (lambda x, y: 2 / sqrt(pi) * exp(-x * x),),
    "erfc": (lambda x, y: -2 / sqrt(pi) * exp(-x * x),),
    "exp": (lambda x, y: y,),
    "exp2": (lambda x, y: y * log(2),),
    "expm1": (lambda x, y: exp(x),),
    "fabs": (lambda x, y: copysign(1, x),),
    "fma": (lambda a, b, c, y: b, lambda a, b, c, y: a, _one),
    "fmod": (_one, lambda a, b, y: -_whole_quotient(a, b, y)),
    "gamma": (lambda x, y: y * digamma(x),),
    "lgamma": (lambda x, y: digamma(x),),
    "log": (  # y is the last of the rest; the base, if given, is before it
        lambda x, *rest: 1 / x / (log(rest[0]) if len(rest) == 2 else 1),
        lambda x, b, y: -y / (b * log(b)),
    ),
    "log10": (lambda x, y: 1 / log(10) / x,),
    "log1p": (lambda x, y: 1 / (1 + x),),
    "log2": (lambda x, y: 1 / log(2) / x,),
    "nextafter": (_one, _zero),
    "pow": _POWER,
    "radians": (lambda x, y: pi / 180,),
    "remainder": (_one, lambda a, b, y: -_whole_quotient(a, b, y)),
    "sin": (lambda x, y: cos(x),),
    "sinh": (lambda x, y: cosh(x),),
    "sqrt": (lambda x, y: 0.5 / y,),
    "tan": (lambda x, y: 1 + y * y,),
    "tanh": (lambda x, y: _sech_squared(x),),
}

# Constant between their jumps: they give plain values.
_PIECEWISE_CONSTANT = {"ceil", "floor", "isclose", "isfinite", "isinf", "isnan", "trunc", "ulp"}

_INTEGERS_ONLY = {"comb", "factorial", "gcd", "isqrt", "lcm", "perm"}


# Functions of math that take or return more than numbers. ----------------------------------


def _dist(p: Iterable[Any], q: Iterable[Any], /) -> Any:
    p, q = list(p), list(q)
    y = math_dist([*map(_plain, p)], [*map(_plain, q)])

    def partial(i: int) -> float:
        difference = _plain(p[i % len(p)]) - _plain(q[i % len(p)])
        return (difference if i < len(p) else -difference) / y if y else 0.0

    return _record("dist", y, p + q, partial)


def _frexp(x: Any, /) -> tuple[Any, int]:
    mantissa, exponent = frexp(_plain(x))
    return _record("frexp", mantissa, [x], lambda i: ldexp(1.0, -exponent)), exponent


def _fsum(items: Iterable[Any], /) -> Any:
    items = list(items)
    return _record("fsum", fsum(map(_plain, items)), items, _one)


def _hypot(*coordinates: Any) -> Any:
    y = hypot(*map(_plain, coordinates))
    return _record("hypot", y, coordinates, lambda i: coordinates[i].value / y if y else 0.0)


def _ldexp(x: Any, exponent: int, /) -> Any:
    return _record("ldexp", ldexp(_plain(x), exponent), [x], lambda i: ldexp(1.0, exponent))


def _modf(x: Any, /) -> tuple[Any, float]:
    fraction, whole = modf(_plain(x))
    return _record("modf", fraction, [x], _one), whole


def _prod(items: Iterable[Any], /, *, start: Any = 1) -> Any:
    items = list(items)
    factors = [start, *items]
    values = [_plain(factor) for factor in factors]

    @functools.cache  # for all factors at once; a quotient would fail where a factor is 0
    def products_of_others() -> list[float]:
        before = list(accumulate(values[:-1], operator.mul, initial=1))
        after = list(accumulate(reversed(values[1:]), operator.mul, initial=1))
        return [b * a for b, a in zip(before, reversed(after), strict=True)]

    y = prod(values[1:], start=values[0])
    return _record("prod", y, factors, lambda i: products_of_others()[i])


def _sumprod(p: Iterable[Any], q: Iterable[Any], /) -> Any:
    p, q = list(p), list(q)
    y = _original["sumprod"]([*map(_plain, p)], [*map(_plain, q)])
    return _record("sumprod", y, p + q, lambda i: _plain((q + p)[i]))


# What stands in for what while a function is run for its gradient. -------------------------


def _refuse(name: str, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    if any(map(_is_lifted, [*args, *kwargs.values()])):
        why = "takes integers only" if name in _INTEGERS_ONLY else "has no known derivative"
        raise TypeError(f"math.{name} {why}: it cannot be applied to a NumberWithGrad")
    return original(*args, **kwargs)


def _piecewise_constant(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return original(*map(_plain, args), **{name: _plain(value) for name, value in kwargs.items()})


def _lifted_version(name: str) -> Callable[..., Any]:
    if name in _SPECIAL:
        return _SPECIAL[name]
    if name in _MATH_PARTIALS:
        return functools.partial(_apply, name, _original[name], _MATH_PARTIALS[name])
    if name in _PIECEWISE_CONSTANT:
        return functools.partial(_piecewise_constant, _original[name])
    return functools.partial(_refuse, name, _original[name])


def _sum(items: Iterable[Any], /, start: Any = 0) -> Any:
    items = list(items)
    if not all(map(_is_real, [start, *items])):
        return sum(items, start)
    # The sum of the plain values, for since Python 3.12 sum compensates rounding of floats only.
    return _record("sum", sum(map(_plain, items), _plain(start)), [start, *items], _one)


def _float(*args: Any) -> Any:
    return args[0] if len(args) == 1 and _is_lifted(args[0]) else float(*args)


def _type(*args: Any, **kwargs: Any) -> Any:
    kind = float if len(args) == 1 and _is_lifted(args[0]) else type(*args, **kwargs)
    return _FLOAT if kind is float else kind  # so that type(x) is float, where float is _FLOAT


_SPECIAL: dict[str, Callable[..., Any]] = {
    "dist": _dist,
    "frexp": _frexp,
    "fsum": _fsum,
    "hypot": _hypot,
    "ldexp": _ldexp,
    "modf": _modf,
    "prod": _prod,
    "sumprod": _sumprod,
}

# Bound at import: while a function is run for its gradient, math itself holds stand-ins.
_original = {name: value for name, value in vars(math).items() if callable(value)}
_original = {name: value for name, value in _original.items() if not name.startswith("_")}

MATH_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: StandInFunction(original, _lifted_version(name)) for name, original in _original.items()
}
"""Every function of the math module by name, for plain numbers and NumberWithGrad alike."""

_FLOAT = stand_in_type(float, _float)
_BUILTINS = {
    "float": _FLOAT,
    "sum": StandInFunction(sum, _sum),
    "type": stand_in_type(type, _type),
}
_REPLACEMENTS: dict[Any, Any] = {
    **{_original[name]: stand_in for name, stand_in in MATH_FUNCTIONS.items()},
    **{getattr(builtins, name): stand_in for name, stand_in in _BUILTINS.items()},
}


# The derivative of a plain function. -------------------------------------------------------


def gradient(
    function: Callable[..., Any],
    /,
    *args: Any,
    argnums: int | tuple[int, ...] = 0,
    **kwargs: Any,
) -> Any:
    """Returns the derivative of function(*args, **kwargs) with respect to some arguments.

    Args:
        function: any callable that returns one number. It is run once, as it is.
        *args: its positional arguments. Those that are differentiated are real numbers, or
            lists, tuples, dicts or objects of numbers, nested; ints are taken as reals. They
            are copied first, so that the caller's are not changed. One list in two places
            stays one list.
        argnums: the position, or the positions, to differentiate with respect to.
        **kwargs: its keyword arguments.

    Returns:
        The derivative in the structure of the argument, None in place of what is no number
        (a string, None, a bool, a function). A tuple of these if argnums is a tuple.

    Raises:
        TypeError: the result is not one number, or an argument is of a kind that cannot be
            differentiated, or the function gives a number to what needs a plain float, or it
            also reaches an argument that is differentiated by another way, as a global.
        ZeroDivisionError, ValueError, OverflowError: there is no derivative here.
        IndexError: there is no argument at that position.
        NotImplementedError: it was called by a function that it is differentiating.

    >>> gradient(lambda x, y: x * math.exp(y), 3.0, 0.0, argnums=(0, 1))
    (1.0, 3.0)
    >>> gradient(lambda p: p["a"] * p["b"][1] ** 2, {"a": 2.0, "b": [5, 3], "unit": "m"})
    {'a': 9.0, 'b': [0.0, 12.0], 'unit': None}
    """
    return value_and_gradient(function, *args, argnums=argnums, **kwargs)[1]


def value_and_gradient(
    function: Callable[..., Any],
    /,
    *args: Any,
    argnums: int | tuple[int, ...] = 0,
    **kwargs: Any,
) -> tuple[Any, Any]:
    """Returns (function(*args, **kwargs), its derivative); otherwise as gradient.

    >>> value_and_gradient(lambda x: x * x, 3.0)
    (9.0, 6.0)
    """
    positions = [range(len(args))[i] for i in ((argnums,) if isinstance(argnums, int) else argnums)]

    memo: dict[int, tuple[Any, Any]] = {}
    lifted = {i: copied(args[i], _lift, memo) for i in positions}  # first: aliases are lifted too
    differentiated = [original for original, _ in memo.values()]
    inputs = [lifted[i] if i in lifted else copied(a, _own, memo) for i, a in enumerate(args)]
    options = copied(kwargs, _own, memo)
    owned_function = copied(function, _own, memo)  # a method has an object, an argument as others

    # Once more, for the function may change what it is given and the inputs are needed after.
    call = copied([owned_function, inputs, options], lambda leaf: leaf, {})
    with stand_ins(_REPLACEMENTS, _BUILTINS, _plain, call, differentiated):
        result = call[0](*call[1], **call[2])

    if isinstance(result, bool) or not _is_real(result):
        name = getattr(function, "__qualname__", repr(function))
        raise TypeError(f"{name} returned a {type(result).__name__}, where one number is needed")
    derivatives: dict[int, float] = {}
    if _is_lifted(result):
        derivatives = {id(number): value for number, value in _derivatives(result, 1.0)}
    structures: dict[int, tuple[Any, Any]] = {}

    def derivative(leaf: Any) -> float | None:
        return derivatives.get(id(leaf), 0.0) if _is_lifted(leaf) else None

    found = tuple(copied(lifted[i], derivative, structures) for i in positions)
    return _plain(result), found[0] if isinstance(argnums, int) else found


def _lift(leaf: Any) -> Any:
    """Returns a number that records for a number, and what is no number as it is."""
    if _is_lifted(leaf):
        raise TypeError("the arguments are plain numbers; gradient makes them NumberWithGrad")
    if leaf is None or isinstance(leaf, bool | str | bytes | Enum | ModuleType) or callable(leaf):
        return leaf
    if isinstance(leaf, numbers.Real):
        return NumberWithGrad(leaf)  # type: ignore[arg-type]
    raise TypeError(f"cannot differentiate with respect to a {type(leaf).__name__}")


def _own(leaf: Any) -> Any:
    """Returns a copy of what the function could change, and else the leaf itself."""
    is_collection = hasattr(type(leaf), "__copy__") and hasattr(type(leaf), "__len__")
    if is_collection or isinstance(leaf, set | bytearray):
        return copy.copy(leaf)
    return leaf
