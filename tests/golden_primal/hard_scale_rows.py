def scale_rows(rows):
    """Each row is scaled in place by what the rows hold by then."""
    factor = 1.0
    for row in rows:
        factor = factor * 0.5 + row[0]
        row[0] *= factor
        row[1] += row[0] * factor
    return sum(row[0] * row[1] for row in rows)
