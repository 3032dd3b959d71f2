"""What is not turned round raises outside of its domain all the same.

The derivative of ``for v in xs: c = math.sqrt(v)`` is that of nothing, but where an item is
negative the function has none, and neither has its derivative a value.
"""

from __future__ import annotations

from sourcediff.ir import Op, Region

__all__ = ["domains_kept"]


def domains_kept(op: Op) -> Op:
    """A loop or a branch whose operations are kept for the errors that they raise.

    Returns:
        The very same operation where there are none.
    """
    if op.primitive.bounded and not op.kept:
        op = op.replace()
        op.kept = True
    regions = tuple(map(_region, op.regions))
    if all(a is b for a, b in zip(regions, op.regions, strict=True)):
        return op
    return op.replace(regions=regions)


def _region(region: Region) -> Region:
    ops = [domains_kept(op) for op in region.ops]
    if all(a is b for a, b in zip(ops, region.ops, strict=True)):
        return region
    return region.replace(ops, region.results)
