"""Tuples in arguments that change their places: what has no identity is known by its place only."""

from collections import deque
from types import SimpleNamespace

from tests.corpus.whole.registry import program


@program(lambda: [([(1.0, 2.0), (3.0, 4.0)],), ([(0.5, -1.5), (2.0, 1.0), (4.0, 0.5)],)])
def swapped_ends(points):
    """The first and the last point change places."""
    points[0], points[-1] = points[-1], points[0]
    total = 0.0
    for k, (x, y) in enumerate(points):
        total += (k + 1.0) * x * y
    return total


@program(lambda: [([(1.0, 2.0), (3.0, 4.0)],), ([(0.5, -1.5)],), ([],)])
def taken_off(points):
    """A stack of points that is used up."""
    total = 1.0
    while points:
        x, y = points.pop()
        total = total * x + y * len(points)
    return total


@program(lambda: [([(3.0, 2.0), (1.0, 4.0), (2.0, 0.5)],)])
def in_order(points):
    """Points that are sorted, with one more put in front."""
    points.sort()
    points.insert(0, (1.0, points[0][1]))
    total = 0.0
    for k in range(len(points)):
        total += points[k][0] * points[k][1] * (k + 1.0)
    return total


@program(lambda: [(deque([(1.0, 2.0), (3.0, 4.0)]), 3), (deque([(0.5, 1.5)]), 2)])
def handed_round(queue, turns):
    """The first of a queue goes to its end, changed."""
    total = 0.0
    for _ in range(turns):
        left, right = queue.popleft()
        queue.append((right, 0.5 * left))
        total += queue[0][0] * queue[-1][1]
    return total


@program(
    lambda: [
        ({"a": (1.0, 2.0), "b": (3.0, 4.0)}, ["a", "b", "a"]),
        ({"a": (0.5, 1.5), "b": (1.0, 0.0)}, []),
    ]
)
def rewritten_by_key(table, keys):
    """What stands at a computed key is replaced by what is made of it."""
    total = 0.0
    for key in keys:
        low, high = table[key]
        table[key] = (high, low * high)
        total += table[key][1]
    return total + table["a"][0]


@program(
    lambda: [
        (
            [
                SimpleNamespace(place=(1.0, 2.0), speed=0.5),
                SimpleNamespace(place=(3.0, 1.0), speed=2.0),
            ],
        )
    ]
)
def moved_along(bodies):
    """Objects in a list that get a new place, made of the old one and of a number beside it."""
    total = 0.0
    for _ in range(2):
        for body in bodies:
            x, y = body.place
            body.place = (x + body.speed, y * body.speed)
            total += body.place[0] * body.place[1]
    return total


@program(lambda: [([(1.0, (2.0, 3.0)), (0.5, (4.0, 5.0))],)])
def nested_pairs(pairs):
    """A pair within a pair is taken apart and put together in another order."""
    total = 0.0
    for k in range(len(pairs)):
        one, (two, three) = pairs[k]
        pairs[k] = (three, (one, two))
        total += pairs[k][0] * pairs[k][1][1] ** 2
    pairs.append(pairs[0])
    return total + pairs[-1][1][0]
