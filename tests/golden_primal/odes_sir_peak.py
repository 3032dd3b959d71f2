def sir_peak(beta, gamma, days):
    """The share of the infectious, summed while they grow and a little after."""
    S, I, R = 0.99, 0.01, 0.0
    burden = 0.0
    falling = 0
    for day in range(days):
        new = beta * S * I
        healed = gamma * I
        S, I, R = S - new, I + new - healed, R + healed
        burden += I
        if new < healed:
            falling += 1
            if falling == 5:
                break
    return burden + R
