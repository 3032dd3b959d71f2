"""Fourier transforms: of real and complex arrays, with lengths, axes and norms."""

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, value_and_grad, vjp

RNG = np.random.default_rng(7)


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


def check(f, *args, places=None):
    for place in range(len(args)) if places is None else places:
        before = [np.copy(a) for a in args]
        value, found = value_and_grad(f, place)(*args)
        assert value == f(*args)
        assert found.dtype == args[place].dtype and found.shape == args[place].shape
        assert found == pytest.approx(differences(f, args, place), rel=1e-5, abs=1e-6)
        assert all(np.array_equal(a, b) for a, b in zip(args, before, strict=True))
        assert not any(np.shares_memory(found, a) for a in args if isinstance(a, np.ndarray))


# One axis ---------------------------------------------------------------------------------


def weighed(y):
    return np.sum(np.abs(y) ** 2 * np.arange(y.size).reshape(y.shape)) + np.sum(y.imag**3)


def cubed(y):
    return np.sum(y**3 * np.arange(y.size).reshape(y.shape))


LINES = [
    lambda x: weighed(np.fft.fft(x)),
    lambda x: weighed(np.fft.fft(x, 4)),
    lambda x: weighed(np.fft.fft(x, n=8, norm="ortho")),
    lambda x: weighed(np.fft.ifft(x, norm="forward")),
    lambda x: weighed(np.fft.ifft(x, 5)),
    lambda x: weighed(np.fft.ifft(x, len(x) + 1, norm="ortho")),
    lambda x: cubed(np.fft.irfft(x)),
    lambda x: cubed(np.fft.irfft(x, 5, norm="ortho")),
    lambda x: cubed(np.fft.irfft(x, 2 * len(x) + 3, norm="forward")),
    lambda x: cubed(np.fft.irfft(x, 8)),
]
REAL_LINES = [
    lambda x: weighed(np.fft.rfft(x, norm="backward")),
    lambda x: weighed(np.fft.rfft(x, 4, norm="forward")),
    lambda x: weighed(np.fft.rfft(x, n=9, norm="ortho")),
]
FIRST_AXIS = [
    lambda x: weighed(np.fft.fft(x, axis=0)),
    lambda x: weighed(np.fft.fft(x, 4, 0)),
    lambda x: weighed(np.fft.ifft(x, 7, axis=-2)),
    lambda x: cubed(np.fft.irfft(x, axis=0, norm="ortho")),
    lambda x: cubed(np.fft.irfft(x, 5, axis=0)),
    lambda x: cubed(np.fft.irfft(x, 12, axis=0)),
]
REAL_FIRST_AXIS = [
    lambda x: weighed(np.fft.rfft(x, axis=0)),
    lambda x: weighed(np.fft.rfft(x, 4, axis=0)),
    lambda x: weighed(np.fft.rfft(x, 9, axis=0, norm="ortho")),
]


@pytest.mark.parametrize("f", [*LINES, *REAL_LINES, *FIRST_AXIS, *REAL_FIRST_AXIS])
def test_lines(f):
    shapes = ((5,), (6,), (2, 6)) if f in (*LINES, *REAL_LINES) else ((5, 2), (6, 1))
    for shape in shapes:
        check(f, RNG.normal(size=shape))
        if f in (*LINES, *FIRST_AXIS):
            check(f, RNG.normal(size=shape) + 1j * RNG.normal(size=shape))


# Several axes -----------------------------------------------------------------------------

PLANES = [
    lambda x: np.sum(np.abs(np.fft.fft2(x)) ** 3),
    lambda x: np.sum(np.abs(np.fft.ifft2(x, norm="ortho")) ** 3),
    lambda x: np.sum(np.fft.fft2(x, axes=(1, 0)).imag ** 3),
    lambda x: np.sum(np.abs(np.fft.fftn(x)) ** 3),
    lambda x: np.sum(np.abs(np.fft.ifftn(x, axes=(0,))) ** 3),
    lambda x: np.sum(np.fft.irfft2(x) ** 3),
    lambda x: np.sum(np.fft.irfftn(x, norm="forward") ** 3),
    lambda x: np.sum(np.abs(np.fft.fftshift(np.fft.fft2(x)))[:2] ** 2),
    lambda x: np.sum(np.abs(np.fft.ifftshift(x, axes=1))[1:, 1:] ** 3),
]
REAL_PLANES = [
    lambda x: np.sum(np.abs(np.fft.rfft2(x)) ** 3),
    lambda x: np.sum(np.abs(np.fft.rfft2(x, axes=(1, 0))) ** 3),
    lambda x: np.sum(np.abs(np.fft.rfftn(x, axes=(0,))) ** 3),
    lambda x: np.sum(np.abs(np.fft.rfftn(x, norm="ortho")) ** 3),
]


@pytest.mark.parametrize("f", [*PLANES, *REAL_PLANES])
def test_planes(f):
    for shape in ((3, 4), (2, 5)):
        check(f, RNG.normal(size=shape))
        if f in PLANES:
            check(f, RNG.normal(size=shape) + 1j * RNG.normal(size=shape))


