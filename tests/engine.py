"""The compiler as the comparison sees it."""

import sourcediff
from sourcediff import tape
from tests.compare import Engine

SOURCEDIFF = Engine(
    grad=sourcediff.grad,
    value_and_grad=sourcediff.value_and_grad,
    reference=tape.gradient,
    refusal=sourcediff.DifferentiationError,
)
