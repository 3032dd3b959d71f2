"""Writes to the real and the imaginary part of arrays: against differences, to second order."""

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, hvp, jvp, vjp
from tests.test_complex_array_arguments import check, numbers

RNG = np.random.default_rng(5)


def reals(*shape):
    return RNG.normal(size=shape)


def helper(w, x):
    w.real += x
    w.imag[0] = x[1]


def by_another_name(z, x):
    z = z.copy()
    p = z.real
    p[:] = x * x
    return np.sum(np.abs(z) ** 2 * z.imag)


def read_before(z, x):
    z = z.copy()
    p = z.real * 2
    q = z.imag
    z.imag = x
    return np.sum(p * z.imag**2)


def at_once(z, x):
    w = z * z
    w.real, w.imag = x, w.real * 2
    return np.sum(np.abs(w) ** 4)


def swapped(z, x):
    w = z * 1
    t = w.real.copy()
    w.real = w.imag
    w.imag = t * x
    return np.sum((w * w * w).imag)


def in_rows(z, x):
    w = z * 1
    for i in range(3):
        w[i].real += x * i
        w.imag[i] -= x
        w[i].imag *= 2.0
    return np.sum(np.abs(w) ** 3)


def of_rows(z, x):
    w = z * 1
    for row in w:
        row.real[1:] = x[1:] * row.imag[:-1]
    return np.sum(np.abs(w) ** 3)


def where_a_mask_says(z, x):
    w = z * 1
    m = x > 0
    w.real[m] *= 2.0
    w.imag[~m] = x[~m]
    w.imag[m] += x[m]
    return np.sum(np.abs(w) ** 3)


def at_places(z, x):
    w = z * 1
    k = np.array([0, 2, 4])
    w.real[k] = x[k]
    return np.sum(np.abs(w) ** 3)


def added_at_places(z, x):
    w = z * 1
    k = np.array([0, 2, 4])
    w.real[k] += x
    return np.sum(np.abs(w) ** 3)


def added_twice(z, x):
    w = z * 1
    w.real[[0, 2, 2]] += x
    return np.sum(np.abs(w) ** 3)


def in_turns(z, x, n):
    w = z * 1
    for i in range(n):
        w.real = w.real + 0.1 * w.imag * x
        w.imag -= 0.1 * w.real
    return np.sum(np.abs(w) ** 2)


def in_a_branch(z, x):
    w = z * 1
    if x[0] > 0:
        w.real = x
    else:
        w.imag += x * x
    return np.sum(np.abs(w) ** 2 * w.imag)


def by_a_helper(z, x):
    w = z * 1
    helper(w, x)
    helper(w, x * 2)
    return np.sum(np.abs(w) ** 2 * w.imag)


def of_a_slice(z, x):
    w = z * 1
    v = w[1:4]
    v.real = x[1:4]
    v.imag[0] += x[0]
    return np.sum(np.abs(w) ** 2 * w.imag)


def of_the_argument(z, x):
    z.real += x
    return np.sum(np.abs(z) ** 2 * z.imag)


def of_the_transposed(z, x):
    w = z * 1
    w.T.real[0] = x
    w.T.imag += x
    return np.sum(np.abs(w) ** 3)


def one_by_one(z, x):
    w = z * 1
    for k in range(1, 4):
        w.real[k] += w.imag[k - 1] * x[k]
        w.imag[k] = w.real[k - 1] + w.imag[k]
    return np.sum(np.abs(w) ** 3)


def kept_by_turns(z, x):
    w = z * 1
    parts = []
    for i in range(3):
        w.real += x
        parts.append(w.real * 1.0)
    return np.sum(np.abs(w) ** 2) + sum(np.sum(p**2) for p in parts)


def of_arrays_in_a_list(z, x):
    ws = [z[0] * 1, z[1] * 2]
    for w in ws:
        w.real += x
    return sum(np.sum(np.abs(w) ** 2) for w in ws)


def assembled(z, x):
    w = np.empty(4, dtype=complex)
    w.real = x
    w.imag[1:] = (x * x)[:3]
    w.imag[0] = z[0].imag
    w.imag *= 2.0
    np.real(w)[2] -= x[1]
    return np.sum((w * w * np.exp(1j * z)).real)


