import math


def n_body(masses, pos, vel, steps, dt=0.01, soft=0.01):
    """All pairs, forces added into both partners, positions updated in place."""
    n = len(masses)
    for _ in range(steps):
        for i in range(n):
            for j in range(i + 1, n):
                dx = pos[j][0] - pos[i][0]
                dy = pos[j][1] - pos[i][1]
                w = dt / (dx * dx + dy * dy + soft) ** 1.5
                vel[i][0] += masses[j] * dx * w
                vel[i][1] += masses[j] * dy * w
                vel[j][0] -= masses[i] * dx * w
                vel[j][1] -= masses[i] * dy * w
        for p, v in zip(pos, vel):
            p[0] += dt * v[0]
            p[1] += dt * v[1]
    kinetic = sum(m * (v[0] ** 2 + v[1] ** 2) / 2 for m, v in zip(masses, vel))
    potential = 0.0
    for i in range(n):
        for j in range(i):
            r = math.sqrt((pos[i][0] - pos[j][0]) ** 2 + (pos[i][1] - pos[j][1]) ** 2 + soft)
            potential -= masses[i] * masses[j] / r
    return kinetic + potential
