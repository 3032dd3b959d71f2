def _stage(x, depth):
    if depth == 0:
        if x > 1.0:
            raise OverflowError(x)
        return x * x
    try:
        return _stage(1.3 * x, depth - 1)
    except OverflowError:
        if depth < 2:
            raise
        return _stage(0.5 * x, depth - 2) + x


def retry_smaller(x, depth):
    """Recursion that retries with half the value, or passes the error on."""
    return _stage(x, depth)
