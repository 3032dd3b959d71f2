"""One program of a list, in every mode: against the tape and differences, and as clean text."""

import math
from collections.abc import Callable, Sequence

import pytest

from sourcediff import grad, hvp, jvp, tape, vjp
from tests.differences import difference

#: The direction of tangents.
ALONG = (0.4, -1.1, 0.7)


def check_in_every_mode(program: Callable[[list[float]], float], start: Sequence[float]) -> None:
    """Holds `grad`, `vjp`, `jvp` and `hvp` of a program of three numbers against its witnesses."""
    xs, along = list(start), list(ALONG)

    def at(step: float) -> list[float]:
        return [x + a * step for x, a in zip(xs, along, strict=True)]

    derivative = grad(program)
    found = derivative(list(xs))
    assert not derivative.__sourcediff__.latest.is_general
    assert tape.gradient(program, list(xs)) == pytest.approx(found, rel=1e-12, abs=1e-12)
    slope = sum(g * a for g, a in zip(found, along, strict=True))
    expected = difference(lambda step: program(at(step)), (0.0,), 0)
    assert expected is not None
    assert math.isclose(expected.value, slope, rel_tol=1e-7, abs_tol=1e-7)
    assert jvp(program, (list(xs),), (along,)) == pytest.approx((program(list(xs)), slope))
    _, pullback = vjp(program, list(xs))
    assert pullback(2.0)[0] == pytest.approx([2.0 * g for g in found])
    (second,) = hvp(program, (list(xs),), (along,))
    for place, h in enumerate(second):
        expected = difference(lambda step, place=place: derivative(at(step))[place], (0.0,), 0)
        assert expected is not None
        assert math.isclose(expected.value, h, rel_tol=1e-6, abs_tol=1e-6)
