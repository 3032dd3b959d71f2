"""Arrays that are of whole numbers in some calls only: right, or refused where a fraction is lost.

NumPy decides when the program runs whether ``np.array([z, n])`` is one of ints, which cuts off what
is behind the point of all that is stored in it. The derivative of what is cut off is zero.
"""

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp, value_and_grad, vjp
from tests.differences import difference

LOST = "would lose its fraction"


def one_of_two(x, n):
    z = n if n > 1 else x
    y = np.array([z, n])
    y[0] = x
    return np.sum(y * y)


def swapped(x, n):
    a, b = np.array([n, 2]), np.array([0.5, 1.5])
    for _ in range(3):
        a, b = b, a
        a[0] = x
    return np.sum(a * a * b)


def largest(x, n):
    y = np.array([max(n, 2.5), n])
    y[0] = x
    return np.sum(y * y)


def made_real_on_a_path(x, n):
    y = np.array([n, 2])
    if n > 3:
        y = y * 0.5
    y[0] = x
    return np.sum(y * y)


def made_real_in_turns(x, n):
    y = np.arange(4) * n
    for i in range(3):
        y[i] = x * i
        y = y * 0.5
    return np.sum(y * y)


def of_a_list(x, n):
    xs = [n]
    for i in range(3):
        xs.append(n * i)
    if n > 5:
        xs[0] = x
    y = np.array(xs)
    y[1] += x
    return np.sum(y * y)


def put(y, x):
    y[0] = x


def by_a_helper(x, n):
    y = np.array([n, n])
    z = y if n > 2 else y * 0.5
    put(z, x)
    return np.sum(z * z)


def filled(x, n):
    y = np.full(3, n if n > 1 else x)
    y.fill(x)
    return np.sum(y * y)


def like_another(x, n):
    z = n if n > 1 else x
    return np.sum(np.full_like(np.array([z, 2]), x) ** 2)


def inserted(x, n):
    return np.sum(np.insert(np.array([n, 2]), 1, x) ** 2)


def padded(x, n):
    return np.sum(np.pad(np.array([n, 2]), 1, constant_values=x) ** 2)


def of_its_dtype(x, n):
    a = np.array([n if n > 1 else x, 2])
    y = np.zeros(3, dtype=a.dtype)
    y[0] = x
    return np.sum(y * np.array([x, 1.0, 2.0]).astype(a.dtype))


def chosen(x, n):
    y = np.where(np.arange(3) > 1, n, 2 if n > 1 else x)
    y[0] = x
    return np.sum(y * y)


def stacked(x, n):
    y = np.stack([np.array([n, 2]), np.array([3, n if n > 1 else 0.5])])
    y[0, 1] = x
    return np.sum(y * y)


def through_views(x, n):
    y = np.concatenate([np.array([n, 2]), np.maximum(np.array([3, n if n > 1 else x]), 1)])
    y[1:][::2] = x
    y.flat[0] = x
    return np.sum(y * y)


def arrays_in_a_list(x, n):
    ys = [np.array([n, 2]) for _ in range(2)]
    ys.append(np.array([1.5, 2.5]))
    for y in ys:
        y[0] = x
    return np.sum(ys[0] * ys[2])


class Cell:
    def __init__(self, n):
        self.y = np.array([n, 2])


def in_an_object(x, n):
    cell = Cell(n)
    if n > 10:
        cell.y = cell.y * 0.5
    cell.y[0] = x
    return np.sum(cell.y**2)


def sums(x, n):
    a = np.array([n, 2])
    y = np.array([sum([n, n]), np.dot(a, a)])
    y[0] = x
    return np.sum(y * y) * x


PROGRAMS = [
    one_of_two,
    swapped,
    largest,
    made_real_on_a_path,
    made_real_in_turns,
    of_a_list,
    by_a_helper,
    filled,
    like_another,
    inserted,
    padded,
    of_its_dtype,
    chosen,
    stacked,
    through_views,
    arrays_in_a_list,
    in_an_object,
    sums,
]
names = pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)


def slope_of(f, *args):
    return difference(lambda t: float(f(t, *args)), (1.7,), 0).value


def twice(program):
    """A function of which the derivative is the second one of the program."""

    def first(x, n):
        return grad(program)(x, n)

    return first


