"""The general road of one derivative: what it compiled, and which of two refusals to show.

`specialise` comes here with arguments that the clean road refused, and why it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sourcediff import general, types
from sourcediff.distinct import shared
from sourcediff.errors import DifferentiationError, InternalError, internal_error, is_too_deep
from sourcediff.fractions_lost import whole_among
from sourcediff.frontend.calls.functions import dynamic
from sourcediff.frontend.complexes.values import NO_COMPLEX
from sourcediff.frontend.frames import parameter_names
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.reflect import attributes_in
from sourcediff.frontend.values import Binding, Static
from sourcediff.general import General, Kinds
from sourcediff.ir import INVOKE, Atom, Const, Function, Invocation
from sourcediff.kinds import kind_of, restored
from sourcediff.transform.arrays.dtype_looks import ALL, looking
from sourcediff.transform.lists.arguments import changes_anything
from sourcediff.transform.whole import Place, gradient
from sourcediff.transform.whole.shapes import inner
from sourcediff.types import Slot, Type, Widened

if TYPE_CHECKING:
    from sourcediff.specialisation import Specialisation
    from sourcediff.specialise import Derivative

__all__ = ["Road", "has_none", "of_its_kind"]


class Road:
    """Compiles one derivative for arguments of any structure."""

    def __init__(self, derivative: Derivative) -> None:
        self.derivative = derivative
        #: The arguments that vary, where a call says it.
        self.varying: frozenset[str] | None = None
        #: The function at the bottom, as it was lowered last.
        self.primal: Function | None = None

    def for_values(
        self,
        values: Sequence[Any],
        reason: DifferentiationError,
        varying: frozenset[str] | None = None,
    ) -> Specialisation:
        """The code for arguments.

        Args:
            reason: why the clean road refused them.
            varying: the arguments that vary, where the call says it.

        Raises:
            DifferentiationError: it cannot be compiled on this road either.
        """
        derivative = self.derivative
        self.varying = varying
        apart = shared(values) is None
        key = (*general.key_of(values), varying, apart)
        found = derivative.specialisations.get(key)
        if found is not None and found.is_current():
            return found
        names = parameter_names(derivative.source.node.args)
        given = dict(zip(names, values, strict=True))
        refusal: DifferentiationError | None = None
        for wanted, whole in self._readings(given):
            try:
                try:
                    kinds = general.types_of(names, values, wanted, whole)
                except TypeError as error:
                    refusal = refusal or derivative.refusal(str(error))
                    continue
                if any(kinds[n] is types.OBJECT and _has_no_kind(v) for n, v in given.items()):
                    raise reason
                counted = {name: value for name, value in given.items() if name in wanted}
                with looking(whole_among(ALL, counted)):
                    return self._remember(self._compile(kinds, apart), key, reason)
            except DifferentiationError as error:
                refusal = refusal or error
            except Exception as cause:
                if not is_too_deep(cause):
                    raise internal_error(derivative.name, cause) from cause
                refusal = refusal or derivative.too_deep()
        assert refusal is not None
        raise better(reason, refusal).with_traceback(None) from None

    def _readings(self, given: Mapping[str, Any]) -> Iterator[tuple[set[str], bool]]:
        """What may count as a real number: the arguments, and whether whole numbers in them do.

        Where all arguments are differentiated, one that is a whole number may be no number at all.
        """
        wanted = self._wanted()
        yield wanted, True
        yield wanted, False
        if self.derivative.several and self.varying is None:
            wanted = {name for name in wanted if not isinstance(given[name], int)}
            yield wanted, True
            yield wanted, False

    def for_kinds(
        self, kinds: Sequence[Type | Binding], reason: DifferentiationError
    ) -> Specialisation:
        """The code for the kinds of arguments that a signature tells."""
        derivative = self.derivative
        given = Kinds()
        for name, kind in zip(parameter_names(derivative.source.node.args), kinds, strict=True):
            if isinstance(kind, Const):
                kind = kind.type
            if not isinstance(kind, Type | Static):
                reason.certain = False
                raise reason
            given[name] = kind
        try:
            key = ("general", *map(id, kinds))
            return self._remember(self._compile(given, True), key, reason)
        except DifferentiationError as error:
            chosen = better(reason, error)
            chosen.certain = reason.certain and error.certain
            raise chosen.with_traceback(None) from None
        except Exception as cause:
            if not is_too_deep(cause):
                raise internal_error(derivative.name, cause) from cause
            raise better(reason, derivative.too_deep()).with_traceback(None) from None

    def lowered(self, kinds: Kinds, apart: bool = False) -> Function:
        """The function in the faithful form, or the derivative that it is."""
        derivative = self.derivative
        if derivative.inner is None:
            self.primal = general.lower_general(derivative.function, kinds)
            return self.primal
        inner = derivative.inner.whole
        lowered = inner.lowered(kinds, apart)
        self.primal = inner.primal
        return inner.form(lowered, apart)

    def form(self, lowered: Function, apart: bool = False) -> Function:
        """The derivative of it.

        Args:
            apart: no list, dict or object is in two places of the arguments.
        """
        derivative = self.derivative
        if derivative.several:
            return derivative.whole_form(lowered)
        if lowered.returns is types.BOOL:
            raise derivative.refusal(f"{derivative.name}() returns a truth value")
        places = self._places(lowered)
        made = gradient(
            lowered,
            places,
            as_tuple=derivative.wrt.as_tuple,
            with_value=derivative.with_value,
            apart=apart,
        )
        made.origin = lowered.origin
        return made

    def lower_call(self, lowering: Lowering, bound: Mapping[str, Binding]) -> Binding:
        """A call of this derivative inside a function that is lowered as it stands."""
        kinds = Kinds()
        kinds.memo = lowering.memo
        atoms: list[Atom] = []
        wanted = self._wanted()
        for name, binding in bound.items():
            if not dynamic(binding):
                kinds[name] = binding
                continue
            atom = lowering.atom(lowering.in_memory(binding))
            number = name in wanted and types.is_number(atom.type)
            kinds[name] = types.REAL if number else atom.type
            atoms.append(atom)
        before = Slot.changes
        lowered = self.lowered(kinds)
        if Slot.changes != before:
            raise Widened  # what was lowered so far may rely on narrower types
        form = self.form(lowered)
        for guard in form.guards:
            lowering.guards.setdefault(guard.ref.key, guard)
        assert form.returns is not None
        call = Invocation(form, name=form.name)
        return lowering.emit(INVOKE, atoms, form.returns, attribute=call)

    def settled(self, values: Sequence[Any], result: Any) -> Any:
        """Derivatives in numbers as real numbers of the arguments' own kind."""
        derivative = self.derivative
        chosen = derivative.wrt.values(values)
        value = None
        if derivative.with_value:
            value, result = result
        if derivative.wrt.as_tuple:
            result = tuple(map(of_its_kind, chosen, result))
        else:
            result = of_its_kind(chosen[0], result)
        return (value, result) if derivative.with_value else result

    def _compile(self, kinds: Kinds, apart: bool) -> Specialisation:
        from sourcediff.specialisation import Specialisation

        derivative = self.derivative
        lowered = self.lowered(kinds, apart)
        form = self.form(lowered, apart)
        name = "lambda" if derivative.name == "<lambda>" else derivative.generated_name()
        prefix = derivative.prefix
        compiled = General(lowered, form, f"{prefix}_{name}")
        compiled.load(derivative.function.__module__, f"{prefix} of {derivative.name}")
        stages = {"lowered": lowered, "differentiated": form, "settled": compiled.legible}
        made = Specialisation(form, stages, (True,) * len(kinds))
        made.is_general = True
        made.changes_arguments = changes_anything(lowered)
        made.generated, made.namespace = compiled.generated, compiled.namespace
        made.body = compiled.call
        assert self.primal is not None
        made.trial = general.trial_of(self.primal, derivative.function.__module__)
        return made

    def _remember(
        self, made: Specialisation, key: tuple[Any, ...], reason: DifferentiationError
    ) -> Specialisation:
        made.key, made.reason = key, reason
        self.derivative.specialisations[key] = made
        self.derivative.latest = made
        return made

    def _names(self) -> list[tuple[str, int | None]]:
        """The parameters that are differentiated, and for one of ``*args`` its place."""
        derivative = self.derivative
        found: list[tuple[str, int | None]] = []
        for place in derivative.wrt.places:
            vararg = derivative.source.node.args.vararg
            if place < 0 and vararg is not None:
                found.append((vararg.arg, -1 - place))
            else:
                found.append((derivative.parameters[place], None))
        return found

    def _wanted(self) -> set[str]:
        if self.varying is not None:
            return set(self.varying)
        if self.derivative.several:
            return set(self.derivative.parameters)
        return {name for name, _ in self._names()}

    def _places(self, lowered: Function) -> list[Place]:
        derivative = self.derivative
        by_name = {p.name: n for n, p in enumerate(lowered.parameters)}
        places: list[Place] = []
        for name, item in self._names():
            number = by_name.get(name)
            kind = None if number is None else lowered.parameters[number].type
            if kind is not None and item is not None:
                if len(kind.items) <= item:
                    raise derivative.refusal(f"{derivative.name}() got too few arguments")
                kind = kind.items[item]
            if number is None or kind is None or has_none(kind):
                what = "a constant" if kind is None else f"of type {kind}"
                raise derivative.refusal(
                    f"the argument {name!r} of {derivative.name}() is {what}, "
                    "and cannot be differentiated",
                    "choose a real number, or what holds real numbers, with argnums",
                )
            places.append(number if item is None else (number, item))
        return places


