"""Writes through what ``reshape``, ``ravel`` and their kin give, and what else looks at it."""

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, vjp

RNG = np.random.default_rng(4)
A = RNG.uniform(0.4, 1.5, (3, 4))
#: The same numbers, as they may lie in memory.
IN_ROWS, IN_COLUMNS = A.copy(), np.asfortranarray(A)
WIDE = np.zeros((3, 8))
WIDE[:, ::2] = A
IN_PIECES = WIDE[:, ::2]


def differences(f, x, h=1e-6):
    found = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        ahead, behind = np.copy(x), np.copy(x)
        ahead[place] += h
        behind[place] -= h
        found[place] = (f(laid(ahead, x)) - f(laid(behind, x))) / (2 * h)
    return found


def laid(values, like):
    """Numbers that lie in memory as an array does."""
    if like.flags.c_contiguous or like.flags.f_contiguous:
        return np.copy(values)
    wide = np.zeros((values.shape[0], 2 * values.shape[1]))
    wide[:, ::2] = values
    return wide[:, ::2]


# Arrays that are made inside -------------------------------------------------------------------


def element_by_element(x):
    a = x.copy() * 2.0
    f = a.reshape(-1)
    f[1] = f[0] * f[3] ** 2
    a[2] *= f[1]
    return np.sum(a * a) + f[11]


def base_is_written_behind(x):
    a = np.zeros((3, 4))
    a[:] = x * x
    f = a.ravel()
    a[0, 1:] = np.sin(f[4:7])
    f[2:5] *= f[1]
    return np.sum(a**3) + np.sum(f)


def of_columns_side_by_side(x):
    a = np.column_stack([x[0], x[1] * 2.0, x[2]])
    f = a.reshape(-1)
    f[1:7] *= x[0, 1]
    b = np.stack([f[:4], x[2] ** 2], axis=1)
    g = b.ravel()
    g[3] += f[2]
    return np.sum(a**3) + np.sum(b * b * g[1])


def of_a_row(x):
    a = np.exp(x.copy())
    m = a[1].reshape(2, 2)
    m[0] = m[1] * a[2, 0]
    m.T[1] *= 2.0
    return np.sum(a * a)


def of_rows(x):
    a = np.tanh(x.copy())
    f = a[1:].reshape(2, -1)
    g = f.reshape(-1)
    g[::3] = f[1, 1:4] * g[1]
    return np.sum(a * a * a)


def by_mask_and_places(x):
    a = x.copy()
    f = a.reshape(-1)
    f[f > 1.0] *= 0.3
    f[np.array([1, 5, 7])] += f[[2, 2, 0]] ** 2
    f[a.ravel() < 0.5] = f[0]
    return np.sum(a**2)


def scale(v, s):
    v *= s
    v[0] = v[-1] * s


def by_a_helper(x):
    a = np.cos(x.copy())
    scale(a.reshape(-1), x[0, 1])
    scale(a[0].reshape(2, 2)[1], x[1, 1])
    return np.sum(a * a)


