"""Arrays of complex numbers that are made inside: elementwise, their shapes, and their views."""

import copy

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, value_and_grad, vjp

W = np.array([0.5, 1.0, 2.0, 4.0])
C = np.array([[1.0], [2.0], [3.0]])
N = np.arange(4)


def bode(x):
    h = 1 / (1 + 1j * W * x)
    return np.sum(20 * np.log10(np.abs(h))) + np.angle(h).sum()


def matched(x):
    z = x + 1j * W
    reflected = (z - (1 + 2j)) / (z + (1 - 2j))
    return np.sum(np.abs(reflected) ** 2)


def waves(x):
    z = np.exp(1j * x * W) * (2 - 1j)
    return np.sum(z.real * W) + np.sum(np.imag(z) ** 2) + (z * np.conj(z)).real.sum()


def functions(x):
    z = W * x + 1j
    first = np.abs(np.sinh(z)).sum() + np.tanh(z).real.sum() + np.log10(z).imag.sum()
    return first + np.sqrt(z).real.sum() + np.log(z).real.sum() + np.cos(z).imag.sum()


def powers(x):
    z = W * x + 1j
    return np.sum(np.abs(z**1.5)) + np.sum((z**3).imag) + np.abs(2 ** (1j * W * x) + 1).sum()


def whole_numbers(x):
    return np.sum(np.abs(np.exp(1j * N * x) + N)) + np.sum((N * x + 0j).imag)


def broadcast(x):
    z = C * x + 1j * W
    return z.real.sum() + z.imag.sum() * x + z.shape[0] * x + z.mean().real + np.abs(z).sum()


def one_part(x):
    z = W * x + 1j
    return z.imag.sum() * x + z.sum().imag * x + z.mean(axis=0).real + z.ndim * x


def items(x):
    z = C * x + 1j * W
    one = z[1, 2].real + z[1:, :2].sum().imag * x + np.abs(z[-1]).sum()
    return one + np.abs(z[:, 1]).sum() + np.abs((z + 0)[[0, 2]]).sum()


def places(x):
    z = W * x + 1j
    total = 0.0
    for k in range(4):
        total += np.abs(z[k]) ** 2 * k
    return total + np.abs(z[z.real > 1]).sum() + np.abs(z[::-1] * W).sum()


def turns(x):
    z = np.exp(1j * W * x) + 0.5
    for _ in range(3):
        z = z * z - (0.2 + 0.1j) * W
    return np.sum(np.abs(z))


def products(x):
    a, b = np.exp(1j * x * C * W[:3]), C.T * x + 1j * C
    return np.abs(a @ b).sum() + np.abs(W @ np.exp(1j * W * x))


def shapes(x):
    z = np.exp(1j * W * x)
    return (
        np.abs(np.reshape(z, (2, 2)).sum(axis=0)).sum()
        + np.abs(np.cumsum(z)).sum()
        + np.diff(z).imag.sum()
        + np.abs(np.flip(z) + z.T).sum()
    )


def helper(z, w):
    return z * w + 1j


def in_helpers(x):
    held = {"z": helper(helper(W * x, 1j), W)}
    pair = (held["z"], x)
    return np.abs(held["z"]).sum() + pair[0].real.sum()


def on_the_cut(x):
    return np.sqrt(-W * x + 0j).imag.sum() + np.sqrt(1j * W * x * 1j).imag.sum()


def on_the_other_side(x):
    return np.angle(1j * (x * 1j) * W).sum() * x + np.sqrt(-(W * x + 0j)).imag.sum()


def source_written(x):
    a = W * x
    z, w, v = a + 1j * a, a + 0j, 1j * a
    a[0] = 100.0
    return np.abs(z).sum() + w.real.sum() + v.imag.sum()


def in_place(x):
    z = W * x + 1j
    y = z
    z *= 2
    return np.abs(y).sum()


def made_complex_in_place(x):
    z = 1j
    z += W * x
    return np.abs(z).sum()


def item_written(x):
    z = W * x + 1j
    z[0] = 2j
    return np.abs(z).sum()


def gone_through(x):
    return sum(abs(z) for z in W * x + 1j)


def unpacked(x):
    a, _, _, d = W * x + 1j
    return abs(a * d)


def compared(x):
    return np.sum((W * x + 1j == 1j) * x) + np.sum(np.where(W * x + 1j != 1j, x, 0.0))


def asked_for_its_class(x):
    return x if isinstance(W * x + 1j, np.ndarray) else 2 * x


def joined_to_another(x):
    return np.abs(np.concatenate([W * x + 1j, W + 0j])).sum()


def all_known(x):
    return np.abs(0 * (W * x + 1j) + x).sum()


