"""Functions whose calls stay calls, as users would write them, with points to differentiate at.

`tests/golden_calls/NAME.py` is what the compiler writes for `NAME`.
"""

import math

from tests.loop_functions import Case

# One number ---------------------------------------------------------------------------------


def power(x, n):
    if n < 1:
        return 1.0
    return x * power(x, n - 1)


def fibonacci(x, n):
    if n < 2:
        return x if n else 1.0
    return fibonacci(x, n - 1) + x * fibonacci(x, n - 2)


def rising(x, n):
    """The rising factorial."""
    return 1.0 if n == 0 else (x + n - 1) * rising(x, n - 1)


def legendre(n, x):
    if n == 0:
        return 1.0
    if n == 1:
        return x
    return ((2 * n - 1) * x * legendre(n - 1, x) - (n - 1) * legendre(n - 2, x)) / n


def product_tree(x, low, high):
    """The product of ``x + k`` by binary splitting."""
    if high - low == 1:
        return x + low
    middle = (low + high) // 2
    return product_tree(x, low, middle) * product_tree(x, middle, high)


def continued(x, k, n):
    return 1.0 if k > n else 1.0 + k * x / continued(x, k + 1, n)


def iterated_sine(x, n):
    if n == 0:
        return x
    return math.sin(iterated_sine(x, n - 1)) + 0.1 * x


# Several numbers ----------------------------------------------------------------------------


def mean_pair(a, b, n):
    if n == 0:
        return a, b
    return mean_pair(0.5 * (a + b), math.sqrt(a * b), n - 1)


def agm(a, b, n):
    low, high = mean_pair(a, b, n)
    return 0.5 * (low + high)


def series(x, n):
    """A term, and the sum up to it."""
    if n == 0:
        return 1.0, 1.0
    term, total = series(x, n - 1)
    term = term * x / n
    return term, total + term


def exponential(x, n):
    return series(x, n)[1]


def rotated(state, angle, n):
    if n == 0:
        return state
    x, y = state
    return rotated((x - angle * y, y + angle * x), angle, n - 1)


def spiral(x, angle, n):
    end = rotated((x, 1.0), angle, n)
    return end[0] * end[1]


# Mutual -------------------------------------------------------------------------------------


def even_steps(x, n):
    if n == 0:
        return x
    return odd_steps(1.1 * x, n - 1) * x


def odd_steps(x, n):
    if n == 0:
        return math.sin(x)
    return even_steps(x + 1.0, n - 1) + x


def first_of_three(x, n):
    return x if n < 1 else second_of_three(x * x, n - 1) - x


def second_of_three(x, n):
    return math.cos(x) if n < 1 else third_of_three(x, n - 1) * first_of_three(0.5 * x, n - 2)


def third_of_three(x, n):
    return 1.0 / (1.0 + x * x) if n < 1 else first_of_three(math.tanh(x), n - 1)


# Depths that are not differentiated ---------------------------------------------------------


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def of_depth(x, m, n):
    return x ** ackermann(m, n) / 7.0


def gcd(a, b):
    return a if b == 0 else gcd(b, a % b)


def reduced(x, a, b):
    return x * x / gcd(a, b)


# Functions as arguments ---------------------------------------------------------------------


def simpson(f, a, b, fa, fm, fb, tolerance, depth):
    middle = 0.5 * (a + b)
    left, right = 0.5 * (a + middle), 0.5 * (middle + b)
    fl, fr = f(left), f(right)
    whole = (b - a) / 6.0 * (fa + 4.0 * fm + fb)
    first = (middle - a) / 6.0 * (fa + 4.0 * fl + fm)
    second = (b - middle) / 6.0 * (fm + 4.0 * fr + fb)
    difference = first + second - whole
    if depth <= 0 or abs(difference) <= 15.0 * tolerance:
        return first + second + difference / 15.0
    return simpson(f, a, middle, fa, fl, fm, 0.5 * tolerance, depth - 1) + simpson(
        f, middle, b, fm, fr, fb, 0.5 * tolerance, depth - 1
    )


def adaptive_integral(k, b):
    def f(t):
        return math.exp(-k * t) * math.sin(t * t)

    return simpson(f, 0.0, b, f(0.0), f(0.5 * b), f(b), 1e-7, 20)


def bisected(f, low, high, n):
    middle = 0.5 * (low + high)
    if n == 0:
        return middle
    return bisected(f, middle, high, n - 1) if f(middle) < 0 else bisected(f, low, middle, n - 1)


def corrected_root(a):
    x = bisected(lambda t: t * t * t - a, 0.0, 3.0, 3)
    return x - (x * x * x - a) / (3.0 * x * x)


# Lists --------------------------------------------------------------------------------------


def horner(coefficients, x, k):
    if k == len(coefficients):
        return 0.0
    return coefficients[k] + x * horner(coefficients, x, k + 1)


