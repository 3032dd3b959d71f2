"""What the entry function asks of arguments before it calls the code that was made for their kinds.

Numbers, lists of numbers and arrays are told apart by the entry itself, at a cost of tens of
nanoseconds; all else goes through `Derivative.dispatch`.

>>> names = {}
>>> kind_test("x", "Real", names, or_int=True)
'(x.__class__ is float or x.__class__ is int)'
>>> kind_test("w", ("Array", "Real", (False, False), float), names, or_int=False)
'w.__class__ is _ndarray and w.dtype is _Real and w.ndim == 2 and 1 not in w.shape'
>>> settled_text("_body(w, b)", [("Array", "Real", (False,), float), "Real"], (True, False), names)
['_0, _1 = _body(w, b)', 'return _0 if _0.dtype is _Real else _0.astype(_Real), float(_1)']
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["has_arrays", "is_direct", "kind_test", "settled_text"]

_LIST = ("List", "Real")
#: The dtypes that the entry can tell, by what an array holds.
_DTYPES: dict[str, type] = {"Real": float, "Complex": complex}


def is_direct(key: Sequence[Any], differentiated: Sequence[int]) -> bool:
    """Whether the entry can tell arguments with this key itself.

    Args:
        key: what the cache of derivatives knows of each argument.
        differentiated: the places of those that are differentiated.
    """
    known = all(part in ("Real", _LIST) or _is_direct_array(part) for part in key)
    if not has_arrays(key):
        return known
    return known and all(place >= 0 and key[place] != _LIST for place in differentiated)


def has_arrays(key: Sequence[Any]) -> bool:
    """Whether there is an array among the arguments."""
    return any(map(_is_array, key))


def _is_array(part: Any) -> bool:
    return isinstance(part, tuple) and part[0] == "Array"


def _is_direct_array(part: Any) -> bool:
    if not _is_array(part) or len(part) > 4:
        return False
    return part[1] not in _DTYPES or part[3] is _DTYPES[part[1]]


def kind_test(name: str, part: Any, namespace: dict[str, Any], *, or_int: bool) -> str:
    """An expression that says whether an argument is of a kind."""
    if part == "Real":
        test = f"{name}.__class__ is float"
        return f"({test} or {name}.__class__ is int)" if or_int else test
    if part == _LIST:
        namespace["_floats"] = {float}
        return f"{name}.__class__ is list and {{*map(type, {name})}} <= _floats"
    import numpy

    _, element, ones, _ = part
    namespace["_ndarray"] = numpy.ndarray
    tests = [f"{name}.__class__ is _ndarray"]
    if element == "Int":
        tests.append(f"{name}.dtype.kind in 'iu'")
    else:
        namespace[f"_{element}"] = numpy.dtype(_DTYPES.get(element, bool))
        tests.append(f"{name}.dtype is _{element}")
    tests.append(f"{name}.ndim == {len(ones)}")
    if any(ones):
        signs = ("==" if one else "!=" for one in ones)
        tests += [f"{name}.shape[{axis}] {sign} 1" for axis, sign in enumerate(signs)]
    else:
        tests.append(f"1 not in {name}.shape")
    return " and ".join(tests)


def settled_text(
    call: str, parts: Sequence[Any], form: tuple[bool, bool], namespace: dict[str, Any]
) -> list[str]:
    """Statements that return what a call gives, each derivative as its argument's own kind.

    Args:
        call: the call of the code.
        parts: the kinds of the arguments that are differentiated.
        form: whether the derivatives come as a tuple, and whether the value comes with them.
    """
    as_tuple, with_value = form
    names = [f"_{place}" for place in range(len(parts))]
    shown = [_settled(name, part, namespace) for name, part in zip(names, parts, strict=True)]
    comma = "," if len(names) == 1 else ""
    left, right = ", ".join(names) + comma, ", ".join(shown) + comma
    if not as_tuple:
        left, right = names[0], shown[0]
    if with_value:
        left, right = f"_value, ({left})", f"_value, ({right})"
    return [f"{left} = {call}", f"return {right}"]


def _settled(name: str, part: Any, namespace: dict[str, Any]) -> str:
    if part == "Real":
        return f"float({name})"
    import numpy

    kind = f"_{part[1]}" if part[1] in _DTYPES else "_Real"
    namespace[kind] = numpy.dtype(_DTYPES.get(part[1], float))
    return f"{name} if {name}.dtype is {kind} else {name}.astype({kind})"
