def levinson(r):
    """Levinson-Durbin on autocorrelations: the prediction error that is left."""
    a = [1.0]
    error = r[0]
    for k in range(1, len(r)):
        acc = 0.0
        for j in range(k):
            acc += a[j] * r[k - j]
        reflection = -acc / error
        extended = a + [0.0]
        a = [u + reflection * v for u, v in zip(extended, reversed(extended))]
        error *= 1 - reflection ** 2
    return error + 0.1 * sum(a)
