def _transposed(a):
    return [list(col) for col in zip(*a)]


def _mm(a, b):
    return [[sum(x * y for x, y in zip(row, col)) for col in zip(*b)] for row in a]


def kalman_track(F, measured, q, r):
    """Position and speed on lists of lists; only the position is seen."""
    x = [[0.0], [1.0]]
    P = [[1.0, 0.0], [0.0, 1.0]]
    for z in measured:
        x = _mm(F, x)
        P = _mm(_mm(F, P), _transposed(F))
        for i in range(2):
            P[i][i] += q
        S = P[0][0] + r
        K = [P[0][0] / S, P[1][0] / S]
        innovation = z - x[0][0]
        for i in range(2):
            x[i][0] += K[i] * innovation
        top = P[0][:]
        for i in range(2):
            for j in range(2):
                P[i][j] -= K[i] * top[j]
    return x[0][0] + 0.5 * x[1][0] + P[0][0] * P[1][1] - P[0][1] * P[1][0]
