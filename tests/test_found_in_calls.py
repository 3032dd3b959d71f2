"""Programs with recursive functions, and large ones, that were once wrong or are easily so."""

import math

import pytest

from tests.test_recursion import is_right_or_refused


def changed_by_what_it_calls(x, n):
    total = 0.0

    def add(v):
        nonlocal total
        total += v

    def count(k):
        if k > 0:
            add(x * k)
            count(k - 1)
        return k

    count(n)
    return total


def changed_by_itself(x, n):
    total = 0.0

    def count(k):
        nonlocal total
        if k > 0:
            total = total + x * k
            count(k - 1)
        return total

    return count(n) + total


def list_of_outside(x, n):
    out = []

    def fill(k):
        if k > 0:
            out.append(x * k)
            fill(k - 1)
        return k

    fill(n)
    return sum(out)


class Account:
    def __init__(self):
        self.total = 0.0


def object_of_outside(x, n):
    account = Account()

    def add(v):
        account.total += v

    def count(k):
        if k > 0:
            add(x * k)
            count(k - 1)
        return k

    count(n)
    return account.total


def variable_that_is_bound_anew(x, n):
    start = x

    def recursion(k):
        return start if k < 1 else x * recursion(k - 1) + start

    first = recursion(n)
    start = x * x
    return first * recursion(n)


def in_the_test_of_a_while(x, n):
    def recursion(k):
        return x if k < 1 else x * recursion(k - 1)

    y, k = x, 0
    while recursion(k) * y > 0.1 and k < 20:
        y = y * x + 0.01
        k += 1
    return y * recursion(k)


def remembered(x, n):
    memo = {}

    def fibonacci(k):
        if k in memo:
            return memo[k]
        value = x if k < 2 else fibonacci(k - 1) + x * fibonacci(k - 2)
        memo[k] = value
        return value

    return fibonacci(n + 3)


def large_and_often(x, n):
    scale = x

    def large(y):
        a = math.sin(x) * y + scale * x - y
        b = math.cos(a) * x + math.exp(-y * y) * scale
        c = a * b + math.tanh(a + b) - x / (1.0 + y * y)
        d = math.sqrt(1.0 + c * c) * a - b * c + math.atan(x * y)
        e = d * c + a - b * math.sin(d) + scale * y * c
        return 0.1 * e + 0.01 * d

    t = large(x)
    scale = t
    t += large(x) + large(t)
    scale = scale * x
    return t + large(x) * large(t) + large(1.0)


@pytest.mark.parametrize(
    "function",
    [
        changed_by_what_it_calls,
        changed_by_itself,
        list_of_outside,
        object_of_outside,
        variable_that_is_bound_anew,
        in_the_test_of_a_while,
        remembered,
        large_and_often,
    ],
)
@pytest.mark.parametrize("point", [(0.7, 3), (0.7, 0)])
def test_it_is_right_or_refused(function, point):
    is_right_or_refused(function, *point)
