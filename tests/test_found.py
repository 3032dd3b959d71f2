"""Programs that once came out wrong, found by the generator and by hand; each with its cause."""

import collections
import enum
import functools
import math
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from sourcediff import DifferentiationError, grad
from sourcediff.primal import Primal, lower_for
from sourcediff.transform.whole import gradient as reverse_of_whole
from sourcediff.verify import verify
from tests.compare import AGREED, compare
from tests.engine import SOURCEDIFF
from tests.language.snapshot import Snapshots
from tests.outcome import run


def rebinds_then_returns(x, y, z):
    """A helper that re-binds a variable of its caller's and returns in the same branch."""

    def set_x():
        nonlocal x
        x = y * y

    def maybe():
        if z:
            return set_x()

    maybe()
    return x


def returns_half_way(x, y):
    """As above, with a return in between that only one path takes."""
    total = 0.0

    def add(v):
        nonlocal total
        if v > 1:
            total = total + v * v
            if v > 2:
                return v
            total = total * 2
        total += v
        return 2 * v

    return add(x) * total + add(y) * total


def truth_as_factor(x, y):
    """The derivative is a truth value in one arm of a branch."""
    return (1 != x) * (y if x else 1)


def truth_as_factor_of_a_maximum(x, y):
    """As above, under the mask of a rule."""
    return (1 <= x) * max(1, y)


def default_made_in_an_arm(x):
    """A function chosen at run time, whose default argument was computed in the arm."""
    scaled = (lambda a, p=math.sin(x): p * a) if x < 0 else math.tanh
    return scaled(4.0)


def multiplier(k: float) -> Callable[[float], float]:
    def times(v):
        return v * k

    return times


double, triple = multiplier(2.0), multiplier(3.0)


def two_constants_of_one_name(x):
    """Both helpers call their constant k."""
    return double(x) + triple(x * x)


def both_halves(x):
    """Two results of one function of `math` are two operations."""
    fraction, whole = math.modf(x)
    return fraction * whole


def deep_sharing(x):
    """Like terms that meet in terms that meet: the tidier renamed what it had just written."""
    h0 = lambda v: v * x
    h1 = lambda v: h0(v) + h0(v * 0.5)
    h2 = lambda v: h1(v) + h1(v * 0.5)
    h3 = lambda v: h2(v) + h2(v * 0.5)
    h4 = lambda v: h3(v) + h3(v * 0.5)
    h5 = lambda v: h4(v) + h4(v * 0.5)
    h6 = lambda v: h5(v) + h5(v * 0.5)
    h7 = lambda v: h6(v) + h6(v * 0.5)
    return h7(x) + h7(v=x * 0.5)


PROGRAMS: list[tuple[Callable[..., Any], list[tuple[float, ...]]]] = [
    (rebinds_then_returns, [(0.8, 1.3, 1.2), (0.8, 1.3, 0.0)]),
    (returns_half_way, [(x, y) for x in (0.5, 1.5, 2.5) for y in (0.6, 1.6, 2.6)]),
    (truth_as_factor, [(0.3, 0.2), (2.0, 0.7)]),
    (truth_as_factor_of_a_maximum, [(1.4, 1.9), (-0.4, 1.9), (1.4, 0.3)]),
    (default_made_in_an_arm, [(-1.0,), (0.5,)]),
    (two_constants_of_one_name, [(1.5,)]),
    (both_halves, [(2.75,), (-1.25,)]),
    (deep_sharing, [(1.1,)]),
]


@pytest.mark.parametrize(
    ("function", "point"),
    [
        pytest.param(f, point, id=f"{f.__name__}{point}")
        for f, points in PROGRAMS
        for point in points
    ],
)
def test_found(function, point):
    verdict = compare(function, point, tuple(range(len(point))), SOURCEDIFF)
    assert verdict.kind == AGREED, verdict


def test_a_wrapper_of_a_derivative_is_a_function_of_its_own():
    """`functools.wraps` copies the attributes of the entry, but not what it stands for."""

    @grad
    def cube(x):
        return x**3

    @functools.wraps(cube)
    def twice(x):
        return 2 * cube(x)

    assert grad(twice)(2.0) == pytest.approx(24.0, rel=1e-12)


