def printed_progress(x, steps):
    """Reports as it goes, with f-strings that format active numbers."""
    print("start", x)
    for k in range(steps):
        x = 0.5 * (x + 2 / x)
        print(f"step {k}: x = {x:.6f}", end='\n' if k % 2 else "; ")
    print(f"{'done':>8}", steps, sep="|")
    return x * x
