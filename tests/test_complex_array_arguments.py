"""Arrays of complex numbers as arguments: written to, gone through, joined, multiplied."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, jacobian, jvp, value_and_grad, vjp

RNG = np.random.default_rng(11)
OUTSIDE = np.array([1j, 2, 3 + 1j, 0.5, -1j, 1])


def numbers(*shape):
    return RNG.normal(size=shape) + 1j * RNG.normal(size=shape)


def differences(f, args, place, step=1e-6):
    """The derivative by differences, of a complex array by both parts."""
    whole = args[place]
    found = np.zeros_like(whole)
    for k in np.ndindex(whole.shape):
        for unit in (1, 1j) if np.iscomplexobj(whole) else (1,):
            values = []
            for sign in (1, -1):
                moved = whole.copy()
                moved[k] += sign * step * unit
                values.append(f(*args[:place], moved, *args[place + 1 :]))
            found[k] += unit * (values[0] - values[1]) / (2 * step)
    return found


def check(f, *args):
    before = [arg.copy() for arg in args]
    for place, arg in enumerate(args):
        value, found = value_and_grad(f, place)(*args)
        assert value == pytest.approx(f(*[arg.copy() for arg in args]), rel=1e-14)
        assert found.dtype == arg.dtype and found.shape == arg.shape
        expected = differences(lambda *a: f(*[one.copy() for one in a]), args, place)
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-6)
        assert not any(np.shares_memory(found, other) for other in args)
    assert all(np.array_equal(one, other) for one, other in zip(args, before, strict=True))


# Programs on two vectors, the first complex, the second real ---------------------------------


def elements(z, x):
    return np.sum(np.abs(z) * x) + np.sum((z * z * x).imag) + np.sum(np.angle(z) * x)


def functions(z, x):
    y = np.exp(z * 0.3) + np.sin(z) * np.cosh(z * x) - np.log(z) / np.tan(z)
    return (
        np.abs(y).sum()
        + np.sqrt(z).imag.sum()
        + (z**3).real.sum()
        + (z**-1).real.sum()
        + (z**1.5).imag.sum()
    )


def divided(z, x):
    return np.abs((z + x) / (z * 1j - x - 2)).sum() + (1 / z).real.sum() + (x / z).imag.sum()


def conjugates(z, x):
    return (
        (z.conj() * z).real @ x
        + np.vdot(z, z).real
        + np.vdot(z, x).imag
        + np.real(np.conjugate(z) * x).sum()
    )


def items(z, x):
    return (
        abs(z[0] * z[-1])
        + z[1].real * x[0]
        + (z[1:] * z[:-1]).imag.sum()
        + np.abs(z[[0, 2, 0]]).sum()
        + np.abs(z[x > 0]).sum()
    )


def item_written(z, x):
    y = z * 1
    y[0] = 2j * x[0]
    y[1] = z[2] * x[1] + 1
    y[2] = x[2]
    return np.sum(np.abs(y) ** 2) + y[1].imag


def slice_written(z, x):
    y = np.zeros(len(z) + 2, dtype=complex)
    y[1:-1] = z * x
    y[0] += z[0]
    y[2:] -= 1j * y[:-2].conj()
    y[::2] = x[0]
    return np.sum(np.abs(y) ** 3)


def in_place(z, x):
    y = z.copy()
    y *= z
    y /= x + 2j
    y += x
    y -= 1j * z
    y *= 2 - 1j
    return np.sum((y**2).imag) + np.abs(y).sum()


def masked(z, x):
    y = z + 0
    y[np.abs(z) > 1] *= 2j
    y[x > 0.3] = 0
    return np.sum(np.abs(y) ** 2)


def evolved(z, x):
    psi = z / np.sqrt(np.sum(np.abs(z) ** 2))
    for k in range(4):
        psi = psi * np.exp(-0.1j * x)
        psi[1:-1] += 0.05j * (psi[2:] - 2 * psi[1:-1] + psi[:-2])
        psi /= np.linalg.norm(psi)
    return np.sum(x * np.abs(psi) ** 2)


def gone_through(z, x):
    total = 0j
    size = 0.0
    for k, w in enumerate(z):
        total = total * w + x[k]
        size += abs(w) * k
    return abs(total) + size


def filled(z, x):
    y = np.zeros(len(z), dtype=complex)
    w = 1 + 0j
    for k in range(len(z)):
        w = w * z[k] / (1 + x[k] ** 2)
        y[k] = w
    return np.sum(np.abs(y) ** 2) + y[-1].imag


def branched(z, x):
    y = z * x
    if y[0].real > 0:
        y = y * 1j
    else:
        y[0] = x[1]
    return np.sum((y * y).real)


def joined(z, x):
    y = np.concatenate((z, x, 1j * x))
    s = np.stack([z, z.conj() * x])
    h = np.hstack([x, z]) * 2
    return (
        np.sum(np.abs(y) ** 3)
        + np.abs(s[0] * s[1]).sum()
        + (h * h).imag.sum()
        + np.vstack([z, x]).sum().imag
    )


def made(z, x):
    y = np.array([z[0], x[0], 1j, z[1] * x[1]])
    m = np.array([[z[0], 0], [1, z[0].conjugate()]])
    return np.sum(np.abs(y) ** 2 * np.arange(4)) + np.abs(m @ m).sum()


def shapes(z, x):
    m = z[:6].reshape(2, 3)
    t = np.transpose(m)
    return (
        np.abs(m.T @ m).sum()
        + np.abs(m.sum(axis=0)).sum()
        + np.abs(np.roll(z, 2) - z).sum()
        + np.abs(m.mean(axis=1, keepdims=True) - m).sum()
        + np.abs(np.flip(z)[0])
        + np.abs(t.ravel() * 2)[1]
        + np.abs(np.diff(z)).sum()
        + np.abs(np.cumsum(z)).sum()
        + np.abs(np.trace(m[:, :2]))
        + np.abs(np.diag(z)).sum()
        + np.abs(np.tile(z, 2) ** 2).sum()
        + np.abs(np.pad(z, 1)[:3]).sum()
        + np.abs(np.repeat(z, 2)[1:3]).sum()
        + z.sum().real
    )


def products(z, x):
    m = np.outer(z, z.conj())
    v = m @ x
    return (
        (np.vdot(v, z) / np.vdot(z, z)).real
        + np.abs(np.einsum("ij,j->i", m, z)).sum()
        + np.dot(z, x).imag
        + np.inner(z, z).real
        + np.abs(np.kron(z[:2], x[:2])).sum()
    )


def chosen(z, x):
    y = np.where(x > 0, z, 1j * x)
    return np.sum((y**2).real) + np.abs(np.where(np.abs(z) > 1, z, z * 2)).sum()


def whole_object(z, x):
    state = {"psi": z * 1j, "x": x}
    state["psi"] = state["psi"] + state["x"]
    return np.abs(state["psi"]).sum()


def helper_changes(v, k):
    v[k] *= 1j
    v[k] += k


def changed_by_helper(z, x):
    y = z * x
    for k in range(3):
        helper_changes(y, k)
    return np.sum(y.real**2) + np.abs(y[1])


def parts_read_before(z, x):
    y = z * 1
    total = np.sum(y.real**2)
    y *= 2j
    total += np.sum(y.imag**3)
    y[0] = 0
    return total + np.sum(y.real * x)


def real_into_complex(z, x):
    y = x + 0j
    y[1] = z[1]
    return np.sum((y * y * y).real) + np.sum(x.astype(complex) * z).imag


def only_real(z, x):
    return np.sum(z.real * x)


def listed(z, x):
    rows = [z, z * x, np.conj(z)]
    total = rows[0] * 0
    for row in rows:
        total = total + row * row
    return np.abs(total).sum()


def while_loop(z, x):
    y = z * 1
    n = 0
    while n < 3:
        y = y * y / (1 + np.abs(y))
        n += 1
    return np.sum(y.imag * x)


def comprehended(z, x):
    total = sum([abs(w) ** 2 * k for k, w in enumerate(z)])
    return total + sum(w.real * v for w, v in zip(z, x))  # noqa: B905


def views(z, x):
    y = z * 1
    w = y[1:4]
    w *= x[1:4]
    w[0] = 3j
    y.T[2] += 1
    return np.sum(np.abs(y) ** 2)


def zero_turns(z, x):
    y = z * x
    for k in range(0):
        y *= 2j
    return np.sum(np.abs(y) ** 2)


def same_twice(z, x):
    def f(a, b):
        a = a * b
        return np.sum(a * b.conj())

    return f(z, z).real


def written_argument(z, x):
    z *= 2j
    z[0] = x[0]
    return np.sum(np.abs(z) ** 2)


def outside(z, x):
    return np.abs(OUTSIDE * z + x).sum() + abs(OUTSIDE[0] * z[1])


def empty(z, x):
    return np.abs(z[:0]).sum() + np.abs(z[x > 100]).sum() * x[0] + z[1].real


def to_a_power(z, x):
    return np.sum(np.abs(z) ** 2) ** 0.5 + (x[0] + 5) ** 1.5


def listed_in_a_loop(z, x):
    ys = []
    y = z
    for k in range(3):
        y = y * x[k] * (1 + 1j)
        ys.append(y)
    return sum(np.abs(q).sum() for q in ys) + np.abs(np.array(ys)).sum()


def output(z, x):
    y = np.zeros(len(z), complex)
    np.multiply(z, x, out=y)
    return np.abs(y).sum() + np.abs(np.convolve(z, x)).sum()


def creators(z, x):
    y = np.full(len(z), z[0]) * x + np.full_like(z, x[0]) * z + np.full(len(z), 1j) * x
    y = np.eye(len(z), dtype=complex) @ y + np.ones(len(z), dtype=np.complex128) * x
    return np.abs(y + np.array(x, dtype=complex) * z).sum()


def recursive(z, n):
    return np.abs(z).sum() if n == 0 else recursive(z * (1 + 0.1j), n - 1)


def calls_itself(z, x):
    return recursive(z * x, 3)


def in_pairs(z, x):
    total = 0.0
    for w, v in zip(z, x):  # noqa: B905
        total += abs(w) * v
    for w in reversed(z):
        total += w.real
    for row in np.outer(z, x):
        total += abs(row[0] * row[1])
    a, *rest = (z[0], z[1])
    return total + abs(a * rest[0])


def numbers_of_numpy(z, x):
    a, b = z[0], z.sum()
    total = (np.vdot(z, x * z) / b).real + abs(a / b) ** 2 + np.exp(a * x[0]).imag + (-a * b).real
    total += np.sqrt(a).imag + (b**2 / (1 + 2j)).real + abs(a - b) + (a**0.5 * 1j).real
    c = a if total > 0 else a * b
    for k in range(2):
        c = c * z[k] + x[k]
    return total + np.angle(c) + (c.conjugate() * b).imag + (2 / c).real + np.abs(c)


def asked(z, x):
    return np.abs(z).sum() if np.iscomplexobj(z) else x[0]


# Matrices ------------------------------------------------------------------------------------


def solved(m, v):
    return np.abs(np.linalg.solve(m, v)).sum() + np.abs(np.linalg.solve(m, m @ m)).sum()


def inverted(m, v):
    return (
        np.abs(np.linalg.inv(m)).sum()
        + np.linalg.det(m).imag
        + abs(np.linalg.det(m))
        + np.linalg.norm(m @ v)
        + np.linalg.norm(m)
    )


def expectation(m, v):
    h = m + m.conj().T
    v = v / np.linalg.norm(v)
    return (
        np.vdot(v, h @ v).real + (v.conj() @ h @ v).real + np.trace(h @ np.outer(v, v.conj())).real
    )


def stacked(m, v):
    s = np.stack([m, m.T])
    return np.abs(s @ m).sum() + np.abs(np.matmul(s, v)).sum() + np.abs(np.tensordot(m, m, 1)).sum()


def row_norms(m, v):
    return np.sum(np.linalg.norm(m, axis=1) * np.arange(3)) + np.abs(m.sum(axis=1) * v).sum()


def triangle(m, v):
    return (
        np.abs(np.triu(m) @ v).sum()
        + np.abs(np.diag(m) * v).sum()
        + np.abs(np.swapaxes(m, 0, 1)[0] * v).sum()
    )


MATRICES = [solved, inverted, expectation, stacked, row_norms, triangle]

PROGRAMS = [
    elements,
    functions,
    divided,
    conjugates,
    items,
    item_written,
    slice_written,
    in_place,
    masked,
    evolved,
    gone_through,
    filled,
    branched,
    joined,
    made,
    shapes,
    products,
    chosen,
    whole_object,
    changed_by_helper,
    parts_read_before,
    real_into_complex,
    only_real,
    listed,
    while_loop,
    comprehended,
    views,
    zero_turns,
    same_twice,
    written_argument,
    outside,
    empty,
    to_a_power,
    listed_in_a_loop,
    output,
    creators,
    calls_itself,
    in_pairs,
    numbers_of_numpy,
    asked,
]


@pytest.mark.parametrize("f", PROGRAMS)
def test_vectors(f):
    check(f, numbers(6) + 0.3, RNG.normal(size=6))


@pytest.mark.parametrize("f", [elements, in_place, evolved, slice_written, products])
def test_strides(f):
    wide = numbers(6, 3)
    check(f, wide[:, 1], RNG.normal(size=12)[::-2])


@pytest.mark.parametrize("f", MATRICES)
def test_matrices(f):
    check(f, numbers(3, 3) + np.eye(3), numbers(3))
    check(f, np.asfortranarray(numbers(3, 3) + np.eye(3)), numbers(3))


SECOND = [
    numbers_of_numpy,
    elements,
    functions,
    divided,
    conjugates,
    in_place,
    evolved,
    filled,
    joined,
    products,
]


@pytest.mark.parametrize("f", SECOND)
def test_second_order(f):
    z, x, direction = numbers(6) + 0.3, RNG.normal(size=6), numbers(6)

    def along(z, x):
        return np.vdot(direction, grad(f)(z, x)).real

    for place, whole in enumerate((z, x)):
        found = grad(along, place)(z, x)
        assert found.dtype == whole.dtype
        assert found == pytest.approx(differences(along, (z, x), place), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("f", [elements, in_place, evolved, to_a_power])
def test_pullback(f):
    z, x = numbers(6), RNG.normal(size=6)
    found = vjp(f)(z, x)[1](2.0)
    for one, other in zip(found, grad(f, (0, 1))(z, x), strict=True):
        assert one == pytest.approx(2 * other, rel=1e-12)


# Forward, and functions that return arrays -----------------------------------------------------


def spectrum(z, x):
    return np.fft.fft(z * x)


def sizes(z, x):
    return np.abs(np.fft.ifft(z)) * x


def amplitude(z, x):
    return (z * z * x).sum()


def several(z, x):
    return {"a": z * x, "b": [np.sum(x), np.abs(z)]}


def inner(one, other):
    """The real inner product of two structures."""
    if isinstance(one, dict):
        return sum(inner(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return sum(map(inner, one, other))
    return np.vdot(one, other).real


def combined(one, other, factor):
    if isinstance(one, dict):
        return {key: combined(one[key], other[key], factor) for key in one}
    if isinstance(one, list):
        return [combined(a, b, factor) for a, b in zip(one, other, strict=True)]
    return factor * (one - other)


@pytest.mark.parametrize("f", [elements, evolved, spectrum, sizes, amplitude, several])
def test_forward_and_pullback(f):
    z, x = numbers(6), RNG.normal(size=6)
    z_dot, x_dot = numbers(6), RNG.normal(size=6)
    value, tangent = jvp(f)((z, x), (z_dot, x_dot))
    above, below = (f(z + s * z_dot, x + s * x_dot) for s in (1e-6, -1e-6))
    apart = combined(combined(above, below, 5e5), tangent, 1.0)
    assert inner(apart, apart) < 1e-10 * (1 + inner(tangent, tangent))
    again, pull = vjp(f)(z, x)
    assert inner(again, again) == inner(value, value)
    y_bar = combined(above, below, 3e5)
    assert inner(y_bar, tangent) == pytest.approx(inner(pull(y_bar), (z_dot, x_dot)), rel=1e-10)


def test_a_complex_number_beside():
    z, c = numbers(4), 2 + 1j
    value, tangent = jvp(lambda z, c: np.abs(z * c).sum())((z, c), (1j * z, 2 * c))
    assert tangent == pytest.approx(2 * value)


def test_no_jacobian():
    with pytest.raises(DifferentiationError, match="returns complex numbers"):
        jacobian(lambda x: np.fft.fft(x))(np.ones(3))
    with pytest.raises(DifferentiationError, match="something else than numbers"):
        jacobian(lambda z: np.abs(z))(np.ones(3, complex))


def test_one_function_for_real_and_complex_arrays():
    derivative = grad(lambda z: np.sum(np.abs(z * z)))
    z, x = numbers(4), RNG.normal(size=4)
    for _ in range(3):
        assert derivative(z) == pytest.approx(2 * z)
        found = derivative(x)
        assert found.dtype == float and found == pytest.approx(2 * x)


def test_single_precision():
    z, x = numbers(6), RNG.normal(size=6)
    found = grad(in_place)(z.astype(np.complex64), x.astype(np.float32))
    assert found.dtype == np.complex64
    assert found == pytest.approx(grad(in_place)(z, x), rel=1e-4)


@dataclass
class Wave:
    psi: Any
    k: float


def test_structures():
    z, x = numbers(3), RNG.normal(size=3)
    size = np.abs(z).sum()
    found = grad(lambda w: np.abs(w.psi * w.k).sum())(Wave(z, 2.0))
    assert found.psi == pytest.approx(2 * z / np.abs(z)) and found.k == pytest.approx(size)
    found = grad(lambda zs: sum([np.abs(z).sum() for z in zs]))([z, 2 * z])
    assert found[1] == pytest.approx(z / np.abs(z))
    found = grad(lambda d: np.abs(d["a"] * d["b"]).sum())({"a": z, "b": x})
    assert found["b"] == pytest.approx(np.abs(z) * np.sign(x))


def test_the_origin():
    assert not grad(lambda z: np.abs(z).sum())(np.zeros(2, complex)).any()
    assert grad(lambda z: np.abs(z * z).sum())(np.zeros(0, complex)).shape == (0,)


def test_the_text_is_what_one_would_write():
    def energy(psi, h):
        return np.vdot(psi, h @ psi).real

    derivative = grad(energy)
    derivative(numbers(3), numbers(3, 3))
    assert "np.conj(h).T @" in derivative.source
    derivative = grad(lambda psi, h: (np.vdot(psi, h @ psi) / np.vdot(psi, psi)).real)
    derivative(numbers(3), numbers(3, 3))
    assert "np.vdot(psi, product) / value" in derivative.source


def spread(z, x):
    sizes = np.std(z) * np.sum(np.var(z * x, ddof=1)) + np.abs(np.prod(z)) * np.prod(x)
    rows = np.outer(x, z)
    running = np.abs(np.cumprod(z) * x).sum() + np.abs(np.prod(rows, axis=0)).sum()
    return sizes + running + np.sum(np.var(rows, axis=1) * x) + np.sum(rows.std(axis=0, ddof=1))


def test_variances_and_products():
    check(spread, numbers(3), RNG.normal(size=3))


# Refused -------------------------------------------------------------------------------------


def largest(z):
    return np.max(z).real


def rounded(z):
    return np.abs(np.round(z)).sum()


def into_reals(z):
    y = np.zeros(3)
    y[:] = z
    return y.sum()


def to_reals(z):
    return z.astype(float).sum()


def mean_of_reals(z):
    return abs(np.mean(z, dtype=float))


def keyed(z):
    held = {}
    for k in range(len(z)):
        held[k] = z[k]
    return abs(held[1])


def test_the_size_of_one_number():
    def f(z):
        held = {}
        for k in range(3):
            held[k] = z[k]
        return abs(held[1])

    z = numbers(3)
    np.testing.assert_allclose(grad(f)(z), [0.0, z[1] / abs(z[1]), 0.0], rtol=1e-14)
    assert not grad(lambda z: abs(z[0]))(np.zeros(2, complex)).any()


def test_a_list_of_complex_numbers_is_refused_with_advice():
    with pytest.raises(DifferentiationError, match=r"np\.array\(zs\)"):
        grad(lambda zs: sum(abs(z) for z in zs))([1j, 2.0 + 1j])


REFUSED = [
    (largest, "max.. of complex numbers"),
    (rounded, "numpy.round of complex numbers"),
    (into_reals, "lose its imaginary part"),
    (to_reals, "drops imaginary parts"),
    (mean_of_reals, "drops imaginary parts"),
    (keyed, "as a whole here"),
]


@pytest.mark.parametrize(("f", "words"), REFUSED)
def test_what_is_refused(f, words):
    with pytest.raises(DifferentiationError, match=words):
        grad(f)(numbers(3))
