import math


def softmin(values, gamma):
    low = min(values)
    return low - gamma * math.log(sum(math.exp((low - v) / gamma) for v in values))


def soft_edit_distance(a, b, gap, swap, gamma):
    """The edit distance of two words where the minimum is softened."""
    table = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        table[i][0] = table[i - 1][0] + gap
    for j in range(1, len(b) + 1):
        table[0][j] = table[0][j - 1] + gap
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            cost = 0.0 if a[i - 1] == b[j - 1] else swap
            table[i][j] = softmin(
                (table[i - 1][j] + gap, table[i][j - 1] + gap, table[i - 1][j - 1] + cost), gamma
            )
    return table[-1][-1]
