def prefix_sums(xs):
    """Sums in place, then a read at every place."""
    for i in range(1, len(xs)):
        xs[i] += xs[i - 1]
    total = 0.0
    for x in xs:
        total += x * x
    return total