def polynomial(x, coefficients):
    return horner(coefficients, x, 0)


def halves(xs, low, high):
    if high - low == 1:
        return xs[low] * xs[low]
    middle = (low + high) // 2
    return halves(xs, low, middle) + math.sin(halves(xs, middle, high))


def total_of_halves(xs):
    return halves(xs, 0, len(xs))


def sliced(xs, x):
    if not xs:
        return 0.0
    return xs[0] + x * sliced(xs[1:], x)


def sliced_polynomial(x, coefficients):
    return sliced(coefficients, x)


def dot(xs, ys, k):
    return 0.0 if k == len(xs) else xs[k] * ys[k] + dot(xs, ys, k + 1)


def square_of_a_list(xs):
    return dot(xs, xs, 0)


def two_ways(xs, ys):
    return dot(xs, ys, 0) * dot(ys, xs, 0) + xs[0]


def list_in_a_loop(xs, n):
    total = 0.0
    for i in range(n):
        total += xs[i] * dot(xs, xs, i) * math.sin(total)
    return total


def items_and_calls(xs):
    total = 0.0
    for x in xs:
        total = total * x + dot(xs, xs, 1) * x
    return total


def made_inside(x, n):
    xs = [x * i for i in range(n)]
    return dot(xs, xs, 0) + sum(xs) + dot([x, x * x, 1.0], [1.0, 2.0, 3.0], 0)


def chosen_list(xs, a):
    ys = [2.0 * v for v in xs]
    if a > 0:
        return dot(xs, ys, 0) * ys[0]
    return ys[1]


def merged(xs, ys):
    if not xs:
        return ys
    if not ys:
        return xs
    if xs[0] < ys[0]:
        return [xs[0], *merged(xs[1:], ys)]
    return [ys[0], *merged(xs, ys[1:])]


def merge_sorted(xs):
    if len(xs) <= 1:
        return xs
    middle = len(xs) // 2
    return merged(merge_sorted(xs[:middle]), merge_sorted(xs[middle:]))


def weighted_order(xs):
    total = 0.0
    ys = merge_sorted(xs)
    for i in range(len(ys)):
        total += ys[i] * (i + 1) ** 2
    return total


