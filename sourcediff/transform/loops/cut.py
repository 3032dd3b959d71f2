"""What is cheapest to keep so that all that is needed can be had again: a minimum cut.

A value has two nodes, *computed again* and *at hand*. From the source to the first leads an edge
with the price of computing it again, from the first to the second one with the price of keeping
it, and from what an operand has at hand to what its user computes again one that cannot be cut.
What is needed is joined to the sink. The cheapest set of edges that parts source and sink says of
each value what to do (for the closure of needs under recomputation see Griewank and Walther,
*Evaluating Derivatives*, 2nd ed., chapter 12).

>>> costs = {"x": (INFINITE, 50), "e": (30, 50), "y": (20, 50)}
>>> sorted(kept_values(costs, {"e": ["x"], "y": ["e"]}, ["e", "y", "x"]))
['x']
>>> costs["e"] = (300, 50)
>>> sorted(kept_values(costs, {"e": ["x"], "y": ["e"]}, ["e", "y", "x"]))
['e', 'x']
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

__all__ = ["INFINITE", "kept_values"]

#: More than any sum of prices: these grow tenfold with each loop around a value.
INFINITE = 10**60

V = TypeVar("V", bound=Hashable)


def kept_values(
    costs: Mapping[V, tuple[int, int]], operands: Mapping[V, Iterable[V]], needed: Sequence[V]
) -> set[V]:
    """Which values to keep.

    Args:
        costs: of each value, the price of computing it again and that of keeping it.
        operands: what each value is computed from, as far as that is not at hand anyway.
        needed: the values that are read.
    """
    network = _Network()
    for value, (again, keeping) in costs.items():
        network.edge("source", ("again", value), again)
        network.edge(("again", value), ("at hand", value), keeping)
        for operand in operands.get(value, ()):
            network.edge(("at hand", operand), ("again", value), INFINITE)
    for value in needed:
        network.edge(("at hand", value), "sink", INFINITE)
    reached = network.cut("source", "sink")
    return {v for v in costs if ("again", v) in reached and ("at hand", v) not in reached}


class _Network:
    """Capacities between nodes; the flow is what has been taken from them (Dinic 1970)."""

    def __init__(self) -> None:
        self.left: dict[Hashable, dict[Hashable, int]] = {}

    def edge(self, start: Hashable, end: Hashable, capacity: int) -> None:
        outgoing = self.left.setdefault(start, {})
        outgoing[end] = outgoing.get(end, 0) + capacity
        self.left.setdefault(end, {}).setdefault(start, 0)

    def cut(self, source: Hashable, sink: Hashable) -> dict[Hashable, int]:
        """The nodes on the source's side of the cut that is nearest to the source."""
        while True:
            levels = self._levels(source)
            if sink not in levels:
                return levels
            while self._path(source, sink, levels):
                pass

    def _levels(self, source: Hashable) -> dict[Hashable, int]:
        levels = {source: 0}
        pending = deque([source])
        while pending:
            node = pending.popleft()
            for end, capacity in self.left.get(node, {}).items():
                if capacity > 0 and end not in levels:
                    levels[end] = levels[node] + 1
                    pending.append(end)
        return levels

    def _path(self, source: Hashable, sink: Hashable, levels: dict[Hashable, int]) -> bool:
        """Send as much as one path takes; False if there is none along the levels."""
        path = [source]
        while path[-1] != sink:
            node = path[-1]
            onward = next(
                (
                    end
                    for end, capacity in self.left[node].items()
                    if capacity > 0 and levels.get(end) == levels[node] + 1
                ),
                None,
            )
            if onward is not None:
                path.append(onward)
                continue
            del levels[path.pop()]  # a dead end
            if not path:
                return False
        pairs = list(itertools.pairwise(path))
        amount = min(self.left[a][b] for a, b in pairs)
        for a, b in pairs:
            self.left[a][b] -= amount
            self.left[b][a] += amount
        return True
