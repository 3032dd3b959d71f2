"""Special points, with the derivative that the stated numerical policy or mathematics gives.

At a kink the result is a member of the subdifferential: ``abs`` at 0 has the sign of its zero,
``max`` and ``min`` give everything to the operand that Python returns.  ``x ** 0`` is the
constant 1, also at 0.  A partial that is infinite where the primal is fine raises
ZeroDivisionError.  A branch that was taken is differentiated as it stands.
"""

import math

from tests.corpus.program import Kink


def absolute(x):
    return abs(x)


def fabs(x):
    return math.fabs(x)


def scaled_absolute(x, delta):
    return delta * abs(x)


def larger(x, y):
    return max(x, y)


def smaller(x, y):
    return min(x, y)


def largest_of_three(x, y, z):
    return max(x, y, z)


def smallest_of_tuple(x, y):
    return min((x, y))


def relu(x):
    return max(x, 0.0)


def relu_with_zero_first(x):
    return max(0.0, x)


def hypotenuse(x, y):
    return math.hypot(x, y)


def power(x, y):
    return x**y


def power_builtin(x, y):
    return pow(x, y)


def constant_zero_power(x):
    return x**0


def constant_float_zero_power(x):
    return x**0.0


def constant_first_power(x):
    return x**1


def constant_square(x):
    return x**2


def constant_cube(x):
    return x**3.0


def inverse_square(x):
    return x**-2


def product(x, y):
    return x * y


def square_root(x):
    return math.sqrt(x)


def half_power(x):
    return x**0.5


def masked_square_root(x):
    return math.sqrt(x) if x > 0 else 0.0


def arc_sine(x):
    return math.asin(x)


def floor_division(x, y):
    return x // y


def remainder(x, y):
    return x % y


def rounded(x):
    return round(x)


def rounded_to_digits(x):
    return round(x, 1)


def truncated(x):
    return int(x) + math.floor(x) + math.ceil(x)


def either(x, y):
    return x or y


def both(x, y):
    return x and y


def equal_to_constant(x):
    if x == 1.0:
        return x * x
    return 3 * x


def less_or_equal(x, y):
    return x * x if x <= y else y


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def log1p_of_exp(x):
    return math.log1p(math.exp(x))


def copied_sign(x, y):
    return math.copysign(x, y)


def self_difference(x):
    return max(x, x) - min(x, x)


def tangent_like(x):
    return x / (1 + abs(x))


