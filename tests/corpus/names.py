"""Programs that are hard for names: shadowing, collisions with adjoints, versions, tuples."""

import math

from tests.corpus.program import Program

scale = 2.0
t = 100.0


def arguments_y_e_t(y, e, t):
    x = y * e
    return x + t * e**y


def user_bar_names(x, y):
    """The user has means called x_bar: adjoints must be named otherwise."""
    x_bar = (x + y) / 2
    y_bar = x_bar * x
    return y_bar - x_bar**2


def user_adj_and_bar_names(x_bar, x_adj):
    x = x_bar * x_adj
    result_bar = x * x_bar
    return result_bar + x_adj


def user_numbered_names(x, x_1):
    x_2 = x * x_1
    x = x_2 + x
    x_1 = x * x_2
    return x_1 * x


def local_called_sum(x, y):
    sum = x + y
    max = sum * x
    return max - sum * y


def local_called_like_a_constant(x):
    scale = x * x
    t = scale + 1
    return scale * t


def parameter_called_like_a_constant(scale, t=3.0):
    return scale * scale * t


def global_and_parameter(x):
    return helper_with_same_names(x, scale) * scale


def helper_with_same_names(x, y):
    z = x * y
    w = z + x
    x = w * w
    return x - z


def caller_with_same_names(x, y):
    z = x + y
    w = helper_with_same_names(z, x)
    x = helper_with_same_names(w, z)
    return x * z + w


def swapped_arguments(x, y):
    return helper_with_same_names(y, x) - helper_with_same_names(x, y)


def lambda_parameter_shadows(x, y):
    f = lambda x: x * y + 1
    return f(y) * x + f(x)


def inner_parameter_shadows(x, y):
    def g(y):
        x = y * 2
        return x * y

    return g(x) + x * y


def rebound_before_use(x, y):
    x = 3.0
    y = y * x
    return y


def rebound_parameter(x):
    x = x * x
    x = math.sin(x)
    x = x + x * x
    x = -x
    return x


def unused_argument(x, y, z):
    return x * z


def unchanged_argument(x):
    return x


def alias(x, y):
    a = x
    b = a
    a = a * y
    return a * b


def swap(x, y):
    x, y = y, x
    x, y = y * 2, x
    return x**2 * y


def rotate(a, b, c):
    a, b, c = b, c, a
    c, a = a * b, c
    return a - 2 * b + 3 * c * a


def tuple_round_trip(x, y):
    pair = x * y, x + y
    (p, q), r = pair, x
    nest = ((p, q), (r, (p * q, 1)))
    (a, b), (c, (d, e)) = nest
    return a * nest[1][1][0] + b * c + d * e


def starred(x, y):
    head, *middle, last = (x, x * y, y, 2.0, x + y)
    *rest, end = middle
    return head * last + middle[0] * end + rest[-1] + len(middle)


def negative_index(x, y):
    values = (x, y, x * y)
    return values[-1] * values[-3] + (values, x)[0][-2]


def slices_of_tuples(x, y):
    values = (x, y, x * y)
    return values[1:][0] * (values + (x,))[3] - values[::-1][0]


def multiple_targets(x):
    a = b = c = x * x
    a += 1
    b *= a
    return a * b * c


def augmented(x, y):
    z = x
    z += y
    z -= 2 * x
    z *= z
    z /= y
    z **= 2
    z //= 0.01
    z %= 50.0
    w = x
    w **= y
    return z + w


def self_reference(x, y):
    x = x if x > y else x + y * x
    y = y + x if y else y
    return x * y


def same_value_many_times(x):
    y = x * x * x + x / x + x - x + x**x
    return y + y * y


def cancelling(x, y):
    z = x - x
    return z * y + x * 0 + y


def deep_expression(x):
    return math.sin(math.cos(math.exp(-math.sqrt(1 + math.log1p(x * x) ** 2)) / (1 + x)) * x) ** 3


def unary_signs(x, y):
    return -x - -y + +x * -(-y) - (-x) ** 2 - -(x**2) + (-2.0) ** 3 * x + 2**-y  # noqa: B002


