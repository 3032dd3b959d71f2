"""The length of a list that is changed: what a loop begins with is what it was then.

``reversed(range(len(xs) - 1, -1, -1))`` behind a loop that pops had another length.
"""

import pytest

from sourcediff import grad, tape


def popping(xs):
    s = 1.0
    for i in range(len(xs) - 1, -1, -1):
        s += xs.pop() * s * i
    return s


def some_come_back(xs):
    s = 0.0
    for i in range(len(xs) - 1, -1, -1):
        x = xs.pop()
        if i % 2:
            xs.insert(0, x * x)
        else:
            s += x
    return s + sum(xs) * xs[0]


def deleting(xs):
    s = 1.0
    for i in range(len(xs) - 1, -1, -1):
        s += s * xs[i]
        del xs[i]
    return s


def growing(xs):
    s = 1.0
    for i in range(2 * len(xs)):
        xs.append(xs[i] * 1.1)
        s *= xs[-1]
    return s


def by_index(xs):
    k = len(xs) - 1
    t = xs[k] * xs[k]
    xs.append(t)
    return t * xs[k] * xs[len(xs) - 1] * k


def of_slices(xs):
    ys = xs[len(xs) - 2 :]
    xs.pop()
    zs = xs[len(xs) - 2 :]
    return ys[0] * zs[0] * zs[1]


def of_rows(xs):
    m = [[x, x * x] for x in xs]
    t = 0.0
    for i in range(len(m) - 1, 0, -1):
        for j in range(len(m[i]) - 1, -1, -1):
            m[i - 1].append(m[i].pop() * m[i - 1][0] * j)
        t += len(m[i - 1]) * m[i - 1][-1]
    return t


@pytest.mark.parametrize(
    "function",
    [popping, some_come_back, deleting, growing, by_index, of_slices, of_rows],
    ids=lambda f: f.__name__,
)
def test_a_length_is_that_of_its_moment(function):
    xs = [1.0, 2.0, 3.0, 4.0]
    expected = tape.gradient(function, xs)
    assert grad(function)(xs) == pytest.approx(expected, rel=1e-12)
    assert xs == [1.0, 2.0, 3.0, 4.0]


def neighbours(xs):
    s = 1.0
    for i in range(len(xs) - 1):
        s += xs[i] * xs[i + 1] * s
    return s


def test_a_length_that_stays_has_no_name():
    gradient = grad(neighbours)
    gradient([1.0, 2.0])
    assert gradient.source.count("range(len(xs) - 1)") == 2
