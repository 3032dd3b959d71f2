"""Operators and functions of complex numbers, in terms of their parts.

Each formula is that of the mathematics, in the order in which Python computes it, so that sums,
differences, products and quotients are the same to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from sourcediff.frontend.complexes.parts import MIXED, Part, on_a_cut

__all__ = [
    "FUNCTIONS",
    "Pair",
    "add",
    "conjugate",
    "divide",
    "log",
    "multiply",
    "negate",
    "polar_power",
    "power_of_integer",
    "subtract",
]


class Pair(NamedTuple):
    """A complex number, by its parts. `is_real` says that it stands for a number that is real."""

    re: Part
    im: Part
    is_real: bool = False

    @property
    def on_an_axis(self) -> bool:
        """Whether one of its parts is zero by how it is written."""
        return self.im.is_zero() or self.re.is_zero()

    @property
    def size(self) -> Part:
        """Its absolute value."""
        if self.im.is_zero() or self.is_real:
            return self.re.size()
        if self.re.is_zero():
            return self.im.size()
        return self.re.call("hypot", self.im)

    @property
    def angle(self) -> Part:
        """Its phase, between -pi and pi."""
        if not self.is_real:
            on_a_cut(self.re.lowering)
        return self.im.call("atan2", self.re)


def add(a: Pair, b: Pair) -> Pair:
    if a.is_real and MIXED:
        return Pair(a.re + b.re, b.im)
    if b.is_real and MIXED:
        return Pair(a.re + b.re, a.im)
    return Pair(a.re + b.re, a.im + b.im)


def subtract(a: Pair, b: Pair) -> Pair:
    if b.is_real and MIXED:
        return Pair(a.re - b.re, a.im)
    if a.is_real and MIXED:
        return Pair(a.re - b.re, -b.im)
    return Pair(a.re - b.re, a.im - b.im)


def multiply(a: Pair, b: Pair) -> Pair:
    if a.is_real and MIXED:
        return Pair(a.re * b.re, a.re * b.im)
    if b.is_real and MIXED:
        return Pair(a.re * b.re, a.im * b.re)
    return Pair(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)


def divide(a: Pair, b: Pair) -> Pair:
    """A quotient without a branch; that of an operator is lowered as Python computes it."""
    if b.is_real or b.im.is_zero():
        return Pair(a.re / b.re, a.im / b.re)
    if b.re.is_zero():
        return Pair(a.im / b.im, -(a.re / b.im))
    size = b.re.call("hypot", b.im)
    re, im = b.re / size, b.im / size
    return Pair((a.re * re + a.im * im) / size, (a.im * re - a.re * im) / size)


def negate(a: Pair) -> Pair:
    return Pair(-a.re, -a.im)


def conjugate(a: Pair) -> Pair:
    return Pair(a.re, -a.im)


def power_of_integer(a: Pair, exponent: int) -> Pair:
    """A power to a whole number that is known, by squaring, as Python has it."""
    one = Pair(a.re.constant(1.0), a.re.constant(0.0))
    if exponent < 0:
        return divide(one, power_of_integer(a, -exponent))
    found, square = one, a
    while exponent:
        if exponent & 1:
            found = multiply(found, square)
        exponent >>= 1
        if exponent:
            square = multiply(square, square)
    return found


def polar_power(a: Pair, b: Pair) -> Pair:
    """A power by size and angle, as Python has it."""
    size, angle = a.size, a.angle
    length, turned = size**b.re, angle * b.re
    if not b.im.is_zero() and not b.is_real:
        length = length * (-(angle * b.im)).call("exp")
        turned = turned + b.im * size.call("log")
    return Pair(length * turned.call("cos"), length * turned.call("sin"))


# Functions --------------------------------------------------------------------------------


def exp(z: Pair) -> Pair:
    if z.re.is_zero():
        return Pair(z.im.call("cos"), z.im.call("sin"))
    size = z.re.call("exp")
    return Pair(size * z.im.call("cos"), size * z.im.call("sin"))


def log(z: Pair) -> Pair:
    return Pair(z.size.call("log"), z.angle)


def log10(z: Pair) -> Pair:
    return Pair(z.size.call("log10"), z.angle / z.re.constant(math.log(10.0)))


def sin(z: Pair) -> Pair:
    return Pair(z.re.call("sin") * z.im.call("cosh"), z.re.call("cos") * z.im.call("sinh"))


def cos(z: Pair) -> Pair:
    return Pair(z.re.call("cos") * z.im.call("cosh"), -(z.re.call("sin") * z.im.call("sinh")))


def sinh(z: Pair) -> Pair:
    return Pair(z.re.call("sinh") * z.im.call("cos"), z.re.call("cosh") * z.im.call("sin"))


def cosh(z: Pair) -> Pair:
    return Pair(z.re.call("cosh") * z.im.call("cos"), z.re.call("sinh") * z.im.call("sin"))


def tan(z: Pair) -> Pair:
    return divide(sin(z), cos(z))


def tanh(z: Pair) -> Pair:
    return divide(sinh(z), cosh(z))


#: The functions of one complex number that have one as their value, by their names in `cmath`.
FUNCTIONS: dict[str, Callable[[Pair], Pair]] = {
    "cos": cos,
    "cosh": cosh,
    "exp": exp,
    "log": log,
    "log10": log10,
    "sin": sin,
    "sinh": sinh,
    "tan": tan,
    "tanh": tanh,
}
