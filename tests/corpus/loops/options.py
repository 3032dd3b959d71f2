"""Option pricing by trees, formulas and iteration, against the tables of Hull."""

import math

from tests.corpus.loops.registry import Published, program


def phi(x):
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


HULL = "Hull, Options, Futures, and Other Derivatives"


@program(
    [(42.0, 40.0, 0.1, 0.2, 0.5), (49.0, 50.0, 0.05, 0.2, 0.3846)],
    argnums=(0, 2, 3),
    published=(
        Published((42.0, 40.0, 0.1, 0.2, 0.5), 5e-3, f"{HULL}, example 15.6", 4.76),
        Published(
            (49.0, 50.0, 0.05, 0.2, 0.3846),
            6e-2,
            f"{HULL}, chapter 19: price 2.40, delta 0.522, rho 8.91, vega 12.1, gamma 0.066",
            2.40,
            (0.522, 8.91, 12.1),
            0.066,
        ),
    ),
)
def black_scholes_call(S, K, r, sigma, T):
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    return S * phi(d1) - K * math.exp(-r * T) * phi(d2)


@program(
    [(1.875, 21.0, 20.0, 0.1, 0.25), (4.76, 42.0, 40.0, 0.1, 0.5)],
    argnums=(0, 1),
    published=(Published((1.875, 21.0, 20.0, 0.1, 0.25), 5e-4, f"{HULL}, section 15.11", 0.235),),
)
def implied_volatility(price, S, K, r, T):
    sigma = 0.3
    for _ in range(50):
        d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
        vega = S * math.sqrt(T) * math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)
        diff = black_scholes_call(S, K, r, sigma, T) - price
        sigma -= diff / vega
        if abs(diff) < 1e-12:
            break
    return sigma


@program(
    [(50.0, 50.0, 0.1, 0.4, 5 / 12, 5), (48.0, 50.0, 0.1, 0.3, 0.4, 3)],
    argnums=(0, 2, 3),
    published=(
        Published(
            (50.0, 50.0, 0.1, 0.4, 5 / 12, 5),
            5e-3,
            f"{HULL}, example 21.1 (five steps: 4.49)",
            4.49,
        ),
    ),
)
def american_put(S, K, r, sigma, T, n):
    """Cox, Ross and Rubinstein's tree, one list that becomes shorter."""
    dt = T / n
    u = math.exp(sigma * math.sqrt(dt))
    d = 1 / u
    growth = math.exp(r * dt)
    p = (growth - d) / (u - d)
    values = []
    for j in range(n + 1):
        values.append(max(K - S * u**j * d ** (n - j), 0.0))
    for i in range(n - 1, -1, -1):
        for j in range(i + 1):
            hold = (p * values[j + 1] + (1 - p) * values[j]) / growth
            exercise = K - S * u**j * d ** (i - j)
            values[j] = hold if hold > exercise else exercise
        values.pop()
    return values[0]


@program(
    [(20.0, 21.0, 0.12, 1.1, 0.9, 0.25, 2)],
    argnums=(0, 2, 3),
    published=(
        Published(
            (20.0, 21.0, 0.12, 1.1, 0.9, 0.25, 2),
            5e-4,
            f"{HULL}, figure 13.4 (with p rounded to four digits)",
            1.2823,
        ),
    ),
)
def binomial_call(S, K, r, u, d, dt, n):
    """Rows made by comprehensions from the row after."""
    q = (math.exp(r * dt) - d) / (u - d)
    row = [max(S * u**j * d ** (n - j) - K, 0) for j in range(n + 1)]
    for _ in range(n):
        row = [math.exp(-r * dt) * (q * up + (1 - q) * down) for down, up in zip(row, row[1:])]  # noqa: B905, RUF007
    return row[0]


@program([(100.0, 95.0, 0.05, 0.25, 3), (100.0, 110.0, 0.02, 0.3, 2)], argnums=(0, 1, 2, 3))
def trinomial_call(S, K, r, sigma, n):
    dt = 1.0 / n
    dx = sigma * math.sqrt(3 * dt)
    nu = r - 0.5 * sigma**2
    pu = 0.5 * ((sigma**2 * dt + nu**2 * dt**2) / dx**2 + nu * dt / dx)
    pd = 0.5 * ((sigma**2 * dt + nu**2 * dt**2) / dx**2 - nu * dt / dx)
    pm = 1 - pu - pd
    discount = math.exp(-r * dt)
    values = [max(S * math.exp((j - n) * dx) - K, 0.0) for j in range(2 * n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(2 * i + 1):
            values[j] = discount * (pd * values[j] + pm * values[j + 1] + pu * values[j + 2])
    return values[0]


@program([(100.0, 90.0, 0.03, 0.2), (80.0, 85.0, 0.01, 0.4)], argnums=(0, 2, 3))
def barrier_by_paths(S, barrier, r, sigma):
    """Fixed shocks; a path that touches the barrier is worth nothing."""
    shocks = ((0.3, -0.2, 1.1), (-1.0, 0.4, 0.2), (0.8, 0.9, -0.3))
    dt = 0.25
    payoff = 0.0
    for path in shocks:
        s = S
        for z in path:
            s *= math.exp((r - sigma**2 / 2) * dt + sigma * math.sqrt(dt) * z)
            if s < barrier * 0.9:
                break
        else:
            payoff += max(s - barrier, 0)
    return payoff / len(shocks) * math.exp(-r * 3 * dt)


@program([(100.0, 0.2, 0.05), (90.0, 0.5, 0.0)], argnums=(0, 1, 2))
def asian_average(S, sigma, r):
    total, count = 0.0, 0
    s = S
    for k, z in enumerate([0.2, -0.5, 0.9, 1.4, -0.7]):
        s = s * math.exp(r / 12 + sigma * z / math.sqrt(12))
        if k % 2 == 0:
            total += s
            count += 1
    return max(total / count - 95.0, 0.0) + 0.01 * s


@program([(0.03, 0.1, 0.05, 0.01), (0.05, 0.4, 0.02, 0.02)], argnums=(0, 1, 2, 3))
def vasicek_bond(r0, a, b, sigma):
    """The price of a bond, by steps of the expected rate and its variance."""
    dt = 0.25
    mean, var, log_price = r0, 0.0, 0.0
    for _ in range(8):
        log_price -= mean * dt - 0.5 * var * dt * dt
        mean, var = mean + a * (b - mean) * dt, var * (1 - a * dt) ** 2 + sigma**2 * dt
    return math.exp(log_price)


@program([(100.0, 100.0, 0.2, 0.05)], argnums=(0, 2, 3))
def finite_difference_call(S, K, sigma, r):
    """Explicit steps on a grid of logarithms; the answer is read in the middle."""
    size, steps = 9, 6
    dx, dt = 0.12, 1 / 6
    grid = [max(S * math.exp((i - size // 2) * dx) - K, 0.0) for i in range(size)]
    a = 0.5 * dt * (sigma**2 / dx**2 + (r - 0.5 * sigma**2) / dx)
    c = 0.5 * dt * (sigma**2 / dx**2 - (r - 0.5 * sigma**2) / dx)
    b = 1 - dt * (sigma**2 / dx**2 + r)
    for _ in range(steps):
        grid = [
            grid[i] if i in (0, size - 1) else c * grid[i - 1] + b * grid[i] + a * grid[i + 1]
            for i in range(size)
        ]
    return grid[size // 2]
