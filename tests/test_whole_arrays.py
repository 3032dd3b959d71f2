"""Arrays of NumPy in whole programs: what is refused, and where memory is shared."""

import subprocess
import sys

import pytest

np = pytest.importorskip("numpy")

from sourcediff import DifferentiationError, grad, jvp, vjp  # noqa: E402
from sourcediff.heap import Memory  # noqa: E402
from sourcediff.interpret import run  # noqa: E402
from sourcediff.primal import Primal, lower_for  # noqa: E402
from sourcediff.transform.whole import gradient  # noqa: E402
from sourcediff.types import (  # noqa: E402
    INT,
    NONE,
    REAL,
    STR,
    Slot,
    array_of,
    fits,
    join,
    rank_of,
)
from sourcediff.verify import verify  # noqa: E402

X = [0.5, 1.2, 0.8]
OUTSIDE = np.array([1.0, 2.0, 3.0])


def gradient_of(function, *args, argnums=(0,)):
    form = verify(gradient(lower_for(function, args), argnums, as_tuple=True))
    return run(form, *args)


# Refusals ---------------------------------------------------------------------------------


def compared(x):
    return 1.0 if x.sum() > 0 and x > 0 else 0.0


def true_or_not(x):
    return 1.0 if x else 0.0


def chosen(x):
    return x[[0, 1]].sum()


def masked(x):
    return x[True].sum()


def truncated(x):
    k = np.arange(3)
    k[0] = x[0]
    return k.sum()


def reshaped(x):
    return x.reshape((3, 1), order="F").sum()


def unknown(x):
    return np.linalg.norm(x)


def with_output(x):
    return np.sin(x, out=x).sum()


def mixed(x):
    return (x * [1.0, 2.0, 3.0]).sum()


def without_arrays(x):
    import math

    return math.sin(x)


def within(x):
    return 1.0 if 0.5 in x else 0.0


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (compared, "the truth of an array"),
        (true_or_not, "the truth of an array"),
        (chosen, "a list is no index of an array"),
        (masked, "a truth value is no index of an array"),
        (truncated, "would lose its fraction"),
        (reshaped, "reshape() with 'order'"),
        (unknown, "'norm'"),
        (with_output, "sin() with 'out'"),
        (mixed, "an array and a list"),
        (without_arrays, "needs a number, not an array"),
        (within, "'in' on an array"),
    ],
)
def test_refused_where_it_stands(function, words):
    with pytest.raises(DifferentiationError) as refusal:
        Primal(function, (np.array(X),))
    assert words in str(refusal.value.msg)
    assert refusal.value.lineno > function.__code__.co_firstlineno


def writes_outside(x):
    OUTSIDE[0] = x[0]
    return (OUTSIDE * x).sum()


def vector(x):
    return x * 2.0


@pytest.mark.parametrize(
    ("function", "words"),
    [(writes_outside, "an array from outside that is written"), (vector, "not one real number")],
)
def test_no_gradient(function, words):
    with pytest.raises(DifferentiationError, match=words):
        gradient_of(function, np.array(X))


def length(x):
    return (x * x).sum().real


def test_complex_numbers_are_refused():
    with pytest.raises(DifferentiationError, match="type Complex"):
        gradient_of(length, np.array([1j]))


# Memory that is shared --------------------------------------------------------------------


def both(x, y):
    x *= 2.0
    y += x
    return x @ y


def test_one_array_as_two_arguments():
    x = np.array(X)
    first, second = gradient_of(both, x, x, argnums=(0, 1))
    assert first is second  # as the arguments are one
    assert np.allclose(first, 2 * 16 * np.array(X))
    assert x.tolist() == X


def test_views_of_one_array_as_arguments():
    base = np.array([0.3, 0.5, 0.7, 0.9])
    first, second = gradient_of(both, base[:3], base[1:], argnums=(0, 1))

    def value(numbers):
        whole = np.array(numbers)
        return both(whole[:3], whole[1:])

    steps = np.eye(4) * 1e-6
    whole = np.array([(value(base + h) - value(base - h)) / 2e-6 for h in steps])
    assert np.allclose(first, whole[:3])
    assert np.allclose(second, whole[1:])
    assert not np.shares_memory(first, second)


def scaled(x):
    return OUTSIDE[0] * (x * x).sum()


def test_an_argument_that_is_found_outside_as_well():
    for given in (OUTSIDE, OUTSIDE[1:]):
        with pytest.raises(ValueError, match="shares memory"):
            gradient_of(scaled, given)
    assert np.allclose(gradient_of(scaled, OUTSIDE.copy())[0], 2 * OUTSIDE)


def test_places_that_are_one_place():
    with pytest.raises(ValueError, match="one place of memory"):
        gradient_of(scaled, np.broadcast_to(np.array(X), (2, 3)))


def row_into_column(m):
    m[:, 2] = m[1]
    return (m * m).sum()


