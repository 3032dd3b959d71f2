"""Copies of arrays that nobody else refers to are not made.

``return (w * 2.0).copy()`` is ``return w * 2.0``: what an operation of the derivative has just made
and what nothing else reads need not be copied to belong to whom it is given.
"""

from __future__ import annotations

from collections.abc import Iterator

from sourcediff.flow import exits
from sourcediff.frontend.arrays.numpy_signatures import PLANE_TRANSFORMS, TRANSFORMS, name_of
from sourcediff.frontend.primitives import COPY, TUPLE, YIELDED
from sourcediff.ir import FOR, IF, WHILE, Atom, Function, Op, Region, Value, walk
from sourcediff.memory import OPERATE, QUERY, SNAPSHOT
from sourcediff.rules.complex_numbers import IMAGINARY, REAL_PART
from sourcediff.transform.adjoint.conjugates import is_complex
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.smaller.optimise import substituted
from sourcediff.types import array_of, rank_of

__all__ = ["drop_copies", "makes_an_array"]

#: Functions and methods of NumPy that give an array of their own.
_MAKING = frozenset(
    {
        *("sum", "mean", "prod", "max", "min", "var", "std", "cumsum"),
        *("outer", "dot", "matmul", "linalg.inv", "linalg.solve"),
        *("zeros_like", "ones_like", "full_like", "empty_like", "eye", "identity"),
        *("zeros", "ones", "full", "empty", "arange", "linspace"),
        *("copy", "array", "astype", "flatten", "triu", "tril", "roll", "repeat"),
        *("concatenate", "stack", "vstack", "hstack", "column_stack"),
        *(
            "cumprod",
            "sort",
            "tile",
            "pad",
            "diff",
            "take",
            "take_along_axis",
            "delete",
            "bincount",
            "logaddexp.reduce",
            "maximum.accumulate",
            "minimum.accumulate",
        ),
        *(f"fft.{name}" for name in (*TRANSFORMS, *PLANE_TRANSFORMS, "fftshift", "ifftshift")),
        *("convolve", "correlate", "cross", "kron", "einsum", "interp", "linalg.cholesky"),
    }
)


#: What gives what it is given, or a part of it.
_OTHER_NAMES = (COPY, YIELDED, REAL_PART, IMAGINARY)
#: What looks at a whole array in another way.
_RESHAPED = ("reshape", "ravel")


def makes_an_array(op: Op) -> bool:
    """Whether an operation gives an array that nothing else refers to."""
    if op.regions or len(op.results) != 1 or not is_array(op.result):
        return False
    name = name_of(op)
    if name == "diag":  # that of a matrix is a view of it
        return rank_of(op.result.type) == 2
    if name == "einsum":  # of one array it may be a view
        return sum(map(is_array, op.args)) > 1
    if name is not None:
        return name in _MAKING
    if op.primitive in (REAL_PART, IMAGINARY):
        return False  # a view
    return op.primitive.rule is not None or op.primitive in (OPERATE, SNAPSHOT)


def drop_copies(function: Function) -> Function:
    """The array itself in place of a copy of it, where nothing else refers to it."""
    run = _Owners(function)
    renamed: dict[Value, Atom] = {}
    for op in run.copies:
        source = run.origin(op.args[0])
        made = run.definitions.get(source) if isinstance(source, Value) else None
        if made is None or made.order != op.order or not makes_an_array(made):
            continue  # what the user's code has made, a pullback may look at again
        if run.uses.get(source) == 1:
            renamed[op.result] = op.args[0]
            if not is_complex(source) or is_complex(op.result):
                _name_after(source, op.result)
            for value in run.between(op.args[0]):
                if is_complex(value) is is_complex(op.result):
                    # Its views know it by what it holds.
                    value.type = array_of(op.result.type.slots["element"], rank_of(value.type))
    for copy, source in run.given_back():
        renamed.setdefault(copy, source)
    if not renamed:
        return function
    body = function.body
    results = tuple(_read(a, renamed) for a in body.results or ())
    ops = _without(substituted(body.ops, renamed), set(renamed))
    function = function.with_body(body.replace(ops, results if body.results is not None else None))
    return drop_copies(function)  # a copy of a copy is one of the array itself by now


def _name_after(source: Atom, copy: Value) -> None:
    if isinstance(source, Value) and source.name is None and source.adjoint_of is None:
        source.adjoint_of, source.name = copy.adjoint_of, copy.name


