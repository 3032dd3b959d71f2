"""The gradient of the gradient, over the corpus, against differences of the gradient."""

import pytest

from sourcediff import grad
from tests.corpus.scalars import PROGRAMS
from tests.differences import difference

RTOL = ATOL = 1e-5


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.name for program in PROGRAMS])
def test_second_derivative(program):
    argnum = program.argnums[0] if isinstance(program.argnums, tuple) else program.argnums
    first = grad(program.function, argnum)
    second = grad(first, argnum)
    for point in program.points:
        estimate = difference(first, point, argnum)
        assert estimate is not None
        error = abs(second(*point) - estimate.value)
        assert error <= RTOL * abs(estimate.value) + ATOL + 10 * estimate.error
