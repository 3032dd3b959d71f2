"""The public functions: `grad`, `value_and_grad`, `stages`, `explain`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

from sourcediff.errors import DifferentiationError

if TYPE_CHECKING:
    from sourcediff.explain import Explanation
    from sourcediff.specialisation import Specialisation
    from sourcediff.specialise import Derivative

__all__ = ["Stages", "explain", "grad", "jvp", "stages", "value_and_grad", "vjp"]

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


@overload
def jvp(f: Callable[..., Any]) -> Callable[..., Any]: ...
@overload
def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, Any]: ...
def jvp(f: Callable[..., Any], primals: Any = None, tangents: Any = None) -> Any:
    """The value of a function and its derivative along a direction, by forward mode.

    ``jvp(f, primals, tangents)`` computes both; ``jvp(f)`` is the function of `primals` and
    `tangents` that does, with ``source``, ``primal`` and ``save(path)`` as those of `grad`. The
    code is compiled once for each combination of types.

    Args:
        f: a function written in Python that returns numbers: one, or tuples and lists of them.
        primals: a tuple of the positional arguments of `f`.
        tangents: a tuple with how each of them moves: a number for a number, a list or tuple of
            tangents for a list or tuple, None for what does not move.

    Returns:
        The pair of what `f` returns, to the last bit, and of its tangent in the same structure.

    Raises:
        DifferentiationError: `f` uses something that is not supported, or the tangents do not have
            the structure of the primals.

    >>> import math
    >>> def polar(r, t):
    ...     return r * math.cos(t), r * math.sin(t)
    >>> jvp(polar, (2.0, 0.0), (1.0, 0.5))
    ((2.0, 0.0), (1.0, 1.0))
    >>> print(jvp(lambda x, y: x * math.exp(y)).source, end="")
    import math
    <BLANKLINE>
    <BLANKLINE>
    def jvp_lambda(x, y, x_dot, y_dot):
        e = math.exp(y)
        return x * e, e * x_dot + x * e * y_dot
    """
    from sourcediff.modes import made_for
    from sourcediff.modes.pushforward import pushforward_function

    if (primals is None) != (tangents is None):
        raise TypeError("jvp takes a function, or a function, primals and tangents")
    along = made_for(f, pushforward_function)
    return along if primals is None else along(primals, tangents)


@overload
def vjp(f: Callable[..., Any]) -> Callable[..., Any]: ...
@overload
def vjp(f: Callable[..., Any], *args: Any) -> Any: ...
def vjp(f: Callable[..., Any], *args: Any) -> Any:
    """The value of a function and its pullback, by reverse mode.

    ``vjp(f, *args)`` computes the value and returns it with a function, the pullback; ``vjp(f)`` is
    the function of `args` that does, with ``source``, ``primal`` and ``save(path)`` as those of
    `grad`. The code is compiled once for each combination of types.

    Args:
        f: a function written in Python that returns numbers: one, or tuples and lists of them.
        *args: the positional arguments of `f`.

    Returns:
        The pair of what `f` returns, to the last bit, and of ``pullback(y_bar)``. Of an adjoint
        `y_bar` in the structure of the result (None for zeros) that makes the tuple of the adjoints
        of `args`, each in the structure of its argument; None for what is no number, or a whole
        one that `f` uses as such (it shifts bits by it, say). It may be called any number of times;
        what happens to the arguments meanwhile makes no difference.

    Raises:
        DifferentiationError: `f` uses something that is not supported, or an adjoint does not have
            the structure of the value.

    >>> import math
    >>> def polar(r, t):
    ...     return r * math.cos(t), r * math.sin(t)
    >>> value, pullback = vjp(polar, 2.0, 0.0)
    >>> value, pullback((1.0, 0.0)), pullback((0.0, 1.0))
    ((2.0, 0.0), (1.0, 0.0), (0.0, 2.0))
    >>> print(vjp(lambda x, y: x * math.exp(y)).source, end="")
    import math
    <BLANKLINE>
    <BLANKLINE>
    def vjp_lambda(x, y):
        e = math.exp(y)
    <BLANKLINE>
        def pullback(y_bar):
            # adjoint of: x * math.exp(y)
            x_bar = y_bar * e
            y_bar = y_bar * x * e
            return x_bar, y_bar
        return x * e, pullback
    """
    from sourcediff.modes import made_for
    from sourcediff.modes.pullback import pullback_function

    made = made_for(f, pullback_function)
    return made(*args) if args else made


class _Making:
    """What a call of `jvp` becomes in a function that is differentiated: the code that it makes."""

    def __init__(self, entry: Callable[..., Any]) -> None:
        self.entry = entry

    def lower_call(self, lowering: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """A call inside a function that is being lowered."""
        function = getattr(args[0], "object", None) if args else None
        if not callable(function):
            lowering.error(f"{self.entry.__name__} takes a function that is defined outside", None)
        return self.entry(function).__sourcediff__.lower_call(lowering, args[1:], kwargs)


setattr(jvp, "__sourcediff__", _Making(jvp))  # noqa: B010


class _Ahead:
    """What a call of `grad` becomes there: a derivative that is made while compiling, once."""

    def __init__(self, entry: Callable[..., Any]) -> None:
        self.entry = entry
        self.known: dict[Any, tuple[Any, Any]] = {}

    def derivative(self, f: Any, *args: Any, **kwargs: Any) -> Any:
        """The derivative of a function; the same for the same arguments."""
        key = (id(f), args, tuple(kwargs.items()))
        found = self.known.get(key)
        if found is None:
            if len(self.known) > MOST_AHEAD:
                self.known.clear()
            found = self.known[key] = (f, self.entry(f, *args, **kwargs))
        return found[1]


#: How many such derivatives are remembered.
MOST_AHEAD = 256

for _entry in (grad, value_and_grad):
    setattr(_entry, "__made_ahead__", _Ahead(_entry).derivative)  # noqa: B010


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

    derivative, made = _compiled(f, args, argnums, "stages")
    assert made.generated is not None
    source = derivative.source
    end = source.node.end_lineno or source.node.lineno
    text = "\n".join(source.line(n) for n in range(source.node.lineno, end + 1))
    forms = {"source": textwrap.dedent(text)}
    forms.update((name, str(form)) for name, form in made.stages.items())
    forms["emitted"] = made.generated.source
    return Stages(forms)


def explain(f: Callable[..., Any], *args: Any, argnums: ArgNums = 0) -> Explanation:
    """What the reverse of a function keeps of each turn of a loop, what it computes again, and why.

    Args:
        f: a function, or what `grad` or `value_and_grad` made of one.
        *args: arguments to compile for; real numbers where they are left out.
        argnums: as for `grad`, where `f` is a plain function.

    Returns:
        An object that prints as text, by the lines of the source of `f`; its `loops` and `rows`
        are the same to be looked at by a program.

    Raises:
        DifferentiationError: `f` cannot be differentiated.

    >>> def orbit(r, x, n):
    ...     for _ in range(n):
    ...         x = r * x * (1 - x)
    ...     return x
    >>> found = explain(orbit, 3.1, 0.3, 10, argnums=(0, 1))
    >>> print(found)
    orbit, differentiated in r, x
    <BLANKLINE>
    line 2: for _ in range(n):  keeps 32 bytes a turn
        line 3: x = r * x * (1 - x)
            x      kept, 32 bytes a turn: it comes from the turn before
            r * x  recomputed: about 20 ns, less than keeping it
            1 - x  recomputed: about 20 ns, less than keeping it
    >>> [(row.name, row.line, row.bytes) for row in found.rows if row.fate == "kept"]
    [('x', 3, 32)]
    """
    from sourcediff.explain import explanation_of

    return explanation_of(*_compiled(f, args, argnums, "explain"))


def _compiled(
    f: Any, args: Sequence[Any], argnums: ArgNums, asked: str
) -> tuple[Derivative, Specialisation]:
    """A derivative, and its code for these arguments."""
    from sourcediff.derive import compile_ahead
    from sourcediff.specialise import Derivative, derivative_of

    derivative = derivative_of(f)
    if derivative is None:
        derivative = Derivative(f, argnums, with_value=False)
    if args:
        return derivative, derivative.specialisation_for(derivative.ordered(args))
    try:
        latest = derivative.latest or compile_ahead(derivative)
    except DifferentiationError as error:
        raise derivative.unsure(error) from None
    if latest is None:
        raise DifferentiationError(
            f"the types of the arguments of {derivative.name!r} are not known",
            derivative.source.span(derivative.source.node),
            f"give {asked}() example arguments",
        )
    return derivative, latest
