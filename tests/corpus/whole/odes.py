# ruff: noqa: B905
"""Things that move: one-step methods, orbits, epidemics, pendulums, heat."""

import math

from tests.corpus.whole.registry import program


@program(lambda: [(1.0, 0.7, 0.1, 20), (2.0, -1.0, 0.05, 1), (1.0, 0.7, 0.1, 0)], argnums=(0, 1, 2))
def euler_decay(y, k, dt, n):
    """Explicit Euler on y' = -k y."""
    for _ in range(n):
        y += dt * (-k * y)
    return y


def rk4_step(f, t, y, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6


@program(lambda: [(0.5, 1.3, 10), (2.0, 0.4, 1)], argnums=(0, 1))
def rk4_logistic(y0, r, n):
    """The growth law is a closure handed to a stepper."""

    def growth(t, y):
        return r * y * (1 - y) + 0.1 * math.sin(t)

    y = y0
    h = 2.0 / n
    for i in range(n):
        y = rk4_step(growth, i * h, y, h)
    return y


def _axpy(a, x, y):
    return [a * xi + yi for xi, yi in zip(x, y)]


def _lorenz(s, sigma, rho, beta):
    x, y, z = s
    return [sigma * (y - x), x * (rho - z) - y, x * y - beta * z]


@program(
    lambda: [([1.0, 0.5, -0.2], 10.0, 28.0, 8 / 3, 5), ([1.0, 0.5, -0.2], 10.0, 28.0, 8 / 3, 0)],
    argnums=(0, 1, 2, 3),
)
def lorenz_rk4(state, sigma, rho, beta, steps, h=0.01):
    """RK4 on lists: every stage builds a new list."""
    for _ in range(steps):
        k1 = _lorenz(state, sigma, rho, beta)
        k2 = _lorenz(_axpy(h / 2, k1, state), sigma, rho, beta)
        k3 = _lorenz(_axpy(h / 2, k2, state), sigma, rho, beta)
        k4 = _lorenz(_axpy(h, k3, state), sigma, rho, beta)
        state = [
            s + h / 6 * (a + 2 * b + 2 * c + d) for s, a, b, c, d in zip(state, k1, k2, k3, k4)
        ]
    return state[0] + 2 * state[1] - state[2]


@program(lambda: [(1.0, 0.0, 2.5, 0.1, 15), (0.3, -1.0, 4.0, 0.2, 0)], argnums=(0, 1, 2))
def verlet_spring(x, v, k, dt, n):
    """Velocity Verlet; the energy at the end."""
    a = -k * x
    for _ in range(n):
        x = x + v * dt + 0.5 * a * dt**2
        a_new = -k * x
        v = v + 0.5 * (a + a_new) * dt
        a = a_new
    return 0.5 * v**2 + 0.5 * k * x**2


def _pendulum_rates(th1, th2, w1, w2, m1, m2, l1, l2, g=9.81):
    d = th1 - th2
    den = 2 * m1 + m2 - m2 * math.cos(2 * d)
    a1 = -g * (2 * m1 + m2) * math.sin(th1) - m2 * g * math.sin(th1 - 2 * th2)
    a1 -= 2 * math.sin(d) * m2 * (w2 * w2 * l2 + w1 * w1 * l1 * math.cos(d))
    a2 = w1 * w1 * l1 * (m1 + m2) + g * (m1 + m2) * math.cos(th1)
    a2 += w2 * w2 * l2 * m2 * math.cos(d)
    return a1 / (l1 * den), 2 * math.sin(d) * a2 / (l2 * den)


@program(
    lambda: [(0.6, -0.3, 1.0, 0.7, 20), (2.0, 1.0, 0.5, 1.5, 1)],
    argnums=(0, 1, 2, 3),
)
def double_pendulum(theta1, theta2, m1, m2, steps):
    """Symplectic Euler on the double pendulum; how far apart the angles end."""
    w1 = w2 = 0.0
    dt = 0.01
    for _ in range(steps):
        alpha1, alpha2 = _pendulum_rates(theta1, theta2, w1, w2, m1, m2, l1=1.0, l2=0.8)
        w1 += dt * alpha1
        w2 += dt * alpha2
        theta1 += dt * w1
        theta2 += dt * w2
    return theta1 - theta2 + 0.1 * w1 * w2


@program(lambda: [(1.0, 0.0, 0.0, 1.0, 1.0, 15), (0.5, 0.2, -0.3, 1.4, 2.0, 1)], argnums=(0, 3, 4))
def kepler_orbit(x, y, vx, vy, mu, n):
    """One body about a fixed sun, in plain scalars."""
    h = 0.05
    for _ in range(n):
        r3 = (x * x + y * y) ** 1.5
        vx, vy = vx - h * mu * x / r3, vy - h * mu * y / r3
        x, y = x + h * vx, y + h * vy
    return 0.5 * (vx**2 + vy**2) - mu / math.hypot(x, y)


def _three_bodies():
    return (
        [1.0, 0.5, 0.3],
        [[0.0, 0.0], [1.0, 0.1], [-0.8, 0.6]],
        [[0.0, 0.1], [0.0, 0.9], [0.5, -0.4]],
    )


@program(lambda: [(*_three_bodies(), 3), (*_three_bodies(), 0)], argnums=(0, 1, 2))
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


@program(lambda: [(0.4, 0.1, 40), (0.9, 0.5, 3), (0.4, 0.1, 0)], argnums=(0, 1))
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


def predator_prey(x, y, a, b, c, d):
    return a * x - b * x * y, c * x * y - d * y


@program(
    lambda: [(1.1, 0.4, 0.1, 0.4, 0.01, 30), (1.1, 0.4, 0.1, 0.4, 0.01, 0)], argnums=(0, 1, 2, 3)
)
def lotka_volterra(a, b, c, d, dt, n):
    """The midpoint rule, its slope from a helper that returns a pair."""
    x, y = 1.0, 0.5
    for _ in range(n):
        kx, ky = predator_prey(x, y, a, b, c, d)
        mx, my = predator_prey(x + 0.5 * dt * kx, y + 0.5 * dt * ky, a, b, c, d)
        x, y = x + dt * mx, y + dt * my
    return x + y


@program(lambda: [(0.2, 1.5), (1.0, 0.3)], argnums=(0, 1))
def adaptive_heun(y0, stiffness):
    """Euler with a Heun error estimate that rejects steps; the last step is cut to fit."""
    t, y, h = 0.0, y0, 0.3
    rejected = 0
    while t < 1.0:
        if t + h > 1.0:
            h = 1.0 - t
        k1 = stiffness * (math.cos(t) - y)
        k2 = stiffness * (math.cos(t + h) - (y + h * k1))
        error = abs(h * (k2 - k1) / 2)
        if error > 0.01:
            h *= 0.5
            rejected += 1
            continue
        y += h * (k1 + k2) / 2
        t += h
        if error < 0.002:
            h *= 1.6
    return y


@program(lambda: [(30.0, 0.8, 0.02), (12.3, 1.2, 0.01), (5.0, -0.4, 0.1)], argnums=(0, 1, 2))
def cannon_range(v, angle, drag):
    """Flies until it is below ground, then interpolates the landing."""
    x, y = 0.0, 0.0
    vx, vy = v * math.cos(angle), v * math.sin(angle)
    dt = 0.02
    while True:
        speed = math.hypot(vx, vy)
        vx -= dt * drag * speed * vx
        vy -= dt * (9.81 + drag * speed * vy)
        x_old, y_old = x, y
        x += dt * vx
        y += dt * vy
        if y < 0:
            s = y_old / (y_old - y)
            return x_old + s * (x - x_old)


@program(lambda: [([0.0, 1.0, 0.5, -0.3, 0.0], 0.1, 6), ([0.3, 0.2], 0.1, 4)], argnums=(0, 1))
def heat(u, alpha, n):
    """The heat equation in one buffer; the left neighbour's old value rides along."""
    u = list(u)
    for _ in range(n):
        left = u[0]
        for i in range(1, len(u) - 1):
            here = u[i]
            u[i] = here + alpha * (left - 2 * here + u[i + 1])
            left = here
    return sum(v * v for v in u)


@program(lambda: [(1.0, 50.0, 0.1, 8), (0.2, 3.0, 0.5, 1)], argnums=(0, 1, 2))
def implicit_euler(y, lam, dt, n):
    """A stiff, nonlinear decay: each step solves for itself by Newton."""
    for _ in range(n):
        z = y
        for _ in range(20):
            residual = z - y + dt * lam * z**3
            if abs(residual) < 1e-15:
                break
            z -= residual / (1 + 3 * dt * lam * z * z)
        y = z
    return y


@program(lambda: [(1.5, 1.0, 25), (0.2, 0.0, 3)], argnums=(0, 1), scalar=False)
def van_der_pol_log(x, mu, n):
    """Returns the samples at every fifth step and the largest, as a dict."""
    v, dt = 0.0, 0.04
    log = []
    peak = x
    for k in range(n):
        v += dt * (mu * (1 - x * x) * v - x)
        x += dt * v
        if k % 5 == 0:
            log.append(x)
        peak = max(peak, x)
    return {"samples": log, "peak": peak, "steps": n}


@program(lambda: [([0.1, 0.4, 0.2], 1.2, 4), ([0.1, 0.4], 0.5, 0)], argnums=(0, 1))
def coupled_phases(phases, coupling, turns):
    """Kuramoto oscillators; all new phases are computed before any is replaced."""
    n = len(phases)
    for _ in range(turns):
        rates = []
        for i, here in enumerate(phases):
            pull = 0.0
            for there in phases:
                pull += math.sin(there - here)
            rates.append(0.3 * i + coupling * pull / n)
        for i in range(n):
            phases[i] += 0.1 * rates[i]
    re = sum(math.cos(p) for p in phases) / n
    im = sum(math.sin(p) for p in phases) / n
    return re * re + im * im
