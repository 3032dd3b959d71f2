"""Random programs with loops: all their derivatives are those of the tape and of differences."""

from collections import Counter

import pytest

from tests.turns import DEFECTS, loaded, verdicts, written
from tests.turns.constructs import constructs

COUNT, SOME = 40, 14


@pytest.mark.parametrize("number", range(COUNT))
def test_the_derivatives_are_right(number):
    text = written("suite", number)
    found = list(verdicts(loaded(text, f"suite:{number}")))
    assert found
    assert not [verdict for verdict in found if verdict.startswith(DEFECTS)], text


def test_most_programs_are_taken_in_every_mode():
    counts: Counter[str] = Counter()
    for number in range(SOME):
        counts.update(set(verdicts(loaded(written("suite", number), f"suite:{number}"))))
    for kind in ("first order", "differences", "without the cut", "second order", "forward mode"):
        assert counts[kind] >= 0.7 * SOME, kind


def test_every_construct_is_in_many_programs():
    counts: Counter[str] = Counter()
    for number in range(300):
        counts.update(constructs(written("suite", number)))
    assert len(counts) >= 33
    assert min(counts.values()) >= 8, counts
    assert sum(count >= 60 for count in counts.values()) >= 30, counts
