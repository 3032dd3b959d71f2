def k_means_objective(xs, centers):
    """Squared distance to the nearest center, two rounds of moving the centers included."""
    for _ in range(2):
        groups = [[] for _ in centers]
        for x in xs:
            nearest = min(range(len(centers)), key=lambda k: (x - centers[k]) ** 2)
            groups[nearest].append(x)
        for k, group in enumerate(groups):
            if group:
                centers[k] = 0.5 * centers[k] + 0.5 * sum(group) / len(group)
    return sum(min((x - c) ** 2 for c in centers) for x in xs)
