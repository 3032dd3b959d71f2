import math


def binomial_call(spot, strike, rate, vol, expiry, n):
    """Cox-Ross-Rubinstein, one list that shrinks in place from the leaves to the root."""
    dt = expiry / n
    u = math.exp(vol * math.sqrt(dt))
    d = 1 / u
    p = (math.exp(rate * dt) - d) / (u - d)
    disc = math.exp(-rate * dt)
    values = [max(spot * u ** j * d ** (n - j) - strike, 0.0) for j in range(n + 1)]
    for step in range(n, 0, -1):
        for j in range(step):
            values[j] = disc * (p * values[j + 1] + (1 - p) * values[j])
    return values[0]
