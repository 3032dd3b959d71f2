def grad_collatz(n, x):
    count = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        count += 1
    # adjoint of: return x * count
    return (float(count),)
