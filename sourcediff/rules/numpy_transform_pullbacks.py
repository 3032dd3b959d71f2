"""What the Fourier transforms of NumPy contribute to the adjoint of what they transform.

A transform is a linear map, and its adjoint is the inverse transform but for the scale: a factor
that one of the two has by its `norm` is that of the other one. Where a transform pads its argument
or cuts it off, its adjoint cuts off or pads. See `numpy_pullbacks`, whose tables this module fills.

>>> x, w = np.array([1.0, 3.0, 2.0]), np.array([2.0, 1.0 - 1.0j])
>>> bool(np.isclose(rfft(x, w).real @ x, np.vdot(w, np.fft.rfft(x)).real))
True
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sourcediff.rules.numpy_pullbacks import pullback

__all__: list[str] = []


def _turned(norm: Any) -> Any:
    """The `norm` of the adjoint: what scaled the one direction scales the other."""
    if norm is None or norm == "backward":
        return "forward"
    return "backward" if norm == "forward" else "ortho"


def _fitted(a: Any, a_bar: Any, n: Any, axis: Any) -> Any:
    """The adjoint of an array of which the first `n` along an axis were taken, or zeros beyond."""
    if not np.iscomplexobj(a):
        a_bar = a_bar.real
    if a.ndim == 1:
        return a_bar[: len(a)] if n >= len(a) else np.pad(a_bar, (0, len(a) - n))
    if axis not in (-1, a.ndim - 1):
        turned = _fitted(np.swapaxes(a, axis, -1), np.swapaxes(a_bar, axis, -1), n, -1)
        return np.swapaxes(turned, axis, -1)
    whole = np.zeros_like(a)
    whole[..., :n] = a_bar[..., : a.shape[-1]]
    return whole


# Along one axis -----------------------------------------------------------------------------


@pullback("fft.fft")
def fft(a: Any, y_bar: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    a_bar = _of_axis(np.fft.ifft, a, y_bar, axis, norm)
    return a_bar if n is None else _fitted(a, a_bar, n, axis)


@pullback("fft.ifft")
def ifft(a: Any, y_bar: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    a_bar = _of_axis(np.fft.fft, a, y_bar, axis, norm)
    return a_bar if n is None else _fitted(a, a_bar, n, axis)


def _of_axis(transform: Any, a: Any, y_bar: Any, axis: Any, norm: Any) -> Any:
    if axis in (-1, a.ndim - 1):
        return transform(y_bar, norm=_turned(norm))
    return transform(y_bar, axis=axis, norm=_turned(norm))


@pullback("fft.rfft")
def rfft(a: Any, y_bar: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """The real part of the inverse transform of what is padded with zeros to full length."""
    if n is None and a.ndim == 1:
        return np.fft.ifft(y_bar, len(a), norm=_turned(norm)).real
    if n is None and axis in (-1, a.ndim - 1):
        return np.fft.ifft(y_bar, a.shape[-1], norm=_turned(norm)).real
    if n is None:
        return np.fft.ifft(y_bar, a.shape[axis], axis=axis, norm=_turned(norm)).real
    if axis in (-1, a.ndim - 1):
        return _fitted(a, np.fft.ifft(y_bar, n, norm=_turned(norm)), n, axis)
    return _fitted(a, np.fft.ifft(y_bar, n, axis=axis, norm=_turned(norm)), n, axis)


@pullback("fft.irfft")
def irfft(a: Any, y_bar: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """All frequencies but the first and, of an even number, the last stand for two."""
    if axis not in (-1, a.ndim - 1):
        turned = irfft(np.swapaxes(a, axis, -1), np.swapaxes(y_bar, axis, -1), n, -1, norm)
        return np.swapaxes(turned, axis, -1)
    a_bar = np.fft.rfft(y_bar, norm=_turned(norm))
    if a.ndim == 1:
        a_bar[1 : (len(y_bar) + 1) // 2] *= 2
    else:
        a_bar[..., 1 : (y_bar.shape[-1] + 1) // 2] *= 2
    return a_bar if n is None else _fitted(a, a_bar, n // 2 + 1, axis)


# Along several axes -------------------------------------------------------------------------


@pullback("fft.fft2")
def fft2(a: Any, y_bar: Any, axes: Any = None, norm: Any = None) -> Any:
    if axes is None:
        return np.fft.ifft2(y_bar, norm=_turned(norm))
    return np.fft.ifft2(y_bar, axes=axes, norm=_turned(norm))


@pullback("fft.ifft2")
def ifft2(a: Any, y_bar: Any, axes: Any = None, norm: Any = None) -> Any:
    if axes is None:
        return np.fft.fft2(y_bar, norm=_turned(norm))
    return np.fft.fft2(y_bar, axes=axes, norm=_turned(norm))


@pullback("fft.fftn")
def fftn(a: Any, y_bar: Any, axes: Any = None, norm: Any = None) -> Any:
    if axes is None:
        return np.fft.ifftn(y_bar, norm=_turned(norm))
    return np.fft.ifftn(y_bar, axes=axes, norm=_turned(norm))


@pullback("fft.ifftn")
def ifftn(a: Any, y_bar: Any, axes: Any = None, norm: Any = None) -> Any:
    if axes is None:
        return np.fft.fftn(y_bar, norm=_turned(norm))
    return np.fft.fftn(y_bar, axes=axes, norm=_turned(norm))


@pullback("fft.rfft2")
def rfft2(a: Any, y_bar: Any, axes: Any = None, norm: Any = None) -> Any:
    rows, columns = (-2, -1) if axes is None else axes
    return rfft(a, np.fft.ifft(y_bar, axis=rows, norm=_turned(norm)), None, columns, norm)


@pullback("fft.irfft2")
def irfft2(a: Any, y_bar: Any, axes: Any = None, norm: Any = None) -> Any:
    rows, columns = (-2, -1) if axes is None else axes
    return np.fft.fft(irfft(a, y_bar, None, columns, norm), axis=rows, norm=_turned(norm))


@pullback("fft.rfftn")
def rfftn(a: Any, y_bar: Any, axes: Any = None, norm: Any = None) -> Any:
    axes = _axes(a.ndim) if axes is None else axes
    if len(axes) > 1:
        y_bar = np.fft.ifftn(y_bar, axes=axes[:-1], norm=_turned(norm))
    return rfft(a, y_bar, None, axes[-1], norm)


@pullback("fft.irfftn")
def irfftn(a: Any, y_bar: Any, axes: Any = None, norm: Any = None) -> Any:
    axes = _axes(a.ndim) if axes is None else axes
    a_bar = irfft(a, y_bar, None, axes[-1], norm)
    return np.fft.fftn(a_bar, axes=axes[:-1], norm=_turned(norm)) if len(axes) > 1 else a_bar


def _axes(count: Any) -> Any:
    return (*_axes(count - 1), count - 1) if count else ()


# Order, frequencies -------------------------------------------------------------------------


@pullback("fft.fftshift")
def fftshift(a: Any, y_bar: Any, axes: Any = None) -> Any:
    return np.fft.ifftshift(y_bar) if axes is None else np.fft.ifftshift(y_bar, axes=axes)


@pullback("fft.ifftshift")
def ifftshift(a: Any, y_bar: Any, axes: Any = None) -> Any:
    return np.fft.fftshift(y_bar) if axes is None else np.fft.fftshift(y_bar, axes=axes)


@pullback("fft.fftfreq", "fft.rfftfreq", wrt=("d",))
def fftfreq(d: Any, y: Any, y_bar: Any) -> Any:
    return -(y_bar @ y) / d
