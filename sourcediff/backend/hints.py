"""What a temporary is called that holds an item of a list, or its length.

>>> xs, i = Value(types.list_of(types.Slot(types.REAL)), "xs"), Value(types.INT, "i")
>>> def hint(index):
...     op = Op(SUBSCRIPT, (xs, index), (Value(types.REAL),))
...     return item_hint(op, lambda value: value.name, {})
>>> part = Value(types.SLICE)
>>> hint(part)
'xs_part'
>>> hint(i), hint(Const(0, types.INT)), hint(Const(-1, types.INT)), hint(Const(7, types.INT))
('xs_i', 'xs_first', 'xs_last', 'xs_item')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import GETATTR, PURE_CALL, TUPLE
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import CONTAINS, METHOD_OF, OPERATE, QUERY, SUBSCRIPT
from sourcediff.transform.adjoint.scaled import ADD, SUB

__all__ = ["array_hint", "item_hint"]

_PLACES = {0: "first", 1: "second", -1: "last"}
#: Names of lists longer than this are not put together with a place.
_LONGEST = 12


#: What functions and operators of NumPy give.
_GIVES = {
    "sum": "total",
    "mean": "mean",
    "prod": "product",
    "max": "largest",
    "min": "smallest",
    "@": "product",
    "dot": "product",
    "matmul": "product",
    "inner": "product",
    "outer": "outer",
    "diag": "diagonal",
    "trace": "trace",
    "cumsum": "sums",
    "diff": "diff",
    "var": "variance",
    "std": "deviation",
    "argmax": "place",
    "argmin": "place",
    "linalg.solve": "solution",
    "linalg.inv": "inverse",
    "linalg.det": "determinant",
    "linalg.norm": "norm",
    "concatenate": "joined",
    "stack": "joined",
    "eye": "identity",
    "zeros_like": "zeros",
    "zeros": "zeros",
    "full_like": "filled",
    "ones_like": "ones",
    "reshape": "shaped",
    "ravel": "flat",
    "flatten": "flat",
    "broadcast_to": "spread",
    "T": "turned",
    "transpose": "turned",
    "swapaxes": "turned",
    "where": "chosen",
    "unravel_index": "place",
    **dict.fromkeys(("diag_indices", "triu_indices", "tril_indices", "nonzero"), "places"),
    **dict.fromkeys(("diag_indices_from", "triu_indices_from", "tril_indices_from"), "places"),
}


def array_hint(op: Op) -> str | None:
    """A name for what a function of NumPy gives, or a place in an array; None for all else."""
    if op.primitive is OPERATE:
        return _GIVES.get(op.attribute)
    if op.primitive is GETATTR:
        return _GIVES.get(op.attribute)
    if op.primitive is SUBSCRIPT:
        return "part"
    if op.primitive is TUPLE and any(i.kind == "Array" for i in op.result.type.items):
        return "places"
    return _GIVES.get(name_of(op) or "")


def item_hint(
    op: Op, name_of: Callable[[Value], str | None], definitions: Mapping[Value, Op]
) -> str | None:
    """A name for what an operation gives, if that is an item or a length; None for all else."""
    if op.primitive is PURE_CALL and op.attribute.function is len:
        return "length"
    if op.primitive is PURE_CALL and op.attribute.function in (list, sorted) and op.args:
        source = op.args[0]
        made = definitions.get(source) if isinstance(source, Value) else None
        views = made is not None and made.primitive is QUERY and made.attribute.name == "values"
        return "values" if views else "keys" if source.type.kind == "Dict" else None
    if op.primitive is CONTAINS and op.args[1].type.kind == "Dict":
        return "is_new" if op.attribute else "is_there"
    if op.primitive is METHOD_OF and op.attribute.name == "pop" and len(op.args) == 1:
        kept = name_of(op.args[0]) if isinstance(op.args[0], Value) else None
        return None if kept is None or "_kept" not in kept else kept.rpartition("_kept")[0]
    if op.primitive is not SUBSCRIPT or not isinstance(op.args[0], Value):
        return None
    whole = name_of(op.args[0])
    if whole is None or len(whole) > _LONGEST:
        return None
    return f"{whole}_{_place(op.args[1], name_of, definitions)}"


def _place(
    index: Atom, name_of: Callable[[Value], str | None], definitions: Mapping[Value, Op]
) -> str:
    if isinstance(index, Const):
        return _PLACES.get(index.value, "item") if index.type is types.INT else "item"
    if index.type is types.SLICE or types.SLICE in index.type.items:
        return "part"
    if index.type.kind == "Array":
        return "chosen"
    name = name_of(index)
    if name is not None:
        return name if len(name) <= 2 else "item"
    made = definitions.get(index)
    if made is not None and made.primitive in (ADD, SUB) and len(made.args) == 2:
        base, step = made.args
        if isinstance(base, Value) and name_of(base) and isinstance(step, Const):
            if step.value == 1:
                return "next" if made.primitive is ADD else "before"
    return "item"
