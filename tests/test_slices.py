"""Slices as values: made by a call, bound to a name, or found outside of the function."""

import pytest

from sourcediff import DifferentiationError, grad, hvp, jvp
from tests.every_mode import check_in_every_mode

np = pytest.importorskip("numpy")

ENDS = slice(1, None)


class State:
    position = slice(0, 2)
    velocity = slice(2, 4)


def by_name(xs):
    part = slice(1, 3)
    return sum(x * x for x in xs[part]) + xs[part][0] ** 3


def outside(xs):
    return sum(x**2 for x in xs[ENDS]) * sum(xs[ENDS])


def bound_before_its_bounds_change(xs):
    start = 1
    part = slice(start, start + 2)
    start += 5
    return sum(x * x * start for x in xs[part])


def in_a_loop(xs):
    total = 0.0
    for k in range(2):
        part = slice(k, k + 2)
        total += sum(xs[part]) ** 2 * part.start + xs[part][-1] * part.stop
    return total


def chosen(xs):
    part = slice(0, 2) if xs[0] > 0.0 else slice(1, 3)
    return sum(xs[part]) ** 2


def chosen_in_a_loop(xs):
    total = 0.0
    for i in range(3):
        part = slice(i, None)
        if i % 2:
            part = slice(0, i, 1)
        total += sum(xs[part]) ** 2 + xs[part.start or 0]
    return total


PROGRAMS = [by_name, outside, bound_before_its_bounds_change, in_a_loop, chosen, chosen_in_a_loop]


@pytest.mark.parametrize("program", PROGRAMS)
def test_of_lists(program):
    check_in_every_mode(program, (0.7, -0.4, 1.3))


def test_the_other_of_two_slices():
    check_in_every_mode(chosen, (-0.7, -0.4, 1.3))
    derivative = grad(chosen)
    derivative([0.7, -0.4, 1.3])
    assert "xs[start:stop]" in derivative.source


def or_none(xs, asked):
    part = slice(0, 2) if asked else None
    return xs[0] if part is None else sum(xs[part]) ** 2


def left_by_an_exception(xs, fails):
    try:
        part = slice(0, 2)
        if fails:
            raise ValueError
        part = slice(1, 3)
    except ValueError:
        pass
    return sum(xs[part]) ** 2


@pytest.mark.parametrize("program", [or_none, left_by_an_exception])
def test_slices_of_the_general_form(program):
    xs, asked = [0.7, -0.4, 1.3], grad(program)([0.7, -0.4, 1.3], True)
    assert asked == pytest.approx([0.6, 0.6, 0.0])
    other = [1.0, 0.0, 0.0] if program is or_none else [0.0, 1.8, 1.8]
    assert grad(program)(xs, False) == pytest.approx(other)
    along = [0.5, 1.0, 2.0]
    assert jvp(program, (xs, True), (along, None))[1] == pytest.approx(0.9)


def energy(x):
    return np.dot(x[State.position], x[State.velocity]) + np.sum(x[State.velocity] ** 2)


def written(x):
    y = x.copy()
    part = slice(None, None, 2)
    y[part] *= x[1]
    y[ENDS] += x[0] * x[ENDS]
    return np.sum(y**2)


def of_two_axes(x):
    whole = x.reshape(2, 2)
    corner = slice(0, 1), slice(None)
    return np.sum(whole[corner] ** 3) + whole[slice(1, 2), 0].sum()


@pytest.mark.parametrize("program", [energy, written, of_two_axes])
def test_of_arrays(program):
    x, move = np.array([0.7, -0.4, 1.3, 0.6]), np.array([0.3, 1.1, -0.5, 0.2])
    first, step = grad(program), 1e-6
    slope = (program(x + step * move) - program(x - step * move)) / (2 * step)
    assert first(x) @ move == pytest.approx(slope, rel=1e-8)
    assert jvp(program, (x,), (move,))[1] == pytest.approx(slope, rel=1e-8)
    bend = (first(x + step * move) - first(x - step * move)) / (2 * step)
    assert hvp(program, (x,), (move,))[0] == pytest.approx(bend, rel=1e-7, abs=1e-8)


def test_another_slice_outside_is_followed(monkeypatch):
    derivative = grad(outside)
    assert derivative([1.0, 2.0, 3.0])[0] == 0.0
    monkeypatch.setitem(globals(), "ENDS", slice(0, 1))
    assert derivative([2.0, 1.0, 3.0]) == [12.0, 0.0, 0.0]


def test_a_slice_is_written_in_brackets():
    derivative = grad(outside)
    derivative([1.0, 2.0, 3.0])
    assert "xs[1:]" in derivative.source
    assert "slice(" not in derivative.source


def test_bounds_are_whole_numbers():
    with pytest.raises(DifferentiationError, match=r"slice\(\)"):
        grad(lambda xs: sum(xs[slice()]))([1.0])