# What one does with them ------------------------------------------------------------------


def spectral_loss(x, target):
    return np.sum((np.abs(np.fft.rfft(x)) - np.abs(np.fft.rfft(target))) ** 2)


def power_density(x, scale):
    spectrum = np.fft.rfft(x * np.hanning(len(x)))
    density = np.abs(spectrum) ** 2 / len(x)
    return np.log(density + scale**2).mean()


def convolved(x, w):
    n = len(x) + len(w) - 1
    y = np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(w, n), n)
    return np.sum(y**2 * np.arange(n))


def low_pass(x, w):
    spectrum = np.fft.fft(x)
    frequency = np.fft.fftfreq(len(x), d=0.1)
    spectrum[np.abs(frequency) > 3] = 0
    return np.sum((np.fft.ifft(spectrum).real - w[0]) ** 4)


def in_a_loop(x, w):
    y = x + 0j
    for k in range(3):
        y = np.fft.ifft(np.fft.fft(y) * np.exp(-1j * k * w))
        y *= 1 + 0.1 * k
    return np.sum(np.abs(y) ** 4)


def differentiated(x, w):
    k = 2 * np.pi * np.fft.fftfreq(len(x), 1 / len(x))
    slope = np.fft.ifft(1j * k * np.fft.fft(x)).real
    return np.sum(w * slope**2)


def correlated(x, w):
    spectrum = np.fft.rfft(x) * np.conj(np.fft.rfft(w))
    return np.fft.irfft(spectrum, len(x))[2] ** 2


def phases(x, w):
    return np.sum(np.angle(np.fft.rfft(x)[1:3]) * w[:2])


USES = [
    spectral_loss,
    convolved,
    low_pass,
    in_a_loop,
    differentiated,
    correlated,
    phases,
]


@pytest.mark.parametrize("f", USES)
def test_uses(f):
    for size in (6, 7):
        check(f, RNG.normal(size=size), RNG.normal(size=size))
    long = RNG.normal(size=(14, 2))
    check(f, long[::2, 0], long[::-2, 1])


def test_a_parameter_beside():
    x = RNG.normal(size=8)
    found = grad(power_density, (0, 1))(x, 0.7)
    assert found[0] == pytest.approx(differences(power_density, (x, 0.7), 0), abs=1e-7)
    by_scale = (power_density(x, 0.7 + 1e-6) - power_density(x, 0.7 - 1e-6)) / 2e-6
    assert found[1] == pytest.approx(by_scale, rel=1e-6)


def test_a_step_of_frequencies():
    def f(d, x):
        return np.sum(np.fft.rfftfreq(7, d) ** 2) + np.sum(np.fft.fftfreq(len(x), d) * x)

    x = RNG.normal(size=5)
    expected = (f(0.3 + 1e-6, x) - f(0.3 - 1e-6, x)) / 2e-6
    assert grad(f)(0.3, x) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("f", [spectral_loss, convolved, low_pass, differentiated, correlated])
def test_second_order(f):
    x, w = RNG.normal(size=6), RNG.normal(size=6)
    direction = RNG.normal(size=6)

    def along(x, w):
        return np.sum(grad(f)(x, w) * direction)

    assert grad(along)(x, w) == pytest.approx(differences(along, (x, w), 0), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("f", [spectral_loss, low_pass, differentiated])
def test_pullback(f):
    x, w = RNG.normal(size=6), RNG.normal(size=6)
    assert vjp(f)(x, w)[1](2.0)[0] == pytest.approx(2 * grad(f)(x, w), rel=1e-12)


def test_the_text_is_what_one_would_write():
    def loss(x):
        return np.sum(np.abs(np.fft.rfft(x)) ** 2)

    derivative = grad(loss)
    derivative(RNG.normal(size=5))
    last = derivative.source.strip().splitlines()[-1].strip()
    assert last == 'return np.fft.ifft(2.0 * np.fft.rfft(x), len(x), norm="forward").real'


def test_single_precision():
    x = RNG.normal(size=6).astype(np.float32)
    found = grad(spectral_loss)(x, np.ones(6, np.float32))
    assert found.dtype == np.float32
    expected = grad(spectral_loss)(x.astype(float), np.ones(6))
    assert found == pytest.approx(expected, rel=1e-4)


# Refused ----------------------------------------------------------------------------------


def of_complex(x):
    return np.fft.rfft(x + 1j).real.sum()


def of_shape(x):
    return np.abs(np.fft.fft2(x, (2, 2))).sum()


def along_some_axis(x):
    return np.abs(np.fft.fft(x, axis=x.ndim - int(x[0, 0]))).sum()


REFUSED = [(of_complex, "complex numbers"), (of_shape, "'s'"), (along_some_axis, "'axis'")]


@pytest.mark.parametrize(("f", "words"), REFUSED)
def test_what_is_refused(f, words):
    with pytest.raises(DifferentiationError, match=words):
        grad(f)(np.ones((3, 3)))
