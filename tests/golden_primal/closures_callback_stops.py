def callback_stops(x, tolerance):
    """An iteration that asks a callback whether to go on; the callback keeps the history."""
    history = []

    def keep_going(value):
        history.append(value)
        return len(history) < 2 or abs(history[-1] - history[-2]) > tolerance

    def iterate(f, value, callback):
        while callback(value):
            value = f(value)
        return value
    end = iterate(lambda v: 0.5 * (v + 3 / v), x, keep_going)
    return end * history[1] + len(history)
