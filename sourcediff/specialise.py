"""From calls to specialised code: argument types, the cache of derivatives, the entry function.

What `grad` returns is a plain Python function, the *entry*, with the user's signature. Where
all arguments are floats and nothing that the code relies on has changed, it calls the
generated *body* at once; otherwise it hands over to `Derivative.dispatch`, which finds or
compiles the body for the arguments' types.
"""

from __future__ import annotations

import inspect
import operator
import types as python_types
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.annotated import UNKNOWN, annotations_of, example_of
from sourcediff.backend.generate import Generated, generate
from sourcediff.backend.loader import load, show
from sourcediff.direct import is_direct
from sourcediff.distinct import common, found_outside, outside, shared
from sourcediff.entry import star_names, write_entry
from sourcediff.errors import DifferentiationError, internal_error
from sourcediff.flow import functions_reached
from sourcediff.frontend.calls.arguments import bind_arguments
from sourcediff.frontend.calls.callables import seen_through
from sourcediff.frontend.calls.inline import inline
from sourcediff.frontend.containers.rows import as_row
from sourcediff.frontend.control.joins import objects_in
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import parameter_names
from sourcediff.frontend.lower import lower_function
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.origin import Guard
from sourcediff.frontend.source import Source, source_of
from sourcediff.frontend.values import Binding, Static, Tup
from sourcediff.ir import Const, Function, Op, Value, walk
from sourcediff.kinds import NoRealNumber, differentiable, kind_of, kind_of_known, restored
from sourcediff.reals import as_reals, makes_arrays, wants_integers
from sourcediff.rules.table import primitive_of
from sourcediff.transform.calls.calls import hands_on_lists
from sourcediff.transform.lists.arguments import changes_arguments
from sourcediff.transform.pipeline import (
    differentiate,
    optimise_derivative,
    optimise_primal,
    settle,
)
from sourcediff.types import Type
from sourcediff.whole_road import Road
from sourcediff.wrapped import name_of, why_not, wrapper_of

__all__ = ["Derivative", "Specialisation"]

ArgNums = int | str | Sequence[int | str]

POWER = primitive_of(operator.pow)


def _leaves_the_reals(op: Op) -> bool:
    """Whether an operation on real numbers may give a complex one."""
    if op.primitive is not POWER:
        return False
    exponent = op.args[1]
    return not (isinstance(exponent, Const) and float(exponent.value).is_integer())


class Specialisation:
    """The code of a derivative for one combination of argument types."""

    def __init__(self, lowered: Function, stages: dict[str, Any], passed: tuple[bool, ...]) -> None:
        self.lowered = lowered
        self.stages = stages
        self.passed = passed
        #: The same, as it is written, where that could not be differentiated again.
        self.written: Function | None = None
        #: The kinds of arguments that it is for, as the cache of derivatives has them.
        self.key: tuple[Any, ...] = ()
        self.generated: Generated | None = None
        #: Whether it went the general road, with arguments and gradients of any structure.
        self.is_general = False
        self.makes_arrays = makes_arrays(stages.get("lowered", lowered))
        self.body: Callable[..., Any] | None = None
        self.namespace: dict[str, Any] = {}
        #: Whether the entry has called it itself, now or before.
        self.was_direct = False
        #: Whether it works on copies of lists that are changed, which no other argument may be.
        self.changes_arguments = False
        self.may_be_complex = any(
            _leaves_the_reals(op)
            for reached in functions_reached(lowered)[0]
            for op in walk(reached.body)
        )

    def is_current(self) -> bool:
        """Whether everything outside that the code relies on is still what it was.

        A number or an array that changed its value only is brought up to date, in the code and its
        text.
        """
        for guard in self.lowered.guards:
            if guard.holds():
                continue
            if not guard.refresh(arrays=not self.is_general):
                return False
            self._take_over(guard)
        return True

    def _take_over(self, guard: Guard) -> None:
        if self.generated is None or self.body is None:
            return
        constants = self.generated.header.constants
        for name, (ref, _) in constants.items():
            if ref.key == guard.ref.key:
                self.namespace[name] = guard.object
                constants[name] = (ref, guard.object)
        header = self.generated.header
        for name, path in header.paths.items():
            if path.key == guard.ref.key:
                self.namespace[name] = header.objects[name] = guard.object
        show(self.generated.source, self.body.__code__.co_filename)


