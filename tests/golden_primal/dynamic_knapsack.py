def knapsack(sizes, values, room):
    """The best value for each room, updated from the top down in one list."""
    best = [0.0] * (room + 1)
    for size, value in zip(sizes, values):
        for r in range(room, size - 1, -1):
            if best[r - size] + value > best[r]:
                best[r] = best[r - size] + value
    return best[room]