def test_a_store_that_overwrites_what_it_reads():
    m = np.arange(9.0).reshape(3, 3)
    primal = Primal(row_into_column, (m,))
    assert primal.interpret(m.copy()) == row_into_column(m.copy())
    after = m.copy()
    after[:, 2] = after[1]
    if after[2, 2] == m[1, 2]:
        pytest.skip("this NumPy copies first")
    with pytest.raises(ValueError, match="store a copy"):
        gradient_of(row_into_column, m)


def test_read_only():
    x = np.array(X)
    x.flags.writeable = False
    assert np.allclose(gradient_of(scaled, x)[0], 2 * x)
    with pytest.raises(ValueError, match="read-only"):
        gradient_of(both, x, np.array(X))


# Kinds of arrays --------------------------------------------------------------------------


def test_the_gradient_has_the_dtype_of_the_argument():
    (found,) = gradient_of(scaled, np.array(X, dtype=np.float32))
    assert found.dtype == np.float32


def sine(x):
    return np.sin(x) * x


def test_numbers_and_arrays_without_axes():
    expected = np.cos(0.7) * 0.7 + np.sin(0.7)
    (number,) = gradient_of(sine, 0.7)
    (array,) = gradient_of(sine, np.array(0.7))
    assert number == pytest.approx(expected)
    assert array.shape == () and array == pytest.approx(expected)


@pytest.mark.parametrize("dtype", [float, np.float32])
def test_the_gradient_in_an_array_without_axes_is_one(dtype):
    x = np.array(0.7, dtype)
    found = grad(sine)(x)
    assert found.shape == () and found.dtype == dtype and isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, np.cos(0.7) * 0.7 + np.sin(0.7), rtol=1e-6)


def maybe(x, n):
    return (x * n).sum() if n else x


def test_only_the_run_knows_that_it_is_an_array():
    assert gradient_of(maybe, np.array(X), 3)[0].tolist() == [3.0, 3.0, 3.0]
    with pytest.raises(TypeError, match="an array was returned"):
        gradient_of(maybe, np.array(X), 0)


def squares(whole):
    total = 0.0
    for key in whole:
        total = total + whole[key] * whole[key]
    return np.sum(total)


def test_equal_numbers_beside_an_array_are_two():
    number = 0.5
    (found,) = gradient_of(squares, {"a": np.array([1.0, 2.0]), "b": number, "c": number})
    assert found["a"].tolist() == [2.0, 4.0]
    assert (found["b"], found["c"]) == (2.0, 2.0)


# Memory of the interpreter ----------------------------------------------------------------


def test_a_write_through_a_view_is_seen_through_its_base():
    memory, whole = Memory(), np.array(X)
    base, view = memory.lower(whole), memory.lower(whole[1:])
    before = memory.contents[base]
    memory.change(view, lambda array: array.__imul__(2.0))
    assert before.items[0].array.tolist() == X
    assert memory.lift(base).tolist() == [0.5, 2.4, 1.6]
    assert memory.contents[base].items[0].array.tolist() == [0.5, 2.4, 1.6]
    assert memory.contents[view].items == (base,)


def test_numpy_is_not_imported_for_programs_without_arrays():
    text = (
        "import sys, sourcediff.primal, sourcediff.transform.whole; print('numpy' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


# Types ------------------------------------------------------------------------------------


def test_types_that_meet():
    vector, matrix = array_of(Slot(REAL), 1), array_of(Slot(REAL), 2)
    both = join(vector, matrix)
    assert both is not None and rank_of(both) is None
    assert vector.slots["element"].root is matrix.slots["element"].root
    number_or_array = join(INT, array_of(Slot(REAL), 1))
    assert number_or_array is not None and rank_of(number_or_array) is None
    assert fits(INT, number_or_array) and not fits(number_or_array, REAL)
    maybe_none = join(NONE, vector)
    assert maybe_none is not None and maybe_none.kind == "Optional"
    assert join(STR, vector) is None


HERE = np.array([1.0, 2.0, 3.0])


def writes_what_is_outside_too(q):
    q["w"][0] = q["w"][1]
    return (q["w"] * HERE).sum()


def squared(q):
    return q["x"] * q["x"]


def test_the_text_makes_its_checks_of_memory():
    """Nothing uses what a check gives, and it was left out of the text with all that is unused."""
    for given in (HERE, HERE[:]):
        q = {"w": given}
        with pytest.raises(ValueError, match="shares memory"):
            jvp(writes_what_is_outside_too)((q,), ({"w": np.ones(3)},))
        with pytest.raises(ValueError, match="shares memory"):
            vjp(writes_what_is_outside_too, q)
    assert jvp(writes_what_is_outside_too)(({"w": HERE + 0.0},), ({"w": HERE},)) == (15, 15)
    repeated = np.broadcast_to(np.array([1.0, 2.0]), (2, 2))
    with pytest.raises(ValueError, match="one place of memory"):
        vjp(squared, {"x": repeated})
    with pytest.raises(ValueError, match="one place of memory"):
        jvp(squared)(({"x": repeated},), ({"x": np.eye(2)},))
