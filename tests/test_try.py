"""Try statements around what is differentiated: values, both orders, both modes, and the text."""

import contextlib
import io
import math
from itertools import count

import pytest

from sourcediff import DifferentiationError, grad, jvp, value_and_grad, vjp
from tests.try_functions import TRIED

#: Where a function has a kink or jumps: differences say nothing there, and the way that the run
#: takes is the one that is differentiated.
KINKS = {
    ("three_ways", 1),
    ("which_of_three", 1),
    ("which_of_three", 2),
    ("nested", 2),
    ("raises_again", 2),
    ("raises_again", 3),
    ("order_of_exceptions", 0),
}
#: What forward mode refuses: the tangent of a branch could raise what the statement catches.
REFUSED_FORWARD = {"nested"}

CASES = [
    pytest.param(function, place, id=f"{function.__name__}-{place}")
    for function, points in TRIED
    for place in range(len(points))
]
every_case = pytest.mark.parametrize(("function", "place"), CASES)


def point_of(function, place):
    return next(points for known, points in TRIED if known is function)[place]


def leaves(value):
    """The numbers of an argument, or of a gradient, in order."""
    if isinstance(value, float):
        return [value]
    if isinstance(value, list | tuple):
        return [leaf for part in value for leaf in leaves(part)]
    return []


def rebuilt(value, numbers):
    """An argument made of other numbers."""
    if isinstance(value, float):
        return next(numbers)
    if isinstance(value, list | tuple):
        return type(value)(rebuilt(part, numbers) for part in value)
    return value


def slopes(function, args):
    """Differences in every number of the arguments, in the order of leaves."""
    numbers, step = leaves(args), 1e-5

    def at(place, shift):
        moved = [v + shift * (k == place) for k, v in enumerate(numbers)]
        return quiet(function, *rebuilt(args, iter(moved)))

    for place in range(len(numbers)):
        near = at(place, step) - at(place, -step)
        far = at(place, 2 * step) - at(place, -2 * step)
        yield (8 * near - far) / (12 * step)


def quiet(function, *args):
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*args)


def output(function, *args):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        value = function(*args)
    return value, text.getvalue()


def places_of(args):
    return tuple(k for k, arg in enumerate(args) if leaves(arg) or arg == [])


@every_case
def test_gradient(function, place, clean):
    args = point_of(function, place)
    gradient = value_and_grad(function, argnums=places_of(args))
    (value, found), text = output(gradient, *args)
    assert (value, text) == output(function, *args)
    if (function.__name__, place) not in KINKS:
        assert leaves(found) == pytest.approx(list(slopes(function, args)), rel=1e-6, abs=1e-7)


@every_case
def test_second_order(function, place, clean):
    args = point_of(function, place)
    first = next((k for k in places_of(args) if isinstance(args[k], float)), None)
    if first is None:
        return
    slope = grad(function, argnums=first)
    bend = grad(slope, argnums=places_of(args))
    found = leaves(quiet(bend, *args))
    if (function.__name__, place) not in KINKS:
        assert found == pytest.approx(list(slopes(slope, args)), rel=1e-5, abs=1e-5)


@every_case
def test_both_modes_agree(function, place, clean):
    args = point_of(function, place)
    value, found = quiet(value_and_grad(function, argnums=places_of(args)), *args)
    again, pullback = quiet(vjp, function, *args)
    assert again == value
    adjoints = pullback(2.0)
    pulled = [adjoints[k] for k in places_of(args)] if isinstance(adjoints, tuple) else adjoints
    assert leaves(pulled) == pytest.approx([2.0 * v for v in leaves(found)], rel=1e-12)
    directions = (math.cos(k) for k in count(1))
    tangents = tuple(
        rebuilt(arg, directions) if k in places_of(args) else None for k, arg in enumerate(args)
    )
    if function.__name__ in REFUSED_FORWARD:
        with pytest.raises(DifferentiationError):
            quiet(jvp, function, args, tangents)
        return
    again, change = quiet(jvp, function, args, tangents)
    assert again == value
    wanted = sum(a * b for a, b in zip(leaves(found), leaves(tangents), strict=True))
    assert change == pytest.approx(wanted, rel=1e-12)


@pytest.fixture
def clean(monkeypatch):
    """No function goes the general road."""
    from sourcediff import whole_road

    def refuse(self, values, reason, *varying):
        raise reason

    (road,) = [c for c in vars(whole_road).values() if hasattr(c, "for_values")]
    monkeypatch.setattr(road, "for_values", refuse)