def transformed(x):
    return np.abs(np.fft.fft(W * x + 1j)).sum()


PROGRAMS = [
    bode,
    matched,
    waves,
    functions,
    powers,
    whole_numbers,
    broadcast,
    one_part,
    items,
    places,
    turns,
    products,
    shapes,
    in_helpers,
    on_the_cut,
    on_the_other_side,
    source_written,
    in_place,
    made_complex_in_place,
    item_written,
    gone_through,
    unpacked,
    compared,
    asked_for_its_class,
    joined_to_another,
    all_known,
    transformed,
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(f):
    for x in (1.3, 0.7):
        value, found = value_and_grad(f)(x)
        assert value == pytest.approx(f(x), rel=1e-12)
        assert found == pytest.approx((f(x + 1e-6) - f(x - 1e-6)) / 2e-6, rel=1e-6, abs=1e-7)
        if f is not products:
            assert vjp(f)(x)[1](2.0)[0] == pytest.approx(2 * found, rel=1e-12)


@pytest.mark.parametrize("f", [bode, matched, waves, functions, turns, on_the_cut])
def test_second_order(f):
    slope = grad(f)
    expected = (slope(1.3 + 1e-5) - slope(1.3 - 1e-5)) / 2e-5
    assert grad(slope)(1.3) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_arrays_of_real_numbers_as_arguments():
    def loss(r, c, w):
        return np.sum(np.abs(1 / (r + 1j * w * c)) ** 2)

    r, c = np.array([1.0, 2.0, 0.5, 1.0]), 0.7
    found = grad(loss, argnums=(0, 1, 2))(r, c, W)
    size = r**2 + (W * c) ** 2
    assert found[0] == pytest.approx(-2 * r / size**2)
    assert found[1] == pytest.approx(np.sum(-2 * W**2 * c / size**2))
    assert found[2] == pytest.approx(-2 * W * c**2 / size**2)


# What is written to a part would be written to the array, and to what shares it.


def part_written(x):
    z = W * x + 1j
    y = z
    y.imag[1] = 7.0
    np.imag(z)[2] = 5.0
    return np.abs(z).sum()


def slice_of_part_written(x):
    z = W * x + 1j
    part = z[1:3].imag
    part *= 5
    return np.abs(z).sum()


def view_written(x):
    z = W * x + 1j
    w = z.T
    w.imag[0] = 5
    return np.abs(z).sum()


def conjugate_written(x):
    z = W * x + 1j
    w = z.conj()
    w.real[0] = 9
    v = z.copy()
    v.imag[1] = 3
    u = z * 1
    u.real[2] = 3
    return np.abs(z).sum() + np.abs(w).sum() + np.abs(v).sum() + np.abs(u).sum()


def joined_view_written(x):
    z = np.exp(1j * W * x)
    w = z[1:3]
    if x > 1:
        w = z[:2]
    w.imag[0] = 5
    return np.abs(z).sum()


def copied(x):
    z = np.exp(1j * W * x)
    w = copy.copy(z)
    w.real[0] = 9
    return np.abs(z).sum()


def returned(x):
    return W * x + 1j


def ordered(x):
    return np.sort(W * x + 1j).real.sum()


def multiplied(x):
    return np.prod(W * x + 1j).real


def part_kept(x):
    z = W * x + 1j
    part = z.real[1:]
    z[2] = 5.0
    return np.sum(part * W[1:])


def part_in_list(x):
    z, parts = W * x + 1j, []
    parts.append(z.real)
    z *= 2
    return np.sum(parts[0] ** 2)


def part_in_tuple(x):
    z = W * x + 1j
    pair = (z.real, z.imag)
    z *= 2
    return np.sum(pair[0] ** 2 * pair[1])


def parts_in_loop(x):
    z = W * x + 1j
    parts = [z.real for _ in range(2)]
    z[0] = 0
    return np.sum(parts[1] ** 2)


def lost(x):
    y = np.zeros(4)
    y[1:3] = (W * x + 1j)[1:3]
    return y.sum()


REFUSED = [
    (slice_of_part_written, "writing to the real or"),
    (joined_view_written, "has two names"),
    (ordered, "sort.. of complex numbers"),
    *((f, "is a view") for f in (part_kept, part_in_list, part_in_tuple, parts_in_loop)),
    (lost, "lose its imaginary part"),
    (returned, "returns an array"),
]


@pytest.mark.parametrize("f", [part_written, view_written, conjugate_written, copied, multiplied])
def test_writes_to_parts_that_are_followed(f):
    for x in (0.7, 1.3):
        expected = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
        assert grad(f)(x) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("f", "words"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
def test_what_is_refused(f, words):
    with pytest.raises(DifferentiationError, match=words):
        grad(f)(1.3)
