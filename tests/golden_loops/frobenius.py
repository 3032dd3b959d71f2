import math


def grad_frobenius(rows):
    total = 0.0
    for row in rows:
        for v in row:
            total += v * v
    rows_bar = [[0.0] * len(row) for row in rows]
    # adjoint of: return math.sqrt(total)
    total_bar = 0.5 / math.sqrt(total)
    # adjoint of: total += v * v
    product = 2.0 * total_bar
    for item in reversed(range(len(rows))):
        row = rows[item]
        for item_1 in reversed(range(len(row))):
            v = row[item_1]
            # adjoint of: total += v * v
            v_bar = product * v
            row_bar = rows_bar[item]
            row_bar[item_1] += v_bar
    return rows_bar,
