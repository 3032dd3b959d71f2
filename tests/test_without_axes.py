"""Arrays without axes are numbers here: nothing is written where another name would see it."""

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, hvp, jvp, value_and_grad, vjp
from tests.differences import difference


def read_by_an_ellipsis(x, y, z):
    v = np.array([x, y * z, z])
    a, b = v[..., 0], v[..., -1]
    m = np.outer(v, v)
    return a * b + m[..., 1, 2] * m[0, ..., 1]


def written_by_an_ellipsis(x, y, z):
    v = np.zeros(3)
    v[..., 0] = x * y
    v[..., 1] += z
    v[..., 1] *= x
    m = np.outer(v, v)
    m[0, 1, ...] = z * z
    m[..., 2, 2] -= y
    return np.sum(m * m) + np.sum(v)


def written_before_it_is_read(x, y, z):
    v = np.zeros((1, 1))
    total = 0.0
    for k in range(3):
        v[0, 0] = x * y + k * z
        t = np.squeeze(v)
        total += t * t * z
    return total * np.squeeze(v)


def added_up(x, y, z):
    total = np.zeros(())
    mean = np.array(0.0)
    for w in (x, y, z):
        total += w * w
        mean += w * x
    return total * float(mean) + total


PROGRAMS = [read_by_an_ellipsis, written_by_an_ellipsis, written_before_it_is_read, added_up]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_derivatives_are_right(program):
    point, along = (0.7, -1.2, 0.4), (0.3, 0.5, -0.8)

    def at(step):
        return [x + a * step for x, a in zip(point, along, strict=True)]

    gradient = grad(program, argnums=(0, 1, 2))
    found = gradient(*point)
    for place in range(3):
        assert difference(program, point, place).value == pytest.approx(found[place], rel=1e-7)
    assert not gradient.__sourcediff__.latest.is_general
    value, pullback = vjp(program, *point)
    assert value == program(*point)
    assert pullback(1.0) == pytest.approx(found)
    assert jvp(program, point, along) == pytest.approx((value, np.dot(found, along)))
    for place, second in enumerate(hvp(program, point, along)):
        slope = difference(lambda step, k=place: gradient(*at(step))[k], (0.0,), 0)
        assert slope.value == pytest.approx(second, rel=1e-6, abs=1e-6)


def view_of_an_array_that_changes(x):
    t = x[..., 0]
    x[0] = 5.0
    return t * np.sum(x)


def view_that_changes(x):
    t = x[..., 0]
    t += 1.0
    return np.sum(x * x)


def squeezed_and_changed(x):
    y = x[:1] * 2.0
    t = np.squeeze(y, axis=0)
    t *= x[1]
    return np.sum(y)


def views_in_a_list(x):
    y = x * 2.0
    parts = [y[..., k] for k in range(2)]
    y *= 2.0
    return parts[0] * parts[1]


def changed_by_a_helper(x):
    def double(a):
        a *= 2.0

    double(x[..., 0])
    return np.sum(x * x)


def squeezed_and_changed_later(x):
    y = x[:1] * 2.0
    t = y.reshape(())
    y[0] *= x[1]
    return t * y[0]


class Holder:
    def __init__(self, held):
        self.held = held


def held_by_objects_in_a_list(x):
    holders = [Holder(x[..., k]) for k in range(2)]
    first = holders[0]
    first.held += x[2]
    return np.sum(x * x) * holders[0].held


def held_by_a_list(x):
    places = [x[..., 0], x[..., 1]]
    for k in range(2):
        places[k] *= x[2]
    return np.sum(x * x) + places[0]


SEEN = [
    held_by_objects_in_a_list,
    held_by_a_list,
    view_of_an_array_that_changes,
    view_that_changes,
    views_in_a_list,
    changed_by_a_helper,
]
REFUSED = [squeezed_and_changed, squeezed_and_changed_later]


@pytest.mark.parametrize("function", SEEN)
def test_what_another_name_sees_is_seen(function):
    x = np.array([0.4, 0.9, 1.3])
    value, found = value_and_grad(function)(x)
    assert value == function(x.copy())
    for place in range(3):
        step = np.zeros(3)
        step[place] = 1e-6
        slope = (function(x + step) - function(x - step)) / 2e-6
        assert found[place] == pytest.approx(slope, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("function", REFUSED)
def test_what_another_name_would_see_is_refused(function):
    with pytest.raises(DifferentiationError) as refusal:
        grad(function)(np.array([0.4, 0.9, 1.3]))
    assert "internal" not in str(refusal.value.msg)
    assert refusal.value.text is not None


def two_names_of_one_made_inside(x):
    total = np.array(0.0)
    same = total
    total += x[0]
    total *= x[1]
    return same * total


def handed_in(x):
    same = x
    x *= 3.0
    return same * same * x


def test_two_names_of_one_array_see_what_the_other_changes():
    x = np.array([0.4, 0.9])
    value, found = value_and_grad(two_names_of_one_made_inside)(x)
    assert value == two_names_of_one_made_inside(x)
    np.testing.assert_allclose(found, [2 * x[0] * x[1] ** 2, 2 * x[1] * x[0] ** 2])
    given = np.array(0.7)
    value, found = value_and_grad(handed_in)(given)
    assert given == 0.7
    assert value == handed_in(np.array(0.7))
    assert found == pytest.approx(81 * 0.7**2)
