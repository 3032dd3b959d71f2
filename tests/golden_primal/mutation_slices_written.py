def slices_written(x, w):
    """Slices are read, written, reversed, deleted and cut in."""
    x[1:3] = [w * v for v in x[1:3]]
    tail = x[-2:]
    x[:0] = [tail[0] * tail[1]]
    x.reverse()
    del x[1]
    x += [w, w * w]
    x[::2] = [v + 1 for v in x[::2]]
    return sum((i + 1) * v for i, v in enumerate(x))
