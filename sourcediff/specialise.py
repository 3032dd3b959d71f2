"""From calls to specialised code: argument types, the cache of derivatives, the entry function.

What `grad` returns is a plain Python function, the *entry*, with the user's signature. Where
all arguments are floats and nothing that the code relies on has changed, it calls the
generated *body* at once; otherwise it hands over to `Derivative.dispatch`, which finds or
compiles the body for the arguments' types.
"""

from __future__ import annotations

import inspect
import types as python_types
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from sourcediff import types
from sourcediff.assumed import Kinds, assumed, noted, taken_for_numbers
from sourcediff.backend.generate import generate
from sourcediff.backend.loader import load
from sourcediff.direct import has_arrays, is_direct
from sourcediff.distinct import require_distinct, require_own
from sourcediff.entry import write_entry
from sourcediff.errors import DifferentiationError, internal_error, is_too_deep
from sourcediff.fractions_lost import require_fractions, whole_among
from sourcediff.frontend.calls.arguments import bind_arguments
from sourcediff.frontend.calls.callables import seen_through
from sourcediff.frontend.calls.inline import inline
from sourcediff.frontend.complexes.values import is_complex
from sourcediff.frontend.containers.mappings import require_mapping, require_no_mappings
from sourcediff.frontend.containers.rows import as_row
from sourcediff.frontend.control.joins import objects_in
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import parameter_names
from sourcediff.frontend.lower import lower_function
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.reflect import all_numbers, holds_complex_array
from sourcediff.frontend.source import Source, source_of
from sourcediff.frontend.values import Binding, Columns, Grouped, Heap, Static, Tup
from sourcediff.ir import Const, Function, Value
from sourcediff.kinds import NoRealNumber, kind_of, kind_of_known, kind_with_lie, restored
from sourcediff.passing import passed, with_reals
from sourcediff.reals import paths_to, wants_integers
from sourcediff.specialisation import Specialisation
from sourcediff.transform.arrays.dtype_looks import (
    ALL,
    LOST,
    looking,
    looks_for,
    with_dtype_looks,
)
from sourcediff.transform.calls.calls import hands_on_lists
from sourcediff.transform.lists.arguments import changes_arguments
from sourcediff.transform.lists.contents import slots_in
from sourcediff.transform.lists.tuple_parts import apart_in_vain
from sourcediff.transform.pipeline import (
    differentiate,
    optimise_derivative,
    optimise_primal,
    settle,
)
from sourcediff.types import Slot, Type
from sourcediff.whole_road import Road
from sourcediff.wrapped import name_of, why_not, wrapper_of
from sourcediff.wrt import ArgNums, Wrt

__all__ = ["Derivative"]

#: The dtypes of arrays of complex numbers, as NumPy compares them with text.
_COMPLEX = ("complex64", "complex128")
#: So many values of an argument are tried as constants of the code without success.
MAX_IN_VAIN = 3


