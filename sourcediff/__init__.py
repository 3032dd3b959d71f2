"""Automatic differentiation that writes the gradient as a Python program."""

from sourcediff.api import explain, grad, jvp, stages, value_and_grad
from sourcediff.checkpoint import checkpoint
from sourcediff.errors import DifferentiationError
from sourcediff.rules import rule

__all__ = [
    "DifferentiationError",
    "__version__",
    "checkpoint",
    "explain",
    "grad",
    "jvp",
    "rule",
    "stages",
    "value_and_grad",
]

__version__ = "0.1.0"
