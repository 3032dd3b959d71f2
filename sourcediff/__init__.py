"""Automatic differentiation that writes the gradient as a Python program."""

from sourcediff.api import explain, grad, jvp, stages, value_and_grad, vjp
from sourcediff.calculus import hessian, hvp, jacobian
from sourcediff.checkpoint import checkpoint
from sourcediff.errors import DifferentiationError
from sourcediff.rules import rule

__all__ = [
    "DifferentiationError",
    "__version__",
    "checkpoint",
    "explain",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "rule",
    "stages",
    "value_and_grad",
    "vjp",
]

__version__ = "0.1.0"
