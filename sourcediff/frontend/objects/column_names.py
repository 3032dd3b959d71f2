"""Names for the lists that a list of tuples is: after the variables that take what they hold.

For ``for kind, amount in events`` the lists are ``events_kind`` and ``events_amount``, not
``events_0`` and ``events_1``. Where no variable takes an item, what is put there may have a name.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x):
...     events = []
...     events.append(("in", x * x))
...     kind, amount = events[0]
...     return amount
>>> first, second, *_ = lower_function(f, {"x": REAL}).body.ops
>>> first.result.name, second.result.name
('events_kind', 'events_amount')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sourcediff.frontend.objects.columns import paths_of
from sourcediff.frontend.values import Columns, Grouped, Heap
from sourcediff.ir import Atom, Op, Value
from sourcediff.memory import METHOD_OF, SET_ITEM, SUBSCRIPT

__all__ = ["name_after_use"]


def name_after_use(made: Iterable[Columns | Heap | Grouped], ops: Iterable[Op]) -> None:
    """Give the lists of the places in tuples the names of the variables that take their items."""
    numbered = {whole: stem for columns in made for whole, stem in _numbered(columns)}
    if not numbered:
        return
    ops = list(ops)
    #: The lists in them, of a dict of lists.
    inner = {
        op.result: op.args[0]
        for op in ops
        if op.primitive is SUBSCRIPT and op.args[0] in numbered and op.result.type.kind == "List"
    }
    taken: dict[Value, str] = {}
    put: dict[Value, str] = {}
    for op in ops:
        whole = op.args[0] if op.args else None
        whole = inner.get(whole, whole)  # type: ignore[arg-type]
        if (
            not isinstance(whole, Value)
            or whole not in numbered
            or any(result in inner for result in op.results)
        ):
            continue
        if op.primitive is SUBSCRIPT or (op.primitive is METHOD_OF and op.results):
            _note(taken, whole, op.result)
        elif op.primitive in (METHOD_OF, SET_ITEM) and len(op.args) > 1:
            _note(put, whole, op.args[-1])
    for part, whole in inner.items():
        _note(put, whole, part)
    used: set[str] = set()
    for whole, stem in numbered.items():
        word = taken.get(whole) or put.get(whole)
        name = f"{stem}_{word}"
        if word is not None and name not in used:
            whole.name = name
            used.add(name)


def _note(names: dict[Value, str], whole: Value, item: Atom) -> None:
    if isinstance(item, Value) and item.name is not None:
        names.setdefault(whole, item.name)


def _numbered(columns: Columns | Heap | Grouped) -> Iterator[tuple[Value, str]]:
    """The lists that are called after places, each with its name without these."""
    for path, whole in zip(paths_of(columns.shape), columns.lists, strict=True):
        places = 0
        while places < len(path) and isinstance(path[-1 - places], int):
            places += 1
        if places and whole.name is not None:
            yield whole, whole.name.rsplit("_", places)[0]
