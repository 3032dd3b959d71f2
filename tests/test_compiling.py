"""What the compiler changes in Python while it works is as it was when it is done."""

import gc
import sys

import pytest

from sourcediff.compiling import compiling


def refuse():
    with compiling():
        with compiling():
            assert not gc.isenabled()
            assert sys.getrecursionlimit() >= 60_000
        assert not gc.isenabled()
        raise KeyError


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_and_the_limit_are_given_back(was_on):
    limit, before = sys.getrecursionlimit(), gc.isenabled()
    (gc.enable if was_on else gc.disable)()
    try:
        with pytest.raises(KeyError):
            refuse()
        assert gc.isenabled() is was_on
    finally:
        (gc.enable if before else gc.disable)()
    assert sys.getrecursionlimit() == limit
