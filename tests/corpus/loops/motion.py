"""Differential equations step by step: mechanics, populations, heat."""

import math

from tests.corpus.loops.registry import Published, program


@program([(1.0, 0.7, 0.1, 10), (2.0, 1.5, 0.05, 0)], argnums=(0, 1, 2))
def euler(y, k, dt, n):
    for _ in range(n):
        y += dt * (-k * y)
    return y


def rk4_step(f, t, y, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


@program(
    [(1.0, 0.5, 20), (0.1, 2.0, 7)],
    argnums=(0, 1),
    published=(Published((1.0, 1.0, 40), 5e-8, "y' = y has y(1) = e", math.e, (math.e, math.e)),),
)
def rk4_growth(y0, rate, n):
    y, t = y0, 0.0
    for _ in range(n):
        y = rk4_step(lambda t, y: rate * y, t, y, 1 / n)
        t += 1 / n
    return y


@program([(0.3, 0.0, 2.0, 0.1, 12)], argnums=(0, 1, 2, 3))
def velocity_verlet(x, v, k, dt, n):
    a = -k * x
    for _ in range(n):
        x += v * dt + 0.5 * a * dt * dt
        a_new = -k * x
        v += 0.5 * (a + a_new) * dt
        a = a_new
    return 0.5 * v * v + 0.5 * k * x * x + 0.1 * x


@program([(1.0, 0.5, 0.01, 30)], argnums=(0, 1, 2))
def leapfrog_pendulum(theta, omega, dt, n, g=9.81, length=1.2):
    energy = []
    for _ in range(n):
        omega -= 0.5 * dt * g / length * math.sin(theta)
        theta += dt * omega
        omega -= 0.5 * dt * g / length * math.sin(theta)
        energy.append(0.5 * omega**2 - g / length * math.cos(theta))
    return sum(energy) / len(energy)


def pendulum_rates(th1, th2, w1, w2, m1, m2, l1=1.0, l2=0.8, g=9.81):
    d = th1 - th2
    bottom = 2 * m1 + m2 - m2 * math.cos(2 * d)
    a1 = (
        -g * (2 * m1 + m2) * math.sin(th1)
        - m2 * g * math.sin(th1 - 2 * th2)
        - 2 * math.sin(d) * m2 * (w2 * w2 * l2 + w1 * w1 * l1 * math.cos(d))
    ) / (l1 * bottom)
    a2 = (
        2
        * math.sin(d)
        * (
            w1 * w1 * l1 * (m1 + m2)
            + g * (m1 + m2) * math.cos(th1)
            + w2 * w2 * l2 * m2 * math.cos(d)
        )
    ) / (l2 * bottom)
    return w1, w2, a1, a2


@program([(1.2, 0.4, 1.0, 0.7, 12), (0.3, -0.2, 2.0, 1.0, 5)], argnums=(0, 1, 2, 3))
def double_pendulum(th1, th2, m1, m2, steps, dt=0.02):
    state = (th1, th2, 0.0, 0.0)
    for _ in range(steps):
        k = pendulum_rates(*state, m1, m2)
        middle = tuple(s + 0.5 * dt * r for s, r in zip(state, k, strict=True))
        k = pendulum_rates(*middle, m1, m2)
        state = tuple(s + dt * r for s, r in zip(state, k, strict=True))
    return state[0] + 2 * state[1] + 0.1 * state[2]


@program([(1.0, 0.5, 2.0, 8)], argnums=(0, 1, 2))
def three_bodies(m1, m2, m3, steps, dt=0.01):
    """On a plane, with names for every number."""
    x1, y1, x2, y2, x3, y3 = 0.0, 0.0, 1.0, 0.1, -0.5, 0.9
    u1 = v1 = u2 = v2 = u3 = v3 = 0.0
    for _ in range(steps):
        d12 = ((x2 - x1) ** 2 + (y2 - y1) ** 2 + 0.01) ** -1.5
        d13 = ((x3 - x1) ** 2 + (y3 - y1) ** 2 + 0.01) ** -1.5
        d23 = ((x3 - x2) ** 2 + (y3 - y2) ** 2 + 0.01) ** -1.5
        u1 += dt * (m2 * (x2 - x1) * d12 + m3 * (x3 - x1) * d13)
        v1 += dt * (m2 * (y2 - y1) * d12 + m3 * (y3 - y1) * d13)
        u2 += dt * (m1 * (x1 - x2) * d12 + m3 * (x3 - x2) * d23)
        v2 += dt * (m1 * (y1 - y2) * d12 + m3 * (y3 - y2) * d23)
        u3 += dt * (m1 * (x1 - x3) * d13 + m2 * (x2 - x3) * d23)
        v3 += dt * (m1 * (y1 - y3) * d13 + m2 * (y2 - y3) * d23)
        x1, y1, x2, y2, x3, y3 = (
            x1 + dt * u1,
            y1 + dt * v1,
            x2 + dt * u2,
            y2 + dt * v2,
            x3 + dt * u3,
            y3 + dt * v3,
        )
    return x1 * y2 - x2 * y1 + x3


@program([([1.0, 0.5, 2.0], [0.0, 1.0, -0.5], 4), ([1.0, 1.0], [0.3, -0.4], 2)], argnums=(0, 1))
def bodies_on_a_line(masses, places, steps):
    """Pairs in nested loops on lists that each step changes."""
    xs = list(places)
    vs = [0.0] * len(xs)
    for _ in range(steps):
        for i in range(len(xs)):
            for j in range(len(xs)):
                if i == j:
                    continue
                gap = xs[j] - xs[i]
                vs[i] += 0.02 * masses[j] * gap / (gap * gap + 0.05) ** 1.5
        for i in range(len(xs)):
            xs[i] += 0.02 * vs[i]
    return sum(m * x * x for m, x in zip(masses, xs, strict=True))


@program([(0.4, 0.1, 40), (0.9, 0.3, 12)], argnums=(0, 1))
def sir_peak(beta, gamma, days):
    s, i, r = 0.99, 0.01, 0.0
    peak = i
    for _ in range(days):
        infected = beta * s * i
        recovered = gamma * i
        s -= infected
        i += infected - recovered
        r += recovered
        if i > peak:
            peak = i
    return peak + 0.1 * r


def lotka_volterra_rates(x, y, a, b, c, d):
    return a * x - b * x * y, c * x * y - d * y


@program([(1.1, 0.4, 0.1, 0.4, 15)], argnums=(0, 1, 2, 3))
def lotka_volterra(a, b, c, d, n, dt=0.05):
    x, y = 10.0, 5.0
    for _ in range(n):
        dx, dy = lotka_volterra_rates(x, y, a, b, c, d)
        mx, my = lotka_volterra_rates(x + dt / 2 * dx, y + dt / 2 * dy, a, b, c, d)
        x, y = x + dt * mx, y + dt * my
    return x - y


@program([(1.3, 0.5), (0.4, 1.0)], argnums=(0, 1))
def runge_kutta_fehlberg(k, y0):
    """Steps that depend on an error estimate, accepted or tried again."""

    def f(t, y):
        return -k * y + math.sin(t)

    t, y, h, end = 0.0, y0, 0.4, 2.0
    tries = 0
    while t < end and tries < 40:
        tries += 1
        if t + h > end:
            h = end - t
        k1 = h * f(t, y)
        k2 = h * f(t + h / 4, y + k1 / 4)
        k3 = h * f(t + 3 * h / 8, y + 3 * k1 / 32 + 9 * k2 / 32)
        k4 = h * f(t + 12 * h / 13, y + (1932 * k1 - 7200 * k2 + 7296 * k3) / 2197)
        k5 = h * f(t + h, y + 439 * k1 / 216 - 8 * k2 + 3680 * k3 / 513 - 845 * k4 / 4104)
        k6 = h * f(
            t + h / 2,
            y - 8 * k1 / 27 + 2 * k2 - 3544 * k3 / 2565 + 1859 * k4 / 4104 - 11 * k5 / 40,
        )
        error = abs(k1 / 360 - 128 * k3 / 4275 - 2197 * k4 / 75240 + k5 / 50 + 2 * k6 / 55)
        if error > 1e-5:
            h /= 2
            continue
        t += h
        y += 25 * k1 / 216 + 1408 * k3 / 2565 + 2197 * k4 / 4104 - k5 / 5
        if error < 1e-7:
            h *= 2
    return y


@program([(30.0, 0.8, 0.02), (12.0, 0.4, 0.0)], argnums=(0, 1, 2))
def projectile_with_drag(speed, angle, drag):
    """Steps until the ground is hit, then back to where it was."""
    x, y = 0.0, 0.0
    vx, vy = speed * math.cos(angle), speed * math.sin(angle)
    dt = 0.05
    while True:
        v = math.sqrt(vx * vx + vy * vy)
        vx -= dt * drag * v * vx
        vy -= dt * (9.81 + drag * v * vy)
        x_new, y_new = x + dt * vx, y + dt * vy
        if y_new < 0:
            share = y / (y - y_new)
            return x + share * (x_new - x)
        x, y = x_new, y_new


@program([(1.0, 0.0, 1.1, 30), (0.8, 0.1, 1.3, 9)], argnums=(0, 1, 2))
def orbit(x, y, vy, steps, mu=1.0, dt=0.03):
    """Symplectic Euler around a fixed centre, with the smallest distance on the way."""
    vx = 0.0
    nearest = math.inf
    for _ in range(steps):
        r3 = (x * x + y * y) ** 1.5
        vx, vy = vx - dt * mu * x / r3, vy - dt * mu * y / r3
        x, y = x + dt * vx, y + dt * vy
        nearest = min(nearest, math.hypot(x, y))
    return nearest + 0.1 * x * vy


@program([([0.0, 1.0, 3.0, 1.0, 0.0], 0.2, 4), ([1.0, 2.0, 4.0], 0.4, 1)], argnums=(0, 1))
def heat(u, alpha, steps):
    for _ in range(steps):
        new = u[:]
        for i in range(1, len(u) - 1):
            new[i] = u[i] + alpha * (u[i - 1] - 2 * u[i] + u[i + 1])
        u = new
    return sum(v * v for v in u)


@program([([0.0, 1.0, 3.0, 1.0, 0.0], 0.2, 4)], argnums=(0, 1))
def heat_in_place(u, alpha, steps):
    """Gauss and Seidel's variant: the new left neighbour is used at once."""
    u = list(u)
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            u[i] += alpha * (u[i - 1] - 2 * u[i] + u[i + 1])
    return u[1] * u[3] + u[2]


@program([([0.1, 0.5, 0.2, 0.0], 0.5, 5)], argnums=(0, 1))
def wave(u, c, steps):
    before, now = u, list(u)
    for _ in range(steps):
        after = [0.0] * len(now)
        for i in range(1, len(now) - 1):
            after[i] = 2 * now[i] - before[i] + c * c * (now[i + 1] - 2 * now[i] + now[i - 1])
        before, now = now, after
    return max(now) + 0.5 * sum(now)


@program([(1.0, 30.0, 0.1, 5)], argnums=(0, 1, 2))
def backward_euler(y, lam, dt, n):
    """A stiff equation, solved in each step by Newton."""
    for _ in range(n):
        z = y
        for _ in range(6):
            residual = z - y + dt * lam * (z**3 - 0.5)
            z -= residual / (1 + 3 * dt * lam * z * z)
        y = z
    return y


@program([(0.1, 2.0, 0.05), (-0.8, 0.0, 0.3)], argnums=(0, 1, 2))
def bouncing_ball(height, speed, loss):
    """Events: each bounce changes the law."""
    y, v, bounces = 1 + height, speed, 0
    for _ in range(60):
        v -= 9.81 * 0.02
        y += v * 0.02
        if y < 0 and v < 0:
            bounces += 1
            v = -v * (1 - loss)
            y = -y * (1 - loss)
            if bounces >= 3:
                break
    return y + 0.1 * v * bounces
