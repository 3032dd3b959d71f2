"""Gradients through functions that are values: in tables, bound, passed, made inside, decorated."""

import functools
import math
import operator
import reprlib
from collections.abc import Callable

import pytest

from sourcediff import DifferentiationError, grad, tape, value_and_grad
from tests.test_recursion import is_right_or_refused

# Tables -------------------------------------------------------------------------------------

OPERATIONS = {"add": operator.add, "mul": lambda x, y: x * y, "pow": pow}
ACTIVATIONS = [math.tanh, math.sin, lambda x: x / (1.0 + x * x)]


def through_a_table(x, y, name="mul"):
    return OPERATIONS[name](x, y) + OPERATIONS["add"](x, y) + OPERATIONS["pow"](x, 3.0)


def through_a_table_made_inside(x):
    table = {"s": math.sin, "c": math.cos}
    return table["s"](x) * table["c"](x) + [math.sin, math.cos][1](x)


def by_a_place(x, k):
    return [math.sin, math.cos][k](x) * ACTIVATIONS[k](x)


def by_a_key(x, k):
    table = {0: math.sin, 1: math.cos, 7: lambda t: t * math.exp(x * t)}
    return table[k](x)


def by_the_turn(x, n):
    y = x
    for i in range(n):
        y = ACTIVATIONS[i % 3](y) * x + 0.3
    return y


def all_of_a_table(x):
    total = 0.0
    for activation in ACTIVATIONS:
        total += activation(total + x)
    return total


# Bound, passed, made inside -----------------------------------------------------------------


def bound(x):
    def line(a, b, c=1.0):
        return a * b + c * x

    first = functools.partial(line, x, c=2.0)
    return first(x * x) + functools.partial(line, b=2.0)(x) + functools.partial(pow, x)(3.0)


def integrate(f, a, b, n):
    h = (b - a) / n
    total = 0.0
    for k in range(n):
        total += f(a + (k + 0.5) * h)
    return total * h


def integral(k, b):
    return integrate(lambda t: math.exp(k * t), 0.0, b, 10)


def cube(t):
    return t**3


def made_by_a_function(x):
    def scaled(k):
        def inner(t):
            return t * k * x

        return inner

    return scaled(2.0)(x) * scaled(3.0)(x)


def composed(x):
    def compose(*functions):
        def all_of_them(x):
            for function in functions:
                x = function(x)
            return x

        return all_of_them

    return compose(math.sin, math.exp, lambda t: t * t * x)(x)


def chosen(x, flag):
    f = math.sin if flag else math.cos
    g = (lambda t: t * t) if x > 1.0 else math.exp
    return f(x) * g(x)


def default(x, f=math.sin, k=2.0):
    return f(x) * k


def apply(f, x, n):
    return x if n == 0 else f(apply(f, x, n - 1))


def applied(x, a, n):
    return apply(lambda t: math.sin(a * t), x, n)


def newton(f, slope, x, n):
    return x if n == 0 else newton(f, slope, x - f(x) / slope(x), n - 1)


def root(a, n):
    return newton(lambda t: t * t - a, lambda t: 2.0 * t, 1.0, n)


# Decorated ----------------------------------------------------------------------------------


def doubled(f):
    @functools.wraps(f)
    def wrapper(*args, **options):
        return 2.0 * f(*args, **options)

    return wrapper


@functools.cache
def cached(x):
    return x * x * x


def through_a_cache(x):
    return cached(x) + cached(x + 1.0)


@functools.cache
def cached_recursion(n, x):
    return x if n < 2 else cached_recursion(n - 1, x) + x * cached_recursion(n - 2, x)


def through_a_cached_recursion(x, n):
    return cached_recursion(n, x)


@doubled
def decorated(x, y=3.0):
    return x * x * y


@doubled
def decorated_recursion(x, n, k=1.5):
    return x * k if n < 1 else x * decorated_recursion(x, n - 1, k=k + x)


PROGRAMS = [
    (through_a_table, (1.2, 2.0), 0),
    (through_a_table_made_inside, (0.7,), 0),
    *((by_a_place, (0.7, k), 0) for k in (0, 1, -1)),
    *((by_a_key, (0.7, k), 0) for k in (0, 1, 7)),
    (by_the_turn, (0.7, 5), 0),
    (by_the_turn, (0.7, 0), 0),
    (all_of_a_table, (0.7,), 0),
    (bound, (1.3,), 0),
    (integral, (0.5, 1.0), 0),
    (integral, (0.5, 1.0), 1),
    (integrate, (cube, 0.0, 1.0, 10), 1),
    (integrate, (lambda t: t * t, 0.0, 1.0, 10), 2),
    (integrate, (math.sin, 0.0, 1.0, 10), 2),
    (integrate, (functools.partial(pow, 2.0), 0.0, 1.0, 10), 2),
    (made_by_a_function, (1.1,), 0),
    (composed, (0.7,), 0),
    (chosen, (0.7, True), 0),
    (chosen, (1.7, False), 0),
    (default, (0.7,), 0),
    (applied, (0.7, 1.1, 4), 0),
    (applied, (0.7, 1.1, 4), 1),
    (apply, (math.sin, 0.7, 5), 1),
    (apply, (lambda t: t * t, 0.7, 0), 1),
    (root, (2.0, 5), 0),
    (through_a_cache, (1.1,), 0),
    (through_a_cached_recursion, (1.1, 5), 0),
    (decorated, (1.1,), 0),
    (decorated_recursion, (1.1, 3), 0),
]


