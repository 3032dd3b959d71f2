import math


def counted(x):
    """A closure that counts and scales through nonlocal."""
    calls = 0
    scale = 1.0

    def step(v):
        nonlocal calls, scale
        calls += 1
        scale *= math.cos(x)
        return v * scale
    for _ in range(3):
        x = step(x) + calls
    return x * scale