class Derivative:
    """One use of `grad` or `value_and_grad`: what to differentiate, and the code made for it.

    `several` says that the function may return more than one number.
    """

    several = False

    def __init__(self, primal: Any, argnums: ArgNums, with_value: bool) -> None:
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
        self.as_tuple = isinstance(argnums, list | tuple)
        self.wrt = self._chosen(argnums)
        self.specialisations: dict[tuple[Any, ...], Specialisation] = {}
        self.whole = Road(self)
        #: The kinds of arguments that annotations tell, with their parts of the cache key.
        self.annotated: list[tuple[Type | Binding, Any]] = []
        #: Why the clean road refused arguments, by their kinds.
        self.refused: dict[tuple[Any, ...], DifferentiationError] = {}
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

    def _chosen(self, argnums: ArgNums) -> list[int]:
        """The places of the arguments that are differentiated."""
        wanted = tuple(argnums) if isinstance(argnums, list | tuple) else (argnums,)
        places = [self._position(a) for a in wanted]
        if not places or len(set(places)) < len(places):
            raise self._error(f"argnums must name each argument once, not {argnums!r}")
        return places

    def _position(self, argument: int | str) -> int:
        """The place of an argument among the parameters; beyond them, one of ``*args``."""
        args = self.source.node.args
        names = self.parameters
        if isinstance(argument, str):
            if argument not in names or argument in star_names(args):
                known = ", ".join(n for n in names if n not in star_names(args))
                raise self._error(f"{self.name}() has no argument {argument!r}; it has {known}")
            return names.index(argument)
        if isinstance(argument, bool) or not isinstance(argument, int):
            raise self._error(f"an argument is given by its position or name, not {argument!r}")
        count = len(args.posonlyargs) + len(args.args) - len(self.bound)
        place = argument + count if argument < 0 else argument
        if (not 0 <= place < count and args.vararg is None) or place < 0:
            raise self._error(f"{self.name}() has no positional argument {argument}")
        return place if place < count else -1 - (place - count)

    def _arguments(self, function: Function) -> list[Binding]:
        """The bindings of the lowered function that are differentiated."""
        bindings = function.origin.bindings
        chosen: list[Binding] = []
        for place in self.wrt:
            if place >= 0:
                name = self.parameters[place]
                binding = bindings[name]
            else:
                vararg = self.source.node.args.vararg
                assert vararg is not None
                name = vararg.arg
                whole = bindings[name]
                assert isinstance(whole, Tup)
                if len(whole.items) < -place:
                    raise self._error(f"{self.name}() got too few arguments for its argnums")
                binding = whole.items[-1 - place]
            if not differentiable(binding):
                raise self._constant(name, binding)
            chosen.append(binding)
        return chosen

    def _constant(self, name: str, binding: Binding) -> DifferentiationError:
        """The refusal of an argument that has no derivative."""
        kind = binding.type if isinstance(binding, Value) else types.NONE
        if kind.kind == "Array":
            return self._error(
                f"the argument {name!r} of {self.name}() is an array of whole numbers or truth "
                "values, which cannot be differentiated",
                f"pass an array of floats: {name}.astype(float)",
            )
        return self._error(
            f"the argument {name!r} of {self.name}() is {describe(binding)}, "
            "and cannot be differentiated",
            "choose a real number, or a tuple of them, with argnums",
        )

    # Compilation --------------------------------------------------------------------------

    def compile(self, kinds: Sequence[Type | Binding]) -> Specialisation:
        """The code for arguments of these kinds; through all stages but the last."""
        stages: dict[str, Any] = {}
        lowered = self._lowered(kinds, stages)
        reversed_ = differentiate(
            lowered,
            self._arguments(lowered),
            as_tuple=self.as_tuple,
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
                    self._arguments(lowered),
                    as_tuple=self.as_tuple,
                    with_value=self.with_value,
                    adding=True,
                )
            )
        made.changes_arguments = changes_arguments(stages.get("lowered", lowered))
        return made

    def _lowered(self, kinds: Sequence[Type | Binding], stages: dict[str, Any]) -> Function:
        """The function that is differentiated, for arguments of these kinds."""
        if self.inner is not None:
            lowered = self.inner.compile(kinds).lowered
        else:
            given = dict(zip(parameter_names(self.source.node.args), kinds, strict=True))
            lowered = lower_function(self.function, given, self.several)
            stages["lowered"] = lowered
            lowered = optimise_primal(lowered)
        stages["optimised"] = lowered
        return lowered

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
        except (RecursionError, SyntaxError):
            raise self.too_deep() from None
        except Exception as cause:
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
            self._require_own(values, made)
            if not made.is_general:
                try:
                    self._require_distinct(values, made)
                except DifferentiationError as reason:
                    made = self.whole.for_values(values, reason)
        assert made.body is not None
        given = self._with_reals(made, values)
        args, keywords = self._passed(made, given)
        try:
            result = made.body(*args, **keywords)
        except (TypeError, IndexError) as error:
            if given is values or not wants_integers(error):
                raise
            raise self._error(
                f"{self.name}() makes arrays of whole numbers that are differentiated, and uses "
                "them as such",
                "differentiate with respect to other arguments",
            ) from None
        if made.may_be_complex:
            result = self.checked(result)
        if made.is_general:
            return self.whole.settled(values[len(self.bound) :], result)
        return self._restored(values[len(self.bound) :], result)

    def _with_reals(self, made: Specialisation, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, with floats for ints that are differentiated and that arrays hold."""
        if not made.makes_arrays or made.is_general:
            return values
        head = len(self.bound)
        names = parameter_names(self.source.node.args)
        vararg = self.source.node.args.vararg
        found = list(values)
        for place in self.wrt:
            at = place + head if place >= 0 else names.index(vararg.arg if vararg else "")
            found[at] = as_reals(found[at])
        alike = all(one is other for one, other in zip(found, values, strict=True))
        return values if alike else tuple(found)

    def _passed(
        self, made: Specialisation, values: Sequence[Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """What the code takes of arguments in the order of the parameters."""
        args: list[Any] = []
        keywords: dict[str, Any] = {}
        signature = self.source.node.args
        only_keyword = {a.arg for a in signature.kwonlyargs}
        names = parameter_names(signature)
        for name, value, passed in zip(names, values, made.passed, strict=False):
            if not passed:
                continue
            if name in only_keyword:
                keywords[name] = value
            elif signature.vararg is not None and name == signature.vararg.arg:
                args.extend(value)
            elif signature.kwarg is not None and name == signature.kwarg.arg:
                keywords.update(value)
            else:
                args.append(value)
        return args, keywords

    def _require_own(self, values: Sequence[Any], made: Specialisation) -> None:
        """Refuse an argument that is a variable outside too, where the function changes some."""
        found = common(values, outside(made.stages.get("lowered", made.lowered)))
        if found is not None:
            self._refuse_shared(found, "its arguments and the variables outside")

    def _require_distinct(self, values: Sequence[Any], made: Specialisation) -> None:
        """Refuse one object in two places, where the function changes some."""
        others = found_outside(made.stages.get("lowered", made.lowered))
        found = shared([*values, *others])
        if found is not None:
            self._refuse_shared(found, "its arguments, or of the variables outside")

    def _refuse_shared(self, found: Any, places: str) -> NoReturn:
        raise self._error(
            f"{self.name}() changes what it is given, and the same {type(found).__name__} is in "
            f"two places of {places}",
            "pass a copy in one of them",
        )

    def checked(self, result: Any) -> Any:
        """The result of code in which a power may leave the real numbers.

        Raises:
            ValueError: it did: ``(-8.0) ** 0.5`` is complex.
        """
        pending = [result]
        while pending:
            item = pending.pop()
            if isinstance(item, tuple):
                pending.extend(item)
            elif isinstance(item, complex):
                raise ValueError(
                    f"{self.name}() or its derivative is complex here: a negative number is "
                    "raised to a power that is not whole"
                )
        return result

    def _restored(self, values: Sequence[Any], result: Any) -> Any:
        """Derivatives as real numbers of the arguments' own kind."""
        chosen = self.chosen(values)
        value = None
        if self.with_value:
            value, result = result
        if self.as_tuple:
            result = tuple(map(restored, chosen, result))
        else:
            result = restored(chosen[0], result)
        return (value, result) if self.with_value else result

    def chosen(self, values: Sequence[Any]) -> list[Any]:
        """The arguments that are differentiated."""
        return [values[p] if p >= 0 else self._star(values)[-1 - p] for p in self.wrt]

    def _star(self, values: Sequence[Any]) -> Sequence[Any]:
        vararg = self.source.node.args.vararg
        assert vararg is not None
        found: Sequence[Any] = values[self.parameters.index(vararg.arg)]
        return found

    def specialisation_for(self, values: Sequence[Any]) -> Specialisation:
        """The code for these arguments, compiled if need be."""
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
                    refusal = error
            if refusal is not None:
                made = self.whole.for_values(values, refusal)
                self.refused[key] = refusal
                return self._published(made)
        assert found is not None
        if found is self.direct:
            # The entry came here because a number outside has changed: it knows the new one.
            for place, guard in enumerate(found.lowered.guards):
                self.entry.__globals__[f"_seen_{place}"] = guard.object  # type: ignore[union-attr]
        return self._published(found)

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
            try:
                kind, part = kind_of(value)
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
        defaults = [lowering.from_object(d, None) for d in self.function.__defaults__ or ()]
        kw_defaults = {
            k: lowering.from_object(v, None)
            for k, v in (self.function.__kwdefaults__ or {}).items()
        }
        owner = [Static(b) for b in self.bound]
        bound = bind_arguments(
            lowering, node.args, self.name, [*owner, *args], kwargs, defaults, kw_defaults
        )
        if lowering.faithful:
            return self.whole.lower_call(lowering, bound)
        kinds: list[Type | Binding] = []
        atoms: list[Binding] = []
        given: list[Binding] = []
        for binding in bound.values():
            if any(True for _ in objects_in(binding)):
                kinds.append(kind_of_known(lowering, binding))
                atoms.append(binding)
                given.append(binding)
                continue
            real = isinstance(binding, Value | Const) and types.is_number(binding.type)
            whole = isinstance(binding, Value) and binding.type.kind in ("List", "Array")
            if isinstance(binding, Tup) or real or whole:
                atom = lowering.atom(binding)
                kinds.append(types.REAL if real else atom.type)
                atoms.append(atom)
                given.append(binding)
            else:
                kinds.append(binding)
        lowered = self.compile(kinds).lowered
        for place, parameter in enumerate(lowered.parameters):
            argument = given[place]
            if parameter.type.kind == "List" and isinstance(argument, Tup):
                atoms[place] = as_row(lowering, argument)
        return inline(lowering, lowered, atoms)

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
        if made.is_general:
            return False
        return not made.changes_arguments and is_direct(made.key, self.wrt)

    def wrt_names(self) -> list[str]:
        """What is differentiated, in words."""
        vararg = self.source.node.args.vararg
        return [
            self.parameters[p] if p >= 0 else f"{vararg.arg if vararg else ''}[{-1 - p}]"
            for p in self.wrt
        ]

    def source_now(self) -> str:
        """The text of the latest code; compiled for assumed types if there is none yet.

        Raises:
            DifferentiationError: the types of the arguments are not known, or the function is
                not supported.
        """
        if self.latest is None:
            kinds = self.assumed_kinds()
            if kinds is None:
                raise self._error(
                    f"the types of the arguments of {self.name}() are not known yet",
                    "call the derivative once",
                )
            try:
                made = self.specialise(kinds, self.key_of(kinds))
            except DifferentiationError as error:
                raise self.unsure(error) from None
            if self.entry is not None:
                self.publish(made, self.is_plain(made))
        assert self.latest is not None and self.latest.generated is not None
        return self.latest.generated.source

    def unsure(self, error: DifferentiationError) -> DifferentiationError:
        """A refusal before any call, with a note on which arguments are only taken for numbers."""
        signature = inspect.signature(self.function, follow_wrapped=False)
        taken = [
            name
            for name, parameter in signature.parameters.items()
            if parameter.default is parameter.annotation is parameter.empty
        ][len(self.bound) :]
        if taken and not error.certain:
            what = f"{taken[0]} is taken for a number"
            if len(taken) > 1:
                what = f"{', '.join(taken)} are taken for numbers"
            error.add_note(
                f"note: {what}, as there was no call yet: call the derivative once, or annotate, "
                f"as in {taken[0]}: list[float]"
            )
        return error

    def standalone(self) -> str:
        """The text of the latest code as a module of its own."""
        self.source_now()
        assert self.latest is not None and self.latest.generated is not None
        what = "value and gradient" if self.with_value else "gradient"
        head = (
            f'"""The {what} of {self.name} with respect to {", ".join(self.wrt_names())}.\n\n'
            f'Written by sourcediff, which it does not need to run.\n"""\n\n'
        )
        return head + self.latest.generated.standalone()

    def key_of(self, kinds: Sequence[Type | Binding]) -> tuple[Any, ...]:
        """The cache key of assumed kinds."""
        key: list[Any] = []
        parts = {id(kind): part for kind, part in self.annotated}
        for kind in kinds:
            if id(kind) in parts:
                key.append(parts[id(kind)])
            elif kind is types.REAL:
                key.append("Real")
            elif isinstance(kind, Type):
                key.append(kind)
            elif isinstance(kind, Const):
                key.append(kind_of(kind.value)[1])
            elif isinstance(kind, Static):
                key.append(kind_of(kind.object)[1])
            else:
                key.append(kind_of({})[1])
        return tuple(key)

    # Before the first call ----------------------------------------------------------------

    def assumed_kinds(self) -> list[Type | Binding] | None:
        """The kinds of the arguments as far as the signature tells; None if it does not."""
        try:
            signature = inspect.signature(self.function, follow_wrapped=False)
        except (TypeError, ValueError):
            return None
        hints = annotations_of(self.function)
        kinds: list[Type | Binding] = []
        for place, parameter in enumerate(signature.parameters.values()):
            if parameter.kind is parameter.VAR_POSITIONAL:
                return None
            if parameter.kind is parameter.VAR_KEYWORD:
                kinds.append(kind_of({})[0])
                continue
            if place < len(self.bound):
                kinds.append(kind_of(self.bound[place])[0])
                continue
            default = parameter.default
            if place == 0 and parameter.name in ("self", "cls"):
                return None
            if default is parameter.empty and parameter.annotation is not parameter.empty:
                example = example_of(hints.get(parameter.name))
                if example is UNKNOWN:
                    return None
                kind, part = kind_of(example)
                self.annotated.append((kind, part))
                kinds.append(kind)
                continue
            if default is parameter.empty or isinstance(default, int | float):
                kinds.append(types.REAL)
                continue
            try:
                kinds.append(kind_of(default)[0])
            except TypeError:
                return None
        return kinds


def derivative_of(function: Any) -> Derivative | None:
    """The derivative that a function is the entry of; not that of one it merely wraps."""
    found = getattr(function, "__sourcediff__", None)
    return found if isinstance(found, Derivative) and found.entry is function else None
