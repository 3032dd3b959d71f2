"""Random programs of recursive functions are never wrong."""

from tests.recursive_programs import verdict


def test_seeded_programs_are_right_to_order_two():
    found = [verdict(f"suite-{number}") for number in range(20)]
    assert not [report for kind, report in found if kind in ("wrong", "internal")]
    assert sum(kind == "right" for kind, _ in found) >= 18
