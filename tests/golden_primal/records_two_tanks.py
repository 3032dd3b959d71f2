from tests.corpus.whole.records import Tank


def two_tanks(upper, k, steps):
    """A dataclass argument that is changed, and one made here that it flows into."""
    lower = Tank(0.5, area=2 * upper.area)
    for _ in range(steps):
        lower.level += upper.drain(k, 0.1) * 0.1 / lower.area
        lower.drain(0.5 * k, 0.1)
    return lower.level + 0.1 * sum(upper.log) + upper.level ** 2