class Derivative:
    """One use of `grad` or `value_and_grad`: what to differentiate, and the code made for it.

    `several` says that the function may return more than one number.
    """

    several = False

    def __init__(self, primal: Any, argnums: ArgNums | None, with_value: bool) -> None:
        self.primal = primal
        self.with_value = with_value
        self.bound: tuple[Any, ...] = ()
        function = seen_through(primal)
        if isinstance(function, python_types.MethodType):
            self.bound = (function.__self__,)
            function = seen_through(function.__func__)
        elif not isinstance(function, python_types.FunctionType):
            function = self._called(function)
        self.inner: Derivative | None = derivative_of(function)
        if self.inner is not None and self.inner.several:
            raise DifferentiationError(
                f"what {self.inner.prefix}() returns takes and returns pairs, and is no function "
                "of numbers",
                help="differentiate a function that calls it: lambda x: jvp(f, (x,), (1.0,))[1]",
            )
        if self.inner is not None:
            function = self.inner.function
            self.bound = self.inner.bound
        if not isinstance(function, python_types.FunctionType):
            message, help = why_not(primal)
            raise DifferentiationError(message, help=help)
        self.function: python_types.FunctionType = function
        self.source: Source = source_of(function)
        self.name = name_of(primal)
        self.parameters = parameter_names(self.source.node.args)[len(self.bound) :]
        self.wrt = Wrt(argnums, self.name, self.source.node.args, self.parameters, self._error)
        self.specialisations: dict[tuple[Any, ...], Specialisation] = {}
        self.whole = Road(self)
        #: Why the clean road refused arguments, by their kinds.
        self.refused: dict[tuple[Any, ...], DifferentiationError] = {}
        #: Whether it makes a difference how arrays among the arguments lie in memory.
        self.asks_how_arrays_lie = False
        #: The arguments whose value counts, where that is a whole number.
        self.constants: set[str] = set()
        #: How often that was of no use.
        self.in_vain = 0
        self.latest: Specialisation | None = None
        self.entry: python_types.FunctionType | None = None
        #: What the entry calls directly where all arguments are floats.
        self.direct: Specialisation | None = None

    def _called(self, found: Any) -> Any:
        """The function that is called where something else than a function is."""
        wrapper = wrapper_of(found)
        method = inspect.getattr_static(type(found), "__call__", None)
        if wrapper is None and isinstance(method, python_types.FunctionType):
            self.bound = (found,)
            return seen_through(method)
        return wrapper or found

    # What to differentiate ----------------------------------------------------------------

    def refusal(self, message: str, help: str | None = None) -> DifferentiationError:
        """A refusal that stands at the function itself."""
        return self._error(message, help)

    def too_deep(self) -> DifferentiationError:
        """The refusal of what Python cannot nest."""
        return self._error(f"{self.name}() is nested too deeply", "split it into several functions")

    def _error(self, message: str, help: str | None = None) -> DifferentiationError:
        return DifferentiationError(message, self.source.span(self.source.node), help)

    # Compilation --------------------------------------------------------------------------

    def compile(self, kinds: Sequence[Type | Binding]) -> Specialisation:
        """The code for arguments of these kinds; through all stages but the last."""
        stages: dict[str, Any] = {}
        lowered = self._lowered(kinds, stages)
        reversed_ = differentiate(
            lowered,
            self.wrt.bindings(lowered),
            as_tuple=self.wrt.as_tuple,
            with_value=self.with_value,
        )
        stages["differentiated"] = reversed_
        final = optimise_derivative(reversed_)
        stages["simplified"] = final
        made = Specialisation(final, stages, tuple(isinstance(k, Type) for k in kinds))
        if hands_on_lists(lowered):
            made.written = optimise_derivative(
                differentiate(
                    lowered,
                    self.wrt.bindings(lowered),
                    as_tuple=self.wrt.as_tuple,
                    with_value=self.with_value,
                    adding=True,
                )
            )
        made.changes_arguments = changes_arguments(stages.get("lowered", lowered))
        return made

    def _lowered(self, kinds: Sequence[Type | Binding], stages: dict[str, Any]) -> Function:
        """The function that is differentiated, for arguments of these kinds."""
        if self.inner is not None:
            inner = self.inner.compile(kinds)
            lowered = inner.lowered
            stages["doubts"] = inner.doubts
            if inner.changes_arguments and lowered.origin is not None:
                lowered.origin.changes_given = True  # it works on copies, which are apart
        else:
            given = dict(zip(parameter_names(self.source.node.args), kinds, strict=True))
            lowered = lower_function(self.function, given, self.several)
            if apart_in_vain(lowered, self._may_vary(lowered)):
                lowered = lower_function(self.function, given, self.several, keeps_tuples=True)
            whole = looks_for()
            lowered, doubts = with_dtype_looks(lowered, partial(paths_to, lowered), whole)
            if lowered.origin is not None and lowered.origin.in_doubt:
                doubts |= ALL
            stages["lowered"], stages["doubts"] = lowered, doubts
            lowered = optimise_primal(lowered)
        stages["optimised"] = lowered
        return lowered

    def _may_vary(self, lowered: Function) -> Iterable[Binding]:
        """The arguments that may be differentiated."""
        return self.wrt.bindings(lowered)

    def whole_form(self, lowered: Function) -> Function:
        """The derivative on the general road, where that is none of one number."""
        raise self._error(
            f"{self.name}() needs what {self.prefix} does not differentiate yet",
            "use grad of a function that returns one number",
        )

    def _settled(self, function: Function) -> Function:
        """The derivative as it is written."""
        return settle(function)

    def specialise(self, kinds: Sequence[Type | Binding], key: tuple[Any, ...]) -> Specialisation:
        """Compile for these kinds, down to a function, and remember it."""
        try:
            made = self.compile(kinds)
            prefix = self.prefix
            primal = "lambda" if self.name == "<lambda>" else self.generated_name()
            made.stages["settled"] = settled = self._settled(made.written or made.lowered)
            made.generated = generate(settled, f"{prefix}_{primal}")
            made.namespace = dict(made.generated.header.objects)
            made.namespace["__name__"] = self.function.__module__
            made.body = load(
                made.generated.source,
                made.generated.name,
                made.namespace,
                f"{prefix} of {self.name}",
            )
            # The text has literals; the code gets the very objects that they stand for.
            for name, (_, found) in made.generated.header.constants.items():
                made.namespace[name] = found
        except DifferentiationError as error:
            raise error.with_traceback(None) from None
        except Exception as cause:
            if is_too_deep(cause):
                raise self.too_deep() from None
            raise internal_error(self.name, cause) from cause
        made.key = key
        self.specialisations[key] = made
        self.latest = made
        return made

    @property
    def prefix(self) -> str:
        """What the name of the generated function starts with."""
        return "value_and_grad" if self.with_value else "grad"

    def generated_name(self) -> str:
        """The name that the derivative's name is made from."""
        if self.inner is None:
            name = self.function.__name__
            return self.name.lower() if name == "__call__" else name
        return f"{self.inner.prefix}_{self.inner.generated_name()}"

    # Calls --------------------------------------------------------------------------------

    def dispatch(self, *values: Any) -> Any:
        """Call the body for arguments in the order of the parameters."""
        values = (*self.bound, *values)
        made = self.specialisation_for(values)
        if made.changes_arguments:
            require_own(made.primal, values, self.name, self._error)
            if not made.is_general:
                try:
                    require_distinct(made.primal, values, self.name, self._error)
                except DifferentiationError as reason:
                    made = self.whole.for_values(values, reason)
        assert made.body is not None
        given = values
        if made.makes_arrays and not made.is_general:
            given = with_reals(self.wrt, len(self.bound), values, made.stays_whole)
            if given is not values:
                self.look_at(made, values)
        args, keywords = self.passed(made, given)
        try:
            result = made.call(*args, **keywords)
        except (TypeError, IndexError) as error:
            if given is values or not wants_integers(error):
                raise
            raise self._error(
                f"{self.name}() makes arrays of whole numbers that are differentiated, and uses "
                "them as such",
                "differentiate with respect to other arguments",
            ) from None
        if made.may_be_complex:
            self._check_derivatives(self.wrt.values(values), result)
        if made.is_general:
            return self.whole.settled(values[len(self.bound) :], result)
        return self._restored(values[len(self.bound) :], result)

    def passed(
        self, made: Specialisation, values: Sequence[Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """What the code takes of arguments in the order of the parameters.

        Raises:
            DifferentiationError: a real number would lose its fraction.
        """
        if made.stores:
            names = parameter_names(self.source.node.args)
            require_fractions(made.stores, dict(zip(names, values, strict=True)))
        return passed(self.source.node.args, made.passed, values)

    def look_at(self, made: Specialisation, values: Sequence[Any]) -> None:
        """Let a call for arguments as they are, before they are made floats, refuse what is lost.

        Raises:
            DifferentiationError: a real number would lose its fraction.
            TypeError: the same, where only the run tells.
        """
        if made.stores:
            self.passed(made, values)
        if "whole" in made.key:
            args, keywords = self.passed(made, values)
            try:
                made.call(*args, **keywords)
            except Exception as error:
                if LOST in str(error):
                    raise

    def checked(self, result: Any) -> Any:
        """The result of code in which a power may leave the real numbers.

        Raises:
            ValueError: it did: ``(-8.0) ** 0.5`` is complex.
        """
        pending = [result]
        while pending:
            item = pending.pop()
            if isinstance(item, tuple | list):
                if not all_numbers(item):
                    pending.extend(item)
            elif isinstance(item, dict):
                pending.extend(item.values())
            elif isinstance(item, complex) or getattr(item, "dtype", None) in _COMPLEX:
                raise ValueError(
                    f"{self.name}() or its derivative is complex here: a negative number is "
                    "raised to a power that is not whole"
                )
        return result

    def _check_derivatives(self, arguments: Sequence[Any], result: Any) -> None:
        """Check the value, and the derivatives in what holds no arrays of complex numbers."""
        if self.with_value:
            self.checked(result[0])
            result = result[1]
        for argument, derivative in zip(
            arguments, result if self.wrt.as_tuple else (result,), strict=True
        ):
            if not holds_complex_array(argument):
                self.checked(derivative)

    def _restored(self, values: Sequence[Any], result: Any) -> Any:
        """Derivatives as real numbers of the arguments' own kind."""
        chosen = self.wrt.values(values)
        value = None
        if self.with_value:
            value, result = result
        if self.wrt.as_tuple:
            result = tuple(map(restored, chosen, result))
        else:
            result = restored(chosen[0], result)
        return (value, result) if self.with_value else result

    def specialisation_for(self, values: Sequence[Any]) -> Specialisation:
        """The code for these arguments, compiled if need be."""
        if not self.several:
            self.wrt.refuse_constants(values)
        try:
            kinds, key = self._kinds(values)
        except DifferentiationError as reason:
            return self._published(self.whole.for_values(values, reason))
        found = self.specialisations.get(key)
        if found is None or not found.is_current():
            refusal = self.refused.get(key)
            if refusal is None:
                try:
                    found = self.specialise(kinds, key)
                except DifferentiationError as error:
                    if self.asks_anew(error, key):
                        return self.specialisation_for(values)
                    refusal = error
            if refusal is not None:
                made = self.whole.for_values(values, refusal)
                self.refused[key] = refusal
                return self._published(made)
        assert found is not None
        try:
            found = self.looking(found, key, values, partial(self.specialise, kinds))
        except DifferentiationError as refusal:
            found = self.whole.for_values(values, refusal)
        if found is self.direct:
            # The entry came here because a number outside has changed: it knows the new one.
            for place, guard in enumerate(found.lowered.guards):
                self.entry.__globals__[f"_seen_{place}"] = guard.object  # type: ignore[union-attr]
        return self._published(found)

    def looking(
        self,
        made: Specialisation,
        key: tuple[Any, ...],
        values: Sequence[Any],
        compiled: Callable[[tuple[Any, ...]], Specialisation],
    ) -> Specialisation:
        """The code that looks which arrays are of whole numbers, where arguments leave a doubt.

        Args:
            made: the code without looks, for these arguments, with the key of the cache.
            compiled: compiles it anew for another key.
        """
        if not made.doubts:
            return made
        names = parameter_names(self.source.node.args)
        whole = whole_among(made.doubts, dict(zip(names, values, strict=True)))
        if not whole:
            return made
        key = (*key, "whole", whole)
        found = self.specialisations.get(key)
        if found is None or not found.is_current():
            with looking(whole):
                found = compiled(key)
        return found

    def asks_anew(self, refusal: DifferentiationError, key: tuple[Any, ...]) -> bool:
        """Whether to compile again, for what is known of the arguments then.

        That is how arrays among them lie in memory, and what the whole numbers are that tell how
        many turns a loop has.
        """
        wanted = refusal.asks_values_of - self.constants
        if not self.several:
            wanted -= set(self.wrt.names())
        if wanted and self.in_vain < MAX_IN_VAIN:
            self.constants |= wanted
            return True
        if self.constants:
            self.in_vain += 1
            if self.in_vain == MAX_IN_VAIN:
                self.constants.clear()
        if self.asks_how_arrays_lie or not refusal.asks_how_arrays_lie or not has_arrays(key):
            return False
        self.asks_how_arrays_lie = True
        return True

    def _published(self, made: Specialisation) -> Specialisation:
        if self.entry is not None:
            self.publish(made, self.is_plain(made))
        return made

    def _kinds(self, values: Sequence[Any]) -> tuple[list[Type | Binding], tuple[Any, ...]]:
        """The kinds of arguments in the order of the parameters, and their cache key."""
        names = parameter_names(self.source.node.args)
        kinds: list[Type | Binding] = []
        key: list[Any] = []
        for name, value in zip(names, values, strict=True):
            if name in self.constants and value.__class__ is int:
                kinds.append(Const(value, types.INT))
                key.append(("number", value))
                continue
            try:
                kind, part = kind_of(value)
                if self.asks_how_arrays_lie:
                    kind, part = kind_with_lie(kind, part, value)
            except TypeError as reason:
                refusal = self._error(f"argument {name!r} of {self.name}(): {reason}")
                refusal.certain = isinstance(reason, NoRealNumber)
                raise refusal from None
            kinds.append(kind)
            key.append(part)
        return kinds, tuple(key)

    def publish(self, made: Specialisation, all_real: bool) -> None:
        """Show the latest code on the entry, and let it call all-real code directly."""
        entry = self.entry
        assert entry is not None and made.generated is not None
        entry.source = made.generated.source  # type: ignore[attr-defined]
        entry.__wrapped__ = made.body  # type: ignore[attr-defined]
        if all_real and not made.was_direct:  # only once: two kinds may come by turns
            write_entry(self, made)

    def lower_call(
        self, lowering: Lowering, args: list[Binding], kwargs: dict[str, Binding]
    ) -> Binding:
        """A call of this derivative inside a function that is being lowered."""
        node = self.source.node
        defaults, kw_defaults = lowering.defaults_of(self.function, node.args)
        owner = [Static(b) for b in self.bound]
        bound = bind_arguments(
            lowering, node.args, self.name, [*owner, *args], kwargs, defaults, kw_defaults
        )
        if lowering.faithful:
            return self.whole.lower_call(lowering, bound)
        kinds: list[Type | Binding] = []
        atoms: list[Binding] = []
        given: list[Binding] = []
        for name, binding in bound.items():
            if self._is_count(name, binding):
                kinds.append(binding)
                continue
            if is_complex(binding) or _is_structure(binding):
                kinds.append(kind_of_known(lowering, binding))
                atoms.append(binding)
                given.append(binding)
                continue
            real = isinstance(binding, Value | Const) and types.is_number(binding.type)
            if isinstance(binding, Tup | Value) or real:
                atom = lowering.atom(binding)
                kinds.append(types.REAL if real else atom.type)
                atoms.append(atom)
                given.append(binding)
            elif isinstance(binding, Heap | Grouped):
                lowering.error(
                    f"a derivative of {self.name}() for {describe(binding)} is not supported in a "
                    "function that is differentiated",
                    help="hand in lists of numbers",
                )
            else:
                kinds.append(binding)
        with looking(ALL if looks_for() else looks_for()):
            made = self._compiled_inside(kinds)
        lowering.in_doubt |= bool(made.doubts)
        lowered = made.lowered
        if made.changes_arguments:
            self._require_two_lists(lowering, atoms)
        require_no_mappings(lowering, lowered)
        for place, parameter in enumerate(lowered.parameters):
            argument = given[place]
            require_mapping(lowering, parameter, argument)
            if parameter.type.kind == "List" and isinstance(argument, Tup):
                atoms[place] = as_row(lowering, argument)
        return inline(lowering, lowered, atoms)

    def _is_count(self, name: str, binding: Binding) -> bool:
        """Whether an argument is a whole number that is known, and that nothing is asked of."""
        known = isinstance(binding, Const) and binding.type is types.INT
        return known and not self.several and name not in self.wrt.names()

    def _require_two_lists(self, lowering: Lowering, atoms: Sequence[Binding]) -> None:
        """Refuse one list for two arguments that are changed; the entry sees to its own."""
        lists = [atom for atom in atoms if isinstance(atom, Value) and types.is_memory(atom.type)]
        if len({*lists}) < len(lists):
            lowering.error(
                f"{self.name}() changes what it is given, and is given the same list twice",
                help="hand in a copy",
            )
        lowering.changes_given = True

    def _compiled_inside(self, kinds: Sequence[Type | Binding]) -> Specialisation:
        """The derivative for a call of it in a function that is lowered.

        What its own types come to is no reason to lower that function again.
        """
        before, shared_slots = Slot.changes, [s for k in kinds for s in _slots_of(k)]
        known = [slot.type for slot in shared_slots]
        try:
            return self.compile(kinds)
        finally:
            if all(map(types.same, known, [slot.type for slot in shared_slots])):
                Slot.changes = before

    def ordered(self, args: Sequence[Any]) -> list[Any]:
        """Arguments of a call in the order of the parameters, with defaults filled in.

        Raises:
            DifferentiationError: they do not fit the signature.
        """
        signature = inspect.signature(self.function, follow_wrapped=False)
        try:
            call = signature.bind(*self.bound, *args)
        except TypeError as reason:
            raise self._error(f"{self.name}(): {reason}") from None
        call.apply_defaults()
        return list(call.arguments.values())

    def is_plain(self, made: Specialisation) -> bool:
        """Whether code is for numbers, lists of them and arrays, so that the entry can call it."""
        if made.is_general or made.may_drop_parts or made.stores or made.doubts:
            return False
        return not made.changes_arguments and is_direct(made.key, self.wrt.places)

    def assumed(self) -> Kinds | None:
        """The kinds of the arguments before any call, and their cache key; None if not known."""
        return assumed(self.function, self.bound)

    def unsure(self, error: DifferentiationError) -> DifferentiationError:
        """A refusal before any call, with a note on which arguments are only taken for numbers."""
        return noted(error, taken_for_numbers(self.function, self.bound))

    def source_now(self) -> str:
        """The text of the latest code; compiled for assumed types if there is none yet.

        Raises:
            DifferentiationError: the types of the arguments are not known, or the function is
                not supported.
        """
        if self.latest is None:
            known = self.assumed()
            if known is None:
                raise self._error(
                    f"the types of the arguments of {self.name}() are not known yet",
                    "call the derivative once",
                )
            try:
                made = self.specialise(*known)
            except DifferentiationError as error:
                raise self.unsure(error) from None
            if self.entry is not None:
                self.publish(made, self.is_plain(made))
        assert self.latest is not None and self.latest.generated is not None
        return self.latest.generated.source

    def standalone(self) -> str:
        """The text of the latest code as a module of its own."""
        self.source_now()
        assert self.latest is not None and self.latest.generated is not None
        what = "value and gradient" if self.with_value else "gradient"
        head = (
            f'"""The {what} of {self.name} with respect to {", ".join(self.wrt.names())}.\n\n'
            f'Written by sourcediff, which it does not need to run.\n"""\n\n'
        )
        return head + self.latest.generated.standalone()


def _slots_of(kind: Type | Binding) -> Iterator[Slot]:
    """The slots of what can change in an argument."""
    if isinstance(kind, Type):
        yield from slots_in(kind)
        for item in kind.items:
            yield from _slots_of(item)


def _is_structure(binding: Binding) -> bool:
    """Whether an argument holds objects, or is a list of them, that are known while compiling."""
    if isinstance(binding, Tup):
        return any(map(_is_structure, binding.items))
    return isinstance(binding, Columns) or any(True for _ in objects_in(binding))


def derivative_of(function: Any) -> Derivative | None:
    """The derivative that a function is the entry of; not that of one it merely wraps."""
    found = getattr(function, "__sourcediff__", None)
    return found if isinstance(found, Derivative) and found.entry is function else None
