import math


def grad_frobenius(rows):
    total = 0.0
    for row in rows:
        for v in row:
            total += v * v
    # adjoint of: return math.sqrt(total)
    total_bar = 0.5 / math.sqrt(total)
    rows_bar = [[0.0] * len(row) for row in rows]
    # adjoint of: total += v * v
    product = 2.0 * total_bar
    for i, row in enumerate(rows):
        row_bar = rows_bar[i]
        for j, v in enumerate(row):
            row_bar[j] += product * v
    return (rows_bar,)