# What is half done when the exception comes ---------------------------------------------------


def test_name_bound_before_the_exception():
    def f(x):
        y = x
        try:
            y = x * 2
            z = math.log(x)
        except ValueError:
            z = y * 3
        return z * y

    gradient = value_and_grad(f)
    assert gradient(2.0) == (f(2.0), pytest.approx(2.0 * math.log(2.0) + 2.0))
    assert gradient(-2.0) == (48.0, -48.0)


def test_variable_of_the_function_around_bound_before_the_exception():
    def f(x):
        c = x

        def step(v):
            nonlocal c
            c = c * v
            return math.log(v)

        try:
            w = step(x)
        except ValueError:
            w = c
        return w * c

    assert value_and_grad(f)(-2.0) == (16.0, -32.0)


def test_list_changed_before_the_exception():
    def f(x):
        ys = []
        try:
            ys.append(x)
            ys.append(math.log(x))
        except ValueError:
            ys.append(x * x)
        return sum(y * y for y in ys)

    assert value_and_grad(f)(-2.0) == (20.0, -36.0)


class Tank:
    def __init__(self, level):
        self.level = level

    def fill(self, x):
        self.level = self.level * x
        if x < 0:
            raise ValueError("empty")
        self.level = self.level + x


def test_object_changed_before_the_exception():
    def f(x):
        tank = Tank(x)
        with contextlib.suppress(ValueError):
            tank.fill(x)
        return tank.level * x

    gradient = value_and_grad(f)
    assert gradient(2.0) == (12.0, 16.0)
    assert gradient(-2.0) == (-8.0, 12.0)


def test_loop_that_stops_half_way_in_a_turn():
    def f(xs):
        s = 1.0
        for x in xs:
            t = 0.0
            try:
                for k in range(3):
                    t = t + math.sqrt(x - k) * s
            except ValueError:
                t = s * x
            s = s + t * t
        return s

    xs = [5.0, 1.5, 4.0]
    found = grad(f)(xs)
    assert found == pytest.approx(list(slopes(f, (xs,))), rel=1e-6)


def test_value_that_the_body_computes_before_the_exception_in_a_turn():
    """It was kept when it was computed, and not taken back where the body raised after that."""

    def f(x, n):
        total = 0.0
        for _ in range(n):
            try:
                z = x + 0.3
                y = z * z * z
                x = late(y, z)
            except OverflowError:
                x = x - 1.0
            total += x
        return total * x

    def late(y, z):
        if y > 2.0:
            raise OverflowError
        return math.sin(z) * y

    for x in (0.7, 1.3, 2.5):
        (wanted,) = slopes(lambda x: f(x, 6), (x,))
        assert grad(f)(x, 6) == pytest.approx(wanted, rel=1e-6)


def test_branch_before_the_exception_in_a_turn():
    def f(xs):
        s = 1.0
        for x in xs:
            try:
                y = math.exp(x) if x < 1.0 else x * x
                z = math.log(x)
            except ValueError:
                continue
            s = s * y + z
        return s

    xs = [0.5, -1.5, 2.0]
    assert grad(f)(xs) == pytest.approx(list(slopes(f, (xs,))), rel=1e-6)


def test_refused_with_the_line():
    def again(x, n):
        return x if n == 0 else again(1.0 / x, n - 1)

    def f(x, n):
        try:
            return again(x, n)
        except ZeroDivisionError:
            return 0.0

    with pytest.raises(DifferentiationError, match="in a try is not supported") as caught:
        grad(f)(0.5, 2)
    assert caught.value.text.strip() == "try:"


# Exceptions of the derivative -----------------------------------------------------------------


def test_what_the_derivative_raises_is_not_caught():
    def f(x):
        try:
            y = math.sqrt(x)
        except ZeroDivisionError:
            y = 1.0
        return y

    with pytest.raises(ZeroDivisionError):
        grad(f)(0.0)
    with pytest.raises(ZeroDivisionError):
        jvp(f, (0.0,), (1.0,))


def test_what_is_not_caught_is_raised():
    def f(x):
        try:
            y = math.log(x)
        except ZeroDivisionError:
            y = x
        return y

    with pytest.raises(ValueError, match="domain"):
        grad(f)(-1.0)


