"""With respect to what a function is differentiated: ``argnums``, as places among the parameters.

>>> import ast
>>> signature = ast.parse("lambda w, b, *xs: 0", mode="eval").body.args
>>> Wrt(["b", 3], "f", signature, ["w", "b", "xs"], refuse=ValueError).names()
['b', 'xs[1]']
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from sourcediff import types
from sourcediff.frontend.describe import describe
from sourcediff.frontend.values import Binding, Tup
from sourcediff.ir import Function, Value
from sourcediff.kinds import differentiable

__all__ = ["ArgNums", "Wrt", "star_names"]

ArgNums = int | str | Sequence[int | str]


class Wrt:
    """The arguments that are differentiated.

    A place from 0 on is that of a parameter; -1, -2, … are those of the first, the second, … of
    ``*args``.
    """

    def __init__(
        self,
        argnums: ArgNums | None,
        name: str,
        signature: ast.arguments,
        parameters: Sequence[str],
        refuse: Callable[..., Exception],
    ) -> None:
        """
        Args:
            argnums: the positions and names that the user gave; None where it is all that varies.
            name: that of the function, for errors.
            signature: the function's own.
            parameters: the names of its parameters, but for those that are bound already.
            refuse: makes the error of a message and of help.
        """
        self.name = name
        self.signature = signature
        self.parameters = parameters
        self.refuse = refuse
        #: Whether derivatives are given as a tuple.
        self.as_tuple = isinstance(argnums, list | tuple)
        self.places: list[int] = []
        if argnums is None:
            return
        wanted: Any = argnums if self.as_tuple else (argnums,)
        self.places = [self._place(argument) for argument in wanted]
        if not self.places or len(set(self.places)) < len(self.places):
            raise refuse(f"argnums must name each argument once, not {argnums!r}")

    def _place(self, argument: int | str) -> int:
        signature, names = self.signature, self.parameters
        if isinstance(argument, str):
            stars = star_names(signature)
            if argument not in names or argument in stars:
                known = ", ".join(n for n in names if n not in stars)
                raise self.refuse(f"{self.name}() has no argument {argument!r}; it has {known}")
            return names.index(argument)
        if isinstance(argument, bool) or not isinstance(argument, int):
            raise self.refuse(f"an argument is given by its position or name, not {argument!r}")
        others = len(signature.kwonlyargs) + len(star_names(signature))
        count = len(names) - others
        place = argument + count if argument < 0 else argument
        if (not 0 <= place < count and signature.vararg is None) or place < 0:
            raise self.refuse(f"{self.name}() has no positional argument {argument}")
        return place if place < count else -1 - (place - count)

    @property
    def star(self) -> str:
        """The name of ``*args``, or nothing."""
        return self.signature.vararg.arg if self.signature.vararg is not None else ""

    def names(self) -> list[str]:
        """What is differentiated, in words."""
        return [self.parameters[p] if p >= 0 else f"{self.star}[{-1 - p}]" for p in self.places]

    def values(self, values: Sequence[Any]) -> list[Any]:
        """Those of the arguments of a call, given in the order of the parameters."""
        star: Sequence[Any] = values[self.parameters.index(self.star)] if self.star else ()
        return [values[p] if p >= 0 else star[-1 - p] for p in self.places]

    def bindings(self, function: Function) -> list[Binding]:
        """Those of the lowered function.

        Raises:
            DifferentiationError: one of them has no derivative, or is not there.
        """
        bindings = function.origin.bindings
        chosen: list[Binding] = []
        for place in self.places:
            name = self.parameters[place] if place >= 0 else self.star
            binding = bindings[name]
            if place < 0:
                assert isinstance(binding, Tup)
                if len(binding.items) < -place:
                    raise self.refuse(f"{self.name}() got too few arguments for its argnums")
                binding = binding.items[-1 - place]
            if not differentiable(binding):
                raise self._constant(name, binding)
            chosen.append(binding)
        return chosen

    def refuse_constants(self, values: Sequence[Any]) -> None:
        """Refuse texts and None, given for arguments that are differentiated.

        Raises:
            DifferentiationError: one of them is given.
        """
        for place in self.places:
            value = values[place] if place >= 0 else 0.0
            if value is None or isinstance(value, str | bytes):
                what = "None" if value is None else "a text"
                raise self.refuse(
                    f"the argument {self.parameters[place]!r} of {self.name}() is {what}, "
                    "and cannot be differentiated",
                    "choose a real number, or a tuple of them, with argnums",
                )

    def _constant(self, name: str, binding: Binding) -> Exception:
        """The refusal of an argument that has no derivative."""
        kind = binding.type if isinstance(binding, Value) else types.NONE
        if kind.kind == "Array":
            return self.refuse(
                f"the argument {name!r} of {self.name}() is an array of whole numbers or truth "
                "values, which cannot be differentiated",
                f"pass an array of floats: {name}.astype(float)",
            )
        return self.refuse(
            f"the argument {name!r} of {self.name}() is {describe(binding)}, "
            "and cannot be differentiated",
            "choose a real number, or a tuple of them, with argnums",
        )


def star_names(args: ast.arguments) -> set[str]:
    """The names of ``*args`` and ``**kwargs``."""
    return {a.arg for a in (args.vararg, args.kwarg) if a is not None}