def has_none(kind: Type) -> bool:
    """Whether there is no derivative with respect to values of a type."""
    kind = inner(kind)
    if kind.kind == "Array":
        return not types.varies(kind.slots["element"].type)
    return kind.kind in (
        "Str",
        "Member",
        "None",
        "Bool",
        "Draws",
        "Int",
        "Opaque",
        "Function",
        "Range",
        "Set",
    )


def _has_no_kind(value: Any) -> bool:
    """Whether an argument is of a kind that neither road knows, such as a complex number."""
    try:
        kind_of(value)
    except TypeError:
        return True
    return False


def of_its_kind(argument: Any, derivative: Any) -> Any:
    """A derivative with respect to an argument, with the attributes that this has."""
    number = isinstance(argument, int | float) or getattr(argument, "shape", None) == ()
    if number and derivative is not None:
        return restored(argument, derivative)
    _keep_attributes(argument, derivative, set())
    return derivative


def _keep_attributes(argument: Any, derivative: Any, seen: set[int]) -> None:
    """Take from the objects in a gradient what those in the argument do not have.

    A function may give an object an attribute, or a dict a key, which has an adjoint while it runs.
    """
    if id(derivative) in seen or isinstance(derivative, int | float | None):
        return
    seen.add(id(derivative))
    if isinstance(argument, list | tuple) and isinstance(derivative, list | tuple):
        for one, other in zip(argument, derivative, strict=False):
            _keep_attributes(one, other, seen)
    elif isinstance(argument, dict) and isinstance(derivative, dict):
        for key, item in list(derivative.items()):
            if key in argument:
                _keep_attributes(argument[key], item, seen)
            else:
                del derivative[key]
    elif type(argument) is type(derivative) and hasattr(derivative, "__dict__"):
        known = attributes_in(argument)
        for name, item in list(vars(derivative).items()):
            if name in known:
                _keep_attributes(known[name], item, seen)
            else:
                del vars(derivative)[name]


def better(clean: DifferentiationError, whole: DifferentiationError) -> DifferentiationError:
    """Of the refusals of both roads the one that helps the user most.

    That is the one that came further: behind the arguments, or to a later line. Where they stop at
    one line, it is the one that says what to do. Where that does not tell, or the general road
    knows of no line, the clean road says it better. A defect is no refusal, and is not hidden.
    Of tangents that only the general road can match, the clean one has nothing to say.
    """
    if isinstance(clean, InternalError) or clean.certain:
        return clean
    if clean.is_mismatch:
        return whole
    if str(whole.msg).startswith(NO_COMPLEX):
        return clean
    if whole.lineno is None or whole.filename != clean.filename:
        return clean
    if str(clean.msg).startswith("argument "):
        return clean if "complex numbers" in str(clean.msg) else whole
    here = clean.lineno or 0
    if "the general form" in str(whole.msg):
        return clean
    if whole.lineno == here and whole.help and not clean.help:
        return whole
    return whole if whole.lineno > here else clean