def associativity(x, y, z):
    return x - (y - z) - x / (y / z) + x**y**0.5 + (x**y) ** z - (x - y) * z / x / y


def unicode_names(α, β):
    λ_1 = α * β
    θ = λ_1 + α
    return θ * λ_1


def keywords_nearby(x, lambda_=2.0, *, in_=1.0):
    class_ = lambda_ * x
    return class_ * x + in_


def math_like_locals(x):
    exp = x * x
    log = exp + 1
    return math.exp(-exp) * math.log(log)


def annotated_without_value(x):
    y: float
    if x > 0:
        y = x * x
    else:
        y = 1
    return y * x


def dead_stores(x, y):
    a = x * y
    a = x + y
    b = a
    b = 2.0
    return a * b


def deleted_name(x, y):
    product = x * y
    result = product * x
    del product
    return result


def underscore(x, y):
    _, z = x * y, x + y
    _ = z * z
    return _ * x


PROGRAMS = [
    Program(arguments_y_e_t, [(0.7, 1.3, 0.4)], (0, 1, 2)),
    Program(user_bar_names, [(0.7, 1.3)], (0, 1)),
    Program(user_adj_and_bar_names, [(0.7, 1.3)], (0, 1)),
    Program(user_numbered_names, [(0.7, 1.3)], (0, 1)),
    Program(local_called_sum, [(0.7, 1.3)], (0, 1)),
    Program(local_called_like_a_constant, [(0.7,)]),
    Program(parameter_called_like_a_constant, [(0.7,), (0.7, 1.5)]),
    Program(global_and_parameter, [(0.7,)]),
    Program(caller_with_same_names, [(0.7, 1.3)], (0, 1)),
    Program(swapped_arguments, [(0.7, 1.3)], (0, 1)),
    Program(lambda_parameter_shadows, [(0.7, 1.3)], (0, 1)),
    Program(inner_parameter_shadows, [(0.7, 1.3)], (0, 1)),
    Program(rebound_before_use, [(0.7, 1.3)], (0, 1)),
    Program(rebound_parameter, [(0.7,)]),
    Program(unused_argument, [(0.7, 1.3, 0.4)], (0, 1, 2)),
    Program(unchanged_argument, [(0.7,)]),
    Program(alias, [(0.7, 1.3)], (0, 1)),
    Program(swap, [(0.7, 1.3)], (0, 1)),
    Program(rotate, [(0.7, 1.3, 0.4)], (0, 1, 2)),
    Program(tuple_round_trip, [(0.7, 1.3)], (0, 1)),
    Program(starred, [(0.7, 1.3)], (0, 1)),
    Program(negative_index, [(0.7, 1.3)], (0, 1)),
    Program(multiple_targets, [(0.7,)]),
    Program(augmented, [(0.7034, 1.3)], (0, 1)),
    Program(self_reference, [(0.7, 1.3), (1.7, 1.3)], (0, 1)),
    Program(same_value_many_times, [(0.7,)]),
    Program(cancelling, [(0.7, 1.3)], (0, 1)),
    Program(deep_expression, [(0.7,)]),
    Program(unary_signs, [(0.7, 1.3)], (0, 1)),
    Program(associativity, [(0.7, 1.3, 0.4)], (0, 1, 2)),
    Program(unicode_names, [(0.7, 1.3)], (0, 1)),
    Program(keywords_nearby, [(0.7,), (0.7, 1.3)], 0),
    Program(math_like_locals, [(0.7,)]),
    Program(annotated_without_value, [(0.7,), (-0.7,)]),
    Program(dead_stores, [(0.7, 1.3)], (0, 1)),
    Program(underscore, [(0.7, 1.3)], (0, 1)),
]

# Not promised yet: a compiler may refuse these, but may not be wrong.
EXTRAS = [
    Program(deleted_name, [(0.7, 1.3)], (0, 1)),
    Program(slices_of_tuples, [(0.7, 1.3)], (0, 1)),
]
