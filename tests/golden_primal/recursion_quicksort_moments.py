def quicksort_moments(values):
    """Sorts by recursion, weighs by rank."""

    def sort(vs):
        if len(vs) <= 1:
            return vs
        pivot, *rest = vs
        return (
            sort([v for v in rest if v < pivot])
            + [pivot]
            + sort([v for v in rest if v >= pivot])
        )
    total = 0.0
    for rank, v in enumerate(sort(values), start=1):
        total += rank * v * v
    return total
