"""Programs that decide: if and elif, early returns, guards, conditional values, match."""

import math

from tests.corpus.program import Program

MODE = "smooth"
LIMITS = (0.5, 1.5, 3.0)


def huber(x, delta):
    if abs(x) <= delta:
        return 0.5 * x * x
    return delta * (abs(x) - 0.5 * delta)


def smoothstep(edge0, edge1, x):
    t = (x - edge0) / (edge1 - edge0)
    if t <= 0:
        return 0
    if t >= 1:
        return 1
    return t * t * (3 - 2 * t)


def interpolate(x, y0, y1, y2):
    """Linear interpolation on a table of three points that is written as tuples."""
    knots = (0.0, 1.0, 2.5)
    values = (y0, y1, y2)
    if x < knots[1]:
        k = 0
        weight = (x - knots[0]) / (knots[1] - knots[0])
        return (1 - weight) * values[0] + weight * values[1]
    weight = (x - knots[1]) / (knots[-1] - knots[1])
    return (1 - weight) * values[1] + weight * values[2]


def clamp(x, low=-1.0, high=1.0):
    return max(low, min(x, high)) + 0.1 * x


def hat(x):
    return 1 - abs(x) if -1 < x < 1 else 0.0


def chained(x, low, high):
    if low < x <= high < 10:
        return (x - low) * (high - x)
    elif not (x > low) or high == 10:
        return low * x
    return high / x


def drag(speed, density):
    if speed < 0:
        raise ValueError(f"speed must not be negative: {speed}")
    if density <= 0:
        raise ValueError("density must be positive")
    assert density < 100, "implausible"
    return 0.5 * density * speed**2


def quadratic_root(a, b, c):
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        raise ArithmeticError("no real root")
    root = math.sqrt(discriminant)
    if b >= 0:
        return (-b - root) / (2 * a)
    return 2 * c / (-b + root)


def fallback(x, default):
    return (x > 1 and x * x) or default * x


def first_nonzero(x, y, z):
    return x or y or z


def both(x, y):
    value = x and y
    return value * x + (y and 2.0)


def default_by_or(x, scale=None):
    scale = scale or 2.0
    return scale * x


def optional_scale(x, scale=None):
    if scale is None:
        scale = 1.5
    return x * scale**2


def guarded_by_and(x, y):
    """The right operand is only valid where the left holds."""
    if y != 0 and x / y > 1:
        return x / y
    return x * y


def grade(x):
    if x < LIMITS[0]:
        label, factor = "low", 1
    elif x < LIMITS[1]:
        label, factor = "middle", 2.5
    elif x < LIMITS[2]:
        label, factor = "high", x
    else:
        label, factor = "out", 0
    if label == "middle":
        factor = factor * x
    return factor * x + 1


def nested(x, y):
    if x > 0:
        if y > 0:
            if x > y:
                z = x * y
            else:
                z = x / y
        else:
            z = x - y
            if y < -2:
                return z * z
        z = z + 1
    else:
        if y > 0:
            z = math.exp(x) * y
        else:
            return x * y
        if z > 1:
            z *= 2
    return z * x


def match_number(x, kind):
    match kind:
        case 0:
            return x
        case 1 | 2:
            return x**2 * kind
        case -1:
            y = 1 / x
        case k if k > 10:
            y = k * x
        case _:
            y = math.sin(x)
    return y + x


def match_name(x, name):
    match name:
        case "square":
            scale = x
        case "cube" | "third":
            scale = x * x
        case other:
            scale = len(other)
    return scale * x


def match_module_constant(x):
    match MODE:
        case "sharp":
            return abs(x)
        case "smooth":
            return math.sqrt(x * x + 1e-2)
    return x


def match_remainder(x, n):
    match n % 3:
        case 0:
            x = x * n
        case 1:
            x = x / n
        case 2:
            pass
    return x * x


def match_truth(x, y):
    match x > y:
        case True:
            return x * x * y
        case False:
            return y * y * x


