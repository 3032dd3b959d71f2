def gauss_seidel(A, b):
    """Sweeps that use each new value at once, until the largest change is tiny."""
    x = [0.0 for _ in b]
    for sweep in range(100):
        change = 0.0
        for i in range(len(b)):
            rest = sum(A[i][j] * x[j] for j in range(len(b)) if j != i)
            new = (b[i] - rest) / A[i][i]
            change = max(change, abs(new - x[i]))
            x[i] = new
        if change < 1e-15:
            break
    return sum(x)
