"""Products of arrays as `numpy.einsum` writes them: which axes of the operands are one axis.

>>> terms_of("ij,jk", (2, 2))
(['ij', 'jk'], 'ik')
>>> terms_of("...j,j->...", (3, 1))
(['YZj', 'j'], 'YZ')
>>> terms_of_tensordot(3, 2, 1)
(['abc', 'ce'], 'abe')
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from string import ascii_letters, ascii_lowercase
from typing import Any

__all__ = ["Terms", "terms_of", "terms_of_call", "terms_of_dot", "terms_of_tensordot"]

#: A letter for each axis of each operand, and of the result.
Terms = tuple[list[str], str]


def terms_of(subscripts: str, ranks: Sequence[int]) -> Terms | None:
    """The letters of an `einsum` of operands with so many axes; None if they do not fit.

    An ellipsis stands for letters of its own.
    """
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ranks) or not all(map(_is_term, (*inputs, right))):
        return None
    free = iter([c for c in reversed(ascii_letters) if c not in text])
    hidden = [rank - len(term) + 3 if "." in term else 0 for term, rank in zip(inputs, ranks)]  # noqa: B905
    count = max(hidden, default=0)
    rest = "".join(sorted(next(free) for _ in range(count)))
    terms = [
        term.replace("...", rest[count - extra :]) if extra >= 0 else ""
        for term, extra in zip(inputs, hidden, strict=True)
    ]
    if any(len(term) != rank for term, rank in zip(terms, ranks, strict=True)):
        return None
    if not arrow:
        counts = Counter(left.replace("...", "").replace(",", ""))
        right = "..." * ("." in left) + "".join(sorted(c for c, n in counts.items() if n == 1))
    output = right.replace("...", rest)
    known = set("".join(terms))
    if len(set(output)) < len(output) or not set(output) <= known:
        return None
    return terms, output


def _is_term(term: str) -> bool:
    letters = term.replace("...", "", 1)
    return all(c in ascii_letters for c in letters)


def terms_of_tensordot(one: int, other: int, axes: Any) -> Terms | None:
    """The letters of ``numpy.tensordot(a, b, axes)`` of arrays with so many axes."""
    if isinstance(axes, int):
        pairs = [(one - axes + k, k) for k in range(axes)]
    else:
        lists = [[part] if isinstance(part, int) else list(part) for part in axes]
        if len(lists) != 2 or len(lists[0]) != len(lists[1]):
            return None
        pairs = [(i % one, k % other) for i, k in zip(*lists, strict=True)]
    if any(not (0 <= i < one and 0 <= k < other) for i, k in pairs):
        return None
    first = list(ascii_lowercase[:one])
    second = list(ascii_lowercase[one : one + other])
    for i, k in pairs:
        second[k] = first[i]
    gone = {first[i] for i, _ in pairs}
    output = "".join(c for c in (*first, *second) if c not in gone)
    return ["".join(first), "".join(second)], output


def terms_of_dot(name: str, one: int, other: int) -> Terms:
    """The letters of `dot`, `inner`, `vecdot` and `matmul`; the operands have axes."""
    if name == "vecdot":
        found = terms_of("...z,...z->...", (one, other))
        assert found is not None
        return found
    if name == "matmul":
        left, right = ("z" if one == 1 else "...yz"), ("z" if other == 1 else "...zx")
        output = "..." + "y" * (one > 1) + "x" * (other > 1)
        if one == 1 and other == 1:
            output = ""
        found = terms_of(f"{left},{right}->{output}", (one, other))
        assert found is not None
        return found
    place = other - 1 if name == "inner" or other == 1 else other - 2
    found = terms_of_tensordot(one, other, ([one - 1], [place]))
    assert found is not None
    return found


def terms_of_call(name: str, constants: Any, ranks: Sequence[int]) -> Terms | None:
    """The letters of any of these functions; `constants` are the subscripts, or the axes."""
    if name == "einsum":
        return terms_of(constants, ranks)
    one, other = ranks
    if name == "tensordot":
        return terms_of_tensordot(one, other, constants)
    return terms_of_dot(name, one, other)