def walrus_guard(x):
    if (root := x * x - 2) > 0:
        return math.sqrt(root)
    elif (cube := x**3) > 0:
        return cube + root
    return root


def walrus_in_expression(x, y):
    z = (t := x * y) + t * t
    return z + (t := t + 1) * t


def walrus_short_circuit(x, y):
    if x > 0 and (product := x * y) > 1:
        return product
    return x - y


def early_returns(x):
    if x < -5:
        return -5
    if x < 0:
        return x
    y = math.log1p(x)
    if y < 1:
        return y
    if y < 2:
        pass
    else:
        return 2.0 * y
    return y * y


def bound_in_one_branch(x, y):
    big = x > y
    if big:
        excess = x - y
    result = x * y
    if big:
        result += excess**2
    return result


def bound_in_every_branch(x):
    if x > 1:
        a = x
        b = 2
    elif x > 0:
        b = x
        a = 3.0
    else:
        a = b = x
    return a * b + a


def rebound_in_branches(x, y):
    x = x * y
    if x > 1:
        y = x
        x = y * y
    else:
        x, y = y, x
    x += y
    if y > 0:
        x = -x
    return x * y


def only_in_condition(x, y):
    threshold = math.exp(y) * 2
    if x > threshold:
        return x * x
    return 3 * x


def constant_result(x):
    unused = x * x
    return 4.5


def int_result(x):
    return int(x > 0) + 2


def mixed_constants(x):
    scale = 1 if x > 0 else 2.5
    scale *= 2
    return scale * x


def truth_of_a_number(x, n):
    if n:
        x = x * n
    if not n - 5:
        return 1.0
    return x if n % 2 else x * x


def bool_arithmetic(x, y):
    return (x > y) * x + (x <= y) * y * y + True


def integer_arithmetic(x, n):
    half = n // 2
    rest = n % 2
    power = 2**half - (-n) % 3 + (n << 1) - (n & 1)
    return x * half + x**rest + power * x