def slope(function: Callable[..., float], args, place):
    estimates = []
    for h in (1e-4, 5e-5):
        here, there = list(args), list(args)
        here[place] += h
        there[place] -= h
        estimates.append((function(*here) - function(*there)) / (2 * h))
    coarse, fine = estimates
    return fine + (fine - coarse) / 3  # Richardson


@pytest.mark.parametrize(("function", "args", "place"), PROGRAMS)
def test_derivatives_are_the_differences(function, args, place):
    first = grad(function, argnums=place)
    value, same = value_and_grad(function, argnums=place)(*args)
    assert value == function(*args)
    assert same == first(*args)
    assert math.isclose(same, slope(function, args, place), rel_tol=1e-7, abs_tol=1e-9)
    expected = slope(first, args, place)
    assert math.isclose(grad(first, argnums=place)(*args), expected, rel_tol=1e-6, abs_tol=1e-8)
    if "cache" not in function.__name__:  # which the tape's numbers are no keys of
        taped = tape.gradient(function, *args, argnums=place)
        assert math.isclose(same, taped, rel_tol=1e-12, abs_tol=1e-14)


def test_a_place_that_is_not_there_raises_what_python_raises():
    for function, error in ((by_a_place, IndexError), (by_a_key, KeyError)):
        with pytest.raises(error):
            grad(function)(0.7, 3)


def test_a_table_outside_is_read_at_every_call(monkeypatch):
    derivative = grad(through_a_table)
    before = derivative(1.2, 2.0)
    monkeypatch.setitem(OPERATIONS, "mul", operator.sub)
    assert math.isclose(derivative(1.2, 2.0), before - 2.0 + 1.0)
    monkeypatch.setitem(OPERATIONS, "add", lambda x, y: x * y)
    assert math.isclose(derivative(1.2, 2.0), before - 1.0 + 1.0)


# Objects that recursive functions are handed ------------------------------------------------


class Point:
    def __init__(self, x, v):
        self.x = x
        self.v = v


def moved(p, n):
    if n == 0:
        return Point(p.x, p.v)
    return moved(Point(p.x + 0.1 * p.v, p.v - 0.1 * math.sin(p.x)), n - 1)


def test_an_object_is_passed_as_what_it_holds():
    def f(x, n):
        end = moved(Point(x, x * x), n)
        return end.x * end.v

    assert math.isclose(grad(f)(0.7, 4), tape.gradient(f, 0.7, 4), rel_tol=1e-12)
    second = slope(grad(f), (0.7, 4), 0)
    assert math.isclose(grad(grad(f))(0.7, 4), second, rel_tol=1e-6)


def test_an_object_that_is_handed_on_is_not_changed_unseen():
    def same(p, n):
        return p if n == 0 else same(Point(p.v, p.x), n - 1)

    def kicked(p, n):
        p.x = p.x * p.v
        return p.x if n == 0 else kicked(p, n - 1)

    def returned(x, n):
        p = Point(x, x)
        q = same(p, n)
        p.x = 5.0
        return q.x

    def changed(x, n):
        p = Point(x, x)
        kicked(p, n)
        return p.x

    for function in (returned, changed):
        is_right_or_refused(function, 0.7, 2)


def test_a_list_of_functions_that_grows_in_a_branch_or_meanwhile_is_refused():
    def in_a_branch(x, w):
        functions = []
        if x > 0:
            functions.append(math.sin)
        else:
            functions.append(math.cos)
        return functions[0](x) * w

    def meanwhile(x, w):
        functions = [math.sin]
        for f in functions:
            if len(functions) < 3:
                functions.append(math.exp)
            x = f(x)
        return x * w

    for function in (in_a_branch, meanwhile):
        with pytest.raises(DifferentiationError) as caught:
            grad(function)(0.5, 0.8)
        assert "internal" not in caught.value.msg


@reprlib.recursive_repr()
def sized(x):
    return 2.0 * x


def by_its_type(x):
    return x * sized(x)


def test_a_wrapper_of_pythons_own_is_refused_in_the_users_line() -> None:
    with pytest.raises(DifferentiationError, match=r"'sized'.*test_callables"):
        grad(by_its_type)(1.2)
