"""The public functions: `grad`, `value_and_grad`, `stages`."""

from __future__ import annotations

import inspect
import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, overload

from sourcediff.errors import DifferentiationError
from sourcediff.pending import PendingSource
from sourcediff.specialise import ArgNums, Derivative, Specialisation, derivative_of, write_entry

__all__ = ["Stages", "grad", "stages", "value_and_grad"]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@overload
def grad(f: Callable[..., Any], argnums: ArgNums = 0) -> Callable[..., Any]: ...
@overload
def grad(f: None = None, argnums: ArgNums = 0) -> Decorator: ...
def grad(f: Callable[..., Any] | None = None, argnums: ArgNums = 0) -> Any:
    """The gradient of a function, as a function written in Python.

    Usable as ``@grad``, as ``@grad(argnums=…)`` and as ``grad(f, …)``.

    Args:
        f: a function written in Python that returns one real number.
        argnums: what to differentiate with respect to: the position or name of an argument,
            or a sequence of these.

    Returns:
        A function with the signature of `f` that returns the derivative: a float for a number,
        a tuple for a tuple of numbers; a tuple of these where `argnums` is a sequence. It has

        - ``source``: its text, of the code for the arguments of the latest first call,
        - ``primal``: `f` itself,
        - ``save(path)``: write the text to a module that needs no sourcediff.

    Raises:
        DifferentiationError: `f` uses something that is not supported, or an operation that
            has no derivative; at once where that is certain, otherwise at the call.

    >>> import math
    >>> @grad
    ... def sigmoid(x):
    ...     return 1 / (1 + math.exp(-x))
    >>> sigmoid(2.0)
    0.10499358540350649
    >>> print(sigmoid.source, end="")
    import math
    <BLANKLINE>
    <BLANKLINE>
    def grad_sigmoid(x):
        e = math.exp(-x)
        y = 1 / (1 + e)
        # adjoint of: return 1 / (1 + math.exp(-x))
        return y * (y * e)
    """
    if f is None:
        return lambda function: _derivative(function, argnums, with_value=False)
    return _derivative(f, argnums, with_value=False)


@overload
def value_and_grad(f: Callable[..., Any], argnums: ArgNums = 0) -> Callable[..., Any]: ...
@overload
def value_and_grad(f: None = None, argnums: ArgNums = 0) -> Decorator: ...
def value_and_grad(f: Callable[..., Any] | None = None, argnums: ArgNums = 0) -> Any:
    """The value and the gradient of a function, in one sweep.

    Takes what `grad` takes, and returns a function that returns the pair of the value of `f`,
    to the last bit what `f` returns, and of what `grad` gives.

    >>> square = value_and_grad(lambda x: x * x)
    >>> square(3.0)
    (9.0, 6.0)
    """
    if f is None:
        return lambda function: _derivative(function, argnums, with_value=True)
    return _derivative(f, argnums, with_value=True)


def _derivative(f: Any, argnums: ArgNums, with_value: bool) -> Callable[..., Any]:
    """The entry function of a derivative, compiled already where the signature tells enough."""
    derivative = Derivative(f, argnums, with_value)
    made: Specialisation | None = None
    pending: DifferentiationError | None = None
    try:
        made = _compile_ahead(derivative)
    except DifferentiationError as error:
        if error.certain:
            raise
        pending = error
    plain = made if made is not None and derivative.is_plain(made) else None
    entry = write_entry(derivative, plain)
    derivative.entry = entry
    _dress(entry, derivative)
    if made is not None:
        derivative.publish(made, all_real=False)
    else:
        entry.source = PendingSource(derivative, pending)  # type: ignore[attr-defined]
    return entry


def _compile_ahead(derivative: Derivative) -> Specialisation | None:
    kinds = derivative.assumed_kinds()
    if kinds is None:
        return None
    return derivative.specialise(kinds, derivative.key_of(kinds))


def _dress(entry: Any, derivative: Derivative) -> None:
    """Make the entry look like the function it belongs to."""
    primal = derivative.primal
    for name in ("__module__", "__name__", "__qualname__"):
        setattr(entry, name, getattr(primal, name, getattr(derivative.function, name)))
    entry.__signature__ = inspect.signature(primal)
    entry.__defaults__ = derivative.function.__defaults__
    entry.__kwdefaults__ = derivative.function.__kwdefaults__
    wanted = ", ".join(derivative.wrt_names())
    what = "Value and gradient" if derivative.with_value else "Gradient"
    first = f"{what} of {derivative.name} with respect to {wanted}."
    doc = inspect.getdoc(primal)
    entry.__doc__ = first if not doc else f"{first}\n\n{doc}"
    entry.__code__ = entry.__code__.replace(co_name=entry.__name__, co_qualname=entry.__qualname__)
    entry.primal = primal
    entry.__sourcediff__ = derivative

    def save(path: str | os.PathLike[str]) -> None:
        """Write the derivative to a module of its own, which needs no sourcediff.

        Args:
            path: the file to write.

        Raises:
            DifferentiationError: there is no code yet, or it uses an object of yours that a
                file cannot import.
        """
        Path(path).write_text(derivative.standalone(), encoding="utf-8")

    entry.save = save


class Stages(dict[str, str]):
    """The forms that a function goes through, by name, in order; prints as one text."""

    def __str__(self) -> str:
        return "\n\n".join(f"--- {name} ---\n{text.rstrip()}" for name, text in self.items())


def stages(f: Callable[..., Any], *args: Any, argnums: ArgNums = 0) -> Stages:
    """Every intermediate form of a function on its way to its gradient.

    Args:
        f: a function, or what `grad` or `value_and_grad` made of one.
        *args: arguments to compile for; real numbers where they are left out.
        argnums: as for `grad`, where `f` is a plain function.

    >>> print(stages(lambda x: x * x)["simplified"])
    <lambda>(x: Real):
        %1 = mul 2.0 x
        yield %1
    """
    derivative: Derivative | None = derivative_of(f)
    if derivative is None:
        derivative = Derivative(f, argnums, with_value=False)
    if args:
        made = derivative.specialisation_for(derivative.ordered(args))
    else:
        latest = derivative.latest or _compile_ahead(derivative)
        if latest is None:
            raise DifferentiationError(
                f"the types of the arguments of {derivative.name!r} are not known",
                derivative.source.span(derivative.source.node),
                "give stages() example arguments",
            )
        made = latest
    assert made.generated is not None
    source = derivative.source
    end = source.node.end_lineno or source.node.lineno
    text = "\n".join(source.line(n) for n in range(source.node.lineno, end + 1))
    forms = {"source": textwrap.dedent(text)}
    forms.update((name, str(form)) for name, form in made.stages.items())
    forms["emitted"] = made.generated.source
    return Stages(forms)