@names
@pytest.mark.parametrize("n", [4, 3, 1, True, 3.0, np.int64(3)], ids=repr)
def test_right_or_refused(program, n):
    still = (None,)
    for derivative in (
        lambda: grad(program)(1.7, n),
        lambda: jvp(program, (1.7, n), (1.0, *still))[1],
        lambda: vjp(program, 1.7, n)[1](1.0)[0],
    ):
        try:
            found = derivative()
        except (TypeError, SyntaxError) as error:
            assert LOST in str(error)  # noqa: PT017
            assert __file__.rpartition("/")[2] in str(error)  # noqa: PT017
            continue
        assert (found or 0.0) == pytest.approx(slope_of(program, n), rel=1e-6, abs=1e-9)


@names
def test_floats_are_stored_as_they_are(program):
    derivative = value_and_grad(program)
    value, found = derivative(1.7, 3.0)
    text = derivative.source
    assert value == pytest.approx(program(1.7, 3.0))
    assert found == pytest.approx(slope_of(program, 3.0), rel=1e-6)
    assert grad(program, argnums=(0, 1))(1.7, 3.0)[0] == pytest.approx(found)
    assert "dtype.kind" not in text or program in (stacked, chosen)


@names
def test_second_derivatives(program):
    if program is of_its_dtype:
        return  # `jvp` does not know the dtype of an array
    second = twice(program)
    slope = difference(lambda t: grad(program)(t, 3.0), (1.7,), 0).value
    assert grad(second)(1.7, 3.0) == pytest.approx(slope, rel=1e-6, abs=1e-9)
    assert hvp(program, (1.7, 3.0), (1.0, None))[0] == pytest.approx(slope, rel=1e-6, abs=1e-9)
    for derivative in (
        lambda: grad(second)(1.7, 3),
        lambda: hvp(program, (1.7, 3), (1.0, None)),
        lambda: grad(grad(program))(1.7, 3),
    ):
        with pytest.raises((TypeError, SyntaxError), match=LOST):
            derivative()


@pytest.mark.parametrize("program", [one_of_two, largest, sums, made_real_on_a_path])
def test_a_whole_number_that_is_differentiated(program):
    """The array is one of ints in the function, although the derivative counts with floats."""
    for derivative in (
        lambda: grad(program, argnums=(0, 1))(1.7, 3),
        lambda: vjp(program, 1.7, 3),
    ):
        with pytest.raises((TypeError, SyntaxError), match=LOST):
            derivative()


def counted(x, n):
    z = n if n > 1 else x
    counts = np.array([z, 0, 0])
    counts[1] += 1
    counts[2] = n * 2
    return np.sum(counts) * x


def test_whole_numbers_among_whole_ones_lose_nothing():
    assert grad(counted)(1.7, 3) == pytest.approx(10.0)
    assert grad(counted)(1.7, 0.5) == pytest.approx(slope_of(counted, 0.5))


def best_of(x, xs):
    best = 0
    for v in xs:
        best = max(best, v * x)
    y = np.array([best, 1])
    y[0] = x
    return np.sum(y * y) + best


def test_the_program_may_leave_it_open():
    """No turn of the loop makes `best` a real number."""
    derivative = grad(best_of)
    assert derivative(1.7, [0.5, 2.0]) == pytest.approx(2 * 1.7 + 2.0)
    assert "dtype.kind" in derivative.source
    with pytest.raises(TypeError, match=LOST):
        derivative(1.7, [])


def fills(y, i, x):
    y[i] = x * i
    return x if i == 0 else fills(y, i - 1, x) + 1.0


def by_recursion(x, n):
    y = np.array([n if n > 1 else x, 2, 3])
    return fills(y, 2, x) + np.sum(y * y)


def with_what_needs_the_general_form(x, n):
    d = {}
    for k in range(2):
        d[f"k{k}"] = {"y": np.array([n if n > 1 else x, 2])}
    for k in d:
        d[k]["y"][0] = x * x
    return np.sum(d["k0"]["y"] * d["k1"]["y"])


@pytest.mark.parametrize("program", [by_recursion, with_what_needs_the_general_form])
def test_in_other_forms(program):
    derivative = grad(program)
    for n in (3.0, 0.5):
        assert derivative(1.7, n) == pytest.approx(slope_of(program, n), rel=1e-6)
    with pytest.raises((TypeError, SyntaxError), match=LOST):
        derivative(1.7, 3)
    assert derivative(1.7, 3.0) == pytest.approx(slope_of(program, 3.0), rel=1e-6)
