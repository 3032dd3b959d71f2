"""The entry function: checks what its code relies on, and calls it.

Measured, a plain function with tests on the classes of its arguments costs some tens of
nanoseconds, and an object with ``__call__`` hundreds. So the entry is generated for each
derivative, with the user's parameters and the tests written out.
"""

from __future__ import annotations

import types as python_types
from typing import TYPE_CHECKING, Any

from sourcediff.backend.loader import load
from sourcediff.compiling import deep_recursion
from sourcediff.direct import has_arrays, kind_test, settled_text
from sourcediff.frontend.origin import Guard
from sourcediff.transform.smaller.floats import gives_floats
from sourcediff.wrt import star_names

if TYPE_CHECKING:
    from sourcediff.specialisation import Specialisation
    from sourcediff.specialise import Derivative

__all__ = ["write_entry"]


def write_entry(derivative: Derivative, made: Specialisation | None) -> python_types.FunctionType:
    """Make the entry function, or give the one that there is a direct way to `made`."""
    names = derivative.parameters
    arguments = ", ".join(names)
    lines = []
    namespace: dict[str, Any] = {"_dispatch": derivative.dispatch}
    args = derivative.source.node.args
    plain = not star_names(args)
    if made is not None and plain and not derivative.bound:
        tests = []
        counts = [p for p in range(len(names)) if p not in derivative.wrt.places]
        settled = made.stages["settled"]
        passed = (name for name, given in zip(names, made.passed, strict=True) if given)
        parameters = dict(zip(passed, settled.parameters, strict=True))
        integers = {parameters[names[p]] for p in counts if names[p] in parameters}
        arrays = has_arrays(made.key)
        with deep_recursion():
            floats = gives_floats(settled, integers)
        for place, (name, part) in enumerate(zip(names, made.key, strict=True)):
            # A count, say: its derivative is not asked for.
            or_int = place in counts and (arrays or floats)
            tests.append(kind_test(name, part, namespace, or_int=or_int))
        for place, guard in enumerate(made.lowered.guards):
            tests.append(_guard_text(guard, place, namespace))
        namespace["_body"] = made.body
        call = f"_body({_call_text(args, dict(zip(names, made.passed, strict=True)))})"
        if made.may_be_complex:
            namespace["_real"] = derivative.checked
            call = f"_real({call})"
        lines.append(f"    if {' and '.join(tests) or 'True'}:")
        if arrays:
            form = (derivative.wrt.as_tuple, derivative.with_value)
            parts = [made.key[p] for p in derivative.wrt.places]
            lines += [f"        {line}" for line in settled_text(call, parts, form, namespace)]
        else:
            lines.append(f"        return {call}")
        derivative.direct = made
        made.was_direct = True
    lines.append(f"    return _dispatch({arguments})")
    text = f"def entry({_signature_text(derivative)}):\n" + "\n".join(lines) + "\n"
    existing = derivative.entry
    function = load(text, "entry", namespace, f"entry of {derivative.name}")
    if existing is None:
        return function
    existing.__code__ = function.__code__.replace(
        co_name=existing.__code__.co_name, co_qualname=existing.__code__.co_qualname
    )
    existing.__globals__.update(namespace)
    return existing


def _guard_text(guard: Guard, place: int, namespace: dict[str, Any]) -> str:
    """A test, cheap and without a call, that `guard` holds."""
    where, seen = f"_where_{place}", f"_seen_{place}"
    ref = guard.ref
    namespace[where], namespace[seen] = ref.where, guard.object
    if ref.root == "absent":
        return f"{ref.names[0]!r} not in {where}"
    if ref.root == "global" and len(ref.names) == 1:
        return f"{where}.get({ref.names[0]!r}) is {seen}"
    namespace[where] = guard
    return f"{where}.holds()"


def _call_text(args: Any, passed: dict[str, bool]) -> str:
    positional = [a.arg for a in (*args.posonlyargs, *args.args) if passed[a.arg]]
    keywords = [f"{a.arg}={a.arg}" for a in args.kwonlyargs if passed[a.arg]]
    return ", ".join([*positional, *keywords])


def _signature_text(derivative: Derivative) -> str:
    args = derivative.source.node.args
    skip = len(derivative.bound)
    positional = [a.arg for a in (*args.posonlyargs, *args.args)]
    slash = len(args.posonlyargs)
    parts = positional[:slash] + (["/"] if slash > skip else []) + positional[slash:]
    parts = parts[skip:]
    if args.vararg is not None:
        parts.append("*" + args.vararg.arg)
    elif args.kwonlyargs:
        parts.append("*")
    parts += [a.arg for a in args.kwonlyargs]
    if args.kwarg is not None:
        parts.append("**" + args.kwarg.arg)
    return ", ".join(parts)