def test_raise_in_a_handler_keeps_its_cause():
    def f(x):
        try:
            y = math.log(x)
        except ValueError as e:
            raise RuntimeError("no logarithm") from e
        return y * y

    with pytest.raises(RuntimeError) as caught:
        grad(f)(-1.0)
    assert isinstance(caught.value.__cause__, ValueError)


# Finally --------------------------------------------------------------------------------------


def with_finally(x):
    n = 0
    try:
        y = math.log(x)
        n = n + 1
    except ValueError:
        y = x * x
    finally:
        print("done")
    return y * y


def raises_through_finally(x):
    try:
        y = math.log(x)
    finally:
        print("closed")
    return y * x


def changes_in_finally(x):
    s = x
    try:
        y = math.log(x)
    except ValueError:
        y = x
    finally:
        s = s * x
    return y * s


def returns_through_finally(x):
    try:
        return math.log(x) * x
    finally:
        print("bye")


@pytest.mark.parametrize(
    "function", [with_finally, raises_through_finally, changes_in_finally, returns_through_finally]
)
def test_finally(function, clean):
    for x in (2.0, -2.0):
        try:
            wanted = output(function, x)
        except ValueError:
            text = io.StringIO()
            with contextlib.redirect_stdout(text), pytest.raises(ValueError, match="domain"):
                grad(function)(x)
            assert text.getvalue() in ("closed\n", "bye\n")
            continue
        (value, slope), text = output(value_and_grad(function), x)
        assert (value, text) == wanted
        assert [slope] == pytest.approx(list(slopes(function, (x,))), rel=1e-6)


# The text -------------------------------------------------------------------------------------


def test_text_of_one_statement(clean):
    def safe(x):
        try:
            y = math.log(x)
        except ValueError:
            y = x * x
        return 3.0 * y

    gradient = grad(safe)
    gradient(1.0)
    assert (
        gradient.source
        == """\
import math


def grad_safe(x):
    try:
        # domain of: y = math.log(x)
        math.log(x)
    except ValueError:
        # adjoint of: y = x * x
        return 6.0 * x
    # adjoint of: y = math.log(x)
    return 3.0 / x
"""
    )


def test_else_of_a_body_that_may_return_and_cannot_raise(clean):
    """It was left out."""

    def f(x):
        try:
            if x > 2.0:
                return x * x * x
        except ValueError:
            pass
        else:
            x = x * x
            print("else")
        return x * x

    for x in (1.5, 3.0):
        (value, slope), text = output(value_and_grad(f), x)
        assert (value, text) == output(f, x)
        assert [slope] == pytest.approx(list(slopes(f, (x,))), rel=1e-6)


def test_no_try_where_nothing_can_raise(clean):
    def f(x):
        try:
            y = x * x
        except ValueError:
            y = 0.0
        return y

    gradient = grad(f)
    assert gradient(3.0) == 6.0
    assert "try" not in gradient.source


def test_a_function_that_always_raises(clean):
    def f(x):
        try:
            y = math.log(x)
        except ValueError:
            y = x * x
        raise RuntimeError(y)

    for x in (1.0, -2.0):
        with pytest.raises(RuntimeError):
            grad(f)(x)


def reads_what_changes_later(xs):
    found = [1.0, xs[0], 3.0]
    total = 0.0
    for i, x in enumerate(xs):
        try:
            total += 2.0 * found[i] * x
        except IndexError:
            found[i % 2] = x * x
        found[1] = found[1] * 0.5 * x
        found[0] = x
    return total + found[0] * found[1]


def reads_a_key_that_changes_later(xs):
    found = {}
    total = 0.0
    for i, x in enumerate(xs):
        try:
            total += found[i % 2] * x
        except KeyError:
            found[i % 2] = x * x
        found[i % 2] = found[i % 2] * 0.5
    return total


@pytest.mark.parametrize("f", [reads_what_changes_later, reads_a_key_that_changes_later])
def test_what_a_body_reads_is_kept_where_it_changes_later(f):
    xs = [1.5, 2.25, 3.125, 0.75]
    found = grad(f)(xs)
    for place in range(len(xs)):
        high, low = list(xs), list(xs)
        high[place] += 1e-6
        low[place] -= 1e-6
        assert math.isclose(found[place], (f(high) - f(low)) / 2e-6, rel_tol=1e-6, abs_tol=1e-7)
