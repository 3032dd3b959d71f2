"""The order of the passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sourcediff.compiling import compiling
from sourcediff.frontend.values import Binding
from sourcediff.ir import Function
from sourcediff.transform.additions import write_additions
from sourcediff.transform.arguments import copy_arguments
from sourcediff.transform.dissolve import dissolve_tuples
from sourcediff.transform.expand import expand
from sourcediff.transform.exports import export_from_arms
from sourcediff.transform.fill import fill_lists
from sourcediff.transform.forward import forward
from sourcediff.transform.fuse import fuse
from sourcediff.transform.hoist import hoist
from sourcediff.transform.merge import merge_loops
from sourcediff.transform.optimise import eliminate_dead, simplify
from sourcediff.transform.plain import plain_loops
from sourcediff.transform.policy import keeps_everything
from sourcediff.transform.quiet import hand_on_constants
from sourcediff.transform.reverse import leaves, reverse
from sourcediff.transform.rewind import settle_loops
from sourcediff.transform.schedule import schedule
from sourcediff.transform.sequences import as_written, by_place
from sourcediff.transform.tidy import tidy

__all__ = ["differentiate", "optimise_derivative", "optimise_primal", "push_forward", "settle"]


def optimise_primal(function: Function) -> Function:
    """What is dead or known in the primal is not differentiated."""
    with compiling():
        return eliminate_dead(
            simplify(dissolve_tuples(by_place(plain_loops(copy_arguments(function)))), share=False)
        )


def differentiate(
    function: Function, arguments: Sequence[Binding], *, as_tuple: bool, with_value: bool
) -> Function:
    """The gradient, as it falls out of reverse mode."""
    with compiling():
        inputs = [leaf for argument in arguments for leaf in leaves(argument)]
        function = expand(function, inputs)
        return reverse(function, arguments, as_tuple=as_tuple, with_value=with_value)


def push_forward(function: Function, arguments: Mapping[str, Binding]) -> Function:
    """The value and the tangent, as they fall out of forward mode."""
    with compiling():
        return forward(function, arguments)


def optimise_derivative(function: Function) -> Function:
    """The gradient as one would write it."""
    with compiling():
        function = eliminate_dead(simplify(eliminate_dead(function)))
        merged = function if keeps_everything() else merge_loops(function)
        if merged is not function:
            function = simplify(eliminate_dead(merged))
        fused = fuse(function)
        if fused is not function:
            fused = simplify(fused)
        return eliminate_dead(tidy(eliminate_dead(fused)))


def settle(function: Function) -> Function:
    """The gradient with all decided that was left open, so that more derivatives may follow."""
    with compiling():
        settled = settle_loops(function)
        if settled is not function:
            settled = hoist(simplify(export_from_arms(settled)))
        settled = fill_lists(settled)
        settled = eliminate_dead(as_written(eliminate_dead(settled)))
        return schedule(write_additions(hand_on_constants(settled)))
