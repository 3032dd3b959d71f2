"""Programs that call: helpers with every kind of argument, closures, methods, lambdas."""

import math
from functools import partial
from typing import NamedTuple

from tests.corpus.program import Program

OFFSET = 0.25


def square(x):
    return x * x


def scaled(x, factor=2.0, *, shift=0.0):
    return factor * x + shift


def ramp(x, low=-1.0, high=OFFSET * 4 + 1):
    """A default that is an expression."""
    return (x - low) / (high - low)


def first(x, /, y):
    return x * x + y


def polynomial(x, *coefficients):
    a, b, c = coefficients
    return a + x * (b + x * c)


def weighted(x, **weights):
    return weights["alpha"] * x + weights.get("beta", 1.0) * x * x


def identity(x):
    return x


def divide(a, b):
    if b == 0:
        raise ZeroDivisionError("b is zero")
    return a / b


def polar(x, y):
    return math.hypot(x, y), math.atan2(y, x)


def twice(function, x):
    return function(function(x))


def compose(outer, inner):
    return lambda x: outer(inner(x))


def adder(amount):
    def add(x):
        return x + amount

    return add


def call_helpers(x, y):
    return square(x) + scaled(y) + square(y)


def call_by_keyword(x, y):
    return scaled(factor=x, x=y) + scaled(x, shift=y) + scaled(y, 3, shift=square(x))


def call_defaults(x):
    return ramp(x) + ramp(x, 0) * ramp(x, high=x + 3)


def call_positional_only(x, y):
    return first(y, y=x) - first(x, 2.0)


def call_with_star(x, y):
    coefficients = (y, 2.0, x)
    return polynomial(x, *coefficients) + polynomial(y, 1.0, *(x, y))


def call_with_double_star(x, y):
    options = {"alpha": y, "beta": x}
    return weighted(x, **options) + weighted(y, alpha=x)


def same_helper_twice(x):
    return scaled(scaled(x, x), scaled(x))


def same_argument_twice(x):
    return polar(x, x)[0] * first(x, x)


def through_identity(x, y):
    z = identity(x)
    z = z * identity(y)
    return identity(identity(z)) + x


def helper_that_raises(x, y):
    return divide(x, y) + divide(y, x)


def tuple_from_helper(x, y):
    radius, angle = polar(x, y)
    back = radius * math.cos(angle), radius * math.sin(angle)
    return back[0] * back[1] + radius


def function_as_argument(x):
    return twice(math.sin, x) + twice(square, x) + twice(lambda v: v / (1 + v * v), x)


def function_as_result(x, y):
    f = compose(math.exp, lambda v: -v * v)
    shift = adder(y)
    return f(x) * shift(x)


def partial_application(x, y):
    grow = partial(scaled, factor=y)
    return grow(x) + grow(y, shift=x)


def lambda_with_default(x, y):
    power = lambda base, exponent=2, *, scale=1.0: scale * base**exponent
    return power(x) + power(y, 3) + power(x, scale=y)


def immediate_lambda(x, y):
    return (lambda a, b: a * b + a)(x * y, y)


def chosen_function(x, y):
    f = math.sin if y > 0 else math.cos
    return f(x) * y


def closure_over_active(x, y):
    scale = x * y

    def apply(v):
        return scale * v + x

    return apply(x) * apply(y)


def closure_sees_the_variable(x):
    scale = 1.0

    def apply(v):
        return scale * v

    before = apply(x)
    scale = x * 3
    return before + apply(x)


def closure_with_nonlocal(x):
    calls = 0
    total = 1.0

    def step(v):
        nonlocal calls, total
        calls += 1
        total = total * math.cos(v) + x
        return v * total

    y = step(x)
    y = step(y) + calls
    return y * total


def nonlocal_order(x):
    """The left operand is read before the call changes it."""
    state = x

    def bump():
        nonlocal state
        state = state * 2.0
        return state

    return state * bump() + state


def nested_closures(x, y):
    def outer(a):
        b = a * x

        def inner(c):
            return b * c + y

        return inner(a) + inner(b)

    return outer(y) + outer(1.5)


def closure_in_branch(x, y):
    if x > y:

        def f(v):
            return v * x
    else:

        def f(v):
            return v + y

    return f(x) * f(y)


class Spring:
    """A user's class: constants on the instance, a method that calls another."""

    exponent = 2

    def __init__(self, stiffness, rest):
        self.stiffness = stiffness
        self.rest = rest

    def stretch(self, x):
        return x - self.rest

    def energy(self, x, damping=0.0):
        return 0.5 * self.stiffness * self.stretch(x) ** self.exponent + damping * x

    @staticmethod
    def cube(x):
        return x**3


