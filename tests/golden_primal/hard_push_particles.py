def push_particles(m, particles):
    """Objects in a list, changed through a loop variable and through two aliases."""
    first = particles[0]
    for p in particles:
        p.x += p.v * m
    best = particles[0]
    for p in particles:
        if p.x > best.x:
            best = p
    best.x *= 2.0
    first.x *= 3.0
    total = 0.0
    for p in particles:
        total += p.x * p.x
    return total
