"""The order of the passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sourcediff.called import Callee, callees_in, callees_of
from sourcediff.compiling import compiling
from sourcediff.frontend.values import Binding
from sourcediff.ir import Function
from sourcediff.transform.adjoint.cotangent import reverse_from_seed
from sourcediff.transform.adjoint.expand import expand
from sourcediff.transform.adjoint.reverse import reverse
from sourcediff.transform.adjoint.structures import differentiated
from sourcediff.transform.arrays.complex_parts import copy_parts, parts_of_items
from sourcediff.transform.arrays.complex_support import (
    refuse_complex,
    require_complex_support,
)
from sourcediff.transform.arrays.copies import drop_copies
from sourcediff.transform.arrays.handed_on import hand_on_copies
from sourcediff.transform.arrays.handed_over import with_copies_handed_over
from sourcediff.transform.arrays.looks import mark_looks, require_looks
from sourcediff.transform.arrays.or_none import refuse_arrays_or_none
from sourcediff.transform.arrays.reads import drop_snapshots, take_snapshots
from sourcediff.transform.arrays.several_results import with_results_named
from sourcediff.transform.branches.chosen import into_choices
from sourcediff.transform.branches.exports import export_from_arms
from sourcediff.transform.branches.fuse import fuse
from sourcediff.transform.branches.gaps import without_gaps
from sourcediff.transform.branches.gated import with_gates
from sourcediff.transform.branches.guarded import refuse_half_kept, with_flags
from sourcediff.transform.branches.tests_met import tests_met
from sourcediff.transform.calls.halves import in_halves
from sourcediff.transform.calls.invoked import with_functions
from sourcediff.transform.calls.nested_pullback import is_repeatable, with_pullback
from sourcediff.transform.calls.unread import without_unread
from sourcediff.transform.lists.additions import write_additions
from sourcediff.transform.lists.arguments import copy_arguments
from sourcediff.transform.lists.changed_arrays import with_arrays_replaced
from sourcediff.transform.lists.fill import fill_lists
from sourcediff.transform.lists.last_writes import without_last_writes
from sourcediff.transform.lists.late_writes import put_off_writes
from sourcediff.transform.lists.outside import copy_what_is_outside, refuse_changes_outside
from sourcediff.transform.lists.spent import without_spent_zeros
from sourcediff.transform.lists.taken_places import put_at_once
from sourcediff.transform.lists.unmade import with_empty_lists
from sourcediff.transform.lists.unread import without_unread_lists
from sourcediff.transform.lists.views import without_lists_of_keys
from sourcediff.transform.loops.hoist import hoist
from sourcediff.transform.loops.joined_ends import with_ends_joined
from sourcediff.transform.loops.merge import merge_loops
from sourcediff.transform.loops.once import without_single_turns
from sourcediff.transform.loops.plain import plain_loops
from sourcediff.transform.loops.policy import keeps_everything
from sourcediff.transform.loops.quiet import hand_on_constants
from sourcediff.transform.loops.rewind import settle_loops
from sourcediff.transform.loops.schedule import schedule
from sourcediff.transform.loops.segments import in_segments
from sourcediff.transform.loops.sequences import as_written, by_place
from sourcediff.transform.loops.strict import with_strict_zips
from sourcediff.transform.loops.unpacking import with_unread_parts
from sourcediff.transform.smaller.column_lengths import with_lengths_of_objects
from sourcediff.transform.smaller.dissolve import dissolve_tuples
from sourcediff.transform.smaller.optimise import eliminate_dead, simplify
from sourcediff.transform.smaller.plain_indices import with_plain_indices
from sourcediff.transform.smaller.same_numbers import with_numbers_shared
from sourcediff.transform.smaller.tidy import tidy
from sourcediff.transform.smaller.whole_shapes import with_whole_shapes
from sourcediff.transform.tangent.forward import forward

__all__ = [
    "differentiate",
    "optimise_derivative",
    "optimise_primal",
    "push_forward",
    "seed_pullback",
    "settle",
    "settle_pullback",
]


def optimise_primal(function: Function) -> Function:
    """What is dead or known in the primal is not differentiated."""
    with compiling():
        require_complex_support(function)
        _work_on_callees(function)
        return _primal(copy_what_is_outside(function))


def _primal(function: Function) -> Function:
    function = copy_arguments(with_arrays_replaced(function))
    function = with_empty_lists(plain_loops(function))
    function = with_ends_joined(dissolve_tuples(in_segments(function, by_place)))
    function = hand_on_copies(function)
    function = take_snapshots(mark_looks(parts_of_items(function)))
    return eliminate_dead(simplify(function, share=False))


def differentiate(
    function: Function,
    arguments: Sequence[Binding],
    *,
    as_tuple: bool,
    with_value: bool,
    adding: bool = False,
) -> Function:
    """The gradient, as it falls out of reverse mode."""
    with compiling():
        refuse_arrays_or_none(function)
        inputs = [leaf for argument in arguments for leaf in differentiated(argument)]
        # A derivative has loops of its own, which make lists of zeros.
        function = with_flags(expand(by_place(require_complex_support(function)), inputs))
        refuse_half_kept(function)
        made = reverse(function, arguments, as_tuple=as_tuple, with_value=with_value, adding=adding)
        return require_complex_support(made)


def push_forward(function: Function, arguments: Mapping[str, Binding]) -> Function:
    """The value and the tangent, as they fall out of forward mode."""
    with compiling():
        refuse_arrays_or_none(function)
        inputs = [leaf for argument in arguments.values() for leaf in differentiated(argument)]
        refuse_complex(function, "arrays of complex numbers in forward mode are not supported")
        return forward(with_flags(expand(by_place(function), inputs)), arguments)


def seed_pullback(function: Function, arguments: Sequence[Binding | None]) -> Function:
    """The value and the adjoints for an adjoint that is handed in, in one function."""
    with compiling():
        refuse_arrays_or_none(function)
        inputs = [leaf for argument in arguments if argument for leaf in differentiated(argument)]
        function = with_flags(expand(by_place(require_complex_support(function)), inputs))
        refuse_half_kept(function)
        return require_complex_support(reverse_from_seed(function, arguments))


def settle_pullback(function: Function) -> Function:
    """The same with all decided that was left open, cut into a function and its pullback.

    The pullback may be called again, and late. If what is called would use up in its reverse what
    its forward part left for that, or left what the caller may change, it computes it again.
    """
    with compiling():
        settled, bodies = _in_halves(function)
        if not is_repeatable(settled, bodies.values()):
            settled = _loops_settled(function)
            bodies = {callee: _loops_settled(callee.function) for callee in callees_of(function)}
        finished = {callee: _finished(body) for callee, body in bodies.items()}
        return with_pullback(with_functions(_finished(settled), finished))


def optimise_derivative(function: Function) -> Function:
    """The gradient as one would write it."""
    with compiling():
        _work_on_callees(function)
        return _derivative(function)


def _derivative(function: Function) -> Function:
    function = into_choices(_smaller(function))
    merged = function if keeps_everything() else merge_loops(function)
    if merged is not function:
        function = simplify(eliminate_dead(merged))
    gated = with_gates(function)
    if gated is not function:
        function = simplify(eliminate_dead(fuse(gated)))
    fused = fuse(function)
    if fused is not function:
        fused = simplify(fused)
    tidied = tidy(without_unread_lists(eliminate_dead(fused)))
    return with_numbers_shared(eliminate_dead(tidied))


def _smaller(function: Function) -> Function:
    return eliminate_dead(simplify(eliminate_dead(with_lengths_of_objects(function))))


def _work_on_callees(function: Function) -> None:
    """Optimise what a function calls, each once: a primal as a primal, a pullback as one."""
    for callee in callees_of(function):
        if callee.ready:
            continue
        callee.ready = True
        if callee.primal is None:
            refuse_changes_outside([callee.function])
            callee.function = _primal(callee.function)
        else:
            callee.function = _derivative(callee.function)
        if callee.whole is not None:
            # The forward part and the reverse are to be told apart again: they are not joined.
            callee.whole = _smaller(callee.whole)


def settle(function: Function) -> Function:
    """The gradient with all decided that was left open, so that more derivatives may follow."""
    with compiling():
        settled, bodies = _in_halves(function)
        finished = {callee: _finished(body) for callee, body in bodies.items()}
        return with_functions(_finished(settled), finished)


def _in_halves(function: Function) -> tuple[Function, dict[Callee, Function]]:
    """A derivative, and all that it calls, where one part of a function leaves to another."""
    settled, bodies = in_halves(function, _loops_settled)
    if bodies:
        bodies = {callee: _told_apart(body) for callee, body in bodies.items()}
        settled, bodies = without_unread(settled, bodies, eliminate_dead)
    return settled, bodies


def _told_apart(function: Function) -> Function:
    """One of the two functions that a pullback becomes, as one would write it."""
    return eliminate_dead(tidy(eliminate_dead(simplify(fuse(_smaller(function))))))


def _loops_settled(function: Function) -> Function:
    settled = settle_loops(function)
    if settled is not function:
        settled = without_single_turns(settled)
    if settled is not function or any(True for _ in callees_in(function.body)):
        settled = tests_met(hoist(simplify(export_from_arms(settled))))
    settled = without_last_writes(fill_lists(settled))
    settled = eliminate_dead(with_whole_shapes(settled))
    return eliminate_dead(with_strict_zips(as_written(settled)))


def _finished(function: Function) -> Function:
    function = without_gaps(
        drop_copies(drop_snapshots(put_off_writes(without_spent_zeros(function))))
    )
    function = with_copies_handed_over(function)
    function = schedule(write_additions(put_at_once(hand_on_constants(function))))
    function = with_plain_indices(with_results_named(copy_parts(function)))
    function = with_unread_parts(without_lists_of_keys(function))
    require_looks(function)
    return function
