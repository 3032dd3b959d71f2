"""From a user's function to the function that `jvp` returns: value and tangent, in one sweep.

It shares with `grad` how arguments become kinds, what is remembered for them, and the guards on
what lies outside; what is compiled for the kinds comes from forward mode.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn

from sourcediff import general, types
from sourcediff.assumed import Kinds
from sourcediff.distinct import require_distinct
from sourcediff.errors import DifferentiationError, InternalError
from sourcediff.frontend.calls.arguments import bind_arguments
from sourcediff.frontend.calls.inline import inline
from sourcediff.frontend.frames import parameter_names
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Static, Tup
from sourcediff.ir import Atom, Const, Function, Value
from sourcediff.kinds import differentiable
from sourcediff.modes.drawn import generators_in
from sourcediff.modes.dressing import dressed
from sourcediff.modes.seeded import Mismatch, SeededForms, leaves
from sourcediff.modes.structures import TwoTangents, require_still, tangent_like
from sourcediff.modes.tangents import checked
from sourcediff.specialisation import Specialisation
from sourcediff.specialise import Derivative
from sourcediff.transform.lists.arguments import changes_arguments
from sourcediff.transform.pipeline import optimise_derivative, push_forward
from sourcediff.transform.whole.pushforward import pushforward as whole_pushforward
from sourcediff.types import Type
from sourcediff.whole_road import has_none

__all__ = ["Pushforward", "pushforward_function"]

NOTHING = Const(None, types.NONE)


class Pushforward(Derivative):
    """One use of `jvp`: the function, and the code made for each combination of kinds.

    The kinds of a specialisation are those of the arguments, and behind them those of the tangents:
    None for what does not vary.
    """

    several = True

    def __init__(self, primal: Any) -> None:
        super().__init__(primal, None, with_value=True)
        #: The way by reverse mode, and the kinds of arguments that take it.
        self.forms = SeededForms(primal)
        self.by_reverse: set[Any] = set()

    @property
    def prefix(self) -> str:
        return "jvp"

    def compile(self, kinds: Sequence[Type | Binding]) -> Specialisation:
        """The code for arguments and tangents of these kinds; through all stages but the last."""
        names = parameter_names(self.source.node.args)
        stages: dict[str, Any] = {}
        lowered = self._lowered(kinds[: len(names)], stages)
        bindings = lowered.origin.bindings
        varying: dict[str, Binding] = {}
        for name, kind in zip(names, kinds[len(names) :], strict=True):
            if isinstance(kind, Type):
                self._require_differentiable(name, bindings[name])
                varying[name] = bindings[name]
        stages["differentiated"] = moved = push_forward(lowered, varying)
        stages["simplified"] = final = optimise_derivative(moved)
        made = Specialisation(final, stages, tuple(isinstance(k, Type) for k in kinds))
        made.changes_arguments = changes_arguments(stages.get("lowered", lowered))
        return made

    def _may_vary(self, lowered: Function) -> Iterable[Binding]:
        bindings: dict[str, Binding] = lowered.origin.bindings
        return bindings.values()

    def _require_differentiable(self, name: str, binding: Binding) -> None:
        if not differentiable(binding):
            self._refuse_to_vary(name)

    def _refuse_to_vary(self, name: str) -> NoReturn:
        raise self._error(
            f"the argument {name!r} of {self.name}() cannot vary", "give None for its tangent"
        )

    def call(self, primals: Any, tangents: Any) -> tuple[Any, Any]:
        """The value and the tangent."""
        self._require_pairs(primals, tangents)
        try:
            values, moves = self._matched(primals, tangents)
        except DifferentiationError as reason:
            return self._whole(primals, tangents, reason, mismatch=True)
        try:
            made = self._made(values, moves)
        except DifferentiationError as reason:
            return self._whole(primals, tangents, reason)
        args, keywords = self.passed(made, values)
        assert made.body is not None and made.generated is not None
        moving = [move for move in moves if move is not None]
        keywords.update(zip(made.generated.tangents, moving, strict=True))
        value, tangent = made.call(*args, **keywords)
        if made.may_be_complex:
            self.checked((value, tangent))
        return value, tangent

    def _made(self, values: list[Any], moves: list[Any]) -> Specialisation:
        """The code of the clean road."""
        kinds, key = self._kinds(values)
        names = parameter_names(self.source.node.args)
        self._require_still(
            dict(zip(names, kinds, strict=True)), dict(zip(names, moves, strict=True))
        )
        kinds += [NOTHING if move is None else kinds[k] for k, move in enumerate(moves)]
        key += tuple(move is not None for move in moves)
        made = self.specialisations.get(key)
        if made is None or not made.is_current():
            refusal = self.refused.get(key)
            if refusal is not None:
                raise refusal
            try:
                made = self.specialise(kinds, key)
            except DifferentiationError as reason:
                if self.asks_anew(reason, key):
                    return self._made(values, moves)
                self.refused[key] = reason
                raise
        made = self.looking(made, key, values, partial(self.specialise, kinds))
        self.publish(made, all_real=False)
        if made.changes_arguments:
            require_distinct(made.primal, values, self.name, self._error)
        return made

    def _whole(
        self,
        primals: Sequence[Any],
        tangents: Sequence[Any],
        reason: DifferentiationError,
        mismatch: bool = False,
    ) -> tuple[Any, Any]:
        """The value and the tangent by code of the general road.

        Args:
            reason: why the clean road refused it.
            mismatch: that is because the tangents do not have the structure of the arguments, as
                far as that road knows structures.
        """
        names = parameter_names(self.source.node.args)
        given = dict(zip(names, self.ordered(primals), strict=True))
        found: dict[str, Any] = {}
        places: dict[int, Any] = {}
        try:
            for name, move in self._moving(tangents).items():
                tangent = tangent_like(given[name], move, name, places)
                if tangent is not None:
                    found[name] = tangent
        except TypeError as wrong:
            if mismatch and not isinstance(wrong, TwoTangents):
                raise reason.with_traceback(None) from None
            raise self._error(f"{self.name}(): {wrong}") from None
        # They do have it, which the clean road could not tell: what that says of it is no reason.
        reason.is_mismatch = mismatch
        key = (general.key_of(list(given.values())), tuple(found))
        if key in self.by_reverse:
            return self._by_reverse(primals, tangents, reason)
        try:
            made = self.whole.for_values(list(given.values()), reason, frozenset(found))
        except InternalError:
            raise
        except DifferentiationError as refusal:
            pair = self._by_reverse(primals, tangents, refusal)
            self.by_reverse.add(key)
            return pair
        self._require_still({str(p.name): p.type for p in made.lowered.parameters}, found)
        self.publish(made, all_real=False)
        count = len(made.lowered.parameters) - len(found)
        taken = [str(parameter.name) for parameter in made.lowered.parameters[:count]]
        assert made.body is not None
        args = [given[name] for name in taken]
        value, tangent = made.call(*args, *(found[name] for name in taken if name in found))
        if made.may_be_complex:
            self.checked((value, tangent))
        return value, tangent

    def _require_still(self, kinds: Mapping[str, Any], tangents: Mapping[str, Any]) -> None:
        """Require that no tangent is given for what does not vary in arguments of some kinds."""
        seen: set[int] = set()
        try:
            for name, tangent in tangents.items():
                if isinstance(kind := kinds[name], Type):
                    require_still(kind, tangent, name, seen)
        except TypeError as wrong:
            raise self._error(f"{self.name}(): {wrong}") from None

    def _by_reverse(
        self, primals: Sequence[Any], tangents: Sequence[Any], reason: DifferentiationError
    ) -> tuple[Any, Any]:
        """The same by reverse mode twice, which knows more functions of arrays.

        Raises:
            DifferentiationError: that does not know them either, or the function does not give the
                same each time that it runs; `reason`.
        """
        arrays = (leaf for primal in primals for _, leaf in leaves(primal) if hasattr(leaf, "ndim"))
        given = any(array.ndim for array in arrays)
        try:
            # Without an array nothing is gained by it, and the function would run for nothing.
            if given or _is_about_arrays(reason):
                pair = self.forms.push(primals, tangents)
                if self.forms.are_repeatable(given, len(generators_in(primals))):
                    return pair
        except InternalError:
            raise
        except (DifferentiationError, Mismatch) as error:
            if getattr(error, "certain", False):
                raise
        raise reason.with_traceback(None) from None

    def whole_form(self, lowered: Function) -> Function:
        """The value and the tangent on the general road."""
        able = {p.name: n for n, p in enumerate(lowered.parameters) if not has_none(p.type)}
        for name in sorted(self.whole.varying or ()):
            if name not in able:
                self._refuse_to_vary(name)
        wanted = self.whole.varying or ()
        return whole_pushforward(lowered, [n for name, n in able.items() if name in wanted])

    def _matched(self, primals: Any, tangents: Any) -> tuple[list[Any], list[Any]]:
        """Arguments in the order of the parameters, and the tangent of each."""
        values = self.ordered(primals)
        moving = self._moving(tangents)
        found = []
        for name, value in zip(parameter_names(self.source.node.args), values, strict=True):
            try:
                found.append(checked(value, moving.get(name), name))
            except TypeError as reason:
                raise self._error(f"{self.name}(): {reason}") from None
        return values, found

    def _require_pairs(self, primals: Any, tangents: Any) -> None:
        """Require that both are tuples of one length."""
        for what, given in (("primals", primals), ("tangents", tangents)):
            if not isinstance(given, tuple | list):
                raise self._error(
                    f"the {what} of {self.name}() are a {type(given).__name__}, not a tuple",
                    "give a tuple with one item for each argument: (x,)",
                )
        if len(primals) != len(tangents):
            raise self._error(
                f"{self.name}() got {len(primals)} primals and {len(tangents)} tangents",
                "give one tangent for each primal, None for what does not vary",
            )

    def _moving(self, tangents: Sequence[Any]) -> dict[str, Any]:
        """The tangents by the names of the parameters."""
        signature = inspect.signature(self.function, follow_wrapped=False)
        return signature.bind(*([None] * len(self.bound)), *tangents).arguments

    def lower_call(
        self, lowering: Lowering, args: list[Binding], kwargs: dict[str, Binding]
    ) -> Binding:
        """A call inside a function that is being lowered."""
        given = dict(zip(("primals", "tangents"), args, strict=False)) | kwargs
        primals, tangents = given.get("primals"), given.get("tangents")
        if not isinstance(primals, Tup) or not isinstance(tangents, Tup):
            lowering.error("jvp takes a tuple of primals and a tuple of tangents", None)
        assert isinstance(primals, Tup) and isinstance(tangents, Tup)
        if len(primals.items) != len(tangents.items):
            lowering.error("jvp takes one tangent for each primal", None)
        node = self.source.node.args
        owner: list[Binding] = [Static(b) for b in self.bound]
        defaults, kw_defaults = lowering.defaults_of(self.function, node)
        bound = bind_arguments(
            lowering, node, self.name, [*owner, *primals.items], {}, defaults, kw_defaults
        )
        moving: list[Binding] = [*(NOTHING for _ in owner), *tangents.items]
        nothing: dict[str, Binding] = dict.fromkeys(kw_defaults, NOTHING)
        moves = bind_arguments(
            lowering, node, self.name, moving, {}, [NOTHING for _ in defaults], nothing
        )
        kinds: list[Type | Binding] = []
        atoms: list[Atom] = []
        for binding in bound.values():
            kinds.append(_kind(lowering, binding, atoms))
        for k, (name, move) in enumerate(moves.items()):
            kind = kinds[k]
            if not isinstance(kind, Type) or _is_nothing(move):
                kinds.append(NOTHING)
                continue
            found = _kind(lowering, move, atoms)
            if not isinstance(found, Type) or found.kind != kind.kind:
                lowering.error(f"the tangent of {name!r} does not have its structure", None)
            kinds.append(kind)
        return inline(lowering, self.compile(kinds).lowered, atoms)

    def standalone(self) -> str:
        """The text of the latest code as a module of its own."""
        self.source_now()
        assert self.latest is not None and self.latest.generated is not None
        head = (
            f'"""The value of {self.name}, and its tangent for tangents of its arguments.\n\n'
            f'Written by sourcediff, which it does not need to run.\n"""\n\n'
        )
        return head + self.latest.generated.standalone()

    def assumed(self) -> Kinds | None:
        """As far as the signature tells: numbers, which all vary."""
        known = super().assumed()
        if known is None:
            return None
        kinds, key = known
        moving = [kind if kind is types.REAL else NOTHING for kind in kinds]
        return [*kinds, *moving], (*key, *(kind is types.REAL for kind in kinds))

    def is_plain(self, made: Specialisation) -> bool:
        """Whether the entry may call the code itself: it does not."""
        return False


def _is_nothing(binding: Binding) -> bool:
    return isinstance(binding, Const) and binding.value is None


def _kind(lowering: Lowering, binding: Binding, atoms: list[Atom]) -> Type | Binding:
    """The kind of an argument of a call in the IR; what is passed is appended."""
    real = isinstance(binding, Value | Const) and types.is_number(binding.type)
    whole = isinstance(binding, Value) and binding.type.kind == "List"
    if not isinstance(binding, Tup) and not real and not whole:
        return binding
    atom = lowering.atom(binding)
    atoms.append(atom)
    return types.REAL if real else atom.type


def pushforward_function(f: Any) -> Callable[..., Any]:
    """The function that `jvp` returns for a function."""
    pushforward = Pushforward(f)

    def jvp(primals: Any, tangents: Any) -> tuple[Any, Any]:
        return pushforward.call(primals, tangents)

    entry: Callable[..., Any] = dressed(jvp, pushforward, "Value and tangent")
    return entry


def _is_about_arrays(reason: DifferentiationError) -> bool:
    """Whether it is an array that forward mode cannot take."""
    return any(word in str(reason.msg) for word in ("array", "NumPy", "numpy"))