def in_a_loop(x):
    a = np.zeros((3, 4))
    f = a.reshape(-1)
    for i in range(12):
        f[i] = x[i // 4, i % 4] * (f[i - 1] if i % 3 else 1.0)
    return np.sum(a * a)


def made_in_turns(x):
    a = x.copy()
    for i in range(3):
        f = a.reshape(2, 6)
        f[i % 2] *= x[i, 0]
        f[0, 1:] += f[1, :-1] * a[i, 2]
    return np.sum(a * a)


def rebound_in_turns(x):
    a = x.copy()
    for i in range(3):
        a = np.sin(a) + x
        a.reshape(-1)[i : i + 3] *= a[0, i]
    return np.sum(a * a)


def in_a_branch(x):
    a = x * x
    a = a.copy()
    if x[0, 0] > 0.0:
        a.reshape(-1)[3:] *= x[0, 1]
    else:
        a.ravel()[0] = 1.0
    return np.sum(np.exp(a))


def twice(x):
    a = np.stack([x[0], x[1] * x[0]])
    a.reshape(-1)[5] = a[0, 0] ** 2
    a.reshape(4, 2)[1] *= a.reshape(-1)[6:]
    return np.sum(a * a)


def shape_of_another(x):
    a = x[0] * x[1]
    b = a.copy().reshape(x[:2, :2].shape)
    b[1] = b[0] * x[2, 3]
    return np.sum(b * b)


def order_of_columns(x):
    a = np.array(x.T.copy())
    a.T.reshape(-1, order="F")[3] = x[0, 0] ** 2
    return np.sum(a * a * a)


def in_one_piece(x):
    a = x.copy() * 3.0
    b = np.ascontiguousarray(a)
    b[0] = x[1] ** 2
    c = np.atleast_1d(np.asarray(b))
    c[1] *= b[0]
    return np.sum(a * a)


def lower_axes(x):
    a = np.zeros((3, 1, 4))
    a[:, 0, :] = x
    np.squeeze(a, axis=1)[1] *= x[0]
    a.reshape(3, 4)[2] = a[1, 0] ** 2
    return np.sum(a * a)


def the_copy(x):
    a = x.copy()
    f = a.flatten()
    f[0] = a[0, 0] ** 2
    a[0, 1] = f[0] * f[1]
    return np.sum(a * a) + np.sum(f * f)


def whole_is_updated(x):
    a = x.copy()
    f = a.reshape(-1)
    f *= x.reshape(-1)
    f += f[0]
    a /= 2.0 + f[3]
    f -= a[1, 1]
    return f @ f


def adopted_adjoint(x):
    a = np.sqrt(x.copy())
    f = a.reshape(-1)
    f[2] = f[1] * f[1]
    return np.sum(a.T @ x)


INSIDE = (
    of_columns_side_by_side,
    element_by_element,
    base_is_written_behind,
    of_a_row,
    of_rows,
    by_mask_and_places,
    by_a_helper,
    in_a_loop,
    made_in_turns,
    in_a_branch,
    twice,
    shape_of_another,
    order_of_columns,
    in_one_piece,
    lower_axes,
    the_copy,
    whole_is_updated,
    adopted_adjoint,
)


@pytest.mark.parametrize("f", INSIDE, ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", [IN_ROWS, IN_COLUMNS, IN_PIECES], ids=("rows", "columns", "pieces"))
def test_arrays_that_are_made_inside(f, x):
    expected = differences(f, x)
    given = laid(x, x)
    np.testing.assert_allclose(grad(f)(given), expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(given, x)
    np.testing.assert_allclose(vjp(f)(given)[1](1.0)[0], expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("f", INSIDE, ids=lambda f: f.__name__)
def test_second_order(f):
    gradient = grad(f)

    def slope(x):
        return np.sum(np.tanh(gradient(x) / 50.0))

    expected = differences(slope, A)
    np.testing.assert_allclose(grad(slope)(A), expected, rtol=1e-5, atol=1e-7)


# Arguments ---------------------------------------------------------------------------------------


def through_rows(x):
    x.reshape(-1)[1] = x[0, 0] ** 2
    return np.sum(x * x)


def through_columns(x):
    x.T.reshape(-1)[1] = x[0, 0] ** 2
    return np.sum(x * x)


def of_a_result(x):
    a = x * x
    f = a.reshape(-1)
    f[3] = a[1, 1] * f[2]
    return np.sum(a * f.reshape(3, 4))


def in_another_order(x):
    x[0, 1] += x[1, 0]
    flat = x.ravel()
    flat[2] *= x[0, 0]
    return np.sum(x * x) + np.sum(flat**3)


def of_a_vector(x):
    x[0].reshape(2, 2)[1] *= x[1, 2]
    return np.sum(x**3)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (through_rows, IN_ROWS),
        (through_columns, IN_COLUMNS),
        (of_a_result, IN_ROWS),
        (rebound_in_turns, IN_ROWS),
        (of_a_vector, IN_ROWS),
        (of_a_vector, IN_PIECES),
        (of_a_vector, IN_COLUMNS),
    ],
)
def test_arguments_of_which_it_is_known(f, x):
    gradient = grad(f)
    expected = differences(f, x)
    given = laid(x, x)
    np.testing.assert_allclose(gradient(given), expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(given, x)
    np.testing.assert_allclose(vjp(f)(given)[1](2.0)[0], 2.0 * expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (through_rows, IN_COLUMNS),
        (through_rows, IN_PIECES),
        (through_columns, IN_ROWS),
        (of_a_result, IN_COLUMNS),
        (rebound_in_turns, IN_PIECES),
        (in_another_order, IN_COLUMNS),
    ],
)
def test_arguments_of_which_it_is_not(f, x):
    """The general form sees what a reshape gives when it runs."""
    gradient = grad(f)
    gradient(laid(IN_ROWS if f is not through_columns else IN_COLUMNS, A))
    given = laid(x, x)
    found, expected = gradient(given), differences(f, x)
    assert gradient.__sourcediff__.latest.is_general
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(given, x)
    value, pullback = vjp(f, laid(x, x))
    assert value == f(laid(x, x))
    pullback(0.3)  # it may be called again
    np.testing.assert_allclose(pullback(2.0)[0], 2.0 * expected, rtol=1e-6, atol=1e-8)


def test_one_gradient_takes_both():
    gradient = grad(of_a_vector)
    for x in (IN_ROWS, IN_PIECES, IN_COLUMNS):
        np.testing.assert_allclose(gradient(laid(x, x)), differences(of_a_vector, x), rtol=1e-6)


# What is refused ----------------------------------------------------------------------------------


def of_columns(x):
    a = x.copy()
    f = a[:, 1:].reshape(-1)
    f[0] = x[0, 0]
    return np.sum(a * a) + f[1]


def turned_and_read_later(x):
    a = x.copy()
    f = a.T.ravel()
    a[0] = 2.0
    return np.sum(f * f) + np.sum(a)


def read_only(x):
    a = np.broadcast_to(x[0], (3, 4))
    b = x.copy()
    a[0] = b[1]
    return np.sum(a)


@pytest.mark.parametrize("f", [of_columns, turned_and_read_later, read_only])
def test_what_cannot_be_known_is_refused(f):
    with pytest.raises(DifferentiationError):
        grad(f)(A)


def turned_and_read_at_once(x):
    a = x.copy()
    f = a.T.ravel() * a[:, 1:].reshape(-1).sum()
    a[0] = 2.0 * f[:4]
    return np.sum(f * f) + np.sum(a)


def test_what_is_read_before_the_next_write_may_be_either():
    f = turned_and_read_at_once
    np.testing.assert_allclose(grad(f)(A), differences(f, A), rtol=1e-6, atol=1e-8)


# The text -----------------------------------------------------------------------------------------


def filled(x):
    a = np.zeros((2, 2))
    flat = a.reshape(-1)
    flat[:] = x * x
    flat[0] *= x[1]
    return np.sum(a @ a)


def test_the_text():
    gradient = grad(filled)
    x = np.array([0.3, 0.7, 1.1, 0.4])
    np.testing.assert_allclose(gradient(x), differences(filled, x), rtol=1e-6)
    assert "flat_bar = a_bar.reshape(-1)" in gradient.source


def first_row_doubled(a, b):
    row = a[0]
    row[0] *= 2.0
    total = a + b
    flat = total.reshape(-1)
    flat[1] *= 3.0
    return (total * total).sum()


def test_adjoints_with_views_are_given_back_as_they_are():
    a, b = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    gradient = grad(first_row_doubled, argnums=0)
    gradient(a, b)
    assert gradient.source.endswith("return a_bar\n")
    both = grad(first_row_doubled, argnums=(0, 1))
    assert not np.shares_memory(*both(a, b))
