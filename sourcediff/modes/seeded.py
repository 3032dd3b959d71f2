"""The rows of a Jacobian as gradients of one number.

The pullback of ``f`` at ``y_bar`` is the gradient of the number ``<y_bar, f(x)>``, which `grad`
knows on both its roads, also where ``f`` is a gradient itself. The function with that number is
short:

>>> print(text_of("f", ["x", "y"], [1.0, None, {"a": 2.0}]), end="")
def seeded_f(x, y, seed_1, seed_2):
    value = f(x, y)
    return seed_1 * value[0] + seed_2 * value[2]['a']
"""

from __future__ import annotations

import copy
import inspect
import sys
import types as python_types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sourcediff.backend.loader import load
from sourcediff.derive import derivative_function
from sourcediff.distinct import shared
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.reflect import attributes_in, is_plain_object
from sourcediff.modes.drawn import draw_as, with_generators_copied
from sourcediff.modes.keys import classes_in, text_of_key
from sourcediff.modes.repeatable import has_arrays, has_effects, is_repeatable
from sourcediff.modes.structures import zero_like

__all__ = [
    "Mismatch",
    "SeededForms",
    "filled",
    "has_adjoint",
    "holds_complex",
    "leaves",
    "like",
    "text_of",
]


Places = tuple[int, ...]

#: What the function is called where the text calls it.
_OBJECT = "f"


class Mismatch(TypeError):
    """Tangents or adjoints that do not have the structure of what they belong to."""


class Seeded:
    """The gradients of ``<seed, f(*args)>`` for one structure of results, in some arguments."""

    def __init__(
        self, f: Callable[..., Any], name: str, text: str, classes: dict[str, type]
    ) -> None:
        # The text looks a method up on its object.
        called: Any = f.__self__ if isinstance(f, python_types.MethodType) else f
        namespace: dict[str, Any] = {"__name__": getattr(f, "__module__", None), **classes}
        namespace[_OBJECT] = called
        if "np." in text:
            namespace["np"] = sys.modules["numpy"]
        name = f"seeded_{name}"
        self.function = load(text, name, namespace, f"sum of {name}")
        self.gradients: dict[tuple[int, ...], Callable[..., Any]] = {}

    def gradient(self, places: tuple[int, ...]) -> Any:
        """The gradient in the arguments at some places, as a tuple."""
        found = self.gradients.get(places)
        if found is None:
            found = derivative_function(self.function, places, with_value=False)
            self.gradients[places] = found
        return found