def fourier(re, im):
    """The fast Fourier transform (Cooley and Tukey 1965), of a power of two of numbers."""
    n = len(re)
    if n == 1:
        return re, im
    even_re, even_im = fourier(re[0::2], im[0::2])
    odd_re, odd_im = fourier(re[1::2], im[1::2])
    out_re, out_im = [0.0] * n, [0.0] * n
    for k in range(n // 2):
        c, s = math.cos(-2.0 * math.pi * k / n), math.sin(-2.0 * math.pi * k / n)
        turned_re = c * odd_re[k] - s * odd_im[k]
        turned_im = c * odd_im[k] + s * odd_re[k]
        out_re[k] = even_re[k] + turned_re
        out_im[k] = even_im[k] + turned_im
        out_re[k + n // 2] = even_re[k] - turned_re
        out_im[k + n // 2] = even_im[k] - turned_im
    return out_re, out_im


def spectrum(xs):
    re, im = fourier(xs, [0.0] * len(xs))
    total = 0.0
    for k in range(len(re)):
        total += (re[k] * re[k] + im[k] * im[k]) ** 2 * (k + 1)
    return total


# Where it is called -------------------------------------------------------------------------


def used_twice(x, n):
    y = power(x, n)
    return y * y + math.sin(y)


def called_in_a_loop(x, n):
    total = 0.0
    for k in range(n):
        total += power(x, k) * math.cos(total)
    return total


def called_in_a_branch(x, n):
    y = x * x
    if x > 1.0:
        y = power(y, n) + 1.0
    return y * x


def with_a_loop_inside(x, n):
    if n == 0:
        return x
    total = 0.0
    for k in range(3):
        total = total * x + math.sin(k * x)
    return with_a_loop_inside(0.3 * total, n - 1) * x


def with_branches_inside(x, n):
    if n == 0:
        return x
    if x > 1.0:
        y = with_branches_inside(0.5 * x, n - 1)
    elif x > 0.5:
        y = x * with_branches_inside(1.5 * x, n - 1)
    else:
        y = math.exp(x)
        if n % 2:
            y *= with_branches_inside(x + 1.0, n - 1)
    return y * math.cos(x)


def with_returns_inside(x, n):
    if n > 0:
        if x > 0.5:
            y = with_returns_inside(x * 0.7, n - 1)
            if y > 0.3:
                return y * x
            z = y + 1.0
        else:
            z = with_returns_inside(x + 0.5, n - 2)
        return z * z
    return x


def with_a_loop_around(x, n):
    """A tree with three branches at every node."""
    if n == 0:
        return math.sin(x)
    total = 1.0
    for k in range(3):
        total *= 1.0 + 0.1 * with_a_loop_around(x * (k + 1) / 2, n - 1)
    return total


def captured(x, n):
    scale = math.exp(-x)

    def inner(k):
        return scale if k < 1 else x * inner(k - 1) + scale

    return inner(n) * scale


def raising(x, n):
    if n < 0:
        raise ValueError("negative")
    return 1.0 if n == 0 else x * raising(x, n - 1)


def checked(x, n):
    assert x > 0.0, "positive"
    return x if n == 0 else math.log(1.0 + checked(x * 1.5, n - 1)) * x


CASES: dict[str, Case] = {
    case.function.__name__: case
    for case in (
        Case(
            power,
            (0,),
            (
                (1.3, 5),
                (0.7, 0),
                (-2.0, 3),
            ),
        ),
        Case(
            fibonacci,
            (0,),
            (
                (1.3, 7),
                (0.5, 1),
                (0.5, 0),
            ),
        ),
        Case(
            rising,
            (0,),
            (
                (0.4, 5),
                (2.5, 0),
            ),
        ),
        Case(
            legendre,
            (1,),
            (
                (6, 0.3),
                (1, 0.2),
                (0, 0.2),
            ),
        ),
        Case(
            product_tree,
            (0,),
            (
                (0.4, 0, 7),
                (1.5, 2, 3),
            ),
        ),
        Case(continued, (0,), ((0.7, 1, 8),)),
        Case(
            iterated_sine,
            (0,),
            (
                (0.7, 6),
                (0.7, 0),
            ),
        ),
        Case(
            agm,
            (0, 1),
            (
                (1.0, 2.5, 4),
                (3.0, 0.2, 0),
            ),
        ),
        Case(
            exponential,
            (0,),
            (
                (0.7, 12),
                (-1.5, 0),
            ),
        ),
        Case(
            spiral,
            (0, 1),
            (
                (0.8, 0.3, 5),
                (0.8, 0.3, 0),
            ),
        ),
        Case(
            even_steps,
            (0,),
            (
                (0.3, 5),
                (0.3, 4),
                (0.3, 0),
            ),
        ),
        Case(
            first_of_three,
            (0,),
            (
                (0.3, 7),
                (0.4, 2),
                (0.4, 0),
            ),
        ),
        Case(of_depth, (0,), ((1.1, 2, 2),)),
        Case(reduced, (0,), ((1.5, 48, 36),)),
        Case(
            adaptive_integral,
            (0, 1),
            (
                (0.5, 2.0),
                (1.5, 0.7),
            ),
        ),
        Case(corrected_root, (0,), ((2.0,),)),
        Case(
            polynomial,
            (0, 1),
            (
                (0.7, [1.0, -2.0, 0.5, 3.0]),
                (0.7, []),
            ),
        ),
        Case(total_of_halves, (0,), (([0.3, 1.2, -0.4, 2.0, 0.7],),)),
        Case(sliced_polynomial, (0, 1), ((0.7, [1.0, -2.0, 0.5, 3.0]),)),
        Case(square_of_a_list, (0,), (([0.3, 1.2, -0.4],),)),
        Case(two_ways, (0, 1), (([0.3, 1.2, -0.4], [1.0, 2.0, 0.5]),)),
        Case(list_in_a_loop, (0,), (([0.3, 1.2, -0.4, 2.0], 4),)),
        Case(items_and_calls, (0,), (([0.3, 1.2, -0.4, 2.0],),)),
        Case(made_inside, (0,), ((1.3, 4), (1.3, 0))),
        Case(chosen_list, (0,), (([0.3, 1.2, -0.4], 1.0), ([0.3, 1.2, -0.4], -1.0))),
        Case(weighted_order, (0,), (([0.3, 1.2, -0.4, 2.0, 0.7],),)),
        Case(spectrum, (0,), (([0.3, 1.2, -0.4, 2.0, 0.7, 0.1, 1.5, -0.8],),)),
        Case(used_twice, (0,), ((1.1, 4),)),
        Case(
            called_in_a_loop,
            (0,),
            (
                (0.9, 5),
                (0.9, 0),
            ),
        ),
        Case(
            called_in_a_branch,
            (0,),
            (
                (1.2, 3),
                (0.8, 3),
            ),
        ),
        Case(with_a_loop_inside, (0,), ((1.2, 4),)),
        Case(
            with_branches_inside,
            (0,),
            (
                (1.3, 6),
                (0.6, 5),
                (0.2, 4),
                (0.3, 3),
                (2.0, 1),
            ),
        ),
        Case(with_returns_inside, (0,), ((0.7, 3), (0.35, 4), (1.2, 1), (0.7, 0))),
        Case(with_a_loop_around, (0,), ((0.9, 3),)),
        Case(
            captured,
            (0,),
            (
                (0.7, 4),
                (0.7, 0),
            ),
        ),
        Case(raising, (0,), ((0.7, 4),)),
        Case(checked, (0,), ((0.7, 4),)),
    )
}
