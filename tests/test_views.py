"""Random programs on arrays that are written to: their derivatives are those of differences."""

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, value_and_grad, vjp
from tests.views import composed, judged, with_none, written
from tests.views.constructs import constructs
from tests.views.shrink import shrunk

COUNT = 60


@pytest.mark.parametrize("block", range(0, COUNT, 10))
def test_the_derivatives_are_right(block: int) -> None:
    for number in range(block, block + 10):
        text = written("suite", number)
        found = judged(text, f"suite:{number}")
        assert found
        assert not [str(verdict) for verdict in found if verdict.is_defect], text


@pytest.mark.parametrize("block", range(0, COUNT, 10))
@pytest.mark.parametrize("write", [composed, with_none])
def test_the_derivatives_of_others_are_right(write, block: int) -> None:
    taken = 0
    for number in range(block, block + 10):
        text = write("suite", number)
        found = judged(text, f"{write.__name__}:{number}")
        assert not [str(verdict) for verdict in found if verdict.is_defect], text
        taken += "tangent" in {verdict.kind for verdict in found}
    assert taken >= 5


def test_many_programs_are_differentiated_to_second_order() -> None:
    found = [judged(written("suite", number), f"many:{number}") for number in range(30)]
    kinds = [{verdict.kind for verdict in verdicts} for verdicts in found]
    for kind in ("first order", "second order", "pullback", "tangent"):
        assert sum(kind in one for one in kinds) >= 10, kind


def test_every_construct_is_in_many_programs() -> None:
    counts: dict[str, int] = {}
    for number in range(300):
        for construct in constructs(written("suite", number)):
            counts[construct] = counts.get(construct, 0) + 1
    assert sum(count >= 10 for count in counts.values()) >= 40, counts


def test_a_defect_is_shown_by_a_small_program() -> None:
    text = written("suite", 3)
    assert shrunk(text + "\nraise KeyError(2 * 3)\n", lambda t: "KeyError" in t) == "raise KeyError"


# What such programs have found -----------------------------------------------------------------


def exp_overwritten(x):
    e = np.exp(x)
    e += x
    return np.sum(e * e)


def quotient_overwritten(x):
    q = 1.0 / (2.0 + x)
    q[1:] = x[:-1]
    return np.sum(q * q)


def transposed_is_added_to(x):
    a = np.stack([x, 0.3 * x])
    b = a
    b[1] *= 0.1 * x @ a.T @ a
    return np.sum(a * b)


def row_overlaps_what_is_written(x):
    a = np.outer(x, x)
    for row in a:
        a[:, 1] -= np.sin(x) + row
    return np.sum(a * a)


def kept_in_a_loop(x):
    v = x * 0.5
    for _ in range(3):
        v[::1] = v**2
    return np.sum(v)


def difference_of_an_array_and_itself(x):
    return np.sum(x * (x - x))


def rows_gone_through_while_written(x):
    a = np.stack([x, x * 2.0])
    for v in a[0]:
        a += v
    return np.sum(a * 0.3)


def only_one_arm_has_it(x):
    y = x.copy()
    for _ in range(2):
        if np.sum(y) > 0:
            y *= np.tanh(x)
    return np.sum(y * y)


def left_in_the_midst_of_a_turn(x):
    a = np.outer(x, x)
    for i in range(3):
        if x[i] > 1.0:
            break
        a[i] *= x
    return np.sum(a * a)


def conjugate_is_the_array_itself(x):
    y = x * 2.0
    z = y.conj()
    z *= x
    return np.sum(y**3)


def part_of_a_split_is_written_to(x):
    y = np.stack([x, x * x, 2.0 * x])
    z = np.split(y, 3)[1][0]
    z *= x
    return np.sum(y**3)


def item_of_a_list_has_a_name(x):
    y = x * 2.0
    hs = [y, x * x]
    hs[0] *= x
    return np.sum(y**3) + np.sum(hs[1])


def item_is_in_two_places(x):
    hs = [x * 2.0] * 2
    hs[0] += x
    return np.sum(hs[1] ** 3)


def written_by_a_name_whose_array_is_no_copy(x):
    y = np.exp(x) ** 2
    y.reshape(-1)[-2] += np.sum(x * x)
    return np.sum(y * y)