class SeededForms:
    """All those of one function, by the structures of its results."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f
        self.known: dict[tuple[Any, ...], Seeded] = {}
        self.of_gradients: dict[tuple[Seeded, Places], SeededForms] = {}

    def of(self, value: Any, count: int) -> Seeded:
        """That for results like `value` of calls with this many arguments.

        Raises:
            DifferentiationError: nothing in the result has a derivative.
        """
        names = _names(self.f, count)
        name = getattr(self.f, "__name__", "f")
        name = name if name.isidentifier() else "function"
        called = _OBJECT
        if isinstance(self.f, python_types.MethodType):
            called = f"{_OBJECT}.{name}"
        text = text_of(name, names, value, called)
        if text is None:
            raise DifferentiationError(f"the result of {name}() holds no number")
        classes = classes_in(value, name)
        if not classes.keys().isdisjoint([*names, _OBJECT, "np", "value"]):
            raise DifferentiationError(
                f"an argument of {name}() is called as a class of its result"
            )
        key = (text, *classes.values())
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = Seeded(self.f, name, text, classes)
        return found

    def are_repeatable(self, given: bool, copied: int = 0) -> bool:
        """Whether the function gives the same each time, as the forms run it several times.

        Args:
            given: whether arrays are among its arguments. If none are, there must be some inside,
                and it must not print.
            copied: of how many generators among its arguments each run gets a copy.
        """
        made = [
            one
            for seeded in self.known.values()
            for gradient in seeded.gradients.values()
            for one in _derivative_of(gradient).specialisations.values()
        ]
        return all(
            is_repeatable(one.lowered, copied)
            and (given or (has_arrays(one.lowered) and not has_effects(one.lowered)))
            for one in made
        )

    def value(self, args: Sequence[Any]) -> Any:
        """What the function returns; it gets copies, as it may change what it is given."""
        return self.f(*copy.deepcopy(tuple(args)))

    def pull(
        self, value: Any, args: Sequence[Any], seeds: Sequence[Any], places: Places
    ) -> tuple[Any, ...]:
        """The adjoints of the arguments at some places.

        Args:
            value: the result for these arguments.
            seeds: the adjoint of each number and array in it, in order.
        """
        found: tuple[Any, ...] = self.of(value, len(args)).gradient(places)(*args, *seeds)
        return found

    def along(self, value: Any, args: Sequence[Any], seeds: Sequence[Any], places: Places) -> Any:
        """The same where the seeds are a direction in which the arguments move.

        Raises:
            DifferentiationError: one object is in two places of the arguments and has one gradient,
                so that its part of the direction would count twice.
        """
        pulled = self.pull(value, args, seeds, places)
        derivative = self.of(value, len(args)).gradient(places).__sourcediff__
        if any(made.is_general for made in derivative.specialisations.values()):
            found = shared(args)
            if found is not None:
                raise DifferentiationError(
                    f"the same {type(found).__name__} is in two places of the arguments of "
                    f"{derivative.name}()",
                    help="pass a copy in one of them",
                )
        return pulled

    def push(self, args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        """The value and the tangent; None in `tangents` for what does not vary.

        The pullback is linear in the seeds: its derivative in them, along the tangents of the
        arguments, is the tangent of the value. Each run gets copies of the generators of random
        numbers among the arguments, which are left as one run leaves them.
        """
        copies = copy.deepcopy(tuple(args))
        value = self.f(*copies)
        places = tuple(k for k, tangent in enumerate(tangents) if tangent is not None)
        zeros = [zero_like(leaf) for _, leaf in leaves(value)]
        if not places or not zeros:
            return value, filled(value, iter(zeros))
        seeded = self.of(value, len(args))
        forms = self.of_gradients.get((seeded, places))
        if forms is None:
            forms = self.of_gradients[seeded, places] = SeededForms(seeded.gradient(places))
        whole = [*args, *zeros]
        gradients = seeded.gradient(places)(*with_generators_copied(whole))
        moves = [tangents[place] for place in places]
        seeds = [leaf for g, move in zip(gradients, moves, strict=True) for leaf in like(g, move)]
        ends = tuple(range(len(args), len(whole)))
        given = with_generators_copied(whole)
        tangent = filled(value, iter(forms.along(gradients, given, seeds, ends)))
        draw_as(args, copies)
        return value, tangent


def text_of(name: str, parameters: Sequence[str], value: Any, called: str = "") -> str | None:
    """The text of the function of that number, for results like `value`; None if it has none.

    Args:
        called: what the function is called in the text; its name where that is left out.
    """
    found = list(leaves(value))
    if not found:
        return None
    whole = found[0][0] == ""
    seeds = ["seed"] if whole else [f"seed_{k}" for k in range(1, len(found) + 1)]
    call = f"{called or name}({', '.join(parameters)})"
    terms = []
    for seed, (path, leaf) in zip(seeds, found, strict=True):
        held = f"{call if whole else 'value'}{path}"
        if _is_complex(leaf):
            many = getattr(leaf, "ndim", 0)
            product = f"np.vdot({seed}, {held})" if many else f"({seed}.conjugate() * {held})"
            terms.append(f"{product}.real")
            continue
        term = f"{seed} * {held}"
        terms.append(f"np.sum({term})" if getattr(leaf, "ndim", 0) else term)
    lines = [f"def seeded_{name}({', '.join([*parameters, *seeds])}):"]
    if not whole:
        lines.append(f"    value = {call}")
    lines.append(f"    return {' + '.join(terms)}")
    return "\n".join(lines) + "\n"


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The numbers and arrays of them in a structure, with the way to each; not whole numbers."""
    for step, item in _parts(value):
        yield from leaves(item, path + step)
    if _varies(value):
        yield path, value


