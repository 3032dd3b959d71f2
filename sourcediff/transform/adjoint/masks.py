"""Adjoints that `numpy.where` has set to zero where something was not chosen.

What such an adjoint is multiplied with may be infinite or nan there, and so all that is made of it
is masked again. The operation may stand inside a branch:

    with np.errstate(invalid="ignore"):        root_bar is zero where `above` is false, outside of
        root_bar = np.where(above, …, 0.0)     the with statement as well

    if c: root_bar = np.where(above, …, 0.0)   the same, in the reverse of what there is if c
    else: root_bar = 0.0

>>> from sourcediff.ir import Region
>>> from sourcediff.types import BOOL, REAL
>>> test, inner, outer = Value(BOOL), Value(REAL), Value(REAL)
>>> branch = Op(IF, (test,), (outer,), (Region([], None), Region([], (inner,))))
>>> through_branches({outer: branch}, outer) is inner
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sourcediff.frontend.primitives import COPY
from sourcediff.ir import DEAD, IF, Atom, Const, Op, Value

__all__ = ["Arm", "is_zero", "mask_of", "side_of_zero", "stands_by", "through_branches"]

#: The test of a branch, and one of its arms.
Arm = tuple[Atom, int]


def through_branches(
    definitions: Mapping[Value, Op], atom: Atom, zeros: list[Arm] | None = None
) -> Atom:
    """What a result of branches is in the only arm of them that gives it.

    Args:
        zeros: if given, an arm may give zero as well; then the other arm is put there.
    """
    while isinstance(atom, Value):
        made = definitions.get(atom)
        if made is None or made.primitive is not IF:
            break
        place = made.results.index(atom)
        found = [(k, r.results[place]) for k, r in enumerate(made.regions) if r.results is not None]
        found = [(k, one) for k, one in found if one is not DEAD]
        given = [(k, one) for k, one in found if zeros is None or not is_zero(one)]
        if len(given) != 1:
            break
        ((arm, inner),) = given
        if zeros is not None and len(found) > 1:
            zeros.append((made.args[0], arm))
        atom = inner
    return atom


def mask_of(
    definitions: Mapping[Value, Op], value: Value, order: int, arms: Sequence[Arm] | None
) -> Op | None:
    """The `numpy.where` that gave a value, with a zero for what was not chosen.

    Its test is a value that is known where this is asked, if `arms` are given.

    Args:
        order: that of the derivative that is being made, the tests of which are known in the arm
            alone where they are computed.
        arms: the arms of branches that are being turned round.
    """
    zeros: list[Arm] = []
    made = _choice(definitions, value, zeros)
    if made is None or arms is None:
        return made
    test = made.args[0]
    if isinstance(test, Value) and not stands_by(definitions, value):
        computed = definitions.get(test)
        if computed is not None and computed.order == order:
            return None
    here = {(through_branches(definitions, atom), arm) for atom, arm in arms}
    if any((through_branches(definitions, atom), arm) not in here for atom, arm in zeros):
        return None
    return made


def _choice(definitions: Mapping[Value, Op], atom: Atom, zeros: list[Arm]) -> Op | None:
    """The operation; of two arms of a branch, which choose by one test, that of the first."""
    seen = through_branches(definitions, atom, zeros)
    made = definitions.get(seen) if isinstance(seen, Value) else None
    if made is None:
        return None
    if made.primitive is COPY:
        return _choice(definitions, made.args[0], zeros)
    if made.primitive is IF and isinstance(seen, Value):
        place = made.results.index(seen)
        both = [r.results[place] for r in made.regions if r.results is not None]
        found = [_choice(definitions, arm, zeros) for arm in both]
        chosen = {_told_apart(definitions, one) for one in found}
        return found[0] if len(chosen) == 1 and both else None
    is_choice = made.primitive.name == "numpy.where" and side_of_zero(made) is not None
    return made if is_choice else None


def _told_apart(definitions: Mapping[Value, Op], choice: Op | None) -> Any:
    """What two operations have in common that put zeros at the same places."""
    if choice is None:
        return None
    return through_branches(definitions, choice.args[0]), side_of_zero(choice)


def stands_by(definitions: Mapping[Value, Op], value: Value) -> bool:
    """Whether what gave a value that has been masked stands in no branch before it."""
    made = definitions[value]
    while made.primitive is COPY:
        made = definitions[made.args[0]]  # type: ignore[index]
    return made.primitive is not IF


def side_of_zero(choice: Op) -> int | None:
    """Which argument of `numpy.where` is zero."""
    return next((place for place in (1, 2) if is_zero(choice.args[place])), None)


def is_zero(atom: Atom) -> bool:
    """Whether an atom is the number zero."""
    return isinstance(atom, Const) and atom.value == 0
