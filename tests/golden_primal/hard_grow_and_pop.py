import math


def grow_and_pop(x, n):
    """A list that grows under an if, is iterated, and is partly popped."""
    xs = []
    for i in range(n):
        x = math.sin(x) + 0.1
        if x > 0.5:
            xs.append(x * x)
    total = 0.0
    for v in xs:
        total += v * x
    while len(xs) > 2:
        total += xs.pop() * 3.0
    return total