KINKS = [
    Kink(absolute, (0.0,), 1.0, "copysign(1.0, 0.0)"),
    Kink(absolute, (-0.0,), -1.0, "copysign(1.0, -0.0)"),
    Kink(absolute, (-3.0,), -1.0, "negative side"),
    Kink(fabs, (0.0,), 1.0, "as abs"),
    Kink(fabs, (-0.0,), -1.0, "as abs"),
    Kink(scaled_absolute, (3.0, -2.0), (-2.0, 3.0), "the sign of delta is kept", (0, 1)),
    Kink(scaled_absolute, (-3.0, -2.0), (2.0, 3.0), "the sign of delta is kept", (0, 1)),
    Kink(scaled_absolute, (0.0, -2.0), (-2.0, 0.0), "copysign(1.0, 0.0) * delta", (0, 1)),
    Kink(larger, (1.0, 1.0), (1.0, 0.0), "a tie: max returns its first operand", (0, 1)),
    Kink(smaller, (1.0, 1.0), (1.0, 0.0), "a tie: min returns its first operand", (0, 1)),
    Kink(larger, (0.0, -0.0), (1.0, 0.0), "0.0 == -0.0 is a tie", (0, 1)),
    Kink(larger, (-0.0, 0.0), (1.0, 0.0), "0.0 == -0.0 is a tie", (0, 1)),
    Kink(
        larger, (math.nan, 1.0), (1.0, 0.0), "no operand is larger: max returns the first", (0, 1)
    ),
    Kink(larger, (1.0, math.nan), (1.0, 0.0), "nan > 1.0 is false: the first stays", (0, 1)),
    Kink(smaller, (1.0, math.nan), (1.0, 0.0), "nan < 1.0 is false: the first stays", (0, 1)),
    Kink(largest_of_three, (1.0, 2.0, 2.0), (0.0, 1.0, 0.0), "the first of the ties", (0, 1, 2)),
    Kink(largest_of_three, (2.0, 2.0, 2.0), (1.0, 0.0, 0.0), "the first of the ties", (0, 1, 2)),
    Kink(smallest_of_tuple, (2.0, 2.0), (1.0, 0.0), "the first of the ties", (0, 1)),
    Kink(relu, (0.0,), 1.0, "max returns its first operand, x"),
    Kink(relu_with_zero_first, (0.0,), 0.0, "max returns its first operand, the constant"),
    Kink(hypotenuse, (0.0, 0.0), (0.0, 0.0), "the subgradient of least norm", (0, 1)),
    Kink(hypotenuse, (3.0, 0.0), (1.0, 0.0), "smooth on the axis", (0, 1)),
    Kink(hypotenuse, (3e200, 4e200), (0.6, 0.8), "squares would overflow", (0, 1)),
    Kink(hypotenuse, (3e-200, 4e-200), (0.6, 0.8), "squares would underflow", (0, 1)),
    Kink(power, (0.0, 0.0), 0.0, "x ** 0 is 1 for every x"),
    Kink(power, (0.0, 0), 0.0, "x ** 0 is 1 for every x"),
    Kink(power, (3.0, 0.0), (0.0, math.log(3.0)), "x ** y log(x) at y = 0", (0, 1)),
    Kink(power, (0.0, 1.0), 1.0, "x ** 1 is x"),
    Kink(power, (0.0, 2.0), (0.0, 0.0), "0 ** y is 0 for every y > 0", (0, 1)),
    Kink(power, (0.0, 1.0), (1.0, 0.0), "0 ** y is 0 for every y > 0", (0, 1)),
    Kink(power, (-2.0, 3), 12.0, "3 x ** 2, at a negative base"),
    Kink(power, (-2.0, 3.0), 12.0, "3 x ** 2, at a negative base"),
    Kink(power, (-2.0, 0), 0.0, "x ** 0 is 1 for every x"),
    Kink(power_builtin, (0.0, 0.0), 0.0, "as the operator"),
    Kink(power_builtin, (-2.0, 3.0), 12.0, "as the operator"),
    Kink(constant_zero_power, (0.0,), 0.0, "the constant 1"),
    Kink(constant_zero_power, (2.0,), 0.0, "the constant 1"),
    Kink(constant_float_zero_power, (0.0,), 0.0, "the constant 1"),
    Kink(constant_first_power, (0.0,), 1.0, "the identity"),
    Kink(constant_square, (0.0,), 0.0, "2 x"),
    Kink(constant_cube, (-2.0,), 12.0, "3 x ** 2"),
    Kink(inverse_square, (-2.0,), 0.25, "-2 x ** -3"),
    Kink(inverse_square, (0.0,), ZeroDivisionError, "the function raises"),
    Kink(product, (0.0, math.inf), (math.inf, 0.0), "IEEE: the other factor", (0, 1)),
    Kink(square_root, (0.0,), ZeroDivisionError, "1 / (2 sqrt(0))"),
    Kink(square_root, (-1.0,), ValueError, "the function raises"),
    Kink(half_power, (0.0,), ZeroDivisionError, "0.5 * 0.0 ** -0.5"),
    Kink(masked_square_root, (0.0,), 0.0, "the branch that was taken is a constant"),
    Kink(arc_sine, (1.0,), ZeroDivisionError, "1 / sqrt(0)"),
    Kink(floor_division, (4.0, 2.0), (0.0, 0.0), "piecewise constant", (0, 1)),
    Kink(floor_division, (-5.0, 2.0), (0.0, 0.0), "piecewise constant", (0, 1)),
    Kink(remainder, (4.0, 2.0), (1.0, -2.0), "x - y * (x // y)", (0, 1)),
    Kink(remainder, (-5.0, 2.0), (1.0, 3.0), "x - y * (x // y), floored", (0, 1)),
    Kink(rounded, (0.5,), 0.0, "piecewise constant"),
    Kink(rounded_to_digits, (0.25,), 0.0, "piecewise constant"),
    Kink(truncated, (2.0,), 0.0, "piecewise constant"),
    Kink(either, (0.0, 2.0), (0.0, 1.0), "0.0 is false: y is the value", (0, 1)),
    Kink(either, (0.5, 2.0), (1.0, 0.0), "x is true: x is the value", (0, 1)),
    Kink(either, (0.0, 0.0), (0.0, 1.0), "the last operand is the value", (0, 1)),
    Kink(both, (0.0, 2.0), (1.0, 0.0), "0.0 is false: x is the value", (0, 1)),
    Kink(both, (0.5, 2.0), (0.0, 1.0), "x is true: y is the value", (0, 1)),
    Kink(both, (math.nan, 2.0), (0.0, 1.0), "nan is true: y is the value", (0, 1)),
    Kink(equal_to_constant, (1.0,), 2.0, "the branch that was taken: 2 x"),
    Kink(less_or_equal, (1.5, 1.5), (3.0, 0.0), "the branch that was taken: 2 x", (0, 1)),
    # 50 digits: exp(-700) / (1 + exp(-700)) ** 2, and exp(-40) / (1 + exp(-40)) ** 2
    Kink(sigmoid, (-700.0,), 9.859676543759770e-305, "y * (y * e) does not underflow"),
    Kink(sigmoid, (40.0,), 4.248354255291589e-18, "e / (1 + e) ** 2 keeps its digits"),
    # exp(-700) / (1 + exp(-700))
    Kink(log1p_of_exp, (-700.0,), 9.859676543759770e-305, "tiny, not zero"),
    Kink(copied_sign, (-2.0, 3.0), (-1.0, 0.0), "sign(x) sign(y)", (0, 1)),
    Kink(copied_sign, (2.0, -0.0), (-1.0, 0.0), "the sign of a negative zero", (0, 1)),
    Kink(self_difference, (1.5,), 0.0, "x - x"),
    Kink(tangent_like, (0.0,), 1.0, "the kink of abs is multiplied by 0"),
]