def test_an_iterator_is_not_kept():
    """It would be empty at its second use."""

    def f(x):
        pair = map(abs, (x, 2 * x))
        return sum(pair) + sum(pair)

    with pytest.raises(DifferentiationError, match="iterator"):
        grad(f)(1.0)


@pytest.mark.parametrize("x", [-1.5, 0.0])
def test_none_is_no_operand(x):
    def f(x):
        y = None if x <= 0 else x * x
        return y * 2 + x

    with pytest.raises(TypeError):
        grad(f)(x)


def test_a_complex_power_is_an_error():
    with pytest.raises(ValueError, match="complex"):
        grad(lambda x: x**0.5)(-1.5)


@pytest.mark.parametrize("k", [0.0, -1.0])
def test_what_raises_in_the_function_raises_in_its_derivative(k):
    """Also where the derivative does not need the value."""

    def f(x, k):
        return 3 * x + 1 / k + math.sqrt(k)

    with pytest.raises((ZeroDivisionError, ValueError)):
        grad(f)(2.0, k)


class Mode(enum.IntEnum):
    SQUARE = 1
    PLAIN = 2


def test_a_member_of_an_enumeration_is_itself():
    """It is an int, but no literal stands for it where it is compared by identity."""

    def f(x, mode):
        if mode is Mode.SQUARE:
            return x * x
        return x

    derivative = grad(f)
    assert derivative(3.0, Mode.SQUARE) == 6.0
    assert derivative(3.0, Mode.PLAIN) == 1.0


def test_a_value_shown_not_to_be_none_needs_no_name_of_its_own():
    def f(x):
        y = None if x < 0 else x * x
        if y is not None:
            return y * y
        return x

    derivative = grad(f)
    assert derivative(2.0) == 32.0
    assert derivative(-2.0) == 1.0
    assert "y_1" not in derivative.source


GAIN = 2.0


def test_what_is_outside_is_read_anew(monkeypatch):
    def f(x):
        return GAIN * abs(x)

    derivative = grad(f)
    assert derivative(-3.0) == -2.0
    monkeypatch.setitem(globals(), "GAIN", 5.0)
    assert derivative(-3.0) == -5.0
    assert "GAIN = 5.0" in derivative.source
    monkeypatch.setitem(globals(), "abs", lambda x: x * x)
    assert derivative(-3.0) == -30.0


# The whole language ---------------------------------------------------------------------------


def comes_back(function, *examples):
    """The text that comes back of a function, which does what the function does."""
    primal = Primal(function, *examples)
    verify(primal.function)
    for example in examples:
        assert primal.call(*deepcopy(example)) == function(*deepcopy(example))
    return primal.source


def test_a_loop_within_turns_that_are_written_out():
    def f(x):
        for kind in (1, abs):
            for k in range(3):
                x += k
            x += k
        return x, kind is abs

    def g(x):
        for kind in (1, "two"):
            for k in range(3):
                pass
            x += k
        for m in range(3):
            x += m
        return x

    comes_back(f, (1.0,))
    assert comes_back(g, (1.0,)).count("for k in range(3):") == 2


def test_lists_that_cannot_be_one_are_refused_at_every_attempt():
    class Particle:
        def __init__(self, x):
            self.x = x

    def f(x, rows):
        if x > 0:
            ys = [Particle(x)]
        else:
            ys = rows
            for entry in rows:
                x += entry
        return x, len(ys)

    with pytest.raises(DifferentiationError, match="Particle"):
        Primal(f, (1.0, [1.0]))


def filled(buffer, k, out=None):
    out = buffer if out is None else out
    for i in range(len(buffer)):
        out[i] = buffer[i] * k
    return out


def test_a_buffer_given_or_not_is_one_helper():
    def f(xs, k):
        ys = filled(xs, k)
        zs = filled(xs, xs[0], [0.0] * len(xs))
        ys[0] += zs[-1]
        return sum(a * b for a, b in zip(xs, zs, strict=True))

    text = comes_back(f, ([1.0, 2.0], 1.5))
    assert text.count("def ") == 2
    assert "out = buffer if out is None else out\n" in text
    assert "ys[0] += zs[-1]\n" in text


