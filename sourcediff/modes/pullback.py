"""From a user's function to the function that `vjp` returns: the value, and the pullback.

It shares with `grad` how arguments become kinds, what is remembered for them, and the guards on
what lies outside; what is compiled for the kinds is reverse mode from any adjoint of the result.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sourcediff import types
from sourcediff.distinct import require_distinct
from sourcediff.errors import DifferentiationError, InternalError
from sourcediff.frontend.frames import parameter_names
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.reflect import holds_complex_array
from sourcediff.frontend.values import Binding, Tup
from sourcediff.ir import Const, Function
from sourcediff.kinds import differentiable, restored
from sourcediff.modes.dressing import dressed
from sourcediff.modes.seeded import Mismatch, SeededForms, leaves, like
from sourcediff.modes.structures import adjoint_like, apart, zeros_of
from sourcediff.modes.tangents import cotangent, zero
from sourcediff.reals import as_reals, wants_integers
from sourcediff.specialisation import Specialisation
from sourcediff.specialise import Derivative
from sourcediff.transform.lists.arguments import changes_arguments
from sourcediff.transform.pipeline import optimise_derivative, seed_pullback, settle_pullback
from sourcediff.transform.whole.pullback import pullback as whole_pullback
from sourcediff.types import Type
from sourcediff.whole_road import has_none, of_its_kind

__all__ = ["Pullback", "pullback_function"]

#: Stand behind the kinds of arguments, one for each: whether it has an adjoint.
LEFT_OUT, TAKEN = Const(False, types.BOOL), Const(True, types.BOOL)


class Pullback(Derivative):
    """One use of `vjp`: the function, and the code made for each combination of kinds."""

    several = True

    def __init__(self, primal: Any) -> None:
        super().__init__(primal, None, with_value=True)
        self.forms = SeededForms(primal)

    @property
    def prefix(self) -> str:
        return "vjp"

    def compile(self, kinds: Sequence[Type | Binding]) -> Specialisation:
        """The code for arguments of these kinds; through all stages but the last."""
        stages: dict[str, Any] = {}
        lowered = self._lowered(kinds[: len(parameter_names(self.source.node.args))], stages)
        names = parameter_names(self.source.node.args)
        left_out = {
            name for name, kind in zip(names, kinds[len(names) :], strict=False) if kind is LEFT_OUT
        }
        arguments = [
            binding if name not in left_out and differentiable(binding) else None
            for name, binding in self._given(lowered)
        ]
        stages["differentiated"] = turned = seed_pullback(lowered, arguments)
        stages["simplified"] = final = optimise_derivative(turned)
        made = Specialisation(final, stages, tuple(isinstance(k, Type) for k in kinds))
        made.changes_arguments = changes_arguments(stages.get("lowered", lowered))
        return made

    def _may_vary(self, lowered: Function) -> Iterable[Binding]:
        bindings: dict[str, Binding] = lowered.origin.bindings
        return bindings.values()

    def _given(self, lowered: Function) -> list[tuple[str, Binding]]:
        """The parameters with their bindings: that of ``*args`` once for each item."""
        bindings = lowered.origin.bindings
        vararg = self.source.node.args.vararg
        found: list[tuple[str, Binding]] = []
        for name in self.parameters:
            binding = bindings[name]
            if vararg is not None and name == vararg.arg and isinstance(binding, Tup):
                found += [(name, item) for item in binding.items]
            else:
                found.append((name, binding))
        return found

    def _settled(self, function: Function) -> Function:
        return settle_pullback(function)

    def call(self, *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
        """The value, and the function from an adjoint of it to those of the arguments."""
        values = self.ordered(args)
        try:
            made = self.made_for(values)
        except InternalError:
            raise
        except DifferentiationError as reason:
            return self._by_gradients(args, reason)
        args = apart(args)
        if made.changes_arguments:
            try:
                require_distinct(made.primal, values, self.name, self._error)
            except DifferentiationError as reason:
                made = self.whole.for_values(values, reason)
        assert made.body is not None
        value, pull = self._run(made, values)
        if made.is_general:
            return value, self._whole_pullback(made, args, value, pull)
        if made.may_be_complex:
            self.checked((value,))
        shape = zero(value)

        def pullback(y_bar: Any) -> tuple[Any, ...]:
            """The adjoints of the arguments, for an adjoint of the value.

            Args:
                y_bar: a number for a number; tuples and lists in the structure of the value.

            Returns:
                A tuple with one item for each argument: None for what is no number.
            """
            try:
                seed = cotangent(shape, y_bar, "the value")
            except TypeError as reason:
                raise self._error(f"the pullback of {self.name}(): {reason}") from None
            found = pull(seed)[: len(args)]
            if made.may_be_complex:
                for argument, adjoint in zip(args, found, strict=True):
                    if not holds_complex_array(argument):
                        self.checked(adjoint)
            return tuple(
                None if adjoint is None else restored(argument, adjoint)
                for argument, adjoint in zip(args, found, strict=True)
            )

        return value, pullback

    def _by_gradients(
        self, args: tuple[Any, ...], reason: DifferentiationError
    ) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
        """The same by the gradient of ``<y_bar, f(x)>``, which knows more functions of arrays.

        Raises:
            DifferentiationError: that does not know them either, or the function does not give the
                same each time that it runs; `reason`.
        """
        args = copy.deepcopy(args)
        places = tuple(k for k, arg in enumerate(args) if any(True for _ in leaves(arg)))
        try:
            if not places or not any(getattr(args[place], "ndim", 0) for place in places):
                raise reason.with_traceback(None) from None
            value = self.forms.value(args)
            shape = zeros_of(value)
            self.forms.pull(value, args, like(value, shape), places)
        except (DifferentiationError, Mismatch):
            raise reason.with_traceback(None) from None
        if not self.forms.are_repeatable(True):
            raise reason.with_traceback(None) from None

        def pullback(y_bar: Any) -> tuple[Any, ...]:
            """The adjoints of the arguments, for an adjoint of the value in its structure."""
            try:
                seeds = like(value, y_bar)
            except Mismatch as wrong:
                raise self._error(f"the pullback of {self.name}(): {wrong}") from None
            found: list[Any] = [None] * len(args)
            for place, adjoint in zip(
                places, self.forms.pull(value, args, seeds, places), strict=True
            ):
                found[place] = adjoint
            return tuple(found)

        return value, pullback

    def _run(self, made: Specialisation, values: Sequence[Any]) -> Any:
        """What the code gives; floats for whole numbers where it makes arrays and allows it."""
        assert made.body is not None
        kept = [v if isinstance(v, int) else as_reals(v) for v in values]
        choices = [list(map(as_reals, values)), kept, list(values)]
        if not made.makes_arrays or made.is_general:
            choices = [list(values)]
        self.look_at(made, values)
        for choice in choices[:-1]:
            given, keywords = self.passed(made, choice)
            try:
                return made.call(*given, **keywords)
            except (TypeError, IndexError) as error:
                if not wants_integers(error):
                    raise
        given, keywords = self.passed(made, choices[-1])
        return made.call(*given, **keywords)

    def whole_form(self, lowered: Function) -> Function:
        """The value and the pullback on the general road."""
        places = [n for n, p in enumerate(lowered.parameters) if not has_none(p.type)]
        made = whole_pullback(lowered, places)
        made.origin = lowered.origin
        return made

    def _whole_pullback(
        self,
        made: Specialisation,
        args: tuple[Any, ...],
        value: Any,
        pull: Callable[[Any], tuple[Any, ...]],
    ) -> Callable[[Any], tuple[Any, ...]]:
        """The pullback of code of the general road."""
        shape = zeros_of(value)
        vararg = self.source.node.args.vararg

        def pullback(y_bar: Any) -> tuple[Any, ...]:
            """The adjoints of the arguments, for an adjoint of the value in its structure."""
            try:
                seed = adjoint_like(shape, y_bar, "the value")
            except TypeError as reason:
                raise self._error(f"the pullback of {self.name}(): {reason}") from None
            adjoints = dict(zip((p.name for p in made.lowered.parameters), pull(seed), strict=True))
            found: list[Any] = []
            for name in self.parameters:
                if vararg is not None and name == vararg.arg:
                    found += adjoints.get(name) or [None] * (len(args) - len(found))
                else:
                    found.append(adjoints.get(name))
            return tuple(map(of_its_kind, args, found))

        return pullback

    def made_for(self, values: Sequence[Any]) -> Specialisation:
        """The code for these arguments.

        An integer counts as a real number, as in `grad`, where the function lets it; where it does
        not, since it shifts bits by it, say, it is no number with an adjoint.
        """
        whole = [isinstance(value, int) for value in values]
        try:
            kinds, key = self._kinds(values)
        except DifferentiationError as reason:
            return self._published(self.whole.for_values(values, reason))
        key += tuple(whole)
        found = self.specialisations.get(key)
        if found is None or not found.is_current():
            refusal = self.refused.get(key)
            if refusal is None:
                try:
                    found = self._clean(kinds, key, whole)
                except DifferentiationError as reason:
                    if self.asks_anew(reason, key):
                        return self.made_for(values)
                    refusal = reason
            if refusal is not None:
                found = self.whole.for_values(values, refusal)
                self.refused[key] = refusal
        assert found is not None
        try:
            found = self.looking(found, key, values, lambda key: self._clean(kinds, key, whole))
        except DifferentiationError as refusal:
            found = self.whole.for_values(values, refusal)
        return self._published(found)

    def _clean(
        self, kinds: list[Type | Binding], key: tuple[Any, ...], whole: list[bool]
    ) -> Specialisation:
        """The code of the clean road."""
        try:
            return self.specialise(kinds, key)
        except DifferentiationError:
            if not any(whole):
                raise
            roles = [LEFT_OUT if is_whole else TAKEN for is_whole in whole]
            return self.specialise([*kinds, *roles], key)

    def is_plain(self, made: Specialisation) -> bool:
        """Whether the entry may call the code itself: it does not."""
        return False

    def lower_call(
        self, lowering: Lowering, args: list[Binding], kwargs: dict[str, Binding]
    ) -> Binding:
        """A call inside a function that is being lowered: what it gives is no number."""
        lowering.error(
            "vjp inside of a differentiated function is not supported yet",
            None,
            "make a derivative with grad outside, and call it inside",
        )

    def standalone(self) -> str:
        """The text of the latest code as a module of its own."""
        self.source_now()
        assert self.latest is not None and self.latest.generated is not None
        head = (
            f'"""The value of {self.name}, and the function from an adjoint of it to those of its\n'
            f'arguments.\n\nWritten by sourcediff, which it does not need to run.\n"""\n\n'
        )
        return head + self.latest.generated.standalone()


def pullback_function(f: Any) -> Callable[..., Any]:
    """The function that `vjp` returns for a function."""
    pullback = Pullback(f)

    def vjp(*args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
        return pullback.call(*args)

    entry: Callable[..., Any] = dressed(vjp, pullback, "Value and pullback")
    return entry
