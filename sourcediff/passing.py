"""What compiled code is handed of the arguments of a call.

Arguments stand in the order of the parameters: ``*args`` is one tuple, ``**kwargs`` one dict.

>>> import ast
>>> signature = ast.parse("lambda x, *xs, n, **rest: 0", mode="eval").body.args
>>> passed(signature, (True, True, False, True), (1.0, (2.0, 3.0), 4, {"k": 5.0}))
([1.0, 2.0, 3.0], {'k': 5.0})
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from sourcediff.frontend.frames import parameter_names
from sourcediff.reals import Kept, as_reals
from sourcediff.wrt import Wrt

__all__ = ["passed", "with_reals"]


def passed(
    signature: ast.arguments, taken: Sequence[bool], values: Sequence[Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The positional and the keyword arguments of the code.

    Args:
        signature: the function's own.
        taken: which of its parameters the code has.
        values: the arguments, in the order of the parameters.
    """
    args: list[Any] = []
    keywords: dict[str, Any] = {}
    only_keyword = {a.arg for a in signature.kwonlyargs}
    vararg = signature.vararg.arg if signature.vararg is not None else None
    kwarg = signature.kwarg.arg if signature.kwarg is not None else None
    for name, value, is_taken in zip(parameter_names(signature), values, taken, strict=False):
        if not is_taken:
            continue
        if name in only_keyword:
            keywords[name] = value
        elif name == vararg:
            args.extend(value)
        elif name == kwarg:
            keywords.update(value)
        else:
            args.append(value)
    return args, keywords


def with_reals(wrt: Wrt, bound: int, values: tuple[Any, ...], kept: Kept) -> tuple[Any, ...]:
    """The arguments, with floats for whole numbers in those that are differentiated.

    Args:
        wrt: which these are.
        bound: how many arguments come before the parameters that it counts.
        values: the arguments; the very tuple comes back where all are floats.
        kept: by the name of the parameter, what of it stays whole.
    """
    found = list(values)
    for place in wrt.places:
        at = bound + (place if place >= 0 else wrt.parameters.index(wrt.star))
        found[at] = as_reals(found[at], kept.get(wrt.parameters[at - bound]))
    alike = all(one is other for one, other in zip(found, values, strict=True))
    return values if alike else tuple(found)
