import math


def polygon(points):
    """Area over squared perimeter of a polygon of named tuples."""
    area = perimeter = 0.0
    for p, q in zip(points, points[1:] + points[:1]):
        area += p.x * q.y - q.x * p.y
        perimeter += math.dist(p, q)
    return abs(area) / 2 / perimeter ** 2