PROGRAMS = [
    (
        by_another_name,
        (
            numbers(4),
            reals(4),
        ),
    ),
    (
        read_before,
        (
            numbers(4),
            reals(4),
        ),
    ),
    (
        at_once,
        (
            numbers(4),
            reals(4),
        ),
    ),
    (
        swapped,
        (
            numbers(4),
            reals(4),
        ),
    ),
    (
        in_rows,
        (
            numbers(3, 4),
            reals(4),
        ),
    ),
    (
        of_rows,
        (
            numbers(3, 4),
            reals(4),
        ),
    ),
    (
        where_a_mask_says,
        (
            numbers(5),
            reals(5),
        ),
    ),
    (
        at_places,
        (
            numbers(5),
            reals(5),
        ),
    ),
    (
        added_at_places,
        (
            numbers(5),
            reals(3),
        ),
    ),
    (
        added_twice,
        (
            numbers(5),
            reals(3),
        ),
    ),
    (
        in_turns,
        (
            numbers(5),
            reals(5),
            3,
        ),
    ),
    (
        in_a_branch,
        (
            numbers(5),
            reals(5),
        ),
    ),
    (
        by_a_helper,
        (
            numbers(5),
            reals(5),
        ),
    ),
    (
        of_a_slice,
        (
            numbers(5),
            reals(5),
        ),
    ),
    (
        of_the_argument,
        (
            numbers(5),
            reals(5),
        ),
    ),
    (
        of_the_transposed,
        (
            numbers(4, 4),
            reals(4),
        ),
    ),
    (
        one_by_one,
        (
            numbers(4),
            reals(4),
        ),
    ),
    (
        kept_by_turns,
        (
            numbers(4),
            reals(4),
        ),
    ),
    (
        of_arrays_in_a_list,
        (
            numbers(2, 4),
            reals(4),
        ),
    ),
    (assembled, (numbers(4), reals(4))),
]
every_program = pytest.mark.parametrize(
    ("f", "args"), PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS]
)


def inner(one, other):
    """The inner product of arrays of real or complex numbers, as pairs of real ones."""
    return float(np.real(np.sum(np.conj(one) * other)))


@every_program
def test_gradients(f, args):
    arrays = [a for a in args if isinstance(a, np.ndarray)]
    rest = args[len(arrays) :]
    check(lambda *given: f(*given, *rest), *arrays)


@every_program
def test_modes_and_second_order(f, args):
    arrays = [a for a in args if isinstance(a, np.ndarray)]
    rest = args[len(arrays) :]

    def of_arrays(z, x):
        return f(z, x, *rest)

    directions = [numbers(*arrays[0].shape), reals(*arrays[1].shape)]
    gradients = grad(of_arrays, argnums=(0, 1))
    found = gradients(*arrays)
    slope = sum(map(inner, found, directions))
    _, pullback = vjp(of_arrays, *arrays)
    assert sum(map(inner, pullback(1.0), directions)) == pytest.approx(slope)
    _, tangent = jvp(of_arrays, tuple(arrays), tuple(directions))
    assert tangent == pytest.approx(slope)
    step = 1e-5
    ends = []
    for sign in (step, -step):
        moved = [a + sign * d for a, d in zip(arrays, directions, strict=True)]
        ends.append(sum(map(inner, gradients(*moved), directions)))
    bent = sum(map(inner, hvp(of_arrays, tuple(arrays), tuple(directions)), directions))
    assert bent == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4, abs=1e-5)


def test_the_text_is_what_one_would_write():
    def f(z, x):
        z.real[1:] += x[1:]
        z.imag = x * x
        return np.sum(np.abs(z) ** 2)

    derivative = grad(f, argnums=(0, 1))
    derivative(numbers(3), reals(3))
    lines = [line.strip() for line in derivative.source.splitlines()]
    assert "z.real[1:] += x[1:]" in lines
    assert "z_bar.imag = 0.0" in lines


def kept(z, x):
    parts = []
    for _ in range(2):
        z.real += x
        parts.append(z.real)
    return np.sum(parts[0])


def read_later(z, x):
    part = z.real
    part[1:] = x[1:]
    return np.sum(part)


def of_complex_numbers(z, x):
    z.real = z * x
    return np.sum(np.abs(z))


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (kept, "is a view"),
        (read_later, "is a view"),
        (of_complex_numbers, "put into the real part"),
    ],
)
def test_what_is_refused(f, words):
    with pytest.raises(DifferentiationError, match=words):
        grad(f)(numbers(3), reals(3))