class _Owners:
    """Where the arrays of a function come from."""

    def __init__(self, function: Function) -> None:
        self.uses: dict[Atom, int] = {}
        self.definitions: dict[Value, Op] = {}
        #: What a loop carries: all that may be handed on to it.
        self.sources: dict[Value, list[Atom]] = {}
        self.copies: list[Op] = []
        self.results = function.body.results or ()
        for op in walk(function.body):
            for atom in (*op.args, *(a for r in op.regions for a in r.results or ())):
                self.uses[atom] = self.uses.get(atom, 0) + 1
            for result in op.results:
                self.definitions[result] = op
            if op.primitive is QUERY and op.order > 0 and op.attribute.name == "copy":
                self.copies.append(op)
            if op.primitive in (FOR, WHILE):
                self._carried(op)
        for atom in self.results:
            self.uses[atom] = self.uses.get(atom, 0) + 1

    def _carried(self, op: Op) -> None:
        head = 1 if op.primitive is FOR else 0
        tested = 1 if op.primitive is WHILE else 0
        for place, result in enumerate(op.results):
            found: list[Atom] = [op.args[head + place]]
            for number, region in enumerate(op.regions):
                shift = tested if number == 0 else 0
                if region.results is not None:
                    found.append(region.results[place + shift])
            found += [leaving.args[place] for leaving in exits(op)]
            self.sources[result] = found
            for number, region in enumerate(op.regions):
                shift = head if number == 0 else 0
                self.sources[region.parameters[place + shift]] = found

    def origin(self, atom: Atom) -> Atom:
        """What is behind other names that nothing else reads."""
        return [atom, *self.between(atom)][-1]

    def between(self, atom: Atom) -> Iterator[Value]:
        """A value and what is behind it, by other names that nothing else reads."""
        while isinstance(atom, Value):
            yield atom
            made = self.definitions.get(atom)
            if made is None or self.uses.get(atom) != 1:
                return
            if made.primitive not in _OTHER_NAMES and name_of(made) not in _RESHAPED:
                return
            atom = made.args[0]

    def roots(self, atom: Atom, seen: set[Atom]) -> set[Atom] | None:
        """The arrays that a value may be, all made by the function; None if that is not known."""
        if atom in seen:
            return set()
        seen.add(atom)
        made = self.definitions.get(atom) if isinstance(atom, Value) else None
        if atom in self.sources:
            parts = self.sources[atom]
        elif made is None:
            return None
        elif made.primitive in _OTHER_NAMES:
            parts = list(made.args)
        elif made.primitive is IF:
            place = made.results.index(atom)
            parts = [r.results[place] for r in made.regions if r.results is not None]
        else:
            return {atom} if makes_an_array(made) else None
        found: set[Atom] = set()
        for part in parts:
            further = self.roots(part, seen)
            if further is None:
                return None
            found |= further
        return found

    def given_back(self) -> Iterator[tuple[Value, Atom]]:
        """The copies that the function gives back of arrays which it made for itself."""
        items: list[Atom] = []
        pending = list(self.results)
        while pending:
            atom = pending.pop()
            made = self.definitions.get(atom) if isinstance(atom, Value) else None
            if made is not None and made.primitive is TUPLE:
                pending.extend(made.args)
            else:
                items.append(atom)
        copies = {op.result: op.args[0] for op in self.copies}
        taken: set[Atom] = set()
        for atom in items:
            if isinstance(atom, Value) and is_array(atom) and atom not in copies:
                known = self.roots(atom, set())
                if known is None:
                    return  # what is given back as it is may be a view of any of them
                taken |= known
        for atom in items:
            source = copies.get(atom) if isinstance(atom, Value) else None
            roots = None if source is None else self.roots(source, set())
            if source is None or roots is None or not roots.isdisjoint(taken):
                continue
            taken |= roots
            assert isinstance(atom, Value)
            if self.uses.get(atom) == 1:
                yield atom, source


def _read(atom: Atom, renamed: dict[Value, Atom]) -> Atom:
    while isinstance(atom, Value) and atom in renamed:
        atom = renamed[atom]
    return atom


def _without(ops: list[Op], gone: set[Value]) -> list[Op]:
    found = []
    for op in ops:
        if op.primitive is QUERY and op.results and op.results[0] in gone:
            continue
        if op.regions:
            regions = tuple(
                Region(_without(list(r.ops), gone), r.results, r.site, r.parameters)
                for r in op.regions
            )
            op = op.replace(regions=regions)
        found.append(op)
    return found
