"""What the Fourier transforms of NumPy give, and the windows that come before them."""

from __future__ import annotations

from sourcediff import types
from sourcediff.frontend.arrays.numpy_call import Call, gives, made
from sourcediff.frontend.arrays.numpy_signatures import PLANE_TRANSFORMS, TRANSFORMS
from sourcediff.ir import Const
from sourcediff.types import Type

__all__ = ["OF_REALS", "REAL_VALUED"]

#: The transforms whose result is real, and those whose argument has to be.
REAL_VALUED = frozenset(["fft.irfft", "fft.irfft2", "fft.irfftn"])
OF_REALS = frozenset(["fft.rfft", "fft.rfft2", "fft.rfftn"])


def _requirements(call: Call) -> None:
    norm = call.constant("norm")
    if norm not in (None, "backward", "forward", "ortho"):
        call.refuse("this norm")
    if call.name in OF_REALS and call.element() is types.COMPLEX:
        call.refuse("complex numbers", "NumPy takes their real parts: write z.real")
    if not call.rank():
        call.refuse("a number", "give an array")


@gives(*(f"fft.{name}" for name in TRANSFORMS))
def _transform(call: Call) -> Type:
    _requirements(call)
    call.constant("axis")
    return made(types.REAL if call.name in REAL_VALUED else types.COMPLEX, call.rank())


@gives(*(f"fft.{name}" for name in PLANE_TRANSFORMS))
def _transform_of_planes(call: Call) -> Type:
    _requirements(call)
    call.constant("axes")
    if call.constant("s") is not None:
        call.refuse("'s'", "pad or cut the array before: np.pad, x[:n]")
    if call.name.endswith("2") and call.rank() < 2:
        call.refuse("an array of one axis")
    return made(types.REAL if call.name in REAL_VALUED else types.COMPLEX, call.rank())


@gives("fft.fftshift", "fft.ifftshift")
def _shifted(call: Call) -> Type:
    call.constant("axes")
    return made(call.element(), call.rank())


@gives("hanning", "hamming", "blackman", "bartlett")
def _window(call: Call) -> Type:
    if call.rank("M"):
        call.refuse("an array")
    return made(types.REAL, 1)


@gives("fft.fftfreq", "fft.rfftfreq")
def _frequencies(call: Call) -> Type:
    if call.rank("n") or ("d" in call.given and call.rank("d")):
        call.refuse("an array")
    if isinstance(call.given.get("n"), Const):
        call.constant("n")
    return made(types.REAL, 1)