def test_a_look_into_a_defaultdict_adds_the_key():
    def f():
        seen = collections.defaultdict(float)
        seen["c"]
        return [1 for name in seen]

    comes_back(f, ())


def test_the_greatest_of_a_function_and_a_number():
    def greatest(t):
        return max([t, 1.0], key=lambda v: 0.5)

    def f(x):
        for apply in (abs,):
            x += apply(x)
        return x, greatest(apply)

    with pytest.raises(DifferentiationError, match="'abs'"):
        Primal(f, (1.0,))


def test_the_truth_of_none():
    def f(a, b):
        c = None if a > 1 else b
        a = None
        return bool(a), bool(c)

    comes_back(f, (2.0, 3.0))
    comes_back(f, (0.0, 0.0))


def does_the_same(function, *args):
    """The interpreter and the text that is written do what Python does, to the last effect."""
    primal = Primal(function, args)
    verify(primal.function)
    seen = []
    for form in (function, primal.interpret, primal.call):
        given = deepcopy(args)
        outcome = run(lambda form=form, given=given: form(*given))
        values = Snapshots().of((given, outcome.value))
        seen.append((values, repr(outcome.exception), outcome.printed))
    assert seen[1] == seen[0]
    assert seen[2] == seen[0]


def announced(v):
    print("made", v)
    return v


def pairs_of(xs):
    a, b = (announced(v) for v in xs)
    return a + b


def kept_for_later(xs):
    squares = (v * v for v in xs)
    xs.append(4.0)
    return sum(squares)


def one_by_one(xs):
    for v in (announced(v) for v in xs):
        print("got", v)


def extended_by_itself(xs):
    xs.extend(len(xs) * v for v in xs if len(xs) < 6)


def found_early(xs):
    return any(announced(v) > w for v in xs for w in xs)


def ranked(xs):
    return max((announced(v) for v in xs), key=announced)


@pytest.mark.parametrize(
    "function",
    [pairs_of, kept_for_later, one_by_one, extended_by_itself, found_early, ranked],
)
def test_items_made_one_by_one_are_not_made_at_once(function):
    with pytest.raises(DifferentiationError, match="generator expression"):
        Primal(function, ([3.0, 1.0],))


def test_items_that_are_taken_at_once():
    def f(xs):
        a, *rest = (announced(v) for v in xs)
        low, high = (announced(v) for v in (a, sum(rest)))
        crossed = any(v == w for v in xs for w in rest)
        print(", ".join(str(announced(v)) for v in xs), crossed)
        first = max((announced(v) for v in xs), default=low)
        return [first, high, *(announced(v) for v in xs)], set(v for v in xs)  # noqa: C401

    does_the_same(f, [3.0, 1.0, 2.0])


def test_a_dict_and_a_deque_know_where_an_iterator_stands():
    def renames(d):
        for name in d:
            d[name + "'"] = d.pop(name)

    def renews(d):
        for name, v in d.items():
            del d[name]
            d[name] = v

    def turns(d):
        for v in d:
            d.append(v)
            d.popleft()

    does_the_same(renames, {"a": 1.0})
    does_the_same(renews, {"a": 1.0, "b": 2.0})
    does_the_same(turns, collections.deque([1.0, 2.0]))


def test_a_list_is_empty_while_it_is_sorted():
    def looks(xs):
        xs.sort(key=lambda v: print(v, len(xs)) or v)

    def grows(xs):
        def key(v):
            xs.append(v)
            return v

        xs.sort(key=key)

    def fails(xs):
        xs.sort(key=lambda v: 1 / v)

    for function in (looks, grows, fails):
        does_the_same(function, [2.0, 1.0, 0.0])


def test_the_larger_of_numbers_by_a_key():
    def f(a, b):
        def key(v):
            print("key of", v)
            return v * v

        return max(a, b, 1.0, key=key), min(a, b, key=abs), max(a, b, key=None)

    does_the_same(f, -3, 2.0)