SPRING = Spring(3.0, 0.4)


class Bounds(NamedTuple):
    low: float
    high: float


def method_of_constant(x):
    return SPRING.energy(x) + SPRING.energy(x, damping=x) + Spring.cube(x)


def attribute_of_constant(x):
    return x * SPRING.stiffness + SPRING.rest


def bound_method_as_value(x):
    f = SPRING.stretch
    return twice(f, x) * x


def named_tuple(x, y):
    bounds = Bounds(low=x - 1, high=y + 2)
    low, high = bounds
    return (bounds.high - bounds.low) * low + high


def builtins_of_tuples(x, y):
    values = (x, y * y, 0.5)
    total = sum(values) + len(values)
    return total * max(values) - min(values) + sum((x, y), start=2.0)


def power_of_builtins(x, y):
    return pow(x, 3) + pow(x, y) + abs(-x) ** y + max(x, y, 0.1) * min(x, y, 5)


def product_of_tuple(x, y):
    return math.prod((x, y, x)) + math.fsum((x, y, 0.5))


def helper_in_condition(x, y):
    if square(x) > square(y):
        return scaled(x)
    return scaled(y, x)


def local_import(x):
    from math import tanh

    return tanh(x) * x


def docstring_and_annotations(x: float, y: "float" = 1.0) -> float:
    """A documented function.

    Its docstring has more than one line.
    """
    z: float = x * y  # a comment
    w: float
    w = z + x
    return (
        w
        # a comment in an expression
        * z
    )


PROGRAMS = [
    Program(call_helpers, [(0.7, 1.3)], (0, 1)),
    Program(call_by_keyword, [(0.7, 1.3)], (0, 1)),
    Program(call_defaults, [(0.7,)]),
    Program(call_positional_only, [(0.7, 1.3)], (0, 1)),
    Program(call_with_star, [(0.7, 1.3)], (0, 1)),
    Program(call_with_double_star, [(0.7, 1.3)], (0, 1)),
    Program(same_helper_twice, [(0.7,)]),
    Program(same_argument_twice, [(0.7,)]),
    Program(through_identity, [(0.7, 1.3)], (0, 1)),
    Program(helper_that_raises, [(0.7, 1.3)], (0, 1), raising=((0.7, 0.0), (0.0, 1.0))),
    Program(tuple_from_helper, [(0.7, 1.3), (-0.7, 1.3)], (0, 1)),
    Program(function_as_argument, [(0.7,)]),
    Program(function_as_result, [(0.7, 1.3)], (0, 1)),
    Program(lambda_with_default, [(0.7, 1.3)], (0, 1)),
    Program(immediate_lambda, [(0.7, 1.3)], (0, 1)),
    Program(chosen_function, [(0.7, 1.3), (0.7, -1.3)], (0, 1)),
    Program(closure_over_active, [(0.7, 1.3)], (0, 1)),
    Program(closure_sees_the_variable, [(0.7,)]),
    Program(closure_with_nonlocal, [(0.7,)]),
    Program(nonlocal_order, [(0.7,)]),
    Program(nested_closures, [(0.7, 1.3)], (0, 1)),
    Program(closure_in_branch, [(0.7, 1.3), (1.7, 1.3)], (0, 1)),
    Program(method_of_constant, [(0.7,)]),
    Program(attribute_of_constant, [(0.7,)]),
    Program(bound_method_as_value, [(0.7,)]),
    Program(builtins_of_tuples, [(0.7, 1.3), (2.0, 0.3)], (0, 1)),
    Program(power_of_builtins, [(0.7, 1.3), (1.7, 0.3)], (0, 1)),
    Program(product_of_tuple, [(0.7, 1.3)], (0, 1)),
    Program(helper_in_condition, [(0.7, 1.3), (1.7, 1.3)], (0, 1)),
    Program(docstring_and_annotations, [(0.7,), (0.7, 1.3)]),
    Program(SPRING.energy, [(0.7,), (0.7, 0.2)]),
    Program(adder(1.5), [(0.7,)]),
]

# Not promised yet: a compiler may refuse these, but may not be wrong.
EXTRAS = [
    Program(partial_application, [(0.7, 1.3)], (0, 1)),
    Program(named_tuple, [(0.7, 1.3)], (0, 1)),
    Program(local_import, [(0.7,)]),
]