def like(value: Any, given: Any, name: str = "the value") -> list[Any]:
    """What is given for each number and array in a structure; None is zero.

    Raises:
        Mismatch: it does not have this structure.
    """
    if given is None:
        return [zero_like(leaf) for _, leaf in leaves(value)]
    if _varies(value):
        return [_leaf_like(value, given, name)]
    parts = _parts(value)
    if not parts:
        if any(_is_there(leaf) for _, leaf in leaves(given)):
            raise Mismatch(f"{name} does not vary, and what belongs to it is not None")
        return []
    found, wanted = dict(_parts(given)), dict(parts)
    alike = isinstance(value, list) == isinstance(given, list) and found.keys() <= wanted.keys()
    if not alike or (isinstance(value, list | tuple) and found.keys() != wanted.keys()):
        raise Mismatch(
            f"{name} is a {type(value).__name__}, and what belongs to it is a "
            f"{type(given).__name__} of another structure"
        )
    return [leaf for step, item in parts for leaf in like(item, found.get(step), name + step)]


def _is_there(leaf: Any) -> bool:
    """Whether a number, or one of an array, is not zero."""
    return bool(leaf.any() if hasattr(leaf, "any") else leaf)


def _leaf_like(value: Any, given: Any, name: str) -> Any:
    if hasattr(value, "ndim") and value.ndim:
        found = sys.modules["numpy"].array(given, dtype=value.dtype)  # apart from all arguments
        if found.shape != value.shape:
            raise Mismatch(
                f"{name} has the shape {value.shape}, and what belongs to it {found.shape}"
            )
        return found
    complex_one = _is_complex(value) and _is_complex(given)
    if not (complex_one or has_adjoint(given)) or (hasattr(given, "ndim") and given.ndim):
        raise Mismatch(f"what belongs to the number {name} is a {type(given).__name__}")
    return complex(given) if _is_complex(value) else float(given)


def filled(value: Any, items: Iterator[Any]) -> Any:
    """The structure with these in place of its numbers and arrays, None in place of the rest."""
    if _varies(value):
        return next(items)
    if isinstance(value, dict):
        return {key: filled(item, items) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, items) for item in value]
    if isinstance(value, tuple):
        parts = [filled(item, items) for item in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if is_plain_object(value):
        made = object.__new__(type(value))
        for name, item in attributes_in(value).items():
            object.__setattr__(made, name, filled(item, items))
        return made
    return None


def has_adjoint(value: Any) -> bool:
    """Whether something is a real number, or an array of such."""
    if hasattr(value, "dtype"):
        return bool(value.dtype.kind == "f")
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_complex(value: Any) -> bool:
    """Whether something is a complex number, or an array of such."""
    if hasattr(value, "dtype"):
        return bool(value.dtype.kind == "c")
    return isinstance(value, complex)


def _varies(value: Any) -> bool:
    return has_adjoint(value) or _is_complex(value)


def holds_complex(structure: Any) -> bool:
    """Whether there are complex numbers in a structure."""
    return any(_is_complex(leaf) for _, leaf in leaves(structure))


def _parts(value: Any) -> list[tuple[str, Any]]:
    """The items of a structure, each with the text that leads to it."""
    if isinstance(value, dict):
        return [(f"[{text_of_key(key)}]", item) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [(f"[{place}]", item) for place, item in enumerate(value)]
    if is_plain_object(value):
        return [(f".{name}", item) for name, item in attributes_in(value).items()]
    return []


def _names(f: Callable[..., Any], count: int) -> list[str]:
    parameters = list(inspect.signature(f).parameters.values())
    plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = plain[:count] + [f"argument_{k}" for k in range(len(plain), count)]
    taken = {n for n in names if n.startswith("seed") or n in ("value", "np", _OBJECT)}
    return [f"{n}_of_f" if n in taken else n for n in names]


def _derivative_of(gradient: Any) -> Any:
    """What the compiler knows of a function that it made."""
    return gradient.__sourcediff__