def parts_that_change_when_they_are_stacked(x):
    a = np.outer(x, x * x).T
    b = np.stack([a[::1], np.flip(a, 0)]) ** 2
    a[1] = 0.83
    return np.sum(b * b) + np.sum(a)


def sum_of_an_inner_axis(x):
    y = x + np.sum(np.full((2, 4, 3), x[0]), -2)
    return np.sum(y * y)


def taken_from_a_tuple_that_is_computed(x):
    y = x * 3.7
    v, _ = np.modf(y)
    w = np.cos(v * v)
    y *= 1.3
    v[1] = 0.21
    return np.sum(w) + v[0] * y[0]


def repeated_in_every_turn(x):
    total = 0.0
    for k in range(2):
        hs = [x * x + k] * 3
        total += np.sum(hs[-1] ** 3)
    return total


def the_turn_before(x):
    before = None
    total = 0.0
    for k in range(3):
        now = np.sin(x * (k + 1))
        if before is not None:
            total += np.sum(now * before**2)
        before = now
    return total


FOUND = [
    the_turn_before,
    taken_from_a_tuple_that_is_computed,
    repeated_in_every_turn,
    sum_of_an_inner_axis,
    written_by_a_name_whose_array_is_no_copy,
    parts_that_change_when_they_are_stacked,
    item_of_a_list_has_a_name,
    item_is_in_two_places,
    conjugate_is_the_array_itself,
    part_of_a_split_is_written_to,
    left_in_the_midst_of_a_turn,
    exp_overwritten,
    quotient_overwritten,
    transposed_is_added_to,
    row_overlaps_what_is_written,
    kept_in_a_loop,
    difference_of_an_array_and_itself,
    rows_gone_through_while_written,
    only_one_arm_has_it,
]


@pytest.mark.parametrize("function", FOUND)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_found(function, sign):
    x = sign * np.array([0.4, 0.9, 1.3])

    def slope(of, place):
        step = np.zeros(3)
        step[place] = 1e-6
        return (of(x + step) - of(x - step)) / 2e-6

    gradient = grad(function)
    expected = [slope(function, place) for place in range(3)]
    np.testing.assert_allclose(gradient(x), expected, rtol=1e-6, atol=1e-7)
    value, pullback = vjp(function, x)
    assert value == function(x)
    np.testing.assert_allclose(pullback(1.0)[0], gradient(x), rtol=1e-12, atol=1e-13)

    def curvature(x):
        return np.sum(np.cos(gradient(x)))

    second = grad(curvature)(x)
    expected = [slope(curvature, place) for place in range(3)]
    np.testing.assert_allclose(second, expected, rtol=1e-5, atol=1e-6)


def test_copies_lie_in_memory_as_the_arrays():
    """The order in which NumPy adds up an array depends on that, and so the last bit of a sum."""

    def joined_before_a_write(a):
        parts = [a[::1], np.flip(a, 0)]
        b = np.stack(parts) ** 2
        a[1] = 0.83
        return np.sum(b * b)

    for rows in range(2, 9):
        a = (0.3 + np.sin(np.arange(5.0 * rows))).reshape(5, rows).T
        value, _ = value_and_grad(joined_before_a_write)(a.copy("K"))
        assert value == joined_before_a_write(a.copy("K"))
        assert vjp(joined_before_a_write, a)[0] == value


# What NumPy gives that is a view, and is not written to through it -----------------------------


def summed_beside(z, y):
    y[1] = 2.0
    return np.sum(z * z)


def einsum_of_one(x):
    y = np.outer(x, x)
    return summed_beside(np.einsum("ij->ji", y), y)


def diagonal_of_what_is_written(x):
    y = np.outer(x, x)
    return summed_beside(np.diagonal(y), y)


def first_power(x):
    y = np.outer(x, x)
    return summed_beside(np.linalg.matrix_power(y, 1), y)


def differences_of_order_zero(x):
    y = x * x
    return summed_beside(np.diff(y, n=0), y)


SEEN = [einsum_of_one, diagonal_of_what_is_written, first_power, differences_of_order_zero]


@pytest.mark.parametrize("function", SEEN)
def test_what_changes_with_its_array_is_refused(function):
    with pytest.raises(DifferentiationError):
        grad(function)(np.array([0.4, 0.9, 1.3]))
