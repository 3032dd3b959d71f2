def chase(x0, m):
    """A list that grows while it is being iterated."""
    xs = [x0]
    for x in xs:
        if len(xs) < m:
            xs.append(0.9 * x * x)
    return sum(xs)
