"""The order of the passes."""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff.compiling import compiling
from sourcediff.frontend.values import Binding
from sourcediff.ir import Function
from sourcediff.transform.fuse import fuse
from sourcediff.transform.optimise import eliminate_dead, simplify
from sourcediff.transform.reverse import reverse
from sourcediff.transform.tidy import tidy

__all__ = ["differentiate", "optimise_derivative", "optimise_primal"]


def optimise_primal(function: Function) -> Function:
    """What is dead or known in the primal is not differentiated."""
    with compiling():
        return eliminate_dead(simplify(function, share=False))


def differentiate(
    function: Function, arguments: Sequence[Binding], *, as_tuple: bool, with_value: bool
) -> Function:
    """The gradient, as it falls out of reverse mode."""
    with compiling():
        return reverse(function, arguments, as_tuple=as_tuple, with_value=with_value)


def optimise_derivative(function: Function) -> Function:
    """The gradient as one would write it."""
    with compiling():
        function = simplify(eliminate_dead(function))
        fused = fuse(function)
        if fused is not function:
            fused = simplify(fused)
        return eliminate_dead(tidy(eliminate_dead(fused)))
