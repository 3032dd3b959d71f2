"""Types: where a value of one may stand for a value of another."""

import pytest

from sourcediff import types
from sourcediff.types import BOOL, INT, NEVER, NONE, REAL, STR, Slot, Type

NUMBERS = Slot(REAL)
FITTING = [
    (INT, REAL, True),
    (BOOL, INT, True),
    (REAL, INT, False),
    (REAL, STR, False),
    (NEVER, STR, True),
    (REAL, NEVER, False),
    (NONE, types.optional(REAL), True),
    (INT, types.optional(REAL), True),
    (types.optional(INT), types.optional(REAL), True),
    (types.optional(REAL), REAL, False),
    (types.UNBOUND, types.maybe_unbound(REAL), True),
    (INT, types.maybe_unbound(REAL), True),
    (types.maybe_unbound(INT), types.maybe_unbound(REAL), True),
    (types.maybe_unbound(REAL), REAL, False),
    (types.tuple_of([INT, NONE]), types.tuple_of([REAL, types.optional(REAL)]), True),
    (types.tuple_of([INT]), types.tuple_of([INT, INT]), False),
    (types.tuple_of([INT], tuple), types.tuple_of([INT]), False),
    (types.tuple_of([INT, REAL]), types.sequence_of(REAL), True),
    (types.sequence_of(INT), types.sequence_of(REAL), True),
    (types.sequence_of(REAL), types.tuple_of([REAL]), False),
    (types.list_of(NUMBERS), types.list_of(NUMBERS), True),
    (types.list_of(NUMBERS), types.list_of(Slot(REAL)), False),
    (types.list_of(NUMBERS), types.set_of(NUMBERS), False),
    (types.list_of(NUMBERS), types.optional(types.list_of(NUMBERS)), True),
]


@pytest.mark.parametrize(("given", "wanted", "fits"), FITTING)
def test_fits(given: Type, wanted: Type, fits: bool) -> None:
    assert types.fits(given, wanted) is fits


def test_fits_unites_nothing() -> None:
    one, two = Slot(REAL), Slot()
    assert not types.fits(types.list_of(one), types.list_of(two))
    assert one.root is not two.root and two.type is NEVER
    assert one.unite(two)
    assert types.fits(types.list_of(one), types.list_of(two))


def test_types_that_hold_themselves() -> None:
    slot = Slot()
    rows = types.list_of(slot)
    assert slot.write(rows)
    assert types.fits(rows, types.list_of(slot))
    assert not types.fits(rows, types.list_of(Slot(REAL)))
