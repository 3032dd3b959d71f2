def make_counter(step):
    count = 0.0

    def tick(scale=1.0):
        nonlocal count
        count += step * scale
        return count
    return tick


def two_counters(a, b):
    """Two closures from one factory each keep a count of their own."""
    first = make_counter(a)
    second = make_counter(b)
    total = first() + second(2.0)
    total += first(b) * second()
    return total + first(0.0)