def test_isinstance_of_what_only_the_run_knows():
    def f(x):
        y = None if x < 0 else x
        try:
            raise ValueError(x) if x < 1 else KeyError(x)
        except (ValueError, KeyError) as error:
            print(isinstance(error, ValueError), isinstance(error, LookupError))
        return y * 2 if isinstance(y, (int, float)) else x

    def g(some):
        return isinstance(some, set), isinstance(some, frozenset), isinstance(some, list)

    does_the_same(f, 2.0)
    does_the_same(f, -2.0)
    does_the_same(g, frozenset([1.0]))
    does_the_same(g, {1.0})


class Shy:
    def __getattr__(self, name):
        return 5.0


def test_attributes_that_code_of_the_class_gives_are_refused():
    def f(x):
        return Shy().anything * x

    with pytest.raises(DifferentiationError, match="runs code of Shy"):
        Primal(f, (2.0,))


class Counter:
    best = None
    label = "none"
    step = 1
    add = lambda self, k: self.step + k

    def bump(self):
        return self.step

    alias = bump


class Doubled(Counter):
    def bump(self):
        return 2 * self.step


def test_an_attribute_of_the_class_until_the_object_has_its_own():
    def best_of(counter):
        return counter.best

    def f(x):
        one, two = Counter(), Counter()
        print(best_of(one), one.label)
        one.best, one.label = x, "x"
        print(best_of(one), best_of(two), one.label, two.label)
        one.step += 2
        return one.step, two.step, one.add(1)

    does_the_same(f, 2.0)


def test_a_method_goes_by_the_name_that_the_class_has_for_it():
    def f():
        return Doubled().alias(), Doubled().bump()

    does_the_same(f)


def test_a_method_that_an_object_replaces_is_refused():
    def f():
        one, two = Counter(), Counter()
        before = one.bump()
        one.bump = lambda: 7
        return before, one.bump(), two.bump()

    with pytest.raises(DifferentiationError, match="one thing for Counter and another"):
        Primal(f, ())


class Hidden:
    def __init__(self):
        self._items = [1.0]

    @property
    def items(self):
        return self._items


def extends_in_a_tuple(x):
    pair = ([x], x)
    pair[0] += [x]


def extends_in_a_property(x):
    hidden = Hidden()
    hidden.items += [x]


@pytest.mark.parametrize("function", [extends_in_a_tuple, extends_in_a_property])
def test_what_cannot_be_put_back_is_refused(function):
    with pytest.raises(TypeError if function is extends_in_a_tuple else AttributeError):
        function(1.0)
    with pytest.raises(DifferentiationError):
        Primal(function, (1.0,))


def test_the_reverse_of_a_continue_in_the_else_of_a_loop_is_refused():
    def f(x, n):
        total = 0.0
        for i in range(n):
            for _ in range(i):
                x *= 1.1
                if x > 1.5:
                    break
            else:
                total += x
                continue
            total += x * x
        return total

    comes_back(f, (1.3, 4))
    with pytest.raises(DifferentiationError, match="in the else of a loop"):
        reverse_of_whole(lower_for(f, (1.3, 4)), (0,))


def test_an_item_of_an_array_is_a_number_of_its_own_kind():
    np = pytest.importorskip("numpy")

    def f(a, x):
        return isinstance(a[0], (int, float)), isinstance(x, (int, float)), isinstance(a[0], float)

    comes_back(f, (np.array([1, 2]), 1.5))
    comes_back(f, (np.array([1.0, 2.0]), 1))
    comes_back(f, (np.array([1.0, 2.0], dtype=np.float32), 1.5))


def test_the_rest_of_a_tuple_is_a_list():
    def f(x, y):
        (p, q), *r = (x, y), 2.0, 3.0
        r.append(p)
        return r, q

    def g(x, y):
        a, *r = x, y, "a"
        return a, r[0]

    comes_back(f, (1.0, 2.0))
    with pytest.raises(DifferentiationError, match="holds"):
        comes_back(g, (1.0, 2.0))


def skipped(last, xs):
    for entry in xs:
        if last:
            continue
    return last


def test_a_variable_that_is_only_narrowed_in_a_loop_is_as_wide_as_before_it():
    def f(items):
        try:
            return skipped(1, xs=[])
        finally:
            skipped(None, [1])
            skipped(1.5, items)

    comes_back(f, ([2.0],))
