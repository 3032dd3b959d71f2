def insert_above(m):
    """A row that is held by name while a row is put in front of it."""
    row = m[1]
    m.insert(0, [row[0] * row[1], 1.0])
    row[0] = m[0][0] + row[1]
    return sum(a * b * (i + 1) for i, (a, b) in enumerate(m))
