"""Functions whose try statements stand around what is differentiated, each with its points.

At the points both ways are taken: the body comes through, and it raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

#: A function and its points.
TRIED: list[tuple[Callable[..., Any], list[tuple[Any, ...]]]] = []


def at(*points: tuple[Any, ...]) -> Callable[[Any], Any]:
    def noted(function: Any) -> Any:
        TRIED.append((function, list(points)))
        return function

    return noted


@at((2.0,), (-2.0,))
def log_or_square(x):
    try:
        y = math.log(x)
    except ValueError:
        y = x * x
    return 3.0 * y


@at((2.0,), (-2.0,))
def returns_in_both(x):
    try:
        return math.sqrt(x) * x
    except ValueError:
        return x**3


@at((2.0, 3.0), (0.0, 3.0))
def three_ways(x, z):
    try:
        y = z / x
    except ZeroDivisionError:
        y = z * z
    except ValueError as e:
        raise RuntimeError("no") from e
    else:
        y = y * y
    return y * y + x


@at((1.5, 3.0), (0.0, 3.0), (-1.0, 2.0), (800.0, 2.0))
def which_of_three(x, z):
    try:
        y = z / math.log(1.0 + x) + math.exp(x)
    except ZeroDivisionError:
        y = z * z
    except (ValueError, TypeError):
        y = z * x * x
    except OverflowError:
        y = x * x * z * z
    return y * y


@at(([2.0, -1.0, 3.0],), ([-1.0, 2.0],), ([-1.0],), ([],))
def continues(xs):
    s = 0.0
    for x in xs:
        try:
            y = math.log(x)
        except ValueError:
            continue
        s += y * y * x
    return s


@at(([2.0, 1.5, -1.0, 3.0],), ([-1.0, 2.0],), ([2.0],), ([],))
def breaks(xs):
    s = 1.0
    for x in xs:
        try:
            y = math.sqrt(x) * x
        except ValueError:
            break
        s = s * y
    return s * s


@at(([2.0, 1.5, -1.0, 3.0],), ([-1.0, 2.0],), ([2.0],), ([],))
def breaks_at_else(xs):
    s = 1.0
    for x in xs:
        try:
            y = math.log(x)
        except ValueError:
            s = s + x * x
        else:
            s = s * y
            if s > 0.1:
                break
            s = s + y
    return s * s


@at(([2.0, -1.0, 3.0, -2.0],), ([],))
def in_a_turn(xs):
    s = 0.3
    for x in xs:
        try:
            y = math.log(x) * s
        except ValueError:
            y = 3 * x * s
        s += y * y
    return s


@at(([2.0, 0.5, 3.0],), ([2.0, -1.0, 3.0],), ([],))
def returns_in_a_turn(xs):
    s = 0.3
    for x in xs:
        try:
            s = s * math.log(x) + x
        except ValueError:
            return s * x
    return s * s


@at((2.0,), (-2.0,))
def binds_anew(x):
    try:
        x = x * math.log(x)
    except ValueError:
        pass
    return x * x


@at((9.0,), (2.0,), (-2.0,))
def several_statements(x):
    try:
        a = math.log(x)
        b = math.sqrt(x - 5)
        r = a * b
    except ValueError:
        r = x * x
    return r * x


@at((9.0, 1.0), (2.0, 1.0), (9.0, 0.0))
def nested(x, z):
    try:
        a = x * x / z
        try:
            b = math.sqrt(x - 5)
        except ValueError:
            b = x * z
        r = a * b
    except ZeroDivisionError:
        r = x * x
    return r * x


@at((9.0, 1.0), (2.0, 1.0), (9.0, 0.0), (2.0, 0.0))
def raises_again(x, z):
    try:
        try:
            b = math.sqrt(x - 5)
        except ValueError:
            if z == 0.0:
                raise
            b = x * z
    except ValueError as e:
        print(e)
        b = x * x
    return b * x


def checked(x):
    if x < 0.0:
        raise ValueError("negative")
    return math.sqrt(1.0 + x) * x


@at((1.0,), (-1.0,))
def helper_raises(x):
    try:
        y = checked(x)
    except ValueError:
        y = checked(-x) * x
    return y * y


@at(([1.0, -1.0, 2.0],), ([-1.0],))
def helper_raises_in_turns(xs):
    s = 1.0
    for x in xs:
        try:
            y = checked(x)
        except ValueError:
            y = checked(-x) * x
        s = s * y + x
    return s


def safe_log(x):
    try:
        return math.log(x)
    except ValueError:
        return x * x


@at(([1.5, -1.0, 2.0],), ([],))
def helper_catches(xs):
    s = 1.0
    for x in xs:
        s = s * safe_log(x) + x
    return s


@at((1.0, 2.0), (-1.0, 2.0))
def own_exception(x, z):
    class_of = ArithmeticError
    try:
        if x < 0.0:
            raise ArithmeticError("no")
        y = x * z
    except class_of:
        y = z * z * x
    return y * y


@at(([1.0, 2.0], 1), ([1.0, 2.0], 2))
def beyond_the_end(xs, k):
    try:
        y = xs[k] * xs[0]
    except IndexError:
        y = xs[0] ** 3
    return y * y


@at((4.0,), (-1.0,))
def value_not_needed(x):
    try:
        math.sqrt(x)
    except ValueError:
        return x * x
    return 5.0 * x * x * x


@at((4.0,), (-1.0,))
def everything_caught(x):
    try:
        y = 1.0 / math.sqrt(x)
    except:  # noqa: E722
        y = x * x
    return y


@at((3.0,))
def never_raises(x):
    try:
        y = x * x
    except ValueError:
        y = 0.0
    return y * x


@at((3.0,), (-3.0,))
def body_prints(x):
    try:
        print("before")
        y = math.log(x)
        print("after")
    except ValueError as e:
        print("caught", e)
        y = x * x
    return y * x


@at((3.0, 0.5), (-3.0, 0.5))
def inactive_in_handler(x, z):
    bad = 0
    try:
        y = math.log(x)
    except ValueError:
        y = 0.0
        bad = bad + 1
    return y * x + bad * z


@at((0.0, 1.0), (2.0, 1.0))
def order_of_exceptions(x, z):
    try:
        y = z / x + math.log(x) * math.log(x)
    except ZeroDivisionError:
        y = z * 5.0
    except ValueError:
        y = z * 7.0
    return y


@at((9.0,), (-1.0,), (2.0,))
def same_again_outside(x):
    a = x * x
    try:
        b = math.sqrt(x) * a
    except ValueError:
        b = a * 2.0
    if x > 0.0:
        b = b + math.sqrt(x)
    return b


@at(([4.0, -1.0],), ([],), ([1.0, 9.0],))
def loop_in_the_body(xs):
    try:
        s = 1.0
        for x in xs:
            s = s * math.sqrt(x)
        t = s * s
    except ValueError:
        t = 5.0
        for x in xs:
            t = t * x
    return t


@at(([4.0, -1.0],), ([2.0],), ([1.0, 9.0],))
def sum_in_the_body(xs):
    try:
        t = sum(math.sqrt(x) * x for x in xs)
    except ValueError:
        t = sum(x * x for x in xs)
    return t * t


@at((4.0, 3), (-1.0, 3), (4.0, 0))
def while_in_turns(x, n):
    while n > 0:
        try:
            x = math.sqrt(x) * 3.0
        except ValueError:
            x = 1.0 - x
        n -= 1
    return x * x


@at((4.0, 3), (-1.0, 3), (4.0, 0))
def two_nested_loops(x, n):
    s = 0.0
    for i in range(n):
        for j in range(i):
            try:
                s = s + math.sqrt(x - j) * s + x
            except ValueError:
                s = s - x * x
        x = x * 0.9
    return s


@at((0.5, 1.0), (2.0, 1.0), (0.5, 0.0))
def kinds_by_value(x, z):
    try:
        y = math.asin(x) / z
    except (ValueError, ZeroDivisionError) as error:
        y = x if isinstance(error, ValueError) else x * x
    return y * y


@at(([1.0, 2.0, 3.0],), ([1.0, -2.0, 3.0],))
def stores(xs):
    ys = [0.0] * len(xs)
    for i in range(len(xs)):
        try:
            ys[i] = math.log(xs[i]) * xs[0]
        except ValueError:
            ys[i] = xs[i] * xs[i]
    return sum(y * y for y in ys)


@at(([1.0, 2.0, 3.0],), ([1.0, -2.0, 3.0],))
def appends(xs):
    ys = []
    for x in xs:
        try:
            ys.append(math.log(x) * xs[0])
        except ValueError:
            pass
    return sum(y * y for y in ys)


@at((7.3, 5), (-1.0, 2), (3.0, 0))
def returns_what_works(x, n):
    for place in range(n, -1, -1):
        try:
            return math.sqrt(x - 2 * place) * x
        except ValueError:
            x = x * 1.5
    return x


@at((0.7, 3), (3.0, 3), (30.0, 2), (3.0, 0))
def breaks_before_an_else_that_returns(x, n):
    for _ in range(n):
        try:
            x = x * math.sqrt(2 - x)
            break
        except ValueError:
            x = x * 0.5
    else:
        return x * x
    return x
