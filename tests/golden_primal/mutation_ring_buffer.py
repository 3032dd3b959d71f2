from collections import deque


def ring_buffer(signal, size, weight):
    """A deque with a maximum length: the oldest value falls out by itself."""
    window = deque(maxlen=size)
    total = 0.0
    for s in signal:
        window.append(s * s)
        total += weight * sum(window) / len(window)
    if window:
        total += window[0] * window[-1]
    return total
