"""The public functions: `grad`, `value_and_grad`, `stages`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

from sourcediff.errors import DifferentiationError

__all__ = ["Stages", "grad", "stages", "value_and_grad"]

ArgNums = int | str | Sequence[int | str]
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
        return lambda function: _derive(function, argnums, with_value=False)
    return _derive(f, argnums, with_value=False)


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
        return lambda function: _derive(function, argnums, with_value=True)
    return _derive(f, argnums, with_value=True)


def _derive(f: Any, argnums: ArgNums, with_value: bool) -> Callable[..., Any]:
    """Make a derivative. The compiler is imported now, not with the package."""
    from sourcediff.derive import derivative_function

    return derivative_function(f, argnums, with_value)


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
    import textwrap

    from sourcediff.derive import compile_ahead
    from sourcediff.specialise import Derivative, derivative_of

    derivative = derivative_of(f)
    if derivative is None:
        derivative = Derivative(f, argnums, with_value=False)
    if args:
        made = derivative.specialisation_for(derivative.ordered(args))
    else:
        latest = derivative.latest or compile_ahead(derivative)
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
