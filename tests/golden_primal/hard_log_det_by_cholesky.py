import math


def log_det_by_cholesky(A):
    """Cholesky in place on a list of lists; the caller's matrix changes."""
    n = len(A)
    for j in range(n):
        s = A[j][j]
        for k in range(j):
            s -= A[j][k] * A[j][k]
        d = math.sqrt(s)
        A[j][j] = d
        for i in range(j + 1, n):
            s = A[i][j]
            for k in range(j):
                s -= A[i][k] * A[j][k]
            A[i][j] = s / d
    total = 0.0
    for j in range(n):
        total += math.log(A[j][j])
    return 2 * total
