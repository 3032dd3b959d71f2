import math


def walrus_loop(xs):
    """Assignment inside a while test and inside of a comprehension."""
    position = 0
    total = 0.0
    while True:
        if position < len(xs):
            y = xs[position] ** 2
            both = y < 1
        else:
            both = False
        if not both:
            break
        total += y
        position += 1
    value = []
    for x in xs:
        z = math.sin(x)
        if z > 0.3:
            value.append(z)
    return total + sum(value)