def floor_and_remainder(x, y):
    return (x // y) * x + x % y + divmod(x, y)[1]


def rounding(x):
    return round(x) * x + round(x, 1) + int(x) * x + float(x) + round(x * x)


def report(x):
    print("x is", x)
    y = math.exp(-x)
    if y > 0.5:
        print(f"large: {y:.4f}", end="\n\n")
    else:
        print("small", "y", sep="-")
    return y


def de_morgan(x, y):
    if not (x > 0 and y > 0) and not x == y:
        return x + y
    if not x > 1 or not y > 1:
        return x * y
    return x / y


def conditional_chain(x):
    return -x if x < 0 else x * x if x < 1 else 2 * x - 1 if x < 2 else 3.0


def conditional_in_call(x, y):
    return math.hypot(x if x > y else y, 1.0 if y > 0 else x)


def raise_in_else(x):
    if x > 0:
        y = math.log(x)
    elif x < -1:
        y = math.log(-x)
    else:
        raise ValueError("between", x)
    return x * y


def clipped_denominator(x, y):
    return x / max(abs(y), 0.1)


PROGRAMS = [
    Program(huber, [(0.5, 1.2), (-2.5, 1.2), (3.0, 0.7)], (0, 1)),
    Program(smoothstep, [(0.1, 0.9, 0.4), (0.1, 0.9, 0.05), (0.1, 0.9, 2.0)], (0, 1, 2)),
    Program(interpolate, [(0.3, 1.0, 2.0, 4.0), (1.9, 1.0, 2.0, 4.0)], (0, 1, 2, 3)),
    Program(clamp, [(0.3,), (-2.0,), (1.7,), (1.7, 0.0, 3.0)]),
    Program(hat, [(0.3,), (-0.6,), (1.4,)]),
    Program(
        chained,
        [(1.0, 0.5, 2.0), (0.2, 0.5, 2.0), (1.0, 0.5, 12.0), (0.9, 0.5, 0.7)],
        (0, 1, 2),
    ),
    Program(drag, [(3.0, 1.2)], (0, 1), raising=((-1.0, 1.2), (3.0, 0.0), (3.0, 200.0))),
    Program(
        quadratic_root,
        [(1.0, 5.0, 2.0), (1.0, -5.0, 2.0)],
        (0, 1, 2),
        raising=((1.0, 1.0, 1.0),),
    ),
    Program(fallback, [(2.0, 0.7), (0.4, 0.7)], (0, 1)),
    Program(first_nonzero, [(1.5, 2.0, 3.0)], (0, 1, 2)),
    Program(both, [(1.5, 2.0)], (0, 1)),
    Program(default_by_or, [(1.5,), (1.5, 3.0)]),
    Program(optional_scale, [(0.8,), (0.8, 2.0)]),
    Program(guarded_by_and, [(3.0, 2.0), (1.0, 2.0)], (0, 1)),
    Program(grade, [(0.2,), (1.1,), (2.2,), (4.0,)]),
    Program(
        nested,
        [(2.0, 1.0), (1.0, 2.0), (1.0, -1.0), (1.0, -3.0), (-0.8, 5.0), (-0.8, 0.5), (-0.8, -2.0)],
        (0, 1),
    ),
    Program(match_number, [(0.7, 0), (0.7, 1), (0.7, 2), (0.7, -1), (0.7, 12), (0.7, 5)]),
    Program(match_name, [(0.7, "square"), (0.7, "cube"), (0.7, "third"), (0.7, "fourth")]),
    Program(match_module_constant, [(0.7,)]),
    Program(match_remainder, [(0.7, 6), (0.7, 4), (0.7, 5)]),
    Program(match_truth, [(0.7, 0.2), (0.7, 1.2)], (0, 1)),
    Program(walrus_guard, [(2.0,), (1.1,), (-1.0,)]),
    Program(walrus_in_expression, [(0.7, 1.3)], (0, 1)),
    Program(walrus_short_circuit, [(2.0, 1.3), (0.5, 1.3), (-0.5, 1.3)], (0, 1)),
    Program(early_returns, [(-9.0,), (-2.0,), (0.4,), (4.0,), (20.0,)]),
    Program(bound_in_one_branch, [(2.0, 1.0), (1.0, 2.0)], (0, 1)),
    Program(bound_in_every_branch, [(2.0,), (0.4,), (-1.3,)]),
    Program(rebound_in_branches, [(2.0, 1.0), (0.4, 1.3), (0.4, -1.3)], (0, 1)),
    Program(only_in_condition, [(5.0, 0.1), (1.0, 0.1)], (0, 1)),
    Program(constant_result, [(0.3,)]),
    Program(int_result, [(0.3,), (-0.3,)]),
    Program(mixed_constants, [(0.3,), (-0.3,)]),
    Program(truth_of_a_number, [(0.3, 0), (0.3, 1), (0.3, 2), (0.3, 5)]),
    Program(bool_arithmetic, [(0.3, 0.1), (0.3, 0.7)], (0, 1)),
    Program(integer_arithmetic, [(0.3, 7), (0.3, 4), (0.3, 0)]),
    Program(floor_and_remainder, [(5.3, 1.2), (-5.3, 1.2), (5.3, -2.2)], (0, 1)),
    Program(rounding, [(2.34,), (-1.73,)]),
    Program(report, [(0.2,), (1.4,)]),
    Program(de_morgan, [(-1.0, 2.0), (0.5, 2.0), (3.0, 2.0)], (0, 1)),
    Program(conditional_chain, [(-1.0,), (0.5,), (1.5,), (2.5,)]),
    Program(conditional_in_call, [(1.0, 0.5), (-1.0, -0.5)], (0, 1)),
    Program(raise_in_else, [(2.0,), (-3.0,)], raising=((-0.5,),)),
    Program(clipped_denominator, [(2.0, 1.5), (2.0, -0.4), (2.0, 0.03)], (0, 1)),
]
