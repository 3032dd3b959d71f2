"""``with`` on what functions give that `contextlib.contextmanager` decorates."""

import math
from contextlib import contextmanager

import pytest

from sourcediff import DifferentiationError, grad
from tests.every_mode import check_in_every_mode


class State:
    def __init__(self, value):
        self.value = value

    @contextmanager
    def at(self, value):
        old = self.value
        self.value = value
        try:
            yield self
        finally:
            self.value = old


@contextmanager
def squared(x):
    yield x * x


@contextmanager
def pushed(stack, x):
    stack.append(x)
    try:
        yield stack, len(stack)
    finally:
        stack.pop()


@contextmanager
def both(x, stack):
    with squared(x) as y, pushed(stack, y) as (whole, _):
        yield whole


@contextmanager
def forgiving(log):
    try:
        yield
    except ValueError:
        log.append(2.0)


def swapped(xs):
    state = State(xs[0])
    with state.at(xs[1] * xs[2]) as inside:
        product = inside.value * state.value * xs[0]
    return product + state.value**3


def left_by_return(xs):
    state = State(xs[0])
    with state.at(xs[1] * xs[2]):
        if state.value > 0.0:
            return state.value**2 * xs[0]
        state.value = 3.0
    return state.value**3 + xs[1] * xs[2]


def in_a_loop(xs):
    stack, total = [xs[0]], 0.0
    for i, x in enumerate(xs):
        with pushed(stack, x * i) as (whole, size), squared(x) as y:
            total += sum(whole) ** 2 * size + y
    for x in xs:
        with squared(x) as y:
            if y > 1.0:
                break
            total += y * x
    return total * len(stack)


def one_in_another(xs):
    stack = [xs[0]]
    with both(xs[1], stack) as whole:
        total = sum(w**3 for w in whole) + whole[-1] * xs[2]
    return total + sum(stack)


def caught(xs):
    log = [xs[0]]
    with forgiving(log):
        math.sqrt(-xs[0] * xs[0])
    with forgiving(log):
        math.sqrt(xs[1] * xs[1])
    return sum(log) * xs[1] * xs[2] * len(log)


def deeper(x, depth):
    if depth == 0:
        return x
    with squared(x) as y:
        return deeper(0.5 * y, depth - 1) * y


def recursive(xs):
    return deeper(xs[0], 3) + deeper(xs[1] * xs[2], 2)


PROGRAMS = [swapped, left_by_return, in_a_loop, one_in_another, caught, recursive]


@pytest.mark.parametrize("program", PROGRAMS)
def test_in_every_mode(program):
    check_in_every_mode(program, (0.7, 1.3, -0.4))
    check_in_every_mode(program, (0.8, 0.6, 0.9))


@contextmanager
def checked(x):
    if x < 0.0:
        raise ValueError("negative")
    print("enter")
    try:
        yield x * x
    finally:
        print("leave")


def with_effects(x):
    with checked(x) as y:
        print("body")
        z = y * x
    return z


def test_effects_keep_their_order(capsys):
    derivative = grad(with_effects)
    assert derivative(2.0) == 12.0
    assert capsys.readouterr().out == "enter\nbody\nleave\n"
    with pytest.raises(ValueError, match="negative"):
        derivative(-1.0)


@contextmanager
def of_two(x):
    if x > 0.0:
        yield x
    else:
        yield -x


def yields_in_a_branch(x):
    with of_two(x) as y:
        z = y * y
    return z


def breaks_with_more_to_do(x):
    stack, total = [x], 0.0
    for i in range(3):
        with pushed(stack, x * i):
            if i == 1:
                break
            total += sum(stack)
    return total * len(stack)


@pytest.mark.parametrize(
    ("program", "message"),
    [(yields_in_a_branch, "yields elsewhere"), (breaks_with_more_to_do, "with statement")],
)
def test_refused(program, message):
    with pytest.raises(DifferentiationError, match=message):
        grad(program)(1.5)
